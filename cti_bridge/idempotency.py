"""Keys by which a client makes the repeat of a request harmless. They live in the checkpoint, so a restart keeps
them.

A refused request changed nothing and leaves no key: its repeat is an attempt like the first. One that the disk did not
take yet is kept in memory and tried again, and so is its key.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from cti_bridge.domain.border.errors import InvalidBody

KIND = "idempotency"
"""Of the entries in the checkpoint."""
KEPT_S = 86_400.0
MOST = 10_000
LONGEST_COMMAND = 500
WORTH_WRITING_S = 60.0
"""Of a clock that was set by less the keys on disk are told nothing: they are kept for a day."""


@dataclass(frozen=True, slots=True)
class Key:
    """``command`` is what was asked under it, ``answer`` (JSON) what the answer can be made of again."""

    key: str
    command: str
    at: float
    answer: Any = None


class IdempotencyKeys:
    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self._keys: dict[str, Key] = {}
        self.take_up(keys)

    def take_up(self, keys: Iterable[Key]) -> None:
        """Take over what the checkpoint holds."""
        self._keys |= {key.key: key for key in sorted(keys, key=lambda key: key.at)}

    def earlier(self, key: str | None, command: object, now: float) -> Key | None:
        """What was carried out under this key, if anything. Raises InvalidBody when that was another command."""
        known = self._keys.get(key) if key is not None else None
        if known is None or known.at < now - KEPT_S:
            return None
        if known.command != _short(command):
            raise InvalidBody("This Idempotency-Key was used for another request.")
        return known

    def clock_moved(self, by_s: float) -> dict[tuple[str, str], object | None]:
        """Our clock was set: keys live no longer or shorter for it. What changes in the checkpoint."""
        self._keys = {key: replace(entry, at=entry.at + by_s) for key, entry in self._keys.items()}
        return {(KIND, key): entry for key, entry in self._keys.items()} if abs(by_s) >= WORTH_WRITING_S else {}

    def remember(
        self, key: str, command: object, now: float, answer: Any = None
    ) -> dict[tuple[str, str], object | None]:
        """What changes in the checkpoint: the new key, and those that are too old or too many. To be staged together
        with what the command changed."""
        changes: dict[tuple[str, str], object | None] = {}
        self._keys.pop(key, None)
        self._keys[key] = entry = Key(key, _short(command), now, answer)
        changes[KIND, key] = entry
        while (oldest := next(iter(self._keys.values()))).at < now - KEPT_S or len(self._keys) > MOST:
            del self._keys[oldest.key]
            changes[KIND, oldest.key] = None
        return changes


def _short(command: object) -> str:
    text = repr(command)
    return text if len(text) <= LONGEST_COMMAND else hashlib.sha256(text.encode()).hexdigest()
