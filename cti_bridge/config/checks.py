"""Checks of relations between settings. They read the merged values as they were written, so that one error does not
hide the others."""

import ssl
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path as FilePath
from typing import Any, Final
from urllib.parse import urlsplit

from cti_bridge.config.certificates import expires_at, warning
from cti_bridge.config.check_edge import check_edge
from cti_bridge.config.check_queues import check_queues
from cti_bridge.config.check_recording import check_recording
from cti_bridge.config.check_rights import check_rights
from cti_bridge.config.check_scenarios import check_scenarios
from cti_bridge.config.check_stages import check_stages
from cti_bridge.config.countries import country_of_all
from cti_bridge.config.kinds import PREFIX_FORM, split_listen
from cti_bridge.config.lines import Path
from cti_bridge.config.merge import KEYS, Merged
from cti_bridge.config.problems import closest, did_you_mean
from cti_bridge.config.reading import Unreadable, read_bytes
from cti_bridge.config.schema.whole import Schema
from cti_bridge.domain.model.agent import Reason
from cti_bridge.domain.model.directory import Service
from cti_bridge.domain.model.numbering import NumberKind
from cti_bridge.domain.numbers.dialing import is_open
from cti_bridge.numbers.kinds import kind_of, kinds_behind

Row = tuple[Path, dict[str, Any]]

_KEYS: Final = {"services": "id", "queues": "id"}
_REFERENCES: Final = (
    ("calling_numbers", "service", "services"),
    ("queues", "service", "services"),
    ("scenarios", "service", "services"),
    ("agents", "services", "services"),
    ("clients", "services", "services"),
    ("scenarios", "queue", "queues"),
    ("services", "return_queue", "queues"),
    ("agents", "queues", "queues"),
)
"""(table, key, what the key names)."""
_LISTS: Final = (
    ("agents", "services"),
    ("clients", "services"),
    ("clients", "scopes"),
    ("agents", "queues"),
    ("agents", "rights"),
    ("agents", "supervises"),
    ("services", "allowed_prefixes"),
    ("services", "allowed_regions"),
    ("services", "allowed_types"),
)
"""(table, key): lists without repetitions."""
_OPENING: Final = ("allowed_regions", "allowed_types")
_SINGULAR: Final = {"services": "service", "queues": "queue"}


def check(merged: Merged) -> None:
    """Add all errors to the problems of ``merged``."""
    _references(merged)
    _queues_belong(merged)
    check_scenarios(merged)
    check_stages(merged)
    check_queues(merged)
    check_recording(merged)
    _nodes(merged)
    _pbx_configs(merged)
    check_edge(merged)
    _countries(merged)
    _agents(merged)
    check_rights(merged)
    _reasons(merged)
    _emergency(merged)
    _unserved(merged)
    _unreached_queues(merged)
    _undialable(merged)
    _closed_prefixes(merged)
    _api(merged)
    _spare(merged)
    _browser_phones(merged)


def _references(merged: Merged) -> None:
    for table, key, target in _REFERENCES:
        if _is_misread(merged, target):
            continue
        names = set(_by_name(merged, target))
        for path, name in _names(merged, table, key):
            if name not in names:
                merged.error(path, f'there is no {_SINGULAR[target]} "{name}"{did_you_mean(name, names)}')


def _is_misread(merged: Merged, table: str) -> bool:
    """Return whether the table is misnamed, of the wrong kind, or missing though it must be there. That is reported at
    its place. The references to its entries may well be right."""
    if table in merged.values:
        return not isinstance(merged.values[table], list if table in KEYS else dict)
    known = Schema.model_fields
    near = (closest(key, known) for key in merged.values if key not in known)
    return known[table].is_required() or table in near


