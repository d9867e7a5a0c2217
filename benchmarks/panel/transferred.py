"""Bytes that a page has got over HTTP, as Chromium counts them: as they came over the wire, headers included."""

from __future__ import annotations

from typing import Any

from playwright.async_api import CDPSession, Page

from benchmarks.polling import until

QUIET_WITHIN_S = 20.0


class Transferred:
    """Of one page, over navigations. Event frames are not counted."""

    def __init__(self) -> None:
        self._bytes = 0
        self._under_way: set[str] = set()

    @classmethod
    async def of(cls, page: Page, cdp: CDPSession) -> Transferred:
        transferred = cls()
        cdp.on("Network.requestWillBeSent", transferred.sent)
        cdp.on("Network.loadingFinished", transferred.finished)
        cdp.on("Network.loadingFailed", transferred.failed)
        await cdp.send("Network.enable")
        return transferred

    def sent(self, event: dict[str, Any]) -> None:
        self._under_way.add(event["requestId"])

    def finished(self, event: dict[str, Any]) -> None:
        self._under_way.discard(event["requestId"])
        self._bytes += int(event["encodedDataLength"])

    def failed(self, event: dict[str, Any]) -> None:
        self._under_way.discard(event["requestId"])

    async def take_kb(self) -> float:
        """What came since the last time, in units of 1,000 bytes, once nothing is under way."""

        async def quiet() -> bool:
            return not self._under_way

        await until(quiet, QUIET_WITHIN_S, every_s=0.02)
        taken, self._bytes = self._bytes, 0
        return taken / 1e3
