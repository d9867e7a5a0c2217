"""Records: what is to be written down. Each becomes a row of a table of ``storage/migrations``, or a change of a
ticket.

Times are POSIX seconds. Every record has its own id, so that writing it twice is harmless. A row that each call has
several times is filled by position, one field a line in their order: by name takes ten times as long
(``tests/unit/test_row_places.py`` compares each).
"""

from typing import Any, Self

from msgspec import Struct, field

from cti_bridge.domain.border.audit_row import AuditRow
from cti_bridge.domain.border.interval_rows import CallInterval, TransferRow
from cti_bridge.domain.border.monitor_row import MonitorRow
from cti_bridge.domain.model.agent import AgentState, Status
from cti_bridge.domain.model.call import Call, CallState, Offer
from cti_bridge.domain.model.callbacks import (
    Callback,
    CallbackKind,
    CallbackStatus,
    Recording,
    RecordingKind,
    RecordingState,
)
from cti_bridge.domain.model.hours import HoursOverride, OpenState
from cti_bridge.domain.model.visit import Visit
from cti_bridge.domain.model.words import (
    AfterCall,
    CallEventType,
    Cause,
    Direction,
    EndedBy,
    LoginEnd,
    Noted,
    OfferKind,
    OfferResult,
    Outcome,
    OverrideEnd,
    Unseen,
    VisitExit,
    VisitKind,
    VisitReason,
)

# Members that every call looks up, by names of the module: see the package.
_INBOUND = Direction.INBOUND


class AgentStateChange(Struct, frozen=True, gc=False):
    """Table ``agent_state_change``. ``lasted_s`` is the time in the *from* state; ``reason`` and ``after_call_of`` are
    of the new one. ``seq`` is gapless per agent."""

    id: str
    cti_id: str
    seq: int
    from_status: Status
    from_state: AgentState
    to_status: Status
    to_state: AgentState
    reason: str | None
    cause: Cause
    call_id: str | None
    at: float
    lasted_s: float
    from_reason: str | None = None
    after_call_of: str | None = None
    after_call_kind: AfterCall | None = None
    seen_late: bool = False
    by: str | None = None


class CallRow(Struct, frozen=True, gc=False):
    """Table ``call``: the present state. Of two rows the one with the higher version holds."""

    id: str
    node: str
    direction: Direction
    service: str | None
    customer_number: str | None
    dialed_number: str
    calling_number: str | None
    queue: str | None
    arrived_at: float
    answered_at: float | None
    ended_at: float | None
    outcome: Outcome | None
    ended_by: EndedBy | None
    version: int
    emergency: bool
    ended_in: CallState | None = None
    hangup_cause: int | None = None
    sip_code: int | None = None
    seen_late: bool = False
    customer_left_at: float | None = None
    customer_rang_at: float | None = None
    agent_lifted_at: float | None = None
    first_cti_id: str | None = None
    last_cti_id: str | None = None
    wait_s: float = 0.0
    talk_s: float = 0.0
    hold_s: float = 0.0
    category: str | None = None
    priority: int = 0
    data: dict[str, str] | None = None

    @classmethod
    def of(cls, call: Call) -> Self:
        end, course, dialling = call.end, call.course, call.dialling
        return cls(
            call.id,
            call.node,
            call.direction,
            call.service,
            call.customer.number,
            call.dialed_number,
            dialling.calling_number,
            # A call out that came back waits in a queue, and is still none of its callers.
            call.queue if call.direction is _INBOUND else None,
            call.arrived_at,
            call.answered_at,
            end.at,
            end.outcome,
            end.by,
            call.version,
            dialling.emergency,
            end.state,
            end.hangup_cause,
            end.sip_code,
            end.seen_late,
            course.customer_left_at,
            course.customer_rang_at,
            course.agent_lifted_at,
            course.first_cti_id,
            course.last_cti_id,
            round(course.wait_s, 3) if course.wait_s else 0.0,
            round(course.talk_s, 3) if course.talk_s else 0.0,
            round(course.hold_s, 3) if course.hold_s else 0.0,
            call.category,
            call.priority,
            dict(call.variables) if call.variables else None,
        )


