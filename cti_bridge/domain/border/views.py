"""What others are shown of an agent and of a call, as :mod:`cti_bridge.domain.views.snapshot` makes it.

The JSON of an answer or a frame has these fields in this order, and the API's description is made from these classes
(``api/openapi.py``), so a field is added here and nowhere else. Nobody changes a view; it is not frozen because a
frozen one takes about twice as long to fill, and one is made at each change of an agent.
"""

from dataclasses import dataclass

from cti_bridge.domain.model.agent import AgentState, Status
from cti_bridge.domain.model.call import CallState, Role
from cti_bridge.domain.model.timestamps import Moment
from cti_bridge.domain.model.words import (
    AnswerMode,
    ConsultState,
    Direction,
    Holder,
    MayAsk,
    NoCalls,
    PhoneState,
    Prompt,
    TargetGone,
)


@dataclass(slots=True)
class NextStatusView:
    """A status that is to come. Only business has a reason."""

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
class CallView:
    """``customer_number`` null: withheld, or it identifies nobody. ``emergency``: out to an emergency service.
    ``held_by``: what keeps the customer on hold, the panel, the agent's own phone, or both. ``holding``: whose phones
    hold by their own key; who talks with them has music until they retrieve."""

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
    since: Moment
    answered_at: Moment | None
    ticket_id: str | None
    marks: MarksView | None
    warnings: int
    held_by: list[Holder]
    holding: list[Role]
    consult: ConsultView | None
    last_result: ResultView | None


@dataclass(slots=True)
class AgentView:
    """``label`` is what people read. An offered call stands in both ``offer`` and ``call``. ``no_calls`` says why no
    call is given to the agent now; empty: the next one may be theirs. ``after_processing`` is the status to which
    ticket processing ends by itself; null: ready."""

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
    offer: OfferView | None
    call: CallView | None
    allowed_actions: list[MayAsk]
    no_calls: list[NoCalls]
