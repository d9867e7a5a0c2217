"""Every setting: its name, type, default and meaning.

Files are read strictly (``"20"`` is no number). What two settings have to do with each other is in
:mod:`cti_bridge.config.checks`. Relative paths are relative to the directory of the main configuration file,
never to the working directory, so that the same configuration means the same files wherever the bridge is
started from."""

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from argon2 import Type, extract_parameters
from argon2.exceptions import InvalidHashError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from cti_bridge.numbers import InvalidNumber, to_e164

PREFIX = "CTI_BRIDGE_"


def _e164(text: str) -> str:
    try:
        canonical = to_e164(text)
    except InvalidNumber as error:
        raise ValueError(str(error)) from error
    if canonical != text:
        raise ValueError(f'write it in E.164, "{canonical}", not "{text}"')
    return text


def split_listen(text: str) -> tuple[str, int]:
    """Host and port of ``HOST:PORT``; an IPv6 address stands in brackets. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or not host or not port.isascii() or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f'write HOST:PORT, as in "127.0.0.1:8080" or "[::1]:8080", not "{text}"')
    if (":" in host) is not bracketed or any(letter.isspace() for letter in host):
        raise ValueError(f'an IPv6 address stands in brackets, as in "[::1]:8080", not "{text}"')
    return host.strip("[]"), int(port)


def _listen(text: str) -> str:
    split_listen(text)
    return text


def _origin(text: str) -> str:
    """RFC 6454, section 6.2: scheme, host, and port when it is not the scheme's own."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or text != f"{parts.scheme}://{parts.netloc}":
        raise ValueError(f'an origin is a scheme and a host, as in "https://crm.example.com", not "{text}"')
    if "*" in parts.netloc or "@" in parts.netloc:
        raise ValueError("an origin names one host, without a star or credentials")
    return text


def _ari_url(text: str) -> str:
    parts = urlsplit(text)
    if "@" in parts.netloc:
        raise ValueError("credentials do not belong into the address; use username and password_file")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f'write the address of ARI as in "http://127.0.0.1:8088/ari", not "{text}"')
    return text.rstrip("/")


def _browser_phone_url(text: str) -> str:
    parts = urlsplit(text)
    if "@" in parts.netloc:
        raise ValueError("credentials do not belong into the address")
    if parts.scheme not in ("ws", "wss") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f'write the WebSocket of the PBX as in "wss://pbx.example.com:8089/ws", not "{text}"')
    return text


def _ice_url(text: str) -> str:
    """RFC 7064 and RFC 7065."""
    if re.fullmatch(r"(stuns?|turns?):[^\s/@]+", text) is None:
        raise ValueError(f'write it as in "stun:stun.example.com:3478" or "turns:turn.example.com:5349", not "{text}"')
    return text


_TICKET_FIELDS = ("{ticket_id}", "{call_id}", "{customer_number}")


def _ticket_url(text: str) -> str:
    if not text:
        return text
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or any(map(str.isspace, text)):
        raise ValueError(f'write it as in "https://crm.example.com/tickets/{{ticket_id}}", not "{text}"')
    if "@" in parts.netloc or _PLACEHOLDER.search(parts.netloc):
        raise ValueError("the host is the same for all tickets, without credentials")
    for found in _PLACEHOLDER.findall(text):
        if found not in _TICKET_FIELDS:
            raise ValueError(f'"{found}" is none of {", ".join(_TICKET_FIELDS)}')
    return text


def _database_url(secret: SecretStr) -> SecretStr:
    """The message must not hold the address, for a password may be in it."""
    text = secret.get_secret_value()
    if text and not text.startswith(("postgresql://", "postgres://")):
        raise ValueError('write the address as in "postgresql://user@host:5432/database"')
    return secret


def _password_hash(secret: SecretStr) -> SecretStr:
    """The message must not hold the value, for it may be a password."""
    text = secret.get_secret_value()
    try:
        is_argon2id = extract_parameters(text).type is Type.ID
    except InvalidHashError:
        is_argon2id = False
    if not is_argon2id or text.count("$") != 5 or not text.rsplit("$", 1)[1]:
        raise ValueError(
            "this is not an argon2id hash (a plain-text password is not taken); make one with: cti-bridge hash-password"
        )
    return secret


def _media(text: str) -> str:
    if text and not text.startswith("sound:"):
        raise ValueError(f'write a message as "sound:NAME", as in "sound:cti/welcome", not "{text}"')
    if any(letter.isspace() or letter in ",&?#" for letter in text) or text == "sound:":
        raise ValueError(f'"{text}" is not the name of a sound')
    return text


