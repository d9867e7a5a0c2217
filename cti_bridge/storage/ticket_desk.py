"""The ticket desk decides every change of a ticket, the bridge's and the agents', and sends it through the spool.

A ticket in memory is the truth. Postgres is asked only for other tickets, and has all their events, since a ticket
stays in memory until Postgres has it. Without Postgres the desk works with the tickets in memory: those of calls that
go on, those with changes on their way, and recent ones. While it is only slow, it is not done without.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import structlog

from cti_bridge.domain.border.errors import NotFound, StorageUnavailable
from cti_bridge.domain.border.records import TicketNoted, TicketOpened
from cti_bridge.storage import ticket_checkpoint
from cti_bridge.storage.cached_tickets import CachedTicket, CachedTickets
from cti_bridge.storage.checkpoint import Checkpoint
from cti_bridge.storage.database import Database, DatabaseBusy, DatabaseUnavailable
from cti_bridge.storage.kinds import CALL
from cti_bridge.storage.repeats import Repeats
from cti_bridge.storage.rows import outbox_row
from cti_bridge.storage.spool import Spool
from tickets import rules, store
from tickets.store import TicketQuery, TicketsFound, place_of
from tickets.ticket import Ticket, TicketEvent, TicketSummary

_log = structlog.get_logger(__name__)

MOST_AT_REST = 1000


class TicketDesk:
    """``on_change(ticket, opened)`` is called for every change when it is decided, a few milliseconds before it is on
    disk. ``catch_up()`` hands over the changes that the engine still gathers, so a ticket exists as soon as its id can
    be known. ``new_id(now)`` makes UUIDs; ``clock`` gives POSIX seconds."""

    def __init__(
        self,
        spool: Spool,
        database: Database,
        repeats: Repeats,
        *,
        clock: Callable[[], float],
        new_id: Callable[[float], str],
        most_at_rest: int = MOST_AT_REST,
    ) -> None:
        self.on_change: Callable[[Ticket, bool], None] = lambda ticket, opened: None
        self.catch_up: Callable[[], None] = lambda: None
        self._spool = spool
        self._database = database
        self._repeats = repeats
        self._clock = clock
        self._new_id = new_id
        self._cached = CachedTickets(most_at_rest)
        self._notes: dict[str, TicketNoted] = {}
        self._loading: dict[str, asyncio.Task[CachedTicket | None]] = {}
        self._leaving: set[str] = set()
        """Tickets whose rows are being deleted."""

    def take_up(self, checkpoint: Checkpoint) -> None:
        """Take over the tickets of the checkpoint. It is not known which of their events Postgres has. So all count as
        unwritten until the outbox that was found is drained."""
        saved = ticket_checkpoint.saved_in(checkpoint)
        unwritten = self._spool.found_through
        for ticket in saved.tickets:
            live = ticket.call_id in checkpoint.of(CALL)
            self._cached.put(CachedTicket(ticket, live=live, unwritten=unwritten, saved=ticket.version))
        self._notes = saved.notes

    # ------------------------------------------------------------------------------------------- the bridge's changes

    def apply(self, record: TicketOpened | TicketNoted) -> None:
        """Stage an event of a call's ticket. Never raises for the content of the record; no I/O."""
        if isinstance(record, TicketOpened):
            self._open(record)
            return
        cached = self._cached.get(record.ticket_id)
        if cached is None:
            self._keep(record)
        else:
            self._note(cached, record)

    def call_over(self, call_id: str) -> None:
        """The call is no longer in the checkpoint."""
        self._cached.call_over(call_id)
        self._tidy()

    def written(self, seq: int) -> None:
        """Every outbox row up to ``seq`` is in Postgres, or was refused for good."""
        self._cached.written(seq)
        self._tidy()
        for ticket_id in {note.ticket_id for note in self._notes.values()}:
            self._load(ticket_id)

    # ----------------------------------------------------------------------------------------- tickets that are too old

    def let_go(self, ticket_ids: Iterable[str]) -> set[str]:
        """Forget the tickets whose rows are to be deleted, in memory and in the checkpoint. Return those that may be:
        not a ticket whose call goes on, that is being read, or that has changes on their way to Postgres, for these
        would come back as half a ticket. Until :meth:`gone` no one can find them."""
        self.catch_up()
        noted = {note.ticket_id for note in self._notes.values()}
        left: set[str] = set()
        for ticket_id in ticket_ids:
            dropped = self._cached.drop(ticket_id)
            if dropped is not None and dropped.saved:
                self._spool.stage((), ticket_checkpoint.removals(dropped.ticket))
            if self._cached.get(ticket_id) is None and ticket_id not in self._loading and ticket_id not in noted:
                left.add(ticket_id)
        self._leaving |= left
        return left

    def gone(self, ticket_ids: Iterable[str]) -> None:
        """The rows are deleted, or that has failed."""
        self._leaving.difference_update(ticket_ids)

    # ------------------------------------------------------------------------------------------------------- reading

    async def get(self, ticket_id: str) -> Ticket | None:
        """Return the ticket as it is now, or None when it does not exist. Raises StorageUnavailable when memory does
        not have it and Postgres is away."""
        cached = await self._find(ticket_id)
        return None if cached is None else cached.ticket

    async def search(self, query: TicketQuery) -> TicketsFound:
        """Return the tickets found, at most ``query.limit``. While Postgres is away these are tickets in memory, and
        there may be more. Raises StorageUnavailable when memory has none, for a search by number, and for a later page:
        a part of the calls of a customer must not look like all of them."""
        if not all(rules.storable(text or "") for text in (query.status, query.owner, query.number)):
            return TicketsFound([])
        self.catch_up()
        unwritten = {cached.ticket.id: cached.ticket.summary for cached in self._cached.unwritten}
        try:
            async with self._database.reading() as connection:
                # One more than is wanted says whether there are more.
                found = await store.search(connection, replace(query, limit=query.limit + 1), unwritten)
        except DatabaseBusy:
            raise StorageUnavailable from None
        except DatabaseUnavailable:
            if query.must_be_whole:
                raise StorageUnavailable from None
            return self._remembered(query)
        return _newest([*found, *filter(query.matches, unwritten.values())], query.limit)

    # --------------------------------------------------------------------------------------------- the agents' changes

    async def comment(self, ticket_id: str, by: str, text: str, key: str | None = None) -> Ticket:
        """Add a comment, and return the ticket once that is on disk. A repeat under the same ``key`` returns the ticket
        of then. Raises NotFound, TicketError, StorageUnavailable, SpoolFailed, InvalidBody for a key of another
        request. A cancellation does not undo the comment."""
        cached = await self._existing(ticket_id)
        return await self._once(
            cached,
            key,
            ("comment", text),
            lambda now: rules.comment(cached.ticket, self._new_id(now), now, by=by, text=text),
        )

    async def set_status(self, ticket_id: str, by: str, status: str, version: int, key: str | None = None) -> Ticket:
        """Set the status. ``version`` is the one that the agent has seen. Returns and raises as :meth:`comment`."""
        cached = await self._existing(ticket_id)
        return await self._once(
            cached,
            key,
            ("status", status, version),
            lambda now: rules.set_status(cached.ticket, self._new_id(now), now, by=by, status=status, version=version),
        )

    async def _once(
        self, cached: CachedTicket, key: str | None, asked: object, decide: Callable[[float], TicketEvent | None]
    ) -> Ticket:
        """Decide and stage a change, unless that was done under the same key. Return the ticket after it once it is
        safely in the spool. The key keeps the version: the ticket of that version is the sum of its events up to
        there."""
        now = self._clock()
        earlier = self._repeats.earlier(key, asked, now)
        if earlier is not None:
            ticket = cached.ticket.as_of(earlier.answer)
        else:
            event = decide(now)
            if event is not None:
                self._stage(cached, cached.ticket.apply(event))
            ticket = cached.ticket
            self._repeats.keep(key, asked, now, answer=ticket.version)
        await self._spool.committed()
        return ticket

    # ------------------------------------------------------------------------------------------------------- in memory

    def _open(self, record: TicketOpened) -> None:
        if self._cached.get(record.ticket_id) is not None:
            _log.error("ticket_opened_twice", ticket_id=record.ticket_id)
            return
        event = rules.open_ticket(
            self._new_id(record.at),
            record.ticket_id,
            record.at,
            service=record.service,
            call_id=record.call_id,
            owner=record.owner,
            customer_number=record.customer_number,
            detail=record.detail,
        )
        cached = CachedTicket(Ticket.opened(event), live=True)
        self._cached.put(cached)
        self._stage(cached, cached.ticket)

    def _note(self, cached: CachedTicket, record: TicketNoted) -> None:
        event = rules.note(
            cached.ticket,
            self._new_id(record.at),
            record.at,
            by=record.by,
            event_type=record.type,
            detail=record.detail,
        )
        self._stage(cached, cached.ticket.apply(event))

    def _stage(self, cached: CachedTicket, ticket: Ticket) -> None:
        """``ticket`` is the present one, its last event the change."""
        epoch, now = self._spool.epoch, ticket.events[-1].at
        rows = [outbox_row(row, epoch, now) for row in (ticket.events[-1], ticket.summary)]
        seq = self._spool.stage(rows, ticket_checkpoint.entries(ticket, cached.saved))
        cached.ticket, cached.saved = ticket, ticket.version
        self._cached.changed(cached, seq)
        try:
            self.on_change(ticket, ticket.version == 1)
        except Exception:
            _log.exception("ticket_listener_failed", ticket_id=ticket.id)

    def _tidy(self) -> None:
        for cached in self._cached.evict():
            if cached.saved:
                self._spool.stage((), ticket_checkpoint.removals(cached.ticket))

    def _remembered(self, query: TicketQuery) -> TicketsFound:
        known = [cached.ticket.summary for cached in self._cached if query.matches(cached.ticket.summary)]
        if not known:
            raise StorageUnavailable
        return replace(_newest(known, query.limit), more=query.id is None)

    # --------------------------------------------------------------------------------------------------- from Postgres

    async def _existing(self, ticket_id: str) -> CachedTicket:
        cached = await self._find(ticket_id)
        if cached is None:
            raise NotFound
        return cached

    async def _find(self, ticket_id: str) -> CachedTicket | None:
        cached = self._cached.get(ticket_id)
        if cached is not None or not store.is_uuid(ticket_id):
            return cached
        self.catch_up()
        if (cached := self._cached.get(ticket_id)) is not None or ticket_id in self._leaving:
            return cached
        try:
            cached = await asyncio.shield(self._load(ticket_id))
        except DatabaseUnavailable:
            raise StorageUnavailable from None
        if ticket_id in self._leaving:
            return None
        if cached is not None and self._cached.get(ticket_id) is None:
            # Loaded, and out of memory again before this line was reached.
            self._cached.put(cached)
        return self._cached.get(ticket_id)

    def _load(self, ticket_id: str) -> asyncio.Task[CachedTicket | None]:
        """Load the ticket. One load a ticket runs at a time: two readers must not end up with two tickets in memory."""
        task = self._loading.get(ticket_id)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._fetch(ticket_id), name="load ticket")
            self._loading[ticket_id] = task
            task.add_done_callback(lambda done: self._loaded(ticket_id, done))
        return task

    def _loaded(self, ticket_id: str, task: "asyncio.Task[CachedTicket | None]") -> None:
        del self._loading[ticket_id]
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, DatabaseUnavailable):
            _log.error("ticket_not_loaded", ticket_id=ticket_id, error=type(error).__name__)

    async def _fetch(self, ticket_id: str) -> CachedTicket | None:
        async with self._database.reading() as connection:
            ticket = await store.load(connection, ticket_id)
        cached = None
        if ticket is not None:
            cached = CachedTicket(ticket)
            self._cached.put(cached)
        self._deliver_notes(ticket_id, cached)
        self._tidy()
        return cached

    # ------------------------------------------------------------------------------------- notes that find no ticket

    def _keep(self, note: TicketNoted) -> None:
        """The ticket is not in memory: keep the note until Postgres has been asked for it."""
        note_id = self._new_id(note.at)
        self._notes[note_id] = note
        self._spool.stage((), ticket_checkpoint.note_entry(note_id, note))
        if store.is_uuid(note.ticket_id):
            self._load(note.ticket_id)
        else:
            self._deliver_notes(note.ticket_id, None)

    def _deliver_notes(self, ticket_id: str, cached: CachedTicket | None) -> None:
        """Postgres has answered. Apply the notes to the ticket, or drop them when it does not exist."""
        for note_id in [key for key, note in self._notes.items() if note.ticket_id == ticket_id]:
            note = self._notes.pop(note_id)
            if cached is None:
                _log.error("note_without_ticket", ticket_id=ticket_id, type=note.type)
            else:
                self._note(cached, note)
            self._spool.stage((), ticket_checkpoint.note_removal(note_id))


def _newest(found: Sequence[TicketSummary], limit: int) -> TicketsFound:
    return TicketsFound(sorted(found, key=place_of, reverse=True)[:limit], more=len(found) > limit)
