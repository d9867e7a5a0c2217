"""The panel's files under ``/widget/``, served from memory.

Only files that were found at the start are served, so no path reaches the disk. A browser keeps the files and asks each
time whether they have changed (``no-cache`` with a strong ETag, RFC 9110 section 8.8.3). So no panel runs with half of
the old files after an upgrade. Brotli is slow to make, so it is made beside the event loop, and gzip is sent until
then.
"""

from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from aiohttp import web

from cti_bridge.api.codings import accepted
from cti_bridge.api.errors import not_found
from cti_bridge.api.panel_files import Body, PanelFile

BASE = "/widget/"

_INDEX = "index.html"
_FIRST = (_INDEX, "style/panel.css", "main.js", "i18n/en.js")
"""The files that every panel loads first. Even the first panel after a start must not wait for them."""


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
    """Serves ``found``. A browser that has a file already is answered 304. ``page_headers`` are sent with pages alone:
    on the many modules beside them they would have no meaning."""

    def __init__(self, found: Mapping[str, PanelFile], page_headers: Mapping[str, str]) -> None:
        self._files, self._page_headers = found, page_headers
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="panel")
        self._asked: set[str] = set()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", _to_panel, allow_head=True),
            web.get(BASE.rstrip("/"), _to_panel, allow_head=True),
            web.get(BASE + "{path:.*}", self._file, allow_head=True),
        ]

    def prepare(self) -> None:
        """Begin to compress the files that every panel loads. The rest follows when it is asked for."""
        for path in _FIRST:
            if path in self._files:
                self._compress(path)

    def close(self) -> None:
        """Stop, without waiting for a file that is being compressed. No file may be served any more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _file(self, request: web.Request) -> web.Response:
        path = request.match_info["path"] or _INDEX
        found = self._files.get(path)
        if found is None:
            raise not_found()
        taken = accepted(request.headers.get("Accept-Encoding", ""))
        if "br" in taken:
            self._compress(path)
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

    def _compress(self, path: str) -> None:
        if path not in self._asked:
            self._asked.add(path)
            self._thread.submit(self._files[path].compress)


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
