"""Alerts: what somebody has to look at now (rules of the floor: thresholds are alerts). Supervisors see them on their
pages, the operator in the log and in metrics: all of them from here.

Pages see a wait and a queue without anybody by themselves, in the rows of queues, for waits count on the screen. The
limits are the same.
"""

from collections.abc import Iterator, Mapping

from cti_bridge.domain.border.views import QueueView
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.hours.opening import decided, open_s
from cti_bridge.domain.model.directory import Queue
from cti_bridge.domain.model.hours import OpenState
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.domain.queue.phones_gone import phones_gone
from cti_bridge.domain.views.queues import queue_views
from cti_bridge.watching.shapes import AlertKind, AlertLevel, LiveAlertView


def alerts(
    floor: Floor, now: float, unrecorded: Mapping[str, int], trunks: Mapping[str, int]
) -> dict[str, LiveAlertView]:
    """Return the alerts by id, the weightiest first, as of ``now`` (POSIX seconds). ``unrecorded`` are conversations
    that were not recorded lately, by service; ``trunks`` calls out that a trunk let ring nowhere, by PBX."""
    every = [*_of_queues(floor, now), *_of_phones(floor, now)]
    every += [
        LiveAlertView(
            f"trunk_failed {node}", AlertKind.TRUNK_FAILED, AlertLevel.ALARM, iso(now), node=node, count=count
        )
        for node, count in sorted(trunks.items())
    ]
    every += [
        LiveAlertView(
            f"recording_failed {service}",
            AlertKind.RECORDING_FAILED,
            AlertLevel.ALARM,
            iso(now),
            service=service or None,
            count=count,
        )
        for service, count in sorted(unrecorded.items())
    ]
    weight = list(AlertKind)
    every.sort(key=lambda one: (one.level is AlertLevel.WARN, weight.index(one.kind)))
    return {one.id: one for one in every}


def _of_queues(floor: Floor, now: float) -> Iterator[LiveAlertView]:
    for view in queue_views(floor, now):
        queue = floor.directory.queues[view.id]
        if not view.closed and view.agents_working == 0:
            yield _alert(AlertKind.NOBODY_WORKS, queue, now)
        yield from _longest(queue, view, now)
        if view.callbacks:
            yield from _callbacks(floor, queue, now)


def _longest(queue: Queue, view: QueueView, now: float) -> Iterator[LiveAlertView]:
    limit_s = next(iter(queue.limits.longest_s[1:]), None)
    if limit_s is not None and view.longest_s > limit_s:
        yield _alert(AlertKind.LONGEST_WAIT, queue, now, count=view.waiting, limit_s=limit_s)


def _callbacks(floor: Floor, queue: Queue, now: float) -> Iterator[LiveAlertView]:
    """Call-backs and messages that nobody has dealt with, by the time in which the queue was open. While it is closed
    nobody has to."""
    hours = floor.directory.hours.get(queue.hours or "")
    if hours is not None and decided(hours, floor.overrides.get(hours.id), now).state is not OpenState.OPEN:
        return
    placed = sorted(one.placed_at for one in floor.callbacks.values() if one.is_open and one.queue == queue.id)
    for level, limit_s in reversed(list(zip(AlertLevel, queue.limits.callback_s, strict=False))):
        late = 0
        for at in placed:  # Who came before others has waited as long at least.
            waited_s = now - at if hours is None else open_s(hours, at, now, limit_s)
            if waited_s <= limit_s:
                break
            late += 1
        if late:
            yield _alert(AlertKind.CALLBACKS_OVERDUE, queue, now, level, count=late, limit_s=limit_s)
            return


def _of_phones(floor: Floor, now: float) -> Iterator[LiveAlertView]:
    for gone in phones_gone(floor):
        queue = floor.directory.queues.get(gone.queue)
        if queue is not None:
            yield _alert(AlertKind.PHONES_GONE, queue, now, count=gone.gone, of=gone.agents)


def _alert(
    kind: AlertKind,
    queue: Queue,
    now: float,
    level: AlertLevel = AlertLevel.ALARM,
    *,
    count: int = 0,
    of: int | None = None,
    limit_s: float | None = None,
) -> LiveAlertView:
    id_ = f"{kind} {queue.id}"
    return LiveAlertView(id_, kind, level, iso(now), queue.service, queue.id, None, count, of, limit_s)
