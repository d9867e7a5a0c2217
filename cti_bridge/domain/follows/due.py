"""One table with a rule for each kind of deadline, and the procedures that are alike for all kinds: to act, to stay, to
clamp, to shift, to begin anew.

A deadline of a call stands still while the call's PBX is away. A deadline that is due then stays, like one that is due
in a state in which it does not act. It acts when the call comes into a state in which it does.
"""

from collections.abc import Iterator

from cti_bridge.domain.agents import sessions
from cti_bridge.domain.audio import audio, hold, messages
from cti_bridge.domain.ending import aftermath
from cti_bridge.domain.floor import monitoring, recorder
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.orders import CONFIRM_S, Order
from cti_bridge.domain.hours import emergency_switch, override
from cti_bridge.domain.legs import confirming
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.deadlines import Key, Kind, Rule
from cti_bridge.domain.model.emergency_switch import EmergencySwitch
from cti_bridge.domain.model.hours import HoursOverride
from cti_bridge.domain.model.kept import NodeState
from cti_bridge.domain.model.monitor import Monitor
from cti_bridge.domain.monitors import rules as monitors
from cti_bridge.domain.offer import offer, ringing
from cti_bridge.domain.outbound import outbound
from cti_bridge.domain.queue import announcements, last_agent, limits, queueing, stages, working
from cti_bridge.domain.scenario import steps
from cti_bridge.domain.talk import away, handback, lost, recording, target, transfer

_S = CallState
_Owner = Call | Agent | Order | Monitor | NodeState | HoursOverride | EmergencySwitch


def _override_over(floor: Floor, one: HoursOverride) -> None:
    override.over(floor, one)
    limits.hours_changed(floor, one.hours)


TABLE: dict[Kind, Rule] = {
    Kind.OFFER: Rule(
        Call,
        offer.expired,
        ("offer", "expires_at"),
        ringing.offer_s,
        acts_in=frozenset({_S.RINGING, _S.ACCEPTED}),
    ),
    Kind.LONGEST_WAIT: Rule(
        Call,
        queueing.longest_wait_over,
        ("wait", "ends_at"),
        queueing.longest_wait_s,
        acts_in=queueing.QUEUED,
    ),
    Kind.STAGE: Rule(
        Call,
        stages.over,
        ("wait", "stage_at"),
        stages.longest_s,
        acts_in=queueing.QUEUED,
    ),
    Kind.ANNOUNCEMENT: Rule(
        Call,
        announcements.due,
        ("visit", "announce_at"),
        announcements.longest_s,
        acts_in=queueing.QUEUED,
    ),
    Kind.LAST_AGENT: Rule(
        Call,
        last_agent.over,
        ("wait", "last_agent_until_at"),
        last_agent.longest_s,
        acts_in=queueing.QUEUED,
    ),
    Kind.NO_AGENTS: Rule(Call, limits.nobody_is_back, acts_in=queueing.QUEUED, anew=limits.nobody_anew),
    Kind.CLOSING: Rule(Call, limits.closing_due, acts_in=limits.IN_QUEUE, anew=limits.closing_anew),
    Kind.STEP: Rule(
        Call,
        steps.time_over,
        ("way", "ends_at"),
        steps.longest_s,
        acts_in=frozenset({_S.IN_SCENARIO, _S.IN_DIALPLAN}),
    ),
    Kind.MESSAGE: Rule(Call, messages.limit, ("prompt", "ends_at"), lambda floor, call: call.prompt.longest_s),
    Kind.TARGET: Rule(
        Call,
        target.expired,
        ("target", "expires_at"),
        lambda floor, call: ringing.target_s(floor, call, call.target),
        acts_in=frozenset(
            {_S.CONSULT_RINGING, _S.TRANSFER_RINGING, _S.TRANSFER_CONFIRMING, _S.INTERNAL_RINGING, _S.AGENT_LOST}
        ),
    ),
    Kind.TRANSFERRED: Rule(
        Call,
        transfer.longest_over,
        ("deadlines", "transferred"),
        transfer.longest_s,
        acts_in=frozenset({_S.TRANSFERRED}),
    ),
    Kind.DIAL: Rule(
        Call,
        outbound.ring_over,
        ("dialling", "ends_at"),
        lambda floor, call: ringing.dial_s(call),
        acts_in=frozenset({_S.DIALING_AGENT, _S.DIALING_CUSTOMER}),
    ),
    Kind.RECORDER: Rule(Call, recording.due, anew=recorder.anew),
    Kind.RECORD_PAUSE: Rule(Call, recording.pause_due, ("deadlines", "record_pause"), recording.pause_s),
    Kind.LOST: Rule(
        Call,
        lost.over,
        ("lost_until_at",),
        lambda floor, call: floor.policy.agent_lost_s,
        acts_in=frozenset({_S.AGENT_LOST}),
    ),
    Kind.LOST_RETRY: Rule(
        Call,
        lambda floor, call: lost.ring_again(floor, call.id),
        acts_in=frozenset({_S.AGENT_LOST}),
        anew=lambda floor, call: floor.now if call.state is _S.AGENT_LOST else None,
    ),
    Kind.RECALL: Rule(Call, handback.grace_over, anew=handback.waits_anew),
    Kind.HOLD: Rule(Call, hold.reminder_due, acts_in=frozenset({_S.ON_HOLD}), anew=hold.reminds_at),
    Kind.AUDIO: Rule(Call, audio.look, ("deadlines", "audio"), lambda floor, call: audio.LOOK_AFTER_S),
    Kind.MONITOR: Rule(Monitor, monitors.due, ("ends_at",), lambda floor, monitor: monitors.RING_S),
    Kind.CONFIRM: Rule(Order, confirming.overdue, anew=lambda floor, order: floor.now + CONFIRM_S),
    Kind.PROCESSING: Rule(
        Agent,
        aftermath.processing_over,
        ("processing_ends_at",),
        aftermath.processing_limit_s,
    ),
    Kind.PHONE: Rule(Agent, sessions.phone_retry, ("phone_retry_at",), anew=lambda floor, agent: None),
    Kind.PAUSE: Rule(Agent, sessions.pause_over, ("pause_ends_at",), anew=lambda floor, agent: None),
    Kind.PANEL: Rule(
        Agent,
        sessions.panel_over,
        ("panel_ends_at",),
        anew=lambda floor, agent: floor.now + sessions.PANEL_GRACE_S if agent.panel_live else None,
    ),
    Kind.WORKING: Rule(Agent, working.look_again, anew=lambda floor, agent: None),
    Kind.AWAY: Rule(NodeState, away.look),
    Kind.OVERRIDE: Rule(HoursOverride, _override_over, ("until",)),
    Kind.EMERGENCY_SWITCH: Rule(EmergencySwitch, emergency_switch.over, ("until",)),
}

