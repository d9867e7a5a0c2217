"""A real API server on a free loopback port, before a fake engine and a fake ticket desk."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import WSMsgType
from argon2 import PasswordHasher

from cti_bridge.api.acknowledged import Acknowledge
from cti_bridge.api.login_limits import UsualPlaces
from cti_bridge.api.operator import Operator
from cti_bridge.api.ports import TicketDesk
from cti_bridge.api.server import ApiConfig, ApiServer
from cti_bridge.config.numbering import Numbering
from cti_bridge.domain.model.directory import AgentEntry, CallingNumber, Directory
from tests.support.fake_desk import FakeDesk, StorageAway
from tests.support.fake_engine import FakeEngine
from tests.support.fake_frequent_numbers import FakeFrequentNumbers

PASSWORD = "correct horse"
CRM = "https://crm.example.com"
"""Its pages may show the panel, and nothing more."""
PARTNER = "https://partner.example.com"
"""Its pages may use the API."""

_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)

AGENTS = {
    "a1": AgentEntry("a1", "1001", "Agent One", services=("acme",)),
    "a2": AgentEntry("a2", "1002", "Älva Two", services=("other",)),
    "a3": AgentEntry("a3", "1003", "No Phone", services=("acme",), phone_permission=False),
}

CALLING_NUMBERS = {
    number: CallingNumber(number, service, state)
    for number, service, state in (
        ("+8225551234", "acme", "confirmed"),
        ("+12025550199", "other", "confirmed"),
        ("+8225559999", "acme", "new"),
    )
}


@dataclass(slots=True)
class Reply:
    status: int
    headers: Any
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str | None:
        """The problem's code; what claims to be a problem is checked to be one."""
        if self.headers.get("Content-Type") != "application/problem+json":
            return None
        problem = self.json
        assert set(problem) - {"errors"} == {"type", "title", "status", "code", "detail"}
        assert problem["status"] == self.status
        return str(problem["code"])


@dataclass
class Api:
    server: ApiServer
    engine: FakeEngine
    desk: FakeDesk
    http: aiohttp.ClientSession
    root: str
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.root + "/api/v1"

    async def call(self, method: str, path: str, token: str | None = None, **options: Any) -> Reply:
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **options.pop("headers", {})}
        url = self.root + path if path.startswith("/!") else self.url + path
        async with self.http.request(method, url.replace("/!", "/"), headers=headers, **options) as response:
            return Reply(response.status, response.headers, await response.text())

    async def log_in(self, cti_id: str = "a1") -> tuple[str, str]:
        """(token, CSRF value)"""
        reply = await self.call("POST", "/login", json={"cti_id": cti_id, "password": PASSWORD})
        assert reply.status == 200, reply.text
        return reply.json["token"], reply.json["csrf"]

    async def listen(self, token: str | None, query: str = "", **headers: str) -> aiohttp.ClientWebSocketResponse:
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return await self.http.ws_connect(self.url + "/events" + query, headers=headers)


@asynccontextmanager
async def api_server(
    agents: Mapping[str, AgentEntry] = AGENTS,
    places: UsualPlaces | None = None,
    desk: TicketDesk | None = None,
    country: str = "",
    operator: Operator | None = None,
    house: Directory | None = None,
    reports: Any = None,
    days: Any = None,
    alerts: Any = dict,
    call_numbers: Any = None,
    acknowledge: Acknowledge | None = None,
    directory: Any = None,
    **config: Any,
) -> AsyncIterator[Api]:
    """With a ``desk`` tickets are its own, else those of the fake one. ``country`` is that of the only PBX."""
    engine, fake_desk = FakeEngine(tuple(agents)), FakeDesk()
    problems: list[str] = []
    warnings: list[str] = []
    hashes = dict.fromkeys(agents, _HASH)
    numbering = Numbering({"main": country}, list(CALLING_NUMBERS))
    house = house or Directory(agents=agents, calling_numbers=CALLING_NUMBERS, numbering=numbering)
    server = ApiServer(
        ApiConfig(
            **{"port": 0, "password_hashes": hashes, "allowed_origins": (CRM,), "api_origins": (PARTNER,), **config}
        ),
        engine,
        desk or fake_desk,
        directory or (lambda: house),
        frequent_numbers=FakeFrequentNumbers(),
        problems=lambda: problems,
        warnings=lambda: warnings,
        storage_faults=(StorageAway,),
        places=places,
        operator=operator,
        reports=reports,
        days=days,
        alerts=alerts,
        call_numbers=call_numbers,
        acknowledge=acknowledge,
    )
    host, port = await server.start()
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            yield Api(server, engine, fake_desk, http, f"http://{host}:{port}", problems, warnings)
    finally:
        await server.stop()


async def frame(socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    """The next frame, which must come within 5 s."""
    message = await socket.receive(timeout=5)
    assert message.type is WSMsgType.TEXT, message
    content: dict[str, Any] = json.loads(message.data)
    return content


async def close_code(socket: aiohttp.ClientWebSocketResponse) -> int:
    """How the server closes it, whatever it still sends before."""
    async with asyncio.timeout(10):
        while not socket.closed:
            await socket.receive()
    assert socket.close_code is not None
    return socket.close_code
