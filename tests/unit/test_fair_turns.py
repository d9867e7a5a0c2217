"""Whose turn it is: round the addresses, and first who is known."""

import asyncio

from cti_bridge.api.fair_turns import FairTurns, TooBusy


class Crowd:
    """People who wait, and the order in which they had their turn."""

    def __init__(self, turns: FairTurns) -> None:
        self.order: list[str] = []
        self._turns = turns
        self._goes_on = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def come(self, who: str, *, first: bool = False) -> asyncio.Task[None]:
        """``who`` is the address and a number; returns when they stand in line."""
        task = asyncio.create_task(self._one(who, first))
        self._tasks.append(task)
        await asyncio.sleep(0)
        return task

    async def all(self) -> list[str]:
        """Nobody's turn ends before."""
        self._goes_on.set()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        return self.order

    async def _one(self, who: str, first: bool) -> None:
        async with self._turns.turn(who.partition("-")[0], first=first):
            self.order.append(who)
            await self._goes_on.wait()


async def test_who_comes_with_many_waits_for_those_who_come_alone() -> None:
    crowd = Crowd(FairTurns(1, 100, 100))
    for who in ("a-1", "a-2", "a-3", "a-4", "b-1", "c-1", "b-2"):
        await crowd.come(who)
    order = await crowd.all()
    assert order == ["a-1", "a-2", "b-1", "c-1", "a-3", "b-2", "a-4"]


async def test_who_is_known_goes_first_and_is_not_kept_out_by_a_crowd() -> None:
    crowd = Crowd(FairTurns(1, 100, 3))
    for who in ("a-1", "a-2", "b-1", "c-1"):
        await crowd.come(who)
    refused = await crowd.come("d-1")
    await crowd.come("e-1", first=True)
    order = await crowd.all()
    assert order == ["a-1", "e-1", "a-2", "b-1", "c-1"]
    assert isinstance(refused.exception(), TooBusy)


async def test_no_address_fills_the_line_alone() -> None:
    crowd = Crowd(FairTurns(1, 2, 100))
    for number in range(4):
        await crowd.come(f"a-{number}")
    await crowd.come("b-1")
    assert await crowd.all() == ["a-0", "a-1", "b-1", "a-2"]


async def test_who_gives_up_while_they_wait_takes_no_turn_along() -> None:
    turns = FairTurns(1, 100, 100)
    crowd = Crowd(turns)
    await crowd.come("a-1")
    waiting = await crowd.come("a-2")
    await crowd.come("b-1")
    waiting.cancel()
    assert await crowd.all() == ["a-1", "b-1"]
    await _is_free(turns)


async def test_who_gives_up_in_the_moment_of_their_turn_hands_it_on() -> None:
    turns = FairTurns(1, 100, 100)
    crowd = Crowd(turns)
    async with turns.turn("x"):
        waiting = await crowd.come("a-1")
        await crowd.come("b-1")
    waiting.cancel()
    assert await crowd.all() == ["b-1"]
    await _is_free(turns)


async def _is_free(turns: FairTurns) -> None:
    async with asyncio.timeout(1), turns.turn("y"):
        pass
