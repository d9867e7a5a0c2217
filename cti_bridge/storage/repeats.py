"""Idempotency-Keys of agents' changes that do not go through the engine. A key is staged with its change, so both are
on disk or neither is."""

from typing import Any

from cti_bridge.idempotency import IdempotencyKeys, Key
from cti_bridge.storage.checkpoint import Checkpoint, encode
from cti_bridge.storage.kinds import IDEMPOTENCY
from cti_bridge.storage.spool import Spool


class Repeats:
    """``keys`` are shared with the engine: all live equally long."""

    def __init__(self, spool: Spool, keys: IdempotencyKeys) -> None:
        self._spool, self._keys = spool, keys

    def take_up(self, checkpoint: Checkpoint) -> None:
        """Take over the keys in the checkpoint, the engine's too."""
        self._keys.take_up(checkpoint.of(IDEMPOTENCY).values())

    def earlier(self, key: str | None, asked: object, now: float) -> Key | None:
        """Return the earlier request under this key, or None. ``asked`` is all that the key itself does not say. Raises
        InvalidBody when the earlier request was another one."""
        return self._keys.earlier(key, asked, now)

    def keep(self, key: str | None, asked: object, now: float, answer: Any) -> None:
        """Stage the key of a change. No await may stand between the two."""
        if key is not None:
            changes = self._keys.remember(key, asked, now, answer)
            self._spool.stage(
                (), {entry: None if state is None else encode(entry[0], state) for entry, state in changes.items()}
            )
