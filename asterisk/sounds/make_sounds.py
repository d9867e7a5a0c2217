"""Make the spoken messages and the hold music anew: `make sounds`, or `python asterisk/sounds/make_sounds.py`.

The texts are the English ones of cti_bridge/sounds/sentences.toml. The results are committed, so nothing needs this at
run time; whoever changes a text needs Debian's `flite` and `sox`. Every sound is written as .ulaw and .alaw, so that
Asterisk never has to convert one for 8 kHz telephones, and what begins or ends a call also as .sln16 (16 bits,
little-endian) for whatever does 16 kHz.
"""

from __future__ import annotations

import subprocess
import tempfile
import tomllib
from pathlib import Path

import numpy as np
import numpy.typing as npt

HERE = Path(__file__).resolve().parent
SENTENCES = HERE.parents[1] / "cti_bridge" / "sounds" / "sentences.toml"
RATE = 16_000
VOICE = "slt"

# Those of a queue and of dialogues are many. Telephones talk 8 kHz, and who could hear more hears what they do.
NARROW = ("position-", "wait-", "callback-", "transfer-", "sample-")

# Of the sample configuration, config/conf.d/15-office.toml.
SAMPLE = {
    "sample-menu": "To speak to an agent, press 1. To hear our opening hours, press 2.",
    "sample-hours": "Our office is open from Monday to Friday, from nine to twelve and from one to six.",
    "sample-holiday": "Today is a public holiday, and our office is closed.",
    "sample-message": "Please leave a message after the tone.",
}

# One bar of four seconds each, as semitones above middle C: F major 7, E minor 7, D minor 7, C major 7.
BARS = ((5, 9, 12, 16), (4, 7, 11, 14), (2, 5, 9, 12), (0, 4, 7, 11))
BAR_S = 4.0
# The order in which a bar's tones are plucked, one every half second.
FIGURE = (0, 1, 2, 3, 2, 1, 2, 3)

Samples = npt.NDArray[np.float64]


def main() -> None:
    """Write everything."""
    with tempfile.TemporaryDirectory() as scratch:
        for name, text in {**tomllib.loads(SENTENCES.read_text(encoding="utf-8"))["en"], **SAMPLE}.items():
            spoken = Path(scratch) / f"{name}.wav"
            subprocess.run(["flite", "-voice", VOICE, "-t", text, "-o", str(spoken)], check=True)
            wide = not name.startswith(NARROW)
            # Quiet edges keep the first word from being cut off while the audio path opens.
            _write(["-t", "wav", str(spoken)], HERE / "cti" / name, ["norm", "-6", "pad", "0.2", "0.2"], wide)
        raw = Path(scratch) / "music.raw"
        raw.write_bytes((music() * 32767).astype("<i2").tobytes())
        _write([*_raw(RATE, "signed-integer", 16), str(raw)], HERE / "moh" / "calm", [], True)


def music() -> Samples:
    """Return the loop: plucked chords over a soft pad, every tone's end wrapped round so that the seam is not heard."""
    length = int(len(BARS) * BAR_S * RATE)
    loop = np.zeros(length)
    for bar, chord in enumerate(BARS):
        start_s = bar * BAR_S
        for semitone in chord[:3]:
            _add(loop, start_s, _pad(_frequency(semitone)) * 0.10)
        for beat, degree in enumerate(FIGURE):
            _add(loop, start_s + beat * BAR_S / len(FIGURE), _pluck(_frequency(chord[degree] + 12)) * 0.35)
    loop *= 0.35 / np.abs(loop).max()
    return loop


def _frequency(semitone: int) -> float:
    return 261.6256 * float(2 ** (semitone / 12))


def _pluck(frequency: float) -> Samples:
    """Return a bell-like tone that fades within two seconds; a telephone passes nothing above 3.4 kHz."""
    t = np.arange(int(2.0 * RATE)) / RATE
    partials = [(1.0, 1.0, 2.5), (2.0, 0.35, 4.0), (3.0, 0.12, 6.0)]
    tone = np.zeros(len(t))
    for times, level, decay in partials:
        tone += level * np.exp(-decay * t) * np.sin(2 * np.pi * frequency * times * t)
    tone *= np.minimum(t / 0.006, 1.0)
    return tone


def _pad(frequency: float) -> Samples:
    """Return a tone that swells and fades over one bar and a half, so that neighbouring bars overlap."""
    t = np.arange(int(BAR_S * 1.5 * RATE)) / RATE
    tone: Samples = np.sin(2 * np.pi * frequency * t) + 0.3 * np.sin(2 * np.pi * frequency * 2.003 * t)
    tone *= np.sin(np.pi * t / t[-1])
    return tone


def _add(loop: Samples, start_s: float, tone: Samples) -> None:
    places = (int(start_s * RATE) + np.arange(len(tone))) % len(loop)
    np.add.at(loop, places, tone)


def _write(source: list[str], target: Path, effects: list[str], wide: bool) -> None:
    target.parent.mkdir(exist_ok=True)
    formats = {
        ".ulaw": _raw(8_000, "u-law", 8),
        ".alaw": _raw(8_000, "a-law", 8),
        **({".sln16": _raw(RATE, "signed-integer", 16)} if wide else {}),
    }
    for suffix, options in formats.items():
        # -D and -R: no random dither, so that the same input gives the same bytes.
        command = ["sox", "-D", "-R", *source, *options, f"{target}{suffix}", *effects]
        subprocess.run(command, check=True)


def _raw(rate: int, encoding: str, bits: int) -> list[str]:
    return ["-t", "raw", "-r", str(rate), "-c", "1", "-e", encoding, "-b", str(bits)]


if __name__ == "__main__":
    main()
