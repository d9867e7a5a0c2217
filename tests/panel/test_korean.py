"""The whole panel in Korean: nothing is left in another language, and it can be used as well as in English."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Page, expect

from tests.panel import recorded
from tests.panel.cases import Cases
from tests.panel.looks import NARROW, OF_COLOURS, dock_in_place, fits, violations
from tests.panel.pages import Panel, settled
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge
from tests.panel.scenes import SCENES
from tests.panel.stage import Stage, open_stage
from tests.panel.watch import Watch

DATA = (
    *("Mina Park", "Jiho Kim", "Juno Lee", "Sora Choi", "Taeyang Kang", "Warehouse", "Field service, Seoul"),
    *("Acme support", "support", "mina", "juno", "CTI ID", "CTI", "English", "https", "MP", "Call Widget"),
    *(queue["id"] for queue in recorded.QUEUES),
    "Ordered on Monday, wants the blue one instead.",
)
"""Names and what people wrote: of no language."""

_SHOWN = """() => {
  const root = document.querySelector('cti-widget').shadowRoot;
  const said = [...root.querySelectorAll('*')].flatMap((node) => [
    ...[...node.childNodes].filter((one) => one.nodeType === Node.TEXT_NODE).map((one) => one.data),
    ...['aria-label', 'title', 'placeholder'].map((name) => node.getAttribute(name) ?? '')]);
  return [document.title, ...said].filter((one) => one.trim());
}"""
_TEXTS = """async (code) => ({ ...(await import(`/widget/i18n/${code}.js`)).default,
  ...(await import('/widget/views/sheet-texts.js')).LATER[code],
  ...(await import('/widget/views/player-texts.js')).PLAYER[code] })"""

Steps = Callable[[Page, RecordedBridge], Awaitable[None]]


@dataclass(frozen=True)
class Speaking:
    """A recorded scene in Korean; ``steps`` lead to it without a word of any language, until ``sees`` is there."""

    name: str
    sees: str
    steps: Steps | None = None


def _keys(*keys: str) -> Steps:
    async def steps(page: Page, _: RecordedBridge) -> None:
        for key in keys:
            await Panel(page).keys(key)

    return steps


def _transfer_tab(steps_right: int) -> Steps:
    async def steps(page: Page, _: RecordedBridge) -> None:
        await Panel(page).keys("Alt+T")
        await Panel(page).click(page.get_by_role("dialog").get_by_role("tab").nth(steps_right))

    return steps


def _emergency(sheet: str) -> Steps:
    async def steps(page: Page, _: RecordedBridge) -> None:
        await Panel(page).keys(sheet)
        await page.get_by_role("dialog").locator("input").fill("112")
        await settled(page.get_by_role("dialog").locator("form button").first)
        await page.keyboard.press("Enter")

    return steps


def _item(of_menu: int, menu: str = ".head") -> Steps:
    async def steps(page: Page, _: RecordedBridge) -> None:
        await Panel(page).click(page.locator(f"{menu} [aria-haspopup]"))
        await Panel(page).click(page.get_by_role("menuitem").nth(of_menu))

    return steps


async def _more(page: Page, _: RecordedBridge) -> None:
    await Panel(page).click(page.locator(".tools [aria-haspopup]"))


async def _warning(page: Page, bridge: RecordedBridge) -> None:
    await _item(1, ".tools")(page, bridge)
    await bridge.show(recorded.warning())


async def _list(page: Page, _: RecordedBridge) -> None:
    await Panel(page).click(page.locator(".nav [role=tab]").nth(1))


async def _day(page: Page, _: RecordedBridge) -> None:
    await Panel(page).click(page.locator(".nav [role=tab]").last)


async def _why(page: Page, _: RecordedBridge) -> None:
    await Panel(page).click(page.locator(".why summary"))


async def _menu(page: Page, _: RecordedBridge) -> None:
    await Panel(page).click(page.locator(".segments [aria-haspopup]"))


async def _rest_menu(page: Page, _: RecordedBridge) -> None:
    await Panel(page).click(page.locator(".tone-rest[aria-haspopup]"))


async def _wrong_password(page: Page, _: RecordedBridge) -> None:
    fields = page.locator("form input")
    await expect(fields).to_have_count(2)  # The page may not have drawn them yet.
    for nth in range(2):
        await fields.nth(nth).fill("wrong")
    await Panel(page).click(page.locator("form button[type=submit]"))


async def _ticket(page: Page, bridge: RecordedBridge) -> None:
    await bridge.tell("ticket.opened", ticket=recorded.ticket_line())
    await page.get_by_text("Ordered on Monday").first.wait_for()


async def _player(page: Page, bridge: RecordedBridge) -> None:
    await _ticket(page, bridge)
    await Panel(page).click(page.locator(".recordings summary"))


async def _ended(_: Page, bridge: RecordedBridge) -> None:
    await bridge.tell("call.ended", call_id=recorded.CALL, outcome="completed", ended_by="customer")


async def _reminder(_: Page, bridge: RecordedBridge) -> None:
    await bridge.tell("notice", code="hold_reminder", text="The customer has been on hold for 120 seconds.")


async def _pause_ends(page: Page, bridge: RecordedBridge) -> None:
    await bridge.tell("notice", code="recording_pause_ends", text="The recording goes on in 20 seconds.")


async def _storage_away(page: Page, bridge: RecordedBridge) -> None:
    await _ticket(page, bridge)
    await _list(page, bridge)
    await expect(page.get_by_text("지금은 확인할 수 없습니다")).to_be_visible()


async def _away(_: Page, bridge: RecordedBridge) -> None:
    bridge.is_away = True
    await bridge.close_sockets(1011)


async def _moved(_: Page, bridge: RecordedBridge) -> None:
    bridge.logged_in = False
    await bridge.close_sockets(4001, "session moved")


SPEAKING = [
    Speaking("login", "비밀번호"),
    Speaking("login-refused", "올바르지 않습니다", _wrong_password),
    Speaking("ready", "다음 전화를 기다리는 중"),
    Speaking("rest", "휴식 중입니다"),
    Speaking("rest-reason", "식사", _rest_menu),
    Speaking("business", "모니터링", _menu),
    Speaking("missed", "대기를 선택하세요", _why),
    Speaking("no-calls", "지금은 전화가 오지 않습니다", _why),
    Speaking("incoming", "수화기를 들어 받으세요"),
    Speaking("incoming-answer", "받기"),
    Speaking("talking", "댓글 추가", _ticket),
    Speaking("talking-warned", "회 경고함", _ticket),
    Speaking("more", "고객에게 경고", _more),
    Speaking("warn", "경고 재생", _item(1, ".tools")),
    Speaking("warning", "경고 중지", _warning),
    Speaking("accepted", "연결"),
    Speaking("keypad", "키패드", _keys("Alt+K")),
    Speaking("force-disconnect", "성희롱", _item(1, ".tools")),
    Speaking("on-hold", "120초", _reminder),
    Speaking("on-hold-phone", "전화기에서 재개하세요"),
    Speaking("transfer", "전환할 번호", _keys("Alt+T")),
    Speaking("transfer-agents", "Juno Lee", _transfer_tab(0)),
    Speaking("transfer-queues", "night-desk", _transfer_tab(1)),
    Speaking("transfer-frequent", "Warehouse", _transfer_tab(2)),
    Speaking("transfer-emergency", "지금 전화할까요", _emergency("Alt+T")),
    Speaking("consult-ringing", "호출 중"),
    Speaking("consult-talking", "고객 연결"),
    Speaking("consult-alone", "통화에서 나갔습니다"),
    Speaking("consult-swapped", "보류 음악을 듣는 중"),
    Speaking("recording", "녹취 중"),
    Speaking("recording-paused", "더 오래 정지", _pause_ends),
    Speaking("recording-still", "계속 녹취 중"),
    Speaking("recording-failed", "녹취 안 됨"),
    Speaking("recording-on-demand", "통화 녹취 시작", _more),
    Speaking("recording-consult", "일시정지"),
    Speaking("player", "법적 보존", _player),
    Speaking("internal", "내선 통화"),
    Speaking("internal-incoming", "님의 전화"),
    Speaking("colleagues", "전화 걸기"),
    Speaking("three-together", "내보내기"),
    Speaking("three-asked", "고객과 함께 통화 중입니다"),
    Speaking("consult-failed", "통화 중입니다"),
    Speaking("consulted", "Juno Lee 님이 상담을 요청했습니다"),
    Speaking("transfer-sent", "전화 되찾기"),
    Speaking("phone-lost", "다시 호출하고 있습니다"),
    Speaking("dial-up", "고객 번호", _keys("Alt+N")),
    Speaking("dial-emergency", "지금 전화할까요", _emergency("Alt+N")),
    Speaking("dialing-agent", "전화기가 울립니다"),
    Speaking("dialing", "고객의 전화가 울리고 있습니다"),
    Speaking("after-call", "고객이 끊음", _ended),
    Speaking("after-call-ask", "대기로 변경할까요", _ended),
    Speaking("tickets", "해결", _list),
    Speaking("my-day", "상태별 시간", _day),
    Speaking("storage-away", "저장소에 연결할 수 없습니다", _storage_away),
    Speaking("shortcuts", "단축키", _item(0)),
    Speaking("session-moved", "다른 곳에서 로그인했습니다", _moved),
    Speaking("reconnecting", "다시 연결하는 중", _away),
]


def _foreign(shown: list[str]) -> list[str]:
    """What is neither Korean nor of no language: a word of Latin letters, such as one of English or a key."""
    known = re.compile("|".join(re.escape(one) for one in sorted(DATA, key=len, reverse=True)))
    keys = re.compile(r"Alt\+[A-Z]|T-\d+")
    return [one for one in shown if re.search(r"[A-Za-z]{2,}", known.sub("", keys.sub("", one)))]


async def _spoken(stage: Stage, scene: Speaking) -> None:
    page = stage.tab.page
    async with _open(stage, scene):
        assert await page.locator("html").get_attribute("lang") == "ko"
        assert not (found := _foreign(await page.evaluate(_SHOWN))), found
        stage.tab.watch.check()
        await fits(page)
        await dock_in_place(page)


async def _accessible(stage: Stage, scene: Speaking) -> None:
    async with _open(stage, scene):
        stage.tab.watch.check()
        await _in_reach(stage.tab.page, stage.tab.watch)


async def _in_reach(page: Page, watch: Watch) -> None:
    """The colours are the same in each language: test_states looks at them, in the same scenes."""
    watch.expect("Applying inline style")  # axe-core tries to.
    assert not (found := await violations(page, without=OF_COLOURS)), "\n".join(found)


@asynccontextmanager
async def _open(stage: Stage, scene: Speaking) -> AsyncIterator[None]:
    """The scene, on the stage's page."""
    page, watch = stage.tab.page, stage.tab.watch
    watch.expect("40[13] ", "50[23] ", "WebSocket connection")
    await page.set_viewport_size(NARROW)
    bridge = next(one for one in SCENES if one.name == scene.name).make()
    bridge.settings = {**bridge.settings, "language": "ko"}
    async with stage.shows(bridge) as panel:
        if bridge.logged_in:
            await bridge.listened_to()
            await panel.usable()
        if scene.steps is not None:
            await scene.steps(page, bridge)
        await expect(page.get_by_text(scene.sees).first).to_be_visible()
        yield


