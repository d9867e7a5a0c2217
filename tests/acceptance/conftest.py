"""One stack for all acceptance tests of a process; each test works in a room of its own. It ends with the last of
them, for a process has only one set of SIP phones at a time."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.acceptance.rooms import ROOMS
from tests.acceptance.side_by_side import Pool, is_scenario
from tests.support.priority import process_first
from tests.support.stack import Stack

POLICY = """
agent_lost_s = 5
hold_reminder_s = 1
"""
"""Times that are over soon."""


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """Postgres, Asterisk, the bridge and the phones."""
    with process_first():
        async with Stack(tmp_path_factory.mktemp("stack"), ROOMS, policy=POLICY) as stack:
            yield stack


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def scenarios_apart(request: pytest.FixtureRequest, stack: Stack) -> None:
    """The scenarios that run side by side begin with the first of their tests. No other test runs beside them: it may
    measure holes in the audio, or break what all use."""
    if not is_scenario(request.node):
        await Pool.over(stack)
