"""A supervisor listens, whispers and barges in (L2): who hears whom, measured, and nobody who talks is interrupted."""

import json
import time
from dataclasses import replace

from cti_bridge.domain.floor.time_line import MARGIN_S
from tests.acceptance.agents_phone import mortal
from tests.acceptance.calls import ON_HOLD, PROCESSING, TALKING, Talk, answered, ended
from tests.acceptance.hearing import assert_heard, joined, never_heard
from tests.acceptance.monitoring import (
    consultation_is_heard,
    goes_on,
    head_of,
    hold_is_heard,
    in_force,
    monitors,
    talk_is_heard,
)
from tests.acceptance.recordings import MOMENT_S, recorded
from tests.acceptance.side_by_side import SideBySide
from tests.acceptance.test_three import talking_on
from tests.support.party import Party
from tests.support.phones import PhoneCall
from tests.support.rooms import MUSIC_HZ
from tests.support.rows import eventually
from tests.support.stack import RTP_TIMEOUT_S, Agent, Desk, Stack

side_by_side = SideBySide()


async def acts(desk: Desk, call_id: str) -> list[tuple[str, str | None]]:
    """What the audit knows of the supervisor's acts on the call, with the modes."""
    rows = await desk.rows.fetch("select what, detail from cti.audit where object = $1 order by at", call_id)
    return [(row["what"], json.loads(row["detail"]).get("mode")) for row in rows]


async def modes(desk: Desk, call_id: str, many: int) -> list[tuple[str, str]]:
    """The modes that were in force, and why each was over."""
    rows = await eventually(
        lambda: desk.rows.fetch("select * from cti.monitor where call_id = $1::uuid order by at", call_id),
        lambda found: len(found) == many,
    )
    assert len({row["monitor_id"] for row in rows}) == 1
    return [(row["mode"], row["ended_with"]) for row in rows]


@side_by_side
async def test_given_a_talk_then_who_hears_the_supervisor_is_as_the_mode_says_and_nobody_is_interrupted(
    stack: Stack,
) -> None:
    async with stack.desk("monitor") as desk:
        head = head_of(desk)
        await head.client.set_status("rest")
        talk = await answered(desk)
        async with talking_on(talk.phone, talk.customer):
            phone = await monitors(head, talk.call_id, "listen")
            await talk_is_heard(talk, phone, "listen")
        assert never_heard(talk.phone, phone.tone_hz)
        async with talking_on(talk.phone, talk.customer):
            await goes_on(head, talk.call_id, "whisper")
            await talk_is_heard(talk, phone, "whisper")
        assert never_heard(talk.customer, phone.tone_hz)
        for mode in ("barge", "whisper", "listen", "barge", "listen"):
            async with talking_on(talk.phone, talk.customer):
                await goes_on(head, talk.call_id, mode)
                await talk_is_heard(talk, phone, mode)
        async with talking_on(talk.phone, talk.customer):
            shown = await head.client.command("DELETE", f"/calls/{talk.call_id}/monitor")
            assert (shown["monitor"], shown["label"]) == (None, "Rest")
            await phone.ended()
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")
        in_order = ["listen", "whisper", "barge", "whisper", "listen", "barge", "listen"]
        assert await modes(desk, talk.call_id, 7) == [
            *((mode, "changed") for mode in in_order[:-1]),
            ("listen", "stopped"),
        ]
        assert await acts(desk, talk.call_id) == [
            ("monitor_begun", "listen"),
            *(("monitor_changed", mode) for mode in in_order[1:]),
            ("monitor_ended", None),
        ]


async def over(desk: Desk, talk: Talk, phone: PhoneCall) -> None:
    """The customer hangs up: the supervisor is free, nothing is left, and the agent waits for the next call.

    Each test has several short calls: the test phones go deaf at the eighth source of audio in a call, and in a bridge
    that is listened to each return of a partner is a new one.
    """
    await talk.customer.hang_up()
    await phone.ended()
    shown = await head_of(desk).client.label("Rest")
    assert shown["monitor"] is None
    await ended(desk, talk, "completed", "customer")
    await desk.agent.client.label(PROCESSING)
    await desk.agent.ready()


