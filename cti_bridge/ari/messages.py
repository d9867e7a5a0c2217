"""Makes sure that messages that play can be heard.

PlaybackStarted comes before the sound file is opened, so it proves nothing. If the file does not open, PlaybackFinished
never comes. So a message that plays for long is checked: Asterisk counts the packets that it sends. If it sends none,
the message is stopped, which works at once on any channel that is well.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from cti_bridge.ari.http import AriHttp
from cti_bridge.ari.lanes import Lanes
from cti_bridge.ari.requests import Request, playback
from cti_bridge.ari.stuck import StuckLegs
from cti_bridge.domain.border.actions import InspectPlayback, StartPlayback

LISTEN_AFTER_S = 15.0
"""The seconds from start to check. Most messages are over by then and are never checked."""
LISTEN_S = 1.0


class Messages:
    """The messages on one PBX. ``spawn`` runs a task that ends with the connection."""

    def __init__(
        self, http: AriHttp, stuck: StuckLegs, lanes: Lanes, spawn: Callable[[Coroutine[Any, Any, None]], None]
    ) -> None:
        self._http = http
        self._stuck = stuck
        self._lanes = lanes
        self._spawn = spawn
        self._playing: dict[str, asyncio.TimerHandle] = {}

    def began(self, action: StartPlayback | InspectPlayback) -> None:
        """The message plays, as far as is known."""
        if action.playback_id not in self._playing:
            self._listen_later(action)

    def over(self, playback_id: str) -> None:
        """The message is over."""
        timer = self._playing.pop(playback_id, None)
        if timer is not None:
            timer.cancel()

    def close(self) -> None:
        """Check no message any more."""
        for playback_id in list(self._playing):
            self.over(playback_id)

    def _listen_later(self, action: StartPlayback | InspectPlayback) -> None:
        loop = asyncio.get_running_loop()
        timer = loop.call_later(LISTEN_AFTER_S, lambda: self._spawn(self._listen(action)))
        self._playing[action.playback_id] = timer

    async def _listen(self, action: StartPlayback | InspectPlayback) -> None:
        before = await self._stuck.sent(action.leg_id)
        await asyncio.sleep(LISTEN_S)
        after = await self._stuck.sent(action.leg_id)
        if action.playback_id not in self._playing:
            return
        if before is None or after != before:
            self._listen_later(action)
            return
        self._lanes.suspect(action.call_id)
        self.over(action.playback_id)
        await self._http.request(Request("DELETE", playback(action.playback_id)), kind="StopPlayback")
        await self._stuck.feel((action.leg_id,))
        self._lanes.clear(action.call_id)
