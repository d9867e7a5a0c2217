"""What must hold after every fact, whatever happened. Each check raises AssertionError with what is wrong."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from cti_bridge.domain.border.actions import Action, CreateLeg
from cti_bridge.domain.border.facts import CallArrived
from cti_bridge.domain.border.records import (
    AgentStateChange,
    CallbackRow,
    CallEvent,
    CallRow,
    OfferRow,
    Record,
    TicketNoted,
    TicketOpened,
)
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.floor import monitoring
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.recorder import waits
from cti_bridge.domain.model.agent import Agent, AgentState, Status
from cti_bridge.domain.model.call import INTERNAL, OFFERED, SECRET_VALUE, Call, CallState, Leg, Place, Role, Stage
from cti_bridge.domain.model.callbacks import RecordingKind, RecordingState
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.directory import AgentEntry
from cti_bridge.domain.model.monitor import Monitor
from cti_bridge.domain.model.recorded import Want, reasons, wants
from cti_bridge.domain.model.recorder import Tape
from cti_bridge.domain.model.way import Asks
from cti_bridge.domain.model.wiring import AGENT_STATES, TOGETHER, WIRING, wanted
from cti_bridge.domain.model.words import CallEventType, Cause, Direction, EndedBy, MonitorMode, OfferResult, Outcome
from cti_bridge.domain.offer.ringing import is_emergency
from cti_bridge.domain.queue.last_agent import ANSWER_S
from cti_bridge.domain.queue.no_calls import assignable
from cti_bridge.domain.queue.order import order_key
from cti_bridge.domain.recovery.times import LATE_S
from tests.unit.floor import kept
from tests.unit.model_asterisk import Channel, ModelAsterisk
from tests.unit.recorders import check_recorders

Key = tuple[str, str]
Saved = dict[Key, bytes]


def encoded(kind: str, state: object) -> bytes:
    """The state as it is saved, without what a restart does not take over: when a leg was seen last, and whether a
    node was there."""
    return _without_what_is_forgotten(kind, msgspec.json.encode(state))


@lru_cache(4096)
def _without_what_is_forgotten(kind: str, saved: bytes) -> bytes:
    """After each fact nearly all states are what they were."""
    plain: dict[str, Any] = msgspec.json.decode(saved)
    if kind == "call":
        for leg in plain["legs"].values():
            leg["confirmed_at"] = leg["unseen_since"] = None
    if kind == "node":
        plain["up"], plain["lost_at"] = False, None
    return msgspec.json.encode(plain)


def full_state(center: CallCenter) -> Saved:
    floor = center.floor
    state = {("agent", a.cti_id): encoded("agent", a) for a in kept(floor) if a.seq or a.session}
    state |= {("call", c.id): encoded("call", c) for c in floor.calls.values()}
    state |= {("mark", mark.id): encoded("mark", mark) for mark in floor.marks.values()}
    if floor.taken_up is not None:
        state["taken_up", "core"] = encoded("taken_up", floor.taken_up)
    state |= {("callback", one.id): encoded("callback", one) for one in floor.callbacks.values()}
    state |= {("recording", one.id): encoded("recording", one) for one in floor.recordings.values()}
    state |= {("monitor", one.id): encoded("monitor", one) for one in floor.monitors.values()}
    state |= {("handle_times", one.id): encoded("handle_times", one) for one in floor.handle_times.values()}
    state |= {("figures", one.id): encoded("figures", one) for one in floor.figures.of_id.values()}
    return state | {("placed", placed.by): encoded("placed", placed) for placed in floor.placed.values()}


def check_saved(center: CallCenter, saved: Saved) -> None:
    """Dirty tracking has missed nothing."""
    present = full_state(center)
    for key, state in present.items():
        assert saved.get(key) == state, f"not saved: {key}\n{saved.get(key)!r}\n{state!r}"
    known = {("agent", cti_id) for cti_id in center.floor.directory.agents}
    left = set(saved) - set(present) - known - {key for key in saved if key[0] == "node"}
    assert not left, f"still saved: {left}"


def check_floor(center: CallCenter, unreadable: Collection[str] = ()) -> None:
    """``unreadable`` are agents whose entry could not be read: logged out, and perhaps in a call."""
    floor = center.floor
    live = [call for call in floor.calls.values() if call.state is not CallState.ENDED]
    taken = [agent.cti_id for call in live for _, agent in floor.agents_of(call)]
    assert len(taken) == len(set(taken)), "two calls, or two roles, with one agent"
    for call in floor.calls.values():
        _check_call(center, call)
        if call.state is not CallState.ENDED:
            _check_parties(center, call)
    for agent in floor.agents.values():
        _check_agent(center, agent, agent.cti_id in unreadable)
    for call in live:
        waits = call.state is CallState.WAITING
        assert not waits or call.queue in floor.directory.queues, f"waits in {call.queue}, which is no more"
    _check_typed(floor)
    held = {leg_id: call.id for call in floor.calls.values() for leg_id in call.legs}
    assert held == floor.call_of_leg, "legs and their index differ"
    _check_recordings(center)
    _check_callbacks(center)
    for cti_id, call_id in floor.recalls.items():
        found = floor.calls.get(call_id)
        assert found, f"{cti_id} is kept free for a call that is no more"
        waits = (found.state, found.target, found.sender) == (
            CallState.TRANSFER_RINGING,
            None,
            cti_id,
        )
        assert waits, f"{cti_id} is kept free for a call that does not come back"


def _check_typed(floor: Floor) -> None:
    assert floor.typed.keys() <= floor.calls.keys(), "what a caller has typed outlives the call"
    for call in floor.calls.values():
        for name in call.way.secrets if call.way else ():
            assert call.variables.get(name) == SECRET_VALUE, "a secret is on the call, and so on disk"


def _check_callbacks(center: CallCenter) -> None:
    """A number has one open wish in a queue, and a caller one for a number that is not theirs. What was registered may
    be dialled."""
    floor = center.floor
    wishes = [one for one in floor.callbacks.values() if one.is_open and one.kind == "requested"]
    assert len({(one.queue, one.number) for one in wishes}) == len(wishes), f"two wishes of one number: {wishes}"
    entered = [(one.service, one.entered_by) for one in wishes if one.entered_by is not None]
    assert len(set(entered)) == len(entered), f"one caller has entered several numbers: {wishes}"
    for one in wishes:
        assert one.number is not None and one.number.startswith("+82"), f"it may not be dialled: {one}"
        assert floor.directory.scenario_of(one.number) is None, f"a number of ours: {one}"
    for call in floor.calls.values():
        way = call.way
        if way is not None and way.asks is Asks.REGISTERED and call.state is CallState.IN_SCENARIO:
            assert call.visit is None or call.visit.over or call.visit.exit != "key", "a place that is given up is kept"


def _check_recordings(center: CallCenter) -> None:
    """What is recorded belongs to a call that waits for its end; what is over has its entry, unless it was empty."""
    floor = center.floor
    running = {call.way.recording: call for call in floor.calls.values() if call.way and call.way.recording}
    running |= {
        call.recorder.recording: call for call in floor.calls.values() if call.recorder and call.recorder.recording
    }
    for found in floor.recordings.values():
        runs = found.state in (RecordingState.ORDERED, RecordingState.RECORDING)
        assert runs is (found.id in running), f"a recording is {found.state}, and its call says otherwise"
        assert not runs or running[found.id].id == found.call_id
        entries = [one for one in floor.callbacks.values() if one.recording == found.id]
        kept = found.state in (RecordingState.ENDED, RecordingState.STORED)
        if found.kind is RecordingKind.CONVERSATION:
            assert not entries, "a conversation is no message"
            continue
        assert len(entries) == kept or found.state is RecordingState.EMPTY, f"{len(entries)} entries of a message"
        assert not (found.state is RecordingState.EMPTY and any(one.is_open for one in entries)), "an empty message"
    assert set(running) <= set(floor.recordings), "a call is recorded, and nobody knows of it"
    for identity, call in running.items():
        spoken = floor.recordings[identity].kind is RecordingKind.CONVERSATION
        assert call.state is CallState.IN_SCENARIO or spoken, f"recorded in {call.state}"
    recorded = {call.id for call in floor.calls.values() if call.recorder is not None}
    assert floor.recorded == recorded, "calls with a recorder, and their index"
    for call in floor.calls.values():
        _check_recorder(call)
    check_recorders(floor)


def _check_recorder(call: Call) -> None:
    """The recorder does, or was ordered, what the state of the call says."""
    tape = call.recorder.tape if call.recorder is not None else Tape.OFF
    want = wants(call)
    assert tape is Tape.OFF or want is not Want.NOTHING, f"{tape} in {call.state}"
    off = tape in (Tape.OFF, Tape.PAUSING, Tape.PAUSED)
    assert off or want is Want.RUNS, f"{tape} in {call.state}, for {reasons(call)}"


TARGET_RINGS = (CallState.CONSULT_RINGING, CallState.TRANSFER_RINGING, CallState.INTERNAL_RINGING)
HELD = (CallState.ON_HOLD, CallState.CONSULT_RINGING, CallState.CONSULT_TALKING)
WITH_CUSTOMER = (CallState.TALKING, CallState.WARNING)
MAY_BE_HELD = (
    CallState.ENDED,
    CallState.JOINING,
    CallState.CONSULT_SWAPPED,
    CallState.CONSULT_ALONE,
    CallState.AGENT_LOST,
)
NO_CUSTOMER = (CallState.DIALING_AGENT, CallState.CONSULT_ALONE, CallState.ENDED, *INTERNAL)
KEEPS_EMERGENCY = (CallState.CONSULT_RINGING, CallState.AGENT_LOST)
"""Where an emergency service is kept for the agent when the customer has left."""


def _check_call(center: CallCenter, call: Call) -> None:
    target_offered = call.state in TARGET_RINGS and call.target is not None and call.target.cti_id is not None
    assert (call.offer is not None) is (call.state in OFFERED or target_offered), f"offer in {call.state}"
    assert call.legs or call.state is not CallState.ENDED, "ended, without legs, and not forgotten"
    assert (call.end.outcome is not None) is (call.state is CallState.ENDED)
    if call.state is CallState.IN_SCENARIO:
        assert call.prompt is not None or (call.way is not None and call.way.ends_at is not None), "silence for ever"
    for role in Role:
        leg = call.leg_of(role)
        assert leg is None or role in WIRING[call.state] or leg.stage is Stage.ENDING, f"{role} in {call.state}"
        place = wanted(call, role)
        settled = leg is None or leg.stage is not Stage.UP or leg.place in (place, Place.UNKNOWN)
        held_back = waits(call) or monitoring.waits(center.floor, call)
        assert settled or held_back, f"{role} is ordered to {leg and leg.place} in {call.state}"
    no_customer = call.leg_of(Role.CUSTOMER) is None
    kept = call.state in KEEPS_EMERGENCY and is_emergency(center.floor, call.target)
    assert no_customer is (call.state in NO_CUSTOMER) or call.state is CallState.ENDED or kept
    assert bool(call.held_by) is (call.state in HELD) or call.state in MAY_BE_HELD
    inside = [leg for role in Role if (leg := call.leg_of(role)) and leg.place is Place.BRIDGE]
    assert len(inside) < 3 or call.state in (CallState.THREE_TOGETHER, CallState.ENDED), (
        f"three are in the bridge in {call.state}"
    )
    assert call.state not in INTERNAL or call.direction is Direction.INTERNAL, "a customer's call is internal"
    if call.direction is Direction.INTERNAL:
        assert call.ticket_id is None and call.queue is None and call.leg_of(Role.CUSTOMER) is None
    if call.state is CallState.CONSULT_SWAPPED:
        phone = call.leg_of(Role.AGENT)
        by_phone = ["phone"] if phone is not None and phone.phone_holds else []
        assert call.held_by == by_phone, f"{call.held_by}, though the agent talks to the customer"
        assert not is_emergency(center.floor, call.target), "an emergency service has music"


def _check_parties(center: CallCenter, call: Call) -> None:
    floor = center.floor
    row = WIRING[call.state]
    if call.state is not CallState.JOINING:
        assert (call.cti_id is not None) is (Role.AGENT in row), f"the agent in {call.state}"
    node = floor.nodes.get(call.node)
    coming_back = call.state is CallState.TRANSFER_RINGING and (
        node is None or not node.up or floor.recalls.get(call.sender or "") == call.id
    )
    if call.state is CallState.AGENT_LOST:
        assert call.target is None or is_emergency(floor, call.target), "a target that nobody talks to"
    else:
        assert (call.target is not None) is (Role.TARGET in row) or coming_back, f"the target in {call.state}"
    if call.target is not None and call.target.by_step:
        assert call.sender is None and call.cti_id is None, "who is transferred by a step was sent by nobody"
    if call.state is CallState.TRANSFER_CONFIRMING:
        assert call.target is not None and call.target.confirm and call.target.cti_id is None, "who has to confirm?"
    assert call.state is not CallState.TRANSFERRED or (call.target and call.target.cti_id is None)
    for role, agent in floor.agents_of(call):
        assert agent.call_id == call.id
        offered = call.offer is not None and call.offer.cti_id == agent.cti_id
        assert agent.offer_id == (call.offer.id if call.offer and offered else None)
        wanted = AGENT_STATES[call.state, role]
        if wanted is None:
            assert agent.state is not AgentState.IDLE
        elif role is Role.TARGET and call.offer is not None and call.offer.accepted:
            assert agent.state is AgentState.ACCEPTED
        else:
            assert agent.state is wanted, f"{role} is {agent.state} in {call.state}"


def _check_agent(center: CallCenter, agent: Agent, unreadable: bool) -> None:
    floor = center.floor
    call = floor.calls.get(agent.call_id) if agent.call_id else None
    monitors = agent.state is AgentState.MONITORING
    assert monitors is (agent.monitor_id is not None), f"{agent.cti_id} {agent.state} with {agent.monitor_id}"
    idle = agent.state is AgentState.IDLE or monitors
    assert idle is (call is None), f"{agent.cti_id} {agent.state} with {agent.call_id}"
    assert call is None or agent in [other for _, other in floor.agents_of(call)]
    assert call is None or agent.logged_in or unreadable, "an agent in a call who is not logged in"
    offered = call is not None and call.offer is not None and call.offer.cti_id == agent.cti_id
    by_step = call is not None and call.target is not None and call.target.by_step
    internal = call is not None and call.direction is Direction.INTERNAL
    recalled = (call is not None and call.recalled) or by_step or internal
    ready = agent.status is Status.READY or unreadable
    assert not offered or recalled or ready, "an offer to one who is not ready"
    timed = agent.processing_ends_at is not None or agent.prompt is not None
    assert not timed or agent.processes_a_ticket, "the limit or the question of ticket processing outside of it"
    ringable = [leg_id for leg_id in agent.legs if (found := floor.leg(leg_id)) and found[1].stage is not Stage.ENDING]
    assert len(ringable) <= 1, f"two legs to one phone: {ringable}"
    legs = {leg.id for c in floor.calls.values() for leg in c.legs.values() if leg.cti_id == agent.cti_id}
    legs |= {
        leg.id for one in floor.monitors.values() if one.cti_id == agent.cti_id for leg in one.legs if not leg.spied
    }
    legs |= {stray.id for stray in floor.strays.values() if stray.cti_id == agent.cti_id}
    assert sorted(legs) == sorted(agent.legs), "the legs of an agent's phone"


def check_shown_numbers(center: CallCenter, actions: Iterable[Action]) -> None:
    """What an outside party sees is a confirmed number, and never the customer's; what is dialled is permitted."""
    numbers = center.floor.directory.calling_numbers
    prefixes = tuple(p for service in center.floor.directory.services.values() for p in service.allowed_prefixes)
    for action in actions:
        if isinstance(action, CreateLeg) and action.number is not None:
            assert numbers[action.shown_number].state == "confirmed" and action.shown_name == "", action
            assert re.fullmatch(r"\+[0-9]{7,15}", action.number, re.ASCII) and action.number.startswith(prefixes)


