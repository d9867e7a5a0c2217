"""The interfaces of other packages that this one uses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from cti_bridge.domain.border.commands import Command, HouseCommand, PanelChanged, SessionUsed
from cti_bridge.domain.border.facts import SessionsAged
from cti_bridge.domain.border.notices import Notice
from cti_bridge.domain.border.views import AgentView, CallView, OfferView
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.directory import Directory
from tickets.store import TicketQuery, TicketsFound
from tickets.ticket import Ticket

Present = Callable[[], Directory]
"""Returns the present directory. Another one may be in force a moment later, so callers ask each time and keep none."""
Listener = Callable[[float, Sequence[Notice]], None]
"""Called in the event loop after each fact, with the time of the fact (POSIX seconds) and its notices."""

Changes = Mapping[tuple[str, str], object | None]
"""The objects that a fact has changed, by (kind, id), as they are now. None: the object has been removed."""
Watcher = Callable[[float, Changes], None]
"""Like a listener, with the changes of the fact."""

T = TypeVar("T")


class Engine(Protocol):
    """The loop around the core."""

    @property
    def listeners(self) -> list[Listener]: ...

    @property
    def watchers(self) -> list[Watcher]: ...

    def tell(self, fact: PanelChanged | SessionUsed | SessionsAged) -> None: ...

    async def ask(self, command: Command, idempotency: str | None = None) -> AgentView:
        """Return the agent's view after the command, once its result is safely in the spool. Raises Refusal. A
        cancellation does not undo the command."""

    async def order(self, command: HouseCommand) -> None:
        """Return when the result of a command that concerns the house is safely in the spool. Raises Refusal. A
        cancellation does not undo the command."""

    def view(self, cti_id: str) -> AgentView: ...

    def offer_view(self, cti_id: str) -> OfferView | None: ...

    def call_view(self, cti_id: str, call_id: str) -> CallView | None: ...

    def read(self, view: Callable[[Floor], T]) -> T:
        """Return the result of ``view``, one of :mod:`cti_bridge.domain.views.snapshot`, for the core's present
        state."""

    def session_owner(self, session_digest: str) -> str | None: ...

    def is_beside(self, session_digest: str) -> bool:
        """Return whether the session is a program's, beside the agent's own."""

    def csrf(self, cti_id: str) -> str: ...


class TicketDesk(Protocol):
    """Tickets as they are now, whether Postgres has them yet or not."""

    async def get(self, ticket_id: str) -> Ticket | None: ...

    async def search(self, query: TicketQuery) -> TicketsFound: ...

    async def comment(self, ticket_id: str, by: str, text: str, key: str | None = None) -> Ticket:
        """A repeat under the same ``key`` gets the answer of the first. Raises TicketError, InvalidBody."""

    async def set_status(self, ticket_id: str, by: str, status: str, version: int, key: str | None = None) -> Ticket:
        """A repeat under the same ``key`` gets the answer of the first. Raises TicketError, InvalidBody."""


class FrequentNumber(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def number(self) -> str:
        """E.164, or a CTI number."""

    @property
    def label(self) -> str: ...


class FrequentNumbers(Protocol):
    """Each agent's own list, safely in the spool when a change returns."""

    def of(self, cti_id: str) -> Sequence[FrequentNumber]: ...

    async def add(self, cti_id: str, number: str, label: str, key: str | None = None) -> FrequentNumber:
        """A repeat under the same ``key`` gets the answer of the first. Raises NotAllowedNow for a number that is there
        already, ListFull, InvalidBody."""

    async def remove(self, cti_id: str, number_id: str, key: str | None = None) -> None:
        """A repeat under the same ``key`` does nothing. Raises NotFound, InvalidBody."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number for /metrics. ``name`` is a Prometheus name, with its unit and, for a counter, without
    ``_total``."""

    name: str
    help: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    counter: bool = False
    buckets: Sequence[tuple[str, float]] = ()
    """A histogram's buckets: the upper end of each with the number of all values up to it. ``value`` is their sum."""
