"""A message that plays to the parties of a call, with its hearers and its consequence: data on the call, kept in the
checkpoint.

A prompt that has begun stays as it is when the configuration changes, also when it is played anew after a gap.
"""

from dataclasses import dataclass
from enum import StrEnum


class To(StrEnum):
    """The hearers of a prompt. Each hears it alone, never in a bridge."""

    CUSTOMER = "customer"
    OWN = "own"
    """The agent."""
    BOTH = "both"
    """Customer and agent; it is over when it is over for both."""
    TARGET = "target"


class Then(StrEnum):
    """The name of what follows when the prompt is over. The procedures:
    :data:`cti_bridge.domain.follows.after_prompt.TABLE`."""

    STEP = "step"
    WAIT = "wait"
    TALK = "talk"
    CONFIRM = "confirm"
    JOIN = "join"
    RECORD = "record"
    """The message says that the call is recorded."""
    END = "end"


@dataclass(slots=True)
class Prompt:
    media: str
    """One ARI media URI. Empty in calls of an older release until the checkpoint is taken up."""
    to: To
    then: Then
    longest_s: float
    """The prompt counts as over after so many seconds, for the case that nobody tells its end; one that the PBX still
    plays then goes on."""
    stopped_by_key: bool = False
    """A key cuts the prompt short; kept for earlier releases. A menu stops its message by itself."""
    ends_at: float | None = None
    """The time at which the prompt counts as over, POSIX seconds."""
    looked: bool = False
    """A look was ordered whether it still plays."""
    heard_s: float = 0.0
    """The seconds for which it had played at the last look."""
