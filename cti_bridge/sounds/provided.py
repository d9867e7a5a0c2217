"""The sounds that the bridge provides to the PBXs: of one configuration, and as one PBX reaches them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cti_bridge.sounds.message import FILE, LANGUAGES, SAY, SOUND, base_of, source_in
from cti_bridge.sounds.sentences import ENGLISH
from cti_bridge.sounds.speech import Made

PATH = "/sounds/"
"""The path of the sounds on the bridge, before ``NAME.wav``."""


@dataclass(frozen=True, slots=True)
class Provided:
    """``house`` is the language of callers who have none. ``made`` has what is provided, by its source (a source of the
    configuration, or a sound of the PBX whose place it takes) and the language of the caller."""

    directory: Path = Path()
    house: str = "en"
    made: Mapping[tuple[str, str], Made] = field(default_factory=dict)

    @property
    def names(self) -> dict[str, str]:
        """The sources by the names of their files."""
        return {made.name: source for (source, _), made in self.made.items()}


@dataclass(frozen=True, slots=True)
class AtPbx:
    """``base`` is the address at which a PBX reaches the bridge, e.g. ``http://127.0.0.1:8080``."""

    provided: Provided = Provided()
    base: str = ""

    def media(self, media: str, language: str) -> str:
        """Return the media that ARI gets, for a caller of this language; "" is that of the house."""
        provided = self.provided
        if not provided.made and not any(kind in media for kind in (LANGUAGES, SAY, FILE)):
            return media
        found = (source_in(one, language or provided.house, provided.house) for one in media.split(","))
        return ",".join(self._of(source, language or provided.house) for source in found)

    def addresses(self) -> dict[str, str]:
        """Return the sources by the address at which the PBX fetches the sound."""
        return {self._address(name): source for name, source in self.provided.names.items()}

    def language(self, language: str) -> str:
        """Return the language in which the PBX plays sounds of its own; "" is that which it has by itself."""
        return language or (self.provided.house if base_of(self.provided.house) != ENGLISH else "")

    def _of(self, source: str, language: str) -> str:
        """A source that nobody knows any more, of a call that has begun under an earlier configuration, has no sound:
        its message fails at once, and the call goes on."""
        provided = self.provided
        made = provided.made.get((source, language))
        if made is None and not source.startswith(SOUND):
            made = next((one for (other, _), one in provided.made.items() if other == source), None)
        if made is not None:
            return SOUND + self._address(made.name)
        return source if source.startswith(SOUND) else f"{SOUND}cti/not-there-any-more"

    def _address(self, name: str) -> str:
        return f"{self.base}{PATH}{name}.wav"
