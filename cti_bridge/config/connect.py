"""``check-config --connect``: checks that need Postgres and the PBXs, without a call."""

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
from cti_bridge.ari.music import MODULE, unknown_classes
from cti_bridge.ari.node import Node
from cti_bridge.ari.probe import Probe, lacking_for_sounds, phones
from cti_bridge.config.problems import Place
from cti_bridge.config.schema.services import AgentSettings
from cti_bridge.domain.ending.last_message import SORRY
from cti_bridge.domain.model.words import Right
from cti_bridge.domain.monitors.rules import breaks_calls
from cti_bridge.domain.rights.asker import Asker
from cti_bridge.left_behind import in_words, left_in_spool
from cti_bridge.recordings.places import ObjectsAt, ObjectsUnknown, StorageAway, open_objects
from cti_bridge.settings import Settings
from cti_bridge.storage.migrate import MigrationRefused, missing_grants, newer, pending
from cti_bridge.storage.outages import OF_POOLERS, OUTAGES, POOLED_BY_TRANSACTION, describe
from cti_bridge.storage.session import AddressWrong, acknowledges_early, connect, is_shared

LONGEST_S = 10.0
"""The most seconds that each of them may take to answer."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding at ``where``."""

    where: str
    text: str
    good: bool

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


async def connect_checks(settings: Settings) -> list[Finding]:
    """Ask all of them at once and return the findings. Nothing is changed there, but for an object that is written and
    deleted again, and a running bridge is not disturbed."""
    media = sorted(settings.media() | {SORRY})
    music = sorted({"default", *(queue.music for queue in settings.queues)})
    accesses = settings.pbxs()
    database, objects, pbxs = await asyncio.gather(
        _database(settings.database.url.get_secret_value()),
        _objects(settings.objects_at()),
        asyncio.gather(*(_pbx(access, media, music, settings) for access in accesses)),
    )
    known = {access.name: pbx.phones for access, pbx in zip(accesses, pbxs, strict=True)}
    findings = [*database, *objects, *(finding for pbx in pbxs for finding in pbx.findings)]
    findings += [
        Finding(f"asterisk.{name}", f"{in_words(calls)}: put it back with drain = true until it has none", good=False)
        for name, calls in left_in_spool(settings.spool.path, settings.asterisk).items()
    ]
    findings += equal_names(zip(accesses, (pbx.systemname for pbx in pbxs), strict=True))
    return findings + _unknown_phones(settings.agents, known)


async def _objects(at: ObjectsAt | None) -> list[Finding]:
    if at is None:
        return []
    where = "recordings.s3"
    try:
        await open_objects(at).check()
    except (StorageAway, ObjectsUnknown) as problem:
        return [Finding(where, str(problem), good=False)]
    return [Finding(where, f"objects can be written, read and deleted in {at.bucket}", good=True)]


async def _database(url: str) -> list[Finding]:
    if not url:
        return [_embedded()]
    try:
        connection = await connect(url, LONGEST_S)
        try:
            findings = await asyncio.wait_for(_schema(connection), LONGEST_S)
            return findings + await _pooler(connection, url)
        finally:
            await connection.close(timeout=LONGEST_S)
    except (*OUTAGES, MigrationRefused, AddressWrong) as error:
        return [Finding("database", f"it cannot be used: {_reason(error)}", good=False)]


async def _pooler(connection: asyncpg.Connection, url: str) -> list[Finding]:
    """Return the findings about a pooler between the bridge and Postgres. Raises whatever asyncpg raises."""
    findings = []
    if await is_shared(connection, url, LONGEST_S):
        findings.append(Finding("database", f"it cannot be used: {POOLED_BY_TRANSACTION}", good=False))
    elif await acknowledges_early(connection):
        text = "rows are acknowledged before they are on disk: alter role … set synchronous_commit = on"
        findings.append(Finding("database", text, good=False))
    return findings


async def _schema(connection: asyncpg.Connection) -> list[Finding]:
    """Check the schema of the database. Raises MigrationRefused, and whatever asyncpg raises."""
    findings = [Finding("database", f"Postgres {await connection.fetchval('show server_version')}", good=True)]
    if waiting := await pending(connection):
        text = f"not migrated yet: {', '.join(waiting)}; the bridge does it when it connects, or cti-bridge migrate"
        findings.append(Finding("database", text, good=True))
    elif unknown := await newer(connection):
        text = f"newer than this program, which works with it all the same: {', '.join(unknown)}"
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
    """Return the reason in words. Postgres's own message names the user or database that it refuses, which is no secret
    here."""
    is_servers = isinstance(error, asyncpg.PostgresError) and not isinstance(error, OF_POOLERS)
    return str(error) if is_servers or isinstance(error, MigrationRefused | AddressWrong) else describe(error)


@dataclass(frozen=True, slots=True)
class _Pbx:
    """The findings at a PBX. ``phones`` are the CTI numbers that it has endpoints for; None: it does not say. So with
    ``systemname``."""

    findings: list[Finding]
    phones: set[str] | None = None
    systemname: str | None = None


