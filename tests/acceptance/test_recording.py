"""Recordings of conversations on a real Asterisk: what is in the files, measured by tone (requirements K1 to K3)."""

import time

import pytest

from tests.acceptance.calls import ON_HOLD, PROCESSING, TALKING, answered, dialed, ended
from tests.acceptance.consultation import consulting
from tests.acceptance.hearing import assert_heard, joined
from tests.acceptance.recordings import MOMENT_S, recorded
from tests.acceptance.side_by_side import SideBySide
from tests.support.agent_client import Refused
from tests.support.rooms import MUSIC_HZ, WARNING_HZ
from tests.support.stack import Stack

side_by_side = SideBySide()


@side_by_side
async def test_given_always_then_both_are_in_the_file_from_the_first_moment(stack: Stack) -> None:
    async with stack.desk("recorded-talk") as desk:
        agent = desk.agent
        talk = await answered(desk)
        await agent.client.shows(lambda shown: shown["call"]["recording"]["state"] == "recording", "the recording")
        await talk.customer.listen(2.0)
        await talk.customer.hang_up()
        call = await ended(desk, talk, "completed", "customer")
        (found,) = await recorded(desk, talk)
        assert found.kinds() == ["talk"] and found.parts[0]["who"] == ["customer", agent.cti_id]
        ticket = await desk.rows.ticket(call["id"])
        assert str(found.row["ticket_id"]) == ticket["id"] and found.row["missing_s"] is None
        assert abs(found.length_s - found.row["length_s"]) < 0.01
        for hz in (talk.phone.tone_hz, talk.customer.tone_hz):
            ((begin_s, end_s),) = found.heard(hz)
            assert begin_s < 0.5 and end_s > found.length_s - 0.5
        assert found.heard_s(MUSIC_HZ) == 0


@side_by_side
async def test_given_hold_then_nothing_of_it_is_in_the_file_but_silence_of_its_length(stack: Stack) -> None:
    async with stack.desk("recorded-held") as desk:
        agent = desk.agent
        talk = await answered(desk)
        await agent.client.hold(talk.call_id)
        began = time.monotonic()
        await agent.client.label(ON_HOLD)
        await assert_heard({talk.customer: [MUSIC_HZ], talk.phone: []})
        await talk.customer.listen(1.5)
        await agent.client.resume(talk.call_id)
        held_s = time.monotonic() - began
        await agent.client.label(TALKING)
        await joined(talk.phone, talk.customer)
        await talk.customer.listen(1.0)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")
        (found,) = await recorded(desk, talk)
        assert abs(found.cut_s("hold", talk) - held_s) < 0.3
        assert found.heard_s(MUSIC_HZ) == 0


@side_by_side
async def test_given_a_consultation_then_what_agents_say_is_not_in_it_and_the_transfer_goes_on(stack: Stack) -> None:
    async with stack.desk("recorded-consult") as desk:
        first, second = desk.agents
        talk = await answered(desk, first)
        rung = await consulting(desk, talk, second)
        await first.client.connect(talk.call_id)
        await second.client.label(TALKING)
        await first.client.label(PROCESSING)
        await joined(rung, talk.customer)
        await rung.listen(1.0)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")
        one, two = await recorded(desk, talk, 2)
        assert [found.parts[0]["who"] for found in (one, two)] == [
            ["customer", first.cti_id],
            ["customer", second.cti_id],
        ]
        assert one.kinds() == two.kinds() == ["talk"]
        assert one.heard_s(rung.tone_hz) == 0 and two.heard_s(talk.phone.tone_hz) < MOMENT_S
        assert two.heard_s(rung.tone_hz) > 0.5 and one.heard_s(MUSIC_HZ) == two.heard_s(MUSIC_HZ) == 0


