"""What people and networks put around the digits of a telephone number, and what it means. Pure.

Copied text holds signs that nobody sees or meant: no-break spaces, marks of the writing direction, typographic dashes,
full-width digits. They are read as what they stand for. Nothing else is: another letter or digit is left where it is,
and makes no number of the text.
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
    """Something is to be dialled behind it, an extension or a subaddress."""
    parameters: bool
    """There were any, of whatever kind."""


def plain(text: str) -> str:
    """The text with every sign as what it stands for, and without ``tel:``. Control characters stay: nobody copies one
    by accident."""
    if not text.isascii():
        text = "".join(map(_sign, text.translate(_WIDE).translate(_DASHES)))
    return _SCHEME.sub("", text.strip(" "), count=1).strip(" ")


def parts(text: str) -> Parts:
    """Of a text that is :func:`plain`."""
    number, *given = text.split(";")
    named = {name.strip().lower(): value.strip() for name, _, value in (one.partition("=") for one in given)}
    return Parts(number.strip(" "), named.get("phone-context", ""), bool(_EXTENSIONS & named.keys()), bool(given))


def digits_of(number: str) -> str | None:
    """The digits, with a plus if there is one, of a number as it is usually written; None when it is none."""
    return _BETWEEN.sub("", number) if _WRITTEN.fullmatch(number) else None


def _sign(letter: str) -> str:
    category = unicodedata.category(letter)
    if category == "Cf":
        return ""
    return {"Zs": " ", "Pd": "-"}.get(category, letter)
