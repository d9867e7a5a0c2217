"""A visit: one stay of a call in a queue, as its row has it. Figures stand on visits.

Two clocks: the call's arrival orders who is served, and nothing else. The visit's entry is what is shown, limited and
measured. A caller who leaves by a key and comes back to the same queue is on the same visit; a return, a transfer,
another queue is a new one.
"""

from msgspec import Struct

from cti_bridge.domain.model.words import VisitExit, VisitKind, VisitReason


class Visit(Struct, gc=False):
    """Times are POSIX seconds of the engine's clock."""

    id: str
    seq: int
    """The number of the visit in its call, from 1."""
    queue: str
    kind: VisitKind
    entered_at: float
    reason: VisitReason | None = None
    from_cti_id: str | None = None
    """The agent from whom the call came."""
    prior: str | None = None
    """The id of the call's visit before."""
    left_at: float | None = None
    exit: VisitExit | None = None
    """None: the call is in the queue."""
    exit_to: str | None = None
    """The step to which the exit leads."""
    answered_by: str | None = None
    lender: str | None = None
    """The queue that lent the agent who answered; None: an agent of this queue."""
    offers: int = 0
    talk_before_s: float = 0.0
    """The talk of the call when this visit was answered."""
    hold_before_s: float = 0.0
    over: bool = False
    """The talk is over, and the row complete."""
    ahead: int | None = None
    """How many calls of the queue were before this one at the entry."""
    wait_predicted_s: float | None = None
    """The expected wait at the entry; None: nothing was known."""
    announce_at: float | None = None
    """The time of the next announcement; None: there is none."""
    announced_s: float = -1.0
    """The seconds of the visit up to which announcements were said."""
    said_position: int | None = None
    """The lowest position that the caller was told."""
    said_wait: int | None = None
    """The last bracket of the expected wait that the caller was told, by its place."""
    said_wait_at: float | None = None
    offered_s: float = 0.0
    """The longest expected wait at which an announcement was said. A key that was offered by it stays offered."""
    closed_at: float | None = None
    """The queue's hours have closed while the call waits. None: they are open, or do not matter to it."""
    seen_late: bool = False
    counted_in: str = ""
    """The mark of the figures in which the visit is counted; empty: it began under an earlier release."""
    counted: tuple[str, ...] = ()
    """The names under which it is counted (:mod:`cti_bridge.domain.floor.today`)."""
    version: int = 0

    @property
    def waits(self) -> bool:
        """Whether the call is in the queue."""
        return self.exit is None
