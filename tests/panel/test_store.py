"""The panel's store against a server of frames: it resumes, recovers and never shows what is not so."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, Route, WebSocket

from tests.panel import recorded
from tests.panel.event_server import CSRF, EventServer, event_server
from tests.panel.watch import Watch

TOPICS = "agent,work:mina"
"""The topics to which a panel listens."""

_START = """async () => {
  const { createStore } = await import('/widget/state/store.js');
  window.seen = [];
  window.store = createStore();
  store.subscribe(({ connection }) => seen.at(-1) !== connection && seen.push(connection));
}"""

LINE = {
    "ticket_id": "t1",
    "service": "acme",
    "call_id": "c1",
    "status": "open",
    "owner": "mina",
    "customer_number": recorded.CUSTOMER,
    "created_at": recorded.at(5),
    "version": 1,
}
TICKET = {**LINE, "events": [{"type": "opened"}], "comments": []}
OFFER = {"offer_id": "o1", "call_id": "c1", "expires_at": recorded.at(-20)}
RINGING = recorded.call("ringing", ticket_id=None)
EARLIER = {**LINE, "ticket_id": "t0", "call_id": "c0", "status": "resolved"}


@pytest_asyncio.fixture
async def server() -> AsyncIterator[EventServer]:
    async with event_server() as server:
        yield server


async def opened(context: BrowserContext, server: EventServer) -> Page:
    """A tab with a store that has connected, or asks for a login."""
    page = await context.new_page()
    await page.goto(f"{server.origin}/blank")
    await page.evaluate(_START)
    await until(page, "['open', 'login'].includes(store.state.connection)")
    return page


async def until(page: Page, true: str) -> None:
    """Sooner than the look at the server after 15 s of silence, which would mend most things."""
    await page.wait_for_function(f"() => {true}", timeout=12_000)


async def state(page: Page, what: str) -> Any:
    return await page.evaluate(f"() => store.state.{what}")


async def test_given_a_broken_connection_then_it_resumes_without_loss(
    context: BrowserContext, server: EventServer
) -> None:
    page = await opened(context, server)
    await server.show(label="One")
    await until(page, "store.state.agent.label === 'One'")
    server.mute = True
    await server.tell("notice", code="while_away", text="x")
    await server.close(1013)
    await until(page, "store.state.notices.length === 1 && store.state.connection === 'open'")
    assert server.handshakes[1:] == [{"topics": TOPICS, "stream": "first", "since": "1"}]
    assert await page.evaluate("seen") == ["starting", "open", "reconnecting", "open"]


async def test_given_a_resumed_stream_without_news_then_it_is_open_again(
    context: BrowserContext, server: EventServer
) -> None:
    page = await opened(context, server)
    await server.close(1001)
    await until(page, "seen.length === 4")
    assert await state(page, "connection") == "open"


async def test_given_a_new_stream_then_the_snapshot_is_the_truth(context: BrowserContext, server: EventServer) -> None:
    page = await opened(context, server)
    await server.show(offer={"offer_id": "o1", "call_id": "c1", "expires_at": recorded.at(-20)})
    await until(page, "store.state.agent.offer")
    server.stream, server.seq, server.agent = "second", 40, recorded.agent(status="rest")
    await server.close(1001)
    await until(page, "store.state.agent.status === 'rest'")
    assert await state(page, "agent.offer") is None
    assert await state(page, "stream") == {"id": "second", "seq": 40, "gap": False}


async def test_given_a_missing_frame_then_a_snapshot_is_asked_for(context: BrowserContext, server: EventServer) -> None:
    page = await opened(context, server)
    server.agent = recorded.agent(label="Mended")
    server.seq = 9
    await server.send({"type": "agent.changed", "seq": 9, "at": recorded.at(0), "agent": recorded.agent(label="Gap")})
    await until(page, "store.state.agent.label === 'Mended' && store.state.connection === 'open'")
    assert server.handshakes == [{"topics": TOPICS}] * 2


async def test_given_a_socket_that_is_stuck_then_a_look_at_the_page_mends_it(
    context: BrowserContext, server: EventServer
) -> None:
    page = await opened(context, server)
    server.mute = True
    await server.show(label="Unseen")
    server.mute = False
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await until(page, "store.state.agent.label === 'Unseen'")
    assert server.handshakes[1:] == [{"topics": TOPICS, "stream": "first", "since": "0"}]


@pytest.mark.parametrize(("code", "shown"), [(4001, "moved"), (4401, "ended")])
async def test_given_the_session_is_over_then_it_says_so_and_stays(
    context: BrowserContext, server: EventServer, code: int, shown: str
) -> None:
    page = await opened(context, server)
    server.logged_in = False
    await server.close(code)
    await until(page, f"store.state.connection === '{shown}'")
    assert await state(page, "agent") is None
    await page.evaluate("store.commands.login('mina', 'secret')")
    await until(page, "store.state.connection === 'open'")


async def test_given_a_handshake_that_is_refused_then_it_asks_for_a_login(
    context: BrowserContext, server: EventServer, watch: Watch
) -> None:
    watch.expect("WebSocket connection", "failed")
    page = await opened(context, server)
    server.logged_in = False
    await server.close(1001)
    await until(page, "store.state.connection === 'ended'")


async def test_given_a_server_that_is_away_then_http_looks_for_it_and_no_more_sockets_fail(
    context: BrowserContext, server: EventServer, watch: Watch
) -> None:
    watch.expect("WebSocket connection", "ERR_CONNECTION_RESET")
    page = await opened(context, server)
    sockets: list[WebSocket] = []
    page.on("websocket", lambda socket: sockets.append(socket))
    looks: asyncio.Queue[Route] = asyncio.Queue()
    await page.route("**/api/v1/session", lambda route: looks.put_nowait(route))
    server.logged_in = False
    await server.close(1011)
    for _ in range(3):
        async with asyncio.timeout(12):
            look = await looks.get()
        await look.abort("connectionreset")
    assert len(sockets) == 1
    server.logged_in = True
    await page.unroute("**/api/v1/session")
    await until(page, "store.state.connection === 'open'")
    assert len(sockets) == 2


_LEAVING = """
  window.asked = 0;
  window.left = Promise.withResolvers();
  const request = navigator.locks?.request;
  if (request) navigator.locks.request = (...given) => {
    window.asked += 1;
    return asked > 1000 ? new Promise(() => {}) : Promise.race([left.promise, request.apply(navigator.locks, given)]);
  };
