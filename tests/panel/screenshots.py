"""``make screenshots``: the panel in each of its states, light and dark, 320 and 420 px wide, and the pages of
supervisors, into ``docs/panel``.

The same pictures each time: recorded views, a clock that stands, no animations.
"""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.async_api import Browser, ViewportSize

from tests.panel import report_pictures, watch_pictures
from tests.panel.browser import open_browser
from tests.panel.pages import Panel
from tests.panel.recorded import NOW
from tests.panel.scenes import SCENES, Scene

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "panel"
SIZES: tuple[ViewportSize, ...] = ({"width": 320, "height": 568}, {"width": 420, "height": 760})
"""The least that the panel is for, and what most have."""
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
AT_ONCE = 4
COLOURS = 128


def _smaller(png: bytes) -> bytes:
    """The same picture with a palette."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    packed = io.BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
    return packed.getvalue()


async def take(browser: Browser, scene: Scene, directory: Path) -> None:
    """All pictures of one scene."""
    for scheme in SCHEMES:
        context = await browser.new_context(
            viewport=SIZES[0],
            color_scheme=scheme,
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="Asia/Seoul",
        )
        page = await context.new_page()
        await page.clock.set_fixed_time(NOW)
        async with scene.on(Panel(page)):
            for size in SIZES:
                await page.set_viewport_size(size)
                png = await page.screenshot(animations="disabled", caret="hide")
                (directory / f"{scene.name}-{scheme}-{size['width']}.png").write_bytes(_smaller(png))
        await context.close()


async def take_all(names: list[str], directory: Path) -> list[str]:
    """All pictures of these scenes, of all when none are named; returns what went wrong."""
    scenes = [scene for scene in SCENES if not names or scene.name in names]
    pictures = [picture for picture in report_pictures.PICTURES if not names or picture.name in names]
    watched = [picture for picture in watch_pictures.PICTURES if not names or picture.name in names]
    free = asyncio.Semaphore(AT_ONCE)
    async with open_browser() as browser:

        async def one(scene: Scene) -> None:
            async with free:
                await take(browser, scene, directory)

        async def of_reports(picture: report_pictures.Picture) -> None:
            async with free:
                await report_pictures.take(browser, picture, directory, _smaller)

        async def of_watching(picture: watch_pictures.Picture) -> None:
            async with free:
                await watch_pictures.take(browser, picture, directory, _smaller)

        work = [
            *(one(scene) for scene in scenes),
            *(of_reports(picture) for picture in pictures),
            *(of_watching(picture) for picture in watched),
        ]
        results = await asyncio.gather(*work, return_exceptions=True)
    names_of = ([scene.name for scene in scenes], [one.name for one in pictures], [one.name for one in watched])
    taken = [name for part in names_of for name in part]
    return [f"{name}: {str(error).splitlines()[0]}" for name, error in zip(taken, results, strict=True) if error]


def main() -> int:
    """Take the scenes named on the command line, or all."""
    names = sys.argv[1:]
    PICTURES.mkdir(parents=True, exist_ok=True)
    for old in [] if names else PICTURES.glob("*.png"):
        old.unlink()
    problems = asyncio.run(take_all(names, PICTURES))
    print("\n".join(problems) or f"The pictures are in {PICTURES}", file=sys.stderr if problems else sys.stdout)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