@side_by_side
async def test_given_a_customer_on_hold_then_the_supervisor_is_with_the_agent_and_the_customer_never_hears_a_whisper(
    stack: Stack,
) -> None:
    async with stack.desk("monitor-held") as desk:
        head = head_of(desk)
        await head.client.set_status("rest")
        agent = desk.agent
        for mode in ("whisper", "listen", "barge"):
            talk = await answered(desk)
            phone = await monitors(head, talk.call_id, mode)
            await talk_is_heard(talk, phone, mode)
            for _ in range(2):
                await agent.client.hold(talk.call_id)
                await hold_is_heard(talk, phone, mode)
                await agent.client.resume(talk.call_id)
                await talk_is_heard(talk, phone, mode)
            assert mode == "barge" or never_heard(talk.customer, phone.tone_hz), "the customer hears the supervisor"
            await over(desk, talk, phone)
        talk = await answered(desk)
        phone = await monitors(head, talk.call_id, "whisper")
        await agent.client.hold(talk.call_id)
        for mode in ("whisper", "listen", "barge", "listen", "whisper"):
            await goes_on(head, talk.call_id, mode)
            await hold_is_heard(talk, phone, mode)
        await agent.client.resume(talk.call_id)
        await talk_is_heard(talk, phone, "whisper")
        assert never_heard(talk.customer, phone.tone_hz), "the customer has heard the supervisor"
        await over(desk, talk, phone)


@side_by_side
async def test_given_a_consultation_then_the_supervisor_is_with_the_agent_through_all_of_it(stack: Stack) -> None:
    async with stack.desk("monitor-consult") as desk:
        agent, target, head = desk.agents
        await head.client.set_status("rest")
        await target.client.set_status("rest")
        for mode in ("whisper", "listen", "barge"):
            talk = await answered(desk)
            phone = await monitors(head, talk.call_id, mode)
            await target.ready()
            rung = await consulting_with(desk, talk, target)
            for other in (mode, "listen", "whisper", mode):
                await goes_on(head, talk.call_id, other)
                await consultation_is_heard(talk, rung, phone, other)
            assert mode == "barge" or never_heard(rung, phone.tone_hz), "the target hears the supervisor"
            await agent.client.cancel(talk.call_id)
            await rung.ended()
            await agent.client.label(ON_HOLD)
            await hold_is_heard(talk, phone, mode)
            await agent.client.resume(talk.call_id)
            await talk_is_heard(talk, phone, mode)
            assert mode == "barge" or never_heard(talk.customer, phone.tone_hz), "the customer hears the supervisor"
            await target.client.set_status("rest")
            await over(desk, talk, phone)


async def consulting_with(desk: Desk, talk: Talk, target: Agent) -> PhoneCall:
    """The agent consults, and the target lifts. The supervisor is there meanwhile."""
    await desk.agent.client.consult(talk.call_id, agent=target.cti_id)
    rung = await target.phone.incoming()
    await rung.answer()
    await desk.agent.client.shows(lambda shown: shown["call"]["consult"]["state"] == "talking", "the consultation")
    return rung


