"""A core that has taken up the checkpoint of the last run."""

from collections.abc import Callable

from cti_bridge.domain.border.output import Output
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.model.kept import Kept
from cti_bridge.storage.checkpoint import Checkpoint, read
from cti_bridge.storage.journal import Journal
from cti_bridge.storage.kinds import CORE, KINDS
from cti_bridge.storage.spool import Spool

Make = Callable[[], CallCenter]


def core_of(make: Make, journal: Journal, spool: Spool, clock: Callable[[], float]) -> tuple[CallCenter, Output]:
    """Return a core that has taken up the checkpoint, and the output of that. Entries on which it fails are set aside,
    and all others are served. ``make`` returns a new core."""
    center = make()
    try:
        return center, take_up(center, journal.load(), clock())
    except Exception as fault:
        journal.set_aside(culprits(make, spool.load(), clock()), f"{type(fault).__name__}: {fault}")
    center = make()
    return center, take_up(center, journal.load(), clock())


def take_up(center: CallCenter, checkpoint: Checkpoint, now: float) -> Output:
    """Give the checkpoint to a new core."""
    return center.take_up(Kept(checkpoint.core()), now)


def culprits(make: Make, entries: dict[tuple[str, str], bytes], now: float) -> list[tuple[str, str]]:
    """Return the entries of the checkpoint that a core cannot take up, each tried alone. When none fails alone, return
    all of the core's."""
    ours = {key: state for key, state in entries.items() if (kind := KINDS.get(key[0])) and kind.taken_by == CORE}
    found = []
    for key, state in ours.items():
        try:
            take_up(make(), read({key: state}), now)
        except Exception:
            found.append(key)
    return found or list(ours)
