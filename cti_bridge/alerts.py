"""Alerts as they come and go: an entry of the log for each, a metric while it lasts, and rows for the pages of
supervisors."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import structlog

from cti_bridge.api.ports import Measurement
from cti_bridge.engine import Engine
from cti_bridge.regularly import Regular
from cti_bridge.supervisor import Watch, unwatched
from cti_bridge.watching.alerts import alerts
from cti_bridge.watching.shapes import AlertLevel, LiveAlertView

EVERY_S = 2.0

log = structlog.get_logger(__name__)

Counts = Callable[[float], Mapping[str, int]]
"""Takes the present moment in POSIX seconds."""


class Alerts:
    """``unrecorded`` counts conversations that were not recorded lately, by service, ``trunks`` calls out that a trunk
    let ring nowhere, by PBX."""

    def __init__(
        self, engine: Engine, clock: Callable[[], float], unrecorded: Counts, trunks: Counts, watch: Watch = unwatched
    ) -> None:
        self._engine, self._clock, self._unrecorded, self._trunks = engine, clock, unrecorded, trunks
        self.present: Mapping[str, LiveAlertView] = {}
        """By id, the weightiest first."""
        self._job = Regular(
            "alerts", self._look, first_after_s=0.0, every_s=EVERY_S, passes=(), failed="alerts_failed", watch=watch
        )

    def start(self) -> None:
        self._job.start()

    async def stop(self) -> None:
        await self._job.stop()

    async def _look(self) -> None:
        self.look()

    def look(self) -> None:
        """Look what there is now, and tell what has come and what is over."""
        now, before = self._clock(), self.present
        found = self._engine.read(lambda floor: alerts(floor, now, self._unrecorded(now), self._trunks(now)))
        self.present = {
            id_: replace(one, since=before[id_].since) if id_ in before else one for id_, one in found.items()
        }
        for id_, one in self.present.items():
            if id_ not in before or before[id_].level is not one.level:
                tell = log.error if one.level is AlertLevel.ALARM else log.warning
                tell("alert", alert_level=str(one.level), count=one.count, limit_s=one.limit_s, **_where(one))
        for id_, one in before.items():
            if id_ not in found:
                log.info("alert_over", since=one.since, **_where(one))

    def measure(self) -> Iterator[Measurement]:
        text = "1 while there is an alert, by its kind and by where it is"
        for one in self.present.values():
            service, queue, node = (part or "" for part in (one.service, one.queue, one.node))
            labels = {"kind": str(one.kind), "level": str(one.level), "service": service, "queue": queue, "node": node}
            yield Measurement("cti_alert", text, 1, labels)


def _where(one: LiveAlertView) -> dict[str, str]:
    parts = {"kind": str(one.kind), "service": one.service, "queue": one.queue, "node": one.node}
    return {name: part for name, part in parts.items() if part is not None}
