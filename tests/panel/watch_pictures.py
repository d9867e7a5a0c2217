"""Pictures of the pages of supervisors who watch, for ``make screenshots``: the same each time, of a house that is made
up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, ViewportSize

from tests.panel import recorded, watched
from tests.panel.recorded import NOW, Json
from tests.panel.recorded_bridge import recorded_bridge

SCREEN: tuple[ViewportSize, ...] = ({"width": 1920, "height": 1080},)
PAGES: tuple[ViewportSize, ...] = (
    {"width": 320, "height": 640},
    {"width": 420, "height": 900},
    {"width": 1280, "height": 860},
)


@dataclass(frozen=True)
class Picture:
    """``figures`` are what is watched, ``key`` is pressed before it is seen."""

    name: str
    path: str
    sizes: tuple[ViewportSize, ...]
    figures: Callable[[], Json]
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    monitors: bool = False
    key: str = ""


PICTURES = [
    Picture("wallboard-queues", "/wallboard?every=off", SCREEN, watched.wallboard, ("dark",)),
    Picture("wallboard-queues-ko", "/wallboard?every=off&lang=ko", SCREEN, watched.wallboard, ("dark",)),
    Picture("wallboard-teams", "/wallboard?every=off", SCREEN, watched.wallboard, ("dark",), key="ArrowRight"),
    Picture(
        "wallboard-one",
        "/wallboard",
        SCREEN,
        lambda: watched.wallboard(queues=watched.queues()[:1], teams=[]),
        ("dark",),
    ),
    Picture(
        "wallboard-alerts",
        "/wallboard?every=off",
        SCREEN,
        lambda: watched.wallboard(queues=watched.queues()[:2], alerts=watched.alerts()[1:4], help=[]),
        ("dark",),
    ),
    Picture("live", "/supervisor/live", PAGES, watched.live),
    Picture("live-alerts", "/supervisor/live", PAGES, lambda: watched.live(alerts=watched.alerts())),
    Picture(
        "live-alerts-ko", "/supervisor/live?lang=ko", PAGES, lambda: watched.live(alerts=watched.alerts()), ("light",)
    ),
    Picture("live-ko", "/supervisor/live?lang=ko", PAGES, watched.live),
    Picture("live-monitoring", "/supervisor/live", PAGES, watched.live, monitors=True),
    Picture(
        "live-nothing", "/supervisor/live", PAGES, lambda: watched.live(agents=[], waiting=[], queues=[]), ("light",)
    ),
]


async def take(browser: Browser, picture: Picture, directory: Path, smaller: Callable[[bytes], bytes]) -> None:
    """All pictures of one state."""
    async with recorded_bridge() as bridge:
        bridge.figures, bridge.settings["rights"] = picture.figures(), ["monitor"]
        bridge.agent = recorded.agent(name="Sora Choi", monitor=watched.monitor() if picture.monitors else None)
        for scheme in picture.schemes:
            context = await browser.new_context(
                color_scheme=scheme, reduced_motion="reduce", locale="en-GB", timezone_id="Asia/Seoul"
            )
            page = await context.new_page()
            await page.clock.set_fixed_time(NOW)
            await page.goto(bridge.origin + picture.path)
            await page.locator(".foot, .live-page").first.wait_for()
            if picture.key:
                await page.keyboard.press(picture.key)
            for size in picture.sizes:
                await page.set_viewport_size(size)
                png = await page.screenshot(animations="disabled", caret="hide")
                name = f"{picture.name}-{scheme}-{size['width']}.png"
                (directory / name).write_bytes(smaller(png))
            await context.close()
