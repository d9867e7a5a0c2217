"""Answers that are made while they are sent, over real sockets."""

import asyncio
import csv
import gzip
import io
import json
import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from cti_bridge.api import streaming
from cti_bridge.api.errors import problems_middleware
from cti_bridge.api.streaming import PIECE, Streamed, json_list, send
from cti_bridge.domain.model.directory import AgentEntry
from tests.support.api import api_server

LIMIT_S = 20


class Source:
    """Gives ``chunks`` of ``size`` bytes, None: without end. ``at`` says what happens before a chunk."""

    def __init__(self, chunks: int | None, size: int = PIECE, fails_at: int = -1) -> None:
        self.chunks, self.size, self.fails_at = chunks, size, fails_at
        self.given = 0
        self.closed = asyncio.Event()

    async def __call__(self) -> AsyncGenerator[bytes]:
        try:
            while self.chunks is None or self.given < self.chunks:
                if self.given == self.fails_at:
                    raise RuntimeError("the source fails")
                self.given += 1
                yield b"%07d\n" % self.given * (self.size // 8)
                await asyncio.sleep(0)
        finally:
            self.closed.set()


@asynccontextmanager
async def serving(answer: Callable[[], Streamed]) -> AsyncIterator[tuple[str, int]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await send(request, answer())

    app = web.Application(middlewares=[problems_middleware(())])
    app.router.add_get("/", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        host, port = runner.addresses[0][:2]
        yield host, port
    finally:
        await runner.cleanup()


async def asked(
    address: tuple[str, int], coding: str = "identity"
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(*address)
    writer.write(f"GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: {coding}\r\n\r\n".encode())
    return reader, writer


async def test_given_a_short_answer_then_it_has_its_length_and_its_source_is_closed() -> None:
    source = Source(1, 80)
    async with (
        serving(lambda: Streamed(source(), "text/csv; charset=utf-8", '통화 "1".csv')) as address,
        aiohttp.request("GET", "http://{}:{}/".format(*address)) as reply,
    ):
        assert await reply.read() == b"0000001\n" * 10
        assert reply.headers["Content-Length"] == "80"
        assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert reply.headers["Content-Disposition"] == (
            "attachment; filename=\"__ _1_.csv\"; filename*=UTF-8''%ED%86%B5%ED%99%94%20%221%22.csv"
        )
        assert source.closed.is_set()


@pytest.mark.parametrize(
    ("coding", "dense"), [("identity", False), ("gzip;q=0", False), ("gzip", True), ("gzip", False)]
)
async def test_given_a_long_answer_then_all_of_it_comes_in_the_coding_that_the_client_takes(
    coding: str, dense: bool
) -> None:
    source = Source(50)
    async with (
        serving(lambda: Streamed(source(), "text/plain", dense=dense)) as address,
        aiohttp.ClientSession(auto_decompress=False) as http,
        http.get("http://{}:{}/".format(*address), headers={"Accept-Encoding": coding}) as reply,
    ):
        body = await reply.read()
        packed = coding == "gzip" and not dense
        assert reply.headers.get("Content-Encoding") == ("gzip" if packed else None)
        assert "Content-Length" not in reply.headers
        text = gzip.decompress(body) if packed else body
        assert text == b"".join(b"%07d\n" % number * (PIECE // 8) for number in range(1, 51))


async def test_given_rows_then_they_are_a_csv_that_is_read_while_it_is_made() -> None:
    async def rows() -> AsyncGenerator[bytes]:
        for number in range(20_000):
            yield f'{number},"Álva, ""Two"""\r\n'.encode()

    async with (
        serving(lambda: Streamed(rows(), "text/csv; charset=utf-8", "rows.csv")) as address,
        aiohttp.request("GET", "http://{}:{}/".format(*address)) as reply,
    ):
        read = list(csv.reader(io.StringIO(await reply.text())))
        assert read[-1] == ["19999", 'Álva, "Two"']
        assert len(read) == 20_000


async def test_given_fifty_megabytes_then_less_than_two_are_in_memory() -> None:
    source = Source(800)
    async with serving(lambda: Streamed(source(), "text/plain")) as address:
        tracemalloc.start()
        try:
            reader, writer = await asked(address)
            async with asyncio.timeout(60):
                total = 0
                while total < 800 * PIECE:
                    total += len(await reader.read(PIECE))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            writer.close()
    assert peak < 2 * 2**20


async def test_given_a_client_that_goes_away_then_the_source_ends() -> None:
    source = Source(None)
    async with serving(lambda: Streamed(source(), "text/plain")) as address:
        reader, writer = await asked(address)
        await reader.readexactly(1000)
        writer.close()
        await asyncio.wait_for(source.closed.wait(), LIMIT_S)


async def test_given_a_client_that_takes_nothing_then_the_source_waits_and_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streaming, "STALLED_S", 0.3)
    source = Source(None)
    async with serving(lambda: Streamed(source(), "text/plain")) as address:
        _, writer = await asked(address)
        await asyncio.wait_for(source.closed.wait(), LIMIT_S)
        writer.close()
    assert source.given * PIECE < 20 * 2**20, "what sockets hold, and no more"


async def test_given_a_source_that_fails_in_the_middle_then_the_client_sees_no_end_in_order() -> None:
    source = Source(None, fails_at=5)
    async with (
        serving(lambda: Streamed(source(), "text/plain")) as address,
        aiohttp.request("GET", "http://{}:{}/".format(*address)) as reply,
    ):
        assert reply.status == 200
        with pytest.raises(aiohttp.ClientError):
            await reply.read()
        assert source.closed.is_set()


async def test_given_a_source_that_fails_at_once_then_it_is_a_problem_as_with_any_answer() -> None:
    source = Source(None, fails_at=0)
    async with (
        serving(lambda: Streamed(source(), "text/plain")) as address,
        aiohttp.request("GET", "http://{}:{}/".format(*address)) as reply,
    ):
        assert (reply.status, (await reply.json(content_type=None))["code"]) == (500, "internal_error")


@pytest.mark.parametrize("items", [[], [1], [{"a": "é"}, None, [1, 2]]])
async def test_given_items_then_their_list_is_json(items: list[object]) -> None:
    async def source() -> AsyncGenerator[object]:
        for item in items:
            yield item

    assert json.loads(b"".join([chunk async for chunk in json_list(source())])) == items


async def test_given_ten_thousand_agents_then_their_list_comes_whole_and_in_order() -> None:
    agents = {
        f"a{number}": AgentEntry(f"a{number}", str(number), f"Agent {number:05}", services=("acme",))
        for number in range(1, 10_001)
    }
    async with api_server(agents) as api:
        token, _ = await api.log_in()
        reply = await api.call("GET", "/agents", token)
    assert [one["cti_id"] for one in reply.json] == list(agents)
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Content-Encoding"] == "gzip"
