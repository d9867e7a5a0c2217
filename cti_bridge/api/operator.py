"""Requests of the machine's operator to the running bridge: to take the changed configuration over, and those of the
route table that are the operator's (``Route.operator``).

The operator shows the token that the bridge has made at its start (``Authorization: Bearer``), and comes from the
machine itself. Cookies do not count here, so no web page can ask.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from cti_bridge.api.auth import Authenticator
from cti_bridge.api.client_address import ClientAddresses
from cti_bridge.api.errors import Problem, unauthenticated


class ReloadRefused(Exception):
    """The configuration cannot be taken over; nothing has changed. ``problems`` are (where, what)."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """``reload`` takes the configuration over and returns the changes. It raises ReloadRefused."""

    token: str = field(repr=False)
    reload: Callable[[], Awaitable[Mapping[str, Any]]]


class OperatorRoutes:
    def __init__(self, operator: Operator, auth: Authenticator, addresses: ClientAddresses) -> None:
        self._operator, self._auth, self._addresses = operator, auth, addresses

    def routes(self, base: str) -> list[web.RouteDef]:
        return [web.post(f"{base}/reload", self._reload)]

    async def _reload(self, request: web.Request) -> web.Response:
        self.check(request)
        try:
            answer = await self._operator.reload()
        except ReloadRefused as refused:
            errors = [{"field": where, "message": what} for where, what in refused.problems]
            detail = "The changed configuration cannot be taken over. The one before stays."
            raise Problem(422, "configuration_refused", detail, errors) from None
        return web.Response(body=msgspec.json.encode(answer), content_type="application/json")

    def is_operators(self, request: web.Request) -> bool:
        """Return whether the request shows the operator's token."""
        return secrets.compare_digest(_token(request).encode("utf-8", "surrogateescape"), self._operator.token.encode())

    def check(self, request: web.Request) -> None:
        """Raise a problem: 401 without a known token, 403 for an agent's token and for a request from another
        machine."""
        if not self.is_operators(request):
            if self._auth.by_token(_token(request)) is None:
                raise unauthenticated("This takes the token of the machine's operator.")
            raise Problem(403, "forbidden", "An agent may not do this.")
        if not self._addresses.is_from_here(request):
            raise Problem(403, "forbidden", "This can be asked for on the bridge's own machine alone.")


def _token(request: web.Request) -> str:
    """Return the bearer token; empty without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
