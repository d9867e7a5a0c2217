"""The address of a PBX, and the bridge's login there."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PbxAccess:
    """One `[asterisk.NAME]`. ``url`` is ARI's base address; the endpoints are dial strings with ``{cti_number}`` and
    ``{number}`` in them."""

    name: str
    url: str
    password: str = field(repr=False)
    username: str = "cti_bridge"
    app: str = "cti_bridge"
    agent_endpoint: str = "PJSIP/{cti_number}"
    trunk_endpoint: str = "PJSIP/{number}@trunk"