def _queues_belong(merged: Merged) -> None:
    """A queue belongs to one service. Calls of another service would be given to agents who may not see their
    tickets."""
    queues, services = _by_name(merged, "queues"), _by_name(merged, "services")
    for table, key, own in (
        ("scenarios", "queue", "service"),
        ("services", "return_queue", "id"),
        ("agents", "queues", "services"),
    ):
        rows = dict(_rows(merged, table))
        for path, name in _names(merged, table, key):
            row = rows[path[:2]]
            theirs = _text(queues.get(name, {}), "service")
            ours = _texts(row.get(own))
            if ours and theirs in services and theirs not in ours:
                mine = " or ".join(f'"{service}"' for service in ours)
                merged.error(path, f'queue "{name}" belongs to service "{theirs}", not to {mine}')


def _nodes(merged: Merged) -> None:
    nodes = merged.values.get("asterisk")
    nodes = nodes if isinstance(nodes, dict) else {}
    seen: dict[tuple[str, str], str] = {}
    for name, node in nodes.items():
        if not _is_node_name(name):
            merged.error(("asterisk", name), f'"{name}": write lower-case letters, digits and single "_" only')
        url, app = (node.get("url"), node.get("app", "cti_bridge")) if isinstance(node, dict) else (None, None)
        if isinstance(url, str) and not url.rstrip("/").endswith("/ari"):
            merged.warn(("asterisk", name, "url"), 'the address of ARI ends in "/ari", unless a proxy changes it')
        if isinstance(url, str) and isinstance(app, str):
            other = seen.setdefault((url.rstrip("/"), app), name)
            if other != name:
                text = f"this is the same PBX and application as [asterisk.{other}]; they would throw each other out"
                merged.error(("asterisk", name, "url"), text)
    for path, name in _names(merged, "agents", "node"):
        if name and name not in nodes and not _is_misread(merged, "asterisk"):
            merged.error(path, f"there is no [asterisk.{name}]{did_you_mean(name, nodes)}")


def _pbx_configs(merged: Merged) -> None:
    nodes = merged.values.get("asterisk")
    for name, node in nodes.items() if isinstance(nodes, dict) else ():
        pbx = node.get("pbx_config") if isinstance(node, dict) else None
        if isinstance(pbx, dict):
            _pbx_config(merged, ("asterisk", name, "pbx_config"), pbx)


def _pbx_config(merged: Merged, path: Path, pbx: dict[str, Any]) -> None:
    for key, needed in (
        ("trunk_contact", "trunk_match"),
        ("trunk_match", "trunk_contact"),
        ("trunk_username", "trunk_password"),
        ("trunk_username", "trunk_contact"),
        ("https_listen", "https_cert"),
        ("https_listen", "https_key"),
        ("local_nets", "external_address"),
        ("sip_tls_listen", "sip_tls_cert"),
        ("sip_tls_listen", "sip_tls_key"),
    ):
        if pbx.get(key) and not pbx.get(needed):
            merged.error((*path, key), f'"{key}" needs "{needed}" beside it')
    first, last = pbx.get("rtp_first", 10_000), pbx.get("rtp_last", 20_000)
    if isinstance(first, int) and isinstance(last, int) and last <= first:
        merged.error((*path, "rtp_last"), f'"rtp_last" must be greater than "rtp_first", {first}')
    if pbx.get("phone_audio", "plain") != "plain" and not pbx.get("sip_tls_listen"):
        text = "without sip_tls_listen the keys of the audio can be read on the way, for they stand in SIP"
        merged.warn((*path, "phone_audio"), text)
    _open_trunk(merged, path, _texts(pbx.get("trunk_match")))
    if merged.is_in_file((*path, "trunk_password")) and not pbx.get("trunk_password_file"):
        merged.warn((*path, "trunk_password"), "a password is better kept in a trunk_password_file")


def _open_trunk(merged: Merged, path: Path, trunk: list[str]) -> None:
    """Warn of phones in the browser that would be the trunk: Asterisk knows it by address, over WebSocket as well, and
    all who come through a proxy have its address."""
    browsers = any(agent.get("answer") == "browser" for _, agent in _rows(merged, "agents"))
    for index, match in enumerate(trunk):
        try:
            is_here = ip_network(match).is_loopback
        except ValueError:
            is_here = match == "localhost"
        if browsers and is_here:
            text = "browsers that reach /ws through a proxy on this machine would be taken for the trunk"
            merged.warn((*path, "trunk_match", index), text)


