"""Every setting: its name, type, default and meaning. The types of values are in :mod:`cti_bridge.config.kinds`.

Files are read strictly (``"20"`` is no number). Relations between settings are in :mod:`cti_bridge.config.checks`.
Relative paths are relative to the directory of the main configuration file, never to the working directory. So the same
configuration means the same files wherever the bridge is started from.
"""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from cti_bridge.config.kinds import (
    AriUrl,
    AtLeastOne,
    BrowserPhoneUrl,
    Category,
    ConfLine,
    CostlyType,
    Country,
    DatabaseUrl,
    Day,
    DialPrefix,
    EmergencyNumber,
    EndpointName,
    FilePath,
    HolidaysOf,
    IceUrl,
    Identifier,
    IdleSeconds,
    Language,
    Listen,
    LookupUrl,
    Media,
    MenuKey,
    NotNegative,
    Number,
    OptionalListen,
    Origin,
    PasswordHash,
    Priority,
    Proxy,
    QueuesOfAgent,
    QueueTarget,
    Seconds,
    SecondsOrNone,
    SipHost,
    Skills,
    StepName,
    StepTarget,
    Subject,
    TicketUrl,
    TimeRange,
    TimeZone,
    Title,
    TrunkAddress,
    VariableName,
    VariableValue,
    Word,
    dial_string,
    matching,
    split_listen,
)
from cti_bridge.domain.model.scenario import CONFIRM, DIGIT

PREFIX = "CTI_BRIDGE_"
BEEP = "sound:beep"
"""The sound that Asterisk plays before it records."""


class Section(BaseModel):
    """The base of all tables: nothing unknown, nothing converted, nothing changed afterwards. ``hide_input_in_errors``,
    for a value may be a secret."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class ApiSettings(Section):
    """[api]: where the panel and the API are served."""

    listen: Listen = "127.0.0.1:8080"
    """HOST:PORT; port 0 is any free one. Beyond loopback it should have TLS, here or in a proxy before it."""
    tls_cert: FilePath | None = None
    """File of the certificate, with its chain (PEM). None: plain HTTP."""
    tls_key: FilePath | None = None
    """File of its private key (PEM)."""
    allowed_origins: list[Origin] = []
    """Web pages of other hosts that may show the panel in a frame, e.g. the CRM's, and behind a proxy with TLS the
    panel's own public origin. The panel as a page of its own needs none. With TLS the cookie is then sent within their
    frames too."""
    api_origins: list[Origin] = []
    """Web pages of other hosts that may use the API with the cookie of the agent who has them open: they read and do
    what the agent can. A page that only shows the panel needs no such right."""
    trusted_proxies: list[Proxy] = []
    """Addresses and networks of the proxies before the bridge, e.g. "127.0.0.1". Only of them X-Forwarded-For and
    Forwarded are believed; without them all who come through a proxy are one address to the limits of the login."""

    monitors: list[Proxy] | None = None
    """Addresses and networks that may ask for /metrics and /readyz, and for the API's description without a login. The
    machine itself always may. None: everybody who reaches the port."""

    @property
    def host(self) -> str:
        """The host of ``listen``, without brackets."""
        return split_listen(self.listen)[0]

    @property
    def port(self) -> int:
        return split_listen(self.listen)[1]


class DatabaseSettings(Section):
    """[database]: Postgres."""

    url: DatabaseUrl = SecretStr("")
    """libpq's connection URI. Empty: the embedded Postgres of ``make run``."""
    url_file: FilePath | None = None
    """A file that holds the URI, in place of ``url``."""
    keep_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    """Days for which rows of calls, their tickets, agents' states and logins are kept. 0: for ever. Deleted rows are
    gone: the house and its law say how long, so nothing is deleted unless this is set."""


class SpoolSettings(Section):
    """[spool]: the state that survives the bridge's death, on a local disk."""

    path: FilePath = Path("var/spool.db")
    """File; it and its directory are made if missing. One bridge at a time uses it."""


class RecordingsSettings(Section):
    """[recordings]: the messages that callers leave."""

    directory: FilePath = Path("var/recordings")
    """Where their files are; made if missing. Of nobody else than the bridge's user to be read."""
    retention_days: Annotated[int, Field(ge=0, le=36_500)] = 30
    """The days for which a file is kept. 0: for ever. Its rows stay."""


