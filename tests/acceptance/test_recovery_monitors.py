"""A SIGKILL of the bridge while a supervisor monitors a call: nobody notices it, and nobody hears a whisper who is not
to, neither meanwhile nor behind it."""

from tests.acceptance.calls import ON_HOLD, TALKING, answered, ended
from tests.acceptance.hearing import never_heard
from tests.acceptance.monitoring import MONITORING, goes_on, head_of, hold_is_heard, in_force, monitors, talk_is_heard
from tests.acceptance.test_three import talking_on
from tests.support.stack import Desk, Stack


async def killed(desk: Desk, mode: str) -> None:
    """The bridge dies and comes back; the supervisor is shown to go on in the mode."""
    await desk.stack.bridge.kill()
    await desk.stack.bridge.start()
    for one in desk.agents:
        await one.client.open_panel()
    await head_of(desk).client.label(MONITORING)
    await in_force(head_of(desk), mode)


async def test_given_a_bridge_that_is_killed_then_the_supervisor_goes_on_in_each_mode_without_a_gap(
    stack: Stack,
) -> None:
    async with stack.desk("killed-monitored") as desk:
        head, agent = head_of(desk), desk.agent
        await head.client.set_status("rest")
        talk = await answered(desk)
        phone = await monitors(head, talk.call_id, "listen")
        for mode in ("listen", "whisper", "barge"):
            await goes_on(head, talk.call_id, mode)
            async with talking_on(talk.phone, talk.customer):
                await killed(desk, mode)
                await talk_is_heard(talk, phone, mode)
            assert mode == "barge" or never_heard(talk.customer, phone.tone_hz)
        await agent.client.label(TALKING)
        await goes_on(head, talk.call_id, "listen")
        await talk_is_heard(talk, phone, "listen")
        await talk.customer.hang_up()
        await phone.ended()
        await head.client.label("Rest")
        await ended(desk, talk, "completed", "customer")


async def test_given_a_bridge_that_is_killed_while_somebody_whispers_into_a_hold_then_the_customer_never_hears_it(
    stack: Stack,
) -> None:
    async with stack.desk("killed-monitored-held") as desk:
        head, agent = head_of(desk), desk.agent
        await head.client.set_status("rest")
        talk = await answered(desk)
        phone = await monitors(head, talk.call_id, "whisper")
        await agent.client.hold(talk.call_id)
        await hold_is_heard(talk, phone, "whisper")
        await killed(desk, "whisper")
        await agent.client.label(ON_HOLD)
        await hold_is_heard(talk, phone, "whisper")
        await agent.client.resume(talk.call_id)
        await talk_is_heard(talk, phone, "whisper")
        assert never_heard(talk.customer, phone.tone_hz)
        await talk.customer.hang_up()
        await phone.ended()
        await ended(desk, talk, "completed", "customer")
