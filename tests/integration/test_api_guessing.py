"""Somebody without a login guesses passwords while the shift changes: every agent gets in at once."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from cti_bridge.api.login_limits import MOST_PER_ADDRESS, MOST_PER_AGENT, UsualPlaces
from cti_bridge.domain.model.directory import AgentEntry
from tests.support.api import PASSWORD, Api, api_server

WITHIN_S = 2.0
SHIFT = [f"a{number}" for number in range(1, 21)]
SMALL_SHIFT = SHIFT[:3]
"""At so few the guesses use up what each account may fail, too."""
GUESSER, PROXY = "127.0.0.66", "127.0.0.3"


def entries(shift: list[str]) -> dict[str, AgentEntry]:
    return {cti_id: AgentEntry(cti_id, cti_id, cti_id, services=("acme",)) for cti_id in shift}


class Client:
    """Somebody with an address of their own, on loopback."""

    def __init__(self, url: str, address: str) -> None:
        self._url = url
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(local_addr=(address, 0)), cookie_jar=aiohttp.DummyCookieJar()
        )

    async def close(self) -> None:
        await self._http.close()

    async def post(self, path: str, body: object, **headers: str) -> tuple[int, dict[str, object]]:
        async with self._http.post(f"{self._url}/api/v1{path}", json=body, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    async def log_in(self, cti_id: str, password: str = PASSWORD, **headers: str) -> tuple[int, dict[str, object]]:
        return await self.post("/login", {"cti_id": cti_id, "password": password}, **headers)


@asynccontextmanager
async def proxy_before(api: Api) -> AsyncIterator[str]:
    """As nginx with ``X-Forwarded-For $proxy_add_x_forwarded_for``: it puts the client behind what the client wrote."""

    async def pass_on(request: web.Request) -> web.Response:
        said = [*request.headers.getall("X-Forwarded-For", []), request.remote or ""]
        headers = {"Content-Type": "application/json", "X-Forwarded-For": ", ".join(said)}
        headers |= {name: request.headers[name] for name in ("Authorization", "Forwarded") if name in request.headers}
        async with http.request(
            request.method, api.root + request.path, data=await request.read(), headers=headers
        ) as response:
            return web.Response(status=response.status, body=await response.read(), content_type=response.content_type)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", pass_on)
    runner = web.AppRunner(app, access_log=None)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(local_addr=(PROXY, 0))) as http:
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            yield "http://{}:{}".format(*runner.addresses[0][:2])
        finally:
            await runner.cleanup()


class Guesser:
    """Guesses at all accounts from one address, as fast as it is answered, and lies about where it is."""

    def __init__(self, url: str, shift: list[str], address: str = GUESSER) -> None:
        self._client, self._shift = Client(url, address), shift
        self.answers: Counter[int] = Counter()

    async def guess(self, times: int) -> None:
        for number in range(times):
            lie = {} if number % 3 else {"X-Forwarded-For": f"198.51.100.{number % 250}"}
            lie |= {} if number % 5 else {"Forwarded": f"for=198.51.100.{number % 250}"}
            status, _ = await self._client.log_in(self._shift[number % len(self._shift)], "wrong", **lie)
            self.answers[status] += 1

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """A minute's worth has been guessed already, and it goes on."""
        await self.guess(MOST_PER_ADDRESS)
        going_on = [asyncio.create_task(self.guess(1_000_000)) for _ in range(4)]
        try:
            yield
        finally:
            for task in going_on:
                task.cancel()
            await asyncio.gather(*going_on, return_exceptions=True)
            await self.guess(2 * MOST_PER_ADDRESS)
            await self._client.close()


async def change_shift(url: str, shift: list[str], *, from_here: bool = False) -> None:
    """Everybody logs in, out, and in again, each from a place of their own or all from one."""

    async def one(number: int, cti_id: str) -> None:
        client = Client(url, GUESSER if from_here else f"127.0.1.{number + 1}")
        try:
            for _ in range(2):
                since = time.monotonic()
                status, answer = await client.log_in(cti_id)
                took_s = time.monotonic() - since
                assert status == 200, (cti_id, answer)
                assert took_s < WITHIN_S, cti_id
                status, _ = await client.post("/logout", {}, Authorization=f"Bearer {answer['token']}")
                assert status == 200
        finally:
            await client.close()

    await asyncio.gather(*(one(number, cti_id) for number, cti_id in enumerate(shift)))


@pytest.mark.parametrize("shift", [SHIFT, SMALL_SHIFT], ids=["20 agents", "3 agents"])
@pytest.mark.parametrize("way", ["directly", "through a proxy"])
async def test_given_one_address_that_guesses_at_all_accounts_when_the_shift_changes_then_everybody_gets_in(
    way: str, shift: list[str]
) -> None:
    async with api_server(entries(shift), trusted_proxies=(PROXY,)) as api, proxy_before(api) as proxy:
        url = api.root if way == "directly" else proxy
        guesser = Guesser(url, shift)
        async with guesser.at_work():
            await change_shift(url, shift)
    assert guesser.answers.keys() == {401, 429}
    # Behind the proxy there are two addresses for the guesser: the real one, and the proxy's own for headers that lie.
    assert guesser.answers[401] <= (MOST_PER_ADDRESS + 4) * (1 if way == "directly" else 2)


async def test_given_a_guesser_at_the_agents_own_address_then_who_has_been_there_before_gets_in() -> None:
    kept: dict[str, tuple[str, ...]] = {}
    async with api_server(
        entries(SHIFT), UsualPlaces(keep=lambda who, places: kept.update({who: tuple(places)}))
    ) as api:
        await change_shift(api.root, SHIFT, from_here=True)
    # A restart, which the guesser may have been waiting for.
    async with api_server(entries(SHIFT), UsualPlaces(kept)) as api, Guesser(api.root, SHIFT).at_work():
        await change_shift(api.root, SHIFT, from_here=True)


async def test_given_a_proxy_that_nobody_trusts_then_agents_are_not_who_their_headers_say() -> None:
    async with api_server(entries(SHIFT)) as api, proxy_before(api) as proxy:
        client = Client(proxy, "127.0.1.1")
        for _ in range(MOST_PER_AGENT):
            assert (await client.log_in("a1", "wrong"))[0] == 401
        status, answer = await client.log_in("a1", **{"X-Forwarded-For": "198.51.100.7"})
        await client.close()
    assert (status, answer["code"]) == (429, "too_many_attempts")
