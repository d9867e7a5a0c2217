"""The files of one PBX, from the settings."""

from collections.abc import Mapping
from pathlib import Path

from cti_bridge.config.directory import emergency_numbers
from cti_bridge.config.kinds import split_listen
from cti_bridge.config.schema.edge import EdgeSettings
from cti_bridge.config.schema.process import NodeSettings, PbxConfigSettings
from cti_bridge.config.schema.services import AgentSettings
from cti_bridge.pbx_files import templates
from cti_bridge.pbx_files.passwords import agents_password
from cti_bridge.pbx_files.sections import taken
from cti_bridge.pbx_files.templates import escaped
from cti_bridge.settings import Settings

ENDPOINTS = ("PJSIP/{cti_number}", "PJSIP/{number}@trunk")
"""The dial strings of the PBX's files: ``agent_endpoint`` and ``trunk_endpoint``."""


EDGE_QUALIFY_S = 5
"""Seconds between two questions to the edge whether a phone is registered, unless ``qualify_s`` says otherwise."""


class CannotBeWritten(Exception):
    """The configuration names another PBX than the files can describe. The message says which setting."""


TRUNK = "cti/trunk.conf"
OWN_TRUNK = (
    "; The trunk, as the provider wants it. cti-bridge pbx-config leaves this file alone without a trunk_contact.\n"
)
"""The file of a trunk that is not in the configuration, so that Asterisk finds one. It fails on a file that is named
and not there."""


def files(settings: Settings, name: str, source: Path, known: Mapping[str, str], *, whole: bool) -> dict[str, str]:
    """Return the files of the PBX ``name``, by their path below Asterisk's directory.

    ``known`` are the passwords of phones that are there already. ``whole``: also the files that are the same
    everywhere. Raises CannotBeWritten.
    """
    node, edge = settings.asterisk[name], settings.edge
    found = templates.single(source, _values(node, edge), edge=edge is not None)
    phones = [
        _phone(agent, node, known) if edge is None or in_the_page(agent) else _phone_of_edge(agent, node, edge)
        for agent in agents(settings, name)
    ]
    found["cti/agents.conf"] = templates.phones(source, phones)
    found["cti/music.conf"] = templates.music(source, _music(settings, node.pbx_config))
    found["cti/emergency.conf"] = templates.emergency(source, emergency_numbers(settings))
    has_trunk = bool(node.pbx_config.trunk_contact or edge)
    if not has_trunk:
        found[TRUNK] = OWN_TRUNK
    for file, more in node.pbx_config.more.items():
        if f"cti/{file}" not in found:
            raise CannotBeWritten(f'[asterisk.{name}.pbx_config.more] "{file}" is none of the files in cti/')
        found[f"cti/{file}"] += f"\n{more}\n"
    everything = templates.static(source) | found
    for fault in taken(everything | {TRUNK: found[TRUNK] if has_trunk else "[trunk]\n"}):
        raise CannotBeWritten(fault)
    return everything if whole else found


def agents(settings: Settings, name: str) -> list[AgentSettings]:
    """Return the agents whose phones the PBX knows. Raises CannotBeWritten when it calls them by another name."""
    node = settings.asterisk[name]
    for key, wanted in zip(("agent_endpoint", "trunk_endpoint"), ENDPOINTS, strict=True):
        if getattr(node, key) != wanted and (key == "agent_endpoint" or node.pbx_config.trunk_contact or settings.edge):
            raise CannotBeWritten(
                f'[asterisk.{name}] {key} is "{getattr(node, key)}", and the files are for "{wanted}" alone'
            )
    return [agent for agent in settings.agents if agent.phone_permission and agent.node in ("", name)]


def in_the_page(agent: AgentSettings) -> bool:
    """Return whether the agent's phone is in the panel. It registers with a PBX, beside an edge."""
    return agent.answer == "browser"


def _phone(agent: AgentSettings, node: NodeSettings, known: Mapping[str, str]) -> dict[str, object]:
    return {
        "cti_number": agent.cti_number,
        "template": "cti-browser-agent" if in_the_page(agent) else "cti-agent",
        "password": escaped(agents_password(agent, known)),
        "qualify_s": node.pbx_config.qualify_s,
    }


