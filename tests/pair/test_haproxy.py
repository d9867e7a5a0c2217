"""The block of docs/proxies.md for a pair, with Debian's own haproxy before two real bridges."""

import asyncio
import ssl
import time
from pathlib import Path

import aiohttp
import pytest

from cti_bridge.local.ports import claim_ports
from tests.integration.test_proxies import HAPROXY, blocks, proxy, replaced
from tests.pair.conftest import Roles
from tests.support.agent_client import AgentClient
from tests.support.certificates import make_certificate
from tests.support.pair import PairStack
from tests.support.rooms import PASSWORD

THROUGH_WITHIN_S = 10.0
"""The take-over, and two looks of haproxy."""


def before(stack: PairStack, directory: Path, port: int) -> str:
    """The block with this machine's addresses in it."""
    (pair,) = [block for block in blocks("haproxy") if "cti-pair" in block]
    words = {"bind :443": f"bind 127.0.0.1:{port}", "/etc/ssl/cti": str(directory)}
    for server, member in zip(("192.0.2.11:8080", "192.0.2.12:8080"), stack.members, strict=True):
        words[server] = f"127.0.0.1:{member.bridge.port}"
    return HAPROXY.format(blocks=replaced(pair, words))


async def settled(client: aiohttp.ClientSession, url: str, looks: int = 6) -> None:
    """Wait until haproxy has found out who acts: at its start it takes both for servers."""
    seen = 0
    while seen < looks:
        async with client.get(f"{url}/readyz") as response:
            seen = seen + 1 if (await response.json(content_type=None)).get("role") == "active" else 0
        await asyncio.sleep(0.1)


async def served(client: aiohttp.ClientSession, url: str, token: str, within_s: float) -> float:
    """Wait until an agent's request comes through. Return when."""
    until = time.monotonic() + within_s
    while True:
        try:
            async with client.get(f"{url}/api/v1/me", headers={"Authorization": f"Bearer {token}"}) as response:
                if response.status == 200:
                    return time.monotonic()
                assert response.status == 503, await response.text()
        except aiohttp.ClientError:
            pass
        assert time.monotonic() < until, "nobody is served through haproxy"


@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM"])
async def test_given_a_bridge_that_ends_then_haproxy_leads_to_the_spare_and_the_session_goes_on(
    stack: PairStack, roles: Roles, tmp_path: Path, how: str
) -> None:
    certificate = make_certificate(tmp_path, "localhost")
    (tmp_path / "both.pem").write_bytes(certificate.cert.read_bytes() + certificate.key.read_bytes())
    ports = claim_ports(1)
    url = f"https://localhost:{ports.first}"
    trust: ssl.SSLContext = certificate.trusting()
    try:
        async with (
            proxy("haproxy", before(stack, tmp_path, ports.first), tmp_path, ports.first),
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as client,
        ):
            await settled(client, url)
            body = {"cti_id": "cut-1", "password": PASSWORD}
            async with client.post(f"{url}/api/v1/login", json=body) as response:
                token = (await response.json())["token"]
            await served(client, url, token, 10)
            headers = {"Authorization": f"Bearer {token}"}
            async with client.ws_connect(f"{url}/api/v1/events", headers=headers) as panel:
                assert (await panel.receive_json())["type"] == "snapshot"
                began = time.monotonic()
                if how == "SIGKILL":
                    await roles.active.bridge.kill()
                else:
                    await roles.active.bridge.stop()
                while (await panel.receive()).type not in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED):
                    pass
            await roles.spare.is_role("active")
            assert await served(client, url, token, 10) - began < THROUGH_WITHIN_S
            async with client.ws_connect(f"{url}/api/v1/events", headers=headers) as panel:
                assert (await panel.receive_json())["type"] == "snapshot"
    finally:
        ports.release()
        out = AgentClient(stack.url, "cut-1", PASSWORD)
        try:
            await out.log_in()
            await out.log_out()
        finally:
            await out.close()
