"""Recovery: the list of a PBX, at each connect and every 30 s, turned into ordinary facts.

Asterisk decides which channels, bridges and places exist; the checkpoint decides everything else. The list of a node is
taken in this order: strays, ended legs, new callers, answered legs, then places. Events of the gap were lost or come
late. So everything is compared with what was confirmed before the question was sent. A leg that is missing is looked at
once more before it is declared ended.
"""

from cti_bridge.domain.agents import edge
from cti_bridge.domain.agents.sessions import phone_seen
from cti_bridge.domain.audio import hold
from cti_bridge.domain.audio.messages import listeners
from cti_bridge.domain.border.actions import CreateLeg, ForgetBridge, HangUp, InspectLeg, InspectPlayback
from cti_bridge.domain.border.facts import (
    CallArrived,
    KeypadDialed,
    LegEnded,
    NodeLost,
    NodeSeen,
    NodeTakenOver,
    SeenLeg,
)
from cti_bridge.domain.emergency import unknown_emergency
from cti_bridge.domain.emergency.emergency import keypad_dialed
from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.floor import customer_left, monitoring, recorder
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.orders import STOPS, What
from cti_bridge.domain.floor.rewire import rewire, silence
from cti_bridge.domain.follows import due
from cti_bridge.domain.legs import foreign
from cti_bridge.domain.legs.inspection import dial_again, misplaced, note_outside, note_place, observed
from cti_bridge.domain.legs.legs import ended, note_seen
from cti_bridge.domain.model.call import Call, CallState, Leg, Place, Role, Stage
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.ids import CALL, Name, bridge_id, bridge_ids, bridge_name, is_ours, leg_name
from cti_bridge.domain.model.kept import NodeState, Stray
from cti_bridge.domain.model.monitor import KIND as MONITOR
from cti_bridge.domain.model.wiring import wanted
from cti_bridge.domain.model.words import EndedBy, Outcome
from cti_bridge.domain.monitors import recover as monitors
from cti_bridge.domain.recovery import times, unseen
from cti_bridge.domain.recovery.unreadable import left_together, lost_call_of
from cti_bridge.domain.scenario import dialplan, voicemail
from cti_bridge.domain.scenario.inbound import arrived
from cti_bridge.domain.talk import away

ANSWERED_S = 1.0
"""A list that was asked for fewer seconds after a call came does not show whether the order to answer it got through.
The PBX would carry out a second one, too."""


def node_lost(floor: Floor, fact: NodeLost) -> None:
    """The connection to a node is lost. Its calls go on, unseen, and their deadlines stand still until the node is
    back. A node that is away when the bridge begins is told in the same way."""
    node = floor.nodes.setdefault(fact.node, NodeState(fact.node))
    if node.up:
        node.seen_at = floor.now
        floor.touch("node", node.name, node)
    if fact.we_stop:
        node.up = False  # Nothing is ordered any more.
        return
    if node.up or node.lost_at is None:
        node.up, node.lost_at = False, floor.now
        floor.touch("node", node.name, node)
        edge.count(floor)
        _show_concerned(floor, node)
        _look_at_phones(floor, node)
    away.begin(floor, node)


def node_seen(floor: Floor, fact: NodeSeen) -> None:
    """Compare a node's list with our state: at each connect, every 30 s, and on a surprise."""
    node = floor.nodes.setdefault(fact.node, NodeState(fact.node))
    back = not (node.up and node.reconciled)
    node.up, node.reconciled = True, False
    floor.set_deadline(Kind.AWAY, node, None)
    floor.touch("node", node.name, node)
    legs = {leg.leg_id: leg for leg in fact.legs}
    if back:
        unseen.node_is_back(floor, node, legs)
    if node.boot_id not in (None, fact.boot_id):
        _calls_are_over(floor, node)
    seen_at = node.seen_at
    node.boot_id, node.seen_at = fact.boot_id, floor.now
    node.version = fact.version or node.version
    if back:
        _show_concerned(floor, node)
    _phones(floor, fact)
    floor.forget_departed(fact.asked_at)
    _softmixes(floor, fact)
    _strays(floor, fact, legs)
    _missing(floor, fact, legs)
    times.compare(floor, fact)
    calls = [call for call in floor.calls.values() if call.node == node.name]
    if back:
        away_s = floor.now - node.lost_at if node.lost_at is not None else 0.0
        for call in calls:
            due.resume(floor, call, away_s)
        due.resume_orders(floor, node.name)
        _stop_anew(floor, node)
        _look_at_senders(floor, node)
    node.lost_at = None
    for seen in fact.legs:
        if floor.leg(seen.leg_id) is None and not is_ours(seen.leg_id) and seen.leg_id not in floor.departed:
            _new(floor, seen.arrived)
    monitors.note_near(floor, fact)
    for call in calls:
        _places(floor, call, fact, legs, back, seen_at)
    monitors.node_seen(floor, fact, legs, back=back)
    node.reconciled = True


