"""Upgrades of calls that earlier releases have written: from decoded JSON to decoded JSON."""

from typing import Any

from cti_bridge.domain.model.ids import leg_of_channel

JsonObject = dict[str, Any]


def with_parties(call: JsonObject) -> JsonObject:
    """Give the call its parties. Release 0.1.0 had a field for each role, and named the PBX's legs as the PBX does."""
    if "parties" in call:
        return call
    fields = {role: call.get(f"{role}_leg") for role in ("customer", "agent", "target")}
    parties = {role: _leg(call, leg_id) for role, leg_id in fields.items() if leg_id}
    legs = [{**leg, "id": _leg(call, leg["id"])} for leg in call.get("legs", {}).values()]
    return {**call, "parties": parties, "legs": {leg["id"]: leg for leg in legs}}


_PROMPTS = {
    "greeting": {"to": "customer", "then": "queue", "longest_s": 120.0},
    "warning": {"to": "both", "then": "talk", "longest_s": 30.0},
    "announcing": {"to": "customer", "then": "end", "longest_s": 120.0},
}


def with_prompt(call: JsonObject) -> JsonObject:
    """Give the call its prompt. Older entries have the limit of the message that plays, and the text of some last
    messages. The other texts come from the configuration once more (:mod:`cti_bridge.domain.recovery.checkpoint`)."""
    if "prompt" in call:
        return call
    now = {name: value for name, value in call.items() if name not in ("message_ends_at", "announcement")}
    prompt = _PROMPTS.get(call["state"])
    if prompt is not None:
        media = call.get("announcement") if call["state"] == "announcing" else None
        prompt = {**prompt, "media": media or "", "ends_at": call.get("message_ends_at")}
    return {**now, "prompt": prompt}


PARTS: dict[str, dict[str, str]] = {
    "customer": {"customer_number": "number", "customer_name": "name", "withheld_key": "withheld_key"},
    "wait": {
        "waiting_since": "since",
        "waited_s": "lasted_s",
        "longest_wait_at": "ends_at",
        "returned": "returned",
    },
    "dialling": {
        "calling_number": "calling_number",
        "dial_ends_at": "ends_at",
        "emergency": "emergency",
        "reached": "reached",
        "handed_back": "handed_back",
        "redialed": "redialed",
    },
    "end": {"ended_at": "at", "outcome": "outcome", "ended_by": "by", "announced_outcome": "announced"},
}
"""By part, the call's older field and its name in the part."""


def in_parts(call: JsonObject) -> JsonObject:
    """Move the fields of the call into its parts."""
    if "wait" in call:
        return call
    moved = {name for fields in PARTS.values() for name in fields}
    parts = {
        part: {name: call[before] for before, name in fields.items() if before in call}
        for part, fields in PARTS.items()
    }
    return {name: value for name, value in call.items() if name not in moved} | parts


def with_way(call: JsonObject) -> JsonObject:
    """Name the state before the queue as today. The call's way through its scenario is found by its state."""
    if call["state"] != "greeting":
        return call
    prompt = call["prompt"]
    if prompt is not None and prompt["then"] == "queue":
        prompt = {**prompt, "then": "step"}
    return {**call, "state": "in_scenario", "prompt": prompt}


def _leg(call: JsonObject, channel_id: str) -> str:
    return leg_of_channel(call["node"], channel_id)
