"""``make run FARM=1``: two private Asterisks behind an edge, in place of the single one. All on loopback."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from cti_bridge.local.asterisk import Addresses, AgentPhone, AsteriskSettings, PrivateAsterisk
from cti_bridge.local.edge import ADDRESS, Pbx, PrivateEdge

PROVIDER = "127.0.0.3"
"""The address from which customers call; phones are anywhere else on this machine."""
TRUNK = "127.0.0.1:5070"
"""Where calls out go."""
PBXS = ("main", "second")
EDGE_PORT, SIP_PORTS, HTTP_PORTS = 5060, (5080, 5090), (8088, 8098)
RTP_FIRST, RTP_COUNT = 10_000, 1000
QUALIFY_S = 2

FreePort = Callable[[str, int], int]
"""Returns a free port at the address, from the wanted one on."""


@dataclass(frozen=True)
class Farm:
    """The started servers: the edge, and the PBXs by name."""

    edge: PrivateEdge
    pbxs: Mapping[str, PrivateAsterisk]

    @property
    def variables(self) -> dict[str, str]:
        """The bridge's environment."""
        found = {}
        for name, pbx in self.pbxs.items():
            prefix = f"CTI_BRIDGE_ASTERISK__{name.upper()}__"
            found[f"{prefix}URL"] = pbx.ari_url
            found[f"{prefix}USERNAME"] = pbx.ari_username
            found[f"{prefix}PASSWORD"] = pbx.ari_password
            found[f"{prefix}SIP_ADDRESS"] = f"{pbx.sip_host}:{pbx.sip_port}"
        return found

    @property
    def configuration(self) -> str:
        """The file of the bridge's configuration that says that there is an edge."""
        return f'[edge]\nlisten = "{self.edge.address}"\ntrunk = "{TRUNK}"\ntrunk_match = ["{PROVIDER}"]\n'


async def start_farm(
    parts: AsyncExitStack,
    var: Path,
    database_url: str,
    agents: Sequence[AgentPhone],
    ari_password: str,
    free_tcp: FreePort,
    free_udp: FreePort,
) -> Farm:
    """Start the PBXs and the edge before them, which end with ``parts``."""
    edge = PrivateEdge(
        database_url,
        trunk=TRUNK,
        trunk_match=[PROVIDER],
        passwords={agent.cti_number: agent.password for agent in agents if not agent.browser},
        port=free_udp(ADDRESS, EDGE_PORT),
    )
    pbxs = {}
    for place, name in enumerate(PBXS):
        first = RTP_FIRST + place * RTP_COUNT
        http, sip = free_tcp("127.0.0.1", HTTP_PORTS[place]), free_udp("127.0.0.1", SIP_PORTS[place])
        pbxs[name] = await parts.enter_async_context(
            PrivateAsterisk(
                AsteriskSettings(agents=agents, systemname=name, edge=edge.address, qualify_s=QUALIFY_S),
                directory=var / f"asterisk-{name}",
                addresses=Addresses("127.0.0.1", http, sip, first, first + RTP_COUNT - 1),
                ari_password=ari_password,
            )
        )
    parts.push_async_callback(edge.stop)
    await edge.start([Pbx(name, f"{pbx.sip_host}:{pbx.sip_port}") for name, pbx in pbxs.items()])
    return Farm(edge, pbxs)
