"""The course of a tried call. The core runs as it does in the bridge; its steps are watched, and those that would ask
another system give an answer instead.

Time stands still but for waits: for a key, and in a queue. A message takes none.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import Action, Reject, StartMusic, StartPlayback
from cti_bridge.domain.border.output import Output
from cti_bridge.domain.border.records import CallEvent, CallRow, Record, ScenarioStep
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.follows.beginnings import TABLE
from cti_bridge.domain.model.agent import Reason, Status
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.directory import AgentEntry, Directory
from cti_bridge.domain.model.emergency_switch import EmergencySwitch
from cti_bridge.domain.model.hours import HoursOverride
from cti_bridge.domain.model.ids import Ids
from cti_bridge.domain.model.kept import Mark
from cti_bridge.domain.model.scenario import Enqueue, Scenario, SetValues, Step
from cti_bridge.domain.model.way import Way
from cti_bridge.domain.model.words import CallEventType, Cause, Outcome
from cti_bridge.domain.scenario.callback import DOUBLE_PRESS_S
from cti_bridge.domain.scenario.interpreter import Enter, step_of
from cti_bridge.domain.scenario.typed import forget_keys
from cti_bridge.hours.rule import Rule
from cti_bridge.sounds.message import in_words
from cti_bridge.trial.asked import SILENCE, Asked, Given
from cti_bridge.trial.pbx import Pbx
from cti_bridge.trial.taken import End, Result, Taken, without_repetition
from cti_bridge.trial.words import ANSWERS, asks, word

_LEG = "caller"
_MOST_STEPS = 100
"""The most steps beside those that keys have chosen. More are a circle."""
_MOST_TURNS = 20_000
_LONGEST_S = 2 * 86_400.0
"""The longest wait: no queue's longest wait is longer."""
_ENDED = {CallState.ENDED, CallState.TALKING}
_HIGHEST_LEVEL = 100
_ROOMS = ("queue",)
"""Steps in which the caller waits for an agent."""


def staffed(directory: Directory, agents: int) -> Directory:
    """Return the directory with so many agents in place of its own. Each serves all queues and has all skills. No PBX
    drains, and queues announce nothing."""
    queues, services, skills = tuple(directory.queues), tuple(directory.services), dict(_skills(directory))
    names = [f"agent-{number}" for number in range(1, agents + 1)]
    entries = {name: AgentEntry(name, name, name, services, queues, skills=skills) for name in names}
    quiet = {name: replace(queue, announce=()) for name, queue in directory.queues.items()}
    scenarios = {name: _with_all_keys(one) for name, one in directory.scenarios.items()}
    return replace(directory, agents=entries, queues=quiet, scenarios=scenarios, draining=frozenset(), edge="")


def _with_all_keys(scenario: Scenario) -> Scenario:
    """Return the scenario with keys of queues that count however long the wait: nothing is known of it here."""
    steps = scenario.steps.values()
    if not any(isinstance(step, Enqueue) and step.above_s for step in steps):
        return scenario
    plain = {step.name: replace(step, above_s={}) if isinstance(step, Enqueue) else step for step in steps}
    return replace(scenario, steps=plain)


def apart(directory: Directory) -> Directory:
    """Return the directory with opening hours of its own: a rule keeps what it has found, and serves one thread."""
    hours = {
        name: replace(one, rule=Rule(one.rule.spec)) if isinstance(one.rule, Rule) else one
        for name, one in directory.hours.items()
    }
    return replace(directory, hours=hours)


def _skills(directory: Directory) -> Iterator[tuple[str, int]]:
    """Yield all skills that something asks for, each with the highest level."""
    for queue in directory.queues.values():
        for need in queue.needs:
            yield from ((skill, _HIGHEST_LEVEL) for skill in need.skills)
    for scenario in directory.scenarios.values():
        for step in scenario.steps.values():
            if isinstance(step, SetValues):
                yield from ((skill, _HIGHEST_LEVEL) for skill in step.skills)


def run(
    directory: Directory,
    asked: Asked,
    overrides: Iterable[HoursOverride] = (),
    switches: Iterable[EmergencySwitch] = (),
) -> Result:
    """Return the way of the call. ``directory`` is one of :func:`staffed`, for the agents that are asked for. It is
    only read, but for what opening hours keep (:func:`apart`), so one may serve many calls."""
    trial = _Trial(directory, asked)
    trial.set_by_hand(overrides, switches)
    return trial.run()


