"""The wall clock of the PBX, as the bridge sees it: set by hand at a moment, and set right at another.

What the PBX says of a moment is its clock at that moment, whenever it says so. So each time in what it sends is moved
by as much as its clock was off then, which leaves it as long as it was. (Moving Asterisk's own clock shows no more:
decision 0015.)
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

_TIMES = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{3}\+0000)")
_FORM = "%Y-%m-%dT%H:%M:%S"


class SetClock:
    """It is right until it is set."""

    def __init__(self) -> None:
        self._sets: list[tuple[float, float]] = []
        """From when on by how much it is ahead, seconds."""

    def set(self, ahead_s: float) -> None:
        """From now on it is so far ahead of the right time."""
        self._sets.append((time.time(), ahead_s))

    def moved(self, data: bytes) -> bytes:
        """Return what the PBX sends, with the times of its clock."""
        return _TIMES.sub(self._move, data) if self._sets else data

    def _move(self, found: re.Match[bytes]) -> bytes:
        right = datetime.strptime(found[1].decode(), _FORM).replace(tzinfo=UTC)
        at = right.timestamp() + float(found[2][:4])
        ahead_s = next((ahead_s for since, ahead_s in reversed(self._sets) if since <= at), 0.0)
        return (right + timedelta(seconds=ahead_s)).strftime(_FORM).encode() + found[2]
