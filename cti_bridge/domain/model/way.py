"""The way of a call through its scenario: where it is, and what the caller has pressed. Kept in the checkpoint."""

from dataclasses import dataclass, field

from cti_bridge.domain.model.words import Outcome


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
    confirms: bool = False
    """The caller is asked whether the digits are right."""
    secrets: dict[str, str] = field(default_factory=dict)
    """By secret variable, the step that has asked for it: SCENARIO/STEP."""
    music: bool = False
    """The caller hears music while the step waits for an answer."""
    invalid: bool = False
    """The message after a wrong key plays."""
    ends_at: float | None = None
    """The step waits until then: for a key, or for the answer to a lookup."""
    left_by: str = ""
    """The exit by which the call has left its last queue without an agent; or that the caller has left a message."""
    ends_as: Outcome | None = None
    """The outcome of a call that no queue has taken back, if it ends in its scenario."""
    recording: str = ""
    """The id of the recording that runs."""
    then: str = ""
    """The exit by which the call leaves the step in a moment, unless the caller has hung up."""
