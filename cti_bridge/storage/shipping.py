"""Ships the states of the checkpoint to Postgres, for a hot spare: the newest per key, as soon as they are committed,
on a session of its own. Rows follow up to what was shipped (:meth:`cti_bridge.storage.spool.Spool.next_rows`), so no
row is ever in Postgres before the state that it was committed with.

Each session with Postgres begins with the whole checkpoint. After a lost connection nobody knows what is there, and it
may be another server. So nothing is noted on disk, and all that happens to the table heals in one way.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import asyncpg
import structlog

from cti_bridge.storage.database import Database, DatabaseUnavailable
from cti_bridge.storage.outages import OUTAGES, describe
from cti_bridge.storage.session import AddressWrong
from cti_bridge.storage.shipped import (
    NUMBERS_AN_EPOCH,
    ShippedGone,
    Superseded,
    fits,
    is_there,
    write_changes,
    write_whole,
)
from cti_bridge.storage.spool import Spool
from cti_bridge.storage.unshipped import Key, Shipment, Unshipped
from cti_bridge.supervisor import Watch, unwatched

LOOK_EVERY_S = 5.0
"""The pause between two looks whether what was shipped is still there, in seconds, while nothing is shipped."""
LONGEST_S, LONGEST_WHOLE_S = 10.0, 60.0
"""The most seconds for a shipment, and for one of the whole checkpoint. Then the connection is broken."""
SHORTEST_RETRY_S, LONGEST_RETRY_S = 0.2, 5.0
ACKNOWLEDGE_WITHIN_S = 1.0
"""The most seconds that the answer to a change waits for Postgres."""
BEHIND_S = 5.0
"""An operator is told of states that wait for so many seconds."""
_SESSION = "set idle_in_transaction_session_timeout = '5s'; set lock_timeout = '8s'"
"""A machine that vanishes within a shipment must not keep the other one from its own for hours."""

_log = structlog.get_logger(__name__)


T = TypeVar("T")
Answered = Literal["shipped", "local"]


@dataclass(slots=True)
class Counts:
    """The numbers of shipments since the start, for the metrics."""

    shipments: int = 0
    whole: int = 0
    states: int = 0
    seconds: float = 0.0
    """The time from the first commit in a shipment until Postgres had it, of all shipments together."""
    failures: int = 0
    answers: Counter[Answered] = field(default_factory=Counter)
    """Answers to changes, by what they say."""


class Shipping:
    """Ships from :meth:`start` to :meth:`stop`, within one epoch of the spool. ``on_superseded`` is told the epoch of
    another bridge that has shipped since; nothing is shipped any more then. Rows whose states were not shipped stay in
    the spool, also after the end: they come late, or with the next start."""

    def __init__(
        self,
        spool: Spool,
        database: Database,
        *,
        on_superseded: Callable[[int], None] = lambda epoch: None,
        watch: Watch = unwatched,
    ) -> None:
        self._spool, self._database, self._on_superseded, self._watch = spool, database, on_superseded, watch
        self._number = spool.epoch * NUMBERS_AN_EPOCH
        self._unshipped = Unshipped(0)
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._connection: asyncpg.Connection | None = None
        self._waiting: list[tuple[int, asyncio.Future[bool]]] = []
        self._unfit: set[Key] = set()
        self._failures = 0
        self.counts = Counts()
        self.fault: str | None = None
        """The reason why nothing can be shipped; None when it can, or was not tried yet."""
        self.superseded: int | None = None
        """The epoch of the bridge that has taken over; None: nobody has."""

    # --------------------------------------------------------------------------------------------- for the others

    def start(self) -> None:
        self._unshipped = self._spool.ship()
        self._task = asyncio.get_running_loop().create_task(self._run(), name="shipping")
        self._watch(self._task, lambda: self._stopping or self.superseded is not None)

    async def stop(self, last_s: float = 1.0) -> None:
        """Ship what is committed, for at most ``last_s`` seconds, and end."""
        await self.shipped(last_s)
        self._stopping = True
        if self._connection is not None:
            # A server that does not answer would keep the task within its ROLLBACK.
            self._connection.terminate()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._give_up()

    async def shipped(self, within_s: float) -> bool:
        """Return whether Postgres has all states that are committed by now; wait at most so many seconds for it. While
        it cannot be reached the answer is no, at once."""
        unshipped = self._unshipped
        if unshipped.shipped_commits >= unshipped.commits:
            return self._is_shipping
        if not self._is_shipping or self.fault is not None:
            return False
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        entry = (unshipped.commits, future)
        self._waiting.append(entry)
        try:
            async with asyncio.timeout(within_s):
                return await future
        except TimeoutError:
            return False
        finally:
            if entry in self._waiting:
                self._waiting.remove(entry)

    async def acknowledge(self) -> Answered:
        """Return how safe all is that is committed by now, for an answer that waits for it no longer than a second."""
        answer: Answered = "shipped" if await self.shipped(ACKNOWLEDGE_WITHIN_S) else "local"
        self.counts.answers[answer] += 1
        return answer

    @property
    def behind_s(self) -> float:
        """The age of the oldest commit that Postgres has not got, in seconds."""
        return self._unshipped.behind_s if self._is_shipping else 0.0

    @property
    def states(self) -> int:
        """The number of states that wait for Postgres."""
        return self._unshipped.states if self._is_shipping else 0

    def warnings(self) -> list[str]:
        """Words for the operator."""
        if self.superseded is not None:
            return ["spare: another bridge has taken over; what this one does reaches no spare"]
        words = []
        if self.behind_s > BEHIND_S:
            why = f": {self.fault}" if self.fault else ""
            words.append(f"spare: the states of the last {self.behind_s:.0f} s are on this machine alone{why}")
        if self._unfit:
            words.append(f"spare: {len(self._unfit)} entries are not shipped, since Postgres cannot take their names")
        return words

    @property
    def _is_shipping(self) -> bool:
        return self._task is not None and not self._stopping and self.superseded is None

    # -------------------------------------------------------------------------------------------------- the loop

    async def _run(self) -> None:
        while self._is_shipping:
            try:
                await self._serve_session()
            except Superseded as other:
                self._replaced_by(other.epoch)
            except Exception as error:
                if self._stopping:
                    return
                self._failed(error)
                await asyncio.sleep(self._pause_s())

    async def _serve_session(self) -> None:
        """Ship on a session of its own until that fails."""
        async with self._database.connection():
            pass  # It fits then: the schema is up to date.
        connection = self._connection = await self._database.session()
        try:
            await connection.execute(_SESSION)
            self._unshipped.lost()
            self._spool.states_came.set()
            last = 0
            while True:
                if await self._came():
                    last = await self._ship_next(connection, last)
                else:
                    await self._look(connection, last)
        finally:
            self._connection = None
            connection.terminate()

    async def _came(self) -> bool:
        """Wait for states. Return whether some came before it is time to look."""
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._spool.states_came.wait()
        except TimeoutError:
            return False
        self._spool.states_came.clear()
        return True

    async def _ship_next(self, connection: asyncpg.Connection, last: int) -> int:
        """Ship what is due. ``last`` is the number of the last shipment of the session. Return its number now."""
        unshipped = self._unshipped
        if not unshipped.due:
            return last
        shipment = unshipped.take()
        try:
            self._number += 1
            if shipment.whole:
                states = await self._whole()
                with _limit(connection, LONGEST_WHOLE_S):
                    await write_whole(connection, self._number, states)
            else:
                with _limit(connection, LONGEST_S):
                    await write_changes(connection, self._number, self._fitting(shipment.states), last)
        except ShippedGone:
            self._gone()
            return last
        except BaseException:
            unshipped.lost()
            raise
        self._was_shipped(shipment, len(states if shipment.whole else shipment.states))
        return self._number

    async def _whole(self) -> Mapping[Key, bytes]:
        found = await self._spool.checkpoint()
        self._unfit.clear()
        return self._fitting(found)

    def _fitting(self, states: Mapping[Key, T]) -> Mapping[Key, T]:
        """Return the states without those whose names Postgres cannot take."""
        unfit = [key for key in states if not fits(key)]
        if not unfit:
            return states
        if not self._unfit.issuperset(unfit):
            _log.error("states_not_shipped", entries=len(unfit), text="Postgres cannot take their names.")
            self._unfit.update(unfit)
        return {key: state for key, state in states.items() if key not in self._unfit}

    async def _look(self, connection: asyncpg.Connection, last: int) -> None:
        """Look whether Postgres has what was shipped: somebody may have emptied the table."""
        with _limit(connection, LONGEST_S):
            entries = await self._spool.entries() - len(self._unfit)
            found = await is_there(connection, last, entries)
        # Else there was a commit meanwhile, and the numbers may differ.
        if not found and not self._unshipped.due:
            self._gone()

    def _was_shipped(self, shipment: Shipment, states: int) -> None:
        unshipped, counts = self._unshipped, self.counts
        counts.seconds += unshipped.behind_s
        counts.shipments += 1
        counts.states += states
        counts.whole += shipment.whole
        unshipped.shipped(shipment)
        if self._failures:
            _log.info("states_shipped_again", failures=self._failures, entries=states)
        self._failures, self.fault = 0, None
        self._spool.shipped()
        for entry in [one for one in self._waiting if one[0] <= unshipped.shipped_commits]:
            self._waiting.remove(entry)
            _answer(entry[1], True)

    def _gone(self) -> None:
        _log.warning("shipped_states_gone", text="Postgres has lost them, or somebody removed them. All are shipped.")
        self._unshipped.lost()
        self._spool.states_came.set()

    def _failed(self, error: Exception) -> None:
        """Postgres is away, or does not take states. Nobody waits for it any longer."""
        self._failures += 1
        self.counts.failures += 1
        self.fault = str(error) if isinstance(error, DatabaseUnavailable | AddressWrong) else describe(error)
        if self._failures == 1:
            _log.warning("states_not_shipped", reason=self.fault)
        elif not isinstance(error, (*OUTAGES, DatabaseUnavailable, AddressWrong)):
            _log.error("shipping_failed", exc_info=error)
        self._give_up()

    def _pause_s(self) -> float:
        longest = min(LONGEST_RETRY_S, SHORTEST_RETRY_S * 2.0 ** min(self._failures - 1, 10))
        return max(self._database.retry_in_s, longest * random.uniform(0.5, 1.0))

    def _replaced_by(self, epoch: int) -> None:
        self.superseded = epoch
        _log.error("shipping_superseded", epoch=epoch, own=self._spool.epoch)
        self._give_up()
        self._on_superseded(epoch)

    def _give_up(self) -> None:
        waiting, self._waiting = self._waiting, []
        for _, future in waiting:
            _answer(future, False)


def _answer(future: asyncio.Future[bool], shipped: bool) -> None:
    if not future.done():
        future.set_result(shipped)


@contextmanager
def _limit(connection: asyncpg.Connection, seconds: float) -> Iterator[None]:
    """Break the connection after so many seconds. A server that does not answer would not notice anything gentler."""
    timer = asyncio.get_running_loop().call_later(seconds, connection.terminate)
    try:
        yield
    finally:
        timer.cancel()
