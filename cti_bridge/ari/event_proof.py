"""Whether a connection carries out orders and brings events.

A connection can look well and be of no use. It can be deaf. Asterisk 22.10.1 takes an application out of service when
its socket is closed. A new socket may ask for the application in that moment. The end of the old socket then takes it
away from the new one (seen in 15 of 100 reconnects without a pause). Every channel that enters it afterwards is thrown
out: "Stasis app ... not active". Or an order hangs, and the connection carries out no orders while events come. ARI has
no request that tells either. So we order an event on the socket itself, and it has to come (seen: the reply after 0.4
ms, the event after 0.6 ms).
"""

import asyncio
import contextlib

from cti_bridge.ari.errors import PbxDeaf, PbxHangs, PbxUnreachable
from cti_bridge.ari.refusals import DROPPED, TIMED_OUT
from cti_bridge.ari.reply import Reply
from cti_bridge.ari.requests import Request
from cti_bridge.ari.socket import EventSocket

EVERY_S = 5.0
WITHIN_S = 3.0
"""The limit in seconds for the event after the reply."""
LAGS_AT_MOST_S = 30.0
"""The limit in seconds for the reply. It waits behind all earlier orders; one that hangs is seen long before
(:meth:`EventSocket.hangs`)."""
_NAME = "cti_bridge_hears"


class EventProof:
    """The proof for one connection."""

    def __init__(self, socket: EventSocket, app: str) -> None:
        self._socket = socket
        self._app = app
        self._heard = asyncio.Event()

    def heard(self) -> None:
        """An event came. Any event shows that the connection hears. On a PBX that lags, the ordered one waits behind
        others."""
        self._heard.set()

    async def prove(self) -> None:
        """Order an event and wait for one. Raises PbxHangs when the order is not carried out, PbxDeaf when no event
        comes, PbxUnreachable when the order is refused or the socket is closed. May be cancelled at any time."""
        self._heard.clear()
        reply = await self._order()
        if reply.status == TIMED_OUT:
            raise PbxHangs("it carries out no orders on this connection")
        if not reply.ok:
            why = "the socket has gone" if reply.status == DROPPED else f"it answered {reply.status}"
            raise PbxUnreachable(f"an event could not be ordered: {why}")
        try:
            # Not wait_for, which in Python 3.11 may lose a cancellation that comes with the event.
            async with asyncio.timeout(WITHIN_S):
                await self._heard.wait()
        except TimeoutError:
            raise PbxDeaf("it sends no events on this connection") from None

    async def _order(self) -> Reply:
        order = Request("POST", f"/events/user/{_NAME}", {"application": self._app})
        came: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._socket.send(order, lambda reply: None if came.done() else came.set_result(reply), LAGS_AT_MOST_S)
        return await came

    async def watch(self) -> None:
        """Prove the connection again and again, until cancelled. Raises PbxHangs, PbxDeaf."""
        while True:
            await asyncio.sleep(EVERY_S)
            with contextlib.suppress(PbxUnreachable):  # A refusal is an answer.
                await self.prove()
