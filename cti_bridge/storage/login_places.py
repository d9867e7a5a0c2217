"""The addresses from which each agent has logged in, in the checkpoint. So a stranger who guesses at accounts keeps no
agent out after a restart either. They do not go to Postgres."""

from collections.abc import Collection, Sequence

from cti_bridge.storage.checkpoint import Checkpoint, encode
from cti_bridge.storage.kinds import LOGIN_PLACES
from cti_bridge.storage.spool import Spool


def take_up_places(spool: Spool, checkpoint: Checkpoint, agents: Collection[str]) -> dict[str, list[str]]:
    """Return the addresses by CTI ID, oldest first. Those of removed agents are forgotten."""
    found = checkpoint.of(LOGIN_PLACES)
    spool.stage((), {(LOGIN_PLACES.name, cti_id): None for cti_id in found if cti_id not in agents})
    return {cti_id: places for cti_id, places in found.items() if cti_id in agents}


def keep_places(spool: Spool, cti_id: str, places: Sequence[str]) -> None:
    """Stage an agent's places. No I/O."""
    spool.stage((), {(LOGIN_PLACES.name, cti_id): encode(LOGIN_PLACES.name, places)})
