"""Authentication of requests. A token is 32 random bytes. The engine keeps its SHA-256 alone, so sessions survive a
restart.

A panel sends the token as a cookie, and with each write the CSRF value that login returned; a program sends
``Authorization: Bearer`` (RFC 6750, section 2.1) and needs no CSRF value, for no browser adds that header by
itself.
"""

import hashlib
import secrets
from dataclasses import dataclass

from aiohttp import web

from cti_bridge.api.cookie import SessionCookie
from cti_bridge.api.errors import Problem, unauthenticated
from cti_bridge.api.ports import Engine

CSRF_HEADER = "X-CTI-CSRF"
_LONGEST_TOKEN = 128


@dataclass(frozen=True, slots=True)
class Caller:
    cti_id: str
    session: str
    """The digest of the token."""
    by_cookie: bool


def new_token() -> str:
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """Return the form in which a token is kept."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


class Authenticator:
    """``cookie`` knows the session cookie."""

    def __init__(self, engine: Engine, cookie: SessionCookie) -> None:
        self._engine, self._cookie = engine, cookie

    def caller(self, request: web.Request) -> Caller:
        """Return the agent who sends the request, by Authorization, else by cookie. Raises a problem 401; 403 when a
        write by cookie lacks the CSRF value."""
        if "Authorization" in request.headers:
            return self._by_header(request.headers["Authorization"])
        caller = self.by_cookie(request)
        if caller is None:
            raise unauthenticated()
        if request.method != "GET":
            self._check_csrf(request, caller)
        return caller

    def by_token(self, token: str, *, by_cookie: bool = False) -> Caller | None:
        if not 0 < len(token) <= _LONGEST_TOKEN:
            return None
        session = digest(token)
        cti_id = self._engine.session_owner(session)
        return Caller(cti_id, session, by_cookie) if cti_id is not None else None

    def by_cookie(self, request: web.Request) -> Caller | None:
        return self.by_token(self._cookie.token(request), by_cookie=True)

    def still_valid(self, caller: Caller) -> bool:
        return self._engine.session_owner(caller.session) == caller.cti_id

    def _by_header(self, header: str) -> Caller:
        scheme, _, token = header.partition(" ")
        caller = self.by_token(token.strip()) if scheme.lower() == "bearer" else None
        if caller is None:
            raise unauthenticated("The token is not valid, or its session is over. Log in again.")
        return caller

    def _check_csrf(self, request: web.Request, caller: Caller) -> None:
        sent = request.headers.get(CSRF_HEADER, "").encode("utf-8", "surrogateescape")
        expected = self._engine.csrf(caller.cti_id).encode()
        if not expected or not secrets.compare_digest(sent, expected):
            raise Problem(403, "bad_csrf", f"The header {CSRF_HEADER} is missing or wrong.")
