"""Verification of passwords: as slow for an unknown CTI ID as for a known one, and never in the event loop."""

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from functools import cache
from typing import Any

from argon2 import Parameters, PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from cti_bridge.api.fair_turns import FairTurns, TooBusy
from cti_bridge.domain.model.directory import password_mark

__all__ = ["MOST_AT_ONCE", "MOST_WAITING", "MOST_WAITING_IN_ALL", "Passwords", "TooBusy"]

MOST_WAITING = 256
"""The most verifications that may wait for one address: an office that logs in at once."""
MOST_WAITING_IN_ALL = 2048
MOST_AT_ONCE = 2
"""The most verifications at once. Each takes the memory that its hash asks for."""


class Known:
    """argon2 hashes by CTI ID, and the costs found in them: some milliseconds of work for a thousand."""

    def __init__(self, hashes: Mapping[str, str]) -> None:
        self.hashes = hashes
        self.costs = [_parameters(known) for known in hashes.values()]
        self.secret = hashlib.sha256("".join(hashes.values()).encode()).digest()


class Passwords:
    """``hashes`` are argon2 hashes by CTI ID."""

    def __init__(self, hashes: Mapping[str, str]) -> None:
        self._known = Known(hashes)
        self._threads = ThreadPoolExecutor(max_workers=MOST_AT_ONCE, thread_name_prefix="password")
        self._hasher = PasswordHasher()
        self._turns = FairTurns(MOST_AT_ONCE, MOST_WAITING, MOST_WAITING_IN_ALL)

    async def right(
        self,
        cti_id: str,
        password: str,
        before: Callable[[], None] = lambda: None,
        *,
        address: str = "",
        first: bool = False,
    ) -> bool:
        """Return whether the password is right. ``before`` is called when its turn has come; if it raises, that is
        raised and no password is verified. Turns go round the addresses, and a ``first`` one goes before the others.
        Raises TooBusy. A cancellation gives a waiting turn up; a verification that runs is finished in its thread."""
        async with self._turns.turn(address, first=first):
            before()
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._verify, cti_id, password)

    def mark(self, cti_id: str) -> str:
        """Return the mark of the agent's present password; empty for an unknown CTI ID."""
        return password_mark(self._known.hashes.get(cti_id, ""))

    async def prepare(self) -> None:
        """Make the hashes that stand in for unknown CTI IDs, so that the first login with one is not slower."""
        await asyncio.get_running_loop().run_in_executor(self._threads, self._make_stand_ins, self._known)

    async def read(self, hashes: Mapping[str, str]) -> Known:
        """Prepare other hashes for :meth:`take`."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, hashes)

    def take(self, known: Known) -> None:
        """Use these hashes from now on. Sessions go on."""
        self._known = known

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, cti_id: str, password: str) -> bool:
        known = self._known.hashes.get(cti_id)
        try:
            return self._hasher.verify(known or self._stand_in(cti_id), password) and known is not None
        except (VerificationError, InvalidHashError):
            return False

    def _read(self, hashes: Mapping[str, str]) -> Known:
        known = Known(hashes)
        self._make_stand_ins(known)
        return known

    def _make_stand_ins(self, known: Known) -> None:
        for cost in known.costs or [None]:
            _stand_in(cost)

    def _stand_in(self, cti_id: str) -> str:
        """Return a hash with the cost of one of the configured ones, always the same for this CTI ID. So an unknown CTI
        ID looks like a known one however often it is tried."""
        known = self._known
        if not known.costs:
            return _stand_in(None)
        picked = hashlib.blake2b(cti_id.encode("utf-8", "surrogatepass"), key=known.secret, digest_size=8).digest()
        return _stand_in(known.costs[int.from_bytes(picked, "big") % len(known.costs)])


def _parameters(known: str) -> Parameters | None:
    try:
        return extract_parameters(known)
    except InvalidHashError:
        return None


def _stand_in(cost: Parameters | None) -> str:
    """Return a hash of this cost, of a password that nobody knows; None: that of new passwords."""
    return _made(astuple(cost) if cost is not None else None)


@cache
def _made(cost: tuple[Any, ...] | None) -> str:
    """Once a process: making it costs as much as a login."""
    hasher = PasswordHasher.from_parameters(Parameters(*cost)) if cost is not None else PasswordHasher()
    return hasher.hash(secrets.token_urlsafe(16))
