"""Deadlines are data: each is a kind, its owner's id, and a time. The engine keeps one timer for the earliest.

The table in :mod:`cti_bridge.domain.follows.due` has a rule for each kind.
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
    STAGE = "stage"
    """The next stage of the wait: other agents are asked, or others go behind."""
    ANNOUNCEMENT = "announcement"
    """The next announcement to a caller who waits."""
    LAST_AGENT = "last_agent"
    """The last agent is waited for no more."""
    NO_AGENTS = "no_agents"
    """Nobody has worked for the call's queue for a while."""
    CLOSING = "closing"
    """The hours of the call's queue change, or its time after closing is over."""
    STEP = "step"
    """The time for a key in a menu."""
    MESSAGE = "message"
    """The limit of a message, for the case that nobody tells its end."""
    TARGET = "target"
    RECALL = "recall"
    """The limit for a sender's phone to become free."""
    HOLD = "hold"
    """The agent is reminded of the customer on hold."""
    TRANSFERRED = "transferred"
    """The limit for a customer and an outside number who talk without an agent."""
    DIAL = "dial"
    RECORDER = "recorder"
    """The recorder must have done what it was ordered; or it is tried again."""
    RECORD_PAUSE = "record_pause"
    """The pause of the recording ends by itself, or the agent is told that it will."""
    LOST = "lost"
    LOST_RETRY = "lost_retry"
    AUDIO = "audio"
    MONITOR = "monitor"
    """A supervisor's phone must have answered, or have left the call's bridge."""
    CONFIRM = "confirm"
    """An order must have been seen to take effect."""
    PROCESSING = "processing"
    PHONE = "phone"
    PAUSE = "pause"
    PANEL = "panel"
    WORKING = "working"
    """The agent counts no more as one who works for queues, unless something changes."""
    AWAY = "away"
    """A PBX has been away for so long that its agents and offers are looked at."""
    OVERRIDE = "override"
    """The end of an override of opening hours."""
    EMERGENCY_SWITCH = "emergency_switch"
    """The end of the emergency of a service."""


Key = tuple[Kind, str]
"""(kind, the owner's id)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule for one kind. ``procedure``, ``longest_s`` and ``anew`` get the floor and the owner."""

    owner: type
    """Call, Agent, Order, Monitor, NodeState, HoursOverride or EmergencySwitch."""
    procedure: Callable[[Any, Any], None]
    field: tuple[str, ...] = ()
    """The way from the owner to the deadline's time in the checkpoint: an attribute, an attribute of a part, or a name
    in `Call.deadlines`. Empty: the time is kept in memory alone."""
    longest_s: Callable[[Any, Any], float | None] | None = None
    """The most seconds that are left of the deadline after a restart. None: the limit is no longer configured."""
    acts_in: frozenset[CallState] | None = None
    """The states of the call in which the deadline acts; None: all. A deadline that is due in another state stays, and
    acts when the call comes into one of these."""
    anew: Callable[[Any, Any], float | None] | None = None
    """The new time of the deadline when the PBX is back; for agents, when the bridge is back. The result None sets
    none. A kind without this is shifted by the time away."""

    def kept(self, owner: Any) -> float | None:
        """Return the deadline's time in the checkpoint."""
        for step in self.field:
            owner = owner.get(step) if isinstance(owner, dict) else getattr(owner, step, None)
        return owner if self.field else None

    def keep(self, owner: Any, at: float | None) -> None:
        """Put the time into the checkpoint, where the deadline has a place there."""
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


_FEW = 64
"""The number of deadlines that may lie in the heap, stale ones included."""


class Deadlines:
    """A heap with lazy removal: to set, move or cancel a deadline costs O(log n)."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, Key]] = []
        self._at: dict[str, dict[Kind, float]] = {}
        """By owner, those that are set."""
        self._most = _FEW
        self.held: dict[Key, float] = {}
        """Deadlines that stay, with the time at which they were due."""
        self.to_be_tried: list[Key] = []

    def owners(self) -> set[str]:
        """The identities of all objects that have a deadline, also one that stays."""
        return {*self._at, *(identity for _, identity in self.held)}

    def set(self, kind: Kind, identity: str, at: float | None) -> None:
        """Set or move the deadline. ``at`` None cancels it."""
        if at is None:
            self.cancel(kind, identity)
            return
        if self.held:
            self.held.pop((kind, identity), None)
        of_owner = self._at.get(identity)
        if of_owner is None:
            self._at[identity] = {kind: at}
        elif of_owner.get(kind) == at:
            return
        else:
            of_owner[kind] = at
        heappush(self._heap, (at, (kind, identity)))
        if len(self._heap) > self._most:
            self._shed()

    def cancel(self, kind: Kind, identity: str) -> None:
        """Cancel the deadline, if it is set."""
        if self.held:
            self.held.pop((kind, identity), None)
        of_owner = self._at.get(identity)
        if of_owner is not None and of_owner.pop(kind, None) is not None and not of_owner:
            del self._at[identity]

    def forget(self, identity: str) -> None:
        """Cancel all deadlines of this owner."""
        self._at.pop(identity, None)
        if self.held:
            self.held = {key: at for key, at in self.held.items() if key[1] != identity}

    def at(self, kind: Kind, identity: str) -> float | None:
        """Return the time at which the deadline is, or was, due; None when it is not set."""
        of_owner = self._at.get(identity)
        at = of_owner.get(kind) if of_owner is not None else None
        return self.held.get((kind, identity)) if at is None and self.held else at

    def next(self) -> float | None:
        """Return the earliest deadline, or None. Deadlines that stay do not count."""
        self._drop_stale()
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: float) -> Key | None:
        """Remove and return the earliest deadline that is due, or None."""
        self._drop_stale()
        if not self._heap or self._heap[0][0] > now:
            return None
        _, (kind, identity) = heappop(self._heap)
        self.cancel(kind, identity)
        return kind, identity

    def hold(self, key: Key, at: float) -> None:
        """The deadline was due at ``at`` and does not act now. It stays until it is tried again, set, or cancelled."""
        self.held[key] = at

    def try_again(self, identity: str) -> None:
        """The call has come into another state: those of its deadlines that stay may act now."""
        self.to_be_tried += [key for key in self.held if key[1] == identity]

    def pop_tried(self) -> Key | None:
        """Remove and return a deadline that stayed and may act now, or None."""
        while self.to_be_tried:
            key = self.to_be_tried.pop(0)
            if self.held.pop(key, None) is not None:
                return key
        return None

    def _is_set(self, at: float, key: Key) -> bool:
        of_owner = self._at.get(key[1])
        return of_owner is not None and of_owner.get(key[0]) == at

    def _drop_stale(self) -> None:
        while self._heap and not self._is_set(*self._heap[0]):
            heappop(self._heap)

    def _shed(self) -> None:
        """Rebuild the heap, of which most may be stale: cancelled deadlines that lie far ahead must not pile up."""
        self._heap = sorted((at, (kind, owner)) for owner, own in self._at.items() for kind, at in own.items())
        self._most = max(_FEW, 4 * len(self._heap))
