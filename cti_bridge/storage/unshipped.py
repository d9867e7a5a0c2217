"""States that the spool has committed and Postgres has not got. Bookkeeping alone, without I/O.

Commits are numbered. A shipment holds the newest state per key of all commits up to one of them, or the whole
checkpoint. The rows up to that commit may then go to Postgres, for no row may be there before its states.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Key = tuple[str, str]
Changes = Mapping[Key, bytes | None]

MOST_KEYS = 100_000
"""The most changed entries that are kept. With more the whole checkpoint is shipped, which is on disk anyway."""


@dataclass(frozen=True, slots=True)
class Shipment:
    """States to ship, None for those that are removed. ``whole``: all others in Postgres are gone."""

    states: Changes
    whole: bool
    commit: int
    """The last commit in it."""
    rows_through: int
    """The seq of the last row in these commits."""
    since: float | None
    """When the first of these commits came; None: there are none."""


class Unshipped:
    """``rows_through`` is the seq of the last row that was committed before. In the beginning nothing is known of what
    Postgres has, so the whole checkpoint is due. ``steady`` is the monotonic clock."""

    def __init__(self, rows_through: int, most: int = MOST_KEYS, steady: Callable[[], float] = time.monotonic) -> None:
        self._most, self._steady = most, steady
        self._changes: dict[Key, bytes | None] = {}
        self._rows_through = rows_through
        self._since: float | None = steady()
        self._under_way: Shipment | None = None
        self.whole = True
        """The whole checkpoint is due."""
        self.commits = 0
        """The number of the last commit."""
        self.shipped_commits = -1
        """The number of the last commit that Postgres has; -1: not even those of before."""
        self.shipped_rows_through = 0
        """The seq of the last row that may go to Postgres."""

    @property
    def due(self) -> bool:
        """Whether there is something to ship that is not under way."""
        return self.whole or self._since is not None

    @property
    def states(self) -> int:
        """The number of entries that are to be shipped or under way; of the whole checkpoint those alone that have
        changed since it was due."""
        under_way = self._under_way
        return len(self._changes) + (len(under_way.states) if under_way is not None else 0)

    @property
    def behind_s(self) -> float:
        """The age of the oldest commit that Postgres has not got, in seconds; 0 when it has all."""
        under_way = self._under_way
        since = self._since if under_way is None or under_way.since is None else under_way.since
        return self._steady() - since if since is not None else 0.0

    def committed(self, changes: Changes, rows_through: int) -> None:
        """There was a commit, with states, rows, or both. ``rows_through`` is the seq of the last row up to it."""
        self.commits += 1
        self._rows_through = max(self._rows_through, rows_through)
        if self._since is None:
            self._since = self._steady()
        self._changes.update(changes)
        if len(self._changes) > self._most:
            self._changes = {}
            self.whole = True

    def take(self) -> Shipment:
        """Return what is due, which is under way then. Of the whole checkpoint the caller reads the states, after
        this."""
        states = {} if self.whole else self._changes
        shipment = Shipment(states, self.whole, self.commits, self._rows_through, self._since)
        self._changes, self.whole, self._since, self._under_way = {}, False, None, shipment
        return shipment

    def shipped(self, shipment: Shipment) -> None:
        """Postgres has the shipment."""
        self._under_way = None
        self.shipped_commits = shipment.commit
        self.shipped_rows_through = shipment.rows_through

    def lost(self) -> None:
        """Nobody knows what Postgres has: the whole checkpoint is due."""
        if self._under_way is not None and self._under_way.since is not None:
            self._since = self._under_way.since
        self._under_way = None
        self._since = self._since or self._steady()
        self.whole = True
