"""Recordings in S3-compatible storage: a real server that checks who asks, and a real Postgres (K3)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web

from cti_bridge.api.errors import problems_middleware
from cti_bridge.api.streaming import RangedAnswer
from cti_bridge.config.connect import _objects
from cti_bridge.domain.border.errors import StorageUnavailable
from cti_bridge.recordings.keeper import RecordingKeeper
from cti_bridge.recordings.objects import ObjectStore
from cti_bridge.recordings.places import ObjectsAt, StorageAway
from cti_bridge.storage.recording_archive import RecordingArchive
from tests.support.proxy import Proxy
from tests.support.s3_server import BUCKET, S3Server, s3_server
from tests.support.storage import Storage, fetch, storage

COUNT = 4
FILL = """
insert into cti.recording
    (id, call_id, service, kind, state, started_at, ended_at, segments, file, bytes, delete_after, version, epoch)
select ('30000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, gen_random_uuid(), 'acme', 'conversation',
    'stored', to_timestamp(2000 - n), to_timestamp(2001), '[]', n || '.wav', 500000, to_timestamp(3000), 2, 1
from generate_series(1, 4) n
"""


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[S3Server]:
    async with s3_server() as running:
        yield running


@dataclass
class Kept:
    keeper: RecordingKeeper
    archive: RecordingArchive
    proxy: Proxy
    store: ObjectStore
    at: ObjectsAt
    directory: Path


@asynccontextmanager
async def kept(server: S3Server, held: Storage, url: str, directory: Path, prefix: str) -> AsyncIterator[Kept]:
    """Four recordings in the directory; the first of them began last."""
    await fetch(url, FILL)
    for number in range(1, COUNT + 1):
        (directory / f"{number}.wav").write_bytes(bytes([number]) * 500_000)
    host, port = urlsplit(server.endpoint).netloc.split(":")
    async with Proxy(host, int(port)) as proxy:
        endpoint = f"http://127.0.0.1:{proxy.port}"
        at = ObjectsAt(BUCKET, server.access_key_id, server.secret_access_key, endpoint, prefix=prefix)
        archive, store = RecordingArchive(held.database), ObjectStore(at)
        yield Kept(RecordingKeeper(archive, lambda file: directory / file, store), archive, proxy, store, at, directory)


async def test_while_the_storage_is_away_nothing_is_lost_then_all_is_moved_in_order_and_the_secret_is_in_no_log(
    server: S3Server, database_url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with storage(tmp_path, database_url) as held:
        files = tmp_path / "files"
        files.mkdir()
        async with kept(server, held, database_url, files, "away") as house:
            house.proxy.refuses = True
            for _ in range(3):
                await house.keeper.look()
            assert len(list(files.iterdir())) == COUNT and house.keeper.waiting == COUNT
            assert house.keeper.warnings()[0].endswith("the storage: it does not answer")
            house.proxy.refuses = False
            await house.keeper.look()
            assert not list(files.iterdir()) and house.keeper.warnings() == []
            rows = await fetch(database_url, "select place, leftover, file from cti.recording order by started_at")
            assert [(row["place"], row["leftover"]) for row in rows] == [("s3", [])] * COUNT
            for number in range(1, COUNT + 1):
                pieces = [piece async for piece in house.store.read(f"{number}.wav", 0, 500_000)]
                assert b"".join(pieces) == bytes([number]) * 500_000
    said = "".join(capfd.readouterr())
    assert "recordings_not_kept" in said
    assert server.secret_access_key not in said and server.secret_access_key not in repr(house.at)
    assert [line.split("recording=")[1].split()[0][-1] for line in said.splitlines() if "recording_moved" in line] == [
        *"4321"
    ]


async def test_what_is_erased_and_what_grows_old_is_gone_from_the_storage(
    server: S3Server, database_url: str, tmp_path: Path
) -> None:
    async with storage(tmp_path, database_url) as held:
        files = tmp_path / "files"
        files.mkdir()
        async with kept(server, held, database_url, files, "erased") as house:
            await house.keeper.look()
            due = await house.archive.due(3000.0, 10)
            assert len(due) == COUNT
            await house.archive.hold(due[0].id, on=True)
            house.proxy.refuses = True
            assert [await house.keeper.delete(one, "a1") for one in due] == [False, True, True, True]
            await house.keeper.look()
            assert house.keeper.left == COUNT - 1
            house.proxy.refuses = False
            await house.keeper.look()
            assert house.keeper.left == 0
            rows = await fetch(
                database_url, "select state, file, leftover, erased_by from cti.recording order by state"
            )
            assert [tuple(row.values()) for row in rows] == [("deleted", None, [], "a1")] * 3 + [
                ("stored", due[0].file, [], None)
            ]
            for one in due[1:]:
                with pytest.raises(FileNotFoundError):
                    _ = [piece async for piece in house.store.read(one.file, 0, 1)]
            assert [len(piece) async for piece in house.store.read(due[0].file, 0, 10)] == [10]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"secret_access_key": "another"}, "it answered SignatureDoesNotMatch"),
        ({"access_key_id": "AKIAIOSFODNN7EXAMPLE"}, "it answered InvalidAccessKeyId"),
        ({"bucket": "nowhere"}, "it answered NoSuchBucket"),
        ({"endpoint": "http://127.0.0.1:9"}, "it does not answer"),
    ],
)
async def test_what_is_configured_wrong_is_said(server: S3Server, changed: dict[str, str], words: str) -> None:
    right = {"bucket": BUCKET, "access_key_id": server.access_key_id, "secret_access_key": server.secret_access_key}
    right["endpoint"] = server.endpoint
    await ObjectStore(ObjectsAt(**right)).check()
    with pytest.raises(StorageAway) as refused:
        await ObjectStore(ObjectsAt(**{**right, **changed})).check()
    assert str(refused.value) == words


async def test_the_check_says_whether_objects_can_be_kept(server: S3Server) -> None:
    at = ObjectsAt(BUCKET, server.access_key_id, server.secret_access_key, server.endpoint)
    assert await _objects(None) == []
    (good,) = await _objects(at)
    assert good.good and str(good) == "recordings.s3: objects can be written, read and deleted in recordings"
    (bad,) = await _objects(replace(at, bucket="nowhere"))
    assert not bad.good and str(bad) == "recordings.s3: it answered NoSuchBucket"


# ------------------------------------------------------------------------------- ranges


CONTENT = bytes(range(256)) * 40


@pytest.mark.parametrize(
    ("asked", "status", "part", "body"),
    [
        (None, 200, None, CONTENT),
        ("bytes=0-", 200, None, CONTENT),
        ("bytes=5-9", 206, "bytes 5-9/10240", CONTENT[5:10]),
        ("bytes=10000-", 206, "bytes 10000-10239/10240", CONTENT[10000:]),
        ("bytes=-40", 206, "bytes 10200-10239/10240", CONTENT[-40:]),
        ("bytes=10239-99999", 206, "bytes 10239-10239/10240", CONTENT[-1:]),
        ("bytes=10240-", 416, "bytes */10240", b""),
        ("apples=1-2", 416, "bytes */10240", b""),
    ],
)
async def test_a_range_of_what_lies_elsewhere(asked: str | None, status: int, part: str | None, body: bytes) -> None:
    async def read(start: int, length: int) -> AsyncIterator[bytes]:
        for at in range(start, start + length, 1_000):
            yield CONTENT[at : min(at + 1_000, start + length)]

    answer = RangedAnswer(len(CONTENT), read, "audio/wav", "a.wav")  # type: ignore[arg-type]
    async with served(answer) as url, aiohttp.ClientSession() as http:
        headers = {"Range": asked} if asked else {}
        async with http.get(url, headers=headers) as reply:
            assert (reply.status, reply.headers.get("Content-Range"), await reply.read()) == (status, part, body)
            if status != 416:
                assert (
                    reply.headers["Content-Length"] == str(len(body))
                    and "a.wav" in reply.headers["Content-Disposition"]
                )
                assert reply.headers["Accept-Ranges"] == "bytes" and "no-store" in reply.headers["Cache-Control"]


async def test_a_storage_that_is_away_is_a_refusal_and_one_that_breaks_off_breaks_the_connection() -> None:
    async def away(start: int, length: int) -> AsyncIterator[bytes]:
        raise StorageUnavailable
        yield b""

    async def breaks(start: int, length: int) -> AsyncIterator[bytes]:
        yield CONTENT[:100]
        raise StorageUnavailable

    async with aiohttp.ClientSession() as http:
        async with served(RangedAnswer(10240, away, "audio/wav")) as url, http.get(url) as reply:  # type: ignore[arg-type]
            assert reply.status == 503
        async with served(RangedAnswer(10240, breaks, "audio/wav")) as url:  # type: ignore[arg-type]
            with pytest.raises(aiohttp.ClientError):
                async with http.get(url) as reply:
                    await reply.read()


@asynccontextmanager
async def served(answer: RangedAnswer) -> AsyncIterator[str]:
    app = web.Application(middlewares=[problems_middleware(())])
    app.router.add_get("/", answer.send)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}/"
    finally:
        await runner.cleanup()
