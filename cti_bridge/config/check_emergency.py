"""Checks of what is prepared for the emergency switches of services: something is heard, and it leads to a step."""

from collections.abc import Iterator
from typing import Any, Final

from cti_bridge.config.check_queues import leads
from cti_bridge.config.lines import Path
from cti_bridge.config.merge import Merged
from cti_bridge.domain.model.scenario import EMERGENCY, HANG_UP

Table = dict[str, Any]

_KEY: Final = "emergency"


def check_emergencies(merged: Merged, scenarios: dict[str, Table]) -> None:
    """Add all errors and warnings to the problems of ``merged``. ``scenarios`` has these by name."""
    for path, service, emergency in _tables(merged):
        leads(merged, (*path, "next"), emergency.get("next"), service.get("id"), scenarios)
        if not emergency.get("message") and emergency.get("next", HANG_UP) == HANG_UP:
            merged.error(path, 'callers would hear nothing, and the call would end: give "message", "next" or both')
        if emergency.get("until") and not emergency.get("on"):
            merged.warn((*path, "until"), 'without "on" nothing has an end here, and "until" does nothing')
        elif emergency.get("until") and not service.get("timezone"):
            merged.error((*path, "until"), 'the service has no "timezone", so this time has no meaning')
        elif emergency.get("on"):
            until = f" until {emergency['until']}" if emergency.get("until") else ""
            merged.warn((*path, "on"), f"all callers of the service hear this in place of their scenarios{until}")


def check_name(merged: Merged, path: Path, steps: Table) -> None:
    """Complain of a step that has the name of the one at which calls begin in an emergency."""
    if EMERGENCY in steps:
        text = f'"{EMERGENCY}" is the step at which calls begin while [services.emergency] is on; choose another name'
        merged.error((*path, "steps", EMERGENCY), text)


def led_to_by_emergencies(merged: Merged) -> Iterator[tuple[str, str]]:
    """Yield the steps, with their scenarios, to which emergencies lead."""
    for _, _, emergency in _tables(merged):
        target = emergency.get("next")
        if isinstance(target, str) and "/" in target:
            scenario, _, step = target.rpartition("/")
            yield scenario, step


def _tables(merged: Merged) -> Iterator[tuple[Path, Table, Table]]:
    """Yield each table with its path, and its service."""
    rows = merged.values.get("services")
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict) and isinstance(row.get(_KEY), dict):
            yield ("services", index, _KEY), row, row[_KEY]
