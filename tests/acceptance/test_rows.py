"""Every row of calls of all kinds is compared with the truth of those who play them: phones, and what they heard."""

import random

import pytest

from tests.acceptance.agents_phone import mortal
from tests.acceptance.kinds import ALL, SHORT, phone_dies_and_comes_back, play
from tests.acceptance.scene import Scene
from tests.acceptance.side_by_side import SideBySide
from tests.support.stack import Stack

side_by_side = SideBySide()
ROUNDS = 4
"""In each of three rooms, of all kinds: some 300 calls."""


async def compared(stack: Stack, room: str, rounds: int, seed: int) -> None:
    order = random.Random(seed)
    async with stack.desk(room, ready=False) as desk:
        scene = Scene(desk)
        for _ in range(rounds):
            await play(scene, tuple(order.sample(ALL, len(ALL))))
        await scene.compare()


@side_by_side
async def test_given_calls_of_several_kinds_then_every_row_tells_what_the_phones_saw(stack: Stack) -> None:
    async with stack.desk("rows", ready=False) as desk:
        scene = Scene(desk)
        await play(scene, SHORT)
        await scene.compare()


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.timeout(900)
async def test_given_calls_of_all_kinds_in_any_order_then_every_row_tells_what_the_phones_saw(
    stack: Stack, seed: int
) -> None:
    for room in ("rows", "rows-2", "rows-3"):
        await compared(stack, room, 1, seed)


@pytest.mark.soak
async def test_given_a_phone_that_dies_in_a_talk_then_every_row_tells_what_the_phones_saw(stack: Stack) -> None:
    async with stack.desk("rows-mortal", ready=False) as desk, mortal(desk) as phone:
        desk.agents[0].phone = phone  # type: ignore[assignment]
        scene = Scene(desk)
        await play(scene, (phone_dies_and_comes_back,) * 3)
        await scene.compare()
