"""A SIP party in one UDP socket, without audio: it calls, is called, and says which final response came.

For tests that are about signalling; who hears whom is measured with real phones.
"""

import asyncio
import hashlib
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple, cast

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)
Address = tuple[str, int]


def header(message: str, name: str) -> str:
    found = re.search(rf"^{name}:\s*(.*?)\r$", message, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


class Call(NamedTuple):
    """A call that the peer made."""

    number: str
    call_id: str
    branch: str
    user: str


class SipPeer(asyncio.DatagramProtocol):
    """``answers`` are the responses to an INVITE that comes in, one after another."""

    def __init__(self) -> None:
        self.answers: tuple[int, ...] = (180, 200)
        self.invites: asyncio.Queue[str] = asyncio.Queue()
        self._responses: dict[str, asyncio.Queue[str]] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._invite: tuple[str, Address] | None = None
        self.server: Address = ("127.0.0.1", 0)
        self.port = 0

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator["SipPeer"]:
        loop = asyncio.get_running_loop()
        transport, peer = await loop.create_datagram_endpoint(cls, local_addr=("127.0.0.1", 0))
        try:
            yield peer
        finally:
            transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    # --- calling

    def call(self, number: str, name: str = "", user: str = "+821012345678") -> Call:
        call = Call(number, uuid.uuid4().hex, "z9hG4bK" + uuid.uuid4().hex[:12], user)
        self._responses[call.call_id] = asyncio.Queue()
        self._request("INVITE", call, name=name, body=SDP)
        return call

    def cancel(self, call: Call) -> None:
        self._request("CANCEL", call)

    async def final(self, call: Call, within_s: float = 30) -> int:
        """The final response to the call, which is acknowledged."""
        async with asyncio.timeout(within_s):
            while True:
                response = await self._responses[call.call_id].get()
                status = int(response.split()[1])
                if status >= 200 and "INVITE" in header(response, "CSeq"):
                    self._request("ACK", call, to=header(response, "To"))
                    return status

    async def register(self, user: str, password: str, expires_s: int = 60) -> int:
        """Register, or with 0 unregister, as an agent's phone. Returns the final status."""
        call = Call(user, uuid.uuid4().hex, "", user)
        queue = self._responses[call.call_id] = asyncio.Queue()
        extra = f"Contact: <sip:{user}@127.0.0.1:{self.port}>;expires={expires_s}\r\n"
        self._request("REGISTER", call._replace(branch="z9hG4bK" + uuid.uuid4().hex[:12]), extra=extra)
        async with asyncio.timeout(10):
            challenge = header(await queue.get(), "WWW-Authenticate")
        extra += f"Authorization: {digest(challenge, user, password, f'sip:{user}@127.0.0.1')}\r\n"
        call = call._replace(branch="z9hG4bK" + uuid.uuid4().hex[:12])
        self._request("REGISTER", call, cseq=2, extra=extra)
        async with asyncio.timeout(10):
            return int((await queue.get()).split()[1])

    def _request(
        self, method: str, call: Call, name: str = "", to: str = "", body: str = "", extra: str = "", cseq: int = 1
    ) -> None:
        extra = extra or f"Contact: <sip:peer@127.0.0.1:{self.port}>\r\n"
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self._send(
            f"{method} sip:{call.number}@127.0.0.1 SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch={call.branch}\r\nMax-Forwards: 70\r\n"
            f"From: {name}<sip:{call.user}@127.0.0.1:{self.port}>;tag=from{call.call_id[:6]}\r\n"
            f"To: {to or f'<sip:{call.number}@127.0.0.1>'}\r\nCall-ID: {call.call_id}\r\n"
            f"CSeq: {cseq} {method}\r\n{extra}{kind}Content-Length: {len(body)}\r\n\r\n{body}",
            self.server,
        )

    # --- being called

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        message, sender = data.decode(errors="replace"), (str(addr[0]), int(addr[1]))
        if message.startswith("SIP/2.0"):
            if (queue := self._responses.get(header(message, "Call-ID"))) is not None:
                queue.put_nowait(message)
            return
        method = message.split(" ", 1)[0]
        if method == "INVITE":
            self._invite = (message, sender)
            for status in self.answers:
                self._respond(message, sender, status)
            self.invites.put_nowait(message)
        elif method == "CANCEL" and self._invite is not None:
            self._respond(message, sender, 200)
            self._respond(*self._invite, 487)
        elif method != "ACK":
            self._respond(message, sender, 200)

    def _respond(self, message: str, sender: Address, status: int) -> None:
        body = SDP if status == 200 and message.startswith("INVITE") else ""
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
        self._send("\r\n".join(lines) + "\r\n\r\n" + body, sender)

    def _send(self, message: str, where: Address) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(message.encode(errors="surrogateescape"), where)


def digest(challenge: str, user: str, password: str, uri: str, method: str = "REGISTER") -> str:
    """RFC 2617 as Asterisk asks for it: MD5, with or without qop=auth."""
    field = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))

    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    ha1, ha2 = md5(f"{user}:{field['realm']}:{password}"), md5(f"{method}:{uri}")
    middle, more = field["nonce"], ""
    if "qop" in field:
        middle, more = f"{middle}:00000001:c0ffee:auth", ',qop=auth,nc=00000001,cnonce="c0ffee"'
    if "opaque" in field:
        more += f',opaque="{field["opaque"]}"'
    response = md5(f"{ha1}:{middle}:{ha2}")
    return (
        f'Digest username="{user}",realm="{field["realm"]}",nonce="{field["nonce"]}",uri="{uri}",'
        f'algorithm=MD5,response="{response}"{more}'
    )
