"""Types of single values for the settings, each with its check and a message that says how to write it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_interface, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import SplitResult, parse_qsl, urlsplit

from argon2 import Type, extract_parameters
from argon2.exceptions import InvalidHashError
from pydantic import (
    AfterValidator,
    BaseModel,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    SecretStr,
    Tag,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)
from pydantic_core import CoreSchema, core_schema

from cti_bridge.config.countries import country
from cti_bridge.hours.public import parse_country
from cti_bridge.hours.special import parse_day
from cti_bridge.hours.week import parse_range
from cti_bridge.hours.zone import moment, zone
from cti_bridge.numbers.e164 import InvalidNumber, to_e164
from cti_bridge.sounds.message import written

_TICKET_FIELDS = ("{ticket_id}", "{call_id}", "{customer_number}")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}|[{}]")
_DATABASE_HOST = r"(?:\[[0-9A-Fa-f:.%]+\]|[^:,\[\]@/?#]*)(?::[0-9]{1,5})?"
_DATABASE_URL = re.compile(
    rf"postgres(?:ql)?://(?:[^\[\]@/?#]*@)?{_DATABASE_HOST}(?:,{_DATABASE_HOST})*(?:/[^?#]*)?(?:\?[^#]*)?"
)
"""User and password, hosts with their ports, database, parameters."""


_HOST = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]+(%[A-Za-z0-9_.-]+)?")
_NUMERIC = re.compile(r"(.*\.)?([0-9]+|0[xX][0-9A-Fa-f]*)\.?")
"""A host that browsers take for an IPv4 address (URL Standard, section 3.5: it ends in a number)."""


def _e164(text: str) -> str:
    try:
        canonical = to_e164(text)
    except InvalidNumber as error:
        raise ValueError(str(error)) from error
    if canonical != text:
        raise ValueError(f'write it in E.164, "{canonical}", not "{text}"')
    return text


def split_listen(text: str) -> tuple[str, int]:
    """Return host and port of ``HOST:PORT``; an IPv6 address stands in brackets. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or not host or not port.isascii() or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f'write HOST:PORT, as in "127.0.0.1:8080" or "[::1]:8080", not "{text}"')
    if (":" in host) is not bracketed:
        raise ValueError(f'an IPv6 address stands in brackets, as in "[::1]:8080", not "{text}"')
    bare = host[1:-1] if bracketed else host
    if (_IPV6 if bracketed else _HOST).fullmatch(bare) is None:
        raise ValueError(f'"{bare}" is no address; every one of this machine is "0.0.0.0" (IPv4) or "[::]" (IPv6)')
    return bare, int(port)


def _listen(text: str) -> str:
    split_listen(text)
    return text


def _optional_listen(text: str) -> str:
    return _listen(text) if text else text


def _origin(text: str) -> str:
    """Return the origin as a browser writes it, for the two are compared letter by letter (RFC 6454, section 6.2):
    scheme and host in lower case, and the port when it is not the scheme's own."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or text.partition("://")[2] != parts.netloc:
        raise ValueError(f'an origin is a scheme and a host, as in "https://crm.example.com", not "{text}"')
    if "*" in parts.netloc or "@" in parts.netloc:
        raise ValueError("an origin names one host, without a star or credentials")
    if not parts.hostname.isascii():
        raise ValueError(
            f'a browser writes the host in its ASCII form, as in "https://xn--bcher-kva.example", not "{text}"'
        )
    if text != (written := _as_a_browser_writes(parts)):
        raise ValueError(f'a browser writes this origin "{written}", not "{text}"')
    return text


def _as_a_browser_writes(parts: SplitResult) -> str:
    host = _host(parts.hostname or "")
    port = parts.port if parts.port != {"http": 80, "https": 443}[parts.scheme] else None
    return f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")


def _host(name: str) -> str:
    """Return the host, in small letters, as browsers write it. Raises ValueError."""
    try:
        if ":" in name:
            return f"[{IPv6Address(name).compressed}]"
        if _NUMERIC.fullmatch(name):
            return str(IPv4Address(name))
    except ValueError:
        raise ValueError(f'"{name}" is no address') from None
    if _HOST.fullmatch(name) is None:
        raise ValueError(f'"{name}" is no host')
    return name


def _proxy(text: str) -> str:
    """Return an address, or a network without host bits: one digit too many would trust an unknown network."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f'write an address or a network, as in "192.0.2.10" or "10.1.0.0/16", not "{text}"') from None
    mapped = network.network_address.ipv4_mapped if network.version == 6 else None
    if network.prefixlen == (0 if mapped is None else 96):
        raise ValueError(f'"{text}" is everybody: then every client could name whatever address it likes')
    if "/" in text and ip_interface(text).ip != network.network_address:
        raise ValueError(f'"{text}" is an address within the network "{network}"; write the one or the other')
    return text


