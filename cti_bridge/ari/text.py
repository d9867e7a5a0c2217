"""Text that crosses the border: what callers send us, and what we put into SIP headers. Pure.

A caller's name and number are whatever the far end wrote. They are cut and freed of control characters on the way in,
and reduced to a harmless alphabet on the way out.
"""

import re
import unicodedata
from datetime import datetime

MAX_TEXT = 80
"""Characters kept of a name or number. E.164 has 15 digits; SIP users may be longer."""

_NUMBER_UNSAFE = re.compile(r"[^0-9A-Za-z+*#._-]")
_NAME_UNSAFE = re.compile(r"[\"'\\<>,;|&$\[\]{}()^%=`]")


def clean(text: str) -> str:
    """Free a text of control and format characters (also those that turn the writing direction), and cut it."""
    if not text.isascii() or not text.isprintable():
        text = "".join(char for char in text if unicodedata.category(char)[0] != "C")
    return text[:MAX_TEXT].strip()


def safe_number(text: str) -> str:
    """A number that can stand in a dial string, a variable or a header: digits, letters and ``+*#._-`` only."""
    return _NUMBER_UNSAFE.sub("", text)[:MAX_TEXT]


def safe_name(text: str) -> str:
    """A display name without anything that a SIP header or a dialplan variable would take for syntax."""
    return " ".join(_NAME_UNSAFE.sub(" ", clean(text)).split())


def posix_time(text: str) -> float | None:
    """POSIX seconds of ARI's dates (``2026-11-21T05:02:08.152+0000``), None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment.timestamp()
