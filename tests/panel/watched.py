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


def alert(kind: str, place: str = "", level: str = "alarm", **changes: Any) -> Json:
    of = {"trunk_failed": "node", "recording_failed": "service"}.get(kind, "queue")
    service = None if of == "node" else "acme"
    return {
        "id": f"{kind} {place}", "kind": kind, "level": level, "since": at(60), "service": service, "queue": None,
        "node": None, "count": 0, "of": None, "limit_s": None, of: place, **changes,
    }  # fmt: skip


def alerts() -> list[Json]:
    """One of each kind."""
    return [
        alert("nobody_works", "Night desk"),
        alert("phones_gone", "Support", count=5, of=14),
        alert("trunk_failed", "main", count=4),
        alert("recording_failed", "acme", count=2),
        alert("longest_wait", "English", count=12, limit_s=120.0),
        alert("callbacks_overdue", "Billing", "warn", count=3, limit_s=3600.0),
    ]


def wallboard(**changes: Any) -> Json:
    told: Json = {"teams": teams(), "help": [asks_for_help()], "alerts": []}
    return {"services": [service()], "queues": queues(), **told, **changes}


def call(number: str = "+82•••••••702", queue: str = "Support", answered_s: float | None = 120, **changes: Any) -> Json:
    return {
        "call_id": f"call of {number}",
        "service": "acme",
        "queue": queue,
        "direction": "inbound",
        "customer_number": number,
        "state": "talking",
        "since": at(answered_s or 0),
        "answered_at": None if answered_s is None else at(answered_s),
        "partner": "",
        "recording": "recording",
        "emergency": False,
        **changes,
    }


def person(cti_id: str, name: str, team: str, since_s: float, calls: int, talk_s: float, **changes: Any) -> Json:
    return {
        "cti_id": cti_id,
        "name": name,
        "team": team,
        "phone": "reachable",
        "status": "ready",
        "reason": None,
        "state": "idle",
        "label": "Ready",
        "since": at(since_s),
        "next_status": None,
        "help_since": None,
        "limit": None,
        "call": None,
        "today": {"calls": calls, "talk_s": talk_s * calls, "missed": 0},
        **changes,
    }


def agents() -> list[Json]:
    processing: Json = {"status": "business", "reason": "ticket_processing", "label": "Business (Ticket Processing)"}
    talking: Json = {"state": "talking", "label": "Talking"}
    held: Json = {"state": "on_hold", "label": "On Hold", "limit": 120}
    asks: Json = {"state": "consulting", "label": "On Call (Transfer in Progress)"}
    rings: Json = {"state": "ringing", "label": "Ringing"}
    consults = call("+49••••••55", "English", 318, state="consult_talking", partner="Juno Lee")
    comes = call("+82••••••410", "Billing", None, state="ringing", recording=None)
    out = call("+82•••••••930", "Contracts and moving house", 70, direction="outbound", recording=None)
    helped = call("+82•••••••678", answered_s=252)
    return [
        person("yuna", "Yuna Choi", "Day", 1450, 37, 238, status="rest", reason="meal", label="Rest (Meal)"),
        person("daehyun", "Daehyun Seo", "Billing", 372, 31, 242, limit=300, **processing),
        person("hana", "Hana Jung", "Day", 48, 44, 200),
        person("juno", "Juno Lee", "Day", 141, 39, 251, call=call(answered_s=460), **held),
        person("mina", "Mina Park", "Day", 252, 42, 227, call=helped, help_since=at(24), **talking),
        person("minseo", "Minseo Kwon", "English", 665, 18, 390, call=call("+1•••••••112", "English", 665), **talking),
        person("rafael", "Rafael Ortiz", "English", 31, 21, 355, call=consults, **asks),
        person("somin", "Somin Bae", "Billing", 6, 29, 211, call=comes, **rings),
        person("taeyang", "Taeyang Kang", "Contracts", 70, 33, 280, call=out, **talking),
    ]


def waits(number: str, queue_: str, since_s: float, place: int, **changes: Any) -> Json:
    return {
        "call_id": f"w{place}", "service": "acme", "queue": queue_, "customer_number": number, "since": at(since_s),
        "rings": False, "order": [2, 0, place, f"w{place}"], **changes,
    }  # fmt: skip


def waiting() -> list[Json]:
    return [
        waits("+82•••••••377", "Support", 48, 5),
        waits("+1•••••••871", "English", 276, 1),
        waits("+44••••••119", "English", 238, 2),
        waits("+82•••••••045", "Billing", 112, 3),
        waits("+82•••••••610", "Billing", 80, 4, rings=True),
    ]


def live(**changes: Any) -> Json:
    return {
        "services": [service()],
        "queues": queues(),
        "agents": agents(),
        "waiting": waiting(),
        "alerts": [],
        **changes,
    }


def monitor(
    mode: str = "listen", confirmed: str | None = "listen", heard_by: tuple[str, ...] = (), **changes: Any
) -> Json:
    return {
        "monitor_id": "m1", "call_id": "call of +1•••••••112", "state": "on", "mode": mode, "confirmed": confirmed,
        "heard_by": list(heard_by), "cti_id": "minseo", "name": "Minseo Kwon", "service": "acme",
        "call_state": "talking", "since": at(18), "confirmed_since": at(18), "by": "mina", "by_name": "Sora Choi",
        **changes,
    }  # fmt: skip
