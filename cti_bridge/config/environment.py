"""The environment above the files: ``CTI_BRIDGE_SECTION__KEY``, with ``__`` between the levels, e.g.
``CTI_BRIDGE_ASTERISK__MAIN__PASSWORD``. Lists and whole sections are JSON.

A variable with the prefix that is no setting gives a warning. It may have an underscore too few, and the bridge would
run without it.
"""

import json
from collections.abc import Mapping
from types import UnionType
from typing import Any, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from cti_bridge.config.files import Source
from cti_bridge.config.problems import Place, Problem, did_you_mean
from cti_bridge.config.schema.whole import PREFIX, Schema
from cti_bridge.config.shape import annotation_at, is_model, keys_at
from cti_bridge.config.variables import BETWEEN, OTHERS, meant


def read_environment(environ: Mapping[str, str]) -> tuple[list[Source], list[Problem]]:
    """Return a source for every variable that is a setting, and the errors of the others."""
    sources: list[Source] = []
    problems: list[Problem] = []
    for name in sorted(environ):
        rest = name.removeprefix(PREFIX)
        keys = rest.lower().split(BETWEEN)
        if not name.startswith(PREFIX) or rest in OTHERS:
            continue
        if len(keys) == 1 and keys[0] not in Schema.model_fields:
            problems.append(_ignored(name))
            continue
        try:
            sources.append(Source(name, _values(name, environ[name], keys), is_file=False))
        except ValueError as error:
            problems.append(Problem(Place(name), str(error)))
    return sources, problems


def _ignored(name: str) -> Problem:
    hint = meant(name)
    text = "this is no setting, and is ignored" + (f'; did you mean "{hint}"?' if hint else "")
    return Problem(Place(name), text, "warning")


def _values(name: str, text: str, keys: list[str]) -> dict[str, Any]:
    """Return the values of the variable. Raises ValueError with a text that does not hold the value, for it may be a
    secret."""
    value = _value(text, _annotation(keys))
    for key in reversed(keys[1:]):
        value = {key: value}
    return {keys[0]: value}


def _annotation(keys: list[str]) -> Any:
    """Return the type of the setting. Raises ValueError when it does not exist."""
    for depth in range(1, len(keys) + 1):
        if annotation_at(keys[:depth]) is None or not keys[depth - 1]:
            hint = did_you_mean(keys[depth - 1], keys_at(keys[: depth - 1]))
            raise ValueError(f'there is no setting "{".".join(keys[:depth])}"{hint}')
    return annotation_at(keys)


def _value(text: str, annotation: Any) -> Any:
    """Return the text as a value of the setting's type. A text that cannot be converted is left, and refused with all
    other wrong types. Raises ValueError for a section or a list that is not JSON."""
    parts = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    if any(is_model(part) or get_origin(part) in (list, dict) for part in parts):
        try:
            return json.loads(text)
        except ValueError as error:
            raise ValueError("this setting is written in JSON here, and that is not JSON") from error
    if annotation not in (bool, int, float):
        return text
    try:
        return TypeAdapter(annotation).validate_strings(text)
    except ValidationError:
        return text
