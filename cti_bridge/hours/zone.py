"""Time zones, and times as people write them."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from cti_bridge.config.problems import closest
from cti_bridge.domain.model.timestamps import iso

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00", re.ASCII)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?", re.ASCII
)


def zone(name: str) -> ZoneInfo:
    """Return the zone. Raises ValueError, in words."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        meant = closest(name, available_timezones())
        hint = f'; did you mean "{meant}"?' if meant else ""
        raise ValueError(f'there is no time zone "{name}"; write one as in "Asia/Seoul"{hint}') from None


def day_ends(name: str, now: float) -> float:
    """Return the end of the day in the zone, POSIX seconds. Raises ValueError."""
    today = datetime.fromtimestamp(now, zone(name)).date()
    return datetime.combine(today + timedelta(days=1), time(0), zone(name)).timestamp()


def moment(text: str, name: str, now: float) -> float:
    """Return the time that is meant, POSIX seconds: ``14:00`` of today, ``2026-12-25T14:00`` in the zone, or one that
    names its offset from UTC. Raises ValueError, in words."""
    if _TIME.fullmatch(text):
        if text == "24:00":
            return day_ends(name, now)
        today = datetime.fromtimestamp(now, zone(name)).date()
        return datetime.combine(today, time.fromisoformat(text), zone(name)).timestamp()
    try:
        if not _MOMENT.fullmatch(text):
            raise ValueError
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo is not None else found.replace(tzinfo=zone(name))).timestamp()
    except (ValueError, OverflowError):
        raise ValueError(
            f'write a time as "14:00", "2026-12-25T14:00", or "2026-12-25T14:00:00Z", not "{text}"'
        ) from None


def local(name: str, at: float, now: float) -> str:
    """Return the time in words of the zone: ``14:00`` when it is today, else ``2026-12-25 14:00``. Midnight is the end
    of the day before, ``24:00``."""
    try:
        there, before, here = (datetime.fromtimestamp(one, zone(name)) for one in (at, at - 1, now))
    except (ValueError, OverflowError, OSError):
        return iso(at)
    clock, day = f"{there:%H:%M:%S}", there.date()
    if clock == "00:00:00":
        clock, day = "24:00:00", before.date()
    clock = clock.removesuffix(":00")
    return clock if day == here.date() else f"{day.isoformat()} {clock}"