def _stop_anew(floor: Floor, node: NodeState) -> None:
    """Stop the messages and recordings again that were ordered to stop and may go on, before all else. The PBX carries
    out what is ordered of their legs behind them, and nothing else of anybody meanwhile (seen)."""
    for order in list(floor.orders.values()):
        if order.what in STOPS and order.action.leg_id and order.action.executor == node.name:
            floor.act(order.action)


def _new(floor: Floor, beginning: CallArrived | KeypadDialed | None) -> None:
    """An inbound channel whose arrival we have missed."""
    if isinstance(beginning, CallArrived):
        arrived(floor, beginning, Place.UNKNOWN)
    elif isinstance(beginning, KeypadDialed):
        keypad_dialed(floor, beginning, Place.UNKNOWN)


def node_taken_over(floor: Floor, fact: NodeTakenOver) -> None:
    """The node is another controller's from now on, and so are its calls: they end in our rows, and nothing is ordered
    of their legs. Their agents are free for calls of other nodes."""
    node = floor.nodes.setdefault(fact.node, NodeState(fact.node))
    _calls_are_over(floor, node)
    node.boot_id = None
    floor.touch("node", node.name, node)


def _calls_are_over(floor: Floor, node: NodeState) -> None:
    """The PBX was restarted or given up, so all its calls have ended (matrix: any)."""
    for stray in [s for s in floor.strays.values() if s.node == node.name]:
        floor.drop_stray(stray)
    monitors.node_gone(floor, node.name)
    for call in [c for c in floor.calls.values() if c.node == node.name]:
        with floor.late(node.seen_at):
            finish(floor, call, Outcome.NODE_LOST, EndedBy.SYSTEM)
        for leg in list(call.legs.values()):
            ended(floor, LegEnded(leg.id))


def _show_concerned(floor: Floor, node: NodeState) -> None:
    """The node was lost, or is back. Its last word on phones stays, and each assignment asks whether it is up: no agent
    changes, only the panels do. Show the agents whose phone it reaches or would reach, and those in its calls. Show
    every agent when no other node is up."""
    if not any(other.up for other in floor.nodes.values() if other is not node):
        floor.show_agents()
        return
    shown = {
        agent.cti_id
        for agent in floor.agents.values()
        if node.name in agent.reachable_on or (not agent.reachable_on and floor.entry(agent).node == node.name)
    }
    for call in floor.calls.values():
        if call.node == node.name:
            shown.update(agent.cti_id for _, agent in floor.agents_of(call))
            shown.update(leg.cti_id for leg in call.legs.values() if leg.cti_id in floor.agents and leg.cti_id)
    floor.show_agents(shown)


def _look_at_phones(floor: Floor, node: NodeState) -> None:
    """Look at the agents whose phones have legs there that were ending: these keep no other calls away any more."""
    for call in floor.calls.values():
        if call.node == node.name and call.state is CallState.ENDED:
            for leg in call.legs.values():
                if leg.cti_id in floor.agents:
                    floor.touch_agent(floor.agents[leg.cti_id])


def _look_at_senders(floor: Floor, node: NodeState) -> None:
    """Look at the agents to whom a call is to go back: their phones may have become free while the PBX was away."""
    for cti_id, call_id in floor.recalls.items():
        call, sender = floor.calls.get(call_id), floor.agents.get(cti_id)
        if call is not None and call.node == node.name and sender is not None:
            floor.touch_agent(sender)


