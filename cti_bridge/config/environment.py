"""The environment above the files: ``CTI_BRIDGE_SECTION__KEY``, with ``__`` between the levels, e.g.
``CTI_BRIDGE_ASTERISK__MAIN__PASSWORD``. Lists and whole sections are JSON.

A variable with the prefix that is no setting gives a warning. It may have an underscore too few, and the bridge would
run without it.
"""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_settings import EnvSettingsSource, SettingsError

from cti_bridge.config.files import Source
from cti_bridge.config.problems import Place, Problem, did_you_mean
from cti_bridge.config.schema import PREFIX, Schema
from cti_bridge.config.shape import annotation_at, keys_at
from cti_bridge.config.variables import BETWEEN, OTHERS, meant


class _One(EnvSettingsSource):
    """pydantic-settings' reader for one variable. So the variable of each value is known."""

    def __init__(self, name: str, text: str) -> None:
        self._one = {name.lower(): text}
        super().__init__(Schema)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return self._one


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
    annotation = _annotation(keys)
    try:
        values = _One(name, text)()
    except SettingsError as error:
        raise ValueError("this setting is written in JSON here, and that is not JSON") from error
    found = values
    for key in keys[:-1]:
        found = found.get(key, {})
    if keys[-1] not in found:
        raise ValueError("this is not the name of a setting")
    found[keys[-1]] = _typed(found[keys[-1]], annotation)
    return values


def _annotation(keys: list[str]) -> Any:
    """Return the type of the setting. Raises ValueError when it does not exist."""
    for depth in range(1, len(keys) + 1):
        if annotation_at(keys[:depth]) is None or not keys[depth - 1]:
            hint = did_you_mean(keys[depth - 1], keys_at(keys[: depth - 1]))
            raise ValueError(f'there is no setting "{".".join(keys[:depth])}"{hint}')
    return annotation_at(keys)


def _typed(value: Any, annotation: Any) -> Any:
    """Return the text converted to the type of the setting. A text that cannot be converted is left, and refused with
    all other wrong types."""
    if isinstance(value, PurePath):
        # Newer readers go so far by themselves; a file says a text here. An empty one names nothing, and no directory.
        return "" if value == PurePath() else str(value)
    if not isinstance(value, str) or annotation not in (bool, int, float):
        return value
    try:
        return TypeAdapter(annotation).validate_strings(value)
    except ValidationError:
        return value
