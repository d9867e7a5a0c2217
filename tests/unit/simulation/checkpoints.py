"""What the controller has saved, and what a restart finds of it."""

from collections.abc import Callable, Iterable, Mapping
from random import Random

from cti_bridge.domain.border.records import AgentStateChange, Record
from cti_bridge.domain.model.kept import Kept, LastChange
from cti_bridge.storage.checkpoint import read
from tests.unit import invariants
from tests.unit.invariants import Key, Saved

KEPT = 4


class Checkpoints:
    """The newest, and the few before it: a restart may find any of them, each with the records of its commit."""

    def __init__(self) -> None:
        self.newest: Saved = {}
        self._last: list[tuple[Saved, int, float]] = [({}, 0, 0.0)]

    def commit(self, changes: Mapping[Key, object | None], records: int, set_by_s: float) -> None:
        """The changes of one fact, when that many records have been written, and the clock was set by so much."""
        for (kind, identity), state in changes.items():
            if state is None:
                self.newest.pop((kind, identity), None)
            else:
                self.newest[kind, identity] = invariants.encoded(kind, state)
        self._last = [*self._last, (dict(self.newest), records, set_by_s)][-KEPT:]

    def fall_back(self, rng: Random) -> tuple[int, float]:
        """To one of the last: how many records were written by then, and by how much the clock was set."""
        saved, records, set_by_s = rng.choice(self._last)
        self.newest = dict(saved)
        self._last = [(dict(saved), records, set_by_s)]
        return records, set_by_s

    def loaded(self, records: Iterable[Record], at_of: Callable[[AgentStateChange], float]) -> Kept:
        """What the newest holds, and the last row of each agent. ``at_of`` is its time by the present clock: a row
        keeps the time of before a clock was set, and so much is not known of who was logged out meanwhile."""
        found = read(self.newest)
        assert not found.unreadable and not found.unknown
        changes = (one for one in records if isinstance(one, AgentStateChange))
        last = {
            one.cti_id: LastChange(one.cti_id, one.seq, one.to_status, one.to_state, one.reason, at_of(one))
            for one in changes
        }
        return Kept([*found.core(), *last.values()])
