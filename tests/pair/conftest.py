"""One pair for all tests of a process. Each test begins with one bridge that acts and a warm spare, whichever is
which."""

import time
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import pytest_asyncio

from tests.pair.rooms import POLICY, ROOMS
from tests.support.pair import Member, PairStack
from tests.support.priority import process_first


class Roles(NamedTuple):
    """The two bridges at the beginning of a test."""

    active: Member
    spare: Member


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PairStack]:
    """Postgres, Asterisk, two bridges and the phones."""
    with process_first():
        async with PairStack(tmp_path_factory.mktemp("pair"), ROOMS, policy=POLICY, ack="shipped") as stack:
            yield stack


@pytest_asyncio.fixture(loop_scope="session")
async def roles(stack: PairStack) -> AsyncIterator[Roles]:
    """Who acts, and who is the spare. Whatever a test does to them, the PBX must never have seen two that act, nor
    been for long without one that somebody could be."""
    since = time.monotonic()
    yield Roles(*await stack.roles())
    breaches = stack.witness.breaches(since)
    for member in stack.members:
        member.let_in()
    assert breaches == []
