"""The only loop of the bridge: inbox → core → actions → timer.

Events of the PBX, commands of agents, failed actions and due deadlines stand in one inbox. They are handled one after
another; the first in the inbox wins. Handling never waits. Actions go to the executor, records and changed state to the
journal. A command is answered when the transaction that holds its result is committed.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any, Protocol, TypeVar

import msgspec
import structlog

from cti_bridge.domain.border.actions import Action
from cti_bridge.domain.border.commands import Command, HouseCommand
from cti_bridge.domain.border.errors import Refusal
from cti_bridge.domain.border.facts import ClockMoved, Fact, TimePassed
from cti_bridge.domain.border.notices import Notice
from cti_bridge.domain.border.output import Output
from cti_bridge.domain.border.records import Record
from cti_bridge.domain.border.views import AgentView, CallView, OfferView
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.views.snapshot import agent_view, call_view, offer_view
from cti_bridge.idempotency import IdempotencyKeys

log = structlog.get_logger(__name__)

GATHER_S = 0.1
"""The seconds for which changes are gathered before they are encoded and staged. A call changes several times within
milliseconds, and only the last state is worth writing. A command's result is staged at once."""
TURN_S = 0.02
"""The event loop gets its turn when facts have been handled for so many seconds, so replies never wait much longer.
Most facts take 0.1 ms. The lists of a PBX with very many phones take half a turn each, and twenty PBXs may come at
once."""

LATE_S = 0.05
"""A timer that is later than this, in seconds, was held up, and so was the reading."""
READ_FIRST_S = 0.05
"""The seconds for which the loop then turns before the deadline acts."""

Listener = Callable[[float, Sequence[Notice]], None]
Watcher = Callable[[float, Mapping[tuple[str, str], object | None]], None]

T = TypeVar("T")
_Done = tuple[asyncio.Future[Any], AgentView | None]
"""The future of a command, and its answer."""


class Journal(Protocol):
    def record(
        self, output_records: Sequence[Record], changes: dict[tuple[str, str], object | None], now: float
    ) -> None: ...

    async def committed(self) -> None: ...


class _Asked:
    """A command, and the future of its result."""

    __slots__ = ("command", "future", "key")

    def __init__(self, command: Command | HouseCommand, future: asyncio.Future[Any], key: str | None) -> None:
        self.command, self.future, self.key = command, future, key


class _Told:
    """A fact, and the future of its notices."""

    __slots__ = ("fact", "future")

    def __init__(self, fact: Fact, future: asyncio.Future[Sequence[Notice]]) -> None:
        self.fact, self.future = fact, future


