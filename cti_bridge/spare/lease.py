"""The lease: a row in Postgres that says who may try to act, until when, and in which term.

It lasts :data:`LASTS_S` by the clock of Postgres, and its holder renews it every :data:`RENEWED_EVERY_S`. So the clocks
of the two machines do not matter. Each holder has a higher term than all before: than those in the lease, in the rows,
and in its own spool. A spare leaves a note beside it (:class:`Note`), so that the holder knows what the spare reaches.

The lease has a connection of its own, with short limits. One that hangs is broken, and the next question has a new one.
A statement that arrives late does no harm: it changes nothing that another holder has taken, or that was given up.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import asyncpg
import msgspec

from cti_bridge.storage.outages import OUTAGES, describe
from cti_bridge.storage.session import AddressWrong, connect
from tickets.statements import load_statements

STATEMENTS = load_statements("cti_bridge.spare", "lease.sql")

LASTS_S = 3.0
RENEWED_EVERY_S = 0.5
ANSWERED_WITHIN_S = 1.0
"""The most seconds for an answer of Postgres, and for a new connection."""
ASKED_AGAIN_AFTER_S = 0.1
"""The seconds between two tries to give the lease up."""
SURE_WITHIN_S = 0.5
"""The most seconds for a question by whose answer clocks are compared."""
TOLD_FROM_S = 2.0
"""The difference of two clocks, in seconds, from which on it is told."""
NAME = "bridge"
"""The name of the lease, which is about the calls of the house."""
_SPARE = "spare "
"""A spare's note is called so, with its name behind it."""

T = TypeVar("T")


