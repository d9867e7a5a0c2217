"""Recovery (design 8): the checkpoint, and what reconcile found, as ordinary facts.

Asterisk decides which channels, bridges and places exist; the checkpoint decides everything else. What a node shows
is taken in this order: strays, ended legs, new callers, answered legs, then places. Events of the gap were lost or
come late, so everything is compared with what was confirmed before the question was sent; a leg that is missing is
looked at once more before it is declared gone.
"""

from collections.abc import Iterable

from cti_bridge.domain.actions import ForgetBridge, HangUp, InspectLeg, InspectPlayback
from cti_bridge.domain.agent import Agent, AgentState
from cti_bridge.domain.call import Call, CallState, Leg, Place, Stage
from cti_bridge.domain.facts import CallArrived, KeypadDialed, LegEnded, NodeLost, NodeSeen, PhoneChanged, SeenLeg
from cti_bridge.domain.floor import Floor
from cti_bridge.domain.handback import RECALL_GRACE_S
from cti_bridge.domain.hold import remind_at
from cti_bridge.domain.ids import bridge_id, call_of_bridge, call_of_leg
from cti_bridge.domain.inbound import arrived
from cti_bridge.domain.kept import NodeState as Node
from cti_bridge.domain.kept import Stray
from cti_bridge.domain.legs import ended
from cti_bridge.domain.looking import dial_again, note_place, observed
from cti_bridge.domain.offer import ACCEPT_S
from cti_bridge.domain.outbound import CUSTOMER_RING_S, keypad_dialed
from cti_bridge.domain.outcome import finish
from cti_bridge.domain.queueing import MESSAGE_LIMIT_S, listeners, message_of
from cti_bridge.domain.rewire import CONFIRM_S, rewire, silence
from cti_bridge.domain.sessions import PANEL_GRACE_S, end_session, phone_changed
from cti_bridge.domain.target import AGENT_RING_S, OUTSIDE_RING_S
from cti_bridge.domain.waiting import Waiting


def node_lost(floor: Floor, fact: NodeLost) -> None:
    """Its calls go on, unseen. Their deadlines stand still until it is back."""
    node = floor.nodes.setdefault(fact.node, Node(fact.node))
    if node.up:
        node.up, node.lost_at = False, floor.now
        for agent in floor.agents.values():
            if fact.node in agent.reachable_on:
                floor.touch_agent(agent)
        floor.show_agents()


def node_seen(floor: Floor, waiting: Waiting, fact: NodeSeen) -> None:
    """At each connect, every 30 s, and on a surprise."""
    node = floor.nodes.setdefault(fact.node, Node(fact.node))
    back = not node.up
    node.up = True
    floor.touch("node", node.name, node)
    if node.boot_id not in (None, fact.boot_id):
        _restarted(floor, waiting, node)
    node.boot_id = fact.boot_id
    if back:
        floor.show_agents()
    _phones(floor, waiting, fact, back)
    legs = {leg.leg_id: leg for leg in fact.legs}
    _strays(floor, fact, legs)
    _missing(floor, fact, legs)
    calls = [call for call in floor.calls.values() if call.node == node.name]
    if back:
        away_s = floor.now - node.lost_at if node.lost_at is not None else 0.0
        for call in calls:
            _resume_deadlines(floor, call, away_s)
    node.lost_at = None
    for seen in fact.legs:
        if floor.leg(seen.leg_id) is None and call_of_leg(seen.leg_id) is None:
            _new(floor, waiting, seen.arrived)
    for call in calls:
        _places(floor, call, fact, legs, back)
    if back:
        for call in calls:
            waiting.add_call(call)


def _new(floor: Floor, waiting: Waiting, beginning: CallArrived | KeypadDialed | None) -> None:
    """An inbound channel whose arrival was missed."""
    if isinstance(beginning, CallArrived):
        arrived(floor, waiting, beginning)
    elif isinstance(beginning, KeypadDialed):
        keypad_dialed(floor, beginning)


def _restarted(floor: Floor, waiting: Waiting, node: Node) -> None:
    """The PBX was restarted: every call on it is gone (matrix: any)."""
    for stray in [s for s in floor.strays.values() if s.node == node.name]:
        floor.drop_stray(stray)
    for call in [c for c in floor.calls.values() if c.node == node.name]:
        finish(floor, call, "node_lost", "system")
        for leg in list(call.legs.values()):
            ended(floor, waiting, LegEnded(leg.id))


def _phones(floor: Floor, waiting: Waiting, fact: NodeSeen, back: bool) -> None:
    shown = {number for number, reachable in fact.phones if reachable}
    for agent in floor.agents.values():
        there = agent.cti_number in shown
        if there is not (fact.node in agent.reachable_on):
            phone_changed(floor, waiting, PhoneChanged(fact.node, agent.cti_number, there))
        elif there and back:
            floor.touch_agent(agent)


