"""The matrix: the consequence of a party's leaving or answering, by the call's state (requirement E8).

:data:`LEFT` covers every leaving, with one cell for every party that :data:`cti_bridge.domain.model.wiring.WIRING` has
somewhere; ``docs/states.md`` shows it. :data:`ANSWERED` covers every answering. An order for a leg may be refused, or
its effect not be seen in time: its party then counts as having left. Another table holds the requests that an agent may
make in each state (:mod:`cti_bridge.domain.views.snapshot`).

A leg that ends of itself goes through :func:`gone`. A leg that is of no use any more is hung up first
(:func:`give_up`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import Struct

from cti_bridge.domain.border.notices import PhoneRefused, Told
from cti_bridge.domain.ending.causes import dial_outcome, is_forwarding, is_lost, refused_by_phone
from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import hang_up
from cti_bridge.domain.model.call import Call, CallState, Leg, Role, Stage
from cti_bridge.domain.model.scenario import CALLBACK_REGISTERED, MESSAGE_LEFT, OUTCOMES, Exit
from cti_bridge.domain.model.words import CallEventType, Cause, Direction, EndedBy, OfferResult, Outcome, TargetGone
from cti_bridge.domain.offer.offer import fail, lifted
from cti_bridge.domain.offer.ringing import is_emergency
from cti_bridge.domain.outbound import outbound, outside
from cti_bridge.domain.talk import after_talk, consult, internal, lost, target

# Members that every call looks up, by names of the module: see the package.
_ENDED, _BY_CUSTOMER = CallState.ENDED, EndedBy.CUSTOMER
_CUSTOMER, _DECLINED = Role.CUSTOMER, OfferResult.DECLINED
_ENDING, _UP = Stage.ENDING, Stage.UP


class End(Struct, gc=False):
    """How a leg ended: the result for an offer, the Q.850 cause and the SIP response if known, and whether the leg had
    been answered."""

    result: OfferResult
    hangup_cause: int = 0
    sip_code: int = 0
    was_up: bool = False
    rang: bool = False
    told: bool = False
    """The PBX has told the cause and the response."""

    @property
    def is_lost(self) -> bool:
        """Whether the party did not hang up: it vanished, or the PBX has ended it."""
        return is_lost(self.hangup_cause, self.sip_code)

    @property
    def outcome(self) -> Outcome:
        """The outcome for an outside number that has not answered."""
        return dial_outcome(self.hangup_cause, self.sip_code, rang=self.rang)

    def by(self, party: EndedBy) -> EndedBy:
        """Return who has ended the leg: its party, unless that was lost."""
        return EndedBy.SYSTEM if self.is_lost else party


_PLAIN = frozenset({0, 16})
_REFUSED = {
    "phone_forwards": "Your phone forwards its calls, so it cannot be rung. Switch the forwarding off.",
    "phone_refused": "Your phone has refused the call by itself.",
}

UNREACHABLE = End(OfferResult.UNREACHABLE, sip_code=500)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: ``leads_to`` says what ``procedure`` does, in the names of states and outcomes."""

    leads_to: str
    procedure: Callable[[Floor, Call, End], None]


def gone(floor: Floor, call: Call, leg: Leg, end: End) -> None:
    """The leg has ended. What the leg itself tells of that is added to ``end``."""
    plays_a_role = leg.stage is not _ENDING and call.leg_of(leg.role) is leg
    was_up = leg.stage is _UP
    end.was_up, end.rang = was_up, leg.rang
    if was_up:
        end.result = _DECLINED
    floor.drop_leg(call, leg)
    if not plays_a_role:
        return
    _note(floor, call, leg, end, was_up=was_up)
    _keep(floor, call, leg, end)
    _left_by(floor, call, leg.role, end)
    if call.state is not _ENDED:
        call.end.hangup_cause = call.end.sip_code = None


def give_up(floor: Floor, call: Call, leg: Leg, end: End = UNREACHABLE) -> None:
    """The leg is of no use any more: hang it up. Its party counts as having left."""
    plays_a_role = call.leg_of(leg.role) is leg
    was_up = leg.stage is _UP
    hang_up(floor, call, leg)
    if not plays_a_role:
        return
    del call.parties[leg.role]
    end = End(end.result, end.hangup_cause, end.sip_code, end.was_up, leg.rang, end.told)
    _note(floor, call, leg, end, was_up=was_up)
    _left_by(floor, call, leg.role, end)


