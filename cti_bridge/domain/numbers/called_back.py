"""The numbers under which callers may be called back (rules of the step callback): nobody else pays for what a caller
enters, and nobody is rung in the name of somebody else more than once."""

from cti_bridge.domain.border.errors import Refusal
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.directory import Service
from cti_bridge.domain.numbers.dialing import first_confirmed, permitted_number


def calls_back(floor: Floor, call: Call) -> bool:
    """Return whether the call's service can call anybody back."""
    service = floor.directory.services.get(call.service or "")
    return service is not None and service.outbound and first_confirmed(floor, service.id) is not None


def own_number(floor: Floor, call: Call) -> str | None:
    """Return the caller's number, or None when it is withheld or may not be dialled."""
    service = floor.directory.services.get(call.service or "")
    number = call.customer.number
    return number if service is not None and number is not None and _may_be_dialled(floor, service, number) else None


def entered_number(floor: Floor, call: Call, digits: str) -> str | None:
    """Return the E.164 form of the digits that a caller has entered, as they are dialled where the service is. None: it
    is no number, or may not be called. Beside the service's allow-list it has to be in the country of the service, and
    on no list of numbers that refuses."""
    service = floor.directory.services.get(call.service or "")
    near = first_confirmed(floor, call.service) or ""
    if service is None or digits in floor.policy.emergency_numbers:
        return None
    numbering = floor.directory.numbering
    number = numbering.dialed(digits, near)
    if number is None or not _may_be_dialled(floor, service, number):
        return None
    if any(one.refuses and number in one for one in floor.directory.number_lists.values()):
        return None
    kind, ours = numbering.kind(number), numbering.kind(near)
    return number if kind is None or ours is None or kind.region == ours.region else None


def spoken(floor: Floor, call: Call, number: str) -> str:
    """Return the digits with which the number is dialled where the service is."""
    return floor.directory.numbering.as_dialled(number, first_confirmed(floor, call.service) or "")


def _may_be_dialled(floor: Floor, service: Service, number: str) -> bool:
    """Return whether the service may dial the number, and it is none of ours: we would call ourselves. One that our
    customers see is ours, too, and comes as the caller's where a call of ours is forwarded back to us."""
    if floor.directory.scenario_of(number) is not None or number in floor.directory.calling_numbers:
        return False
    try:
        permitted_number(floor, service, number)
    except Refusal:
        return False
    return True
