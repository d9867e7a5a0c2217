"""A real Asterisk fetches the sounds of the bridge before a caller needs them: at each connection, after a restart of
its own, after another configuration, and as soon as the bridge can be reached."""

import shutil
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from cti_bridge.api.sounds import SoundFiles
from cti_bridge.ari import sounds as sounds_of_pbx
from cti_bridge.ari.counters import Counters
from cti_bridge.ari.fetching import GIVEN_UP_AFTER, fetch
from cti_bridge.ari.http import AriHttp
from cti_bridge.domain.border import facts as f
from cti_bridge.local.asterisk import PrivateAsterisk
from cti_bridge.sounds.provided import AtPbx, Provided
from cti_bridge.sounds.speech import make, recorded
from tests.support.ari import Listener
from tests.support.audio import tone, write_wav
from tests.support.rows import eventually

MANY = 60
LISTS_WITHIN_S = 5.0


def provided(directory: Path, count: int, first: int = 0) -> Provided:
    """So many recordings, each another tone."""
    made = {}
    for number in range(first, first + count):
        path = directory / f"{number}.wav"
        write_wav(path, tone(50 * (1 + number), 0.5))
        one = made[f"file:{path.name}", "en"] = recorded(path)
        make(one, directory / "made")
    return Provided(directory / "made", "en", made)


@asynccontextmanager
async def served(sounds: Provided, port: int = 0) -> AsyncIterator[tuple[SoundFiles, str]]:
    """The sounds at an address of their own."""
    files = SoundFiles(sounds)
    host, port = await files.start("127.0.0.1", port)
    try:
        yield files, f"http://{host}:{port}"
    finally:
        await files.stop()


def kept(pbx: PrivateAsterisk) -> list[Path]:
    """The files that Asterisk has fetched."""
    return list(pbx.directory.rglob("bucket-*.wav"))


async def all_fetched(pbx: PrivateAsterisk, count: int) -> None:
    """Wait until it has so many."""

    async def number() -> int:
        return len(kept(pbx))

    await eventually(number, lambda found: found == count)


async def objects(pbx: PrivateAsterisk) -> int:
    """How many channels and bridges it has."""
    login = {"Authorization": aiohttp.encode_basic_auth(pbx.ari_username, pbx.ari_password)}
    count = 0
    async with aiohttp.ClientSession(headers=login) as session:
        for kind in ("channels", "bridges"):
            async with session.get(f"{pbx.ari_url}/{kind}") as response:
                count += len(await response.json())
    return count


async def test_given_sounds_when_connected_then_all_are_fetched_and_after_a_restart_with_an_empty_cache_again(
    tmp_path: Path,
) -> None:
    sounds = provided(tmp_path, MANY)
    async with PrivateAsterisk() as pbx, served(sounds) as (_, address):
        listener = Listener(pbx.ari_url, pbx.ari_password, pbx.ari_username, sounds=AtPbx(sounds, address))
        await listener.node.start()
        await listener.next(f.NodeSeen)
        await all_fetched(pbx, MANY)
        await eventually(lambda: objects(pbx), lambda count: count == 0)
        assert listener.node.sounds.unfetched == ()
        await pbx.kill()
        for path in kept(pbx):
            path.unlink()
        shutil.rmtree(pbx.directory / "lib")
        await pbx.start()
        await listener.next(f.NodeSeen)
        await all_fetched(pbx, MANY)
        assert all(isinstance(fact, f.NodeSeen | f.NodeLost) for fact in listener.facts)
        await listener.node.stop()


async def test_given_other_sounds_then_only_those_are_fetched_and_nothing_is_disturbed(tmp_path: Path) -> None:
    before, after = provided(tmp_path, 2), provided(tmp_path, 3)
    async with PrivateAsterisk() as pbx, served(before) as (files, address):
        listener = Listener(pbx.ari_url, pbx.ari_password, pbx.ari_username, sounds=AtPbx(before, address))
        await listener.node.start()
        await all_fetched(pbx, 2)
        files.take(after)
        listener.node.configured((), (), AtPbx(after, address))
        await all_fetched(pbx, 3)
        assert listener.node.sounds.unfetched == ()
        await listener.node.stop()


