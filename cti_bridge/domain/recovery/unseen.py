"""Times in which nobody saw what calls did: the bridge or a PBX was away. Each is a row.

What is found to have ended afterwards has ended at the last moment at which it was seen, and its rows are marked
(:meth:`cti_bridge.domain.floor.floor.Floor.late`). Figures then count no talk that nobody knows of.
"""

from collections.abc import Mapping

from cti_bridge.domain.border.facts import SeenLeg
from cti_bridge.domain.border.records import GapRow
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.kept import NodeState
from cti_bridge.domain.model.words import Unseen


def last_sign(floor: Floor) -> float | None:
    """Return the newest time of the checkpoint, by our clock; None when there is none."""
    return floor.taken_up.newest_at or None if floor.taken_up is not None else None


def bridge_was_away(floor: Floor) -> None:
    """The bridge has started on a checkpoint: note since when it was away."""
    _note(floor, Unseen.BRIDGE, None, last_sign(floor))


def node_is_back(floor: Floor, node: NodeState, legs: Mapping[str, SeenLeg]) -> None:
    """The node is seen again. Legs that it does not list have perhaps ended since it was seen last."""
    _note(floor, Unseen.NODE, node.name, node.seen_at)
    if node.seen_at is None:
        return
    for call in floor.calls.values():
        for leg in call.legs.values() if call.node == node.name else ():
            if leg.id not in legs and (leg.confirmed_at is None or leg.confirmed_at <= node.seen_at):
                leg.unseen_since = node.seen_at


def _note(floor: Floor, what: Unseen, node: str | None, since: float | None) -> None:
    if since is not None and since < floor.now:
        floor.record(GapRow(floor.ids.uuid(floor.now), what, node, since, floor.now))