def check_rung_where_registered(center: CallCenter, actions: Iterable[Action]) -> None:
    """An agent's phone is rung on a node with which it is registered, as far as anybody knows."""
    for action in actions:
        if isinstance(action, CreateLeg) and action.cti_number is not None:
            agent = center.floor.agents[center.floor.by_cti_number[action.cti_number]]
            assert action.executor in agent.reachable_on, action


def fits(floor: Floor, call: Call, entry: AgentEntry, waited_s: float | None = None) -> bool:
    """By the words of the requirements: the call's queue, or one that helps it out, serves it with this agent, who has
    the skills that are needed after so long a wait; None: now."""
    waited_s = call.wait.reached_s if waited_s is None else waited_s
    queue = floor.directory.queues[call.queue or ""]
    lenders = [name for stage in queue.overflow if stage.after_s <= waited_s for name in stage.queues]
    serves = [name for name in (queue.id, *lenders) if name in entry.queues and entry.backup.get(name, 0) <= waited_s]
    needs = [need.skills for need in queue.needs if need.after_s <= waited_s]
    return bool(serves) and all(entry.skills.get(skill, 0) >= least for skill, least in (needs or [{}])[-1].items())


def works(floor: Floor, agent: Agent) -> bool:
    """By the words of the requirements."""
    entry, until = floor.directory.agents.get(agent.cti_id), floor.deadlines.at(Kind.WORKING, agent.cti_id)
    if entry is None or not entry.phone_permission or agent.session is None:
        return False
    if agent.state is not AgentState.IDLE:
        return True
    not_taken = agent.reason in ("missed", "declined")
    reached = agent.reachable_on or floor.edge_gone
    if (not reached or not_taken) and until is None:  # One that is due counts until it has been looked at.
        return False
    return agent.status is Status.READY or agent.processes_a_ticket or not_taken


