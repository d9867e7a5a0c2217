"""The pages of supervisors on the API itself: what the core counts and shows is what stands on the screen."""

import time

from playwright.async_api import BrowserContext, expect

from cti_bridge.domain.border import commands
from cti_bridge.domain.model.directory import AgentEntry, Service
from tests.panel.watch import Watch
from tests.support.api import PASSWORD, api_server
from tests.unit.floor import Driver, agent_entry, directory

BOSS = AgentEntry("boss", "1900", "Sora Choi", ("acme",), role="supervisor")
HOUSE = directory(agent_entry(1), agent_entry(2), BOSS, services=(Service("acme", "Acme support"),))


async def test_what_happens_is_seen_on_both_pages(context: BrowserContext, watch: Watch) -> None:
    async with api_server(HOUSE.agents, house=HOUSE) as api:
        house = Driver(HOUSE)
        house.now = time.time()
        api.engine.floor = house.center.floor
        house.connect()
        house.log_in("a1")
        await context.request.post(api.url + "/login", data={"cti_id": "boss", "password": PASSWORD})
        live, board = await context.new_page(), await context.new_page()
        await live.goto(api.root + "/supervisor/live")
        await board.goto(api.root + "/wallboard")
        await expect(live.locator(".agents tbody tr")).to_contain_text("Agent 1")
        await expect(board.get_by_role("row", name="support")).to_contain_text("1 / 1")
        house.answer(house.arrive())
        house.arrive()
        house.tell(commands.AskHelp("a1", "a1"))
        for watcher in api.engine.watchers:
            watcher(house.now, dict(house.saved))
        await expect(live.locator(".agents tbody tr")).to_contain_text("Talking")
        await expect(live.locator(".calls li")).to_contain_text("support · place 1")
        await expect(live.locator(".help")).to_contain_text("Agent 1 asks for help")
        await expect(board.get_by_role("row", name="support")).to_contain_text("100 %50 %210")
        await expect(board.locator(".al")).to_contain_text("Help: Agent 1")
