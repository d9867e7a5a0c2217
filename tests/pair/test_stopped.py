"""A bridge that stands still for longer than its lease: two never both act, and it becomes the spare."""

import asyncio
import time

from tests.acceptance.hearing import joined
from tests.pair.conftest import Roles
from tests.pair.test_take_over import BUSY_WITHIN_S, controls
from tests.support.pair import PairStack
from tests.support.rows import eventually

STOPPED_S = 10.0


async def test_given_a_bridge_that_is_stopped_for_10_s_then_it_sends_nothing_when_it_goes_on_and_is_the_spare(
    stack: PairStack, roles: Roles
) -> None:
    """A caller arrived while it still had the PBX's events. It finds them when it goes on, and would answer."""
    async with stack.desk("stopped") as desk:
        first, second = desk.agents
        customer = await desk.call()
        rung = await first.phone.incoming()
        call = await desk.rows.call(customer.number, ended=False)
        await eventually(lambda: desk.rows.offers(call["id"]), bool)
        began = time.monotonic()
        roles.active.bridge.pause()
        try:
            newcomer = await desk.dial(desk.furnished.number)
            took_s = await controls(stack, roles.spare, second.client) - began
            assert took_s < BUSY_WITHIN_S
            await newcomer.call.established()
            await asyncio.gather(*(agent.client.open_panel() for agent in desk.agents))
            await asyncio.sleep(max(0.0, began + STOPPED_S - time.monotonic()))
        finally:
            roles.active.bridge.go_on()
        await roles.active.is_spare()
        sent = roles.active.pbx.orders(began)
        assert sent == [], "it has sent something since it was stopped"
        first_order = roles.spare.pbx.orders(began)[0]
        assert first_order.at > began
        for party in (customer.call, newcomer.call):
            assert party.ended_at is None
        await rung.answer()
        await joined(rung, customer.call)
        await joined(await second.lift(), newcomer.call)
