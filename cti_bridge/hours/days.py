"""The days of a time zone, for the core, which knows no zones."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from cti_bridge.domain.model.today import Day


@dataclass(slots=True)
class Days:
    """Return the day of a moment, POSIX seconds, in the zone of this name. Two are equal when their zones are."""

    zone: str
    _last: Day = field(default=Day("", 0.0, 0.0), compare=False, repr=False)

    def __call__(self, at: float) -> Day:
        if not self._last.begin <= at < self._last.till:
            zone = ZoneInfo(self.zone)
            today = datetime.fromtimestamp(at, zone).date()
            begin, till = (
                datetime.combine(day, time(0), zone).timestamp() for day in (today, today + timedelta(days=1))
            )
            self._last = Day(today.isoformat(), begin, till)
        return self._last
