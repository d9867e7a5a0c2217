"""The bridge itself: what it serves, where it keeps state, and the PBXs that it drives."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from cti_bridge.config.kinds import (
    AriUrl,
    BrowserPhoneUrl,
    ConfLine,
    Country,
    DatabaseUrl,
    FilePath,
    IceUrl,
    Listen,
    NotNegative,
    ObjectsUrl,
    OptionalListen,
    Origin,
    Proxy,
    Seconds,
    SipHost,
    SoundsUrl,
    TicketUrl,
    TrunkAddress,
    dial_string,
    matching,
    split_listen,
)
from cti_bridge.config.schema.section import Section


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
    """Days for which rows of calls, their tickets, agents' states, logins, and customers who were called back are kept.
    0: for ever. Deleted rows are gone: the house and its law say how long, so nothing is deleted unless this is set."""


class SpoolSettings(Section):
    """[spool]: the state that survives the bridge's death, on a local disk."""

    path: FilePath = Path("var/spool.db")
    """File; it and its directory are made if missing. One bridge at a time uses it."""


class SpareSettings(Section):
    """[spare]: a second bridge on another machine that takes over when this one is lost. Both have the same
    configuration but for this name, and the same Postgres."""

    name: Annotated[str, matching(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", "letters, digits and _ . - only, at most 63")]
    """The name of this one of the two; the other one has another."""
    ack: Literal["local", "shipped"] = "local"
    """When a request is answered. local: its result is on this machine's disk, and the spare has it some milliseconds
    later. shipped: Postgres has it, too, so the loss of this machine takes nothing that was answered."""


class ObjectsSettings(Section):
    """[recordings.s3]: S3-compatible storage."""

    bucket: Annotated[str, Field(min_length=1)]
    """The name of the bucket, which must exist."""
    endpoint: ObjectsUrl = ""
    """The address, for storage that is not Amazon's, with path-style names (address/bucket/name)."""
    region: Annotated[str, Field(min_length=1)] = "us-east-1"
    """The region that requests are signed for."""
    prefix: Annotated[str, Field(pattern=r"^(\w[\w.-]*(/\w[\w.-]*)*)?/?$")] = ""
    """The beginning of all names, such as "recordings"."""
    access_key_id: Annotated[str, Field(min_length=1)]
    """The key's public half. It may write, read and delete objects below the prefix, and needs nothing else."""
    secret_access_key: SecretStr = SecretStr("")
    """The key's secret half. It belongs into the file, or the environment:
    CTI_BRIDGE_RECORDINGS__S3__SECRET_ACCESS_KEY."""
    secret_access_key_file: FilePath | None = None
    """A file that holds it."""


class RecordingsSettings(Section):
    """[recordings]: conversations that were recorded, and the messages that callers leave."""

    directory: FilePath = Path("var/recordings")
    """Where their files are; made if missing. Of nobody else than the bridge's user to be read."""
    retention_days: Annotated[int, Field(ge=0, le=36_500)] = 30
    """The days for which a file is kept; a service may say otherwise. 0: for ever. Its rows stay for as long as
    ``keep_days`` of [database] says."""
    s3: ObjectsSettings | None = None
    """S3-compatible storage that recordings of conversations are moved to. Without it they stay in the directory."""


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
    sip_address: OptionalListen = ""
    """HOST:PORT at which the edge reaches this PBX. Empty: there is no edge."""
    sounds_address: SoundsUrl = ""
    """The address at which this PBX reaches the bridge for sounds. Empty: that of [sounds]."""
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
