"""The talks of this run with customers' numbers, whose rows may not be in Postgres yet (requirement I3)."""

import re

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.talks import Talk
from cti_bridge.domain.model.words import Outcome

_NUMBER = re.compile(r"\+?(?=[0-9]*[1-9])[0-9]{3,20}", re.ASCII)
"""The form of a number that identifies somebody. A number that is withheld may come as a word, as zeros, or empty."""


def number_of(call: Call) -> str | None:
    """Return the number by which the customer is known again, or None."""
    number = call.customer.number
    return number if number is not None and _NUMBER.fullmatch(number) else None


def note_talk(floor: Floor, call: Call) -> None:
    """An agent has the customer, or the call has ended."""
    number, cti_id = number_of(call), call.course.last_cti_id
    if number is None or cti_id is None or call.service not in floor.directory.remembering:
        return
    forced = call.end.outcome is Outcome.FORCE_DISCONNECTED
    floor.talks.note(call.service, number, Talk(cti_id, min(floor.end_at, floor.now), forced))
