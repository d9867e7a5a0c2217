"""The panel's files in memory: read, joined and compressed once a process.

A browser that loads 75 modules one by one waits for each level of imports. Compressed one by one they are twice as
large. So the entry of each page, each of its dynamic imports, and each sheet that imports others are joined into one
file each. The file has the path of the file that it begins with. The single files stay beside them.
"""

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

import brotli

from cti_bridge.api.joining import Joined, JoinError, join_modules, join_sheets

_ENTRIES = ("main.js", "reports/main.js", "wallboard/main.js", "supervisor/main.js")
"""The modules that pages begin with: that of agents, and those of supervisors. No page loads two of them."""

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
"""The kinds of files that a page is made of. A file of another kind is not served."""

_SMALLER_BY = 0.9
"""A file is sent compressed when that makes it at least a tenth smaller: pictures and sounds are dense already."""


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of one file in one coding. ``etag`` is without quotes."""

    content: bytes
    etag: str


@dataclass(slots=True)
class PanelFile:
    """``gzip`` is None when it would not make the file smaller. ``brotli`` is None until :meth:`compress` has run,
    which takes 0.1 s for ``main.js`` and 0.3 s for the phone."""

    type: str
    plain: Body
    gzip: Body | None
    brotli: Body | None = None

    def compress(self) -> None:
        """Compress the file, unless that was done before or is of no use. The interpreter runs on meanwhile."""
        if self.gzip and not self.brotli:
            self.brotli = Body(brotli.compress(self.plain.content, quality=11), f"{self.plain.etag}-br")


@cache
def read_panel(directory: Traversable | None = None) -> Mapping[str, PanelFile]:
    """Return every file of the panel by its path below ``/widget/``; those of the package unless told otherwise. Raises
    OSError when a file cannot be read, JoinError."""
    contents = dict(_read(directory or files("cti_bridge") / "widget", ""))
    joined = {path: each.text.encode() for path, each in join_panel(contents).items()}
    return {path: panel_file(_kind(path), content) for path, content in {**contents, **joined}.items()}


def panel_file(kind: str, content: bytes) -> PanelFile:
    """``kind`` is its media type."""
    tag = hashlib.sha256(content).hexdigest()[:32]
    packed = gzip.compress(content, mtime=0)
    smaller = len(packed) < _SMALLER_BY * len(content)
    return PanelFile(kind, Body(content, tag), Body(packed, f"{tag}-gzip") if smaller else None)


def join_panel(contents: Mapping[str, bytes]) -> dict[str, Joined]:
    """Return the joined files by the path that each begins with. The others import the shared modules from the entry of
    their page. Raises JoinError, also when a module would be in two files of a page: it would run twice, each time with
    a state of its own; and when two pages would need another file under the same path."""

    def read(path: str) -> str:
        return contents[path].decode()

    joined: dict[str, Joined] = {}
    for entry in _ENTRIES:
        if entry in contents:
            page = join_modules(entry, read, partial(_meant, entry, contents))
            _check_apart(page)
            for path in page.keys() & joined.keys():
                if page[path].text != joined[path].text:
                    raise JoinError(f"{path}:1: {entry} needs another file under this path than the pages before it")
            joined |= page
    sheets = [path for path in contents if path.endswith(".css") and b"@import" in contents[path]]
    return joined | {path: join_sheets(path, read) for path in sheets}


def _meant(entry: str, paths: Mapping[str, bytes], patterns: tuple[str, ...]) -> Iterator[str]:
    for pattern in patterns:
        found = [path for path in sorted(paths) if fnmatchcase(path, pattern)]
        if not found:
            raise JoinError(f"{entry}:1: there is no {pattern}, which is imported dynamically")
        yield from found


def _check_apart(joined: Mapping[str, Joined]) -> None:
    place: dict[str, str] = {}
    for entry, each in joined.items():
        for part in each.parts:
            if part in place:
                both = f"for {place[part]} and for {entry}"
                raise JoinError(f"{part}:1: would run twice, {both}: hand over as an argument what both need")
            place[part] = entry


def _read(directory: Traversable, before: str) -> Iterator[tuple[str, bytes]]:
    for entry in directory.iterdir() if directory.is_dir() else ():
        path = before + entry.name
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _read(entry, path + "/")
        elif _kind(path):
            yield path, entry.read_bytes()


def _kind(path: str) -> str:
    return _TYPES.get(PurePosixPath(path).suffix, "")
