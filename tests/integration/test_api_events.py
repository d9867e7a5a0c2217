"""The event socket, over real connections."""

import asyncio
import json
import socket as sockets
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import WSMsgType

from cti_bridge.api.events import CLOSE_TIME_S, LARGEST_FRAME, MOST_UNAUTHENTICATED
from cti_bridge.domain.border.commands import PanelChanged
from tests.support.api import CRM, PARTNER, PASSWORD, Api, api_server, close_code, frame


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with api_server() as running:
        yield running


async def told(api: Api) -> PanelChanged:
    return await asyncio.wait_for(api.engine.told.get(), 5)


async def test_given_a_header_then_a_snapshot_and_changes(api: Api) -> None:
    token, _ = await api.log_in()
    async with await api.listen(token) as socket:
        snapshot = await frame(socket)
        assert (snapshot["type"], snapshot["agent"]) == ("snapshot", api.engine.views["a1"])
        assert await told(api) == PanelChanged("a1", True)
        api.engine.change("a1", label="Ringing")
        change = await frame(socket)
        assert (change["type"], change["seq"]) == ("agent.changed", snapshot["seq"] + 1)
    assert await told(api) == PanelChanged("a1", False)


async def test_given_a_first_frame_with_the_token_then_the_snapshot(api: Api) -> None:
    token, _ = await api.log_in()
    async with await api.listen(None, Origin=PARTNER) as socket:
        await socket.send_json({"type": "auth", "token": token})
        assert (await frame(socket))["type"] == "snapshot"


