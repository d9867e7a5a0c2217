"""A server that shows what it is told to: recorded views, frames and refusals, over the API that the panel uses."""

from __future__ import annotations

import asyncio
import base64
import io
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import WSMsgType, web

from cti_bridge.api.errors import Problem, not_found, unauthenticated
from tests.panel import recorded
from tests.panel.recorded import Json
from tests.panel.registrar import Registrar
from tests.panel.site import add_panel, application, serve

COOKIE, CSRF, PASSWORD = "cti_session", "a-csrf-value", "open sesame"
PAGE = 50
DRAFT_KEY = base64.b64encode(bytes(range(32))).decode()


@dataclass
class RecordedBridge:
    """One agent. ``asked`` is what the panel asked for: (method, path below /api/v1, body)."""

    agent: Json = field(default_factory=recorded.agent)
    ticket: Json = field(default_factory=recorded.ticket)
    tickets: list[Json] = field(default_factory=recorded.history)
    messages: list[Json] = field(default_factory=recorded.messages)
    recordings: list[Json] = field(default_factory=lambda: [recorded.take()])
    settings: Json = field(default_factory=lambda: dict(recorded.SETTINGS))
    colleagues: list[Json] = field(default_factory=lambda: list(recorded.COLLEAGUES))
    day: Json = field(default_factory=recorded.day)
    queues: list[Json] = field(default_factory=lambda: list(recorded.QUEUES))
    figures: Json | None = None
    """The sections that a supervisor watches; None: the agent is none."""
    now: Callable[[], str] = lambda: recorded.at(0)
    logged_in: bool = True
    refusals: dict[str, Problem] = field(default_factory=dict)
    """What is refused, by path."""
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    """The paths below /api/v1 that were read."""
    heard: list[str] = field(default_factory=list)
    """The requests for audio."""
    searched: list[dict[str, str]] = field(default_factory=list)
    """The questions for tickets."""
    registers: bool = True
    """Whether the phone in the page can register."""
    registrar: Registrar = field(default_factory=Registrar)
    draft_key: str = DRAFT_KEY
    others: dict[str, Json] = field(default_factory=dict)
    """More tickets, by id."""
    topics: str = ""
    """What the last socket listens to."""
    seq: int = 1
    origin: str = ""
    is_away: bool = False
    """Takes nobody any more, as a network that is lost."""
    _sockets: set[web.WebSocketResponse] = field(default_factory=set)
    _came: asyncio.Event = field(default_factory=asyncio.Event)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def tell(self, kind: str, **content: Any) -> None:
        """One more frame."""
        self.seq += 1
        frame = {"type": kind, "seq": self.seq, "at": self.now(), **content}
        for socket in list(self._sockets):
            await socket.send_json(frame)

    async def work(self, waiting: int, messages: int) -> None:
        """So much waits for the agent, on the topic of that."""
        work = {"waiting": waiting, "messages": messages}
        frame = {"type": "work.changed", "topic": f"work:{self.agent['cti_id']}", "seq": 1, "at": self.now()}
        for socket in list(self._sockets):
            await socket.send_json({**frame, "work": work})

    async def rows(self, **content: Any) -> None:
        """A change of what a supervisor watches; without content a sign of life."""
        topic = self.topics.rpartition(",")[2]
        kind = f"{topic.partition(':')[0]}.{'changed' if content else 'beat'}"
        for socket in list(self._sockets):
            await socket.send_json({"type": kind, "topic": topic, "seq": 1, "at": self.now(), **content})

    async def show(self, agent: Json) -> None:
        """The agent is as shown here from now on."""
        self.agent = agent
        await self.tell("agent.changed", agent=agent)

    async def close_sockets(self, code: int, reason: str = "") -> None:
        """End the panels' connections."""
        for socket in list(self._sockets):
            await socket.close(code=code, message=reason.encode())

    async def listened_to(self) -> None:
        """Wait until a panel listens."""
        async with asyncio.timeout(10):
            await self._came.wait()

    async def left(self) -> None:
        """Wait until no panel listens any more."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: not self._sockets)

    async def register(self, request: web.Request) -> web.StreamResponse:
        """The PBX's side of the phone in the page."""
        return await self.registrar.serve(request, self.registers)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """The socket of a panel."""
        if self.is_away or not self.logged_in:
            raise unauthenticated() if not self.is_away else web.HTTPBadGateway
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.topics = request.query.get("topics", "")
        head = {"type": "snapshot", "stream": "s1", "seq": self.seq, "at": self.now()}
        watched = [topic for topic in self.topics.split(",") if topic.startswith(("live:", "wallboard:"))]
        if self.topics not in watched:
            await socket.send_json({**head, "agent": self.agent})
        for topic in watched:
            await socket.send_json({**head, "topic": topic, **(self.figures or {})})
        self._sockets.add(socket)
        self._came.set()
        async for message in socket:
            assert message.type is WSMsgType.TEXT
        async with self._changed:
            self._sockets.discard(socket)
            self._changed.notify_all()
        return socket

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """All else below /api/v1."""
        if self.is_away:
            raise web.HTTPBadGateway
        method, path = request.method, request.match_info["path"]
        body = await request.json() if request.can_read_body else None
        if method != "GET":
            self.asked.append((method, path, body))
        if (refusal := self.refusals.get(path)) is not None:
            raise refusal
        if path == "login":
            return self._log_in(body or {})
        if not self.logged_in:
            raise unauthenticated()
        if path == "tickets":
            return self._page(request)
        if path.endswith("/audio"):
            return self._audio(request)
        return web.json_response(self._content(method, path, request))

    def _audio(self, request: web.Request) -> web.Response:
        """Eight seconds of silence; ``heard`` notes the question."""
        self.heard.append(request.path_qs.removeprefix("/api/v1/"))
        made = io.BytesIO()
        with wave.open(made, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(bytes(2 * 8 * 8000))
        whole, part = made.getvalue(), request.http_range
        headers = {"Content-Disposition": 'attachment; filename="a.wav"'} if "download" in request.query else {}
        headers["Accept-Ranges"] = "bytes"
        if part.start is None:
            return web.Response(body=whole, content_type="audio/wav", headers=headers)
        body = whole[part]
        headers["Content-Range"] = f"bytes {part.start}-{part.start + len(body) - 1}/{len(whole)}"
        return web.Response(status=206, body=body, content_type="audio/wav", headers=headers)

    def _page(self, request: web.Request) -> web.Response:
        """A page of the tickets, by status and id alone; the cursor says how many came before."""
        query = dict(request.query)
        self.searched.append(query)
        begin = int(query.get("cursor", 0))
        wanted = query.get("id"), query.get("status")
        found = [one for one in self.tickets if wanted[0] in (None, one["ticket_id"], one["call_id"])]
        found = [one for one in found if wanted[1] in (None, one["status"])]
        more = request.rel_url.update_query(cursor=str(begin + PAGE)).raw_query_string
        headers = {"Link": f'<?{more}>; rel="next"'} if len(found) > begin + PAGE else {}
        return web.json_response(found[begin : begin + PAGE], headers=headers)

    def _log_in(self, body: Json) -> web.Response:
        if body.get("password") != PASSWORD:
            raise Problem(401, "wrong_credentials", "CTI ID or password is wrong.")
        self.logged_in = True
        response = web.json_response({"token": "a-token", "csrf": CSRF, "agent": self.agent})
        response.set_cookie(COOKIE, "a-session", httponly=True, samesite="Strict")
        return response

    def _content(self, method: str, path: str, request: web.Request) -> Any:
        if method == "GET":
            return self._read(path, request)
        if path == "logout":
            self.logged_in = False
        if path == "me/dial":
            return {"call_id": recorded.CALL}
        if path == "me/frequent-numbers":
            return recorded.FREQUENT_NUMBERS[0]
        if path.startswith("recordings/"):
            (one,) = self.recordings
            changed = {"state": "deleted"} if method == "DELETE" else {"legal_hold": self.asked[-1][2]["on"]}
            self.recordings = [{**one, **changed}]
            return {"recording": self.recordings[0]}
        if path.startswith("callbacks/"):
            self.messages = [one for one in self.messages if one["callback_id"] != path.split("/")[1]]
            return {}
        if path.startswith("tickets/"):
            ticket = self.others.get(path.split("/")[1], self.ticket)
            if method == "PATCH" and self.asked[-1][2]["version"] != ticket["version"]:
                raise Problem(409, "version_conflict", "The ticket has changed since you read it. Read it again.")
            return {"ticket": ticket}
        return {"agent": self.agent}

    def _read(self, path: str, request: web.Request) -> Any:
        session = {"csrf": CSRF, "agent": self.agent, "server_time": self.now(), "settings": self.settings}
        session["draft_key"] = self.draft_key
        search = request.query.get("q", "").casefold()
        known: dict[str, Any] = {
            "session": session,
            "me": {"agent": self.agent},
            "callbacks": self.messages,
            "queues": self.queues,
            "me/day": self.day,
            "recordings": self.recordings,
            "calling-numbers": recorded.CALLING_NUMBERS,
            "me/frequent-numbers": recorded.FREQUENT_NUMBERS,
            "agents": [each for each in self.colleagues if search in each["name"].casefold()],
        }
        if self.agent["answer"] == "browser":
            known["me/phone"] = recorded.phone(self.origin)
        if path == "wallboard":
            if self.figures is None:
                raise Problem(403, "wrong_role", "Only supervisors may do this.")
            return self.figures
        if path in known:
            self.read.append(path)
            return known[path]
        if path.startswith("tickets/"):
            return {"ticket": self.others.get(path.split("/")[1], self.ticket)}
        if path.startswith("calls/") and path.endswith("/number"):
            self.asked.append(("GET", path, None))
            return {"customer_number": "+821012345678"}
        if path.endswith("/why"):
            return {"reasons": recorded.reasons(self.agent, "ko" if request.query.get("lang") == "ko" else "en")}
        raise not_found()


def routes(now: Callable[[], RecordedBridge]) -> list[web.RouteDef]:
    """Everything below /api/v1, and the PBX's side of the phone in the page, of the bridge that is there ``now``."""

    async def events(request: web.Request) -> web.StreamResponse:
        return await now().events(request)

    async def answer(request: web.Request) -> web.StreamResponse:
        return await now().answer(request)

    async def register(request: web.Request) -> web.StreamResponse:
        return await now().register(request)

    return [
        web.get("/api/v1/events", events),
        web.route("*", "/api/v1/{path:.*}", answer),
        web.get("/sip", register),
    ]


class Place(Protocol):
    """Where a bridge can be served."""

    is_free: bool

    def has(self, bridge: RecordedBridge) -> AbstractAsyncContextManager[None]:
        """It is served there within."""


stages: list[Place] = []
"""Those of the pages that the test has."""


@asynccontextmanager
async def recorded_bridge(bridge: RecordedBridge | None = None, **panel: Any) -> AsyncIterator[RecordedBridge]:
    """Serve it with the panel, on a free stage or on an origin of its own; ``panel`` as of `add_panel`."""
    made = bridge or RecordedBridge()
    stage = next((one for one in stages if one.is_free and not panel), None)
    if stage is not None:
        async with stage.has(made):
            yield made
        return
    app = application()
    app.router.add_routes(routes(lambda: made))
    add_panel(app, **panel)
    async with serve(app) as made.origin:
        yield made
        await made.close_sockets(1001)
