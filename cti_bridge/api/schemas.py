"""The bodies and queries that are accepted, and the shapes of answers. Those of agents and calls are the core's own
(``domain/border/views.py``).

Accepted ones are strict: no conversion between types, no unknown field, every text with a length. The shapes of answers
serve the API description and the tests. Answers are not validated while serving.
"""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    StringConstraints,
    model_validator,
)

from cti_bridge.api.cursors import CURSOR_PATTERN
from cti_bridge.api.paths import UUID_PATTERN
from cti_bridge.domain.border.views import AgentView, CallbackView, HoursView, QueueView, ServiceNowView
from cti_bridge.domain.model.timestamps import Moment
from cti_bridge.domain.model.words import Right
from cti_bridge.trial.taken import End
from tickets.rules import LONGEST_COMMENT, storable
from tickets.ticket import TicketEventType, TicketStatus

# --------------------------------------------------------------------------------------------------- accepted


def _storable(text: str) -> str:
    if not storable(text):
        raise ValueError("must not contain the character NUL")
    return text


def _with_plus(text: Any) -> Any:
    """A plus that was not escaped in a query arrives as a space."""
    return "+" + text[1:] if isinstance(text, str) and text.startswith(" ") else text


Name = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_storable)]
LONGEST_PASSWORD = 256
Password = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PASSWORD), AfterValidator(_storable)]
SearchText = Annotated[str, StringConstraints(max_length=100), AfterValidator(_storable)]
CommentText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_COMMENT), AfterValidator(_storable)]
Number = Annotated[
    str, BeforeValidator(_with_plus), StringConstraints(min_length=1, max_length=128), AfterValidator(_storable)
]
"""Longer than any number of a call, so every number that a call shows can be searched for."""
DialedNumber = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_storable)]
"""A number as a person writes it. A text that is no number is refused with a code of its own."""
Digits = Annotated[str, StringConstraints(pattern=r"^[0-9A-D*#]{1,32}$")]
Note = Annotated[str, StringConstraints(min_length=1, max_length=2_000), AfterValidator(_storable)]
ChosenStatus = Literal["ready", "rest", "business"]
TicketStatusName = Literal["open", "pending", "resolved"]


