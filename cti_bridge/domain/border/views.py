"""Views: the state of an agent and of a call as others see it. :mod:`cti_bridge.domain.views.snapshot` makes them.

The JSON of an answer or a frame has these fields in this order. The API's description is made from these classes
(``api/openapi.py``), so a field is added here and in
``domain/views/snapshot.py`` alone. Nobody changes a view. It is not frozen all the same: a
frozen one takes about twice as long to fill, and one is made at each change of an agent.
"""

from dataclasses import dataclass

from cti_bridge.domain.model.agent import AgentState, Status
from cti_bridge.domain.model.call import CallState, Role
from cti_bridge.domain.model.callbacks import CallbackKind, CallbackStatus
from cti_bridge.domain.model.hours import OpenState
from cti_bridge.domain.model.recorder import Reason, RecordingShown
from cti_bridge.domain.model.timestamps import Moment
from cti_bridge.domain.model.words import (
    AnswerMode,
    ConsultState,
    Direction,
    Holder,
    MayAsk,
    MonitorMode,
    MonitorState,
    NoCalls,
    OfferResult,
    PhoneState,
    Prompt,
    TargetGone,
)


@dataclass(slots=True)
class NextStatusView:
    """A status that is to come. Rest and business may have a reason."""

    status: Status
    reason: str | None


@dataclass(slots=True)
class OfferView:
    offer_id: str
    call_id: str
    expires_at: Moment


@dataclass(slots=True)
class ConsultView:
    """``target_name`` is empty for an outside number."""

    target: str
    target_name: str
    state: ConsultState


@dataclass(slots=True)
class ResultView:
    """``target_name`` is empty for an outside number."""

    target: str
    reason: TargetGone
    target_name: str


@dataclass(slots=True)
class MarksView:
    """The customer's number was force disconnected before, in calls of this service."""

    count: int
    last_reason: str
    last_at: Moment


@dataclass(slots=True)
class MissedView:
    """A call that the agent has missed or declined. ``customer_number`` is null when it is withheld."""

    result: OfferResult
    customer_number: str | None
    customer_name: str
    at: Moment


@dataclass(slots=True)
class RecordingView:
    """The recording of the conversation. ``reasons`` say why it is left out now. ``not_paused``: a pause was ordered
    and has not taken effect, so it still records. ``paused_since``: nothing has been recorded since then, for whatever
    reason. ``pause_ends_at``: the agent's pause ends then by itself."""

    state: RecordingShown
    reasons: list[Reason]
    not_paused: bool
    paused_by: str | None
    paused_since: Moment | None
    pause_ends_at: Moment | None


@dataclass(slots=True)
class MonitoredView:
    """A supervisor who monitors the agent's call, where the house lets agents see that."""

    name: str
    mode: MonitorMode


@dataclass(slots=True)
class MonitorView:
    """A call that a supervisor monitors. ``mode`` was commanded last; ``confirmed`` is in force, since
    ``confirmed_since``, as far as the PBX has shown; null: none is, or it is on its way. ``heard_by`` names the parties
    who hear the supervisor. ``cti_id`` and ``name`` are those of the agent whose call it is now; null: nobody's.
    ``since`` is when the supervisor has asked for it."""

    monitor_id: str
    call_id: str
    state: MonitorState
    mode: MonitorMode
    confirmed: MonitorMode | None
    heard_by: list[Role]
    cti_id: str | None
    name: str | None
    service: str | None
    call_state: CallState
    since: Moment
    confirmed_since: Moment | None
    by: str
    by_name: str


@dataclass(slots=True)
class CallView:
    """``asked_by`` is the name of the agent who consults, or who transfers while nobody has answered; else empty.
    ``customer_number`` is null when it is withheld or identifies nobody. ``emergency``: the call goes out to an
    emergency service. ``rings``: whoever is rung now is known to ring, or to play something before the answer.
    ``held_by`` names the holders of the customer: the panel, the agent's own phone, or both. ``holding`` names the
    parties whose phones hold by their own key. Their partners have music until the phones retrieve. ``digits_to`` names
    the parties to whom digits can be sent now. ``data`` holds the values that the scenario has learnt, by name; a
    secret one is ``****``. ``way`` holds the last choices on the way through the scenario, each a step and its exit.
    ``skills`` are those that the call asks of its agent, with their least levels. ``recording`` null: the
    conversation is not recorded, and nobody can begin that. ``monitors`` is empty where the house does not let agents
    see who monitors them."""

    call_id: str
    direction: Direction
    emergency: bool
    service: str | None
    customer_number: str | None
    customer_name: str
    dialed_number: str | None
    calling_number: str | None
    queue: str | None
    waited_s: float
    state: CallState
    rings: bool
    since: Moment
    answered_at: Moment | None
    ticket_id: str | None
    marks: MarksView | None
    warnings: int
    held_by: list[Holder]
    holding: list[Role]
    digits_to: list[Role]
    asked_by: str
    consult: ConsultView | None
    last_result: ResultView | None
    category: str | None
    data: dict[str, str]
    way: list[str]
    skills: dict[str, int]
    recording: RecordingView | None
    monitors: list[MonitoredView]


