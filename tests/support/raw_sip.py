"""SIP by hand (RFC 3261, over UDP), for what no decent phone would do: any bytes in From, any response to a call.

Just enough of it for one call at a time and no audio.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from tests.support.phones import Registrar

T1_S = 0.5
WITHIN_S = 10.0
IGNORED_AFTER_S = 1.2


class NoResponse(AssertionError):
    """Nothing came back, not even a provisional response."""


class RawPeer(asyncio.DatagramProtocol):
    """One UDP port that talks SIP, within ``async with``."""

    def __init__(self, registrar: Registrar) -> None:
        self._pbx = registrar
        self._transport: asyncio.DatagramTransport | None = None
        self._changed = asyncio.Event()
        self.responses: list[bytes] = []
        self.requests: list[bytes] = []
        self.port = 0

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.port = self._transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._transport is not None
        self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        """Keep it, and react to requests."""
        if data.startswith(b"SIP/2.0"):
            self.responses.append(data)
        elif data.strip():
            self.requests.append(data)
            self.on_request(data)
        self._changed.set()

    def on_request(self, request: bytes) -> None:
        """What a call's other end asks for is granted: BYE, OPTIONS, CANCEL."""
        if not request.startswith(b"ACK"):
            self.respond(request, 200, "OK")

    def send(self, message: bytes) -> None:
        """Send bytes to the PBX."""
        assert self._transport is not None
        self._transport.sendto(message, (self._pbx.host, self._pbx.port))

    def respond(self, request: bytes, code: int, reason: str, tag: str = "raw") -> None:
        """Answer a request, without a body (section 8.2.6.2)."""
        lines = [line for line in _head(request) if _name(line) in (b"via", b"from", b"call-id", b"cseq")]
        to = b"To: " + header(request, "To")
        lines.append(to if b"tag=" in to else to + f";tag={tag}".encode())
        contact = f"Contact: <sip:127.0.0.1:{self.port}>".encode()
        self.send(_message(f"SIP/2.0 {code} {reason}".encode(), [*lines, contact]))

    async def response(self, method: str, least: int = 200, within_s: float = WITHIN_S) -> tuple[int, bytes]:
        """Wait for a response to a method whose code is at least this; the newest counts."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    self._changed.clear()
                    for message in reversed(self.responses):
                        code = int(message[8:11])
                        if code >= least and header(message, "CSeq").endswith(method.encode()):
                            return code, message
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"no final response to {method} within {within_s} s") from None

    async def _repeat(self, message: bytes, method: str, within_s: float = WITHIN_S) -> tuple[int, bytes]:
        """Send until anything comes back (17.1.1.2), and wait for the final response."""
        count, pause, end = len(self.responses), T1_S, time.monotonic() + within_s
        while len(self.responses) == count:
            if time.monotonic() > end:
                raise NoResponse(f"nothing came back to {method}")
            self.send(message)
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), pause)
            except TimeoutError:
                pause *= 2
        return await self.response(method)


class RawCaller(RawPeer):
    """A caller from the telephone network who can put any bytes into From, and in front of the Call-ID. ``more`` are
    further lines of the INVITE."""

    def __init__(self, registrar: Registrar, call_id: bytes = b"", more: Sequence[bytes] = ()) -> None:
        super().__init__(registrar)
        self.more = more
        self._call_id = secrets.token_hex(8)
        self._whole_call_id = call_id + self._call_id.encode()
        self._branch = f"z9hG4bK{secrets.token_hex(8)}"
        self._from = b""
        self._target = b""
        self._to = b""

    async def call(self, number: str, from_: bytes) -> int:
        """Invite with ``from_`` as the From header without its tag, and acknowledge the final response. Returns its
        code; 0 when the PBX does not even answer."""
        self._target = self._pbx.uri(number).encode()
        self._from = b"From: " + from_ + b";tag=" + self._call_id.encode()
        self._to = b"To: <" + self._target + b">"
        invite = self._request("INVITE", self._branch, sdp=_sdp(self.port))
        try:
            code, answer = await self._repeat(invite, "INVITE", IGNORED_AFTER_S)
        except NoResponse:
            return 0
        self._to = b"To: " + header(answer, "To")
        self.send(self._request("ACK", self._branch if code >= 300 else self._new_branch()))
        return code

    async def hang_up(self) -> None:
        """End the answered call."""
        await self._repeat(self._request("BYE", self._new_branch(), 2), "BYE")

    def _new_branch(self) -> str:
        return f"z9hG4bK{secrets.token_hex(8)}"

    def _request(self, method: str, branch: str, number: int = 1, sdp: bytes = b"") -> bytes:
        lines = [
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch={branch};rport".encode(),
            b"Max-Forwards: 70",
            self._from,
            self._to,
            b"Call-ID: " + self._whole_call_id,
            f"CSeq: {number} {method}".encode(),
            f"Contact: <sip:caller@127.0.0.1:{self.port}>".encode(),
        ]
        if sdp:
            lines += [*self.more, b"Content-Type: application/sdp"]
        return _message(f"{method} {self._target.decode()} SIP/2.0".encode(), lines, sdp)


class RawDialer(RawCaller):
    """An agent's phone, not registered, that dials whatever it is told."""

    def __init__(self, registrar: Registrar, cti_number: str, password: str, more: Sequence[bytes] = ()) -> None:
        super().__init__(registrar, more=more)
        self._user, self._password, self._further = cti_number, password, more

    async def dial(self, written: str) -> int:
        """Invite ``written``, the user part as it stands in the request, with the password. The final response."""
        uri = f"sip:{self._pbx.host}:{self._pbx.port}"
        from_ = f"<{self._pbx.uri(self._user)}>".encode()
        code = await self.call(written, from_)
        if code == 401:
            proof = _proof(self.responses[-1], "INVITE", uri, self._user, self._password)
            self.more = (*self._further, b"Authorization: " + proof.encode())
            self._call_id, self._branch = secrets.token_hex(8), self._new_branch()
            self._whole_call_id = self._call_id.encode()
            self.responses.clear()
            code = await self.call(written, from_)
        return code


