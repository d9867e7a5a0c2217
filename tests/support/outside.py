"""The telephone network behind the trunk: numbers that ring, answer, play something before that, are busy, refuse, or
do not exist.

One SIP socket for all numbers (a call finds its phone by the number in its Request-URI, RFC 3261 section 8.2.2), and
one thread for all audio, so that a busy event loop is never heard. A phone here can also register as an agent's: then
it can die without a word, which a phone of `tests.support.phones` cannot.
"""

from __future__ import annotations

import asyncio
import re
import socket
import threading
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from tests.support.audio import FRAME, FRAME_S, RATE, tone
from tests.support.far_end import decode, encode
from tests.support.party import WITHIN_S, Party
from tests.support.priority import audio_first
from tests.support.rtp_party import DTMF_HZ
from tests.support.sip_peer import Address, SipPeer, header

_RTP_HEADER = 12
TRYING, RINGING, PROGRESS, OK = 100, 180, 183, 200


class OutsideCall(Party):
    """One call that has come to a number. It speaks from the first agreement on audio, and hears from then on."""

    def __init__(self, world: OutsideWorld, invite: str, sender: Address, tone_hz: int) -> None:
        super().__init__(tone_hz)
        self.invite, self.sender = invite, sender
        self.tag = uuid.uuid4().hex[:8]
        self.is_dead = False
        self._world = world
        self.audio = _Audio(self)

    @property
    def caller(self) -> str:
        """The From header: who calls, as the called party sees it."""
        return header(self.invite, "From")

    @property
    def identities(self) -> set[str]:
        """Every number that the INVITE shows: From, P-Asserted-Identity, Remote-Party-ID, Contact, Diversion."""
        names = ("From", "P-Asserted-Identity", "Remote-Party-ID", "Contact", "Diversion", "History-Info")
        return {found for name in names for found in re.findall(r"sip:([+0-9]+)@", header(self.invite, name))}

    def say(self, status: int, way: str = "") -> None:
        """Answer the INVITE with this; 183 and 200 begin the audio, 300 and more end the call. ``way`` is the direction
        of the audio (RFC 3264)."""
        if self.ended_at is not None:
            return
        if status == RINGING:
            self.rang_at = time.monotonic()
        if status in (PROGRESS, OK):
            self.audio.begin(_rtp_of(self.invite))
        if status == OK:
            self.established_at = time.monotonic()
        self._world.respond(self, self.invite, self.sender, status, way)
        if status >= 300:
            self.over(str(status))
        self.tell()

    async def answer(self) -> None:
        """Lift the phone."""
        self.say(OK)

    async def press(self, key: str) -> None:
        """Press a key, which is heard as its tones."""
        self.audio.press(key)

    async def hang_up(self) -> None:
        """End the call, or refuse it while it rings; nothing when it has ended."""
        if self.ended_at is None and self.established_at is None:
            self.say(486)
        elif self.ended_at is None:
            self._world.bye(self)
            self.over("BYE sent")

    def die(self) -> None:
        """Fall silent and answer nothing any more, without saying so."""
        self.is_dead = True
        self.over("died")

    def over(self, why: str) -> None:
        """It has ended."""
        if self.ended_at is None:
            self.ended_at, self.end_reason = time.monotonic(), why
            self.audio.close()
            self.tell()


@dataclass(eq=False)
class OutsidePhone:
    """A number. ``answers`` are what it says at once to a call, e.g. (180,), (183,), (180, 200), (486,), or nothing."""

    number: str
    tone_hz: int
    answers: tuple[int, ...]
    calls: list[OutsideCall] = field(default_factory=list)
    _arrived: asyncio.Queue[OutsideCall] = field(default_factory=asyncio.Queue)

    def ring(self, call: OutsideCall) -> None:
        """A call has come."""
        self.calls.append(call)
        for status in self.answers:
            call.say(status)
        self._arrived.put_nowait(call)

    async def incoming(self, within_s: float = WITHIN_S) -> OutsideCall:
        """Wait for the next call that comes here."""
        try:
            return await asyncio.wait_for(self._arrived.get(), within_s)
        except TimeoutError:
            raise AssertionError(f"{self.number} was not called within {within_s} s") from None

    async def hang_up(self) -> None:
        """End whatever is up here."""
        for call in self.calls:
            await call.hang_up()


