"""The rights of web pages. A browser names the page's origin (Fetch standard, "Origin header"); programs name none.

There are three rights. Some pages may show the panel in a frame. Some may use the API with the agent's cookie. The
panel's own pages alone get what it keeps to itself (``Route.panel_only``).
"""

from collections.abc import Awaitable, Callable, Sequence

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from cti_bridge.api.errors import Problem

_CORS = {
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-CTI-CSRF, Idempotency-Key",
    "Access-Control-Expose-Headers": "Link, Retry-After, CTI-Acknowledged",
    "Access-Control-Max-Age": "600",
}
_OWN_SITES = frozenset({"same-origin", "none"})
"""The values of Sec-Fetch-Site for the panel's own pages and for what a person has opened (Fetch Metadata, section
2.3)."""
_HINT = (
    "api.allowed_origins lets a page show the panel, api.api_origins lets it use the API; if this is the panel's own "
    "address, the proxy must pass the Host header on, with its port"
)

_log = structlog.get_logger("cti_bridge.api")


class Origins:
    """``embedding`` are the origins of pages that may show the panel in a frame. Behind a proxy that does TLS the
    panel's own public origin is among them. ``api`` are those of pages that may use the API with the agent's
    cookie."""

    def __init__(self, embedding: Sequence[str] = (), api: Sequence[str] = ()) -> None:
        self.embedding, self.api = tuple(embedding), tuple(api)
        self._told: set[str] = set()

    def is_own(self, request: web.Request) -> bool:
        """Return whether a page of the panel's own origin asks."""
        origin = request.headers.get("Origin")
        if origin is None:
            return request.headers.get("Sec-Fetch-Site", "same-origin") in _OWN_SITES
        return self._is_panels(request, origin)

    def may_use_api(self, request: web.Request) -> bool:
        """Return whether the request names an origin that may use the API. False when it names none."""
        origin = request.headers.get("Origin")
        return origin is not None and (origin in self.api or self._is_panels(request, origin))

    def own_over_tls(self, request: web.Request) -> str | None:
        """Return the panel's own origin where browsers come by TLS through a proxy, else None."""
        own = f"https://{request.host}"
        return own if own in self.embedding else None

    def others(self, own: str) -> bool:
        """Return whether pages of other origins than ``own`` have any right."""
        return any(origin != own for origin in (*self.embedding, *self.api))

    def refuse(self, request: web.Request) -> Problem:
        """Return the refusal. A page that may show the panel is hardly an attacker, so the log has a hint, once."""
        origin = request.headers.get("Origin", "")
        if origin in self.embedding and origin not in self._told:
            self._told.add(origin)
            _log.warning("origin_refused", origin=origin, host=request.host, hint=_HINT)
        return Problem(403, "bad_origin", "Pages of this origin may not use the API.")

    def _is_panels(self, request: web.Request, origin: str) -> bool:
        return origin in (f"{request.scheme}://{request.host}", self.own_over_tls(request))


def origin_middleware(origins: Origins) -> Middleware:
    """Refuses pages of other origins, and tells browsers about the permitted ones (CORS)."""

    @web.middleware
    async def check(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if "Origin" not in request.headers or not request.path.startswith("/api/"):
            return await handler(request)
        if not origins.may_use_api(request):
            raise origins.refuse(request)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return web.Response(status=204)
        return await handler(request)

    return check


def add_cors_headers(request: web.Request, response: web.StreamResponse, origins: Origins) -> None:
    """Same-origin pages need none; only the listed origins get them."""
    if not request.path.startswith("/api/"):
        return
    response.headers.add("Vary", "Origin")
    origin = request.headers.get("Origin")
    if origin is not None and origin in origins.api:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers.update(_CORS)
