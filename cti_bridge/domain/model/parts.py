"""Parts of a call: who the customer is, how the call waits and is dialled, and a target that was not reached. Times are
POSIX seconds of the engine's clock."""

from msgspec import Struct, field

from cti_bridge.domain.model.words import TargetGone


class TargetResult(Struct, gc=False):
    """A target that was not reached or has left, and the reason."""

    target: str
    reason: TargetGone


class Customer(Struct, gc=False):
    """The other end of the line."""

    number: str | None
    """None: the number is withheld, or identifies nobody. Such a call is never put together with another."""
    name: str = ""
    withheld_key: str | None = None
    """A key in place of a withheld number that the network knows (:mod:`cti_bridge.domain.numbers.marks`)."""


class Wait(Struct, gc=False):
    """The wait for an agent."""

    since: float | None = None
    """None: the call does not wait."""
    lasted_s: float = 0.0
    """The length of the wait, until the agent answered."""
    ends_at: float | None = None
    """The end of the longest wait; None: there is none."""
    reached_s: float = 0.0
    """The seconds for which the call counts as having waited, for its stages."""
    stage_at: float | None = None
    """The beginning of the next stage; None: there is none."""
    returned: bool = False
    """The call came back from an agent and goes before all others but the first."""
    first: bool = False
    """A supervisor has moved the call to the front."""
    last_agent: str | None = None
    """The agent (CTI ID) who talked last with the number, and is waited for."""
    last_agent_until_at: float | None = None
    """The time until which that agent is waited for, or, while ``last_agent`` is None, until which it is waited to know
    who that is. None: anybody may be given the call."""
    not_taken_by: list[str] = field(default_factory=list)
    """The agents (CTI IDs) who did not take the call since somebody last talked in it. Others are offered it first."""


class Dialling(Struct, gc=False):
    """How a call out is dialled: the number that it shows, the time to ring, and how an emergency service is
    reached."""

    calling_number: str | None = None
    """The registered number that the other side sees."""
    ends_at: float | None = None
    """The time until which the phone of the agent, then the customer's, may ring."""
    emergency: bool = False
    """The call goes to an emergency service."""
    reached: bool = False
    """The emergency service rings, or has answered."""
    handed_back: bool = False
    """The agent's phone is handed back, for the dialplan to dial the emergency service
    (:mod:`cti_bridge.domain.outbound.dialplan`)."""
    redialed: bool = False
    """The emergency service was dialled a second time."""
    colleague: str | None = None
    """The agent (CTI ID) whom an internal call is for."""