class Accepted(BaseModel):
    """A body or query from a client."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Nothing(Accepted):
    """No body, or an empty object."""


class LoginBody(Accepted):
    """With ``beside`` a program logs in beside the agent's panel, which goes on: it gets a token of its own, which ends
    with the agent's session, with its own logout, or with the next program's login."""

    cti_id: Name
    password: Password = Field(json_schema_extra={"writeOnly": True})
    beside: bool = False


class StatusBody(Accepted):
    """``reason`` is one of the configured reasons of the status: rest or business."""

    status: ChosenStatus
    reason: Name | None = None


class NextStatusBody(RootModel[StatusBody | None]):
    """The status after the present call; null cancels the wish."""

    model_config = ConfigDict(strict=True, frozen=True)


class AgentsQuery(Accepted):
    """``q`` is searched for in name, CTI ID and CTI number."""

    status: Literal["offline", "ready", "rest", "business"] | None = None
    q: SearchText = ""


class WhyQuery(Accepted):
    """``lang`` is the language of the texts."""

    lang: Literal["en", "ko"] = "en"


class CallsQuery(WhyQuery):
    """``state`` says which calls: those that wait."""

    state: Literal["waiting"]


class TicketsQuery(Accepted):
    """``id`` is that of a ticket or of its call. ``cursor`` stands in the address of the next page."""

    service: Name | None = None
    status: TicketStatusName | None = None
    owner: Name | None = None
    number: Number | None = None
    id: Annotated[str, StringConstraints(pattern=UUID_PATTERN, to_lower=True)] | None = None
    cursor: Annotated[str, StringConstraints(pattern=CURSOR_PATTERN)] | None = None


class DialBody(Accepted):
    """Exactly one of ``number`` and ``agent`` is set. ``agent`` is the CTI ID of a colleague, who is called without a
    customer; a ``number`` equal to a CTI number means that agent. ``calling_number`` is one of
    ``GET /calling-numbers``; a ``number`` without a country code is in its country. An emergency number needs no
    ``calling_number``, and is dialled as it is, and a colleague needs none."""

    number: DialedNumber | None = None
    calling_number: DialedNumber | None = None
    agent: Name | None = None

    @model_validator(mode="after")
    def _one(self) -> "DialBody":
        if (self.number is None) is (self.agent is None):
            raise ValueError("give either number or agent")
        return self


class TargetBody(Accepted):
    """Exactly one of both is set. ``agent`` is a CTI ID; a ``number`` equal to a CTI number means that agent."""

    number: DialedNumber | None = None
    agent: Name | None = None

    @model_validator(mode="after")
    def _one(self) -> "TargetBody":
        if (self.number is None) is (self.agent is None):
            raise ValueError("give either number or agent")
        return self


class TransferBody(Accepted):
    """Exactly one target is set: ``number`` or ``agent`` as in TargetBody, or a ``queue`` or ``scenario`` of the call's
    service. ``memo`` is a comment on the ticket, for who has the call next."""

    number: DialedNumber | None = None
    agent: Name | None = None
    queue: Name | None = None
    scenario: Name | None = None
    memo: CommentText | None = None

    @model_validator(mode="after")
    def _one(self) -> "TransferBody":
        if sum(one is not None for one in (self.number, self.agent, self.queue, self.scenario)) != 1:
            raise ValueError("give one of number, agent, queue and scenario")
        return self


Party = Literal["customer", "target"]


class PartyBody(Accepted):
    """The party of the three who is to go."""

    party: Party


class DigitsBody(Accepted):
    """``to`` says which of two outside parties is meant who both talk to the agent."""

    digits: Digits
    to: Party | None = None


class ForceDisconnectBody(Accepted):
    """``reason`` is one of the configured ones."""

    reason: Name
    note: Note | None = None


class FrequentNumberBody(Accepted):
    """A ``number`` without a country code is in the country of the agent's first calling number."""

    number: DialedNumber
    label: Name


def _without_default(schema: dict[str, Any]) -> None:
    """Null has a meaning of its own, and is not the same as nothing."""
    del schema["default"]


class HoursOverrideBody(Accepted):
    """``until`` is a time in the zone of the hours, ``14:00`` of today or ``2026-12-25T14:00``, or one with an offset
    from UTC. Without it the override ends with the day; null: it does not end by itself."""

    state: Literal["open", "closed"]
    until: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = Field(
        default=None, json_schema_extra=_without_default
    )


class EmergencyBody(Accepted):
    """``message`` is a sound of the PBX, ``sound:NAME``, in place of the one that is prepared. ``until`` is a time in
    the zone of the service, ``14:00`` of today or ``2026-12-25T14:00``, or one with an offset from UTC. Without it the
    emergency ends with the day; null: it does not end by itself."""

    message: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    until: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = Field(
        default=None, json_schema_extra=_without_default
    )


PressedKeys = Annotated[str, StringConstraints(pattern=r"^([0-9A-D*#]{1,32}|-)$")]


