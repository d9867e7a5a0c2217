"""Monitors, as far as calls and phones have to know of them: which there are, and whether a call's legs have to wait.

A call never changes because somebody monitors it, but for one thing: a supervisor who whispers while the customer is on
hold is in the call's bridge with the agent, for a snoop whispers nothing into silence (seen). Nobody else enters that
bridge before the supervisor was seen out of it. :mod:`cti_bridge.domain.monitors` does all else.
"""

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import ROLES, Call, Place, Role, Stage
from cti_bridge.domain.model.monitor import Monitor, MonitorLeg
from cti_bridge.domain.model.wiring import wanted
from cti_bridge.domain.model.words import MonitorMode

_AGENT, _BRIDGE = Role.AGENT, Place.BRIDGE


def of_call(floor: Floor, call_id: str) -> list[Monitor]:
    """Return the monitors of the call that go on, the first one first."""
    return [one for one in floor.monitors.values() if one.call_id == call_id and one.over is None]


def of_leg(floor: Floor, leg_id: str) -> tuple[Monitor, MonitorLeg] | None:
    """Return the monitor that the leg belongs to, with the leg; None: it belongs to none."""
    for monitor in floor.monitors.values():
        for leg in monitor.legs:
            if leg.id == leg_id:
                return monitor, leg
    return None


def waits(floor: Floor, call: Call) -> bool:
    """Return whether the legs of the call have to wait: a party is to join the agent in the bridge, and a supervisor
    who whispers may still be there."""
    near = any(one.near and one.call_id == call.id and _is_kept_apart(one) for one in floor.monitors.values())
    return near and any(_comes(call, role) for role in ROLES)


def _is_kept_apart(monitor: Monitor) -> bool:
    """Return whether nobody but the agent is to hear the supervisor."""
    return monitor.mode is not MonitorMode.BARGE


def _comes(call: Call, role: Role) -> bool:
    leg = call.leg_of(role)
    comes = role is not _AGENT and leg is not None and leg.place is not _BRIDGE
    return comes and leg is not None and leg.stage is not Stage.ENDING and wanted(call, role) is _BRIDGE


def keep(floor: Floor, monitor: Monitor) -> None:
    """The monitor has changed: write it into the checkpoint, and show it to its supervisor."""
    floor.touch("monitor", monitor.id, monitor if monitor.id in floor.monitors else None)
    agent = floor.agents.get(monitor.cti_id)
    if agent is not None and agent.monitor_id == monitor.id:
        floor.touch_agent(agent)