class PbxConfigSettings(Section):
    """[asterisk.NAME.pbx_config]: the PBX's own files, as ``cti-bridge pbx-config`` writes them. The bridge itself uses
    none of it."""

    sip_listen: Listen = "0.0.0.0:5060"
    """Where SIP listens for phones and trunk (UDP)."""
    sip_tls_listen: OptionalListen = ""
    """Where SIP over TLS listens for desk phones. Empty: nowhere."""
    sip_tls_cert: ConfLine = ""
    """The certificate's file on the PBX, with its chain, of the name that the phones register with."""
    sip_tls_key: ConfLine = ""
    """The private key's file on the PBX."""
    phone_audio: Literal["plain", "encrypted_where_possible", "encrypted"] = "plain"
    """The audio of desk phones: encrypted (SRTP) where the phone can, always, or not at all."""
    agent_nets: list[Proxy] = []
    """Networks in which agents' phones are, those in the browser too. Empty: everywhere."""
    external_address: SipHost = ""
    """The public address of a PBX behind a router. Empty: it has one of its own."""
    local_nets: list[Proxy] = []
    """Networks on the PBX's side of that router."""
    http_listen: Listen = "127.0.0.1:8088"
    """Where ARI listens: loopback, or a network that only the bridge shares."""
    https_listen: OptionalListen = ""
    """Where Asterisk's own TLS listens, for phones in the browser. Empty: nowhere."""
    https_cert: ConfLine = ""
    """The certificate's file on the PBX, with its chain."""
    https_key: ConfLine = ""
    """The private key's file on the PBX."""
    bridge_address: Proxy = "127.0.0.1"
    """The address that the PBX sees the bridge come from; from anywhere else ARI's user is not let in."""
    trunk_contact: ConfLine = ""
    """Where calls out go, e.g. "sip:sip.provider.example:5060". Empty: trunk.conf is left alone."""
    trunk_match: list[TrunkAddress] = []
    """The provider's addresses, whose calls are taken without a password."""
    trunk_username: ConfLine = ""
    """The user name that the provider wants for calls out. Empty: it wants none."""
    trunk_password: SecretStr = SecretStr("")
    """The password of that user. Better in a file."""
    trunk_password_file: FilePath | None = None
    """A file that holds the password, in place of ``trunk_password``."""
    trunk_qualify_s: NotNegative = 60
    """Seconds between looks whether the trunk answers. 0: never."""
    qualify_s: NotNegative = 15
    """Seconds between looks whether a phone is there, which also keep a browser phone's connection open. 0: never."""
    rtp_first: Annotated[int, Field(ge=1024, le=65_535)] = 10_000
    """The first UDP port of the audio; two are used for each channel."""
    rtp_last: Annotated[int, Field(ge=1024, le=65_535)] = 20_000
    """The last UDP port of the audio."""
    rtp_timeout_s: NotNegative = 3_600
    """Seconds without audio after which a leg is ended, a safety net: who is muted may send none. 0: never."""
    rtp_timeout_hold_s: NotNegative = 3_600
    """The same while the other side is on hold."""
    ice_host_candidates: ConfLine = ""
    """The address that phones in the browser are told, as "PRIVATE => PUBLIC", of a PBX behind a router."""
    retries: NotNegative = 60
    """The further tries for a new caller while the bridge is away."""
    retry_s: Seconds = 1
    """Seconds between two of them."""
    fallback: ConfLine = ""
    """The dial string that is called after the last try. Empty: the caller is turned away."""
    emergency_caller: ConfLine = ""
    """The number that emergency services see of a call that reaches the trunk without the bridge."""
    tones: Annotated[str, matching(r"[a-z]{2}", 'a section of indications.conf, as in "us"')] = "us"
    """The country of the tones that Asterisk makes itself."""
    music_directory: Annotated[str, matching(r"/[^\x00-\x1f;]*", "an absolute path on the PBX")] = (
        "/var/lib/asterisk/moh"
    )
    """The directory of the hold music on the PBX; each class is a directory in it."""
    extra_modules: list[Annotated[str, matching(r"[a-z0-9_]+(\.so)?", "the name of a module")]] = []
    """Further modules that Asterisk loads."""
    more: dict[str, str] = {}
    """Lines of your own behind those of a file in cti/, by the file's name."""


