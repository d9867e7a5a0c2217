"""Sounds: what callers hear that is no sound of the PBX's own, and how the PBXs get it."""

from pathlib import Path
from typing import Annotated

from cti_bridge.config.kinds import FilePath, Language, OptionalListen, SoundsUrl, matching
from cti_bridge.config.schema.section import Section


class SpokenSettings(Section):
    """[sounds.languages.LANGUAGE]: how the bridge speaks a language."""

    voice: Annotated[str, matching(r"[A-Za-z0-9_+/-]{0,60}", "the name of a voice")] = ""
    """The voice of texts: a language of ``espeak-ng --voices``, as in "en-gb", or one of flite, as in "flite/slt".
    Empty: espeak-ng's own for the language."""
    recordings: FilePath | None = None
    """A directory of your own recordings of the bridge's sentences: ``goodbye.wav``, ``position-1.wav``,
    ``digits/0.wav`` and so on. Those that are there take the place of spoken texts, one by one."""
    on_pbx: bool = False
    """Whether the PBX has the bridge's sentences in this language among its own sounds, so that none are made."""


class SoundsSettings(Section):
    """[sounds]: the messages that the configuration gives as a text (``say:``) or as a recording (``file:``)."""

    directory: FilePath = Path("var/sounds")
    """Where the bridge keeps what it has made of them; made if missing."""
    language: Language = "en"
    """The language of callers whose scenario names none."""
    listen: OptionalListen = ""
    """HOST:PORT at which sounds alone are served, by plain HTTP, for PBXs that do not trust the certificate of [api].
    Empty: where the API is."""
    address: SoundsUrl = ""
    """The address at which PBXs reach it, as in "http://192.0.2.10:8080". Empty: that at which it listens."""
    languages: dict[Language, SpokenSettings] = {}
    """Languages, with their voices and recordings."""
