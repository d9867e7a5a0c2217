"""Files in S3-compatible storage, by the library obstore.

Its blocking calls run in threads: those that it offers for asyncio end the whole process now and then, when that exits
while one is under way (seen). Nothing is tried anew here, for whoever asks does that. Errors of the library hold
addresses and bodies; in words there is only what the storage calls its refusal.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from cti_bridge.recordings.places import ObjectsAt, StorageAway

PIECE = 256 * 1024
"""The least bytes that are read at once."""
CONNECTS_S, ANSWERS_S = 5, 30
"""The most seconds for a connection, and for a whole request: the answer, or a part of five megabytes."""
PROBE = "cti-bridge-check"
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_NOT_THERE = "NoSuchKey"

R = TypeVar("R")


class ObjectStore:
    """Each method raises StorageAway. ``key`` is the name below the configured prefix."""

    def __init__(self, at: ObjectsAt) -> None:
        self._store = S3Store(
            at.bucket,
            prefix=at.prefix or None,
            endpoint=at.endpoint or None,
            region=at.region,
            access_key_id=at.access_key_id,
            secret_access_key=at.secret_access_key,
            virtual_hosted_style_request=not at.endpoint,
            client_options={
                "allow_http": urlsplit(at.endpoint).scheme == "http",
                "connect_timeout": f"{CONNECTS_S}s",
                "timeout": f"{ANSWERS_S}s",
            },
            retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=ANSWERS_S)},
        )

    async def put(self, key: str, path: Path) -> None:
        """Store the file, in place of what was there. It counts when the storage says how long it is. Raises OSError
        when the file cannot be read."""
        size = (await asyncio.to_thread(path.stat)).st_size
        attributes = {"Content-Type": "audio/wav"}
        await _asked(lambda: obstore.put(self._store, key, path, attributes=attributes))
        there = await _asked(lambda: obstore.head(self._store, key)["size"])
        if there != size:
            raise StorageAway(f"it has {there} bytes of {size}")

    async def read(self, key: str, start: int, length: int) -> AsyncGenerator[bytes]:
        """Yield these bytes. Raises FileNotFoundError when there is no such object."""
        try:
            found = await _asked(lambda: obstore.get(self._store, key, options={"range": (start, start + length)}))
        except StorageAway as problem:
            if _NOT_THERE in str(problem):
                raise FileNotFoundError(key) from None
            raise
        pieces = iter(found.stream(min_chunk_size=PIECE))
        while (piece := await _asked(lambda: next(pieces, None))) is not None:
            yield bytes(piece)

    async def delete(self, key: str) -> None:
        """Delete the object. One that is not there counts as deleted."""
        await _asked(lambda: obstore.delete(self._store, key))

    async def check(self) -> None:
        """Write an object, read it and delete it."""
        await _asked(lambda: obstore.put(self._store, PROBE, b"cti-bridge"))
        _ = [piece async for piece in self.read(PROBE, 0, 10)]
        await self.delete(PROBE)


async def _asked(ask: Callable[[], R]) -> R:
    try:
        return await asyncio.to_thread(ask)
    except (BaseError, OSError, TimeoutError) as error:  # A missing object, or bucket, is a FileNotFoundError there.
        found = _CODE.search(str(error))
        words = f"it answered {found[1]}" if found else "it does not answer"
        raise StorageAway(words if not isinstance(error, PermissionError) or found else "it refused") from None
