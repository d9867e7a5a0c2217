"""The wish to try a call, as it comes from a command line, a test or a request. It becomes the description of a call,
or its fault is said in words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cti_bridge.config.problems import did_you_mean, listed
from cti_bridge.domain.model.directory import Directory
from cti_bridge.domain.model.scenario import Scenario, Step
from cti_bridge.hours.zone import moment
from cti_bridge.trial.asked import SILENCE, Asked, Given
from cti_bridge.trial.words import ANSWERS, may_answer, word
from cti_bridge.trial.zone import Zone, zone_of

MOST_AGENTS = 100
MOST_PROMPTS = 100
LONGEST_WAIT_S = 86_400.0
_KEYS = re.compile(r"[0-9A-D*#]{1,32}", re.ASCII)
_CALLER = re.compile(r"\+?[0-9][0-9 ()./-]{0,63}", re.ASCII)


class Wrong(ValueError):
    """This cannot be tried. ``field`` names the part, the message says why, in words."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """``at`` is a time in the zone of the service, ``2026-12-25T10:00``, or one with its offset. None: now."""

    number: str
    at: str | None = None
    caller: str | None = None
    press: Sequence[str] = ()
    agents: int = 1
    busy: int | None = None
    """None: all of them when ``wait_s`` is given, else none."""
    wait_s: float | None = None
    emergency: bool = False
    mark: str = ""
    answers: Mapping[str, Given] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Understood:
    """The call that is meant. ``scenario`` None: no scenario has the number."""

    asked: Asked
    scenario: Scenario | None
    zone: Zone


def understand(directory: Directory, wanted: Wanted, now: float) -> Understood:
    """Return the call that is meant. ``now`` is POSIX seconds. Raises Wrong."""
    node = next(iter(sorted(directory.nodes)), "main")
    scenario = directory.scenario_of(directory.called(wanted.number, node))
    if scenario is None:
        _check_number(directory, wanted.number)
    zone = zone_of(directory, scenario)
    _check_press(wanted.press)
    for name, given in wanted.answers.items():
        _check_answer(directory, scenario, name, given)
    asked = Asked(
        number=wanted.number,
        at=_at(wanted.at, zone, now),
        caller=_caller(wanted.caller),
        press=tuple(wanted.press),
        agents=_within("agents", wanted.agents, MOST_AGENTS),
        busy=_busy(wanted),
        wait_s=None if wanted.wait_s is None else float(_within("wait_s", wanted.wait_s, LONGEST_WAIT_S)),
        emergency=wanted.emergency,
        mark=wanted.mark,
        answers=wanted.answers,
    )
    if asked.emergency and not _is_prepared(directory, scenario):
        raise Wrong("emergency", "nothing is prepared for the service, [services.emergency]")
    if asked.mark and asked.caller is None:
        raise Wrong("mark", "a withheld number has no mark; say from which number the call comes")
    return Understood(asked, scenario, zone)


def _is_prepared(directory: Directory, scenario: Scenario | None) -> bool:
    service = directory.services.get(scenario.service) if scenario is not None else None
    return service is not None and service.emergency.is_there


def _check_number(directory: Directory, number: str) -> None:
    near = next((number for scenario in directory.scenarios.values() for number in scenario.numbers), "")
    if not any(letter.isdigit() for letter in number) or (fault := directory.numbering.fault(number, near)):
        reason = fault if any(letter.isdigit() for letter in number) else f'"{number}" is no telephone number'
        raise Wrong("number", reason)


def _check_press(press: Sequence[str]) -> None:
    if len(press) > MOST_PROMPTS:
        raise Wrong("press", f"{len(press)} prompts are too many; {MOST_PROMPTS} are the most")
    for keys in press:
        if keys != SILENCE and not _KEYS.fullmatch(keys):
            text = f'write the keys of a prompt as in "1" or "1234#", "{SILENCE}" for none, not "{keys}"'
            raise Wrong("press", text)


def _check_answer(directory: Directory, home: Scenario | None, name: str, given: Given) -> None:
    step = _step(directory, home, name)
    do = word(step)
    if do not in ANSWERS:
        raise Wrong("answers", f'step "{name}" is a "{do}", which is run; answers are for {listed(sorted(ANSWERS))}')
    if not may_answer(step, given.exit):
        exits = sorted({*ANSWERS[do].exits, *step.exits})
        hint = did_you_mean(given.exit, exits)
        raise Wrong("answers", f'step "{name}" gives {listed(exits)}, not "{given.exit}"{hint}')
    if given.values and given.exit != ANSWERS[do].with_values:
        raise Wrong("answers", f'step "{name}" has no values with "{given.exit}"')


def _step(directory: Directory, home: Scenario | None, name: str) -> Step:
    other, _, step = name.rpartition("/")
    scenario = directory.scenarios.get(other) if other else home
    if other and scenario is None:
        raise Wrong("answers", f'there is no scenario "{other}"{did_you_mean(other, directory.scenarios)}')
    steps: Mapping[str, Step] = scenario.steps if scenario is not None else {}
    if step not in steps:
        raise Wrong("answers", f'there is no step "{name}"{did_you_mean(step, steps)}')
    return steps[step]


def _at(text: str | None, zone: Zone, now: float) -> float:
    if text is None:
        return now
    try:
        return moment(text, zone.name, now)
    except ValueError as error:
        raise Wrong("at", str(error)) from None


def _caller(text: str | None) -> str | None:
    if text in (None, "", "anonymous"):
        return None
    if not _CALLER.fullmatch(text):
        raise Wrong("from", f'write a number as in "+821055500001", or "anonymous", not "{text}"')
    return text


def _busy(wanted: Wanted) -> int:
    if wanted.busy is None:
        return wanted.agents if wanted.wait_s is not None else 0
    if not 0 <= wanted.busy <= wanted.agents:
        raise Wrong("busy", f"{wanted.busy} agents cannot be busy, for {wanted.agents} work")
    return wanted.busy


def _within(name: str, value: float, most: float) -> int:
    if not 0 <= value <= most:
        raise Wrong(name, f"write a number from 0 to {most:g}, not {value:g}")
    return value  # type: ignore[return-value]
