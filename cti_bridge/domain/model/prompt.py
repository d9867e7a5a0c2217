"""A message that plays to the parties of a call, with all that belongs to it: data on the call, kept in the checkpoint.

Whatever the configuration says by now, the prompt that was begun is the one that is played, also anew after a gap.
"""

from dataclasses import dataclass
from enum import StrEnum


class To(StrEnum):
    """Who hears it. Each hears it alone, never in a bridge."""

    CUSTOMER = "customer"
    OWN = "own"
    """The agent."""
    BOTH = "both"
    """Customer and agent; it is over when it is over for both."""


class Then(StrEnum):
    """What follows when it is over, by name. The procedures: :data:`cti_bridge.domain.follows.after_prompt.TABLE`."""

    QUEUE = "queue"
    TALK = "talk"
    END = "end"


@dataclass(slots=True)
class Prompt:
    media: str
    """One ARI media URI. Empty in calls of before the prompt was kept, until the checkpoint is taken up."""
    to: To
    then: Then
    longest_s: float
    """When nobody tells its end, it counts as over after so many seconds."""
    stopped_by_key: bool = False
    """A key of the customer's phone cuts it short. So far no key is told of, and no prompt asks for that."""
    ends_at: float | None = None
    """When it counts as over, POSIX seconds."""
