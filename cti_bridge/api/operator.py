"""Requests of the machine's operator to the running bridge: to take the changed configuration over, to log an agent
out, and those of the route table that are the operator's (``Route.operator``).

The operator shows the token that the bridge has made at its start (``Authorization: Bearer``), and comes from the
machine itself. Cookies do not count here, so no web page can ask.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import structlog
from aiohttp import web

from cti_bridge.api.auth import Authenticator
from cti_bridge.api.client_address import ClientAddresses
from cti_bridge.api.errors import Problem, not_found, unauthenticated
from cti_bridge.api.paths import path_ids
from cti_bridge.api.ports import Engine, Present
from cti_bridge.domain.border.commands import EndSession
from cti_bridge.domain.model.directory import share_a_service

_log = structlog.get_logger("cti_bridge.api")


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
    def __init__(
        self,
        operator: Operator,
        engine: Engine,
        directory: Present,
        auth: Authenticator,
        addresses: ClientAddresses,
    ) -> None:
        self._operator, self._engine, self._directory = operator, engine, directory
        self._auth, self._addresses = auth, addresses

    def routes(self, base: str) -> list[web.RouteDef]:
        return [
            web.post(f"{base}/reload", self._reload),
            web.post(f"{base}/agents/{{cti_id}}/logout", self._log_out),
        ]

    async def _log_out(self, request: web.Request) -> web.Response:
        """End an agent's session, for the operator and for supervisors of the agent's services. The answer shows the
        agent, who is still there while a conversation goes on."""
        cti_id = path_ids(request.match_info)["cti_id"]
        supervisor = self._supervisor(request, cti_id)
        if supervisor is None:
            self.check(request)
        agent = await self._engine.ask(EndSession(cti_id, by_supervisor=supervisor is not None))
        _log.info("logout_ordered", cti_id=cti_id, by=supervisor or "operator")
        return web.Response(body=msgspec.json.encode({"agent": agent}), content_type="application/json")

    async def _reload(self, request: web.Request) -> web.Response:
        self.check(request)
        try:
            answer = await self._operator.reload()
        except ReloadRefused as refused:
            errors = [{"field": where, "message": what} for where, what in refused.problems]
            detail = "The changed configuration cannot be taken over. The one before stays."
            raise Problem(422, "configuration_refused", detail, errors) from None
        return web.Response(body=msgspec.json.encode(answer), content_type="application/json")

    def _supervisor(self, request: web.Request, cti_id: str) -> str | None:
        """Return the supervisor (CTI ID) who asks, or None: somebody else does. Raises a problem 404 for an agent of
        other services, who does not exist for them."""
        if self.is_operators(request):
            return None
        caller, directory = self._auth.caller(request), self._directory()
        entry = directory.agents.get(caller.cti_id)
        if entry is None or entry.role != "supervisor":
            raise Problem(403, "wrong_role", "A supervisor may do this.")
        if not share_a_service(directory, caller.cti_id, cti_id):
            raise not_found()
        return caller.cti_id

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
