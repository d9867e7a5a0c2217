"""Whether a password is right, as slow for an unknown CTI ID as for a known one, and never in the event
loop."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

MOST_WAITING = 256
"""Verifications that may wait."""
MOST_AT_ONCE = 2
"""Each takes the memory that its hash asks for."""


class TooBusy(Exception):
    """Too many passwords wait to be verified."""


class Passwords:
    """``hashes`` are argon2 hashes by CTI ID."""

    def __init__(self, hashes: Mapping[str, str]) -> None:
        self._hashes = hashes
        self._threads = ThreadPoolExecutor(max_workers=MOST_AT_ONCE, thread_name_prefix="password")
        self._hasher = PasswordHasher()
        self._dummy: str | None = None
        self._waiting = 0
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)

    async def right(self, cti_id: str, password: str, before: Callable[[], None] = lambda: None) -> bool:
        """``before`` is called when it is this one's turn; what it raises is raised, and nothing is verified. Raises
        TooBusy."""
        if self._waiting >= MOST_WAITING:
            raise TooBusy
        self._waiting += 1
        try:
            async with self._turns:
                before()
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._threads, self._verify, self._hashes.get(cti_id), password)
        finally:
            self._waiting -= 1

    async def prepare(self) -> None:
        """Makes the hash that stands in for unknown CTI IDs, so that the first of them is not slower."""
        await asyncio.get_running_loop().run_in_executor(self._threads, self._stand_in)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, known: str | None, password: str) -> bool:
        try:
            return self._hasher.verify(known or self._stand_in(), password) and known is not None
        except (VerificationError, InvalidHashError):
            return False

    def _stand_in(self) -> str:
        """With the cost of the configured hashes, which need not be this library's default."""
        if self._dummy is None:
            model = next(iter(self._hashes.values()), None)
            try:
                hasher = PasswordHasher.from_parameters(extract_parameters(model)) if model else self._hasher
            except InvalidHashError:
                hasher = self._hasher
            self._dummy = hasher.hash(secrets.token_urlsafe(16))
        return self._dummy
