"""Calls for numbers without a scenario. Either the configuration lacks the number, or a trunk writes numbers in an
unexpected way. The operator finds them in the log, in a metric and in the warnings of /readyz.

A caller who tries one number after another makes neither the log nor the memory grow.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog

from cti_bridge.api.ports import Measurement
from cti_bridge.domain.border.notices import Notice, NumberUnknown
from cti_bridge.numbers.e164 import mask

AGAIN_S = 60.0
"""The seconds in which a number is logged once."""
SHOWN_S = 3_600.0
MOST_NUMBERS = 100
"""The most numbers that are remembered; the oldest are forgotten. So no more lines than that are written in
:data:`AGAIN_S`."""
MOST_SHOWN = 3

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Seen:
    calls: int
    last_at: float
    logged_at: float
    unlogged: int = 0


class UnknownNumbers:
    """The engine's listener."""

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()
        self._seen: OrderedDict[tuple[str, str], _Seen] = OrderedDict()
        self._lines: list[float] = []

    def on_notices(self, at: float, notices: Sequence[Notice]) -> None:
        """``at`` is POSIX seconds. Never raises."""
        for notice in notices:
            if isinstance(notice, NumberUnknown):
                self._take(notice.node, notice.number, at)

    def warnings(self, now: float) -> list[str]:
        """Return the numbers of the last hour, in words and masked."""
        shown = [(key, seen) for key, seen in reversed(self._seen.items()) if now - seen.last_at < SHOWN_S]
        words = [
            f"PBX {node}: no scenario has the number {mask(number)} that was called (calls: {seen.calls})"
            for (node, number), seen in shown[:MOST_SHOWN]
        ]
        more = len(shown) - MOST_SHOWN
        return [*words, f"numbers that were called and no scenario has: {more} more"] if more > 0 else words

    def measure(self) -> Iterator[Measurement]:
        for node, calls in self._calls.items():
            text = "Calls for a number that no scenario has"
            yield Measurement("cti_unknown_numbers", text, calls, {"node": node}, counter=True)

    def _take(self, node: str, number: str, at: float) -> None:
        self._calls[node] += 1
        seen = self._seen.setdefault((node, number), _Seen(0, at, float("-inf")))
        self._seen.move_to_end((node, number))
        if len(self._seen) > MOST_NUMBERS:
            self._seen.popitem(last=False)
        seen.calls, seen.last_at, seen.unlogged = seen.calls + 1, at, seen.unlogged + 1
        if at - seen.logged_at >= AGAIN_S and self._may_log(at):
            log.warning("unknown_number", node=node, number=number, calls=seen.unlogged)
            seen.logged_at, seen.unlogged = at, 0

    def _may_log(self, at: float) -> bool:
        self._lines = [line for line in self._lines if at - line < AGAIN_S]
        if len(self._lines) >= MOST_NUMBERS:
            return False
        self._lines.append(at)
        return True
