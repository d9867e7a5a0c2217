"""The web pages that may talk to the API. A browser names the page's origin (Fetch standard, "Origin header"); programs
name none."""

from collections.abc import Awaitable, Callable, Collection

from aiohttp import web
from aiohttp.typedefs import Middleware

from cti_bridge.api.errors import Problem

_CORS = {
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-CTI-CSRF, Idempotency-Key",
    "Access-Control-Expose-Headers": "Retry-After",
    "Access-Control-Max-Age": "600",
}


def permitted(request: web.Request, allowed: Collection[str]) -> bool:
    """Return whether the request's Origin is the server's own or one of ``allowed``. False when it has none."""
    origin = request.headers.get("Origin")
    return origin is not None and (origin in allowed or origin == f"{request.scheme}://{request.host}")


def origin_middleware(allowed: Collection[str]) -> Middleware:
    """Refuses pages of other origins, and tells browsers about the permitted ones (CORS)."""

    @web.middleware
    async def check(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if "Origin" not in request.headers or not request.path.startswith("/api/"):
            return await handler(request)
        if not permitted(request, allowed):
            raise Problem(403, "bad_origin", "Pages of this origin may not use the API.")
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return web.Response(status=204)
        return await handler(request)

    return check


def add_cors_headers(request: web.Request, response: web.StreamResponse, allowed: Collection[str]) -> None:
    """Same-origin pages need none; only the listed origins get them."""
    if not request.path.startswith("/api/"):
        return
    response.headers.add("Vary", "Origin")
    origin = request.headers.get("Origin")
    if origin is not None and origin in allowed:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers.update(_CORS)