def _note(floor: Floor, call: Call, leg: Leg, end: End, *, was_up: bool) -> None:
    """Write down why the leg has ended, where there is more to say than that its party hung up. An agent is told when
    their phone has refused by itself, the operator when nothing was reached outside."""
    if was_up and not end.sip_code and end.hangup_cause in _PLAIN:
        return
    why = {"hangup_cause": end.hangup_cause, "sip_code": end.sip_code}
    if end.told and (end.sip_code or end.hangup_cause not in _PLAIN):
        floor.event(call, CallEventType.LEG_ENDED, party=leg.role, cti_id=leg.cti_id, answered=was_up, **why)
    if leg.cti_id is None and not was_up and not leg.rang and end.outcome is Outcome.UNREACHABLE:
        outside.failed(floor, call, **why)
    if leg.cti_id is not None and not was_up and end.told and refused_by_phone(end.hangup_cause, end.sip_code):
        code = "phone_forwards" if is_forwarding(end.sip_code) else "phone_refused"
        floor.tell(Told(leg.cti_id, code, f"{_REFUSED[code]} (SIP {end.sip_code})"))
        floor.tell(PhoneRefused(leg.cti_id, end.sip_code))


def _keep(floor: Floor, call: Call, leg: Leg, end: End) -> None:
    """Keep the cause for the rows of what ends with the leg, and when a customer has left."""
    if leg.role is _CUSTOMER and leg.stage is _UP:
        at = floor.end_at
        floor.spend(call, at)
        call.course.customer_left_at = at
    cause, sip_code = end.hangup_cause or None, end.sip_code or None
    call.end.hangup_cause, call.end.sip_code = cause, sip_code
    if call.offer is not None and call.offer.leg_id == leg.id:
        call.offer.hangup_cause, call.offer.sip_code = cause, sip_code


def _left_by(floor: Floor, call: Call, role: Role, end: End) -> None:
    cell = LEFT.get((call.state, role))
    if cell is not None:
        cell.procedure(floor, call, end)


# ------------------------------------------------------------------------------------------------------ the customer


def _leaves_the_scenario(floor: Floor, call: Call, end: End) -> None:
    outcome = left_with(call)
    if outcome is not None:
        finish(floor, call, outcome, end.by(_BY_CUSTOMER))
    else:
        _abandon(floor, call, Outcome.LEFT_IN_SCENARIO, end)


def left_with(call: Call) -> Outcome | None:
    """Return the outcome of a call whose scenario ends now, where its caller has got something: a talk, a message left,
    a call-back registered. A caller who is still being recorded, or was until a moment ago, has left a message, as far
    as anybody knows."""
    way = call.way
    if way is None:
        return None
    if way.talked:
        return Outcome.COMPLETED
    left_by = MESSAGE_LEFT if way.recording or way.then == Exit.NEXT else way.left_by
    return OUTCOMES[left_by] if left_by in (MESSAGE_LEFT, CALLBACK_REGISTERED) else None


def _stops_waiting(floor: Floor, call: Call, end: End) -> None:
    _abandon(floor, call, Outcome.ABANDONED_WAITING, end)


def _stops_waiting_while_offered(floor: Floor, call: Call, end: End) -> None:
    _abandon(floor, call, Outcome.ABANDONED_RINGING, end)


def _abandon(floor: Floor, call: Call, outcome: Outcome, end: End) -> None:
    """A customer who has talked to an agent before has not been lost in the queue: figures count them apart."""
    came_back = call.answered_at is not None
    finish(floor, call, Outcome.ABANDONED_RETURNED if came_back else outcome, end.by(_BY_CUSTOMER))


def _cannot_be_reached(floor: Floor, call: Call, end: End) -> None:
    outbound.customer_failed(floor, call, end.outcome)


def _customer_hangs_up(floor: Floor, call: Call, end: End) -> None:
    finish(floor, call, target.outcome_of(call), end.by(_BY_CUSTOMER))


def _leaves_a_transfer(floor: Floor, call: Call, end: End) -> None:
    if call.sender is None:
        _leaves_the_scenario(floor, call, end)
    else:
        _customer_hangs_up(floor, call, end)


