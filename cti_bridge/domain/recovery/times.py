"""Times that are kept, by the field: a clock that has moved moves them, so that what lies between two of them stays as
long as it was. Deadlines have a table of their own (:mod:`cti_bridge.domain.follows.due`), and move too. What was
written or told already stays as it is.

A clock that was set while there was no bridge is found out in two ways. A checkpoint that holds a time yet to come
says that it was set back: its newest time is taken to be now. And callers whom the PBX holds still have been there
for as long as the PBX says, by differences of its own clock.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import inf

from cti_bridge.domain.border.facts import CallArrived, ClockMoved, KeypadDialed, NodeSeen, Stalled
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.orders import Order
from cti_bridge.domain.follows import due
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import Call, End, Leg, Offer, Wait
from cti_bridge.domain.model.kept import Mark, NodeState, Placed, TakenUp

LATE_S = 1.0
"""After a stall no deadline is due sooner than this, for what came meanwhile is to be read first, and facts are held
back while the PBX is asked what it holds."""
DIFFERS_S = 5.0
"""From here on a checkpoint was written under another clock; less may be the time of an event on its way."""

KEPT: dict[type, tuple[str, ...]] = {
    Call: ("arrived_at", "state_since", "answered_at"),
    Wait: ("since",),
    End: ("at",),
    Leg: ("confirmed_at", "dialed_at"),
    Order: ("ordered_at",),
    Offer: ("offered_at",),
    Agent: ("since", "idle_since"),
    NodeState: ("lost_at",),
    Mark: ("last_at",),
    Placed: ("at",),
}


def clock_moved(floor: Floor, fact: ClockMoved) -> None:
    """While it runs: everything moves along."""
    floor.now = fact.now
    for owner in _all(floor):
        _shift_times(owner, fact.by_s)
    floor.departed = {leg_id: at + fact.by_s for leg_id, at in floor.departed.items()}
    if floor.taken_up is not None:
        floor.taken_up.newest_at += fact.by_s
    due.shift(floor, fact.by_s)
    _touch_all(floor)


def stalled(floor: Floor, fact: Stalled) -> None:
    """As if the PBXs had been away for so long. Deadlines alone are moved: everybody did wait meanwhile."""
    due.shift_running(floor, fact.for_s + LATE_S)
    floor.show_agents(agent.cti_id for agent in floor.agents.values() if agent.call_id)


def taken_up(floor: Floor, kept: Sequence[object]) -> None:
    """The checkpoint, before anything is made of it: no time of it is yet to come."""
    newest = max((at for owner in _parts(kept) for at in _times(owner)), default=0.0)
    if newest > floor.now:
        for owner in _parts(kept):
            _shift_times(owner, floor.now - newest)
            due.shift_kept(owner, floor.now - newest)
    floor.taken_up = TakenUp(min(newest, floor.now), newest > floor.now)


def compare(floor: Floor, fact: NodeSeen) -> None:
    """The first list that shows callers of the checkpoint. Have they been there for less than we think, then the clock
    was set forward while there was no bridge, and their deadlines have their length again at most. For longer: that
    counts where we know that it was set back. Else it may be the PBX's that was set, and a wait that looks too short
    harms nobody."""
    before = floor.taken_up
    if before is None:
        return
    found = [_too_long_s(floor, seen.leg_id, seen.arrived, fact.asked_at, before.newest_at) for seen in fact.legs]
    known = sorted(by_s for by_s in found if by_s is not None)
    if not known:
        return
    floor.taken_up = None
    by_s = min(known[len(known) // 2], floor.now - before.newest_at)
    if abs(by_s) < DIFFERS_S or (by_s < 0 and not before.set_back):
        return
    for owner in _all(floor):
        _shift_times(owner, by_s, before.newest_at)
    for call in floor.calls.values():
        due.shift_kept(call, by_s)
        due.cap(floor, call)
    _touch_all(floor)


def _too_long_s(
    floor: Floor, leg_id: str, beginning: CallArrived | KeypadDialed | None, asked_at: float, newest_at: float
) -> float | None:
    """By how much a caller of the checkpoint has been there for less than we think; None where nobody knows."""
    found = floor.leg(leg_id)
    if found is None or not isinstance(beginning, CallArrived) or beginning.arrived_at == asked_at:
        return None
    return beginning.arrived_at - found[0].arrived_at if found[0].arrived_at <= newest_at else None


def _shift_times(owner: object, by_s: float, until: float = inf) -> None:
    """0 stands for never."""
    for name in KEPT[type(owner)]:
        at = getattr(owner, name)
        if isinstance(at, list):
            setattr(owner, name, [each + by_s if each <= until else each for each in at])
        elif at and at <= until:
            setattr(owner, name, at + by_s)


def _times(owner: object) -> Iterator[float]:
    for name in KEPT[type(owner)]:
        at = getattr(owner, name)
        yield from at if isinstance(at, list) else [at or 0.0]


def _touch_all(floor: Floor) -> None:
    """All of it is to be written, and all panels are to show it."""
    for call in floor.calls.values():
        floor.touch_call(call)
    for agent in floor.agents.values():
        floor.touch_agent(agent)
    for node in floor.nodes.values():
        floor.touch("node", node.name, node)
    for mark in floor.marks.values():
        floor.touch("mark", mark.id, mark)
    for placed in floor.placed.values():
        floor.touch("placed", placed.by, placed)


def _all(floor: Floor) -> Iterator[object]:
    for kept in (floor.calls, floor.agents, floor.nodes, floor.marks, floor.placed, floor.orders):
        yield from _parts(kept.values())


def _parts(kept: Iterable[object]) -> Iterator[object]:
    for owner in kept:
        if type(owner) in KEPT:
            yield owner
        if isinstance(owner, Call):
            yield owner.wait
            yield owner.end
            yield from owner.legs.values()
            if owner.offer is not None:
                yield owner.offer
