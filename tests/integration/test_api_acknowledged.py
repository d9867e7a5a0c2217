"""With [spare] ack = "shipped" the answer to a change says whether it outlives the machine (P1)."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import aiohttp
import pytest

from cti_bridge.app import App
from cti_bridge.settings import load_settings
from cti_bridge.storage import shipping as shipping_module
from tests.support.api import PASSWORD, api_server
from tests.support.configuration import ENVIRONMENT, configuration
from tests.support.hung_postgres import HungPostgres
from tests.support.shipped import shipped_in, until

HEADER = "CTI-Acknowledged"


@pytest.mark.parametrize("answer", ["shipped", "local"])
async def test_the_answer_to_a_change_says_it_and_no_other_answer_does(answer: Literal["shipped", "local"]) -> None:
    asked: list[str] = []

    async def acknowledge() -> Literal["shipped", "local"]:
        asked.append(answer)
        return answer

    async with api_server(acknowledge=acknowledge) as api:
        token, _ = await api.log_in()
        assert asked == [answer]
        changed = await api.call("PUT", "/me/status", token, json={"status": "rest"})
        assert (changed.status, changed.headers[HEADER], len(asked)) == (200, answer, 2)
        for method, path, options in (
            ("GET", "/me", {}),
            ("PUT", "/me/status", {"json": {"status": "nonsense"}}),
            ("POST", "/login", {"json": {"cti_id": "a1", "password": "wrong"}}),
        ):
            reply = await api.call(method, path, token, **options)
            assert HEADER not in reply.headers, (method, path, reply.status)
        assert len(asked) == 2


async def test_without_a_spare_no_answer_says_it() -> None:
    async with api_server() as api:
        token, _ = await api.log_in()
        changed = await api.call("PUT", "/me/status", token, json={"status": "rest"})
        assert changed.status == 200 and HEADER not in changed.headers


@asynccontextmanager
async def bridge(directory: Path, url: str, ack: str) -> AsyncIterator[tuple[App, aiohttp.ClientSession]]:
    """A whole bridge whose PBX is away."""
    more = f'[database]\nurl = "{url}"\n[spare]\nname = "a"\nack = "{ack}"\n[api]\nlisten = "127.0.0.1:0"\n'
    more += f'[spool]\npath = "{directory / "spool.db"}"\n'
    settings = load_settings(configuration(directory, more) / "cti_bridge.toml", ENVIRONMENT)
    async with App(settings) as app:
        host, port = app.address
        async with aiohttp.ClientSession(f"http://{host}:{port}") as http:
            yield app, http


async def log_in(http: aiohttp.ClientSession) -> aiohttp.ClientResponse:
    async with http.post("/api/v1/login", json={"cti_id": "a1", "password": PASSWORD}) as response:
        assert response.status == 200, await response.text()
        return response


async def test_a_change_that_was_answered_as_shipped_is_in_postgres_and_the_metrics_say_how_far_that_is(
    tmp_path: Path, database_url: str
) -> None:
    async with bridge(tmp_path, database_url, "shipped") as (app, http):
        assert app.shipping is not None
        assert (await log_in(http)).headers[HEADER] == "shipped"
        state = (await shipped_in(database_url))["agent", "a1"]
        assert b'"status":"business"' in state
        async with http.get("/metrics") as response:
            text = await response.text()
        assert 'cti_changes_acknowledged_total{as="shipped"} 1' in text
        for name in ("cti_spare_behind_seconds", "cti_spare_behind_states", "cti_shipments_total"):
            assert f"\n{name} " in text


async def test_with_ack_local_the_answer_waits_for_nothing_and_says_nothing(tmp_path: Path, database_url: str) -> None:
    async with bridge(tmp_path, database_url, "local") as (app, http):
        assert app.shipping is not None and HEADER not in (await log_in(http)).headers


async def test_a_postgres_that_does_not_answer_costs_a_second_and_then_nothing_and_the_answer_says_local(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipping_module, "LONGEST_S", 2.5)
    monkeypatch.setattr(shipping_module, "BEHIND_S", 0.5)
    async with (
        HungPostgres(database_url, b'"status":"business"') as proxy,
        bridge(tmp_path, proxy.url, "shipped") as (app, http),
    ):
        assert app.shipping is not None
        began = time.monotonic()
        assert (await log_in(http)).headers[HEADER] == "local"
        assert 0.9 < time.monotonic() - began < 5.0 and proxy.hung.is_set()
        await until(lambda: app.shipping is not None and app.shipping.fault)
        began = time.monotonic()
        assert (await log_in(http)).headers[HEADER] == "local"
        assert time.monotonic() - began < 0.9
        async with http.get("/readyz") as response:
            assert "s are on this machine alone" in await response.text()
