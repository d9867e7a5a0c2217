"""Calls as earlier releases have written them, brought to what they are today: from decoded JSON to decoded JSON."""

from typing import Any

from cti_bridge.domain.ids import leg_of_channel

JsonObject = dict[str, Any]


def with_parties(call: JsonObject) -> JsonObject:
    """Release 0.1.0 had a field for each role, and named a leg that we did not make as its PBX does."""
    if "parties" in call:
        return call
    fields = {role: call.get(f"{role}_leg") for role in ("customer", "agent", "target")}
    parties = {role: _leg(call, leg_id) for role, leg_id in fields.items() if leg_id}
    legs = [{**leg, "id": _leg(call, leg["id"])} for leg in call.get("legs", {}).values()]
    return {**call, "parties": parties, "legs": {leg["id"]: leg for leg in legs}}


def _leg(call: JsonObject, channel_id: str) -> str:
    return leg_of_channel(call["node"], channel_id)
