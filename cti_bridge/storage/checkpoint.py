"""The checkpoint: the present states as JSON, by kind and id; encoding and decoding.

No content of the checkpoint can stop a start. An entry that cannot be read for any reason is *unreadable*, and all
others are read. A kind that this program does not know comes from a newer release and is left alone.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from cti_bridge.storage.kinds import CORE, KINDS, Kind

T = TypeVar("T")
Key = tuple[str, str]

_encode = msgspec.json.Encoder().encode
_VERSION = re.compile(rb'\{"v":([1-9][0-9]{0,8})[,}]')


class UnreadableEntry(Exception):
    """The message says why."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry of a known kind that cannot be read."""

    kind: str
    id: str
    state: bytes
    reason: str


@dataclass(slots=True)
class Checkpoint:
    """The content of a checkpoint, read."""

    unreadable: list[Unreadable] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    """Entries of kinds that this program does not know, by kind."""
    beside: list[object] = field(default_factory=list)
    """Objects for the core beside the states: remains of unreadable entries, and agents' last rows."""
    _states: defaultdict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))

    def of(self, kind: Kind[T]) -> dict[str, T]:
        """Return the states of a kind, by id."""
        return self._states.get(kind.name, {})

    def forget(self, *kinds: Kind[Any]) -> None:
        """Forget the states of these kinds: they are taken up, and live elsewhere now."""
        for kind in kinds:
            self._states.pop(kind.name, None)

    def drop(self, keys: Iterable[Key]) -> None:
        """Leave these states out."""
        for name, identity in keys:
            self._states[name].pop(identity, None)

    def core(self) -> Iterator[object]:
        """Yield the states that the core takes up."""
        for name, states in self._states.items():
            if KINDS[name].taken_by == CORE:
                yield from states.values()
        yield from self.beside


def read(entries: Mapping[Key, bytes]) -> Checkpoint:
    """Read the entries and return the checkpoint. Never raises for the content of an entry."""
    found = Checkpoint()
    for (name, identity), state in entries.items():
        kind = KINDS.get(name)
        if kind is None:
            found.unknown[name] += 1
            continue
        try:
            found._states[name][identity] = decode(kind, identity, state)
        except Exception as error:
            found.unreadable.append(Unreadable(name, identity, state, _reason(error)))
    return found


def decode(kind: Kind[T], identity: str, state: bytes) -> T:
    """Return the state of an entry. Raises UnreadableEntry, msgspec.MsgspecError, and any error of an upgrade."""
    found = _VERSION.match(state)
    version = int(found[1]) if found else 1
    if version > kind.version:
        raise UnreadableEntry(f"it is of version {version}, this program knows up to {kind.version}")
    if version == kind.version:
        value = msgspec.json.decode(state, type=kind.type)
    else:
        older = msgspec.json.decode(state)
        for upgrade in kind.upgrades[version - 1 :]:
            older = upgrade(older)
        value = msgspec.convert(older, kind.type)
    if kind.identity is not None and kind.identity(value) != identity:
        raise UnreadableEntry(f"it says that it is {kind.identity(value)!r}")
    if kind.fault is not None and (fault := kind.fault(value)):
        raise UnreadableEntry(fault)
    return value


def encode(kind: str, state: object) -> bytes:
    """Return a state as it stands in the checkpoint. Raises TypeError for one that cannot be encoded, KeyError for a
    kind that is not registered."""
    upgrades = KINDS[kind].upgrades
    return _with_version(len(upgrades) + 1, _encode(state)) if upgrades else _encode(state)


def _with_version(version: int, state: bytes) -> bytes:
    """Add the version to the text: half the cost of building another object for it. Only an object can have a
    version."""
    if state[:1] != b"{":
        raise TypeError("a kind whose version is not 1 must be an object")
    rest = state[1:]
    return b'{"v":%d' % version + (rest if rest == b"}" else b"," + rest)


def _reason(error: Exception) -> str:
    return (
        str(error) if isinstance(error, msgspec.MsgspecError | UnreadableEntry) else f"{type(error).__name__}: {error}"
    )
