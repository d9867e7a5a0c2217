"""The list of calls, slowly: each call of the house is looked at, and what is shown of it is written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.support.slow_rows import Asked, Row

_AS_THEY_ARE = (
    "arrived_at",
    "direction",
    "service",
    "queue",
    "answered_at",
    "ended_at",
    "outcome",
    "ended_by",
    "ended_in",
    "hangup_cause",
    "sip_code",
    "category",
    "seen_late",
)
_SECONDS = ("wait_s", "talk_s", "hold_s")


def calls_of(
    rows: Mapping[str, Sequence[Row]], asked: Asked, since: datetime, till: datetime, agents: Sequence[str] | None
) -> list[dict[str, Any]]:
    """The calls that came in the period, in that order; with ``agents`` those that one of them took part in."""
    found = []
    for call in sorted(rows["call"], key=lambda row: (row["arrived_at"], row["id"])):
        if not since <= call["arrived_at"] < till or call["service"] not in asked.services:
            continue
        if asked.numbers is not None and call["dialed_number"] not in asked.numbers:
            continue
        queues = {row["queue"] for row in rows["queue_visit"] if row["call_id"] == call["id"]}
        if asked.queues is not None and not queues & set(asked.queues):
            continue
        people = {row["cti_id"] for row in rows["call_interval"] if row["call_id"] == call["id"]}
        if agents is not None and not people & set(agents):
            continue
        found.append(_shown(call, rows))
    return found


def _shown(call: Row, rows: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
    over, number = call["ended_at"], call["customer_number"]
    tickets = [str(row["id"]) for row in rows.get("ticket", ()) if row["call_id"] == call["id"]]
    return {
        "call": str(call["id"]),
        "customer_number": number and number[:3] + "•" * (len(number) - 6) + number[-3:],
        "number": call["calling_number"] if call["direction"] == "outbound" else call["dialed_number"],
        "first_agent": call["first_cti_id"],
        "last_agent": call["last_cti_id"],
        "total_s": None if over is None else round((over - call["arrived_at"]).total_seconds(), 3),
        "ticket": tickets[0] if tickets else None,
        **{name: call[name] for name in _AS_THEY_ARE},
        **{name: None if call[name] is None else round(call[name], 3) for name in _SECONDS},
    }
