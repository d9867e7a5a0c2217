"""The time zone in which the time of a trial is meant: that of the number's service."""

from collections.abc import Iterator
from dataclasses import dataclass

from cti_bridge.domain.model.directory import Directory
from cti_bridge.domain.model.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Zone:
    """``why`` says where the name comes from, in words."""

    name: str
    why: str


def zone_of(directory: Directory, scenario: Scenario | None) -> Zone:
    """Return the zone of the scenario's service, else that of the hours that the scenario asks, else that of all hours
    where they share one, else UTC."""
    service = directory.services.get(scenario.service) if scenario is not None else None
    if service is not None and service.timezone:
        return Zone(service.timezone, f"of service {service.id}")
    for hours_id in _asked(directory, scenario):
        return Zone(directory.hours[hours_id].timezone, f"of the hours {hours_id}")
    zones = {hours.timezone for hours in directory.hours.values()}
    if len(zones) == 1:
        return Zone(zones.pop(), "of all hours")
    return Zone("UTC", "for no time zone is configured here")


def zone_of_service(directory: Directory, service_id: str) -> Zone:
    """Return the zone of the service, else that of the first of its scenarios that has one, as :func:`zone_of`."""
    service = directory.services.get(service_id)
    if service is not None and service.timezone:
        return Zone(service.timezone, f"of service {service.id}")
    scenarios = [one for one in directory.scenarios.values() if one.service == service_id]
    asks = (one for one in scenarios if next(_asked(directory, one), None) is not None)
    return zone_of(directory, next(asks, next(iter(scenarios), None)))


def _asked(directory: Directory, scenario: Scenario | None) -> Iterator[str]:
    """Yield the hours that the scenario's steps and their queues ask, then those of scenarios to which it leads."""
    seen, left = set[str](), [scenario] if scenario is not None else []
    while left:
        one = left.pop(0)
        if one.id in seen:
            continue
        seen.add(one.id)
        for step in one.steps.values():
            queue = directory.queues.get(getattr(step, "queue", ""))
            for hours_id in (getattr(step, "hours", ""), getattr(queue, "hours", "")):
                if hours_id in directory.hours:
                    yield hours_id
            others = (target.rpartition("/")[0] for target in step.exits.values())
            left += [directory.scenarios[other] for other in others if other in directory.scenarios]
