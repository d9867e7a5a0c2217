"""The edge: Kamailio before several PBXs, with which all phones register."""

from typing import Annotated

from pydantic import Field, SecretStr

from cti_bridge.config.kinds import ConfLine, FilePath, Listen, Proxy, matching, split_listen
from cti_bridge.config.schema.section import Section


class EdgeSettings(Section):
    """[edge]: the edge before the PBXs, as ``cti-bridge edge-config`` and ``pbx-config`` write its files and theirs."""

    listen: Listen
    """HOST:PORT at which phones, trunk and PBXs reach the edge (UDP): an address, never that of all."""
    realm: Annotated[str, matching(r"[A-Za-z0-9.-]+", "letters, digits, . and - only")] = "cti"
    """The realm of the phones' passwords. With another one all phones' hashes are made anew."""
    trunk: Annotated[str, matching(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?", 'HOST or HOST:PORT, as in "192.0.2.20:5060"')]
    """The provider's HOST:PORT, to which calls out go."""
    trunk_match: Annotated[list[Proxy], Field(min_length=1)]
    """The provider's addresses, whose calls are taken without a password."""
    agent_nets: list[Proxy] = []
    """Networks in which agents' phones are. Empty: everywhere."""
    database_url: SecretStr = SecretStr("")
    """The database of the registrations, of a role that owns their schema alone:
    "postgres://edge:PASSWORD@127.0.0.1:5432/cti_bridge". Better in a file."""
    database_url_file: FilePath | None = None
    """A file that holds the address, in place of ``database_url``."""
    directory: ConfLine = "/etc/kamailio"
    """The directory of Kamailio's configuration on the edge's machine."""
    control: ConfLine = "/run/kamailio/kamailio_ctl"
    """The socket of its commands there."""

    @property
    def host(self) -> str:
        """The host of ``listen``, without brackets."""
        return split_listen(self.listen)[0]
