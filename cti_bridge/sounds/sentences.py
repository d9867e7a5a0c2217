"""The bridge's own sentences by language. English ones are sounds of the PBX; for other languages the bridge makes
them."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

ENGLISH = "en"
_DIGITS = "digits/"


DIGITS = tuple(f"sound:{_DIGITS}{digit}" for digit in range(10))
"""English ones are the PBX's own."""


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """Return the texts by language, then by the sound of the PBX whose place they take."""
    table = tomllib.loads((files("cti_bridge.sounds") / "sentences.toml").read_text(encoding="utf-8"))
    return {language: {sound_of(name): text for name, text in texts.items()} for language, texts in table.items()}


def sound_of(name: str) -> str:
    """Return the sound of a sentence, e.g. ``sound:cti/confirm`` of ``confirm``, ``sound:digits/4`` of ``digits/4``."""
    return f"sound:{name}" if name.startswith(_DIGITS) else f"sound:cti/{name}"
