"""Lookups over HTTP, at a real server: what is asked, and what of any answer is taken."""

import asyncio
import gzip
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from cti_bridge.domain.border.actions import LOOKUPS, Lookup
from cti_bridge.domain.border.facts import LookupAnswered, LookupResult
from cti_bridge.lookup.answer import LONGEST_VALUE, MOST_BYTES, MOST_VALUES
from cti_bridge.lookup.client import MOST_AT_ONCE, Lookups
from cti_bridge.lookup.target import Target

SECRET = b"0123456789abcdef"
CALL = "00003b9a-ca00-7000-8000-000000000007"
MANY = {f"k{n}": n for n in range(MOST_VALUES)}
Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def question(step: str = "look", seq: int = 3, **variables: str) -> Lookup:
    return Lookup(LOOKUPS, CALL, "", seq, "main", step, "acme", "+821012345678", "+8225550000", variables)


class Asking:
    """Asks at these addresses, and hands each answer on."""

    def __init__(self, url: str, wait_s: float = 1.5) -> None:
        self.answers: asyncio.Queue[LookupAnswered] = asyncio.Queue()
        targets = {("main", "look"): Target(url, SECRET, wait_s)}
        self.lookups = Lookups(targets, self.answers.put_nowait, lambda: 1_800_000_000.7)

    async def ask(self, *lookups: Lookup) -> list[LookupAnswered]:
        self.lookups.submit(list(lookups or [question()]))
        return [await asyncio.wait_for(self.answers.get(), 10) for _ in lookups or [0]]

    async def __aenter__(self) -> "Asking":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.lookups.stop()


@asynccontextmanager
async def raw(handle: Handle) -> AsyncIterator[str]:
    """A server that says whatever it likes."""
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/lookup"
    finally:
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def saying(status: int, body: bytes, *headers: str) -> AsyncIterator[str]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        length = f"Content-Length: {len(body)}"
        writer.write("\r\n".join([f"HTTP/1.1 {status} X", length, *headers, "", ""]).encode() + body)
        await writer.drain()
        writer.close()

    async with raw(handle) as url:
        yield url


async def test_the_question_is_signed_json_and_the_values_come_back() -> None:
    seen: list[tuple[dict[str, str], bytes]] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append((dict(request.headers), await request.read()))
        return web.json_response({"tier": "gold", "vip": True, "open": 3, "rate": 1.5, "left": None})

    app = web.Application()
    app.router.add_post("/lookup", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        async with Asking(f"http://127.0.0.1:{port}/lookup") as asking:
            (found,) = await asking.ask(question(contract="123456", pin="4711"))
    finally:
        await runner.cleanup()
    ((headers, body),) = seen
    assert json.loads(body) == {
        "call_id": CALL, "service": "acme", "number": "+821012345678", "dialed": "+8225550000",
        "variables": {"contract": "123456", "pin": "4711"},
    }  # fmt: skip
    signed = hmac.new(SECRET, b"1800000000." + body, hashlib.sha256).hexdigest()
    assert (headers["X-CTI-Timestamp"], headers["X-CTI-Signature"]) == ("1800000000", f"sha256={signed}")
    assert headers["Content-Type"] == "application/json"
    assert found.values == {"tier": "gold", "vip": "true", "open": "3", "rate": "1.5"}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b'{"tier": "gold", "vip": true, "open": 3, "rate": 1.5, "left": null}',
         {"tier": "gold", "vip": "true", "open": "3", "rate": "1.5"}),
        (200, '{"name": "김민서 🙂"}'.encode(), {"name": "김민서 🙂"}),
        (200, b'{"a": "' + b"x" * LONGEST_VALUE + b'"}', {"a": "x" * LONGEST_VALUE}),
        (200, json.dumps(MANY).encode(), {name: str(value) for name, value in MANY.items()}),
    ],
)  # fmt: skip
async def test_a_flat_object_is_found(status: int, body: bytes, expected: dict[str, str]) -> None:
    async with saying(status, body) as url, Asking(url) as asking:
        assert await asking.ask() == [LookupAnswered(CALL, 3, LookupResult.FOUND, expected)]


@pytest.mark.parametrize(
    ("status", "body"), [(204, b""), (404, b"not here"), (404, b"x" * 1000), (200, b"{}"), (200, b'{"a": null}')]
)
async def test_nothing_known(status: int, body: bytes) -> None:
    async with saying(status, body) as url, Asking(url) as asking:
        assert await asking.ask() == [LookupAnswered(CALL, 3, LookupResult.NONE, {})]


