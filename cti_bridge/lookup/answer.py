"""The answer of a system of the house, from anywhere: it is read as text that may be hostile. Pure."""

import re
from math import isfinite
from typing import Any

import msgspec

from cti_bridge.domain.border.facts import LookupResult

MOST_BYTES = 32_768
"""The longest body: 20 values of 200 characters, each as an escape of JSON, and as much again for other ways to write
it."""
MOST_VALUES = 20
LONGEST_VALUE = 200
"""Characters."""

_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters, also those that turn the direction of a text in a panel."""
_OK, _NO_CONTENT, _NOT_FOUND = 200, 204, 404


class Unusable(Exception):
    """The answer cannot be used. The message says why, without a word of the answer."""


def read(status: int, body: bytes) -> tuple[LookupResult, dict[str, str]]:
    """Return what an answer says. 200 with a flat object of JSON has values; 204, 404 and an empty object have none.
    Raises Unusable for anything else."""
    if status in (_NO_CONTENT, _NOT_FOUND):
        return LookupResult.NONE, {}
    if status != _OK:
        raise Unusable(f"status {status}")
    values = _values(_decoded(body))
    return (LookupResult.FOUND if values else LookupResult.NONE), values


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError):
        raise Unusable("not JSON") from None
    if not isinstance(found, dict):
        raise Unusable("not an object")
    return found


def _values(found: dict[str, Any]) -> dict[str, str]:
    if len(found) > MOST_VALUES:
        raise Unusable(f"more than {MOST_VALUES} values")
    if not all(_KEY.fullmatch(key) for key in found):
        raise Unusable("a name that is none")
    return {key: _text(value) for key, value in found.items() if value is not None}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not isfinite(value):
        raise Unusable("a number without end")
    if isinstance(value, int | float):
        value = _written(value)
    if not isinstance(value, str):
        raise Unusable("a value within a value")
    if len(value) > LONGEST_VALUE:
        raise Unusable(f"a value of more than {LONGEST_VALUE} characters")
    if _CONTROL.search(value):
        raise Unusable("a control character")
    return value


def _written(number: float) -> str:
    """Return the number as a text. Python refuses to write whole numbers of very many digits."""
    try:
        return str(number)
    except ValueError:
        raise Unusable(f"a value of more than {LONGEST_VALUE} characters") from None
