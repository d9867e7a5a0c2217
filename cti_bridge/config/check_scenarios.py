"""Checks of scenarios: each exit leads to a step, each step is reached, and none goes in a circle without a pause."""

from collections.abc import Collection, Iterator
from typing import Any, Final

from cti_bridge.config.check_emergency import check_emergencies, check_name, led_to_by_emergencies
from cti_bridge.config.check_queues import exits_of_queue, led_to_by_queues, left_at_once
from cti_bridge.config.check_silence import check_silence
from cti_bridge.config.check_steps import check_step
from cti_bridge.config.check_values import check_values
from cti_bridge.config.lines import Path
from cti_bridge.config.merge import Merged
from cti_bridge.config.problems import did_you_mean, listed
from cti_bridge.config.written import texts_of

OF_STEP: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "play": (("sound", "next"), ("sound",)),
    "menu": (("sound", "keys", "wait_s", "tries", "invalid", "otherwise"), ("sound", "keys")),
    "hours": (("hours", "open", "closed", "holiday"), ("hours",)),
    "collect": (
        ("sound", "name", "digits", "wait_s", "between_s", "tries", "confirm", "secret", "next", "otherwise"),
        ("sound", "name", "digits"),
    ),
    "lookup": (("url", "secret_file", "wait_ms", "found", "none", "error"), ("url", "secret_file")),
    "set": (("priority", "skills", "relax_s", "must", "category", "language", "variables", "next"), ()),
    "branch": (("on", "queue", "cases", "otherwise"), ("on", "cases")),
    "goto": (("scenario",), ("scenario",)),
    "queue": (("queue", "longest_wait", "full", "no_agents", "closed", "after_talk", "keys"), ("queue",)),
    "voicemail": (("sound", "most_s", "queue", "next", "otherwise"), ()),
    "callback": (("queue", "wait_s", "between_s", "tries", "next", "otherwise"), ()),
    "transfer": (("number", "agent", "ring_s", "confirm", "most_s", "only_ready", "failed"), ()),
    "dialplan": (("context", "extension", "most_s", "cases", "next"), ("context",)),
    "hangup": (("sound",), ()),
}
"""By ``do``, the keys that a step has, and those that it needs."""
_EXITS: Final = (
    "next", "otherwise", "open", "closed", "holiday", "longest_wait", "full", "no_agents", "found", "none", "error",
    "after_talk", "failed",
)  # fmt: skip
_SHORT: Final = ("greeting", "queue", "on_longest_wait")
_LONG: Final = ("start", "steps")
_LEADING: Final = ("keys", "cases")
"""Tables whose values are exits."""
_AT_ONCE: Final = ("hours", "set", "branch", "lookup", "transfer")
"""Steps that may be over at once."""
_WITHOUT_CHOICE: Final = (*_AT_ONCE, "play")
"""Steps that neither take a key nor find an agent."""

Table = dict[str, Any]


def check_scenarios(merged: Merged) -> None:
    """Add all errors and warnings of scenarios to the problems of ``merged``."""
    rows = merged.values.get("scenarios")
    tables: list[tuple[Path, Table]] = [
        (("scenarios", index), row)
        for index, row in enumerate(rows if isinstance(rows, list) else ())
        if isinstance(row, dict)
    ]
    _numbers(merged, tables)
    names = {_name(row): row for _, row in tables if _name(row)}
    reached = {target for _, row in tables for target in _foreign(row, names)} | set(led_to_by_queues(merged))
    reached |= set(led_to_by_emergencies(merged))
    check_emergencies(merged, names)
    for path, row in tables:
        if _has_one_form(merged, path, row):
            _steps(merged, path, row, names, reached)


def _name(row: Table) -> str:
    return str(row.get("id") or row.get("number") or next(iter(texts_of(row.get("numbers"))), ""))


def _numbers(merged: Merged, scenarios: list[tuple[Path, Table]]) -> None:
    """A number belongs to one scenario."""
    owners: dict[str, str] = {}
    for path, row in scenarios:
        if "number" in row and "numbers" in row:
            merged.error((*path, "numbers"), 'both "number" and "numbers" are given; keep one')
        if not row.get("number") and not row.get("numbers") and not row.get("id"):
            merged.error(path, '"number" is missing: no call comes to this scenario, and without an id none goes to it')
        places = [((*path, "number"), number) for number in texts_of(row.get("number"))]
        places += [((*path, "numbers", index), number) for index, number in enumerate(texts_of(row.get("numbers")))]
        for place, number in places:
            owner = owners.setdefault(number, _name(row))
            if owner != _name(row):
                merged.error(place, f'the number "{number}" belongs to scenario "{owner}" already')


