"""The blocks of docs/proxies.md, with Debian's own nginx and haproxy before a real API server."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from cti_bridge.api.events import HEARTBEAT_S
from cti_bridge.local.ports import claim_ports
from tests.support.api import PASSWORD, Api, api_server, frame
from tests.support.certificates import Certificate, make_certificate
from tests.support.debian_programs import listens, running

PAGE = (Path(__file__).parents[2] / "docs" / "proxies.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)

NGINX = """
pid nginx.pid;
daemon off;
master_process off;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
{blocks}
}}
"""
HAPROXY = "global\n    log stderr format raw local0 err\ndefaults\n    log global\n{blocks}"


def blocks(language: str) -> list[str]:
    return [text for name, text in BLOCKS if name == language]


def replaced(text: str, words: Mapping[str, str]) -> str:
    """The block with this machine's addresses in it; each of them must stand there."""
    for word, ours in words.items():
        assert word in text, word
        text = text.replace(word, ours)
    return text


@asynccontextmanager
async def proxy(name: str, text: str, directory: Path, port: int) -> AsyncIterator[None]:
    config = directory / f"{name}.conf"
    config.write_text(text)
    nginx: list[str | Path] = ["-p", directory, "-e", "stderr", "-c", config]
    haproxy: list[str | Path] = ["-db", "-f", config]
    arguments = nginx if name == "nginx" else haproxy
    with running(name, arguments, directory):
        async with asyncio.timeout(20):
            await listens(port)
        yield


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    made = make_certificate(tmp_path, "localhost")
    (tmp_path / "both.pem").write_bytes(made.cert.read_bytes() + made.key.read_bytes())
    return made


@pytest.mark.parametrize("name", ["nginx", "haproxy"])
async def test_the_panel_works_behind_the_proxy_of_the_docs_on_a_port_of_its_own(
    name: str, tmp_path: Path, certificate: Certificate
) -> None:
    ports = claim_ports(1)
    origin = f"https://localhost:{ports.first}"
    try:
        async with api_server(allowed_origins=(origin,), api_origins=(), trusted_proxies=("127.0.0.1",)) as api:
            text = _before(name, api, tmp_path, ports.first)
            async with proxy(name, text, tmp_path, ports.first), _browser(certificate.trusting()) as browser:
                await _use(browser, origin)
                assert await _status(browser, f"{origin}/healthz") == 200
    finally:
        ports.release()


def _before(name: str, api: Api, directory: Path, port: int) -> str:
    bridge = api.root.removeprefix("http://")
    if name == "nginx":
        words = {"127.0.0.1:8080": bridge, "listen 443": f"listen 127.0.0.1:{port}", "cti.example.com": "localhost"}
        return NGINX.format(blocks=replaced(blocks("nginx")[0], {**words, "/etc/ssl/cti": str(directory)}))
    words = {"127.0.0.1:8080": bridge, "bind :443": f"bind 127.0.0.1:{port}", "/etc/ssl/cti": str(directory)}
    return HAPROXY.format(blocks=replaced(blocks("haproxy")[0], words))


def _browser(trust: ssl.SSLContext) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust))


async def _status(browser: aiohttp.ClientSession, url: str) -> int:
    async with browser.get(url) as response:
        return response.status


async def _use(browser: aiohttp.ClientSession, origin: str) -> None:
    """Log in and listen as the panel does: by the cookie alone, whose site is the proxy's."""
    headers = {"Origin": origin, "X-Forwarded-For": "203.0.113.9"}
    login = {"cti_id": "a1", "password": PASSWORD}
    async with browser.post(f"{origin}/api/v1/login", json=login, headers=headers) as response:
        assert response.status == 200, await response.text()
        cookie = response.headers["Set-Cookie"]
        assert "; Secure" in cookie and "SameSite=Strict" in cookie
    async with browser.ws_connect(f"{origin}/api/v1/events", headers={"Origin": origin}) as live:
        assert (await frame(live))["type"] == "snapshot"
    async with browser.ws_connect(f"{origin}/api/v1/events", headers={"Origin": origin}) as live:
        await frame(live)


async def test_a_phone_in_the_page_gets_through_and_no_other_page_and_nothing_of_ari_does(
    tmp_path: Path, certificate: Certificate
) -> None:
    async def echo(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("sip",))
        await socket.prepare(request)
        await socket.send_str("from the PBX")
        return socket

    async def info(_: web.Request) -> web.Response:
        return web.json_response({})

    application = web.Application()
    application.router.add_get("/ws", echo)
    application.router.add_get("/ari/asterisk/info", info)
    runner = web.AppRunner(application)
    await runner.setup()
    ports = claim_ports(1)
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        words = {
            "127.0.0.1:8088": f"127.0.0.1:{runner.addresses[0][1]}",
            "listen 8089": f"listen 127.0.0.1:{ports.first}",
            "pbx.example.com": "localhost",
            "/etc/ssl/cti": str(tmp_path),
        }
        text = NGINX.format(blocks=replaced(blocks("nginx")[1], words))
        url = f"https://localhost:{ports.first}"
        async with proxy("nginx", text, tmp_path, ports.first), _browser(certificate.trusting()) as browser:
            panel = {"Origin": "https://cti.example.com"}
            async with browser.ws_connect(f"{url}/ws", protocols=("sip",), headers=panel) as phone:
                assert phone.protocol == "sip"
                assert await phone.receive_str(timeout=10) == "from the PBX"
            for headers in ({"Origin": "https://evil.example"}, {}):
                with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                    await browser.ws_connect(f"{url}/ws", headers=headers)
            assert await _status(browser, f"{url}/ari/asterisk/info") == 404
    finally:
        ports.release()
        await runner.cleanup()


def test_the_proxies_wait_longer_than_the_bridge_is_silent() -> None:
    waits = re.findall(r"(?:proxy_read_timeout|timeout tunnel|timeout client|timeout server) (\d+)s", PAGE)
    assert len(waits) == 8 and all(int(seconds) > 2 * HEARTBEAT_S for seconds in waits)
