"""Times as they are shown to others: in views, events and tickets."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated

Moment = Annotated[str, "date-time"]
"""A time as :func:`iso` writes it. The mark is its format in the API's description (JSON Schema, section 7.3.1)."""


@lru_cache(maxsize=1024)
def iso(at: float) -> Moment:
    """Return POSIX seconds as ``2026-11-21T03:00:00.000Z``: ISO 8601 in UTC with milliseconds. Many views show the same
    few times, so the results are cached."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
