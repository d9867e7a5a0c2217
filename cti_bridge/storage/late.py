"""Rows that come late: of a bridge that another one has replaced, written when its machine is back.

History is written always. A present state is left out where the bridge that acts has the object in its checkpoint, and
not so far: what the replaced bridge did alone after that is no present state. Without that, a call that it saw end
would be over in Postgres for good, while the other bridge goes on with it. Where the object is in the checkpoint no
more, the epochs decide (``bridge.sql``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
import msgspec

from cti_bridge.storage.kinds import AGENT, CALL, CALLBACK, HOURS_OVERRIDE, RECORDING, TICKET
from cti_bridge.storage.shipped import STATEMENTS
from cti_bridge.storage.spool_file import SpooledRow
from cti_bridge.storage.unshipped import Key

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Present:
    """A table of present states. ``kind`` and ``column`` name the entry in which the object lives: its kind, and the
    row's column with its id. ``part`` finds the object in the state, with its id and its version."""

    kind: str
    column: str
    part: Callable[[Values], Values | None]


def _whole(state: Values) -> Values:
    return state


PRESENT: Final = {
    "call": _Present(CALL.name, "id", _whole),
    "queue_visit": _Present(CALL.name, "call_id", lambda call: call.get("visit")),
    "offer": _Present(CALL.name, "call_id", lambda call: call.get("offer")),
    "login": _Present(AGENT.name, "cti_id", lambda agent: agent.get("login")),
    "hours_override": _Present(HOURS_OVERRIDE.name, "hours", lambda one: {"id": one.get("row_id")}),
    "callback": _Present(CALLBACK.name, "id", _whole),
    "recording": _Present(RECORDING.name, "id", _whole),
    "ticket": _Present(TICKET.name, "id", _whole),
}
"""By table."""


async def without_outrun(connection: asyncpg.Connection, rows: Sequence[SpooledRow]) -> list[SpooledRow]:
    """Return late rows without present states that go beyond those of the bridge that acts. Raises whatever asyncpg
    raises."""
    found = [(row, _read(row)) for row in rows]
    asked = sorted({_key(row, values) for row, values in found if values is not None})
    if not asked:
        return list(rows)
    held = await connection.fetch(STATEMENTS["entries"], [kind for kind, _ in asked], [one for _, one in asked])
    states: dict[Key, Values | None] = {(one["kind"], one["id"]): _object(one["state"]) for one in held}
    return [row for row, values in found if values is None or not _is_outrun(row, values, states)]


def _is_outrun(row: SpooledRow, values: Values, states: Mapping[Key, Values | None]) -> bool:
    """Return whether the bridge that acts has the object, and not so far."""
    state = states.get(_key(row, values))
    object_ = PRESENT[row.kind].part(state) if state is not None else None
    if not isinstance(object_, Mapping) or object_.get("id") != values["id"]:
        return False
    if "version" in values:
        return bool(values["version"] > object_.get("version", 0))
    return values.get("ended_at") is not None  # It goes on there.


def _key(row: SpooledRow, values: Values) -> Key:
    table = PRESENT[row.kind]
    return table.kind, str(values[table.column])


def _read(row: SpooledRow) -> Values | None:
    """Return the columns of a present state. None for history, and for what cannot be read, which Postgres refuses."""
    table = PRESENT.get(row.kind)
    values = _object(row.payload) if table is not None else None
    return values if table is not None and values is not None and {"id", table.column} <= values.keys() else None


def _object(text: bytes) -> Values | None:
    try:
        found = msgspec.json.decode(text)
    except msgspec.MsgspecError:
        return None
    return found if isinstance(found, dict) else None
