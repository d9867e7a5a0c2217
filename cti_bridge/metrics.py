"""The numbers of /metrics, read at each scrape. To count costs the hot path nothing."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate

from cti_bridge.api.ports import Measurement
from cti_bridge.ari.node import Node, State
from cti_bridge.domain.callbacks.entries import is_full, open_in
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.tally import BUCKETS_S, Offered, Tally
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.outbound.outside import lines
from cti_bridge.domain.queue.expected import expected_wait_of
from cti_bridge.domain.queue.out_of_reach import out_of_reach
from cti_bridge.domain.queue.phones_gone import phones_gone
from cti_bridge.engine import Engine
from cti_bridge.lookup.client import Lookups
from cti_bridge.pulse import Pulse
from cti_bridge.recordings.keeper import RecordingKeeper
from cti_bridge.recordings.store import RecordingStore
from cti_bridge.storage.last_talks import LastTalks
from cti_bridge.storage.shipping import Shipping
from cti_bridge.storage.spool import Spool
from cti_bridge.storage.writer import Writer

WAITING = frozenset({CallState.WAITING, CallState.RINGING, CallState.ACCEPTED, CallState.CONNECTING})
"""The states of a caller whom no agent has yet."""


def measure(
    engine: Engine, nodes: Mapping[str, Node], spool: Spool, writer: Writer, now: float
) -> Sequence[Measurement]:
    """``now`` is POSIX seconds."""
    floor = engine.center.floor
    calls = [*_floor(engine), *_queues(floor, now), *_offered(floor), *_tally(floor.tally)]
    pbxs = _nodes(nodes, floor.directory.draining)
    return [*calls, *_engine(engine), *_spool(spool, now), *_writer(writer), *pbxs]


def of_time(pulse: Pulse | None) -> Iterator[Measurement]:
    """Nothing before it beats."""
    if pulse is not None:
        yield Measurement("cti_stalls", "Times in which the bridge did nothing at all", pulse.stalls, counter=True)
        yield Measurement("cti_stalled_seconds", "How long they were together", pulse.stalled_s, counter=True)
        yield Measurement("cti_clock_was_set", "Times the system's clock was set", pulse.moves, counter=True)


def of_last_talks(last_talks: LastTalks) -> Iterator[Measurement]:
    """Nothing before the first question."""
    for result, number in last_talks.results():
        text = "Questions to Postgres who has talked with a number, by result"
        yield Measurement("cti_last_agent_questions", text, number, {"result": result}, counter=True)


def of_lookups(lookups: Lookups) -> Iterator[Measurement]:
    """Nothing before the first question."""
    for (scenario, step, result), number in lookups.results():
        labels = {"scenario": scenario, "step": step, "result": result}
        yield Measurement("cti_lookups", "Questions to systems of the house, by result", number, labels, counter=True)
    for (scenario, step), seconds in lookups.seconds():
        labels = {"scenario": scenario, "step": step}
        yield Measurement("cti_lookup_seconds", "The time of these questions together", seconds, labels, counter=True)


def of_certificate(expires_at: float | None) -> Iterator[Measurement]:
    """Nothing without a certificate of the API's own."""
    if expires_at is not None:
        yield Measurement("cti_api_certificate_expires_at", "End of the API's certificate, POSIX seconds", expires_at)


def of_shipping(shipping: Shipping | None) -> Iterator[Measurement]:
    """Nothing without a spare."""
    if shipping is None:
        return
    text = "The age of the oldest state that a spare would not go on with"
    yield Measurement("cti_spare_behind_seconds", text, shipping.behind_s)
    yield Measurement("cti_spare_behind_states", "States that wait for Postgres", shipping.states)
    counts = shipping.counts
    yield Measurement("cti_shipments", "Shipments of states to Postgres", counts.shipments, counter=True)
    text = "Those of them with the whole checkpoint: after a start, and after Postgres was away"
    yield Measurement("cti_shipments_of_all", text, counts.whole, counter=True)
    yield Measurement("cti_states_shipped", "States in these shipments", counts.states, counter=True)
    text = "The time from the first commit in a shipment until Postgres had it, of all together"
    yield Measurement("cti_shipment_seconds", text, counts.seconds, counter=True)
    yield Measurement("cti_shipments_failed", "Shipments that Postgres did not take", counts.failures, counter=True)
    for how, number in counts.answers.items():
        text = 'Changes that were answered with ack = "shipped", by what could be said of them'
        yield Measurement("cti_changes_acknowledged", text, number, {"as": how}, counter=True)


