"""``check-config --connect``: what can only be found by asking Postgres and the PBXs, without a call."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import asyncpg

from cti_bridge.ari.access import PbxAccess
from cti_bridge.ari.counters import Counters
from cti_bridge.ari.endpoints import Endpoints
from cti_bridge.ari.errors import PbxProblem
from cti_bridge.ari.http import AriHttp
from cti_bridge.ari.node import Node
from cti_bridge.ari.probe import phones
from cti_bridge.config.schema import AgentSettings
from cti_bridge.settings import Settings
from cti_bridge.storage.migrate import MigrationRefused, missing_grants, pending
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
    media = sorted(settings.media())
    accesses = settings.pbxs()
    database, pbxs = await asyncio.gather(
        _database(settings.database.url.get_secret_value()),
        asyncio.gather(*(_pbx(access, media) for access in accesses)),
    )
    known = {access.name: numbers for access, (_, numbers) in zip(accesses, pbxs, strict=True)}
    findings = [*database, *(finding for found, _ in pbxs for finding in found)]
    return findings + _unknown_phones(settings.agents, known)


async def _database(url: str) -> list[Finding]:
    if not url:
        return [_embedded()]
    try:
        connection = await asyncpg.connect(url, timeout=LONGEST_S)
        try:
            return await asyncio.wait_for(_schema(connection), LONGEST_S)
        finally:
            await connection.close(timeout=LONGEST_S)
    except (*OUTAGES, MigrationRefused, ValueError) as error:
        # A ValueError is the driver's word on an address that it cannot read, and may repeat it.
        text = "the address is wrong" if isinstance(error, ValueError) else _reason(error)
        return [Finding("database", f"it cannot be used: {text}", good=False)]


async def _schema(connection: asyncpg.Connection) -> list[Finding]:
    """Raises MigrationRefused, and what asyncpg raises."""
    findings = [Finding("database", f"Postgres {await connection.fetchval('show server_version')}", good=True)]
    if waiting := await pending(connection):
        text = f"not migrated yet: {', '.join(waiting)}; the bridge does it when it connects, or cti-bridge migrate"
        findings.append(Finding("database", text, good=True))
    grants = await missing_grants(connection)
    return findings + [Finding("database", f"the bridge's user lacks a right: {grant}", good=False) for grant in grants]


def _embedded() -> Finding:
    from cti_bridge.local.errors import PostgresUnavailable
    from cti_bridge.local.postgres_home import check_programs

    try:
        check_programs()
    except PostgresUnavailable as error:
        text = f"no database.url is configured, and the embedded Postgres cannot start: {error}"
        return Finding("database", text, good=False)
    return Finding("database", "the embedded Postgres; it is started with the bridge", good=True)


def _reason(error: BaseException) -> str:
    """Postgres's own message names the user or database that it refuses, which here is no secret."""
    return str(error) if isinstance(error, asyncpg.PostgresError | MigrationRefused) else describe(error)


async def _pbx(access: PbxAccess, media: list[str]) -> tuple[list[Finding], set[str] | None]:
    """What was found, and the CTI numbers that the PBX has endpoints for; None when it does not say."""
    findings = await _probe(access, media)
    if not findings[0].good:
        return findings, None
    try:
        return findings, await _phones(access)
    except PbxProblem as problem:
        return [*findings, Finding(f"PBX {access.name}", str(problem), good=False)], None


async def _probe(access: PbxAccess, media: list[str]) -> list[Finding]:
    """The first one says whether the PBX can be used at all."""
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
    findings += [Finding(where, f"it lacks {what}", good=False) for what in probe.lacks]
    if not probe.music_possible:
        text = "it has no hold music: its module res_musiconhold.so does not run"
        findings.append(Finding(where, text, good=False))
    return findings


async def _phones(access: PbxAccess) -> set[str]:
    """Raises PbxUnreachable."""
    http = AriHttp(access.url, access.username, access.password, Counters())
    try:
        return await phones(http, Endpoints(access.agent_endpoint, access.trunk_endpoint))
    finally:
        await http.close()


def _unknown_phones(agents: Iterable[AgentSettings], known: Mapping[str, set[str] | None]) -> list[Finding]:
    """The agents whose phone is on none of the PBXs that it may be on; not judged while one of those is silent."""
    findings: list[Finding] = []
    for agent in agents:
        places = [agent.node] if agent.node else list(known)
        numbers = [known[place] for place in places]
        is_known = any(found is None or agent.cti_number in found for found in numbers)
        if agent.phone_permission and not is_known:
            where = " or ".join(f"PBX {place}" for place in places)
            text = f'the phone "{agent.cti_number}" is no endpoint of {where}, so no call can reach it'
            findings.append(Finding(f"agent {agent.cti_id}", text, good=False))
    return findings
