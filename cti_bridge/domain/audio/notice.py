"""The notice: whoever is outside hears that the call is recorded, before they are (requirement K2).

A caller hears it when they come into the queue, in place of the music: their call is offered all the same, and an agent
who lifts sooner waits for its end in silence. A called customer hears it when they answer, an outside number before it
is joined with the customer. In the middle of a talk the customer hears it when the agent begins the recording. Whoever
has not heard it is not recorded (:func:`cti_bridge.domain.model.recorded.untold`).
"""

from cti_bridge.domain.audio.messages import play
from cti_bridge.domain.floor import recorder
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call, Role
from cti_bridge.domain.model.prompt import Prompt, Then, To
from cti_bridge.domain.model.recorded import untold

LONGEST_S = 20.0
"""The notice counts as heard after so many seconds, for the case that nobody tells its end."""
_TO = {Role.CUSTOMER: To.CUSTOMER, Role.TARGET: To.TARGET}


def begin(floor: Floor, call: Call) -> bool:
    """Let who is to be recorded hear it, if there is somebody who has not. Return whether somebody hears it now."""
    recorder.equip(floor, call)
    return go_on(floor, call)


def go_on(floor: Floor, call: Call) -> bool:
    """Do the same for a call that has its recorder."""
    if call.recorder is None:
        return False
    if call.prompt is not None:
        return call.prompt.then is Then.RECORD
    role, service = untold(call), floor.directory.services.get(call.service or "")
    if role is None or service is None or not service.record_notice:
        return False
    play(floor, call, Prompt(service.record_notice, _TO[role], Then.RECORD, LONGEST_S))
    return True


def heard(floor: Floor, call: Call) -> None:
    """The notice is over: whoever has heard it may be recorded."""
    role = untold(call)
    leg = call.leg_of(role) if role is not None else None
    if leg is not None and call.recorder is not None:
        call.recorder.told.append(leg.id)
        floor.touch_call(call)
