"""Records: what is to be written down. Each becomes a row of a table of ``storage/migrations``, or a change of a
ticket.

Times are POSIX seconds. Every record has its own id, so that writing it twice is harmless. Nobody changes a record. It
is not frozen all the same: a frozen one takes more than twice as long to fill, and a call has some ten.
"""

from dataclasses import dataclass, field
from typing import Any, Self

from cti_bridge.domain.model.agent import AgentState, Status
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.words import CallEventType, Cause, Direction, EndedBy, Noted, OfferResult, Outcome


@dataclass(slots=True)
class AgentStateChange:
    """Table ``agent_state_change``. ``lasted_s`` is the time in the *from* state; ``seq`` is gapless per agent."""

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


@dataclass(slots=True)
class CallRow:
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

    @classmethod
    def of(cls, call: Call) -> Self:
        return cls(
            id=call.id,
            node=call.node,
            direction=call.direction,
            service=call.service,
            customer_number=call.customer.number,
            dialed_number=call.dialed_number,
            calling_number=call.dialling.calling_number,
            queue=call.queue,
            arrived_at=call.arrived_at,
            answered_at=call.answered_at,
            ended_at=call.end.at,
            outcome=call.end.outcome,
            ended_by=call.end.by,
            version=call.version,
            emergency=call.dialling.emergency,
        )


@dataclass(slots=True)
class CallEvent:
    """Table ``call_event``; ``seq`` is gapless per call."""

    id: str
    call_id: str
    seq: int
    at: float
    type: CallEventType
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class OfferRow:
    """Table ``offer``, written when the offer is made (``ended_at`` and ``result`` None) and when it is over."""

    id: str
    call_id: str
    cti_id: str
    offered_at: float
    ended_at: float | None
    result: OfferResult | None


@dataclass(slots=True)
class TicketOpened:
    """A ticket is to be opened for a conversation. ``owner`` is a CTI ID."""

    ticket_id: str
    call_id: str
    service: str
    owner: str
    customer_number: str | None
    at: float
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class TicketNoted:
    """Something happened to a ticket's call. ``type`` is a ``ticket_event.type``; ``by`` a CTI ID or ``system``."""

    ticket_id: str
    type: Noted
    by: str
    at: float
    detail: dict[str, Any] = field(default_factory=dict)


Record = AgentStateChange | CallRow | CallEvent | OfferRow | TicketOpened | TicketNoted