async def _pbx(access: PbxAccess, media: list[str], music: list[str], settings: Settings) -> _Pbx:
    where = f"PBX {access.name}"
    node = Node(access, lambda _: None, time.time)
    try:
        probe = await asyncio.wait_for(node.probe(media), LONGEST_S)
    except TimeoutError:
        return _Pbx([Finding(where, f"there was no answer within {LONGEST_S:g} s", good=False)])
    except PbxProblem as problem:
        return _Pbx([Finding(where, str(problem), good=False)])
    directory = settings.directory()
    monitors = any(Asker(directory, cti_id).has(Right.MONITOR) for cti_id in directory.agents)
    findings = of_probe(where, probe, settings.sound_places, monitors=monitors)
    if settings.sounds_provided().made:
        findings += await _fetches(where, access)
    if probe.music_possible:
        findings += await _music(where, access, music)
    try:
        return _Pbx(findings, await _phones(access), probe.systemname)
    except PbxProblem as problem:
        return _Pbx([*findings, Finding(where, str(problem), good=False)], None, probe.systemname)


def of_probe(where: str, probe: Probe, places: Mapping[str, Place], *, monitors: bool = False) -> list[Finding]:
    """Return the findings at a PBX. ``places`` are those of the messages, by name. ``monitors``: some agent has the
    right to monitor calls."""
    findings = [Finding(where, f"Asterisk {probe.version}", good=True)]
    if monitors and breaks_calls(probe.version):
        text = f"no call can be monitored on Asterisk {probe.version}, which breaks such calls: take another version"
        findings.append(Finding(where, text, good=False))
    for sound in probe.missing_sounds:
        named = places.get(f"sound:{sound}")
        of = "" if named is None else f", which {named} names"
        findings.append(Finding(where, f'it lacks the sound "{sound}"{of}', good=False))
    for sound, language in probe.missing_languages:
        text = f'it lacks the sound "{sound}" in the language "{language}": callers would hear another one'
        findings.append(Finding(where, text, good=False))
    findings += [Finding(where, f"it lacks {what}", good=False) for what in probe.lacks]
    if not probe.music_possible:
        text = "it has no hold music: its module res_musiconhold.so does not run"
        findings.append(Finding(where, text, good=False))
    return findings


async def _music(where: str, access: PbxAccess, wanted: list[str]) -> list[Finding]:
    """Return a finding for each class of hold music that the PBX lacks: callers would hear silence."""
    http = AriHttp(access.url, access.username, access.password, Counters())
    try:
        unknown = await unknown_classes(http, wanted)
    finally:
        await http.close()
    if unknown is None:
        text = f"its classes of hold music were not looked at: its module {MODULE} does not run"
        return [Finding(where, text, good=True)]
    return [
        Finding(where, f'it lacks the class of hold music "{name}" in musiconhold.conf', good=False) for name in unknown
    ]


async def _fetches(where: str, access: PbxAccess) -> list[Finding]:
    """Return a finding for each module without which the PBX gets no sound of the bridge."""
    http = AriHttp(access.url, access.username, access.password, Counters())
    try:
        return [Finding(where, f"it lacks {what}", good=False) for what in await lacking_for_sounds(http)]
    finally:
        await http.close()


async def _phones(access: PbxAccess) -> set[str]:
    """Return the CTI numbers of the PBX's phones. Raises PbxUnreachable."""
    http = AriHttp(access.url, access.username, access.password, Counters())
    try:
        return await phones(http, Endpoints(access.agent_endpoint, access.trunk_endpoint))
    finally:
        await http.close()


def equal_names(pbxs: Iterable[tuple[PbxAccess, str | None]]) -> list[Finding]:
    """Return a finding for PBXs that share a ``systemname`` or have none: two of several would give the same id to two
    channels. A PBX that the configuration names twice, for two applications, counts once. A silent PBX is not
    judged."""
    names: dict[str, tuple[str, str | None]] = {}
    for access, systemname in pbxs:
        names.setdefault(access.url.rstrip("/"), (f"PBX {access.name}", systemname))
    if len(names) == 1:
        return []
    findings: list[Finding] = []
    holders: dict[str, str] = {}
    for where, systemname in names.values():
        if systemname == "":
            findings.append(Finding(where, f"it has no systemname; {_NAME_IT}", good=False))
        elif systemname is not None and (other := holders.setdefault(systemname, where)) != where:
            text = f'its systemname "{systemname}" is that of {other} too; {_NAME_IT}'
            findings.append(Finding(where, text, good=False))
    return findings


_NAME_IT = (
    "set systemname in [options] of asterisk.conf, another on each PBX, and restart it: without it the channels of two "
    "PBXs may have the same id"
)


def _unknown_phones(agents: Iterable[AgentSettings], known: Mapping[str, set[str] | None]) -> list[Finding]:
    """Return the agents whose phone no PBX has that may have it. They are not judged while one of those PBXs is
    silent."""
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
