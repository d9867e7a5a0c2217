"""The private Asterisk and its dialplan: starts, is alone, leaves nothing, and never loses a caller or an emergency."""

import asyncio
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from cti_bridge.local.asterisk import Addresses, AgentPhone, AsteriskSettings, PrivateAsterisk
from cti_bridge.local.errors import ServerFailed
from cti_bridge.local.processes import wait_gone
from tests.support.rtp_party import RtpParty
from tests.support.sip_peer import SipPeer

OWNER = """
import asyncio, sys
from pathlib import Path
from cti_bridge.local.asterisk import PrivateAsterisk

async def main():
    asterisk = PrivateAsterisk(directory=Path(sys.argv[1]))
    await asterisk.start()
    print(asterisk.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""

REGISTER = """\
REGISTER sip:127.0.0.1 SIP/2.0
Via: SIP/2.0/WS page.invalid;branch=z9hG4bK1
Max-Forwards: 70
From: <sip:1002@127.0.0.1>;tag=1
To: <sip:1002@127.0.0.1>
Call-ID: 1
CSeq: 1 REGISTER
Contact: <sip:1002@page.invalid;transport=ws>
Content-Length: 0

""".replace("\n", "\r\n")
"""As a page sends it (RFC 7118, section 8)."""

SHOWN = "allowed_not_screened"
"""How the number of a caller who does not withhold it is presented."""


def left(*paths: Path) -> list[Path]:
    return [path for path in paths if path.exists()]


async def ari(pbx: PrivateAsterisk, method: str, path: str) -> Any:
    login = {"Authorization": aiohttp.encode_basic_auth(pbx.ari_username, pbx.ari_password)}
    url = URL(f"{pbx.ari_url}/{path}", encoded=True)
    async with aiohttp.request(method, url, headers=login, raise_for_status=True) as response:
        return await response.json(content_type=None)


@asynccontextmanager
async def application(pbx: PrivateAsterisk) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Stand in for the bridge: be the application, and read its events."""
    key = f"{pbx.ari_username}:{pbx.ari_password}"
    url = f"{pbx.ari_url}/events?app={pbx.settings.app}&api_key={key}"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as events:
        yield events


async def event(events: aiohttp.ClientWebSocketResponse, kind: str) -> Any:
    async with asyncio.timeout(10):
        while (received := await events.receive_json())["type"] != kind:
            pass
        return received


@pytest.fixture
async def trunk() -> AsyncIterator[SipPeer]:
    async with SipPeer.open() as peer:
        yield peer


@asynccontextmanager
async def pbx_with(trunk: SipPeer, **settings: Any) -> AsyncIterator[PrivateAsterisk]:
    contact = f"sip:127.0.0.1:{trunk.port}"
    async with PrivateAsterisk(AsteriskSettings(trunk_contact=contact, retry_s=0.1, **settings)) as pbx:
        trunk.server = (pbx.sip_host, pbx.sip_port)
        yield pbx
        # An end in order takes a second, and is tested elsewhere.
        await pbx.kill()


# ---- its life


async def test_given_nothing_when_started_then_ari_and_console_answer() -> None:
    async with PrivateAsterisk(AsteriskSettings(agents=[AgentPhone("1001")])) as pbx:
        info = await ari(pbx, "GET", "asterisk/info")
        assert info["system"]["version"].startswith(pbx.version)
        assert "1001" in await pbx.command("pjsip show endpoints")
        assert "ulaw|alaw|g722" in (await pbx.command("pjsip show endpoint 1001")).replace(" ", "")


async def test_given_an_agent_with_a_browser_when_started_then_its_phone_is_asked_for_webrtc_at_the_websocket() -> None:
    phones = [AgentPhone("1001"), AgentPhone("1002", browser=True)]
    async with PrivateAsterisk(AsteriskSettings(agents=phones)) as pbx:
        asked = {number: await pbx.command(f"pjsip show endpoint {number}") for number in ("1001", "1002")}
        webrtc = {number: re.findall(r"^ *webrtc +: (.*)", text, re.MULTILINE) for number, text in asked.items()}
        assert webrtc == {"1001": ["no"], "1002": ["yes"]}
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(pbx.browser_phone_url, protocols=["sip"]) as socket,
        ):
            await socket.send_str(REGISTER)
            answer = await socket.receive_str(timeout=5)
        assert answer.startswith("SIP/2.0 401 ")


