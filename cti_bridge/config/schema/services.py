"""Services, the numbers that their customers see, and the people who work for them."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from cti_bridge.config.kinds import (
    AtLeastOne,
    CostlyType,
    Country,
    DialPrefix,
    EmergencyTarget,
    EndpointName,
    FilePath,
    Identifier,
    Media,
    Moment,
    Number,
    PasswordHash,
    QueuesOfAgent,
    Skills,
    TimeZone,
    Title,
    TokenHash,
)
from cti_bridge.config.schema.section import Section


class EmergencySettings(Section):
    """[services.emergency]: what all callers of the service hear while its emergency switch is on, in place of their
    scenarios: "our lines are down". ``cti-bridge emergency ID on`` switches it on, or a supervisor. Who is in a
    scenario already, or waits, goes on as before."""

    message: Media = ""
    """The message. Empty: none; ``next`` alone says what happens."""
    next: EmergencyTarget = "hangup"
    """Where the call goes on then: at a step, "SCENARIO/STEP", as one that takes messages; "go_on": in the scenario
    that was called; or "hangup"."""
    on: bool = False
    """true: it is on, as long as this stands here."""
    until: Moment = ""
    """The end of ``on``, in the time zone of the service: "2026-12-25T14:00". Empty: none."""


class ServiceSettings(Section):
    """[[services]]: a client organisation or department; tickets belong to it."""

    id: Identifier
    """The service's name in the API, tables and this configuration."""
    name: Title = ""
    """The service's name for people."""
    timezone: TimeZone | None = None
    """The time zone in which the service's days begin, and in which the times of its tests and of ``try`` are meant, as
    "Asia/Seoul". None: that of the opening hours that its scenarios ask."""
    inbound: bool = True
    """CTI-IB: calls to its numbers are taken."""
    outbound: bool = True
    """CTI-OB: its agents may call out."""
    outbound_ticket: Literal["on_answer", "on_dial"] = "on_answer"
    """The moment at which the ticket of a call out is opened: at the answer, or as soon as it is dialled."""
    allowed_prefixes: list[DialPrefix] = []
    """Prefixes of numbers that may be called, e.g. "+82". No other number is dialled. Empty: none is. It must exist by
    its country's numbering plan, but for a number that stands here whole."""
    allowed_regions: list[Country] = []
    """Further countries behind these prefixes (ISO 3166), e.g. "CA". A prefix opens the main country of its country
    code: "+1" the US, not Canada nor the Caribbean; "+44" Britain, not Jersey; "+7" Russia, not Kazakhstan."""
    allowed_types: list[CostlyType] = []
    """Types of numbers that are refused unless they are named here: premium_rate, shared_cost, satellite, pager,
    voicemail."""
    max_outbound_calls: AtLeastOne = 20
    """Lines to outside at the same time: customers called out, and outside numbers consulted or transferred to."""
    max_outbound_per_minute: AtLeastOne = 30
    """Lines to outside begun within a minute: by the service, and by each agent, whose calls of all services count."""
    longest_transferred_s: Annotated[int, Field(ge=0, le=86_400)] = 14_400
    """The longest talk, in seconds, of a customer and an outside number to whom they were transferred. No agent is
    there, and two answering machines never hang up. 0: without end."""
    return_queue: Identifier | None = None
    """The queue that a call out goes to when its agent has lost it."""
    force_disconnect_message: Media = ""
    """The message to the customer at a force disconnect. Empty: none."""
    force_disconnect_warning: Media = ""
    """The message to customer and agent when the agent warns; at most 30 s of it play. Empty: there is no such step."""
    force_disconnect_mark_days: Annotated[int, Field(ge=0, le=3650)] = 90
    """The days after a force disconnect for which calls and tickets of that number show it. 0: none."""
    force_disconnect_block_s: Annotated[float, Field(ge=0, le=31_536_000, allow_inf_nan=False)] = 0
    """The seconds after a force disconnect for which calls of that number are refused; agents may call it. 0: none."""
    record: Literal["off", "always", "on_demand"] = "off"
    """Recording of conversations. always: each. on_demand: from the moment at which its agent begins it. A queue may
    say otherwise for its calls."""
    record_must: bool = False
    """always: a call that cannot be recorded does not go on; the customer hears sound:cti/goodbye, and it ends.
    Otherwise it goes on, and the panel and /readyz say that it is not recorded."""
    record_notice: Media = ""
    """Heard before anybody outside is recorded: by callers when they come into a queue, by called customers when they
    answer, by outside numbers before they are joined. Empty: the house tells them in another way."""
    record_pause_most_s: Annotated[float, Field(ge=10, le=3600, allow_inf_nan=False)] = 300
    """The seconds after which the pause of an agent ends by itself."""
    retention_days: Annotated[int, Field(ge=0, le=36_500)] | None = None
    """The days for which recordings of the service are kept. 0: for ever. None: ``retention_days`` of [recordings]."""
    formula: Literal["accepted", "answered", "answered_or_left", "offered"] = "accepted"
    """The formula of the service level that wallboard and supervisors see; docs/figures.md has all four."""
    emergency: EmergencySettings = EmergencySettings()
    """The message to all callers while the emergency switch is on, and where it leads."""


