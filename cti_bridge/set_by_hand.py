"""Warnings of what somebody has set by hand, or in the configuration for a while: it is easily forgotten."""

from collections.abc import Iterator
from datetime import datetime

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.hours.emergency_switch import in_force, service_views
from cti_bridge.domain.hours.opening import hours_views
from cti_bridge.hours.zone import local
from cti_bridge.trial.zone import zone_of_service


def override_words(floor: Floor, now: float) -> Iterator[str]:
    """Yield the opening hours that were set by hand."""
    for one in hours_views(floor, now):
        if one.override is not None:
            yield f"opening hours {one.id}: {one.state}, {one.why}"


def emergency_words(floor: Floor, now: float) -> Iterator[str]:
    """Yield the services whose callers all hear one message, also where the configuration says so."""
    told = [name for name in floor.directory.services if in_force(floor, name, now) is not None]
    zones = {name: zone_of_service(floor.directory, name).name for name in told}
    for one in service_views(floor, now, zones):
        if (emergency := one.emergency) is not None:
            end = datetime.fromisoformat(emergency.until).timestamp() if emergency.until else None
            until = f" until {local(one.timezone, end, now)}" if end is not None else ""
            yield f"service {one.id}: its callers hear the message of an emergency{until}, by {emergency.by}"
