"""Lets connections in: how many, for how long, how much of them, before a login and after it.

A connection *rests* between two requests. It *speaks* from the first byte of a request until its head is complete, and
*works* while a handler has it. An event socket works for as long as it is open. One that rests, or speaks for too long,
is closed. When there are too many, the oldest without a login goes first, then the one that has rested longest. None
goes that works for somebody who is logged in.

Descriptors are kept in reserve: PBX, Postgres and spool need some when clients have taken all others.
"""

import asyncio
import errno
import resource
import socket
import ssl
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Sequence
from typing import Any

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from cti_bridge.api.client_address import counted_as
from cti_bridge.api.connection import Connection, Cut, Times
from cti_bridge.api.errors import Handler
from cti_bridge.api.ports import Measurement

MOST_CONNECTIONS = 16_384
RESERVE = 256
"""Descriptors that no client gets."""
LEAST_CONNECTIONS = 64
MOST_STRANGERS = 512
"""The most connections of an address without a login. An office that opens its panels behind one address needs some for
a moment."""
BACKLOG = 1024
"""A crowd waits here, or is refused by the system, while one turn of the loop lasts."""
LOOK_S = 1.0
_PAUSE_S = 0.2
_SHORT = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

_log = structlog.get_logger("cti_bridge.api")

Factory = Callable[[], asyncio.Protocol]


def most_connections(descriptors: int) -> int:
    """Return the most connections of a process that may open so many descriptors."""
    if descriptors == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(LEAST_CONNECTIONS, min(MOST_CONNECTIONS, descriptors - RESERVE))


