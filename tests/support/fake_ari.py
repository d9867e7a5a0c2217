"""An Asterisk that does as it is told: ARI over HTTP and the event socket, for faults that a real one shows rarely."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from aiohttp import WSMsgType, encode_basic_auth, web

from tests.support.ari import ari_time


class Sent(NamedTuple):
    """A request that reached the fake. ``way`` is ``http`` or ``socket``; ``uri`` has the query."""

    way: str
    method: str
    uri: str
    body: str


Answer = tuple[int, Any]
Answering = Callable[[Sent], Answer | None]
"""Gives status and JSON for a request, or None for no reply at all."""


class FakeAri:
    """Change the attributes to command it. Every request is in ``sent``."""

    def __init__(self) -> None:
        self.version = "22.10.1"
        self.systemname = ""
        self.boot = "2026-11-21T03:00:00.000+0000"
        self.password = "secret"
        self.permits = True
        """Whether it lets the user in from where the bridge is."""
        self.channels: list[dict[str, Any]] = []
        self.bridges: list[dict[str, Any]] = []
        self.endpoints: list[dict[str, Any]] = []
        self.answers: Answering = lambda _: (204, None)
        self.takes_s: Callable[[Sent], float] = lambda _: 0.0
        """The seconds that it takes for a request. Those of one socket wait for each other."""
        self.mute = False
        """Silent without being cut: nothing is read, no pong is sent."""
        self.hangs_at = "nothing"
        """The first order on a socket whose address has this in it hangs, and with it all that come after it."""
        self.hanging = False
        """Whether the newest socket carries out no orders."""
        self.unanswered: set[str] = set()
        """Paths of HTTP that are left to ``answers``."""
        self.application: dict[str, Any] = {}
        self.variables: dict[str, str] = {}
        """Its global variables."""
        self.unreadable: set[str] = set()
        """Lists that answer 500, and objects that answer 200 with an empty body, by path."""
        self.deaf = False
        """It answers everything, and no event that was ordered comes."""
        self.lists: asyncio.Event | None = None
        """When set: the lists wait for it."""
        self.upgrades: asyncio.Event | None = None
        """When set: event sockets that are asked for wait for it."""
        self.ahead_s = 0.0
        """By how much its clock is ahead of ours."""
        self.asked_for = 0
        """How many event sockets."""
        self.sent: list[Sent] = []
        self.sockets: list[web.WebSocketResponse] = []
        self._changed = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self._release = asyncio.Event()
        self.url = ""

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/ari/events", self._events)
        app.router.add_route("*", "/ari/{rest:.*}", self._http)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/ari"

    async def stop(self) -> None:
        self._release.set()
        for gate in (self.lists, self.upgrades):
            if gate is not None:
                gate.set()
        self.cut()
        if self._runner is not None:
            await self._runner.cleanup()

    def cut(self) -> None:
        """Cut every event socket without a good-bye."""
        for socket in self.sockets:
            transport = socket.get_extra_info("socket") and socket._req and socket._req.transport
            if transport:
                transport.abort()
        self.sockets.clear()

    async def tell(self, event_type: str, **fields: Any) -> None:
        """Send an event on the newest socket."""
        event = {"type": event_type, "application": "cti_bridge", "timestamp": self.stamp()}
        await self.sockets[-1].send_str(json.dumps(event | fields))

    def stamp(self, ago_s: float = 0.0) -> str:
        """What its clock showed so long ago."""
        return ari_time(time.time() + self.ahead_s - ago_s)

    async def until(self, condition: Callable[[], bool], within_s: float = 30) -> None:
        """Wait until the condition holds; it is looked at after every request and connection."""
        async with asyncio.timeout(within_s), self._changed:
            await self._changed.wait_for(condition)

    async def _note(self, sent: Sent | None = None) -> None:
        if sent is not None:
            self.sent.append(sent)
        async with self._changed:
            self._changed.notify_all()

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if refusal := self._refusal(request):
            return refusal
        self.asked_for += 1
        await self._note()
        if self.upgrades is not None:
            await self.upgrades.wait()
        socket = web.WebSocketResponse(autoping=False)
        if request.transport is None:
            return web.Response()
        await socket.prepare(request)
        self.sockets.append(socket)
        self.hanging = False
        await self._note()
        async for message in socket:
            if self.mute:
                await self._release.wait()
                break
            if message.type is WSMsgType.PING:
                await socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                await self._on_frame(socket, json.loads(message.data))
        return socket

    async def _on_frame(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        sent = Sent("socket", frame["method"], f"/{frame['uri']}", frame.get("message_body", ""))
        if takes_s := self.takes_s(sent):
            await asyncio.sleep(takes_s)
        if sent.uri.startswith("/events/user/") and not self.hanging:
            answer: Answer | None = (204, None)
            if not self.deaf:
                name = urlsplit(sent.uri).path.rpartition("/")[2]
                await self.tell("ChannelUserevent", eventname=name)
        elif self.hanging or self.hangs_at in sent.uri:
            answer, self.hanging = None, True
        else:
            answer = self.answers(sent)
        if answer is not None:
            reply = {"type": "RESTResponse", "request_id": frame["request_id"], "status_code": answer[0]}
            if answer[1] is not None:
                reply["message_body"] = json.dumps(answer[1])
            await socket.send_str(json.dumps(reply))
        await self._note(sent)

    async def _http(self, request: web.Request) -> web.StreamResponse:
        if refusal := self._refusal(request):
            return refusal
        uri = str(request.rel_url).removeprefix("/ari")
        sent = Sent("http", request.method, uri, await request.text())
        await self._note(sent)
        if takes_s := self.takes_s(sent):
            await asyncio.sleep(takes_s)
        lists = {"/channels": self.channels, "/bridges": self.bridges, "/endpoints": self.endpoints}
        path = urlsplit(uri).path
        if path == "/asterisk/info":
            info = {
                "config": {"name": self.systemname},
                "system": {"version": self.version},
                "status": {"startup_time": self.boot},
            }
            return web.json_response(info)
        if path in self.unreadable and request.method == "GET":
            return web.Response(status=500 if path in lists else 200)
        if path in lists and request.method == "GET":
            if self.lists is not None:
                await self.lists.wait()
            return web.json_response(lists[path])
        if path.startswith("/applications/"):
            return web.json_response(self.application)
        if path == "/asterisk/variable":
            query = request.rel_url.query
            if request.method == "POST":
                self.variables[query["variable"]] = query["value"]
                return web.Response(status=204)
            return web.json_response({"value": self.variables.get(query["variable"], "")})
        if path == "/asterisk/ping" and path not in self.unanswered:
            return web.json_response({"ping": "pong"})
        return await self._answer(self.answers(sent))

    async def _answer(self, answer: Answer | None) -> web.StreamResponse:
        if answer is None:
            await self._release.wait()
            return web.Response(status=500)
        return (
            web.json_response(answer[1], status=answer[0]) if answer[1] is not None else web.Response(status=answer[0])
        )

    def _refusal(self, request: web.Request) -> web.Response | None:
        if not self.permits:
            return web.json_response({"message": "Access denied by ACL"}, status=403)
        if request.headers.get("Authorization") != encode_basic_auth("cti_bridge", self.password):
            return web.json_response({"message": "Authentication required"}, status=401)
        return None