def of_recordings(floor: Floor, store: RecordingStore, keeper: RecordingKeeper) -> Iterator[Measurement]:
    text = "Messages and call-backs that nobody has dealt with"
    for queue, number in open_in(floor).items():
        yield Measurement("cti_callbacks_open", text, number, {"queue": queue})
    yield Measurement("cti_recordings", "Recordings of which there is a file", len(floor.recordings))
    yield Measurement("cti_recordings_waiting", "Recordings that are still to be fetched", len(store.waiting))
    yield Measurement("cti_recordings_stored", "Recordings that were fetched", store.stored, counter=True)
    text = "Conversations that were not recorded, or not whole, though they should be"
    yield Measurement("cti_recordings_failed", text, floor.tally.recordings_failed, counter=True)
    yield Measurement("cti_recordings_failing", "1 while they cannot be fetched", int(bool(store.problems)))
    text = "Recordings that are to be moved to the storage, up to 1000"
    yield Measurement("cti_recordings_to_move", text, keeper.waiting)
    yield Measurement("cti_recordings_moved", "Recordings that were moved to the storage", keeper.moved, counter=True)
    text = "Recordings of which a file is still to be deleted, up to 1000"
    yield Measurement("cti_recordings_to_delete", text, keeper.left)
    text = "1 while recordings cannot be moved, or not deleted"
    yield Measurement("cti_recordings_storage_failing", text, int(bool(keeper.problem)))


def full_words(floor: Floor) -> list[str]:
    """Return in words the queues with more open messages than they should have."""
    return [
        f"queue {queue}: {number} messages and call-backs are open"
        for queue, number in open_in(floor).items()
        if is_full(floor, queue)
    ]


def _floor(engine: Engine) -> Iterator[Measurement]:
    floor = engine.center.floor
    for state, number in Counter(str(call.state) for call in floor.calls.values()).items():
        yield Measurement("cti_calls", "Calls by state", number, {"state": state})
    for label, number in Counter(f"{a.status}/{a.state}" for a in floor.agents.values()).items():
        status, state = label.split("/")
        yield Measurement("cti_agents", "Agents by status and state", number, {"status": status, "state": state})
    yield from _by_node(floor)
    for service, number in lines(floor).items():
        yield Measurement("cti_outside_lines", "Lines to outside in use", number, {"service": service})
    for role, number in floor.silent_legs.items():
        text = "Legs that had sent no audio when it was looked"
        yield Measurement("cti_legs_without_audio", text, number, {"role": role}, counter=True)


def _queues(floor: Floor, now: float) -> Iterator[Measurement]:
    """Queues in which nobody waits have a 0, so that a monitor sees no gap."""
    since: dict[str, list[float]] = {queue: [] for queue in floor.directory.queues}
    for call in floor.calls.values():
        if call.state in WAITING and call.queue is not None and not call.recalled:
            since.setdefault(call.queue, []).append(call.wait.since or call.arrived_at)
    for queue, waiting in since.items():
        labels = {"queue": queue}
        yield Measurement("cti_queue_waiting", "Callers who wait, or for whom an agent rings", len(waiting), labels)
        longest_s = max((now - began for began in waiting), default=0.0)
        yield Measurement("cti_queue_longest_wait_seconds", "Wait of the first of them", max(0.0, longest_s), labels)
        configured = floor.directory.queues.get(queue)
        if configured is not None and (expected_s := expected_wait_of(floor, configured)) is not None:
            yield Measurement("cti_queue_expected_wait_seconds", "Expected wait of a new call", expected_s, labels)


def _offered(floor: Floor) -> Iterator[Measurement]:
    """New calls alone, as in reports; queues that had none have a 0."""
    nothing = Offered()
    for queue in {**dict.fromkeys(floor.directory.queues), **dict.fromkeys(floor.tally.queues)}:
        labels, of = {"queue": queue}, floor.tally.queues.get(queue, nothing)
        yield Measurement("cti_queue_offered", "New calls that entered the queue", of.offered, labels, counter=True)
        yield Measurement("cti_queue_answered", "Those that an agent answered", of.answered, labels, counter=True)
        text = "Those whose caller hung up in the queue"
        yield Measurement("cti_queue_abandoned", text, of.abandoned, labels, counter=True)
        text = "Those that had waited too long, or came when it was full, closed, or without agents"
        yield Measurement("cti_queue_turned_away", text, of.turned_away, labels, counter=True)


def _tally(tally: Tally) -> Iterator[Measurement]:
    for (direction, service, queue, outcome), number in tally.ended.items():
        labels = {"direction": direction, "service": service, "queue": queue, "outcome": outcome}
        yield Measurement("cti_calls_ended", "Calls that have ended", number, labels, counter=True)
    for queue, waits in tally.waits.items():
        ends = [*(f"{end:g}" for end in BUCKETS_S), "+Inf"]
        buckets = tuple(zip(ends, accumulate(waits.counts), strict=True))
        text = "Wait of callers until an agent had them"
        yield Measurement("cti_queue_answered_after_seconds", text, waits.total_s, {"queue": queue}, buckets=buckets)