async def listening(host: str, port: int) -> list[socket.socket]:
    """Return sockets that listen at all addresses of the host. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    try:
        for family, kind, proto, _, address in dict.fromkeys(found):
            sockets.append(_listening(family, kind, proto, address))
    except OSError:
        for each in sockets:
            each.close()
        raise
    return sockets


class Gate:
    """``trusted`` says whether an address is a proxy's, which speaks for many. ``most`` 0: as many as the process's
    descriptors permit."""

    def __init__(
        self, trusted: Callable[[str], bool] = lambda address: False, times: Times | None = None, most: int = 0
    ) -> None:
        self._trusted, self.times = trusted, times or Times()
        self.most = most or most_connections(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        self.cut: Counter[Cut] = Counter()
        self.short_of_descriptors = 0
        self._all: dict[Connection, asyncio.Task[None]] = {}
        self._strangers: OrderedDict[Connection, None] = OrderedDict()
        self._of_address: dict[str, OrderedDict[Connection, None]] = {}
        self._resting: OrderedDict[Connection, None] = OrderedDict()
        self._by_inner: dict[asyncio.Protocol, Connection] = {}
        self._sockets: list[socket.socket] = []

    def __len__(self) -> int:
        return len(self._all)

    # ------------------------------------------------------------------------------- to listen

    async def listen(self, host: str, port: int) -> tuple[str, int]:
        """Open the sockets and return the address of the first. Raises OSError."""
        self._sockets += await listening(host, port)
        host, port = self._sockets[0].getsockname()[:2]
        return host, port

    def take(self, sockets: Sequence[socket.socket]) -> tuple[str, int]:
        """Listen on sockets that listen already and stay open when this gate closes. Return the address of the first.
        Connections that come while nobody accepts wait there."""
        self._sockets += [each.dup() for each in sockets]
        for each in self._sockets:
            each.setblocking(False)
        host, port = self._sockets[0].getsockname()[:2]
        return host, port

    async def serve(self, make: Factory, tls: ssl.SSLContext | None) -> None:
        """Let connections in until cancelled."""
        try:
            await asyncio.gather(*(self._accept(each, make, tls) for each in self._sockets), self._look())
        finally:
            self.close()

    def close(self) -> None:
        """Listen no more. Connections go on."""
        for each in self._sockets:
            each.close()
        self._sockets.clear()

    async def _accept(self, listening: socket.socket, make: Factory, tls: ssl.SSLContext | None) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, address = await loop.sock_accept(listening)
            except (ConnectionError, TimeoutError):
                continue
            except OSError as error:
                if error.errno not in _SHORT:
                    raise
                await self._wait_for_descriptors(error)
                continue
            self._let_in(accepted, _host(address), make, tls)

    async def _wait_for_descriptors(self, error: OSError) -> None:
        """Somebody else has used them up: a client goes, and the next is let in a moment later."""
        self.short_of_descriptors += 1
        _log.warning("connection_not_accepted", reason=error.strerror or str(error), connections=len(self))
        self._evict()
        await asyncio.sleep(_PAUSE_S)

    def _let_in(self, accepted: socket.socket, address: str, make: Factory, tls: ssl.SSLContext | None) -> None:
        own = "" if self._trusted(address) else counted_as(address)
        if len(self._all) >= self.most and not self._evict():
            self.cut[Cut.CROWDED] += 1
            accepted.close()
            return
        neighbours = self._of_address.get(own)
        if neighbours is not None and len(neighbours) >= MOST_STRANGERS:
            self._cut(next(iter(neighbours)), Cut.CROWDED)
        connection = Connection(make, own, self, asyncio.get_running_loop().time())
        self._strangers[connection] = None
        if own:
            self._of_address.setdefault(own, OrderedDict())[connection] = None
        task = asyncio.create_task(self._connect(connection, accepted, tls), name="connection")
        self._all[connection] = task

    async def _connect(self, connection: Connection, accepted: socket.socket, tls: ssl.SSLContext | None) -> None:
        handshake = {"ssl_handshake_timeout": self.times.handshake_s} if tls is not None else {}
        loop = asyncio.get_running_loop()
        try:
            await loop.connect_accepted_socket(lambda: connection, accepted, ssl=tls, **handshake)
        except (OSError, ssl.SSLError, TimeoutError):
            accepted.close()
        except asyncio.CancelledError:
            accepted.close()
            raise
        finally:
            if connection.transport is None:
                self.gone(connection)

    # ------------------------------------------------------------------------------- of a connection

    def made(self, connection: Connection, inner: asyncio.Protocol) -> None:
        self._by_inner[inner] = connection

    def gone(self, connection: Connection) -> None:
        self._all.pop(connection, None)
        self._resting.pop(connection, None)
        self._known(connection)
        if connection.inner is not None:
            self._by_inner.pop(connection.inner, None)

    def begins(self, request: web.BaseRequest) -> None:
        """A handler begins to work at a request."""
        connection = self._by_inner.get(request.protocol)
        if connection is not None:
            self._resting.pop(connection, None)
            connection.works()

    def ends(self, request: web.BaseRequest) -> None:
        """A handler has ended."""
        connection = self._by_inner.get(request.protocol)
        if connection is not None:
            connection.rests()
            if connection.logged_in:
                self._resting[connection] = None

    def listens(self, request: web.BaseRequest) -> None:
        """The connection is an event socket from here on."""
        connection = self._by_inner.get(request.protocol)
        if connection is not None:
            connection.listens()

    def logged_in(self, request: web.BaseRequest) -> None:
        """The request is of somebody who is logged in."""
        connection = self._by_inner.get(request.protocol)
        if connection is not None and not connection.logged_in:
            connection.logged_in = True
            self._known(connection)

    def _known(self, connection: Connection) -> None:
        """The connection is no stranger's any more."""
        self._strangers.pop(connection, None)
        neighbours = self._of_address.get(connection.address)
        if neighbours is not None:
            neighbours.pop(connection, None)
            if not neighbours:
                del self._of_address[connection.address]

    # ------------------------------------------------------------------------------- who goes

    def _evict(self) -> bool:
        """Close the connection that is missed least. Return False when none can be."""
        for waiting in (self._strangers, self._resting):
            if waiting:
                self._cut(next(iter(waiting)), Cut.CROWDED)
                return True
        return False

    def _cut(self, connection: Connection, why: Cut) -> None:
        self.cut[why] += 1
        task = self._all.get(connection)
        self.gone(connection)
        if connection.transport is None and task is not None:
            task.cancel()
        connection.abort()

    def talks_too_much(self, connection: Connection) -> None:
        self._cut(connection, Cut.TALKS)

    async def _look(self) -> None:
        """Close what has rested or spoken for too long."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_S)
            now = loop.time()
            for connection in [one for one in self._all if one.is_over(now)]:
                self._cut(connection, Cut.SLOW)

    def measure(self) -> list[Measurement]:
        open_now = Measurement("cti_connections", "Connections of clients", len(self))
        most = Measurement("cti_connections_most", "The most connections that are let in", self.most)
        text = "Connections that were closed, or not let in"
        return [
            open_now,
            most,
            *(Measurement("cti_connections_cut", text, self.cut[why], {"why": why}, counter=True) for why in Cut),
        ]

    def warnings(self) -> Collection[str]:
        """Return what an operator should know."""
        if len(self) < 0.9 * self.most:
            return ()
        return [f"API: {len(self)} of {self.most} connections are open; further clients push out those without a login"]


def gate_middleware(gate: Gate) -> Middleware:
    """Tells the gate when a handler works."""

    @web.middleware
    async def work(request: web.Request, handler: Handler) -> web.StreamResponse:
        gate.begins(request)
        try:
            return await handler(request)
        finally:
            gate.ends(request)

    return work


def _listening(family: int, kind: int, proto: int, address: Any) -> socket.socket:
    made = socket.socket(family, kind, proto)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        made.listen(BACKLOG)
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made


def _host(address: Any) -> str:
    return str(address[0]) if isinstance(address, tuple) and address else ""
