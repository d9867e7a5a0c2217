"""A check of scenarios: a line on which nobody says or presses anything does not go round for ever. A caller who has
gone unnoticed, or a machine, would keep a line of the trunk until somebody finds it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cti_bridge.config.lines import Path
from cti_bridge.config.merge import Merged

Table = dict[str, Any]

_WITHOUT_KEY: Final[dict[str, tuple[str, ...]]] = {
    "play": ("next",),
    "menu": ("otherwise",),
    "hours": ("open", "closed", "holiday"),
    "collect": ("otherwise",),
    "lookup": ("found", "none", "error"),
    "set": ("next",),
    "branch": ("otherwise",),
    "voicemail": ("next", "otherwise"),
    "callback": ("otherwise",),
    "transfer": ("failed",),
}
"""By ``do``, the exits that take no key. A queue is none of these: an agent ends that circle."""
_WARNED_OF: Final = ("menu", "collect", "voicemail", "callback")
"""Steps at which a caller could end it by a key or a word."""


def check_silence(merged: Merged, path: Path, scenario: str, names: Mapping[str, Table]) -> None:
    """Warn of each such step of the scenario that comes back to itself."""
    steps = names[scenario].get("steps") if scenario in names else None
    for name, step in steps.items() if isinstance(steps, dict) else ():
        if isinstance(step, dict) and step.get("do") in _WARNED_OF and _comes_back(scenario, name, names):
            text = "a caller who presses nothing, or has gone unnoticed, comes back to it for ever"
            merged.warn((*path, "steps", name), f"this {step['do']} has no end: {text}")


def _comes_back(scenario: str, name: str, names: Mapping[str, Table]) -> bool:
    seen, left = set[tuple[str, str]](), list(_without_key(scenario, name, names))
    while left:
        at = left.pop()
        if at not in seen:
            seen.add(at)
            left += _without_key(*at, names)
    return (scenario, name) in seen


def _without_key(scenario: str, name: str, names: Mapping[str, Table]) -> Iterator[tuple[str, str]]:
    steps = names.get(scenario, {}).get("steps")
    step = steps.get(name) if isinstance(steps, dict) else None
    if not isinstance(step, dict):
        return
    if step.get("do") == "goto" and step.get("scenario") in names:
        yield step["scenario"], str(names[step["scenario"]].get("start"))
    targets = [step.get(exit_) for exit_ in _WITHOUT_KEY.get(str(step.get("do")), ())]
    if step.get("do") == "branch" and isinstance(cases := step.get("cases"), dict):
        targets += cases.values()
    for target in targets:
        if isinstance(target, str):
            other, _, to = target.rpartition("/")
            yield other or scenario, to