def _by_node(floor: Floor) -> Iterator[Measurement]:
    for (node, state), number in Counter((call.node, str(call.state)) for call in floor.calls.values()).items():
        yield Measurement("cti_pbx_calls", "Calls by PBX and state", number, {"node": node, "state": state})
    reached = Counter(node for agent in floor.agents.values() if agent.logged_in for node in agent.reachable_on)
    for node in floor.nodes:
        text = "Agents who are logged in and whose phones the PBX reaches"
        yield Measurement("cti_pbx_agents", text, reached[node], {"node": node})
    for node in floor.edges:
        up = int(floor.rings(node))
        yield Measurement("cti_edge_up", "Whether the edge answers the PBX", up, {"node": node})
    for found in out_of_reach(floor):
        text = "Callers who wait at a PBX from which no agent of their queue can be rung"
        labels = {"node": found.node, "queue": found.queue}
        yield Measurement("cti_pbx_callers_out_of_reach", text, found.callers, labels)
    for gone in phones_gone(floor):
        text = "Agents of a queue whose phones have gone within a minute, where they are a third or more"
        yield Measurement("cti_queue_phones_gone", text, gone.gone, {"queue": gone.queue})


def _engine(engine: Engine) -> Iterator[Measurement]:
    yield Measurement("cti_facts_handled", "Facts that the core has handled", engine.handled, counter=True)
    yield Measurement("cti_core_faults", "Facts on which the core failed", engine.faults, counter=True)
    yield Measurement("cti_inbox", "Facts that wait to be handled", engine.waiting)


def _spool(spool: Spool, now: float) -> Iterator[Measurement]:
    oldest = spool.backlog_oldest_at
    yield Measurement("cti_outbox_rows", "Rows that Postgres has not got yet", spool.backlog_rows)
    yield Measurement("cti_outbox_age_seconds", "Age of the oldest of them", max(0.0, now - oldest) if oldest else 0.0)
    text = "Entries of the checkpoint that could not be read, in the spool's table unreadable"
    yield Measurement("cti_spool_set_aside", text, spool.set_aside_entries)
    text = "How often the spool's file was gone and was written anew"
    yield Measurement("cti_spool_written_anew", text, spool.written_anew, counter=True)
    yield Measurement("cti_spool_commits", "Commits to the disk", spool.pace.commits, counter=True)
    text = "How long all of them took together"
    yield Measurement("cti_spool_commit_seconds", text, spool.pace.seconds, counter=True)
    yield Measurement("cti_spool_slow_commits", "Commits of a second and more", spool.pace.slow_commits, counter=True)
    yield Measurement("cti_spool_commit_running_seconds", "How long the present one runs", spool.pace.running_s)
    yield Measurement("cti_spool_healthy", "1 while the disk takes what is committed", int(spool.healthy))


def _writer(writer: Writer) -> Iterator[Measurement]:
    yield Measurement("cti_writer_rows_written", "Rows that Postgres has got", writer.rows_written, counter=True)
    yield Measurement("cti_writer_rows_refused", "Rows that it refused, set aside", writer.rows_refused, counter=True)


def _nodes(nodes: Mapping[str, Node], draining: Collection[str]) -> Iterator[Measurement]:
    for name, node in nodes.items():
        labels, counters = {"node": name}, node.counters
        yield Measurement("cti_pbx_up", "1 while the PBX is connected", int(node.state is State.UP), labels)
        yield Measurement("cti_pbx_draining", "1 while the PBX takes no new calls", int(name in draining), labels)
        text = "1 when another bridge has taken the PBX over, and it was given up"
        yield Measurement("cti_pbx_taken_over", text, int(node.state is State.REPLACED), labels)
        yield Measurement("cti_pbx_events", "Events received", counters.events, labels, counter=True)
        yield Measurement("cti_pbx_malformed", "Events not understood", counters.malformed, labels, counter=True)
        yield Measurement(
            "cti_pbx_reconnects", "Connections after the first", counters.reconnects, labels, counter=True
        )
        yield Measurement("cti_pbx_dropped", "Actions thrown away while away", counters.dropped, labels, counter=True)
        text = "Sounds of the bridge that it could not fetch"
        yield Measurement("cti_pbx_unfetched_sounds", text, len(node.sounds.unfetched), labels)
        text = "1 while it gives its lists over HTTP"
        yield Measurement("cti_pbx_lists_readable", text, int(node.lists_readable), labels)
        if (ahead_s := node.pbx_clock.ahead_s) is not None:
            yield Measurement(
                "cti_pbx_clock_ahead_seconds", "The PBX's clock beside ours; negative: behind", ahead_s, labels
            )
        yield Measurement(
            "cti_pbx_unreadable_channels",
            "Channels that it cannot put into JSON, ended",
            counters.unreadable,
            labels,
            counter=True,
        )
        yield Measurement(
            "cti_pbx_hung", "Event sockets given up as an order hung", counters.hung, labels, counter=True
        )
        yield Measurement("cti_pbx_stuck_channels", "Channels that carry nothing out", node.stuck, labels)
