"""Chromium for the panel's tests: one process, headless, with a microphone that plays a known tone."""

from __future__ import annotations

import json
import os
import shutil
import wave
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from playwright.async_api import Browser, BrowserContext, async_playwright

from tests.support.audio import FULL_SCALE, TONE_DBFS

MICROPHONE_HZ = 500
"""Between the music and messages below it and the phones' tones above."""
_MICROPHONE_RATE = 48_000
_BLOCK = 2
_THIRD_PARTY = 1
"""ContentSetting and CookieControlsMode, as Chromium writes them into a profile's Preferences."""

SILENT = "delete window.AudioContext"
"""What a page begins with where nobody listens to it: sound costs a twentieth of a processor as long as the page is
open, heard or not."""

FLAGS = [
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
    "--autoplay-policy=no-user-gesture-required",
    "--js-flags=--expose-gc",
]
WITHOUT = ("WebRtcHideLocalIpsWithMdns",)
"""What of Chromium's features is off. It takes the last list that it is given, and only that."""
LIGHT = ("RenderDocument",)
"""What is off besides where most pages are shown: a frame of its own for each document that a tab goes to, which costs
a tenth of what loading the panel does. The whole browser has it, as people's have."""


class NoBrowser(Exception):
    """Chromium is missing. Install Debian's package chromium, or set CHROMIUM to the path of another one."""


def chromium_path() -> str:
    """The browser's program: CHROMIUM, else the one on the PATH. Raises NoBrowser."""
    wanted = os.environ.get("CHROMIUM") or "chromium"
    found = shutil.which(wanted)
    if found is None:
        raise NoBrowser(f"{wanted}: {NoBrowser.__doc__}")
    return found


def shell_path() -> str:
    """The same browser without window, tool bar and profile, at half the cost of processor: Debian's headless shell,
    where it is installed and no other browser is asked for. Raises NoBrowser."""
    shell = None if os.environ.get("CHROMIUM") else shutil.which("chromium-headless-shell")
    return shell or chromium_path()


def write_microphone(path: Path) -> None:
    """What the fake microphone plays in a loop: whole periods, so that its repetition is not heard."""
    times = np.arange(_MICROPHONE_RATE) / _MICROPHONE_RATE
    peak = FULL_SCALE * 10 ** (TONE_DBFS / 20)
    samples = np.round(peak * np.sin(2 * np.pi * MICROPHONE_HZ * times)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_MICROPHONE_RATE)
        file.writeframes(samples.tobytes())


@asynccontextmanager
async def open_browser(
    directory: Path | None = None, trusted: str = "", *, whole: bool = False
) -> AsyncIterator[Browser]:
    """A browser with a profile of its own, which ends with this. With a ``directory`` the microphone has its tone.
    ``trusted`` is the fingerprint of a certificate's key. A ``whole`` one can tell the desktop; the shell cannot."""
    path, light = (chromium_path(), ()) if whole else (shell_path(), LIGHT)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=_flags(directory, trusted, light))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_strict_browser(directory: Path, trusted: str, blocked: str) -> AsyncIterator[BrowserContext]:
    """One whose user blocks third-party cookies, and lets the origin ``blocked`` keep nothing at all, cookies or other.
    Its profile is in ``directory``."""
    sites = {"exceptions": {"cookies": {f"{blocked},*": {"setting": _BLOCK}}}}
    preferences = {"profile": {"cookie_controls_mode": _THIRD_PARTY, "content_settings": sites}}
    profile = directory / "profile"
    (profile / "Default").mkdir(parents=True)
    (profile / "Default" / "Preferences").write_text(json.dumps(preferences))
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium_path(), args=_flags(directory, trusted)
        )
        try:
            yield context
        finally:
            await context.close()


def _flags(directory: Path | None, trusted: str, light: Iterable[str] = ()) -> list[str]:
    off = ",".join((*WITHOUT, *light))
    flags = [*FLAGS, f"--disable-features={off}", f"--ignore-certificate-errors-spki-list={trusted}"]
    if directory is not None:
        microphone = directory / "microphone.wav"
        write_microphone(microphone)
        flags.append(f"--use-file-for-fake-audio-capture={microphone}")
    return flags
