"""Whether events of the application still reach this connection.

A connection can be deaf and look well: pings are answered, requests too, even those on the socket. Asterisk 22.10.1
takes an application out of service when the socket it belonged to is closed; when a new socket asks for it in that
moment, the old one's end takes it away from the new one (seen in 15 of 100 reconnects without a pause). Every
channel that enters it afterwards is thrown out: "Stasis app ... not active". Nothing that ARI can be asked says so,
so an event is ordered, and has to come.
"""

import asyncio

from cti_bridge.ari.errors import PbxDeaf, PbxUnreachable
from cti_bridge.ari.http import AriHttp
from cti_bridge.ari.requests import Request

EVERY_S = 5.0
WITHIN_S = 3.0
ORDERED = "ChannelUserevent"
"""The type of the event that is ordered; the event filter must let it through."""

_NAME = "cti_bridge_hears"


class Hearing:
    """Of one node's connections."""

    def __init__(self, http: AriHttp, app: str) -> None:
        self._http = http
        self._order = Request("POST", f"/events/user/{_NAME}", {"application": app})
        self._heard = asyncio.Event()

    def heard(self) -> None:
        """An event came. Whichever it was: on a PBX that lags, the one that was ordered waits behind others."""
        self._heard.set()

    async def prove(self) -> None:
        """Order an event and wait for one. Raises PbxDeaf when none comes, PbxUnreachable when it cannot be ordered."""
        self._heard.clear()
        reply = await self._http.request(self._order)
        if not reply.ok:
            raise PbxUnreachable(f"{self._order.method} {self._order.path} answered {reply.status}")
        try:
            await asyncio.wait_for(self._heard.wait(), WITHIN_S)
        except TimeoutError:
            raise PbxDeaf("it sends no events on this connection") from None

    async def watch(self) -> None:
        """Prove it again and again. Raises PbxDeaf."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.prove()
            except PbxUnreachable:
                continue  # The socket's own heartbeat says whether the PBX is there.