class _Trial:
    def __init__(self, directory: Directory, asked: Asked) -> None:
        serial = count(1)
        self._asked, self._now = asked, asked.at
        self._center = CallCenter(directory, Ids(lambda length: next(serial).to_bytes(length, "big")))
        self._floor = self._center.floor
        self._floor.steps = {kind: self._watched(enter) for kind, enter in TABLE.items()}
        self._node = next(iter(sorted(directory.nodes)), "main")
        scenario = directory.scenario_of(directory.called(asked.number, self._node))
        self._home, self._service = (scenario.id, scenario.service) if scenario is not None else ("", "")
        self._pbx = Pbx()
        self._press = list(asked.press)
        self._most_steps = _MOST_STEPS + len(asked.press)
        self._prompts: set[tuple[int, int, bool]] = set()
        """The prompts that were answered: the step of the way, how often it was heard, and whether it confirms."""
        self._busy: list[str] = []
        self._free_at: float | None = None
        self._way: list[Taken] = []
        self._end: End | None = None
        self._promise = End.HANGUP
        """The end when the scenario ends."""
        self._why = ""

    def set_by_hand(self, overrides: Iterable[HoursOverride], switches: Iterable[EmergencySwitch]) -> None:
        """Set what somebody has set by hand; and the emergency that the call is tried with."""
        self._floor.overrides.update({one.hours: replace(one) for one in overrides})
        self._floor.switches.update({one.service: replace(one) for one in switches})
        if self._asked.emergency:
            own = EmergencySwitch(self._service, "", None, "try", self._now)
            self._floor.switches.setdefault(self._service, own)

    def run(self) -> Result:
        self._staff()
        self._mark()
        self._tell(
            facts.CallArrived(self._node, _LEG, self._asked.number, self._asked.caller, "", arrived_at=self._now)
        )
        for _ in range(_MOST_TURNS):
            if self._end is not None:
                break
            self._go_on()
        end = self._end or End.CIRCLE
        way = without_repetition(self._way) if end is End.CIRCLE else self._way
        # The core does not know of an end that an answer has promised.
        why = "" if end in (End.VOICEMAIL, End.CALLBACK) else self._why
        return Result(self._home, way, end, self._since_arrival(), why)

    def _staff(self) -> None:
        """Let the agents log in, and some of them be at work on a ticket."""
        floor = self._floor
        names = list(floor.directory.agents)
        phones = tuple((name, True) for name in names)
        self._tell(facts.NodeSeen(self._node, "boot", self._now, (), (), phones))
        for name in names:
            self._tell(commands.LogIn(name, name, ""))
        self._busy = names[: self._asked.busy]
        for name in self._busy:
            agent = floor.agents[name]
            floor.set_agent(agent, Cause.COMMAND, status=Status.BUSINESS, reason=Reason.TICKET_PROCESSING)
        for name in names[self._asked.busy :]:
            self._tell(commands.SetStatus(name, Status.READY, None))

    def _mark(self) -> None:
        """Mark the caller's number, as of a call that blocks it no more."""
        service = self._floor.directory.services.get(self._service)
        if not self._asked.mark or service is None or self._asked.caller is None:
            return
        number = self._floor.directory.numbering.delivered(self._asked.caller, self._node)
        at = self._now - service.force_disconnect_block_s - 1
        self._floor.marks[service.id, number] = Mark(service.id, number, 1, self._asked.mark, at)

    # ------------------------------------------------------------------------------- turns

    def _go_on(self) -> None:
        """Let the next thing happen: an answer of the PBX, a key, the end of a message, or some time."""
        call = self._call()
        if call is None or call.state in _ENDED:
            self._end = End.AGENT if call is not None and call.state is CallState.TALKING else self._promise
        elif self._pbx.facts:
            self._tell(self._pbx.facts.popleft())
        elif (keys := self._keys(call)) is not None:
            if call.way is not None and call.way.asks is not None:
                self._now = max(self._now, call.way.since + DOUBLE_PRESS_S)  # The caller has heard the number.
            for key in keys:
                self._tell(facts.DigitPressed(_LEG, key))
        elif self._pbx.playing:
            self._tell(self._pbx.end_message())
        else:
            self._wait()

    def _call(self) -> Call | None:
        return next(iter(self._floor.calls.values()), None)

    def _keys(self, call: Call) -> str | None:
        """Return the keys that the caller presses at a prompt, or None when this is no new prompt."""
        way = call.way
        step = step_of(self._floor, way) if way is not None else None
        if way is None or not asks(step, way, waits=call.state is CallState.WAITING):
            return None
        if call.state not in (CallState.IN_SCENARIO, CallState.WAITING):
            return None
        prompt = (len(self._way), way.heard, way.confirms)
        if prompt in self._prompts:
            return None
        self._prompts.add(prompt)
        keys = self._press.pop(0) if self._press else SILENCE
        return None if keys == SILENCE else keys

    def _wait(self) -> None:
        """Let time pass until something is due."""
        due = [at for at in (self._center.next_deadline(), self._free_at) if at is not None]
        at = max(min(due), self._now) if due else None
        if at is None or at > self._asked.at + _LONGEST_S:
            self._end = End.WAITS
            return
        self._now = at
        if self._free_at is not None and self._free_at <= at:
            self._free_at = None
            for name in self._busy:
                self._tell(commands.SetStatus(name, Status.READY, None))
        else:
            self._tell(facts.TimePassed())

    def _tell(self, fact: facts.Fact) -> None:
        self._take(self._center.handle(fact, self._now))

    def _take(self, output: Output) -> None:
        for record in output.records:
            self._note(record)
        for action in output.actions:
            self._hear(action)
            self._pbx.carry_out(action)

    def _note(self, record: Record) -> None:
        if isinstance(record, ScenarioStep):
            if record.seq <= len(self._way):
                self._way[record.seq - 1].exit = record.exit
        elif isinstance(record, CallEvent) and record.type is CallEventType.SCENARIO_CIRCLE:
            self._end = End.CIRCLE
        elif isinstance(record, CallRow) and record.outcome is not None:
            self._why = self._why or record.outcome
            if record.outcome == Outcome.CALLBACK_REGISTERED:
                self._promise = End.CALLBACK

    def _hear(self, action: Action) -> None:
        if isinstance(action, Reject):
            self._promise, self._why = End.REJECTED, f"{self._why}, {action.sip_code}".removeprefix(", ")
        if action.leg_id != _LEG or not self._way:
            return
        if isinstance(action, StartPlayback):
            self._way[-1].heard += in_words(action.media, action.language, self._floor.directory.language)
        elif isinstance(action, StartMusic):
            self._way[-1].heard.append(f"music:{action.music}")

    def _since_arrival(self) -> float:
        return round(self._now - self._asked.at, 3)

    # ------------------------------------------------------------------------------- steps

    def _watched(self, enter: Enter) -> Enter:
        """Return the procedure that begins a step, watched: the way is noted, and an answer may stand in its place."""

        def begin(floor: Floor, call: Call, way: Way, step: Any) -> str | None:
            do = word(step)
            self._way.append(Taken(way.scenario, way.step, do, self._since_arrival()))
            if len(self._way) > self._most_steps:
                self._end = End.CIRCLE
                return None
            given = self._given(way, step, do)
            if given is None:
                if do in _ROOMS and self._asked.wait_s is not None:
                    self._free_at = self._now + self._asked.wait_s
                return enter(floor, call, way, step)
            return self._answer(call, way, step, given)

        return begin

    def _given(self, way: Way, step: Step, do: str) -> Given | None:
        """Return the answer that stands in place of the step, or None when it is run."""
        full = f"{way.scenario}/{way.step}"
        names = (full, way.step) if way.scenario == self._home else (full,)
        found = next((self._asked.answers[name] for name in names if name in self._asked.answers), None)
        if found is None and (known := ANSWERS.get(do)) is not None and known.default:
            found = Given(known.default)
        return found

    def _answer(self, call: Call, way: Way, step: Step, given: Given) -> str | None:
        """Return the exit of a step that was not run; None: the call has come to its end."""
        do = word(step)
        if sound := getattr(step, "sound", ""):
            self._way[-1].heard += in_words(sound, call.language or "", self._floor.directory.language)
        for name, value in given.values.items():
            call.variables[f"{step.name}.{name}"] = value
        if do in _ROOMS:
            call.queue, way.left_by = getattr(step, "queue", call.queue), given.exit
            forget_keys(self._floor, call)
        known = ANSWERS[do]
        if (end := known.ends.get(given.exit)) is not None:
            self._promise = End(end)
            if known.at_once:
                self._end, self._way[-1].exit = End(end), given.exit
                return None
        return given.exit
