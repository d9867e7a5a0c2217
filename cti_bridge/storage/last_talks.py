"""Looks in the rows of calls who has talked with a number. A call never waits for Postgres: each question is answered
within :data:`ANSWERED_WITHIN_S`, with nothing when Postgres is slow, away or wrong, and no other reader waits for it
either.

After a question without an answer in time, further ones are answered at once, with nothing, for :data:`PAUSE_S`.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import asyncpg
import structlog

from cti_bridge.domain.border.actions import Action, FindTalks
from cti_bridge.domain.border.facts import TalksFound
from cti_bridge.domain.model.talks import Talk
from cti_bridge.storage.database import Database, DatabaseUnavailable
from cti_bridge.storage.outages import describe
from cti_bridge.storage.writer import STATEMENTS

ANSWERED_WITHIN_S = 1.0
PAUSE_S = 5.0
_MOST_AT_ONCE = 2
"""The most questions in Postgres at a time, so that other readers have their turns."""
_MOST_WAITING = 100

FOUND, NONE, UNKNOWN = "found", "none", "unknown"

_log = structlog.get_logger(__name__)


class LastTalks:
    """``tell`` gets a TalksFound for each question. All methods must be called from the event loop's thread."""

    def __init__(self, database: Database, tell: Callable[[TalksFound], None]) -> None:
        self._database, self._tell = database, tell
        self._turns = asyncio.Semaphore(_MOST_AT_ONCE)
        self._asking: set[asyncio.Task[None]] = set()
        self._open: dict[str, asyncio.TimerHandle] = {}
        """The questions that are not answered yet, by call."""
        self._quiet_until = 0.0
        self._results: Counter[str] = Counter()

    def submit(self, actions: Sequence[Action]) -> None:
        """Begin to look. Returns at once, and never raises."""
        loop = asyncio.get_running_loop()
        for action in actions:
            if not isinstance(action, FindTalks):
                continue
            if loop.time() < self._quiet_until or len(self._asking) >= _MOST_WAITING:
                self._answer(action.call_id, UNKNOWN)
                continue
            task = loop.create_task(self._look(action), name="last talks")
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
            self._open[action.call_id] = loop.call_later(ANSWERED_WITHIN_S, self._give_up, action.call_id, task)

    async def stop(self) -> None:
        """Give all questions up. Nothing is told of them."""
        for timer in self._open.values():
            timer.cancel()
        self._open.clear()
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)

    def results(self) -> Iterator[tuple[str, int]]:
        """Yield found, none and unknown, each with how often that was."""
        yield from self._results.items()

    async def _look(self, question: FindTalks) -> None:
        try:
            async with self._turns, self._database.reading() as connection:
                rows = await connection.fetch(
                    STATEMENTS["last_talks"], question.service, question.number, question.now, question.since
                )
        except (DatabaseUnavailable, asyncpg.PostgresError, OSError) as error:
            self._done(question.call_id, UNKNOWN, why=describe(error))
        except Exception as fault:
            _log.exception("last_talks_fault", fault=type(fault).__name__)
            self._done(question.call_id, UNKNOWN)
        else:
            talks = tuple(Talk(row["cti_id"], row["at"], row["forced"]) for row in rows)
            self._done(question.call_id, FOUND if talks else NONE, talks)

    def _done(self, call_id: str, result: str, talks: tuple[Talk, ...] = (), why: str = "") -> None:
        timer = self._open.pop(call_id, None)
        if timer is None:
            return  # It has been answered with nothing.
        timer.cancel()
        if why:
            _log.warning("last_talks_not_known", call_id=call_id, reason=why)
        self._answer(call_id, result, talks)

    def _give_up(self, call_id: str, task: asyncio.Task[None]) -> None:
        """Answer with nothing. The question itself may take long to end: a server that hangs says nothing to a
        cancellation either."""
        loop = asyncio.get_running_loop()
        self._quiet_until = loop.time() + PAUSE_S
        self._done(call_id, UNKNOWN, why=f"no answer within {ANSWERED_WITHIN_S:g} s")
        task.cancel()

    def _answer(self, call_id: str, result: str, talks: tuple[Talk, ...] = ()) -> None:
        self._results[result] += 1
        self._tell(TalksFound(call_id, talks))
