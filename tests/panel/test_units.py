"""Single functions of the panel's modules: what alerts, grades, waits, and escapes."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from cti_bridge.api.numbers import Numbers
from cti_bridge.domain.model.directory import Directory, Policy
from tests.panel import recorded

RINGING = recorded.agent(
    state="ringing",
    offer={"offer_id": "o1", "call_id": "c1", "expires_at": recorded.at(-20)},
    call=recorded.call("ringing"),
)


@pytest_asyncio.fixture(loop_scope="session", scope="module", name="blank")
async def _blank(browser: Browser, site: str) -> AsyncIterator[Page]:
    """One empty page for all: pure functions leave nothing behind."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{site}/blank")
    yield page
    await context.close()


async def alert(page: Page, agent: dict[str, Any] | None = None, **state: Any) -> Any:
    """In a browser whose clock has nothing to do with the offer's time."""
    given = {"agent": agent or RINGING, "connection": "open", "owner": True, "phone": {"call": None}}
    return await page.evaluate(
        "async (state) => (await import('/widget/alerts/alert.js')).alertOf(state)",
        {**given, "clockOffsetMs": 0, **state},
    )


@pytest.mark.parametrize(
    "text",
    [
        *(
            "112",
            "1 1-2",
            "(1) 1.2",
            "tel:112",
            "TEL: 112",
            "\u200e112",
            "1\u200b12",
            "1\u00a01\u20112",
            "1\u22121\u30fc2",
        ),
        *(
            "\uff11\uff11\uff12",
            "\uff11\uff0d\uff11\uff12",
            "113",
            "112a",
            "112;ext=1",
            "ext 112",
            "\u0661\u0661\u0662",
            "\u2460\u24601",
            "",
        ),
    ],
)
async def test_an_emergency_number_is_asked_about_where_the_bridge_would_dial_it(blank: Page, text: str) -> None:
    call = "emergencyNumber({emergency_numbers: ['112']}, text)"
    ask = f"async (text) => (await import('/widget/state/commands.js')).{call}"
    policy = Policy(emergency_numbers=frozenset({"112"}))
    assert await blank.evaluate(ask, text) == Numbers(lambda: Directory(policy=policy)).emergency(text)


@pytest.mark.parametrize("offset_ms", [-(10**11), 0, 10**11])
async def test_given_an_offer_then_it_rings_whatever_the_clocks_say(blank: Page, offset_ms: int) -> None:
    rings = await alert(blank, clockOffsetMs=offset_ms)
    assert (rings["offerId"], rings["name"], rings["number"]) == ("o1", "Jiho Kim", recorded.CUSTOMER)


@pytest.mark.parametrize(
    "state",
    [
        {"connection": "reconnecting"},
        {"connection": "moved"},
        {"owner": False},
        {"phone": {"call": "answering"}},
        {"phone": {"call": "up"}},
        {"agent": {**RINGING, "offer": None}},
        {"agent": {**RINGING, "state": "accepted"}},
        {"agent": {**RINGING, "state": "talking"}},
    ],
)
async def test_given_anything_that_ends_the_ringing_then_it_is_silent(blank: Page, state: dict[str, Any]) -> None:
    assert await alert(blank, **state) is None


async def test_given_a_template_then_the_tickets_address_is_escaped(blank: Page) -> None:
    ask = "async ([t, f]) => (await import('/widget/state/tickets.js')).ticketUrl(t, f)"
    fields = {"ticket_id": "a/b?c&d", "customer_number": "+82 10", "evil": "javascript:alert(1)"}

    async def url(template: str) -> Any:
        return await blank.evaluate(ask, [template, fields])

    assert await url("https://crm.example/t/{ticket_id}?n={customer_number}&x={unknown}") == (
        "https://crm.example/t/a%2Fb%3Fc%26d?n=%2B82%2010&x="
    )
    assert await url("") is None
    assert await url("javascript:alert(1)") is None
    assert await url("{evil}") is None or (await url("{evil}")).startswith("http")