class NodeSettings(Section):
    """[asterisk.NAME]: one Asterisk."""

    url: AriUrl
    """The base address of ARI."""
    username: Annotated[str, matching(r"[^\s\x00-\x1f:;\[\]]+", "a name without spaces and without : ; [ ]")] = (
        "cti_bridge"
    )
    """ARI's user, a section of ari.conf."""
    password: SecretStr = SecretStr("")
    """ARI's password; from the environment, as CTI_BRIDGE_ASTERISK__NAME__PASSWORD, rather than from here."""
    password_file: FilePath | None = None
    """A file that holds the password, in place of ``password``."""
    app: Annotated[str, matching(r"[A-Za-z0-9_-]+", "letters, digits, _ and - only")] = "cti_bridge"
    """The Stasis application that the dialplan hands calls to."""
    agent_endpoint: Annotated[str, dial_string("cti_number")] = "PJSIP/{cti_number}"
    """The dial string of an agent's phone; {cti_number} is put in."""
    trunk_endpoint: Annotated[str, dial_string("number")] = "PJSIP/{number}@trunk"
    """The dial string of an outside number; {number} is put in."""
    country: Country = ""
    """The country of its trunk (ISO 3166), e.g. "KR", in which numbers without a plus are read. Empty: the country of
    all scenarios and calling numbers, where it is one."""
    drain: bool = False
    """Whether the PBX takes no new calls, so that it can be taken out of service: callers are refused (503), and nobody
    dials up there. Calls that are there go on to their end, and emergency calls are made. A reload takes it."""
    pbx_config: PbxConfigSettings = PbxConfigSettings()
    """The PBX's own files."""


class PanelSettings(Section):
    """[panel]: the panel of agents."""

    language: Literal["en", "ko"] = "en"
    """English or Korean."""
    ticket_url: TicketUrl = ""
    """Opened in place of the panel's own ticket screen; {ticket_id}, {call_id} and {customer_number} are put in. Empty:
    the panel's own."""
    host_dial: Literal["ask", "dial", "off"] = "ask"
    """The panel's answer to a page around it that asks to dial a number: it asks the agent first, dials at once, or
    refuses."""


class IceServerSettings(Section):
    """[[browser_phone.ice_servers]]: a STUN or TURN server."""

    urls: Annotated[list[IceUrl], Field(min_length=1)]
    """URLs such as "stun:stun.example.com:3478"."""
    username: str = ""
    """TURN's user."""
    credential: SecretStr = SecretStr("")
    """TURN's password. Agents' browsers get it."""
    credential_file: FilePath | None = None
    """A file that holds the password, in place of ``credential``."""