def check_stages(center: CallCenter) -> None:
    """Who works is counted right. No stage goes on for which nobody works while somebody works for a later one."""
    floor = center.floor
    working = [entry for cti_id, entry in floor.directory.agents.items() if works(floor, floor.agents[cti_id])]
    counts = Counter(queue for entry in working for queue in entry.queues if queue in floor.directory.queues)
    found = {name: n for name, n in floor.working.counts.items() if n and name in floor.directory.queues}
    assert found == counts, f"who works is counted wrong: {found}, {counts}"
    for call in floor.calls.values():
        if call.state is not CallState.WAITING or not floor.node_up(call.node):
            continue
        reached_s = call.wait.reached_s
        later = [after_s for after_s in floor.directory.plans[call.queue or ""].thresholds if after_s > reached_s]
        assert (call.wait.stage_at is not None) is bool(later), f"{call.id} waits for a stage, or for none"
        served = [s for s in (reached_s, *later) if any(fits(floor, call, entry, s) for entry in working)]
        assert not served or served[0] == reached_s, f"{call.id} waits at {reached_s} s, and others at {served} s work"


def check_waiting_callers_hear(center: CallCenter) -> None:
    """Who waits is ordered music, or a message that is known; and is told again what is told again and again."""
    floor = center.floor
    for call in floor.calls.values():
        leg = call.leg_of(Role.CUSTOMER)
        if call.state not in (CallState.WAITING, *OFFERED) or call.state is CallState.CONNECTING or leg is None:
            continue
        queue = floor.directory.queues.get(call.queue or "")
        if queue is None:
            continue  # It was removed while a phone rings.
        if leg.stage is Stage.UP:
            hears = leg.place is Place.MUSIC or (leg.place is Place.MESSAGE and call.prompt is not None)
            assert hears or leg.place is Place.UNKNOWN, f"{call.id} waits in {leg.place}"
        again = any(one.every_s for one in queue.announce)
        visit = call.visit
        told = visit is None or not visit.waits or visit.announce_at is not None
        assert told or not again, f"{call.id} is told no more"


