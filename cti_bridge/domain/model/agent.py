"""The agent: three fields that an agent, a call and a wish set, and their consequences.

``status`` is the agent's choice (requirements B2, B3): offline, ready, rest or business; those two may have a reason.
``state`` follows from the agent's call (requirement B4); only the table
:data:`cti_bridge.domain.model.wiring.AGENT_STATES` sets it. ``next_status`` is the wish for after the call (requirement
B6). The label for people is derived from all of them.

A command moves ``status`` while the agent is idle, and ``next_status`` during a call. A call moves ``state``. When the
call lets the agent go, ``state`` becomes idle. ``status`` then becomes the first of these: the ``next_status``; the
policy's status (``after_call`` after a conversation; ``missed``, ``declined``, ``busy`` and ``unreachable`` after so
many offers that were not taken); the status of before.

An agent is *assignable* (requirement C2) when logged in, permitted, ready and idle, with a free phone that is reachable
on the call's node. A phone is free when no leg of the agent exists, not even one that is still ending. We do not
declare it free before. The rule stands in :mod:`cti_bridge.domain.queue.no_calls`.
"""

from enum import StrEnum

from msgspec import Struct, field

from cti_bridge.domain.model.handling import Handling
from cti_bridge.domain.model.words import AfterCall, OfferResult, Prompt, SessionOver


class Status(StrEnum):
    OFFLINE = "offline"
    READY = "ready"
    REST = "rest"
    BUSINESS = "business"


class AgentState(StrEnum):
    IDLE = "idle"
    RINGING = "ringing"
    ACCEPTED = "accepted"
    DIALING = "dialing"
    TALKING = "talking"
    ON_HOLD = "on_hold"
    CONSULTING = "consulting"
    RECONNECTING = "reconnecting"
    MONITORING = "monitoring"
    """A supervisor monitors a call. No call sets it (:mod:`cti_bridge.domain.monitors`)."""


# Members that every call looks up, by names of the module: see the package.
_IDLE, _BUSINESS = AgentState.IDLE, Status.BUSINESS


class Reason(StrEnum):
    """The reserved reasons of business; the others come from the configuration."""

    TICKET_PROCESSING = "ticket_processing"
    MISSED = "missed"
    DECLINED = "declined"
    PHONE_BUSY = "phone_busy"
    PHONE_UNREACHABLE = "phone_unreachable"


_LABELS = {
    AgentState.RINGING: "Ringing",
    AgentState.ACCEPTED: "Connecting",
    AgentState.DIALING: "Dialing",
    AgentState.TALKING: "Talking",
    AgentState.ON_HOLD: "On Hold",
    AgentState.CONSULTING: "On Call (Transfer in Progress)",
    AgentState.RECONNECTING: "Reconnecting",
    AgentState.MONITORING: "Business (Monitoring)",
}

_REASONS = {
    Reason.TICKET_PROCESSING: "Ticket Processing",
    Reason.MISSED: "Missed call",
    Reason.DECLINED: "Declined call",
    Reason.PHONE_BUSY: "Phone busy",
    Reason.PHONE_UNREACHABLE: "Phone unreachable",
}

CONVERSING = frozenset({AgentState.TALKING, AgentState.ON_HOLD, AgentState.CONSULTING, AgentState.RECONNECTING})
"""The states of an agent in a conversation. When they end, the agent's idle time begins anew."""


class Missed(Struct, gc=False):
    """The call that the agent has just missed or declined."""

    result: OfferResult
    customer_number: str | None
    """None: the number is withheld."""
    customer_name: str
    at: float


class Login(Struct, gc=False):
    """A session as its row has it."""

    id: str
    at: float
    from_address: str | None


