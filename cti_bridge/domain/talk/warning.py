"""The warning (requirement E6): the optional step before a force disconnect. Both hear it, and it is counted; when it
is over for both they talk again. The agent can cut it short."""

from cti_bridge.domain.audio.messages import play
from cti_bridge.domain.border.commands import StopWarning, Warn
from cti_bridge.domain.border.errors import NotAllowedNow
from cti_bridge.domain.ending.ticketing import note
from cti_bridge.domain.floor.access import own_call_in
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.prompt import Prompt, Then, To
from cti_bridge.domain.model.words import CallEventType, Cause, Noted

WARNING_LIMIT_S = 30.0
"""The time after which a warning counts as over, in seconds, for the case that nobody tells its end. It is shorter than
for other messages, since two people wait."""


def warning_of(floor: Floor, call: Call) -> str:
    """Return the warning of the call's service; empty where there is none."""
    service = floor.directory.services.get(call.service or "")
    return service.force_disconnect_warning if service else ""


def warn(floor: Floor, command: Warn) -> None:
    agent, call = own_call_in(floor, command.cti_id, command.call_id, CallState.TALKING)
    media = warning_of(floor, call)
    if call.dialling.emergency:
        raise NotAllowedNow("This is an emergency call.")
    if not media:
        raise NotAllowedNow("This service has no warning.")
    call.warnings += 1
    floor.event(call, CallEventType.WARNED, by_cti_id=agent.cti_id, count=call.warnings)
    note(floor, call, Noted.CALL_EVENT, agent.cti_id, event=CallEventType.WARNED, count=call.warnings)
    floor.move_call(call, CallState.WARNING, Cause.COMMAND)
    play(floor, call, Prompt(media, To.BOTH, Then.TALK, WARNING_LIMIT_S))


def stop(floor: Floor, command: StopWarning) -> None:
    """Stop the warning. It still counts: the customer has heard it begin."""
    agent, call = own_call_in(floor, command.cti_id, command.call_id, CallState.WARNING)
    floor.event(call, CallEventType.WARNING_STOPPED, by_cti_id=agent.cti_id, count=call.warnings)
    note(floor, call, Noted.CALL_EVENT, agent.cti_id, event=CallEventType.WARNING_STOPPED, count=call.warnings)
    _talk_again(floor, call)


def over(floor: Floor, call: Call) -> None:
    """The warning is over: customer and agent talk again."""
    floor.event(call, CallEventType.WARNING_ENDED, count=call.warnings)
    _talk_again(floor, call)


def _talk_again(floor: Floor, call: Call) -> None:
    floor.move_call(call, CallState.TALKING, Cause.COMMAND)
    rewire(floor, call)