def last_agent_of(floor: Floor, call: Call) -> Agent | None:
    """By the words of the requirements: the agent whom the waiting call may be kept for. None: nobody may."""
    since, queue = call.wait.since, floor.directory.queues[call.queue or ""]
    agent = floor.agents.get(call.wait.last_agent or "")
    until = floor.deadlines.at(Kind.LAST_AGENT, call.id)
    if agent is None or since is None or until is None or not queue.last_agent_s:
        return None
    entry = floor.directory.agents.get(agent.cti_id)
    if entry is None or not fits(floor, call, entry) or not agent.logged_in:
        return None
    return agent


def is_kept_for_one(floor: Floor, call: Call) -> bool:
    """By the words of the requirements: the call waits for its last agent, who rings or processes a ticket; or for a
    moment to know who that is."""
    if call.wait.last_agent is None:
        until = floor.deadlines.at(Kind.LAST_AGENT, call.id)
        # A stall gives that a second more.
        return until is not None and call.past is not None and until - floor.now < ANSWER_S + LATE_S + 0.001
    agent = last_agent_of(floor, call)
    if agent is None:
        return False
    works_on = agent.state is AgentState.IDLE and (agent.status, agent.reason) == (Status.BUSINESS, "ticket_processing")
    return agent.state in (AgentState.RINGING, AgentState.ACCEPTED) or (works_on and call.node in agent.reachable_on)