def _strays(floor: Floor, fact: NodeSeen, legs: dict[str, SeenLeg]) -> None:
    """Legs and bridges of ours that nobody knows: ordered before a commit that never came. And inbound channels that
    are left over from a call that nobody knows."""
    for stray in [s for s in floor.strays.values() if s.node == fact.node and s.id not in legs]:
        floor.act(InspectLeg(fact.node, call_of_leg(stray.id) or "", stray.id))
    for seen in fact.legs:
        left_over = seen.in_app and seen.arrived is None
        call_id = call_of_leg(seen.leg_id) or (f"unknown-{seen.leg_id}" if left_over else None)
        if call_id is None or floor.leg(seen.leg_id) is not None:
            continue
        if seen.leg_id not in floor.strays:
            floor.add_stray(Stray(seen.leg_id, fact.node, floor.by_cti_number.get(seen.endpoint)))
        floor.act(HangUp(fact.node, call_id, seen.leg_id))
    for identity in fact.bridges:
        call_id = call_of_bridge(identity)
        call = floor.calls.get(call_id) if call_id else None
        if call_id and (call is None or call.state is CallState.ENDED):
            floor.act(ForgetBridge(fact.node, call_id, "", identity))


def _missing(floor: Floor, fact: NodeSeen, legs: dict[str, SeenLeg]) -> None:
    """Known legs that the node does not list: looked at, for a 404 to say that they are gone."""
    for call in [c for c in floor.calls.values() if c.node == fact.node]:
        for leg in list(call.legs.values()):
            if leg.id in legs or (leg.confirmed_at is not None and leg.confirmed_at >= fact.asked_at):
                continue
            if leg.confirmed_at is None and leg.confirm_at is not None and leg.confirm_at - CONFIRM_S >= fact.asked_at:
                continue
            floor.act(InspectLeg(call.node, call.id, leg.id))


def _places(floor: Floor, call: Call, fact: NodeSeen, legs: dict[str, SeenLeg], back: bool) -> None:
    """Make up for missed events, then order anew what is not where it should be."""
    if back:
        _believe_no_more(floor, call, legs)
    for leg in list(call.legs.values()):
        seen = legs.get(leg.id)
        if seen is None or leg.id not in call.legs:
            continue
        if leg.stage is Stage.ENDING:
            floor.act(HangUp(call.node, call.id, leg.id))
            continue
        if back:
            dial_again(floor, call, leg, seen)
        observed(floor, call, leg, seen)
        if leg.stage is Stage.UP and (back or _strayed(call, leg, seen, fact)):
            _order_anew(floor, call, leg, seen, fact)
    listed = bridge_id(call.id) in fact.bridges
    if call.state is not CallState.ENDED and call.has_bridge is not listed and (back or listed):
        call.has_bridge = listed
        floor.touch_call(call)
    _look_at_message(floor, call)
    rewire(floor, call, message_of(floor, call))


def _believe_no_more(floor: Floor, call: Call, legs: dict[str, SeenLeg]) -> None:
    """Who was seen in the bridge before the gap may have left it since."""
    for leg in call.legs.values():
        seen = legs.get(leg.id)
        leg.in_bridge = leg.in_bridge and seen is not None and seen.bridge_id == bridge_id(call.id)
    floor.touch_call(call)


def _strayed(call: Call, leg: Leg, seen: SeenLeg, fact: NodeSeen) -> bool:
    """Settled before the question was sent, and yet elsewhere."""
    if leg.confirm_at is not None or call.state_since >= fact.asked_at:
        return False
    return (leg.place is Place.BRIDGE) is not (seen.bridge_id == bridge_id(call.id))


def _order_anew(floor: Floor, call: Call, leg: Leg, seen: SeenLeg, fact: NodeSeen) -> None:
    if leg.place is Place.MESSAGE and leg.playing:
        return
    if leg.place is Place.BRIDGE and seen.bridge_id == bridge_id(call.id):
        # The order to stop the music may have been thrown away, and music goes on inside a bridge.
        silence(floor, call, leg)
        return
    note_place(floor, call, leg, seen)
    call.has_bridge = bridge_id(call.id) in fact.bridges


def _look_at_message(floor: Floor, call: Call) -> None:
    for leg in listeners(call):
        if leg.playing and leg.playback_id is not None:
            floor.act(InspectPlayback(call.node, call.id, leg.id, leg.playback_id))


