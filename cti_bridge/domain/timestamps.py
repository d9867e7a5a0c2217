"""Times as they are shown to others: in views, events and tickets."""

from datetime import UTC, datetime


def iso(at: float) -> str:
    """POSIX seconds as ``2026-11-21T03:00:00.000Z``: ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
