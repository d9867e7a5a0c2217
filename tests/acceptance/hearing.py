"""Who hears whom, measured: every party hears what is said that it should hear, and nothing else."""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence

from tests.support.audio import SILENT_DBFS, loudness
from tests.support.party import WITHIN_S, Party
from tests.support.rooms import FORCED_HZ, MUSIC_HZ

RING_HZ = 450
"""Between the two tones of the ringing tone, 440 and 480 Hz: a frame of 20 ms cannot tell them apart."""
LISTEN_S = 0.5
ARRIVES_WITHIN_S = 0.1
GAP_S, ATTEMPTS = 0.15, 8
"""A busy machine loses a few frames, in a bad moment more, and is then listened to again; a party who is not there is
missing all the time. What must not be heard is never excused, once it has had time to leave the buffers."""
LEAVES_WITHIN_S = 1.0
"""What was said before a change may stand in the sockets and buffers of a machine that is busy for so long."""


async def assert_heard(heard: Mapping[Party, Sequence[int]], *others: int) -> None:
    """Each party comes to hear these tones, and then for a while these and none of the others: not those of the other
    parties, not ``others``, no music, no message, no ringing. No tones are silence."""
    since = time.monotonic()
    tones = {party.tone_hz for party in heard} | {MUSIC_HZ, FORCED_HZ, RING_HZ, *others}
    await asyncio.gather(
        *(party.hears(hz, for_s=0.1, since=since) for party, wanted in heard.items() for hz in wanted),
        *(_falls_silent(party, since) for party, wanted in heard.items() if not wanted),
    )
    await asyncio.gather(
        *(_hears_no_longer(party, tones - set(wanted), time.monotonic()) for party, wanted in heard.items() if wanted)
    )
    for attempt in range(1, ATTEMPTS + 1):
        stretches = await asyncio.gather(*(_listen(party, LISTEN_S, wanted) for party, wanted in heard.items()))
        lacking = []
        for (party, wanted), (begin, end) in zip(heard.items(), stretches, strict=True):
            for hz in tones - set(wanted):
                assert party.heard.hears_nothing_of(hz, begin, end), f"the party of {party.tone_hz} Hz hears {hz} Hz"
            lacking += [
                _lacks(party, hz, begin, end) for hz in wanted if party.heard.longest_gap(hz, begin, end) > GAP_S
            ]
        if not lacking:
            return
        assert attempt < ATTEMPTS, "; ".join(lacking)


async def _listen(party: Party, seconds: float, wanted: Sequence[int]) -> tuple[float, float]:
    """Listen to a party; to whom nothing is said nothing may be sent either, so there is nothing to wait for."""
    if wanted:
        return await party.listen(seconds)
    begin = time.monotonic()
    await asyncio.sleep(seconds + ARRIVES_WITHIN_S)
    return begin, begin + seconds


async def _falls_silent(party: Party, since: float, within_s: float = 20.0) -> None:
    """Wait until nothing is heard for a while."""
    while True:
        begin, end = await _listen(party, 0.15, ())
        if float(max(loudness(party.heard.samples(begin, end)), default=-100.0)) < SILENT_DBFS:
            return
        assert time.monotonic() < since + within_s, f"the party of {party.tone_hz} Hz hears something"


async def _hears_no_longer(party: Party, tones: Collection[int], since: float) -> None:
    """Wait until the last of what was said before the change has arrived: none of these tones is heard for a while."""
    while True:
        begin, end = await party.listen(0.15)
        still = [hz for hz in tones if not party.heard.hears_nothing_of(hz, begin, end)]
        if not still:
            return
        assert begin < since + LEAVES_WITHIN_S, f"the party of {party.tone_hz} Hz still hears {still} Hz"


SPEAKS_DBFS = -40.0
"""Speech is louder, but for the pauses between words."""
VARIES_DB = 2.5
"""The loudness of speech varies more from frame to frame; that of a tone, or of ringing, does not."""


async def speech(party: Party, for_s: float = 0.8, within_s: float = WITHIN_S) -> None:
    """Wait until something is said, and no tone heard: so long a stretch is speech, pauses included."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        assert party.ended_at is None, "ended before anything was said"
        levels = loudness(party.heard.samples(*await party.listen(for_s)))
        loud = levels[levels > SPEAKS_DBFS]
        if len(loud) > 0.3 * len(levels) and float(loud.std()) > VARIES_DB:
            return
    raise AssertionError(f"nothing was said within {within_s} s")


def never_heard(party: Party, hz: int, since: float | None = None) -> bool:
    """Tell whether a tone was never heard, from a moment on or from the beginning."""
    return party.heard.hears_nothing_of(hz, since, party.heard.ended_at)


async def joined(first: Party, second: Party) -> None:
    """Both hear each other and nothing else."""
    await assert_heard({first: [second.tone_hz], second: [first.tone_hz]})


def _lacks(party: Party, hz: int, begin: float, end: float) -> str:
    heard = party.heard
    share, gap = heard.share(hz, begin, end), heard.longest_gap(hz, begin, end)
    return f"the party of {party.tone_hz} Hz hears {hz} Hz for {share:.0%} of the time; the longest gap is {gap:.2f} s"
