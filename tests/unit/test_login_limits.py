"""Who may try a password: the one who guesses is kept out, and no agent by somebody else's guesses."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from cti_bridge.api.errors import Problem
from cti_bridge.api.login_limits import (
    LONGEST_LINE_S,
    MOST_FROM_ELSEWHERE,
    MOST_PER_ADDRESS,
    MOST_PER_AGENT,
    MOST_PLACES,
    PAUSE_S,
    WINDOW_S,
    LoginLimits,
    UsualPlaces,
)

DESK, ELSEWHERE = "10.0.0.1", "203.0.113.9"


class House:
    """One minute after another, without waiting for them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.waited: list[float] = []
        self.kept: dict[str, Sequence[str]] = {}
        self.places = UsualPlaces(keep=self.kept.__setitem__)
        self.limits = LoginLimits(self.places, lambda: self.now)

        async def sleep(seconds: float) -> None:
            self.waited.append(seconds)

        monkeypatch.setattr("cti_bridge.api.login_limits.asyncio", SimpleNamespace(sleep=sleep))

    async def log_in(self, cti_id: str = "a1", address: str = DESK, *, right: bool = True) -> float | None:
        """How long it took; None: refused."""
        self.waited.clear()
        try:
            await self.limits.begin(cti_id, address)
        except Problem as problem:
            assert (problem.status, problem.code) == (429, "too_many_attempts")
            assert 0 < int(problem.headers["Retry-After"]) <= WINDOW_S
            return None
        (self.limits.right if right else self.limits.wrong)(cti_id, address)
        return sum(self.waited)

    async def guess(self, times: int, cti_id: str = "a1", address: str = ELSEWHERE) -> None:
        for _ in range(times):
            await self.log_in(cti_id, address, right=False)


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    return House(monkeypatch)


@pytest.mark.parametrize("has_been_here", [True, False])
async def test_given_guesses_from_elsewhere_then_the_guesser_is_refused_and_the_agent_is_not(
    house: House, has_been_here: bool
) -> None:
    if has_been_here:
        await house.log_in()
    await house.guess(100)
    assert await house.log_in(address=ELSEWHERE) is None
    assert await house.log_in() == 0
    house.now += WINDOW_S
    assert await house.log_in(address=ELSEWHERE) == 0


async def test_given_one_who_fails_everywhere_then_their_address_is_refused_and_no_account(house: House) -> None:
    for number in range(MOST_PER_ADDRESS):
        await house.guess(1, f"a{number}")
    assert await house.log_in("b1", ELSEWHERE) is None
    assert [await house.log_in(f"a{number}") for number in range(MOST_PER_ADDRESS)] == [0] * MOST_PER_ADDRESS


async def test_given_a_guesser_in_the_agents_own_office_then_who_has_logged_in_there_before_gets_in_at_once(
    house: House,
) -> None:
    for number in range(20):
        await house.log_in(f"a{number}")
    for number in range(200):
        await house.guess(1, f"a{number % 20}", DESK)
    assert [await house.log_in(f"a{number}") for number in range(20)] == [0] * 20
    assert await house.log_in("new") is None


async def test_given_too_many_failures_of_an_account_at_its_usual_place_then_it_waits_and_is_not_refused(
    house: House,
) -> None:
    await house.log_in()
    await house.guess(MOST_PER_AGENT, address=DESK)
    assert await house.log_in() == 0
    assert await house.log_in() == PAUSE_S


async def test_given_many_at_a_usual_place_at_once_then_they_are_verified_with_pauses(house: House) -> None:
    await house.log_in()
    await house.guess(MOST_PER_AGENT, address=DESK)
    waits = [await house.log_in(right=False) for _ in range(10)]
    in_line = int(LONGEST_LINE_S / PAUSE_S) + 1
    assert waits == [number * PAUSE_S for number in range(in_line)] + [None] * (10 - in_line)


async def test_given_an_account_that_many_addresses_guess_at_then_strangers_wait_and_the_agent_does_not(
    house: House,
) -> None:
    await house.log_in()
    for number in range(MOST_FROM_ELSEWHERE):
        await house.guess(1, address=f"198.51.100.{number}")
    assert await house.log_in(address="198.51.100.200", right=False) == 0
    assert await house.log_in(address="198.51.100.201") == PAUSE_S
    assert await house.log_in() == 0
    house.now += WINDOW_S
    assert await house.log_in(address="198.51.100.202") == 0


async def test_given_attempts_at_once_then_no_more_begin_than_may_fail(house: House) -> None:
    results = await asyncio.gather(
        *(house.limits.begin("a1", ELSEWHERE) for _ in range(3 * MOST_PER_AGENT)), return_exceptions=True
    )
    assert sum(result is None for result in results) == MOST_PER_AGENT


async def test_given_attempts_that_were_not_verified_then_they_do_not_count(house: House) -> None:
    for _ in range(3 * MOST_PER_AGENT):
        await house.limits.begin("a1", ELSEWHERE)
        house.limits.not_verified("a1", ELSEWHERE)
    assert await house.log_in(address=ELSEWHERE) == 0


async def test_places_are_kept_when_there_is_a_new_one_and_no_more_than_some(house: House) -> None:
    await house.log_in()
    assert house.kept == {"a1": (DESK,)}
    house.kept.clear()
    await house.log_in()
    assert house.kept == {}
    for number in range(MOST_PLACES):
        await house.log_in(address=f"198.51.100.{number}")
    assert house.kept["a1"] == tuple(f"198.51.100.{number}" for number in range(MOST_PLACES))
    assert not house.places.knows("a1", DESK)
    assert UsualPlaces(house.kept).knows("a1", "198.51.100.0")


async def test_a_guess_makes_no_place_usual(house: House) -> None:
    await house.guess(1)
    assert not house.places.knows("a1", ELSEWHERE)
