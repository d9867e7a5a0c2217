"""The far end of a call through the trunk, with audio: what a telephone network does before anybody answers.

It rings without audio (180), or plays something before the answer (183 with SDP, early media, RFC 3960), answers when
it is told to, plays a tone of its own from the first agreement on audio, and records what it hears.
"""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import numpy as np
from numpy.typing import NDArray

from tests.support.audio import FRAME, FRAME_S, Recording, tone
from tests.support.sip_peer import Address, SipPeer, header

_RTP_HEADER = 12
_BIAS, _CLIP = 0x84, 32635


def encode(samples: NDArray[np.int16]) -> bytes:
    """PCMU (ITU-T G.711, section 2.2)."""
    wide = samples.astype(np.int32)
    size = np.minimum(np.abs(wide), _CLIP) + _BIAS
    exponent = np.floor(np.log2(size)).astype(np.int32) - 7
    mantissa = (size >> (exponent + 3)) & 0x0F
    sign = np.where(wide < 0, 0x80, 0)
    return bytes((~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8))


def decode(payload: bytes) -> NDArray[np.int16]:
    code = ~np.frombuffer(payload, dtype=np.uint8).astype(np.int32) & 0xFF
    size = (((code & 0x0F) << 3) + _BIAS) << ((code >> 4) & 0x07)
    return np.where(code & 0x80, _BIAS - size, size - _BIAS).astype(np.int16)


class _Audio(asyncio.DatagramProtocol):
    """One UDP port of RTP."""

    def __init__(self, hz: int) -> None:
        self.heard = Recording()
        self.frame = encode(tone(hz, FRAME_S))
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        if len(data) > _RTP_HEADER and data[1] & 0x7F == 0:
            self.heard.append(decode(data[_RTP_HEADER:]).tobytes(), time.monotonic())

    async def play(self, where: Address) -> None:
        """The tone, without end."""
        assert self._transport is not None
        begun = time.monotonic()
        for number in range(1_000_000):
            head = bytes([0x80, 0]) + (number & 0xFFFF).to_bytes(2, "big") + (number * FRAME).to_bytes(4, "big")
            self._transport.sendto(head + b"tone" + self.frame, where)
            await asyncio.sleep(max(0.0, begun + (number + 1) * FRAME_S - time.monotonic()))


class FarEnd(SipPeer):
    """``answers`` as in `SipPeer`; 183 and 200 carry SDP. One call at a time."""

    def __init__(self, audio: _Audio, hz: int) -> None:
        super().__init__()
        self.tone_hz = hz
        self._audio = audio
        self._playing: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def with_audio(cls, hz: int = 1000) -> AsyncIterator["FarEnd"]:
        loop = asyncio.get_running_loop()
        sound, audio = await loop.create_datagram_endpoint(lambda: _Audio(hz), local_addr=("127.0.0.1", 0))
        transport, peer = await loop.create_datagram_endpoint(lambda: FarEnd(audio, hz), local_addr=("127.0.0.1", 0))
        try:
            yield peer
        finally:
            await peer.fall_silent()
            transport.close()
            sound.close()

    @property
    def heard(self) -> Recording:
        return self._audio.heard

    def answer(self) -> None:
        """Lift the phone that rings."""
        assert self._invite is not None
        self._respond(*self._invite, 200)

    def progress(self) -> None:
        """Play something before the answer."""
        assert self._invite is not None
        self._respond(*self._invite, 183)

    async def fall_silent(self) -> None:
        """Play nothing more, as a phone that has died."""
        if self._playing is not None:
            self._playing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._playing
            self._playing = None

    def _respond(self, message: str, sender: Address, status: int) -> None:
        invited = message.startswith("INVITE")
        body = self._sdp() if invited and status in (183, 200) else ""
        to = header(message, "To")
        lines = [
            f"SIP/2.0 {status} Test",
            *re.findall(r"^Via:.*?(?=\r$)", message, re.MULTILINE),
            f"From: {header(message, 'From')}",
            f"To: {to if 'tag=' in to else to + ';tag=far'}",
            f"Call-ID: {header(message, 'Call-ID')}",
            f"CSeq: {header(message, 'CSeq')}",
            f"Contact: <sip:far@127.0.0.1:{self.port}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._send("\r\n".join(lines) + "\r\n\r\n" + body, sender)
        if body and self._playing is None:
            self._playing = asyncio.create_task(self._audio.play(_rtp_of(message)), name="far-end-audio")

    def _sdp(self) -> str:
        return (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self._audio.port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
        )


def _rtp_of(invite: str) -> Address:
    host = re.search(r"^c=IN IP4 ([0-9.]+)", invite, re.MULTILINE)
    port = re.search(r"^m=audio (\d+)", invite, re.MULTILINE)
    assert host and port, invite
    return host[1], int(port[1])
