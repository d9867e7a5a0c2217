"""Render the PBX configuration in `asterisk/` for one private Asterisk.

The files themselves are the ones that an operator copies. The templates `*.in` hold what differs per installation.
"""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cti_bridge.local.asterisk_install import AsteriskInstall
from cti_bridge.local.cache import REPOSITORY
from cti_bridge.pbx_files import templates

SOURCE = REPOSITORY / "asterisk"


@dataclass(frozen=True)
class AgentPhone:
    """One agent's phone: its number is also its user name. ``browser``: it is in the agent's panel."""

    cti_number: str
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    browser: bool = False


@dataclass(frozen=True)
class AsteriskSettings:
    """The differences between private Asterisks. The defaults suit a test on this machine."""

    agents: Sequence[AgentPhone] = ()
    app: str = "cti_bridge"
    # The name in front of the ids of its channels; with several PBXs each has its own.
    systemname: str = ""
    # Where outgoing calls go, and which callers are taken for the trunk's.
    trunk_contact: str = "sip:127.0.0.1:5070"
    trunk_match: str = "127.0.0.0/8"
    trunk_qualify_s: int = 0
    # HOST:PORT of the edge with which the phones register and through which the trunk comes; empty: none.
    edge: str = ""
    # Agents' phones are looked after this often; 0: never.
    qualify_s: int = 15
    rtp_timeout_s: int = 3_600
    rtp_timeout_hold_s: int = 3_600
    # The way of the dialplan while the bridge is away.
    retries: int = 60
    retry_s: float = 1
    fallback: str = ""
    emergency_caller: str = ""
    tones: str = "us"
    # Class of hold music → directory of sound files, and directory of prompts (`sound:NAME/…`) → where it is.
    music: Mapping[str, Path] = field(default_factory=dict)
    sounds: Mapping[str, Path] = field(default_factory=dict)
    # Modules beside those in asterisk/etc/modules.conf, and text to be added to a file of etc/, or a file of its own.
    extra_modules: Sequence[str] = ()
    extra_config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Addresses:
    """The addresses of one private Asterisk: SIP and audio at `address`, ARI and browsers' phones always on
    loopback."""

    address: str
    http_port: int
    sip_port: int
    rtp_first: int
    rtp_last: int


def render(
    directory: Path,
    install: AsteriskInstall,
    settings: AsteriskSettings,
    addresses: Addresses,
    ari_username: str,
    ari_password: str,
) -> None:
    """Write everything one private Asterisk needs into `directory`, over what an earlier start left there."""
    values = {
        **vars(settings),
        **vars(addresses),
        "directory": directory,
        "modules": install.modules,
        # ARI gives full control of the PBX, and its only user is on this machine, wherever the phones are.
        "http_address": "127.0.0.1",
        "bridge_address": "127.0.0.1",
        "sip_address": addresses.address,
        "ice_host_candidates": _ice_host_candidates(addresses.address),
        "http_tls": "",
        "nat": "",
        "sip_tls": "",
        "phone_security": "",
        "trunk_auth": "",
        "edge_address": settings.edge.rpartition(":")[0],
        "ari_username": ari_username,
        "ari_password": ari_password,
        "extra_modules": "\n".join(f"load = {module.removesuffix('.so')}.so" for module in settings.extra_modules),
    }
    for part in ("run", "lib", "spool/recording", "log", "cache", "etc/cti"):
        (directory / part).mkdir(parents=True, exist_ok=True)
    files = (
        templates.static(SOURCE)
        | templates.single(SOURCE, values, private=True, edge=bool(settings.edge))
        | _lists(settings)
    )
    for name, text in settings.extra_config.items():
        files[name] = f"{files.get(name, '')}\n{text}\n"
    for name, text in files.items():
        _write_private(directory / "etc" / name, text)
    _link_data(directory / "data", install, settings)


def _lists(settings: AsteriskSettings) -> dict[str, str]:
    """Return the files that hold one entry for each of a list."""
    agents = [_agent_values(agent, settings) for agent in settings.agents]
    classes = {"default": SOURCE / "sounds" / "moh", **settings.music}
    return {
        "cti/agents.conf": templates.phones(SOURCE, agents),
        "cti/music.conf": templates.music(SOURCE, classes),
    }


def _agent_values(agent: AgentPhone, settings: AsteriskSettings) -> Mapping[str, object]:
    edge = "" if agent.browser else settings.edge
    return {
        **vars(agent),
        "template": "cti-browser-agent" if agent.browser else "cti-edge-agent" if edge else "cti-agent",
        "qualify_s": settings.qualify_s,
        "edge": edge,
        "edge_address": edge.rpartition(":")[0],
    }


def _ice_host_candidates(address: str) -> str:
    """Offer loopback beside this machine's own address: Asterisk leaves 127.0.0.0/8 out (res_rtp_asterisk)."""
    if not ipaddress.ip_address(address).is_loopback:
        return ""
    own = _own_address()
    return f"{own} => {address},include_local_address" if own else ""


def _own_address() -> str | None:
    """The address from which this machine would speak to others. Connecting a UDP socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        own: str = probe.getsockname()[0]
        return None if ipaddress.ip_address(own).is_loopback else own


def _write_private(path: Path, text: str) -> None:
    """Write a file that may hold a password."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)


def _link_data(data: Path, install: AsteriskInstall, settings: AsteriskSettings) -> None:
    """Put a data directory together: Asterisk's own files and prompts, our prompts, the caller's prompts."""
    english = data / "sounds" / "en"
    english.mkdir(parents=True, exist_ok=True)
    asterisk, prompts = install.data.resolve(), install.sounds.resolve()
    wanted = {data / entry.name: entry for entry in asterisk.iterdir() if entry.name != "sounds"}
    wanted |= {english / entry.name: entry for entry in prompts.iterdir()}
    wanted |= {english / "cti": SOURCE / "sounds" / "cti"}
    wanted |= {english / name: directory.resolve() for name, directory in settings.sounds.items()}
    for link, target in wanted.items():
        _link(link, target)


def _link(link: Path, target: Path) -> None:
    """Make a link. There are hundreds, and a later start finds them there."""
    try:
        link.symlink_to(target)
    except FileExistsError:
        link.unlink()
        link.symlink_to(target)