def _countries(merged: Merged) -> None:
    """Warn, since it is hardly meant: callers and called numbers without a plus are read in no country."""
    rows = [row for table in ("scenarios", "calling_numbers") for _, row in _rows(merged, table)]
    numbers = [number for row in rows for number in (*_texts(row.get("number")), *_texts(row.get("numbers")))]
    nodes = merged.values.get("asterisk")
    if not numbers or country_of_all(numbers) or not isinstance(nodes, dict):
        return
    for name, node in nodes.items():
        if isinstance(node, dict) and not node.get("country"):
            text = "the numbers are not all of one country, so without a country none without a plus can be read"
            merged.warn(("asterisk", name), text)


def _is_node_name(name: str) -> bool:
    """Return whether the name can be part of a variable's name, where two ``_`` have a meaning."""
    return name.isascii() and name == name.lower() and all(part.isalnum() for part in name.split("_"))


def _agents(merged: Merged) -> None:
    owners: dict[str, str] = {}
    for path, agent in _rows(merged, "agents"):
        number, cti_id = agent.get("cti_number"), agent.get("cti_id")
        if isinstance(number, str) and isinstance(cti_id, str):
            owner = owners.setdefault(number, cti_id)
            if owner != cti_id:
                merged.error((*path, "cti_number"), f'agent "{owner}" has the CTI number "{number}" already')
    if not owners and not _is_misread(merged, "agents"):
        merged.warn((), "there are no [[agents]]: nobody can log in")
    for table, key in _LISTS:
        for path, row in _rows(merged, table):
            _repeats(merged, (*path, key), row.get(key))


def _reasons(merged: Merged) -> None:
    policy = merged.values.get("policy")
    if not isinstance(policy, dict):
        return
    for key in ("business_reasons", "rest_reasons", "force_disconnect_reasons"):
        _repeats(merged, ("policy", key), policy.get(key))
    for key in ("business_reasons", "rest_reasons"):
        for index, reason in enumerate(_texts(policy.get(key))):
            if reason in tuple(Reason):
                text = f'"{reason}" is a reason that the bridge gives itself; choose another word'
                merged.error(("policy", key, index), text)


def _emergency(merged: Merged) -> None:
    policy = merged.values.get("policy")
    numbers = policy.get("emergency_numbers") if isinstance(policy, dict) else None
    _repeats(merged, ("policy", "emergency_numbers"), numbers)
    if numbers == []:
        text = "no emergency number can be dialled, neither in the panel nor by the bridge on a phone"
        merged.warn(("policy", "emergency_numbers"), text)
    for path, agent in _rows(merged, "agents"):
        if agent.get("cti_number") in _texts(numbers):
            text = f'"{agent["cti_number"]}" is an emergency number; choose another CTI number'
            merged.error((*path, "cti_number"), text)


def _unserved(merged: Merged) -> None:
    """Warn of a queue that no agent serves: it is hardly meant."""
    served = {
        queue
        for _, agent in _rows(merged, "agents")
        if agent.get("phone_permission", True) is not False
        for queue in _texts(agent.get("queues"))
    }
    for path, queue in _rows(merged, "queues"):
        if isinstance(queue.get("id"), str) and queue["id"] not in served and not _is_misread(merged, "agents"):
            merged.warn((*path, "id"), f'no agent with the phone permission serves queue "{queue["id"]}"')


