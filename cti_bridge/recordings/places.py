"""Where the files of recorded conversations lie: in the bridge's own directory, or in S3-compatible storage."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

DIRECTORY, S3 = "directory", "s3"


class StorageAway(Exception):
    """The storage does not answer, or refuses. The message says why, and holds no secret."""


@dataclass(frozen=True, slots=True)
class ObjectsAt:
    """Where objects are stored, and by whose key. ``endpoint`` is a URL; empty: Amazon's own of the region. ``prefix``
    begins the name of each object."""

    bucket: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    endpoint: str = ""
    region: str = "us-east-1"
    prefix: str = ""


class ObjectsUnknown(Exception):
    """The library that speaks to the storage is not installed."""

    def __str__(self) -> str:
        return "the package obstore is missing: pip install 'cti-bridge[s3]'"


class Objects(Protocol):
    """Files in a storage, by their key. Each method raises StorageAway."""

    async def put(self, key: str, path: Path) -> None:
        """Store the file, in place of what was there. Raises OSError when the file cannot be read."""

    def read(self, key: str, start: int, length: int) -> AsyncGenerator[bytes]:
        """Yield these bytes. Raises FileNotFoundError when there is no such object."""

    async def delete(self, key: str) -> None:
        """Delete the object. One that is not there counts as deleted."""

    async def check(self) -> None:
        """Write an object, read it and delete it."""


class Kept(Protocol):
    """The row of a recorded conversation. ``leftover`` are places in which a file may lie that is to be deleted."""

    @property
    def id(self) -> str: ...

    @property
    def started_at(self) -> float: ...

    @property
    def state(self) -> str: ...

    @property
    def place(self) -> str: ...

    @property
    def file(self) -> str: ...

    @property
    def leftover(self) -> Sequence[str]: ...


def open_objects(at: ObjectsAt) -> Objects:
    """Return the storage. Raises ObjectsUnknown."""
    try:
        from cti_bridge.recordings.objects import ObjectStore  # Only who stores there has the library.
    except ModuleNotFoundError:
        raise ObjectsUnknown from None
    return ObjectStore(at)