async def test_given_one_running_when_another_starts_then_they_share_nothing() -> None:
    async with PrivateAsterisk() as one, PrivateAsterisk() as other:
        assert one.directory != other.directory
        assert one.addresses.rtp_last < other.addresses.http_port or other.addresses.rtp_last < one.addresses.http_port
        await asyncio.gather(ari(one, "GET", "channels"), ari(other, "GET", "channels"))


async def test_given_a_running_one_when_stopped_then_nothing_is_left() -> None:
    pbx = PrivateAsterisk()
    await pbx.start()
    pid, directory, port = pbx.pid, pbx.directory, pbx.sip_port
    await pbx.stop()
    assert not left(Path(f"/proc/{pid}"), directory)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", port))


async def test_given_an_owner_when_it_is_killed_then_asterisk_dies_too(tmp_path: Path) -> None:
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OWNER, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert owner.stdout is not None
    pid = int(await owner.stdout.readline())
    owner.kill()
    await owner.wait()
    await wait_gone(pid, timeout_s=5)


async def test_given_a_crash_when_started_again_then_it_is_at_the_same_place() -> None:
    async with PrivateAsterisk() as pbx:
        before = (pbx.pid, pbx.addresses, pbx.ari_password)
        await pbx.kill()
        await pbx.start()
        assert pbx.pid != before[0]
        assert (pbx.addresses, pbx.ari_password) == before[1:]
        await ari(pbx, "GET", "channels")


async def test_given_a_very_long_path_when_started_then_the_console_works(tmp_path: Path) -> None:
    async with PrivateAsterisk(directory=tmp_path / ("long" * 30)) as pbx:
        assert "0 active channels" in await pbx.command("core show channels")


# ---- what is wrong is said


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (AsteriskSettings(extra_config={"pjsip.conf": "[odd]\ntype = endpoint\nnonsense = 1"}), "nonsense"),
        (AsteriskSettings(extra_modules=["res_nowhere"]), "res_nowhere"),
        (AsteriskSettings(extra_config={"cti/modules.conf": "require = res_nowhere.so"}), "res_nowhere"),
    ],
)
async def test_given_a_bad_configuration_when_started_then_the_error_names_it(
    settings: AsteriskSettings, said: str
) -> None:
    pbx = PrivateAsterisk(settings)
    with pytest.raises(ServerFailed, match=said):
        await pbx.start()
    with pytest.raises(RuntimeError, match="not running"):
        _ = pbx.pid


async def test_given_a_taken_sip_port_when_started_then_the_error_says_so() -> None:
    async with PrivateAsterisk() as first:
        taken = first.addresses
        http_port = taken.rtp_last + 1
        addresses = Addresses("127.0.0.1", http_port, taken.sip_port, taken.rtp_first, taken.rtp_last)
        with pytest.raises(ServerFailed, match=r"(?i)transport"):
            await PrivateAsterisk(addresses=addresses).start()


# ---- sounds


async def test_given_prompts_and_music_when_started_then_asterisk_knows_them(tmp_path: Path) -> None:
    (tmp_path / "tone.ulaw").write_bytes(b"\xff" * 8000)
    settings = AsteriskSettings(sounds={"test": tmp_path}, music={"tone": tmp_path})
    async with PrivateAsterisk(settings) as pbx:
        known = {sound["id"] for sound in await ari(pbx, "GET", "sounds")}
        assert {"cti/welcome", "cti/all-busy", "cti/force-disconnect", "test/tone", "queue-thereare"} <= known
        formats = {entry["format"] for entry in (await ari(pbx, "GET", "sounds/cti%2Fwelcome"))["formats"]}
        assert formats == {"ulaw", "alaw", "slin16"}
        music = await pbx.command("moh show files")
        assert "moh/calm" in music
        assert str(tmp_path / "tone") in music


# ---- who is let in


async def test_given_a_stranger_when_calling_then_refused(trunk: SipPeer) -> None:
    async with pbx_with(trunk, trunk_match="127.0.0.9"):
        assert await trunk.final(trunk.call("+8225550000")) == 401
        assert await trunk.final(trunk.call("+8225550000", user="trunk")) == 401


async def test_given_an_agents_phone_when_registering_then_only_with_the_password(trunk: SipPeer) -> None:
    async with pbx_with(trunk, agents=[AgentPhone("1001", "right")], qualify_s=0):
        assert await trunk.register("1001", "wrong") == 401
        assert await trunk.register("1001", "right") == 200


