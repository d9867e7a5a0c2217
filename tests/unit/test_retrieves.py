"""A retrieve that the PBX tells is looked into: of a phone that still holds nothing is told."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from cti_bridge.ari.retrieves import Retrieves
from cti_bridge.domain.border.facts import LegEnded, LegHeld, LegRetrieved, PbxFact


class Pbx:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[asyncio.Future[bool | None]] = []
        self.told: list[PbxFact] = []
        self.retrieves = Retrieves(self.holds, self.told.append)

    async def holds(self, leg_id: str) -> bool | None:
        self.asked.append(asyncio.get_running_loop().create_future())
        return await self.asked[-1]

    async def hears(self, fact: PbxFact) -> None:
        if not self.retrieves.keeps(fact):
            self.told.append(fact)
        await settled()

    async def answers(self, index: int, holds: bool | None) -> None:
        if not self.asked[index].done():
            self.asked[index].set_result(holds)
        await settled()


async def settled() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


@pytest.fixture
async def pbx() -> AsyncIterator[Pbx]:
    pbx = Pbx()
    yield pbx
    await pbx.retrieves.close()


@pytest.mark.parametrize(("holds", "told"), [(False, True), (None, True), (True, False)])
async def test_a_retrieve_is_told_unless_the_phone_still_holds(pbx: Pbx, holds: bool | None, told: bool) -> None:
    await pbx.hears(LegRetrieved("leg"))
    assert pbx.told == []
    await pbx.answers(0, holds)
    assert pbx.told == ([LegRetrieved("leg")] if told else [])


async def test_of_two_looks_the_later_one_counts(pbx: Pbx) -> None:
    await pbx.hears(LegRetrieved("leg"))
    await pbx.hears(LegRetrieved("leg"))
    await pbx.answers(0, True)
    await pbx.answers(1, False)
    assert pbx.told == [LegRetrieved("leg")]


async def test_a_key_that_is_pressed_meanwhile_is_newer_than_the_answer(pbx: Pbx) -> None:
    await pbx.hears(LegRetrieved("leg"))
    await pbx.hears(LegRetrieved("other"))
    await pbx.hears(LegHeld("leg"))
    await pbx.answers(0, False)
    await pbx.answers(1, False)
    assert pbx.told == [LegHeld("leg"), LegRetrieved("other")]


async def test_everything_else_is_told_at_once(pbx: Pbx) -> None:
    await pbx.hears(LegRetrieved("leg"))
    await pbx.hears(LegEnded("leg"))
    assert pbx.told == [LegEnded("leg")]


async def test_after_the_end_of_the_connection_nothing_is_told(pbx: Pbx) -> None:
    await pbx.hears(LegRetrieved("leg"))
    await pbx.retrieves.close()
    await pbx.answers(0, False)
    assert pbx.told == []
