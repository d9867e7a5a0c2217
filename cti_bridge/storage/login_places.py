"""Where each agent has logged in from, in the checkpoint: after a restart, too, nobody keeps agents out by guessing at
their accounts from elsewhere. Nothing of it goes to Postgres."""

from collections.abc import Collection, Mapping, Sequence

import msgspec
import structlog

from cti_bridge.storage.spool import Spool

KIND = "login_places"
"""Of the entries in the checkpoint, by CTI ID."""

_log = structlog.get_logger(__name__)


def restore_places(
    spool: Spool, checkpoint: Mapping[tuple[str, str], bytes], agents: Collection[str]
) -> dict[str, list[str]]:
    """By CTI ID, oldest first. Those of agents who are no more are forgotten."""
    places: dict[str, list[str]] = {}
    for (kind, cti_id), state in checkpoint.items():
        if kind != KIND:
            continue
        if cti_id not in agents:
            spool.stage((), {(KIND, cti_id): None})
            continue
        try:
            places[cti_id] = msgspec.json.decode(state, type=list[str])
        except msgspec.MsgspecError as error:
            _log.error("checkpoint_entry_unreadable", kind=KIND, id=cti_id, error=str(error))
    return places


def keep_places(spool: Spool, cti_id: str, places: Sequence[str]) -> None:
    """Stage an agent's places. No I/O."""
    spool.stage((), {(KIND, cti_id): msgspec.json.encode(places)})
