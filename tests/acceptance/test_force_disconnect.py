"""Force disconnect (E6): the agent is out at once, the customer hears the message, and nothing can double it."""

import asyncio

import pytest

from tests.acceptance.calls import PROCESSING, Talk, answered, called, causes, ended, held
from tests.acceptance.hearing import never_heard
from tests.acceptance.side_by_side import SideBySide
from tests.support.agent_client import Refused
from tests.support.rooms import FORCED_HZ, MUSIC_HZ
from tests.support.stack import MESSAGE_S, Desk, Stack

side_by_side = SideBySide()


async def disconnected(desk: Desk, talk: Talk) -> None:
    """The message is heard, whole and alone, then the call ends."""
    agent = desk.agent
    await agent.client.force_disconnect(talk.call_id, "threat", "said what must not be said")
    with pytest.raises(Refused) as refused:
        await agent.client.force_disconnect(talk.call_id, "threat")
    assert refused.value.code in ("call_changed", "not_allowed_now")
    await talk.phone.ended()
    began = await talk.customer.hears(FORCED_HZ, for_s=0.2)
    await talk.customer.ended()
    assert (talk.customer.heard.tone_ended(FORCED_HZ) or 0) >= began + MESSAGE_S - 0.2
    assert never_heard(talk.customer, talk.phone.tone_hz, began)
    assert never_heard(talk.customer, MUSIC_HZ, began)
    assert never_heard(talk.phone, FORCED_HZ)
    await agent.client.label(PROCESSING)
    call = await ended(desk, talk, "force_disconnected", "agent")
    ticket = await desk.rows.ticket(call["id"])
    events = await desk.rows.ticket_events(ticket["id"], 3)
    assert [event["type"] for event in events] == ["opened", "force_disconnected", "call_event"]
    assert events[1]["by"] == agent.cti_id
    assert '"threat"' in events[1]["detail"]
    assert (await causes(desk, agent, "forced"))[-1] == "forced"


@side_by_side
async def test_given_a_talk_when_the_agent_force_disconnects_then_the_message_is_heard_and_it_ends(
    stack: Stack,
) -> None:
    async with stack.desk("forced") as desk:
        talk = await answered(desk)
        for reason in ("because", ""):
            with pytest.raises(Refused) as refused:
                await desk.agent.client.force_disconnect(talk.call_id, reason)
            assert refused.value.code == "invalid_body"
        with pytest.raises(Refused) as refused:
            await desk.agents[1].client.force_disconnect(talk.call_id, "threat")
        assert refused.value.code == "not_found"
        await disconnected(desk, talk)


@side_by_side
async def test_given_hold_when_the_agent_force_disconnects_then_the_music_gives_way_to_the_message(
    stack: Stack,
) -> None:
    async with stack.desk("forced-held") as desk:
        talk = await held(desk)
        await talk.customer.hears(MUSIC_HZ)
        await disconnected(desk, talk)


@side_by_side
async def test_given_a_call_out_when_the_agent_force_disconnects_then_the_message_is_heard(stack: Stack) -> None:
    async with stack.desk("forced-out") as desk:
        talk = await called(desk)
        await disconnected(desk, talk)


@side_by_side
async def test_given_two_clicks_at_once_then_exactly_one_counts(stack: Stack) -> None:
    async with stack.desk("forced-twice") as desk:
        talk = await answered(desk)
        client = desk.agent.client
        results = await asyncio.gather(
            *(client.force_disconnect(talk.call_id, "other") for _ in range(5)), return_exceptions=True
        )
        assert len([result for result in results if not isinstance(result, BaseException)]) == 1
        assert {result.code for result in results if isinstance(result, Refused)} <= {"call_changed", "not_allowed_now"}
        await talk.customer.hears(FORCED_HZ)
        await talk.customer.ended()
        await ended(desk, talk, "force_disconnected", "agent")