class RawPhone(RawPeer):
    """A registered phone that refuses every call with ``code``."""

    def __init__(self, registrar: Registrar, cti_number: str, password: str, code: int) -> None:
        super().__init__(registrar)
        self._user, self._password, self._code = cti_number, password, code
        self._call_id = secrets.token_hex(8)

    @property
    def rang(self) -> int:
        """How many different calls have come."""
        return len({header(request, "Call-ID") for request in self.requests if request.startswith(b"INVITE")})

    async def register(self) -> None:
        """Register with a password (section 10, RFC 2617)."""
        code, challenge = await self._repeat(self._register(1), "REGISTER")
        assert code == 401, challenge
        code, answer = await self._repeat(self._register(2, self._credentials(challenge)), "REGISTER")
        while code == 401:
            self.responses.remove(answer)
            code, answer = await self.response("REGISTER")
        assert code == 200, answer

    def on_request(self, request: bytes) -> None:
        """Refuse calls; grant the rest."""
        if not request.startswith(b"INVITE"):
            super().on_request(request)
            return
        self.respond(request, 180, "Ringing")
        self.respond(request, self._code, "No")

    def _register(self, number: int, credentials: str = "") -> bytes:
        here = f"127.0.0.1:{self.port}"
        lines = [
            f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{secrets.token_hex(8)};rport",
            "Max-Forwards: 70",
            f"From: <{self._pbx.uri(self._user)}>;tag={self._call_id}",
            f"To: <{self._pbx.uri(self._user)}>",
            f"Call-ID: {self._call_id}",
            f"CSeq: {number} REGISTER",
            f"Contact: <sip:{self._user}@{here}>",
            "Expires: 300",
        ]
        if credentials:
            lines.append(f"Authorization: {credentials}")
        first = f"REGISTER sip:{self._pbx.host}:{self._pbx.port} SIP/2.0"
        return _message(first.encode(), [line.encode() for line in lines])

    def _credentials(self, challenge: bytes) -> str:
        uri = f"sip:{self._pbx.host}:{self._pbx.port}"
        return _proof(challenge, "REGISTER", uri, self._user, self._password)


def header(message: bytes, name: str) -> bytes:
    """The first value of a header; empty when there is none."""
    for line in _head(message):
        if _name(line) == name.lower().encode():
            return line.partition(b":")[2].strip()
    return b""


def _head(message: bytes) -> list[bytes]:
    return message.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]


def _name(line: bytes) -> bytes:
    return line.partition(b":")[0].strip().lower()


def _message(first: bytes, lines: list[bytes], body: bytes = b"") -> bytes:
    return b"\r\n".join([first, *lines, f"Content-Length: {len(body)}".encode(), b"", body])


def _proof(challenge: bytes, method: str, uri: str, user: str, password: str) -> str:
    """The value of Authorization that a 401 asks for."""
    offered = header(challenge, "WWW-Authenticate").decode()
    values = dict(re.findall(r'(\w+)="([^"]*)"', offered))
    realm, nonce = values["realm"], values["nonce"]
    count, own = "00000001", secrets.token_hex(8)
    secret, asked = _md5(f"{user}:{realm}:{password}"), _md5(f"{method}:{uri}")
    proof = _md5(f"{secret}:{nonce}:{count}:{own}:auth:{asked}")
    opaque = f', opaque="{values["opaque"]}"' if "opaque" in values else ""
    return (
        f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
        f'response="{proof}", algorithm=MD5, qop=auth, nc={count}, cnonce="{own}"{opaque}'
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _sdp(port: int) -> bytes:
    here = "IN IP4 127.0.0.1"
    audio = [f"m=audio {port + 1} RTP/AVP 0", "a=rtpmap:0 PCMU/8000"]
    lines = ["v=0", f"o=raw 1 1 {here}", "s=raw", f"c={here}", "t=0 0", *audio]
    return "".join(f"{line}\r\n" for line in lines).encode()
