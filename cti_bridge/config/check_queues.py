"""Checks of queues: each exit leads to a step, and one that can be taken is named; hours exist."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from cti_bridge.config.lines import Path
from cti_bridge.config.merge import Merged
from cti_bridge.config.problems import did_you_mean
from cti_bridge.config.written import rows_of

Table = dict[str, Any]

_EXITS: Final = ("longest_wait", "full", "no_agents", "closed", "failed")
_NEEDS_HOURS: Final = ("closing", "closing_most_s")


def check_queues(merged: Merged) -> None:
    """Add all errors and warnings of queues to the problems of ``merged``."""
    scenarios = {_name(row): row for _, row in rows_of(merged, "scenarios")}
    steps = _steps_by_queue(scenarios.values())
    hours = [row["id"] for _, row in rows_of(merged, "hours") if isinstance(row.get("id"), str)]
    for path, queue in rows_of(merged, "queues"):
        exits = queue.get("exits")
        for name in _EXITS if isinstance(exits, dict) else ():
            leads(merged, (*path, "exits", name), exits.get(name), queue.get("service"), scenarios)  # type: ignore[union-attr]
        named = queue.get("hours")
        if isinstance(named, str) and named not in hours:
            merged.error((*path, "hours"), f'there are no [[hours]] "{named}"{did_you_mean(named, hours)}')
        for key in _NEEDS_HOURS:
            if key in queue and "hours" not in queue:
                merged.warn((*path, key), f'without "hours" the queue never closes, and "{key}" does nothing')
        _last_agent(merged, path, queue)
        _named(merged, path, queue, steps)
        _announces(merged, path, queue.get("announce"))


def _announces(merged: Merged, path: Path, announce: object) -> None:
    for index, one in enumerate(announce if isinstance(announce, list) else ()):
        at = (*path, "announce", index)
        if not isinstance(one, dict):
            continue
        if "at_s" not in one and "every_s" not in one:
            merged.error(at, 'this announcement has no time; give "at_s", "every_s" or both')
        if not one.get("say") and not one.get("sounds"):
            merged.error(at, 'this announcement says nothing; give "say" or "sounds"')


def _last_agent(merged: Merged, path: Path, queue: Table) -> None:
    """Warn of a wait for the last agent that is none, or that nobody else sees the end of."""
    last_agent_s, longest_s = queue.get("last_agent_s", 0), queue.get("longest_wait_s", 600)
    if not isinstance(last_agent_s, int | float) or not isinstance(longest_s, int | float):
        return
    if "last_agent_days" in queue and not last_agent_s:
        text = 'without "last_agent_s" nobody is asked first, and "last_agent_days" does nothing'
        merged.warn((*path, "last_agent_days"), text)
    if longest_s and last_agent_s >= longest_s:
        text = "a caller whose last agent processes a ticket would be given to nobody else within longest_wait_s"
        merged.warn((*path, "last_agent_s"), f"{text} ({longest_s:g})")


def exits_of_queue(merged: Merged, queue: object) -> Table:
    """Return the table ``exits`` of the queue with this id; empty where there is none."""
    exits = _queue(merged, queue).get("exits")
    return exits if isinstance(exits, dict) else {}


def left_at_once(merged: Merged, step: Table) -> list[str]:
    """Return the targets of the exits by which a call may leave this step, a queue, without a wait."""
    queue = _queue(merged, step.get("queue"))
    exits = {**exits_of_queue(merged, step.get("queue")), **step}
    can = {"closed": queue.get("hours"), "full": queue.get("max_waiting"), "no_agents": True}
    targets = (exits.get(exit_) for exit_, happens in can.items() if happens)
    return [target for target in targets if isinstance(target, str) and target != "hangup"]


def _queue(merged: Merged, queue: object) -> Table:
    return next((row for _, row in rows_of(merged, "queues") if row.get("id") == queue), {})


def led_to_by_queues(merged: Merged) -> Iterator[tuple[str, str]]:
    """Yield the steps, with their scenarios, to which exits of queues lead."""
    for _, queue in rows_of(merged, "queues"):
        exits = queue.get("exits")
        for target in exits.values() if isinstance(exits, dict) else ():
            if isinstance(target, str) and "/" in target:
                scenario, _, step = target.rpartition("/")
                yield scenario, step


def leads(merged: Merged, path: Path, target: object, service: object, scenarios: dict[str, Table]) -> None:
    """Complain of a target, SCENARIO/STEP, that is not there or belongs to another service."""
    if not isinstance(target, str) or "/" not in target:
        return
    name, _, step = target.rpartition("/")
    scenario = scenarios.get(name)
    if scenario is None:
        merged.error(path, f'there is no scenario "{name}"{did_you_mean(name, scenarios)}')
        return
    steps = scenario.get("steps")
    if not isinstance(steps, dict) or step not in steps:
        merged.error(path, f'scenario "{name}" has no step "{step}"{did_you_mean(step, steps or ())}')
    elif scenario.get("service") != service:
        merged.error(path, f'scenario "{name}" belongs to another service')


def _named(merged: Merged, path: Path, queue: Table, steps_by_queue: Mapping[str, list[Table]]) -> None:
    """Complain of an exit that can be taken, and that neither the queue nor each of its steps names."""
    exits = queue.get("exits")
    own = exits if isinstance(exits, dict) else {}
    steps = steps_by_queue.get(str(queue.get("id")), [])
    for exit_, key, why in (
        ("closed", "hours", "who calls when it is closed"),
        ("full", "max_waiting", "who calls when it is full"),
    ):
        if queue.get(key) and exit_ not in own and not (steps and all(exit_ in step for step in steps)):
            text = f'name the exit "{exit_}" in [queues.exits]: {why} has nowhere to go'
            merged.error((*path, key), text)
    ends = queue.get("longest_wait_s", 600) and "longest_wait" not in own
    if ends and not steps and _is_returned_to(merged, queue.get("id")):
        text = "a call that comes back and waits too long hears that nobody can serve it, and ends"
        merged.warn(path, f'no step has this queue, and [queues.exits] names no "longest_wait": {text}')


def _steps_by_queue(scenarios: Iterable[Table]) -> Mapping[str, list[Table]]:
    """Return the steps with a queue, by its id; of a scenario in its short form the exits that it has."""
    found: defaultdict[str, list[Table]] = defaultdict(list)
    for scenario in scenarios:
        if isinstance(queue := scenario.get("queue"), str):
            found[queue].append({"longest_wait": scenario.get("on_longest_wait", "")})
        steps = scenario.get("steps")
        for step in steps.values() if isinstance(steps, dict) else ():
            if isinstance(step, dict) and step.get("do") == "queue" and isinstance(queue := step.get("queue"), str):
                found[queue].append(step)
    return found


def _is_returned_to(merged: Merged, queue: object) -> bool:
    return any(row.get("return_queue") == queue for _, row in rows_of(merged, "services"))


def _name(row: Table) -> str:
    numbers = row.get("numbers")
    first = numbers[0] if isinstance(numbers, list) and numbers else ""
    return str(row.get("id") or row.get("number") or first)
