"""Monitors after a gap: when the bridge starts again, and when a PBX shows what it holds.

The PBX says which legs exist and where they are; the checkpoint says all else. Orders of before the gap may have been
thrown away, so whether the phone is muted is ordered anew.
"""

from collections.abc import Iterable

from cti_bridge.domain.border.actions import HangUp
from cti_bridge.domain.border.facts import NodeSeen, SeenLeg
from cti_bridge.domain.floor import monitoring
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.orders import What
from cti_bridge.domain.model.agent import AgentState
from cti_bridge.domain.model.call import Stage
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.ids import bridge_ids
from cti_bridge.domain.model.monitor import Monitor, MonitorLeg
from cti_bridge.domain.model.words import MonitorEnd
from cti_bridge.domain.monitors import places, rules, told


def take_up(floor: Floor, kept: Iterable[Monitor]) -> None:
    """Take up the monitors of the checkpoint, behind agents and calls. A supervisor without one is free."""
    for monitor in kept:
        floor.monitors[monitor.id] = monitor
        agent = floor.agents.get(monitor.cti_id)
        phones = [leg.id for leg in monitor.legs if agent is not None and not leg.spied]
        if agent is not None:
            agent.legs += phones
        floor.touch("monitor", monitor.id, monitor)
    for agent in floor.agents.values():
        if agent.call_id is not None:
            agent.monitor_id = None  # The monitor's entry, or the agent's, is not of the last commit.
        known = floor.monitors.get(agent.monitor_id or "")
        if agent.state is AgentState.MONITORING and (known is None or known.over is not None):
            rules.free_unknown(floor, agent)
    for monitor in list(floor.monitors.values()):
        agent = floor.agents.get(monitor.cti_id)
        lost = agent is None or agent.monitor_id != monitor.id
        gone = bool(floor.directory.nodes) and monitor.node not in floor.directory.nodes
        if gone:
            rules.end(floor, monitor, MonitorEnd.NODE_LOST)
            for leg in monitor.legs:
                told.over(floor, monitor, leg, MonitorEnd.NODE_LOST)
        elif lost or rules.must_end(floor, floor.calls.get(monitor.call_id)) is not None:
            rules.end(floor, monitor, MonitorEnd.CALL_ENDED)
    rules.look_at_rights(floor)


def node_gone(floor: Floor, node: str) -> None:
    """The PBX was restarted, or is another controller's: none of its legs is left."""
    for monitor in [one for one in floor.monitors.values() if one.node == node]:
        rules.end(floor, monitor, MonitorEnd.NODE_LOST)
        for leg in monitor.legs:
            told.over(floor, monitor, leg, MonitorEnd.NODE_LOST)


def node_seen(floor: Floor, fact: NodeSeen, seen: dict[str, SeenLeg], *, back: bool) -> None:
    """Compare the PBX's list with what was ordered. ``back``: orders of before may have been thrown away."""
    for monitor in [one for one in floor.monitors.values() if one.node == fact.node]:
        if back:
            _believe_no_more(floor, monitor)
        if monitor.has_bridge and monitor.bridge_id not in fact.bridges and back:
            monitor.has_bridge = False
        for leg in list(monitor.legs):
            _leg(floor, monitor, leg, seen.get(leg.id), fact)
        if monitor.over is None:
            rules.follow(floor, monitor)


def note_near(floor: Floor, fact: NodeSeen) -> None:
    """Note phones of supervisors that are in the bridge of their call. An older checkpoint may not know that."""
    where = {leg.leg_id: leg.bridge_id for leg in fact.legs} if floor.monitors else {}
    for monitor in floor.monitors.values():
        for leg in monitor.legs:
            if where.get(leg.id) in bridge_ids(monitor.call_id) and not leg.spied and not monitor.near:
                monitor.near = True
                monitoring.keep(floor, monitor)


def _believe_no_more(floor: Floor, monitor: Monitor) -> None:
    """Only the list says where the legs are."""
    for leg in monitor.legs:
        leg.seen = ""
        leg.moved_at = min(leg.moved_at, floor.now)
    phone = monitor.phone
    if phone is not None and phone.stage is Stage.UP:
        monitor.settled, monitor.rests = False, False
        near = monitor.near and phone.place == monitor.bridge_id
        floor.set_deadline(Kind.MONITOR, monitor, floor.now + places.LEAVES_WITHIN_S if near else None)
    elif phone is not None:
        floor.set_deadline(Kind.MONITOR, monitor, floor.now + rules.RING_S)
    monitoring.keep(floor, monitor)


def _leg(floor: Floor, monitor: Monitor, leg: MonitorLeg, seen: SeenLeg | None, fact: NodeSeen) -> None:
    if seen is not None:
        told.observed(floor, monitor, leg, seen, fact.asked_at)
    elif leg.moved_at < fact.asked_at or leg.stage is Stage.ENDING:
        if leg.id not in floor.orders and leg.stage is Stage.ENDING:
            floor.expect(What.END, HangUp(monitor.node, monitor.id, leg.id), leg.id)
        told.look(floor, monitor, leg)
