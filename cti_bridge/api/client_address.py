"""The address that a request comes from, also through proxies.

A proxy names its client in ``X-Forwarded-For`` or ``Forwarded`` (RFC 7239), after whatever the client itself wrote
there. So the entries are read from the right. Each is believed as long as a trusted proxy wrote it.
"""

import ipaddress
import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import structlog
from aiohttp import web

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MOST_HOPS = 32
MOST_TOLD = 16
"""The most senders of an untrusted header that the log names."""

_FORWARDED_PAIR = re.compile(r"\s*(?:([A-Za-z]+)=(\"(?:[^\"\\]|\\.)*\"|[^\s;,\"]*))?\s*([;,]|$)")
_PORT = re.compile(r"(\[[^\]]*\]|[0-9.]+)(?::[0-9_]+)?")

_log = structlog.get_logger("cti_bridge.api")


class ClientAddresses:
    """``trusted`` are the addresses and networks of the proxies that are believed."""

    def __init__(self, trusted: Sequence[str] = ()) -> None:
        self._trusted = [_unmapped_network(ipaddress.ip_network(one)) for one in trusted]
        self._told: set[str] = set()

    def is_from_here(self, request: web.Request) -> bool:
        """Return whether the request comes from loopback, or from the very address that was connected to, and no proxy
        has passed it on."""
        own = request.transport.get_extra_info("sockname") if request.transport is not None else None
        client = _address(self.of(request))
        if client is None:
            return False
        return client.is_loopback or (bool(own) and isinstance(own, tuple) and client == _address(str(own[0])))

    def is_within(self, request: web.Request, networks: Sequence[str]) -> bool:
        """Return whether the client's address is one of these addresses and networks."""
        client = _address(self.of(request))
        found = [_unmapped_network(ipaddress.ip_network(one)) for one in networks]
        return client is not None and any(client in one for one in found if one.version == client.version)

    def is_proxy(self, address: str) -> bool:
        """Return whether the address is a trusted proxy's."""
        parsed = _address(address)
        return parsed is not None and self._is_trusted(parsed)

    def of(self, request: web.Request) -> str:
        """Return the client's address, or that of the last proxy whose entry can be believed. Empty when there is none,
        as on a Unix socket."""
        peer = _address(request.remote or "")
        if peer is None:
            return request.remote or ""
        listed, standard = request.headers.getall("X-Forwarded-For", []), request.headers.getall("Forwarded", [])
        if not listed and not standard:
            return str(peer)
        if not self._is_trusted(peer):
            self._tell(str(peer))
            return str(peer)
        said = [self._client(peer, hops) for hops in (_listed(listed), _standard(standard)) if hops]
        # A proxy manages one of the two and lets the client's own pass: they differ when the client lies.
        return str(said[0]) if said and all(one == said[0] for one in said) else str(peer)

    def _client(self, peer: Address, hops: Sequence[str]) -> Address:
        """Return the first address from the right that a trusted proxy has not passed on. An unreadable entry stops the
        search at its writer."""
        found = peer
        for hop in reversed(hops[-MOST_HOPS:]):
            address = _address(hop)
            if address is None:
                return found
            found = address
            if not self._is_trusted(address):
                return found
        return found

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._trusted if network.version == address.version)

    def _tell(self, peer: str) -> None:
        """Log a proxy that is missing in the configuration: it makes all its clients one address."""
        if peer not in self._told and len(self._told) < MOST_TOLD:
            self._told.add(peer)
            _log.warning("forwarded_header_ignored", peer=peer, hint="if this is your proxy: api.trusted_proxies")


def counted_as(address: str) -> str:
    """Return the key by which attempts of this address are counted. An IPv6 client has a whole /64 to choose addresses
    from (RFC 4291, section 2.5.4)."""
    parsed = _address(address)
    if isinstance(parsed, IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address if parsed is None else str(parsed)


def _listed(headers: Sequence[str]) -> list[str]:
    return [_without_port(entry.strip()) for header in headers for entry in header.split(",")] if headers else []


def _standard(headers: Sequence[str]) -> list[str]:
    """Return the ``for`` of each element. An element without one, or after an unreadable part, gives an empty text."""
    if not headers:
        return []
    hops: list[str] = []
    text, at, of_hop = ", ".join(headers), 0, ""
    while at <= len(text):
        found = _FORWARDED_PAIR.match(text, at)
        if found is None:
            return [*hops, ""]
        name, value, end = found.groups()
        if (name or "").lower() == "for":
            of_hop = _without_port(value.strip('"'))
        at = found.end()
        if end != ";":
            hops.append(of_hop)
            of_hop = ""
        if not end:
            break
    return hops


def _without_port(text: str) -> str:
    """Return the address without its port. ``192.0.2.1:47011`` and ``[2001:db8::1]:47011`` have one; a bare IPv6
    address has none."""
    found = _PORT.fullmatch(text)
    return found[1].strip("[]") if found else text


def _address(text: str) -> Address | None:
    """Return the address. None for any other text: ``unknown``, ``_hidden``, rubbish."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _unmapped_network(network: Network) -> Network:
    """A socket that listens on both shows IPv4 peers within ``::ffff:0:0/96``; they are compared as IPv4."""
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if mapped is not None and network.prefixlen >= 96:
        return ipaddress.ip_network((mapped, network.prefixlen - 96))
    return network
