"""The signs around the digits of a telephone number, and their meaning. Pure.

Copied text holds signs that are invisible or not meant: no-break spaces, marks of the writing direction, typographic
dashes, full-width digits. Each is read as the sign that it stands for. No other sign is: another letter or digit stays,
and the text is then no number.
"""

import re
import unicodedata
from typing import NamedTuple

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Full-width signs, and the ASCII that they stand for (Unicode, Halfwidth and Fullwidth Forms)."""
_DASHES = dict.fromkeys((0x2212, 0x30FC, 0xFF70), "-")
"""A minus, and the long vowel of Japanese, which keyboards there write for a dash."""
_SCHEME = re.compile(r"\A(?:tel: *)+", re.IGNORECASE)
_EXTENSIONS = frozenset({"ext", "isub", "postd"})
_WRITTEN = re.compile(r"\+?[0-9 ().-]*[0-9][0-9 ().-]*", re.ASCII)
_BETWEEN = re.compile(r"[ ().-]")


class Parts(NamedTuple):
    """``number;phone-context=context;ext=…`` (RFC 3966, section 3)."""

    number: str
    context: str
    """Empty: none."""
    extended: bool
    """An extension or a subaddress is to be dialled after the number."""
    parameters: bool
    """The text has parameters of any kind."""


def plain(text: str) -> str:
    """Return the text with every sign as the one that it stands for, and without ``tel:``. Control characters stay:
    nobody copies one by accident."""
    if not text.isascii():
        text = "".join(map(_sign, text.translate(_WIDE).translate(_DASHES)))
    return _SCHEME.sub("", text.strip(" "), count=1).strip(" ")


def parts(text: str) -> Parts:
    """Return the parts of a text that is :func:`plain`."""
    number, *given = text.split(";")
    named = {name.strip().lower(): value.strip() for name, _, value in (one.partition("=") for one in given)}
    return Parts(number.strip(" "), named.get("phone-context", ""), bool(_EXTENSIONS & named.keys()), bool(given))


def digits_of(number: str) -> str | None:
    """Return the digits, with a plus if there is one, of a number as it is usually written; None when it is no
    number."""
    return _BETWEEN.sub("", number) if _WRITTEN.fullmatch(number) else None


def _sign(letter: str) -> str:
    category = unicodedata.category(letter)
    if category == "Cf":
        return ""
    return {"Zs": " ", "Pd": "-"}.get(category, letter)
