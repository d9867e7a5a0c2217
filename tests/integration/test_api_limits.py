"""What clients can take: time, bytes, connections, requests; before a login and after it."""

import asyncio
import errno
import gzip
import json
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import aiohttp
import pytest

from cti_bridge.api import gate as gates
from cti_bridge.api import requests
from cti_bridge.api.connection import Cut, Times
from cti_bridge.api.gate import LEAST_CONNECTIONS, MOST_CONNECTIONS, RESERVE, most_connections
from cti_bridge.api.pace import Pace
from tests.support.api import PASSWORD, Api, api_server, frame
from tests.support.certificates import make_certificate

SOON = Times(handshake_s=0.2, head_s=0.2, rest_s=0.4)
WITHIN_S = 10.0
HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "LOOK_S", 0.02)


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with api_server(times=SOON) as running:
        yield running


@pytest.fixture(autouse=True)
async def clients_close() -> AsyncIterator[None]:
    yield
    for client in Client.all:
        client.writer.close()
        with suppress(ConnectionError):
            await client.writer.wait_closed()
    Client.all.clear()


class Client:
    """A bare connection."""

    all: ClassVar[list["Client"]] = []

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, api: Api) -> "Client":
        made = cls(*await asyncio.open_connection("127.0.0.1", int(api.root.rsplit(":", 1)[1])))
        cls.all.append(made)
        return made

    async def closed(self) -> bytes:
        """Wait for the server to close it, and return what it has said."""
        said = b""
        with suppress(ConnectionError):
            async with asyncio.timeout(WITHIN_S):
                said = await self.reader.read()
        self.writer.close()
        return said

    async def answered(self) -> bytes:
        async with asyncio.timeout(WITHIN_S):
            return await self.reader.readuntil(b"\r\n\r\n")


def cut(api: Api) -> dict[str, int]:
    return {why.value: count for why, count in api.server._gate.cut.items()}


# ------------------------------------------------------------------------------- time


async def test_given_a_connection_that_never_sends_then_it_is_closed(api: Api) -> None:
    client = await Client.to(api)
    assert await client.closed() == b""
    assert cut(api) == {Cut.SLOW: 1} and len(api.server._gate) == 0


async def test_given_headers_that_drip_then_the_connection_is_closed_all_the_same(api: Api) -> None:
    client = await Client.to(api)

    async def drip() -> None:
        client.writer.write(HEAD)
        with suppress(ConnectionError):
            while True:
                client.writer.write(b"X-Drip: 1\r\n")
                await client.writer.drain()
                await asyncio.sleep(0.02)

    dripping = asyncio.create_task(drip())
    assert await client.closed() == b""
    dripping.cancel()
    assert cut(api) == {Cut.SLOW: 1}


async def test_given_a_pause_between_requests_then_the_next_is_answered_until_the_rest_is_over(api: Api) -> None:
    client = await Client.to(api)
    for _ in range(2):
        client.writer.write(HEAD + b"\r\n")
        assert b"HTTP/1.1 200" in await client.answered()
        await asyncio.sleep(0.05)
    await client.closed()
    assert cut(api) == {Cut.SLOW: 1}


async def test_given_a_body_that_never_comes_then_408(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "_BODY_TIME_S", 0.1)
    client = await Client.to(api)
    head = b"POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n"
    client.writer.write(head + b"{")
    assert (await client.answered()).startswith(b"HTTP/1.1 408")
    client.writer.close()


async def test_given_a_handshake_that_never_comes_then_the_connection_is_closed(tmp_path: Path) -> None:
    files = make_certificate(tmp_path, "127.0.0.1")
    async with api_server(times=SOON, tls_cert=files.cert, tls_key=files.key) as api:
        client = await Client.to(api)
        assert len(await client.closed()) < 64
        async with api.http.get(f"https{api.root[4:]}/healthz", ssl=files.trusting()) as answer:
            assert answer.status == 200


# ------------------------------------------------------------------------------- bytes


async def test_given_a_head_without_end_then_it_is_closed_before_it_takes_much(api: Api) -> None:
    client = await Client.to(api)
    client.writer.write(HEAD)
    with suppress(ConnectionError):
        for number in range(10_000):
            client.writer.write(b"X-%d: %s\r\n" % (number, b"x" * 1000))
            await client.writer.drain()
    await client.closed()
    assert len(api.server._gate) == 0


