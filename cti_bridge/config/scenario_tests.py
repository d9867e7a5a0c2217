"""Runs the tests that scenarios carry, and adds those that fail to the problems, each with its line."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from cti_bridge.config.lines import Path
from cti_bridge.config.merge import Merged
from cti_bridge.config.problems import Problem, Severity
from cti_bridge.config.schema.scenarios import ScenarioSettings, ScenarioTestSettings
from cti_bridge.domain.model.directory import Directory
from cti_bridge.trial.asked import Given
from cti_bridge.trial.taken import Result
from cti_bridge.trial.trial import run, staffed
from cti_bridge.trial.wanted import Wanted, Wrong, understand

MOST_TESTS = 2_000
"""The most tests of a configuration. They take about a millisecond each."""
_ASK_HOURS = ("hours",)


def run_tests(
    merged: Merged, scenarios: Sequence[ScenarioSettings], directory: Directory, severity: Severity = "error"
) -> None:
    """Run all tests. One that fails, or cannot be run, becomes a problem of this severity."""
    tests = [(path, scenario, test) for path, scenario, test in _tests(scenarios)]
    if len(tests) > MOST_TESTS:
        path = tests[MOST_TESTS][0]
        merged.error(path, f"{len(tests)} tests are too many; {MOST_TESTS} are the most")
        return
    directory = _callable(directory)
    crews: dict[int, Directory] = {}
    for path, scenario, test in tests:
        for where, text in _faults(directory, crews, directory.scenarios[scenario.name].numbers[0], test):
            merged.problems.append(Problem(merged.place((*path, *where)), f'test "{test.name}": {text}', severity))


def _tests(scenarios: Sequence[ScenarioSettings]) -> Iterator[tuple[Path, ScenarioSettings, ScenarioTestSettings]]:
    for index, scenario in enumerate(scenarios):
        for number, test in enumerate(scenario.tests):
            yield ("scenarios", index, "tests", number), scenario, test


def _callable(directory: Directory) -> Directory:
    """Return the directory with a number for each scenario that has none, since only others lead to it. Emergencies are
    off: a test says whether its call comes in one."""
    scenarios = {
        name: one if one.numbers else replace(one, numbers=(f"scenario {name}",))
        for name, one in directory.scenarios.items()
    }
    services = {
        name: replace(one, emergency=replace(one.emergency, on=False)) for name, one in directory.services.items()
    }
    return replace(directory, scenarios=scenarios, services=services)


def _faults(
    directory: Directory, crews: dict[int, Directory], number: str, test: ScenarioTestSettings
) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong with a test, each with its key."""
    if test.way is None and test.end is None:
        yield (), 'it wants neither a way nor an end; give "way", "end" or both'
        return
    try:
        asked = understand(directory, _wanted(number, test), time.time()).asked
    except Wrong as wrong:
        yield (wrong.field,), str(wrong)
        return
    crew = crews.get(asked.agents)
    if crew is None:
        crew = crews[asked.agents] = staffed(directory, asked.agents)
    result = run(crew, asked)
    if not test.at and any(taken.do in _ASK_HOURS for taken in result.way):
        yield (), 'its call asks for opening hours; give the time, "at", or it may fail tomorrow'
        return
    other_way = test.way is not None and result.names() != test.way
    if other_way or test.end not in (None, result.end):
        yield ("way" if other_way else "end",), "\n".join(["the call takes another way", *_side_by_side(result, test)])


def _wanted(number: str, test: ScenarioTestSettings) -> Wanted:
    return Wanted(
        number=number,
        at=test.at or None,
        caller=test.from_ or None,
        press=test.press,
        agents=test.agents,
        busy=test.busy,
        wait_s=test.wait_s,
        emergency=test.emergency,
        mark=test.mark,
        answers={
            step: Given(answer) if isinstance(answer, str) else Given("found", answer)
            for step, answer in test.answers.items()
        },
    )


def _side_by_side(result: Result, test: ScenarioTestSettings) -> Iterator[str]:
    """Yield the way that was taken, with its exits, beside the one that is wanted."""
    taken = [f"{one.name(result.home)}  {one.exit or ''}".rstrip() for one in result.way]
    names = result.names()
    wanted = names if test.way is None else test.way
    rows = [("taken", "wanted", True)]
    rows += [(left or "", right or "", name == right) for left, name, right in zip_longest(taken, names, wanted)]
    rows.append((f"end: {result.end}", f"end: {test.end or 'any'}", test.end in (None, result.end)))
    width = max(len(left) for left, _, _ in rows)
    for left, right, same in rows:
        yield f"      {left:<{width}}  {' ' if same else '|'}  {right}".rstrip()
