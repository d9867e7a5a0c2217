"""Checks of the steps that carry values: what a branch asks for must be there to be asked for."""

from collections.abc import Iterator
from ipaddress import ip_address
from math import isfinite
from typing import Any, Final
from urllib.parse import urlsplit

from cti_bridge.config.lines import Path
from cti_bridge.config.merge import Merged
from cti_bridge.config.problems import did_you_mean, listed
from cti_bridge.config.schema.policy import PolicySettings
from cti_bridge.domain.model.scenario import ANY_MARK, Exit, On

Table = dict[str, Any]

_FIGURES: Final = (On.WAITING, On.WORKING, On.LONGEST_S, On.EXPECTED_WAIT_S)
_OF_SET: Final = ("priority", "skills", "category", "language", "variables")


def check_values(merged: Merged, path: Path, step: Table, scenarios: dict[str, Table]) -> None:
    """Add what is wrong with this step to the problems of ``merged``. ``scenarios`` are all, by name."""
    match step.get("do"):
        case "set":
            if not any(key in step for key in _OF_SET):
                merged.error(path, f"this step sets nothing; give {listed(_OF_SET)}")
        case "collect":
            _collect(merged, path, step, scenarios)
        case "lookup":
            _lookup(merged, path, step)
        case "branch":
            _branch(merged, path, step, scenarios)


def _collect(merged: Merged, path: Path, step: Table, scenarios: dict[str, Table]) -> None:
    if "otherwise" not in step:
        text = "a caller who enters nothing hears that nobody can serve them, and the call ends"
        merged.warn(path, f'"otherwise" is missing: {text}')
    digits: Any = step.get("digits")
    are_numbers = isinstance(digits, list) and all(isinstance(one, int) for one in digits)
    if are_numbers and (len(digits) != 2 or digits[0] > digits[1]):
        merged.error((*path, "digits"), '"digits" is the fewest and the most of them, as in [6, 8]')
    if step.get("secret") is True and step.get("confirm") is True:
        merged.error((*path, "confirm"), "a secret is not read out, so it cannot be confirmed")
    name, others = step.get("name"), set(_variables(scenarios, secret=not step.get("secret", False)))
    if name in others:
        text = f'"{name}" is secret in one step and open in another; use two names'
        merged.error((*path, "name"), text)


def _lookup(merged: Merged, path: Path, step: Table) -> None:
    for exit_ in (Exit.FOUND, Exit.NONE, Exit.ERROR):
        if exit_ not in step:
            text = "a caller then hears that nobody can serve them, and the call ends"
            merged.warn(path, f'"{exit_}" is missing: {text}')
    url = step.get("url")
    if isinstance(url, str) and url.startswith("http:") and not _is_here(url):
        text = "without TLS, http, numbers and secrets of callers can be read on the way; use https"
        merged.warn((*path, "url"), text)


def _is_here(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _branch(merged: Merged, path: Path, step: Table, scenarios: dict[str, Table]) -> None:
    if "otherwise" not in step:
        text = "a caller for whom no case holds hears that nobody can serve them, and the call ends"
        merged.warn(path, f'"otherwise" is missing: {text}')
    on, cases = step.get("on"), step.get("cases")
    if not isinstance(on, str) or not isinstance(cases, dict):
        return
    if Exit.OTHERWISE in cases:
        merged.error((*path, "cases", Exit.OTHERWISE), '"otherwise" is no case, but a key beside "cases"')
    if on.startswith("queue."):
        _figure(merged, path, step, on, cases)
        return
    if "queue" in step:
        merged.error((*path, "queue"), f'"queue" belongs to the figures {listed(_FIGURES)}, not to "{on}"')
    if on == On.NUMBER:
        _known(merged, path, cases, _lists(merged), "there is no [[number_lists]]")
    elif on == On.MARK:
        _known(merged, path, cases, [ANY_MARK, *_reasons(merged)], "there is no force_disconnect_reasons")
    else:
        _variable(merged, path, on, scenarios)


def _figure(merged: Merged, path: Path, step: Table, on: str, cases: Table) -> None:
    if on not in _FIGURES:
        merged.error((*path, "on"), f'there is no figure "{on}"{did_you_mean(on, _FIGURES)}')
        return
    if not isinstance(step.get("queue"), str):
        merged.error(path, f'"queue" is missing, which a branch on "{on}" needs')
    for case in cases:
        if not _is_threshold(case) and case != Exit.OTHERWISE:
            merged.error((*path, "cases", case), f'"{case}" is no threshold; write a number from 0 on, as in 10')


def _is_threshold(case: str) -> bool:
    try:
        return isfinite(float(case)) and float(case) >= 0
    except ValueError:
        return False


def _known(merged: Merged, path: Path, cases: Table, known: list[str], none: str) -> None:
    for case in cases:
        if case not in known and case != Exit.OTHERWISE:
            merged.error((*path, "cases", case), f'{none} "{case}"{did_you_mean(case, known)}')


def _lists(merged: Merged) -> list[str]:
    rows = merged.values.get("number_lists")
    return [str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row] if isinstance(rows, list) else []


def _reasons(merged: Merged) -> list[str]:
    policy = merged.values.get("policy")
    reasons = policy.get("force_disconnect_reasons") if isinstance(policy, dict) else None
    return [
        str(reason) for reason in (reasons if isinstance(reasons, list) else PolicySettings().force_disconnect_reasons)
    ]


def _variable(merged: Merged, path: Path, on: str, scenarios: dict[str, Table]) -> None:
    names, secrets = set(_variables(scenarios, secret=False)), set(_variables(scenarios, secret=True))
    lookups = {name for name, step in all_steps(scenarios) if step.get("do") == "lookup"}
    if "." in on:
        names = {f"{name}.{on.partition('.')[2]}" for name in lookups}
    if on in secrets:
        merged.error((*path, "on"), f'"{on}" is secret, and no branch sees it; ask a lookup')
    elif on not in names:
        known = (On.NUMBER, On.MARK, *_FIGURES, *names)
        merged.error((*path, "on"), f'no step sets the variable "{on}"{did_you_mean(on, known)}')


def _variables(scenarios: dict[str, Table], *, secret: bool) -> Iterator[str]:
    """Yield the names of all secret variables that a step sets, or of all others."""
    for _, step in all_steps(scenarios):
        variables, name = step.get("variables"), step.get("name")
        if step.get("do") == "set" and isinstance(variables, dict) and not secret:
            yield from variables
        if step.get("do") == "collect" and isinstance(name, str) and step.get("secret", False) is secret:
            yield name


def all_steps(scenarios: dict[str, Table]) -> Iterator[tuple[str, Table]]:
    """Yield all steps with their names."""
    for row in scenarios.values():
        steps = row.get("steps")
        for name, step in steps.items() if isinstance(steps, dict) else ():
            if isinstance(step, dict):
                yield name, step
