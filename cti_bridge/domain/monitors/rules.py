"""The beginning of a monitor, what follows from the states of its call, and its end (requirement L2).

The supervisor's own phone is rung, and the supervisor is *monitoring* from then on: no call is given to them. It ends
with the call, when they hang up or log out, and when their phone is lost. An emergency call ends it too, be it theirs
or the agent's, and so does a reload that takes their right away. Internal calls and those to emergency services are
monitored by nobody. Whether somebody may at all says :mod:`cti_bridge.domain.rights.asker`.
"""

import re

from cti_bridge.domain.border.actions import CreateLeg, DestroyBridge
from cti_bridge.domain.border.commands import ChangeMonitor, StartMonitor, StopMonitor
from cti_bridge.domain.border.errors import (
    CallChanged,
    NoPhonePermission,
    NotAllowedNow,
    NotFound,
    PbxCannotMonitor,
    PbxUnavailable,
    PhoneUnreachable,
    Unauthenticated,
)
from cti_bridge.domain.border.notices import Told
from cti_bridge.domain.ending.aftermath import let_go as free
from cti_bridge.domain.floor import monitoring
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.phone_use import uses_phone
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.agent import Agent, AgentState
from cti_bridge.domain.model.call import Call, CallState, Stage
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.monitor import BEGINS_IN, FOLLOWS, KIND, Follows, Monitor, MonitorLeg, Part
from cti_bridge.domain.model.words import AnswerMode, Cause, Direction, MonitorEnd
from cti_bridge.domain.monitors import places
from cti_bridge.domain.offer.ringing import is_emergency
from cti_bridge.domain.rights.asker import Asker

RING_S = 30.0
"""The seconds for which the supervisor's phone rings."""
_BREAKS_CALLS = re.compile(r"22\.11\.0(?![0-9])")
"""Versions of the PBX in which channels that were whispered to cannot be bridged any more (asterisk#2134; seen with
Debian's 22.11.0-rc2). A distribution appends its own marks: ``22.11.0+dfsg+~cs6``."""
_TEXTS = {
    MonitorEnd.CALL_ENDED: "The call has ended.",
    MonitorEnd.NO_AGENT: "The call has no agent any more.",
    MonitorEnd.NO_ANSWER: "Your phone was not answered.",
    MonitorEnd.UNREACHABLE: "Your phone could not be called.",
    MonitorEnd.PHONE_LOST: "Your phone was lost.",
    MonitorEnd.EMERGENCY: "An emergency call goes first.",
    MonitorEnd.NOT_PERMITTED: "You may not monitor this call any more.",
    MonitorEnd.FAILED: "The PBX did not do what was asked of it.",
    MonitorEnd.NODE_LOST: "The PBX has lost the call, or is away.",
}
"""By end, what the supervisor is told; none where they have ended it."""


# ------------------------------------------------------------------------------- commands


def begin(floor: Floor, command: StartMonitor) -> None:
    """Begin to monitor the call: ring the supervisor's phone. Raises a Refusal; nothing has changed then."""
    agent, call = floor.agent(command.cti_id), floor.calls.get(command.call_id)
    _may_begin(floor, agent)
    if call is None or call.state is CallState.ENDED:
        raise NotFound
    _can_be_monitored(floor, agent, call)
    if not floor.node_up(call.node):
        raise PbxUnavailable
    if breaks_calls(floor.nodes[call.node].version):
        raise PbxCannotMonitor
    if uses_phone(floor, agent) or not agent.phone_reachable_on(call.node):
        raise PhoneUnreachable
    monitor = Monitor(floor.ids.uuid(floor.now), call.node, call.id, agent.cti_id, command.mode, floor.now)
    phone = MonitorLeg(floor.ids.leg(monitor.id, Part.SUPERVISOR, KIND), Part.SUPERVISOR, moved_at=floor.now)
    monitor.phone = phone
    floor.monitors[monitor.id] = monitor
    agent.monitor_id = monitor.id
    agent.legs.append(phone.id)
    floor.set_agent(agent, Cause.MONITOR, state=AgentState.MONITORING, call_id=call.id)
    heard = floor.agents.get(call.cti_id or "")
    floor.act(
        CreateLeg(
            call.node,
            monitor.id,
            phone.id,
            cti_number=agent.cti_number,
            shown_number=heard.cti_number if heard is not None else "",
            shown_name=(floor.entry(heard).name or heard.cti_id) if heard is not None else "",
            auto_answer=floor.entry(agent).answer is AnswerMode.AUTO,
            originator=call.agent_leg or "",
        )
    )
    floor.set_deadline(Kind.MONITOR, monitor, floor.now + RING_S)
    monitoring.keep(floor, monitor)