@side_by_side
async def test_given_swap_three_and_a_transfer_then_the_supervisor_follows_the_customer(stack: Stack) -> None:
    async with stack.desk("monitor-transfer") as desk:
        agent, target, head = desk.agents
        await head.client.set_status("rest")
        talk = await answered(desk)
        phone = await monitors(head, talk.call_id, "whisper")
        rung = await consulting_with(desk, talk, target)
        await consultation_is_heard(talk, rung, phone, "whisper")
        await agent.client.on_call(talk.call_id, "consult/swap")
        await assert_heard(
            {
                talk.customer: [talk.phone.tone_hz],
                talk.phone: [talk.customer.tone_hz, phone.tone_hz],
                rung: [MUSIC_HZ],
                phone: [talk.phone.tone_hz, talk.customer.tone_hz],
            }
        )
        await agent.client.on_call(talk.call_id, "consult/join")
        three = (talk.customer, talk.phone, rung)
        hears: dict[Party, list[int]] = {
            party: [other.tone_hz for other in three if other is not party] for party in three
        }
        hears[talk.phone].append(phone.tone_hz)
        hears[phone] = [party.tone_hz for party in three]
        await assert_heard(hears)
        assert never_heard(talk.customer, phone.tone_hz) and never_heard(rung, phone.tone_hz)
        await agent.client.on_call(talk.call_id, "consult/leave")
        await talk.phone.ended()
        await head.client.shows(lambda shown: shown["monitor"]["cti_id"] == target.cti_id, "the other agent")
        handed = replace(talk, phone=rung)
        await talk_is_heard(handed, phone, "whisper")
        for mode in ("listen", "barge", "whisper"):
            await goes_on(head, talk.call_id, mode)
            await talk_is_heard(handed, phone, mode)
        await talk.customer.hang_up()
        await phone.ended()
        await ended(desk, talk, "completed", "customer")


@side_by_side
async def test_given_two_supervisors_then_each_is_heard_as_they_want_and_their_hang_ups_change_nothing(
    stack: Stack,
) -> None:
    async with stack.desk("monitor-two") as desk:
        agent, *heads = desk.agents
        for head in heads:
            await head.client.set_status("rest")
        talk = await answered(desk)
        first, second = [await monitors(head, talk.call_id, "listen") for head in heads]
        tones = [talk.customer.tone_hz, talk.phone.tone_hz]
        async with talking_on(talk.phone, talk.customer):
            await goes_on(heads[0], talk.call_id, "whisper")
            await in_force(heads[1], "listen")
        await first.hears(talk.customer.tone_hz)
        await second.hears(talk.phone.tone_hz)
        await talk.phone.hears(first.tone_hz)
        assert never_heard(talk.customer, first.tone_hz)
        assert never_heard(talk.phone, second.tone_hz)
        await agent.client.hold(talk.call_id)
        await agent.client.label(ON_HOLD)
        await talk.phone.hears(first.tone_hz, since=time.monotonic() + 0.5)
        await agent.client.resume(talk.call_id)
        await second.hears(tones[0], since=time.monotonic() + 0.5)
        async with talking_on(talk.phone, talk.customer):
            await first.hang_up()
            await heads[0].client.label("Rest")
        await assert_heard({talk.customer: [tones[1]], talk.phone: [tones[0]], second: tones}, first.tone_hz)
        async with talking_on(talk.phone, talk.customer):
            await second.hang_up()
            await heads[1].client.label("Rest")
        await joined(talk.phone, talk.customer)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")


@side_by_side
async def test_given_the_hold_key_of_a_supervisor_then_nobody_hears_music_of_it(stack: Stack) -> None:
    async with stack.desk("monitor-ends") as desk:
        head = head_of(desk)
        await head.client.set_status("rest")
        talk = await answered(desk)
        phone = await monitors(head, talk.call_id, "listen")
        for mode in ("listen", "whisper", "barge"):
            await goes_on(head, talk.call_id, mode)
            await talk_is_heard(talk, phone, mode)
            async with talking_on(talk.phone, talk.customer):
                await phone.hold()
                await talk.phone.listen(0.5)  # A gap that just begins is heard, too.
            await assert_heard(
                {talk.customer: [talk.phone.tone_hz], talk.phone: [talk.customer.tone_hz]}, phone.tone_hz
            )
            await phone.resume()
            await talk_is_heard(talk, phone, mode)
        await head.client.command("DELETE", f"/calls/{talk.call_id}/monitor")
        await phone.ended()
        await joined(talk.phone, talk.customer)
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")


