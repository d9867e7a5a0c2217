"""Scenarios: their steps, their tests, and the lists of numbers that steps look into."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from cti_bridge.config.kinds import (
    Category,
    DialplanName,
    FilePath,
    Identifier,
    Language,
    LookupUrl,
    Media,
    MenuKey,
    Number,
    Priority,
    Seconds,
    Skills,
    StepName,
    StepTarget,
    Subject,
    VariableName,
    VariableValue,
    matching,
)
from cti_bridge.config.schema.section import Section
from cti_bridge.domain.model.scenario import CONFIRM, DIGIT, OF_CALLBACK, TRANSFER_CONFIRM

BEEP = "sound:beep"
"""The sound that Asterisk plays before it records."""


class NumberListSettings(Section):
    """[[number_lists]]: numbers of callers who are refused, go before others, or are told apart by a branch. Numbers
    are written as anywhere; a national form is read in the country of the PBXs."""

    id: Identifier
    """The name of the list."""
    numbers: list[str] = []
    """The numbers. "+8210555*" are all that begin so."""
    file: FilePath | None = None
    """A file of numbers, in place of ``numbers``: one a line, and behind ``#`` what is for people."""
    refuse: Literal["", "reject"] = ""
    """"reject": calls of these numbers are refused before they are answered. Empty: they are not."""
    priority: Priority | None = None
    """The priority of calls of these numbers. A step "set" may change it."""


class KeySettings(Section):
    """A key of a queue that counts only while the caller would wait long, as in
    ``1 = { step = "call-me", above_s = 120 }``."""

    step: StepTarget
    """Where the key leads."""
    above_s: Seconds
    """The least expected wait, in seconds, while which the key counts. While too little is known it does not."""


_STEP, _TABLE = "<step>", "<table>"
KeyTarget = Annotated[
    Annotated[StepTarget, Tag(_STEP)] | Annotated[KeySettings, Tag(_TABLE)],
    Discriminator(lambda value: _STEP if isinstance(value, str) else _TABLE),
]


