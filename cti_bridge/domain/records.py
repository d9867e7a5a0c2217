"""What the core wants written down. Each becomes a row of a table of ``storage/migrations``, or a change of a ticket.

Times are POSIX seconds. Every record has its own id, so that writing it twice is harmless.
"""

from dataclasses import dataclass, field
from typing import Any, Self

from cti_bridge.domain.call import Call

CAUSES = frozenset(
    [
        "login",
        "logout",
        "command",
        "offered",
        "accepted",
        "answered",
        "missed",
        "declined",
        "unreachable",
        "caller_left",
        "dial",
        "dial_failed",
        "held",
        "resumed",
        "consult",
        "consult_cancelled",
        "consult_failed",
        "connected",
        "transferred",
        "recalled",
        "forced",
        "call_ended",
        "agent_lost",
        "agent_back",
        "limit",
        "node_lost",
        "recovery",
    ]
)
"""What may have made an agent's change."""

OUTCOMES = frozenset(
    [
        "completed",
        "abandoned_waiting",
        "abandoned_ringing",
        "queue_timeout",
        "service_off",
        "unknown_number",
        "blocked",
        "busy",
        "no_answer",
        "rejected",
        "invalid_number",
        "unreachable",
        "cancelled",
        "agent_no_answer",
        "force_disconnected",
        "transfer_failed",
        "agent_lost",
        "node_lost",
    ]
)
"""How a call may have ended."""

ENDED_BY = frozenset({"customer", "agent", "target", "system"})
OFFER_RESULTS = frozenset({"answered", "missed", "declined", "unreachable", "caller_left", "withdrawn"})


@dataclass(frozen=True, slots=True)
class AgentStateChange:
    """Table ``agent_state_change``. ``lasted_s`` is the time in the *from* state; ``seq`` is gapless per agent."""

    id: str
    cti_id: str
    seq: int
    from_status: str
    from_state: str
    to_status: str
    to_state: str
    reason: str | None
    cause: str
    call_id: str | None
    at: float
    lasted_s: float


@dataclass(frozen=True, slots=True)
class CallRow:
    """Table ``call``: the present state; of two the one with the higher version holds."""

    id: str
    node: str
    direction: str
    service: str | None
    customer_number: str | None
    dialed_number: str
    calling_number: str | None
    queue: str | None
    arrived_at: float
    answered_at: float | None
    ended_at: float | None
    outcome: str | None
    ended_by: str | None
    version: int
    emergency: bool

    @classmethod
    def of(cls, call: Call) -> Self:
        return cls(
            id=call.id,
            node=call.node,
            direction=call.direction,
            service=call.service,
            customer_number=call.customer_number,
            dialed_number=call.dialed_number,
            calling_number=call.calling_number,
            queue=call.queue,
            arrived_at=call.arrived_at,
            answered_at=call.answered_at,
            ended_at=call.ended_at,
            outcome=call.outcome,
            ended_by=call.ended_by,
            version=call.version,
            emergency=call.emergency,
        )


@dataclass(frozen=True, slots=True)
class CallEvent:
    """Table ``call_event``; ``seq`` is gapless per call."""

    id: str
    call_id: str
    seq: int
    at: float
    type: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfferRow:
    """Table ``offer``, written when the offer is made (``ended_at`` and ``result`` None) and when it is over."""

    id: str
    call_id: str
    cti_id: str
    offered_at: float
    ended_at: float | None
    result: str | None


@dataclass(frozen=True, slots=True)
class TicketOpened:
    """A ticket is to be opened for a conversation. ``owner`` is a CTI ID."""

    ticket_id: str
    call_id: str
    service: str
    owner: str
    customer_number: str | None
    at: float
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TicketNoted:
    """Something happened to a ticket's call. ``type`` is a ``ticket_event.type``; ``by`` a CTI ID or ``system``."""

    ticket_id: str
    type: str
    by: str
    at: float
    detail: dict[str, Any] = field(default_factory=dict)


Record = AgentStateChange | CallRow | CallEvent | OfferRow | TicketOpened | TicketNoted