UPGRADE = (
    "GET /api/v1/events HTTP/1.1\r\nHost: x\r\n{more}Connection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
"""What a bare TCP socket sends."""
BAD_FIRST = ['{"type":"auth","token":"wrong"}', '{"type":"auth"}', "hello", "[]", '{"type":"auth","token":7}', ""]


@pytest.mark.parametrize("text", BAD_FIRST)
async def test_given_a_wrong_first_frame_then_4401(api: Api, text: str) -> None:
    async with await api.listen(None) as socket:
        await socket.send_str(text)
        assert await close_code(socket) == 4401


async def test_given_no_first_frame_in_time_then_1013_for_its_session_may_be_good() -> None:
    async with api_server(auth_time_s=0.05) as api, await api.listen(None) as socket:
        assert await close_code(socket) == 1013


async def test_given_as_many_silent_sockets_as_may_be_then_the_oldest_goes_and_a_new_one_is_heard(api: Api) -> None:
    token, _ = await api.log_in()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as strangers:
        silent = [await strangers.ws_connect(api.url + "/events") for _ in range(MOST_UNAUTHENTICATED)]
        late = await api.listen(None)
        assert await close_code(silent[0]) == 1013
        for socket in (late, silent[1]):
            await socket.send_json({"type": "auth", "token": token})
            assert (await frame(socket))["type"] == "snapshot"
            await socket.close()


async def test_given_silent_sockets_that_answer_no_close_then_the_server_stops_all_the_same() -> None:
    async with api_server(auth_time_s=60) as api:
        port = int(api.root.rsplit(":", 1)[1])
        strangers = [await asyncio.open_connection("127.0.0.1", port) for _ in range(4)]
        for reader, writer in strangers:
            writer.write(UPGRADE.format(more="").encode())
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        clock = asyncio.get_running_loop()
        began = clock.time()
    assert clock.time() - began < 2 * CLOSE_TIME_S
    for reader, writer in strangers:
        assert (await reader.read())[2:4] == (1001).to_bytes(2)
        writer.close()


async def test_given_a_cookie_then_only_with_a_permitted_origin(api: Api) -> None:
    token, _ = await api.log_in()
    cookie = {"Cookie": f"cti_session={token}"}
    for origin in ({"Origin": api.root}, {"Origin": PARTNER}):
        async with await api.listen(None, **cookie, **origin) as socket:
            assert (await frame(socket))["type"] == "snapshot"
    for bad in ({}, {"Origin": "https://evil.example"}, {"Origin": CRM}):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await api.listen(None, **cookie, **bad)
        assert refused.value.status == 403


async def test_given_a_bad_header_then_401_and_without_upgrade_426(api: Api) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await api.listen("wrong")
    assert refused.value.status == 401
    assert (await api.call("GET", "/events")).code == "upgrade_required"


async def test_given_a_lost_socket_then_it_resumes_without_loss(api: Api) -> None:
    token, _ = await api.log_in()
    async with await api.listen(token) as socket:
        stream = (await frame(socket))["stream"]
        api.engine.change("a1")
        seen = (await frame(socket))["seq"]
    for _ in range(3):
        api.engine.change("a1")
    async with await api.listen(token, f"?stream={stream}&since={seen}") as socket:
        assert [(await frame(socket))["seq"] for _ in range(3)] == [seen + 1, seen + 2, seen + 3]
    async with await api.listen(token, f"?stream=another&since={seen}") as socket:
        assert (await frame(socket))["type"] == "snapshot"


async def test_given_two_sockets_then_both_get_every_frame_and_the_engine_hears_of_one_panel(api: Api) -> None:
    token, _ = await api.log_in()
    async with await api.listen(token) as one, await api.listen(token) as two:
        assert (await frame(one))["stream"] == (await frame(two))["stream"]
        api.engine.change("a1")
        assert await frame(one) == await frame(two)
        await one.close()
        api.engine.change("a1")
        assert (await frame(two))["seq"] == 2
    assert [await told(api), await told(api)] == [PanelChanged("a1", True), PanelChanged("a1", False)]
    assert api.engine.told.empty()


async def test_given_a_login_elsewhere_then_the_old_socket_is_told_and_closed_with_4001(api: Api) -> None:
    token, _ = await api.log_in()
    async with await api.listen(token) as socket:
        await frame(socket)
        await api.log_in()
        codes = [(await frame(socket)).get("code") for _ in range(2)]
        assert codes == [None, "session_moved"]
        assert await close_code(socket) == 4001


async def test_given_the_session_ends_before_the_first_frame_then_4401(api: Api) -> None:
    token, _ = await api.log_in()
    async with await api.listen(None) as socket:
        api.engine.sessions.clear()
        await socket.send_json({"type": "auth", "token": token})
        assert await close_code(socket) == 4401


async def test_given_the_session_ends_during_the_upgrade_then_4401(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    token, _ = await api.log_in()
    owners: list[str | None] = ["a1", None]
    monkeypatch.setattr(api.engine, "session_owner", lambda _: owners.pop(0))
    async with await api.listen(token) as socket:
        assert await close_code(socket) == 4401
    assert api.engine.told.empty()


async def test_given_a_reader_that_stops_then_it_is_cut_off_while_another_gets_everything(api: Api) -> None:
    """The slow one is a bare TCP socket with a small buffer that sends its upgrade and never reads."""
    token, _ = await api.log_in()
    slow = sockets.socket()
    slow.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    slow.connect(("127.0.0.1", int(api.root.rsplit(":", 1)[1])))
    slow.sendall(UPGRADE.format(more=f"Authorization: Bearer {token}\r\n").encode())
    await told(api)
    async with await api.listen(token) as quick:
        await frame(quick)
        sent = 0
        while api.server.live.slow_readers == 0:
            assert sent < 5_000, "the slow reader is kept for ever"
            api.engine.change("a1", name="x" * 8_000)
            sent += 1
            assert (await frame(quick))["seq"] == sent
        assert api.server.live.panels == 1
    slow.close()


async def test_given_a_slow_reader_that_wakes_up_then_it_reads_1013(api: Api) -> None:
    """Everything happens before its task gets a turn, so it falls behind without any buffer being full."""
    token, _ = await api.log_in()
    async with await api.listen(token) as socket:
        await frame(socket)
        for _ in range(200):
            api.engine.change("a1")
        assert await close_code(socket) == 1013


async def test_given_a_client_that_talks_then_it_is_ignored_but_not_beyond_a_size(api: Api) -> None:
    token, _ = await api.log_in()
    async with await api.listen(token) as socket:
        await frame(socket)
        await socket.send_str("anything")
        await socket.send_bytes(b"\0")
        api.engine.change("a1")
        assert (await frame(socket))["type"] == "agent.changed"
        await socket.send_str("x" * (LARGEST_FRAME + 1))
        assert await close_code(socket) == 1009


async def test_given_hostile_text_then_it_arrives_as_text(api: Api) -> None:
    hostile = '</script><img src=x onerror=alert(1)>"\\\n\u2028\0\U0001f600'
    token, _ = await api.log_in()
    async with await api.listen(token) as socket:
        await frame(socket)
        api.engine.change("a1", name=hostile)
        message = await socket.receive(timeout=5)
        assert message.type is WSMsgType.TEXT
        assert json.loads(message.data)["agent"]["name"] == hostile


async def test_given_a_ticket_then_its_owner_gets_a_frame(api: Api) -> None:
    token, _ = await api.log_in()
    async with await api.listen(token) as socket:
        await frame(socket)
        ticket = api.desk.add(owner="a1")
        api.server.live.on_ticket(ticket, True)
        opened = await frame(socket)
        assert (opened["type"], opened["ticket"]["ticket_id"]) == ("ticket.opened", ticket.id)


async def test_given_the_server_stops_then_every_socket_is_closed_with_1001(api: Api) -> None:
    token, _ = await api.log_in()
    async with await api.listen(token) as known, await api.listen(None) as unknown:
        await frame(known)
        codes = asyncio.gather(close_code(known), close_code(unknown))
        await asyncio.wait_for(api.server.stop(), 5)
        assert list(await codes) == [1001, 1001]
    assert [await told(api), await told(api)] == [PanelChanged("a1", True), PanelChanged("a1", False)]


async def test_given_a_program_beside_then_neither_throws_the_other_out_and_nobody_sits_before_it(api: Api) -> None:
    token, _ = await api.log_in()
    panel = await api.listen(token)
    await frame(panel)
    assert await told(api) == PanelChanged("a1", True)
    body = {"cti_id": "a1", "password": PASSWORD, "beside": True}
    reply = await api.call("POST", "/login", json=body)
    assert (reply.status, "Set-Cookie" in reply.headers, reply.json["csrf"]) == (200, False, "")
    program = await api.listen(reply.json["token"])
    assert (await frame(program))["type"] == "snapshot"
    await panel.close()
    assert await told(api) == PanelChanged("a1", False), "the program is no panel"
    panel = await api.listen(token)
    await frame(panel)
    assert await told(api) == PanelChanged("a1", True)
    other, _ = await api.log_in()
    assert await close_code(panel) == 4001
    assert (await api.call("PUT", "/me/status", reply.json["token"], json={"status": "ready"})).status == 200
    api.engine.change("a1", label="Ringing")
    while (await frame(program))["type"] != "agent.changed":
        pass
    panel = await api.listen(other)
    await frame(panel)
    assert (await api.call("POST", "/logout", reply.json["token"])).status == 200
    assert await close_code(program) == 4401
    api.engine.change("a1", label="Ready")
    assert (await frame(panel))["type"] == "agent.changed"
    await panel.close()