@dataclass(slots=True)
class AgentView:
    """``label`` is the text for people. An offered call stands in both ``offer`` and ``call``. ``no_calls`` names the
    obstacles to a call for the agent; when it is empty, the agent may get the next one. ``after_processing`` is the
    status to which ticket processing ends by itself; null: ready. ``waiting`` is the number of other callers in the
    agent's queues who had no agent when the view was made. ``missed`` is the call that the agent has just missed
    or declined, until their status or state changes. ``help_since``: the agent asks for help; null: they do not.
    ``monitor`` is the call that a supervisor monitors."""

    cti_id: str
    name: str
    cti_number: str
    answer: AnswerMode
    phone: PhoneState
    status: Status
    reason: str | None
    next_status: NextStatusView | None
    state: AgentState
    label: str
    since: Moment
    ticket_processing_ends_at: Moment | None
    after_processing: NextStatusView | None
    prompt: Prompt | None
    missed: MissedView | None
    offer: OfferView | None
    call: CallView | None
    allowed_actions: list[MayAsk]
    no_calls: list[NoCalls]
    waiting: int
    help_since: Moment | None
    monitor: MonitorView | None


@dataclass(slots=True)
class OverrideView:
    """Opening hours that ``by`` has set by hand at ``at``. ``until`` null: until somebody ends it."""

    state: OpenState
    until: Moment | None
    by: str
    at: Moment


@dataclass(slots=True)
class HoursView:
    """Opening hours now. ``until`` is the next change of state or reason; null: never. ``sound`` is the message of the
    exception that holds; empty: none."""

    id: str
    timezone: str
    state: OpenState
    until: Moment | None
    why: str
    sound: str
    override: OverrideView | None


@dataclass(slots=True)
class WorkView:
    """The work that waits for an agent: callers with a place in the own queues, and open call-backs and messages."""

    waiting: int
    messages: int


@dataclass(slots=True)
class EmergencyView:
    """The message that all callers of a service hear. ``next`` is what follows: SCENARIO/STEP, hangup, or go_on, the
    scenario itself. ``until`` null: until somebody ends it. ``by`` is a CTI ID, operator, or configuration, which has
    no ``at``."""

    message: str
    next: str
    until: Moment | None
    by: str
    at: Moment | None


@dataclass(slots=True)
class ServiceNowView:
    """A service now. Times of it are meant in ``timezone``. ``emergency`` null: its switch is off."""

    id: str
    name: str
    timezone: str
    emergency: EmergencyView | None


@dataclass(slots=True)
class QueueView:
    """A queue now. ``waiting`` are calls that wait or for which a phone rings, ``longest_s`` is the wait of the one
    that waits longest, since ``longest_since``; null: nobody waits. ``expected_wait_s`` is the expected wait of a new
    call; null: too little is known. ``agents_working`` work for it, also in a call; ``agents_ready`` could be given one
    now. It is ``closed`` by its opening hours, until ``opens_at``; null: not known."""

    id: str
    service: str
    waiting: int
    longest_s: float
    longest_since: Moment | None
    expected_wait_s: float | None
    agents_logged_in: int
    agents_working: int
    agents_ready: int
    callbacks: int
    closed: bool
    opens_at: Moment | None


@dataclass(slots=True)
class CallbackView:
    """A customer who is to be called. ``number`` null: the caller withholds it. ``calling_number`` is the confirmed one
    of the service that the customer sees; null: there is none. ``owner`` is who has dealt with it. ``recording_id``
    null: there is nothing to be heard, or not yet."""

    callback_id: str
    kind: CallbackKind
    service: str
    queue: str
    number: str | None
    calling_number: str | None
    name: str
    status: CallbackStatus
    owner: str | None
    placed_at: Moment
    ended_at: Moment | None
    attempts: int
    recording_id: str | None
    length_s: float | None
    version: int