_opens = open_stage(viewport=NARROW, reduced_motion="reduce", locale="ko-KR")
_scenes = Cases("scene", _opens, _spoken)
_reached = Cases("scene", _opens, _accessible)


@pytest.mark.timeout(300)  # The first case runs them all.
@pytest.mark.parametrize("scene", SPEAKING, ids=lambda scene: scene.name)
async def test_given_korean_then_every_word_of_a_state_is_korean_it_fits_and_the_dock_is_in_its_place(
    browser: Browser, scene: Speaking, request: pytest.FixtureRequest
) -> None:
    await _scenes.check(request, browser)


@pytest.mark.soak
@pytest.mark.parametrize("scene", SPEAKING, ids=lambda scene: scene.name)
async def test_given_korean_then_a_state_is_as_accessible(
    browser: Browser, scene: Speaking, request: pytest.FixtureRequest
) -> None:
    """In `make test` one state, below: with the same elements and a text in each the rest follows from the English."""
    await _reached.check(request, browser)


async def test_given_two_languages_then_both_have_the_same_texts_with_the_same_values_in_them(blank_page: Page) -> None:
    english, korean = [await blank_page.evaluate(_TEXTS, code) for code in ("en", "ko")]
    assert set(english) == set(korean)
    values = re.compile(r"\{\w+\}")
    for key, text in english.items():
        assert korean[key].strip() and text.strip(), key
        assert sorted(values.findall(text)) == sorted(values.findall(korean[key])), key
    same = {key for key, text in english.items() if korean[key] == text}
    assert same == {"login.cti_id", "status.with_reason"}


async def test_given_another_language_from_the_menu_then_all_of_it_changes_and_a_reload_keeps_it(
    page: Page, watch: Watch
) -> None:
    async with recorded_bridge(RecordedBridge(agent=recorded.talking())) as bridge:
        panel = await Panel(page).open(bridge.origin)
        await panel.label("Talking")
        await panel.choose("Menu", "한국어")
        await expect(page.get_by_role("button", name="호전환", exact=True)).to_be_visible()
        await expect(page.locator("html")).to_have_attribute("lang", "ko")
        assert not (found := _foreign(await page.evaluate(_SHOWN))), found
        await page.reload()
        await expect(page.get_by_role("button", name="호전환", exact=True)).to_be_visible()
        await _in_reach(page, watch)
