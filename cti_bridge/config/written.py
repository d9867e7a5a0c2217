"""The merged values as they were written, for checks: nothing in them has to be of the right kind."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from cti_bridge.config.lines import Path
from cti_bridge.config.merge import KEYS, Merged
from cti_bridge.config.problems import closest
from cti_bridge.config.schema.whole import Schema

Row = tuple[Path, dict[str, Any]]

_KEYS: Final = {"services": "id", "queues": "id"}


def rows_of(merged: Merged, table: str) -> Iterator[Row]:
    """Yield the rows of ``table`` that are tables, with their paths."""
    rows = merged.values.get(table)
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict):
            yield (table, index), row


def by_name(merged: Merged, table: str) -> dict[str, dict[str, Any]]:
    """Return the services or queues by their names."""
    return {row[_KEYS[table]]: row for _, row in rows_of(merged, table) if isinstance(row.get(_KEYS[table]), str)}


def names_in(merged: Merged, table: str, key: str) -> Iterator[tuple[Path, str]]:
    """Yield every name that ``key`` holds in the rows of ``table``, with its path."""
    for path, row in rows_of(merged, table):
        value = row.get(key)
        if isinstance(value, str):
            yield (*path, key), value
        else:
            for place, name in _places(value):
                if isinstance(name, str):
                    yield (*path, key, place), name


def text_of(row: Mapping[str, Any], key: str) -> str | None:
    """Return the text of a key; None for anything else, which cannot be compared with names."""
    value = row.get(key)
    return value if isinstance(value, str) else None


def texts_of(value: Any) -> list[str]:
    """Return the texts of a list, or the keys of a table."""
    if isinstance(value, str):
        return [value]
    return [text for text in value if isinstance(text, str)] if isinstance(value, list | dict) else []


def _places(value: Any) -> Iterable[tuple[int | str, Any]]:
    """Return the entries of a list by their index, or the keys of a table."""
    if isinstance(value, dict):
        return [(name, name) for name in value]
    return list(enumerate(value)) if isinstance(value, list) else []


def refuse_repeats(merged: Merged, path: Path, value: Any) -> None:
    """Add an error for each text that stands more than once in the list at ``path``."""
    texts = texts_of(value)
    for text, times in Counter(texts).items():
        if times > 1:
            last = len(texts) - 1 - texts[::-1].index(text)
            merged.error((*path, last), f'"{text}" stands in this list twice')


def is_misread(merged: Merged, table: str) -> bool:
    """Return whether the table is misnamed, of the wrong kind, or missing though it must be there. That is reported at
    its place. The references to its entries may well be right."""
    if table in merged.values:
        return not isinstance(merged.values[table], list if table in KEYS else dict)
    known = Schema.model_fields
    near = (closest(key, known) for key in merged.values if key not in known)
    return known[table].is_required() or table in near
