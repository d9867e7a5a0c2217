"""A scenario: what happens to a call before an agent has it. A flat list of named steps, each with its exits.

An exit names the step that comes next: ``step`` of the same scenario, or ``scenario/step``. Steps are data; what each
does stands in :mod:`cti_bridge.domain.scenario`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cti_bridge.domain.model.words import Outcome


class Exit(StrEnum):
    """The exits that steps have beside the keys of a menu."""

    NEXT = "next"
    OTHERWISE = "otherwise"
    """The caller has chosen nothing."""
    AGAIN = "again"
    """A restart has lost a secret, and the caller is asked for it once more."""
    LONGEST_WAIT = "longest_wait"
    FULL = "full"
    NO_AGENTS = "no_agents"
    AFTER_TALK = "after_talk"
    """The agent has ended the talk, and the caller is still there; only of a step, and never of a queue."""
    FAILED = "failed"
    """No queue takes a call that comes back; or the target of a transfer does not have the call."""
    ANSWERED = "answered"
    """The target of a transfer has the call. It leads nowhere."""
    TIME_OVER = "time_over"
    """The dialplan of the PBX has had the call for the longest time. It leads nowhere."""
    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"
    """A public holiday, or one of a holiday file; without it, closed."""
    FOUND = "found"
    """A lookup has given values."""
    NONE = "none"
    """A lookup knows nothing of the caller."""
    ERROR = "error"
    """A lookup has not answered in time, or nothing that can be used."""


HANG_UP = "hangup"
"""As the target of an exit of a queue: the caller hears that nobody can serve them, and the call ends."""
OF_QUEUES = (Exit.LONGEST_WAIT, Exit.FULL, Exit.NO_AGENTS, Exit.CLOSED, Exit.FAILED)
"""The exits that a queue has of its own."""
MESSAGE_LEFT = "message_left"
"""The word in `Way.left_by` of a caller who has left a message."""
CALLBACK_REGISTERED = "callback_registered"
"""The word there of a caller who is to be called back."""
OUTCOMES: dict[str, Outcome] = {
    Exit.LONGEST_WAIT: Outcome.QUEUE_TIMEOUT,
    Exit.FULL: Outcome.QUEUE_FULL,
    Exit.NO_AGENTS: Outcome.NO_AGENTS,
    Exit.CLOSED: Outcome.CLOSED,
    MESSAGE_LEFT: Outcome.VOICEMAIL,
    CALLBACK_REGISTERED: Outcome.CALLBACK_REGISTERED,
}
"""The outcome of a call that has left its queue by this exit and has come to the end of its scenario; or whose caller
has left a message or is to be called back."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``exits`` holds those that the configuration names."""

    name: str
    exits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Play(Step):
    """A message is heard to its end. A key that is pressed meanwhile counts in the next menu."""

    sound: str = ""


@dataclass(frozen=True, slots=True)
class Menu(Step):
    """The caller chooses by a key, which stops the message at once. ``exits`` has the keys, too."""

    sound: str = ""
    wait_s: float = 5.0
    """For a key after the message."""
    tries: int = 3
    """How often the message is heard."""
    invalid: str = ""
    """Heard after a key that leads nowhere, before the message once more."""


@dataclass(frozen=True, slots=True)
class AskHours(Step):
    """The call goes on by the opening hours of now. The message of an exception is heard before."""

    hours: str = ""


@dataclass(frozen=True, slots=True)
class Goto(Step):
    """The call goes on at the start of another scenario of the same service."""

    scenario: str = ""


@dataclass(frozen=True, slots=True)
class SetValues(Step):
    """The call gets what the step names; what is None or not named stays as it is."""

    priority: int | None = None
    skills: Mapping[str, int] = field(default_factory=dict)
    """The least level by skill."""
    category: str | None = None
    language: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    relax_s: float | None = None
    """The seconds of waiting after which the skills are not asked for any more. None: they always are."""


@dataclass(frozen=True, slots=True)
class Collect(Step):
    """The caller enters digits, which become a variable. A key stops the message at once; ``#`` ends the entry, ``*``
    begins it anew."""

    sound: str = ""
    variable: str = ""
    least: int = 1
    """The fewest digits."""
    most: int = 1
    """The most digits. With the last of them the entry is complete."""
    wait_s: float = 5.0
    """For the first key after the message."""
    between_s: float = 3.0
    """For the next key. Then the entry is over."""
    tries: int = 2
    """How often the message is heard."""
    confirm: bool = False
    """The digits are read out, and the caller says by a key whether they are right."""
    secret: bool = False
    """The digits are in memory and in a lookup alone."""


@dataclass(frozen=True, slots=True)
class AskLookup(Step):
    """A system of the house is asked for what it knows of the caller. Its values become variables STEP.KEY."""

    wait_s: float = 1.5
    """The most seconds for the answer."""


CONFIRM = "sound:cti/confirm"
"""Heard behind the digits that were entered: 1 if they are right, 2 to enter them again."""
DIGIT = "sound:digits/"
"""Before a digit: the sound of the PBX that says it."""


class On(StrEnum):
    """The subjects of a branch that are not variables."""

    NUMBER = "number"
    """The cases are lists of numbers. The first that has the caller's wins."""
    MARK = "mark"
    """The cases are reasons of a force disconnect of this number, or "any"."""
    WAITING = "queue.waiting"
    """The calls that wait in a queue. The cases are thresholds, and the highest that is reached wins; so below."""
    WORKING = "queue.working"
    """The agents who work for a queue."""
    LONGEST_S = "queue.longest_s"
    """The seconds for which the call waits that waits longest."""
    EXPECTED_WAIT_S = "queue.expected_wait_s"
    """The seconds for which the call would probably wait in a queue. While that is not known no threshold is
    reached."""


