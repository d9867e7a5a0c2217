"""Channels that Asterisk cannot put into JSON: ended, for nobody can ever be told of them, and told to the operator.

Such a channel comes past a dialplan that lets bytes into its texts that are no UTF-8 (a Call-ID, a dialled number;
``asterisk/etc/extensions.conf`` refuses both). While it stands, the list of all channels fails.
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
"""How long after the last one the operator is told."""

log = structlog.get_logger(__name__)


def is_unreadable(reply: Reply) -> bool:
    """Whether the answer to a GET of one object says that it exists and cannot be put into JSON (seen)."""
    return reply.status == 200 and not reply.body


class Unreadable:
    """Of one PBX."""

    def __init__(self, node: str, http: AriHttp, counters: Counters) -> None:
        self._node = node
        self._http = http
        self._counters = counters
        self._ended: dict[str, float] = {}
        """When each was last found, by the loop's clock."""

    async def end(self, leg_id: str) -> None:
        """End the channel; its end is told by nobody. Found again until it is gone, it is counted once."""
        self._forget_old()
        if leg_id not in self._ended:
            self._counters.unreadable += 1
            log.warning("pbx_channel_unreadable", node=self._node, leg_id=leg_id)
        self._ended[leg_id] = asyncio.get_running_loop().time()
        await self._http.request(Request("DELETE", channel(leg_id), {"reason_code": CALL_REJECTED}))

    @property
    def words(self) -> tuple[str, ...]:
        """For the operator; empty when there was none within the last hour."""
        self._forget_old()
        if not self._ended:
            return ()
        return (f"{len(self._ended)} channels that it cannot show were ended; its extensions.conf lets them in",)

    def _forget_old(self) -> None:
        since = asyncio.get_running_loop().time() - TOLD_FOR_S
        self._ended = {identity: at for identity, at in self._ended.items() if at > since}
