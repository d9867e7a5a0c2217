"""Overrides of opening hours: somebody sets them to open or closed, until a time or until somebody ends that.

The time is one of the clock on the wall ("until 14:00"), so it stays when our clock is set or the bridge stood still.
Each override is a row of ``cti.hours_override``, written when it begins and when it is over.
"""

from collections.abc import Iterable

from cti_bridge.domain.border.commands import DropHoursOverride, SetHoursOverride
from cti_bridge.domain.border.errors import InvalidBody, NotFound
from cti_bridge.domain.border.notices import OverrideChanged
from cti_bridge.domain.border.records import HoursOverrideRow
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.hours import HoursOverride, OpenState
from cti_bridge.domain.model.words import OverrideEnd


def set_override(floor: Floor, command: SetHoursOverride) -> None:
    """Set the hours to open or closed. An override that is there ends. Raises NotFound, InvalidBody."""
    if command.hours not in floor.directory.hours:
        raise NotFound(f"There are no opening hours {command.hours}.")
    if command.state is OpenState.HOLIDAY:
        raise InvalidBody("Opening hours are set to open or closed.")
    if command.until is not None and command.until <= floor.now:
        raise InvalidBody("That time has passed.")
    if (before := floor.overrides.get(command.hours)) is not None:
        _end(floor, before, OverrideEnd.REPLACED, command.by)
    now = floor.now
    override = HoursOverride(command.hours, command.state, command.until, command.by, now, floor.ids.uuid(now))
    _keep(floor, override)
    floor.record(HoursOverrideRow.of(override))
    floor.tell(OverrideChanged(override.hours, override.state, override.until, override.by))


def drop(floor: Floor, command: DropHoursOverride) -> None:
    """End the override. Raises NotFound for hours that are not configured; without an override nothing happens."""
    if command.hours not in floor.directory.hours:
        raise NotFound(f"There are no opening hours {command.hours}.")
    if (override := floor.overrides.get(command.hours)) is not None:
        _end(floor, override, OverrideEnd.DROPPED, command.by)


def over(floor: Floor, override: HoursOverride) -> None:
    """The end of the override has come."""
    _end(floor, override, OverrideEnd.EXPIRED)


def end_removed(floor: Floor) -> tuple[str, ...]:
    """End the overrides of hours that are not configured any more. Return the ids of these hours."""
    removed = [override for name, override in floor.overrides.items() if name not in floor.directory.hours]
    for override in removed:
        _end(floor, override, OverrideEnd.REMOVED)
    return tuple(override.hours for override in removed)


def take_up(floor: Floor, overrides: Iterable[HoursOverride]) -> None:
    """Take up the overrides of the checkpoint. An end may have come while no bridge ran."""
    for override in overrides:
        _keep(floor, override)
        if override.until is not None and override.until <= floor.now:
            over(floor, override)
    end_removed(floor)


def _keep(floor: Floor, override: HoursOverride) -> None:
    floor.overrides[override.hours] = override
    floor.touch("hours_override", override.hours, override)
    floor.deadlines.set(Kind.OVERRIDE, override.hours, override.until)


def _end(floor: Floor, override: HoursOverride, why: OverrideEnd, by: str | None = None) -> None:
    del floor.overrides[override.hours]
    floor.touch("hours_override", override.hours, None)
    floor.deadlines.set(Kind.OVERRIDE, override.hours, None)
    at = floor.now if why is not OverrideEnd.EXPIRED or override.until is None else min(override.until, floor.now)
    floor.record(HoursOverrideRow.of(override, at, why, by))
    floor.tell(OverrideChanged(override.hours, None, None, by or override.by, why))
