"""Makes the files that callers hear: a text is spoken, a recording is brought into the form that every PBX plays.

Each is named by the SHA-256 of what it is made of. So a file never changes, is made once, and may be kept for ever by
whoever has fetched it. The programs are Debian's: espeak-ng or flite speaks, and sox brings the result into form.
"""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cti_bridge.config.reading import Unreadable, read_bytes
from cti_bridge.sounds.message import base_of

VERSION = 1
"""The version of the form. Another form is another name."""
RATE = 8_000
"""Samples a second: telephones have no more, and Asterisk takes a ``.wav`` for nothing else."""
LARGEST = 50 * 2**20
"""Bytes of a recording."""
MADE_WITHIN_S = 20.0
"""A text of a thousand characters takes less than a second."""

_VOICES = {"en": "en-us", "en_GB": "en-gb", "fr": "fr-fr", "zh": "cmn", "pt": "pt", "pt_BR": "pt-br"}
"""The voices of espeak-ng that are not named as their language."""
_FLITE = "flite/"
_CALM = "150"
"""Words a minute; espeak-ng's own 175 are fast on a telephone."""
_EFFECTS = ("norm", "-6", "pad", "0.2", "0.2")
"""Quiet edges keep the first word from being cut off while the audio path opens."""


class CannotMake(Exception):
    """A file cannot be made, with the reason in words."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text, and the voice that speaks it."""

    text: str
    voice: str
    language: str

    @property
    def name(self) -> str:
        return _name("say", self.text, self.language, self.voice)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording; ``digest`` is that of its content, ``fits`` whether it has the form already."""

    path: Path
    digest: str
    fits: bool

    @property
    def name(self) -> str:
        return _name("file", self.digest)


Made = Spoken | Recorded


def voice_of(language: str) -> str:
    """Return the voice that speaks a language unless another one is configured."""
    base = base_of(language)
    return _VOICES.get(language.replace("-", "_")) or _VOICES.get(base, base)


def recorded(path: Path) -> Recorded:
    """Look at a recording. Raises CannotMake when it cannot be read or is none."""
    try:
        content = read_bytes(path, LARGEST)
    except Unreadable as error:
        raise CannotMake(f"{path} {error.text}") from None
    try:
        with wave.open(io.BytesIO(content)) as sound:
            form, frames = (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()), sound.getnframes()
    except (wave.Error, EOFError, RuntimeError) as error:  # The last where it is cut off before its sound.
        raise CannotMake(f"{path} is no WAV file with PCM ({error or 'it is cut off'})") from None
    if not frames:
        raise CannotMake(f"{path} holds no sound")
    return Recorded(path, hashlib.sha256(content).hexdigest(), form == (RATE, 1, 2))


def lacking(made: Made) -> str:
    """Return in words why this cannot be made on this machine, or ""."""
    if isinstance(made, Recorded):
        is_lacking = not made.fits and shutil.which("sox") is None
        needed = f"{made.path} is not of {RATE} Hz, 16 bits and one channel, and sox is not installed"
        return f"{needed} (apt-get install sox)" if is_lacking else ""
    program = "flite" if made.voice.startswith(_FLITE) else "espeak-ng"
    if missing := [name for name in (program, "sox") if shutil.which(name) is None]:
        return f"to speak this text takes {' and '.join(missing)} (apt-get install {' '.join(missing)})"
    if program == "espeak-ng" and made.voice not in voices():
        return f'espeak-ng has no voice "{made.voice}" (espeak-ng --voices)'
    if base_of(made.voice) == "ja" and any("\u3400" <= letter <= "\u9fff" for letter in made.text):
        return "espeak-ng reads kana alone, and says of each kanji that it is one; write kana, or record it (file:PATH)"
    return ""


def voices() -> frozenset[str]:
    """Return the voices of espeak-ng by the names of their languages; none where it is not installed."""
    return _voices(shutil.which("espeak-ng"))


@cache
def _voices(program: str | None) -> frozenset[str]:
    if program is None:  # It may be installed while the bridge runs.
        return frozenset()
    try:
        done = subprocess.run([program, "--voices"], capture_output=True, text=True, timeout=MADE_WITHIN_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    # A language beside the first stands as "(en 3)". The voices of mbrola need programs of their own.
    return frozenset(row[1] for row in rows if len(row) > 4 and not row[4].startswith("mb/"))


def make(made: Made, directory: Path) -> None:
    """Make the file, unless it is there. Raises CannotMake."""
    target = directory / f"{made.name}.wav"
    if target.is_file():
        return
    if why := lacking(made):
        raise CannotMake(why)
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o750)
        with tempfile.TemporaryDirectory(dir=directory, prefix=".making-") as scratch:
            ready = Path(scratch) / "ready.wav"
            _STEPS[type(made)](made, Path(scratch), ready)
            os.replace(ready, target)
    except OSError as error:
        raise CannotMake(f"{directory} cannot be written: {error.strerror}") from None


def _speak(made: Spoken, scratch: Path, ready: Path) -> None:
    raw = scratch / "raw.wav"
    if made.voice.startswith(_FLITE):
        text = scratch / "text"
        text.write_text(made.text, encoding="utf-8")
        _run(["flite", "-voice", made.voice.removeprefix(_FLITE), "-f", str(text), "-o", str(raw)])
    else:
        _run(["espeak-ng", "-v", made.voice, "-s", _CALM, "--stdin", "-w", str(raw)], made.text)
    _form(raw, ready, *_EFFECTS)


def _bring_into_form(made: Recorded, scratch: Path, ready: Path) -> None:
    if made.fits:
        shutil.copyfile(made.path, ready)
    else:
        _form(made.path, ready)
    if recorded(ready).digest != made.digest and made.fits:
        raise CannotMake(f"{made.path} was written while it was read")


_STEPS: dict[type[Made], Callable[..., None]] = {Spoken: _speak, Recorded: _bring_into_form}


def _form(source: Path, target: Path, *effects: str) -> None:
    # -D and -R: no random dither, so that the same input gives the same bytes.
    form = ["-r", str(RATE), "-c", "1", "-b", "16", "-e", "signed-integer"]
    _run(["sox", "-V1", "-D", "-R", str(source), *form, str(target), *effects])


def _run(command: list[str], text: str = "") -> None:
    try:
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, encoding="utf-8", timeout=MADE_WITHIN_S
        )
    except OSError as error:
        raise CannotMake(f"{command[0]} cannot be run: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise CannotMake(f"{command[0]} has not ended within {MADE_WITHIN_S:.0f} s") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise CannotMake(f"{command[0]} has failed: {said[-1] if said else f'exit code {done.returncode}'}")


def _name(*made_of: str) -> str:
    return hashlib.sha256(json.dumps([VERSION, *made_of]).encode()).hexdigest()