class OutsideWorld(SipPeer):
    """All numbers behind the trunk; one that nobody has is answered with 404."""

    def __init__(self) -> None:
        super().__init__()
        self.phones: dict[str, OutsidePhone] = {}
        self.calls: dict[str, OutsideCall] = {}
        self.audio = _AudioThread()

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[Self]:
        """Within it, the world answers at ``port``."""
        loop = asyncio.get_running_loop()
        transport, world = await loop.create_datagram_endpoint(cls, local_addr=("127.0.0.1", 0))
        world.audio.start()
        try:
            yield world
        finally:
            for call in world.calls.values():
                await call.hang_up()
            world.audio.stop()
            transport.close()

    def phone(self, number: str, tone_hz: int, answers: tuple[int, ...] = (RINGING,)) -> OutsidePhone:
        """Somebody gets this number."""
        self.phones[number] = OutsidePhone(number, tone_hz, answers)
        return self.phones[number]

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        message, sender = data.decode(errors="replace"), (str(addr[0]), int(addr[1]))
        method = message.split(" ", 1)[0]
        call = self.calls.get(header(message, "Call-ID"))
        if method == "SIP/2.0":
            super().datagram_received(data, addr)
        elif call is not None and call.is_dead:
            return
        elif method == "INVITE" and call is None:
            self._arrive(message, sender)
        elif method == "INVITE" and call is not None:
            self._again(call, message, sender)
        elif method == "CANCEL" and call is not None:
            self.respond(call, message, sender, OK)
            call.say(487)
        elif method != "ACK":
            self.respond(call, message, sender, OK)
            if call is not None and method == "BYE":
                call.over("BYE received")

    def _arrive(self, invite: str, sender: Address) -> None:
        found = re.match(r"INVITE sip:([^@;]+)@", invite)
        phone = self.phones.get(found[1]) if found else None
        call = OutsideCall(self, invite, sender, phone.tone_hz if phone else 1000)
        self.calls[header(invite, "Call-ID")] = call
        if phone is None:
            call.say(404)
        else:
            phone.ring(call)

    def _again(self, call: OutsideCall, invite: str, sender: Address) -> None:
        """A new agreement within the call; a mere repetition of the first INVITE says nothing new."""
        if header(invite, "CSeq") != header(call.invite, "CSeq"):
            self.respond(call, invite, sender, OK)

    def respond(self, call: OutsideCall | None, message: str, sender: Address, status: int, way: str = "") -> None:
        """Send a response, with SDP where it agrees on audio."""
        body = call.audio.sdp() if call and message.startswith("INVITE") and status in (PROGRESS, OK) else ""
        body += f"a={way}\r\n" if body and way else ""
        to = header(message, "To")
        tag = call.tag if call else "none"
        lines = [
            f"SIP/2.0 {status} Outside",
            *re.findall(r"^(?:Via|Record-Route):.*?(?=\r$)", message, re.MULTILINE),
            f"From: {header(message, 'From')}",
            f"To: {to if 'tag=' in to else f'{to};tag={tag}'}",
            f"Call-ID: {header(message, 'Call-ID')}",
            f"CSeq: {header(message, 'CSeq')}",
            f"Contact: <sip:outside@127.0.0.1:{self.port}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._send("\r\n".join(lines) + "\r\n\r\n" + body, sender)

    def bye(self, call: OutsideCall) -> None:
        """End a dialog from this side (RFC 3261, section 15)."""
        target = re.search(r"<([^>]+)>", header(call.invite, "Contact"))
        assert target is not None
        to = header(call.invite, "To")
        self._send(
            f"BYE {target[1]} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{uuid.uuid4().hex}\r\n"
            f"Max-Forwards: 70\r\n{_route(call.invite)}From: {to if 'tag=' in to else f'{to};tag={call.tag}'}\r\n"
            f"To: {header(call.invite, 'From')}\r\nCall-ID: {header(call.invite, 'Call-ID')}\r\nCSeq: 1 BYE\r\n"
            "Content-Length: 0\r\n\r\n",
            call.sender,
        )


class _Audio:
    """A call's RTP (RFC 3550, PCMU), sent and received by the thread."""

    def __init__(self, call: OutsideCall) -> None:
        self.call = call
        self._frame = encode(tone(call.tone_hz, FRAME_S))
        self._key: deque[bytes] = deque()
        self._socket: socket.socket | None = None
        self._where: Address | None = None
        self._sent = 0
        self._began_at = 0.0

    def begin(self, where: Address) -> None:
        if self._socket is not None:
            return
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self._where, self._began_at = where, time.monotonic()
        self.call._world.audio.add(self)

    def press(self, key: str) -> None:
        """Send a key as its two tones (ITU-T Q.23) for 200 ms, between two silences."""
        times = np.arange(round(0.2 * RATE)) / RATE
        low, high = (np.sin(2 * np.pi * hz * times) for hz in DTMF_HZ[key])
        pause = np.zeros(round(0.1 * RATE))
        samples = np.round(np.concatenate([pause, 8000 * (low + high), pause])).astype(np.int16)
        self._key.extend(encode(samples[begin : begin + FRAME]) for begin in range(0, len(samples), FRAME))

    def close(self) -> None:
        if self._socket is not None:
            self.call._world.audio.remove(self)

    def sdp(self) -> str:
        assert self._socket is not None
        return (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self._socket.getsockname()[1]} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
        )

    def serve(self) -> None:
        """What is due, and what has come."""
        assert self._socket is not None and self._where is not None
        now = time.monotonic()
        while self._began_at + self._sent * FRAME_S <= now:
            number = self._sent & 0xFFFF
            head = bytes([0x80, 0]) + number.to_bytes(2, "big") + (self._sent * FRAME).to_bytes(4, "big") + b"tone"
            frame = self._key.popleft() if self._key else self._frame
            self._socket.sendto(head + frame, self._where)
            self._sent += 1
        heard = b""
        while (data := _received(self._socket)) is not None:
            if len(data) > _RTP_HEADER and data[1] & 0x7F == 0:
                heard += decode(data[_RTP_HEADER:]).tobytes()
        self.call.heard.append(heard, time.monotonic())

    def end(self) -> None:
        """Nothing more is sent or received."""
        if self._socket is not None:
            self._socket.close()


