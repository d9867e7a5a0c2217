"""The time line of a stored conversation: silence where something was left out, and nothing of what was too late."""

import wave
from pathlib import Path
from typing import Any

import pytest

from cti_bridge.recordings.layout import MOMENT_S, lay_out

RATE = 8000
TALK, CUT, ERASED = "talk", "cut", "erased"
A, B = b"\1\2", b"\3\4"
"""What is said before, and behind."""


def written(path: Path, *parts: tuple[bytes, float]) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for sample, seconds in parts:
            file.writeframes(sample * round(RATE * seconds))
    return path


def segments(*parts: tuple[str, float]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    at = 0.0
    for kind, seconds in parts:
        found.append({"kind": kind, "from_s": at, "till_s": at + seconds})
        at += seconds
    return found


def heard(path: Path) -> list[tuple[bytes, float]]:
    """What is in the file, and for how long."""
    with wave.open(str(path), "rb") as file:
        audio = file.readframes(file.getnframes())
    found: list[tuple[bytes, int]] = []
    for index in range(0, len(audio), 2):
        sample = audio[index : index + 2]
        if found and found[-1][0] == sample:
            found[-1] = (sample, found[-1][1] + 1)
        else:
            found.append((sample, 1))
    return [(sample, count / RATE) for sample, count in found]


NOTHING = b"\0\0"


def test_a_cut_is_silence_of_its_length(tmp_path: Path) -> None:
    path = written(tmp_path / "a.part", (A, 1.0), (B, 2.0))
    assert lay_out(path, segments((TALK, 1.0), (CUT, 3.5), (TALK, 2.0))) is None
    assert heard(path) == [(A, 1.0), (NOTHING, 3.5), (B, 2.0)]
    assert not list(tmp_path.glob("*.laid"))


def test_what_should_not_be_in_the_file_is_silenced(tmp_path: Path) -> None:
    path = written(tmp_path / "a.part", (A, 1.0), (B, 0.5), (A, 1.0))
    lay_out(path, segments((TALK, 1.0), (ERASED, 0.5), (CUT, 2.0), (TALK, 1.0)))
    assert heard(path) == [(A, 1.0), (NOTHING, 2.5), (A, 1.0)]


@pytest.mark.parametrize("last", [TALK, ERASED])
def test_what_comes_behind_the_end_is_left_out(tmp_path: Path, last: str) -> None:
    """It was meant to be over, and the order to end it was late."""
    path = written(tmp_path / "a.part", (A, 2.0), (B, 5.0))
    lay_out(path, segments((TALK, 1.0), (last, 1.0)))
    found = heard(path)
    assert sum(seconds for _, seconds in found) <= 2.0 + MOMENT_S + 0.001
    assert [sample for sample, _ in found] == ([A, B] if last == TALK else [A, NOTHING])


@pytest.mark.parametrize(("there_s", "lacks_s"), [(9.5, None), (4.0, 6.0), (0.0, 10.0)])
def test_a_file_that_is_too_short_says_by_how_much(tmp_path: Path, there_s: float, lacks_s: float | None) -> None:
    """As a full disk leaves it."""
    path = written(tmp_path / "a.part", (A, there_s))
    assert lay_out(path, segments((TALK, 6.0), (CUT, 1.0), (TALK, 4.0))) == lacks_s


def test_a_message_has_no_segments_and_stays_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path / "a.part", (A, 1.0))
    before = path.read_bytes()
    assert lay_out(path, []) is None and path.read_bytes() == before
