"""The WebSocket ``/api/v1/events``: its authentication, and one socket's life. :mod:`cti_bridge.api.live` decides what
is sent."""

import asyncio
import contextlib
from collections.abc import Collection, Sequence
from typing import Annotated, Any, Literal

import structlog
from aiohttp import WSMsgType, web
from pydantic import Field, ValidationError

from cti_bridge.api.auth import Authenticator, Caller
from cti_bridge.api.clients import Clients
from cti_bridge.api.errors import Problem, invalid
from cti_bridge.api.feed import Key, keys_of
from cti_bridge.api.gate import Gate
from cti_bridge.api.live import Live
from cti_bridge.api.origin import Origins
from cti_bridge.api.requests import read_query
from cti_bridge.api.schemas import Accepted, Nothing
from cti_bridge.api.streams import GOING_AWAY, NOT_PERMITTED, SLOW_READER, Close, Panel
from cti_bridge.api.topics import OWN
from cti_bridge.api.watching import name_of_client
from cti_bridge.domain.model.directory import Client
from cti_bridge.domain.model.words import Scope

HEARTBEAT_S = 10.0
AUTH_TIME_S = 5.0
CLOSE_TIME_S = 3.0
LARGEST_FRAME = 4096
"""The most bytes that a client may send at a time. Only the token is ever expected."""

MOST_UNAUTHENTICATED = 100
"""The most sockets without authentication. A further one pushes out the one that has been silent longest: silent
strangers keep nobody out."""

_log = structlog.get_logger("cti_bridge.api")

UNAUTHENTICATED: Close = (4401, "unauthenticated")
"""The token or the session is wrong. This code alone makes a panel ask for a login."""
_SILENT: Close = (1013, "no first frame")
_CROWDED: Close = (1013, "too many connections")


_WALLBOARD = "wallboard"
_TOPIC = r"[a-z]{1,20}(:[A-Za-z0-9_.@-]{1,64})?"


class EventsQuery(Accepted):
    """``stream`` and ``since`` together resume after frame ``since`` of ``stream``. ``topics`` are the topics to listen
    to (:mod:`cti_bridge.api.topics`). Only the agent's own topic resumes; the others begin with a snapshot."""

    topics: Annotated[str, Field(pattern=rf"^{_TOPIC}(,{_TOPIC}){{0,19}}$")] = OWN
    stream: Annotated[str, Field(max_length=64)] | None = None
    since: Annotated[str, Field(pattern=r"^[0-9]{1,15}$")] | None = None

    @property
    def resume(self) -> tuple[str, int] | None:
        return (self.stream, int(self.since)) if self.stream is not None and self.since is not None else None


class AuthFrame(Accepted):
    """The first frame of a client that has neither cookie nor header."""

    type: Literal["auth"]
    token: Annotated[str, Field(max_length=128)]


