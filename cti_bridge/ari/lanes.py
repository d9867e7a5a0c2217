"""Orders over HTTP: the way around an event socket on which an order hangs.

On the socket Asterisk serves one order after another, so a hanging one stops all. Over HTTP a thread of its own serves
each connection: a call's orders wait for each other, and for no other call. HTTP costs more. So orders take this way
only for some time after one hung, while a channel is stuck, and for a call that is suspected.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from cti_bridge.ari.counters import Counters
from cti_bridge.ari.http import AriHttp
from cti_bridge.ari.refusals import TIMED_OUT
from cti_bridge.ari.reply import Reply
from cti_bridge.ari.requests import Requests
from cti_bridge.ari.stuck import StuckLegs
from cti_bridge.domain.border import actions as act

OVER_HTTP = "an order hung, so all of them go over HTTP"
"""The words for the operator meanwhile."""
CAREFUL_S = 60.0
"""The seconds for which all orders go this way after one hung."""
IN_VAIN = 5
"""The number of orders in a row that hang before the PBX itself counts as faulty."""


class Lanes:
    """One lane for each call. ``replied`` gets every action with its reply."""

    def __init__(
        self,
        requests: Requests,
        http: AriHttp,
        stuck: StuckLegs,
        replied: Callable[[act.Action, Reply], None],
        counters: Counters,
    ) -> None:
        self._requests = requests
        self._http = http
        self._stuck = stuck
        self._replied = replied
        self._counters = counters
        self._until = 0.0
        self._waiting: dict[str, deque[act.Action]] = {}
        self._suspected: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_vain = 0

    def begin(self) -> None:
        """An order hung: for some time all orders go this way."""
        self._until = asyncio.get_running_loop().time() + CAREFUL_S

    def suspect(self, call_id: str) -> None:
        """The orders of this call go this way, until :meth:`clear`."""
        self._suspected.add(call_id)

    def clear(self, call_id: str) -> None:
        self._suspected.discard(call_id)

    def take(self, call_id: str) -> bool:
        """Return whether the orders of this call go this way now."""
        if self._stuck:
            self.begin()
        elif not self._until:
            return bool(self._suspected) and call_id in self._suspected
        elif asyncio.get_running_loop().time() >= self._until and not self._waiting:
            self._until = 0.0
            self._in_vain = 0
            return call_id in self._suspected
        return True

    def put(self, action: act.Action) -> None:
        """Carry the action out after the earlier ones of its call. Returns at once."""
        waiting = self._waiting.get(action.call_id)
        if waiting is not None:
            waiting.append(action)
            return
        self._waiting[action.call_id] = deque((action,))
        task = asyncio.create_task(self._run(action.call_id), name="ari-lane")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Throw away the orders that are not done."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._waiting.clear()
        self._suspected.clear()

    async def _run(self, call_id: str) -> None:
        waiting = self._waiting[call_id]
        try:
            while waiting:
                await self._carry_out(waiting.popleft())
        finally:
            self._waiting.pop(call_id, None)

    async def _carry_out(self, action: act.Action) -> None:
        legs = legs_of(action)
        request = self._requests.of(action)
        if request is None or any(leg_id in self._stuck for leg_id in legs):
            return  # The core has been told of a leg that is stuck.
        reply = await self._http.request(request, kind=type(action).__name__)
        self._in_vain = self._in_vain + 1 if reply.status == TIMED_OUT else 0
        self._replied(action, reply)
        if reply.status == TIMED_OUT:
            await self._stuck.feel(legs)

    @property
    def words(self) -> tuple[str, ...]:
        """Words for the operator; empty when all is well."""
        if self._in_vain >= IN_VAIN:
            return ("it carries out no orders; if that stays, restart Asterisk",)
        return (OVER_HTTP,) if self._until else ()


def legs_of(action: act.Action) -> tuple[str, ...]:
    """Return the legs that the action is about."""
    also = action.also if isinstance(action, act.AddToBridge) else ()
    return tuple(leg_id for leg_id in (action.leg_id, *also) if leg_id)