def _leaves_the_two_behind(floor: Floor, call: Call, end: End) -> None:
    if call.sender is None and call.cti_id is None:
        _leaves_the_scenario(floor, call, end)
        return
    consult.customer_left_consult(floor, call, end.by(_BY_CUSTOMER))


def _leaves_while_the_target_rings(floor: Floor, call: Call, end: End) -> None:
    if is_emergency(floor, call.target):
        consult.tell_customer_left(floor, call, end.by(_BY_CUSTOMER))
    else:
        finish(floor, call, Outcome.COMPLETED, end.by(_BY_CUSTOMER))


def _leaves_while_the_agent_is_away(floor: Floor, call: Call, end: End) -> None:
    if call.target is not None:
        consult.tell_customer_left(floor, call, end.by(_BY_CUSTOMER))
    elif lost.not_reached_yet(call) and not end.was_up:
        outbound.customer_failed(floor, call, end.outcome)
    else:
        finish(floor, call, Outcome.COMPLETED, end.by(_BY_CUSTOMER))


def _leaves_the_last_message(floor: Floor, call: Call, end: End) -> None:
    finish(floor, call, call.end.announced or Outcome.COMPLETED, call.end.by or end.by(_BY_CUSTOMER))


# --------------------------------------------------------------------------------------------------------- the agent


def _offer_fails(floor: Floor, call: Call, end: End) -> None:
    fail(floor, call, end.result)


def _dialling_fails(floor: Floor, call: Call, end: End) -> None:
    if call.dialling.emergency and call.leg_of(_CUSTOMER) is not None and end.is_lost:
        lost.lost(floor, call)
    else:
        phone_alone = not end.was_up and end.result is OfferResult.UNREACHABLE
        outbound.agent_failed(floor, call, EndedBy.SYSTEM if phone_alone else end.by(EndedBy.AGENT))


def _agent_leaves(floor: Floor, call: Call, end: End) -> None:
    if end.is_lost:
        lost.lost(floor, call)
    elif not after_talk.goes_on(floor, call):
        finish(floor, call, Outcome.COMPLETED, EndedBy.AGENT)


def _is_not_back_yet(floor: Floor, call: Call, end: End) -> None:
    lost.try_later(floor, call)


def _agent_leaves_on_hold(floor: Floor, call: Call, end: End) -> None:
    if end.is_lost and lost.in_the_page(floor, call):
        lost.lost(floor, call)
    else:
        target.agent_left(floor, call)


def _agent_leaves_consulting(floor: Floor, call: Call, end: End) -> None:
    alone = call.leg_of(_CUSTOMER) is None and end.is_lost
    if alone or (end.is_lost and lost.in_the_page(floor, call)):
        lost.lost(floor, call)
    else:
        consult.agent_left_consult(floor, call, end.by(EndedBy.AGENT))


def _agent_leaves_three(floor: Floor, call: Call, end: End) -> None:
    consult.agent_left_consult(floor, call, end.by(EndedBy.AGENT))


def _agent_leaves_the_target(floor: Floor, call: Call, end: End) -> None:
    if is_emergency(floor, call.target) and end.is_lost:
        lost.lost(floor, call)
    else:
        consult.agent_left_consult(floor, call, end.by(EndedBy.AGENT))


def _leaves_a_colleague(floor: Floor, call: Call, end: End) -> None:
    internal.one_leaves(floor, call, end.by(EndedBy.AGENT))


def _own_phone_lifted(floor: Floor, call: Call, leg: Leg) -> None:
    lifted_ = internal.own_phone_lifted if call.direction is Direction.INTERNAL else outbound.agent_lifted
    lifted_(floor, call, leg)


def _agent_goes_before_it_is_time(floor: Floor, call: Call, end: End) -> None:
    target.release_agent(floor, call, Cause.TRANSFERRED)


# -------------------------------------------------------------------------------------------------------- the target


def _target_goes(floor: Floor, call: Call, end: End) -> None:
    target.gone(floor, call, end.result, _why_gone(call, end), by=end.by(EndedBy.TARGET))


