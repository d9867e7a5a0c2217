"""The languages that callers may have at each step: those of the scenarios by which they come there, and of the steps
"set" on their ways. "" stands for callers who have none."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from cti_bridge.domain.model.directory import Directory
from cti_bridge.domain.model.scenario import HANG_UP, AskHours, Enqueue, Scenario, SetValues, Step

Where = tuple[str, str]
"""A scenario, and a step of it."""


@dataclass(slots=True)
class Languages:
    """``at`` has them by step, ``of_queue``, ``of_hours`` and ``of_service`` by id."""

    at: dict[Where, set[str]] = field(default_factory=lambda: defaultdict(set))
    of_queue: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    of_hours: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    of_service: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @property
    def all(self) -> set[str]:
        return set().union(*self.at.values())


def languages(directory: Directory) -> Languages:
    """Return the languages of the callers of all numbers."""
    found = Languages()
    left = [
        ((scenario.id, scenario.start), scenario.language or "")
        for scenario in directory.scenarios.values()
        if scenario.numbers
    ]
    left += [
        (where, scenario.language or "")
        for scenario in directory.scenarios.values()
        for where in _of_emergency(directory, scenario)
    ]
    while left:
        where, language = left.pop()
        scenario = directory.scenarios.get(where[0])
        step = scenario.steps.get(where[1]) if scenario is not None else None
        if scenario is None or step is None or language in found.at[where]:
            continue
        found.at[where].add(language)
        found.of_service[scenario.service].add(language)
        if isinstance(step, Enqueue):
            found.of_queue[step.queue].add(language)
        if isinstance(step, AskHours):
            found.of_hours[step.hours].add(language)
        after = step.language if isinstance(step, SetValues) and step.language is not None else language
        left += [(target, after) for target in _targets(directory, scenario.id, step)]
    return found


def _of_emergency(directory: Directory, scenario: Scenario) -> Iterator[Where]:
    """Yield the step to which the emergency of the service leads callers of the scenario."""
    service = directory.services.get(scenario.service)
    if service is not None and scenario.numbers and "/" in service.emergency.next:
        other, _, name = service.emergency.next.rpartition("/")
        yield other, name


def _targets(directory: Directory, scenario: str, step: Step) -> Iterator[Where]:
    queue = directory.queues.get(step.queue) if isinstance(step, Enqueue) else None
    for target in (*step.exits.values(), *(queue.exits.values() if queue is not None else ())):
        if target != HANG_UP:
            other, _, name = target.rpartition("/")
            yield other or scenario, name
