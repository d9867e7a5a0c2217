"""Force disconnect (requirement E6): the agent's leg leaves, a message is played to the customer, the call ends. It
cannot be undone or doubled: from the first moment the call is announcing, a state in which no command is allowed."""

from cti_bridge.domain.border.commands import ForceDisconnect
from cti_bridge.domain.border.errors import InvalidBody, NotAllowedNow
from cti_bridge.domain.ending.last_message import announce
from cti_bridge.domain.ending.ticketing import note
from cti_bridge.domain.floor.access import own_call_in
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.words import CallEventType, Cause, EndedBy, Noted, Outcome
from cti_bridge.domain.numbers.marks import mark
from cti_bridge.domain.talk.target import release_agent

FROM = (CallState.TALKING, CallState.WARNING, CallState.ON_HOLD)


def force_disconnect(floor: Floor, command: ForceDisconnect) -> None:
    agent, call = own_call_in(floor, command.cti_id, command.call_id, *FROM)
    if call.dialling.emergency:
        raise NotAllowedNow("This is an emergency call.")
    reasons = floor.policy.force_disconnect_reasons
    if command.reason not in reasons:
        raise InvalidBody(f"{command.reason!r} is not one of the reasons: {', '.join(reasons)}.")
    floor.event(
        call, CallEventType.FORCE_DISCONNECTED, by_cti_id=agent.cti_id, reason=command.reason, note=command.note
    )
    note(floor, call, Noted.FORCE_DISCONNECTED, agent.cti_id, reason=command.reason, note=command.note)
    mark(floor, call, command.reason)
    call.end.by = EndedBy.AGENT
    service = floor.directory.services.get(call.service or "")
    release_agent(floor, call, Cause.FORCED)
    announce(floor, call, service.force_disconnect_message if service else "", Outcome.FORCE_DISCONNECTED, Cause.FORCED)
