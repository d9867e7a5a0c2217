"""Login, logout, the agent's own view and status (requirements B1 to B3, B6)."""

import time
from collections.abc import Callable

from cti_bridge.api.auth import digest, new_token
from cti_bridge.api.client_address import counted_as
from cti_bridge.api.errors import Problem
from cti_bridge.api.login_limits import LoginLimits, UsualPlaces, too_many
from cti_bridge.api.passwords import Passwords, TooBusy
from cti_bridge.api.ports import Engine, Present
from cti_bridge.api.routes import Answer, Asked, Commands, Route
from cti_bridge.api.schemas import AgentAnswer, LoginAnswer, LoginBody, NextStatusBody, Nothing, StatusBody
from cti_bridge.api.trace import LoginTrace
from cti_bridge.domain.border.commands import LogIn, LogOut, SetNextStatus, SetStatus
from cti_bridge.domain.border.errors import NoPhonePermission, Refusal

_BUSY_S = 5.0


class Sessions:
    def __init__(
        self,
        engine: Engine,
        directory: Present,
        passwords: Passwords,
        clock: Callable[[], float] = time.monotonic,
        places: UsualPlaces | None = None,
        trace: LoginTrace | None = None,
    ) -> None:
        self._engine, self._directory, self._passwords = engine, directory, passwords
        self._limits = LoginLimits(places or UsualPlaces(), clock)
        self._trace = trace or LoginTrace(directory, clock)
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
        try:
            return await self._let_in(asked.body, asked.address)
        except (Problem, Refusal) as refusal:
            self._trace.refused(asked.body.cti_id, asked.address, refusal.code)
            raise

    async def _let_in(self, body: LoginBody, address: str) -> Answer:
        cti_id, mark = body.cti_id, self._passwords.mark(body.cti_id)
        await self._check_password(cti_id, body.password, address)
        if not self._directory().agents[cti_id].phone_permission:
            raise NoPhonePermission
        token, csrf = new_token(), new_token()
        takes_over = bool(self._engine.csrf(cti_id)) and not body.beside
        agent = await self._engine.ask(LogIn(cti_id, digest(token), csrf, mark, address, body.beside))
        self._trace.came(cti_id, address, takes_over=takes_over, beside=body.beside)
        if body.beside:
            return Answer({"token": token, "csrf": "", "agent": agent})
        return Answer({"token": token, "csrf": csrf, "agent": agent}, cookie=token)

    async def _log_out(self, asked: Asked[Nothing]) -> Answer:
        agent = await self._engine.ask(LogOut(asked.cti_id, asked.session), asked.idempotency)
        return Answer({"agent": agent}, cookie="")

    async def _me(self, asked: Asked[Nothing]) -> Answer:
        return Answer({"agent": self._engine.view(asked.cti_id)})

    async def _check_password(self, cti_id: str, password: str, address: str) -> None:
        """Verify the password. Raises a problem. The limits are checked again after a wait."""
        place, limits = counted_as(address), self._limits
        await limits.begin(cti_id, place)
        usual = limits.is_usual(cti_id, place)
        try:
            right = await self._passwords.right(
                cti_id,
                password,
                lambda: None if usual else limits.look_again(place),
                address=place,
                first=usual,
            )
        except TooBusy:
            limits.not_verified(cti_id, place)
            raise too_many(_BUSY_S) from None
        except BaseException:
            limits.not_verified(cti_id, place)
            raise
        if not right or cti_id not in self._directory().agents:
            limits.wrong(cti_id, place)
            self.refused_logins += 1
            raise Problem(401, "wrong_credentials", "The CTI ID or the password is wrong.")
        limits.right(cti_id, place)


def _next_status(on: Asked[NextStatusBody]) -> SetNextStatus:
    wish = on.body.root
    return SetNextStatus(on.cti_id, wish.status if wish else None, wish.reason if wish else None)
