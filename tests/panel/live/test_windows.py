"""The panel's window: reload, tabs, lost networks, another login, a host page, and what is kept where."""

from playwright.async_api import expect

from tests.acceptance.side_by_side import SideBySide
from tests.panel.live.desks import PanelStack
from tests.panel.live.hearing import talk_together
from tests.panel.live.rooms import AT_ONCE
from tests.support.proxy import Proxy
from tests.support.rooms import PASSWORD

side_by_side = SideBySide(AT_ONCE)
PROCESSING = "Business (Ticket Processing)"


@side_by_side
async def test_given_a_reload_during_a_call_then_the_call_the_ticket_and_the_keys_are_there_again(
    stack: PanelStack,
) -> None:
    async with stack.at_panels("reload") as desk:
        phone, customer = await desk.answered()
        await expect(desk.panel.region("Ticket")).to_be_visible()
        await desk.page.reload()
        await desk.panel.label("Talking")
        await expect(desk.panel.region("Ticket")).to_be_visible()
        await talk_together(phone, customer)
        await desk.panel.press("Hold")
        await desk.panel.label("On Hold")


@side_by_side
async def test_given_two_tabs_then_both_show_the_call_and_one_owns_the_sound(stack: PanelStack) -> None:
    async with stack.at_panels("tabs", sound=True) as desk:
        first, second = desk.panel, await desk.agent.tab()
        await second.label("Ready")
        await second.sees("The sound is in another tab.")
        titles = [await panel.page.title() for panel in (first, second)]
        customer = await desk.desk.call()
        await first.label("Ringing")
        await second.label("Ringing")
        await expect(first.page).not_to_have_title(titles[0])
        await expect(second.page).to_have_title(titles[1])
        await second.press("Use here")
        await expect(second.page).not_to_have_title(titles[1])
        await expect(first.page).to_have_title(titles[0])
        await second.page.close()
        await expect(first.page).not_to_have_title(titles[0])
        await customer.call.hang_up()
        await first.label("Ready")
        await expect(first.page).to_have_title(titles[0])


@side_by_side
async def test_given_a_lost_network_then_the_panel_says_so_the_ringing_stops_and_the_truth_comes_back(
    stack: PanelStack,
) -> None:
    async with Proxy("127.0.0.1", stack.bridge.port) as network:
        origin = f"http://127.0.0.1:{network.port}"
        async with stack.at_panels("cut", origin=origin) as desk:
            desk.agent.watch.expect("ERR_", "WebSocket connection", "failed:")
            title = await desk.page.title()
            customer = await desk.desk.call()
            await desk.panel.label("Ringing")
            await expect(desk.page).not_to_have_title(title)
            network.fall_silent()
            network.cut()
            await desk.panel.sees("Reconnecting …")
            await expect(desk.page).to_have_title(title)
            await desk.agent.lift()
            network.cut()
            network.let_flow()
            await desk.panel.label("Talking")
            await desk.panel.sees_no("Reconnecting …")
            await customer.call.hang_up()
            await desk.panel.label(PROCESSING)


@side_by_side
async def test_given_a_login_elsewhere_then_the_old_window_says_so_and_does_nothing_more(stack: PanelStack) -> None:
    async with stack.at_panels("moved") as desk:
        other = desk.desk.client(desk.agent.cti_id)
        await other.log_in()
        await desk.panel.sees("You logged in elsewhere")
        await expect(desk.panel.button("Ready")).to_have_count(0)
        await other.close()


@side_by_side
async def test_given_a_session_then_no_secret_is_in_the_address_the_page_or_its_storage(stack: PanelStack) -> None:
    async with stack.at_panels("secrets", log_in=False) as desk:
        asked: list[str] = []
        desk.page.on("request", lambda request: asked.append(request.url))
        async with desk.page.expect_response("**/api/v1/login") as login:
            await desk.agent.log_in()
        answer = await (await login.value).json()
        kept = await desk.page.evaluate(
            """async () => JSON.stringify([document.documentElement.outerHTML,
            document.querySelector('cti-widget').shadowRoot.innerHTML, {...localStorage}, {...sessionStorage},
            document.cookie, location.href, await indexedDB.databases(), await caches.keys()])"""
        )
        for secret in (PASSWORD, answer["token"], answer["csrf"]):
            assert secret not in kept
            assert not [url for url in asked if secret in url]


@side_by_side
async def test_given_korean_then_the_panel_speaks_it(stack: PanelStack) -> None:
    async with stack.at_panels("korean", log_in=False, locale="ko-KR") as desk:
        await desk.panel.open(stack.bridge.url)
        await expect(desk.panel.button("로그인")).to_be_visible()
