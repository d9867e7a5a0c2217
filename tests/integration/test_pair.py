"""One bridge of a pair as a process: its answers as a spare, signals, and a take-over that fails."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from cti_bridge.exit_codes import ExitCode
from cti_bridge.local.ports import claim_ports
from cti_bridge.spare.holding import FEWER_FOR_S
from cti_bridge.spare.lease import Lease, Phase
from tests.support.bridge import Bridge
from tests.support.configuration import BASE, configuration
from tests.support.fake_ari import FakeAri
from tests.support.hung_postgres import HungPostgres
from tests.support.pair import cut, heal
from tests.support.proxy import Proxy
from tests.support.warm import run_warm

MARK = "CTI_BRIDGE_ACTS_cti_bridge"
LASTS_S = 60.0


def config(directory: Path, port: int, pbx: FakeAri, database: str, more: str = "") -> Path:
    own = [f'[api]\nlisten = "127.0.0.1:{port}"', '[spool]\npath = "spool.db"', '[spare]\nname = "b"']
    own += [f'[database]\nurl = "{database}"', f'[asterisk.main]\nurl = "{pbx.url}"\npassword = "secret"', more]
    house = "".join(text for name, text in BASE.items() if name != "asterisk")
    return configuration(directory, base=house + "\n".join(own) + "\n") / "cti_bridge.toml"


@asynccontextmanager
async def bridge_of_pair(directory: Path, pbx: FakeAri, database: str, more: str = "") -> AsyncIterator[Bridge]:
    ports = claim_ports(1)
    bridge = Bridge(config(directory, ports.first, pbx, database, more), ports.first)
    try:
        yield bridge
    finally:
        if bridge.is_running:
            await bridge.kill()
        ports.release()


@pytest.fixture
async def pbx() -> AsyncIterator[FakeAri]:
    made = FakeAri()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[Lease]:
    """Another bridge that acts, and does nothing."""
    lease = Lease(database_url, "a", lasts_s=LASTS_S)
    assert await lease.take(0, ["main"]) == 1
    await lease.renew(["main"], Phase.ACTIVE)
    yield lease
    await lease.close()


async def said(bridge: Bridge, path: str, method: str = "GET") -> tuple[int, Any, dict[str, str]]:
    async with aiohttp.ClientSession() as session, session.request(method, bridge.url + path) as answer:
        text = await answer.text()
        headers = {str(name): value for name, value in answer.headers.items()}
        return answer.status, json.loads(text) if text.startswith("{") else text, headers


async def role(bridge: Bridge, wanted: str, phase: str = "") -> dict[str, Any]:
    """Wait until it has this role, and is in this phase."""
    async with asyncio.timeout(30):
        while True:
            try:
                found = (await said(bridge, "/readyz"))[1]
                if found["role"] == wanted and (not phase or found["pair"]["phase"] == phase):
                    return dict(found)
            except aiohttp.ClientError:
                assert bridge.is_running, bridge.log_tail()
            await asyncio.sleep(0.02)


async def test_a_spare_is_alive_and_not_ready_and_refuses_all_else_in_the_form_of_the_api(
    tmp_path: Path, pbx: FakeAri, database_url: str, other: Lease
) -> None:
    async with bridge_of_pair(tmp_path, pbx, database_url) as bridge:
        await bridge.start(wait_ready=False)
        found = await role(bridge, "standby", "warm")
        assert found["pair"]["others"] == [
            {"name": "a", "phase": "active", "reaches": ["main"], "left_s": pytest.approx(LASTS_S, abs=30)}
        ]
        assert (await said(bridge, "/readyz"))[0] == 503
        for path in ("/healthz", "/livez"):
            assert (await said(bridge, path))[0] == 200
        status, metrics, _ = await said(bridge, "/metrics")
        assert status == 200 and "cti_pair_active 0.0" in metrics and "cti_pair_term 1.0" in metrics
        for method, path in (("POST", "/api/v1/login"), ("GET", "/api/v1/me"), ("GET", "/"), ("GET", "/api/v1/events")):
            status, problem, headers = await said(bridge, path, method)
            assert (status, problem["code"]) == (503, "standby"), path
            assert headers["Retry-After"] == "2"
            assert headers["Content-Type"].startswith("application/problem+json")
        (note,) = (await other.read()).spares
        assert (note.holder, note.reaches, note.phase) == ("b", ("main",), "warm")
        assert not pbx.sockets and all(sent.method == "GET" for sent in pbx.sent), "it sends nothing to the PBX"
        assert await bridge.stop() == ExitCode.OK
        assert (await other.read()).spares == (), "a spare that has ended is none"


async def test_a_spare_has_a_changed_configuration_for_the_time_when_it_acts_and_says_what_is_wrong_with_one(
    tmp_path: Path, pbx: FakeAri, database_url: str, other: Lease
) -> None:
    async with bridge_of_pair(tmp_path, pbx, database_url) as bridge:
        await bridge.start(wait_ready=False)
        await role(bridge, "standby", "warm")
        overlay = tmp_path / "conf.d" / "overlay.toml"
        overlay.parent.mkdir(exist_ok=True)
        for text, event in (
            ("nonsense = 1\n", "reload_refused"),
            ('[spool]\npath = "other.db"\n', "that takes a restart"),
            ('[policy]\nbusiness_reasons = ["tea"]\n', '"event": "reload"'),
        ):
            overlay.write_text(text)
            os.kill(bridge.pid, signal.SIGHUP)
            await bridge.logs(event)
        refused = run_warm(["reload", "--config", str(bridge.config)], dict(os.environ))
        assert refused.returncode == ExitCode.FAILED and "This bridge is the spare" in refused.stderr
        shown = run_warm(["status", "--config", str(bridge.config)], dict(os.environ))
        assert shown.returncode == ExitCode.OK and "b (this one): standby, warm" in shown.stdout
        await other.give_up()
        await bridge.ready()
        assert pbx.variables == {MARK: "2:b"}
        assert await bridge.stop() == ExitCode.OK
        lease = (await other.read()).lease
        assert lease is not None and (lease.holder, lease.phase, lease.counts) == ("b", "given_up", False)


async def test_given_states_that_cannot_be_had_at_a_take_over_then_it_is_the_spare_again_and_tries_later(
    tmp_path: Path, pbx: FakeAri, database_url: str
) -> None:
    async with (
        HungPostgres(database_url, b"kind = 'shipped' and id = '' for update") as way,
        bridge_of_pair(tmp_path, pbx, way.url) as bridge,
    ):
        await bridge.start(wait_ready=False)
        async with asyncio.timeout(30):
            await way.hung.wait()
        way.cut()
        await bridge.logs("take_over_failed")
        assert not pbx.sockets
        way._mark = b"\0never\0"
        way.let_flow()
        await bridge.ready()
        assert len(pbx.sockets) == 1
        assert await bridge.stop() == ExitCode.OK


async def test_given_a_pbx_with_a_later_mark_then_it_is_taken_in_a_later_term(
    tmp_path: Path, pbx: FakeAri, database_url: str
) -> None:
    """As after a fail-over of Postgres that has lost the lease of the other bridge: its term is in the PBX alone."""
    pbx.variables[MARK] = "9:a"
    async with bridge_of_pair(tmp_path, pbx, database_url) as bridge:
        await bridge.start(wait_ready=False)
        await bridge.logs("pbx_has_later_bridge")
        await bridge.ready()
        assert pbx.variables == {MARK: "10:b"}
        assert await bridge.stop() == ExitCode.OK


async def test_given_a_pbx_of_two_that_is_away_then_the_other_is_taken_and_the_first_when_it_comes(
    tmp_path: Path, pbx: FakeAri, database_url: str
) -> None:
    """Then the bridge loses it again, and hands over to a spare that reaches both."""
    west = FakeAri()
    await west.start()
    parts = urlsplit(west.url)
    async with Proxy(str(parts.hostname), parts.port or 0) as way:
        cut(way)
        more = f'[asterisk.west]\nurl = "http://127.0.0.1:{way.port}/ari"\npassword = "secret"'
        async with bridge_of_pair(tmp_path, pbx, database_url, more) as bridge:
            await bridge.start(wait_ready=False)
            await bridge.logs("pbx_connected", "main")
            assert (await role(bridge, "active", "active"))["pair"]["reaches"] == ["main"]
            assert not west.sockets
            heal(way)
            await bridge.ready()
            assert west.variables == pbx.variables == {MARK: "1:b"}
            cut(way)
            spare = Lease(database_url, "a")
            lost_at = time.monotonic()
            reporting = asyncio.create_task(_report(spare))
            try:
                await bridge.logs("handing_over", "it reaches 1 PBXs, and a spare reaches 2", within_s=30)
                assert time.monotonic() - lost_at == pytest.approx(FEWER_FOR_S, abs=3)
                await role(bridge, "standby")
                assert await _taken(spare, ["main", "west"]) == 2, "it says so before it has given the lease up"
                await role(bridge, "standby", "warm")
            finally:
                reporting.cancel()
                await asyncio.gather(reporting, return_exceptions=True)
                await spare.close()
            assert await bridge.stop() == ExitCode.OK
    await west.stop()


async def _taken(spare: Lease, reaches: list[str]) -> int:
    """The term, as soon as the lease is to be had."""
    async with asyncio.timeout(10):
        while (term := await spare.take(0, reaches)) is None:  # noqa: ASYNC110 # It is a row in Postgres.
            await asyncio.sleep(0.05)
    return term


async def _report(spare: Lease) -> None:
    while True:
        await spare.report(1, ["main", "west"], Phase.WARM)
        await asyncio.sleep(0.5)
