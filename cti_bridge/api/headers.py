"""The headers of every response, and the log line of every request."""

import time
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from cti_bridge.api.errors import Handler, route_name
from cti_bridge.api.origin import Origins, add_cors_headers

_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Server": "cti-bridge",
}

_OF_DOCUMENTS = frozenset({"X-Frame-Options", "Content-Security-Policy"})
_NO_DOCUMENTS = frozenset({"text/css", "text/javascript"})
"""Media types without the headers of documents. A page's scripts and styles are under the page's own policy, and the
panel loads them over slow lines too."""

_log = structlog.get_logger("cti_bridge.api")


def header_setter(origins: Origins, *, with_tls: bool) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Return a handler that adds the headers which a response does not set itself. The panel's pages have a policy of
    their own, which names the pages that may frame them. X-Frame-Options has no list of origins and would contradict
    it."""
    headers = dict(_SECURITY_HEADERS)
    if with_tls:
        headers["Strict-Transport-Security"] = "max-age=31536000"

    async def set_headers(request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Server"] = headers["Server"]
        skipped = _OF_DOCUMENTS if response.content_type in _NO_DOCUMENTS else frozenset()
        if "Content-Security-Policy" in response.headers:
            skipped = _OF_DOCUMENTS
        for name, value in headers.items():
            if name not in skipped:
                response.headers.setdefault(name, value)
        add_cors_headers(request, response, origins)

    return set_headers


@web.middleware
async def log_access(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The path's pattern only: paths and queries can hold anything, tokens included."""
    started = time.perf_counter()
    response = await handler(request)
    took_ms = round((time.perf_counter() - started) * 1000, 1)
    _log.debug("request", method=request.method, route=route_name(request), status=response.status, took_ms=took_ms)
    return response
