"""Pictures of the page of reports, for ``make screenshots``: the same each time, of figures that are made up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser

from tests.panel.counted import NOW, PASSWORD, Counted, counted_house


@dataclass(frozen=True)
class Picture:
    """What is seen once ``sees`` is there: a selector."""

    name: str
    search: str = ""
    sees: str = ".chart[data-drawn] canvas"
    widths: tuple[int, ...] = (1280,)
    schemes: tuple[Literal["light", "dark"], ...] = ("light",)
    counted: Callable[[], Counted] = Counted


PICTURES = [
    Picture("reports", widths=(320, 420, 1280), schemes=("light", "dark")),
    Picture("reports-ko", "?lang=ko&groups=each", widths=(420, 1280), schemes=("light", "dark")),
    Picture("reports-agents", "?report=agent-calls&groups=each"),
    Picture("reports-list", "?report=call-detail", "tbody tr:nth-child(200)", counted=lambda: Counted(calls=200)),
    Picture("reports-empty", sees=".empty", counted=lambda: Counted(is_empty=True)),
    Picture("reports-busy", sees=".failed", counted=lambda: Counted(refuses=True)),
]


async def take(browser: Browser, picture: Picture, directory: Path, smaller: Callable[[bytes], bytes]) -> None:
    """All pictures of one state."""
    async with counted_house(picture.counted()) as (api, _):
        for scheme in picture.schemes:
            context = await browser.new_context(
                color_scheme=scheme, reduced_motion="reduce", locale="en-GB", timezone_id="Asia/Seoul"
            )
            await context.request.post(api.url + "/login", data={"cti_id": "boss", "password": PASSWORD})
            page = await context.new_page()
            await page.clock.set_fixed_time(NOW)
            for width in picture.widths:
                await page.set_viewport_size({"width": width, "height": 860})
                await page.goto(api.root + "/supervisor/reports" + picture.search)
                await page.locator(picture.sees).first.wait_for()
                png = await page.screenshot(animations="disabled", caret="hide", full_page=True)
                name = f"{picture.name}-{scheme}-{width}.png"
                (directory / name).write_bytes(smaller(png))
            await context.close()
