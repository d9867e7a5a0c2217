"""Numbers that were force disconnected (requirement E6): later calls and tickets of the service show it, and for a set
time inbound calls of them are refused.

A mark is kept as long as the service's settings of today give it a meaning. There is no deadline for its end: whoever
looks compares, and each new mark clears away the old ones, so there are never more than were made within that time.

A number that is withheld, and that the network names nevertheless, is replaced by a key as soon as it arrives, and is
marked and blocked by that. Mark and number of somebody who withholds it sometimes must not lead to each other: withheld
calls show marks of withheld calls alone, and others those of others. The block, which shows nobody anything, holds for
both, or it could be got round with a prefix. Nothing can be marked where the network names nobody.
"""

import re
from collections.abc import Iterable

from cti_bridge.domain.border.facts import CallArrived
from cti_bridge.domain.border.views import MarksView
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.directory import Service
from cti_bridge.domain.model.kept import Mark
from cti_bridge.domain.model.timestamps import iso

DAY_S = 86_400.0
_NUMBER = re.compile(r"\+?(?=[0-9]*[1-9])[0-9]{3,20}", re.ASCII)
"""What is withheld comes as a word, as zeros, or empty: to mark that would mark everybody who withholds a number."""


def withheld_key(floor: Floor, fact: CallArrived) -> str | None:
    """What stands for the number that the caller withholds from us and not from the network; None: there is none."""
    if fact.withheld_number is None:
        return None
    number = floor.directory.numbering.delivered(fact.withheld_number, fact.node)
    number = _canonical(floor, number, floor.directory.called(fact.dialed_number, fact.node)) or ""
    return _key(floor, number) if number and fact.caller_number is None else None


def mark(floor: Floor, call: Call, reason: str) -> None:
    """The customer of this call was force disconnected."""
    _forget_old(floor)
    service, who = floor.directory.services.get(call.service or ""), _whose(floor, call)
    if service is None or who is None or not _kept_s(service):
        return
    number, key = who
    before = floor.marks.get((service.id, number))
    made = Mark(service.id, number, before.count + 1 if before else 1, reason, floor.now, key)
    floor.marks[service.id, number] = made
    floor.touch("mark", made.id, made)
    for other in floor.calls.values():
        if other.service == call.service and _whose(floor, other) == who:
            floor.show_agents(agent.cti_id for _, agent in floor.agents_of(other))


def marks_view(floor: Floor, call: Call) -> MarksView | None:
    """That the customer's number was force disconnected before; None: it was not, or
    that is no more to be shown."""
    service = floor.directory.services.get(call.service or "")
    who = _whose(floor, call) if floor.marks and service else None
    found = floor.marks.get((service.id, who[0])) if who and service else None
    if found is None or service is None or not _younger(floor, found, _shown_s(service)):
        return None
    return MarksView(found.count, found.last_reason, iso(found.last_at))


def is_blocked(floor: Floor, call: Call) -> bool:
    """Whether an inbound call of this number is to be refused now, withheld or not, whichever it was then."""
    service = floor.directory.services.get(call.service or "")
    if service is None or not floor.marks or not service.force_disconnect_block_s:
        return False
    who = _whose(floor, call)
    if who is None:
        return False
    number, key = who
    if call.customer.number is None:
        found = [made for made in floor.marks.values() if made.service == service.id and made.key == key]
    else:
        found = [made for of in (number, key) if (made := floor.marks.get((service.id, of)))]
    return any(_younger(floor, made, service.force_disconnect_block_s) for made in found)


def take_up(floor: Floor, marks: Iterable[Mark]) -> None:
    """The marks of the checkpoint. A clock that was set back makes none last longer."""
    for made in marks:
        made.last_at = min(made.last_at, floor.now)
        _refile(floor, made)
        made.key = made.key or _key(floor, made.number)
        if other := floor.marks.get((made.service, made.number)):
            made.count += other.count
            made.last_at, made.last_reason = max((one.last_at, one.last_reason) for one in (made, other))
        floor.marks[made.service, made.number] = made
        floor.touch("mark", made.id, made)
    _forget_old(floor)


def _refile(floor: Floor, made: Mark) -> None:
    """A number that an earlier rule has kept in another form is found in that of today."""
    number = floor.directory.numbering.refiled(made.number)
    if number != made.number:
        floor.touch("mark", made.id, None)
        made.number, made.key = number, ""


def _forget_old(floor: Floor) -> None:
    for key, made in list(floor.marks.items()):
        service = floor.directory.services.get(made.service)
        if service is None or not _younger(floor, made, _kept_s(service)):
            del floor.marks[key]
            floor.touch("mark", made.id, None)


def _whose(floor: Floor, call: Call) -> tuple[str, str] | None:
    """What the customer's marks are found by, and the key of the number; None: nobody knows whose call it is."""
    if call.customer.number is None:
        return (call.customer.withheld_key, call.customer.withheld_key) if call.customer.withheld_key else None
    number = _canonical(floor, call.customer.number, call.dialling.calling_number or call.dialed_number)
    return (number, _key(floor, number)) if number else None


def _canonical(floor: Floor, number: str | None, near: str) -> str | None:
    """The same for a call in, whose trunk may leave the country code out, and for a call out; None when it is none."""
    if number is None or not _NUMBER.fullmatch(number):
        return None
    return number if number.startswith("+") else floor.directory.numbering.delivered(number, near=near)


def _key(floor: Floor, number: str) -> str:
    return f"withheld-{floor.directory.number_key(number)}"


def _shown_s(service: Service) -> float:
    return service.force_disconnect_mark_days * DAY_S


def _kept_s(service: Service) -> float:
    return max(_shown_s(service), service.force_disconnect_block_s)


def _younger(floor: Floor, made: Mark, than_s: float) -> bool:
    return floor.now - made.last_at < than_s
