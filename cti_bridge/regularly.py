"""Work that is done again and again, for as long as its part runs."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from cti_bridge.supervisor import Endless, Watch, unwatched

_log = structlog.get_logger(__name__)


class Regular:
    """``work`` is done ``first_after_s`` seconds after the start, and ``every_s`` seconds after it was done. What it
    raises never ends it: ``passes`` are outages, which others tell; anything else is logged as ``failed``."""

    def __init__(
        self,
        name: str,
        work: Callable[[], Awaitable[object]],
        *,
        first_after_s: float,
        every_s: float,
        passes: tuple[type[Exception], ...],
        failed: str,
        watch: Watch = unwatched,
    ) -> None:
        self._work, self._first_after_s, self._every_s = work, first_after_s, every_s
        self._passes, self._failed = passes, failed
        self._job = Endless(name, self._run, watch)

    def start(self) -> None:
        self._job.start()

    async def stop(self) -> None:
        await self._job.stop()

    async def _run(self) -> None:
        await asyncio.sleep(self._first_after_s)
        while True:
            try:
                await self._work()
            except self._passes:
                pass  # What is to be done now is so the next time.
            except Exception:
                _log.exception(self._failed)
            await asyncio.sleep(self._every_s)
