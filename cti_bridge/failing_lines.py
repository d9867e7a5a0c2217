"""Phones of agents that refuse calls by themselves: forwarding, no common codec, a wrong setting. The agent is told in
the panel. The operator finds them in the log and in a metric.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import structlog

from cti_bridge.api.ports import Measurement
from cti_bridge.domain.border.notices import Notice, PhoneRefused

AGAIN_S = 600.0
"""The seconds in which one phone with one response is logged once."""

log = structlog.get_logger(__name__)


class FailingLines:
    """The engine's listener."""

    def __init__(self) -> None:
        self._refused: Counter[int] = Counter()
        self._logged: dict[tuple[str, int], float] = {}

    def on_notices(self, at: float, notices: Sequence[Notice]) -> None:
        """``at`` is POSIX seconds. Never raises."""
        for notice in notices:
            if isinstance(notice, PhoneRefused):
                self._refused[notice.sip_code] += 1
                if self._is_new((notice.cti_id, notice.sip_code), at):
                    log.warning("phone_refuses", cti_id=notice.cti_id, sip_code=notice.sip_code)

    def measure(self) -> Iterator[Measurement]:
        for sip_code, calls in self._refused.items():
            text = "Calls that agents' phones refused by themselves"
            yield Measurement("cti_phone_refusals", text, calls, {"sip_code": str(sip_code)}, counter=True)

    def _is_new(self, key: tuple[str, int], at: float) -> bool:
        if at - self._logged.get(key, float("-inf")) < AGAIN_S:
            return False
        self._logged = {known: since for known, since in self._logged.items() if at - since < AGAIN_S}
        self._logged[key] = at
        return True