def _trunk_address(text: str) -> str:
    """Return an address, a network, or the name of a host, which Asterisk looks up when it reads the file."""
    is_name = re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", text) is not None
    return text if is_name else _proxy(text)


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
    _host(parts.hostname)  # It stands in the panel's Content-Security-Policy.
    return text


def _ice_url(text: str) -> str:
    """RFC 7064 and RFC 7065."""
    if re.fullmatch(r"(stuns?|turns?):[^\s/@]+", text) is None:
        raise ValueError(f'write it as in "stun:stun.example.com:3478" or "turns:turn.example.com:5349", not "{text}"')
    return text


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


def _lookup_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment or any(map(str.isspace, text)):
        raise ValueError(f'write it as in "https://crm.example.com/cti/lookup", not "{text}"')
    if "@" in parts.netloc:
        raise ValueError("credentials do not belong into the address; the question is signed with secret_file")
    return text


def _objects_url(text: str) -> str:
    parts = urlsplit(text)
    is_plain = parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
    if text and (not is_plain or "@" in parts.netloc or parts.path.strip("/") or any(map(str.isspace, text))):
        raise ValueError(f'write it as in "https://s3.example.com", without bucket and key, not "{text}"')
    return text.rstrip("/")


def _sounds_url(text: str) -> str:
    parts = urlsplit(text)
    is_plain = parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
    if text and (not is_plain or "@" in parts.netloc or any(letter.isspace() or letter in ",&" for letter in text)):
        raise ValueError(f'write it as in "http://192.0.2.10:8080", not "{text}"')
    return text.rstrip("/")


def _database_url(secret: SecretStr) -> SecretStr:
    """Check a connection URI (PostgreSQL manual, 32.1.1.2). The message must not hold the address, for it may have a
    password."""
    text = secret.get_secret_value()
    if text and not text.startswith(("postgresql://", "postgres://")):
        raise ValueError('write the address as in "postgresql://user@host:5432/database"')
    if text and not _is_database_url(text):
        raise ValueError(
            'the address cannot be read; write it as in "postgresql://user@host:5432/database", and in user and '
            'password "%2F" for "/", "%23" for "#", "%3F" for "?", "%40" for "@", "%5B" for "[", "%5D" for "]"'
        )
    return secret


def _is_database_url(text: str) -> bool:
    """Return whether the driver can read the address. It is stricter than the manual, and its error repeats the
    address."""
    try:
        parts = urlsplit(text)
        parameters = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        return False
    ports = re.findall(r":([0-9]+)(?=,|$)", parts.netloc.rpartition("@")[2])
    ports += [port for name, value in parameters if name == "port" for port in value.split(",")]
    password_went_on = parts.netloc and "@" in text and "@" not in parts.netloc
    return (
        _DATABASE_URL.fullmatch(text) is not None
        and not any(ord(letter) < 32 for letter in text)
        and not password_went_on
        and all(port.isascii() and port.isdecimal() and 0 < int(port) < 65536 for port in ports)
    )


LEAST_MEMORY_KIB, LEAST_WORK_KIB, MOST_MEMORY_KIB = 7_168, 35_840, 1_048_576
"""Costs of a hash: its memory, and memory times passes. The least are those of the OWASP Password Storage Cheat Sheet
(m=7168, t=5). More memory than the most, with two logins at once, could take the machine's."""
_AGAIN = "make one with: cti-bridge hash-password"


def _password_hash(secret: SecretStr) -> SecretStr:
    """Check a hash. The message must not hold the value, for it may be a password."""
    text = secret.get_secret_value()
    try:
        cost = extract_parameters(text)
    except InvalidHashError:
        cost = None
    if cost is None or cost.type is not Type.ID or text.count("$") != 5 or not text.rsplit("$", 1)[1]:
        raise ValueError(f"this is not an argon2id hash (a plain-text password is not taken); {_AGAIN}")
    memory, passes = cost.memory_cost, cost.time_cost
    if memory < LEAST_MEMORY_KIB or memory * passes < LEAST_WORK_KIB:
        raise ValueError(f"this hash (m={memory}, t={passes}) is too cheap: who gets it guesses the password; {_AGAIN}")
    if memory > MOST_MEMORY_KIB:
        raise ValueError(f"this hash takes {memory // 1024} MiB at each login, more than 1024; {_AGAIN}")
    return secret


