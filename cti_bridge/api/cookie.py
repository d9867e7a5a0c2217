"""The session cookie (RFC 6265, section 4.1).

``SameSite=Strict`` unless the panel may be embedded. In the frame of a CRM on another site a browser sends only cookies
with ``SameSite=None; Secure``. It keeps those with ``Partitioned`` apart for each embedding site (CHIPS), so that they
follow nobody about. The Origin check and the CSRF value keep off the same attacks as SameSite.
"""

from aiohttp import web

from cti_bridge.api.auth import COOKIE
from cti_bridge.api.origin import Origins


class SessionCookie:
    """``origins`` tell whether other pages show the panel or use the API, and whether browsers come by TLS through a
    proxy."""

    def __init__(self, origins: Origins, *, with_tls: bool) -> None:
        self._origins, self._with_tls = origins, with_tls

    def set(self, request: web.Request, response: web.Response, token: str) -> None:
        """Return the header that sets the cookie. ``token`` is of URL-safe characters, so it needs no quoting. Empty:
        the cookie is removed."""
        lifetime = [] if token else ["Max-Age=0"]
        parts = [f"{COOKIE}={token}", *lifetime, "Path=/", "HttpOnly", *self._scope(request)]
        response.headers.add("Set-Cookie", "; ".join(parts))

    def _scope(self, request: web.Request) -> list[str]:
        """A browser removes a cookie only with the Partitioned that it was set with."""
        if not self._with_tls and self._origins.own_over_tls(request) is None:
            return ["SameSite=Strict"]
        if self._origins.others(f"https://{request.host}"):
            return ["SameSite=None", "Secure", "Partitioned"]
        return ["SameSite=Strict", "Secure"]
