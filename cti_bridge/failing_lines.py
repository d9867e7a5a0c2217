"""Lines that fail. Phones of agents refuse calls by themselves: forwarding, no common codec, a wrong setting. A trunk
lets nothing ring. The operator finds both in the log and in metrics, and the trunk in the warnings of /readyz.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import structlog

from cti_bridge.api.ports import Measurement
from cti_bridge.domain.border.notices import Notice, PhoneRefused, TrunkFailed

AGAIN_S = 600.0
"""The seconds in which one phone, or one trunk, with one response is logged once."""
LATELY_S = 600.0
MOST_WELL = 1
"""The calls out that may come to nothing in :data:`LATELY_S` without a word in /readyz."""

log = structlog.get_logger(__name__)


class FailingLines:
    """The engine's listener."""

    def __init__(self) -> None:
        self._refused: Counter[int] = Counter()
        self._failed: Counter[tuple[str, int]] = Counter()
        self._lately: dict[str, list[float]] = {}
        self._logged: dict[tuple[str, int], float] = {}

    def on_notices(self, at: float, notices: Sequence[Notice]) -> None:
        """``at`` is POSIX seconds. Never raises."""
        for notice in notices:
            if isinstance(notice, PhoneRefused):
                self._refused[notice.sip_code] += 1
                if self._is_new((notice.cti_id, notice.sip_code), at):
                    log.warning("phone_refuses", cti_id=notice.cti_id, sip_code=notice.sip_code)

            elif isinstance(notice, TrunkFailed):
                self._trunk_failed(notice, at)

    def warnings(self, now: float) -> list[str]:
        """Return the trunks by which nobody was reached lately, in words."""
        return [
            f"PBX {node}: {count} calls out of the last ten minutes were let ring nowhere by the trunk"
            for node, count in self.dead_trunks(now).items()
        ]

    def dead_trunks(self, now: float) -> Mapping[str, int]:
        """Return, by PBX, the calls out that rang nowhere lately, where these are more than may be."""
        counts = {node: sum(now - at < LATELY_S for at in times) for node, times in self._lately.items()}
        return {node: count for node, count in counts.items() if count > MOST_WELL}

    def measure(self) -> Iterator[Measurement]:
        for sip_code, calls in self._refused.items():
            text = "Calls that agents' phones refused by themselves"
            yield Measurement("cti_phone_refusals", text, calls, {"sip_code": str(sip_code)}, counter=True)
        for (node, sip_code), calls in self._failed.items():
            text = "Calls out that came to nothing before anything rang"
            labels = {"node": node, "sip_code": str(sip_code)}
            yield Measurement("cti_trunk_failures", text, calls, labels, counter=True)

    def _trunk_failed(self, notice: TrunkFailed, at: float) -> None:
        self._failed[notice.node, notice.sip_code] += 1
        recent = [since for since in self._lately.get(notice.node, []) if at - since < LATELY_S]
        self._lately[notice.node] = [*recent[-99:], at]
        if self._is_new((notice.node, notice.sip_code), at):
            what = {"hangup_cause": notice.hangup_cause, "sip_code": notice.sip_code}
            log.warning("trunk_failed", node=notice.node, **what)

    def _is_new(self, key: tuple[str, int], at: float) -> bool:
        if at - self._logged.get(key, float("-inf")) < AGAIN_S:
            return False
        self._logged = {known: since for known, since in self._logged.items() if at - since < AGAIN_S}
        self._logged[key] = at
        return True
