"""Checks of [edge]: what it needs of each PBX, and what of a PBX it takes over."""

from ipaddress import ip_address
from typing import Any

from cti_bridge.config.kinds import split_listen
from cti_bridge.config.merge import Merged

_OF_THE_EDGE = {"trunk_contact": "trunk", "trunk_match": "trunk_match", "agent_nets": "agent_nets"}
"""Settings of a PBX's files that are the edge's where there is one, with their names there."""


def check_edge(merged: Merged) -> None:
    """Add all errors to the problems of ``merged``."""
    edge, nodes = merged.values.get("edge"), merged.values.get("asterisk")
    if not isinstance(edge, dict) or not isinstance(nodes, dict):
        return
    _listens_at_one_address(merged, edge.get("listen"))
    if merged.is_in_file(("edge", "database_url")) and not edge.get("database_url_file"):
        merged.warn(("edge", "database_url"), "a password is better kept in a database_url_file")
    for name, node in nodes.items():
        if isinstance(node, dict):
            _node(merged, name, node)
    agents = merged.values.get("agents")
    for index, agent in enumerate(agents if isinstance(agents, list) else ()):
        if isinstance(agent, dict) and agent.get("node") and agent.get("answer") != "browser":
            text = "behind an edge every PBX reaches every phone; without a node of its own the agent gets calls of all"
            merged.warn(("agents", index, "node"), text)
        if isinstance(agent, dict) and agent.get("answer") == "browser" and len(nodes) > 1:
            text = "a phone in the page registers with one PBX, beside the edge: its agent gets calls of that one alone"
            merged.warn(("agents", index, "answer"), text)


def _listens_at_one_address(merged: Merged, listen: Any) -> None:
    if not isinstance(listen, str):
        return
    try:
        everywhere = ip_address(split_listen(listen)[0]).is_unspecified
    except ValueError:
        merged.error(("edge", "listen"), "name the address itself: PBXs know the edge by it")
        return
    if everywhere:
        merged.error(("edge", "listen"), "name one address: PBXs know the edge by it, and would take everybody for it")


def _node(merged: Merged, name: str, node: dict[str, Any]) -> None:
    if not node.get("sip_address"):
        merged.error(("asterisk", name), "behind an edge a PBX needs its sip_address, to which the edge sends calls")
    pbx = node.get("pbx_config")
    if not isinstance(pbx, dict):
        return
    for key, there in _OF_THE_EDGE.items():
        if pbx.get(key):
            path = ("asterisk", name, "pbx_config", key)
            merged.error(path, f'the edge has the trunk and the phones: this is "{there}" of [edge]')
