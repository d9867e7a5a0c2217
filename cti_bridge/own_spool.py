"""The spool of this process. A bridge with a spare opens it anew with each change of its role.

A busy disk may take longer to close it than a part gets to stop, and its lock is held until then. A second lock of this
process would be refused as that of another process, and end this one with a code on which it is not started again. So
it is closed to the end, however long that takes, and the next role waits for :attr:`OwnSpool.free`.
"""

import asyncio
from pathlib import Path
from time import monotonic

import structlog

from cti_bridge.storage.spool import Spool, SpoolFailed
from cti_bridge.supervisor import Watch

CLOSE_WITHIN_S = 2.0
"""The seconds for which the end of a role, or of the process, waits for it."""

log = structlog.get_logger(__name__)


class OwnSpool:
    """Opened by one role after the other."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._spool: Spool | None = None
        self._closing: asyncio.Task[None] | None = None

    def open(self, watch: Watch) -> Spool:
        """Open it, and look after its file. Blocking, for the start of a role. Raises SpoolLocked, SpoolUnusable,
        SpoolDamaged."""
        self._spool = Spool.open(self.path, watch=watch)
        self._spool.look_after()
        return self._spool

    async def close(self) -> None:
        """Close what was opened. Never raises. A cancellation stops the wait alone."""
        if self._spool is not None:
            spool, self._spool = self._spool, None
            self._closing = asyncio.create_task(_close(spool), name="spool closes")
            await asyncio.shield(self._closing)

    @property
    def free(self) -> "asyncio.Future[None]":
        """Done when all that was opened before is closed."""
        if self._closing is not None:
            return self._closing
        nothing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        nothing.set_result(None)
        return nothing


async def _close(spool: Spool) -> None:
    began = monotonic()
    try:
        await spool.close()
    except SpoolFailed as failure:
        log.error("spool_not_written", reason=str(failure))
    if (took_s := monotonic() - began) > CLOSE_WITHIN_S:
        log.warning("spool_closed_late", took_s=round(took_s, 1))
