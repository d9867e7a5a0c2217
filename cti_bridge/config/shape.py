"""The shape of the schema at a path, read from the models."""

from collections.abc import Sequence
from types import UnionType
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cti_bridge.config.schema.whole import Schema


def annotation_at(path: Sequence[str | int]) -> Any:
    """Return the type at ``path``, without its limits; None when the schema has no such path."""
    annotation: Any = Schema
    for step in path:
        if is_model(annotation):
            field = _fields(annotation).get(step)
            annotation = _present(field.annotation) if field else None
        elif get_origin(annotation) in (list, dict):
            annotation = get_args(annotation)[-1]
        else:
            return None
    return annotation


def _present(annotation: Any) -> Any:
    """Return the type of an optional section as if the section were there."""
    models = [part for part in get_args(annotation) if is_model(part)]
    return models[0] if isinstance(annotation, UnionType) and models else annotation


def keys_at(path: Sequence[str | int]) -> list[str]:
    """Return the keys that the table at ``path`` can have; none when any will do."""
    annotation = annotation_at(path)
    return [str(key) for key in _fields(annotation)] if is_model(annotation) else []


def _fields(model: type[BaseModel]) -> dict[str | int, FieldInfo]:
    """Return the fields by their keys in the file."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