def _dial_string(name: str) -> AfterValidator:
    """A dial string into which the one placeholder ``name`` is put."""

    def check(text: str) -> str:
        if _PLACEHOLDER.findall(text) != [f"{{{name}}}"] or "/" not in text or any(map(str.isspace, text)):
            raise ValueError(f"write TECHNOLOGY/RESOURCE with {{{name}}} in it once, and nothing else in braces")
        return text

    return AfterValidator(check)


_PLACEHOLDER = re.compile(r"\{[^{}]*\}|[{}]")


def _matching(pattern: str, form: str) -> AfterValidator:
    """``form`` says in words what the pattern wants."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise ValueError(f'write {form}, not "{text}"')
        return text

    return AfterValidator(check)


Identifier = Annotated[
    str, _matching(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}", "letters, digits and _ . @ - only, at most 64")
]
EndpointName = Annotated[
    str, _matching(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", "letters, digits and _ . - only, at most 40")
]
"""Part of a dial string, where ``/ & @`` would mean something."""
Word = Annotated[str, _matching(r"[a-z][a-z0-9_]{0,39}", "lower-case letters, digits and _ only, at most 40")]
Title = Annotated[str, _matching(r"[^\x00-\x1f\x7f]{0,200}", "a name without control characters, at most 200")]
DialPrefix = Annotated[str, _matching(r"\+[1-9][0-9]{0,14}", 'a plus and the first digits, as in "+82"')]
Number = Annotated[str, AfterValidator(_e164)]
FilePath = Annotated[Path, Field(strict=False)]
Media = Annotated[str, AfterValidator(_media)]
Seconds = Annotated[float, Field(gt=0, le=86400, allow_inf_nan=False)]
SecondsOrNone = Annotated[float, Field(ge=0, le=86400, allow_inf_nan=False)]
AtLeastOne = Annotated[int, Field(ge=1)]


class Section(BaseModel):
    """What all tables have in common: nothing unknown, nothing converted, nothing changed afterwards.
    ``hide_input_in_errors``, for a value may be a secret."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )


class ApiSettings(Section):
    """[api]: where the panel and the API are served."""

    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:8080"
    """HOST:PORT; port 0 is any free one. Beyond loopback it should have TLS, here or in a proxy before it."""
    tls_cert: FilePath | None = None
    """File of the certificate, with its chain (PEM). None: plain HTTP."""
    tls_key: FilePath | None = None
    """File of its private key (PEM)."""
    allowed_origins: list[Annotated[str, AfterValidator(_origin)]] = []
    """Web pages of other hosts that may use the API with an agent's cookie and show the panel in a frame, e.g. the
    CRM's. The panel as a page of its own needs none. With TLS the cookie is then sent within their frames too."""

    @property
    def host(self) -> str:
        """Without brackets."""
        return split_listen(self.listen)[0]

    @property
    def port(self) -> int:
        return split_listen(self.listen)[1]


class DatabaseSettings(Section):
    """[database]: Postgres."""

    url: Annotated[SecretStr, AfterValidator(_database_url)] = SecretStr("")
    """libpq's connection URI. Empty: the embedded Postgres of ``make run``."""
    url_file: FilePath | None = None
    """A file that holds the URI, in place of ``url``."""


class SpoolSettings(Section):
    """[spool]: what must survive the bridge's death, on a local disk."""

    path: FilePath = Path("var/spool.db")
    """File; it and its directory are made if missing. One bridge at a time uses it."""


class NodeSettings(Section):
    """[asterisk.NAME]: one Asterisk."""

    url: Annotated[str, AfterValidator(_ari_url)]
    """The base address of ARI."""
    username: Annotated[str, _matching(r"[^\s:]+", "a name without spaces and colons")] = "cti_bridge"
    """ARI's user, a section of ari.conf."""
    password: SecretStr = SecretStr("")
    """ARI's password; from the environment, as CTI_BRIDGE_ASTERISK__NAME__PASSWORD, rather than from here."""
    password_file: FilePath | None = None
    """A file that holds the password, in place of ``password``."""
    app: Annotated[str, _matching(r"[A-Za-z0-9_-]+", "letters, digits, _ and - only")] = "cti_bridge"
    """The Stasis application that the dialplan hands calls to."""
    agent_endpoint: Annotated[str, _dial_string("cti_number")] = "PJSIP/{cti_number}"
    """How an agent's phone is dialled; {cti_number} is put in."""
    trunk_endpoint: Annotated[str, _dial_string("number")] = "PJSIP/{number}@trunk"
    """How an outside number is dialled; {number} is put in."""


