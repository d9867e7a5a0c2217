"""Channels that Asterisk cannot put into JSON. They are ended, for ARI never tells of them, and the operator is told.

A dialplan that lets bytes other than UTF-8 into its texts (a Call-ID, a dialled number) makes such a channel;
``asterisk/etc/extensions.conf`` refuses both. While it exists, the list of all channels fails.
"""

import asyncio

import structlog

from cti_bridge.ari.counters import Counters
from cti_bridge.ari.http import AriHttp
from cti_bridge.ari.reply import Reply
from cti_bridge.ari.requests import Request, channel

CALL_REJECTED = "21"
"""Q.850. A caller who was not answered yet gets 403."""
TOLD_FOR_S = 3600.0
"""The seconds for which the operator is told, from the last such channel on."""

log = structlog.get_logger(__name__)


def is_unreadable(reply: Reply) -> bool:
    """Return whether the answer to a GET of one object says that the object exists and cannot be put into JSON
    (seen)."""
    return reply.status == 200 and not reply.body


class Unreadable:
    """The unreadable channels of one PBX."""

    def __init__(self, node: str, http: AriHttp, counters: Counters) -> None:
        self._node = node
        self._http = http
        self._counters = counters
        self._ended: dict[str, float] = {}
        """The time at which each was last found, by the loop's clock."""

    async def end(self, leg_id: str) -> None:
        """End the channel; no event tells its end. A channel that is found again until it has ended is counted once."""
        self._forget_old()
        if leg_id not in self._ended:
            self._counters.unreadable += 1
            log.warning("pbx_channel_unreadable", node=self._node, leg_id=leg_id)
        self._ended[leg_id] = asyncio.get_running_loop().time()
        await self._http.request(Request("DELETE", channel(leg_id), {"reason_code": CALL_REJECTED}))

    @property
    def words(self) -> tuple[str, ...]:
        """Words for the operator; empty when there was none within the last hour."""
        self._forget_old()
        if not self._ended:
            return ()
        return (f"{len(self._ended)} channels that it cannot show were ended; its extensions.conf lets them in",)

    def _forget_old(self) -> None:
        since = asyncio.get_running_loop().time() - TOLD_FOR_S
        self._ended = {identity: at for identity, at in self._ended.items() if at > since}