class BrowserPhoneSettings(Section):
    """[browser_phone]: the phone in the panel, of the agents with answer = "browser"."""

    url: BrowserPhoneUrl
    """The PBX's WebSocket for SIP, as browsers reach it: "wss://pbx.example.com:8089/ws"."""
    domain: Annotated[str, matching(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]|", "a host name or an address")] = ""
    """The SIP domain. Empty: the host of ``url``."""
    ice_servers: list[IceServerSettings] = []
    """STUN and TURN servers. None are needed while the PBX has an address that browsers reach."""

    @property
    def sip_domain(self) -> str:
        """An IPv6 address stands in brackets (RFC 3261, section 25.1)."""
        host = urlsplit(self.url).hostname or ""
        return self.domain or (f"[{host}]" if ":" in host else host)


class NotTakenSettings(Section):
    """``missed``, ``declined``, ``busy`` and ``unreachable`` of [policy]: what becomes of an agent who did not take an
    offered call."""

    most: Annotated[int, Field(ge=0, le=1000)]
    """So many in a row, and the agent leaves ready. An answered call or a login begins the count anew. 0: never."""
    then: Literal["business", "ready", "rest"] | None = None
    """The status then. None: ``after_missed``."""
    pause_s: SecondsOrNone
    """The seconds without an offer for an agent who stays ready; at least 5, so that a phone that refuses at once is
    not called without end."""


class NotTakenOnceSettings(NotTakenSettings):
    most: Annotated[int, Field(ge=0, le=1000)] = 1
    """As in NotTakenSettings."""
    pause_s: SecondsOrNone = 0
    """As in NotTakenSettings."""


class BusySettings(NotTakenSettings):
    most: Annotated[int, Field(ge=0, le=1000)] = 0
    """As in NotTakenSettings. The agent is not to blame."""
    pause_s: Seconds = 30
    """As in NotTakenSettings: the agent's own call takes a while."""


class UnreachableSettings(NotTakenSettings):
    most: Annotated[int, Field(ge=0, le=1000)] = 0
    """As in NotTakenSettings. The agent is not to blame."""
    pause_s: Seconds = 10
    """As in NotTakenSettings. It ends when the phone registers."""


class PolicySettings(Section):
    """[policy]: the rules of the house."""

    default_status: Literal["business", "ready", "rest"] = "business"
    """An agent's status after login."""
    business_reasons: Annotated[list[Word], Field(min_length=1)] = [
        "education",
        "report",
        "meeting",
        "ticket",
        "chat",
        "monitor",
    ]
    """The reasons that an agent can choose for business."""
    after_missed: Literal["business", "ready", "rest"] = "business"
    """The status of an agent who leaves ready since calls were not taken, where ``then`` says none."""
    missed: NotTakenOnceSettings = NotTakenOnceSettings()
    """The pickup time was over."""
    declined: NotTakenOnceSettings = NotTakenOnceSettings()
    """The agent has said no: Cancel in the panel, or the phone's key (SIP 603)."""
    busy: BusySettings = BusySettings()
    """The phone says that it is in use (SIP 486, 600)."""
    unreachable: UnreachableSettings = UnreachableSettings()
    """The phone could not be rung, or refuses by itself."""
    after_call: Literal["ticket", "ready", "ask"] = "ticket"
    """The status after a conversation: Business (Ticket Processing), ready, or Ticket Processing and the question."""
    ticket_processing_limit_s: SecondsOrNone = 0
    """The longest Ticket Processing, in seconds; then the agent is ready. 0: without end."""
    open_ticket: Literal["connect", "ring"] = "connect"
    """The moment at which the panel moves to the ticket."""
    cancel_resumes: bool = False
    """Whether Cancel of a consultation resumes the call; otherwise the agent stays On Hold."""
    agent_lost_s: Seconds = 20
    """The seconds for which a phone that was lost in a conversation is rung again."""
    node_lost_s: SecondsOrNone = 120
    """The seconds after which calls at a PBX that cannot be reached end for agents whom another PBX reaches, so that
    they can work there. A call that goes on there, unseen, is hung up when that PBX is back. 0: never."""
    hold_reminder_s: SecondsOrNone = 120
    """The seconds of hold after which the panel reminds the agent. 0: never."""
    session_idle_s: IdleSeconds = 28_800
    """The seconds without a panel, a call and a request after which an agent is logged out, at least 120, for requests
    are noted once a minute. 0: never."""
    session_longest_s: Annotated[float, Field(ge=0, le=2_592_000, allow_inf_nan=False)] = 86_400
    """The seconds after the login after which an agent is logged out, in a call when it ends. 0: never."""
    force_disconnect_reasons: Annotated[list[Word], Field(min_length=1)] = [
        "abusive_language",
        "threat",
        "sexual_harassment",
        "other",
    ]
    """The reasons that an agent can choose for a force disconnect."""
    emergency_numbers: list[EmergencyNumber] | None = None
    """Dialled as they are, by everybody, whatever else is set. None: those of the countries of the calling numbers and
    scenarios."""


class ServiceSettings(Section):
    """[[services]]: a client organisation or department; tickets belong to it."""

    id: Identifier
    """The service's name in the API, tables and this configuration."""
    name: Title = ""
    """The service's name for people."""
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


class CallingNumberSettings(Section):
    """[[calling_numbers]]: a number that called customers see."""

    number: Number
    """The number, in E.164."""
    service: Identifier
    """The service of the number."""
    state: Literal["new", "confirmed", "rejected"] = "new"
    """The state of the number. Only a confirmed one is ever shown."""


class NeedSettings(Section):
    """``needs`` of [[queues]]: from ``after_s`` on an agent needs these skills. It replaces the one before."""

    after_s: SecondsOrNone = 0
    """The seconds since the call entered the queue."""
    skills: Skills
    """The least level by skill. Empty: any agent of the queue."""


class OverflowSettings(Section):
    """``overflow`` of [[queues]]: from ``after_s`` on others help out, and no agents are taken away."""

    after_s: Seconds
    """The seconds since the call entered the queue."""
    queues: list[Identifier] = []
    """Queues of the same service, whose agents are asked too. The call stays in its own queue."""
    priority: int = 0
    """The number by which the priority of the call rises."""


class QueueExitsSettings(Section):
    """[queues.exits]: where calls go that leave the queue without an agent, and whose step names no such exit or is no
    more: "SCENARIO/STEP", or "hangup" (the caller hears sound:cti/goodbye, and the call ends)."""

    longest_wait: QueueTarget | None = None
    """The longest wait is over."""
    full: QueueTarget | None = None
    """``max_waiting`` calls have a place in the queue already."""
    no_agents: QueueTarget | None = None
    """Nobody works for the queue. Naming it, here or in a step, is the switch: without it calls wait all the same."""
    closed: QueueTarget | None = None
    """The queue's ``hours`` are closed."""
    failed: QueueTarget | None = None
    """A call comes back, after a transfer that failed or when its agent was lost, and no queue takes it. The first
    queue of its service that names it says where the call goes."""


class CallbackSettings(Section):
    """[queues.callback]: call-backs and messages of the queue."""

    most_open: Annotated[int, Field(ge=1, le=10_000)] = 200
    """The most that are open at a time. From then on the step callback is left by ``otherwise``; messages are still
    taken, up to five times as many, and /readyz warns."""


class QueueSettings(Section):
    """[[queues]]: where calls wait for an agent."""

    id: Identifier
    """The queue's name in the API, tables and this configuration."""
    service: Identifier
    """The service of the queue."""
    priority: int = 0
    """For agents who serve several queues: the queue with the higher number is served first."""
    pickup_time_s: Seconds = 20
    """The seconds for which an agent is rung; then the call is offered to the next."""
    music: Annotated[str, matching(r"[A-Za-z0-9_.-]+", "letters, digits and _ . - only")] = "default"
    """Class of hold music, a section of musiconhold.conf."""
    longest_wait_s: SecondsOrNone = 600
    """The longest wait, in seconds; then the call leaves by its exit ``longest_wait``, in the short form with
    on_longest_wait. 0: without end."""
    max_waiting: Annotated[int, Field(ge=0, le=100_000)] = 0
    """The most calls that may have a place in the queue when a new one comes; one more leaves by its exit ``full``.
    Calls that come back are always taken. 0: no limit."""
    no_agents_after_s: SecondsOrNone = 30
    """The seconds without anybody who works for the queue after which a call that waits leaves by its exit
    ``no_agents``. A new call leaves at once."""
    hours: Identifier | None = None
    """Opening hours, [[hours]]. When they are closed, a new call leaves by its exit ``closed``."""
    closing: Literal["serve", "leave"] = "serve"
    """Callers who wait at closing time are served (serve), or leave by the exit ``closed`` at that second (leave)."""
    closing_most_s: SecondsOrNone = 900
    """serve: the seconds after closing time after which who still waits leaves by the exit ``closed``."""
    exits: QueueExitsSettings = QueueExitsSettings()
    """Where calls go that leave without an agent."""
    needs: Annotated[list[NeedSettings], Field(max_length=3)] = []
    """The skills that an agent needs, and what of them relaxes after a while."""
    overflow: Annotated[list[OverflowSettings], Field(max_length=3)] = []
    """Other queues whose agents help out after a while, and the priority that a long wait adds."""
    callback: CallbackSettings = CallbackSettings()
    """Call-backs and messages of the queue."""


class WeekSettings(Section):
    """[hours.week]: the ranges of each day, as "09:00-12:00". A day without is closed; "24:00" is the end of a day."""

    mon: list[TimeRange] = []
    """Monday."""
    tue: list[TimeRange] = []
    """Tuesday."""
    wed: list[TimeRange] = []
    """Wednesday."""
    thu: list[TimeRange] = []
    """Thursday."""
    fri: list[TimeRange] = []
    """Friday."""
    sat: list[TimeRange] = []
    """Saturday."""
    sun: list[TimeRange] = []
    """Sunday."""


class ExceptionSettings(Section):
    """[[hours.exceptions]]: days on which other hours hold than in the week, and no holiday counts."""

    name: Annotated[str, matching(r"[^\x00-\x1f\x7f]{1,100}", "a name without control characters, at most 100")]
    """The name, for people; by it a later file changes the exception."""
    date: Day = ""
    """The day, "2026-12-24", or "12-24" for each year. In its place ``from`` and ``till`` for a span."""
    from_: Annotated[Day, Field(alias="from")] = ""
    """The first day of a span."""
    till: Day = ""
    """The last day of a span, which belongs to it. A yearly span may go over the turn of the year."""
    open: list[TimeRange] = []
    """The ranges of each of these days. Empty: closed."""
    sound: Media = ""
    """The message of the exception."""


class HoursSettings(Section):
    """[[hours]]: opening hours. An override by hand goes before an exception, that before a holiday, that before the
    week."""

    id: Identifier
    """The name of the hours in the API, tables and this configuration."""
    timezone: TimeZone
    """The time zone, e.g. "Asia/Seoul"."""
    week: WeekSettings = WeekSettings()
    """The ranges of each day of the week."""
    exceptions: list[ExceptionSettings] = []
    """Days on which other hours hold."""
    holidays: list[HolidaysOf] = []
    """Countries whose public holidays are days off (ISO 3166), e.g. "KR", or parts of one, e.g. "DE-BY"."""
    holiday_files: list[FilePath] = []
    """iCalendar files whose events are days or times off, but for transparent ones."""


class NumberListSettings(Section):
    """[[number_lists]]: numbers of callers who are refused, go before others, or are told apart by a branch. Numbers
    are written as anywhere; a national form is read in the country of the PBXs."""

    id: Identifier
    """The name of the list."""
    numbers: list[str] = []
    """The numbers. "+8210555*" are all that begin so."""
    file: FilePath | None = None
    """A file of numbers, in place of ``numbers``: one a line, and behind ``#`` what is for people."""
    refuse: Literal["", "reject"] = ""
    """"reject": calls of these numbers are refused before they are answered. Empty: they are not."""
    priority: Priority | None = None
    """The priority of calls of these numbers. A step "set" may change it."""


class StepSettings(Section):
    """[scenarios.steps.NAME]: a step of a scenario. Which keys it has depends on ``do``; the others are exits, and name
    the step that comes next: one of the scenario, or "SCENARIO/STEP"."""

    do: Literal["play", "menu", "hours", "collect", "lookup", "set", "branch", "goto", "queue", "voicemail", "hangup"]
    """play: a message. menu: the caller chooses by a key. hours: by the opening hours of now.
    collect: the caller enters digits. lookup: a system of the house is asked. set: priority, skills,
    category, language, variables. branch: by number, mark, variable or a figure of a queue. goto: another scenario's
    start. queue: the caller waits for an agent. voicemail: the caller leaves a message. hangup: the end."""
    sound: Media = ""
    """play, menu, collect, voicemail, hangup: the message."""
    keys: dict[MenuKey, StepTarget] = {}
    """menu, queue: where each key leads. Who comes back to the queue has kept the place."""
    wait_s: Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)] = 5
    """menu, collect: the seconds for a key after the message."""
    tries: Annotated[int, Field(ge=1, le=10)] = 3
    """menu, collect: how often the message is heard. A key that leads nowhere is a try, too. Without it 3 in a menu, 2
    in a collect."""
    invalid: Media = ""
    """menu: heard after a key that leads nowhere. Empty: nothing."""
    hours: Identifier | None = None
    """hours: the id of opening hours, [[hours]]."""
    scenario: str = ""
    """goto: the id of the other scenario."""
    queue: Identifier | None = None
    """queue: the queue; one of the scenario's service. branch: the queue whose figure it is. voicemail:
    whose agents hear the message; without it those of the call's last queue, else of the scenario's nearest one."""
    most_s: Annotated[float, Field(ge=5, le=3600, allow_inf_nan=False)] = 120
    """voicemail: the longest message, in seconds."""
    name: VariableName | None = None
    """collect: the variable that the digits become."""
    digits: list[Annotated[int, Field(ge=1, le=32)]] = []
    """collect: the fewest and the most digits, as [6, 8]. "#" ends the entry before the most."""
    between_s: Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)] = 3
    """collect: the seconds for the next key; then the entry is over."""
    confirm: bool = False
    """collect: the digits are read out, and the caller presses 1 if they are right."""
    secret: bool = False
    """collect: the digits are in memory and in lookups alone, and **** everywhere else."""
    url: LookupUrl | None = None
    """lookup: the address that is asked, by POST."""
    secret_file: FilePath | None = None
    """lookup: a file that holds the secret with which questions are signed, at least 16 bytes."""
    wait_ms: Annotated[int, Field(ge=50, le=3000)] = 1500
    """lookup: the longest time for the answer, in milliseconds."""
    priority: Priority | None = None
    """set: the priority of the call, which is added to that of its queue."""
    skills: Skills = {}
    """set: the skills that the call asks for, with the least level of each."""
    relax_s: Seconds = 60
    """set: the seconds of waiting after which the skills are not asked for any more."""
    must: bool = False
    """set: the skills are asked for as long as the call waits."""
    category: Category | None = None
    """set: the category of the call, as "contract/gold"."""
    language: Language | None = None
    """set: the language of the messages that the caller hears from here on."""
    variables: dict[VariableName, VariableValue] = {}
    """set: variables and their values."""
    on: Subject | None = None
    """branch: "number", "mark", "queue.waiting", "queue.working", "queue.longest_s", or the name of a variable."""
    cases: dict[str, StepTarget] = {}
    """branch: where each case leads. Of ``number`` the ids of [[number_lists]], the first that has the number wins; of
    ``mark`` the reasons of a force disconnect, or "any"; of a figure the thresholds, the highest that is reached wins;
    of a variable its values."""
    next: StepTarget = ""
    """Exit of play, set, collect and voicemail (a message was left). Without it the call ends."""
    otherwise: StepTarget = ""
    """Exit of menu: nothing was chosen; of collect: nothing was entered; of branch: no case holds; of voicemail:
    nothing was said. Without it the caller hears that nobody can serve them, and the call ends."""
    found: StepTarget = ""
    """Exit of lookup: there are values. Without it, as without ``none`` and ``error``, the caller hears that nobody can
    serve them."""
    none: StepTarget = ""
    """Exit of lookup: the system knows nothing of the caller."""
    error: StepTarget = ""
    """Exit of lookup: no answer in time, or none that can be used."""
    open: StepTarget = ""
    """Exit of hours."""
    closed: StepTarget = ""
    """Exit of hours, without ``open`` or ``closed`` as ``otherwise``. Exit of queue: its hours are closed."""
    holiday: StepTarget = ""
    """Exit of hours: a public holiday, or one of a holiday file. Without it ``closed``."""
    longest_wait: StepTarget = ""
    """Exit of queue: the longest wait is over. Without this or another exit of a queue, that of [queues.exits]; without
    both as ``otherwise``."""
    full: StepTarget = ""
    """Exit of queue: ``max_waiting`` calls have a place in it already."""
    no_agents: StepTarget = ""
    """Exit of queue: nobody works for it."""