def _resume_deadlines(floor: Floor, call: Call, away_s: float) -> None:
    """Go on where they stood still when the node went away."""
    if call.offer is not None:
        call.offer.expires_at += away_s
        at = call.offer.expires_at if call.state in (CallState.RINGING, CallState.ACCEPTED) else None
        floor.deadlines.set("offer", call.id, at)
    if call.target is not None:
        call.target.expires_at += away_s
        ringing = call.state in (CallState.CONSULT_RINGING, CallState.TRANSFER_RINGING)
        floor.deadlines.set("target", call.id, call.target.expires_at if ringing else None)
    if call.dial_ends_at is not None:
        call.dial_ends_at += away_s
        floor.deadlines.set("dial", call.id, call.dial_ends_at)
    if call.lost_until_at is not None:
        call.lost_until_at += away_s
        floor.deadlines.set("lost", call.id, call.lost_until_at)
        floor.deadlines.set("lost_retry", call.id, floor.now)
    if call.state is CallState.ON_HOLD:
        remind_at(floor, call)
    if call.state is CallState.TRANSFER_RINGING and call.target is None and call.sender:
        floor.recalls[call.sender] = call.id
        floor.deadlines.set("recall", call.id, floor.now + RECALL_GRACE_S)
    if call.longest_wait_at is not None:
        call.longest_wait_at += away_s
        if call.state in (CallState.GREETING, CallState.WAITING):
            floor.deadlines.set("longest_wait", call.id, call.longest_wait_at)
    if call.message_ends_at is not None:
        call.message_ends_at += away_s
        floor.deadlines.set("message", call.id, call.message_ends_at)
    for leg in call.legs.values():
        if leg.confirm_at is not None:
            floor.confirm_by(leg, floor.now + CONFIRM_S)
    floor.touch_call(call)


# ----------------------------------------------------------------------------------- the checkpoint


def restore(floor: Floor, agents: Iterable[Agent], calls: Iterable[Call], nodes: Iterable[Node]) -> None:
    """Take up the state of the last commit. All nodes count as away until they are seen."""
    for node in nodes:
        floor.nodes[node.name] = Node(node.name, boot_id=node.boot_id)
    for call in calls:
        _restore_call(floor, call)
    for agent in agents:
        _restore_agent(floor, agent)


def _restore_call(floor: Floor, call: Call) -> None:
    floor.calls[call.id] = call
    floor.touch_call(call)
    for leg in call.legs.values():
        floor.call_of_leg[leg.id] = call.id
        leg.confirmed_at = None
        if leg.confirm_at is not None:
            leg.confirm_at = floor.now + CONFIRM_S
    queue = floor.directory.queues.get(call.queue or "")
    if call.offer is not None:
        longest = ACCEPT_S if call.state is CallState.ACCEPTED else queue.pickup_time_s if queue else 0.0
        call.offer.expires_at = _clamped(floor, call.offer.expires_at, longest)
    if call.target is not None:
        ring_s = OUTSIDE_RING_S if call.target.cti_id is None else queue.pickup_time_s if queue else AGENT_RING_S
        call.target.expires_at = _clamped(floor, call.target.expires_at, ring_s)
    if call.dial_ends_at is not None:
        call.dial_ends_at = _clamped(floor, call.dial_ends_at, CUSTOMER_RING_S)
    if call.lost_until_at is not None:
        call.lost_until_at = _clamped(floor, call.lost_until_at, floor.policy.agent_lost_s)
    if call.longest_wait_at is not None:
        call.longest_wait_at = _clamped_or_none(floor, call.longest_wait_at, queue.longest_wait_s if queue else 0.0)
    if call.message_ends_at is not None:
        call.message_ends_at = _clamped(floor, call.message_ends_at, MESSAGE_LIMIT_S)


def _restore_agent(floor: Floor, agent: Agent) -> None:
    """Whoever is no longer configured is logged out, unless a call needs them still."""
    entry = floor.directory.agents.get(agent.cti_id)
    if entry is None and agent.state is AgentState.IDLE:
        return
    if entry is not None:
        agent.cti_number = entry.cti_number
    floor.agents[agent.cti_id] = agent
    floor.by_cti_number[agent.cti_number] = agent.cti_id
    if agent.session is not None:
        floor.by_session[agent.session] = agent.cti_id
    agent.legs = [leg_id for leg_id in agent.legs if leg_id in floor.call_of_leg]
    agent.panel_ends_at = floor.now + PANEL_GRACE_S if agent.panel_live else None
    floor.deadlines.set("panel", agent.cti_id, agent.panel_ends_at)
    agent.reachable_on, agent.panel_live = [], False
    agent.phone_retry_at = agent.pause_ends_at = None
    if agent.processing_ends_at is not None:
        limit = floor.policy.ticket_processing_limit_s
        agent.processing_ends_at = _clamped_or_none(floor, agent.processing_ends_at, limit)
        floor.deadlines.set("processing", agent.cti_id, agent.processing_ends_at)
    if (
        agent.session is not None
        and entry is not None
        and not entry.phone_permission
        and agent.state is AgentState.IDLE
    ):
        end_session(floor, agent, "recovery")
    floor.touch_agent(agent)


def _clamped_or_none(floor: Floor, at: float, longest_s: float) -> float | None:
    """The same for a limit that may have been taken out of the configuration: 0 means none."""
    return _clamped(floor, at, longest_s) if longest_s else None


def _clamped(floor: Floor, at: float, longest_s: float) -> float:
    """clamp(stored - now, 0, configured length), from now."""
    return floor.now + min(max(at - floor.now, 0.0), longest_s)
