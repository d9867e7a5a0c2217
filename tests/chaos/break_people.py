"""What people do at once: storms of calls, phones that die, panels that read nothing."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import aiohttp

from tests.chaos.house import NUMBER, ONLOOKERS, PASSWORD, House
from tests.chaos.people import LEFT_TO_OTHERS, Callers, People

STORM, CROWD, PATIENCE_S = 100, 300, 5.0
PANELS_EACH, READS_NOTHING_S = 10, 8.0
"""Panels of each onlooker: more than a person has, and less than are refused."""
_DEAF_BYTES = 4096
"""What a panel that reads nothing takes at most."""
_PATH = "/api/v1/events?topics=wallboard:{0},live:{0}"


async def storm(house: House, people: People) -> None:
    """A hundred callers within a second, who wait for their turn."""
    people.call(Callers("storm", 0.0, NUMBER, LEFT_TO_OTHERS, 25), STORM, STORM, house.target)


async def crowd_gives_up(house: House, people: People) -> None:
    """Three hundred callers come within a second, and give up within another one."""
    people.call(Callers("crowd", 0.0, NUMBER, LEFT_TO_OTHERS, PATIENCE_S), CROWD, CROWD, house.target)
    await asyncio.sleep(PATIENCE_S + 2)


async def phones_die(house: House, people: People) -> None:
    """Most agents' phones lose power, and are back after a moment."""
    await people.restart("answers")


async def panels_read_nothing(house: House, people: People) -> None:
    """Wallboards that stand still: each keeps its connection open and takes nothing."""
    async with aiohttp.ClientSession(house.bridge.url) as http, AsyncExitStack() as stack:
        for onlooker in ONLOOKERS:
            token = await _token(http, onlooker)
            for _ in range(PANELS_EACH):
                stack.push_async_callback(_closed, await _deaf_panel(house.bridge.port, onlooker, token))
        await asyncio.sleep(READS_NOTHING_S)


async def panels_come_back_at_once(house: House, people: People) -> None:
    """All panels lose their connection at the same moment, again and again."""
    async with aiohttp.ClientSession(house.bridge.url, connector=aiohttp.TCPConnector(limit=0)) as http:
        tokens = {onlooker: await _token(http, onlooker) for onlooker in ONLOOKERS}

        async def look(onlooker: str) -> None:
            headers = {"Authorization": f"Bearer {tokens[onlooker]}"}
            async with http.ws_connect(_PATH.format(onlooker), headers=headers) as socket:
                await socket.receive_str(timeout=10)

        for _ in range(3):
            await asyncio.gather(*(look(onlooker) for onlooker in ONLOOKERS * PANELS_EACH))


async def _token(http: aiohttp.ClientSession, cti_id: str) -> str:
    async with http.post("/api/v1/login", json={"cti_id": cti_id, "password": PASSWORD}) as response:
        token: str = (await response.json())["token"]
        return token


async def _deaf_panel(port: int, cti_id: str, token: str) -> asyncio.StreamWriter:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_DEAF_BYTES)
    head = (
        f"GET {_PATH.format(cti_id)} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
    writer.write(head.encode())
    told = await reader.readuntil(b"\r\n")
    assert b" 101 " in told, told
    transport = writer.transport
    assert isinstance(transport, asyncio.ReadTransport)
    transport.pause_reading()
    return writer


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
