"""Deadlines are data: each is a kind, the id of whose it is, and a time. The engine keeps one timer for the earliest.

What is known of each kind stands in one table, :mod:`cti_bridge.domain.follows.due`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from heapq import heappop, heappush
from typing import Any

from cti_bridge.domain.model.call import CallState


class Kind(StrEnum):
    OFFER = "offer"
    """The pickup time, or the time to accept."""
    LONGEST_WAIT = "longest_wait"
    MESSAGE = "message"
    """The limit of a message whose end nobody tells."""
    TARGET = "target"
    RECALL = "recall"
    """How long a sender's phone may take to be free."""
    HOLD = "hold"
    """The agent is reminded."""
    TRANSFERRED = "transferred"
    """How long a customer may talk to an outside number, with nobody of ours there."""
    DIAL = "dial"
    LOST = "lost"
    LOST_RETRY = "lost_retry"
    AUDIO = "audio"
    CONFIRM = "confirm"
    """What was ordered must have been seen."""
    PROCESSING = "processing"
    PHONE = "phone"
    PAUSE = "pause"
    PANEL = "panel"


_KINDS = tuple(Kind)
Key = tuple[Kind, str]
"""(what it is for, the id of what it is for)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is known of a kind. ``procedure``, ``longest_s`` and ``anew`` get the floor and the owner."""

    owner: type
    """Call, Leg or Agent."""
    procedure: Callable[[Any, Any], None]
    field: tuple[str, ...] = ()
    """The way from the owner to where its time stands in the checkpoint: an attribute, that of a part, or a name in
    `Call.deadlines`. Empty: it is kept in memory alone."""
    longest_s: Callable[[Any, Any], float | None] | None = None
    """No more than this is left of it after a restart; None: there is no such limit any more."""
    acts_in: frozenset[CallState] | None = None
    """In another state of the call it stays when it is due, and acts when the call comes into one of these. None:
    in all."""
    anew: Callable[[Any, Any], float | None] | None = None
    """When it is due, from the return of the PBX on, and for agents from that of the bridge; None: not at all.
    Without this it is shifted by the time away."""

    def kept(self, owner: Any) -> float | None:
        """The time that stands in the checkpoint."""
        for step in self.field:
            owner = owner.get(step) if isinstance(owner, dict) else getattr(owner, step, None)
        return owner if self.field else None

    def keep(self, owner: Any, at: float | None) -> None:
        """Have it in the checkpoint, where it has a place there."""
        if not self.field:
            return
        *way, name = self.field
        for step in way:
            owner = getattr(owner, step)
        if isinstance(owner, dict):
            owner.pop(name, None)
            if at is not None:
                owner[name] = at
        elif owner is not None:
            setattr(owner, name, at)


class Deadlines:
    """A heap with lazy removal: setting, moving and taking back cost O(log n)."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, Key]] = []
        self._at: dict[Key, float] = {}
        self.held: dict[Key, float] = {}
        """Those that stay, and when they were due."""
        self.to_be_tried: list[Key] = []

    def owners(self) -> set[str]:
        """The identities of all that have one, also one that stays."""
        return {identity for _, identity in (*self._at, *self.held)}

    def set(self, kind: Kind, identity: str, at: float | None) -> None:
        """Set, move, or (``at`` None) take back."""
        key = (kind, identity)
        if self.held:
            self.held.pop(key, None)
        if at is None:
            self._at.pop(key, None)
        elif self._at.get(key) != at:
            self._at[key] = at
            heappush(self._heap, (at, key))
            self._shed()

    def forget(self, identity: str) -> None:
        """Take back all of this owner's."""
        for kind in _KINDS:
            self._at.pop((kind, identity), None)
        if self.held:
            self.held = {key: at for key, at in self.held.items() if key[1] != identity}

    def at(self, kind: Kind, identity: str) -> float | None:
        """When it is, or was, due; None: it is not set."""
        key = (kind, identity)
        return self._at.get(key, self.held.get(key))

    def next(self) -> float | None:
        """The earliest deadline, or None. Those that stay count no more."""
        self._drop_stale()
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: float) -> Key | None:
        """Take the earliest deadline that is due, or None."""
        self._drop_stale()
        if not self._heap or self._heap[0][0] > now:
            return None
        _, key = heappop(self._heap)
        del self._at[key]
        return key

    def hold(self, key: Key, at: float) -> None:
        """It was due at ``at`` and does not act now: it stays until it is tried again, set, or taken back."""
        self.held[key] = at

    def try_again(self, identity: str) -> None:
        """The call has come into another state: those of its deadlines that stay may act now."""
        self.to_be_tried += [key for key in self.held if key[1] == identity]

    def pop_tried(self) -> Key | None:
        """Take one that stayed and may act now, or None."""
        while self.to_be_tried:
            key = self.to_be_tried.pop(0)
            if self.held.pop(key, None) is not None:
                return key
        return None

    def _drop_stale(self) -> None:
        while self._heap and self._at.get(self._heap[0][1]) != self._heap[0][0]:
            heappop(self._heap)

    def _shed(self) -> None:
        """Rebuild when most of the heap is stale: taken-back deadlines that lie far ahead must not pile up."""
        if len(self._heap) > 64 and len(self._heap) > 4 * len(self._at):
            self._heap = sorted((at, key) for key, at in self._at.items())
