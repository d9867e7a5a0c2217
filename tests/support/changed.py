"""Copies with other values, and names of fields, of dataclasses and msgspec's Structs alike: rows, facts and calls are
the latter, the configuration the former (docs/decisions/0095)."""

import dataclasses
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def replace(thing: T, **values: Any) -> T:
    """Return a copy with other values."""
    if isinstance(thing, msgspec.Struct):
        return msgspec.structs.replace(thing, **values)
    return dataclasses.replace(thing, **values)  # type: ignore[type-var]


def field_names(thing: Any) -> tuple[str, ...]:
    """Return the names of the fields of an object or a class, in order."""
    kind: Any = thing if isinstance(thing, type) else type(thing)
    if issubclass(kind, msgspec.Struct):
        return tuple(kind.__struct_fields__)
    return tuple(each.name for each in dataclasses.fields(kind))