class StepSettings(Section):
    """[scenarios.steps.NAME]: a step of a scenario. Which keys it has depends on ``do``; the others are exits, and name
    the step that comes next: one of the scenario, or "SCENARIO/STEP"."""

    do: Literal[
        "play",
        "menu",
        "hours",
        "collect",
        "lookup",
        "set",
        "branch",
        "goto",
        "queue",
        "voicemail",
        "callback",
        "transfer",
        "dialplan",
        "hangup",
    ]
    """play: a message. menu: the caller chooses by a key. hours: by the opening hours of now.
    collect: the caller enters digits. lookup: a system of the house is asked. set: priority, skills,
    category, language, variables. branch: by number, mark, variable or a figure of a queue. goto: another scenario's
    start. queue: the caller waits for an agent. voicemail: the caller leaves a message. callback: the caller asks to be
    called back. transfer: an outside number or an agent is given the call. dialplan: a
    context of the PBX goes on with the call for a while. hangup: the end."""
    sound: Media = ""
    """play, menu, collect, voicemail, hangup: the message."""
    keys: dict[MenuKey, KeyTarget] = {}
    """menu, queue: where each key leads. Who comes back to the queue has kept the place. Of a queue a key may be
    ``{ step = "call-me", above_s = 120 }``: it counts while the expected wait is at least that."""
    wait_s: Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)] = 5
    """menu, collect, callback: the seconds for a key after the message."""
    tries: Annotated[int, Field(ge=1, le=10)] = 3
    """menu, collect, callback: how often the message is heard. A key that leads nowhere is a try, too. Without it 3 in
    a menu, else 2."""
    invalid: Media = ""
    """menu: heard after a key that leads nowhere. Empty: nothing."""
    hours: Identifier | None = None
    """hours: the id of opening hours, [[hours]]."""
    scenario: str = ""
    """goto: the id of the other scenario."""
    queue: Identifier | None = None
    """queue: the queue; one of the scenario's service. branch: the queue whose figure it is. voicemail,
    callback: whose agents hear the message, or call back; without it those of the call's last queue, else of the
    scenario's nearest one."""
    most_s: Annotated[float, Field(ge=5, le=86_400, allow_inf_nan=False)] = 120
    """voicemail: the longest message, in seconds, at most 3600. transfer: the longest talk with an outside number;
    without it as [[services]] longest_transferred_s. dialplan: the longest time there; without it 600."""
    number: Number | None = None
    """transfer: the outside number, within the service's allow-list."""
    agent: Identifier | None = None
    """transfer: the CTI ID of an agent of the service, in place of a number."""
    context: DialplanName | None = None
    """dialplan: the context of the PBX's extensions.conf."""
    extension: DialplanName = "s"
    """dialplan: the extension in that context, at its first priority."""
    ring_s: Annotated[float, Field(ge=5, le=300, allow_inf_nan=False)] = 30
    """transfer: the seconds for which the phone rings."""
    only_ready: bool = True
    """transfer: an agent is rung only when ready. false: on a break, and at other business, too."""
    name: VariableName | None = None
    """collect: the variable that the digits become."""
    digits: list[Annotated[int, Field(ge=1, le=32)]] = []
    """collect: the fewest and the most digits, as [6, 8]. "#" ends the entry before the most."""
    between_s: Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)] = 3
    """collect, callback: the seconds for the next key; then the entry is over."""
    confirm: bool = False
    """collect: the digits are read out, and the caller presses 1 if they are right. transfer: who answers at the
    outside number hears sound:cti/transfer-confirm, and presses 1; a mailbox does not."""
    secret: bool = False
    """collect: the digits are in memory and in lookups alone, and **** everywhere else."""
    url: LookupUrl | None = None
    """lookup: the address that is asked, by POST."""
    secret_file: FilePath | None = None
    """lookup: a file that holds the secret with which questions are signed, at least 16 bytes."""
    wait_ms: Annotated[int, Field(ge=50, le=3000)] = 1500
    """lookup: the longest time for the answer, in milliseconds."""
    priority: Priority | None = None
    """set: the priority of the call, which is added to that of its queue."""
    skills: Skills = {}
    """set: the skills that the call asks for, with the least level of each."""
    relax_s: Seconds = 60
    """set: the seconds of waiting after which the skills are not asked for any more."""
    must: bool = False
    """set: the skills are asked for as long as the call waits."""
    category: Category | None = None
    """set: the category of the call, as "contract/gold"."""
    language: Language | None = None
    """set: the language of the messages that the caller hears from here on."""
    variables: dict[VariableName, VariableValue] = {}
    """set: variables and their values."""
    on: Subject | None = None
    """branch: "number", "mark", "queue.waiting", "queue.working", "queue.longest_s", "queue.expected_wait_s", or the
    name of a variable."""
    cases: dict[str, StepTarget] = {}
    """branch: where each case leads. Of ``number`` the ids of [[number_lists]], the first that has the number wins; of
    ``mark`` the reasons of a force disconnect, or "any"; of a figure the thresholds, the highest that is reached wins;
    of a variable its values. dialplan: where each word leads that the dialplan brings along."""
    next: StepTarget = ""
    """Exit of play, set, collect, voicemail (a message was left), callback (it is registered) and dialplan (the call is
    back). Without it the call ends."""
    otherwise: StepTarget = ""
    """Exit of menu: nothing was chosen; of collect: nothing was entered; of branch: no case holds; of voicemail:
    nothing was said; of callback: it was cancelled or refused. Without it the caller hears that nobody can serve them,
    and the call ends."""
    found: StepTarget = ""
    """Exit of lookup: there are values. Without it, as without ``none`` and ``error``, the caller hears that nobody can
    serve them."""
    none: StepTarget = ""
    """Exit of lookup: the system knows nothing of the caller."""
    error: StepTarget = ""
    """Exit of lookup: no answer in time, or none that can be used."""
    failed: StepTarget = ""
    """Exit of transfer: busy, no answer, refused, or not reached. Without it as ``otherwise``."""
    open: StepTarget = ""
    """Exit of hours."""
    closed: StepTarget = ""
    """Exit of hours, without ``open`` or ``closed`` as ``otherwise``. Exit of queue: its hours are closed."""
    holiday: StepTarget = ""
    """Exit of hours: a public holiday, or one of a holiday file. Without it ``closed``."""
    longest_wait: StepTarget = ""
    """Exit of queue: the longest wait is over. Without this or another exit of a queue, that of [queues.exits]; without
    both as ``otherwise``."""
    full: StepTarget = ""
    """Exit of queue: ``max_waiting`` calls have a place in it already."""
    no_agents: StepTarget = ""
    """Exit of queue: nobody works for it."""
    after_talk: StepTarget = ""
    """Exit of queue: the agent has ended the talk, and the caller is still there. Without it the call ends."""


