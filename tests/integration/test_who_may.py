"""Every request of the API by everybody (requirements L3, K4): who is let, who is refused, and for whom there is no
such thing. A path that the table does not name fails."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from cti_bridge.api.auth import digest
from cti_bridge.api.operator import Operator
from cti_bridge.api.recordings import NoFiles
from cti_bridge.api.server import ApiConfig, ApiServer
from cti_bridge.domain.border import commands
from cti_bridge.domain.model.callbacks import Callback, CallbackKind, Recording, RecordingState
from cti_bridge.domain.model.directory import AgentEntry, Client, Directory, Queue, Service
from cti_bridge.domain.model.emergency_switch import Prepared
from cti_bridge.domain.model.hours import Hours, Opening, OpenState
from cti_bridge.domain.model.scenario import short_form
from cti_bridge.domain.model.words import Right, Scope
from tests.support.core_engine import CoreEngine
from tests.support.fake_desk import FakeDesk
from tests.support.fake_frequent_numbers import FakeFrequentNumbers
from tests.unit.floor import CALLING, NUMBER, Driver, outbound_directory

OPERATOR = "the operator's token"
CALLBACK = "00000000-0000-7000-8000-00000000000c"
RECORDING = "00000000-0000-7000-8000-00000000000d"


def _agent(cti_id: str, number: int, team: str = "day", *rights: Right, service: str = "acme") -> AgentEntry:
    """One who serves no queue, so that only the first agent is given calls."""
    return AgentEntry(cti_id, f"10{number:02}", cti_id, (service,), (), team=team, rights=frozenset(rights))


def _head(
    cti_id: str, number: int, *teams: str, service: str = "acme", rights: frozenset[Right] = frozenset()
) -> AgentEntry:
    head = AgentEntry(cti_id, f"19{number:02}", cti_id, (service,), (), role="supervisor", supervises=teams)
    return replace(head, rights=rights)


PEOPLE = {
    "agent": replace(_agent("agent", 1), queues=("support",)),
    "colleague": _agent("colleague", 2),
    "foreign": _agent("foreign", 3, "far", service="other"),
    "recordings": _agent("recordings", 4, "day", Right.RECORDINGS),
    "download": _agent("download", 5, "day", Right.RECORDINGS, Right.DOWNLOAD),
    "unmask": _agent("unmask", 6, "day", Right.UNMASK),
    "callbacks": _agent("callbacks", 7, "day", Right.CALLBACKS),
    "head": _head("head", 1),
    "team": _head("team", 2, "day"),
    "night": _head("night", 3, "night"),
    "others": _head("others", 4, service="other"),
    "armed": _head("armed", 5, rights=frozenset(Right)),
}
"""``agent`` is the one concerned. The next ones are agents: a colleague, one of another service, and one for each right
that an agent may have. ``head`` supervises all agents of acme, ``team`` those of the team of ``agent``, ``night``
another team; ``others`` is the supervisor of another service; ``armed`` supervises all and has all rights. Beside them
there are the machine's operator, and ``screen``, a client with all scopes in acme."""
TABLE = Path(__file__).with_name("who_may.txt")
"""The status for each operation and person, behind a slash the number of entries in a list."""


PATHS: dict[str, dict[str, str]] = {
    "/calls/{call_id}/why": {"call_id": "waiting"},
    "/calls/{call_id}/move": {"call_id": "waiting"},
}
"""What stands for a parameter of this path, where it is not the usual object."""
BODIES: dict[str, dict[str, Any]] = {
    "POST /login": {},
    "PUT /wallboard/screen": {"token": "token of screen"},
    "PUT /me/status": {"status": "rest"},
    "PUT /me/next-status": {"status": "rest"},
    "POST /me/dial": {"number": "+821012345678", "calling_number": CALLING},
    "POST /calls/{call_id}/consult": {"agent": "colleague"},
    "POST /calls/{call_id}/consult/remove": {"party": "target"},
    "POST /calls/{call_id}/transfer": {"queue": "sales"},
    "POST /calls/{call_id}/force-disconnect": {"reason": "threat"},
    "POST /calls/{call_id}/dtmf": {"digits": "1"},
    "POST /calls/{call_id}/move": {"queue": "sales", "first": True},
    "POST /calls/{call_id}/monitor": {"mode": "listen"},
    "PATCH /calls/{call_id}/monitor": {"mode": "whisper"},
    "POST /me/frequent-numbers": {"number": "1002", "label": "colleague"},
    "PATCH /tickets/{ticket_id}": {"status": "resolved", "version": 1},
    "POST /tickets/{ticket_id}/comments": {"text": "done"},
    "PATCH /callbacks/{callback_id}": {"status": "done", "version": 1},
    "PUT /recordings/{recording_id}/hold": {"on": True},
    "PUT /hours/{hours_id}/override": {"state": "closed"},
    "PUT /services/{service_id}/emergency": {"until": None},
    "POST /scenarios/try": {"number": NUMBER},
    "PUT /agents/{cti_id}/status": {"status": "rest"},
    "POST /teams/{team_id}/message": {"text": "Lunch is here."},
}
QUERIES = {
    "GET /reports/{report_name}": "?from=2026-11-01&till=2026-11-02",
    "GET /calls": "?state=waiting",
    "GET /recordings": f"?call={RECORDING}",
    "GET /recordings/{recording_id}/audio as a copy": "?download=true",
}


