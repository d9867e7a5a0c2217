"""Bytes that a page has got over HTTP, as Chromium counts them: as they came over the wire, headers included."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from playwright.async_api import CDPSession, Page

from benchmarks.polling import until

QUIET_WITHIN_S = 20.0


class Kb(NamedTuple):
    """In units of 1,000 bytes: the panel itself, and the API's answers to it."""

    files: float
    answers: float

    def plus(self, other: Kb) -> Kb:
        return Kb(self.files + other.files, self.answers + other.answers)


class Transferred:
    """Of one page, over navigations. Event frames are not counted."""

    def __init__(self) -> None:
        self._files = self._answers = 0
        self._under_way: dict[str, str] = {}

    @classmethod
    async def of(cls, page: Page, cdp: CDPSession) -> Transferred:
        transferred = cls()
        cdp.on("Network.requestWillBeSent", transferred.sent)
        cdp.on("Network.loadingFinished", transferred.finished)
        cdp.on("Network.loadingFailed", transferred.failed)
        await cdp.send("Network.enable")
        return transferred

    def sent(self, event: dict[str, Any]) -> None:
        self._under_way[event["requestId"]] = urlsplit(event["request"]["url"]).path

    def finished(self, event: dict[str, Any]) -> None:
        path = self._under_way.pop(event["requestId"], "")
        if path.startswith("/api/"):
            self._answers += int(event["encodedDataLength"])
        else:
            self._files += int(event["encodedDataLength"])

    def failed(self, event: dict[str, Any]) -> None:
        self._under_way.pop(event["requestId"], None)

    async def take(self) -> Kb:
        """What came since the last time, once nothing is under way."""

        async def quiet() -> bool:
            return not self._under_way

        await until(quiet, QUIET_WITHIN_S, every_s=0.02)
        taken = Kb(self._files / 1e3, self._answers / 1e3)
        self._files = self._answers = 0
        return taken
