"""The journal of the engine: it writes records and state in one transaction of the spool, and loads them at a start."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import asyncpg
import structlog

from cti_bridge.domain.border.records import AgentStateChange, GapRow, Record, TicketNoted, TicketOpened
from cti_bridge.domain.model.ids import Ids
from cti_bridge.domain.model.kept import LastChange
from cti_bridge.domain.model.words import Unseen
from cti_bridge.idempotency import IdempotencyKeys
from cti_bridge.storage.checkpoint import Checkpoint, Unreadable, encode, read
from cti_bridge.storage.closing import GoesOn
from cti_bridge.storage.database import Database, DatabaseUnavailable
from cti_bridge.storage.kinds import AGENT, CALL, HOURS_OVERRIDE, IDEMPOTENCY, SECRET, TICKET, TICKET_EVENT, TICKET_NOTE
from cti_bridge.storage.outages import describe
from cti_bridge.storage.repeats import Repeats
from cti_bridge.storage.rows import TABLES, outbox_row
from cti_bridge.storage.salvage import change_of_row, changes_in, last_change, lost_call
from cti_bridge.storage.spool import OutboxRow, Spool
from cti_bridge.storage.spool_file import shown
from cti_bridge.storage.ticket_desk import MOST_AT_REST, TicketDesk
from cti_bridge.storage.writer import STATEMENTS
from tickets import store

_log = structlog.get_logger(__name__)

ASK_WITHIN_S = 1.0
"""The most seconds for which a start with a spool waits for answers of Postgres."""
_NUMBERS = "numbers"
"""The entry of the kind ``secret``."""


class Journal:
    """``desk`` is the ticket desk, which writes to the same spool. ``keys`` make repeats harmless: those of the engine
    and, by ``repeats``, of all other changes. ``new_id(now)`` makes UUIDs; ``clock`` gives POSIX seconds."""

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
        self._new_id = new_id
        self._checkpoint = Checkpoint()
        self._last_in_postgres: list[LastChange] = []
        self._newer_tickets: list[str] = []
        self._highest_epoch: int | None = None
        self._not_asked = ""
        self.goes_on = GoesOn()
        """The objects that were open in earlier runs and are still known."""

    async def start(self, epoch: int | None = None) -> None:
        """Load the checkpoint and its tickets, and begin an epoch: the given one, of a bridge that takes over, or a new
        one. Postgres is asked once: with a fresh spool until the attempt ends, else for a second at most. Raises
        sqlite3.Error."""
        self._read()
        await self._ask()
        self._spool.set_epoch(self._next_epoch() if epoch is None else epoch)
        self._last_agents()
        self._leave_to_postgres(self._newer_tickets)
        self.goes_on = self._what_goes_on()
        self.repeats.take_up(self._checkpoint)
        self.desk.take_up(self._checkpoint)
        self._checkpoint.forget(IDEMPOTENCY, TICKET, TICKET_EVENT, TICKET_NOTE)

    def number_secret(self) -> bytes:
        """Return the installation's secret for :func:`cti_bridge.numbers.e164.keyed`. It is made once. It is of use
        only together with the marks, so it lies beside them."""
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
        """Return the checkpoint of the start, without the states that the journal's own parts have taken up."""
        return self._checkpoint

    def _what_goes_on(self) -> GoesOn:
        calls = self._checkpoint.of(CALL).values()
        last = (one.cti_id for one in self._checkpoint.beside if isinstance(one, LastChange))
        return GoesOn(
            calls=_uuids(call.id for call in calls),
            offers=_uuids(call.offer.id for call in calls if call.offer is not None),
            logins=_uuids(agent.login.id for agent in self._checkpoint.of(AGENT).values() if agent.login is not None),
            overrides=_uuids(one.row_id for one in self._checkpoint.of(HOURS_OVERRIDE).values()),
            agents=sorted({*self._checkpoint.of(AGENT), *last}),
        )

    def taken_up(self) -> None:
        """All parts have taken up their states: forget the checkpoint of the start."""
        self._checkpoint = Checkpoint()
        self._last_in_postgres, self._newer_tickets = [], []

    def record(
        self, output_records: Sequence[Record], changes: Mapping[tuple[str, str], object | None], now: float
    ) -> None:
        """Stage rows and states (None: removed), to be committed together. No I/O. Raises TypeError for a state that
        cannot be encoded; no row or state is staged then. A change of the kind ``call`` to None says that the call's
        ticket may rest."""
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

    def storage_was_away(self, for_s: float) -> None:
        """Postgres takes rows again, after so many seconds. No I/O."""
        now = self._clock()
        gap = GapRow(self._new_id(now), Unseen.STORAGE, None, now - for_s, now)
        self._spool.stage([outbox_row(gap, self._spool.epoch, now)], {})

    async def committed(self) -> None:
        """Return when all that was recorded up to now is on disk. Raises SpoolFailed. A cancellation stops the wait
        alone."""
        await self._spool.committed()

    def set_aside(self, keys: Collection[tuple[str, str]], reason: str) -> None:
        """The core fails on these entries of the checkpoint. Treat them as unreadable too, and read all others anew."""
        entries = self._spool.load()
        unreadable = [Unreadable(*key, entries[key], reason) for key in keys if key in entries]
        self._set_aside(unreadable)
        last = [one for one in self._checkpoint.beside if isinstance(one, LastChange)]
        self._read()
        self._checkpoint.drop(keys)
        self._leave_behind(unreadable)
        self._checkpoint.beside += last
        self.goes_on = self._what_goes_on()
        self._checkpoint.forget(IDEMPOTENCY, TICKET, TICKET_EVENT, TICKET_NOTE)

    # ------------------------------------------------------------------------------------------------------ reading

    def _read(self) -> None:
        """Read the checkpoint. Unreadable entries are set aside, and the core gets their remains."""
        aside = self._spool.aside()
        self._checkpoint = found = read(self._spool.load())
        self._set_aside(found.unreadable)
        for kind, number in found.unknown.items():
            _log.warning(
                "checkpoint_kind_unknown", kind=shown(kind), entries=number, text="A newer release's. They are kept."
            )
        self._leave_behind(found.unreadable)
        # Their legs may be up still: an earlier start may have ended before it could hang them up.
        before = [one for one in aside if one[0] == CALL.name and one[1] not in found.of(CALL)]
        found.beside += [lost_call(identity, state, note=False) for _, identity, state in before]

    def _leave_behind(self, unreadable: Sequence[Unreadable]) -> None:
        for one in unreadable:
            if one.kind == CALL.name:
                self._checkpoint.beside.append(lost_call(one.id, one.state, note=True))
            elif one.kind == AGENT.name and (last := last_change(one.id, one.state)):
                self._checkpoint.beside.append(last)

    def _set_aside(self, unreadable: Sequence[Unreadable]) -> None:
        if not unreadable:
            return
        try:
            self._spool.set_aside([(one.kind, one.id, one.state, one.reason) for one in unreadable], self._clock())
        except sqlite3.Error as error:
            _log.error("checkpoint_entries_not_set_aside", reason=str(error))
        for one in unreadable:
            _log.error(
                "checkpoint_entry_unreadable",
                file=str(self._spool.path),
                kind=one.kind,
                id=shown(one.id),
                reason=shown(one.reason),
                text="It was set aside, in the file's table unreadable; docs/operating.md says what to do.",
            )

    def _last_agents(self) -> None:
        """Return the last row of each agent. Rows in the outbox are not in Postgres yet; they are read where they are
        needed."""
        self._checkpoint.beside += self._last_in_postgres
        if any(one.kind == AGENT.name for one in self._checkpoint.unreadable):
            for payload in self._spool.payloads(TABLES[AgentStateChange]):
                self._checkpoint.beside += change_of_row(payload)

    def _leave_to_postgres(self, newer: Collection[str]) -> None:
        """Forget tickets that have gone on since a copy of the spool was made: the events here would get numbers
        twice."""
        if not newer:
            return
        _log.warning("tickets_newer_in_postgres", tickets=len(newer))
        tickets, events = self._checkpoint.of(TICKET), self._checkpoint.of(TICKET_EVENT)
        gone = [(TICKET.name, ticket_id) for ticket_id in newer]
        gone += [(TICKET_EVENT.name, key) for key, event in events.items() if event.ticket_id in newer]
        self._spool.stage((), dict.fromkeys(gone))
        for ticket_id in newer:
            del tickets[ticket_id]

    # ------------------------------------------------------------------------------------------- what Postgres knows

    async def _ask(self) -> None:
        asking = self._ask_postgres()
        try:
            await (asking if self._spool.fresh else asyncio.wait_for(asking, ASK_WITHIN_S))
        except (DatabaseUnavailable, asyncpg.PostgresError, TimeoutError) as error:
            self._not_asked = describe(error)

    async def _ask_postgres(self) -> None:
        async with self._database.connection() as connection:
            rows = await connection.fetch(STATEMENTS["last_agent_changes"])
            held = self._checkpoint.of(TICKET)
            self._newer_tickets = await store.newer(connection, {one.id: one.version for one in held.values()})
            highest: int = await connection.fetchval(STATEMENTS["highest_epoch"])
        self._last_in_postgres = changes_in(rows)
        # An earlier release, to which the house went back for a while, noted no epochs.
        self._highest_epoch = max((highest, *(row["epoch"] for row in rows)))

    def _next_epoch(self) -> int:
        """Return a new epoch for this start. So the rows of a spool that was put back from a copy are newer, and never
        those of another run. The epoch is one more than Postgres and the spool have seen. When Postgres cannot be
        asked, it is the POSIX time: higher than any epoch that counted up from 1 and than any earlier clock epoch."""
        last = 0 if self._spool.fresh else self._spool.epoch
        if self._highest_epoch is not None:
            return max(last, self._highest_epoch) + 1
        epoch = max(last + 1, int(self._clock()))
        _log.warning("epoch_from_clock", epoch=epoch, reason=self._not_asked)
        return epoch


def _uuids(found: Iterable[str]) -> list[str]:
    """Return the ids that can be in Postgres."""
    return [one for one in found if store.is_uuid(one)]