def _phones(floor: Floor, fact: NodeSeen) -> None:
    shown = {number for number, reachable in fact.phones if reachable}
    if floor.directory.edge:
        edge.seen(floor, fact.node, there=floor.directory.edge in shown)
        edge.count(floor)
    for agent in floor.agents.values():
        there = agent.cti_number in shown
        if there is (fact.node in agent.reachable_on):
            continue
        if floor.by_cti_number.get(agent.cti_number) == agent.cti_id:  # Else somebody else has the phone by now.
            phone_seen(floor, agent, fact.node, reachable=there)


def _strays(floor: Floor, fact: NodeSeen, legs: dict[str, SeenLeg]) -> None:
    """End legs and bridges of ours that we do not know: they were ordered before a commit that never came. End inbound
    channels that are left over from an unknown call. A leg whose role only a newer release knows is reported once, and
    left to its call."""
    for stray in [s for s in floor.strays.values() if s.node == fact.node and s.id not in legs]:
        name = leg_name(stray.id)
        floor.act(InspectLeg(fact.node, name.owner if name else "", stray.id))
    emergencies = unknown_emergency.left_alone(floor, fact) | left_together(floor, fact)
    for leg_id in [leg_id for leg_id, node in floor.unknown_roles.items() if node == fact.node]:
        del floor.unknown_roles[leg_id]
    for seen in fact.legs:
        if seen.leg_id not in emergencies:
            _stray(floor, fact.node, seen)
    for identity in fact.bridges:
        name = bridge_name(identity)
        if name is not None and identity not in emergencies and not _has_bridge(floor, name, identity):
            floor.act(ForgetBridge(fact.node, name.owner, "", identity))


def _stray(floor: Floor, node: str, seen: SeenLeg) -> None:
    name = leg_name(seen.leg_id)
    left_over = seen.in_app and seen.arrived is None
    lane = name.owner if name else lost_call_of(floor, seen.leg_id)
    if lane is None and left_over:
        lane = f"unknown-{seen.leg_id}"
    if monitoring.of_leg(floor, seen.leg_id) is not None:
        return
    if lane is None or floor.leg(seen.leg_id) is not None:
        foreign.seen(floor, node, seen)
        return
    is_new = seen.leg_id not in floor.strays
    if is_new:
        floor.add_stray(Stray(seen.leg_id, node, floor.by_cti_number.get(seen.endpoint)))
    if name is None or name.role in _ROLES or not _goes_on(floor, name):
        floor.act(HangUp(node, lane, seen.leg_id))
        return
    floor.unknown_roles[seen.leg_id] = node
    if is_new:
        floor.act(InspectLeg(node, lane, seen.leg_id, unknown_role=name.role))


_ROLES = frozenset(Role)


def _goes_on(floor: Floor, name: Name) -> Call | None:
    """Return the call of the leg, while there is one."""
    call = floor.calls.get(name.owner) if name.kind == CALL else None
    return call if call and call.state is not CallState.ENDED else None


def _has_bridge(floor: Floor, name: Name, identity: str) -> bool:
    """Return whether this is one of the call's two bridges, or a monitor's. Only a newer release knows of others that
    it has made."""
    if name.kind == MONITOR:
        monitor = floor.monitors.get(name.owner)
        return monitor is not None and monitor.over is None
    call = _goes_on(floor, name)
    return call is not None and (identity == call.bridge_id or identity not in bridge_ids(call.id))


def _softmixes(floor: Floor, fact: NodeSeen) -> None:
    """Take over softmixes that the PBX shows: the call had changed its bridge, and the commit of that never came."""
    for call in floor.calls.values():
        if call.node == fact.node and not call.softmix and bridge_id(call.id, softmix=True) in fact.bridges:
            call.softmix = True
            floor.touch_call(call)


def _missing(floor: Floor, fact: NodeSeen, legs: dict[str, SeenLeg]) -> None:
    """Look at known legs that the node does not list: a 404 says that they have ended."""
    for call in [c for c in floor.calls.values() if c.node == fact.node]:
        for leg in list(call.legs.values()):
            if leg.id in legs or (leg.confirmed_at is not None and leg.confirmed_at >= fact.asked_at):
                continue
            order = floor.orders.get(leg.id)
            if leg.confirmed_at is None and order is not None and order.ordered_at >= fact.asked_at:
                continue
            _look_for(floor, call, leg)