class ScenarioTestSettings(Section):
    """[[scenarios.tests]]: a call to the scenario, and the way that it has to take. ``check-config`` and each reload
    try it, as ``cti-bridge try`` does."""

    name: Annotated[str, matching(r"[^\x00-\x1f\x7f]{1,100}", "a name without control characters, at most 100")]
    """The name, for people; by it a later file changes the test."""
    at: str = ""
    """The time of the call in the time zone of the service, "2026-12-25T10:00". Where opening hours are asked it must
    be there."""
    from_: Annotated[str, Field(alias="from")] = ""
    """The caller's number. Empty: it is withheld."""
    press: list[str] = []
    """The keys for each prompt that takes some, in turn; "-": none."""
    agents: int = 1
    """The number of agents who work. They have all skills."""
    busy: int | None = None
    """The number of these who are not free. None: all of them where ``wait_s`` is given, else nobody."""
    wait_s: float | None = None
    """The seconds in a queue after which they are free. None: they stay busy."""
    mark: str = ""
    """The reason for which the number was force disconnected before. Empty: it has no mark."""
    answers: dict[str, str | dict[VariableName, VariableValue]] = {}
    """By step, the exit that it gives in place of another system or a queue; of a lookup also the values."""
    way: list[StepTarget] | None = None
    """The steps that the call has to take, in turn. None: any."""
    end: Literal["agent", "hangup", "transferred", "voicemail", "callback", "rejected", "circle", "waits"] | None = None
    """The end that the call has to take. None: any."""


