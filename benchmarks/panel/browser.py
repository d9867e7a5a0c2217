"""Chromium, headless, with a microphone that needs no asking."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--autoplay-policy=no-user-gesture-required",
]


class ChromiumMissing(Exception):
    """There is no browser to measure with."""

    def __init__(self, wanted: str) -> None:
        super().__init__(
            f"The benchmark of the panel needs Chromium, and there is no {wanted}. Install Debian's package chromium,"
            " or set CHROMIUM to the path of another one."
        )


def find_chromium() -> str:
    """The program: CHROMIUM, else the one on the PATH. Raises ChromiumMissing."""
    wanted = os.environ.get("CHROMIUM") or "chromium"
    if found := shutil.which(wanted):
        return found
    raise ChromiumMissing(wanted)


@asynccontextmanager
async def running_chromium() -> AsyncIterator[Browser]:
    """Raises ChromiumMissing."""
    program = find_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=_FLAGS)
        try:
            yield browser
        finally:
            await browser.close()
