"""Checks of the PBXs: where they are, what their files are made of, in which country their numbers are."""

from ipaddress import ip_network
from typing import Any

from cti_bridge.config.countries import country_of_all
from cti_bridge.config.lines import Path
from cti_bridge.config.merge import Merged
from cti_bridge.config.problems import did_you_mean
from cti_bridge.config.written import is_misread, names_in, rows_of, texts_of


def check_pbxs(merged: Merged) -> None:
    """Add all errors and warnings of PBXs to the problems of ``merged``."""
    _nodes(merged)
    _pbx_configs(merged)
    _countries(merged)


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
    for path, name in names_in(merged, "agents", "node"):
        if name and name not in nodes and not is_misread(merged, "asterisk"):
            merged.error(path, f"there is no [asterisk.{name}]{did_you_mean(name, nodes)}")


def _is_node_name(name: str) -> bool:
    """Return whether the name can be part of a variable's name, where two ``_`` have a meaning."""
    return name.isascii() and name == name.lower() and all(part.isalnum() for part in name.split("_"))


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
    _open_trunk(merged, path, texts_of(pbx.get("trunk_match")))
    if merged.is_in_file((*path, "trunk_password")) and not pbx.get("trunk_password_file"):
        merged.warn((*path, "trunk_password"), "a password is better kept in a trunk_password_file")


def _open_trunk(merged: Merged, path: Path, trunk: list[str]) -> None:
    """Warn of phones in the browser that would be the trunk: Asterisk knows it by address, over WebSocket as well, and
    all who come through a proxy have its address."""
    browsers = any(agent.get("answer") == "browser" for _, agent in rows_of(merged, "agents"))
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
    rows = [row for table in ("scenarios", "calling_numbers") for _, row in rows_of(merged, table)]
    numbers = [number for row in rows for number in (*texts_of(row.get("number")), *texts_of(row.get("numbers")))]
    nodes = merged.values.get("asterisk")
    if not numbers or country_of_all(numbers) or not isinstance(nodes, dict):
        return
    for name, node in nodes.items():
        if isinstance(node, dict) and not node.get("country"):
            text = "the numbers are not all of one country, so without a country none without a plus can be read"
            merged.warn(("asterisk", name), text)