_OF: dict[type, tuple[tuple[Kind, Rule], ...]] = {
    owner: tuple((kind, rule) for kind, rule in TABLE.items() if rule.owner is owner)
    for owner in (Call, Agent, Order, Monitor, NodeState, HoursOverride, EmergencySwitch)
}


def pass_time(floor: Floor) -> None:
    """Try all deadlines that are due: each acts, or stays."""
    while key := floor.deadlines.pop_due(floor.now):
        _try(floor, key)


def act_on_entry(floor: Floor) -> None:
    """A call has come into another state. Try its deadlines that stayed."""
    while key := floor.deadlines.pop_tried():
        _try(floor, key)


def _try(floor: Floor, key: Key) -> None:
    rule, owner = TABLE[key[0]], _owner(floor, key)
    if owner is None:
        return
    if not _acts(floor, rule, owner):
        floor.deadlines.hold(key, floor.now)
        return
    if len(rule.field) > 1 and isinstance(owner, Call) and rule.field[0] == "deadlines":
        rule.keep(owner, None)  # Nobody else would.
        floor.touch_call(owner)
    rule.procedure(floor, owner)


def _owner(floor: Floor, key: Key) -> _Owner | None:
    kind, identity = key
    if TABLE[kind].owner is Call:
        return floor.calls.get(identity)
    if TABLE[kind].owner is Monitor:
        return floor.monitors.get(identity)
    if TABLE[kind].owner is NodeState:
        return floor.nodes.get(identity)
    if TABLE[kind].owner is HoursOverride:
        return floor.overrides.get(identity)
    if TABLE[kind].owner is EmergencySwitch:
        return floor.switches.get(identity)
    return floor.agents.get(identity) if TABLE[kind].owner is Agent else floor.orders.get(identity)


def _acts(floor: Floor, rule: Rule, owner: _Owner) -> bool:
    """Return whether the deadline acts now. Otherwise it stays."""
    if isinstance(owner, Call):
        return floor.node_up(owner.node) and (rule.acts_in is None or owner.state in rule.acts_in)
    return not _stands_still(floor, owner)


def _stands_still(floor: Floor, owner: _Owner) -> bool:
    """Return whether the owner's PBX is away."""
    if isinstance(owner, Call | Monitor):
        return not floor.node_up(owner.node)
    node = floor.nodes.get(owner.action.executor) if isinstance(owner, Order) else None
    return node is not None and not node.up


# ------------------------------------------------------------------------------- the PBX, or the bridge, is back


