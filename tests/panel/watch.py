"""Nothing may go wrong unseen: what a page complains about fails the test that has it open."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, Response

# A page that has no session asks for it first; a navigation breaks off what is under way; a bridge of a test may go
# before its page, which then asks in vain.
_USUAL = (r"401.*/api/v1/session$", r"net::ERR_ABORTED", r"net::ERR_CONNECTION_REFUSED")


@dataclass
class Watch:
    """Complaints of the pages of a browser context: console errors (violations of the Content-Security-Policy are
    among them), exceptions, refused and failed requests. ``expected`` are regular expressions."""

    expected: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> Watch:
        """Watch this one too."""
        context.on("page", self._page)
        for page in context.pages:
            self._page(page)
        return self

    def expect(self, *patterns: str) -> None:
        """This is what the test is about."""
        self.expected += patterns

    def unexpected(self) -> list[str]:
        """What nobody expected."""
        patterns: Iterable[str] = (*_USUAL, *self.expected)
        return [each for each in self.complaints if not any(re.search(pattern, each) for pattern in patterns)]

    def check(self) -> None:
        """Raises AssertionError with what nobody expected."""
        assert not (found := self.unexpected()), "the page complained:\n" + "\n".join(found)

    def _page(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"exception: {error.stack or error.message}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # A refused request is told by its response, with its method and address.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _failed(self, request: Request) -> None:
        self.complaints.append(f"failed: {request.failure} {request.method} {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"refused: {response.status} {response.request.method} {response.url}")
