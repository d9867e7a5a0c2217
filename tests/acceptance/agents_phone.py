"""An agent's phone that can die without a word, which those of `tests.support.phones` cannot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.support.outside import RINGING, OutsidePhone, OutsideWorld
from tests.support.rows import eventually
from tests.support.stack import Agent, Desk


@asynccontextmanager
async def mortal(desk: Desk, place: int = 0) -> AsyncIterator[OutsidePhone]:
    """An agent gets a phone that can die, in place of the one that cannot."""
    agent, seat = desk.agents[place], desk.furnished.seats[place]
    async with OutsideWorld.open() as world:
        world.server = desk.stack.outside.server
        phone = world.phone(seat.cti_number, next(desk.tones), (RINGING,))
        # One after the other: a registration that replaces another one is off for a moment.
        await agent.phone.unregister()
        await phone_is(agent, "unreachable")
        assert await world.register(seat.cti_number, seat.sip_password) == 200
        await phone_is(agent, "reachable")
        yield phone
        await phone.hang_up()
        await agent.client.shows(lambda shown: shown["call"] is None, "no call")


async def phone_is(agent: Agent, state: str) -> None:
    """Wait until the agent's view says so."""
    await eventually(agent.client.me, lambda shown: shown["phone"] == state)
