"""A monitor: a supervisor who listens to a call, whispers to its agent, or barges in (requirement L2).

It is beside its call, and the call never changes because of it. A snoop on the agent's leg hears both sides, and speaks
to the agent alone. A bridge of the monitor's own joins it with the supervisor's phone. Whether there is somebody to be
heard follows from the call's state (:data:`FOLLOWS`), and where the phone is to be from the mode as well
(:func:`cti_bridge.domain.monitors.places.place`). Times are POSIX seconds of the engine's clock.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from cti_bridge.domain.model.call import CallState, Stage
from cti_bridge.domain.model.words import MonitorEnd, MonitorMode

KIND = "monitor"
"""The kind of the owner in the ids of its legs and its bridge."""


class Part(StrEnum):
    """The part of a leg, in its id."""

    SUPERVISOR = "supervisor"
    """The supervisor's own phone."""
    SNOOP = "snoop"
    """Hears all that the agent says and hears. What is said to it the agent alone hears."""


@dataclass(slots=True)
class MonitorLeg:
    """One channel. ``place`` is the bridge that was ordered last, ``seen`` the one in which it was seen since; empty:
    none."""

    id: str
    part: Part
    stage: Stage = Stage.ORDERED
    place: str = ""
    seen: str = ""
    moved_at: float = 0.0
    """The time of the last order to move, or of its making. What was asked before says nothing of it."""
    spied: str = ""
    """The agent's leg that a snoop is on."""
    phone_holds: bool = False
    """The phone holds by its own key. Then it is in the own bridge, which has no music for the others."""


@dataclass(slots=True)
class Monitor:
    """``mode`` was commanded last, ``confirmed`` is in force as far as that was seen."""

    id: str
    node: str
    call_id: str
    cti_id: str
    """The supervisor."""
    mode: MonitorMode
    since: float
    phone: MonitorLeg | None = None
    snoop: MonitorLeg | None = None
    going: list[MonitorLeg] = field(default_factory=list)
    """Legs on their way out."""
    partners: list[str] = field(default_factory=list)
    """The legs whom the agent talked with since the snoop was made. With others it is made anew."""
    near: bool = False
    """The supervisor's phone may be in the call's bridge."""
    has_bridge: bool = False
    muted: bool = False
    """The supervisor is to be heard by nobody."""
    mutings: int = 0
    """The number of orders to mute, or no more."""
    muted_seen: bool = False
    """The last of them that was seen to take effect."""
    settled: bool = True
    """That was the last one."""
    confirmed: MonitorMode | None = None
    confirmed_at: float | None = None
    row_id: str = ""
    """The row of the mode in force."""
    row_mode: MonitorMode | None = None
    row_at: float | None = None
    ends_at: float | None = None
    """The end of the time in which the phone may ring, or has to leave the call's bridge; or a snoop is tried again."""
    attempts: int = 0
    """Orders in a row that came to nothing."""
    rests: bool = False
    """No snoop is made before the deadline."""
    over: MonitorEnd | None = None
    """Why it is over. It is kept until its last leg has ended."""

    @property
    def bridge_id(self) -> str:
        """The id of the own bridge."""
        return f"cti-{KIND}-{self.id}-bridge"

    @property
    def legs(self) -> list[MonitorLeg]:
        """All legs that exist, or are ending."""
        return [*filter(None, (self.phone, self.snoop)), *self.going]


class Follows(StrEnum):
    """The way in which a monitor follows its call, by the call's state."""

    HEARS = "hears"
    """The agent is there, in the bridge or out of it."""
    WAITS = "waits"
    """There is no agent to be heard, but another one, or the same, is rung."""
    ENDS = "ends"
    """No agent comes any more."""


_S = CallState
FOLLOWS: dict[CallState, Follows] = {
    _S.IN_SCENARIO: Follows.ENDS,
    _S.IN_DIALPLAN: Follows.ENDS,
    # Nobody knows for how long. Whoever gets the call can be monitored anew.
    _S.WAITING: Follows.ENDS,
    _S.RINGING: Follows.WAITS,
    _S.ACCEPTED: Follows.WAITS,
    _S.CONNECTING: Follows.HEARS,
    # Calls out are not monitored before both talk, nor internal ones ever.
    _S.DIALING_AGENT: Follows.ENDS,
    _S.DIALING_CUSTOMER: Follows.ENDS,
    _S.TALKING: Follows.HEARS,
    _S.WARNING: Follows.HEARS,
    _S.INTERNAL_RINGING: Follows.ENDS,
    _S.INTERNAL_TALKING: Follows.ENDS,
    _S.INTERNAL_ON_HOLD: Follows.ENDS,
    _S.INTERNAL_HELD: Follows.ENDS,
    _S.AGENT_LOST: Follows.WAITS,
    _S.ON_HOLD: Follows.HEARS,
    _S.CONSULT_RINGING: Follows.HEARS,
    _S.CONSULT_TALKING: Follows.HEARS,
    _S.CONSULT_SWAPPED: Follows.HEARS,
    _S.THREE_TOGETHER: Follows.HEARS,
    _S.CONSULT_ALONE: Follows.HEARS,
    _S.JOINING: Follows.HEARS,
    _S.TRANSFER_RINGING: Follows.WAITS,
    _S.TRANSFER_CONFIRMING: Follows.ENDS,
    _S.TRANSFERRED: Follows.ENDS,
    _S.ANNOUNCING: Follows.ENDS,
    _S.ENDED: Follows.ENDS,
}
BEGINS_IN = frozenset(state for state, follows in FOLLOWS.items() if follows is Follows.HEARS) - {_S.CONNECTING}
"""The states in which somebody may begin to monitor a call."""
