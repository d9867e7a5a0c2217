"""Rows that come late: of a bridge that another one has replaced, written when its machine is back.

History is written always. A present state is left out while the bridge that acts has the object in its checkpoint: it
goes on with it, and writes what becomes of it. Without that, a call that the replaced bridge saw end, and the other one
did not, would be over in Postgres for good. Where it is there no more, the epochs decide (``bridge.sql``).
"""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg
import msgspec

from cti_bridge.storage.kinds import AGENT, CALL, CALLBACK, HOURS_OVERRIDE, RECORDING, TICKET
from cti_bridge.storage.shipped import STATEMENTS
from cti_bridge.storage.spool_file import SpooledRow
from cti_bridge.storage.unshipped import Key

_ENTRIES: Final = {
    "call": (CALL.name, "id"),
    "queue_visit": (CALL.name, "call_id"),
    "offer": (CALL.name, "call_id"),
    "login": (AGENT.name, "cti_id"),
    "hours_override": (HOURS_OVERRIDE.name, "hours"),
    "callback": (CALLBACK.name, "id"),
    "recording": (RECORDING.name, "id"),
    "ticket": (TICKET.name, "id"),
}
"""By table of present states: the kind of the entry that names the row while it lives, and the row's column with the
entry's id."""


async def without_known(connection: asyncpg.Connection, rows: Sequence[SpooledRow]) -> list[SpooledRow]:
    """Return late rows without the present states of objects that the bridge that acts goes on with. Raises whatever
    asyncpg raises."""
    found = [_entry_of(row) for row in rows]
    asked = sorted({entry[0] for entry in found if entry is not None})
    if not asked:
        return list(rows)
    held = await connection.fetch(STATEMENTS["entries"], [kind for kind, _ in asked], [one for _, one in asked])
    states: dict[Key, bytes] = {(one["kind"], one["id"]): one["state"] for one in held}
    return [
        row
        for row, entry in zip(rows, found, strict=True)
        if entry is None or entry[1].encode() not in _named(states, entry[0])
    ]


def _named(states: dict[Key, bytes], key: Key) -> bytes:
    """Return the text in which an object that lives is named: its entry with the entry's own id."""
    state = states.get(key)
    return b"" if state is None else key[1].encode() + state


def _entry_of(row: SpooledRow) -> tuple[Key, str] | None:
    """Return the entry that names the row's object while it lives, and the row's id. None for history, and for what
    cannot be read, which Postgres refuses."""
    kind, column = _ENTRIES.get(row.kind, ("", ""))
    if not kind:
        return None
    try:
        values: dict[str, Any] = msgspec.json.decode(row.payload)
        return (kind, str(values[column])), str(values["id"])
    except (msgspec.MsgspecError, KeyError, TypeError):
        return None
