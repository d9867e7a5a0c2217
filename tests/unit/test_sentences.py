"""The sentences of the bridge's own dialogues: each that the table has is a sound of the PBX, and is no other."""

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

SOUNDS = Path(__file__).parents[2] / "asterisk" / "sounds" / "cti"
ENGLISH = tomllib.loads((files("cti_bridge.sounds") / "sentences.toml").read_text(encoding="utf-8"))["en"]


def test_every_sentence_is_a_sound_of_the_pbx_and_every_sound_has_its_sentence() -> None:
    for suffix in (".alaw", ".ulaw"):
        there = {file.stem for file in SOUNDS.glob(f"*{suffix}")}
        assert {name for name in there if not name.startswith("sample-")} == set(ENGLISH)


@pytest.mark.parametrize("name", sorted(ENGLISH))
def test_a_sentence_has_a_length_that_is_listened_to_and_is_not_silence(name: str) -> None:
    heard = (SOUNDS / f"{name}.ulaw").read_bytes()
    assert len(heard) == (SOUNDS / f"{name}.alaw").stat().st_size
    assert 1.0 < len(heard) / 8000 < (6.0 if name.startswith(("position-", "wait-", "callback-")) else 9.0)
    # 0xFF and 0x7F are the silence of the edges (G.711, mu-law).
    assert sum(byte not in (0xFF, 0x7F) for byte in heard) > len(heard) / 2


def test_there_is_one_for_each_place_and_each_range_that_is_told() -> None:
    places = (*range(1, 11), "more")
    assert {name for name in ENGLISH if name.startswith("position-")} == {f"position-{place}" for place in places}
    ranges = ("under-1", "1-2", "2-5", "5-10", "10-20", "over-20")
    assert {name for name in ENGLISH if name.startswith("wait-")} == {f"wait-{minutes}" for minutes in ranges}