def _media(value: Any, handler: ValidatorFunctionWrapHandler) -> str:
    return written(value) if isinstance(value, str | dict) else str(handler(value))


_MEDIA_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]}


def _file(path: Path) -> Path:
    if not path.name or any(ord(letter) < 32 for letter in str(path)):
        raise ValueError(f"{str(path)!r} names no file")
    return path


SHORTEST_IDLE_S = 120
"""The API tells of a session's requests once a minute at most, and sessions are looked at twice a minute."""


def _idle(seconds: float) -> float:
    if 0 < seconds < SHORTEST_IDLE_S:
        raise ValueError(f"write 0 for never, or at least {SHORTEST_IDLE_S}: requests are noted once a minute")
    return seconds


def checked(parse: Callable[[str], object]) -> AfterValidator:
    """A text that ``parse`` can read; it raises ValueError for others."""

    def check(text: str) -> str:
        parse(text)
        return text

    return AfterValidator(check)


def dial_string(name: str) -> AfterValidator:
    """A dial string into which the one placeholder ``name`` is put."""

    def check(text: str) -> str:
        if _PLACEHOLDER.findall(text) != [f"{{{name}}}"] or "/" not in text or any(map(str.isspace, text)):
            raise ValueError(f"write TECHNOLOGY/RESOURCE with {{{name}}} in it once, and nothing else in braces")
        return text

    return AfterValidator(check)


@dataclass(frozen=True, slots=True)
class Matching:
    """A check of a text by a pattern, which the JSON Schema has too. ``form`` describes the pattern in words."""

    pattern: re.Pattern[str]
    form: str

    def check(self, text: str) -> str:
        """Return the text. Raises ValueError, in words."""
        if self.pattern.fullmatch(text) is None:
            raise ValueError(f'write {self.form}, not "{text}"')
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^({self.pattern.pattern})$"}


def matching(pattern: str, form: str) -> Matching:
    """Return a check of the pattern. ``form`` describes the pattern in words."""
    return Matching(re.compile(pattern), form)


