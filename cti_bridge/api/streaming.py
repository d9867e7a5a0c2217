"""Answers that are made while they are sent.

The source is asked for more only when the client has taken all before it, so neither side grows with the answer. An
answer that fits into one piece is sent with its length, as any other. A client that disconnects, or takes nothing for
:data:`STALLED_S`, ends the source. A source that fails in the middle breaks the connection: an orderly end would make a
part look like the whole.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import structlog
from aiohttp import web

from cti_bridge.api.codings import accepted
from cti_bridge.api.errors import route_name

PIECE = 64 * 1024
"""Bytes that are gathered before they are sent."""
STALLED_S = 30.0
"""The most seconds for which a client may take nothing of a piece."""

_log = structlog.get_logger("cti_bridge.api")


@dataclass(frozen=True, slots=True)
class Streamed:
    """``chunks`` is closed in any case. ``filename`` makes the answer a download of that name. ``dense``: compression
    would not make it smaller."""

    chunks: AsyncGenerator[bytes]
    content_type: str = "application/json"
    filename: str = ""
    dense: bool = False

    @property
    def headers(self) -> dict[str, str]:
        named = {"Content-Disposition": _disposition(self.filename)} if self.filename else {}
        return {"Content-Type": self.content_type, **named}


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """A file as it lies on disk, or the range of its bytes that the client asks for (RFC 9110, section 14)."""

    path: Path
    content_type: str
    filename: str = ""
    """The name of a copy to keep; empty: it is shown or played."""

    def response(self) -> web.FileResponse:
        """Return the response. Nobody else than the client's own browser may keep it, and that one not either."""
        headers = {"Content-Type": self.content_type, "Cache-Control": "private, no-store"}
        if self.filename:
            headers["Content-Disposition"] = _disposition(self.filename)
        return web.FileResponse(self.path, headers=headers)


@dataclass(frozen=True, slots=True)
class RangedAnswer:
    """As :class:`FileAnswer`, of ``size`` bytes that come from elsewhere. ``read`` yields so many bytes from a place
    on."""

    size: int
    read: Callable[[int, int], AsyncGenerator[bytes]]
    content_type: str
    filename: str = ""

    async def send(self, request: web.Request) -> web.StreamResponse:
        """Send what the client asks for. Raises what the source raises before its first bytes; what fails behind them
        breaks the connection."""
        headers = {"Content-Type": self.content_type, "Cache-Control": "private, no-store", "Accept-Ranges": "bytes"}
        if self.filename:
            headers["Content-Disposition"] = _disposition(self.filename)
        part = _range(request, self.size)
        if part is None:
            return web.Response(status=416, headers={"Content-Range": f"bytes */{self.size}"})
        start, stop = part
        whole = (start, stop) == (0, self.size)
        if not whole:
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{self.size}"
        async with aclosing(self.read(start, stop - start)) as pieces:
            first = await anext(pieces, b"")
            response = web.StreamResponse(status=200 if whole else 206, headers=headers)
            response.content_length = stop - start
            try:
                await response.prepare(request)
                await _write(response, first)
                async for piece in pieces:
                    await _write(response, piece)
            except (ConnectionError, TimeoutError):
                _abort(request)
            except Exception:
                _log.exception("answer_broken_off", method=request.method, route=route_name(request))
                _abort(request)
            return response


def _range(request: web.Request, size: int) -> tuple[int, int] | None:
    """Return from where to where the client wants the bytes; None: there are none there."""
    try:
        asked = request.http_range
    except ValueError:
        return None
    start, stop = asked.start or 0, min(size if asked.stop is None else asked.stop, size)
    start = max(0, size + start) if start < 0 else start
    return (start, stop) if start < stop else None


async def json_list(items: AsyncIterator[Any]) -> AsyncGenerator[bytes]:
    """Yield a JSON array of objects that msgspec encodes."""
    before = b"["
    async for item in items:
        yield before + msgspec.json.encode(item)
        before = b","
    yield b"[]" if before == b"[" else b"]"


async def send(request: web.Request, answer: Streamed) -> web.StreamResponse:
    """Send the answer. Raises what the source raises before its first piece is full. A cancellation closes the
    source."""
    async with aclosing(answer.chunks), aclosing(_pieces(answer.chunks)) as pieces:
        first, second = await anext(pieces, b""), await anext(pieces, None)
        if second is None:
            return web.Response(body=first, headers=answer.headers)
        response = web.StreamResponse(headers=answer.headers)
        if not answer.dense:
            response.headers["Vary"] = "Accept-Encoding"
            if "gzip" in accepted(request.headers.get("Accept-Encoding", "")):
                response.enable_compression(web.ContentCoding.gzip)
        try:
            await response.prepare(request)
            for piece in (first, second):
                await _write(response, piece)
            async for piece in pieces:
                await _write(response, piece)
        except (ConnectionError, TimeoutError):
            _abort(request)
        except Exception:
            _log.exception("answer_broken_off", method=request.method, route=route_name(request))
            _abort(request)
        return response


async def _write(response: web.StreamResponse, piece: bytes) -> None:
    async with asyncio.timeout(STALLED_S):
        await response.write(piece)


async def _pieces(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    held = bytearray()
    async for chunk in chunks:
        held += chunk
        if len(held) >= PIECE:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _disposition(filename: str) -> str:
    """Return the header of a download (RFC 6266, section 4.3). The plain name is for clients that know no other."""
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in " -_.()") else "_" for sign in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