def house() -> Directory:
    made = outbound_directory(*PEOPLE.values())
    office = Hours("office", "UTC", lambda at: Opening(OpenState.OPEN, None))
    queues = (Queue("support", "acme", hours="office"), Queue("sales", "acme"), Queue("theirs", "other"))
    acme = replace(made.services["acme"], timezone="UTC", emergency=Prepared("sound:down", "", False, None))
    screen = Client("screen", digest("token of screen"), frozenset(Scope), ("acme",))
    return replace(
        made,
        clients={screen.id: screen},
        services={"acme": acme, "other": Service("other", timezone="UTC")},
        queues={queue.id: queue for queue in queues},
        scenarios={"main": replace(short_form(NUMBER, "acme", "support"), id="main")},
        hours={"office": office},
    )


HOUSE = house()


@dataclass
class Day:
    """The core with ``agent`` in a talk, a call that waits, a message, and a ticket; everybody is logged in."""

    driver: Driver
    ids: dict[str, str] = field(default_factory=dict)


def day(directory: Path, *, offered: bool) -> Day:
    driver = Driver(HOUSE)
    driver.connect()
    for cti_id in PEOPLE:
        driver.tell(commands.LogIn(cti_id, digest(f"token of {cti_id}"), "csrf"))
    driver.tell(commands.SetStatus("agent", "ready", None))
    talk = driver.arrive()
    offer = talk.offer.id if talk.offer is not None else ""
    if not offered:
        driver.answer(talk)
    waiting = driver.arrive()
    floor = driver.center.floor
    floor.callbacks[CALLBACK] = Callback(
        CALLBACK, CallbackKind.VOICEMAIL, "acme", "support", "+821012345678", "", 0.0, recording=RECORDING
    )
    floor.recordings[RECORDING] = Recording(
        RECORDING, "r", "main", talk.id, "acme", "support", 0.0, RecordingState.STORED, file="r.wav"
    )
    (directory / "r.wav").write_bytes(b"RIFF")
    ids = {"call_id": talk.id, "waiting": waiting.id, "offer_id": offer, "callback_id": CALLBACK}
    ids |= {
        "recording_id": RECORDING,
        "cti_id": "agent",
        "hours_id": "office",
        "service_id": "acme",
        "team_id": "day",
        "report_name": "all",
    }
    return Day(driver, ids)


@dataclass
class Served:
    server: ApiServer
    engine: CoreEngine
    desk: FakeDesk
    numbers: FakeFrequentNumbers
    http: aiohttp.ClientSession
    url: str
    directory: Path

    async def asked(self, operation: str, who: str) -> str:
        """Return the status with which the operation is answered to this person, on a day of its own; behind a slash
        the number of entries in a list."""
        method, path = operation.split(" ")[:2]
        now = day(self.directory, offered=path.startswith("/offers/"))
        self.engine.driver = now.driver
        self.desk.tickets.clear()
        self.numbers.numbers.clear()
        kept = await self.numbers.add("agent", "1003", "")
        ids = now.ids | {"ticket_id": self.desk.add().id, "number_id": kept.id}
        ids |= {name: ids[value] for name, value in PATHS.get(path, {}).items()}
        url = self.url + path.format_map(ids) + QUERIES.get(operation, "")
        token = OPERATOR if who == "operator" else f"token of {who}"
        headers = {"Authorization": f"Bearer {token}"} if who != "nobody" else {}
        async with self.http.request(method, url, json=BODIES.get(operation), headers=headers) as answer:
            said = await answer.read()
            listed = json.loads(said) if said.startswith(b"[") else None
            return f"{answer.status}" if listed is None else f"{answer.status}/{len(listed)}"


async def reload() -> dict[str, Any]:
    return {}


class InDirectory(NoFiles):
    """Files of messages."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def path_of(self, file: str) -> Path | None:
        return self._directory / file if file else None


@asynccontextmanager
async def serving(directory: Path) -> AsyncIterator[Served]:
    engine, desk, numbers = CoreEngine(Driver(HOUSE)), FakeDesk(), FakeFrequentNumbers()
    server = ApiServer(
        ApiConfig(port=0, password_hashes={}),
        engine,
        desk,
        lambda: HOUSE,
        frequent_numbers=numbers,
        clock=lambda: engine.driver.now,
        operator=Operator(token=OPERATOR, reload=reload),
        files=InDirectory(directory),
    )
    host, port = await server.start()
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            yield Served(server, engine, desk, numbers, http, f"http://{host}:{port}/api/v1", directory)
    finally:
        await server.stop()


def _table() -> tuple[list[str], dict[str, list[str]]]:
    """Return the people, and the answers by operation."""
    head, *lines = TABLE.read_text().splitlines()
    wide = head.index("nobody")
    return head.split(), {line[:wide].strip(): line[wide:].split() for line in lines}


COLUMNS, ROWS = _table()


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path) as running:
        yield running


def test_the_table_names_everybody_in_each_row() -> None:
    assert ["nobody", *PEOPLE, "operator", "screen"] == COLUMNS
    assert {operation: len(row) for operation, row in ROWS.items() if len(row) != len(COLUMNS)} == {}


async def test_the_table_names_every_operation_of_the_description(served: Served) -> None:
    described = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, operations in served.server.description["paths"].items()
        for method in operations
    }
    assert {" ".join(operation.split(" ")[:2]) for operation in ROWS} == described


@pytest.mark.parametrize("operation", ROWS)
async def test_everybody_is_answered_as_the_table_says(served: Served, operation: str) -> None:
    found = [await served.asked(operation, who) for who in COLUMNS]
    assert dict(zip(COLUMNS, found, strict=True)) == dict(zip(COLUMNS, ROWS[operation], strict=True))