@side_by_side
async def test_given_a_direct_transfer_then_the_next_agent_is_in_the_next_file(stack: Stack) -> None:
    async with stack.desk("recorded-sent") as desk:
        first, second = desk.agents
        talk = await answered(desk, first)
        await first.client.transfer(talk.call_id, agent=second.cti_id)
        rung = await second.lift()
        await second.client.label(TALKING)
        await joined(rung, talk.customer)
        await rung.listen(1.0)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")
        one, two = await recorded(desk, talk, 2)
        assert one.parts[0]["who"] == ["customer", first.cti_id]
        assert two.parts[0]["who"] == ["customer", second.cti_id]
        assert one.heard_s(rung.tone_hz) == 0 and two.heard_s(talk.phone.tone_hz) == 0
        assert two.heard_s(rung.tone_hz) > 0.5 and two.heard_s(talk.customer.tone_hz) > 0.5


@side_by_side
async def test_given_an_agents_pause_over_a_hold_then_it_lasts_until_the_agent_ends_it(stack: Stack) -> None:
    async with stack.desk("recorded-paused") as desk:
        agent = desk.agent
        talk = await answered(desk)
        pause = f"/calls/{talk.call_id}/recording/pause"
        shown = await agent.client.command("POST", pause)
        assert (shown["call"]["recording"]["state"], shown["call"]["recording"]["reasons"]) == ("paused", ["agent"])
        await talk.customer.listen(0.5)
        await agent.client.hold(talk.call_id)
        await agent.client.label(ON_HOLD)
        await agent.client.command("POST", pause)
        await agent.client.resume(talk.call_id)
        await agent.client.label(TALKING)
        await joined(talk.phone, talk.customer)
        shown = await agent.client.command("POST", pause)
        assert shown["call"]["recording"]["state"] == "paused"
        await talk.customer.listen(0.5)
        await agent.client.command("POST", f"/calls/{talk.call_id}/recording/resume")
        await agent.client.shows(lambda shown: shown["call"]["recording"]["state"] == "recording", "it records")
        await talk.customer.listen(1.0)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")
        (found,) = await recorded(desk, talk)
        assert found.cut_s("agent", talk) > 0


@side_by_side
async def test_given_a_notice_then_the_caller_hears_it_waiting_and_it_is_in_no_file(stack: Stack) -> None:
    async with stack.desk("recorded-told") as desk:
        customer = await desk.call()
        phone = await desk.agent.lift()
        await customer.call.hears(WARNING_HZ)
        await joined(phone, customer.call)
        await customer.call.listen(1.0)
        await customer.call.hang_up()
        await ended(desk, customer, "completed", "customer")
        (found,) = await recorded(desk, customer)
        assert found.heard_s(WARNING_HZ) == 0 and found.heard_s(customer.tone_hz) > 0.5


@side_by_side
async def test_given_a_call_out_then_the_customer_hears_the_notice_first(stack: Stack) -> None:
    async with stack.desk("recorded-out") as desk:
        other = desk.outside()
        _, phone, far = await dialed(desk, other)
        await far.answer()
        await far.hears(WARNING_HZ)
        await desk.agent.client.label(TALKING)
        await joined(phone, far)
        await far.listen(1.0)
        await far.hang_up()
        await ended(desk, other, "completed", "customer")
        (found,) = await recorded(desk, other)
        assert found.heard_s(far.tone_hz) > 0.5 and found.heard_s(phone.tone_hz) > 0.5


@side_by_side
async def test_given_the_right_then_a_talk_is_found_by_its_call_and_heard_in_parts(stack: Stack) -> None:
    async with stack.desk("recorded-heard") as desk:
        client = desk.agent.client
        talk = await answered(desk)
        await talk.customer.listen(1.0)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")
        (found,) = await recorded(desk, talk)
        (listed,) = await client.request("GET", f"/recordings?call={talk.call_id}")
        assert (listed["recording_id"], listed["state"]) == (str(found.row["id"]), "stored")
        assert listed["segments"][0]["who"] == ["customer", client.cti_id]
        status, headers, part = await client.audio(listed["recording_id"], "0-43")
        assert (status, headers["Content-Type"], part) == (206, "audio/wav", found.path.read_bytes()[:44])
        with pytest.raises(Refused, match="missing_right"):
            await client.request("DELETE", f"/recordings/{listed['recording_id']}")
    async with stack.desk("recorded-talk") as other:
        with pytest.raises(Refused, match="missing_right"):
            await other.agent.client.request("GET", f"/recordings?call={talk.call_id}")
        assert (await other.agent.client.audio(listed["recording_id"]))[0] == 404
