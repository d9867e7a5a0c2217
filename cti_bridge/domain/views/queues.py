"""Queues as they are now."""

from collections import Counter
from collections.abc import Collection

from cti_bridge.domain.border.views import QueueView
from cti_bridge.domain.callbacks.entries import open_in
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.hours.opening import decided
from cti_bridge.domain.model.directory import Queue
from cti_bridge.domain.model.hours import OpenState
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.domain.queue.expected import expected_wait_of
from cti_bridge.domain.queue.no_calls import assignable
from cti_bridge.domain.queue.order import WITHOUT_AGENT


def queue_views(floor: Floor, now: float, services: Collection[str] | None = None) -> list[QueueView]:
    """Return the queues of these services as they are at ``now``, in the order of the configuration; None: all
    queues."""
    since: dict[str, list[float]] = {}
    for call in floor.calls.values():
        if call.state in WITHOUT_AGENT and call.queue is not None and not call.recalled:
            since.setdefault(call.queue, []).append(call.wait.since or call.arrived_at)
    logged_in, ready = _agents(floor)
    callbacks = open_in(floor)
    views = []
    for queue in floor.directory.queues.values():
        if services is not None and queue.service not in services:
            continue
        waiting, expected_s = since.get(queue.id, ()), expected_wait_of(floor, queue)
        is_closed, opens_at = _closed(floor, queue, now)
        views.append(
            QueueView(
                id=queue.id,
                service=queue.service,
                waiting=len(waiting),
                longest_s=round(max(0.0, now - min(waiting, default=now)), 1),
                expected_wait_s=None if expected_s is None else round(expected_s, 1),
                longest_since=iso(min(waiting)) if waiting else None,
                agents_logged_in=logged_in[queue.id],
                agents_working=floor.working.counts.get(queue.id, 0),
                agents_ready=ready[queue.id],
                callbacks=callbacks[queue.id],
                closed=is_closed,
                opens_at=opens_at,
            )
        )
    return views


def _closed(floor: Floor, queue: Queue, now: float) -> tuple[bool, str | None]:
    """Return whether the hours of the queue are closed, and when they open if that is their next change."""
    hours = floor.directory.hours.get(queue.hours or "")
    if hours is None:
        return False, None
    override = floor.overrides.get(hours.id)
    found = decided(hours, override, now)
    if found.state is OpenState.OPEN:
        return False, None
    opens = found.until is not None and decided(hours, override, found.until).state is OpenState.OPEN
    return True, iso(found.until) if opens and found.until is not None else None


def _agents(floor: Floor) -> tuple[Counter[str], Counter[str]]:
    """Return the agents who are logged in, and those who could be given a call, by queue."""
    logged_in, ready = Counter[str](), Counter[str]()
    for agent in floor.agents.values():
        if agent.session is not None:
            queues = floor.entry(agent).queues
            logged_in.update(queues)
            if assignable(floor, agent):
                ready.update(queues)
    return logged_in, ready