class ScenarioSettings(Section):
    """[[scenarios]]: what happens to a call before an agent has it. Either steps, or the short form: ``number``,
    ``queue``, ``greeting`` and ``on_longest_wait``."""

    id: Identifier | None = None
    """The scenario's name. Of one without, its number."""
    number: Number | None = None
    """The number that was called, in E.164."""
    numbers: list[Number] = []
    """The numbers that were called, in place of ``number``."""
    service: Identifier
    """The service that was called; it owns the ticket."""
    language: Language | None = None
    """The language of the messages that the caller hears, one of the PBX's sounds. None: the PBX's own."""
    start: StepName | None = None
    """The first step."""
    steps: dict[StepName, StepSettings] = {}
    """The steps, by their names."""
    greeting: Media = ""
    """Short form: played before the music. Empty: none."""
    queue: Identifier | None = None
    """Short form: the queue in which the call waits; one of the same service."""
    on_longest_wait: Media = ""
    """Short form: played when the longest wait is over, before the call ends. Empty: nothing."""
    tests: list[ScenarioTestSettings] = []
    """Calls that are tried at each check of the configuration."""

    @property
    def name(self) -> str:
        """The id, or the number of one without."""
        return self.id or self.number or next(iter(self.numbers), "")

    @property
    def called(self) -> list[str]:
        """All numbers."""
        return [self.number] if self.number else self.numbers

    def media(self) -> list[str]:
        """Return all messages."""
        steps = [sound for step in self.steps.values() for sound in (step.sound, step.invalid)]
        if any(step.confirm for step in self.steps.values()):
            steps += [CONFIRM, *(f"{DIGIT}{digit}" for digit in range(10))]
        steps += [BEEP for step in self.steps.values() if step.do == "voicemail"]
        return [name for name in (self.greeting, self.on_longest_wait, *steps) if name]


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
    role: Literal["agent", "supervisor"] = "agent"
    """A supervisor may log out agents of the same services."""
    node: str = ""
    """The Asterisk that the phone registers with, as in [asterisk.NAME]. Empty: any."""


