"""The racing cells: two who act in the same moment. Whatever comes first, there is one outcome and nothing is left.

Each room tries by itself, and moves the moment towards the order that it has seen less of.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from tests.acceptance.calls import CONSULTING, ON_HOLD, PROCESSING, TALKING, Talk, nothing_left
from tests.acceptance.hearing import joined
from tests.acceptance.side_by_side import SideBySide
from tests.support.agent_client import Json, Refused
from tests.support.phones import PhoneCall
from tests.support.stack import Agent, Desk, Stack

side_by_side = SideBySide()
TRIES = 8
"""Enough for either order in each room; `make soak` tries 500 times."""
STEP_S = 0.003
Try = Callable[[Desk, float], Awaitable[bool]]
"""One try at a desk, the second of the two acting so much later (or before, when negative): did the first one win?"""


async def race(first: Coroutine[Any, Any, object], second: Coroutine[Any, Any, object], lead_s: float) -> str:
    """Both act; the code of a refused command, or nothing."""

    async def later(seconds: float, then: Coroutine[Any, Any, object]) -> str:
        await asyncio.sleep(max(0.0, seconds))
        try:
            await then
        except Refused as refused:
            return str(refused.code)
        return ""

    return "".join(await asyncio.gather(later(-lead_s, first), later(lead_s, second)))


async def talking(desk: Desk) -> Talk:
    """A customer talks to the first agent, as far as everybody knows."""
    agent = desk.agents[0]
    customer = await desk.call()
    phone = await agent.lift()
    shown = await agent.client.label(TALKING)
    return Talk(shown["call"]["call_id"], phone, customer.call, customer.number)


async def ringing(desk: Desk, talk: Talk) -> PhoneCall:
    """The first agent consults the second one, whose phone rings."""
    agent, target = desk.agents
    await target.ready()
    await agent.client.consult(talk.call_id, agent=target.cti_id)
    return await target.phone.incoming()


async def ended_once(desk: Desk, talk: Talk) -> Json:
    """One call, one end, one ticket; nothing left in the PBX; both agents at peace."""
    call = await desk.rows.call(talk.number)
    assert call["outcome"] == "completed", call
    await nothing_left(desk.stack, call["id"], talk.number)
    ends = [event for event in await desk.rows.call_events(call["id"]) if event["type"] == "ended"]
    assert len(ends) == 1
    assert len(await desk.rows.fetch("select 1 from cti.ticket where call_id = $1::uuid", call["id"])) == 1
    for agent in desk.agents:
        await agent.client.shows(lambda shown: shown["state"] == "idle" and shown["call"] is None, "peace")
    await desk.agents[1].client.set_status("rest")
    await desk.agents[0].ready()
    return call


async def connect_or_leave(desk: Desk, lead_s: float) -> bool:
    """The agent connects, the customer hangs up."""
    agent, target = desk.agents
    talk = await talking(desk)
    rung = await ringing(desk, talk)
    await rung.answer()
    await agent.client.shows(lambda shown: shown["call"]["consult"]["state"] == "talking", "the consultation")
    code = await race(agent.client.connect(talk.call_id), talk.customer.hang_up(), lead_s)
    assert code in ("", "customer_left"), code
    await asyncio.gather(*(_end_alone(each, talk.call_id) for each in (agent, target)), talk.customer.ended())
    await asyncio.gather(talk.phone.ended(), rung.ended())
    await asyncio.gather(*(each.client.label(PROCESSING) for each in (agent, target)))
    call = await ended_once(desk, talk)
    connected: bool = (await desk.rows.ticket(call["id"]))["owner"] == target.cti_id
    assert not (connected and code)
    return connected


async def _end_alone(agent: Agent, call_id: str) -> None:
    """Agent and target may be left with each other: then the agent ends it."""
    shown = await agent.client.shows(
        lambda shown: shown["call"] is None or shown["call"]["state"] == "consult_alone", "the end, or only the other"
    )
    if shown["call"] is not None and shown["label"] == CONSULTING:
        await agent.client.hang_up(call_id)


async def answer_or_cancel(desk: Desk, lead_s: float) -> bool:
    """The target lifts, the agent cancels."""
    agent, target = desk.agents
    talk = await talking(desk)
    rung = await ringing(desk, talk)
    assert await race(rung.lift(), agent.client.cancel(talk.call_id), lead_s) == ""
    await rung.ended()
    await agent.client.label(ON_HOLD)
    await target.client.shows(lambda shown: shown["state"] == "idle", "the end")
    await talk.customer.hang_up()
    await talk.phone.ended()
    call = await ended_once(desk, talk)
    result = dict(await desk.rows.offers_ended(call["id"], 2))[target.cti_id]
    assert result in ("answered", "withdrawn")
    return result == "answered"


async def both_hang_up(desk: Desk, lead_s: float) -> bool:
    """The agent hangs up at the panel, the customer hangs up."""
    talk = await talking(desk)
    code = await race(desk.agent.client.hang_up(talk.call_id), talk.customer.hang_up(), lead_s)
    assert code in ("", "call_changed", "not_found"), code
    await asyncio.gather(talk.phone.ended(), talk.customer.ended())
    call = await ended_once(desk, talk)
    return bool(call["ended_by"] == "agent")


async def hold_key_or_resume(desk: Desk, lead_s: float) -> bool:
    """On hold by the panel: the agent presses the phone's hold key and Resume."""
    agent = desk.agents[0]
    talk = await talking(desk)
    # The agreement on the audio is to be complete before it is changed.
    await joined(talk.phone, talk.customer)
    await agent.client.hold(talk.call_id)
    await agent.client.label(ON_HOLD)
    code = await race(talk.phone.hold(), agent.client.resume(talk.call_id), lead_s)
    assert code in ("", "resume_on_phone"), code
    await agent.client.shows(lambda shown: "phone" in (shown["call"] or {}).get("held_by", ()), "the phone's hold")
    assert agent.client.agent["label"] == ON_HOLD
    await talk.phone.resume()
    await agent.client.label(TALKING)
    assert agent.client.agent["call"]["held_by"] == []
    await joined(talk.phone, talk.customer)
    await talk.customer.hang_up()
    await talk.phone.ended()
    await ended_once(desk, talk)
    return bool(code)


