"""The session cookie (RFC 6265, section 4.1).

``SameSite=Strict`` unless the panel may be embedded. In the frame of a CRM on another site a browser sends only cookies
with ``SameSite=None; Secure``. It keeps those with ``Partitioned`` apart for each embedding site (CHIPS), so that they
follow nobody about. The Origin check and the CSRF value keep off the same attacks as SameSite.
"""

from aiohttp import web

from cti_bridge.api.origin import Origins

COOKIE = "cti_session"
SECURE_COOKIE = "__Host-cti_session"
"""The name where browsers come by TLS. They keep a cookie of that name only from this very host, so no other host of
the same domain can put one in its place (RFC 6265bis, section 4.1.3.2)."""


SCREEN_COOKIE = "cti_screen"
SECURE_SCREEN_COOKIE = "__Host-cti_screen"
_LASTS_S = 34_560_000
"""400 days, the most that browsers take. Whoever opens the address with the token begins them anew."""


class SessionCookie:
    """``origins`` tell whether other pages show the panel or use the API, and whether browsers come by TLS through a
    proxy."""

    def __init__(self, origins: Origins, *, with_tls: bool) -> None:
        self._origins, self._with_tls = origins, with_tls

    def set(self, request: web.Request, response: web.Response, token: str) -> None:
        """Return the header that sets the cookie. ``token`` is of URL-safe characters, so it needs no quoting. Empty:
        the cookie is removed."""
        lifetime = [] if token else ["Max-Age=0"]
        parts = [f"{self._name(request)}={token}", *lifetime, "Path=/", "HttpOnly", *self._scope(request)]
        response.headers.add("Set-Cookie", "; ".join(parts))

    def token(self, request: web.Request) -> str:
        """Return the token of the request's cookie; empty without one."""
        return request.cookies.get(self._name(request), "")

    def _name(self, request: web.Request) -> str:
        return SECURE_COOKIE if self._is_secure(request) else COOKIE

    def _is_secure(self, request: web.Request) -> bool:
        return self._with_tls or self._origins.own_over_tls(request) is not None

    def _scope(self, request: web.Request) -> list[str]:
        """A browser removes a cookie only with the Partitioned that it was set with."""
        if not self._is_secure(request):
            return ["SameSite=Strict"]
        if self._origins.others(f"https://{request.host}"):
            return ["SameSite=None", "Secure", "Partitioned"]
        return ["SameSite=Strict", "Secure"]


class ScreenCookie:
    """The cookie of a screen on a wall. No page of another origin shows it, so it is always ``SameSite=Strict``."""

    def __init__(self, origins: Origins, *, with_tls: bool) -> None:
        self._origins, self._with_tls = origins, with_tls

    def set(self, request: web.Request, response: web.Response, token: str) -> None:
        """Return the header that sets the cookie. Empty: the cookie is removed."""
        lasts_s = _LASTS_S if token else 0
        secure = ["Secure"] if self._is_secure(request) else []
        parts = [
            f"{self._name(request)}={token}",
            f"Max-Age={lasts_s}",
            "Path=/",
            "HttpOnly",
            "SameSite=Strict",
            *secure,
        ]
        response.headers.add("Set-Cookie", "; ".join(parts))

    def token(self, request: web.Request) -> str:
        """Return the token of the request's cookie; empty without one."""
        return request.cookies.get(self._name(request), "")

    def _name(self, request: web.Request) -> str:
        return SECURE_SCREEN_COOKIE if self._is_secure(request) else SCREEN_COOKIE

    def _is_secure(self, request: web.Request) -> bool:
        return self._with_tls or self._origins.own_over_tls(request) is not None
