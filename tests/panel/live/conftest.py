"""One stack for all tests of the panel with the whole system. It ends with the last of them, for a process has only one
set of SIP phones at a time."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.panel.live.desks import PanelStack
from tests.panel.live.rooms import ROOMS
from tests.panel.site import open_host
from tests.support.priority import process_first

POLICY = """
hold_reminder_s = 1
"""
"""Times that are over soon."""


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> AsyncIterator[PanelStack]:
    """Postgres, Asterisk, the bridge, the phones, and the browser."""
    directory = tmp_path_factory.mktemp("panel-stack")
    with process_first():
        async with (
            open_host() as host,
            open_host() as stranger,
            PanelStack(directory, ROOMS, browser, host=host, stranger=stranger, policy=POLICY) as stack,
        ):
            yield stack
