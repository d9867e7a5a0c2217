"""Emergency calls that the bridge does not know: their channel cannot be shown by ARI, or nothing could be written of
them before the bridge began anew. Nobody ends them, and the agent is offered no call meanwhile."""

import asyncio
import resource

from tests.acceptance.hearing import joined
from tests.acceptance.raw_desk import RawDesk, hears, raw_desk
from tests.acceptance.test_recovery_emergency import NUMBER, centre, rows_of
from tests.support.outside import OutsideCall
from tests.support.rows import eventually
from tests.support.rtp_party import PCMU
from tests.support.stack import Stack

NO_TEXT = "caf\udce9"
"""A byte of Latin-1, which is no UTF-8."""


async def _goes_on(desk: RawDesk, far: OutsideCall) -> None:
    """Both hear each other, and a customer waits."""
    agent = desk.agents[0]
    await eventually(agent.client.me, lambda shown: "phone_in_use" in shown["no_calls"], 15)
    rang = agent.phone.invites.qsize()
    customer = await desk.customer()
    await hears(agent.phone, far.tone_hz)
    await far.hears(agent.phone.hz)
    assert far.is_up and agent.phone.invites.qsize() == rang
    await customer.hang_up()


async def test_given_a_call_id_that_is_no_text_then_neither_a_look_nor_a_new_bridge_ends_it_or_offers_the_agent_a_call(
    stack: Stack,
) -> None:
    async with raw_desk(stack, "emergency-unreadable", [PCMU]) as desk:
        agent, seat = desk.agents[0], desk.furnished.seats[0]
        other = stack.outside.phone(NUMBER, stack.phones.next_tone())
        agent.phone.call_id_begins = NO_TEXT
        dialing = asyncio.create_task(agent.phone.dial(NUMBER, seat.cti_number, password=seat.sip_password))
        far = await other.incoming()
        await far.answer()
        assert await dialing == 200
        stack.proxy.cut()
        await _goes_on(desk, far)
        await stack.bridge.kill()
        await stack.bridge.start()
        await agent.client.open_panel()
        await _goes_on(desk, far)
        await agent.phone.hang_up()
        await far.ended()
        await other.hang_up()


async def test_given_a_full_disk_and_a_new_bridge_then_it_goes_on_and_is_written_down(stack: Stack) -> None:
    async with stack.desk("emergency-unknown") as desk:
        other = centre(desk)
        _, most = resource.prlimit(stack.bridge.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(stack.bridge.pid, resource.RLIMIT_FSIZE, (0, most))
        phone = await desk.agent.phone.dial(NUMBER)
        far = await other.incoming()
        await far.answer()
        await joined(phone, far)
        await stack.bridge.kill()
        await stack.bridge.start()
        await desk.agent.client.open_panel()
        await eventually(desk.agent.client.me, lambda shown: "phone_in_use" in shown["no_calls"], 15)
        await joined(phone, far)
        (call,) = await rows_of(desk)
        assert (call["customer_number"], call["emergency"]) == (NUMBER, True)
        await phone.hang_up()
        await eventually(desk.agent.client.me, lambda shown: "phone_in_use" not in shown["no_calls"], 15)
