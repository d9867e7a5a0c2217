"""Many logins at once: a whole office at the start of its shift, and somebody who guesses."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from argon2 import PasswordHasher

from cti_bridge.api.errors import Problem
from cti_bridge.api.fair_turns import FairTurns
from cti_bridge.api.login_limits import MOST_PER_ADDRESS, MOST_PER_AGENT
from cti_bridge.api.passwords import MOST_AT_ONCE, Passwords
from cti_bridge.api.routes import Asked
from cti_bridge.api.schemas import LoginBody
from cti_bridge.api.sessions import Sessions
from cti_bridge.domain.model.directory import AgentEntry, Directory
from tests.support.fake_engine import FakeEngine

RIGHT = "correct horse"
AGENTS = [f"a{number}" for number in range(200)]
OFFICE, ELSEWHERE = "10.0.0.1", "10.0.0.2"

_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(RIGHT)


class Counting(Passwords):
    """Counts what is verified."""

    verified = 0

    def _verify(self, cti_id: str, password: str) -> bool:
        self.verified += 1
        return super()._verify(cti_id, password)


class Office:
    def __init__(self) -> None:
        self.passwords = Counting(dict.fromkeys(AGENTS, _HASH))
        entries = {cti_id: AgentEntry(cti_id, cti_id, cti_id, services=("acme",)) for cti_id in AGENTS}
        self._sessions = Sessions(FakeEngine(tuple(AGENTS)), lambda: Directory(agents=entries), self.passwords)

    async def log_in(self, cti_id: str, password: str = RIGHT, address: str = OFFICE) -> int:
        """The status of the answer."""
        try:
            await self._sessions._log_in(Asked(LoginBody(cti_id=cti_id, password=password), address=address))
        except Problem as problem:
            assert problem.status != 429 or problem.headers["Retry-After"]
            return problem.status
        return 200

    async def all_at_once(self, password: str) -> Counter[int]:
        return Counter(await asyncio.gather(*(self.log_in(cti_id, password) for cti_id in AGENTS)))


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    made = Office()
    yield made
    made.passwords.close()


async def test_given_a_shift_that_logs_in_at_once_from_one_address_then_all_are_let_in(office: Office) -> None:
    for _ in range(2):
        assert await office.all_at_once(RIGHT) == {200: len(AGENTS)}


async def test_given_guesses_at_once_over_many_agents_then_no_more_are_verified_than_may_fail(office: Office) -> None:
    answers = await office.all_at_once("wrong")
    most = MOST_PER_ADDRESS + MOST_AT_ONCE - 1
    assert MOST_PER_ADDRESS <= office.passwords.verified == answers[401] <= most
    assert answers[429] == len(AGENTS) - answers[401]
    assert await office.log_in("a0") == 429
    assert await office.log_in("a0", address=ELSEWHERE) == 200


async def test_given_guesses_at_once_at_one_agent_then_no_more_are_verified_than_may_fail(office: Office) -> None:
    answers = Counter(await asyncio.gather(*(office.log_in("a0", "wrong") for _ in range(3 * MOST_PER_AGENT))))
    assert (office.passwords.verified, answers) == (MOST_PER_AGENT, {401: MOST_PER_AGENT, 429: 2 * MOST_PER_AGENT})


async def test_given_attempts_that_were_not_verified_then_they_do_not_count_for_the_agent(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as crowd:
        crowd.setattr(office.passwords, "_turns", FairTurns(0, 0, 0))
        assert [await office.log_in("a0") for _ in range(MOST_PER_AGENT)] == [429] * MOST_PER_AGENT
    await asyncio.gather(*(office.log_in("a1", "wrong", f"10.0.1.{n}") for n in range(MOST_PER_AGENT - 1)))
    assert await office.log_in("a0") == 200
    assert await office.log_in("a1") == 200


async def test_given_who_waits_when_the_address_is_used_up_then_they_may_try_again_elsewhere(office: Office) -> None:
    first = [office.log_in(cti_id, "wrong") for cti_id in AGENTS[:100]]
    waiting = [office.log_in(AGENTS[-1]) for _ in range(MOST_PER_AGENT)]
    answers = await asyncio.gather(*first, *waiting)
    assert answers[-MOST_PER_AGENT:] == [429] * MOST_PER_AGENT
    assert await office.log_in(AGENTS[-1], address=ELSEWHERE) == 200
