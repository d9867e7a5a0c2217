"""Checks of the recording of conversations: somebody is told, and no key stands there for nothing."""

from typing import Any, Final

from cti_bridge.config.merge import Merged
from cti_bridge.config.written import rows_of

Table = dict[str, Any]

_OFF: Final = "off"
_ALWAYS: Final = "always"
_USELESS: Final = ("record_notice", "record_must", "record_pause_most_s")
"""Keys of a service that do nothing where no call is recorded."""


def check_recording(merged: Merged) -> None:
    """Add warnings to the problems of ``merged``."""
    queues = [queue for _, queue in rows_of(merged, "queues")]
    for path, service in rows_of(merged, "services"):
        own = service.get("record", _OFF)
        of_queues = [queue.get("record", own) for queue in queues if queue.get("service") == service.get("id")]
        recorded = [mode for mode in (own, *of_queues) if mode != _OFF]
        if not recorded:
            for key in _USELESS:
                if service.get(key):
                    merged.warn((*path, key), f'no call of the service is recorded, and "{key}" does nothing')
            continue
        if not service.get("record_notice"):
            text = 'nobody is told that calls are recorded: give "record_notice", or say it in a message that all hear'
            merged.warn((*path, "record") if "record" in service else path, text)
        if service.get("record_must") and _ALWAYS not in recorded:
            text = '"record_must" concerns calls that are always recorded, and none of the service is'
            merged.warn((*path, "record_must"), text)
