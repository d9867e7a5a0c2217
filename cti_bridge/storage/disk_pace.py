"""How long the disk takes for a commit. A disk that is slow, or does not answer at all, refuses nothing: only the clock
shows it."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

SLOW_S = 1.0
"""A commit of so many seconds is slow; a sound disk takes some milliseconds."""
SILENT_S = 5.0
"""A commit that has run for so many seconds keeps all clicks of agents waiting: the disk does not answer."""
TOLD_FOR_S = 3600.0
"""The seconds for which an operator is told."""

_log = structlog.get_logger(__name__)


class DiskPace:
    """``steady`` is the monotonic clock."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._began_at: float | None = None
        self._slow: deque[tuple[float, float]] = deque()
        self.commits = 0
        self.seconds = 0.0
        """The time that all commits have taken together."""
        self.slow_commits = 0

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure a commit, also one that fails."""
        began = self._began_at = self._steady()
        try:
            yield
        finally:
            took_s, self._began_at = self._steady() - began, None
            self.commits += 1
            self.seconds += took_s
            if took_s >= SLOW_S:
                self.slow_commits += 1
                self._slow.append((self._steady(), took_s))
                _log.warning("spool_slow", took_s=round(took_s, 1))

    @property
    def running_s(self) -> float:
        """The seconds for which the present commit runs; 0 when none does."""
        return self._steady() - self._began_at if self._began_at is not None else 0.0

    @property
    def problem(self) -> str | None:
        """The reason why agents' clicks wait; None when they do not."""
        if self.running_s < SILENT_S:
            return None
        return f"the disk does not answer: a commit has run for {self.running_s:.0f} s"

    @property
    def words(self) -> list[str]:
        """Return words for the operator about the last hour."""
        while self._slow and self._slow[0][0] < self._steady() - TOLD_FOR_S:
            self._slow.popleft()
        if not self._slow:
            return []
        slowest = max(took_s for _, took_s in self._slow)
        return [f"the disk is slow: {len(self._slow)} commits within the last hour, the longest of {slowest:.0f} s"]
