"""A PBX whose disk is full while a conversation is recorded: Asterisk ends the recording as if all were well. The agent
and the operator are told, and the call goes on (requirements K2, K3)."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.acceptance.calls import TALKING, answered, ended
from tests.acceptance.hearing import joined
from tests.support.rows import eventually
from tests.support.stack import Stack

ROOM, HOLDS_S = "96k", 4.0
"""The room, and seconds of talk that it holds at least: the PBX writes 64 kB at a time."""


@asynccontextmanager
async def small(directory: Path) -> AsyncIterator[None]:
    """A file system of memory that is nearly full lies over the directory. To mount one takes root."""
    await run("mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(directory))
    try:
        yield
    finally:
        await run("umount", "-l", str(directory))


async def run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command)
    assert await process.wait() == 0, command


@pytest.mark.skipif(os.geteuid() != 0, reason="to mount a small file system takes root")
async def test_given_a_full_disk_then_it_is_told_and_the_call_goes_on(stack: Stack) -> None:
    (directory,) = [path for path in stack.pbx.directory.rglob("recording") if path.is_dir()]
    async with small(directory), stack.desk("recorded-full-disk") as desk:
        client = desk.agent.client
        talk = await answered(desk)
        await client.shows(lambda shown: shown["call"]["recording"]["state"] == "recording", "it records")
        await client.shows(lambda shown: shown["call"]["recording"]["state"] == "failed", "it has failed")
        await client.label(TALKING)
        await joined(talk.phone, talk.customer)
        async with aiohttp.ClientSession() as http:
            async with http.get(f"{stack.bridge.url}/readyz") as reply:
                warnings = (await reply.json())["warnings"]
            async with http.get(f"{stack.bridge.url}/metrics") as reply:
                metrics = await reply.text()
        assert any("were not recorded, or not whole" in one for one in warnings), warnings
        assert "cti_recordings_failed_total 0.0" not in metrics
        told = ('"event": "alert"', '"kind": "recording_failed"', f'"service": "{desk.furnished.service}"')
        await stack.bridge.logs(*told)
        await talk.customer.hang_up()
        call = await ended(desk, talk, "completed", "customer")
        rows = await eventually(
            lambda: desk.rows.fetch("select * from cti.recording where call_id = $1 order by started_at", call["id"]),
            lambda rows: rows and all(row["state"] in ("stored", "empty", "lost") for row in rows),
        )
        first = rows[0]
        assert first["state"] == "stored" and first["length_s"] > HOLDS_S
        assert len(rows) > 1, "it is tried again"
        assert first["missing_s"] is None, "it was told that it ended"
