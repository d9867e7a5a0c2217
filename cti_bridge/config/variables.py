"""The setting that a variable probably means, when its name is none."""

from collections.abc import Iterator, Sequence
from typing import get_args, get_origin

from cti_bridge.config.problems import closest
from cti_bridge.config.schema.whole import PREFIX, Schema
from cti_bridge.config.shape import annotation_at, is_model, keys_at

BETWEEN = "__"
"""The separator between the levels of a setting's name."""

OTHERS = frozenset({"CONFIG", "VAR", "CACHE", "DEBIAN_MIRROR", "DEBUG"})
"""Variables with the prefix that are no settings: the configuration's file, and those of ``make``."""


def meant(name: str) -> str | None:
    """Return ``CTI_BRIDGE_DATABASE__URL`` for ``CTI_BRIDGE_DATABASE_URL``; None when no setting is near."""
    rest = name.removeprefix(PREFIX)
    path = _path((), [word for word in rest.lower().split("_") if word])
    found = BETWEEN.join(path).upper() if path else closest(rest, _names())
    return f"{PREFIX}{found}" if found else None


def _path(at: tuple[str, ...], words: Sequence[str]) -> tuple[str, ...] | None:
    """Return the setting below ``at`` whose name has exactly these words, however they are separated."""
    if not words:
        return at
    for key in _keys(at, words):
        below = len(key.split("_"))
        if path := _path((*at, key), words[below:]):
            return path
    return None


def _keys(at: tuple[str, ...], words: Sequence[str]) -> Iterator[str]:
    """Yield the keys at ``at`` that the first words may name. Where names are free, as those of the PBXs, the last word
    is left for the next level."""
    annotation = annotation_at(at)
    if is_model(annotation):
        yield from (key for key in keys_at(at) if key.split("_") == list(words[: len(key.split("_"))]))
    elif get_origin(annotation) is dict and is_model(get_args(annotation)[-1]):
        yield from ("_".join(words[:length]) for length in range(1, len(words)))


def _names() -> list[str]:
    """Return all fixed names, without the prefix."""
    sections = list(Schema.model_fields)
    keys = [f"{section}{BETWEEN}{key}" for section in sections for key in keys_at((section,))]
    return [name.upper() for name in sections + keys]
