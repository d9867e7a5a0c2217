"""The state of opening hours now: the override, else what the rule says of exceptions, holidays and the week."""

from cti_bridge.domain.border.errors import NotFound
from cti_bridge.domain.border.views import HoursView, OverrideView
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.hours import Hours, HoursOverride, Opening, OpenState
from cti_bridge.domain.model.timestamps import iso


def opening(floor: Floor, hours_id: str) -> Opening:
    """Return the state now. Raises NotFound for hours that are not configured."""
    hours = floor.directory.hours.get(hours_id)
    if hours is None:
        raise NotFound(f"There are no opening hours {hours_id}.")
    return decided(hours, floor.overrides.get(hours_id), floor.now)


def decided(hours: Hours, override: HoursOverride | None, now: float) -> Opening:
    """Return the state at ``now`` (POSIX seconds), by the override if it holds then."""
    if override is None or not holds(override, now):
        return hours.rule(now)
    until = "" if override.until is None else f" until {hours.local(override.until, now)}"
    return Opening(override.state, override.until, why=f"override{until} by {override.by}")


def holds(override: HoursOverride, now: float) -> bool:
    """Return whether the override has not ended by itself."""
    return override.until is None or now < override.until


def open_s(hours: Hours, since: float, till: float, most_s: float) -> float:
    """Return the seconds between two times (POSIX seconds) in which they were open by their rule. More than ``most_s``
    are not counted."""
    at, found = since, 0.0
    while at < till and found <= most_s:
        now = hours.rule(at)
        ends = till if now.until is None else min(now.until, till)
        if now.state is OpenState.OPEN:
            found += ends - at
        at = ends
    return found


def hours_views(floor: Floor, now: float) -> list[HoursView]:
    """Return all opening hours as they are at ``now``, in the order of the configuration."""
    return [_view(hours, floor.overrides.get(hours.id), now) for hours in floor.directory.hours.values()]


def _view(hours: Hours, override: HoursOverride | None, now: float) -> HoursView:
    found = decided(hours, override, now)
    if override is not None and not holds(override, now):
        override = None
    return HoursView(
        id=hours.id,
        timezone=hours.timezone,
        state=found.state,
        until=_iso(found.until),
        why=found.why,
        sound=found.sound,
        override=None
        if override is None
        else OverrideView(override.state, _iso(override.until), override.by, iso(override.at)),
    )


def _iso(at: float | None) -> str | None:
    return None if at is None else iso(at)
