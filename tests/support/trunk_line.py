"""A line of the trunk: customers' phones of this process, as they come from the provider's address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self, cast

from tests.support.sip_peer import Address

PROVIDER = "127.0.0.3"
"""The provider's address: phones and PBXs of this machine are at 127.0.0.1, its edge at 127.0.0.2."""


class TrunkLine(asyncio.DatagramProtocol):
    """Passes packets on, from customers to the edge and back, from the provider's address. What follows the answer
    goes past it: customers then know where the edge is."""

    def __init__(self, edge: Address) -> None:
        self.edge = edge
        self.port = 0
        self._customers: Address | None = None
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, edge: Address) -> AsyncIterator[Self]:
        """Within it, customers call ``PROVIDER:port``."""
        loop = asyncio.get_running_loop()
        transport, line = await loop.create_datagram_endpoint(lambda: cls(edge), local_addr=(PROVIDER, 0))
        try:
            yield line
        finally:
            transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        assert self._transport is not None
        sender = (str(addr[0]), int(addr[1]))
        if sender != self.edge:
            self._customers = sender
            self._transport.sendto(data, self.edge)
        elif self._customers is not None:
            self._transport.sendto(data, self._customers)
