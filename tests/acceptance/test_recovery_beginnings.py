"""A SIGKILL of the bridge at the beginning of calls: while the greeting plays, and while an accepted offer is on its
way to the phone."""

import asyncio

from tests.acceptance.calls import TALKING, ended
from tests.acceptance.hearing import joined
from tests.support.rooms import GREETING_HZ
from tests.support.stack import Stack


async def test_given_a_greeting_and_an_accepted_offer_when_the_bridge_is_killed_then_both_callers_are_served(
    stack: Stack,
) -> None:
    async with stack.desk("killed-accepted") as accepted, stack.desk("killed-greeted") as greeted:
        agent, host = accepted.agent, greeted.agent
        customer = await accepted.call()
        shown = await agent.client.shows(lambda shown: shown["offer"] is not None, "the offer")
        await agent.client.answer(shown["offer"]["offer_id"])
        phone = await agent.phone.incoming()
        await agent.client.shows(lambda shown: shown["state"] == "accepted", "accepted")
        guest = await greeted.call()
        await guest.call.hears(GREETING_HZ, for_s=0.1)
        await stack.bridge.kill()
        await stack.bridge.start()
        await asyncio.gather(agent.client.open_panel(), host.client.open_panel())
        await agent.client.shows(lambda shown: shown["state"] == "accepted", "accepted")
        await phone.answer()
        await agent.client.label(TALKING)
        await joined(phone, customer.call)
        lifted = await host.lift()
        await host.client.label(TALKING)
        await joined(lifted, guest.call)
        await asyncio.gather(phone.hang_up(), lifted.hang_up())
        for desk, party in ((accepted, customer), (greeted, guest)):
            await ended(desk, party, "completed", "agent")
