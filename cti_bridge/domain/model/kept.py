"""State of the floor beside agents and calls. All but strays stand in the checkpoint. Times are POSIX seconds of the
engine's clock."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from cti_bridge.domain.model.agent import AgentState, Status

T = TypeVar("T")


@dataclass(slots=True)
class NodeState:
    """One PBX. While it is away its calls' deadlines stand still, and commands on them are refused."""

    name: str
    up: bool = False
    lost_at: float | None = None
    boot_id: str | None = None
    reconciled: bool = False
    """The node's list was taken in as a whole once since the node is up."""
    seen_at: float | None = None
    """The last moment at which we saw what the node does. None: never."""
    version: str = ""
    """The version of the PBX; empty: not known."""

    @property
    def id(self) -> str:
        return self.name


@dataclass(slots=True)
class Stray:
    """A leg of ours that no checkpoint knows, or a call on an agent's phone that is not ours. It keeps calls away from
    its agent until it has ended."""

    id: str
    node: str
    cti_id: str | None
    talked: bool = False
    """The leg was seen with another party, in an emergency call that nobody knows."""


@dataclass(slots=True)
class Mark:
    """A number was force disconnected in calls of a service: the count, and the last reason and time. ``number`` is
    E.164, or the key of a withheld number."""

    service: str
    number: str
    count: int
    last_reason: str
    last_at: float
    key: str = ""
    """The key in place of the number, withheld or not (``Directory.number_key``). Empty in older checkpoints."""

    @property
    def id(self) -> str:
        return f"{self.service}/{self.number}"


@dataclass(slots=True)
class Placed:
    """The times at which the outbound calls of a service, or of an agent, were placed in the last minute."""

    by: str
    at: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LostCall:
    """A call whose entry in the checkpoint cannot be read, with the parts that are still known. It has ended for us."""

    id: str
    legs: tuple[str, ...] = ()
    """The known legs, the caller's too."""
    ticket_id: str | None = None
    emergency: bool = False


@dataclass(slots=True)
class LastChange:
    """An agent's last row. It counts where the checkpoint has no agent, or an older one."""

    cti_id: str
    seq: int
    status: Status
    state: AgentState
    reason: str | None
    at: float
    """0: not known."""


class Kept:
    """The states of a checkpoint that a start finds, by their type."""

    def __init__(self, states: Iterable[object] = ()) -> None:
        self._states = list(states)

    def of(self, type_: type[T]) -> list[T]:
        """Return the states of a type, in the order in which they were found."""
        return [state for state in self._states if isinstance(state, type_)]


@dataclass(slots=True)
class TakenUp:
    """The clock under which the checkpoint was written. It is kept until callers have told how long they have been
    there: the bridge may die again before."""

    newest_at: float
    """The newest time of the checkpoint, as our clock counts."""
    set_back: bool
    """That time was yet to come."""
    bounds: list[float] = field(default_factory=list)
    """The newest times of the checkpoints of this start, and of those before that have seen no callers, in order. Times
    up to each, from the one before on, are of a clock of their own."""
