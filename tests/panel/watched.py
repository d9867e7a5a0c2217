"""Rows of a house that supervisors watch, as the bridge tells them: 14:31 in Seoul, a busy day."""

from __future__ import annotations

from typing import Any

from tests.panel.recorded import Json, at

NAMES = ("Support", "Billing", "Contracts and moving house", "English", "Night desk")
TODAY = {
    "offered": 0, "answered": 0, "abandoned": 0, "longest_wait": 0, "full": 0, "no_agents": 0, "closed": 0, "key": 0,
    "moved": 0, "ended": 0, "node_lost": 0, "waiting": 0, "within": 0, "abandoned_within": 0, "abandoned_short": 0,
    "new": 0, "transferred": 0, "returned": 0, "moved_in": 0, "callbacks_in": 0,
}  # fmt: skip


def queue(
    id_: str,
    ready: int,
    working: int,
    waiting: int,
    longest_s: float | None,
    expected: str | None,
    level: float | None,
    rate: float | None,
    figures: tuple[int, int, int],
    **changes: Any,
) -> Json:
    offered, answered, abandoned = figures
    return {
        "id": id_,
        "service": "acme",
        "waiting": waiting,
        "longest_since": None if longest_s is None else at(longest_s),
        "expected": expected,
        "working": working,
        "ready": ready,
        "callbacks": 0,
        "open": True,
        "today": TODAY | {"offered": offered, "answered": answered, "abandoned": abandoned},
        "answer_rate": rate,
        "service_level": level,
        "limits": {"waiting": [5, 10], "longest_s": [60, 120], "service_level": [80, 60]},
        **changes,
    }


def queues() -> list[Json]:
    return [
        queue("Support", 2, 11, 3, 48, "1-2", 83.0, 93.7, (412, 386, 19)),
        queue("Billing", 0, 5, 7, 112, "5-10", 74.2, 88.8, (188, 167, 17)),
        queue("Contracts and moving house", 1, 3, 0, None, None, 91.0, 96.9, (64, 62, 2)),
        queue("English", 0, 2, 12, 276, "10-20", 58.1, 76.3, (97, 74, 20)),
        queue("Night desk", 0, 0, 1, 22, None, 88.0, 92.0, (25, 23, 2)),
    ]


def service(**changes: Any) -> Json:
    return {
        "id": "acme",
        "name": "Acme support",
        "timezone": "Asia/Seoul",
        "day": "2026-11-21",
        "working": 19,
        "ready": 3,
        "formula": "accepted",
        "service_level_s": 20.0,
        "short_abandon_s": 5.0,
        "today": TODAY | {"offered": 786, "answered": 712, "abandoned": 60},
        "answer_rate": 90.6,
        "service_level": 78.4,
        "emergency": False,
        "overridden": [],
        **changes,
    }


def team(id_: str, *figures: int, rate: float = 93.0, level: float = 82.0, **changes: Any) -> Json:
    names = ("logged_in", "ready", "talking", "ringing", "outbound", "away", "hold_over", "processing_over")
    made = dict(zip(names, figures, strict=True))
    return {"id": id_, "queues": ["Support"], **made, "answer_rate": rate, "service_level": level, **changes}


def teams() -> list[Json]:
    return [
        team("Day", 12, 2, 6, 1, 1, 2, 1, 0),
        team("Billing", 6, 0, 4, 0, 0, 2, 0, 2, rate=88.8, level=74.0),
        team("Contracts", 3, 1, 1, 0, 1, 0, 0, 0, rate=96.9, level=91.0),
        team("English", 2, 0, 2, 0, 0, 0, 0, 0, rate=76.3, level=58.0),
    ]


def asks_for_help(cti_id: str = "mina", name: str = "Mina Park", since_s: float = 24, **changes: Any) -> Json:
    return {
        "cti_id": cti_id, "name": name, "team": "Day", "since": at(since_s), "queue": "Support",
        "direction": "inbound", **changes,
    }  # fmt: skip


def wallboard(**changes: Any) -> Json:
    return {"services": [service()], "queues": queues(), "teams": teams(), "help": [asks_for_help()], **changes}