def _why_gone(call: Call, end: End) -> TargetGone:
    if end.was_up:
        return TargetGone.UNREACHABLE if end.is_lost else TargetGone.HUNG_UP
    if call.target is not None and call.target.cti_id is not None:
        return TargetGone(end.result)  # An offer to an agent ends in one word, here and in its row.
    return TargetGone(end.outcome)


# --------------------------------------------------------------------------------------------------------- the table

_S, _C, _A, _T = CallState, _CUSTOMER, Role.AGENT, Role.TARGET

_TO_QUEUE = "waiting, as the first, or without a queue announcing"
_TO_SENDER = f"ringing the sender, or transfer_ringing until their phone is free; else {_TO_QUEUE}: transfer_failed"
_BY_STEP = "by a step: its exit failed leads on, in_scenario, waiting, ringing, announcing"
_GONE_RINGING = Cell("ended: abandoned_ringing, abandoned_returned", _stops_waiting_while_offered)
_HUNG_UP = Cell("ended: completed", _customer_hangs_up)
_OFFER_FAILED = Cell(f"waiting, place kept; a recall: {_TO_QUEUE}: transfer_failed", _offer_fails)
_LEFT_TALK = Cell("ended: completed; phone lost: agent_lost", _agent_leaves)
_LEFT_CALLER = Cell("in_scenario by after_talk, else ended: completed; phone lost: agent_lost", _agent_leaves)
_BACK_ON_HOLD = Cell("on_hold, the reason is shown", _target_goes)
_OVER = Cell("ended: completed", _target_goes)
_LEFT_COLLEAGUE = Cell("ended: completed", _leaves_a_colleague)