class TryBody(Accepted):
    """A call to be tried. ``at`` is a time in the zone of the number's service, ``2026-12-25T10:00``, or one with an
    offset; without it now. ``press`` has the keys for each prompt in turn, ``-`` for none. ``agents`` so many work.
    ``emergency``: as if the emergency switch of the service were on."""

    number: DialedNumber
    from_: DialedNumber | None = Field(default=None, alias="from")
    at: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    press: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^([0-9A-D*#]{1,32}|-)$")]], Field(max_length=100)
    ] = []
    agents: Annotated[int, Field(ge=0, le=100)] = 1
    emergency: bool = False


class TicketPatch(Accepted):
    """``version`` is the one that the sender has seen."""

    status: TicketStatusName
    version: int = Field(ge=1, le=2**31 - 1)


class CallbacksQuery(Accepted):
    """``cursor`` stands in the address of the next page."""

    kind: Literal["requested", "voicemail"] | None = None
    status: Literal["waiting", "done", "cancelled"] | None = None
    queue: Name | None = None
    cursor: Annotated[str, StringConstraints(pattern=CURSOR_PATTERN)] | None = None


class ReportQuery(Accepted):
    """``from`` and ``till`` are dates (2026-12-31, both included) or times (2026-12-31T14:00) in the time zone of the
    service. ``formula`` is that of the service level. ``transfers`` in: calls that were transferred, returned or moved
    are in the rates. ``cursor`` stands in the address of the next page."""

    from_: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(alias="from")
    till: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    interval: Literal["15", "30", "hour", "day", "week", "month"] = "day"
    service: Name | None = None
    queue: Name | None = None
    agent: Name | None = None
    number: Number | None = None
    formula: Literal["accepted", "answered", "answered_or_left", "offered"] = "accepted"
    transfers: Literal["in", "out"] = "out"
    format: Literal["json", "csv", "xlsx"] = "json"
    cursor: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None


class AudioQuery(Accepted):
    """``download``: "true" for a copy to keep."""

    download: Literal["true", "false"] = "false"

    @property
    def is_copy(self) -> bool:
        return self.download == "true"


class CallbackPatch(Accepted):
    """``version`` is the one that the sender has seen."""

    status: Literal["done"]
    version: int = Field(ge=1, le=2**31 - 1)


class CommentBody(Accepted):
    text: CommentText


# ---------------------------------------------------------------------------------------------------- answers


class Answered(BaseModel):
    """An answer of the server. Clients ignore fields that they do not know."""

    model_config = ConfigDict(extra="forbid")


class LoginAnswer(Answered):
    token: str
    csrf: str
    agent: AgentView


class AgentAnswer(Answered):
    agent: AgentView


class ServiceView(Answered):
    """``inbound`` is CTI-IB, ``outbound`` CTI-OB."""

    id: str
    name: str
    inbound: bool
    outbound: bool


class SettingsView(Answered):
    """The configuration that the panel shows or goes by. ``services``, ``queues`` and ``rights`` are the agent's own.
    Where ``rest_reasons`` is empty, rest has no reasons."""

    language: Literal["en", "ko"]
    business_reasons: list[str]
    rest_reasons: list[str]
    emergency_numbers: list[str]
    force_disconnect_reasons: list[str]
    services: list[ServiceView]
    queues: list[str]
    rights: list[Right]
    after_call: Literal["ticket", "ready", "ask"]
    open_ticket: Literal["connect", "ring"]
    cancel_resumes: bool
    hold_reminder_s: float
    ticket_url: str
    embedding_origins: list[str]
    host_dial: Literal["ask", "dial", "off"]


class SessionAnswer(Answered):
    """``csrf`` is the value for the header X-CTI-CSRF. The panel seals with ``draft_key`` whatever it keeps in the
    browser; pages of other origins get an empty one."""

    csrf: str
    agent: AgentView
    server_time: Moment
    settings: SettingsView
    draft_key: str


class IceServerView(Answered):
    """An RTCIceServer (WebRTC, section 4.2.2)."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


class PhoneAnswer(Answered):
    """The SIP account of the phone in the page, and how it reaches the PBX."""

    url: str
    uri: str
    username: str
    password: str
    ice_servers: list[IceServerView]


class DialAnswer(Answered):
    call_id: str


class CallingNumberView(Answered):
    """A calling number. Only a confirmed one can be used to dial."""

    number: str
    service: str
    state: Literal["new", "confirmed", "rejected"]


class CallingNumberList(RootModel[list[CallingNumberView]]):
    """The calling numbers of the agent's services, in the order of the configuration."""


class FrequentNumberView(Answered):
    id: str
    number: str
    label: str


class FrequentNumberList(RootModel[list[FrequentNumberView]]):
    """The agent's frequent numbers, in the order in which they were added."""


class Done(Answered):
    """The request is done."""


class AgentLine(Answered):
    cti_id: str
    name: str
    cti_number: str
    label: str


class AgentList(RootModel[list[AgentLine]]):
    """The agents, ordered by name."""


class TicketLine(Answered):
    ticket_id: str
    service: str
    call_id: str
    status: TicketStatus
    owner: str
    owner_name: str
    customer_number: str | None
    created_at: Moment
    version: int


class TicketList(RootModel[list[TicketLine]]):
    """The tickets, newest first."""


class TicketEventView(Answered):
    version: int
    at: Moment
    by: str
    type: TicketEventType
    detail: dict[str, Any]


class CommentView(Answered):
    comment_id: str
    at: Moment
    by: str
    text: str


class TicketView(TicketLine):
    """``names`` are those of the agents in it, by CTI ID."""

    events: list[TicketEventView]
    comments: list[CommentView]
    names: dict[str, str]


class TicketAnswer(Answered):
    ticket: TicketView


class CallbackList(RootModel[list[CallbackView]]):
    """The customers who are to be called, oldest first."""


class CallbackAnswer(Answered):
    callback: CallbackView


class QueueList(RootModel[list[QueueView]]):
    """The queues of the own services as they are now, in the order of the configuration."""


class HoursList(RootModel[list[HoursView]]):
    """All opening hours as they are now, in the order of the configuration."""


class ReportColumn(Answered):
    """``about`` is the definition."""

    name: str
    kind: Literal["moment", "text", "number", "count", "seconds", "rate", "flag"]
    about: str


class ReportPart(Answered):
    """The services of one time zone. Rates are per cent; null: nothing by nothing. ``intervals``
    are rows of all groups together. A list has neither these nor a ``total``."""

    timezone: str
    services: list[str]
    rows: list[dict[str, Any]]
    intervals: list[dict[str, Any]]
    total: dict[str, Any] | None


class ReportAnswer(Answered):
    """``service_level`` is the formula in words."""

    name: str
    about: str
    interval: str | None
    formula: str
    service_level: str
    transfers: str
    columns: list[ReportColumn]
    parts: list[ReportPart]


class HoursAnswer(Answered):
    hours: HoursView


class ServiceList(RootModel[list[ServiceNowView]]):
    """The own services as they are now, in the order of the configuration."""


class ServiceAnswer(Answered):
    service: ServiceNowView


class ReasonAnswer(Answered):
    """``code`` is stable; ``text`` is for people."""

    code: str
    text: str


class WhyAnswer(Answered):
    """The decisive reason first."""

    reasons: list[ReasonAnswer]


class WaitingCall(Answered):
    """``customer_number`` is masked, and null when it is withheld. ``since`` is when the wait began."""

    call_id: str
    service: str | None
    queue: str | None
    customer_number: str | None
    since: Moment
    waited_s: float
    reasons: list[ReasonAnswer]


class WaitingList(RootModel[list[WaitingCall]]):
    """Calls that wait, the next one first."""


class TriedStep(Answered):
    """``exit`` null: the call has not left the step. ``at_s`` are the seconds since the call came, without messages.
    ``heard`` are media of the PBX, and ``music:CLASS``."""

    step: str
    do: str
    exit: str | None
    at_s: float
    heard: list[str]


class TryAnswer(Answered):
    """``way`` has the steps in turn; those of another scenario are ``other/step``."""

    way: list[TriedStep]
    end: End


class FieldError(Answered):
    field: str
    message: str


class ProblemBody(Answered):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldError] | None = None
