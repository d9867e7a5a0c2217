"""Queues as they are now."""

from collections import Counter
from collections.abc import Collection

from cti_bridge.domain.border.views import QueueView
from cti_bridge.domain.callbacks.entries import open_in
from cti_bridge.domain.floor.floor import Floor
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
        views.append(
            QueueView(
                id=queue.id,
                waiting=len(waiting),
                longest_s=round(max(0.0, now - min(waiting, default=now)), 1),
                expected_wait_s=None if expected_s is None else round(expected_s, 1),
                agents_logged_in=logged_in[queue.id],
                agents_ready=ready[queue.id],
                callbacks=callbacks[queue.id],
            )
        )
    return views


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
