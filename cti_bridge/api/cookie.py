"""The session cookie (RFC 6265, section 4.1).

``SameSite=Strict`` unless the panel may be embedded. In the frame of a CRM on another site a browser sends only cookies
with ``SameSite=None; Secure``. It keeps those with ``Partitioned`` apart for each embedding site (CHIPS), so that they
follow nobody about. The Origin check and the CSRF value keep off the same attacks as SameSite.
"""

from collections.abc import Collection

from aiohttp import web

from cti_bridge.api.auth import COOKIE


class SessionCookie:
    """``origins`` are the permitted ones of other pages. Behind a proxy that does TLS the panel's own public origin is
    among them, and tells that browsers come by TLS."""

    def __init__(self, origins: Collection[str], *, with_tls: bool) -> None:
        self._origins, self._with_tls = origins, with_tls

    def set(self, request: web.Request, response: web.Response, token: str) -> None:
        """Return the header that sets the cookie. ``token`` is of URL-safe characters, so it needs no quoting. Empty:
        the cookie is removed."""
        lifetime = [] if token else ["Max-Age=0"]
        parts = [f"{COOKIE}={token}", *lifetime, "Path=/", "HttpOnly", *self._scope(request)]
        response.headers.add("Set-Cookie", "; ".join(parts))

    def _scope(self, request: web.Request) -> list[str]:
        """A browser removes a cookie only with the Partitioned that it was set with."""
        own = f"https://{request.host}"
        if not self._with_tls and own not in self._origins:
            return ["SameSite=Strict"]
        if any(origin != own for origin in self._origins):
            return ["SameSite=None", "Secure", "Partitioned"]
        return ["SameSite=Strict", "Secure"]