async def test_given_a_body_that_is_small_and_packed_then_it_is_not_unpacked(api: Api) -> None:
    packed = gzip.compress(json.dumps({"cti_id": "a1", "password": PASSWORD}).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    reply = await api.call("POST", "/login", data=packed, headers=headers)
    assert (reply.status, reply.code) == (422, "invalid_body")


async def test_given_a_panel_that_pings_without_end_then_it_is_closed_and_others_are_not(api: Api) -> None:
    token, _ = await api.log_in()
    quiet, loud = await api.listen(token), await api.listen(token)
    with suppress(ConnectionError):
        for _ in range(10_000):
            await loud.ping(b"x" * 100)
    assert await closes(loud) and cut(api) == {Cut.TALKS: 1}
    await quiet.ping()
    assert (await frame(quiet))["type"] == "snapshot"
    api.engine.change("a1", label="Ringing")
    assert (await frame(quiet))["type"] == "agent.changed"
    await quiet.close()


async def closes(socket: aiohttp.ClientWebSocketResponse) -> bool:
    with suppress(ConnectionError):
        async with asyncio.timeout(WITHIN_S):
            while not socket.closed:
                await socket.receive()
    return socket.closed


# ------------------------------------------------------------------------------- number


async def test_given_too_many_connections_then_the_oldest_without_a_login_goes_and_the_agent_stays() -> None:
    async with api_server(most_connections=4) as api:
        token, _ = await api.log_in()
        panel = await api.listen(token)
        await frame(panel)
        await api.call("GET", "/healthz")
        strangers = [await Client.to(api) for _ in range(6)]
        for one in strangers[:3]:
            assert await one.closed() == b""
        assert len(api.server._gate) == 4
        api.engine.change("a1", label="Ringing")
        assert (await frame(panel))["type"] == "agent.changed"
        reply = await api.call("GET", "/me", token)
        assert reply.status == 200, "who is new is let in"
        assert cut(api)["crowded"] >= 4
        for one in strangers:
            one.writer.close()
        await panel.close()


async def test_given_nobody_who_can_go_then_the_next_is_not_let_in() -> None:
    async with api_server(most_connections=2) as api, aiohttp.ClientSession() as http:
        token, _ = await api.log_in()
        await api.http.close()
        headers = {"Authorization": f"Bearer {token}"}
        panels = [await http.ws_connect(f"{api.url}/events", headers=headers) for _ in range(2)]
        assert await (await Client.to(api)).closed() == b""
        for panel in panels:
            assert (await frame(panel))["type"] == "snapshot"
        assert any("2 of 2 connections" in text for text in api.server._gate.warnings())
        await panels[0].close()
        late = await Client.to(api)
        late.writer.write(HEAD + b"\r\n")
        assert (await late.answered()).startswith(b"HTTP/1.1 200")
        late.writer.close()


@pytest.mark.parametrize(("proxies", "left"), [((), 3), (("127.0.0.1",), 6)])
async def test_given_an_address_with_too_many_then_its_oldest_go_unless_it_is_a_proxy(
    monkeypatch: pytest.MonkeyPatch, proxies: tuple[str, ...], left: int
) -> None:
    monkeypatch.setattr(gates, "MOST_STRANGERS", 3)
    async with api_server(trusted_proxies=proxies) as api:
        clients = [await Client.to(api) for _ in range(6)]
        newest = clients[-1]
        newest.writer.write(HEAD + b"\r\n")
        assert (await newest.answered()).startswith(b"HTTP/1.1 200")
        assert len(api.server._gate) == left
        for one in clients:
            one.writer.close()


async def test_given_descriptors_that_somebody_else_has_used_up_then_it_goes_on_behind_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loop = asyncio.get_running_loop()
    accept = loop.sock_accept
    failed: list[bool] = []

    async def short(listening: socket.socket) -> Any:
        if not failed:
            failed.append(True)
            raise OSError(errno.EMFILE, "Too many open files")
        return await accept(listening)

    monkeypatch.setattr(loop, "sock_accept", short)
    async with api_server() as api:
        assert (await api.call("GET", "/!healthz")).status == 200
        assert api.server._gate.short_of_descriptors == 1
    assert "connection_not_accepted" in capsys.readouterr().out


def test_the_most_connections_leave_a_reserve_of_descriptors() -> None:
    assert [most_connections(n) for n in (1024, 65_536, 100)] == [1024 - RESERVE, MOST_CONNECTIONS, LEAST_CONNECTIONS]
    assert most_connections(resource.RLIM_INFINITY) == MOST_CONNECTIONS


# ------------------------------------------------------------------------------- requests


async def test_given_an_agent_who_asks_without_end_then_429_and_others_are_answered(api: Api) -> None:
    api.server._pace = Pace(lambda: 0.0, burst=3, per_s=1.0)
    token, _ = await api.log_in()
    other, _ = await api.log_in("a2")
    statuses = [(await api.call("GET", "/me", token)).status for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    late = await api.call("GET", "/me", token)
    assert (late.code, late.headers["Retry-After"]) == ("too_many_requests", "1")
    assert (await api.call("GET", "/me", other)).status == 200
    assert "cti_requests_refused_total 2.0" in (await api.call("GET", "/!metrics")).text


def test_given_a_pause_then_an_agent_may_ask_again() -> None:
    now = 0.0
    pace = Pace(lambda: now, burst=1, per_s=2.0)
    pace.check("a1")
    with pytest.raises(Exception, match="Too many"):
        pace.check("a1")
    now = 0.5
    pace.check("a1")


async def test_given_a_malformed_request_then_the_log_has_no_word_of_it(
    api: Api, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    for line in (b"Cookie: cti_session=s3cret\x01", b"Coo kie: s3cret", b"Cookie: " + b"s3cret" * 2000):
        client = await Client.to(api)
        client.writer.write(HEAD + line + b"\r\n\r\n")
        assert (await client.answered()).startswith(b"HTTP/1.")
        await client.closed()
    captured = capsys.readouterr()
    assert "s3cret" not in captured.out + captured.err + caplog.text
    assert captured.out.count("request_malformed") == 3
    assert "cti_malformed_requests_total 3.0" in (await api.call("GET", "/!metrics")).text