class Schema(BaseModel):
    """The whole configuration."""

    model_config = Section.model_config

    api: ApiSettings = ApiSettings()
    """The address of the panel and the API."""
    database: DatabaseSettings = DatabaseSettings()
    """Postgres."""
    spool: SpoolSettings = SpoolSettings()
    """The state that survives the bridge's death."""
    recordings: RecordingsSettings = RecordingsSettings()
    """The messages that callers leave."""
    asterisk: Annotated[dict[str, NodeSettings], Field(min_length=1)]
    """The PBX nodes by name: lower-case letters, digits and single ``_``."""
    policy: PolicySettings = PolicySettings()
    """The rules of the house."""
    panel: PanelSettings = PanelSettings()
    """The panel of agents."""
    browser_phone: BrowserPhoneSettings | None = None
    """The phone in the panel. None: no agent has answer = "browser"."""
    services: Annotated[list[ServiceSettings], Field(min_length=1)]
    """The client organisations or departments."""
    calling_numbers: list[CallingNumberSettings] = []
    """The numbers that called customers see."""
    queues: list[QueueSettings] = []
    """The queues in which calls wait."""
    scenarios: list[ScenarioSettings] = []
    """The course of a call before an agent has it, by the number called."""
    agents: list[AgentSettings] = []
    """The people who may log in."""
    hours: list[HoursSettings] = []
    """Opening hours."""
    number_lists: list[NumberListSettings] = []
    """Lists of callers' numbers."""
