"""Texts and recordings of the configuration on a real Asterisk: what the caller hears is what was made of them."""

import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cti_bridge.sounds.sentences import sentences
from cti_bridge.sounds.speech import Spoken
from tests.acceptance.hearing import never_heard
from tests.acceptance.test_menus import way
from tests.support.audio import read_wav, tone, write_wav
from tests.support.party import Party
from tests.support.rooms import MUSIC_HZ
from tests.support.stack import Desk, Stack
from tests.support.sweeps import sweep

NUMBER = "+8225998877"
LONG_S = 6
MENU_HZ, NEXT_HZ = 650, 750
KEY_S, STOPPED_WITHIN_S = 0.21, 0.2
"""The PBX tells of a key when it is over, and then the message stops."""
SOME, MANY = 4, 50
PIECE, LOUD = 4000, 500
"""Samples; a mean of samples that is no silence."""
Sound = NDArray[np.float64]
KOREAN = "잠시만 기다려 주십시오."
TEXT = "Please hold the line, our agents are busy."


def overlay(desk: Desk, steps: str, more: str = "") -> str:
    return (
        f'[[scenarios]]\nid = "provided"\nservice = "{desk.furnished.service}"\nnumbers = ["{NUMBER}"]\n'
        f'start = "menu"\n{more}{steps}'
    )


def recording(stack: Stack, name: str, hz: int, seconds: float) -> str:
    """A recording beside the configuration; how a step names it."""
    path = stack.directory / "bridge" / "recorded" / f"{name}.wav"
    path.parent.mkdir(exist_ok=True)
    write_wav(path, tone(hz, seconds))
    return f'"file:recorded/{name}.wav"'


def menu(sound: str, bye: str) -> str:
    return (
        f'[scenarios.steps.menu]\ndo = "menu"\nsound = {sound}\nkeys = {{ 1 = "bye" }}\ntries = 1\nwait_s = 1\n'
        f'otherwise = "bye"\n[scenarios.steps.bye]\ndo = "hangup"\nsound = {bye}\n'
    )


def made(stack: Stack) -> list[Path]:
    return list((stack.directory / "bridge" / "sounds").glob("*.wav"))


async def test_given_a_recording_then_it_is_heard_and_a_key_stops_it_at_once(stack: Stack) -> None:
    async with stack.desk("provided-key") as desk:
        sounds = recording(stack, "menu", MENU_HZ, LONG_S), recording(stack, "bye", NEXT_HZ, 1)
        await stack.bridge.reload(overlay(desk, menu(*sounds)))
        with pytest.raises(AssertionError, match=r"overlay.toml.*nothing.wav cannot be read"):
            await stack.bridge.reload(overlay(desk, menu('"file:nothing.wav"', sounds[1])))
        customer = await desk.dial(NUMBER)
        answered = await customer.call.established()
        began = await customer.call.hears(MENU_HZ)
        assert began - answered < 0.7
        pressed = time.monotonic()
        await customer.call.send_digits("1")
        await customer.call.hears(NEXT_HZ)
        ended = customer.call.heard.tone_ended(MENU_HZ)
        assert ended is not None and ended - pressed < KEY_S + STOPPED_WITHIN_S
        await customer.call.ended()
        assert await way(desk, customer, 1) == [("menu", "1")]
        await stack.bridge.reload("")


def alike(heard: Party, spoken: Path) -> float:
    """How much the pieces of the file are like what was heard somewhere: 1 is the same. The median of half seconds, for
    a busy machine loses a frame, and what is behind it comes a little late."""
    wanted, had = read_wav(spoken).astype(float), heard.heard.samples().astype(float)
    pieces = [wanted[at : at + PIECE] for at in range(0, len(wanted) - PIECE, PIECE)]
    return float(np.median([_most_alike(had, piece) for piece in pieces if np.abs(piece).mean() > LOUD]))


def _most_alike(had: Sound, piece: Sound) -> float:
    size = 1 << (len(had) + len(piece)).bit_length()
    products = np.fft.irfft(np.fft.rfft(had, size) * np.conj(np.fft.rfft(piece, size)), size)[: len(had)]
    energy = np.convolve(had**2, np.ones(len(piece)))[len(piece) - 1 :]
    return float((products[: len(energy)] / np.sqrt(np.maximum(energy, 1.0) * np.sum(piece**2))).max())


