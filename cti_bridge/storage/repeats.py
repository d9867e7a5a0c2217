"""Changes that agents make past the engine, under their Idempotency-Key: a key is staged with the change
that was made under it, so both are on disk or neither is."""

from collections.abc import Mapping
from typing import Any

import msgspec
import structlog

from cti_bridge.idempotency import KIND, IdempotencyKeys, Key
from cti_bridge.storage.spool import Spool

_log = structlog.get_logger(__name__)
_encode = msgspec.json.Encoder().encode


class Repeats:
    """``keys`` are the engine's too: they live equally long."""

    def __init__(self, spool: Spool, keys: IdempotencyKeys) -> None:
        self._spool, self._keys = spool, keys

    def restore(self, checkpoint: Mapping[tuple[str, str], bytes]) -> None:
        """Take over the keys in the checkpoint, the engine's too."""
        found = []
        for (kind, identity), state in checkpoint.items():
            if kind == KIND:
                try:
                    found.append(msgspec.json.decode(state, type=Key))
                except msgspec.MsgspecError as error:
                    _log.error("checkpoint_entry_unreadable", kind=kind, id=identity, error=str(error))
        self._keys.restore(found)

    def earlier(self, key: str | None, asked: object, now: float) -> Key | None:
        """What was done under the key, if anything; ``asked`` is all that the key itself does not say. Raises
        InvalidBody when that was something else."""
        return self._keys.earlier(key, asked, now)

    def keep(self, key: str | None, asked: object, now: float, answer: Any) -> None:
        """Stage the key of what was done just now, without an await in between."""
        if key is not None:
            changes = self._keys.remember(key, asked, now, answer)
            self._spool.stage(
                (), {entry: None if state is None else _encode(state) for entry, state in changes.items()}
            )
