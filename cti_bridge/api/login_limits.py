"""Limits of guessing passwords, by account and address. A wrong guess of a stranger keeps no agent from logging in.

- An attempt counts for its account **and** address together. When they have used up theirs, nobody else is refused.
- An address that fails at many accounts is refused, except for accounts that have logged in from there before: a whole
  office may share one address.
- When many addresses fail at an account, addresses that it never came from are verified with pauses.
- An account is never refused at a usual address for what others did. It only waits, when the same account failed too
  often from that very address.
"""

import asyncio
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from cti_bridge.api.attempts import Attempts
from cti_bridge.api.errors import Problem

WINDOW_S = 60.0
MOST_PER_AGENT = 10
"""The most failed logins of an account from an address, in a window."""
MOST_PER_ADDRESS = 60
"""The most failed logins of an address, in a window."""
MOST_FROM_ELSEWHERE = 20
"""The most failed logins of an account from all addresses that it never came from, in a window."""
PAUSE_S = 3.0
"""The pause between two verifications that have to wait, in seconds."""
LONGEST_LINE_S = 15.0
"""The longest wait, in seconds. An attempt that would wait for longer is refused."""
MOST_PLACES = 8
"""The most addresses that are remembered of an account."""

_MOST_KEYS = 10_000


class UsualPlaces:
    """The addresses from which accounts have logged in. ``known`` was kept by an earlier process. ``keep`` gets an
    account's addresses, oldest first, when there is a new one."""

    def __init__(
        self,
        known: Mapping[str, Sequence[str]] | None = None,
        keep: Callable[[str, Sequence[str]], None] = lambda cti_id, places: None,
    ) -> None:
        self._places = {cti_id: list(places) for cti_id, places in (known or {}).items()}
        self._keep = keep

    def knows(self, cti_id: str, place: str) -> bool:
        return place in self._places.get(cti_id, ())

    def came(self, cti_id: str, place: str) -> None:
        """The right password has come from this address."""
        places = self._places.setdefault(cti_id, [])
        is_new = place not in places
        if not is_new:
            places.remove(place)
        places.append(place)
        del places[:-MOST_PLACES]
        if is_new:
            self._keep(cti_id, tuple(places))


class Line:
    """A line for each key, with a pause between two turns. Each attempt takes the next time."""

    def __init__(self, pause_s: float, longest_s: float, clock: Callable[[], float]) -> None:
        self._pause_s, self._longest_s, self._clock = pause_s, longest_s, clock
        self._next_at: OrderedDict[str, float] = OrderedDict()

    async def turn(self, key: str) -> None:
        """Return when the turn has come. Raises the problem 429 when the line is too long. A cancelled attempt leaves
        its time unused."""
        now = self._clock()
        at = max(now, self._next_at.get(key, now))
        if at - now > self._longest_s:
            raise too_many(at - now)
        self._next_at[key] = at + self._pause_s
        self._next_at.move_to_end(key)
        if len(self._next_at) > _MOST_KEYS:
            self._next_at.popitem(last=False)
        if at > now:
            await asyncio.sleep(at - now)


class LoginLimits:
    """``clock`` gives seconds."""

    def __init__(self, places: UsualPlaces, clock: Callable[[], float]) -> None:
        self._places = places
        self._together = Attempts(MOST_PER_AGENT, WINDOW_S, clock)
        self._by_address = Attempts(MOST_PER_ADDRESS, WINDOW_S, clock)
        self._from_elsewhere = Attempts(MOST_FROM_ELSEWHERE, WINDOW_S, clock)
        self._line = Line(PAUSE_S, LONGEST_LINE_S, clock)

    def is_usual(self, cti_id: str, address: str) -> bool:
        return self._places.knows(cti_id, address)

    async def begin(self, cti_id: str, address: str) -> None:
        """Begin and count an attempt. It counts from here on, so that one password is not guessed in parallel. May wait
        for its turn. Raises a problem. When it raises or is cancelled, the attempt does not count."""
        both, usual = _both(cti_id, address), self.is_usual(cti_id, address)
        failed_too_often = self._together.wait_s(both)
        if not usual:
            self.look_again(address)
            _refuse(failed_too_often)
        self._together.count(both)
        try:
            if usual and failed_too_often:
                await self._line.turn(both)
            elif not usual and self._from_elsewhere.wait_s(cti_id) > 0:
                await self._line.turn(cti_id)
        except BaseException:
            self.not_verified(cti_id, address)
            raise

    def look_again(self, address: str) -> None:
        """Check the address once more after a wait: failures may have come meanwhile. Raises a problem."""
        _refuse(self._by_address.wait_s(address))

    def not_verified(self, cti_id: str, address: str) -> None:
        self._together.take_back(_both(cti_id, address))

    def right(self, cti_id: str, address: str) -> None:
        self._together.take_back(_both(cti_id, address))
        self._places.came(cti_id, address)

    def wrong(self, cti_id: str, address: str) -> None:
        self._by_address.count(address)
        if not self.is_usual(cti_id, address):
            self._from_elsewhere.count(cti_id)


def _both(cti_id: str, address: str) -> str:
    """An address holds no space."""
    return f"{address} {cti_id}"


def _refuse(wait_s: float) -> None:
    if wait_s > 0:
        raise too_many(wait_s)


def too_many(wait_s: float) -> Problem:
    headers = {"Retry-After": str(math.ceil(wait_s))}
    return Problem(429, "too_many_attempts", "Too many attempts. Wait before you try again.", headers=headers)
