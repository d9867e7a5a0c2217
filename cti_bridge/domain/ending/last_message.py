"""The last message: the customer hears it, then the call ends."""

from cti_bridge.domain.audio.messages import play
from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.prompt import Prompt, Then, To
from cti_bridge.domain.model.words import Cause, EndedBy, Outcome

SORRY = "sound:cti/goodbye"
"""The message for a customer whom nobody can serve any more."""
LIMIT_S = 120.0


def announce(floor: Floor, call: Call, media: str, outcome: Outcome, cause: Cause) -> None:
    """Play the message, then end the call with ``outcome``. End it at once when there is no message."""
    if not media:
        finish(floor, call, outcome, call.end.by or EndedBy.SYSTEM)
        return
    call.end.announced = outcome
    floor.move_call(call, CallState.ANNOUNCING, cause)
    play(floor, call, Prompt(media, To.CUSTOMER, Then.END, LIMIT_S))


def over(floor: Floor, call: Call) -> None:
    finish(floor, call, call.end.announced or Outcome.COMPLETED, call.end.by or EndedBy.SYSTEM)
