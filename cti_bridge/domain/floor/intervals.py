"""Intervals of a call: who beside the customer took part in it, and in which state (table ``call_interval``).

A stretch begins when the call comes into a state and ends when it leaves it; each of its parties is one row then. So
the intervals of a party never overlap, and talk, hold and consultations of an agent are their sums. Ringing stands in
offers, waiting in visits. A conversation that begins, is on its way to a target, or plays a last message is no
interval: nobody talks in it.
"""

from cti_bridge.domain.border.interval_rows import CallInterval
from cti_bridge.domain.model.call import CONVERSES_INTERNALLY, INTERNAL, WITH_TARGET, Call, CallState
from cti_bridge.domain.model.ids import Ids
from cti_bridge.domain.model.stretch import Stretch
from cti_bridge.domain.model.words import HELD_BY_CONSULT, Cause, VisitExit

# Members that every call looks up, by names of the module: see the package.
_ON_HOLD = CallState.ON_HOLD
_ANSWERED = VisitExit.ANSWERED

_S = CallState
_TARGET_TAKES_PART = (WITH_TARGET - {_S.CONSULT_RINGING}) | CONVERSES_INTERNALLY | {_S.TRANSFERRED}
_LED = frozenset(
    {_S.DIALING_AGENT, _S.DIALING_CUSTOMER, _S.TALKING, _S.WARNING, _S.AGENT_LOST, _S.ON_HOLD, _S.INTERNAL_RINGING}
)
STAGES = _LED | WITH_TARGET | INTERNAL | {_S.TRANSFERRED}
"""The states in which somebody beside the customer takes part."""


def begin(call: Call) -> Stretch:
    """Return the stretch of the state in which the call is now."""
    state = call.state
    if state in _LED:
        return Stretch(call.cti_id, call.held_by[0] if state is _ON_HOLD and call.held_by else None)
    stretch = Stretch(None if state is _S.TRANSFERRED else call.cti_id, HELD_BY_CONSULT)
    if state in _TARGET_TAKES_PART:
        if state is not _S.CONSULT_TALKING:
            stretch.held_by = None
        add_target(call, stretch)
    return stretch


def add_target(call: Call, stretch: Stretch) -> None:
    """The call's target takes part in the stretch."""
    if call.target is not None:
        stretch.target_cti_id = call.target.cti_id
        stretch.target_number = None if call.target.cti_id else call.target.number


def rows(
    call: Call, stretch: Stretch, ids: Ids, now: float, till: float, cause: Cause, *, late: bool
) -> list[CallInterval]:
    """Return the rows of a stretch that is over, one a party; none when it has not lasted, or was over before it was
    seen to begin."""
    if till <= call.state_since:
        return []
    made = []
    if stretch.cti_id is not None:
        made.append(_row(call, stretch, ids.uuid(now), "agent", till, cause, late))
    if stretch.target_cti_id is not None or stretch.target_number is not None:
        made.append(_row(call, stretch, ids.uuid(now), "target", till, cause, late))
    return made


def _row(call: Call, stretch: Stretch, identity: str, role: str, till: float, cause: Cause, late: bool) -> CallInterval:
    call.course.intervals += 1
    target, visit = role == "target", call.visit
    if visit is not None and (visit.exit is not _ANSWERED or visit.over):
        visit = None
    return CallInterval(
        identity,
        call.id,
        visit.id if visit is not None else None,
        call.course.intervals,
        call.service,
        call.direction,
        visit.queue if visit is not None else None,
        call.state,
        role,
        stretch.target_cti_id if target else stretch.cti_id,
        stretch.target_number if target else None,
        None if target else stretch.held_by,
        call.state_since,
        till,
        cause,
        late,
    )
