"""Settings that count only at a start: addresses, files and connections that are opened then. A reload refuses another
value of them, in words, and a configuration that leaves nobody. A PBX that is new is taken by a reload."""

from collections.abc import Mapping
from typing import Any

from cti_bridge.config.lines import Path
from cti_bridge.config.problems import Place, Problem
from cti_bridge.config.schema.process import ApiSettings, NodeSettings, SpareSettings
from cti_bridge.config.schema.whole import Schema

_OF_A_NODE = [
    name
    for name in NodeSettings.model_fields
    if name not in ("country", "drain", "password_file", "pbx_config", "sip_address")
]


def at_start(settings: Schema) -> dict[Path, Any]:
    """Return these settings with their values, by path."""
    found: dict[Path, Any] = {("api", name): getattr(settings.api, name) for name in ApiSettings.model_fields}
    found["database", "url"] = settings.database.url
    found["spool", "path"] = settings.spool.path
    if settings.spare is not None:
        found |= {("spare", name): getattr(settings.spare, name) for name in SpareSettings.model_fields}
    found["recordings", "directory"] = settings.recordings.directory
    found["recordings", "s3"] = settings.recordings.s3
    found |= {("sounds", name): getattr(settings.sounds, name) for name in ("directory", "listen", "address")}
    if settings.browser_phone is not None:
        found["browser_phone", "url"] = settings.browser_phone.url  # Pages that are open were told whom to connect to.
    for name, node in settings.asterisk.items():
        found |= {("asterisk", name, field): getattr(node, field) for field in _OF_A_NODE}
    return found


def needs_restart(before: Schema, now: Schema, places: Mapping[Path, Place]) -> list[Problem]:
    """Return the refusals of changed settings. ``places`` are those of :func:`at_start` of ``now``. The refusals hold
    no values, for some are secret."""
    was, is_now = at_start(before), at_start(now)
    somewhere = next(iter(places.values()))
    found = []
    added = now.asterisk.keys() - before.asterisk.keys()
    for path in {**was, **is_now}:
        if path[0] == "asterisk" and path[1] in added:
            continue
        if path not in is_now or path not in was or was[path] != is_now[path]:
            what = "is gone" if path not in is_now else "is new" if path not in was else "is another one"
            text = f"{'.'.join(map(str, path))} {what}, and that takes a restart"
            found.append(Problem(_place(path, places) or somewhere, text))
    return found


def emptied(before: Schema, now: Schema, main: Place) -> list[Problem]:
    """A file that was cut off, or lost its content, looks like a house that dismisses everybody: whoever means that
    stops the bridge."""
    return [
        Problem(main, f"no [[{kind}]] are left, and there were {len(were)}; to mean that takes a restart")
        for kind in ("agents", "queues", "scenarios")
        if (were := getattr(before, kind)) and not getattr(now, kind)
    ]


def _place(path: Path, places: Mapping[Path, Place]) -> Place | None:
    """Return the setting's own place, else that of another setting in the same table."""
    return places.get(path) or next((place for other, place in places.items() if other[:-1] == path[:-1]), None)