"""
"""WebKit refuses the locks of a page that is being left, those it holds and those it asks for."""


async def test_given_a_page_that_is_being_left_then_it_does_not_ask_for_its_lock_for_ever(
    context: BrowserContext, server: EventServer
) -> None:
    await context.add_init_script(_LEAVING)
    page = await opened(context, server)
    await until(page, "store.state.owner && asked === 1")
    await page.evaluate("left.reject(new DOMException('left', 'AbortError'))")
    await until(page, "!store.state.owner && asked > 1")
    assert await page.evaluate("asked") < 10


async def test_given_logout_then_it_is_a_login_at_once(context: BrowserContext, server: EventServer) -> None:
    page = await opened(context, server)
    await page.evaluate("store.commands.logout()")
    assert await page.evaluate("seen") == ["starting", "open", "login"]


async def test_given_a_write_that_is_cut_off_then_it_is_repeated_with_the_same_key(
    context: BrowserContext, server: EventServer, watch: Watch
) -> None:
    watch.expect("net::ERR_CONNECTION_RESET")
    page = await opened(context, server)
    cut: list[str] = []

    async def cut_off(route: Route) -> None:
        cut.append(route.request.headers["idempotency-key"])
        await route.abort("connectionreset")

    await page.route("**/api/v1/me/status", cut_off, times=1)
    await page.evaluate("store.commands.setStatus('rest')")
    await page.evaluate("store.commands.setStatus('ready')")
    keys = [headers["Idempotency-Key"] for _, headers in server.writes]
    assert keys[:1] == cut
    assert keys[0] != keys[1]
    assert {headers["X-CTI-CSRF"] for _, headers in server.writes} == {CSRF}


async def test_given_a_csrf_value_of_before_then_it_is_renewed_and_the_write_repeated(
    context: BrowserContext, server: EventServer, watch: Watch
) -> None:
    watch.expect("403.*/api/v1/me/status$")
    page = await opened(context, server)
    server.csrf = "another-value"
    await page.evaluate("store.commands.setStatus('rest')")
    assert [headers["X-CTI-CSRF"] for _, headers in server.writes] == [CSRF, "another-value"]


async def test_given_no_call_on_the_screen_then_a_command_on_one_is_refused_here(
    context: BrowserContext, server: EventServer
) -> None:
    page = await opened(context, server)
    assert await page.evaluate("store.commands.hold().catch((problem) => problem.code)") == "call_changed"
    assert server.writes == []


async def test_given_a_browser_without_our_cookie_then_the_token_stays_in_memory(
    context: BrowserContext, server: EventServer, watch: Watch
) -> None:
    server.cookies_work = False
    page = await opened(context, server)
    await page.evaluate("store.commands.login('mina', 'secret')")
    await until(page, "store.state.connection === 'open'")
    assert server.tokens == ["the-token"]
    kept = await page.evaluate("JSON.stringify([localStorage, sessionStorage, location.href, document.cookie])")
    assert "the-token" not in kept
    assert CSRF not in kept


async def test_given_a_crowd_before_a_panel_with_a_token_then_it_goes_on_trying_and_asks_for_no_login(
    context: BrowserContext, server: EventServer, watch: Watch
) -> None:
    server.cookies_work, server.crowded = False, 3
    page = await opened(context, server)
    await page.evaluate("store.commands.login('mina', 'secret')")
    await until(page, "store.state.connection === 'open'")
    assert server.tokens == ["the-token"] * 4
    assert not {"ended", "login"} & set((await page.evaluate("seen"))[2:]), await page.evaluate("seen")


async def test_given_a_session_that_is_over_behind_a_crowd_then_http_says_so(
    context: BrowserContext, server: EventServer, watch: Watch
) -> None:
    page = await opened(context, server)
    server.crowded, server.logged_in = 1_000, False
    await server.close(1013)
    await until(page, "store.state.connection === 'ended'")
    assert server.crowded > 990


async def test_given_a_ticket_that_opens_then_it_is_read_with_the_customers_earlier_ones(
    context: BrowserContext, server: EventServer
) -> None:
    server.tickets = {"t1": TICKET, "t0": EARLIER}
    page = await opened(context, server)
    await server.tell("ticket.opened", ticket=LINE)
    await until(page, "store.state.ticket?.complete && store.state.history")
    assert await state(page, "ticket.events") == TICKET["events"]
    assert await state(page, "history.map((one) => one.ticket_id)") == ["t1", "t0"]
    server.tickets["t1"] = {**TICKET, "version": 2, "status": "pending"}
    await server.tell("ticket.changed", ticket={**LINE, "version": 2, "status": "pending"})
    await until(page, "store.state.ticket.complete && store.state.ticket.status === 'pending'")


async def test_given_a_withheld_number_then_no_tickets_of_others_count_as_earlier_ones(
    context: BrowserContext, server: EventServer
) -> None:
    server.tickets = {"t1": {**TICKET, "customer_number": ""}, "t0": EARLIER}
    page = await opened(context, server)
    await page.evaluate("store.commands.openTicket('t1')")
    assert await state(page, "history") is False


async def test_given_a_reload_then_the_ticket_is_on_the_screen_again(
    context: BrowserContext, server: EventServer
) -> None:
    server.tickets = {"t1": TICKET}
    page = await opened(context, server)
    await page.evaluate("store.commands.openTicket('t1')")
    await page.reload()
    await page.evaluate(_START)
    await until(page, "store.state.ticket?.ticket_id === 't1'")


async def test_given_a_reload_in_a_call_then_its_ticket_is_shown(context: BrowserContext, server: EventServer) -> None:
    server.tickets = {"t1": TICKET}
    server.agent = recorded.agent(state="talking", call=recorded.call(ticket_id="t1"))
    page = await opened(context, server)
    await until(page, "store.state.ticket?.complete")


async def test_given_an_offer_then_the_title_says_so_and_is_itself_again_when_it_ends(
    context: BrowserContext, server: EventServer
) -> None:
    page = await opened(context, server)
    await page.evaluate("document.title = 'Panel'")
    ends = await page.evaluate("new Date(Date.now() + store.state.clockOffsetMs + 20000).toISOString()")
    offer = {"offer_id": "o1", "call_id": "c1", "expires_at": ends}
    await server.show(state="ringing", offer=offer, call=RINGING)
    await until(page, "document.title.includes('Jiho Kim')")
    await page.evaluate("store.setTexts({incoming: '전화'})")
    await until(page, "document.title.startsWith('● 전화 Jiho Kim')")
    await until(page, "document.title === 'Panel'")  # In turn.
    await until(page, "document.title.startsWith('● 전화 Jiho Kim')")
    await server.tell("offer.ended", offer_id="o1", result="caller_left")
    await until(page, "document.title === 'Panel'")


async def test_given_a_lost_connection_then_the_ringing_stops(
    context: BrowserContext, server: EventServer, watch: Watch
) -> None:
    watch.expect("WebSocket")
    page = await opened(context, server)
    await page.evaluate("document.title = 'Panel'")
    ends = await page.evaluate("new Date(Date.now() + store.state.clockOffsetMs + 20000).toISOString()")
    offer = {"offer_id": "o1", "call_id": "c1", "expires_at": ends}
    await server.show(state="ringing", offer=offer, call=RINGING)
    await until(page, "store.alerts.ringtone.ringing")
    server.logged_in = False
    await server.close(1001)
    await until(page, "!store.alerts.ringtone.ringing && document.title === 'Panel'")


@pytest.mark.parametrize("put_forward_s", [5, 30])
async def test_given_a_clock_that_was_slow_and_is_put_right_then_the_countdown_is_the_servers(
    context: BrowserContext, server: EventServer, put_forward_s: int
) -> None:
    await context.clock.install(time=recorded.NOW - timedelta(seconds=put_forward_s))
    await context.clock.pause_at(recorded.NOW - timedelta(seconds=put_forward_s - 1))
    page = await opened(context, server)
    assert await state(page, "clockOffsetMs") == (put_forward_s - 1) * 1000
    await context.clock.set_system_time(recorded.NOW)
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await until(page, "store.state.clockOffsetMs === 0")


async def test_given_an_offer_whose_time_is_over_here_then_it_rings_until_the_server_ends_it(
    context: BrowserContext, server: EventServer
) -> None:
    page = await opened(context, server)
    offer = {"offer_id": "o1", "call_id": "c1", "expires_at": recorded.at(30)}
    await server.show(state="ringing", offer=offer, call=RINGING)
    await until(page, "store.alerts.ringtone.ringing")
    await server.tell("offer.ended", offer_id="o1", result="missed")
    await until(page, "!store.alerts.ringtone.ringing")


async def test_given_several_tabs_then_one_owns_the_sound_and_another_takes_it_when_it_closes(
    context: BrowserContext, server: EventServer
) -> None:
    first, second = await opened(context, server), await opened(context, server)
    assert [await state(tab, "owner") for tab in (first, second)] == [True, False]
    await first.close()
    await until(second, "store.state.owner")
    third = await opened(context, server)
    assert await state(third, "owner") is False
    await third.evaluate("store.commands.takeOver()")
    await until(second, "!store.state.owner")
    assert await state(third, "owner") is True
    await third.close()
    await until(second, "store.state.owner")


async def test_given_the_phone_in_another_tab_then_this_one_shows_it_and_answers_through_it(
    context: BrowserContext, server: EventServer, watch: Watch
) -> None:
    watch.expect("/api/v1/me/phone")
    server.agent = recorded.agent(answer="browser", state="ringing", offer=OFFER, call=RINGING)
    owner, other = await opened(context, server), await opened(context, server)
    await until(owner, "store.state.phone.state === 'failed'")
    await owner.evaluate(
        """() => {
          store.change({ phone: { ...store.state.phone, call: 'incoming' } });
          store.tabs.tell({ type: 'phone', phone: store.state.phone });
        }"""
    )
    await until(other, "store.state.canAnswer")
    assert await other.evaluate("store.commands.answer('o-late').catch((problem) => problem.code)") == "call_changed"
    answered = "store.commands.answer().then(() => 'answered', (problem) => problem.code)"
    assert await other.evaluate(answered) == "offer_over"