def resume(floor: Floor, call: Call, away_s: float) -> None:
    """The call's PBX is back after ``away_s`` seconds. The call's deadlines go on where they stood still, or begin
    anew."""
    for kind, rule in _OF[Call] if call.state is not _S.ENDED else ():
        if rule.anew is not None:
            floor.set_deadline(kind, call, rule.anew(floor, call))
            continue
        at = rule.kept(call) if rule.field else floor.deadlines.at(kind, call.id)
        if at is not None:
            floor.set_deadline(kind, call, at + away_s)
    floor.touch_call(call)


def resume_orders(floor: Floor, node: str) -> None:
    """The PBX is back. Earlier orders to it get their time to be confirmed anew."""
    for order in floor.orders.values():
        for kind, rule in _OF[Order] if order.action.executor == node else ():
            floor.set_deadline(kind, order, rule.anew(floor, order) if rule.anew else None)


def take_up_call(floor: Floor, call: Call, since: float) -> None:
    """The bridge has started again. Each deadline of the call keeps the time that remained at ``since``, never more
    than its length. It is set when the call's PBX is seen."""
    for _, rule in _OF[Call]:
        if (at := rule.kept(call)) is not None:
            rule.keep(call, _clamped(floor, rule, call, at - since))


def take_up_agent(floor: Floor, agent: Agent) -> None:
    """The bridge has started again. The time without it counts, for agents went on."""
    for kind, rule in _OF[Agent]:
        at = rule.kept(agent)
        if rule.anew is not None:
            floor.set_deadline(kind, agent, rule.anew(floor, agent))
        elif at is not None:
            floor.set_deadline(kind, agent, _clamped(floor, rule, agent, at - floor.now))


def _clamped(floor: Floor, rule: Rule, owner: Call | Agent, left_s: float) -> float | None:
    longest_s = rule.longest_s(floor, owner) if rule.longest_s else left_s
    return None if longest_s is None else floor.now + min(max(left_s, 0.0), longest_s)


def cap(floor: Floor, call: Call) -> None:
    """Let no deadline of the owner be later than its length from now."""
    for _, rule in _OF[Call]:
        at = rule.kept(call)
        if at is not None:
            rule.keep(call, _clamped(floor, rule, call, at - floor.now))


def fit(floor: Floor, owner: Call | Agent) -> None:
    """The lengths of deadlines have changed. Each keeps the time that remains, never more than its new length."""
    node = floor.nodes.get(owner.node) if isinstance(owner, Call) else None
    since = node.lost_at if node is not None and node.lost_at is not None else floor.now
    for kind, rule in _OF[type(owner)]:
        at = rule.kept(owner)
        if at is None or rule.longest_s is None:
            continue
        longest_s = rule.longest_s(floor, owner)
        if longest_s is None or since + longest_s < at:
            floor.set_deadline(kind, owner, None if longest_s is None else since + longest_s)
            floor.touch_call(owner) if isinstance(owner, Call) else floor.touch_agent(owner)


# ------------------------------------------------------------------------------- all at once


def shift(floor: Floor, by_s: float) -> None:
    """Move all deadlines, also those that stay."""
    for owner in _owners(floor):
        _shift(floor, owner, by_s)


def shift_running(floor: Floor, by_s: float) -> None:
    """Move the deadlines that do not stand still, and touch their owners."""
    running = floor.deadlines.owners()
    for owner in list(_owners(floor)):
        if _identity(owner) not in running or _stands_still(floor, owner):
            continue
        _shift(floor, owner, by_s)
        if isinstance(owner, Agent):
            floor.touch_agent(owner)
        elif isinstance(owner, Call):
            floor.touch_call(owner)
        elif isinstance(owner, Monitor):
            monitoring.keep(floor, owner)


def _shift(floor: Floor, owner: _Owner, by_s: float) -> None:
    shift_kept(owner, by_s)
    identity = _identity(owner)
    for kind, _ in _OF[type(owner)]:
        if (at := floor.deadlines.at(kind, identity)) is not None:
            floor.deadlines.set(kind, identity, at + by_s)


def _identity(owner: _Owner) -> str:
    return owner.cti_id if isinstance(owner, Agent) else owner.id


def shift_kept(owner: object, by_s: float) -> None:
    """Shift the deadlines of an object of the checkpoint by ``by_s`` seconds. The heap of the floor is left alone."""
    for _, rule in _OF.get(type(owner), ()):
        if (at := rule.kept(owner)) is not None:
            rule.keep(owner, at + by_s)


def _owners(floor: Floor) -> Iterator[_Owner]:
    """Yield the owners whose deadlines are spans. An override of opening hours and an emergency end at a time of the
    clock on the wall, which stays where it is."""
    yield from floor.calls.values()
    yield from floor.agents.values()
    yield from floor.orders.values()
    yield from floor.monitors.values()
    yield from floor.nodes.values()
