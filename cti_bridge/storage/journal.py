"""What the engine writes to and starts from: records and state in one transaction of the spool."""

import os
import time
from collections.abc import Callable, Mapping, Sequence

import asyncpg
import structlog

from cti_bridge.domain.ids import Ids
from cti_bridge.domain.records import Record, TicketNoted, TicketOpened
from cti_bridge.idempotency import IdempotencyKeys
from cti_bridge.storage.checkpoint import Checkpoint, encode, read
from cti_bridge.storage.database import Database, DatabaseUnavailable
from cti_bridge.storage.desk import MOST_AT_REST, TicketDesk
from cti_bridge.storage.kinds import CALL, IDEMPOTENCY, SECRET, TICKET, TICKET_EVENT, TICKET_NOTE
from cti_bridge.storage.outages import describe
from cti_bridge.storage.repeats import Repeats
from cti_bridge.storage.rows import outbox_row
from cti_bridge.storage.spool import OutboxRow, Spool
from cti_bridge.storage.writer import STATEMENTS

_log = structlog.get_logger(__name__)

_NUMBERS = "numbers"
"""The entry of the kind ``secret``."""


class Journal:
    """``desk`` is the ticket desk, which writes to the same spool; ``keys`` are what makes repeats harmless, the
    engine's and, by ``repeats``, everybody else's. ``new_id(now)`` makes UUIDs; ``clock`` gives POSIX
    seconds."""

    def __init__(
        self,
        spool: Spool,
        database: Database,
        *,
        clock: Callable[[], float] = time.time,
        new_id: Callable[[float], str] | None = None,
        tickets_at_rest: int = MOST_AT_REST,
    ) -> None:
        new_id = new_id or Ids(os.urandom).uuid
        self.keys = IdempotencyKeys()
        self.repeats = Repeats(spool, self.keys)
        self.desk = TicketDesk(spool, database, self.repeats, clock=clock, new_id=new_id, most_at_rest=tickets_at_rest)
        self._spool = spool
        self._database = database
        self._clock = clock
        self._checkpoint = Checkpoint()

    async def start(self) -> None:
        """Load the checkpoint and the tickets in it; a fresh spool gets its epoch. Waits for Postgres only then, and
        then only for one attempt. Raises sqlite3.Error."""
        if self._spool.fresh:
            await self._spool.set_epoch(await self._next_epoch())
        self._checkpoint = read(self._spool.load())
        self.repeats.restore(self._checkpoint)
        self.desk.restore(self._checkpoint)
        self._checkpoint.forget(IDEMPOTENCY, TICKET, TICKET_EVENT, TICKET_NOTE)

    def number_secret(self) -> bytes:
        """The installation's, for :func:`cti_bridge.numbers.keyed`; made once. It is of use only together with the
        marks, so it lies beside them."""
        found = self._checkpoint.of(SECRET).get(_NUMBERS)
        if found is not None:
            return bytes.fromhex(found)
        made = os.urandom(32)
        self._spool.stage((), {(SECRET.name, _NUMBERS): encode(SECRET.name, made.hex())})
        return made

    @property
    def epoch(self) -> int:
        return self._spool.epoch

    def load(self) -> Checkpoint:
        """The checkpoint as it was when the journal was started, without what the journal's own parts have taken up."""
        return self._checkpoint

    def taken_up(self) -> None:
        """Everybody has taken up what is theirs: the checkpoint of the start is no longer kept in memory."""
        self._checkpoint = Checkpoint()

    def record(
        self, output_records: Sequence[Record], changes: Mapping[tuple[str, str], object | None], now: float
    ) -> None:
        """Stage rows and states (None: gone), to be committed together. No I/O. Raises TypeError, with nothing staged,
        for a state that cannot be encoded. A change of the kind ``call`` to None says that the call's ticket may rest.
        """
        epoch = self._spool.epoch
        rows: list[OutboxRow] = []
        for_desk: list[TicketOpened | TicketNoted] = []
        for record in output_records:
            if isinstance(record, TicketOpened | TicketNoted):
                for_desk.append(record)
            else:
                rows.append(outbox_row(record, epoch, now))
        states = {key: None if state is None else encode(key[0], state) for key, state in changes.items()}
        self._spool.stage(rows, states)
        for record in for_desk:
            self.desk.apply(record)
        for (kind, identity), state in changes.items():
            if kind == CALL.name and state is None:
                self.desk.call_over(identity)

    async def committed(self) -> None:
        """Returns when all that was recorded up to now is on disk. Raises SpoolFailed."""
        await self._spool.committed()

    async def last_agent_seqs(self) -> dict[str, int]:
        """The highest seq that Postgres has of each agent, for a fresh spool; nothing when Postgres is away, and then
        the seqs begin anew under the new epoch."""
        try:
            async with self._database.connection() as connection:
                rows = await connection.fetch(STATEMENTS["last_agent_seqs"])
        except DatabaseUnavailable as error:
            _log.warning("agent_seqs_unknown", reason=str(error))
            return {}
        return {row["cti_id"]: row["seq"] for row in rows}

    async def _next_epoch(self) -> int:
        """One more than Postgres has seen. When it cannot be asked, the POSIX time: higher than any epoch that counted
        up from 1 and than any clock epoch before it, so our rows are the newer ones all the same."""
        try:
            async with self._database.connection() as connection:
                highest: int = await connection.fetchval(STATEMENTS["highest_epoch"])
        except (DatabaseUnavailable, asyncpg.PostgresError) as error:
            epoch = int(self._clock())
            _log.warning("epoch_from_clock", epoch=epoch, reason=describe(error))
            return epoch
        return highest + 1
