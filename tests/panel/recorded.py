"""Views as the bridge makes them, for pages that are shown without it: always the same people at the same moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cti_bridge.api.why_words import Language, in_words
from cti_bridge.domain.model.reasons import Reason, Why

Json = dict[str, Any]

NOW = datetime(2026, 11, 20, 5, 30, 0, tzinfo=UTC)
CUSTOMER, SHOP = "+821012345678", "+8225550000"
CALL, OFFER, TICKET = "01938f00-0000-7000-8000-0000000000c1", "01938f00-0000-7000-8000-0000000000f1", "T-2041"
HOSTILE = "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>"


def at(seconds_ago: float) -> str:
    """A moment before NOW, as the API writes it."""
    moment = NOW - timedelta(seconds=seconds_ago)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def agent(**changes: Any) -> Json:
    """An agent who is ready and has no call."""
    return {
        "cti_id": "mina",
        "name": "Mina Park",
        "cti_number": "1001",
        "answer": "phone",
        "phone": "reachable",
        "status": "ready",
        "reason": None,
        "next_status": None,
        "state": "idle",
        "label": "Ready",
        "since": at(192),
        "ticket_processing_ends_at": None,
        "after_processing": None,
        "prompt": None,
        "missed": None,
        "offer": None,
        "call": None,
        "allowed_actions": ["dial"],
        "no_calls": [],
        "help_since": None,
        "waiting": 0,
        "monitor": None,
        **changes,
    }


def reasons(agent_: Json, language: Language) -> list[Json]:
    """Why the agent is given no call, in the words of the bridge."""
    values: dict[str, str | int] = {"status": agent_["label"], "is": agent_["status"], "number": agent_["cti_number"]}
    found = [Reason(code, values) for code in agent_["no_calls"]]
    found = found or [Reason(Why.NOBODY_WAITS), Reason(Why.NEXT, {"queue": "support"})]
    return [{"code": str(one.code), "text": in_words(one, language)} for one in found]


def business(reason: str, label: str, **changes: Any) -> Json:
    """An agent who is busy with something else."""
    return agent(status="business", reason=reason, label=f"Business ({label})", no_calls=["not_ready"], **changes)


def rest(reason: str, label: str, **changes: Any) -> Json:
    """An agent on a break."""
    return agent(status="rest", reason=reason, label=f"Rest ({label})", no_calls=["not_ready"], **changes)


def call(state: str = "talking", **changes: Any) -> Json:
    """An inbound call."""
    return {
        "call_id": CALL,
        "direction": "inbound",
        "emergency": False,
        "service": "acme",
        "customer_number": CUSTOMER,
        "customer_name": "Jiho Kim",
        "dialed_number": SHOP,
        "calling_number": None,
        "queue": "support",
        "waited_s": 41.0,
        "state": state,
        "rings": state in ("ringing", "dialing_agent", "dialing_customer", "consult_ringing"),
        "since": at(83),
        "answered_at": at(83),
        "ticket_id": TICKET,
        "held_by": [],
        "holding": [],
        "digits_to": [],
        "asked_by": "",
        "consult": None,
        "last_result": None,
        "category": None,
        "data": {},
        "way": [],
        "skills": {},
        "recording": None,
        "monitors": [],
        "marks": None,
        "warnings": 0,
        **changes,
    }


_TALKING = ["hold", "consult", "transfer", "force-disconnect", "hangup", "dtmf"]
_ON_HOLD = ["resume", "consult", "transfer", "force-disconnect", "hangup"]


def in_call(state: str, label: str, call_: Json, actions: list[str], **changes: Any) -> Json:
    """An agent with a call."""
    return agent(
        **{"state": state, "label": label, "call": call_, "allowed_actions": actions, "since": call_["since"]}
        | {"no_calls": ["in_a_call"]}
        | changes
    )


def monitored(mode: str = "listen") -> Json:
    """A talk that a supervisor monitors, where the house lets agents see that."""
    return in_call("talking", "Talking", call(monitors=[{"name": "Sora Choi", "mode": mode}]), _TALKING)


def monitoring(state: str = "on", **changes: Any) -> Json:
    """A supervisor who monitors a call."""
    monitor: Json = {
        "monitor_id": CALL,
        "call_id": CALL,
        "state": state,
        "mode": "listen",
        "confirmed": None,
        "heard_by": [],
    }
    label = "Business (Monitoring)"
    return agent(state="monitoring", label=label, monitor=monitor, allowed_actions=[], **changes)


def ringing(answer: str = "phone", **changes: Any) -> Json:
    """An incoming call, 8 of 20 s before the pickup time is over."""
    offered = call("ringing", since=at(12), ticket_id=None, **changes)
    offer = {"offer_id": OFFER, "call_id": CALL, "expires_at": at(-8)}
    actions = ["answer", "decline"] if answer == "auto" else ["decline"]
    return in_call("ringing", "Ringing", offered, actions, offer=offer, answer=answer)


def talking(**changes: Any) -> Json:
    """A conversation."""
    answer = changes.pop("answer", "phone")
    return in_call("talking", "Talking", call("talking", **changes), _TALKING, answer=answer)


def recording(state: str = "recording", **changes: Any) -> Json:
    """What a call shows of its recording: ``paused`` is a pause of the agent."""
    paused = state == "paused"
    usual = {
        "state": state,
        "reasons": ["agent"] if paused else [],
        "not_paused": False,
        "paused_by": "mina" if paused else None,
        "paused_since": at(42) if paused else None,
        "pause_ends_at": at(-258) if paused else None,
    }
    return {**usual, **changes}


def recorded_talk(state: str = "recording", *actions: str, **changes: Any) -> Json:
    """A conversation that is recorded. What the agent may ask of the recorder: ``actions``, else Pause, and Resume."""
    may = actions or ("pause", *(("resume",) if state == "paused" else ()))
    made = talking(recording=recording(state, **changes))
    return {**made, "allowed_actions": [*made["allowed_actions"], *(f"recording/{one}" for one in may)]}


def on_hold(**changes: Any) -> Json:
    """A customer on hold."""
    actions = [each for each in _ON_HOLD if each != "resume" or "phone" not in changes.get("held_by", ())]
    held = call("on_hold", **{"held_by": ["panel"], "since": at(37), **changes})
    return in_call("on_hold", "On Hold", held, actions)


def consulting(state: str, target: str = "1002", **changes: Any) -> Json:
    """A consultation: ringing, talking, held (the agent talks to the customer) or alone."""
    consult = {"target": target, "target_name": "Juno Lee", "state": state}
    name = {"held": "swapped"}.get(state, state)
    held = call(f"consult_{name}", consult=consult, since=at(21), held_by=[], **changes)
    actions = ["consult/cancel", "hangup"] if state == "alone" else ["consult/connect", "consult/cancel", "hangup"]
    if state in ("talking", "held"):
        actions += ["consult/swap", "consult/join"]
    return in_call("consulting", "On Call (Transfer in Progress)", held, actions)


def three(target: str = "1002", name: str = "Juno Lee", **changes: Any) -> Json:
    """Three talk together."""
    consult = {"target": target, "target_name": name, "state": "joined"}
    talk = call("three_together", consult=consult, since=at(52), **{"digits_to": ["customer"], **changes})
    return in_call("talking", "Three together", talk, ["consult/leave", "consult/remove", "hangup", "dtmf"])


def phone(origin: str) -> Json:
    """The account of the phone in the page, at a registrar beside the panel."""
    url = f"{origin.replace('http', 'ws', 1)}/sip"
    account = {"uri": "sip:1001@phones.example", "username": "1001", "password": "a-sip-password"}
    return {"url": url, **account, "ice_servers": []}


def consulted(state: str = "talking", **changes: Any) -> Json:
    """The colleague who is asked talks to the agent who has the customer, hears music meanwhile, or talks to both."""
    consult = {"target": "1001", "target_name": "Mina Park", "state": state}
    name = {"held": "consult_swapped", "joined": "three_together"}.get(state, f"consult_{state}")
    held = call(name, consult=consult, asked_by="Juno Lee", **changes)
    return in_call("talking", "Three together" if state == "joined" else "Talking", held, ["hangup"])


def internal(state: str = "talking", *, asked: bool = False, **changes: Any) -> Json:
    """A call between colleagues, of who has called or, ``asked``, of the other one: ringing, talking, on_hold or
    held."""
    other = {"target": "1001", "target_name": "Mina Park"} if asked else {"target": "1002", "target_name": "Juno Lee"}
    consult = {**other, "state": {"on_hold": "held", "held": "talking"}.get(state, state)}
    placed = call(
        f"internal_{state}",
        direction="internal",
        customer_number=None,
        customer_name="",
        dialed_number=other["target"],
        queue=None,
        waited_s=0.0,
        ticket_id=None,
        rings=state == "ringing",
        consult=consult,
        asked_by="Juno Lee" if asked else "Mina Park",
        answered_at=None if state == "ringing" else at(83),
        **changes,
    )
    holds = state == ("held" if asked else "on_hold")
    if state == "ringing" and asked:
        offer = {"offer_id": OFFER, "call_id": CALL, "expires_at": at(-8)}
        return in_call("ringing", "Ringing", placed, ["decline"], offer=offer)
    if state == "ringing":
        return in_call("dialing", "Dialing", placed, ["hangup"])
    may = {"talking": ["hold", "hangup"]}.get(state, ["resume", "hangup"] if holds else ["hangup"])
    return in_call("on_hold" if holds else "talking", "On Hold" if holds else "Talking", placed, may)


def missed(result: str = "missed") -> Json:
    """A call was missed, or declined."""
    label = {"missed": "Missed call", "declined": "Declined call"}[result]
    of = {"result": result, "customer_number": CUSTOMER, "customer_name": "Jiho Kim", "at": at(40)}
    return business(result, label, missed=of)


def lost() -> Json:
    """The phone has vanished in the middle of a conversation, and is rung again."""
    return in_call("reconnecting", "Reconnecting", call("agent_lost", since=at(4)), [], phone="unreachable")


def warned() -> Json:
    """A conversation with one who was warned, and was force disconnected before."""
    marks = {"count": 2, "last_reason": "threat", "last_at": at(6 * 86_400)}
    return in_call("talking", "Talking", call(marks=marks, warnings=1), [*_TALKING, "warn"])


def warning() -> Json:
    """The warning plays to both."""
    marks = {"count": 2, "last_reason": "threat", "last_at": at(6 * 86_400)}
    actions = ["warn/stop", "force-disconnect", "hangup"]
    return in_call("talking", "Talking", call("warning", marks=marks, warnings=2), actions)


def accepted() -> Json:
    """The phone answers by itself: it is being connected."""
    offer = {"offer_id": OFFER, "call_id": CALL, "expires_at": at(-8)}
    taken = call("accepted", since=at(1), ticket_id=None)
    return in_call("accepted", "Connecting", taken, [], offer=offer, answer="auto")


def dialing(state: str = "dialing_customer", **changes: Any) -> Json:
    """A call out."""
    out = {"direction": "outbound", "dialed_number": None, "calling_number": "+8225551234", "queue": None, **changes}
    placed = call(state, customer_name="", waited_s=0.0, ticket_id=None, since=at(6), **out)
    return in_call("dialing", "Dialing", placed, ["hangup"])


NAMES = {"mina": "Mina Park", "juno": "Juno Lee"}


def ticket_line(ticket_id: str = TICKET, status: str = "open", ago: float = 83, **changes: Any) -> Json:
    """A ticket as it stands in a list."""
    return {
        "ticket_id": ticket_id,
        "service": "acme",
        "call_id": CALL,
        "status": status,
        "owner": "mina",
        "owner_name": "Mina Park",
        "customer_number": CUSTOMER,
        "created_at": at(ago),
        "version": 2,
        **changes,
    }


def ticket(**changes: Any) -> Json:
    """The ticket of the call."""
    opened = {
        "direction": "inbound",
        "dialed_number": SHOP,
        "queue": "support",
        "service": "acme",
        "call_id": CALL,
        "owner": "mina",
        "customer_number": CUSTOMER,
    }
    event = {"version": 1, "at": at(83), "by": "system", "type": "opened", "detail": opened}
    text = "Ordered on Monday, wants the blue one instead."
    comment = {"comment_id": "01938f00-0000-7000-8000-0000000000d1", "at": at(30), "by": "mina", "text": text}
    commented = {"version": 2, "at": at(30), "by": "mina", "type": "commented", "detail": {"text": text}}
    return {**ticket_line(), "events": [event, commented], "comments": [comment], "names": NAMES, **changes}


TAKE = "01938f00-0000-7000-8000-0000000000e1"


def take(state: str = "stored", **changes: Any) -> Json:
    """A recorded conversation of 8 s: talk, a pause of the agent, a hold, talk with a colleague, and a late pause."""
    parts = [
        {"kind": "talk", "from_s": 0.0, "till_s": 3.0, "who": ["customer", "mina"], "reason": ""},
        {"kind": "cut", "from_s": 3.0, "till_s": 4.0, "who": [], "reason": "agent"},
        {"kind": "cut", "from_s": 4.0, "till_s": 6.0, "who": [], "reason": "hold"},
        {"kind": "talk", "from_s": 6.0, "till_s": 7.5, "who": ["customer", "juno"], "reason": ""},
        {"kind": "erased", "from_s": 7.5, "till_s": 8.0, "who": [], "reason": "agent"},
    ]
    return {
        "recording_id": TAKE,
        "call_id": CALL,
        "ticket_id": TICKET,
        "service": "acme",
        "state": state,
        "started_at": at(83),
        "ended_at": at(75),
        "length_s": 8.0,
        "missing_s": None,
        "segments": parts,
        "delete_after": at(-30 * 86_400),
        "legal_hold": False,
        **changes,
    }


def history() -> list[Json]:
    """Earlier tickets of the customer, newest first, with the present one."""
    day = 86_400
    return [
        ticket_line(),
        ticket_line("T-1987", "resolved", 4 * day),
        ticket_line("T-1733", "pending", 31 * day, owner="juno"),
    ]


def comment(text: str, ago: float = 5) -> Json:
    """A comment of a colleague."""
    return {"comment_id": "01938f00-0000-7000-8000-0000000000d9", "at": at(ago), "by": "juno", "text": text}


SETTINGS: Json = {
    "language": "en",
    "business_reasons": ["education", "report", "meeting", "ticket", "chat", "monitor"],
    "rest_reasons": [],
    "force_disconnect_reasons": ["abusive_language", "threat", "sexual_harassment", "other"],
    "emergency_numbers": ["112", "119"],
    "services": [{"id": "acme", "name": "Acme support", "inbound": True, "outbound": True}],
    "queues": ["support"],
    "rights": [],
    "after_call": "ticket",
    "open_ticket": "connect",
    "cancel_resumes": False,
    "hold_reminder_s": 120.0,
    "ticket_url": "",
    "embedding_origins": [],
    "host_dial": "ask",
}
CALLING_NUMBERS = [
    {"number": "+8225551234", "service": "acme", "state": "confirmed"},
    {"number": "+8225551235", "service": "acme", "state": "confirmed"},
    {"number": "+8225559999", "service": "acme", "state": "new"},
]
FREQUENT_NUMBERS = [
    {"id": "n1", "number": "+8225557000", "label": "Warehouse"},
    {"id": "n2", "number": "+821055512345", "label": "Field service, Seoul"},
]
COLLEAGUES = [
    {"cti_id": "juno", "name": "Juno Lee", "cti_number": "1002", "label": "Ready"},
    {"cti_id": "sora", "name": "Sora Choi", "cti_number": "1003", "label": "Ready"},
    {"cti_id": "taeyang", "name": "Taeyang Kang", "cti_number": "1004", "label": "Ready"},
]


def day(**more: Any) -> Json:
    """The agent's own day so far, in the middle of the afternoon."""
    calls: Json = {"offered": 27, "answered": 24, "missed": 2, "declined": 1, "busy": 0, "unreachable": 0}
    calls |= {"in_talk_s": 5_820.4, "in_talk_avg_s": 242.5, "out_attempts": 6, "out_answered": 4, "out_talk_s": 900.0}
    states = {"ready": (31, 7_205.0), "rest": (3, 3_904.1), "business": (1, 610.0), "after_call": (27, 2_900.5)}
    states |= {"ringing": (27, 190.2), "dialing": (6, 120.0), "talking": (30, 6_720.4), "on_hold": (4, 301.0)}
    reasons = (("rest", "meal", 1, 3_000.0), ("rest", "break", 2, 904.1), ("business", "meeting", 1, 610.0))
    missed = (("15:02:11", "missed", "+82•••••••678", "support"), ("11:40:00", "declined", None, "english"))
    return {
        "timezone": "Asia/Seoul",
        "since": "2026-07-06T00:00:00.000+09:00",
        "till": "2026-07-06T15:31:07.123+09:00",
        "calls": calls | {"out_talk_avg_s": 225.0, "internal_s": 61.2},
        "states": [{"name": name, "times": times, "lasted_s": s} for name, (times, s) in states.items()],
        "reasons": [dict(zip(("status", "reason", "times", "lasted_s"), one, strict=True)) for one in reasons],
        "not_taken": [
            {"at": f"2026-07-06T{at}.000+09:00", "result": result, "customer_number": number, "queue": queue}
            for at, result, number, queue in missed
        ],
        **more,
    }