def check_last_agents(center: CallCenter) -> None:
    """Nobody waits for a last agent for longer than the queue says, nor with a number that has none."""
    floor = center.floor
    for call in floor.calls.values():
        until = call.wait.last_agent_until_at
        assert (until is not None) or call.wait.last_agent is None, "a last agent without an end"
        if until is None or call.state is CallState.ENDED:
            continue
        assert call.state in (CallState.WAITING, *OFFERED), f"a last agent in {call.state}"
        assert call.customer.number and not call.wait.returned, "a number that is withheld, or a call that came back"


def check_ranks(center: CallCenter) -> None:
    """The calls of a queue about which somebody has asked stand in the order of service, each once."""
    floor = center.floor
    for queue, found in floor.ranks.queues.items():
        there = [c for c in floor.calls.values() if c.queue == queue and c.state in OFFERED | {CallState.WAITING}]
        keys = sorted(order_key(floor, call) for call in there if not call.recalled)
        assert found == keys, f"the ranks of {queue} are wrong"


def check_offered_to_who_serves(center: CallCenter, records: Iterable[Record]) -> None:
    """A call out of a queue is offered to one who is in it."""
    floor = center.floor
    for record in records:
        call = floor.calls.get(record.call_id) if isinstance(record, OfferRow) and record.result is None else None
        if call is None or call.offer is None or call.offer.id != getattr(record, "id", None):
            continue
        from_queue = call.target is None and not call.recalled
        last = last_agent_of(floor, call) if from_queue else None
        passed_over = last is not None and last.cti_id != call.offer.cti_id and assignable(floor, last, call.node)
        assert not passed_over, f"{call.id} is offered to another one, and {call.wait.last_agent} is free"
        assert not from_queue or fits(floor, call, floor.directory.agents[call.offer.cti_id]), record
        if from_queue and call.offer.cti_id in call.wait.not_taken_by:
            others = [agent for agent in floor.agents.values() if agent.cti_id not in call.wait.not_taken_by]
            ready = [agent.cti_id for agent in others if assignable(floor, agent, call.node)]
            asked = [cti_id for cti_id in ready if fits(floor, call, floor.directory.agents[cti_id])]
            assert not asked, f"{call.offer.cti_id} did not take {call.id} before, and {asked} were not asked"


