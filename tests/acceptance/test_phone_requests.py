"""What a phone or a trunk may ask within a call, other than to end it: it is answered at once, and the call goes on. So
it does when somebody asks to take a side's place.

A standard phone that gets no answer ends the call after 32 s (RFC 3261, 12.2.1.2).
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from tests.acceptance.raw_desk import hears, raw_desk, together
from tests.acceptance.side_by_side import SideBySide
from tests.support.raw_sip import RawDialer
from tests.support.rooms import MUSIC_HZ
from tests.support.rows import eventually
from tests.support.rtp_party import EVENT_TYPE, PCMU, Heard, RtpParty
from tests.support.stack import Stack

side_by_side = SideBySide()

AT_ONCE_S = 3.0
"""Far below the 32 s, and enough for a busy machine."""
DEAD_WITHIN_S = 40.0
FIVE_HZ = (770, 1336)
"""The two tones of the digit 5 (ITU-T Q.23)."""
FAX = "m=image 40002 udptl t38\r\na=T38FaxVersion:0\r\na=T38MaxBitRate:14400\r\n"
FAX_ALONE = f"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n{FAX}"


async def code(party: RtpParty, method: str, extra: Mapping[str, str] | None = None, body: str = "") -> int:
    """The final response to a request within the call."""
    return int((await party.ask(method, extra, body, within_s=AT_ONCE_S)).split()[1])


@side_by_side
async def test_given_a_talk_when_a_phone_transfers_by_its_own_key_then_it_is_refused_at_once_and_the_talk_goes_on(
    stack: Stack,
) -> None:
    async with raw_desk(stack, "asks-transfer", [PCMU], [PCMU]) as desk:
        call_id, customer = await desk.talking()
        agent, other = desk.agents
        blind = {"Refer-To": f"<sip:{other.cti_number}@127.0.0.1>", "Referred-By": "<sip:somebody@127.0.0.1>"}
        replaces = "f2a1%40127.0.0.1%3Bto-tag%3D12%3Bfrom-tag%3D34"
        attended = {"Refer-To": f"<sip:{other.cti_number}@127.0.0.1?Replaces={replaces}>"}
        for party in (agent.phone, customer):
            # "Refer-Sub: false" (RFC 4488) crashes an Asterisk of this version that hands a transfer to an application.
            for extra in (blind, blind | {"Refer-Sub": "false"}, attended, attended | {"Refer-Sub": "false"}):
                assert await code(party, "REFER", extra) == 603, extra
            await together(agent.phone, customer)
        shown = await agent.client.label("Talking")
        assert shown["call"]["call_id"] == call_id
        assert not other.phone.invites.qsize()


@side_by_side
async def test_given_a_talk_when_somebody_asks_to_take_a_sides_place_then_it_is_refused_and_the_talk_goes_on(
    stack: Stack,
) -> None:
    async with raw_desk(stack, "asks-replaces", [PCMU]) as desk:
        call_id, customer = await desk.talking()
        agent, seat = desk.agents[0], desk.furnished.seats[0]
        for party in (customer, agent.phone):
            other = await desk.party([PCMU])
            asked = {"Replaces": party.replaces, "Require": "replaces"}
            assert await other.dial(desk.furnished.number, extra=asked) == 401
            more = [f"Replaces: {party.replaces}".encode()]
            async with RawDialer(stack.phones.registrar, seat.cti_number, seat.sip_password, more) as second_device:
                assert await second_device.dial(desk.furnished.number) == 401
            await together(agent.phone, customer)
        assert (await agent.client.label("Talking"))["call"]["call_id"] == call_id
        assert customer.is_up and agent.phone.is_up


@side_by_side
async def test_given_a_caller_who_waits_when_another_line_asks_to_take_the_place_then_the_caller_is_served_all_the_same(
    stack: Stack,
) -> None:
    async with raw_desk(stack, "asks-replaces-waiting") as desk:
        customer = await desk.customer()
        other = await desk.party([PCMU])
        early = {"Replaces": f"{customer.replaces};early-only"}
        for asked in ({"replaces": customer.replaces}, early):
            assert await other.dial(desk.furnished.number, extra=asked) == 401
        await hears(customer, MUSIC_HZ)
        await desk.seat(0, [PCMU])
        await desk.agents[0].client.ready()
        await desk.agents[0].phone.lift()
        await together(desk.agents[0].phone, customer)


@side_by_side
async def test_given_a_talk_when_either_side_asks_whether_it_is_still_there_then_it_is_told_so(stack: Stack) -> None:
    async with raw_desk(stack, "asks-options", [PCMU]) as desk:
        _, customer = await desk.talking()
        for party in (desk.agents[0].phone, customer):
            assert await code(party, "OPTIONS") == 200
        await together(desk.agents[0].phone, customer)


@side_by_side
async def test_given_a_talk_when_one_side_changes_to_fax_then_that_is_refused_and_the_talk_goes_on(
    stack: Stack,
) -> None:
    async with raw_desk(stack, "asks-fax", [PCMU]) as desk:
        _, customer = await desk.talking()
        for party in (customer, desk.agents[0].phone):
            response = await party.ask("INVITE", body=FAX_ALONE, within_s=AT_ONCE_S)
            assert int(response.split()[1]) == 488
            party.acknowledge(response)
            await together(desk.agents[0].phone, customer)


@side_by_side
async def test_given_a_caller_who_offers_audio_and_fax_when_answered_then_both_hear_each_other(stack: Stack) -> None:
    async with raw_desk(stack, "offers-fax", [PCMU]) as desk:
        _, customer = await desk.talking(after=FAX)
        assert "m=image 0 " in customer.sdp
        await together(desk.agents[0].phone, customer)


@side_by_side
async def test_given_an_offer_with_more_than_audio_when_it_is_answered_then_the_rest_is_refused_and_music_is_heard(
    stack: Stack,
) -> None:
    others = {
        "fax first": (FAX, ""),
        "fax over TCP": ("", FAX.replace("udptl", "tcp")),
        "video": ("", "m=video 40004 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n"),
        "text": ("", "m=text 40006 RTP/AVP 98\r\na=rtpmap:98 t140/1000\r\n"),
        "messages": ("", "m=message 40010 TCP/MSRP *\r\na=accept-types:text/plain\r\n"),
        "more audio": ("", "m=audio 40012 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"),
    }
    async with raw_desk(stack, "offers-more") as desk:
        for before, after in others.values():
            customer = await desk.customer(before=before, after=after)
            assert customer.sdp.count("\r\nm=") == 2 and customer.sdp.count(" 0 ") >= 1
            await hears(customer, MUSIC_HZ)
            await customer.hang_up()


@side_by_side
async def test_given_a_customer_from_whom_no_audio_comes_then_the_agent_is_told_and_the_call_goes_on(
    stack: Stack,
) -> None:
    async with raw_desk(stack, "no-audio", [PCMU]) as desk:
        agent = desk.agents[0]
        customer = await desk.party([PCMU])
        customer.speaks = False
        assert await customer.dial(desk.furnished.number, stack.next_caller()) == 200
        await agent.phone.lift()
        shown = await agent.client.label("Talking")
        await agent.client.event("notice", code="no_audio_customer")
        await hears(customer, agent.phone.hz)
        query = "select detail from cti.call_event where call_id = $1::uuid and type = 'no_audio'"

        async def noted() -> list[Any]:
            return await stack.rows.fetch(query, shown["call"]["call_id"])

        (row,) = await eventually(noted, bool)
        assert '"customer"' in str(row["detail"]).replace("'", '"')


@side_by_side
async def test_given_a_talk_when_the_phone_hangs_up_with_any_reason_then_the_agent_has_ended_it_and_is_not_rung_again(
    stack: Stack,
) -> None:
    async with raw_desk(stack, "hangs-up-for-a-reason", [PCMU]) as desk:
        agent = desk.agents[0]
        for reason in ("Q.850;cause=26", "Q.850;cause=102", "Q.850;cause=127", "SIP;cause=487"):
            call_id, customer = await desk.talking()
            await agent.phone.hang_up(reason)
            await customer.ended()
            await agent.client.label("Business (Ticket Processing)")
            assert not agent.phone.invites.qsize()
            (row,) = await eventually(lambda call_id=call_id: ended(stack, call_id), bool)  # type: ignore[misc]
            assert (row["outcome"], row["ended_by"]) == ("completed", "agent"), reason
            await agent.client.ready()


@side_by_side
async def test_given_a_customer_who_takes_no_events_then_digits_of_panel_and_phone_are_heard_in_the_audio(
    stack: Stack,
) -> None:
    async with raw_desk(stack, "digits-in-audio", [PCMU]) as desk:
        agent = desk.agents[0]
        agent.phone.takes_events = True
        call_id, customer = await desk.talking()
        assert "telephone-event" not in customer.sdp
        for press in (lambda: agent.client.dtmf(call_id, "5"), lambda: agent.phone.press(5)):
            since = time.monotonic()
            await press()

            async def heard(since: float = since) -> Heard:
                return customer.heard_since(since)

            found = await eventually(heard, lambda found: all(found.has_heard(hz) for hz in FIVE_HZ))
            assert EVENT_TYPE not in found.types


@side_by_side
async def test_given_a_phone_that_dies_and_one_that_is_muted_then_the_dead_one_alone_is_lost(stack: Stack) -> None:
    async with raw_desk(stack, "phone-dies", [PCMU], [PCMU]) as desk:
        muted, dies = desk.agents
        muted_call, muted_customer = await desk.talking()
        customer = await desk.customer()
        await dies.phone.lift()
        await dies.client.label("Talking")
        await asyncio.gather(muted.phone.fall_silent(), muted_customer.fall_silent())
        await dies.phone.die()
        await dies.client.label("Reconnecting", DEAD_WITHIN_S)
        await hears(customer, MUSIC_HZ)
        shown = await muted.client.label("Talking")
        assert shown["call"]["call_id"] == muted_call and muted_customer.is_up


@side_by_side
async def test_given_phones_that_forward_or_refuse_by_themselves_then_their_agents_stay_ready_and_are_told(
    stack: Stack,
) -> None:
    async with raw_desk(stack, "refuses-by-itself", [PCMU], [PCMU], [PCMU]) as desk:
        forwards, refuses, answers = desk.agents
        forwards.phone.answers, refuses.phone.answers = (180, 302), (488,)
        customer = await desk.customer()
        await answers.phone.lift()
        await together(answers.phone, customer)
        await forwards.client.event("notice", code="phone_forwards")
        await refuses.client.event("notice", code="phone_refused")
        for agent in (forwards, refuses):
            await agent.client.event("offer.ended", result="unreachable")
            assert (await agent.client.label("Ready"))["no_calls"] == ["phone_unreachable"]


async def ended(stack: Stack, call_id: str) -> list[Any]:
    """The row of a call that has ended; nothing before."""
    query = "select outcome, ended_by from cti.call where id = $1::uuid and ended_at is not null"
    return await stack.rows.fetch(query, call_id)