def breaks_calls(version: str) -> bool:
    """Return whether a PBX of this version breaks the calls that are monitored on it."""
    return _BREAKS_CALLS.match(version) is not None


def _may_begin(floor: Floor, agent: Agent) -> None:
    if agent.session is None:
        raise Unauthenticated
    if not floor.entry(agent).phone_permission:
        raise NoPhonePermission
    if agent.monitor_id is not None:
        raise NotAllowedNow("You monitor a call already. End that first.")
    if agent.state is not AgentState.IDLE or agent.call_id is not None or agent.cti_id in floor.recalls:
        raise NotAllowedNow("End the call that you are in first.")


def _can_be_monitored(floor: Floor, agent: Agent, call: Call) -> None:
    if call.direction is Direction.INTERNAL:
        raise NotAllowedNow("A call between colleagues is monitored by nobody.")
    if _is_emergency(floor, call):
        raise NotAllowedNow("An emergency call is monitored by nobody.")
    if call.state not in BEGINS_IN:
        raise NotAllowedNow("Nobody talks in this call.")
    if agent.cti_id in (call.cti_id, call.target.cti_id if call.target is not None else None):
        raise NotAllowedNow("You are in this call yourself.")


def change(floor: Floor, command: ChangeMonitor) -> None:
    """Go on in another mode. Raises CallChanged, PbxUnavailable."""
    monitor = _own(floor, command)
    if not floor.node_up(monitor.node):
        raise PbxUnavailable
    monitor.mode = command.mode
    monitoring.keep(floor, monitor)
    follow(floor, monitor)
    call = floor.calls.get(monitor.call_id)
    if call is not None and monitor.near:
        rewire(floor, call)  # Nobody waits for who has barged in.


def stop(floor: Floor, command: StopMonitor) -> None:
    """End the monitor. Raises CallChanged."""
    end(floor, _own(floor, command), MonitorEnd.STOPPED)


def _own(floor: Floor, command: ChangeMonitor | StopMonitor) -> Monitor:
    monitor = floor.monitors.get(floor.agent(command.cti_id).monitor_id or "")
    if monitor is None or monitor.call_id != command.call_id:
        raise CallChanged
    return monitor


# ------------------------------------------------------------------------------- following the call


def follow_all(floor: Floor) -> None:
    """Let the monitors of the calls follow that this fact has changed."""
    touched = {call.id for call in floor.touched_calls()}
    for monitor in list(floor.monitors.values()):
        if monitor.over is None and monitor.call_id in touched:
            follow(floor, monitor)


def show_all(floor: Floor) -> None:
    """Show the supervisors of the calls that this fact has changed what has become of them."""
    touched = {call.id for call in floor.touched_calls()}
    floor.show_agents(one.cti_id for one in floor.monitors.values() if one.over is None and one.call_id in touched)


def follow(floor: Floor, monitor: Monitor) -> None:
    """Bring the monitor to where the call's state wants it; or it is over."""
    call = floor.calls.get(monitor.call_id)
    why = must_end(floor, call)
    if why is not None or call is None:
        end(floor, monitor, why or MonitorEnd.CALL_ENDED)
    elif monitor.attempts > places.MOST_ATTEMPTS:
        end(floor, monitor, MonitorEnd.FAILED)
    else:
        places.arrange(floor, call, monitor)


def follow_call(floor: Floor, call_id: str) -> None:
    """Let all monitors of the call follow: of who is with the agent, one tells the others."""
    for monitor in monitoring.of_call(floor, call_id):
        follow(floor, monitor)


