"""Clients: programs and screens that nobody is logged in at, each with a token of its own in the configuration.

A program sends its token as ``Authorization: Bearer``. A screen has it in the fragment of its address, which a browser
sends to nobody; the page turns it into a cookie at once and takes it out of the address. The cookie is the token, which
no script can read. It lasts until the configuration has another token, or none: the bridge keeps nothing of it.
"""

from typing import Annotated, Any

import structlog
from aiohttp import web
from pydantic import Field

from cti_bridge.api.auth import digest
from cti_bridge.api.cookie import ScreenCookie
from cti_bridge.api.errors import Problem, unauthenticated
from cti_bridge.api.origin import Origins
from cti_bridge.api.ports import Present
from cti_bridge.api.routes import Answer, Asked, Route
from cti_bridge.api.schemas import Accepted, Answered, Nothing
from cti_bridge.domain.model.directory import Client
from cti_bridge.domain.model.words import Scope

_LONGEST = 128

_log = structlog.get_logger("cti_bridge.api")


class ScreenBody(Accepted):
    """``token`` is that of a client with the scope ``wallboard``."""

    token: Annotated[str, Field(min_length=1, max_length=_LONGEST)]


class ScreenAnswer(Answered):
    """``client`` is its id, ``services`` those that it sees."""

    client: str
    services: list[str]


class NoScreen(Answered):
    """The screen is forgotten."""


class Clients:
    """``directory`` has the clients as they are configured now."""

    def __init__(self, directory: Present, origins: Origins, cookie: ScreenCookie) -> None:
        self._directory, self._origins, self._cookie = directory, origins, cookie

    def routes(self) -> list[Route[Any]]:
        text = "Make this browser a screen, by the token of a client: it shows the wallboard without a login"
        return [
            Route(
                "PUT", "/wallboard/screen", ScreenBody, self._begin, ScreenAnswer, text, public=True, panel_only=True
            ),
            Route(
                "DELETE",
                "/wallboard/screen",
                Nothing,
                self._end,
                NoScreen,
                "Make this browser a screen no more",
                public=True,
                panel_only=True,
            ),
        ]

    def by_header(self, request: web.Request, scope: Scope) -> Client | None:
        """Return the client whose token the header shows. Raises a problem 403 for one without the scope."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        found = self._by_token(token.strip()) if kind.lower() == "bearer" else None
        if found is not None and scope not in found.scopes:
            raise Problem(403, "forbidden", f'This client does not have the scope "{scope}".')
        return found

    def by_cookie(self, request: web.Request, scope: Scope) -> Client | None:
        """Return the client of this screen. A cookie counts only for our own pages."""
        found = self._by_token(self._cookie.token(request))
        return found if found is not None and scope in found.scopes and self._origins.is_own(request) else None

    def _by_token(self, token: str) -> Client | None:
        # Clients are looked up by the hash of what was sent: the time that takes tells nothing of a token.
        return self._directory().client_of(digest(token)) if 0 < len(token) <= _LONGEST else None

    async def _begin(self, asked: Asked[ScreenBody]) -> Answer:
        found = self._by_token(asked.body.token)
        if found is None or Scope.WALLBOARD not in found.scopes:
            raise unauthenticated("This is not the token of a client that may show the wallboard.")
        _log.info("screen_begun", client=found.id, from_address=asked.address)
        return Answer({"client": found.id, "services": list(found.services)}, screen=asked.body.token)

    async def _end(self, _: Asked[Nothing]) -> Answer:
        return Answer({}, screen="")
