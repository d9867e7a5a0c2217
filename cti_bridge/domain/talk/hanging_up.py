"""Hang up (requirement E7)."""

from cti_bridge.domain.border.commands import HangUpCall
from cti_bridge.domain.border.errors import NotAllowedNow
from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.floor.access import own_call
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import CONVERSES_INTERNALLY, INTERNAL, WITH_TARGET, Call, CallState, Role
from cti_bridge.domain.model.words import Cause, EndedBy, OfferResult, Outcome, TargetGone
from cti_bridge.domain.outbound.outbound import agent_failed
from cti_bridge.domain.talk import after_talk, internal
from cti_bridge.domain.talk.consult import agent_left_consult
from cti_bridge.domain.talk.offered import take_back
from cti_bridge.domain.talk.target import gone

_S = CallState


def hang_up_call(floor: Floor, command: HangUpCall) -> None:
    """The agent hangs up. The consequence depends on the state and on the agent's role (matrix, last column). Where the
    call's PBX is away there is one: the agent is let go."""
    agent, call, role = own_call(floor, command.cti_id, command.call_id, away=True)
    if not floor.node_up(call.node):
        _hang_up_unseen(floor, agent, call, role)
    elif role is Role.TARGET:
        _target_hangs_up(floor, call)
    elif call.state in (_S.TALKING, _S.WARNING, _S.ON_HOLD):
        if not after_talk.goes_on(floor, call):
            finish(floor, call, Outcome.COMPLETED, EndedBy.AGENT)
    elif call.state in (_S.DIALING_AGENT, _S.DIALING_CUSTOMER):
        agent_failed(floor, call, by_panel=True)
    elif call.state in INTERNAL:
        internal.one_leaves(floor, call, EndedBy.AGENT)
    elif call.state in WITH_TARGET:
        agent_left_consult(floor, call)
    else:
        raise NotAllowedNow


def _hang_up_unseen(floor: Floor, agent: Agent, call: Call, role: Role) -> None:
    """Nobody sees what the others do, nor can bring them together. The call goes on where it was only offered, and
    where a consulted agent leaves."""
    if call.offer is not None and call.offer.cti_id == agent.cti_id:
        take_back(floor, call, OfferResult.WITHDRAWN, Cause.NODE_LOST)
    elif role is Role.TARGET and call.state in WITH_TARGET:
        gone(floor, call, OfferResult.ANSWERED, TargetGone.HUNG_UP)
    elif call.state in (_S.DIALING_AGENT, _S.DIALING_CUSTOMER):
        agent_failed(floor, call, by_panel=True)
    else:
        finish(floor, call, Outcome.COMPLETED, EndedBy.TARGET if role is Role.TARGET else EndedBy.AGENT)


def _target_hangs_up(floor: Floor, call: Call) -> None:
    if call.state not in (WITH_TARGET | CONVERSES_INTERNALLY) - {_S.CONSULT_RINGING}:
        raise NotAllowedNow
    gone(floor, call, OfferResult.ANSWERED, TargetGone.HUNG_UP)
