"""``check-config --connect``: what can only be found by asking Postgres and the PBXs, without a call."""

import asyncio
import time
from dataclasses import dataclass

import asyncpg

from cti_bridge.ari.access import PbxAccess
from cti_bridge.ari.errors import PbxProblem
from cti_bridge.ari.node import Node
from cti_bridge.settings import Settings
from cti_bridge.storage.outages import OUTAGES, describe

LONGEST_S = 10.0
"""How long each of them may take to answer."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found at ``where``."""

    where: str
    text: str
    good: bool

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


async def connect_checks(settings: Settings) -> list[Finding]:
    """Ask all of them at once. Nothing is changed there, and a bridge that runs is not disturbed."""
    checks = [_database(settings.database.url.get_secret_value())]
    checks += [_pbx(access, sorted(settings.media())) for access in settings.pbxs()]
    return [finding for findings in await asyncio.gather(*checks) for finding in findings]


async def _database(url: str) -> list[Finding]:
    if not url:
        return [Finding("database", "the embedded Postgres; it is started with the bridge", good=True)]
    try:
        connection = await asyncpg.connect(url, timeout=LONGEST_S)
        try:
            version = await connection.fetchval("show server_version", timeout=LONGEST_S)
        finally:
            await connection.close(timeout=LONGEST_S)
    except (*OUTAGES, ValueError) as error:
        # A ValueError is the driver's word on an address that it cannot read, and may repeat it.
        text = "the address is wrong" if isinstance(error, ValueError) else _reason(error)
        return [Finding("database", f"it cannot be used: {text}", good=False)]
    return [Finding("database", f"Postgres {version}", good=True)]


def _reason(error: BaseException) -> str:
    """Postgres's own message names the user or database that it refuses, which here is no secret."""
    return str(error) if isinstance(error, asyncpg.PostgresError) else describe(error)


async def _pbx(access: PbxAccess, media: list[str]) -> list[Finding]:
    where = f"PBX {access.name}"
    node = Node(access, lambda _: None, time.time)
    try:
        probe = await asyncio.wait_for(node.probe(media), LONGEST_S)
    except TimeoutError:
        return [Finding(where, f"there was no answer within {LONGEST_S:g} s", good=False)]
    except PbxProblem as problem:
        return [Finding(where, str(problem), good=False)]
    findings = [Finding(where, f"Asterisk {probe.version}", good=True)]
    findings += [Finding(where, f'it lacks the sound "{sound}"', good=False) for sound in probe.missing_sounds]
    if not probe.music_possible:
        text = "it has no hold music: its module res_musiconhold.so does not run"
        findings.append(Finding(where, text, good=False))
    return findings
