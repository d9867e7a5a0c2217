"""Hang up (requirement E7)."""

from cti_bridge.domain.border.commands import HangUpCall
from cti_bridge.domain.border.errors import NotAllowedNow
from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.floor.access import own_call
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call, CallState, Role
from cti_bridge.domain.model.words import EndedBy, OfferResult, Outcome, TargetGone
from cti_bridge.domain.outbound.outbound import agent_failed
from cti_bridge.domain.talk.consult import agent_left_consult
from cti_bridge.domain.talk.target import gone

_S = CallState


def hang_up_call(floor: Floor, command: HangUpCall) -> None:
    """The agent hangs up. The consequence depends on the state and on the agent's role (matrix, last column)."""
    _, call, role = own_call(floor, command.cti_id, command.call_id)
    if role is Role.TARGET:
        _target_hangs_up(floor, call)
    elif call.state in (_S.TALKING, _S.WARNING, _S.ON_HOLD):
        finish(floor, call, Outcome.COMPLETED, EndedBy.AGENT)
    elif call.state in (_S.DIALING_AGENT, _S.DIALING_CUSTOMER):
        agent_failed(floor, call, by_panel=True)
    elif call.state in (_S.CONSULT_RINGING, _S.CONSULT_TALKING, _S.CONSULT_ALONE):
        agent_left_consult(floor, call)
    else:
        raise NotAllowedNow


def _target_hangs_up(floor: Floor, call: Call) -> None:
    if call.state not in (_S.CONSULT_TALKING, _S.CONSULT_ALONE):
        raise NotAllowedNow
    gone(floor, call, OfferResult.ANSWERED, TargetGone.HUNG_UP)