class Engine:
    """``submit`` carries out actions. ``surprise`` is called when the lists of the PBXs should be read anew: after a
    fault of the core a call may be other than it says. ``broken`` is called when the loop itself has failed. From then
    on memory and disk may differ, or deadlines no longer come."""

    def __init__(
        self,
        center: CallCenter,
        journal: Journal,
        clock: Callable[[], float],
        submit: Callable[[Sequence[Action]], None],
        surprise: Callable[[], None],
        keys: IdempotencyKeys,
        broken: Callable[[str, BaseException], None] | None = None,
    ) -> None:
        self.center = center
        self.listeners: list[Listener] = []
        self.watchers: list[Watcher] = []
        self.faults = 0
        self.handled = 0
        self.look_at_time: Callable[[], None] = lambda: None
        """Called before a deadline acts. It tells a stall first, if there was one (:mod:`cti_bridge.pulse`)."""
        self._journal = journal
        self._clock = clock
        self._submit = submit
        self._surprise = surprise
        self._keys = keys
        self._broken = broken
        self._inbox: deque[Fact | _Asked | _Told] = deque()
        self._draining = False
        self._closed = False
        self._flush_timer: asyncio.TimerHandle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: float | None = None
        self._acknowledging: set[asyncio.Task[None]] = set()
        self._records: list[Record] = []
        self._changes: dict[tuple[str, str], object | None] = {}

    @property
    def waiting(self) -> int:
        """The number of facts in the inbox."""
        return len(self._inbox)

    # -------------------------------------------------------------------------------------------------- the inbox

    def tell(self, fact: Fact) -> None:
        """Put a fact into the inbox, and handle the inbox unless that is being done. Never raises, never waits. Must be
        called from the event loop's thread."""
        self._inbox.append(fact)
        self._drain()

    def clock_moved(self, by_s: float) -> None:
        """The clock was set by ``by_s`` seconds, forward or back."""
        self._changes.update(self._keys.clock_moved(by_s))
        self.tell_first(ClockMoved(by_s, self._clock()))

    def tell_first(self, fact: Fact) -> None:
        """Put a fact in front of the inbox, since it changes what time means."""
        self._inbox.appendleft(fact)
        self._drain()

    async def take(self, fact: Fact) -> Sequence[Notice]:
        """Put a fact into the inbox and return its notices. Raises whatever the core raises. A cancellation does not
        take the fact back."""
        future: asyncio.Future[Sequence[Notice]] = asyncio.get_running_loop().create_future()
        self._inbox.append(_Told(fact, future))
        self._drain()
        return await future

    async def ask(self, command: Command, idempotency: str | None = None) -> AgentView:
        """Put a command into the inbox. Return the agent's view once the command's result is safely in the spool.
        Raises Refusal; nothing has changed then. A cancellation does not undo the command.

        A repeat with the same ``idempotency`` key is answered with the present view and does nothing.
        """
        future: asyncio.Future[AgentView] = asyncio.get_running_loop().create_future()
        self._inbox.append(_Asked(command, future, idempotency))
        self._drain()
        return await future

    async def order(self, command: HouseCommand) -> None:
        """Put a command that concerns the house into the inbox. Return once its result is safely in the spool. Raises
        Refusal; nothing has changed then. A cancellation does not undo the command."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._inbox.append(_Asked(command, future, None))
        self._drain()
        return await future

    def close(self) -> None:
        """Handle no fact any more. The next start learns from the PBX what is still in the inbox."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self.flush()

    async def settle(self) -> None:
        """Wait until everything handled so far is committed and acknowledged."""
        self.flush()
        await self._journal.committed()
        if self._acknowledging:
            await asyncio.gather(*self._acknowledging, return_exceptions=True)

    def view(self, cti_id: str) -> AgentView:
        """Return the agent's view. Raises NotFound."""
        return agent_view(self.center.floor, cti_id)

    def call_view(self, cti_id: str, call_id: str) -> CallView | None:
        """Return the agent's call as their panel sees it, also where they are the target. None when the call is over or
        not theirs."""
        floor = self.center.floor
        call, agent = floor.calls.get(call_id), floor.agents.get(cti_id)
        theirs = call is not None and agent is not None and cti_id == call.cti_id
        called = agent is not None and agent.call_id == call_id
        return call_view(floor, call) if call is not None and (theirs or called) else None

    def offer_view(self, cti_id: str) -> OfferView | None:
        """Return the present offer to the agent, or None. Raises NotFound."""
        agent = self.center.floor.agent(cti_id)
        call = self.center.floor.calls.get(agent.call_id or "")
        return offer_view(call) if call is not None else None

    def read(self, view: Callable[[Floor], T]) -> T:
        """Return the result of ``view`` for the core's present state."""
        return view(self.center.floor)

    def session_owner(self, session: str) -> str | None:
        """Return the CTI ID of the agent whose session has this digest, or None."""
        return self.center.floor.by_session.get(session)

    def is_beside(self, session: str) -> bool:
        """Return whether the session with this digest is a program's, beside the agent's own."""
        agent = self.center.floor.agents.get(self.session_owner(session) or "")
        return agent is not None and agent.beside == session

    def csrf(self, cti_id: str) -> str:
        """Return the value that the panel must send along with its writes. Raises NotFound."""
        return self.center.floor.agent(cti_id).csrf

    # ------------------------------------------------------------------------------------------------------- the loop

    def _drain(self) -> None:
        """Handle the inbox, in order. Facts that are told meanwhile are handled in the same run. After :data:`TURN_S`
        the loop gets its turn."""
        if self._draining or self._closed:
            return
        self._draining = True
        done: list[_Done] = []
        until = monotonic() + TURN_S
        try:
            while self._inbox:
                entry = self._inbox.popleft()
                if isinstance(entry, _Asked):
                    self._obey(entry, done)
                elif isinstance(entry, _Told):
                    self._take_and_say(entry)
                else:
                    self._take(entry)
                if monotonic() >= until:
                    break
            self._write(done)
            self._arm()
        except Exception as fault:
            self._break(fault)
            for future, _ in done:
                if not future.done():
                    future.set_exception(fault)
        finally:
            self._draining = False
        if self._inbox:
            asyncio.get_running_loop().call_soon(self._drain)

    def _take(self, fact: Fact) -> None:
        """Handle one fact. A fault of the core is reported with the fact. Its calls are read anew, and the rest goes
        on."""
        try:
            self._handle(fact)
        except Exception:
            self.faults += 1
            # By field, for numbers are masked by the name of their field.
            log.exception(
                "fault_in_core", fact=type(fact).__name__, **msgspec.to_builtins(fact, str_keys=True, enc_hook=repr)
            )
            self._surprise()

    def _take_and_say(self, told: _Told) -> None:
        try:
            notices = self._handle(told.fact)
        except Exception as fault:
            self.faults += 1
            log.exception("fault_in_core", fact=type(told.fact).__name__)
            self._surprise()
            if not told.future.done():
                told.future.set_exception(fault)
        else:
            if not told.future.done():
                told.future.set_result(notices)

    def _obey(self, asked: _Asked, done: list[_Done]) -> None:
        command, future = asked.command, asked.future
        if future.cancelled():
            return
        now = self._clock()
        try:
            if self._keys.earlier(asked.key, command, now) is None:
                self._handle(command)
                if asked.key is not None:
                    self._changes.update(self._keys.remember(asked.key, command, now))
            done.append((future, None if isinstance(command, HouseCommand) else self.view(command.cti_id)))
        except Refusal as refusal:
            future.set_exception(refusal)
            if not isinstance(command, HouseCommand):
                self._give_out(self.center.refused(command, refusal, now), now)
        except Exception as fault:
            self.faults += 1
            log.exception("fault_in_core", command=type(command).__name__, cti_id=getattr(command, "cti_id", None))
            self._surprise()
            future.set_exception(fault)

    def _handle(self, fact: Fact) -> Sequence[Notice]:
        now = self._clock()
        try:
            output = self.center.handle(fact, now)
        except Refusal:
            raise
        except Exception:
            self._give_out(self.center.left_over(), now)
            raise
        self.handled += 1
        self._give_out(output, now)
        return output.notices

    def _give_out(self, output: Output, now: float) -> None:
        if output.actions:
            self._submit(output.actions)
        self._records += output.records
        self._changes.update(output.changes)
        if output.notices:
            for listener in self.listeners:
                listener(now, output.notices)
        if output.changes:
            for watcher in self.watchers:
                watcher(now, output.changes)

    def _write(self, done: list[_Done]) -> None:
        if not done:
            if self._flush_timer is None and (self._records or self._changes):
                self._flush_timer = asyncio.get_running_loop().call_later(GATHER_S, self._flush_gathered)
            return
        self.flush()
        task = asyncio.get_running_loop().create_task(self._acknowledge(done), name="acknowledge")
        self._acknowledging.add(task)
        task.add_done_callback(self._acknowledging.discard)

    def _flush_gathered(self) -> None:
        try:
            self.flush()
        except Exception as fault:
            self._break(fault)

    def _break(self, fault: Exception) -> None:
        if self._broken is None:
            raise fault
        self._broken("engine", fault)

    def flush(self) -> None:
        """Stage the gathered changes."""
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        if self._records or self._changes:
            records, changes = self._records, self._changes
            self._records, self._changes = [], {}
            self._journal.record(records, changes, self._clock())

    async def _acknowledge(self, done: list[_Done]) -> None:
        try:
            await self._journal.committed()
        except Exception as failure:
            for future, _ in done:
                if not future.done():
                    future.set_exception(failure)
            return
        for future, view in done:
            if not future.done():
                future.set_result(view)

    def _arm(self) -> None:
        """Arm the one timer for the earliest deadline."""
        at = self.center.next_deadline()
        if at == self._timer_at and self._timer is not None:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_at = None, at
        if at is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, at - self._clock()), self._ring)

    def _ring(self) -> None:
        """A deadline is due. If the timer is late, let the loop read first: an event that came before the deadline
        wins."""
        at = self._timer_at
        self._timer = self._timer_at = None
        self.look_at_time()
        if self._timer is not None or at is None:
            return  # There was a stall, and the deadlines are later now.
        if self._clock() - at > LATE_S:
            self._timer_at = at
            self._timer = asyncio.get_running_loop().call_later(READ_FIRST_S, self._ring_late)
        else:
            self.tell(TimePassed())

    def _ring_late(self) -> None:
        self._timer = self._timer_at = None
        self.tell(TimePassed())

    def start_from(self, output: Output) -> None:
        """Take over the output of the checkpoint's restart, and arm the timer. Its actions are not sent and its notices
        not told: no PBX is connected and no panel listens yet. The first reconcile of a PBX orders anew whatever is not
        in its place."""
        self._records += output.records
        self._changes.update(output.changes)
        self._write([])
        self._arm()