def _has_one_form(merged: Merged, path: Path, row: Table) -> bool:
    """Return whether the scenario has steps. One in its short form needs no more checks."""
    short, long = ([key for key in keys if key in row] for keys in (_SHORT, _LONG))
    if short and long:
        merged.error((*path, short[0]), f'"{short[0]}" is of the short form, and this scenario has steps')
        return False
    if not long and "queue" not in row:
        merged.error(path, 'a scenario needs a "queue", or "start" and steps')
    return bool(long)


def _steps(merged: Merged, path: Path, row: Table, names: dict[str, Table], reached: set[tuple[str, str]]) -> None:
    steps = row.get("steps") if isinstance(row.get("steps"), dict) else {}
    tables: dict[str, Table] = {name: step for name, step in (steps or {}).items() if isinstance(step, dict)}
    if not tables:
        merged.error(path, "this scenario has no steps, [scenarios.steps.NAME]")
        return
    check_name(merged, path, tables)
    start = row.get("start")
    if not isinstance(start, str):
        merged.error(path, '"start" is missing: the name of the first step')
    elif start not in tables:
        merged.error((*path, "start"), f'there is no step "{start}"{did_you_mean(start, tables)}')
    for name, step in tables.items():
        at = (*path, "steps", name)
        _keys(merged, at, step)
        for exit_path, target in _exits(at, step):
            _leads(merged, exit_path, target, tables, names)
        _asks(merged, at, step)
        _keys_of_menu(merged, at, step)
        _waits(merged, at, step.get("queue"), row.get("service"))
        check_values(merged, at, step, names)
        check_step(merged, at, step, tables, row.get("service"))
        if step.get("do") == "goto":
            _goes(merged, at, step.get("scenario"), names, row)
        if step.get("do") == "menu" and "otherwise" not in step:
            text = "a caller who presses nothing hears that nobody can serve them, and the call ends"
            merged.warn(at, f'"otherwise" is missing: {text}')
        if step.get("do") == "queue" and "longest_wait" not in {**exits_of_queue(merged, step.get("queue")), **step}:
            text = "a caller who waits too long hears that nobody can serve them, and the call ends"
            merged.warn(at, f'"longest_wait" is missing: {text}')
    _unreached(merged, path, tables, {start, *(step for scenario, step in reached if scenario == _name(row))})
    _circles(merged, path, row, names)
    check_silence(merged, path, _name(row), names)


def _keys(merged: Merged, path: Path, step: Table) -> None:
    """Complain of keys that a step of this kind does not have, and of those that it lacks."""
    if step.get("do") not in OF_STEP:
        return
    has, needs = OF_STEP[step["do"]]
    for key in step:
        if key != "do" and key not in has and any(key in keys for keys, _ in OF_STEP.values()):
            merged.error((*path, key), f'a step "{step["do"]}" has no "{key}", but {listed(has)}')
    for key in needs:
        if not step.get(key):
            merged.error(path, f'"{key}" is missing, which a step "{step["do"]}" needs')


def _keys_of_menu(merged: Merged, path: Path, step: Table) -> None:
    keys = step.get("keys")
    for key, target in keys.items() if isinstance(keys, dict) and step.get("do") == "menu" else ():
        if isinstance(target, dict):
            merged.error((*path, "keys", key), 'a key of a menu leads to a step; "above_s" is of a queue, which waits')


def _exits(path: Path, step: Table) -> Iterator[tuple[Path, str]]:
    for name in _EXITS:
        for target in texts_of(step.get(name)):
            yield (*path, name), target
    for table in _LEADING:
        leading = step.get(table)
        for key, target in leading.items() if isinstance(leading, dict) else ():
            if isinstance(target, str):
                yield (*path, table, key), target
            elif isinstance(target, dict) and isinstance(target.get("step"), str):
                yield (*path, table, key, "step"), target["step"]


def _leads(merged: Merged, path: Path, target: str, steps: Table, names: dict[str, Table]) -> None:
    scenario, _, step = target.rpartition("/")
    if not scenario:
        if step not in steps:
            merged.error(path, f'there is no step "{step}"{did_you_mean(step, steps)}')
        return
    if scenario not in names:
        merged.error(path, f'there is no scenario "{scenario}"{did_you_mean(scenario, names)}')
        return
    others = names[scenario].get("steps")
    if not isinstance(others, dict) or step not in others:
        merged.error(path, f'scenario "{scenario}" has no step "{step}"{did_you_mean(step, others or ())}')


