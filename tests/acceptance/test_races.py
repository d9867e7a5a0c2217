"""The caller hangs up in the moment of the answer, again and again, until both orders were seen often enough.

Each room tries by itself, and moves the moment towards the order that it has seen less of.
"""

import asyncio
from collections.abc import Coroutine

import pytest

from tests.acceptance.rooms import RACES
from tests.support.stack import Desk, Stack

TRIES = 20
STEP_S = 0.004


async def one_try(desk: Desk, lead_s: float) -> str:
    """The agent lifts, and the caller hangs up ``lead_s`` later, or before when it is negative: the call's outcome."""
    agent, customer = desk.agent, await desk.call()
    ringing = await agent.phone.incoming()
    await asyncio.gather(_later(max(0.0, -lead_s), ringing.lift()), _later(max(0.0, lead_s), customer.call.hang_up()))
    await asyncio.gather(ringing.ended(), customer.call.ended())
    call = await desk.rows.call(customer.number)
    offers = await desk.rows.offers_ended(call["id"], 1)
    answered = call["outcome"] == "completed"
    assert call["outcome"] in ("completed", "abandoned_ringing"), call
    assert call["ended_by"] == "customer"
    assert offers == [(agent.cti_id, "answered" if answered else "caller_left")]
    assert await desk.rows.no_ticket(call["id"]) is not answered
    await agent.client.label("Business (Ticket Processing)" if answered else "Ready")
    await agent.ready()
    return str(call["outcome"])


async def _later(seconds: float, then: Coroutine[None, None, None]) -> None:
    await asyncio.sleep(seconds)
    await then


async def several_tries(stack: Stack, room: str, tries: int) -> list[str]:
    """Try so often in one room."""
    lead_s, outcomes = 0.0, []
    async with stack.desk(room) as desk:
        for _ in range(tries):
            outcomes.append(await one_try(desk, lead_s))
            lead_s += STEP_S if outcomes[-1] == "abandoned_ringing" else -STEP_S
    return outcomes


@pytest.mark.parametrize("tries", [TRIES, pytest.param(200, marks=pytest.mark.soak)])
async def test_given_a_caller_hangs_up_in_the_moment_of_the_answer_then_either_order_ends_well_and_both_are_seen(
    stack: Stack, tries: int
) -> None:
    rooms = [room.name for room in RACES]
    seen = await asyncio.gather(*(several_tries(stack, room, tries // len(rooms)) for room in rooms))
    outcomes = [outcome for some in seen for outcome in some]
    while len(set(outcomes)) < 2 and len(outcomes) < 5 * tries:
        outcomes += await several_tries(stack, rooms[0], TRIES)
    assert set(outcomes) == {"completed", "abandoned_ringing"}, outcomes