def must_end(floor: Floor, call: Call | None) -> MonitorEnd | None:
    """Return why a monitor of the call is over, or None: it goes on."""
    if call is None or call.state is CallState.ENDED:
        return MonitorEnd.CALL_ENDED
    if _is_emergency(floor, call):
        return MonitorEnd.EMERGENCY
    by_step = call.target is not None and call.target.by_step
    return MonitorEnd.NO_AGENT if by_step or FOLLOWS[call.state] is Follows.ENDS else None


def _is_emergency(floor: Floor, call: Call) -> bool:
    return call.dialling.emergency or is_emergency(floor, call.target)


# ------------------------------------------------------------------------------- the end


def end(floor: Floor, monitor: Monitor, why: MonitorEnd) -> None:
    """The monitor is over: its legs are hung up, and the supervisor is what they were before."""
    if monitor.over is not None:
        return
    places.end_row(floor, monitor, why)
    shown = monitor.confirmed is not None and floor.policy.show_monitoring
    monitor.over, monitor.confirmed, monitor.confirmed_at = why, None, None
    floor.set_deadline(Kind.MONITOR, monitor, None)
    phone, monitor.phone = monitor.phone, None
    if phone is not None:
        places.let_go(floor, monitor, phone)
    places.end_snoop(floor, monitor)
    if monitor.has_bridge:
        monitor.has_bridge = False
        floor.act(DestroyBridge(monitor.node, monitor.id, "", monitor.bridge_id))
    agent = floor.agents.get(monitor.cti_id)
    if agent is not None and agent.monitor_id == monitor.id:
        _free(floor, agent, Cause.MONITOR_ENDED, monitor.call_id)
        if why in _TEXTS:
            floor.tell(Told(agent.cti_id, f"monitor_{why}", _TEXTS[why]))
    call = floor.calls.get(monitor.call_id)
    if shown and call is not None:
        floor.show_agents(one.cti_id for _, one in floor.agents_of(call))
    forget_if_over(floor, monitor)


def free_unknown(floor: Floor, agent: Agent) -> None:
    """The agent monitors what the checkpoint does not know."""
    _free(floor, agent, Cause.RECOVERY)


def _free(floor: Floor, agent: Agent, cause: Cause, call_id: str | None = None) -> None:
    agent.monitor_id = None
    recent = list(agent.recent_calls)
    free(floor, agent, call_id, cause, None)
    agent.recent_calls[:] = recent  # It was never the agent's.


def forget_if_over(floor: Floor, monitor: Monitor) -> None:
    """Forget a monitor that is over, when its last leg has ended."""
    if monitor.over is not None and not monitor.legs:
        floor.monitors.pop(monitor.id, None)
        floor.deadlines.forget(monitor.id)
    monitoring.keep(floor, monitor)


def end_of(floor: Floor, agent: Agent, why: MonitorEnd) -> None:
    """The agent does something else now: a monitor of theirs is over."""
    monitor = floor.monitors.get(agent.monitor_id or "")
    if monitor is not None:
        end(floor, monitor, why)


def end_on(floor: Floor, node: str) -> None:
    """The PBX is away, and its supervisors are not kept waiting for it."""
    for monitor in [one for one in floor.monitors.values() if one.node == node]:
        end(floor, monitor, MonitorEnd.NODE_LOST)


def look_at_rights(floor: Floor) -> None:
    """Another configuration is in force: end the monitors that may not go on."""
    for monitor in list(floor.monitors.values()):
        call = floor.calls.get(monitor.call_id)
        if call is not None and not Asker(floor.directory, monitor.cti_id).may_monitor(call):
            end(floor, monitor, MonitorEnd.NOT_PERMITTED)


def due(floor: Floor, monitor: Monitor) -> None:
    """The supervisor's phone was not answered in time; or it did not leave the call's bridge, and is hung up; or a
    snoop is tried again."""
    monitor.ends_at, monitor.rests = None, False
    phone = monitor.phone
    if phone is None or phone.stage is not Stage.UP:
        end(floor, monitor, MonitorEnd.NO_ANSWER)
    elif places.leaves(monitor):
        end(floor, monitor, MonitorEnd.FAILED)
    else:
        monitoring.keep(floor, monitor)
        follow(floor, monitor)