def steady() -> float:
    """Return seconds that go on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Phase(StrEnum):
    TAKING_OVER = "taking_over"
    """The holder starts with the states of the one before."""
    ACTIVE = "active"
    HANDING_OVER = "handing_over"
    """The holder ends its work, so that the other one goes on at once."""
    GIVEN_UP = "given_up"
    """Nobody holds the lease."""
    LOADING = "loading"
    """A spare that has not all states yet."""
    WARM = "warm"
    """A spare that can take over."""


class LeaseUnknown(Exception):
    """Postgres does not answer, so it is not known who holds the lease. The message says why, without credentials."""


@dataclass(frozen=True, slots=True)
class Note:
    """A row of ``cti.lease``: the lease itself, or that a spare is there."""

    name: str
    holder: str
    term: int
    left_s: float
    """The seconds that it still lasts; below zero: it is over."""
    reaches: tuple[str, ...]
    phase: str

    @property
    def counts(self) -> bool:
        """Return whether it is not over."""
        return self.left_s > 0


@dataclass(frozen=True, slots=True)
class Notes:
    """The lease, if anybody ever had it, and the notes of spares, also those that are over."""

    lease: Note | None
    spares: tuple[Note, ...]


class Lease:
    """``url`` is that of Postgres, whose schema is up to date. ``holder`` is the name of this bridge. One question is
    asked at a time. ``lasts_s`` and ``within_s`` are seconds."""

    def __init__(self, url: str, holder: str, *, lasts_s: float = LASTS_S, within_s: float = ANSWERED_WITHIN_S) -> None:
        self._url, self.holder, self.lasts_s, self._within_s = url, holder, lasts_s, within_s
        self._connection: asyncpg.Connection | None = None
        self._asking = asyncio.Lock()
        self.term = 0
        """The term of this bridge as the holder; 0 when it never was."""
        self.held_until = -1.0
        """The steady time until which nobody else can have got the lease."""
        self.clock_ahead_s = 0.0
        """The seconds by which this machine's clock is ahead of that of Postgres, when it was last read."""
        self.fault: str | None = None
        """The reason why Postgres did not answer the last question; None when it did."""

    async def take(self, least: int, reaches: Collection[str]) -> int | None:
        """Take the lease if nobody holds it, and return the term; None: somebody does. The term is higher than
        ``least``. Raises LeaseUnknown; the lease may be ours then, and ends by itself."""
        asked_at = steady()
        values = (NAME, self.holder, self.lasts_s, max(least, self.term), _json(reaches))
        term: int | None = await self._ask(lambda database: database.fetchval(STATEMENTS["take_lease"], *values))
        if term is not None:
            self.term, self.held_until = term, asked_at + self.lasts_s
        return term

    async def renew(self, reaches: Collection[str], phase: Phase) -> bool:
        """Prolong the lease. Return False when it is another one's by now. Raises LeaseUnknown."""
        asked_at = steady()
        values = (NAME, self.holder, self.lasts_s, self.term, _json(reaches), phase)
        ours = await self._ask(lambda database: database.fetchval(STATEMENTS["renew_lease"], *values)) is not None
        self.held_until = asked_at + self.lasts_s if ours else -1.0
        return ours

    async def give_up(self) -> None:
        """End the lease, if it is ours. A Postgres that does not answer is asked again for as long as the spare waits
        for its end. Raises LeaseUnknown when it has ended by itself."""
        until, self.held_until = self.held_until, -1.0
        values = (NAME, self.holder, self.term)
        while True:
            try:
                await self._ask(lambda database: database.execute(STATEMENTS["give_up_lease"], *values))
            except LeaseUnknown:
                if steady() >= until:
                    raise
                await asyncio.sleep(ASKED_AGAIN_AFTER_S)
            else:
                return

    async def report(self, term: int, reaches: Collection[str], phase: Phase) -> None:
        """Note that this bridge is a spare of the holder with that term. Raises LeaseUnknown."""
        values = (_SPARE + self.holder, self.holder, self.lasts_s, term, _json(reaches), phase)
        await self._ask(lambda database: database.execute(STATEMENTS["report_spare"], *values))

    async def forget(self) -> None:
        """Remove the note that this bridge is a spare. Raises LeaseUnknown; the note ends by itself then."""
        await self._ask(lambda database: database.execute(STATEMENTS["forget_spare"], _SPARE + self.holder))

    async def read(self) -> Notes:
        """Return who holds the lease, and which spares there are. Raises LeaseUnknown."""
        asked_at = time.time()
        rows = await self._ask(lambda database: database.fetch(STATEMENTS["read_leases"]))
        if rows and (answered_at := time.time()) - asked_at < SURE_WITHIN_S:
            self.clock_ahead_s = (asked_at + answered_at) / 2 - rows[0]["now"]
        notes = [_note(row) for row in rows]
        spares = tuple(note for note in notes if note.name.startswith(_SPARE))
        return Notes(next((note for note in notes if note.name == NAME), None), spares)

    async def close(self) -> None:
        """Close the connection, without a word to a server that does not answer."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await connection.close(timeout=self._within_s)
            except OUTAGES:
                connection.terminate()

    async def _ask(self, question: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        async with self._asking:
            try:
                # Not wait_for, which in Python 3.11 may lose a cancellation that comes with the answer.
                async with asyncio.timeout(self._within_s):
                    if self._connection is None or self._connection.is_closed():
                        self._connection = await connect(self._url, self._within_s)
                    answer = await question(self._connection)
            except (*OUTAGES, AddressWrong) as error:
                self._break()
                self.fault = describe(error)
                raise LeaseUnknown(self.fault) from error
            except BaseException:
                self._break()
                raise
        self.fault = None
        return answer

    def _break(self) -> None:
        """Break the connection: what it was asked may still be carried out, and its answer would be taken for that of
        another question."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


def clock_words(lease: Lease) -> list[str]:
    """Return a warning when this machine's clock differs from that of Postgres: after a take-over the deadlines and
    times of calls would be as wrong as the two machines differ."""
    if abs(lease.clock_ahead_s) < TOLD_FROM_S:
        return []
    text = f"spare: this machine's clock is {lease.clock_ahead_s:+.0f} s off that of Postgres"
    return [f"{text}; a take-over moves the times of calls by as much as the two bridges differ: see NTP"]


def _note(row: Mapping[str, Any]) -> Note:
    reaches = tuple(msgspec.json.decode(row["reaches"]))
    return Note(row["name"], row["holder"], row["term"], row["left_s"], reaches, row["phase"])


def _json(names: Collection[str]) -> str:
    return msgspec.json.encode(sorted(names)).decode()