def queue(name: str, waiting: int, working: int, wait_s: float | None, **more: Any) -> Json:
    """A queue of the service."""
    numbers = {"waiting": waiting, "agents_working": working, "agents_logged_in": working, "agents_ready": 0}
    rest = {"longest_s": 0.0, "callbacks": 0, "expected_wait_s": wait_s, "closed": False, "opens_at": None}
    return {"id": name, "service": "acme", **numbers, **rest, **more}


QUEUES = [
    queue("support", 2, 5, 95.0),
    queue("contracts", 0, 3, 40.0, agents_ready=1),
    queue("english", 6, 1, 800.0),
    queue("returns", 1, 0, None),
    queue("night-desk", 0, 0, None, closed=True, opens_at="2099-01-05T09:00:00.000Z"),
    queue("theirs", 4, 4, 60.0, service="other"),
]
"""As they are, in the order of the configuration."""


def messages() -> list[Json]:
    """Two callers who have left something: a message of theirs, and a number."""
    common = {
        "service": "acme",
        "queue": "support",
        "status": "waiting",
        "owner": None,
        "ended_at": None,
        "attempts": 0,
        "calling_number": "+8225551234",
    }
    message_id, wish_id = "019e0000-0000-7000-8000-0000000000a1", "019e0000-0000-7000-8000-0000000000a2"
    return [
        common
        | {
            "callback_id": message_id,
            "kind": "voicemail",
            "number": "+821055500001",
            "name": "",
            "placed_at": at(-3600),
        }
        | {"recording_id": "019e0000-0000-7000-8000-0000000000b1", "length_s": 23.4, "version": 1},
        common
        | {"callback_id": wish_id, "kind": "requested", "number": "+821055500002", "name": "Kim", "placed_at": at(-60)}
        | {"recording_id": None, "length_s": None, "version": 1},
    ]
