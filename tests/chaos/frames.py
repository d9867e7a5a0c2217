"""A proxy before the event socket that can lie in single messages: events that come twice, late or never, and orders
that the PBX refuses.

The frames of a WebSocket are texts in one piece here, those to the PBX with a mask (RFC 6455, section 5.2; neither side
sends others). Between two of them anything may be changed.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec

from tests.chaos.set_clock import SetClock
from tests.support.proxy import Proxy


class Trick(Protocol):
    """What is done to texts, one after the other."""

    def from_pbx(self, text: bytes) -> Iterable[bytes]:
        """Return the texts that are passed on instead of an event or a reply."""

    def to_pbx(self, text: bytes) -> bytes:
        """Return the text that is passed on instead of an order."""


REPLY = "RESTResponse"
_END_OF_HEAD = b"\r\n\r\n"
_BEGINNINGS = (b"GET ", b"HTTP/1.1 101")
"""Of heads that may lead to a WebSocket. Any other is passed on as it comes."""
_TEXT = 0x81
"""The first byte of a whole text frame."""
_SHORT, _MEDIUM, _LONG, _MASKED = 126, 1 << 16, 127, 0x80


class FrameProxy(Proxy):
    """``trick`` is done to each text; None: to none. ``clock`` is that of the PBX."""

    trick: Trick | None = None
    changed = 0
    """How many texts were not passed on just as they were."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self.clock = SetClock()

    def _rewriter(self, *, up: bool) -> Callable[[bytes], bytes]:
        frames = _Frames(self, up=up)
        return frames.rewritten if up else lambda data: self.clock.moved(frames.rewritten(data))


class _Frames:
    """What one side sends on one connection."""

    def __init__(self, proxy: FrameProxy, *, up: bool) -> None:
        self._proxy, self._up = proxy, up
        self._rest = b""
        self._upgraded = False
        """Whether this is a WebSocket by now. Other requests may come before that."""

    def rewritten(self, data: bytes) -> bytes:
        """Return what is passed on instead. Half a head, and half a frame, wait for their other half."""
        self._rest += data
        if self._upgraded:
            return b"".join(self._frames())
        head, end, behind = self._rest.partition(_END_OF_HEAD)
        if not end and any(self._rest.startswith(one) or one.startswith(self._rest) for one in _BEGINNINGS):
            return b""
        if not (end and _goes_over(head)):
            told, self._rest = self._rest, b""
            return told
        self._upgraded, self._rest = True, behind
        return head + end + b"".join(self._frames())

    def _frames(self) -> Iterable[bytes]:
        while (found := split(self._rest)) is not None:
            first, text, size = found
            frame, self._rest = self._rest[:size], self._rest[size:]
            trick = self._proxy.trick
            if trick is None or first != _TEXT:
                yield frame
                continue
            told = [trick.to_pbx(text)] if self._up else list(trick.from_pbx(text))
            self._proxy.changed += told != [text]
            for one in told:
                yield framed(one, masked=self._up)


def _goes_over(head: bytes) -> bool:
    """Return whether the two sides go over to a WebSocket by this: the request of one, the answer of the other."""
    head = head.lower()
    return head.startswith(b"http/1.1 101") or (head.startswith(b"get ") and b"upgrade: websocket" in head)


def split(data: bytes) -> tuple[int, bytes, int] | None:
    """Return the first byte, the payload and the whole size of the frame at the beginning; None: it is not whole."""
    if len(data) < 2:
        return None
    length, at, mask = data[1] & 0x7F, 2, data[1] & _MASKED
    if length >= _SHORT:
        form, at = (">H", 4) if length == _SHORT else (">Q", 10)
        if len(data) < at:
            return None
        (length,) = struct.unpack_from(form, data, 2)
    begin = at + (4 if mask else 0)
    if len(data) < begin + length:
        return None
    text = data[begin : begin + length]
    if mask:
        text = bytes(one ^ key for one, key in zip(text, itertools.cycle(data[at:begin])))
    return data[0], text, begin + length


def framed(text: bytes, *, masked: bool = False) -> bytes:
    """Return a text as a frame; the mask, where there is one, is nothing but zeros."""
    size, mask = len(text), _MASKED if masked else 0
    if size < _SHORT:
        head = bytes((_TEXT, size | mask))
    elif size < _MEDIUM:
        head = struct.pack(">BBH", _TEXT, _SHORT | mask, size)
    else:
        head = struct.pack(">BBQ", _TEXT, _LONG | mask, size)
    return head + (bytes(4) if masked else b"") + text


# ---- tricks


class _OfEvents:
    """A trick that leaves orders alone."""

    def to_pbx(self, text: bytes) -> bytes:
        """Return it as it is."""
        return text


class Doubled(_OfEvents):
    """Each event comes twice, the second time some events later."""

    def __init__(self, later: int = 3) -> None:
        self._later = later
        self._kept: list[bytes] = []

    def from_pbx(self, text: bytes) -> Iterable[bytes]:
        yield text
        if kind_of(text) == REPLY:
            return
        self._kept.append(text)
        if len(self._kept) > self._later:
            yield self._kept.pop(0)


class Swapped(_OfEvents):
    """Every third event comes behind what follows it, be that an event or a reply."""

    def __init__(self) -> None:
        self._count = 0
        self._kept: bytes | None = None

    def from_pbx(self, text: bytes) -> Iterable[bytes]:
        if kind_of(text) != REPLY:
            self._count += 1
            if self._kept is None and self._count % 3 == 0:
                self._kept = text
                return
        yield text
        if self._kept is not None:
            yield self._kept
            self._kept = None


class Lost(_OfEvents):
    """Every tenth event never comes."""

    def __init__(self, each: int = 10) -> None:
        self._each, self._count = each, 0

    def from_pbx(self, text: bytes) -> Iterable[bytes]:
        if kind_of(text) != REPLY:
            self._count += 1
            if self._count % self._each == 0:
                return
        yield text


class Refused:
    """Every tenth order is not carried out, and answered with an error: the PBX is asked for a sign of life instead,
    and its answer is changed."""

    def __init__(self, status: int, each: int = 10) -> None:
        self._status, self._each, self._count = status, each, 0
        self._refused: set[str] = set()

    def to_pbx(self, text: bytes) -> bytes:
        """Return the order, or the question instead."""
        order: dict[str, Any] = msgspec.json.decode(text)
        if order.get("method") == "GET":
            return text
        self._count += 1
        if self._count % self._each:
            return text
        self._refused.add(order["request_id"])
        asked = {"type": order["type"], "request_id": order["request_id"], "method": "GET", "uri": "asterisk/ping"}
        return msgspec.json.encode(asked)

    def from_pbx(self, text: bytes) -> Iterable[bytes]:
        """Yield the text, or the error."""
        if self._refused and kind_of(text) == REPLY:
            reply: dict[str, Any] = msgspec.json.decode(text)
            if reply["request_id"] in self._refused:
                self._refused.discard(reply["request_id"])
                reply |= {"status_code": self._status, "reason_phrase": "Chaos"}
                text = msgspec.json.encode(reply | {"message_body": '{"message": "chaos"}'})
        yield text


class _Kind(msgspec.Struct):
    type: str = ""


_kind = msgspec.json.Decoder(_Kind)


def kind_of(text: bytes) -> str:
    """Return the type of an event or reply."""
    return _kind.decode(text).type