async def several(stack: Stack, room: str, one_try: Try, tries: int) -> Counter[bool]:
    """Try so often in one room; who won how often."""
    lead_s, won = 0.0, Counter[bool]()
    async with stack.desk(room, ready=False) as desk:
        await desk.agents[0].ready()
        for _ in range(tries):
            first = await one_try(desk, lead_s)
            won[first] += 1
            lead_s += -STEP_S if first else STEP_S
    return won


RACES: dict[str, Try] = {
    "race-connect": connect_or_leave,
    "race-cancel": answer_or_cancel,
    "race-hang-up": both_hang_up,
    "race-key": hold_key_or_resume,
}


async def run(stack: Stack, name: str, tries: int = TRIES) -> None:
    """In two rooms at once."""
    rooms = (several(stack, f"{name}-{index}", RACES[name], tries // 2) for index in (1, 2))
    for result in await asyncio.gather(*rooms, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


@side_by_side
async def test_given_connect_and_the_customers_hang_up_at_once_then_one_outcome_and_nothing_left(stack: Stack) -> None:
    await run(stack, "race-connect")


@side_by_side
async def test_given_the_targets_answer_and_cancel_at_once_then_the_agent_is_on_hold_and_nothing_left(
    stack: Stack,
) -> None:
    await run(stack, "race-cancel")


@side_by_side
async def test_given_two_hang_ups_at_once_then_one_outcome_and_nothing_left(stack: Stack) -> None:
    await run(stack, "race-hang-up")


@side_by_side
async def test_given_the_hold_key_and_resume_at_once_then_the_phone_holds_and_can_take_it_back(stack: Stack) -> None:
    await run(stack, "race-key")


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", RACES)
async def test_given_two_who_act_at_once_500_times_then_one_outcome_and_nothing_left(stack: Stack, name: str) -> None:
    await stack.phones.renew()
    await run(stack, name, 500)
