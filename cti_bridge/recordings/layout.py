"""The time line of a recorded conversation: the PBX leaves out what it was paused for, and here silence of the same
length is put in its place. What was recorded though it should not be is silenced too.
"""

import wave
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

TALK, CUT, ERASED = "talk", "cut", "erased"
MOMENT_S = 0.2
"""So much is taken of what the PBX has recorded behind the end that we know, in seconds."""
LACKS_S = 1.0
"""A file may be shorter than the talk by so many seconds, or by :data:`LACKS_SHARE` of it."""
LACKS_SHARE = 0.02
_PIECE = 65_536


def lay_out(part: Path, segments: Iterable[Mapping[str, Any]]) -> float | None:
    """Write the file anew along the segments, each with ``kind``, ``from_s`` and ``till_s`` in seconds of the new file.
    Return the seconds of talk that it lacks, None when it lacks none. A file without segments stays as it is, and so
    does one that is no audio: a PBX whose disk is full leaves an empty one (seen). Raises OSError."""
    segments = list(segments)
    if not segments:
        return None
    laid, there_s = part.with_suffix(".laid"), 0.0
    try:
        with wave.open(str(part), "rb") as source, wave.open(str(laid), "wb") as target:
            target.setparams(source.getparams())
            there_s = source.getnframes() / source.getframerate()
            for index, segment in enumerate(segments):
                frames = _frame(segment["till_s"], source) - _frame(segment["from_s"], source)
                _write(source, target, segment["kind"], frames, last=index == len(segments) - 1)
        laid.replace(part)
    except (wave.Error, EOFError):
        there_s = 0.0
    finally:
        laid.unlink(missing_ok=True)
    wanted_s = sum(one["till_s"] - one["from_s"] for one in segments if one["kind"] == TALK)
    lacks_s = wanted_s - there_s
    return round(lacks_s, 3) if lacks_s > max(LACKS_S, LACKS_SHARE * wanted_s) else None


def _frame(seconds: float, source: wave.Wave_read) -> int:
    return round(seconds * source.getframerate())


def _write(source: wave.Wave_read, target: wave.Wave_write, kind: str, frames: int, *, last: bool) -> None:
    """Write one segment. The last talk takes a little more: the PBX ends the file a moment after we have noted that.
    What comes later was not meant to be recorded."""
    size = target.getnchannels() * target.getsampwidth()
    if kind == CUT:
        _silence(target, frames, size)
        return
    if last and kind != ERASED:
        frames += _frame(MOMENT_S, source)
    while frames > 0:
        piece = source.readframes(min(frames, _PIECE))
        if not piece:
            break
        frames -= len(piece) // size
        target.writeframes(bytes(len(piece)) if kind == ERASED else piece)


def _silence(target: wave.Wave_write, frames: int, size: int) -> None:
    while frames > 0:
        target.writeframes(bytes(min(frames, _PIECE) * size))
        frames -= _PIECE
