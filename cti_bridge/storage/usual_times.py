"""Asks the database, at the start and at each hour, which handling times are usual then: those of this hour of the
week, over four weeks. The expected wait goes by them until a queue has had enough calls. Nothing waits for the
answer."""

import asyncio
from collections.abc import Callable

import structlog

from cti_bridge.domain.border.facts import UsualHandleTimes
from cti_bridge.domain.model.handling import LEAST, MOST_PROCESSING_S
from cti_bridge.storage.database import Database, DatabaseUnavailable
from cti_bridge.storage.writer import STATEMENTS
from cti_bridge.supervisor import Endless, Watch, unwatched

HOUR_S = 3600.0
AGAIN_S = 60.0
"""The seconds until the database is asked again after it was away."""
MOST_OF_AN_HOUR = 500
"""The most calls of one hour that are looked at."""

_log = structlog.get_logger(__name__)


class UsualTimes:
    """``tell`` takes the answers. ``clock`` gives POSIX seconds."""

    def __init__(
        self,
        database: Database,
        tell: Callable[[UsualHandleTimes], None],
        *,
        clock: Callable[[], float],
        watch: Watch = unwatched,
    ) -> None:
        self._database, self._tell, self._clock = database, tell, clock
        self._job = Endless("usual times", self._run, watch)

    def start(self) -> None:
        self._job.start()

    async def stop(self) -> None:
        await self._job.stop()

    async def ask(self) -> dict[str, float]:
        """Return the usual handling times of this hour in seconds, by queue. Raises DatabaseUnavailable,
        asyncpg.PostgresError."""
        hour = self._clock() // HOUR_S * HOUR_S
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                STATEMENTS["usual_handle_times"], hour, LEAST, MOST_PROCESSING_S, MOST_OF_AN_HOUR
            )
        return {row["queue"]: row["lasted_s"] for row in rows}

    async def _run(self) -> None:
        while True:
            try:
                self._tell(UsualHandleTimes(await self.ask()))
                pause_s = HOUR_S - self._clock() % HOUR_S
            except DatabaseUnavailable:
                pause_s = AGAIN_S
            except Exception:
                _log.exception("usual_times_unknown")
                pause_s = HOUR_S
            await asyncio.sleep(pause_s)
