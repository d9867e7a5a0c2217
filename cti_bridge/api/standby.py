"""The API of a spare: it is alive, it is not ready, and it answers every other request with 503 ``standby``.

Clients and panels come back by themselves (``Retry-After``), through the proxy to the bridge that acts.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from aiohttp import web

from cti_bridge.api.client_address import ClientAddresses
from cti_bridge.api.errors import problems_middleware, standby
from cti_bridge.api.gate import Gate, gate_middleware
from cti_bridge.api.headers import header_setter, log_access
from cti_bridge.api.health import Health, Measure
from cti_bridge.api.origin import Origins
from cti_bridge.supervisor import Watch, unwatched

STOP_WITHIN_S = 1.0


class StandbyApi:
    """Serves from :meth:`start` to :meth:`stop`, on sockets that listen already. ``monitors`` and ``proxies`` are
    addresses and networks; ``monitors`` None: everybody."""

    def __init__(
        self,
        problems: Callable[[], Sequence[str]],
        warnings: Callable[[], Sequence[str]],
        measure: Measure,
        *,
        describe: Callable[[], Mapping[str, Any]],
        monitors: Collection[str] | None,
        proxies: Sequence[str] = (),
        tls: ssl.SSLContext | None = None,
        watch: Watch = unwatched,
    ) -> None:
        self._addresses = ClientAddresses(proxies)
        self._gate = Gate(self._addresses.is_proxy)
        self._monitors = None if monitors is None else tuple(monitors)
        self._tls, self._watch = tls, watch
        health = Health(problems, warnings, [measure], self._may_monitor, role=lambda: "standby", pair=describe)
        middlewares = [gate_middleware(self._gate), log_access, problems_middleware(())]
        app = web.Application(middlewares=middlewares)
        app.on_response_prepare.append(header_setter(Origins((), ()), with_tls=tls is not None))
        app.router.add_routes(health.routes())
        app.router.add_route("*", "/{path:.*}", self._refuse)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_WITHIN_S)
        self._serving: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self, sockets: Sequence[socket.socket]) -> None:
        """Begin to answer."""
        await self._runner.setup()
        handle = self._runner.server
        assert handle is not None
        self._gate.take(sockets)
        self._serving = asyncio.create_task(self._gate.serve(handle, self._tls), name="standby API")
        self._watch(self._serving, lambda: self._stopping)

    async def stop(self) -> None:
        """Answer no more. The sockets go on to listen, for the API of the bridge that acts."""
        self._stopping = True
        self._gate.close()
        if self._serving is not None:
            self._serving.cancel()
        await self._runner.cleanup()
        if self._serving is not None:
            await asyncio.gather(self._serving, return_exceptions=True)

    async def _refuse(self, _: web.Request) -> web.StreamResponse:
        raise standby()

    def _may_monitor(self, request: web.Request) -> bool:
        allowed = self._monitors
        return allowed is None or self._addresses.is_from_here(request) or self._addresses.is_within(request, allowed)