HOSTILE: dict[str, tuple[int, bytes, tuple[str, ...]]] = {
    "server error": (500, b'{"tier": "gold"}', ()),
    "created": (201, b'{"tier": "gold"}', ()),
    "redirect": (302, b"", ("Location: http://127.0.0.1:1/elsewhere",)),
    "nothing": (200, b"", ()),
    "html": (200, b"<html>", ()),
    "a list": (200, b'["gold"]', ()),
    "a text": (200, b'"gold"', ()),
    "null": (200, b"null", ()),
    "nested": (200, b'{"a": {"b": 1}}', ()),
    "a list within": (200, b'{"a": [1]}', ()),
    "very deep": (200, b'{"a":' * 5000 + b"1" + b"}" * 5000, ()),
    "deep lists": (200, b"[" * 30000, ()),
    "too many": (200, json.dumps({f"k{n}": n for n in range(MOST_VALUES + 1)}).encode(), ()),
    "too long": (200, b'{"a": "' + b"x" * (LONGEST_VALUE + 1) + b'"}', ()),
    "a long number": (200, b'{"a": ' + b"9" * 20_000 + b"}", ()),
    "too large": (200, b'{"a": "x"}' + b" " * MOST_BYTES, ()),
    "NaN": (200, b'{"a": NaN}', ()),
    "infinity": (200, b'{"a": 1e999}', ()),
    "latin-1": (200, b'{"a": "M\xfcller"}', ()),
    "utf-16": (200, '{"a": "x"}'.encode("utf-16"), ()),
    "half a pair": (200, b'{"a": "\\ud800"}', ()),
    "control character": (200, b'{"a": "x\\u0000y"}', ()),
    "a line": (200, b'{"a": "x\\ny"}', ()),
    "turned text": (200, '{"a": "x\u202ey"}'.encode(), ()),
    "a name with a dot": (200, b'{"a.b": "x"}', ()),
    "no name": (200, b'{"": "x"}', ()),
    "gzip": (200, gzip.compress(b'{"tier": "gold"}'), ("Content-Encoding: gzip",)),
    "bomb": (200, gzip.compress(b" " * 20_000_000), ("Content-Encoding: gzip",)),
    "deflate": (200, b"x", ("Content-Encoding: deflate",)),
    "long header": (200, b'{"tier": "gold"}', ("X-Long: " + "x" * 100_000,)),
}


@pytest.mark.parametrize("case", HOSTILE)
async def test_what_cannot_be_used_is_an_error_and_harms_nobody(case: str) -> None:
    status, body, headers = HOSTILE[case]
    async with saying(status, body, *headers) as url, Asking(url) as asking:
        began = time.monotonic()
        with capture_logs() as lines:
            assert await asking.ask() == [LookupAnswered(CALL, 3, LookupResult.ERROR, {})]
        assert time.monotonic() - began < 1.4, "it was waited for"
        assert [line["result"] for line in lines] == ["error"] and lines[0]["reason"]


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A byte now and then, for ever."""
    try:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 30000\r\n\r\n{")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)
    except ConnectionError:
        pass
    finally:
        writer.close()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """More than anybody reads, without an end."""
    try:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 65_536)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


@pytest.mark.parametrize("handle", [drip, silent])
async def test_nothing_in_time_is_an_error(handle: Handle) -> None:
    async with raw(handle) as url, Asking(url, wait_s=0.3) as asking:
        began = time.monotonic()
        (found,) = await asking.ask()
        assert found.result is LookupResult.ERROR and 0.25 < time.monotonic() - began < 1.0


async def test_a_flood_is_cut_off() -> None:
    async with raw(flood) as url, Asking(url, wait_s=3) as asking:
        began = time.monotonic()
        (found,) = await asking.ask()
        assert found.result is LookupResult.ERROR and time.monotonic() - began < 2


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://name.invalid/", "https://127.0.0.1:1/"])
async def test_nobody_there_is_an_error(url: str) -> None:
    async with Asking(url) as asking:
        assert [found.result for found in await asking.ask()] == [LookupResult.ERROR]


async def test_a_slow_system_delays_no_other_question() -> None:
    async with saying(200, b'{"tier": "gold"}') as quick, raw(silent) as slow, Asking(slow, wait_s=3) as asking:
        targets = {("main", "look"): Target(slow, SECRET, 3), ("main", "other"): Target(quick, SECRET, 3)}
        asking.lookups.configured(targets)
        began = time.monotonic()
        asking.lookups.submit([question(seq=n) for n in range(100)])
        (found,) = await asking.ask(question("other"))
        assert found.result is LookupResult.FOUND and time.monotonic() - began < 1.5


async def test_very_many_questions_at_once_are_given_up_at_once() -> None:
    async with raw(silent) as url, Asking(url, wait_s=3) as asking:
        asking.lookups.submit([question(seq=n) for n in range(MOST_AT_ONCE + 1)])
        found = await asyncio.wait_for(asking.answers.get(), 2)
        assert found.result is LookupResult.ERROR


async def test_a_lookup_that_is_configured_no_more_is_an_error() -> None:
    async with Asking("http://127.0.0.1:1/") as asking:
        asking.lookups.configured({})
        assert [found.result for found in await asking.ask()] == [LookupResult.ERROR]


async def test_no_cookie_comes_back_and_each_question_has_a_connection_of_its_own() -> None:
    asked: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 204 No\r\nSet-Cookie: a=b\r\n\r\n")
        await writer.drain()
        writer.close()

    async with raw(handle) as url, Asking(url) as asking:
        await asking.ask()
        await asking.ask()
    assert len(asked) == 2 and not any(b"cookie" in head.lower() for head in asked)


async def test_log_and_metrics_say_how_it_went_and_nothing_of_the_caller() -> None:
    async with saying(200, b'{"name": "Kim"}') as url, Asking(url) as asking:
        with capture_logs() as lines:
            await asking.ask(question(pin="4711"))
        (line,) = lines
        assert {"event", "call_id", "scenario", "step", "result", "took_s", "log_level"} == line.keys()
        assert list(asking.lookups.results()) == [(("main", "look", "found"), 1)]
        ((labels, seconds),) = asking.lookups.seconds()
        assert labels == ("main", "look") and 0 < seconds < 1.5
    assert "4711" not in str(lines) and "Kim" not in str(lines) and "4711" not in repr(Target(url, b"4711"))


async def test_a_stop_gives_questions_up_without_a_word() -> None:
    async with raw(silent) as url, Asking(url, wait_s=3) as asking:
        asking.lookups.submit([question()])
        await asyncio.sleep(0)
        await asyncio.wait_for(asking.lookups.stop(), 1)
        assert asking.answers.empty()
