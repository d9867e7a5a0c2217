"""pydantic's errors in the operator's words. A value is repeated only when the setting cannot hold a secret."""

from collections.abc import Iterable
from typing import Any, get_args

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from cti_bridge.config.lines import Path
from cti_bridge.config.merge import KEYS, Merged
from cti_bridge.config.problems import did_you_mean, listed
from cti_bridge.config.shape import annotation_at, keys_at

_TYPES = {
    "string_type": "a text in quotes",
    "path_type": "a text in quotes",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}

_NAMES: dict[type, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
}


def complain(merged: Merged, error: ValidationError) -> None:
    """Add every error to the problems of ``merged``."""
    for detail in error.errors(include_url=False):
        path = _path(detail["loc"], merged.values)
        merged.error(path, _text(detail, path, merged.values))


def _path(loc: Iterable[str | int], values: Any) -> Path:
    """Return the location without parts that are no keys of ours (pydantic names the branches of a union)."""
    path: Path = ()
    for step in loc:
        if isinstance(values, dict | list) and not str(step).startswith("<"):
            values = _child(values, step)
            path = (*path, step)
    return path


def _child(values: Any, step: str | int) -> Any:
    try:
        return values[step]
    except (KeyError, IndexError, TypeError):
        return None


def _text(detail: ErrorDetails, path: Path, values: dict[str, Any]) -> str:
    kind, key = detail["type"], _name(path)
    context = detail.get("ctx", {})
    value = _at(values, path)
    if kind == "extra_forbidden":
        return f'unknown key "{path[-1]}"{did_you_mean(str(path[-1]), keys_at(path[:-1]))}'
    if kind == "missing" or (path == ("asterisk",) and kind == "too_short"):
        return _missing(path)
    if kind == "literal_error":
        words = [word for word in get_args(annotation_at(path)) if isinstance(word, str)]
        hint = did_you_mean(value, words) if isinstance(value, str) else ""
        return f"{key} must be {listed(words)}, not {_shown(value)}{hint}"
    if kind in _TYPES:
        wanted = "an array of tables, [[…]]" if len(path) == 1 and path[0] in KEYS else _TYPES[kind]
        return f"{key} must be {wanted}, not {_NAMES.get(type(value), type(value).__name__)}"
    if kind == "value_error":
        return f"{key.rstrip(',')}: {context.get('error', detail['msg'])}"
    return f"{key} {_limit(kind, context, value, secret=annotation_at(path) is SecretStr)}"


def _limit(kind: str, context: dict[str, Any], value: Any, *, secret: bool) -> str:
    """Return the words for a limit, as the end of a sentence that begins with the key."""
    shown = "" if secret else f", not {_shown(value)}"
    match kind:
        case "greater_than":
            return f"must be greater than {context['gt']:g}{shown}"
        case "greater_than_equal":
            return f"must be at least {context['ge']:g}{shown}"
        case "less_than_equal":
            return f"must be at most {context['le']:g}{shown}"
        case "finite_number":
            return f"must be finite{shown}"
        case "too_short":
            return "must not be empty"
    return f"is wrong ({kind})"


def _missing(path: Path) -> str:
    """Return the words for a setting that is required and missing or empty."""
    if path[-1] == "password_hash":
        return "this agent has no password_hash; make one with: cti-bridge hash-password"
    if len(path) == 1:
        return "there is no PBX, [asterisk.NAME]" if path[0] == "asterisk" else f"there are no [[{path[0]}]]"
    return f'"{path[-1]}" is missing'


def _name(path: Path) -> str:
    """Return ``"listen"``, or ``"services", entry 2`` for a part without a name of its own."""
    if path and isinstance(path[-1], int):
        return f'"{path[-2]}", entry {path[-1] + 1},'
    return f'"{path[-1]}"' if path else "the configuration"


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _at(values: Any, path: Path) -> Any:
    for step in path:
        values = _child(values, step)
    return values
