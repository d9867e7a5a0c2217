"""A message of a step: the customer hears it, and then the step goes on."""

from cti_bridge.domain.audio.messages import play
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.prompt import Prompt, Then, To
from cti_bridge.domain.model.words import Cause

MESSAGE_LIMIT_S = 120.0
"""The time after which a message counts as over, in seconds, for the case that nobody tells its end."""


def say(floor: Floor, call: Call, sound: str) -> None:
    """Play the message. A call that comes from its queue is in its scenario again."""
    enter(floor, call)
    play(floor, call, Prompt(sound, To.CUSTOMER, Then.STEP, MESSAGE_LIMIT_S))


def enter(floor: Floor, call: Call) -> None:
    """Let the call be in its scenario, unless it is."""
    if call.state is not CallState.IN_SCENARIO:
        floor.move_call(call, CallState.IN_SCENARIO, Cause.LIMIT)
