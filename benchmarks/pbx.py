"""The private Asterisk of one system under test: alike for both, but for what answers the call."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from benchmarks.ami import BridgeWatch, manager_conf, new_password
from benchmarks.sipp import LOOPBACK
from cti_bridge.local.asterisk import Addresses, AsteriskSettings, PrivateAsterisk
from cti_bridge.local.asterisk_config import AgentPhone
from cti_bridge.local.ports import claim_ports

PORTS = 4000
"""Two a leg; the measurement of memory has 750 legs, and each port is drawn by chance."""

NUMBER = "+8225550000"
"""What the callers dial."""

MENU_NUMBER = "+8225550001"
"""What they dial who press a key of a menu before they come to the same queue."""

RECORDED_NUMBER = "+8225550002"
"""What they dial whose conversations are recorded."""

CALLING_NUMBER = "+8225551234"
"""What customers see who are called."""

NO_FAR_END = 9
"""The port "discard": nobody is called out."""

_AGENT = """
[{number}](cti-agent)
aors = {number}
callerid = {number} <{number}>

[{number}](cti-agent-aor)
contact = sip:{number}@{host}:{port}
"""

_QUEUE = """
[general]
persistentmembers = no

[bench]
strategy = leastrecent
musicclass = default
ringinuse = no
timeout = 20
retry = 1
autofill = yes
{members}
"""

# An exact extension wins over the pattern of cti-inbound. Without "i", Answer() waits for RTP, up to 500 ms.
_QUEUE_DIALPLAN = f"""
[cti-inbound]
exten => {NUMBER},1,Answer(,i)
 same => n,Queue(bench)
 same => n,Hangup()
"""


@dataclass(frozen=True, slots=True)
class Pbx:
    """A running Asterisk and the ear on its bridges."""

    asterisk: PrivateAsterisk
    watch: BridgeWatch

    @property
    def target(self) -> str:
        """Where callers send their INVITE."""
        return f"{self.asterisk.sip_host}:{self.asterisk.sip_port}"


def agent_numbers(count: int) -> list[str]:
    """CTI numbers."""
    return [f"b{number:04}" for number in range(1, count + 1)]


def bridge_settings(
    agents: Sequence[str], phones_port: int, far_end_port: int = NO_FAR_END, in_page: Sequence[AgentPhone] = ()
) -> AsteriskSettings:
    """As in production; the phones are static contacts, but for those ``in_page``, and no RTP from SIPp is no fault.
    Calls out go to ``far_end_port``."""
    return AsteriskSettings(
        agents=in_page,
        trunk_contact=f"sip:{LOOPBACK}:{far_end_port}",
        rtp_timeout_s=0,
        rtp_timeout_hold_s=0,
        extra_config={
            "cti/agents.conf": "".join(_AGENT.format(number=agent, host=LOOPBACK, port=phones_port) for agent in agents)
        },
    )


def queue_settings(agents: Sequence[str], phones_port: int) -> AsteriskSettings:
    """The same with app_queue and its dialplan."""
    plain = bridge_settings(agents, phones_port)
    members = "\n".join(f"member => PJSIP/{agent}" for agent in agents)
    return AsteriskSettings(
        rtp_timeout_s=0,
        rtp_timeout_hold_s=0,
        extra_modules=["app_queue"],
        extra_config={
            **plain.extra_config,
            "queues.conf": _QUEUE.format(members=members),
            "extensions.conf": _QUEUE_DIALPLAN,
        },
    )


@asynccontextmanager
async def running_pbx(settings: AsteriskSettings) -> AsyncIterator[Pbx]:
    """Start it with ports enough and the manager interface for the watch."""
    ports = claim_ports(PORTS, LOOPBACK)
    password = new_password()
    first = ports.first
    addresses = Addresses(LOOPBACK, first, first + 1, first + 4, ports.last)
    manager_port = first + 2
    settings = _with_manager(settings, manager_conf(LOOPBACK, manager_port, password))
    try:
        async with (
            PrivateAsterisk(settings, addresses=addresses) as asterisk,
            BridgeWatch(LOOPBACK, manager_port, password) as watch,
        ):
            yield Pbx(asterisk, watch)
    finally:
        ports.release()


def _with_manager(settings: AsteriskSettings, text: str) -> AsteriskSettings:
    return AsteriskSettings(**{**vars(settings), "extra_config": {**settings.extra_config, "manager.conf": text}})
