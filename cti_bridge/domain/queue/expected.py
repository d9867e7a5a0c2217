"""The expected wait of a call (requirement I4): (calls ahead + 1) x handling time / agents who work.

- *Agents who work*: all who work for the groups that the call waits for now, each whole, whatever else they serve
  (:mod:`cti_bridge.domain.queue.working`).
- *Calls ahead*: each call that waits and is served before this one, with the share of these agents who serve its queue
  too. All of them serve the own one. A call for which a phone rings is not ahead: its agent is busy with it already.
- *Handling time*: from the ring until the agent is free again, the mean of the last 50 calls of the queue within an
  hour. Fewer than 8 say nothing: then what is usual at this hour of the week, else what the queue's ``handle_time_s``
  says, else nothing is known.
"""

from collections.abc import Iterable, Mapping, Sequence

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.directory import Queue
from cti_bridge.domain.model.handling import HandleTimes
from cti_bridge.domain.model.plan import Group
from cti_bridge.domain.model.ranks import OrderKey
from cti_bridge.domain.queue.order import before, behind_all, key_in, order_key, waiting_before
from cti_bridge.domain.queue.stages import groups
from cti_bridge.domain.queue.working import team_of


def expected_s(ahead: float, handle_s: float, working: int) -> float | None:
    """Return the seconds for which a call waits; None when nobody works."""
    return (ahead + 1) * handle_s / working if working else None


def shared_ahead(before_by_queue: Mapping[str, int], own: str, working: int, serving: Mapping[str, int]) -> float:
    """Return the calls ahead, of which each counts by the share of the ``working`` agents who serve its queue too."""
    return sum(
        number if queue == own else number * serving.get(queue, 0) / working
        for queue, number in before_by_queue.items()
    )


def take_up(floor: Floor, kept: Iterable[HandleTimes]) -> None:
    """Go on with the handling times of before a start."""
    for times in kept:
        floor.handle_times[times.queue] = times
        floor.touch("handle_times", times.queue, times)


def handle_s(floor: Floor, queue: Queue) -> float | None:
    """Return the handling time of the queue's calls in seconds, or None when it is not known."""
    known = floor.handle_times.get(queue.id)
    mean_s = known.mean_s(floor.now) if known is not None else None
    return mean_s or floor.usual_handle_s.get(queue.id) or queue.handle_time_s or None


def position(floor: Floor, call: Call) -> int:
    """Return the call's place among those of its queue, from 1."""
    return before(floor, call.queue or "", order_key(floor, call)) + 1


def expected_wait_s(floor: Floor, call: Call) -> float | None:
    """Return the seconds for which a call that waits will probably wait from now on; None: it is not known."""
    queue = floor.directory.queues.get(call.queue or "")
    return _expected(floor, queue, groups(floor, call), order_key(floor, call)) if queue is not None else None


def expected_wait_in_s(floor: Floor, call: Call, queue: Queue) -> float | None:
    """Return the seconds for which the call would probably wait if it entered the queue now; None: it is not known."""
    plan = floor.directory.plans[queue.id]
    asked = plan.groups(0.0, call.skills)
    return 0.0 if _free(floor, asked, call.node) else _expected(floor, queue, asked, key_in(call, queue))


def expected_wait_of(floor: Floor, queue: Queue) -> float | None:
    """Return the seconds for which a new call of the queue, behind all others, would probably wait; None: it is not
    known."""
    plain = floor.directory.plans[queue.id].groups(0.0, {})
    return 0.0 if _free(floor, plain, None) else _expected(floor, queue, plain, behind_all(queue))


def note_at_entry(floor: Floor, call: Call) -> None:
    """Note in the visit of a call that has just entered its queue how many are before it, and the expected wait."""
    visit, queue = call.visit, floor.directory.queues.get(call.queue or "")
    if visit is None or queue is None:
        return
    asked = groups(floor, call)
    if _free(floor, asked, call.node):
        visit.ahead, visit.wait_predicted_s = 0, 0.0
        return
    key = order_key(floor, call)
    visit.ahead = before(floor, queue.id, key)
    expected = _expected(floor, queue, asked, key)
    visit.wait_predicted_s = None if expected is None else round(expected, 1)


def _free(floor: Floor, asked: Sequence[Group], node: str | None) -> bool:
    return floor.anybody_free([group.name for group in asked], node)


def _expected(floor: Floor, queue: Queue, asked: Sequence[Group], key: OrderKey) -> float | None:
    lasts_s = handle_s(floor, queue)
    team = team_of(floor, asked) if lasts_s is not None else None
    if lasts_s is None or team is None or not team.size:
        return None
    served = [name for name, number in team.serving.items() if number and name != queue.id]
    ahead = {name: waiting_before(floor, name, key) for name in (queue.id, *served) if name in floor.directory.queues}
    return expected_s(shared_ahead(ahead, queue.id, team.size, team.serving), lasts_s, team.size)
