"""Monitors, as their supervisors see them, and as the agents do who are monitored."""

from cti_bridge.domain.border.views import MonitoredView, MonitorView
from cti_bridge.domain.floor import monitoring
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import Call, Role, Stage
from cti_bridge.domain.model.monitor import Monitor
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.domain.model.words import MonitorState
from cti_bridge.domain.monitors.places import heard_by


def monitor_view(floor: Floor, agent: Agent) -> MonitorView | None:
    """Return what the supervisor monitors; None: nothing."""
    monitor = floor.monitors.get(agent.monitor_id or "")
    call = floor.calls.get(monitor.call_id) if monitor is not None else None
    return _view(floor, monitor, call) if monitor is not None and call is not None else None


def monitors_of(floor: Floor, call: Call) -> list[MonitorView]:
    """Return the monitors of the call, the first one first."""
    return [_view(floor, one, call) for one in monitoring.of_call(floor, call.id)]


def shown_to_agents(floor: Floor, call: Call) -> list[MonitoredView]:
    """Return who monitors the call, where the house lets its agents see that."""
    if not floor.monitors or not floor.policy.show_monitoring:
        return []
    found = monitoring.of_call(floor, call.id)
    return [MonitoredView(_name(floor, one.cti_id), one.confirmed) for one in found if one.confirmed is not None]


def _view(floor: Floor, monitor: Monitor, call: Call) -> MonitorView:
    return MonitorView(
        monitor_id=monitor.id,
        call_id=call.id,
        state=_state(call, monitor),
        mode=monitor.mode,
        confirmed=monitor.confirmed,
        heard_by=heard_by(call, monitor),
        cti_id=call.cti_id,
        name=_name(floor, call.cti_id) if call.cti_id is not None else None,
        service=call.service,
        call_state=call.state,
        since=iso(monitor.since),
        confirmed_since=iso(monitor.confirmed_at) if monitor.confirmed_at is not None else None,
        by=monitor.cti_id,
        by_name=_name(floor, monitor.cti_id),
    )


def _state(call: Call, monitor: Monitor) -> MonitorState:
    if monitor.phone is None or monitor.phone.stage is not Stage.UP:
        return MonitorState.RINGING
    agent = call.leg_of(Role.AGENT)
    return MonitorState.ON if agent is not None and agent.stage is Stage.UP else MonitorState.WAITING


def _name(floor: Floor, cti_id: str) -> str:
    entry = floor.directory.agents.get(cti_id)
    return (entry.name if entry is not None else "") or cti_id