class CallEvent(Struct, frozen=True, gc=False):
    """Table ``call_event``; ``seq`` is gapless per call."""

    id: str
    call_id: str
    seq: int
    at: float
    type: CallEventType
    detail: dict[str, Any] = field(default_factory=dict)


class OfferRow(Struct, frozen=True, gc=False):
    """Table ``offer``, written when the offer is made (``ended_at`` and ``result`` None) and when it is over."""

    id: str
    call_id: str
    cti_id: str
    offered_at: float
    ended_at: float | None
    result: OfferResult | None
    kind: OfferKind = OfferKind.QUEUE
    queue: str | None = None
    accepted_at: float | None = None
    hangup_cause: int | None = None
    sip_code: int | None = None
    seen_late: bool = False
    visit_id: str | None = None

    @classmethod
    def of(
        cls,
        call_id: str,
        offer: Offer,
        ended_at: float | None = None,
        result: OfferResult | None = None,
        *,
        seen_late: bool = False,
    ) -> Self:
        return cls(
            offer.id,
            call_id,
            offer.cti_id,
            offer.offered_at,
            ended_at,
            result,
            offer.kind,
            offer.queue,
            offer.accepted_at,
            offer.hangup_cause,
            offer.sip_code,
            seen_late,
            offer.visit_id,
        )


class ScenarioStep(Struct, frozen=True, gc=False):
    """Table ``scenario_step``, written when the call leaves the step. ``seq`` is gapless per call; ``at`` is the time
    at which the call came to it."""

    id: str
    call_id: str
    seq: int
    scenario: str
    step: str
    exit: str
    at: float
    lasted_s: float


class AfterCallWork(Struct, frozen=True, gc=False):
    """The after-call work of the agent who answered a visit, table ``queue_visit``: ``after_call_s`` there."""

    visit_id: str
    after_call_s: float


class QueueVisit(Struct, frozen=True, gc=False):
    """Table ``queue_visit``, written when the call enters the queue, when it leaves it, and when the talk is over. Of
    two rows the one with the higher version holds. ``talk_s`` and ``hold_s`` are None until the talk is over,
    ``ahead`` and ``wait_predicted_s`` until the call leaves. ``after_call_s`` comes by :class:`AfterCallWork`."""

    id: str
    call_id: str
    seq: int
    service: str | None
    direction: Direction
    queue: str
    kind: VisitKind
    reason: VisitReason | None
    from_cti_id: str | None
    prior: str | None
    entered_at: float
    left_at: float | None
    exit: VisitExit | None
    exit_to: str | None
    answered_by: str | None
    offers: int
    talk_s: float | None
    hold_s: float | None
    seen_late: bool
    version: int
    lender: str | None = None
    ahead: int | None = None
    wait_predicted_s: float | None = None
    after_call_s: float | None = None

    @classmethod
    def of(cls, call: Call, visit: Visit) -> Self:
        course, over = call.course, visit.over
        hold_s = course.hold_s - visit.hold_before_s if over else None
        return cls(
            visit.id,
            call.id,
            visit.seq,
            call.service,
            call.direction,
            visit.queue,
            visit.kind,
            visit.reason,
            visit.from_cti_id,
            visit.prior,
            visit.entered_at,
            visit.left_at,
            visit.exit,
            visit.exit_to,
            visit.answered_by,
            visit.offers,
            round(course.talk_s - visit.talk_before_s, 3) if over else None,
            round(hold_s, 3) if hold_s else hold_s,
            visit.seen_late,
            visit.version,
            visit.lender,
            visit.ahead,
            visit.wait_predicted_s,
        )


class LoginRow(Struct, frozen=True, gc=False):
    """Table ``login``, written when a session begins (``ended_at`` and ``ended_by`` None) and when it is over."""

    id: str
    cti_id: str
    at: float
    ended_at: float | None
    ended_by: LoginEnd | None
    from_address: str | None


class GapRow(Struct, frozen=True, gc=False):
    """Table ``gap``: a time in which nobody saw calls, or nobody wrote rows. ``node`` None: all of them."""

    id: str
    what: Unseen
    node: str | None
    from_at: float
    till_at: float