ANY_MARK = "any"


@dataclass(frozen=True, slots=True)
class Branch(Step):
    """The call goes on by what ``on`` names: one of :class:`On`, or a variable, whose values are the cases. ``exits``
    has the cases, too."""

    on: str = ""
    cases: tuple[str, ...] = ()
    """In the order in which they are tried."""
    queue: str = ""


@dataclass(frozen=True, slots=True)
class Enqueue(Step):
    """The call waits for an agent of the queue."""

    queue: str = ""
    above_s: Mapping[str, float] = field(default_factory=dict)
    """By key, the expected wait in seconds from which the key counts; keys that are not in it always do."""


@dataclass(frozen=True, slots=True)
class Voicemail(Step):
    """The caller leaves a message for the agents of the queue."""

    sound: str = ""
    most_s: float = 120.0
    """The longest message."""
    queue: str = ""
    """Empty: the last queue of the call, else the nearest one of the scenario."""


CALLBACK_NUMBER = "sound:cti/callback-number"
"""Heard before the digits of the number: we call you back under this number."""
CALLBACK_CONFIRM = "sound:cti/callback-confirm"
"""Heard behind them: 1 if it is right, 2 for another number, star to go on waiting."""
CALLBACK_ENTER = "sound:cti/callback-enter"
"""The caller is asked for a number, and the hash key behind it."""
CALLBACK_INVALID = "sound:cti/callback-invalid"
"""Nobody can be called back under this number."""
CALLBACK_REGISTERED_SOUND = "sound:cti/callback-registered"
"""We will call you back."""
CALLBACK_REFUSED = "sound:cti/callback-refused"
"""We cannot call you back now."""
OF_CALLBACK = (
    CALLBACK_NUMBER,
    CALLBACK_CONFIRM,
    CALLBACK_ENTER,
    CALLBACK_INVALID,
    CALLBACK_REGISTERED_SOUND,
    CALLBACK_REFUSED,
)


@dataclass(frozen=True, slots=True)
class AskCallback(Step):
    """The caller is asked under which number to be called back, and is registered for the agents of the queue."""

    queue: str = ""
    """Empty: as of a message."""
    wait_s: float = 5.0
    """For a key after a question."""
    between_s: float = 3.0
    """For the next digit of a number. Then the entry is over."""
    tries: int = 2
    """How often a question is heard."""


TRANSFER_CONFIRM = "sound:cti/transfer-confirm"
"""Heard by who answers: a call is transferred to you, press 1 to take it."""


@dataclass(frozen=True, slots=True)
class Transfer(Step):
    """The call is given to an outside number, or to an agent."""

    number: str = ""
    agent: str = ""
    """A CTI ID, in place of the number."""
    ring_s: float = 30.0
    confirm: bool = False
    """The called party hears what it is about, and presses 1: a mailbox does not."""
    most_s: float | None = None
    """The longest talk with an outside number; None: as the service says."""
    only_ready: bool = True
    """An agent who is on a break, or at other business, is not rung."""


@dataclass(frozen=True, slots=True)
class Dialplan(Step):
    """The dialplan of the PBX goes on with the call, and gives it back. ``exits`` has the words that it brings along,
    too."""

    context: str = ""
    extension: str = "s"
    most_s: float = 600.0
    """The longest time there."""


@dataclass(frozen=True, slots=True)
class HangUp(Step):
    """The call ends, after a last message if there is one."""

    sound: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """``steps`` has them by name."""

    id: str
    service: str
    numbers: tuple[str, ...]
    start: str
    steps: Mapping[str, Step]
    language: str | None = None
    """The language of its messages. None: that of the PBX."""
    queue: str | None = field(init=False, compare=False)
    """The queue to which every caller comes; None where a choice comes before it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "queue", self._queue())

    def _queue(self) -> str | None:
        name, seen = self.start, set[str]()
        while (step := self.steps.get(name)) is not None and name not in seen:
            if isinstance(step, Enqueue):
                return step.queue
            seen.add(name)
            name = step.exits.get(Exit.NEXT, "") if isinstance(step, Play) else ""
        return None

    @property
    def nearest_queue(self) -> str | None:
        """The queue for a call that has lost its own."""
        return self.queue or next((step.queue for step in self.steps.values() if isinstance(step, Enqueue)), None)


EMERGENCY = "emergency"
"""The name of the step at which calls begin while the emergency switch of the service is on. No scenario has a step of
this name."""
GREETING, QUEUE, BUSY = "greeting", "queue", "busy"
"""The names of the steps of a scenario in its short form."""


def short_form(number: str, service: str, queue: str, greeting: str = "", on_longest_wait: str = "") -> Scenario:
    """Return the scenario of one number in its short form: a greeting, a queue, and a last message for whom the queue
    does not serve in time."""
    steps = (
        Play(GREETING, {Exit.NEXT: QUEUE}, greeting),
        Enqueue(QUEUE, {Exit.LONGEST_WAIT: BUSY}, queue),
        HangUp(BUSY, {}, on_longest_wait),
    )
    start = GREETING if greeting else QUEUE
    return Scenario(number, service, (number,), start, {step.name: step for step in steps})
