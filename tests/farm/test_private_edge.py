"""The private edge: it starts beside others, keeps its address over a kill, and leaves nothing behind."""

import asyncio
import sys
from pathlib import Path

import pytest

from cti_bridge.local.edge import PrivateEdge
from cti_bridge.local.errors import ServerFailed
from cti_bridge.local.postgres import EmbeddedPostgres
from cti_bridge.local.processes import wait_gone

OWNER = """
import asyncio, os
from cti_bridge.local.edge import PrivateEdge
from cti_bridge.local.postgres import EmbeddedPostgres

async def main():
    async with EmbeddedPostgres() as postgres:
        edge = PrivateEdge(postgres.url, trunk="127.0.0.1:9", trunk_match=["127.0.0.3"], passwords={})
        await edge.start()
        print(*edge.processes, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def there(processes: list[int]) -> list[int]:
    """Those that run; who is dead may wait for somebody to ask (proc(5), state Z)."""
    stats = [Path(f"/proc/{pid}/stat") for pid in processes]
    texts = [path.read_text() for path in stats if path.exists()]
    return [int(text.split()[0]) for text in texts if text.rpartition(")")[2].split()[0] != "Z"]


def edge_on(postgres: EmbeddedPostgres, trunk: str = "127.0.0.1:9") -> PrivateEdge:
    return PrivateEdge(postgres.url, trunk=trunk, trunk_match=["127.0.0.3"], passwords={"1001": "x"})


async def test_it_keeps_its_address_over_a_kill_and_stops_with_all_its_processes() -> None:
    async with EmbeddedPostgres() as postgres, edge_on(postgres) as edge:
        address, first = edge.address, edge.processes
        assert len(first) > 1
        await edge.kill()
        assert not there(first)
        await edge.start()
        assert edge.address == address
        second = edge.processes
        await edge.stop()
        assert not there(second)


async def test_two_stand_side_by_side() -> None:
    async with EmbeddedPostgres() as one, EmbeddedPostgres() as two, edge_on(one) as first, edge_on(two) as second:
        assert first.address != second.address


async def test_it_goes_with_its_owner_who_is_killed() -> None:
    owner = await asyncio.create_subprocess_exec(sys.executable, "-c", OWNER, stdout=asyncio.subprocess.PIPE)
    assert owner.stdout is not None
    processes = [int(word) for word in (await owner.stdout.readline()).split()]
    assert len(processes) > 1
    owner.kill()
    await owner.wait()
    for pid in processes:
        await wait_gone(pid, 10)


async def test_one_that_cannot_start_says_why() -> None:
    async with EmbeddedPostgres() as postgres:
        edge = edge_on(postgres, trunk='"')
        with pytest.raises(ServerFailed, match=r"kamailio\.log"):
            await edge.start()