async def test_given_lost_packets_then_the_quality_is_told(blank: Page) -> None:
    grades = """async (reports) => {
      const { grade, measure } = await import('/widget/phone/quality.js');
      let counted = null, measured;
      return reports.map(([received, lost, jitter, roundTripTime, fractionLost]) => {
        const stats = [{ type: 'inbound-rtp', kind: 'audio', packetsReceived: received, packetsLost: lost, jitter },
          { type: 'remote-inbound-rtp', kind: 'audio', roundTripTime, fractionLost }, { type: 'codec' }];
        ({ counted, measured } = measure(stats, counted));
        return measured && grade(measured);
      });
    }"""
    reports = [
        [100, 0, 0.005, 0.02, 0],
        [200, 0, 0.005, 0.02, 0],
        [296, 4, 0.005, 0.02, 0],
        [386, 14, 0.005, 0.02, 0],
        [486, 14, 0.045, 0.02, 0],
        [586, 14, 0.005, 0.6, 0],
        [686, 14, 0.005, 0.02, 0.05],
        [686, 14, 0.005, 0.02, 0],
        [786, 14, 0.005, 0.02, 0],
    ]
    expected = [None, "good", "fair", "poor", "fair", "poor", "fair", "poor", "good"]
    assert await blank.evaluate(grades, reports) == expected


async def test_given_samples_then_the_level_is_between_silence_and_full_scale(blank: Page) -> None:
    levels = """async () => {
      const { loudness } = await import('/widget/phone/audio.js');
      return [0, 0.001, 0.1, 1].map((sample) => loudness(new Float32Array(64).fill(sample)));
    }"""
    silent, faint, loud, full = await blank.evaluate(levels)
    assert (silent, full) == (0, 1)
    assert faint == pytest.approx(0, abs=0.01)
    assert loud == pytest.approx(2 / 3, abs=0.01)


async def test_given_a_lost_connection_then_the_first_attempt_is_at_once_and_none_waits_long(blank: Page) -> None:
    waits = """async () => {
      const { backoffMs } = await import('/widget/net/live.js');
      const range = (attempt, code) => [backoffMs(attempt, code, () => 0), backoffMs(attempt, code, () => 1)];
      return [range(0, 1006), range(1, 1006), range(50, 1006), range(0, 1001), range(0, 1013)];
    }"""
    first, second, last, restart, crowded = await blank.evaluate(waits)
    assert first == [0, 0]
    assert second == pytest.approx([210, 390])
    assert last == pytest.approx([2_100, 3_900])
    assert restart == crowded == [250, 750]


async def test_given_a_page_without_secure_context_then_keys_are_unique_all_the_same(blank_page: Page) -> None:
    keys = """async () => {
      Object.defineProperty(crypto, 'randomUUID', { value: undefined });
      const { newKey } = await import('/widget/net/api.js');
      return [newKey(), newKey()];
    }"""
    one, other = await blank_page.evaluate(keys)
    assert one != other
    assert len(one) == 32


async def test_given_a_browser_without_webrtc_then_it_says_so_before_anybody_is_called(blank_page: Page) -> None:
    asked = """async () => {
      const { askForMicrophone } = await import('/widget/phone/audio.js');
      delete window.RTCPeerConnection;
      return askForMicrophone('').then(() => 'granted', ({ code }) => code);
    }"""
    assert await blank_page.evaluate(asked) == "no_webrtc"


async def test_the_time_of_an_older_ticket_shows_its_year(blank: Page) -> None:
    """Two of the same day, one of this year and one of the last, must not look alike."""
    shown = await blank.evaluate(
        """async () => {
            const { when } = await import('/widget/views/words.js');
            const now = new Date();
            const other = new Date(now.getFullYear(), now.getMonth() > 5 ? 0 : 11, 15, 12);
            const older = new Date(other.getFullYear() - 1, other.getMonth(), 15, 12);
            return [now, other, older].map((at) => when(at.toISOString()));
        }"""
    )
    today, this_year, last_year = shown
    assert re.search(r"\b20\d\d\b", last_year)
    assert not re.search(r"\b20\d\d\b", today + this_year)