class Agent(Struct, gc=False):
    """All times are POSIX seconds of the engine's clock."""

    cti_id: str
    cti_number: str
    status: Status = Status.OFFLINE
    reason: str | None = None
    state: AgentState = AgentState.IDLE
    next_status: Status | None = None
    next_reason: str | None = None
    since: float = 0.0
    """The time of the last change of status, reason or state."""
    idle_since: float = 0.0
    """The end of the last conversation or failed offer, else the login. The agent who has been idle longest is served
    first."""
    seq: int = 0
    """The ``seq`` of the last agent_state_change."""
    session: str | None = None
    """A digest of the session's token."""
    csrf: str = ""
    login: Login | None = None
    """The session's row. None: no session, or one that an earlier release has begun."""
    beside: str | None = None
    """A digest of the token of a program's session. It ends with the agent's own."""
    session_began_at: float = 0.0
    session_used_at: float = 0.0
    """The time of the last request, as far as it was told, or at which the last panel has disconnected."""
    password_mark: str = ""
    """The mark of the password that the session began with; empty: not known."""
    leaving: SessionOver | None = None
    """The session ends for this reason as soon as the call lets the agent go."""
    call_id: str | None = None
    monitor_id: str | None = None
    """The monitor of a supervisor who monitors a call."""
    offer_id: str | None = None
    legs: list[str] = field(default_factory=list)
    """Every leg to this agent's phone that exists or is still ending."""
    reachable_on: list[str] = field(default_factory=list)
    """The nodes that say the phone is registered."""
    phone_retry_at: float | None = None
    """The phone counts as unreachable until then, for it could not be called."""
    pause_ends_at: float | None = None
    """The agent gets no offer until then, so that a phone that refuses at once does not spin."""
    processing_ends_at: float | None = None
    """The time at which ticket processing ends by itself."""
    after_processing: tuple[Status, str | None] | None = None
    """The status that follows when ticket processing ends by itself, for an agent who was not ready before the call.
    None: ready."""
    after_call_of: str | None = None
    """The call whose after-call work the agent does, or goes on with after a call that came to nothing."""
    after_call_kind: AfterCall | None = None
    handling: Handling | None = None
    """The call of a queue that the agent has, or does the after-call work of."""
    panel_live: bool = False
    panel_ends_at: float | None = None
    """The panel has disconnected, and counts as there until then."""
    prompt: Prompt | None = None
    help_at: float | None = None
    """The agent asks for help since then; None: they do not."""
    in_a_row: dict[OfferResult, int] = field(default_factory=dict)
    """How many calls the agent has not taken, in each way, since the last answer or login."""
    missed: Missed | None = None
    """The call that was missed or declined last, until anything about the agent changes again."""
    recent_calls: list[str] = field(default_factory=list)
    recent_offers: list[str] = field(default_factory=list)
    """The last few offers, newest last. A late click on one of them is told what happened."""

    @property
    def logged_in(self) -> bool:
        return self.session is not None

    @property
    def phone_reachable(self) -> bool:
        """Whether any node reaches the phone."""
        return bool(self.reachable_on) and self.phone_retry_at is None

    def phone_reachable_on(self, node: str) -> bool:
        """Whether the node reaches the phone. A call lives on one node, and phones are rung there."""
        return node in self.reachable_on and self.phone_retry_at is None

    @property
    def panel_there(self) -> bool:
        return self.panel_live or self.panel_ends_at is not None

    @property
    def processes_a_ticket(self) -> bool:
        return self.state is _IDLE and self.status is _BUSINESS and self.reason == Reason.TICKET_PROCESSING

    @property
    def label(self) -> str:
        """The status as people read it (requirement B4)."""
        if self.state is not _IDLE:
            return _LABELS[self.state]
        status = self.status.value.capitalize()
        if not self.reason:
            return status
        known = _REASONS.get(Reason(self.reason)) if self.reason in _REASONS else None
        return f"{status} ({known or self.reason.replace('_', ' ').capitalize()})"


def remember(recent: list[str], identity: str, most: int = 5) -> None:
    """Keep the last few ids, newest last."""
    if identity not in recent:
        recent.append(identity)
        del recent[:-most]