class Events:
    """``auth_time_s`` is the time, in seconds, that a socket may stay without authentication."""

    def __init__(
        self,
        live: Live,
        auth: Authenticator,
        clients: Clients,
        origins: Origins,
        gate: Gate,
        auth_time_s: float = AUTH_TIME_S,
    ) -> None:
        self._live, self._auth, self._clients, self._origins, self._gate = live, auth, clients, origins, gate
        self._auth_time_s = auth_time_s
        self._silent: dict[asyncio.Timeout, None] = {}
        self._stopping = False

    async def handle(self, request: web.Request) -> web.StreamResponse:
        query = read_query(request, EventsQuery)
        return await self._listen(request, query, keys_of(query.topics))

    async def handle_wallboard(self, request: web.Request) -> web.StreamResponse:
        """The topic of the wallboard of whoever asks."""
        read_query(request, Nothing)
        return await self._listen(request, EventsQuery(), [(_WALLBOARD, "")])

    async def _listen(self, request: web.Request, query: EventsQuery, keys: Sequence[Key]) -> web.StreamResponse:
        if unknown := self._live.unknown(keys):
            wrong = {"field": "topics", "message": f"There is no topic {unknown}."}
            raise invalid("The query is not valid.", [wrong])
        caller = self._caller(request, keys)
        # A reader may lag by what its sockets hold (some 100 kB) and then by the frames that the stream keeps.
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT_S,
            max_msg_size=LARGEST_FRAME,
            compress=False,
            timeout=CLOSE_TIME_S,
            writer_limit=16 * 1024,
        )
        if not socket.can_prepare(request):
            raise Problem(426, "upgrade_required", "This path speaks WebSocket only.", headers={"Upgrade": "websocket"})
        await socket.prepare(request)
        self._gate.listens(request)
        panel = self._attach(caller or await self._wait_for_token(socket), query, keys)
        if isinstance(panel, Panel):
            self._gate.logged_in(request)
            await self._serve(request, socket, panel)
        else:
            await _close(request, socket, panel)
        return socket

    def close_unauthenticated(self) -> None:
        """The server stops: close the sockets without authentication."""
        self._stopping = True
        for limit in self._silent:
            _end(limit)

    def _caller(self, request: web.Request, keys: Sequence[Key]) -> Caller | Client | None:
        """Return who listens, by Authorization or by cookie; a client, where it is the wallboard alone that is listened
        to. A cookie counts only for a page of a permitted origin, for browsers send cookies along for any page. None:
        the first frame will authenticate."""
        watches = {kind for kind, _ in keys} == {_WALLBOARD}
        if "Authorization" in request.headers:
            client = self._clients.by_header(request, Scope.WALLBOARD) if watches else None
            return client or self._auth.caller(request)
        caller = self._auth.by_cookie(request)
        if caller is not None and not self._origins.may_use_api(request):
            raise Problem(403, "bad_origin", "A cookie counts only with a permitted Origin.")
        if caller is None and watches and self._origins.may_use_api(request):
            return self._clients.by_cookie(request, Scope.WALLBOARD)
        return caller

    async def _wait_for_token(self, socket: web.WebSocketResponse) -> Caller | Close:
        if len(self._silent) >= MOST_UNAUTHENTICATED:
            longest = next(iter(self._silent))
            del self._silent[longest]
            _end(longest)
        limit = asyncio.timeout(self._auth_time_s)
        try:
            async with limit:
                self._silent[limit] = None
                message = await socket.receive()
        except TimeoutError:
            return GOING_AWAY if self._stopping else _SILENT
        finally:
            self._silent.pop(limit, None)
        if message.type is not WSMsgType.TEXT:
            return UNAUTHENTICATED
        try:
            return self._auth.by_token(AuthFrame.model_validate_json(message.data).token) or UNAUTHENTICATED
        except ValidationError:
            return UNAUTHENTICATED

    def _attach(self, caller: Caller | Client | Close, query: EventsQuery, keys: Sequence[Key]) -> Panel | Close:
        """Attach the socket to the agent's stream. The session may have ended since it was checked. From here on the
        stream tells its end."""
        if isinstance(caller, Client):
            name = name_of_client(caller)
            own: list[Key] = [(_WALLBOARD, name)]
            if not self._live.permits(name, own):
                return NOT_PERMITTED
            return self._live.attach(name, "", None, own) or _CROWDED
        if not isinstance(caller, Caller):
            return caller
        if not self._auth.still_valid(caller):
            return UNAUTHENTICATED
        keys = [(kind, caller.cti_id if kind == _WALLBOARD else name) for kind, name in keys]
        if not self._live.permits(caller.cti_id, keys):
            return NOT_PERMITTED
        return self._live.attach(caller.cti_id, caller.session, query.resume, keys) or _CROWDED

    async def _serve(self, request: web.Request, socket: web.WebSocketResponse, panel: Panel) -> None:
        tasks: list[asyncio.Future[None]] = [
            asyncio.create_task(_send_frames(socket, panel), name="panel-sender"),
            asyncio.create_task(_ignore_input(socket), name="panel-reader"),
        ]
        try:
            waited: list[asyncio.Future[Any]] = [*tasks, panel.closed]
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._live.detach(panel)
            for task in tasks:
                task.cancel()
            for fault in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(fault, Exception) and not isinstance(fault, ConnectionError):
                    _log.error("panel_failed", cti_id=panel.cti_id, exc_info=fault)
            await _finish(request, socket, panel)


def _end(limit: asyncio.Timeout) -> None:
    """The socket's time is over."""
    if not limit.expired():
        limit.reschedule(0)


async def _send_frames(socket: web.WebSocketResponse, panel: Panel) -> None:
    while True:
        frame = panel.next_frame()
        if frame is not None:
            await socket.send_frame(frame, WSMsgType.TEXT)
        else:
            panel.wake.clear()
            await panel.wake.wait()


async def _ignore_input(socket: web.WebSocketResponse) -> None:
    """Read and ignore all frames. Only reading notices pongs and the end."""
    async for _ in socket:
        pass


async def _finish(request: web.Request, socket: web.WebSocketResponse, panel: Panel) -> None:
    how = panel.closed.result() if panel.closed.done() else (1000, "")
    frames = []
    while how != SLOW_READER and (frame := panel.next_frame()) is not None:
        frames.append(frame)
    await _close(request, socket, how, frames)


async def _close(
    request: web.Request, socket: web.WebSocketResponse, how: Close, last_frames: Collection[bytes] = ()
) -> None:
    """Close the socket. A peer that does not even read the close frame is cut off."""
    transport = request.transport
    try:
        async with asyncio.timeout(CLOSE_TIME_S):
            with contextlib.suppress(ConnectionError):
                for frame in last_frames:
                    await socket.send_frame(frame, WSMsgType.TEXT)
                await socket.close(code=how[0], message=how[1].encode(), drain=False)
    except TimeoutError:
        if transport is not None:
            transport.abort()
