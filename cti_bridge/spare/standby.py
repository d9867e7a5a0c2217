"""The spare: loaded and warm, and ready to take over. It sends nothing to a PBX but the question what it is.

It reads the lease five times a second. When the lease is over and a PBX is reached, it takes the lease, and with it the
work. The rows that its spool has from a time when it acted go to Postgres meanwhile.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from socket import socket

import structlog

from cti_bridge.api.ports import Measurement
from cti_bridge.api.standby import StandbyApi
from cti_bridge.api.tls import tls_context
from cti_bridge.log_sink import LogSink
from cti_bridge.operator_access import (
    OperatorAccess,
    access_path,
    admit,
    certificate_digest,
    new_token,
    own_url,
    remove_access,
)
from cti_bridge.own_spool import OwnSpool
from cti_bridge.settings import Settings
from cti_bridge.spare.description import Described, described, measured
from cti_bridge.spare.lease import RENEWED_EVERY_S, Lease, LeaseUnknown, Note, Notes, Phase, clock_words, steady
from cti_bridge.spare.reach import Reach
from cti_bridge.storage.database import Database, DatabaseUnavailable
from cti_bridge.storage.writer import Writer
from cti_bridge.supervisor import Endless, Supervisor, within

LOOK_EVERY_S = 0.2
YIELDS_FOR_S = 2.0
"""A bridge that has given the lease up leaves it to the other one for so many seconds."""
RENEWS_WITHIN_S = 3 * RENEWED_EVERY_S
"""A holder gets so many seconds to renew when Postgres is back: it was away for both, as likely as not."""
CLOSE_WITHIN_S = 2.0
"""The most seconds to stop a part."""

log = structlog.get_logger(__name__)


class Standby:
    """A spare, within ``async with``. ``own_spool`` is that of this process. ``sockets`` listen already, for the API.
    ``over`` becomes True when the lease is taken, and False when a part has ended that must not."""

    def __init__(
        self,
        settings: Settings,
        lease: Lease,
        own_spool: OwnSpool,
        sockets: Sequence[socket],
        sink: LogSink | None = None,
    ) -> None:
        self.over: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._settings, self._lease, self._sockets, self._sink = settings, lease, sockets, sink
        self._own_spool = own_spool
        self._supervisor = Supervisor(lambda: self._end(False))
        self._notes = Notes(None, ())
        self._phase = Phase.LOADING
        self._reported_at = 0.0
        self._fits = False
        """The schema is up to date. It is looked at once: rows that wait may have the database pause for seconds."""
        self._known_since: float | None = None
        """The steady time since which Postgres answers without a break."""
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Standby":
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._supervisor.release()
        await self._stack.aclose()

    async def _start(self) -> None:
        settings, watch = self._settings, self._supervisor.watch
        self._spool = self._own_spool.open(watch)
        self._at_end("spool", self._own_spool.close)
        self._database = Database(settings.database.url.get_secret_value())
        self._at_end("database", self._database.close)
        self._reach = Reach(settings.pbxs(), watch)
        self._reach.start()
        self._at_end("reach", self._reach.stop)
        self._writer = Writer(self._spool, self._database, _Nobody(), watch=watch, replaced=True)
        await self._writer.start()
        self._at_end("writer", lambda: self._writer.stop(0.0))
        await self._start_api()
        self._admit_operator()
        looking = Endless("standby", self._look, watch)
        looking.start()
        self._at_end("standby", looking.stop)
        log.info("standby", name=self._lease.holder)

    async def _start_api(self) -> None:
        api = self._settings.api
        self._api = StandbyApi(
            lambda: ["standby: another bridge of the pair acts, and this one takes over when it is lost"],
            self._warnings,
            self._measure,
            describe=self.describe,
            monitors=api.monitors,
            proxies=tuple(api.trusted_proxies),
            tls=tls_context(api.tls_cert, api.tls_key),
            watch=self._supervisor.watch,
        )
        await self._api.start(self._sockets)
        self._at_end("standby API", self._api.stop)

    def _admit_operator(self) -> None:
        """Write the operator's file, so that commands reach this bridge and are told that it is the spare."""
        api, path = self._settings.api, access_path(self._settings.spool.path)
        host, port = self._sockets[0].getsockname()[:2]
        url = own_url(host, port, with_tls=api.tls_cert is not None)
        certificate = certificate_digest(api.tls_cert) if api.tls_cert else ""
        admit(path, OperatorAccess(url, new_token(), certificate))
        self._stack.callback(remove_access, path)

    def _at_end(self, part: str, close: Callable[[], Awaitable[None]]) -> None:
        async def closed() -> None:
            await close()

        self._stack.push_async_callback(within, part, CLOSE_WITHIN_S, closed)

    def _end(self, taken: bool) -> None:
        if not self.over.done():
            self.over.set_result(taken)

    # ------------------------------------------------------------------------------------------------- the lease

    async def _look(self) -> None:
        """Look at the lease until it is ours, then wait to be stopped."""
        while not self.over.done():
            try:
                if await self._take():
                    self._end(True)
            except (LeaseUnknown, DatabaseUnavailable):
                self._phase, self._known_since = Phase.LOADING, None
            await asyncio.sleep(LOOK_EVERY_S)
        await asyncio.Event().wait()

    async def _take(self) -> bool:
        """Take the lease, if nobody holds it. Raises LeaseUnknown, DatabaseUnavailable."""
        if not self._fits:
            async with self._database.connection():
                self._fits = True
        self._notes = await self._lease.read()
        self._phase = Phase.WARM
        self._known_since = self._known_since or steady()
        reaches = self._reach.names()
        if reaches and self._is_free(self._notes.lease):
            own = 0 if self._spool.fresh else self._spool.epoch
            term = await self._lease.take(own, reaches)
            if term is not None:
                log.warning("taking_over", term=term, reaches=sorted(reaches), **_before(self._notes.lease))
                return True
        if steady() - self._reported_at >= RENEWED_EVERY_S:
            self._reported_at = steady()
            await self._lease.report(self._notes.lease.term if self._notes.lease else 0, reaches, self._phase)
        return False

    def _is_free(self, lease: Note | None) -> bool:
        """Return whether the lease is over, and its holder had time to renew it. One that this bridge has given up
        itself is left to another spare."""
        if lease is None:
            return True
        if lease.phase == Phase.GIVEN_UP:
            ours = lease.holder == self._lease.holder and bool(self._others())
            return lease.left_s <= (-YIELDS_FOR_S if ours else 0.0)
        return not lease.counts and steady() - (self._known_since or steady()) >= RENEWS_WITHIN_S

    def _others(self) -> list[Note]:
        """Return the notes of other spares that are there."""
        return [note for note in self._notes.spares if note.counts and note.holder != self._lease.holder]

    # ----------------------------------------------------------------------------------------------- what is told

    def describe(self) -> Described:
        """Return words and numbers for an operator."""
        lease = self._notes.lease
        others = [*([lease] if lease is not None and lease.counts else []), *self._others()]
        return described("standby", self._lease, others, self._reach.names(), self._phase)

    def _warnings(self) -> Sequence[str]:
        found = [f"PBX {name}: {problem}" for name, problem in self._reach.problems.items()]
        found += clock_words(self._lease)
        if self._spool.problem:
            found.append(f"spool: {self._spool.problem}")
        if self._spool.backlog_rows:
            found.append(
                f"spool: {self._spool.backlog_rows} rows of a time when this bridge acted are not in Postgres yet"
            )
        if fault := self._lease.fault or self._database.fault:
            found.append(f"database: {fault}; while it is away nobody takes over")
        if self._sink is not None and self._sink.problem:
            found.append(self._sink.problem)
        return found

    def _measure(self) -> Sequence[Measurement]:
        rows = Measurement("cti_spool_rows", "Rows on disk that Postgres has not got yet", self._spool.backlog_rows)
        return [*measured(self.describe()), rows]


class _Nobody:
    """Listens to the writer. A spare has no parts that wait for rows."""

    def written(self, seq: int) -> None:
        """As :class:`cti_bridge.storage.writer.Listener` says."""


def _before(lease: Note | None) -> dict[str, object]:
    """Return for the log who held the lease before."""
    if lease is None:
        return {"before": None}
    return {"before": lease.holder, "phase": lease.phase, "over_for_s": round(-lease.left_s, 2)}
