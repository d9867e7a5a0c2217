"""Saves the readable part of an unreadable entry of the checkpoint.

A call's legs are found in the text, whether it is JSON or not. An agent's last change is read where the entry is JSON
and its fields are whole.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from cti_bridge.domain.model.ids import leg_of_channel
from cti_bridge.domain.model.kept import LastChange, LostCall

_LEG = re.compile(rb'"(?:id|customer_leg|agent_leg|target_leg|leg_id)"\s*:\s*"([\x21\x23-\x5b\x5d-\x7e]{1,150})"')
_TICKET = re.compile(rb'"ticket_id"\s*:\s*"([0-9a-f-]{36})"')
_NODE = re.compile(rb'"node"\s*:\s*"([a-z0-9_]{1,60})"')
_OF_TODAY, _PARTIES = b'{"v":', b'"parties"'
"""Release 0.1.0 had neither, and named legs that we did not make as their PBX does."""
_EMERGENCY = re.compile(rb'"emergency"\s*:\s*true')


def lost_call(identity: str, state: bytes, *, note: bool) -> LostCall:
    """Return the readable part of a call. ``note``: its ticket is still to be told."""
    legs = {found.decode() for found in _LEG.findall(state)} - {identity}
    of_today = state.startswith(_OF_TODAY) or _PARTIES in state
    node = None if of_today else _NODE.search(state)
    if node is not None:
        legs = {leg_of_channel(node[1].decode(), leg_id) for leg_id in legs}
    ticket = _TICKET.search(state) if note else None
    return LostCall(
        identity, tuple(sorted(legs)), ticket[1].decode() if ticket else None, bool(_EMERGENCY.search(state))
    )


def last_change(cti_id: str, state: bytes) -> LastChange | None:
    """Return the agent's last change, or None when the entry does not say."""
    try:
        found = msgspec.json.decode(state)
        (change,) = changes_in([{**found, "cti_id": cti_id, "at": found["since"]}])
    except (msgspec.MsgspecError, TypeError, LookupError, ValueError, RecursionError):
        return None
    return change


def change_of_row(payload: bytes) -> list[LastChange]:
    """Return the change in a row of the outbox, empty when the row cannot be read."""
    try:
        row = msgspec.json.decode(payload)
        return changes_in([{**row, "status": row["to_status"], "state": row["to_state"]}])
    except (msgspec.MsgspecError, TypeError, LookupError, ValueError, RecursionError):
        return []


def changes_in(rows: Iterable[Mapping[str, Any]]) -> list[LastChange]:
    """Return the changes in the rows, without words that this program does not know."""
    found = []
    for row in rows:
        try:
            found.append(msgspec.convert({name: row[name] for name in LastChange.__slots__}, LastChange))
        except (msgspec.ValidationError, LookupError):
            continue
    return found
