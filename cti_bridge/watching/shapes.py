"""Shapes of what supervisors watch: rows of the live page and of the wallboard. Times are moments, so that a row is
another one only when something has happened; whoever shows it lets its clock run."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cti_bridge.domain.border.views import NextStatusView
from cti_bridge.domain.model.agent import AgentState, Status
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.recorder import RecordingShown
from cti_bridge.domain.model.timestamps import Moment
from cti_bridge.domain.model.words import Direction, PhoneState


class AlertLevel(StrEnum):
    WARN = "warn"
    ALARM = "alarm"


class AlertKind(StrEnum):
    """The weightiest first."""

    NOBODY_WORKS = "nobody_works"
    """A queue is open, and nobody works for it."""
    PHONES_GONE = "phones_gone"
    """The phones of a third of a queue's agents have gone within a minute."""
    TRUNK_FAILED = "trunk_failed"
    """Calls out let nothing ring."""
    RECORDING_FAILED = "recording_failed"
    """Conversations are not recorded, or not whole, though they should be."""
    LONGEST_WAIT = "longest_wait"
    """A call waits for longer than the second limit of its queue."""
    CALLBACKS_OVERDUE = "callbacks_overdue"
    """Call-backs and messages wait for longer than a limit of their queue."""


@dataclass(slots=True)
class LiveCallView:
    """The call of an agent. ``customer_number`` is masked; null: it is withheld, or the call has no customer.
    ``answered_at`` null: agent and customer have not talked yet. ``partner`` is the colleague or the outside party who
    is consulted; empty: nobody. ``recording`` null: nothing is recorded."""

    call_id: str
    service: str | None
    queue: str | None
    direction: Direction
    customer_number: str | None
    state: CallState
    since: Moment
    answered_at: Moment | None
    partner: str
    recording: RecordingShown | None
    emergency: bool


@dataclass(slots=True)
class AgentTodayView:
    """``calls`` are those that the agent has had of customers, in and out. ``talk_s`` is the talk in them without the
    one that goes on, hold apart. ``missed`` counts offers that were missed or declined."""

    calls: int
    talk_s: float
    missed: int


@dataclass(slots=True)
class LiveAgentView:
    """``team`` empty: none. ``help_since`` null: the agent does not ask for help. ``next_status`` null: no wish for
    after the call. ``limit``: of the state that the agent is in, the seconds from which on it is shown as long; null:
    none."""

    cti_id: str
    name: str
    team: str
    phone: PhoneState
    status: Status
    reason: str | None
    state: AgentState
    label: str
    since: Moment
    next_status: NextStatusView | None
    help_since: Moment | None
    limit: float | None
    call: LiveCallView | None
    today: AgentTodayView


@dataclass(slots=True)
class LiveWaitingView:
    """A call that waits, or for which a phone rings. ``order`` is its place in the one order over all queues: the
    smallest is served next. ``customer_number`` is masked; null: it is withheld."""

    call_id: str
    service: str | None
    queue: str
    customer_number: str | None
    since: Moment
    rings: bool
    order: list[Any]


@dataclass(slots=True)
class LimitsView:
    """From which figure on a queue is shown as late, and from which on as an alarm; empty: never."""

    waiting: list[int]
    longest_s: list[int]
    service_level: list[int]


@dataclass(slots=True)
class LiveQueueView:
    """A queue now, and today. ``longest_since`` null: nobody waits. ``expected`` is the bracket of the expected wait of
    a new call, in minutes; null: too little is known. ``today`` counts as the report queue-handling; rates are per
    cent, null: nothing by nothing. ``open`` by its hours."""

    id: str
    service: str
    waiting: int
    longest_since: Moment | None
    expected: str | None
    working: int
    ready: int
    callbacks: int
    open: bool
    today: dict[str, int]
    answer_rate: float | None
    service_level: float | None
    limits: LimitsView


@dataclass(slots=True)
class LiveServiceView:
    """A service today, each call once. ``formula`` of the service level by name; ``service_level_s`` and
    ``short_abandon_s`` are those of its queues; null: they differ. ``day`` is the day that is counted. ``emergency``:
    its switch is on. ``overridden``: opening hours of its queues that somebody has set by hand. ``working`` agents work
    for its queues, ``ready`` of them could be given a call, each counted once."""

    id: str
    name: str
    timezone: str
    day: str
    working: int
    ready: int
    formula: str
    service_level_s: float | None
    short_abandon_s: float | None
    today: dict[str, int]
    answer_rate: float | None
    service_level: float | None
    emergency: bool
    overridden: list[str]


@dataclass(slots=True)
class LiveAlertView:
    """Something that somebody has to look at, ``since`` it was seen. ``queue``, ``service`` or ``node`` (a PBX) say
    where; null: it is no matter of one. ``count``: of calls, call-backs, conversations or phones; of the last ten
    minutes for trunk_failed and recording_failed. ``of``: of so many; null: it is no part of a number. ``limit_s``: the
    limit that was passed."""

    id: str
    kind: AlertKind
    level: AlertLevel
    since: Moment
    service: str | None = None
    queue: str | None = None
    node: str | None = None
    count: int = 0
    of: int | None = None
    limit_s: float | None = None


@dataclass(slots=True)
class LiveTeamView:
    """A team now: agents who are logged in, by what they are at. ``talking`` to a customer or a colleague, ``outbound``
    in calls of theirs and dialling. ``hold_over`` and ``processing_over`` are for longer than their limits. The rates
    are those of the queues that the team serves."""

    id: str
    queues: list[str]
    logged_in: int
    ready: int
    talking: int
    ringing: int
    outbound: int
    away: int
    hold_over: int
    processing_over: int
    answer_rate: float | None
    service_level: float | None


@dataclass(slots=True)
class LiveHelpView:
    """An agent who asks for help. ``queue`` and ``direction`` are of the call that the agent is in; null: there is
    none."""

    cti_id: str
    name: str
    team: str
    since: Moment
    queue: str | None
    direction: Direction | None