@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not installed")
async def test_given_a_text_in_two_languages_then_each_caller_hears_theirs(stack: Stack) -> None:
    async with stack.desk("provided-said") as desk:
        ask = recording(stack, "ask", MENU_HZ, 1)
        steps = (
            f'[scenarios.steps.menu]\ndo = "menu"\nsound = {ask}\nkeys = {{ 2 = "korean" }}\nwait_s = 1\ntries = 1\n'
            'otherwise = "bye"\n[scenarios.steps.korean]\ndo = "set"\nlanguage = "ko"\nnext = "bye"\n'
            f'[scenarios.steps.bye]\ndo = "hangup"\nsound = {{ en = "say:{TEXT}", ko = "say:{KOREAN}" }}\n'
        )
        await stack.bridge.reload(overlay(desk, steps))
        english, korean = (Path(stack.directory, "bridge", "sounds", f"{name}.wav") for name in names())
        first, second = await desk.dial(NUMBER), await desk.dial(NUMBER)
        await second.call.hears(MENU_HZ)
        await second.call.send_digits("2")
        await first.call.ended()
        await second.call.ended()
        for call, own, other in ((first.call, english, korean), (second.call, korean, english)):
            likeness = alike(call, own), alike(call, other)
            assert likeness[0] > 0.9 > 0.7 > likeness[1], likeness
        await stack.bridge.reload("")


def names() -> list[str]:
    return [Spoken(TEXT, "en-us", "en").name, Spoken(KOREAN, "ko", "ko").name]


async def test_given_a_bridge_that_is_killed_in_a_recording_then_it_plays_on_and_the_call_goes_on(stack: Stack) -> None:
    async with stack.desk("provided-killed") as desk:
        sounds = recording(stack, "menu", MENU_HZ, LONG_S), recording(stack, "bye", NEXT_HZ, 1)
        await stack.bridge.reload(overlay(desk, menu(*sounds)))
        customer = await desk.dial(NUMBER)
        began = await customer.call.hears(MENU_HZ)
        await stack.bridge.kill()
        killed = time.monotonic()
        _, end = await customer.call.listen(2.0)
        assert customer.call.heard.longest_gap(MENU_HZ, killed, end) < 0.2, "it plays while the bridge is dead"
        await stack.bridge.start()
        await customer.call.hears(NEXT_HZ, within_s=LONG_S + 10)
        await customer.call.ended()
        assert began < killed
        await stack.bridge.reload("")


@sweep("reloads", SOME, MANY)
async def test_given_another_recording_of_the_same_name_at_each_reload_then_no_caller_hears_an_earlier_one(
    stack: Stack, reloads: int
) -> None:
    async with stack.desk("provided-reloads") as desk:
        for turn in range(reloads):
            hz, before = 1000 + 50 * (turn % 20), 1000 + 50 * ((turn - 1) % 20)
            steps = f'[scenarios.steps.menu]\ndo = "hangup"\nsound = {recording(stack, "changing", hz, 0.6)}\n'
            await stack.bridge.reload(overlay(desk, steps))
            customer = await desk.dial(NUMBER)
            await customer.call.hears(hz)
            await customer.call.ended()
            assert never_heard(customer.call, before)
        assert len(made(stack)) <= 2, "that of the configuration before is kept, and none of earlier ones"
        await stack.bridge.reload("")


@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not installed")
async def test_given_a_korean_caller_who_waits_then_the_place_is_told_in_korean_and_the_music_goes_on(
    stack: Stack,
) -> None:
    async with stack.desk("provided-place", ready=False) as desk:
        queue = desk.furnished.queues[0]
        steps = f'[scenarios.steps.menu]\ndo = "queue"\nqueue = "{queue}"\n'
        more = f'[[queues]]\nid = "{queue}"\nannounce = [{{ at_s = 1, say = ["position"] }}]\n'
        await stack.bridge.reload(more + overlay(desk, steps, 'language = "ko"\n'))
        text = sentences()["ko"]["sound:cti/position-1"]
        spoken = stack.directory / "bridge" / "sounds" / f"{Spoken(text, 'ko', 'ko').name}.wav"
        customer = await desk.dial(NUMBER)
        await customer.call.hears(MUSIC_HZ)
        await customer.call.listen(1 + len(read_wav(spoken)) / 8000)
        since = time.monotonic()
        await customer.call.hears(MUSIC_HZ, since=since)
        assert alike(customer.call, spoken) > 0.9
        await stack.bridge.reload("")
