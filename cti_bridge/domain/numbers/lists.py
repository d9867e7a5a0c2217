"""Lists of numbers: who is refused, who goes before others, and who is told apart by a branch (requirement I3).

A caller who withholds the number is on no list that favours anybody, for nobody is to be told from the others by a
number that is withheld. A list that refuses holds for them too, where the network names the number: a prefix would get
round it otherwise.
"""

from cti_bridge.domain.border.facts import CallArrived
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.words import CallEventType


def is_listed(floor: Floor, number: str | None, name: str) -> bool:
    """Return whether the list of this name has the number. A list that is configured no more has none."""
    found = floor.directory.number_lists.get(name)
    return found is not None and number is not None and number in found


def refuses(floor: Floor, call: Call, fact: CallArrived) -> bool:
    """Return whether a list refuses this caller. Write down which."""
    number = call.customer.number
    if number is None and fact.withheld_number is not None:
        number = floor.directory.numbering.delivered(fact.withheld_number, fact.node)
    for one in floor.directory.number_lists.values():
        if one.refuses and number is not None and number in one:
            floor.event(call, CallEventType.LISTED, list=one.id)
            return True
    return False


def prefer(floor: Floor, call: Call) -> None:
    """Give the call the priority of its caller's list. Of several lists the highest counts."""
    number = call.customer.number
    of_lists = [
        one.priority
        for one in floor.directory.number_lists.values()
        if one.priority is not None and number is not None and number in one
    ]
    if of_lists:
        call.priority = max(of_lists)
