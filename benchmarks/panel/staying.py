"""A panel that is kept open: what thousands of events leave in it."""

import itertools

import aiohttp

from benchmarks.panel.page import PanelFailed, PanelPage
from cti_bridge.api.cookie import COOKIE

AT_ONCE = 100
"""Changes between two looks at the page: fewer frames than an event stream keeps would be lost on a page that lags."""
CHANGES = [{"status": "rest"}, {"status": "business", "reason": "meeting"}, {"status": "ready"}]


async def heap_after(panel: PanelPage, origin: str, events: list[int]) -> dict[int, float]:
    """Script's memory in MB when so many events have come, which are changes of the agent's status. Raises
    PanelFailed."""
    await panel.stop_noting()
    headers = {"Authorization": f"Bearer {await _token(panel)}"}
    changes = itertools.cycle(CHANGES)
    found: dict[int, float] = {}
    async with aiohttp.ClientSession(origin, headers=headers) as http:
        for most in events:
            while (missing := most - await panel.frames()) > 0:
                for _ in range(min(missing, AT_ONCE)):
                    await _change(http, next(changes))
            found[most] = await panel.heap_mb()
    return found


async def _change(http: aiohttp.ClientSession, status: dict[str, str]) -> None:
    async with http.put("/api/v1/me/status", json=status) as response:
        if response.status != 200:
            raise PanelFailed(f"The bridge answered {response.status} to a change of status: {await response.text()}")


async def _token(panel: PanelPage) -> str:
    """Of the page's own session: another login would end it."""
    for cookie in await panel.context.cookies():
        if cookie.get("name") == COOKIE:
            return cookie.get("value", "")
    raise PanelFailed("The panel has no session")