def _received(sound: socket.socket) -> bytes | None:
    try:
        return sound.recv(2048)
    except (BlockingIOError, ConnectionError):
        return None


class _AudioThread:
    """Serves all calls every 10 ms."""

    def __init__(self) -> None:
        self._wanted: set[_Audio] = set()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outside-audio", daemon=True)

    def start(self) -> None:
        with audio_first():
            self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()
        for audio in self._wanted:
            audio.end()

    def add(self, audio: _Audio) -> None:
        with self._lock:
            self._wanted.add(audio)

    def remove(self, audio: _Audio) -> None:
        with self._lock:
            self._wanted.discard(audio)
        audio.end()

    def _run(self) -> None:
        while not self._over.wait(FRAME_S / 2):
            with self._lock:
                for audio in self._wanted:
                    audio.serve()


def _route(invite: str) -> str:
    """The way back through the proxies that wanted to stay in the call (RFC 3261, section 12.1.1)."""
    return "".join(f"Route: {hop}\r\n" for hop in re.findall(r"^Record-Route:\s*(.*?)\r$", invite, re.MULTILINE))


def _rtp_of(invite: str) -> Address:
    host = re.search(r"^c=IN IP4 ([0-9.]+)", invite, re.MULTILINE)
    port = re.search(r"^m=audio (\d+)", invite, re.MULTILINE)
    assert host and port, invite
    return host[1], int(port[1])