def _look_for(floor: Floor, call: Call, leg: Leg) -> None:
    """Look for the leg. The orders of before a restart are not known any more, so expect their effect again."""
    if leg.id not in floor.orders and leg.stage is Stage.ENDING:
        floor.expect(What.END, HangUp(call.node, call.id, leg.id), leg.id)
    elif leg.id not in floor.orders and leg.stage is Stage.ORDERED:
        floor.expect(What.MAKE, CreateLeg(call.node, call.id, leg.id), leg.id)
    floor.act(InspectLeg(call.node, call.id, leg.id))


def _places(
    floor: Floor, call: Call, fact: NodeSeen, legs: dict[str, SeenLeg], back: bool, seen_at: float | None
) -> None:
    """Make up for missed events. Then order each leg anew that is not in its place."""
    if back:
        _believe_no_more(floor, call, legs, seen_at)
    for leg in list(call.legs.values()):
        seen = legs.get(leg.id)
        if seen is None or leg.id not in call.legs:
            continue
        if leg.stage is Stage.ENDING:
            floor.act(HangUp(call.node, call.id, leg.id))
            continue
        if dialplan.is_away(call, leg):
            note_seen(floor, call, leg)
            dialplan.seen(floor, call, leg, seen, fact.asked_at, back_on=back)
            continue
        note_outside(floor, call, leg, seen, fact.asked_at)
        if back:
            dial_again(floor, call, leg, seen)
        observed(floor, call, leg, seen, answers=back or fact.asked_at >= call.arrived_at + ANSWERED_S)
        if leg.stage is Stage.UP and (back or _strayed(floor, call, leg, seen, fact)):
            _order_anew(floor, call, leg, seen, fact)
    listed = call.bridge_id in fact.bridges
    if call.state is not CallState.ENDED and call.has_bridge is not listed and (back or listed):
        call.has_bridge = listed
        floor.touch_call(call)
    hold.look(floor, call, gap=back)
    _look_at_message(floor, call)
    voicemail.look(floor, call)
    recorder.look(floor, call, back=back, seen_at=seen_at)
    rewire(floor, call)


def _believe_no_more(floor: Floor, call: Call, legs: dict[str, SeenLeg], seen_at: float | None) -> None:
    """A leg that was seen in the bridge before the gap may have left it since. Believe only the list."""
    alone = not any(leg.id in legs for leg in call.legs.values())
    for leg in call.legs.values():
        seen = legs.get(leg.id)
        inside = seen is not None and seen.bridge_id == call.bridge_id
        if leg.in_bridge and not inside and leg.role is Role.CUSTOMER:
            customer_left.left_unseen(floor, call, leg, seen_at or floor.now, alone=alone)
        leg.in_bridge = leg.in_bridge and inside
    floor.touch_call(call)


def _strayed(floor: Floor, call: Call, leg: Leg, seen: SeenLeg, fact: NodeSeen) -> bool:
    """Return whether the leg was settled before the question was sent, and is seen elsewhere now."""
    if leg.id in floor.orders or call.state_since >= fact.asked_at:
        return False
    return misplaced(call, leg, seen)


def _order_anew(floor: Floor, call: Call, leg: Leg, seen: SeenLeg, fact: NodeSeen) -> None:
    there = leg.place is wanted(call, leg.role) and not misplaced(call, leg, seen)
    if there and (leg.playing or leg.place is Place.BRIDGE):
        # The order to stop the music may have been thrown away, and it goes on inside a bridge or beside a message.
        silence(floor, call, leg)
        return
    note_place(floor, call, leg, seen)
    call.has_bridge = call.bridge_id in fact.bridges


def _look_at_message(floor: Floor, call: Call) -> None:
    for leg in listeners(call):
        if leg.playing and leg.playback_id is not None:
            floor.act(InspectPlayback(call.node, call.id, leg.id, leg.playback_id))