Identifier = Annotated[
    str, matching(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}", "letters, digits and _ . @ - only, at most 64")
]
EndpointName = Annotated[
    str, matching(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", "letters, digits and _ . - only, at most 40")
]
"""Part of a dial string, where ``/ & @`` would mean something."""
Word = Annotated[str, matching(r"[a-z][a-z0-9_]{0,39}", "lower-case letters, digits and _ only, at most 40")]
StepName = Annotated[str, matching(r"[a-z0-9][a-z0-9_-]{0,39}", "lower-case letters, digits and _ - only, at most 40")]
StepTarget = Annotated[
    str,
    matching(
        r"([A-Za-z0-9][A-Za-z0-9_.@-]{0,63}/)?[a-z0-9][a-z0-9_-]{0,39}", 'a step, or "SCENARIO/STEP" for one of another'
    ),
]
QueueTarget = Annotated[
    str,
    matching(r"hangup|[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}/[a-z0-9][a-z0-9_-]{0,39}", '"SCENARIO/STEP", or "hangup"'),
]
EmergencyTarget = Annotated[
    str,
    matching(
        r"hangup|go_on|[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}/[a-z0-9][a-z0-9_-]{0,39}",
        '"SCENARIO/STEP", "hangup" or "go_on"',
    ),
]
DialplanName = Annotated[str, matching(r"[A-Za-z0-9_.*#+-]{1,79}", "a name of the dialplan, as in acme-ivr")]
MenuKey = Annotated[str, matching(r"[0-9*#]", "one key: a digit, * or #")]
VariableName = Word
VariableValue = Annotated[str, matching(r"[^\x00-\x1f\x7f]{0,200}", "a text without control characters, at most 200")]
Category = Annotated[str, matching(r"[^\x00-\x1f\x7f]{1,100}", "a text without control characters, at most 100")]
Language = Annotated[str, matching(r"[a-z]{2,3}([_-][A-Za-z0-9]{2,8})?", 'a language of the PBX\'s sounds, as in "en"')]
Subject = Annotated[
    str,
    matching(
        r"[a-z0-9][a-z0-9_-]{0,39}(\.[A-Za-z0-9][A-Za-z0-9_-]{0,39})?",
        '"number", "mark", a figure of a queue as "queue.waiting", or the name of a variable',
    ),
]
Title = Annotated[str, matching(r"[^\x00-\x1f\x7f]{0,200}", "a name without control characters, at most 200")]
PREFIX_FORM = re.compile(r"\+[1-9][0-9]{0,14}")
DialPrefix = Annotated[str, matching(PREFIX_FORM.pattern, 'a plus and the first digits, as in "+82"')]
CostlyType = Literal["premium_rate", "shared_cost", "satellite", "pager", "voicemail"]
EmergencyNumber = Annotated[str, matching(r"[0-9]{2,6}", 'two to six digits, as in "112"')]
Number = Annotated[str, AfterValidator(_e164)]
Country = Annotated[str, AfterValidator(country)]
TimeZone = Annotated[str, checked(zone)]
Moment = Annotated[
    str,
    matching(
        r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})?)?", 'a time, as in "2026-12-25T14:00"'
    ),
    checked(lambda text: moment(text, "UTC", 0) if text else None),
]
"""Empty: none."""
TimeRange = Annotated[str, checked(parse_range)]
Day = Annotated[str, checked(parse_day)]
HolidaysOf = Annotated[str, checked(parse_country)]
FilePath = Annotated[Path, Field(strict=False), AfterValidator(_file)]
_MEDIA = WrapValidator(_media)
Media = Annotated[str, _MEDIA, WithJsonSchema(_MEDIA_SCHEMA)]
"""A message: a source, or a table of one for each language (:mod:`cti_bridge.sounds.message`)."""
Seconds = Annotated[float, Field(gt=0, le=86400, allow_inf_nan=False)]
SecondsOrNone = Annotated[float, Field(ge=0, le=86400, allow_inf_nan=False)]
Skills = dict[Identifier, Annotated[int, Field(ge=1, le=100)]]
_LIST, _TABLE = "<list>", "<table>"
QueuesOfAgent = Annotated[
    Annotated[list[Identifier], Tag(_LIST)] | Annotated[dict[Identifier, SecondsOrNone], Tag(_TABLE)],
    Discriminator(lambda value: _TABLE if isinstance(value, dict) else _LIST),
]
IdleSeconds = Annotated[SecondsOrNone, AfterValidator(_idle)]
Priority = Annotated[int, Field(ge=-1000, le=1000)]
AtLeastOne = Annotated[int, Field(ge=1)]
NotNegative = Annotated[int, Field(ge=0, le=86400)]
Listen = Annotated[str, AfterValidator(_listen)]
OptionalListen = Annotated[str, AfterValidator(_optional_listen)]
ConfLine = Annotated[
    str, matching(r"(?! )[^\x00-\x1f;]*(?<! )", "one line without a semicolon, and no spaces around it")
]
"""A value in a file of Asterisk, where a semicolon begins a comment."""
SipHost = Annotated[str, matching(r"[A-Za-z0-9.:-]*", "an address or a host name")]
Origin = Annotated[str, AfterValidator(_origin)]
Proxy = Annotated[str, AfterValidator(_proxy)]
TrunkAddress = Annotated[str, AfterValidator(_trunk_address)]
AriUrl = Annotated[str, AfterValidator(_ari_url)]
BrowserPhoneUrl = Annotated[str, AfterValidator(_browser_phone_url)]
IceUrl = Annotated[str, AfterValidator(_ice_url)]
LookupUrl = Annotated[str, AfterValidator(_lookup_url)]
ObjectsUrl = Annotated[str, AfterValidator(_objects_url)]
SoundsUrl = Annotated[str, AfterValidator(_sounds_url)]
TicketUrl = Annotated[str, AfterValidator(_ticket_url)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
TokenHash = Annotated[str, matching(r"[0-9a-f]{64}", "64 hexadecimal digits, as cti-bridge client-token prints them")]
PasswordHash = Annotated[SecretStr, AfterValidator(_password_hash)]


@cache
def fields_with_media(model: type[BaseModel]) -> frozenset[str]:
    """Return the names of the fields of a table that hold messages, or lists of them."""
    fields = model.model_fields.items()
    return frozenset(name for name, field in fields if _MEDIA in field.metadata or _names_media(field.annotation))


def _names_media(annotation: Any) -> bool:
    return _MEDIA in getattr(annotation, "__metadata__", ()) or any(map(_names_media, get_args(annotation)))