class CallingNumberSettings(Section):
    """[[calling_numbers]]: a number that called customers see."""

    number: Number
    """The number, in E.164."""
    service: Identifier
    """The service of the number."""
    state: Literal["new", "confirmed", "rejected"] = "new"
    """The state of the number. Only a confirmed one is ever shown."""


class ClientSettings(Section):
    """[[clients]]: programs and screens that nobody is logged in at, each with a token of its own."""

    id: Identifier
    """The client's name in the log."""
    token_hash: TokenHash
    """The hash of the token, as ``cti-bridge client-token`` prints it beside the token."""
    scopes: Annotated[list[Literal["wallboard"]], Field(min_length=1)]
    """Scopes of the client: "wallboard" shows the figures of the wallboard, and nothing else."""
    services: Annotated[list[Identifier], Field(min_length=1)]
    """The services that the client sees."""


class AgentSettings(Section):
    """[[agents]]: the people who may log in, and their phones."""

    cti_id: Identifier
    """The CTI ID: the login name."""
    name: Title = ""
    """The name that others see."""
    cti_number: EndpointName
    """The CTI number: the phone's endpoint on the PBX."""
    password_hash: PasswordHash
    """argon2id, as ``cti-bridge hash-password`` prints it."""
    services: Annotated[list[Identifier], Field(min_length=1)]
    """The services whose calls and tickets the agent works on."""
    queues: QueuesOfAgent = []
    """The queues that the agent gets calls from. As { support = 0, sales = 60 } with the seconds that a call of the
    queue has waited before: the agent is a backup."""
    skills: Skills = {}
    """The agent's level by skill, as { english = 5 }."""
    phone_permission: bool = True
    """The phone call permission: without it nothing of the phone works."""
    answer: Literal["phone", "auto", "browser"] = "phone"
    """phone: it rings and is lifted. auto: Answer in the panel makes it answer by itself. browser: the
    panel's own phone."""
    sip_password: SecretStr = SecretStr("")
    """The password of the endpoint on the PBX: the panel's phone registers with it, ``pbx-config`` writes it. Better in
    a file."""
    sip_password_file: FilePath | None = None
    """A file that holds the password, in place of ``sip_password``."""
    team: Identifier | None = None
    """The team that the agent belongs to. None: to no team."""
    role: Literal["agent", "supervisor"] = "agent"
    """A supervisor sees the calls of the own services, and acts on them and on the agents whom they supervise."""
    rights: list[Literal["recordings", "download", "monitor", "unmask", "callbacks", "erase"]] = []
    """Permissions beyond the role. "recordings" finds and plays recordings of talks, "download" copies them. "monitor"
    listens to talks, whispers and barges in. "unmask" shows whole numbers where lists mask them. "callbacks" works on
    call-backs of all queues of the own services, and assigns them. "erase" deletes recordings, and keeps them from
    being deleted. An agent cannot have "monitor" and "erase". A supervisor has "callbacks" without naming it."""
    supervises: list[Identifier] = []
    """The teams that a supervisor supervises, within the own services. Empty: all agents of the own services."""
    node: str = ""
    """The Asterisk that the phone registers with, as in [asterisk.NAME]. Empty: any."""
