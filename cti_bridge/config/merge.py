"""One tree of all sources, with the source of each value. Later sources win.

Tables are merged key by key. So are arrays of tables that have a key of their own (``[[agents]]`` by ``cti_id``, and so
on, see :data:`KEYS`). An entry in a later file with the key of an earlier one changes only the values that it names. So
a site's file can set a single value. Any other entry is added. The same key twice within one file is an error. All
other values are replaced whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cti_bridge.config.files import Source
from cti_bridge.config.lines import Path
from cti_bridge.config.problems import Place, Problem

KEYS = {
    "clients": "id",
    "services": "id",
    "calling_numbers": "number",
    "queues": "id",
    "scenarios": "id",
    "agents": "cti_id",
    "hours": "id",
    "number_lists": "id",
}
"""The arrays of tables, and the key that names an entry."""
ELSE = {"scenarios": "number"}
"""The key that names an entry without the one of `KEYS`."""
WITHIN: dict[tuple[str, ...], str] = {("hours", "exceptions"): "name", ("scenarios", "tests"): "name"}
"""The same for arrays within tables, by their way there without indexes."""


@dataclass(slots=True)
class Merged:
    """``origins`` has, for a path in ``values``, its source and its path there."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[Path, tuple[Source, Path]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    main: str = ""

    def place(self, path: Path) -> Place:
        """Return the place of ``path``; for a missing one, that of the nearest table around it."""
        for length in range(len(path), 0, -1):
            if origin := self.origins.get(path[:length]):
                return origin[0].place(origin[1])
        return Place(self.main, 1)

    def is_in_file(self, path: Path) -> bool:
        origin = self.origins.get(path)
        return origin is not None and origin[0].is_file

    def error(self, path: Path, text: str) -> None:
        self.problems.append(Problem(self.place(path), text))

    def warn(self, path: Path, text: str) -> None:
        self.problems.append(Problem(self.place(path), text, "warning"))


def merge(sources: Iterable[Source], main: str) -> Merged:
    """Merge the sources. ``main`` is the file to which missing values are attributed."""
    merged = Merged(main=main)
    for source in sources:
        _table(merged, merged.values, source.values, source, (), ())
    return merged


def _table(
    merged: Merged, into: dict[str, Any], values: dict[str, Any], source: Source, path: Path, there: Path
) -> None:
    for key, value in values.items():
        here, from_there = (*path, key), (*there, key)
        if not path and key in into:
            _check_kind(merged, key, into[key], value)
        name = _name_key(here)
        if isinstance(value, dict) and isinstance(into.get(key, {}), dict):
            merged.origins.setdefault(here, (source, from_there))
            _table(merged, into.setdefault(key, {}), value, source, here, from_there)
        elif name and _is_tables(value) and _is_tables(into.get(key, [])):
            merged.origins.setdefault(here, (source, from_there))
            _entries(merged, into.setdefault(key, []), value, source, here, from_there, name)
        else:
            into[key] = _copy(merged, value, source, here, from_there)


def _check_kind(merged: Merged, key: str, before: Any, now: Any) -> None:
    """Report a value of the wrong kind, before a later one replaces and hides it."""
    kind = list if key in KEYS else dict
    if isinstance(now, kind) and not isinstance(before, kind):
        wanted = f"an array of tables, [[{key}]]" if kind is list else "a table"
        merged.error((key,), f'"{key}" must be {wanted}')


def _name_key(path: Path) -> str | None:
    """Return the key that names an entry of the array at ``path``, or None."""
    way = tuple(step for step in path if isinstance(step, str))
    return KEYS.get(way[0]) if len(path) == 1 and way else WITHIN.get(way)


def _entries(
    merged: Merged,
    into: list[dict[str, Any]],
    entries: list[dict[str, Any]],
    source: Source,
    array: Path,
    array_there: Path,
    named_by: str,
) -> None:
    """Merge the entries of an array of tables by their key, ``named_by`` or its stand-in (`ELSE`)."""
    known = {key: index for index, entry in enumerate(into) if isinstance(key := _name(array, named_by, entry)[1], str)}
    seen: set[str] = set()
    for number, entry in enumerate(entries):
        name, key = _name(array, named_by, entry)
        there = (*array_there, number)
        if not isinstance(key, str) or key in seen:
            if isinstance(key, str):
                text = f'{name} "{key}" stands in this file twice, and in {_shown(array)} it must be unique'
                merged.problems.append(Problem(source.place((*there, name)), text))
            index = len(into)
        else:
            seen.add(key)
            index = known.get(key, len(into))
        if index == len(into):
            into.append({})
        merged.origins.setdefault((*array, index), (source, there))
        _table(merged, into[index], entry, source, (*array, index), there)


def _shown(array: Path) -> str:
    return f"[[{'.'.join(step for step in array if isinstance(step, str))}]]"


def _name(array: Path, named_by: str, entry: dict[str, Any]) -> tuple[str, Any]:
    """Return the key that names the entry, and the name."""
    other = ELSE.get(str(array[0]), named_by) if len(array) == 1 else named_by
    return (named_by, entry[named_by]) if named_by in entry else (other, entry.get(other))


def _copy(merged: Merged, value: Any, source: Source, here: Path, there: Path) -> Any:
    merged.origins[here] = (source, there)
    if isinstance(value, dict):
        return {key: _copy(merged, item, source, (*here, key), (*there, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_copy(merged, item, source, (*here, index), (*there, index)) for index, item in enumerate(value)]
    return value


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)