def _unreached_queues(merged: Merged) -> None:
    """Warn of a queue whose agents are all at some of the PBXs: a call that comes in at another one reaches nobody."""
    nodes = merged.values.get("asterisk")
    if not isinstance(nodes, dict) or len(nodes) < 2:
        return
    for path, queue in _rows(merged, "queues"):
        agents = [agent for _, agent in _rows(merged, "agents") if queue.get("id") in _texts(agent.get("queues"))]
        at = {str(agent.get("node") or "") for agent in agents}
        away = sorted(nodes.keys() - at)
        if agents and "" not in at and away:
            text = f'all agents of queue "{queue.get("id")}" are at {", ".join(sorted(at))}'
            text = f"{text}, so a call that comes in at {', '.join(away)} reaches none of them"
            merged.warn((*path, "id"), text)


def _undialable(merged: Merged) -> None:
    """Outbound is on, and yet no agent can dial."""
    numbers = [row for _, row in _rows(merged, "calling_numbers")]
    confirmed = {_text(row, "service") for row in numbers if row.get("state") == "confirmed"}
    for path, service in _rows(merged, "services"):
        if service.get("outbound", True) is not True:
            continue
        if not service.get("allowed_prefixes"):
            merged.warn(path, "outbound is on, but without allowed_prefixes no number can be dialled")
        name = service.get("id")
        if isinstance(name, str) and name not in confirmed and not _is_misread(merged, "calling_numbers"):
            text = f'outbound is on, but no [[calling_numbers]] of service "{name}" is "confirmed", so nobody can dial'
            merged.warn(path, text)


def _closed_prefixes(merged: Merged) -> None:
    """Warn of a prefix that opens nothing: the kinds of numbers behind it are not allowed."""
    for path, service in _rows(merged, "services"):
        prefixes, regions, types = (_texts(service.get(key)) for key in ("allowed_prefixes", *_OPENING))
        opened = Service("", allowed_regions=tuple(regions), allowed_types=tuple(types))
        for index, prefix in enumerate(prefixes):
            kinds = kinds_behind(prefix) if PREFIX_FORM.fullmatch(prefix) else frozenset()
            if kinds and kind_of(prefix) is None and not any(is_open(opened, kind) for kind in kinds):
                text = f'no number behind "{prefix}" may be dialled; name {_lacking(opened, kinds)}'
                merged.warn((*path, "allowed_prefixes", index), text)


def _lacking(service: Service, kinds: Iterable[NumberKind]) -> str:
    """Return the settings that would open one kind of the numbers."""
    kind = min(kinds)
    lacking = {
        "allowed_regions": "" if kind.is_main or kind.region in service.allowed_regions else kind.region,
        "allowed_types": "" if kind.costly in service.allowed_types else kind.costly,
    }
    return " and ".join(f'{name} = ["{word}"]' for name, word in lacking.items() if word)


def _api(merged: Merged) -> None:
    api = merged.values.get("api", {})
    if not isinstance(api, dict):
        return
    cert, key, listen = (api.get(name) for name in ("tls_cert", "tls_key", "listen"))
    for name in ("allowed_origins", "api_origins", "trusted_proxies", "monitors"):
        _repeats(merged, ("api", name), api.get(name))
    _unreachable_proxies(merged, listen, _texts(api.get("trusted_proxies")))
    if isinstance(listen, str) and not cert and not _is_loopback(listen):
        text = "the API is open to other machines without TLS: passwords and calls can be read on the way"
        merged.warn(("api", "listen"), text)
    if bool(cert) is not bool(key):
        present, missing = ("tls_cert", "tls_key") if cert else ("tls_key", "tls_cert")
        merged.error(("api", present), f'"{present}" needs "{missing}" beside it')
    elif isinstance(cert, str) and isinstance(key, str) and cert:
        _certificate(merged, cert, key)


def _unreachable_proxies(merged: Merged, listen: Any, proxies: list[str]) -> None:
    """Warn, since it is hardly meant: all requests would count as the real proxy's."""
    try:
        networks = [ip_network(proxy) for proxy in proxies]
    except ValueError:
        return
    on_loopback = _is_loopback(listen) if isinstance(listen, str) else True
    if networks and on_loopback and not any(network.is_loopback for network in networks):
        text = "the API listens on loopback only, where none of these proxies can come from"
        merged.warn(("api", "trusted_proxies"), text)


