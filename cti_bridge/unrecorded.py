"""Conversations that are not recorded though they should be: the operator finds them in the log, and PBXs on which that
happened lately in the warnings of /readyz. The core counts them for the metrics."""

from collections.abc import Sequence

import structlog

from cti_bridge.domain.border.notices import Notice, RecordingFailed

LATELY_S = 600.0

log = structlog.get_logger(__name__)


class Unrecorded:
    """The engine's listener."""

    def __init__(self) -> None:
        self._lately: dict[str, list[float]] = {}

    def on_notices(self, at: float, notices: Sequence[Notice]) -> None:
        """``at`` is POSIX seconds. Never raises."""
        for notice in notices:
            if isinstance(notice, RecordingFailed):
                log.error("conversation_not_recorded", node=notice.node, call_id=notice.call_id, reason=notice.reason)
                times = self._lately.setdefault(notice.node, [])
                times[:] = [*(one for one in times if at - one < LATELY_S), at]

    def warnings(self, now: float) -> list[str]:
        """Return in words where conversations were not recorded, or not whole, lately."""
        counts = {node: sum(now - at < LATELY_S for at in times) for node, times in self._lately.items()}
        return [
            f"PBX {node}: {count} conversations of the last ten minutes were not recorded, or not whole"
            for node, count in counts.items()
            if count
        ]