class ScenarioTestSettings(Section):
    """[[scenarios.tests]]: a call to the scenario, and the way that it has to take. ``check-config`` and each reload
    try it, as ``cti-bridge try`` does."""

    name: Annotated[str, matching(r"[^\x00-\x1f\x7f]{1,100}", "a name without control characters, at most 100")]
    """The name, for people; by it a later file changes the test."""
    at: str = ""
    """The time of the call in the time zone of the service, "2026-12-25T10:00". Where opening hours are asked it must
    be there."""
    from_: Annotated[str, Field(alias="from")] = ""
    """The caller's number. Empty: it is withheld."""
    press: list[str] = []
    """The keys for each prompt that takes some, in turn; "-": none."""
    agents: int = 1
    """The number of agents who work. They have all skills."""
    busy: int | None = None
    """The number of these who are not free. None: all of them where ``wait_s`` is given, else nobody."""
    wait_s: float | None = None
    """The seconds in a queue after which they are free. None: they stay busy."""
    emergency: bool = False
    """Whether the emergency switch of the service is on, [services.emergency]."""
    mark: str = ""
    """The reason for which the number was force disconnected before. Empty: it has no mark."""
    answers: dict[str, str | dict[VariableName, VariableValue]] = {}
    """By step, the exit that it gives in place of another system or a queue; of a lookup also the values."""
    way: list[StepTarget] | None = None
    """The steps that the call has to take, in turn. None: any."""
    end: Literal["agent", "hangup", "transferred", "voicemail", "callback", "rejected", "circle", "waits"] | None = None
    """The end that the call has to take. None: any."""


class ScenarioSettings(Section):
    """[[scenarios]]: what happens to a call before an agent has it. Either steps, or the short form: ``number``,
    ``queue``, ``greeting`` and ``on_longest_wait``."""

    id: Identifier | None = None
    """The scenario's name. Of one without, its number."""
    number: Number | None = None
    """The number that was called, in E.164."""
    numbers: list[Number] = []
    """The numbers that were called, in place of ``number``."""
    service: Identifier
    """The service that was called; it owns the ticket."""
    language: Language | None = None
    """The language of the messages that the caller hears, one of the PBX's sounds. None: the PBX's own."""
    start: StepName | None = None
    """The first step."""
    steps: dict[StepName, StepSettings] = {}
    """The steps, by their names."""
    greeting: Media = ""
    """Short form: played before the music. Empty: none."""
    queue: Identifier | None = None
    """Short form: the queue in which the call waits; one of the same service."""
    on_longest_wait: Media = ""
    """Short form: played when the longest wait is over, before the call ends. Empty: nothing."""
    tests: list[ScenarioTestSettings] = []
    """Calls that are tried at each check of the configuration."""

    @property
    def name(self) -> str:
        """The id, or the number of one without."""
        return self.id or self.number or next(iter(self.numbers), "")

    @property
    def called(self) -> list[str]:
        """All numbers."""
        return [self.number] if self.number else self.numbers

    def media(self) -> list[str]:
        """Return all messages."""
        steps = [sound for step in self.steps.values() for sound in (step.sound, step.invalid)]
        if any(step.confirm and step.do == "transfer" for step in self.steps.values()):
            steps.append(TRANSFER_CONFIRM)
        if any(step.confirm and step.do == "collect" for step in self.steps.values()):
            steps += [CONFIRM, *(f"{DIGIT}{digit}" for digit in range(10))]
        if any(step.do == "callback" for step in self.steps.values()):
            steps += [*OF_CALLBACK, *(f"{DIGIT}{digit}" for digit in range(10))]
        steps += [BEEP for step in self.steps.values() if step.do == "voicemail"]
        return [name for name in (self.greeting, self.on_longest_wait, *steps) if name]