@side_by_side
async def test_given_a_recorded_call_then_the_supervisor_is_in_the_file_only_while_the_customer_hears_them(
    stack: Stack,
) -> None:
    async with stack.desk("monitor-recorded") as desk:
        agent, target, head = desk.agents
        await head.client.set_status("rest")
        await target.client.set_status("rest")
        talk = await answered(desk)
        phone = await monitors(head, talk.call_id, "whisper")
        await talk_is_heard(talk, phone, "whisper")
        await target.ready()
        rung = await consulting_with(desk, talk, target)
        await consultation_is_heard(talk, rung, phone, "whisper")
        await agent.client.cancel(talk.call_id)
        await rung.ended()
        await agent.client.label(ON_HOLD)
        await hold_is_heard(talk, phone, "whisper")
        await agent.client.resume(talk.call_id)
        await talk_is_heard(talk, phone, "whisper")
        assert never_heard(talk.customer, phone.tone_hz) and never_heard(rung, phone.tone_hz)
        await goes_on(head, talk.call_id, "barge")
        await talk_is_heard(talk, phone, "barge")
        await talk.customer.hang_up()
        await phone.ended()
        await ended(desk, talk, "completed", "customer")
        before, after = await recorded(desk, talk, files=2)
        assert before.heard_s(phone.tone_hz) == 0 and before.heard_s(talk.customer.tone_hz) > 1
        ((began_s, ended_s),) = after.heard(phone.tone_hz)
        assert began_s > 0.3, "after the whisper"
        assert after.length_s - ended_s < MARGIN_S + MOMENT_S, "to the end, but for what is erased where two stay"


@side_by_side
async def test_given_a_direct_transfer_to_a_colleague_then_the_supervisor_waits_and_goes_on_with_them(
    stack: Stack,
) -> None:
    async with stack.desk("monitor-three") as desk:
        agent, target, head = desk.agents
        await head.client.set_status("rest")
        await target.client.set_status("rest")
        talk = await answered(desk)
        phone = await monitors(head, talk.call_id, "whisper")
        await target.ready()
        await agent.client.transfer(talk.call_id, agent=target.cti_id)
        await talk.phone.ended()
        await head.client.shows(lambda shown: shown["monitor"]["state"] == "waiting", "nobody to be heard")
        await assert_heard({phone: []}, talk.customer.tone_hz)
        rung = await target.phone.incoming()
        await rung.answer()
        await in_force(head, "whisper")
        await talk_is_heard(replace(talk, phone=rung), phone, "whisper")
        assert never_heard(talk.customer, phone.tone_hz)
        await talk.customer.hang_up()
        await phone.ended()
        await ended(desk, talk, "completed", "customer")


@side_by_side
async def test_given_the_agents_phone_dies_then_the_supervisor_is_with_them_again_when_it_is_back(stack: Stack) -> None:
    async with stack.desk("monitor-lost") as desk, mortal(desk) as own:
        head, agent = head_of(desk), desk.agent
        await head.client.set_status("rest")
        await desk.agents[1].client.set_status("rest")
        customer = await desk.call()
        line = await own.incoming()
        await line.answer()
        call_id = (await agent.client.label(TALKING))["call"]["call_id"]
        phone = await monitors(head, call_id, "whisper")
        await customer.call.hears(line.tone_hz)
        line.die()
        await agent.client.label("Reconnecting", RTP_TIMEOUT_S + 5)
        await head.client.shows(lambda shown: shown["monitor"]["state"] == "waiting", "nobody to be heard")
        await assert_heard({customer.call: [MUSIC_HZ], phone: []}, line.tone_hz)
        again = await own.incoming()
        await again.answer()
        await in_force(head, "whisper")
        await assert_heard(
            {
                customer.call: [again.tone_hz],
                again: [customer.call.tone_hz, phone.tone_hz],
                phone: [customer.call.tone_hz, again.tone_hz],
            }
        )
        assert never_heard(customer.call, phone.tone_hz)
        await customer.call.hang_up()
        await phone.ended()
        await ended(desk, customer, "completed", "customer")
