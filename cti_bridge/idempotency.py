"""Keys with which a client makes the repeat of a request harmless. They live in the checkpoint, so a restart keeps
them.

A refused request has changed nothing and leaves no key. Its repeat is an attempt like the first. A change that the disk
did not take yet is kept in memory and tried again, and so is its key.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from cti_bridge.domain.border.errors import InvalidBody

KIND = "idempotency"
"""The kind of the keys' entries in the checkpoint."""
KEPT_S = 86_400.0
MOST = 10_000
LONGEST_COMMAND = 500
WORTH_WRITING_S = 60.0
"""When the clock was set by fewer seconds, the keys on disk are left as they are: they are kept for a day anyway."""


@dataclass(frozen=True, slots=True)
class Key:
    """``command`` is the request under the key. The answer can be made again from ``answer`` (JSON)."""

    key: str
    command: str
    at: float
    answer: Any = None


class IdempotencyKeys:
    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self._keys: dict[str, Key] = {}
        self.take_up(keys)

    def take_up(self, keys: Iterable[Key]) -> None:
        """Take over the keys of the checkpoint."""
        self._keys |= {key.key: key for key in sorted(keys, key=lambda key: key.at)}

    def earlier(self, key: str | None, command: object, now: float) -> Key | None:
        """Return the earlier command under this key, or None. Raises InvalidBody when it was another command."""
        known = self._keys.get(key) if key is not None else None
        if known is None or known.at < now - KEPT_S:
            return None
        if known.command != _short(command):
            raise InvalidBody("This Idempotency-Key was used for another request.")
        return known

    def clock_moved(self, by_s: float) -> dict[tuple[str, str], object | None]:
        """Our clock was set by ``by_s`` seconds; the keys live no longer or shorter for it. Return the changes of the
        checkpoint."""
        self._keys = {key: replace(entry, at=entry.at + by_s) for key, entry in self._keys.items()}
        return {(KIND, key): entry for key, entry in self._keys.items()} if abs(by_s) >= WORTH_WRITING_S else {}

    def remember(
        self, key: str, command: object, now: float, answer: Any = None
    ) -> dict[tuple[str, str], object | None]:
        """Remember a key, and forget those that are too old or too many. Return the changes of the checkpoint, to be
        staged together with the command's own."""
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
