"""Agents at real panels: the whole system, with a browser before it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

from tests.panel.browser import SILENT
from tests.panel.pages import Panel
from tests.panel.site import SITES
from tests.panel.watch import Watch
from tests.support.certificates import Certificate
from tests.support.phones import Phone, PhoneCall
from tests.support.rooms import PASSWORD, Room
from tests.support.stack import Desk, Stack


@dataclass
class PanelAgent:
    """One agent: a browser of their own, with their panel, and a phone."""

    cti_id: str
    cti_number: str
    context: BrowserContext
    panel: Panel
    watch: Watch
    origin: str
    sip_phone: Phone | None = None

    @property
    def phone(self) -> Phone:
        """The phone on the desk."""
        assert self.sip_phone is not None, f"the phone of {self.cti_id} is in the page"
        return self.sip_phone

    async def log_in(self) -> None:
        """Open the panel and log in."""
        await self.panel.open(self.origin)
        await self.panel.log_in(self.cti_id, PASSWORD)
        await self.panel.label("Business")

    async def describe(self) -> str:
        """What is on the screen, and what went wrong in the page."""
        page = self.panel.page
        shown = "(closed)" if page.is_closed() else await page.locator("body").aria_snapshot()
        return f"--- the panel of {self.cti_id}\n{shown}\n" + "\n".join(self.watch.unexpected())

    async def tab(self) -> Panel:
        """One more tab of the same browser."""
        page = await self.context.new_page()
        return await Panel(page).open(self.origin)

    async def lift(self) -> PhoneCall:
        """Wait until the phone rings, and lift it."""
        call = await self.phone.incoming()
        await call.answer()
        return call


@dataclass
class PanelDesk:
    """A room whose agents sit at panels."""

    desk: Desk
    agents: list[PanelAgent] = field(default_factory=list)

    @property
    def agent(self) -> PanelAgent:
        """The first one."""
        return self.agents[0]

    @property
    def panel(self) -> Panel:
        """The first one's."""
        return self.agent.panel

    @property
    def page(self) -> Page:
        """The first one's."""
        return self.agent.panel.page

    async def ring_out(self, number: str) -> None:
        """The first agent dials up and lifts the phone; the calling number is the first one offered."""
        await self.panel.press("Dial up")
        dialog = self.panel.dialog("Dial up")
        await dialog.get_by_label("Customer number").fill(number)
        await self.panel.press("Confirm", within=dialog)

    async def answered(self) -> tuple[PhoneCall, PhoneCall]:
        """A customer calls and the first agent lifts the phone: (phone, customer)."""
        customer = await self.desk.call()
        phone = await self.agent.lift()
        await self.panel.label("Talking")
        return phone, customer.call


class PanelStack(Stack):
    """The whole system, and a browser. ``host`` and ``stranger`` are ports of pages that load the panel: the one may,
    under each of SITES, the other may not."""

    def __init__(
        self,
        directory: Path,
        rooms: Sequence[Room],
        browser: Browser,
        *,
        host: int,
        stranger: int,
        policy: str,
        certificate: Certificate | None = None,
    ) -> None:
        scheme = "https" if certificate else "http"
        api = f"allowed_origins = {[f'{scheme}://{site}:{host}' for site in SITES]}"
        super().__init__(directory, rooms, policy=policy, api=api, certificate=certificate)
        self.browser, self.host, self.stranger = browser, host, stranger

    @asynccontextmanager
    async def at_panels(
        self,
        room: str,
        *,
        ready: bool = True,
        log_in: bool = True,
        sound: bool = False,
        origin: str = "",
        **context: Any,
    ) -> AsyncIterator[PanelDesk]:
        """The agents of a room at their panels, phones registered. What a panel complains about is an error.
        Without ``sound`` a page can make none, unless the phone is in it. ``origin`` is where they open it;
        ``context`` as of Browser.new_context."""
        async with AsyncExitStack() as parts, self.desk(room, ready=False, panels=False) as desk:
            shown = PanelDesk(desk)
            phones = {agent.cti_number: agent.phone for agent in desk.agents}
            for seat in desk.furnished.seats:
                browser = await self.browser.new_context(**context)
                parts.push_async_callback(browser.close)
                where, phone = origin or self.bridge.url, phones.get(seat.cti_number)
                if phone is not None and not sound:
                    await browser.add_init_script(SILENT)
                watch, panel = Watch().over(browser), Panel(await browser.new_page())
                shown.agents.append(PanelAgent(seat.cti_id, seat.cti_number, browser, panel, watch, where, phone))
            try:
                if log_in:
                    await asyncio.gather(*(self._begin(agent, ready=ready) for agent in shown.agents))
                yield shown
                for each in shown.agents:
                    each.watch.check()
            except BaseException as error:
                for each in shown.agents:
                    error.add_note(await each.describe())
                raise

    async def _begin(self, agent: PanelAgent, *, ready: bool) -> None:
        await agent.log_in()
        if ready:
            await agent.panel.ready()