def check_registered(center: CallCenter, records: Iterable[Record]) -> None:
    """A queue that has as many open entries as it may have takes no more wishes."""
    floor = center.floor
    for row in records:
        if isinstance(row, CallbackRow) and row.kind == "requested" and row.version == 1:
            others = [one for one in floor.callbacks.values() if one.is_open and one.queue == row.queue]
            assert len(others) <= floor.directory.queues[row.queue].most_open, f"too many: {row}"


def check_orders_reach_their_legs(actions: Iterable[Action]) -> None:
    """An order for a leg that a PBX has named goes to that PBX."""
    for action in actions:
        pbx, named_by_it, _ = action.leg_id.partition("/")
        assert not named_by_it or pbx == action.executor, action


def check_nobody_waits_beside_an_agent(center: CallCenter) -> int:
    """By brute force, from the requirement's words and not from the core's own predicate. The one exception are calls
    that wait for their last agent. Return how many of them wait beside one who is free."""
    floor, kept_back = center.floor, 0
    for call in floor.calls.values():
        node = floor.nodes.get(call.node)
        if call.state is not CallState.WAITING or node is None or not node.up:
            continue
        customer = call.leg_of(Role.CUSTOMER)
        if customer is not None and customer.unseen_since is not None:
            continue  # The list of the PBX that is back lacks the caller, who is being looked for.
        may_wait = is_kept_for_one(floor, call)
        for agent in floor.agents.values():
            entry = floor.directory.agents.get(agent.cti_id)
            free = (
                entry is not None
                and entry.phone_permission
                and fits(floor, call, entry)
                and agent.session is not None
                and agent.status is Status.READY
                and agent.state is AgentState.IDLE
                and not agent.legs
                and agent.cti_id not in floor.recalls
                and node.name in agent.reachable_on
                and not floor.edge_away(node.name)
                and agent.phone_retry_at is None
                and agent.pause_ends_at is None
                and (entry.answer == "phone" or agent.panel_live or agent.panel_ends_at is not None)
            )
            assert may_wait or not free, f"{agent.cti_id} is free, and {call.id} waits"
            kept_back += free
    return kept_back


def check_records(records: Iterable[Record], really_at: Mapping[str, float] | None = None) -> None:
    """Rows that follow from one another, over the whole run. ``really_at``, by the id of a change, is when it was by a
    clock that nobody sets: a change whose time is not in there is compared with no other."""
    last: dict[str, AgentStateChange] = {}
    events: dict[str, int] = {}
    ended: set[str] = set()
    tickets: set[str] = set()
    owners: dict[str, str] = {}
    offers: dict[str, str] = {}
    registered: set[str] = set()
    wishes: dict[str, str | None] = {}
    for record in records:
        if isinstance(record, CallbackRow):
            wishes[record.id] = record.number
        elif isinstance(record, CallEvent) and record.type is CallEventType.CALLBACK_REGISTERED:
            assert wishes.get(record.detail["callback_id"]), "registered, and nowhere to be found"
            registered.add(record.call_id)
        if isinstance(record, AgentStateChange):
            _check_change(last.get(record.cti_id), record, really_at)
            last[record.cti_id] = record
        elif isinstance(record, CallEvent):
            assert record.seq == events.get(record.call_id, 0) + 1, "a call event is missing"
            events[record.call_id] = record.seq
        elif isinstance(record, CallRow):
            assert record.id not in ended, "a call ended twice"
            if record.outcome is not None:
                assert isinstance(record.outcome, Outcome), record
                assert isinstance(record.ended_by, EndedBy), record
                assert record.outcome is not Outcome.CALLBACK_REGISTERED or record.id in registered, record
                ended.add(record.id)
        elif isinstance(record, TicketOpened):
            assert record.call_id not in tickets, "two tickets for one call"
            tickets.add(record.call_id)
            owners[record.ticket_id] = record.owner
        elif isinstance(record, TicketNoted) and record.type == "owner_changed":
            assert owners[record.ticket_id] == record.detail["from"], "an owner who was none hands over"
            owners[record.ticket_id] = record.detail["owner"]
        elif isinstance(record, OfferRow):
            _check_offer(offers, record)


