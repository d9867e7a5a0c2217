"""A target that has to confirm: who answers hears what it is about, and takes the call by pressing 1. A mailbox does
not, and swallows nobody. The customer hears the ringing until then.
"""

from cti_bridge.domain.audio.messages import play, stop
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.prompt import Prompt, Then, To
from cti_bridge.domain.model.scenario import TRANSFER_CONFIRM
from cti_bridge.domain.model.words import Cause
from cti_bridge.domain.offer.ringing import CONFIRM_KEY_S

KEY = "1"


def ask(floor: Floor, call: Call) -> None:
    """The target has answered: ask them."""
    floor.move_call(call, CallState.TRANSFER_CONFIRMING, Cause.ANSWERED)
    floor.set_deadline(Kind.TARGET, call, floor.now + CONFIRM_KEY_S)
    play(floor, call, Prompt(f"{TRANSFER_CONFIRM},{TRANSFER_CONFIRM}", To.TARGET, Then.CONFIRM, CONFIRM_KEY_S))


def heard(floor: Floor, call: Call) -> None:
    """The message is over. Its time goes on."""
    rewire(floor, call)


def pressed(floor: Floor, call: Call, key: str) -> None:
    """The target has pressed a key: 1 takes the call, and others are nothing."""
    if call.state is not CallState.TRANSFER_CONFIRMING or key != KEY:
        return
    stop(floor, call)
    floor.deadlines.set(Kind.TARGET, call.id, None)
    floor.move_call(call, CallState.JOINING, Cause.ANSWERED)
    rewire(floor, call)
