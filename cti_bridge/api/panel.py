"""The panel's files under ``/widget/``, served from memory.

The files are read once, in a thread: when one is first asked for, or a few seconds after the start, which is quicker
without them. Only files that were found then are served, so no path reaches the disk. A browser keeps the files and
asks each time whether they have changed (``no-cache`` with a strong ETag, RFC 9110 section 8.8.3). So no panel runs
with half of the old files after an upgrade. Brotli is slow to make, so it is made beside the event loop, and gzip is
sent until then.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from aiohttp import web

from cti_bridge.api.codings import accepted
from cti_bridge.api.errors import not_found
from cti_bridge.api.panel_files import Body, PanelFile

BASE = "/widget/"

_INDEX = "index.html"
_PAGES = {
    "/supervisor/reports": "reports.html",
    "/supervisor/live": "supervisor/index.html",
    "/wallboard": "wallboard/index.html",
}
"""The files of pages that have an address beside the panel's."""
_FIRST = (_INDEX, "style/panel.css", "main.js", "i18n/en.js")
"""The files that every panel loads first."""
_PREPARED_AFTER_S = 5.0
"""The calls of the start come first; and agents whose panels are open do not load them anew."""


def page_headers(origins: Collection[str], phone_origin: str) -> Mapping[str, str]:
    """Return the headers of the panel's pages. ``origins`` are those of pages that may show the panel in a frame.
    ``phone_origin`` is that of the PBX's WebSocket, empty when no phone is in the page."""
    connect, ancestors = " ".join(["'self'", phone_origin]).strip(), " ".join(["'self'", *origins])
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
        f"connect-src {connect}; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    )
    return {"Content-Security-Policy": policy, "Permissions-Policy": "microphone=(self)"}


_EVERY_FILE = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}


class PanelFiles:
    """Serves what ``read`` returns. A browser that has a file already is answered 304. ``page_headers`` are sent with
    pages alone: on the many modules beside them they would have no meaning."""

    def __init__(self, read: Callable[[], Mapping[str, PanelFile]], page_headers: Mapping[str, str]) -> None:
        self._read, self._page_headers = read, page_headers
        self._reading: asyncio.Future[Mapping[str, PanelFile]] | None = None
        self._soon: asyncio.TimerHandle | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="panel")
        self._asked: set[str] = set()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", _to_panel, allow_head=True),
            web.get(BASE.rstrip("/"), _to_panel, allow_head=True),
            web.get(BASE + "{path:.*}", self._file, allow_head=True),
            *(web.get(path, partial(self._page, file), allow_head=True) for path, file in _PAGES.items()),
        ]

    def prepare(self) -> None:
        """Begin in a few seconds to read all, and to compress what every panel loads, unless a panel came before. The
        rest is compressed when it is asked for."""
        self._soon = asyncio.get_running_loop().call_later(_PREPARED_AFTER_S, self._begin)

    def close(self) -> None:
        """Stop, without waiting for a file that is being compressed. No file may be served any more."""
        if self._soon is not None:
            self._soon.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _file(self, request: web.Request) -> web.Response:
        return await self._page(request.match_info["path"] or _INDEX, request)

    async def _page(self, path: str, request: web.Request) -> web.Response:
        found = (await asyncio.shield(self._begin())).get(path)
        if found is None:
            raise not_found()
        taken = accepted(request.headers.get("Accept-Encoding", ""))
        if "br" in taken:
            self._compress(path, found)
        choice = list(_codings(found, taken))
        known = next((body for _, body in choice if _is_known(request, body.etag)), None)
        coding, body = choice[0]
        headers = {**_EVERY_FILE, "ETag": f'"{(known or body).etag}"'}
        if found.type.startswith("text/html"):
            headers |= self._page_headers
        if known:
            return web.Response(status=304, headers=headers)
        if coding:
            headers["Content-Encoding"] = coding
        return web.Response(body=body.content, headers={**headers, "Content-Type": found.type})

    def _begin(self) -> asyncio.Future[Mapping[str, PanelFile]]:
        if self._reading is None:
            reading = self._thread.submit(self._read)
            self._thread.submit(lambda: compress_first(reading.result()))
            self._reading = asyncio.wrap_future(reading)
        return self._reading

    def _compress(self, path: str, file: PanelFile) -> None:
        if path not in self._asked:
            self._asked.add(path)
            self._thread.submit(file.compress)


def compress_first(found: Mapping[str, PanelFile]) -> None:
    """Compress the files that every panel loads."""
    for path in _FIRST:
        if path in found:
            found[path].compress()


def _codings(file: PanelFile, taken: frozenset[str]) -> Iterator[tuple[str, Body]]:
    """Yield the codings that the client takes, the smallest first. A browser may still have a larger one from the time
    before the smaller one was made."""
    if file.brotli and "br" in taken:
        yield "br", file.brotli
    if file.gzip and not taken.isdisjoint(("gzip", "x-gzip")):
        yield "gzip", file.gzip
    yield "", file.plain


async def _to_panel(_: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": BASE})


def _is_known(request: web.Request, etag: str) -> bool:
    """If-None-Match compares weakly (RFC 9110, section 13.1.2): a proxy may have weakened the tag."""
    return any(known.value in (etag, "*") for known in request.if_none_match or ())