class PanelSettings(Section):
    """[panel]: what agents see."""

    language: Literal["en", "ko"] = "en"
    """English or Korean."""
    ticket_url: Annotated[str, AfterValidator(_ticket_url)] = ""
    """Opened in place of the panel's own ticket screen; {ticket_id}, {call_id} and {customer_number} are put in. Empty:
    the panel's own."""


class IceServerSettings(Section):
    """[[browser_phone.ice_servers]]: a STUN or TURN server."""

    urls: Annotated[list[Annotated[str, AfterValidator(_ice_url)]], Field(min_length=1)]
    """As in "stun:stun.example.com:3478"."""
    username: str = ""
    """TURN's user."""
    credential: SecretStr = SecretStr("")
    """TURN's password. Agents' browsers get it."""
    credential_file: FilePath | None = None
    """A file that holds the password, in place of ``credential``."""


class BrowserPhoneSettings(Section):
    """[browser_phone]: the phone in the panel, of the agents with answer = "browser"."""

    url: Annotated[str, AfterValidator(_browser_phone_url)]
    """The PBX's WebSocket for SIP, as browsers reach it: "wss://pbx.example.com:8089/ws"."""
    domain: Annotated[str, _matching(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]|", "a host name or an address")] = ""
    """The SIP domain. Empty: the host of ``url``."""
    ice_servers: list[IceServerSettings] = []
    """STUN and TURN servers. None are needed while the PBX has an address that browsers reach."""

    @property
    def sip_domain(self) -> str:
        """An IPv6 address stands in brackets (RFC 3261, section 25.1)."""
        host = urlsplit(self.url).hostname or ""
        return self.domain or (f"[{host}]" if ":" in host else host)


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
    """The status of an agent who missed or declined a call."""
    after_call: Literal["ticket", "ready", "ask"] = "ticket"
    """Behind a conversation: Business (Ticket Processing), ready, or Ticket Processing and the question."""
    ticket_processing_limit_s: SecondsOrNone = 0
    """After so many seconds of Ticket Processing the agent is ready. 0: never by itself."""
    open_ticket: Literal["connect", "ring"] = "connect"
    """When the panel moves to the ticket."""
    cancel_resumes: bool = False
    """Whether Cancel of a consultation resumes the call; otherwise the agent stays On Hold."""
    agent_lost_s: Seconds = 20
    """How long a phone that was lost in a conversation is rung again."""
    hold_reminder_s: SecondsOrNone = 120
    """After so many seconds of hold the panel reminds the agent. 0: never."""
    force_disconnect_reasons: Annotated[list[Word], Field(min_length=1)] = [
        "abusive_language",
        "threat",
        "sexual_harassment",
        "other",
    ]
    """The reasons that an agent can choose for a force disconnect."""


class ServiceSettings(Section):
    """[[services]]: a client organisation or department; tickets belong to it."""

    id: Identifier
    """Its name in the API, tables and this configuration."""
    name: Title = ""
    """Its name for people."""
    inbound: bool = True
    """CTI-IB: calls to its numbers are taken."""
    outbound: bool = True
    """CTI-OB: its agents may call out."""
    outbound_ticket: Literal["on_answer", "on_dial"] = "on_answer"
    """When the ticket of a call out is opened: at the answer, or as soon as it is dialled."""
    allowed_prefixes: list[DialPrefix] = []
    """What numbers called out must begin with, e.g. "+82". Nothing else is dialled; empty: nothing is."""
    max_outbound_calls: AtLeastOne = 20
    """Calls out at the same time."""
    max_outbound_per_minute: AtLeastOne = 30
    """Calls out begun within a minute."""
    return_queue: Identifier | None = None
    """The queue that a call out goes to when its agent has lost it."""
    force_disconnect_message: Media = ""
    """What the customer hears at a force disconnect. Empty: nothing."""
    force_disconnect_warning: Media = ""
    """What customer and agent hear when the agent warns, at most 30 s of it. Empty: there is no such step."""
    force_disconnect_mark_days: Annotated[int, Field(ge=0, le=3650)] = 90
    """For so many days after a force disconnect calls and tickets of that number show it. 0: never."""
    force_disconnect_block_s: Annotated[float, Field(ge=0, le=31_536_000, allow_inf_nan=False)] = 0
    """For so many seconds after a force disconnect calls of that number are refused; agents may call it. 0: none."""


class CallingNumberSettings(Section):
    """[[calling_numbers]]: a number that called customers see."""

    number: Number
    """In E.164."""
    service: Identifier
    """Whose it is."""
    state: Literal["new", "confirmed", "rejected"] = "new"
    """Only a confirmed one is ever shown."""


class QueueSettings(Section):
    """[[queues]]: where calls wait for an agent."""

    id: Identifier
    """Its name in the API, tables and this configuration."""
    service: Identifier
    """Whose it is."""
    priority: int = 0
    """Of agents who serve several queues the one with the higher number is served first."""
    pickup_time_s: Seconds = 20
    """How long an agent is rung; then the call is offered to the next."""
    music: Annotated[str, _matching(r"[A-Za-z0-9_.-]+", "letters, digits and _ . - only")] = "default"
    """Class of hold music, a section of musiconhold.conf."""
    longest_wait_s: SecondsOrNone = 600
    """After so many seconds the call ends with the scenario's on_longest_wait. 0: never."""


class ScenarioSettings(Section):
    """[[scenarios]]: what happens to a call to a number."""

    number: Number
    """The number that was called, in E.164."""
    service: Identifier
    """The service that was called: the ticket is its."""
    greeting: Media = ""
    """Played before the music. Empty: none."""
    queue: Identifier
    """Where the call waits; a queue of the same service."""
    on_longest_wait: Media = ""
    """Played when the longest wait is over, before the call ends. Empty: nothing."""


class AgentSettings(Section):
    """[[agents]]: who may log in, and with which phone."""

    cti_id: Identifier
    """The CTI ID: the login name."""
    name: Title = ""
    """The name that others see."""
    cti_number: EndpointName
    """The CTI number: the phone's endpoint on the PBX."""
    password_hash: Annotated[SecretStr, AfterValidator(_password_hash)]
    """argon2id, as ``cti-bridge hash-password`` prints it."""
    services: Annotated[list[Identifier], Field(min_length=1)]
    """The services whose calls and tickets the agent works on."""
    queues: list[Identifier] = []
    """The queues that the agent gets calls from."""
    phone_permission: bool = True
    """The phone call permission: without it nothing of the phone works."""
    answer: Literal["phone", "auto", "browser"] = "phone"
    """phone: it rings and is lifted. auto: Answer in the panel makes it answer by itself. browser: the
    panel's own phone."""
    sip_password: SecretStr = SecretStr("")
    """Of the endpoint on the PBX, for answer = "browser": the panel's phone registers with it. Better in a file."""
    sip_password_file: FilePath | None = None
    """A file that holds it, in place of ``sip_password``."""
    role: Literal["agent", "supervisor"] = "agent"
    """A supervisor sees all agents of the services."""
    node: str = ""
    """The Asterisk that the phone registers with, as in [asterisk.NAME]. Empty: any."""


class Schema(BaseSettings):
    """The whole configuration. It is built from the merged sources alone: the process's environment is not
    looked at."""

    model_config = SettingsConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        env_prefix=PREFIX,
        env_nested_delimiter="__",
    )

    api: ApiSettings = ApiSettings()
    """Where the panel and the API are served."""
    database: DatabaseSettings = DatabaseSettings()
    """Postgres."""
    spool: SpoolSettings = SpoolSettings()
    """What must survive the bridge's death."""
    asterisk: dict[str, NodeSettings] = {}
    """The PBX nodes by name: lower-case letters, digits and single ``_``. None: the private one of ``make
    run``."""
    policy: PolicySettings = PolicySettings()
    """The rules of the house."""
    panel: PanelSettings = PanelSettings()
    """What agents see."""
    browser_phone: BrowserPhoneSettings | None = None
    """The phone in the panel. None: no agent has answer = "browser"."""
    services: Annotated[list[ServiceSettings], Field(min_length=1)]
    """The client organisations or departments."""
    calling_numbers: list[CallingNumberSettings] = []
    """The numbers that called customers see."""
    queues: list[QueueSettings] = []
    """Where calls wait."""
    scenarios: list[ScenarioSettings] = []
    """What happens to a call, by the number called."""
    agents: list[AgentSettings] = []
    """Who may log in."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what it is given: the loader has merged files and environment already, and knows where each
        value stands."""
        return (init_settings,)
