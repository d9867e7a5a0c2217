"""The files of the edge, from the settings."""

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from cti_bridge.config.kinds import split_listen
from cti_bridge.config.schema.services import AgentSettings
from cti_bridge.pbx_files.of_settings import in_the_page
from cti_bridge.pbx_files.passwords import agents_password
from cti_bridge.settings import Settings

MAIN = "kamailio.cfg"
"""The file that is the same everywhere."""
EDGE, PBXS, ADDRESSES, PHONES = "cti/edge.cfg", "cti/dispatcher.list", "cti/address.list", "cti/phones"
PASSWORDS = "cti/phones.passwords"
"""The passwords that were made, in the clear, for whoever sets up the phones. Kamailio does not read it."""
DRAINS = 4
"""The flag of a destination that gets no calls (dispatcher, DS_DISABLED_DST)."""
EVERYWHERE = ("0.0.0.0/1", "128.0.0.0/1")
"""All addresses; the module of addresses takes no network without bits."""
_SECRET = re.compile(r'^#!define EDGE_SECRET "([0-9a-f]+)"$', re.MULTILINE)
_COLUMNS = "key_name(string) key_type(int) value_type(int) key_value(string) expires(int)"


class CannotBeWritten(Exception):
    """The configuration has no edge, or lacks what its files need. The message says which setting."""


@dataclass(frozen=True)
class Pbx:
    """A PBX behind the edge: ``address`` is HOST:PORT."""

    name: str
    address: str
    drains: bool = False


@dataclass(frozen=True)
class EdgeValues:
    """The values in the files of one edge. ``database`` is libpq's address as Kamailio writes it."""

    address: str
    port: int
    trunk: str
    trunk_match: Sequence[str]
    pbxs: Sequence[Pbx]
    passwords: Mapping[str, str]
    """The phones' passwords, by CTI number."""
    database: str
    directory: str
    control: str
    realm: str = "cti"
    agent_nets: Sequence[str] = ()
    secret: str = ""
    """The key with which calls are signed while they pass. Empty: one is made."""


def render(source: Path, values: EdgeValues) -> dict[str, str]:
    """Return the edge's files by their path below Kamailio's directory. ``source`` is `edge/`."""
    etc = source / "etc"
    filled = Template((etc / f"{EDGE}.in").read_text()).substitute(
        {**vars(values), "directory": f"{values.directory}/cti", "secret": values.secret or secrets.token_hex(24)}
    )
    return {
        MAIN: (etc / MAIN).read_text(),
        EDGE: filled,
        PBXS: "".join(_pbx(pbx) for pbx in values.pbxs),
        ADDRESSES: "".join(_group(1, values.trunk_match)) + "".join(_group(2, values.agent_nets or EVERYWHERE)),
        PHONES: _phones(values.passwords, values.realm),
    }


def of_settings(settings: Settings, known: Mapping[str, str], there: Mapping[str, str]) -> EdgeValues:
    """Return the values of the configured edge. ``known`` are passwords that were made before, ``there`` the files that
    are there, whose key is kept. Raises CannotBeWritten."""
    edge = settings.edge
    if edge is None:
        raise CannotBeWritten("there is no [edge] in the configuration")
    host, port = split_listen(edge.listen)
    kept = _SECRET.search(there.get(EDGE, ""))
    return EdgeValues(
        address=host,
        port=port,
        trunk=edge.trunk,
        trunk_match=edge.trunk_match,
        pbxs=[Pbx(name, node.sip_address, node.drain) for name, node in settings.asterisk.items()],
        passwords={agent.cti_number: agents_password(agent, known) for agent in agents(settings)},
        database=_database(edge.database_url.get_secret_value()),
        directory=edge.directory,
        control=edge.control,
        realm=edge.realm,
        agent_nets=edge.agent_nets,
        secret=kept[1] if kept else "",
    )


def agents(settings: Settings) -> list[AgentSettings]:
    """Return the agents whose phones register with the edge."""
    return [agent for agent in settings.agents if agent.phone_permission and not in_the_page(agent)]


def made(settings: Settings, values: EdgeValues) -> str:
    """Return the file of the passwords that no setting gives."""
    own = [agent for agent in agents(settings) if not agent.sip_password.get_secret_value()]
    return "".join(f"{agent.cti_number} {values.passwords[agent.cti_number]}\n" for agent in own)


def passwords_in(text: str) -> dict[str, str]:
    """Return the passwords of such a file, by CTI number."""
    return {number: password for number, _, password in (line.partition(" ") for line in text.splitlines())}


def ha1(number: str, realm: str, password: str) -> str:
    """Return the hash by which a password is checked (RFC 2617, section 3.2.2.2)."""
    return hashlib.md5(f"{number}:{realm}:{password}".encode(), usedforsecurity=False).hexdigest()


def _pbx(pbx: Pbx) -> str:
    flags = DRAINS if pbx.drains else 0
    return f"1 sip:{pbx.address} {flags} 0 duid={pbx.name}\n"


def _group(number: int, networks: Iterable[str]) -> Iterable[str]:
    return (f"{number} {network.network_address} {network.prefixlen}\n" for network in map(ip_network, networks))


def _phones(passwords: Mapping[str, str], realm: str) -> str:
    """Return the table of the hashes, as db_text and htable read it."""
    rows = (f"{number}:0:0:{ha1(number, realm, password)}:0" for number, password in passwords.items())
    return "\n".join((_COLUMNS, *rows, ""))


def _database(url: str) -> str:
    """Return the address in Kamailio's form, which has no parameters. Raises CannotBeWritten."""
    parts = urlsplit(url)
    if not url or not parts.hostname or parts.query:
        text = 'as in "postgres://edge:PASSWORD@127.0.0.1:5432/cti_bridge", without parameters'
        raise CannotBeWritten(f"[edge] needs a database_url, or a database_url_file that holds it, {text}")
    return f"postgres://{parts.netloc}{parts.path}"
