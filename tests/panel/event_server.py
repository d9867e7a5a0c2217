"""A server of numbered frames as the bridge's, under a test's hand: what it keeps, when it is silent, how it closes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web

from tests.panel import recorded
from tests.panel.recorded import Json
from tests.panel.site import add_panel, application, serve

CSRF = "the-csrf-value"


class EventServer:
    """One agent. ``handshakes`` are the queries of the sockets that came, ``writes`` (path, headers) of the writes."""

    def __init__(self) -> None:
        self.agent: Json = recorded.agent()
        self.stream, self.seq = "first", 0
        self.kept: list[Json] = []
        self.logged_in, self.cookies_work, self.mute = True, True, False
        self.crowded = 0
        """So many sockets that say who they are are told to try again later."""
        self.handshakes: list[dict[str, str]] = []
        self.tokens: list[str] = []
        self.writes: list[tuple[str, dict[str, str]]] = []
        self.csrf = CSRF
        self.settings: Json = dict(recorded.SETTINGS)
        self.tickets: dict[str, Json] = {}
        self.calling_numbers: list[Json] = []
        self.draft_key = ""
        self.origin = ""
        self._sockets: set[web.WebSocketResponse] = set()
        self._changed = asyncio.Condition()

    async def tell(self, kind: str, **content: Any) -> None:
        """One more frame, kept for who resumes; a server that is mute does not send it."""
        self.seq += 1
        frame = {"type": kind, "seq": self.seq, "at": recorded.at(0), **content}
        self.kept.append(frame)
        for socket in list(self._sockets) if not self.mute else []:
            await socket.send_json(frame)

    async def send(self, frame: Json) -> None:
        """This, as it is."""
        for socket in list(self._sockets):
            await socket.send_json(frame)

    async def show(self, **changes: Any) -> None:
        self.agent = {**self.agent, **changes}
        await self.tell("agent.changed", agent=self.agent)

    async def close(self, code: int) -> None:
        for socket in list(self._sockets):
            await socket.close(code=code)

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for what a page does; 20 s at most."""
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(true)

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/api/v1/events", self._events), web.route("*", "/api/v1/{path:.*}", self._answer)]

    async def _note(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if not self.logged_in and not self.crowded:
            raise web.HTTPUnauthorized
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if not self.cookies_work:
            self.tokens.append(str((await socket.receive_json())["token"]))
        if self.crowded:
            self.crowded -= 1
            await socket.close(code=1013)
            return socket
        await self._first_frames(socket, request)
        self._sockets.add(socket)
        self.handshakes.append(dict(request.query))
        await self._note()
        async for message in socket:
            assert message.type is WSMsgType.TEXT
        self._sockets.discard(socket)
        return socket

    async def _first_frames(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        if request.query.get("stream") == self.stream:
            for frame in self.kept:
                if frame["seq"] > int(request.query["since"]):
                    await socket.send_json(frame)
            return
        head = {"type": "snapshot", "stream": self.stream, "seq": self.seq, "at": recorded.at(0)}
        await socket.send_json({**head, "agent": self.agent})

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if request.method != "GET":
            self.writes.append((path, dict(request.headers)))
            await self._note()
        if path == "login":
            self.logged_in = True
            return web.json_response({"token": "the-token", "csrf": self.csrf, "agent": self.agent})
        if not self._knows(request):
            return web.json_response({"code": "unauthenticated", "detail": "Log in first."}, status=401)
        if request.method != "GET" and request.headers.get("X-CTI-CSRF") != self.csrf:
            return web.json_response({"code": "bad_csrf"}, status=403)
        if path == "logout":
            self.logged_in = False
        return web.json_response(self._content(path, request))

    def _knows(self, request: web.Request) -> bool:
        return self.logged_in and (self.cookies_work or request.headers.get("Authorization") == "Bearer the-token")

    def _content(self, path: str, request: web.Request) -> Any:
        session = {"csrf": self.csrf, "agent": self.agent, "server_time": recorded.at(0), "settings": self.settings}
        session["draft_key"] = self.draft_key
        number = request.query.get("number")
        known: Json = {
            "session": session,
            "tickets": [t for t in self.tickets.values() if number in (None, t["customer_number"])],
            "calling-numbers": self.calling_numbers,
            "me/dial": {"call_id": "c1"},
        }
        if path.startswith("tickets/"):
            return {"ticket": self.tickets[path.split("/")[1]]}
        return known.get(path, {"agent": self.agent})


@asynccontextmanager
async def event_server(**panel: Any) -> AsyncIterator[EventServer]:
    """Serve it with the panel's files; ``panel`` as of `add_panel`."""
    server = EventServer()
    app = application()
    app.router.add_routes(server.routes())
    add_panel(app, **panel)
    async with serve(app) as server.origin:
        yield server
        await server.close(1001)
