"""Marks: numbers that were force disconnected (requirement E6). Later calls and tickets of the service show the mark.
For a set time inbound calls of the number are refused.

A mark is kept as long as the service's settings of today give it a meaning. Its end has no deadline: each look compares
the times. Each new mark clears away the old ones, so there are never more than were made within that time.

The network may name a number that its caller withholds. A key replaces that number as soon as it arrives; mark and
block go by the key. The mark of a customer who withholds the number sometimes must not lead to the number, nor the
number to the mark. So withheld calls show marks of withheld calls alone, and other calls those of other calls. The
block shows nobody anything and holds for both, or a prefix would get round it. A caller whom the network does not name
cannot be marked.
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
"""The form of a number that can be marked. A withheld number may come as a word, as zeros, or empty: its mark would hit
every caller who withholds a number."""


def withheld_key(floor: Floor, fact: CallArrived) -> str | None:
    """Return the key of a number that the caller withholds from us and not from the network; None when there is no such
    number."""
    if fact.withheld_number is None:
        return None
    number = floor.directory.numbering.delivered(fact.withheld_number, fact.node)
    number = _canonical(floor, number, floor.directory.called(fact.dialed_number, fact.node)) or ""
    return _key(floor, number) if number and fact.caller_number is None else None


def mark(floor: Floor, call: Call, reason: str) -> None:
    """Note that the customer of this call was force disconnected."""
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
    """Return the mark of the customer's number, or None when it has no mark or one that is no longer shown."""
    service = floor.directory.services.get(call.service or "")
    who = _whose(floor, call) if floor.marks and service else None
    found = floor.marks.get((service.id, who[0])) if who and service else None
    if found is None or service is None or not _younger(floor, found, _shown_s(service)):
        return None
    return MarksView(found.count, found.last_reason, iso(found.last_at))


def is_blocked(floor: Floor, call: Call) -> bool:
    """Return whether an inbound call of this number is refused now. Whether the number is withheld, or was withheld
    then, makes no difference."""
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
    """Take up the marks of the checkpoint. No mark lasts longer because the clock was set back."""
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
    """Move a mark that an earlier rule has kept under another form of its number to today's form."""
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
    """Return the key by which the customer's marks are found, and the key of the number; None when the customer is
    unknown."""
    if call.customer.number is None:
        return (call.customer.withheld_key, call.customer.withheld_key) if call.customer.withheld_key else None
    number = _canonical(floor, call.customer.number, call.dialling.calling_number or call.dialed_number)
    return (number, _key(floor, number)) if number else None


def _canonical(floor: Floor, number: str | None, near: str) -> str | None:
    """Return the one form of a number for calls in, whose trunk may leave the country code out, and for calls out.
    None: it is not a number."""
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