def _certificate(merged: Merged, cert: str, key: str) -> None:
    try:
        read_bytes(cert)
        read_bytes(key)
        # Without a password callback OpenSSL would ask on the terminal for that of an encrypted key.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password=lambda: "")
        if soon := warning(expires_at(FilePath(cert), FilePath(key)), time.time()):
            merged.warn(("api", "tls_cert"), soon)
    except ssl.SSLError:
        merged.error(("api", "tls_cert"), "tls_cert and tls_key are no certificate and its unencrypted key in PEM")
    except Unreadable as error:
        merged.error(("api", "tls_cert"), f"tls_cert or tls_key {error.text}")
    except OSError as error:
        merged.error(("api", "tls_cert"), f"tls_cert or tls_key cannot be read: {error.strerror}")


def _is_loopback(listen: str) -> bool:
    try:
        host, _ = split_listen(listen)
    except ValueError:
        return True
    return _is_loopback_host(host)


def _is_loopback_host(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _spare(merged: Merged) -> None:
    """The Postgres of one machine dies with it."""
    database = merged.values.get("database")
    named = isinstance(database, dict) and (database.get("url") or database.get("url_file"))
    if "spare" in merged.values and not named:
        text = "a spare goes on with what is in Postgres, so both need one of their own: give [database] url"
        merged.error(("spare",), text)


def _browser_phones(merged: Merged) -> None:
    section = merged.values.get("browser_phone")
    url = section.get("url") if isinstance(section, dict) else None
    if isinstance(url, str) and url.startswith("ws:") and not _is_loopback_host(_host(url)):
        text = "without TLS, ws, the PBX's password and the calls can be read on the way; use wss"
        merged.warn(("browser_phone", "url"), text)
    for path, agent in _rows(merged, "agents"):
        if agent.get("answer") == "browser":
            if section is None:
                merged.error((*path, "answer"), "the phone in the panel needs [browser_phone] with the PBX's url")
            if not agent.get("sip_password") and not agent.get("sip_password_file"):
                text = "the phone in the panel has no password for the PBX; name a sip_password_file"
                merged.error((*path, "answer"), text)
        if not agent.get("sip_password_file") and merged.is_in_file((*path, "sip_password")):
            merged.warn((*path, "sip_password"), "a password is better kept in a sip_password_file")


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _repeats(merged: Merged, path: Path, value: Any) -> None:
    texts = _texts(value)
    for text, times in Counter(texts).items():
        if times > 1:
            last = len(texts) - 1 - texts[::-1].index(text)
            merged.error((*path, last), f'"{text}" stands in this list twice')


def _rows(merged: Merged, table: str) -> Iterator[Row]:
    rows = merged.values.get(table)
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict):
            yield (table, index), row


def _by_name(merged: Merged, table: str) -> dict[str, dict[str, Any]]:
    return {row[_KEYS[table]]: row for _, row in _rows(merged, table) if isinstance(row.get(_KEYS[table]), str)}


def _names(merged: Merged, table: str, key: str) -> Iterator[tuple[Path, str]]:
    """Yield every name that ``key`` holds in the rows of ``table``, with its path."""
    for path, row in _rows(merged, table):
        value = row.get(key)
        if isinstance(value, str):
            yield (*path, key), value
        else:
            for place, name in _places(value):
                if isinstance(name, str):
                    yield (*path, key, place), name


def _text(row: Mapping[str, Any], key: str) -> str | None:
    """Return the text of a key; None for anything else, which cannot be compared with names."""
    value = row.get(key)
    return value if isinstance(value, str) else None


def _places(value: Any) -> Iterable[tuple[int | str, Any]]:
    """Return the entries of a list by their index, or the keys of a table."""
    if isinstance(value, dict):
        return [(name, name) for name in value]
    return list(enumerate(value)) if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    """Return the texts of a list, or the keys of a table."""
    if isinstance(value, str):
        return [value]
    return [text for text in value if isinstance(text, str)] if isinstance(value, list | dict) else []
