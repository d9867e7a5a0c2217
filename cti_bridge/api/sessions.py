"""Login, logout, the agent's own view and status (requirements B1 to B3, B6)."""

import math
import time
from collections.abc import Callable

from cti_bridge.api.attempts import Attempts
from cti_bridge.api.auth import digest, new_token
from cti_bridge.api.errors import Problem
from cti_bridge.api.passwords import Passwords, TooBusy
from cti_bridge.api.ports import Engine
from cti_bridge.api.routes import Answer, Asked, Commands, Route
from cti_bridge.api.schemas import AgentAnswer, LoginAnswer, LoginBody, NextStatusBody, Nothing, StatusBody
from cti_bridge.domain.directory import Directory
from cti_bridge.domain.errors import NoPhonePermission
from cti_bridge.domain.facts import LogIn, LogOut, SetNextStatus, SetStatus

WINDOW_S = 60.0
MOST_PER_AGENT = 10
MOST_PER_ADDRESS = 60
"""Failed logins a window. A whole office may share one address."""

_BUSY_S = 5.0


class Sessions:
    def __init__(
        self,
        engine: Engine,
        directory: Directory,
        passwords: Passwords,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine, self._directory, self._passwords = engine, directory, passwords
        self._by_agent = Attempts(MOST_PER_AGENT, WINDOW_S, clock)
        self._by_address = Attempts(MOST_PER_ADDRESS, WINDOW_S, clock)
        self.refused_logins = 0

    def routes(
        self, command: Commands
    ) -> list[Route[Nothing] | Route[LoginBody] | Route[StatusBody] | Route[NextStatusBody]]:
        return [
            Route("POST", "/login", LoginBody, self._log_in, LoginAnswer, "Log in; an older session ends", public=True),
            Route("POST", "/logout", Nothing, self._log_out, AgentAnswer, "Log out"),
            Route("GET", "/me", Nothing, self._me, AgentAnswer, "The agent who asks"),
            command(
                "PUT",
                "/me/status",
                StatusBody,
                lambda on: SetStatus(on.cti_id, on.body.status, on.body.reason),
                "Choose a status; during a call it is the one for afterwards",
            ),
            command("PUT", "/me/next-status", NextStatusBody, _next_status, "Choose the status for after the call"),
        ]

    async def _log_in(self, asked: Asked[LoginBody]) -> Answer:
        cti_id = asked.body.cti_id
        await self._check_password(cti_id, asked.body.password, asked.address)
        if not self._directory.agents[cti_id].phone_permission:
            raise NoPhonePermission
        token, csrf = new_token(), new_token()
        agent = await self._engine.ask(LogIn(cti_id, digest(token), csrf))
        return Answer({"token": token, "csrf": csrf, "agent": agent}, cookie=token)

    async def _log_out(self, asked: Asked[Nothing]) -> Answer:
        agent = await self._engine.ask(LogOut(asked.cti_id, asked.session), asked.idempotency)
        return Answer({"agent": agent}, cookie="")

    async def _me(self, asked: Asked[Nothing]) -> Answer:
        return Answer({"agent": self._engine.view(asked.cti_id)})

    async def _check_password(self, cti_id: str, password: str, address: str) -> None:
        """An agent's attempts count from their beginning, so that one password is not guessed in parallel. An address
        may be a whole office: its attempts count when they have failed, and who waits is looked at again when it is
        their turn."""
        self._check_waits(cti_id, address)
        self._by_agent.count(cti_id)
        try:
            right = await self._passwords.right(cti_id, password, lambda: self._check_waits(None, address))
        except TooBusy:
            self._by_agent.take_back(cti_id)
            raise _too_many(_BUSY_S) from None
        except Problem:
            self._by_agent.take_back(cti_id)
            raise
        if not right or cti_id not in self._directory.agents:
            self._by_address.count(address)
            self.refused_logins += 1
            raise Problem(401, "wrong_credentials", "The CTI ID or the password is wrong.")
        self._by_agent.take_back(cti_id)

    def _check_waits(self, cti_id: str | None, address: str) -> None:
        """Raises a problem."""
        wait_s = max(self._by_agent.wait_s(cti_id) if cti_id is not None else 0, self._by_address.wait_s(address))
        if wait_s > 0:
            raise _too_many(wait_s)


def _next_status(on: Asked[NextStatusBody]) -> SetNextStatus:
    wish = on.body.root
    return SetNextStatus(on.cti_id, wish.status if wish else None, wish.reason if wish else None)


def _too_many(wait_s: float) -> Problem:
    headers = {"Retry-After": str(math.ceil(wait_s))}
    return Problem(429, "too_many_attempts", "Too many attempts. Wait before you try again.", headers=headers)
