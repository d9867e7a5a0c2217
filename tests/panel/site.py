"""The panel's files from the source tree on an origin of their own, with the headers of the real server."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiohttp import web

from cti_bridge.api.errors import problems_middleware
from cti_bridge.api.panel import PanelFiles, page_headers
from cti_bridge.api.panel_files import read_panel
from tests.support.certificates import Certificate

SITES = ("127.0.0.1", "localhost", "other.localhost")
"""Three sites to a browser, which resolves the last one by itself (RFC 6761, section 6.3). The first is the panel's."""
BLANK = "<!doctype html><html lang=en><title>blank</title><main></main></html>"


def application() -> web.Application:
    """An application that refuses as the real one does."""
    return web.Application(middlewares=[problems_middleware(())])


_had: set[int] = set()
"""The ports that something was served on."""


def _new_socket() -> socket.socket:
    new = socket.create_server(("127.0.0.1", 0))
    if (port := new.getsockname()[1]) in _had:
        with new:
            return _new_socket()
    _had.add(port)
    return new


@asynccontextmanager
async def serve(app: web.Application, certificate: Certificate | None = None) -> AsyncIterator[str]:
    """Serve an application on a free port of loopback that had none before, as a page may have stored something for
    its origin; gives that."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    site = web.SockSite(runner, _new_socket(), ssl_context=certificate.serving() if certificate else None)
    await site.start()
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def add_panel(app: web.Application, *, origins: Iterable[str] = (), phone_origin: str = "") -> None:
    """Serve the panel, and /blank: an empty page under the same policy."""
    headers = page_headers(list(origins), phone_origin)

    async def blank(_: web.Request) -> web.Response:
        return web.Response(text=BLANK, content_type="text/html", headers=headers)

    app.router.add_get("/blank", blank)
    app.router.add_routes(PanelFiles(read_panel, headers).routes())


@asynccontextmanager
async def open_site() -> AsyncIterator[str]:
    """The files alone, without an API; gives the origin."""
    app = application()
    add_panel(app)
    async with serve(app) as origin:
        yield origin


_HOST_PAGE = """<!doctype html><html lang=en><title>CRM</title><body>
<div id=place style="width: 360px; height: 640px"></div>
<script src="{bridge}/widget/loader.js" data-target="#place"></script>
<script>window.seen = []; CtiWidget.on('*', (message) => seen.push(message));</script></body></html>"""


@asynccontextmanager
async def open_host(certificate: Certificate | None = None) -> AsyncIterator[int]:
    """A page of somebody else that loads the panel, on its port of 127.0.0.1 and localhost: ``/?bridge=ORIGIN``. To
    all others it denies the microphone; itself it has to permit it, or it could not pass it on."""

    async def page(request: web.Request) -> web.Response:
        bridge = request.query["bridge"]
        headers = {"Permissions-Policy": f'microphone=(self "{bridge}")'}
        return web.Response(text=_HOST_PAGE.format(bridge=bridge), content_type="text/html", headers=headers)

    app = application()
    app.router.add_get("/", page)
    async with serve(app, certificate) as origin:
        yield int(origin.rsplit(":", 1)[1])