def _asks(merged: Merged, path: Path, step: Table) -> None:
    rows = merged.values.get("hours")
    known = [row["id"] for row in rows if isinstance(row, dict) and "id" in row] if isinstance(rows, list) else []
    hours = step.get("hours")
    if isinstance(hours, str) and hours not in known:
        merged.error((*path, "hours"), f'there are no [[hours]] "{hours}"{did_you_mean(hours, known)}')
    for exit_ in ("open", "closed") if step.get("do") == "hours" else ():
        if exit_ not in step:
            text = "a caller then hears that nobody can serve them, and the call ends"
            merged.warn(path, f'"{exit_}" is missing: {text}')


def _waits(merged: Merged, path: Path, queue: Any, service: Any) -> None:
    rows = merged.values.get("queues")
    queues = {row["id"]: row for row in rows if isinstance(row, dict) and "id" in row} if isinstance(rows, list) else {}
    if not isinstance(queue, str):
        return
    if queue not in queues:
        merged.error((*path, "queue"), f'there is no queue "{queue}"{did_you_mean(queue, queues)}')
    elif queues[queue].get("service") != service:
        theirs = queues[queue].get("service")
        merged.error((*path, "queue"), f'queue "{queue}" belongs to service "{theirs}", not to "{service}"')


def _goes(merged: Merged, path: Path, scenario: Any, names: dict[str, Table], row: Table) -> None:
    if not isinstance(scenario, str):
        return
    if scenario not in names:
        merged.error((*path, "scenario"), f'there is no scenario "{scenario}"{did_you_mean(scenario, names)}')
    elif names[scenario].get("service") != row.get("service"):
        merged.error((*path, "scenario"), f'scenario "{scenario}" belongs to another service')
    elif not names[scenario].get("steps"):
        merged.error((*path, "scenario"), f'scenario "{scenario}" has no steps; name its queue here')


def _foreign(row: Table, names: dict[str, Table]) -> Iterator[tuple[str, str]]:
    """Yield the steps of other scenarios to which this one leads."""
    steps = row.get("steps")
    for step in steps.values() if isinstance(steps, dict) else ():
        if not isinstance(step, dict):
            continue
        for _, target in _exits((), step):
            scenario, _, name = target.rpartition("/")
            if scenario:
                yield scenario, name


def _unreached(merged: Merged, path: Path, steps: dict[str, Table], from_: set[Any]) -> None:
    seen, left = set[str](), [name for name in from_ if name in steps]
    while left:
        name = left.pop()
        if name in steps and name not in seen:
            seen.add(name)
            left += [target for _, target in _exits((), steps[name])]
    for name in steps:
        if name not in seen:
            merged.warn((*path, "steps", name), f'nothing leads to step "{name}"')


def _circles(merged: Merged, path: Path, row: Table, names: dict[str, Table]) -> None:
    """Complain of a circle of steps that are over at once, and warn of one of these and messages: no key leads out of
    it, and no agent."""
    own = _name(row)
    for name, step in row["steps"].items():
        at = (*path, "steps", name)
        if _leads_back(merged, own, name, names, _AT_ONCE):
            merged.error(at, f"this {step['do']} leads in a circle in which nothing waits")
        elif (
            isinstance(step, dict)
            and step.get("do") == "play"
            and _leads_back(merged, own, name, names, _WITHOUT_CHOICE)
        ):
            merged.warn(at, "this play leads in a circle that only the caller ends, by hanging up")


def _leads_back(merged: Merged, scenario: str, name: str, names: dict[str, Table], through: Collection[str]) -> bool:
    """Return whether the step leads back to itself through such steps alone."""
    seen, left = set[tuple[str, str]](), list(_at_once(merged, scenario, name, names, through))
    while left:
        at = left.pop()
        if at not in seen:
            seen.add(at)
            left += _at_once(merged, *at, names, through)
    return (scenario, name) in seen


def _at_once(
    merged: Merged, scenario: str, name: str, names: dict[str, Table], through: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield the steps, with their scenarios, to which this one leads, if it is a goto or one of these, or a queue that
    may turn the call away."""
    steps = names.get(scenario, {}).get("steps")
    step = steps.get(name) if isinstance(steps, dict) else None
    if not isinstance(step, dict):
        return
    if step.get("do") == "goto" and step.get("scenario") in names:
        yield step["scenario"], str(names[step["scenario"]].get("start"))
        return
    targets = [target for _, target in _exits((), step)] if step.get("do") in through else []
    if step.get("do") == "queue":
        targets = left_at_once(merged, step)
    for target in targets:
        other, _, to = target.rpartition("/")
        yield other or scenario, to
