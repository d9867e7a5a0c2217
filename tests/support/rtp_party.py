"""A SIP party of one call with audio, by hand: it offers exactly the codecs it is told to, counts the packets that it
receives, and sends what requests it likes within the dialog.

Packets are counted because a tone that is missing says less: a party to whom the PBX sends nothing at all is deaf. What
it hears is known too: the tone of whoever talks is found in PCMU and PCMA alike.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self, cast

import numpy as np

from tests.support.audio import FRAME, FRAME_S, HEARD_DBFS, Samples, tone, tone_levels
from tests.support.far_end import decode as from_ulaw
from tests.support.far_end import encode as to_ulaw
from tests.support.sip_peer import Address, SipPeer, digest, header

PCMU, PCMA, G722 = "PCMU", "PCMA", "G722"
TYPES = {PCMU: 0, PCMA: 8, G722: 9}
"""The static payload types (RFC 3551)."""

EVENT_TYPE = 101
DTMF_HZ = {
    key: (low, high)
    for low, keys in ((697, "123"), (770, "456"), (852, "789"), (941, "*0#"))
    for key, high in zip(keys, (1209, 1336, 1477), strict=True)
}
"""ITU-T Q.23."""
_HEAD = 12
_ALAW = np.array([0, 8, 16, 24, 32, 40, 48, 56], dtype=np.int32)


def from_alaw(payload: bytes) -> Samples:
    """PCMA (ITU-T G.711, section 2.1)."""
    code = np.frombuffer(payload, dtype=np.uint8).astype(np.int32) ^ 0x55
    segment, size = (code >> 4) & 7, ((code & 15) << 4) + 8
    size = np.where(segment > 0, (size + 0x100) << np.maximum(segment - 1, 0), size)
    return np.where(code & 0x80, size, -size).astype(np.int16)


def to_alaw(samples: Samples) -> bytes:
    """The code whose value is nearest."""
    values = from_alaw(bytes(range(256))).astype(np.int32)
    order = np.argsort(values)
    wanted = samples.astype(np.int32)
    after = np.clip(np.searchsorted(values[order], wanted), 1, 255)
    low, high = values[order][after - 1], values[order][after]
    return bytes(order[np.where(wanted - low < high - wanted, after - 1, after)].astype(np.uint8))


@dataclass
class Heard:
    """What came in a stretch of time."""

    packets: int
    types: Counter[int] = field(default_factory=Counter)
    samples: Samples = field(default_factory=lambda: np.zeros(0, dtype=np.int16))

    def hears(self, hz: int) -> bool:
        """A tone is in it most of the time."""
        levels = tone_levels(self.samples, hz)
        return len(levels) > 0 and float(np.mean(levels > HEARD_DBFS)) > 0.5

    def has_heard(self, hz: int) -> bool:
        """A tone was in it for a moment."""
        return any(tone_levels(self.samples, hz) > HEARD_DBFS)


class _Audio(asyncio.DatagramProtocol):
    """One UDP port of RTP."""

    def __init__(self) -> None:
        self.received: list[tuple[float, int, bytes]] = []
        self.port = 0
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        if len(data) > _HEAD:
            self.received.append((time.monotonic(), data[1] & 0x7F, data[_HEAD:]))


class RtpParty(SipPeer):
    """``codecs`` are offered in this order; of an offer it takes the first that is among them (RFC 3264, 6.1). It rings
    until :meth:`lift`, and speaks (``hz``) from the agreement on. It has one call at a time."""

    def __init__(self, audio: _Audio, codecs: Iterable[str], hz: int) -> None:
        super().__init__()
        self.answers = (180,)
        self.codecs, self.hz = list(codecs), hz
        self.media_before = self.media_after = ""
        """Further lines of its SDP, e.g. of a fax, before and after its audio."""
        self.call_id_begins = ""
        """May hold bytes that are no text, as surrogates (PEP 383)."""
        self.speaks = True
        self.takes_events = False
        """It agrees to telephone-event (RFC 4733), for digits."""
        self.requests: list[str] = []
        self.codec: str | None = None
        """What was agreed."""
        self.sdp = ""
        """The PBX's."""
        self._audio = audio
        self._talk: asyncio.Task[None] | None = None
        self._tones: tuple[int, int] | None = None
        self._speaks_to: tuple[int, str] | None = None
        self._source = (b"", 0)
        self._local = self._remote = self._target = self._id = ""
        self._cseq = 1
        self._replies: asyncio.Queue[str] = asyncio.Queue()
        self._ended = asyncio.Event()
        self.renew_source()

    @classmethod
    @asynccontextmanager
    async def speaking(cls, server: Address, codecs: Iterable[str] = (PCMU,), hz: int = 1000) -> AsyncIterator[Self]:
        """A party at ``server``, the PBX."""
        loop = asyncio.get_running_loop()
        sound, audio = await loop.create_datagram_endpoint(_Audio, local_addr=("127.0.0.1", 0))
        transport, party = await loop.create_datagram_endpoint(
            lambda: cls(audio, codecs, hz), local_addr=("127.0.0.1", 0)
        )
        party.server = server
        try:
            yield party
        finally:
            await party.hang_up()
            transport.close()
            sound.close()

    # ---- calls

    async def dial(
        self, number: str, user: str = "+821012345678", within_s: float = 10, extra: Mapping[str, str] | None = None,
        *, password: str = "", shown: str = "",
    ) -> int:  # fmt: skip
        """Call; returns the final response, which is acknowledged. ``extra`` are further headers, ``password`` is that
        of an agent's phone, ``shown`` who stands in From instead of ``user``."""
        here, uri = f"127.0.0.1:{self.port}", f"sip:{number}@127.0.0.1"
        local = f"<sip:{shown or user}@{here}>;tag={secrets.token_hex(4)}"
        self._begin(self.call_id_begins + secrets.token_hex(8), local)
        self._remote, self._target, self._cseq = f"<{uri}>", uri, 0
        response = await self.ask("INVITE", extra, self._own_sdp(), within_s=within_s)
        if password:
            self.acknowledge(response)
            proof = digest(header(response, "WWW-Authenticate"), user, password, uri, "INVITE")
            more = {**(extra or {}), "Authorization": proof}
            response = await self.ask("INVITE", more, self._own_sdp(), within_s=within_s)
        status = int(response.split()[1])
        self._remote = header(response, "To")
        if status < 300:
            self._agree(response)
        self.acknowledge(response)
        return status

    @property
    def replaces(self) -> str:
        """The value of Replaces (RFC 3891) that would put another line in the place of this one."""
        theirs, ours = (re.findall(r"tag=([^;>]+)", side)[0] for side in (self._remote, self._local))
        return f"{self._id};to-tag={theirs};from-tag={ours}"

    async def rung(self, within_s: float = 10) -> str:
        """Wait until it rings; returns the INVITE."""
        return await asyncio.wait_for(self.invites.get(), within_s)

    async def lift(self, within_s: float = 10) -> None:
        """Wait until it rings, and answer."""
        await self.rung(within_s)
        self.answer()

    def answer(self) -> None:
        """Answer the call that rings."""
        assert self._invite is not None
        invite, _ = self._invite
        self._begin(header(invite, "Call-ID"), header(invite, "To") + ";tag=peer")
        self._remote, self._cseq = header(invite, "From"), 1
        self._agree(invite)
        self._respond(*self._invite, 200)

    async def ended(self, within_s: float = 10) -> None:
        """Wait until the PBX ends the call."""
        await asyncio.wait_for(self._ended.wait(), within_s)

    @property
    def is_up(self) -> bool:
        """It has a call, which nobody has ended."""
        return bool(self._id) and not self._ended.is_set()

    async def hang_up(self, reason: str = "") -> None:
        """End the call, if there is one. ``reason`` is as of RFC 3326."""
        if self.is_up and self._target:
            self._ended.set()
            with contextlib.suppress(TimeoutError):
                await self.ask("BYE", {"Reason": reason} if reason else None, within_s=2)
        await self.fall_silent()

    async def ask(
        self, method: str, extra: Mapping[str, str] | None = None, body: str = "", kind: str = "application/sdp",
        within_s: float = 5,
    ) -> str:  # fmt: skip
        """Send a request within the dialog; returns the final response. Raises TimeoutError when none comes. It is
        sent again as RFC 3261, 17.1.2 wants."""
        self._cseq += 1
        number, branch, pause = self._cseq, f"z9hG4bK{secrets.token_hex(6)}", 0.5
        async with asyncio.timeout(within_s):
            while True:
                self._send(self._request_text(method, number, branch, extra or {}, body, kind), self.server)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        return await self._final(method, number)
                pause = min(2 * pause, 4.0)

    async def hold(self, holds: bool = True, way: str = "sendonly") -> None:
        """Press the phone's own hold key, or retrieve. A way of RFC 3264, 8.4, or 0.0.0.0 as of RFC 2543, B.5."""
        sdp = self._own_sdp()
        if holds and way == "0.0.0.0":
            sdp = sdp.replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0")
        else:
            sdp += f"a={way if holds else 'sendrecv'}\r\n"
        response = await self.ask("INVITE", body=sdp)
        assert " 200 " in response.split("\r\n")[0], response
        self.acknowledge(response)

    async def agree_anew(self, way: str) -> None:
        """Ask for an offer, and answer it in the ACK with this direction (RFC 3261, 13.2.1), as gateways do: to play
        music of their own, or to refresh the session."""
        response = await self.ask("INVITE")
        assert " 200 " in response.split("\r\n")[0], response
        self.acknowledge(response, self._own_sdp() + f"a={way}\r\n")

    # ---- audio

    def renew_source(self) -> None:
        """A new stream: another SSRC, other numbers (RFC 3550), as after a change within the far network."""
        self._source = (secrets.token_bytes(4), secrets.randbelow(1 << 16))

    async def press(self, digit: int) -> None:
        """Send a digit as events, 100 ms long."""
        assert self._audio.transport is not None and self._speaks_to is not None
        ssrc, first = self._source
        for count in range(8):
            number = (first + 20_000 + count) & 0xFFFF
            kind = EVENT_TYPE | (0x80 if count == 0 else 0)
            head = bytes([0x80, kind]) + number.to_bytes(2, "big") + (777_777).to_bytes(4, "big") + ssrc
            is_end, lasted = (0x80 if count >= 5 else 0), min(FRAME * (count + 1), 5 * FRAME)
            event = bytes([digit, is_end | 10]) + lasted.to_bytes(2, "big")
            self._audio.transport.sendto(head + event, ("127.0.0.1", self._speaks_to[0]))
            await asyncio.sleep(FRAME_S)

    async def press_in_audio(self, digit: str) -> None:
        """Send a digit as the two tones of ITU-T Q.23 in the audio, 120 ms long."""
        self._tones = DTMF_HZ[digit]
        await asyncio.sleep(0.12)
        self._tones = None
        await asyncio.sleep(0.12)

    async def press_by_info(self, digit: str) -> None:
        """Send a digit in an INFO request, as many gateways do."""
        body = f"Signal={digit}\r\nDuration=160\r\n"
        response = await self.ask("INFO", body=body, kind="application/dtmf-relay")
        assert " 200 " in response.split("\r\n")[0], response

    async def die(self) -> None:
        """Fall silent, and answer nothing any more."""
        await self.fall_silent()
        self._ended.set()
        assert self._transport is not None
        self._transport.close()

    async def fall_silent(self) -> None:
        """Send no more audio."""
        talk, self._talk, self._speaks_to = self._talk, None, None
        if talk is not None:
            talk.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await talk

    async def hear(self, seconds: float = 0.4) -> Heard:
        """What comes from now on."""
        since = time.monotonic()
        await asyncio.sleep(seconds)
        return self.heard_since(since)

    def heard_since(self, since: float) -> Heard:
        """What has come since a moment (monotonic seconds)."""
        came = [each for each in self._audio.received if each[0] >= since]
        pcm = [_samples(kind, payload) for _, kind, payload in came if kind in (0, 8)]
        samples = np.concatenate(pcm) if pcm else np.zeros(0, dtype=np.int16)
        return Heard(len(came), Counter(kind for _, kind, _ in came), samples)

    def tone_lasted(self, hz: int) -> tuple[float, float]:
        """When the first packet with this tone came, and the last (monotonic seconds)."""
        came = [at for at, kind, payload in self._audio.received if kind in (0, 8) and _has(hz, kind, payload)]
        return came[0], came[-1]

    # ---- beneath

    def _begin(self, call_id: str, local: str) -> None:
        self._id, self._local = call_id, local
        self._ended.clear()
        self._replies = asyncio.Queue()
        self.codec = None

    def _agree(self, message: str) -> None:
        """Take the other side's SDP, and begin to speak."""
        self.sdp = message.partition("\r\n\r\n")[2]
        contact = re.search(r"<(sip:[^>]+)>", header(message, "Contact"))
        self._target = contact[1] if contact else self._target
        port, offered = _audio_of(self.sdp)
        self.codec = next((name for number in offered for name in self.codecs if str(TYPES[name]) == number), None)
        if self.codec and self.speaks and self._speaks_to != (port, self.codec):
            if self._talk is not None:
                self._talk.cancel()
            self._speaks_to = (port, self.codec)
            self.renew_source()
            self._talk = asyncio.create_task(self._play(("127.0.0.1", port), self.codec), name="rtp-party")

    async def _play(self, where: Address, codec: str) -> None:
        assert self._audio.transport is not None
        frame = _frame(codec, self.hz)
        begun, count = time.monotonic(), 0
        while True:
            source, first = self._source
            number = (first + count) & 0xFFFF
            head = bytes([0x80, TYPES[codec]]) + number.to_bytes(2, "big") + (count * FRAME).to_bytes(4, "big")
            pressed = self._tones
            self._audio.transport.sendto(head + source + (_pressed(codec, pressed, count) if pressed else frame), where)
            count += 1
            await asyncio.sleep(max(0.0, begun + count * FRAME_S - time.monotonic()))

    def _own_sdp(self, codecs: Iterable[str] | None = None) -> str:
        names = list(codecs or self.codecs)
        types = " ".join(str(TYPES[name]) for name in names)
        types += f" {EVENT_TYPE}" if self.takes_events else ""
        lines = [
            "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", *self.media_before.splitlines(),
            f"m=audio {self._audio.port} RTP/AVP {types}",
            *(f"a=rtpmap:{TYPES[name]} {name}/8000" for name in names),
            *([f"a=rtpmap:{EVENT_TYPE} telephone-event/8000"] if self.takes_events else []),
        ]  # fmt: skip
        return "".join(f"{line}\r\n" for line in lines) + self.media_after

    def _request_text(
        self, method: str, number: int, branch: str, extra: Mapping[str, str], body: str, kind: str
    ) -> str:
        here = f"127.0.0.1:{self.port}"
        lines = [
            f"{method} {self._target} SIP/2.0",
            f"Via: SIP/2.0/UDP {here};branch={branch};rport",
            "Max-Forwards: 70",
            f"From: {self._local}",
            f"To: {self._remote}",
            f"Call-ID: {self._id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:party@{here}>",
            *(f"{name}: {value}" for name, value in extra.items()),
            *([f"Content-Type: {kind}"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join(lines) + f"\r\n\r\n{body}"

    def acknowledge(self, response: str, body: str = "") -> None:
        """Send the ACK to a final response to INVITE; it has a body where the response had the offer."""
        number = int(header(response, "CSeq").split()[0])
        failed = int(response.split()[1]) >= 300
        found = re.search(r"branch=([^;\s]+)", header(response, "Via"))
        branch = found[1] if found and failed else f"z9hG4bK{secrets.token_hex(6)}"
        self._send(self._request_text("ACK", number, branch, {}, body, "application/sdp"), self.server)

    async def _final(self, method: str, number: int) -> str:
        while True:
            response = await self._replies.get()
            if header(response, "CSeq") == f"{number} {method}" and int(response.split()[1]) >= 200:
                return response

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        message, sender = data.decode(errors="surrogateescape"), (str(addr[0]), int(addr[1]))
        if message.startswith("SIP/2.0"):
            if self._id and header(message, "Call-ID") == self._id:
                self._replies.put_nowait(message)
            else:
                super().datagram_received(data, addr)
            return
        self.requests.append(message)
        ours = header(message, "Call-ID") == self._id and self.is_up
        if message.startswith("BYE") and ours:
            self._ended.set()
        if message.startswith("INVITE") and ours:
            self._agree(message)
            self._respond(message, sender, 200)
        else:
            super().datagram_received(data, addr)

    def _respond(self, message: str, sender: Address, status: int) -> None:
        body = self._own_sdp([self.codec] if self.codec else None)
        body = body if status in (183, 200) and message.startswith("INVITE") else ""
        to = header(message, "To")
        lines = [
            f"SIP/2.0 {status} Test",
            *re.findall(r"^Via:.*?(?=\r$)", message, re.MULTILINE),
            f"From: {header(message, 'From')}",
            f"To: {to if 'tag=' in to else to + ';tag=peer'}",
            f"Call-ID: {header(message, 'Call-ID')}",
            f"CSeq: {header(message, 'CSeq')}",
            f"Contact: <sip:peer@127.0.0.1:{self.port}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._send("\r\n".join(lines) + f"\r\n\r\n{body}", sender)


def _has(hz: int, kind: int, payload: bytes) -> bool:
    return any(tone_levels(_samples(kind, payload), hz) > HEARD_DBFS)


def _audio_of(sdp: str) -> tuple[int, list[str]]:
    """The port of the audio, and its payload types."""
    found = re.search(r"^m=audio (\d+) \S+ ([\d ]+)", sdp, re.MULTILINE)
    return (int(found[1]), found[2].split()) if found else (0, [])


def _pressed(codec: str, tones: tuple[int, int], count: int) -> bytes:
    """One frame of both tones, which goes on where the one before it ended."""
    times = (count * FRAME + np.arange(FRAME)) / 8000
    sound = sum(np.sin(2 * np.pi * hz * times) for hz in tones) * 8000
    samples = cast(Samples, np.asarray(sound).astype(np.int16))
    return to_alaw(samples) if codec == PCMA else to_ulaw(samples)


def _frame(codec: str, hz: int) -> bytes:
    """20 ms of a tone; of G.722 some bytes, which nobody here listens to."""
    if codec == G722:
        return b"\xfa" * FRAME
    return (to_ulaw if codec == PCMU else to_alaw)(tone(hz, FRAME_S))


def _samples(kind: int, payload: bytes) -> Samples:
    return from_ulaw(payload) if kind == 0 else from_alaw(payload)
