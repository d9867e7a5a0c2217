"""The table of the kinds of steps: the word of each in the configuration, what an answer in its place may be, and when
its caller is asked for keys.

A new kind of step needs a line here only in three cases: it asks a system beside the bridge; it takes keys; its class
has not the name of its word.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from cti_bridge.domain.model.scenario import Enqueue, SetValues, Step
from cti_bridge.domain.model.way import Asks, Way

_WORDS: Final[Mapping[type[Step], str]] = {Enqueue: "queue", SetValues: "set"}


def word(step: Step) -> str:
    """Return the word of the step in the configuration, its ``do``."""
    return _WORDS.get(type(step)) or type(step).__name__.lower().removeprefix("ask")


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers that may stand in place of a step. ``default`` is the answer without one; empty: the step is run.
    ``ends`` says by which answers the call has come to an end of that name, at once or where its scenario ends."""

    exits: tuple[str, ...]
    default: str = ""
    with_values: str = ""
    """The exit that goes with values."""
    ends: Mapping[str, str] = field(default_factory=dict)
    at_once: bool = False


ANSWERS: Final[Mapping[str, Answers]] = {
    "lookup": Answers(("found", "none", "error"), "none", with_values="found"),
    "voicemail": Answers(("next", "otherwise"), "next", ends={"next": "voicemail"}),
    "callback": Answers(("next", "otherwise"), ends={"next": "callback"}),
    "transfer": Answers(("answered", "failed"), "failed", ends={"answered": "transferred"}, at_once=True),
    "dialplan": Answers(("next",), "next"),
    "queue": Answers(("longest_wait", "full", "no_agents", "closed", "after_talk"), ends={"after_talk": "agent"}),
}
"""By the word of a step. The way goes on by the answer without any wait."""

KEYS: Final = "0123456789*#"
ASKS: Final[Mapping[str, Callable[[Way], bool]]] = {
    "menu": lambda way: not way.invalid,
    "collect": lambda way: True,  # For the digits, and for the answer whether they are right.
    "callback": lambda way: way.asks in (Asks.CONFIRM, Asks.ENTER),
}
"""By the word of a step that takes keys: whether its caller is asked now, and not told something else."""


def asks(step: Step | None, way: Way, *, waits: bool) -> bool:
    """Return whether the caller is asked for keys. A queue with keys asks once, when the caller has to wait there."""
    if step is None:
        return False
    do = word(step)
    if waits:
        return do == "queue" and any(exit_ in KEYS for exit_ in step.exits)
    rule = ASKS.get(do)
    return rule is not None and rule(way)


def may_answer(step: Step, exit_: str) -> bool:
    """Return whether the exit can be given in place of the step."""
    known = ANSWERS.get(word(step))
    return known is not None and (exit_ in known.exits or exit_ in step.exits)