async def test_given_a_bridge_that_cannot_be_reached_then_it_is_told_and_tried_again_until_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sounds_of_pbx, "AGAIN_AFTER_S", 0.3)
    sounds = provided(tmp_path, 1)
    async with PrivateAsterisk() as pbx:
        async with served(sounds) as (_, address):
            port = int(address.rpartition(":")[2])
        listener = Listener(pbx.ari_url, pbx.ari_password, pbx.ari_username, sounds=AtPbx(sounds, address))
        await listener.node.start()

        async def unfetched() -> tuple[str, ...]:
            return listener.node.sounds.unfetched

        await eventually(unfetched, lambda sources: sources == ("file:0.wav",))
        assert [words for words in listener.node.warnings if f"it cannot fetch 'file:0.wav' from {address}" in words]
        async with served(sounds, port):
            await eventually(unfetched, lambda sources: not sources)
        assert not listener.node.warnings
        await listener.node.stop()


async def test_given_a_name_that_nobody_has_then_it_is_not_found_and_there_is_no_list(tmp_path: Path) -> None:
    sounds = provided(tmp_path, 2)
    names = list(sounds.names)
    async with PrivateAsterisk() as pbx, served(sounds) as (files, address), aiohttp.ClientSession() as session:
        for path, status in (
            (f"/sounds/{names[0]}.wav", 200), (f"/sounds/{'0' * 64}.wav", 404), ("/sounds/", 404), ("/sounds", 404),
            ("/sounds/..%2f0.wav", 404), (f"/sounds/{names[0].upper()}.wav", 404), ("/", 404),
        ):  # fmt: skip
            async with session.get(address + path) as response:
                assert response.status == status, path
        http = AriHttp(pbx.ari_url, pbx.ari_username, pbx.ari_password, Counters())
        wanted = [f"{address}/sounds/{name}.wav" for name in (names[0], "0" * 64, names[1])]
        assert await fetch(http, "cti_bridge", wanted) == [wanted[1]]
        (tmp_path / "made" / f"{names[0]}.wav").unlink()
        async with session.get(f"{address}/sounds/{names[0]}.wav") as response:
            assert response.status == 404
        files.take(provided(tmp_path, 1, first=7))
        await files.tidy()
        assert (tmp_path / "made" / f"{names[1]}.wav").exists(), "a call of the configuration before may still hear it"
        files.take(provided(tmp_path, 1, first=8))
        await files.tidy()
        assert not (tmp_path / "made" / f"{names[1]}.wav").exists()
        await http.close()


async def test_given_a_bridge_that_hangs_then_the_pbx_is_up_and_its_lists_are_read_all_the_while(
    tmp_path: Path,
) -> None:
    sounds = provided(tmp_path, 20)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # The machine takes connections, and nobody answers.
        await _hangs(sounds, f"http://127.0.0.1:{silent.getsockname()[1]}")


async def _hangs(sounds: Provided, address: str) -> None:
    async with PrivateAsterisk() as pbx:
        listener = Listener(pbx.ari_url, pbx.ari_password, pbx.ari_username, sounds=AtPbx(sounds, address))
        began = time.monotonic()
        await listener.node.start()
        for _ in range(3):
            await listener.next(f.NodeSeen)
            listener.node.surprise()
        assert time.monotonic() - began < LISTS_WITHIN_S and listener.node.sounds.unfetched == ()
        await eventually(lambda: number_of(listener), lambda count: count == 20)
        assert time.monotonic() - began < GIVEN_UP_AFTER * 2 + LISTS_WITHIN_S, "the others are not even tried"
        await listener.node.stop()


async def number_of(listener: Listener) -> int:
    return len(listener.node.sounds.unfetched)