def _check_change(
    before: AgentStateChange | None, change: AgentStateChange, really_at: Mapping[str, float] | None
) -> None:
    assert isinstance(change.cause, Cause), change
    was = (before.seq, before.to_status, before.to_state) if before else (0, "offline", "idle")
    assert (change.seq - 1, change.from_status, change.from_state) == was, f"{before} then {change}"
    if before is None:
        return
    if really_at is None:
        assert change.lasted_s == change.at - before.at
    elif change.seen_late or before.seen_late:
        assert change.lasted_s >= 0, f"{before} then {change}"
    elif before.id in really_at:
        assert abs(change.lasted_s - (really_at[change.id] - really_at[before.id])) < 0.001, f"{before} then {change}"


def _check_offer(open_offers: dict[str, str], row: OfferRow) -> None:
    assert row.result is None or isinstance(row.result, OfferResult), row
    if row.result is None:
        assert row.call_id not in open_offers.values(), "two offers of one call"
        assert row.cti_id not in open_offers, "two offers to one agent"
        open_offers[row.cti_id] = row.call_id
    else:
        assert open_offers.pop(row.cti_id, None) == row.call_id, "an offer that was not made has ended"


# ----------------------------------------------------------------------------------- against the truth, when quiet


def check_places(center: CallCenter, pbx: ModelAsterisk) -> None:
    """Everything is told and done: the parties are where the wiring table says, and nothing else exists there."""
    floor = center.floor
    here = [call for call in floor.calls.values() if call.node == pbx.node]
    of_monitors = {leg.id for one in floor.monitors.values() if one.node == pbx.node for leg in one.legs}
    assert set(pbx.channels) == {leg_id for call in here for leg_id in call.legs} | of_monitors, "channels and legs"
    check_monitors(center, pbx)
    assert not floor.strays, "strays"
    for call in here:
        assert call.state is not CallState.ENDED, "ended, and legs are left"
        in_time = call.offer is None or call.state is CallState.CONNECTING or call.offer.expires_at > floor.now
        assert in_time, "the pickup time is over, and it still rings"
        for role, place in WIRING[call.state].items():
            leg = call.leg_of(role)
            if leg is None:
                assert _may_be_missing(call, role, place), f"no {role} in {call.state}"
                continue
            _check_place(call, pbx.channels[leg.id], wanted(call, role) or place, leg)
            _check_hold(call, pbx, pbx.channels[leg.id], leg)
        if call.agent_leg is not None:
            _check_who_holds(call, pbx.channels[call.agent_leg])
    left = set(pbx.bridges) - {call.bridge_id for call in here if call.has_bridge}
    left -= {one.bridge_id for one in floor.monitors.values() if one.has_bridge}
    assert not left, f"bridges without a call: {left}"
    for identity, legs in pbx.bridges.items():
        codecs = {pbx.channels[leg_id].codec for leg_id in legs if not pbx.channels[leg_id].is_of_monitor} - {""}
        assert len(codecs) < 2 or identity.endswith("-softmix"), f"{codecs} in the simple bridge {identity}"


def check_waits(center: CallCenter, pbx: ModelAsterisk) -> None:
    """Whatever was done to the clock: no caller is said to wait for longer than they do."""
    for call in center.floor.calls.values():
        channel = pbx.channels.get(call.customer_leg or "")
        if channel is not None and isinstance(channel.inbound, CallArrived):
            assert call.arrived_at > channel.inbound.arrived_at - 5, "a wait that was not"


def _check_who_holds(call: Call, phone: Channel) -> None:
    """The customer is never with a phone that holds, and who holds is the truth."""
    if phone.hold_untold:
        return
    assert not phone.held or call.state not in WITH_CUSTOMER, f"{phone.id} holds in {call.state}"
    assert ("phone" in call.held_by) is phone.held or call.state not in HELD, f"{call.held_by} in {call.state}"


