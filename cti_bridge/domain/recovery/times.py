"""Times that are kept, by the field. When a clock has moved, they move with it, so that the span between any two stays
the same. Deadlines have a table of their own (:mod:`cti_bridge.domain.follows.due`), and move too. What was already
written or told stays as it is.

A clock may be set while no bridge runs. Two signs show it. A checkpoint with a time yet to come says that the clock was
set back; its newest time is then taken to be now. And the PBX says how long its callers have been there, by differences
of its own clock.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import inf

from cti_bridge.domain.border.facts import CallArrived, ClockMoved, NodeSeen, SeenLeg, Stalled
from cti_bridge.domain.floor import monitoring
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.orders import Order
from cti_bridge.domain.follows import due
from cti_bridge.domain.model.agent import Agent, Login, Missed
from cti_bridge.domain.model.call import Call, End, Leg, Offer, Role
from cti_bridge.domain.model.callbacks import Callback, Recording
from cti_bridge.domain.model.course import Course
from cti_bridge.domain.model.edge import EdgeSight
from cti_bridge.domain.model.handling import HandleTimes, Handling
from cti_bridge.domain.model.ids import is_ours
from cti_bridge.domain.model.kept import LastChange, Mark, NodeState, Placed, TakenUp
from cti_bridge.domain.model.monitor import Monitor, MonitorLeg
from cti_bridge.domain.model.parts import Wait
from cti_bridge.domain.model.recorder import Recorder, Span
from cti_bridge.domain.model.stretch import TransferUnderWay
from cti_bridge.domain.model.talks import Talk
from cti_bridge.domain.model.visit import Visit
from cti_bridge.domain.model.way import Way
from cti_bridge.domain.model.working import Counted
from cti_bridge.domain.queue import limits

_MOST_BOUNDS = 4
"""The most bounds that are kept. A bridge that dies again and again leaves more."""
LATE_S = 1.0
"""After a stall no deadline is due sooner than this, in seconds. The events that came meanwhile are read first, and
facts are held back while the PBX is asked for its list."""
DIFFERS_S = 5.0
"""The least difference, in seconds, that shows that a checkpoint was written under another clock. A smaller one may be
the time of an event on its way."""

KEPT: dict[type, tuple[str, ...]] = {
    Call: ("arrived_at", "state_since", "answered_at", "learned_at"),
    Wait: ("since",),
    Way: ("since",),
    End: ("at",),
    Course: ("customer_rang_at", "agent_lifted_at", "customer_left_at", "counted_at"),
    Leg: ("confirmed_at", "dialed_at", "packets_at", "unseen_since", "leaving_at"),
    Monitor: ("since", "confirmed_at", "row_at"),
    MonitorLeg: ("moved_at",),
    Order: ("ordered_at",),
    Offer: ("offered_at", "accepted_at"),
    TransferUnderWay: ("begun_at", "answered_at"),
    Visit: ("entered_at", "left_at", "closed_at", "said_wait_at"),
    Handling: ("since", "let_go_at"),
    HandleTimes: ("at",),
    Missed: ("at",),
    Agent: ("since", "idle_since", "session_began_at", "session_used_at", "help_at"),
    Login: ("at",),
    NodeState: ("lost_at", "seen_at"),
    EdgeSight: ("away_at", "back_at"),
    Mark: ("last_at",),
    Placed: ("at",),
    Callback: ("placed_at", "ended_at"),
    Recording: ("started_at", "ended_at"),
    Recorder: ("ordered_at",),
    Span: ("from_at", "till_at"),
    LastChange: ("at",),
    Talk: ("at",),
    Counted: ("phone_gone_at", "until_at"),
    TakenUp: ("newest_at", "bounds"),
}


def clock_moved(floor: Floor, fact: ClockMoved) -> None:
    """The clock was set while the bridge runs. Every time moves along."""
    floor.now = fact.now
    for owner in _all(floor):
        _shift_times(owner, fact.by_s)
    floor.departed = {leg_id: at + fact.by_s for leg_id, at in floor.departed.items()}
    if floor.taken_up is not None:
        _shift_times(floor.taken_up, fact.by_s)
        _keep(floor, floor.taken_up)
    due.shift(floor, fact.by_s)
    limits.clock_set(floor)
    _touch_all(floor)


def stalled(floor: Floor, fact: Stalled) -> None:
    """The bridge stood still. Treat that as if the PBXs had been away for so long. Only deadlines move, since the wait
    of callers and agents was real."""
    due.shift_running(floor, fact.for_s + LATE_S)
    limits.clock_set(floor)
    floor.show_agents(agent.cti_id for agent in floor.agents.values() if agent.call_id)


def taken_up(floor: Floor, kept: Sequence[object]) -> None:
    """Look at the checkpoint before anything is made of it: shift its times so that none is yet to come."""
    ours = (owner for owner in _parts(kept) if type(owner) not in (LastChange, TakenUp))
    newest = max((at for owner in ours for at in _times(owner)), default=0.0)
    if newest > floor.now:
        for owner in _parts(kept):
            _shift_times(owner, floor.now - newest)
            due.shift_kept(owner, floor.now - newest)
    newest_at, set_back = min(newest, floor.now), newest > floor.now
    before = _never_compared(kept)
    if before is None:
        _keep(floor, TakenUp(newest_at, set_back, [newest_at]))
    else:
        bounds = [*before.bounds, newest_at] if newest_at > before.bounds[-1] else before.bounds
        _keep(floor, TakenUp(newest_at, set_back or before.set_back, bounds[-_MOST_BOUNDS:]))


def _never_compared(kept: Sequence[object]) -> TakenUp | None:
    """Return what an earlier start has left that died before callers of its checkpoint were seen. None: there is none,
    or none of these callers is left."""
    for before in kept:
        if isinstance(before, TakenUp) and before.bounds:
            there = (isinstance(call, Call) and _clock_of(call) <= before.bounds[-1] for call in kept)
            return before if any(there) else None
    return None


def _keep(floor: Floor, taken_up: TakenUp | None) -> None:
    floor.taken_up = taken_up
    floor.touch("taken_up", "core", taken_up)


def taken_up_all(floor: Floor) -> None:
    """The checkpoint has been taken up. Where its times were shifted, write all of it: an entry with a time yet to come
    would tell the next start that the clock was set back once more."""
    if floor.taken_up is not None and floor.taken_up.set_back:
        _touch_all(floor)


def compare(floor: Floor, fact: NodeSeen) -> None:
    """Compare our times with the first list that shows callers of the checkpoint. If the callers have been there for
    less time than we think, the clock was set forward while no bridge ran: their deadlines get their length again at
    most. If they have been there for longer, that counts only where we know that our clock was set back. Else the PBX's
    clock may have been set, and a wait that looks too short harms nobody."""
    before = floor.taken_up
    if before is None:
        return
    known = _known(floor, fact, before)
    if not known:
        return
    _keep(floor, None)
    moved = _moved(known, before, floor.now)
    if not moved:
        return

    def by(at: float) -> float:
        return next((by_s for after, until, by_s in moved if after < at <= until), 0.0)

    arrived = {call.id: call.arrived_at + by(_clock_of(call)) for call in floor.calls.values()}
    for call in floor.calls.values():
        due.shift_kept(call, by(_clock_of(call)))
        due.cap(floor, call)
    for owner in _all(floor):
        _shift_each(owner, by)
    for call in floor.calls.values():
        call.arrived_at = arrived[call.id]
    _touch_all(floor)


def _known(floor: Floor, fact: NodeSeen, before: TakenUp) -> dict[float, list[float]]:
    """Return, by the end of the run in which the callers came, by how much less they have been there than we think."""
    known: dict[float, list[float]] = {}
    for seen in fact.legs:
        found, came_at = floor.leg(seen.leg_id), _came_at(seen, fact)
        if found is not None and found[1].role is Role.CUSTOMER and came_at is not None:
            bound = next((at for at in before.bounds if _clock_of(found[0]) <= at), None)
            if bound is not None:
                known.setdefault(bound, []).append(came_at - found[0].arrived_at)
    return known


def _moved(known: dict[float, list[float]], before: TakenUp, now: float) -> list[tuple[float, float, float]]:
    """Return spans of time and by how much what was noted in each is shifted. Where no caller tells, what is of before
    a start is as much off as what came after it."""
    moved = []
    by_s = 0.0
    for after, until in reversed(list(zip((-inf, *before.bounds), before.bounds, strict=False))):
        if until in known:
            by_s = _by(known[until], now - until, set_back=before.set_back)
        if by_s:
            moved.append((after, until, by_s))
    return moved


def _came_at(seen: SeenLeg, fact: NodeSeen) -> float | None:
    """Return when a caller came, by the PBX, also one who is in its dialplan or was there. None: it does not say."""
    if isinstance(seen.arrived, CallArrived):
        return seen.arrived.arrived_at if seen.arrived.arrived_at != fact.asked_at else None
    return None if is_ours(seen.leg_id) else seen.made_at


def _clock_of(call: Call) -> float:
    """Return a time of the clock under which the call's arrival was noted."""
    return call.arrived_at if call.learned_at is None else call.learned_at


