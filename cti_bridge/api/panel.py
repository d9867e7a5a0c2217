"""The panel's files under ``/widget/``: read and compressed once, at start, then served from memory.

Only what was found then is served, so no path reaches the disk. A browser keeps the files and asks each time
whether they are still the same (``no-cache`` with a strong ETag, RFC 9110 section 8.8.3): after an upgrade no panel
runs with half of the old one.
"""

import gzip
import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from aiohttp import web

from cti_bridge.api.errors import not_found

BASE = "/widget/"

_INDEX = "index.html"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
}
"""What a page is made of; a file of another kind is not served."""

_SMALLER_BY = 0.9
"""A file is sent compressed when that makes it at least a tenth smaller: pictures and sounds are dense already."""


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of one file in one coding. ``etag`` is without quotes."""

    content: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class PanelFile:
    """``compressed`` is None when gzip would not make it smaller."""

    type: str
    plain: Body
    compressed: Body | None


def read_panel(directory: Traversable | None = None) -> dict[str, PanelFile]:
    """Every file of the panel by its path below ``/widget/``; those of the package unless told otherwise. Raises
    OSError when one cannot be read."""
    return dict(_read(directory or files("cti_bridge") / "widget", ""))


def _read(directory: Traversable, before: str) -> Iterator[tuple[str, PanelFile]]:
    for entry in directory.iterdir() if directory.is_dir() else ():
        path = before + entry.name
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _read(entry, path + "/")
        elif kind := _TYPES.get(PurePosixPath(entry.name).suffix):
            yield path, panel_file(kind, entry.read_bytes())


def panel_file(kind: str, content: bytes) -> PanelFile:
    """``kind`` is its media type."""
    tag = hashlib.sha256(content).hexdigest()[:32]
    packed = gzip.compress(content, mtime=0)
    smaller = len(packed) < _SMALLER_BY * len(content)
    return PanelFile(kind, Body(content, tag), Body(packed, f"{tag}-gzip") if smaller else None)


def page_headers(origins: Collection[str], phone_origin: str) -> Mapping[str, str]:
    """``origins`` are those of pages that may show the panel in a frame, ``phone_origin`` is that of the PBX's
    WebSocket, empty when no phone is in the page."""
    connect, ancestors = " ".join(["'self'", phone_origin]).strip(), " ".join(["'self'", *origins])
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
        f"connect-src {connect}; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    )
    return {"Content-Security-Policy": policy, "Permissions-Policy": "microphone=(self)"}


_EVERY_FILE = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}


class Panel:
    """Serves ``found``; a browser that has a file already is answered 304. ``page_headers`` are sent with pages alone:
    on the many modules beside them they would be bytes without a meaning."""

    def __init__(self, found: Mapping[str, PanelFile], page_headers: Mapping[str, str]) -> None:
        self._files, self._page_headers = found, page_headers

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", _to_panel, allow_head=True),
            web.get(BASE.rstrip("/"), _to_panel, allow_head=True),
            web.get(BASE + "{path:.*}", self._file, allow_head=True),
        ]

    async def _file(self, request: web.Request) -> web.Response:
        found = self._files.get(request.match_info["path"] or _INDEX)
        if found is None:
            raise not_found()
        packed = found.compressed if _takes_gzip(request.headers.get("Accept-Encoding", "")) else None
        body = packed or found.plain
        headers = {**_EVERY_FILE, "ETag": f'"{body.etag}"'}
        if found.type.startswith("text/html"):
            headers |= self._page_headers
        if _is_known(request, body.etag):
            return web.Response(status=304, headers=headers)
        if packed:
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=body.content, headers={**headers, "Content-Type": found.type})


async def _to_panel(_: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": BASE})


def _is_known(request: web.Request, etag: str) -> bool:
    """If-None-Match compares weakly (RFC 9110, section 13.1.2): a proxy may have weakened the tag."""
    return any(known.value in (etag, "*") for known in request.if_none_match or ())


def _takes_gzip(accepted: str) -> bool:
    """RFC 9110, section 12.5.3: a coding is refused with the weight 0."""
    for item in accepted.lower().split(","):
        coding, _, weight = item.partition(";")
        if coding.strip() in ("gzip", "x-gzip"):
            return weight.replace(" ", "").rstrip("0") not in ("q=", "q=0.")
    return False