def _check_hold(call: Call, pbx: ModelAsterisk, channel: Channel, leg: Leg) -> None:
    """Who holds is known of everybody, nobody stays in the bridge with them, and music of the PBX is nowhere."""
    here = [other for other in pbx.channels.values() if not other.is_of_monitor]
    partners = [other for other in here if other.bridge == channel.bridge and other is not channel]
    alone = channel.bridge is None or not partners or call.state not in TOGETHER
    if not channel.hold_untold:
        assert leg.phone_holds is channel.held, f"{channel.id} {call.state}: holds = {channel.held}"
        in_vain = [other for other in partners if not other.held]
        assert alone or not channel.held or len(in_vain) != 1, f"{channel.id} holds, and {partners} hear nothing"
    assert alone or not channel.pbx_music, f"{channel.id} hears music of the PBX in {call.state}"


def _may_be_missing(call: Call, role: Role, place: Place) -> bool:
    """Whoever is yet to be rung; a sender who has gone."""
    if call.state is CallState.JOINING:
        return role is Role.AGENT
    if call.state is CallState.AGENT_LOST and role is Role.TARGET:
        return call.target is None
    return role is not Role.CUSTOMER and place is Place.RINGING


def _check_place(call: Call, channel: Channel, place: Place, leg: Leg) -> None:
    assert channel.dialplan is (place is Place.DIALPLAN), f"{channel.id} in {call.state}: in the dialplan, or not"
    heard = (channel.music, bool(channel.playbacks), channel.ringback, channel.bridge)
    what = f"{channel.id} in {call.state}: music, message, ringback, bridge = {heard}"
    if place is Place.RINGING:
        assert channel.dialed and not channel.up, f"{channel.id} does not ring"
        return
    dialing = call.state is CallState.DIALING_CUSTOMER and leg.role is Role.CUSTOMER
    dialing = dialing or (leg.role is Role.TARGET and leg.early and call.state in TARGET_RINGS)
    assert channel.up or dialing, f"{channel.id} was never answered"
    inside = call.bridge_id if place is Place.BRIDGE else None
    # Who has heard a warning waits in silence for the other.
    # One whose message has failed is looked after in a moment.
    waits = call.state is CallState.WARNING or (call.prompt is not None and call.prompt.ends_at is not None)
    message = place is Place.MESSAGE and (leg.playback_id is not None or not waits)
    assert heard == (place is Place.MUSIC, message, place is Place.RINGBACK, inside), what
    assert not message or channel.playbacks[-1] == leg.playback_id, what


# ----------------------------------------------------------------------------------------------------- supervisors


def check_monitors(center: CallCenter, pbx: ModelAsterisk) -> None:
    """Each supervisor is heard by whom the mode says, and hears whom the agent hears. Nothing is left of others."""
    floor = center.floor
    for monitor in [one for one in floor.monitors.values() if one.node == pbx.node]:
        assert monitor.over is None, f"over, and {monitor.legs} are left"
        call, phone = floor.calls[monitor.call_id], monitor.phone
        assert phone is not None and not monitor.going, "legs of before are left"
        if phone.stage is Stage.UP and not monitor.rests:  # Else the next snoop is made in a moment.
            _check_monitor(call, monitor, pbx.channels[phone.id], pbx)


def _check_monitor(call: Call, monitor: Monitor, phone: Channel, pbx: ModelAsterisk) -> None:
    agent = pbx.channels.get(call.agent_leg or "")
    agent = agent if agent is not None and agent.up else None
    inside = agent is not None and agent.bridge == call.bridge_id
    with_agent = set(pbx.bridges[agent.bridge]) - {agent.id, phone.id} if agent and agent.bridge else set()
    with_agent = {one for one in with_agent if not pbx.channels[one].is_of_monitor}
    hears, heard_by = (
        pbx.hears(phone.id),
        {one for one in pbx.heard_by(phone.id) if not pbx.channels[one].is_of_monitor},
    )
    what = f"{monitor.mode} in {call.state}: {phone.id} in {phone.bridge} is heard by {heard_by}, hears {hears}"
    assert agent is None or {agent.id, *with_agent} <= hears, what
    assert monitor.mode is not MonitorMode.LISTEN or not heard_by, what
    whispered = {agent.id} if agent and (pbx.sends(agent.id) or (inside and not phone.held)) else set()
    assert monitor.mode is not MonitorMode.WHISPER or heard_by == whispered, what
    if monitor.mode is MonitorMode.BARGE and agent is not None:
        barged = inside and not phone.held
        assert heard_by == ({agent.id, *with_agent} if barged else whispered), what
    said = {MonitorMode.LISTEN: set(), MonitorMode.WHISPER: whispered, MonitorMode.BARGE: heard_by, None: set()}
    assert said[monitor.confirmed] == heard_by, f"{monitor.confirmed}, but {what}"
    needless = agent is None or (not heard_by and monitor.mode is not MonitorMode.LISTEN)
    assert monitor.confirmed or needless, what
