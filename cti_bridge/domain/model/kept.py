"""What the floor keeps beside agents and calls. All but strays and TakenUp stand in the checkpoint; times are POSIX
seconds of the engine's clock."""

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
    """Since it is up, what it holds was taken in as a whole once."""


@dataclass(slots=True)
class Stray:
    """A leg of ours that no checkpoint knows, or a call on an agent's phone that is none of ours: it keeps calls away
    from its agent until it is gone."""

    id: str
    node: str
    cti_id: str | None
    talked: bool = False
    """It was seen with another party, in an emergency call that nobody knows."""


@dataclass(slots=True)
class Mark:
    """A number was force disconnected in calls of a service: how often, and at last why and when. ``number`` is E.164,
    or of one that was withheld what stands for it."""

    service: str
    number: str
    count: int
    last_reason: str
    last_at: float
    key: str = ""
    """What stands for the number, withheld or not (``Directory.number_key``); empty in checkpoints of before."""

    @property
    def id(self) -> str:
        return f"{self.service}/{self.number}"


@dataclass(slots=True)
class Placed:
    """When the outbound calls of a service, or of an agent, of the last minute were placed."""

    by: str
    at: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LostCall:
    """A call whose entry in the checkpoint cannot be read, and what can still be known of it. It has ended for us."""

    id: str
    legs: tuple[str, ...] = ()
    """Those that are known, the caller's too."""
    ticket_id: str | None = None
    emergency: bool = False


@dataclass(frozen=True, slots=True)
class LastChange:
    """What an agent's last row says. It counts where the checkpoint has no agent, or an older one."""

    cti_id: str
    seq: int
    status: Status
    state: AgentState
    reason: str | None
    at: float
    """0: not known."""


class Kept:
    """What a start finds: the states of a checkpoint, by their type."""

    def __init__(self, states: Iterable[object] = ()) -> None:
        self._states = list(states)

    def of(self, type_: type[T]) -> list[T]:
        """In the order in which they were found."""
        return [state for state in self._states if isinstance(state, type_)]


@dataclass(slots=True)
class TakenUp:
    """What the checkpoint says of the clock under which it was written: its newest time, by ours, and whether that was
    yet to come."""

    newest_at: float
    set_back: bool
