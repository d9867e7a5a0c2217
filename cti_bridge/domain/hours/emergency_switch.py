"""Emergency switches: somebody lets all callers of a service hear one message, until a time or until somebody ends
that. Who is in the scenario already, or waits, goes on as before.

The time is one of the clock on the wall ("until 14:00"), so it stays when our clock is set or the bridge stood still.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cti_bridge.domain.border.commands import DropEmergency, SetEmergency
from cti_bridge.domain.border.errors import InvalidBody, NotFound
from cti_bridge.domain.border.notices import EmergencyChanged
from cti_bridge.domain.border.views import EmergencyView, ServiceNowView
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.directory import Service
from cti_bridge.domain.model.emergency_switch import GO_ON, EmergencySwitch, Prepared
from cti_bridge.domain.model.scenario import EMERGENCY, Exit, Play, Scenario
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.domain.model.words import OverrideEnd


def switch_on(floor: Floor, command: SetEmergency) -> None:
    """Switch it on, in place of what is on already. Raises NotFound, InvalidBody."""
    service = _service(floor, command.service)
    if not command.message and not service.emergency.is_there:
        raise InvalidBody("Nothing is prepared for this service ([services.emergency]): name a message.")
    if command.until is not None and command.until <= floor.now:
        raise InvalidBody("That time has passed.")
    if (before := floor.switches.get(service.id)) is not None:
        _end(floor, before, OverrideEnd.REPLACED, command.by)
    switch = EmergencySwitch(service.id, command.message, command.until, command.by, floor.now)
    _keep(floor, switch)
    floor.tell(EmergencyChanged(switch.service, _with(service, switch).message, switch.until, switch.by))


def switch_off(floor: Floor, command: DropEmergency) -> None:
    """Switch off what was switched on by hand. Raises NotFound; where nothing was, nothing happens."""
    _service(floor, command.service)
    if (switch := floor.switches.get(command.service)) is not None:
        _end(floor, switch, OverrideEnd.DROPPED, command.by)


def over(floor: Floor, switch: EmergencySwitch) -> None:
    """The end of it has come."""
    _end(floor, switch, OverrideEnd.EXPIRED)


def end_removed(floor: Floor) -> None:
    """End those of services that are not configured any more, and those that have nothing to say any more."""
    for switch in list(floor.switches.values()):
        service = floor.directory.services.get(switch.service)
        if service is None or not _with(service, switch).is_there:
            _end(floor, switch, OverrideEnd.REMOVED)


def take_up(floor: Floor, switches: Iterable[EmergencySwitch]) -> None:
    """Take up those of the checkpoint. An end may have come while no bridge ran."""
    for switch in switches:
        _keep(floor, switch)
        if not _holds(switch.until, floor.now):
            over(floor, switch)
    end_removed(floor)


def in_force(floor: Floor, service_id: str, now: float | None = None) -> Prepared | None:
    """Return what callers of the service hear now in place of their scenario, and where it leads. None: the switch is
    off."""
    service = floor.directory.services.get(service_id)
    if service is None:
        return None
    now = floor.now if now is None else now
    switch = floor.switches.get(service_id)
    if switch is not None and _holds(switch.until, now):
        return _with(service, switch)
    own = service.emergency
    return own if own.on and _holds(own.until, now) else None


def step(floor: Floor, scenario: Scenario) -> Play | None:
    """Return the step at which calls of the scenario begin now. None: the switch is off, and they begin as always."""
    found = in_force(floor, scenario.service)
    if found is None:
        return None
    next_ = scenario.start if found.next == GO_ON else found.next
    return Play(EMERGENCY, {Exit.NEXT: next_} if next_ else {}, found.message)


def service_views(floor: Floor, now: float, zones: Mapping[str, str]) -> list[ServiceNowView]:
    """Return the services of ``zones``, which has their time zones, as they are at ``now`` (POSIX seconds)."""
    return [
        ServiceNowView(one.id, one.name, zone, _view(floor, one, now))
        for name, zone in zones.items()
        if (one := floor.directory.services.get(name)) is not None
    ]


def _view(floor: Floor, service: Service, now: float) -> EmergencyView | None:
    found = in_force(floor, service.id, now)
    if found is None:
        return None
    switch = floor.switches.get(service.id)
    if switch is None or not _holds(switch.until, now):
        return EmergencyView(found.message, found.next or "hangup", _iso(found.until), "configuration", None)
    return EmergencyView(found.message, found.next or "hangup", _iso(switch.until), switch.by, iso(switch.at))


def _iso(at: float | None) -> str | None:
    return None if at is None else iso(at)


def _service(floor: Floor, service_id: str) -> Service:
    service = floor.directory.services.get(service_id)
    if service is None:
        raise NotFound(f"There is no service {service_id}.")
    return service


def _with(service: Service, switch: EmergencySwitch) -> Prepared:
    return replace(service.emergency, message=switch.message) if switch.message else service.emergency


def _holds(until: float | None, now: float) -> bool:
    return until is None or now < until


def _keep(floor: Floor, switch: EmergencySwitch) -> None:
    floor.switches[switch.service] = switch
    floor.touch("emergency_switch", switch.service, switch)
    floor.deadlines.set(Kind.EMERGENCY_SWITCH, switch.service, switch.until)


def _end(floor: Floor, switch: EmergencySwitch, why: OverrideEnd, by: str | None = None) -> None:
    del floor.switches[switch.service]
    floor.touch("emergency_switch", switch.service, None)
    floor.deadlines.set(Kind.EMERGENCY_SWITCH, switch.service, None)
    floor.tell(EmergencyChanged(switch.service, None, None, by or switch.by, why))