def _phone_of_edge(agent: AgentSettings, node: NodeSettings, edge: EdgeSettings) -> dict[str, object]:
    given = "qualify_s" in node.pbx_config.model_fields_set
    return {
        "cti_number": agent.cti_number,
        "template": "cti-edge-agent",
        "edge": edge.listen,
        "edge_address": edge.host,
        "qualify_s": node.pbx_config.qualify_s if given else EDGE_QUALIFY_S,
    }


def _music(settings: Settings, pbx: PbxConfigSettings) -> dict[str, Path]:
    names = ["default", *(queue.music for queue in settings.queues)]
    return {name: Path(pbx.music_directory) / name for name in dict.fromkeys(names)}


def _values(node: NodeSettings, edge: EdgeSettings | None) -> dict[str, object]:
    pbx = node.pbx_config
    sip_address, sip_port = split_listen(pbx.sip_listen)
    http_address, http_port = split_listen(pbx.http_listen)
    return {
        **{key: getattr(pbx, key) for key in type(pbx).model_fields},
        "edge": edge.listen if edge else "",
        "edge_address": edge.host if edge else "",
        "app": node.app,
        "ari_username": node.username,
        "ari_password": escaped(node.password.get_secret_value()),
        "sip_address": _bracketed(sip_address),
        "sip_port": sip_port,
        "http_address": http_address,
        "http_port": http_port,
        "http_tls": _http_tls(pbx),
        "trunk_match": ",".join(pbx.trunk_match),
        "trunk_auth": _trunk_auth(pbx),
        "nat": _nat(pbx),
        "sip_tls": _sip_tls(pbx),
        "phone_security": _phone_security(pbx),
        "extra_modules": "".join(f"load = {module.removesuffix('.so')}.so\n" for module in pbx.extra_modules),
    }


def _http_tls(pbx: PbxConfigSettings) -> str:
    if not pbx.https_listen:
        return ""
    return (
        f"tlsenable = yes\ntlsbindaddr = {pbx.https_listen}\n"
        f"tlscertfile = {pbx.https_cert}\ntlsprivatekey = {pbx.https_key}\n"
    )


def _sip_tls(pbx: PbxConfigSettings) -> str:
    if not pbx.sip_tls_listen:
        return ""
    return (
        f"[transport-tls]\ntype = transport\nprotocol = tls\nbind = {pbx.sip_tls_listen}\n"
        f"cert_file = {pbx.sip_tls_cert}\npriv_key_file = {pbx.sip_tls_key}\nmethod = tlsv1_2\n{_nat(pbx)}"
    )


def _phone_security(pbx: PbxConfigSettings) -> str:
    lines = []
    if pbx.phone_audio != "plain":
        optional = "yes" if pbx.phone_audio == "encrypted_where_possible" else "no"
        lines += ["media_encryption = sdes", f"media_encryption_optimistic = {optional}"]
    if pbx.agent_nets:
        lines += ["deny = 0.0.0.0/0", "deny = ::/0", *(f"permit = {network}" for network in pbx.agent_nets)]
    return "\n".join(lines)


def _nat(pbx: PbxConfigSettings) -> str:
    if not pbx.external_address:
        return ""
    outside = "".join(f"external_{what}_address = {pbx.external_address}\n" for what in ("signaling", "media"))
    return outside + "".join(f"local_net = {network}\n" for network in pbx.local_nets)


def _trunk_auth(pbx: PbxConfigSettings) -> str:
    """Return the section with the provider's password; empty where it wants none."""
    if not pbx.trunk_username:
        return ""
    password = escaped(pbx.trunk_password.get_secret_value())
    return (
        f"[trunk](+)\noutbound_auth = trunk-password\n\n[trunk-password]\ntype = auth\nauth_type = digest\n"
        f"username = {pbx.trunk_username}\npassword = {password}\n"
    )


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