class HoursOverrideRow(Struct, frozen=True, gc=False):
    """Table ``hours_override``, written when an override begins (``ended_at`` None) and when it is over. ``ended_by``
    is who has ended it; None: nobody."""

    id: str
    hours: str
    state: OpenState
    until: float | None
    by: str
    at: float
    ended_at: float | None = None
    ended_why: OverrideEnd | None = None
    ended_by: str | None = None

    @classmethod
    def of(
        cls,
        override: HoursOverride,
        ended_at: float | None = None,
        why: OverrideEnd | None = None,
        by: str | None = None,
    ) -> Self:
        return cls(
            id=override.row_id,
            hours=override.hours,
            state=override.state,
            until=override.until,
            by=override.by,
            at=override.at,
            ended_at=ended_at,
            ended_why=why,
            ended_by=by,
        )


class CallbackRow(Struct, frozen=True, gc=False):
    """Table ``callback``: the present state. Of two rows the one with the higher version holds."""

    id: str
    kind: CallbackKind
    service: str
    queue: str
    number: str | None
    name: str
    status: CallbackStatus
    owner: str | None
    placed_at: float
    next_at: float | None
    expires_at: float | None
    attempts: int
    source_call: str | None
    last_call: str | None
    recording: str | None
    note: str
    ended_at: float | None
    version: int

    @classmethod
    def of(cls, found: Callback) -> Self:
        return cls(
            id=found.id,
            kind=found.kind,
            service=found.service,
            queue=found.queue,
            number=found.number,
            name=found.name,
            status=found.status,
            owner=found.owner,
            placed_at=found.placed_at,
            next_at=None,
            expires_at=None,
            attempts=found.attempts,
            source_call=found.source_call,
            last_call=None,
            recording=found.recording,
            note="",
            ended_at=found.ended_at,
            version=found.version,
        )


class RecordingRow(Struct, frozen=True, gc=False):
    """Table ``recording``: the present state. Of two rows the one with the higher version holds."""

    id: str
    call_id: str
    ticket_id: str | None
    service: str
    state: RecordingState
    started_at: float
    ended_at: float | None
    segments: list[dict[str, Any]]
    file: str | None
    sha256: str | None
    bytes: int | None
    delete_after: float | None
    version: int
    kind: RecordingKind = RecordingKind.VOICEMAIL
    length_s: float | None = None
    missing_s: float | None = None

    @classmethod
    def of(cls, found: Recording) -> Self:
        return cls(
            id=found.id,
            call_id=found.call_id,
            ticket_id=found.ticket_id,
            service=found.service,
            state=found.state,
            started_at=found.started_at,
            ended_at=found.ended_at,
            segments=list(found.segments),
            file=found.file or None,
            sha256=found.sha256 or None,
            bytes=found.bytes or None,
            delete_after=found.delete_after,
            version=found.version,
            kind=found.kind,
            length_s=round(found.length_s, 3) if found.length_s is not None else None,
            missing_s=found.missing_s,
        )


class TicketOpened(Struct, frozen=True, gc=False):
    """A ticket is to be opened for a conversation. ``owner`` is a CTI ID."""

    ticket_id: str
    call_id: str
    service: str
    owner: str
    customer_number: str | None
    at: float
    detail: dict[str, Any] = field(default_factory=dict)


class TicketNoted(Struct, frozen=True, gc=False):
    """Something happened to a ticket's call. ``type`` is a ``ticket_event.type``; ``by`` a CTI ID or ``system``."""

    ticket_id: str
    type: Noted
    by: str
    at: float
    detail: dict[str, Any] = field(default_factory=dict)


Record = (
    AgentStateChange
    | CallRow
    | CallEvent
    | OfferRow
    | ScenarioStep
    | QueueVisit
    | AfterCallWork
    | CallInterval
    | TransferRow
    | LoginRow
    | GapRow
    | HoursOverrideRow
    | CallbackRow
    | RecordingRow
    | AuditRow
    | MonitorRow
    | TicketOpened
    | TicketNoted
)
