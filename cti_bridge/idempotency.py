"""Keys by which a client makes the repeat of a command harmless. They live in the checkpoint, so a
restart keeps them.

A refused command changed nothing and leaves no key: its repeat is an attempt like the first.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cti_bridge.domain.errors import InvalidBody
from cti_bridge.domain.facts import Command

KEPT_S = 86_400.0
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Key:
    key: str
    command: str
    at: float


class IdempotencyKeys:
    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self._keys = {key.key: key for key in sorted(keys, key=lambda key: key.at)}

    def is_repeat(self, key: str, command: Command, now: float) -> bool:
        """Whether the command was carried out under this key. Raises InvalidBody when that was another command."""
        known = self._keys.get(key)
        if known is None or known.at < now - KEPT_S:
            return False
        if known.command != repr(command):
            raise InvalidBody("This Idempotency-Key was used for another request.")
        return True

    def remember(self, key: str, command: Command, now: float) -> dict[tuple[str, str], object | None]:
        """What changes in the checkpoint: the new key, and those that are too old or too many."""
        changes: dict[tuple[str, str], object | None] = {}
        self._keys[key] = entry = Key(key, repr(command), now)
        changes["idempotency", key] = entry
        for old in list(self._keys.values()):
            if old.at >= now - KEPT_S and len(self._keys) <= MOST:
                break
            del self._keys[old.key]
            changes["idempotency", old.key] = None
        return changes
