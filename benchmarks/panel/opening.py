"""Opening the panel and logging in, again and again: how long, and how many bytes."""

from dataclasses import dataclass

from playwright.async_api import Browser

from benchmarks.panel.page import new_page
from benchmarks.panel.transferred import Kb


@dataclass(frozen=True, slots=True)
class Opening:
    """One browser that had never seen the panel. Times in milliseconds."""

    cold_ms: float
    """Until the login form can be used."""
    warm_ms: float
    """The same, opened again."""
    login_ms: float
    """From the click until the agent's state is shown."""
    kb: Kb
    """All that came for the first opening and the login; with the phone in the page until it was registered."""


async def open_and_log_in(browser: Browser, origin: str, cti_id: str, password: str, *, phone: bool) -> Opening:
    """``phone``: it is in the page."""
    async with new_page(browser, origin) as panel:
        cold_ms = await panel.open()
        kb = await panel.transferred.take()
        warm_ms = await panel.open()
        await panel.transferred.take()
        login_ms = await panel.log_in(cti_id, password)
        if phone:
            await panel.registered()
        return Opening(cold_ms, warm_ms, login_ms, kb.plus(await panel.transferred.take()))