def _by(too_long_s: list[float], most_s: float, *, set_back: bool) -> float:
    """Return by how many seconds times are shifted whose callers have been there for so much less than we think; 0: not
    at all."""
    by_s = min(sorted(too_long_s)[len(too_long_s) // 2], most_s)
    return 0.0 if abs(by_s) < DIFFERS_S or (by_s < 0 and not set_back) else by_s


def _shift_times(owner: object, by_s: float) -> None:
    """Shift the times of the object."""
    _shift_each(owner, lambda at: by_s)


def _shift_each(owner: object, by: Callable[[float], float]) -> None:
    """Shift each time of the object by what ``by`` says of it. 0 stands for never, and stays."""
    for name in KEPT[type(owner)]:
        at = getattr(owner, name)
        if isinstance(at, list):
            setattr(owner, name, [each + by(each) for each in at])
        elif at:
            setattr(owner, name, at + by(at))


def _times(owner: object) -> Iterator[float]:
    for name in KEPT[type(owner)]:
        at = getattr(owner, name)
        yield from at if isinstance(at, list) else [at or 0.0]


def _touch_all(floor: Floor) -> None:
    """Have all state written, and shown by all panels."""
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
    for callback in floor.callbacks.values():
        floor.touch("callback", callback.id, callback)
    for recording in floor.recordings.values():
        floor.touch("recording", recording.id, recording)
    for times in floor.handle_times.values():
        floor.touch("handle_times", times.id, times)
    for monitor in floor.monitors.values():
        monitoring.keep(floor, monitor)


def _all(floor: Floor) -> Iterator[object]:
    for kept in (floor.calls, floor.agents, floor.earlier, floor.nodes, floor.marks, floor.placed, floor.orders):
        yield from _parts(kept.values())
    yield from _parts(floor.monitors.values())
    yield from floor.working.agents.values()
    yield from floor.edges.values()
    yield from floor.callbacks.values()
    yield from _parts(floor.recordings.values())
    yield from floor.handle_times.values()
    yield from floor.talks


def _parts(kept: Iterable[object]) -> Iterator[object]:
    for owner in kept:
        if type(owner) in KEPT:
            yield owner
        if isinstance(owner, Agent):
            yield from filter(None, (owner.missed, owner.login, owner.handling))
        if isinstance(owner, Recording):
            yield from owner.spans
        if isinstance(owner, Monitor):
            yield from owner.legs
        if isinstance(owner, Call):
            yield owner.wait
            yield owner.end
            yield owner.course
            yield from owner.legs.values()
            yield from filter(None, (owner.offer, owner.way, owner.visit, owner.transfer, owner.recorder))
            yield from owner.past.talks if owner.past is not None else ()
