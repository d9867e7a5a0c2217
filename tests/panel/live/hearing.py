"""Who hears whom, beside busy browsers: that it is heard, not that nothing is missing of it (`tests.acceptance` proves
that)."""

import asyncio
import time
from dataclasses import dataclass

from tests.acceptance.hearing import assert_heard
from tests.support.audio import FRAME_S, HEARD_DBFS, tone_levels
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


@dataclass(frozen=True)
class MutedFrom:
    """A party who must not hear one frame of a tone from a moment on. Of 20 ms each, by their level: what buffers hold
    is over before that moment."""

    party: Party
    tone_hz: int
    since: float

    def check(self) -> None:
        """Raises AssertionError with how much was heard, and when."""
        levels = tone_levels(self.party.heard.samples(self.since, self.party.heard.ended_at), self.tone_hz)
        heard = [round(frame * FRAME_S, 2) for frame, level in enumerate(levels) if level > HEARD_DBFS]
        assert not heard, f"{len(heard)} frames of {self.tone_hz} Hz were heard, the first {heard[0]} s after the mute"
