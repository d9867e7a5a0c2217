"""What the core wants written down. Each becomes a row of `contract.md` section 4, or a change of a ticket.

Times are POSIX seconds. Every record has its own id, so that writing it twice is harmless.
"""

from dataclasses import dataclass, field
from typing import Any


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
    customer_number: str
    dialed_number: str
    calling_number: str | None
    queue: str | None
    arrived_at: float
    answered_at: float | None
    ended_at: float | None
    outcome: str | None
    ended_by: str | None
    version: int


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
    customer_number: str
    at: float
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TicketNoted:
    """Something happened to a ticket's call. ``type`` is a ``ticket_event.type`` of the contract; ``by`` a CTI ID
    or ``system``."""

    ticket_id: str
    type: str
    by: str
    at: float
    detail: dict[str, Any] = field(default_factory=dict)


Record = AgentStateChange | CallRow | CallEvent | OfferRow | TicketOpened | TicketNoted
