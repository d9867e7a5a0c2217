"""One of two bridges is cut off from Postgres, from the PBX, or from both: who can serve more acts, and never two."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.acceptance.hearing import joined
from tests.pair.conftest import Roles
from tests.pair.test_take_over import BUSY_WITHIN_S, GAP_S, controls
from tests.support.ari_orders import Sent
from tests.support.pair import Member, PairStack, cut, heal
from tests.support.phones import PhoneCall
from tests.support.stack import Agent, Customer

LEASE_S = 3.0
HANDS_OVER_WITHIN_S = 12.0
"""Three seconds without a PBX, until that is noticed, and the way to the spare."""
STAYS_S = 6.0
"""Twice the lease: in so long a time a spare would have taken over."""


class Talk:
    """A conversation that goes on through everything."""

    def __init__(self, stack: PairStack, agent: Agent, customer: Customer, phone: PhoneCall) -> None:
        self.stack, self.agent, self.customer, self.phone = stack, agent, customer, phone
        self.since = time.monotonic()

    async def goes_on(self, acting: Member) -> None:
        """Nobody was cut off from the other, and the agent can do something with the call."""
        await self.phone.listen(0.5)
        for one, hz in ((self.phone, self.customer.call.tone_hz), (self.customer.call, self.agent.tone_hz)):
            assert one.heard.longest_gap(hz, self.since, (one.heard.ended_at or self.since) - 0.1) <= GAP_S
        await controls(self.stack, acting, self.agent.client)
        await self.agent.client.open_panel()
        call_id = self.agent.client.agent["call"]["call_id"]
        await self.agent.client.hold(call_id)
        await self.agent.client.resume(call_id)
        await joined(self.phone, self.customer.call)
        self.since = time.monotonic()


@asynccontextmanager
async def talking(stack: PairStack) -> AsyncIterator[Talk]:
    async with stack.desk("cut") as desk:
        customer, agent = await desk.call(), desk.agent
        phone = await agent.lift()
        await joined(phone, customer.call)
        yield Talk(stack, agent, customer, phone)


def assert_never_two(before: Member, now: Member, since: float) -> None:
    """From the first order of who took over on, the other one has sent none. What was on its way is not sent either."""
    first = next(sent for sent in now.pbx.orders(since) if sent.uri.startswith("/events?"))
    late = [sent for sent in before.pbx.orders(first.at) if not _is_its_own_proof(sent)]
    assert late == [], f"{before.name} has sent orders after {now.name} had the PBX"


def _is_its_own_proof(sent: Sent) -> bool:
    return sent.uri.startswith("/events/user/")


async def test_given_the_active_bridge_without_postgres_then_the_spare_takes_over_and_it_becomes_the_spare(
    stack: PairStack, roles: Roles
) -> None:
    active, spare = roles
    async with talking(stack) as talk:
        began = time.monotonic()
        cut(active.postgres)
        assert await controls(stack, spare, talk.agent.client) - began < BUSY_WITHIN_S
        await active.is_spare()
        assert_never_two(active, spare, began)
        await talk.goes_on(spare)
        heal(active.postgres)
        assert await stack.roles() == (spare, active)


@pytest.mark.parametrize("how", ["cut", "silent"])
async def test_given_the_active_bridge_without_a_pbx_then_it_hands_over_in_order(
    stack: PairStack, roles: Roles, how: str
) -> None:
    active, spare = roles
    async with talking(stack) as talk:
        began = time.monotonic()
        cut(active.pbx) if how == "cut" else active.pbx.fall_silent()
        await stack.door.leads_to(spare, HANDS_OVER_WITHIN_S + (5.0 if how == "silent" else 0.0))
        await talk.goes_on(spare)
        await active.is_spare()
        heal(active.pbx)
        assert await stack.roles() == (spare, active)
        assert_never_two(active, spare, began)


@pytest.mark.parametrize("back_first", ["pbx", "postgres"])
async def test_given_the_active_bridge_without_anything_then_it_takes_nothing_back_when_its_ways_are_healed(
    stack: PairStack, roles: Roles, back_first: str
) -> None:
    active, spare = roles
    async with talking(stack) as talk:
        began = time.monotonic()
        active.cut_off()
        await active.is_role("standby", LEASE_S + 2)
        assert (await active.says())["pair"]["phase"] == "alone"
        assert await controls(stack, spare, talk.agent.client) - began < BUSY_WITHIN_S
        await talk.goes_on(spare)
        heal(active.pbx if back_first == "pbx" else active.postgres)
        await active.is_spare()
        active.let_in()
        assert await stack.roles() == (spare, active)
        assert_never_two(active, spare, began)
        await talk.goes_on(spare)


async def test_given_postgres_that_is_away_for_both_then_nobody_takes_over_and_calls_go_on(
    stack: PairStack, roles: Roles
) -> None:
    active, spare = roles
    async with talking(stack) as talk:
        for member in roles:
            cut(member.postgres)
        await talk.phone.listen(STAYS_S)
        assert (await active.says())["role"] == "active"
        assert any("the lease cannot be renewed" in words for words in (await active.says())["warnings"])
        await talk.goes_on(active)
        active.pbx.cut()  # The connection is lost, and the PBX says whether another one was there since.
        await active.is_role("active")
        await talk.goes_on(active)
        assert (await spare.says())["role"] == "standby"
        for member in roles:
            heal(member.postgres)
        assert await stack.roles() == (active, spare)


@pytest.mark.parametrize("without", ["pbx", "postgres"])
async def test_given_a_spare_that_reaches_no_pbx_or_no_postgres_then_it_takes_over_when_it_does(
    stack: PairStack, roles: Roles, without: str
) -> None:
    active, spare = roles
    way = spare.pbx if without == "pbx" else spare.postgres
    async with talking(stack) as talk:
        cut(way)
        await talk.phone.listen(LEASE_S)
        assert (await active.says())["role"] == "active"
        await active.bridge.kill()
        await talk.phone.listen(STAYS_S)
        assert (await spare.says())["role"] == "standby"
        began = time.monotonic()
        heal(way)
        assert await controls(stack, spare, talk.agent.client) - began < BUSY_WITHIN_S
        await talk.goes_on(spare)


async def test_given_a_pbx_that_neither_reaches_then_they_do_not_take_turns(stack: PairStack, roles: Roles) -> None:
    active, spare = roles
    async with talking(stack) as talk:
        for member in roles:
            cut(member.pbx)
        await asyncio.sleep(STAYS_S)
        said = await active.says()
        assert (said["role"], said["ready"]) == ("active", False)
        for member in roles:
            heal(member.pbx)
        assert await stack.roles() == (active, spare)
        await talk.goes_on(active)
