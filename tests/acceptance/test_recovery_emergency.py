"""Emergency calls, in rooms whose services may not call out and have no calling number: from the desk phone, logged in
and logged out, from the panel, with the bridge away or hanging, and from a second line. No call from a queue comes
meanwhile."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Sequence

import pytest

from tests.acceptance.agents_phone import mortal
from tests.acceptance.calls import CONSULTING, DIALING, PROCESSING, TALKING, answered, nothing_left
from tests.acceptance.hearing import joined
from tests.support.agent_client import Json
from tests.support.outside import OutsideCall, OutsidePhone
from tests.support.phones import PhoneCall
from tests.support.rows import eventually
from tests.support.stack import RTP_TIMEOUT_S, Desk, Stack
from tests.support.sweeps import sweep

NUMBER = "112"
LOST = "Reconnecting"
TAKEN_S = 3
"""How long the dialplan waits for the bridge."""
MOMENTS_S = (0.0, 0.003, 0.005, 0.007, 0.009, 0.012, 0.024)
"""After dialling: the orders of the bridge are on their way, or done."""


def centre(desk: Desk) -> OutsidePhone:
    """Whoever answers emergency calls."""
    stack = desk.stack
    phone = stack.outside.phone(NUMBER, stack.phones.next_tone())
    desk.others.append(phone)
    return phone


async def rows_of(desk: Desk) -> list[Json]:
    """The outbound calls since the desk was opened, all of them over."""
    query = (
        "select *, id::text as id from cti.call where service = $1 and direction = 'outbound' and arrived_at > $2"
        " order by arrived_at"
    )
    return await eventually(
        lambda: desk.rows.fetch(query, desk.furnished.service, desk.opened_at),
        lambda rows: rows and all(row["ended_at"] for row in rows),
    )


async def recorded(desk: Desk) -> Json:
    """The one row, which says what it was."""
    (call,) = await rows_of(desk)
    assert (call["customer_number"], call["dialed_number"], call["emergency"]) == (NUMBER, NUMBER, True)
    assert call["outcome"] == "completed"
    await nothing_left(desk.stack, call["id"], f"{NUMBER}@")
    return call


async def nobody_is_offered_a_call(desk: Desk, phone: PhoneCall, far: OutsideCall) -> None:
    """While they talk a customer waits, whom the agent gets as soon as they are ready again."""
    rang = desk.agent.phone.rang
    customer = await desk.call()
    await joined(phone, far)
    assert desk.agent.phone.rang == rang
    await far.hang_up()
    await phone.ended()
    if (await desk.agent.client.me())["status"] != "ready":
        await desk.agent.ready()
    await desk.agent.lift()
    await customer.call.hears(desk.agent.tone_hz)
    (row,) = await eventually(
        lambda: desk.rows.fetch("select id::text from cti.call where customer_number = $1", customer.number), bool
    )
    assert await desk.rows.offers_ended(row["id"], 1) == [(desk.agent.cti_id, "answered")]
    await customer.call.hang_up()


async def test_given_an_agent_dials_it_on_the_phone_then_both_talk_and_no_call_comes_meanwhile(stack: Stack) -> None:
    async with stack.desk("emergency") as desk:
        other = centre(desk)
        phone = await desk.agent.phone.dial(NUMBER)
        far = await other.incoming()
        assert far.invite.startswith(f"INVITE sip:{NUMBER}@")
        await desk.agent.client.label(DIALING)
        await far.answer()
        shown = (await desk.agent.client.label(TALKING))["call"]
        assert (shown["emergency"], shown["customer_number"]) == (True, NUMBER)
        actions = (await desk.agent.client.me())["allowed_actions"]
        assert "hangup" in actions and not {"warn", "force-disconnect"} & set(actions)
        await phone.listen(TAKEN_S)  # The dialplan's limit for the bridge is over by then.
        await nobody_is_offered_a_call(desk, phone, far)
        call = await recorded(desk)
        (opened, *_) = await desk.rows.ticket_events((await desk.rows.ticket(call["id"]))["id"])
        assert '"emergency": true' in str(opened["detail"])


async def test_given_nobody_is_logged_in_when_it_is_dialled_on_the_phone_then_both_talk_and_nobody_becomes_ready(
    stack: Stack,
) -> None:
    async with stack.desk("emergency-out", ready=False, panels=False) as desk:
        await desk.agent.client.log_out()
        other = centre(desk)
        phone = await desk.agent.phone.dial(NUMBER)
        far = await other.incoming()
        await far.answer()
        await joined(phone, far)
        await phone.hang_up()
        await far.ended()
        await recorded(desk)
        changes = await desk.rows.changes_up_to(desk.agent.cti_id, "call_ended")
        since = [row["cause"] for row in changes].index("logout")
        assert {row["to_status"] for row in changes[since:]} == {"offline"}
        assert changes[-1]["to_state"] == "idle"


async def test_given_it_is_dialled_in_the_panel_on_a_break_then_the_phone_rings_first_and_nothing_else_is_asked(
    stack: Stack,
) -> None:
    async with stack.desk("emergency-panel", ready=False) as desk:
        client, other = desk.agent.client, centre(desk)
        await client.set_status("rest")
        assert "dial" in (await client.me())["allowed_actions"]
        await client.request("POST", "/me/dial", {"number": "1 1-2"})
        phone = await desk.agent.lift()
        far = await other.incoming()
        assert far.invite.startswith(f"INVITE sip:{NUMBER}@")
        await far.answer()
        await client.label(TALKING)
        await nobody_is_offered_a_call(desk, phone, far)
        await recorded(desk)


async def test_given_an_offer_is_out_when_it_is_dialled_then_the_caller_keeps_the_place(stack: Stack) -> None:
    async with stack.desk("emergency-panel") as desk:
        other, customer = centre(desk), await desk.call()
        offered = await desk.agent.phone.incoming()
        await desk.agent.client.request("POST", "/me/dial", {"number": NUMBER})
        await offered.ended()
        phone = await desk.agent.lift()
        far = await other.incoming()
        await far.answer()
        await joined(phone, far)
        await far.hang_up()
        await desk.agent.client.label(PROCESSING)
        await desk.agent.ready()
        await desk.agent.lift()
        await customer.call.hears(desk.agent.tone_hz)
        call = await desk.rows.call(customer.number, ended=False)
        assert [result for _, result in await desk.rows.offers_ended(call["id"], 2)] == ["withdrawn", "answered"]


async def test_given_the_bridge_is_away_then_the_phone_reaches_it_and_a_bridge_that_comes_back_offers_no_call(
    stack: Stack,
) -> None:
    async with stack.desk("emergency-away") as desk:
        other = centre(desk)
        await stack.bridge.stop()
        phone = await desk.agent.phone.dial(NUMBER)
        far = await other.incoming()
        await far.answer()
        await joined(phone, far)
        await stack.bridge.start()
        await desk.agent.client.open_panel()
        assert "phone_in_use" in (await desk.agent.client.me())["no_calls"]
        await nobody_is_offered_a_call(desk, phone, far)


async def test_given_the_bridge_hangs_then_the_phone_reaches_it_seconds_later_and_the_call_outlives_that(
    stack: Stack,
) -> None:
    async with stack.desk("emergency-hung") as desk:
        other = centre(desk)
        os.kill(stack.bridge.pid, signal.SIGSTOP)
        try:
            phone = await desk.agent.phone.dial(NUMBER)
            far = await other.incoming(TAKEN_S + 5)
            await far.answer()
            await joined(phone, far)
        finally:
            os.kill(stack.bridge.pid, signal.SIGCONT)
        client = desk.agent.client
        await client.open_panel()
        look = client.me
        await eventually(look, lambda agent: agent["call"] is None and "phone_in_use" in agent["no_calls"], 15)
        await joined(phone, far)
        await nobody_is_offered_a_call(desk, phone, far)


async def test_given_an_agent_in_a_conversation_dials_it_on_a_second_line_then_it_is_reached_and_the_customer_stays(
    stack: Stack,
) -> None:
    async with stack.desk("emergency-second") as desk:
        talk, other = await answered(desk), centre(desk)
        phone = await desk.agent.phone.dial(NUMBER)
        far = await other.incoming()
        await far.answer()
        await phone.hears(far.tone_hz)
        assert (await desk.agent.client.me())["label"] == TALKING
        await talk.customer.hang_up()
        shown = await desk.agent.client.label(PROCESSING)
        assert "phone_in_use" in shown["no_calls"]
        await nobody_is_offered_a_call(desk, phone, far)
        (call,) = await rows_of(desk)
        assert (call["customer_number"], call["emergency"]) == (NUMBER, True)
        (event,) = await desk.rows.call_events(call["id"])
        assert event["type"] == "handed_back"


@pytest.mark.parametrize("by", ["phone", "panel"])
async def test_given_the_first_attempt_fails_then_it_is_dialled_once_more_and_both_talk(stack: Stack, by: str) -> None:
    """By the dialplan, that is handed the phone, or by the bridge where only that can."""
    async with stack.desk("emergency-panel", ready=False) as desk:
        other = centre(desk)
        other.answers = (503,)
        if by == "phone":
            phone = await desk.agent.phone.dial(NUMBER)
        else:
            await desk.agent.client.request("POST", "/me/dial", {"number": NUMBER})
            phone = await desk.agent.lift()
        await other.incoming()
        other.answers = (180,)
        far = await other.incoming()
        await far.answer()
        await joined(phone, far)
        await phone.hang_up()
        await far.ended()
        *_, call = await rows_of(desk)
        events = [event["type"] for event in await desk.rows.call_events(call["id"])]
        assert ("handed_back" in events, call["outcome"]) == (by == "phone", "completed")
        await eventually(desk.agent.client.me, lambda agent: "phone_in_use" not in agent["no_calls"])


async def test_given_it_is_consulted_and_rings_when_the_customer_hangs_up_then_it_rings_on_and_the_agent_gets_it(
    stack: Stack,
) -> None:
    async with stack.desk("emergency-second") as desk:
        talk, other = await answered(desk), centre(desk)
        await desk.agent.client.consult(talk.call_id, number=NUMBER)
        far = await other.incoming()
        await talk.customer.hang_up()
        actions = ["consult/cancel", "hangup"]
        await desk.agent.client.shows(lambda shown: shown["allowed_actions"] == actions, "that the customer has left")
        assert far.ended_at is None
        await far.answer()
        await joined(talk.phone, far)
        await far.hang_up()
        await talk.phone.ended()
        await desk.agent.client.label(PROCESSING)


async def test_given_it_rings_when_the_agents_phone_dies_then_it_rings_on_and_the_agent_comes_back_to_it(
    stack: Stack,
) -> None:
    async with stack.desk("emergency-lost", ready=False) as desk, mortal(desk) as phone:
        other = centre(desk)
        await desk.agent.client.request("POST", "/me/dial", {"number": NUMBER})
        line = await phone.incoming()
        await line.answer()
        far = await other.incoming()
        line.die()
        await desk.agent.client.label(LOST, RTP_TIMEOUT_S + 5)
        back = await phone.incoming()
        await back.answer()
        await desk.agent.client.label(DIALING)
        assert far.ended_at is None
        await far.answer()
        await desk.agent.client.label(TALKING)
        await joined(back, far)
        await far.hang_up()


async def test_given_it_is_consulted_and_the_customer_has_left_when_the_agents_phone_dies_then_it_waits_for_the_agent(
    stack: Stack,
) -> None:
    async with stack.desk("emergency-lost") as desk, mortal(desk) as phone:
        other, customer = centre(desk), await desk.call()
        line = await phone.incoming()
        await line.answer()
        shown = await desk.agent.client.label(TALKING)
        await desk.agent.client.consult(shown["call"]["call_id"], number=NUMBER)
        far = await other.incoming()
        await far.answer()
        await desk.agent.client.shows(lambda shown: shown["call"]["consult"]["state"] == "talking", "the consultation")
        await customer.call.hang_up()
        await joined(line, far)
        line.die()
        await desk.agent.client.label(LOST, RTP_TIMEOUT_S + 5)
        back = await phone.incoming()
        await back.answer()
        await desk.agent.client.label(CONSULTING)
        await joined(back, far)
        await far.hang_up()


@pytest.mark.parametrize("way", ["cut", "silent"])
@sweep("moments_s", MOMENTS_S[1::2], MOMENTS_S)
async def test_given_the_connection_breaks_in_the_moment_of_dialling_then_the_phone_reaches_it_once_within_seconds(
    stack: Stack, way: str, moments_s: Sequence[float]
) -> None:
    """The phone hears it ring, and neither is hung up. Twice may be rung only if the first has ended by then."""
    async with stack.desk("emergency-away", ready=False) as desk:
        other = centre(desk)
        other.answers = (180,)
        wrong = [seen for delay_s in moments_s if (seen := await _broken(desk, other, way, delay_s))]
        assert not wrong


def look_at(other: OutsidePhone, before: int) -> Callable[[], Awaitable[list[OutsideCall]]]:
    async def calls() -> list[OutsideCall]:
        return other.calls[before:]

    return calls


async def _broken(desk: Desk, other: OutsidePhone, way: str, delay_s: float) -> str:
    """What is wrong with a call during whose dialling the connection broke."""
    proxy, before = desk.stack.proxy, len(other.calls)
    dialing = asyncio.create_task(desk.agent.phone.dial(NUMBER))
    # The moment itself is the case: nothing tells a caller how far the bridge has come.
    await asyncio.sleep(delay_s)
    proxy.cut() if way == "cut" else proxy.fall_silent()
    phone = await dialing
    calls, in_time = look_at(other, before), False
    with contextlib.suppress(AssertionError):
        in_time = bool(await eventually(calls, bool, TAKEN_S + 3))
    if way == "silent":
        proxy.cut()
        proxy.let_flow()
    await desk.stack.bridge.ready()
    # A second call, or an end, would come with the look at what is there; that none comes is told by nothing.
    await asyncio.sleep(1)
    rung = await calls()
    alive = [call for call in rung if call.ended_at is None]
    right = in_time and len(alive) == 1 and phone.ended_at is None
    await phone.hang_up()
    for call in alive:
        await call.hang_up()
    await eventually(
        desk.agent.client.me, lambda agent: not agent["call"] and "phone_in_use" not in agent["no_calls"], 15
    )
    return "" if right else f"{delay_s}: {len(rung)} calls, {len(alive)} alive, phone {phone.end_reason}"
