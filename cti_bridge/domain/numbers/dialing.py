"""The numbers that may be dialled, and the calling number that each call shows (requirements A1, A5, D1). Every string
of a user's passes here before it reaches a dial string."""

import re

from cti_bridge.domain.border.errors import (
    CallingNumberNotConfirmed,
    InvalidNumber,
    NumberNotAllowed,
    ServiceOff,
)
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.phone_use import uses_phone
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.directory import AgentEntry, CallingNumber, Service
from cti_bridge.domain.model.numbering import NumberKind

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
CONFIRMED = "confirmed"


def permitted_number(floor: Floor, service: Service, number: str) -> str:
    """Return the number. It must be E.164 (ITU-T E.164, at most 15 digits) and within the service's allow-list. Raises
    ServiceOff when the service may not call out, InvalidNumber, NumberNotAllowed."""
    if not service.outbound:
        raise ServiceOff
    if not _E164.fullmatch(number):
        raise InvalidNumber
    if number in service.allowed_prefixes:
        return number
    if not any(number.startswith(prefix) for prefix in service.allowed_prefixes):
        raise NumberNotAllowed
    if not is_open(service, floor.directory.numbering.kind(number)):
        raise NumberNotAllowed
    return number


def is_open(service: Service, kind: NumberKind | None) -> bool:
    """Return whether the service may dial numbers of that kind, where a prefix names them. One prefix, +1, is that of
    many countries, and one country has numbers of many prices."""
    if kind is None:
        return False
    is_there = kind.is_main or kind.region in service.allowed_regions
    return is_there and (not kind.costly or kind.costly in service.allowed_types)


def emergency_caller(floor: Floor, agent: Agent) -> tuple[str | None, str | None]:
    """Return the service and the calling number of an agent's emergency call: the first confirmed number of the agent's
    services, else of any service. None where there is no such number, which is no reason to refuse the call."""
    services = [name for name in floor.entry(agent).services if name in floor.directory.services]
    for service in services:
        if calling := first_confirmed(floor, service):
            return service, calling
    numbers = floor.directory.calling_numbers.values()
    return next(iter(services), None), next((n.number for n in numbers if n.state == CONFIRMED), None)


def calling_number_of(floor: Floor, entry: AgentEntry, number: str) -> CallingNumber:
    """Return the registered calling number. Raises CallingNumberNotConfirmed unless it is confirmed and belongs to one
    of the agent's services."""
    calling = floor.directory.calling_numbers.get(number)
    if calling is None or calling.state != CONFIRMED or calling.service not in entry.services:
        raise CallingNumberNotConfirmed
    return calling


def may_dial(floor: Floor, agent: Agent) -> bool:
    """Return whether an idle agent can dial up at all. That takes a free phone that a PBX reaches, and a service of
    theirs that may call out under a confirmed number. For an emergency number a PBX is enough. The number dialled and
    the limits are checked elsewhere."""
    entry = floor.entry(agent)
    if floor.policy.emergency_numbers and any(floor.node_up(node) for node in floor.nodes):
        return True
    free = (
        agent.phone_reachable
        and not uses_phone(floor, agent)
        and any(floor.node_takes_calls(node) for node in agent.reachable_on)
    )
    return free and entry.phone_permission and any(_calls_out(floor, service) for service in entry.services)


def _calls_out(floor: Floor, service_id: str) -> bool:
    service = floor.directory.services.get(service_id)
    return service is not None and service.outbound and first_confirmed(floor, service_id) is not None


def shown_number(floor: Floor, call: Call) -> str | None:
    """Return the number that an outside party sees: the call's calling number while that is confirmed, else its
    service's first confirmed one, else None. The configuration may have changed since the call began."""
    calling = floor.directory.calling_numbers.get(call.dialling.calling_number or "")
    if calling is not None and calling.state == CONFIRMED and calling.service == call.service:
        return calling.number
    return first_confirmed(floor, call.service)


def first_confirmed(floor: Floor, service_id: str | None) -> str | None:
    numbers = floor.directory.calling_numbers.values()
    return next((n.number for n in numbers if n.service == service_id and n.state == CONFIRMED), None)
