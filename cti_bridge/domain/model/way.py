"""The way of a call through its scenario: where it is, and what the caller has pressed. Kept in the checkpoint."""

from dataclasses import dataclass


@dataclass(slots=True)
class Way:
    scenario: str
    step: str
    since: float
    """The time at which the call came to the step."""
    seq: int = 0
    """The number of steps that the call has left."""
    heard: int = 0
    """How often the message of the menu was begun."""
    invalid: bool = False
    """The message after a wrong key plays."""
    ends_at: float | None = None
    """The menu waits for a key until then."""
    left_by: str = ""
    """The exit by which the call has left its last queue without an agent."""
