"""One farm for all tests of this folder, which share its phones; each works in a room of its own."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.farm.full_pbx import TEN, TWENTY
from tests.support.farm import Farm
from tests.support.priority import process_first
from tests.support.rooms import Room

ROOMS = [
    Room("trunk", agents=2, outbound=True),
    Room("guards", agents=2, outbound=True),
    Room("order"),
    Room("drain", agents=2),
    Room("edge-dies", agents=2),
    Room("pbx-dies", agents=3),
    *TEN.rooms(),
    *TWENTY.rooms(),
]


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def farm(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Farm]:
    """Postgres, the edge, two Asterisks, the bridge and the phones."""
    with process_first():
        async with Farm(tmp_path_factory.mktemp("farm"), ROOMS, agent_lost_s=1) as farm:
            yield farm
