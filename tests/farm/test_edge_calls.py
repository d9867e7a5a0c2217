"""Calls through the edge: from the trunk to any agent over any PBX, and from panel and phone out."""

from tests.acceptance.hearing import RING_HZ, joined
from tests.support.farm import Farm
from tests.support.outside import OK, RINGING
from tests.support.rooms import MUSIC_HZ

EMERGENCY = "119"


async def test_calls_of_the_trunk_go_to_the_pbx_with_the_fewest_and_each_reaches_an_agent_over_either(
    farm: Farm,
) -> None:
    async with farm.desk("trunk") as desk:
        pairs = []
        for agent in desk.agents:
            customer = await desk.call()
            phone = await agent.lift()
            await joined(phone, customer.call)
            pairs.append((phone, customer.call))
        assert await farm.calls_at() == {"one": 1, "two": 1}
        # A caller and an agent's phone at each.
        assert [await farm.channels(name) for name in farm.names] == [2, 2]
        (first, one), (second, two) = pairs
        await one.hang_up()
        await first.ended()
        await farm.until_calls_are(1)
        (free,) = (name for name, calls in (await farm.calls_at()).items() if not calls)
        await desk.agents[0].client.label("Business (Ticket Processing)")
        await desk.agents[0].ready()
        third = await desk.call()
        phone = await desk.agents[0].lift()
        await joined(phone, third.call)
        assert await farm.channels(free) == 2
        # The agent hangs up: the edge sees that too.
        await phone.hang_up()
        await third.call.ended()
        await second.hang_up()
        await two.ended()
        await farm.until_calls_are(0)


async def test_an_agent_dials_out_by_the_panel_and_on_the_phone_and_the_edge_leads_to_the_trunk(farm: Farm) -> None:
    async with farm.desk("trunk", ready=False) as desk:
        agent, calling = desk.agent, desk.furnished.calling_number
        other = desk.outside()
        await agent.client.dial(other.number, calling)
        phone = await agent.lift()
        customer = await other.incoming()
        assert customer.identities == {calling}, customer.invite
        assert "X-CTI-Agent" not in customer.invite
        await phone.hears(RING_HZ)
        await customer.answer()
        await joined(phone, customer)
        await customer.hang_up()
        await phone.ended()

        other = desk.outside(RINGING, OK)
        await agent.client.label("Business (Ticket Processing)")
        phone = await agent.phone.dial(other.number)
        customer = await other.incoming()
        await phone.established()
        await joined(phone, customer)
        assert agent.cti_number not in customer.identities
        await phone.hang_up()
        await customer.ended()
        await farm.until_calls_are(0)


async def test_a_phones_own_hold_key_passes_the_edge_both_ways(farm: Farm) -> None:
    async with farm.desk("trunk") as desk:
        customer = await desk.call()
        phone = await desk.agent.lift()
        await joined(phone, customer.call)
        await phone.hold()
        await customer.call.hears(MUSIC_HZ)
        await phone.resume()
        await joined(phone, customer.call)
        await customer.call.hang_up()
        await phone.ended()


async def test_an_emergency_number_reaches_the_trunk_by_the_edge_while_the_bridge_is_away(farm: Farm) -> None:
    async with farm.desk("trunk", ready=False) as desk:
        service = farm.outside.phone(EMERGENCY, 1500, (RINGING, OK))
        await farm.bridge.stop()
        try:
            phone = await desk.agent.phone.dial(EMERGENCY)
            called = await service.incoming()
            await phone.established()
            await joined(phone, called)
            await phone.hang_up()
            await called.ended()
        finally:
            await farm.bridge.start()
