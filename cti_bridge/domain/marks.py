"""Numbers that were force disconnected (requirement E6): later calls and tickets of the service show it, and for a set
time inbound calls of them are refused.

A mark is kept as long as the service's settings of today give it a meaning. There is no deadline for its end: whoever
looks compares, and each new mark clears away the old ones, so there are never more than were made within that time.
"""

import re
from collections.abc import Iterable
from typing import Any

from cti_bridge.domain.call import Call
from cti_bridge.domain.directory import Service
from cti_bridge.domain.floor import Floor
from cti_bridge.domain.kept import Mark
from cti_bridge.domain.timestamps import iso

DAY_S = 86_400.0
_NUMBER = re.compile(r"\+?(?=[0-9]*[1-9])[0-9]{3,20}", re.ASCII)
"""What is withheld comes as a word, as zeros, or empty: to mark that would mark everybody who withholds a number."""


def mark(floor: Floor, call: Call, reason: str) -> None:
    """The customer of this call was force disconnected."""
    _forget_old(floor)
    service, number = floor.directory.services.get(call.service or ""), _number_of(floor, call)
    if service is None or number is None or not _kept_s(service):
        return
    before = floor.marks.get((service.id, number))
    made = Mark(service.id, number, before.count + 1 if before else 1, reason, floor.now)
    floor.marks[service.id, number] = made
    floor.touch("mark", made.id, made)


def marks_view(floor: Floor, call: Call) -> dict[str, Any] | None:
    """That the customer's number was force disconnected before: {count, last_reason, last_at}; None: it was not, or
    that is no more to be shown."""
    found, service = _found(floor, call)
    if found is None or service is None or not _younger(floor, found, _shown_s(service)):
        return None
    return {"count": found.count, "last_reason": found.last_reason, "last_at": iso(found.last_at)}


def is_blocked(floor: Floor, call: Call) -> bool:
    """Whether an inbound call of this number is to be refused now."""
    found, service = _found(floor, call)
    return bool(found and service and _younger(floor, found, service.force_disconnect_block_s))


def take_up(floor: Floor, marks: Iterable[Mark]) -> None:
    """The marks of the checkpoint. A clock that was set back makes none last longer."""
    for made in marks:
        made.last_at = min(made.last_at, floor.now)
        floor.marks[made.service, made.number] = made
        floor.touch("mark", made.id, made)
    _forget_old(floor)


def _forget_old(floor: Floor) -> None:
    for key, made in list(floor.marks.items()):
        service = floor.directory.services.get(made.service)
        if service is None or not _younger(floor, made, _kept_s(service)):
            del floor.marks[key]
            floor.touch("mark", made.id, None)


def _found(floor: Floor, call: Call) -> tuple[Mark | None, Service | None]:
    service = floor.directory.services.get(call.service or "")
    if not floor.marks or service is None:
        return None, service
    return floor.marks.get((service.id, _number_of(floor, call) or "")), service


def _number_of(floor: Floor, call: Call) -> str | None:
    """The customer's number, the same for a call in, whose trunk may leave the country code out, and for a call out;
    None when it is withheld."""
    number = call.customer_number
    if not _NUMBER.fullmatch(number):
        return None
    return number if number.startswith("+") else floor.directory.e164(number, call.calling_number or call.dialed_number)


def _shown_s(service: Service) -> float:
    return service.force_disconnect_mark_days * DAY_S


def _kept_s(service: Service) -> float:
    return max(_shown_s(service), service.force_disconnect_block_s)


def _younger(floor: Floor, made: Mark, than_s: float) -> bool:
    return floor.now - made.last_at < than_s
