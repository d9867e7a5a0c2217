"""Conversations that are not recorded though they should be: the operator finds them in the log, and PBXs on which that
happened lately in the warnings of /readyz. The core counts them for the metrics."""

from collections import Counter
from collections.abc import Mapping, Sequence

import structlog

from cti_bridge.domain.border.notices import Notice, RecordingFailed

LATELY_S = 600.0

log = structlog.get_logger(__name__)


class Unrecorded:
    """The engine's listener."""

    def __init__(self) -> None:
        self._lately: dict[tuple[str, str], list[float]] = {}
        """By PBX and service."""

    def on_notices(self, at: float, notices: Sequence[Notice]) -> None:
        """``at`` is POSIX seconds. Never raises."""
        for notice in notices:
            if isinstance(notice, RecordingFailed):
                log.error("conversation_not_recorded", node=notice.node, call_id=notice.call_id, reason=notice.reason)
                times = self._lately.setdefault((notice.node, notice.service), [])
                times[:] = [*(one for one in times if at - one < LATELY_S), at]

    def warnings(self, now: float) -> list[str]:
        """Return in words where conversations were not recorded, or not whole, lately."""
        return [
            f"PBX {node}: {count} conversations of the last ten minutes were not recorded, or not whole"
            for node, count in self._counts(now, 0).items()
        ]

    def by_service(self, now: float) -> Mapping[str, int]:
        """Return how many were not recorded, or not whole, lately."""
        return self._counts(now, 1)

    def _counts(self, now: float, place: int) -> Counter[str]:
        found: Counter[str] = Counter()
        for key, times in self._lately.items():
            if count := sum(now - at < LATELY_S for at in times):
                found[key[place]] += count
        return found
