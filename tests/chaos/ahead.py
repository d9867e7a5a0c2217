"""The wall clock of the bridge's machine, by which it writes its rows: by how much it was off, and when."""

from __future__ import annotations

from collections.abc import Collection

FOLLOWS_S = 1.0
"""The bridge looks at its clock twice a second: for so long its rows may be of either time."""
HOUR_S = 3600.0
"""By as much it is set here."""


class Ahead:
    """It is right until it is set."""

    def __init__(self) -> None:
        self._sets: list[tuple[float, float]] = [(0.0, 0.0)]

    def set(self, now: float, ahead_s: float) -> None:
        """From now on it is so many seconds ahead; below zero: behind."""
        self._sets.append((now, ahead_s))

    def between(self, since: float, until: float) -> Collection[float]:
        """Return by how much rows may be ahead that were written between two right moments."""
        before = [ahead_s for at, ahead_s in self._sets if at <= since - FOLLOWS_S]
        return {before[-1], *(ahead_s for at, ahead_s in self._sets if since - FOLLOWS_S < at <= until)}