LEFT: dict[tuple[CallState, Role], Cell] = {
    (_S.IN_SCENARIO, _C): Cell(
        "ended: left_in_scenario, abandoned_returned; with a message: voicemail; registered: callback_registered; "
        "after a talk: completed",
        _leaves_the_scenario,
    ),
    (_S.IN_DIALPLAN, _C): Cell("ended: left_in_scenario, abandoned_returned", _leaves_the_scenario),
    (_S.WAITING, _C): Cell("ended: abandoned_waiting, abandoned_returned", _stops_waiting),
    (_S.RINGING, _C): _GONE_RINGING,
    (_S.RINGING, _A): _OFFER_FAILED,
    (_S.ACCEPTED, _C): _GONE_RINGING,
    (_S.ACCEPTED, _A): _OFFER_FAILED,
    (_S.CONNECTING, _C): _GONE_RINGING,
    (_S.CONNECTING, _A): _OFFER_FAILED,
    (_S.DIALING_AGENT, _A): Cell("ended: agent_no_answer", _dialling_fails),
    (_S.DIALING_CUSTOMER, _C): Cell(
        "ended: busy, no_answer, rejected, invalid_number, unreachable", _cannot_be_reached
    ),
    (_S.DIALING_CUSTOMER, _A): Cell("ended: cancelled; emergency, phone lost: agent_lost", _dialling_fails),
    (_S.TALKING, _C): _HUNG_UP,
    (_S.TALKING, _A): _LEFT_CALLER,
    (_S.WARNING, _C): _HUNG_UP,
    (_S.WARNING, _A): _LEFT_TALK,
    (_S.AGENT_LOST, _C): Cell(
        "ended: completed; an emergency service is the target: agent_lost goes on", _leaves_while_the_agent_is_away
    ),
    (_S.AGENT_LOST, _A): Cell("agent_lost goes on: rung again in a moment", _is_not_back_yet),
    (_S.AGENT_LOST, _T): Cell("agent_lost goes on; without the customer ended: completed", _target_goes),
    (_S.ON_HOLD, _C): _HUNG_UP,
    (_S.ON_HOLD, _A): Cell(f"{_TO_QUEUE}: completed; phone in the page lost: agent_lost", _agent_leaves_on_hold),
    (_S.CONSULT_RINGING, _C): Cell("ended: completed; an emergency service rings on", _leaves_while_the_target_rings),
    (_S.CONSULT_RINGING, _A): Cell("transfer_ringing; phone in the page lost: agent_lost", _agent_leaves_consulting),
    (_S.CONSULT_RINGING, _T): Cell("on_hold, the reason is shown; without the customer ended: completed", _target_goes),
    (_S.CONSULT_TALKING, _C): Cell("consult_alone, the agent is told", _leaves_the_two_behind),
    (_S.CONSULT_TALKING, _A): Cell("joining; phone in the page lost: agent_lost", _agent_leaves_consulting),
    (_S.CONSULT_TALKING, _T): _BACK_ON_HOLD,
    (_S.CONSULT_SWAPPED, _C): Cell("consult_alone, the agent is told", _leaves_the_two_behind),
    (_S.CONSULT_SWAPPED, _A): Cell("joining; phone in the page lost: agent_lost", _agent_leaves_consulting),
    (_S.CONSULT_SWAPPED, _T): Cell("talking, the reason is shown; on_hold by the agent's phone", _target_goes),
    (_S.THREE_TOGETHER, _C): Cell("consult_alone, the agent is told", _leaves_the_two_behind),
    (_S.THREE_TOGETHER, _A): Cell(
        "talking of the target, transferred; joining until both were seen", _agent_leaves_three
    ),
    (_S.THREE_TOGETHER, _T): Cell("talking, the reason is shown; on_hold by the agent's phone", _target_goes),
    (_S.CONSULT_ALONE, _A): Cell("ended: completed; emergency, phone lost: agent_lost", _agent_leaves_the_target),
    (_S.CONSULT_ALONE, _T): _OVER,
    (_S.JOINING, _C): Cell(
        "consult_alone while the agent is there; else ended: completed, left_in_scenario, abandoned_returned",
        _leaves_the_two_behind,
    ),
    (_S.JOINING, _A): Cell("joining goes on; the agent is free", _agent_goes_before_it_is_time),
    (_S.JOINING, _T): Cell(f"on_hold while the agent is there; else {_TO_SENDER}; {_BY_STEP}", _target_goes),
    (_S.TRANSFER_RINGING, _C): Cell("ended: completed, left_in_scenario, abandoned_returned", _leaves_a_transfer),
    (_S.TRANSFER_RINGING, _T): Cell(f"{_TO_SENDER}; {_BY_STEP}", _target_goes),
    (_S.TRANSFER_CONFIRMING, _C): Cell("ended: left_in_scenario, abandoned_returned", _leaves_a_transfer),
    (_S.TRANSFER_CONFIRMING, _T): Cell(_BY_STEP, _target_goes),
    (_S.TRANSFERRED, _C): Cell("ended: completed, transferred_out", _customer_hangs_up),
    (_S.TRANSFERRED, _T): Cell("ended: completed, transferred_out", _target_goes),
    (_S.INTERNAL_RINGING, _A): Cell("ended: cancelled", _leaves_a_colleague),
    (_S.INTERNAL_RINGING, _T): Cell("ended: busy, no_answer, rejected, unreachable", _target_goes),
    (_S.INTERNAL_TALKING, _A): _LEFT_COLLEAGUE,
    (_S.INTERNAL_TALKING, _T): _OVER,
    (_S.INTERNAL_ON_HOLD, _A): _LEFT_COLLEAGUE,
    (_S.INTERNAL_ON_HOLD, _T): _OVER,
    (_S.INTERNAL_HELD, _A): _LEFT_COLLEAGUE,
    (_S.INTERNAL_HELD, _T): _OVER,
    (_S.ANNOUNCING, _C): Cell("ended: as announced", _leaves_the_last_message),
}
"""By state and role, the procedure for a party that has left. A pair that is missing cannot occur: the state has no
such party. In ended every leg only clears away."""

ANSWERED: dict[tuple[CallState, Role], Callable[[Floor, Call, Leg], None]] = {
    (_S.RINGING, _A): lifted,
    (_S.ACCEPTED, _A): lifted,
    (_S.DIALING_AGENT, _A): _own_phone_lifted,
    (_S.DIALING_CUSTOMER, _C): outbound.customer_answered,
    (_S.AGENT_LOST, _A): lost.back,
    (_S.AGENT_LOST, _C): lost.answered_meanwhile,
    (_S.AGENT_LOST, _T): lost.answered_meanwhile,
    (_S.CONSULT_RINGING, _T): target.lifted,
    (_S.TRANSFER_RINGING, _T): target.lifted,
    (_S.INTERNAL_RINGING, _T): internal.lifted,
}
"""By state and role, the procedure for a phone that is answered."""
