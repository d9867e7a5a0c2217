"""Requests over HTTP: lists, inspections, orders, and the way to the event socket.

Each client has connections of its own, so that slow requests of one never keep another from a connection. A node has
one client for bulk reading, one for orders, and one for all else.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import aiohttp
import msgspec
from yarl import URL

from cti_bridge.ari.counters import Counters
from cti_bridge.ari.errors import LOGIN_REFUSALS, PbxRefusedLogin, PbxUnreachable
from cti_bridge.ari.gatekeeper import Gatekeeper, Nobody
from cti_bridge.ari.reply import NO_ANSWER, WAS_DROPPED, Reply
from cti_bridge.ari.requests import Request

REQUEST_TIMEOUT_S = 2.0
LIST_TIMEOUT_S = 5.0
HEARTBEAT_S = 3.0
"""A ping goes out after this many seconds of silence. Without a pong the socket counts as lost after half of that
again: 4.5 s in all."""

_KEEP_ALIVE_S = 10.0
"""Asterisk closes an idle connection after 15 s; ours must go first."""

_PIECE = 64 * 1024

FEW, MANY = 16, 200
"""The most connections of a client: for reading, and for requests that may hang and must not keep others from a
connection. Asterisk's own limit (``sessionlimit`` in http.conf) is higher than all together."""


class AriHttp:
    """One PBX's ARI over HTTP. The password stands in a header, never in an address."""

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        counters: Counters,
        connections: int = FEW,
        gatekeeper: Gatekeeper | None = None,
    ) -> None:
        self._connections = connections
        self._gatekeeper = gatekeeper or Nobody()
        self._url = url.rstrip("/")
        self._headers = {"Authorization": aiohttp.encode_basic_auth(username, password)}
        self._counters = counters
        self._session: aiohttp.ClientSession | None = None
        self._silenced = False
        self.on_refused: Callable[[int], None] = lambda status: None
        """Called with 401 or 403 when the PBX refuses who we are."""

    def silence(self) -> None:
        """Send no request any more, for any caller: another controller has taken over."""
        self._silenced = True

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def request(self, request: Request, timeout_s: float = REQUEST_TIMEOUT_S, kind: str = "http") -> Reply:
        """Send one request and return the reply. Faults of the PBX or the network never raise: they stand in the
        reply's status. A cancelled request may or may not have been carried out."""
        if not await self._may_send():
            return WAS_DROPPED
        self._counters.sent(kind)
        headers = {"Content-Type": "application/json"} if request.body is not None else None
        data = msgspec.json.encode(request.body) if request.body is not None else None
        try:
            async with self._open().request(
                request.method,
                URL(self._url + request.uri, encoded=True),
                data=data,
                headers=headers,
                # To wait for a connection of ours does not count: nothing is said by it of this request.
                timeout=aiohttp.ClientTimeout(sock_connect=timeout_s, sock_read=timeout_s),
            ) as response:
                if response.status in LOGIN_REFUSALS:
                    self.on_refused(response.status)
                return Reply(response.status, await response.read())
        except (aiohttp.ClientError, TimeoutError, OSError):
            return NO_ANSWER

    async def download(self, request: Request, take: Callable[[bytes], Awaitable[object]]) -> int:
        """Send the request, and hand the body of a success to ``take``, piece by piece. Return the status as of
        :meth:`request`; that of a body that was cut off is 0. Raises what ``take`` raises."""
        if not await self._may_send():
            return WAS_DROPPED.status
        self._counters.sent("download")
        timeout = aiohttp.ClientTimeout(sock_connect=REQUEST_TIMEOUT_S, sock_read=LIST_TIMEOUT_S)
        try:
            url = URL(self._url + request.uri, encoded=True)
            async with self._open().request(request.method, url, timeout=timeout) as response:
                if response.status in LOGIN_REFUSALS:
                    self.on_refused(response.status)
                if response.ok:
                    async for piece in response.content.iter_chunked(_PIECE):
                        await take(piece)
                return response.status
        except (aiohttp.ClientError, TimeoutError):
            return NO_ANSWER.status

    async def connect_events(self, app: str) -> aiohttp.ClientWebSocketResponse[bool]:
        """Open and return the event socket of the application. Raises PbxUnreachable or PbxRefusedLogin. After a
        cancellation Asterisk may still take the application over for the socket that nobody has."""
        if not await self._may_send():
            raise PbxUnreachable("another bridge process has taken over")
        # Never subscribeAll: it can lock Asterisk up (asterisk#2170).
        query: Mapping[str, str] = {"app": app, "subscribeAll": "false"}
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                return await self._open().ws_connect(
                    f"{self._url}/events",
                    params=query,
                    heartbeat=HEARTBEAT_S,
                    timeout=aiohttp.ClientWSTimeout(ws_close=0.5),
                    max_msg_size=16 * 2**20,
                    decode_text=False,
                )
        except aiohttp.WSServerHandshakeError as refusal:
            if refused := LOGIN_REFUSALS.get(refusal.status):
                raise PbxRefusedLogin(f"{self._url}: {refused}") from None
            raise PbxUnreachable(f"{self._url}/events answered {refusal.status}") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as failure:
            raise PbxUnreachable(f"{self._url} is not reachable: {type(failure).__name__}") from None

    async def _may_send(self) -> bool:
        """Wait until the gatekeeper lets something through. Return False when nothing may be sent any more."""
        if self._gatekeeper.closed and not await self._gatekeeper.passed():
            return False
        return not self._silenced

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=_KEEP_ALIVE_S)
            self._session = aiohttp.ClientSession(connector=connector, headers=self._headers)
        return self._session
