"""Who hears whom, beside busy browsers: that it is heard, not that nothing is missing of it (`tests.acceptance` proves
that)."""

import asyncio
import time

from tests.acceptance.hearing import assert_heard
from tests.support.party import Party
from tests.support.rooms import MUSIC_HZ

FOR_S = 0.1


async def talk_together(first: Party, second: Party) -> None:
    """From now on both hear each other."""
    since = time.monotonic()
    await asyncio.gather(
        first.hears(second.tone_hz, for_s=FOR_S, since=since), second.hears(first.tone_hz, for_s=FOR_S, since=since)
    )


async def is_on_hold(customer: Party, agent: Party) -> None:
    """From now on the customer hears music and the agent nothing."""
    await customer.hears(MUSIC_HZ, for_s=FOR_S, since=time.monotonic())
    await assert_heard({agent: []}, customer.tone_hz)
