"""The course of a call, as its row tells it: who had the customer, since when, and for how long the customer waited,
talked and was on hold."""

from enum import StrEnum

from msgspec import Struct


class Spent(StrEnum):
    """The kinds of time of a customer that a row counts."""

    WAIT = "wait_s"
    """Waiting for an agent, music included; not the greeting, nor the ringing of a transfer."""
    TALK = "talk_s"
    """With an agent."""
    HOLD = "hold_s"
    """In a conversation, with music: on hold, in a consultation, while the agent's lost phone is rung."""


# Members that every call looks up, by names of the module: see the package.
_WAIT, _TALK = Spent.WAIT, Spent.TALK


class Course(Struct, gc=False):
    """Seconds are whole stretches that have ended. Times are POSIX seconds of the engine's clock."""

    wait_s: float = 0.0
    talk_s: float = 0.0
    hold_s: float = 0.0
    first_cti_id: str | None = None
    """The first agent who had the customer."""
    last_cti_id: str | None = None
    customer_rang_at: float | None = None
    """The phone of a called customer began to ring."""
    agent_lifted_at: float | None = None
    """The agent who calls out has lifted the own phone."""
    customer_left_at: float | None = None
    """The customer has hung up. None: we, or another party, have ended the call."""
    counted_at: float | None = None
    """The end of the last stretch that was counted, and its kind."""
    counted_kind: Spent | None = None
    intervals: int = 0
    """The rows of ``call_interval`` so far."""
    transfers: int = 0
    """The transfers and consultations so far."""
    counted_in: str = ""
    """The mark of the figures of its service in which the call is counted; empty: it is not."""
    counted: tuple[str, ...] = ()
    """The names under which it is counted there (:mod:`cti_bridge.domain.floor.today`)."""

    def spend(self, kind: Spent, since: float, until: float) -> None:
        """Count a stretch that has ended. Nothing counts once the customer has left."""
        if self.customer_left_at is None and until > since:
            # Branches, not setattr: a name that is a member of an enumeration is searched for in all classes.
            if kind is _WAIT:
                self.wait_s += until - since
            elif kind is _TALK:
                self.talk_s += until - since
            else:
                self.hold_s += until - since
            self.counted_at, self.counted_kind = until, kind

    def take_back(self, after: float) -> None:
        """The customer was seen last at that time. Take back what was counted of later: the call may have been moved
        meanwhile, by its agent."""
        if self.customer_left_at is None and self.counted_kind is not None and (self.counted_at or 0.0) > after:
            counted_s: float = getattr(self, self.counted_kind)
            setattr(self, self.counted_kind, max(0.0, counted_s - (self.counted_at or 0.0) + after))
            self.counted_at = after

    def has(self, cti_id: str) -> None:
        """The agent has the customer from now on."""
        self.first_cti_id, self.last_cti_id = self.first_cti_id or cti_id, cti_id
