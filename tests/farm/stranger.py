"""A SIP sender at an address of its own, who says to the edge what it likes."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self, cast

import pytest

from tests.support.sip_peer import SDP, Address, digest, header

STRANGER = "127.0.0.7"
QUIET_S = 1.0
"""Nothing has come for so long: nothing will."""


class Stranger(asyncio.DatagramProtocol):
    """A SIP sender at an address of its own, who says what it likes."""

    def __init__(self, edge: Address) -> None:
        self.edge = edge
        self.own = ""
        self.received: asyncio.Queue[str] = asyncio.Queue()
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, edge: Address, address: str = STRANGER) -> AsyncIterator[Self]:
        """Within it, it sends from this address of loopback."""
        loop = asyncio.get_running_loop()
        transport, sender = await loop.create_datagram_endpoint(lambda: cls(edge), local_addr=(address, 0))
        try:
            yield sender
        finally:
            transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        host, port = transport.get_extra_info("sockname")
        self.own = f"{host}:{port}"

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        self.received.put_nowait(data.decode(errors="replace"))

    def say(
        self,
        method: str,
        user: str,
        *more: str,
        uri: str = "",
        to: str = "",
        call_id: str = "",
        cseq: int = 1,
        sdp: bool = False,
        forwards: int = 70,
    ) -> str:
        """Send a request as ``user``, with ``more`` headers. Returns its Call-ID."""
        host, port = self.edge
        call_id = call_id or secrets.token_hex(8)
        uri = uri or f"sip:{host}:{port}"
        body = SDP if sdp else ""
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.own};branch=z9hG4bK{secrets.token_hex(8)};rport",
            f"Max-Forwards: {forwards}",
            f"From: <sip:{user}@{host}>;tag=own",
            f"To: {to or f'<sip:{user}@{host}>'}",
            f"Call-ID: {call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:{user}@{self.own}>",
            *more,
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        assert self._transport is not None
        self._transport.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), self.edge)
        return call_id

    async def answer(self, within_s: float = 5) -> str:
        """The next final response; requests are left unanswered."""
        async with asyncio.timeout(within_s):
            while True:
                message = await self.received.get()
                if message.startswith("SIP/2.0") and int(message.split()[1]) >= 200:
                    return message

    async def status(self) -> int:
        return int((await self.answer()).split()[1])

    async def nothing_comes(self) -> None:
        with pytest.raises(TimeoutError):
            await self.answer(QUIET_S)

    @staticmethod
    def proof(challenge: str, user: str, password: str, uri: str, method: str) -> str:
        """The value of Authorization that answers a challenge."""
        return digest(challenge, user, password, uri, method)

    async def authorized(self, method: str, user: str, password: str, uri: str, *more: str, sdp: bool = False) -> str:
        """Say it, and again with the password that is asked for. Returns the last response."""
        call_id = self.say(method, user, *more, uri=uri, sdp=sdp)
        challenge = await self.answer()
        is_proxy = " 407 " in challenge.splitlines()[0]
        offered = header(challenge, "Proxy-Authenticate" if is_proxy else "WWW-Authenticate")
        proof = f"{'Proxy-' if is_proxy else ''}Authorization: {digest(offered, user, password, uri, method)}"
        self.say(method, user, proof, *more, uri=uri, sdp=sdp, call_id=call_id, cseq=2)
        return await self.answer()
