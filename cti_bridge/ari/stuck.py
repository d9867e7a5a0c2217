"""Channels that hang in Asterisk. Every order for such a channel waits for ever, and so does its sender.

A channel's own thread opens the sound file that it plays. If that never returns (a network disk that hangs; seen with a
FIFO in the file's place), the channel carries out no orders, but looks well in every list. Some orders are answered
only when the channel has carried them out: answer, addChannel, removeChannel, and setting a variable. The last does no
harm, so it is the question asked here.

Hold music makes it worse: the channel is locked meanwhile. Nobody can then make a channel with an id of their own. A
hang-up of the hanging channel stops the whole PBX (all seen on 22.10.1).

A channel that plays a message does not answer that question either, before the message is over. But it sends audio, and
one that hangs sends none.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable

import msgspec
import structlog

from cti_bridge.ari.counters import Counters
from cti_bridge.ari.http import REQUEST_TIMEOUT_S, AriHttp
from cti_bridge.ari.models import RtpStatistics
from cti_bridge.ari.refusals import TIMED_OUT
from cti_bridge.ari.requests import Request, channel
from cti_bridge.domain.border.facts import LegStuck, PbxFact

ANSWERS_WITHIN_S = 2.0
"""The limit for a sign of life, in seconds. A channel that is well answers within a millisecond."""
QUICK_S = 0.1
"""The most seconds that a ping takes of a PBX that keeps up (seen: 0.4 ms). Behind that the PBX, or this process, lags
(seen with 1,100 channels on two processors: seconds), and a channel that is well may answer late."""
PATIENCE = 8
"""The number of times ANSWERS_WITHIN_S that a leg has while the PBX lags."""

log = structlog.get_logger(__name__)

_statistics = msgspec.json.Decoder(RtpStatistics)


class StuckLegs:
    """The stuck legs of one PBX. ``tell`` gets a LegStuck once for each leg."""

    def __init__(self, node: str, http: AriHttp, counters: Counters, tell: Callable[[PbxFact], None]) -> None:
        self._node = node
        self._http = http
        self._counters = counters
        self._tell = tell
        self._legs: set[str] = set()

    def __contains__(self, leg_id: str) -> bool:
        return leg_id in self._legs

    def __len__(self) -> int:
        return len(self._legs)

    async def feel(self, leg_ids: Iterable[str]) -> None:
        """Ask each leg for a sign of life. A leg that gives none and sends no audio, while the PBX keeps up, is
        stuck."""
        await asyncio.gather(*(self._feel(leg_id) for leg_id in leg_ids if leg_id not in self._legs))

    async def _feel(self, leg_id: str) -> None:
        before = await self.sent(leg_id, ANSWERS_WITHIN_S)
        if await self._answers(leg_id) or leg_id in self._legs:
            return
        if before is not None and (await self.sent(leg_id, ANSWERS_WITHIN_S) or 0) > before:
            return
        self._legs.add(leg_id)
        self._counters.stuck += 1
        log.error("pbx_channel_stuck", node=self._node, leg_id=leg_id)
        self._tell(LegStuck(leg_id))

    async def _answers(self, leg_id: str) -> bool:
        """Return whether the leg gives a sign of life, or nothing can be said because the PBX gives none."""
        question = Request("POST", channel(leg_id, "/variable"), {"variable": "CTI_BRIDGE_ASKED", "value": "1"})
        asked = asyncio.create_task(self._http.request(question, PATIENCE * ANSWERS_WITHIN_S), name="ari-sign-of-life")
        try:
            for _ in range(PATIENCE):
                took_s, _ = await asyncio.gather(self._ping(), asyncio.wait((asked,), timeout=ANSWERS_WITHIN_S))
                if asked.done():
                    return asked.result().status != TIMED_OUT
                if took_s is None:
                    return True
                if took_s <= QUICK_S:
                    break
            return False
        finally:
            asked.cancel()

    async def sent(self, leg_id: str, within_s: float = REQUEST_TIMEOUT_S) -> int | None:
        """Return the number of packets that Asterisk has sent to the leg; None when it does not say."""
        reply = await self._http.request(Request("GET", channel(leg_id, "/rtp_statistics")), within_s)
        try:
            return _statistics.decode(reply.body).txcount if reply.ok else None
        except msgspec.DecodeError:
            return None

    async def _ping(self) -> float | None:
        """Return the seconds until the PBX answered, or None when it does not."""
        began = asyncio.get_running_loop().time()
        reply = await self._http.request(Request("GET", "/asterisk/ping"), ANSWERS_WITHIN_S)
        return asyncio.get_running_loop().time() - began if reply.ok else None

    async def may_be_hung_up(self, leg_id: str) -> bool:
        """Return whether the leg is not locked. The question is to stop its music, which needs the lock and is not
        wanted any more anyway."""
        reply = await self._http.request(Request("DELETE", channel(leg_id, "/moh")), ANSWERS_WITHIN_S)
        return reply.status != TIMED_OUT

    def over(self, leg_id: str) -> None:
        """The leg has ended."""
        self._legs.discard(leg_id)

    def keep_only(self, leg_ids: Collection[str]) -> None:
        """All other legs have ended."""
        self._legs.intersection_update(leg_ids)

    @property
    def words(self) -> tuple[str, ...]:
        """Words for the operator; empty when no leg is stuck."""
        if not self._legs:
            return ()
        return (f"{len(self._legs)} channels hang, as when a disk does not give the sound they play",)
