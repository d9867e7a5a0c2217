"""Tones and what was heard: every party plays its own tone, and a recording is asked who was in it and when.

A tone is a multiple of 50 Hz, so that 20 ms hold whole periods of it: one frame repeated is the whole tone, and one
Goertzel sum over a frame, wherever it begins, finds that tone and none of the others.
"""

from __future__ import annotations

import threading
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 8000
FRAME = 160
FRAME_S = FRAME / RATE
TONE_STEP_HZ = 50
FULL_SCALE = 32768.0

TONE_DBFS = -12.0
HEARD_DBFS = -30.0
"""A tone is there above this: G.711 keeps it within a decibel, and its distortion stays 30 dB below."""
SILENT_DBFS = -50.0
LATE_S = 0.06
"""Audio that arrives later than this behind what came before it leaves a hole in the recording."""

Samples = NDArray[np.int16]
Levels = NDArray[np.float64]


def tone(hz: int, seconds: float, dbfs: float = TONE_DBFS) -> Samples:
    """A sine at 8 kHz. ``hz`` must be a multiple of 50, below 4 kHz."""
    if hz % TONE_STEP_HZ or not 0 < hz < RATE / 2:
        raise ValueError(f"{hz} Hz is not a multiple of {TONE_STEP_HZ} Hz below {RATE // 2} Hz")
    times = np.arange(round(seconds * RATE)) / RATE
    peak = FULL_SCALE * 10 ** (dbfs / 20)
    return np.round(peak * np.sin(2 * np.pi * hz * times)).astype(np.int16)


def silence(seconds: float) -> Samples:
    """Digital silence at 8 kHz."""
    return np.zeros(round(seconds * RATE), dtype=np.int16)


def write_wav(path: Path, samples: Samples) -> None:
    """Write mono 16 bit PCM at 8 kHz."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())


def read_wav(path: Path) -> Samples:
    """Read mono 16 bit PCM at 8 kHz; anything else is a ValueError."""
    with wave.open(str(path), "rb") as file:
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, RATE):
            raise ValueError(f"{path} is not mono, 16 bit, {RATE} Hz")
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.int16)


def tone_levels(samples: Samples, hz: int) -> Levels:
    """The level of one tone in each whole frame of 20 ms, in dBFS (one Goertzel sum a frame)."""
    count = len(samples) // FRAME
    frames = samples[: count * FRAME].reshape(count, FRAME).astype(np.float64)
    kernel = np.exp(-2j * np.pi * hz * np.arange(FRAME) / RATE)
    return _dbfs(np.abs(frames @ kernel) * 2 / FRAME)


def loudness(samples: Samples) -> Levels:
    """The level of each whole frame of 20 ms, in dBFS: a full-scale sine has 0."""
    count = len(samples) // FRAME
    frames = samples[: count * FRAME].reshape(count, FRAME).astype(np.float64)
    return _dbfs(np.sqrt(2 * np.mean(frames**2, axis=1)))


def _dbfs(peaks: Levels) -> Levels:
    return np.asarray(20 * np.log10(np.maximum(peaks, 1e-3) / FULL_SCALE), dtype=np.float64)


def runs(flags: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """The stretches of True: (first, one past the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        yield int(first), int(end)


class Recording:
    """What one party received, on a timeline of monotonic seconds. A thread may append while another one asks.

    Moments are `time.monotonic()` seconds. Nothing arrived is the same as digital silence. A range that the recording
    does not reach counts as silent there.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pcm = bytearray()
        self.began_at: float | None = None

    def append(self, pcm: bytes, now: float) -> None:
        """Add what arrived up to ``now``; what comes later than it should leaves a hole before it."""
        if not pcm:
            return
        starts = now - len(pcm) / 2 / RATE
        with self._lock:
            if self.began_at is None:
                self.began_at = starts
            hole_s = starts - (self.began_at + len(self._pcm) / 2 / RATE)
            if hole_s > LATE_S:
                self._pcm += bytes(2 * round(hole_s * RATE))
            self._pcm += pcm

    @property
    def ended_at(self) -> float | None:
        """The moment of the last sample so far."""
        return None if self.began_at is None else self.began_at + len(self._pcm) / 2 / RATE

    def samples(self, since: float | None = None, until: float | None = None) -> Samples:
        """The samples between two moments, silence where there is none; by default all there are."""
        with self._lock:
            heard = np.frombuffer(bytes(self._pcm), dtype=np.int16)
        if self.began_at is None:
            return silence(until - since if since is not None and until is not None else 0)
        first = 0 if since is None else round((since - self.began_at) * RATE)
        end = len(heard) if until is None else round((until - self.began_at) * RATE)
        before, after = max(0, min(end, 0) - first), max(0, end - max(first, len(heard)))
        inside = heard[max(first, 0) : max(end, 0)]
        return np.concatenate((silence(before / RATE), inside, silence(after / RATE)))

    def _from(self, since: float | None) -> float:
        return since if since is not None else self.began_at or 0.0

    # ---- who was heard

    def share(self, hz: int, since: float | None = None, until: float | None = None) -> float:
        """The share of the time, 0 to 1, in which a tone was there."""
        levels = tone_levels(self.samples(since, until), hz)
        return float(np.mean(levels > HEARD_DBFS)) if len(levels) else 0.0

    def hears(self, hz: int, since: float | None = None, until: float | None = None) -> bool:
        """Tell whether a tone was there all the time, but for a twentieth of it."""
        return self.share(hz, since, until) >= 0.95

    def hears_nothing_of(self, hz: int, since: float | None = None, until: float | None = None) -> bool:
        """Tell whether a tone was never there for more than 40 ms, as a change of the parties may leave in buffers."""
        heard = tone_levels(self.samples(since, until), hz) > HEARD_DBFS
        return all(end - first <= 2 for first, end in runs(heard))

    def tone_began(self, hz: int, since: float | None = None, for_s: float = 0.1) -> float | None:
        """When a tone began that then lasted for ``for_s`` seconds, or None."""
        heard = tone_levels(self.samples(since), hz) > HEARD_DBFS
        for first, end in runs(heard):
            if (end - first) * FRAME_S >= for_s - 1e-9:
                return self._from(since) + first * FRAME_S
        return None

    def tone_ended(self, hz: int, since: float | None = None) -> float | None:
        """When a tone was heard for the last time, or None when it never was."""
        stretches = list(runs(tone_levels(self.samples(since), hz) > HEARD_DBFS))
        return self._from(since) + stretches[-1][1] * FRAME_S if stretches else None

    # ---- what was missing

    def longest_gap(self, hz: int, since: float | None = None, until: float | None = None) -> float:
        """The longest stretch without a tone, in seconds."""
        missing = tone_levels(self.samples(since, until), hz) <= HEARD_DBFS
        return max(((end - first) * FRAME_S for first, end in runs(missing)), default=0.0)

    def longest_silence(self, since: float | None = None, until: float | None = None) -> float:
        """The longest stretch below -50 dBFS, in seconds."""
        silent = loudness(self.samples(since, until)) < SILENT_DBFS
        return max(((end - first) * FRAME_S for first, end in runs(silent)), default=0.0)

    def save(self, path: Path) -> None:
        """Write all of it as a WAV file."""
        write_wav(path, self.samples())

    @classmethod
    def load(cls, path: Path, began_at: float = 0.0) -> Recording:
        """Read a WAV file as a recording that began at ``began_at``."""
        recording = cls()
        pcm = read_wav(path)
        recording.append(pcm.tobytes(), began_at + len(pcm) / RATE)
        return recording
