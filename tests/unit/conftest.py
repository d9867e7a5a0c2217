"""What holds for every unit test."""

import asyncio
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

# Examples that are late say nothing of the code: the other tests keep the machine busy.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """A test that configures logging leaves nothing of it to the next one."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session", autouse=True)
async def loop() -> asyncio.AbstractEventLoop:
    """The loop of all tests."""
    return asyncio.get_running_loop()


@pytest.fixture(autouse=True)
def no_task_left(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """A test ends the tasks that it has begun: the next test would run them."""
    before = asyncio.all_tasks(loop)
    yield
    assert asyncio.all_tasks(loop) <= before
