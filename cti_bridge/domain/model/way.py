"""The way of a call through its scenario: where it is, and what the caller has pressed. Kept in the checkpoint."""

from enum import StrEnum

from msgspec import Struct, field

from cti_bridge.domain.model.words import Outcome


class Asks(StrEnum):
    """The question to a caller who wants to be called back, or the last sentence."""

    CONFIRM = "confirm"
    """The number is read out: is it right?"""
    ENTER = "enter"
    """To enter a number."""
    REGISTERED = "registered"
    REFUSED = "refused"


class Way(Struct, gc=False):
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
    taken: list[str] = field(default_factory=list)
    """The last choices on the way, in words of the configuration: a step and its exit."""
    talked: bool = False
    """An agent has ended the talk with the caller, who is in the step behind it."""
    recording: str = ""
    """The id of the recording that runs."""
    then: str = ""
    """The exit by which the call leaves the step in a moment, unless the caller has hung up."""
    unsure: bool = False
    """Perhaps nothing was said. The file tells, and is waited for."""
    asks: Asks | None = None
    """The question of the step callback. None: the call is in no such step."""
    asked: int = 0
    """How often that was asked."""
    number: str = ""
    """The number under which the caller is to be called back, E.164. Digits that are still being entered are in memory
    alone."""
    at_once: int = 0
    """The number of the last steps, one after another, that the call has left at once, and by no key."""