async def test_given_anothers_address_when_asking_ari_with_the_password_then_refused() -> None:
    async with PrivateAsterisk() as pbx:
        login = {"Authorization": aiohttp.encode_basic_auth(pbx.ari_username, pbx.ari_password)}
        for own, status in (("127.0.0.1", 200), ("127.0.0.2", 403)):
            connector = aiohttp.TCPConnector(local_addr=(own, 0))
            async with (
                aiohttp.ClientSession(connector=connector) as session,
                session.get(f"{pbx.ari_url}/asterisk/info", headers=login) as response,
            ):
                assert response.status == status


# ---- the dialplan


async def test_given_the_bridge_when_a_customer_calls_then_it_gets_the_dialled_number(trunk: SipPeer) -> None:
    async with pbx_with(trunk) as pbx, application(pbx) as events:
        trunk.call("+8225550000")
        assert (await event(events, "StasisStart"))["args"] == ["inbound", "+8225550000", SHOWN, ""]


async def test_given_odd_characters_when_a_customer_calls_then_the_bridge_sees_digits_only(trunk: SipPeer) -> None:
    async with pbx_with(trunk) as pbx, application(pbx) as events:
        trunk.call("+82,keypad,x5550000")
        assert (await event(events, "StasisStart"))["args"] == ["inbound", "+825550000", SHOWN, ""]


async def test_given_no_bridge_when_it_comes_back_then_it_gets_the_waiting_caller(trunk: SipPeer) -> None:
    async with pbx_with(trunk, retries=1000) as pbx:
        trunk.call("+8225550000")
        while not await ari(pbx, "GET", "channels"):
            pass
        async with application(pbx) as events:
            started = await event(events, "StasisStart")
        assert started["channel"]["state"] == "Ring"


async def test_given_no_bridge_when_all_tries_are_over_then_the_fallback_is_rung(trunk: SipPeer) -> None:
    async with pbx_with(trunk, retries=2, fallback="PJSIP/+8225559999@trunk"):
        trunk.call("+8225550000")
        async with asyncio.timeout(10):
            assert (await trunk.invites.get()).startswith("INVITE sip:+8225559999@")


async def test_given_no_bridge_and_no_fallback_when_all_tries_are_over_then_turned_away(trunk: SipPeer) -> None:
    async with pbx_with(trunk, retries=1):
        assert await trunk.final(trunk.call("+8225550000")) == 503


async def test_given_a_call_that_the_bridge_lets_go_when_it_returns_then_it_ends(trunk: SipPeer) -> None:
    async with pbx_with(trunk, fallback="PJSIP/+8225559999@trunk") as pbx, application(pbx) as events:
        call = trunk.call("+8225550000")
        channel = (await event(events, "StasisStart"))["channel"]["id"]
        await ari(pbx, "POST", f"channels/{channel}/continue")
        assert await trunk.final(call) >= 400
        assert trunk.invites.empty()


async def test_given_a_keypad_when_a_number_is_dialled_then_the_bridge_is_asked(trunk: SipPeer) -> None:
    async with pbx_with(trunk) as pbx, application(pbx) as events:
        await ari(pbx, "POST", "channels?endpoint=Local/*8%23@from-agents&context=default&extension=s&priority=1")
        assert (await event(events, "StasisStart"))["args"] == ["keypad", "*8#"]


@pytest.mark.parametrize("shown", ["anonymous", "1002", "1001"])
async def test_given_a_phone_that_hides_its_number_then_its_password_says_whose_it_is_and_an_emergency_is_reached(
    trunk: SipPeer, shown: str
) -> None:
    async with (
        pbx_with(trunk, trunk_match="127.0.0.9", agents=[AgentPhone("1001", "right")]),
        RtpParty.speaking(trunk.server) as phone,
    ):
        assert await phone.register("1001", "right") == 200
        assert await phone.dial("112", "1001", password="wrong", shown=shown) == 401
        assert trunk.invites.empty()
        assert await phone.dial("112", "1001", password="right", shown=shown) == 200
        assert trunk.invites.get_nowait().startswith("INVITE sip:112@")


@pytest.mark.parametrize("number", ["112", "119"])
async def test_given_no_bridge_when_an_emergency_number_is_dialled_then_it_goes_out(
    trunk: SipPeer, number: str
) -> None:
    async with pbx_with(trunk, emergency_caller="+8225551234") as pbx:
        await ari(pbx, "POST", f"channels?endpoint=Local/{number}@from-agents&context=default&extension=s&priority=1")
        async with asyncio.timeout(10):
            invite = await trunk.invites.get()
        assert invite.startswith(f"INVITE sip:{number}@")
        assert "<sip:+8225551234@" in invite
