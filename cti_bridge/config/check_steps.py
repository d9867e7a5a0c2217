"""Checks of the steps that hand a caller to somebody else: to a list of the house, or to a number outside."""

from typing import Any

from cti_bridge.config.lines import Path
from cti_bridge.config.merge import Merged
from cti_bridge.config.problems import did_you_mean
from cti_bridge.domain.model.directory import Service
from cti_bridge.domain.model.scenario import Exit
from cti_bridge.domain.numbers.dialing import is_open
from cti_bridge.numbers.kinds import kind_of

Table = dict[str, Any]
LONGEST_MESSAGE_S = 3600.0
LONGEST_IN_DIALPLAN_S = 7200.0


def check_step(merged: Merged, path: Path, step: Table, steps: dict[str, Table], service: Any) -> None:
    """Add what is wrong with this step to the problems of ``merged``. ``steps`` are those of its scenario."""
    match step.get("do"):
        case "voicemail":
            _has_a_queue(merged, path, step, steps, "whose agents hear the message?")
            _otherwise(merged, path, step, "who says nothing")
            if isinstance(most_s := step.get("most_s"), int | float) and most_s > LONGEST_MESSAGE_S:
                merged.error((*path, "most_s"), f'"most_s" must be at most {LONGEST_MESSAGE_S:g} here')
        case "callback":
            _has_a_queue(merged, path, step, steps, "whose agents call back?")
            _otherwise(merged, path, step, "who does not want to be called back")
            _calls_out(merged, path, service, "nobody can be called back, and callers hear that")
        case "transfer":
            _transfer(merged, path, step, service)
        case "dialplan":
            _dialplan(merged, path, step)


def _dialplan(merged: Merged, path: Path, step: Table) -> None:
    if isinstance(most_s := step.get("most_s"), int | float) and most_s > LONGEST_IN_DIALPLAN_S:
        merged.error((*path, "most_s"), f'"most_s" must be at most {LONGEST_IN_DIALPLAN_S:g} here')
    cases = step.get("cases")
    if isinstance(cases, dict) and Exit.NEXT in cases:
        merged.error((*path, "cases", Exit.NEXT), '"next" is no case, but a key beside "cases"')


def _transfer(merged: Merged, path: Path, step: Table, service: Any) -> None:
    number, agent = step.get("number"), step.get("agent")
    if (number is None) is (agent is None):
        merged.error(path, 'a transfer goes to a "number" or to an "agent"; give one of them')
    if "failed" not in step:
        text = "a caller whom nobody there takes hears that nobody can serve them, and the call ends"
        merged.warn(path, f'"failed" is missing: {text}')
    if isinstance(agent, str):
        _agent(merged, path, step, agent, service)
    if isinstance(number, str):
        _number(merged, path, step, number, service)
        _calls_out(merged, path, service, "each of these transfers fails")


def _agent(merged: Merged, path: Path, step: Table, agent: str, service: Any) -> None:
    entries = {str(row.get("cti_id")): row for row in _rows(merged, "agents")}
    if agent not in entries:
        merged.error((*path, "agent"), f'there is no agent "{agent}"{did_you_mean(agent, entries)}')
    elif service not in (entries[agent].get("services") or ()):
        merged.error((*path, "agent"), f'agent "{agent}" does not work for service "{service}"')
    for key in ("confirm", "most_s"):
        if key in step:
            merged.error((*path, key), f'"{key}" is for an outside number, and this goes to an agent')


def _number(merged: Merged, path: Path, step: Table, number: str, service: Any) -> None:
    if "only_ready" in step:
        merged.error((*path, "only_ready"), '"only_ready" is for an agent, and this goes to an outside number')
    for row in _rows(merged, "scenarios"):
        if number == row.get("number") or number in (row.get("numbers") or ()):
            name = row.get("id") or number
            merged.error((*path, "number"), f'{number} is a number of scenario "{name}" here; lead on to its steps')
    if any(number == row.get("number") for row in _rows(merged, "calling_numbers")):
        text = "where calls to it come back here, each makes another one until all lines are taken"
        merged.warn((*path, "number"), f"{number} is a number that customers see, one of [[calling_numbers]]: {text}")
    found = [row for row in _rows(merged, "services") if row.get("id") == service]
    if found and not _is_allowed(found[0], number):
        text = f'service "{service}" may not dial {number}: see its allowed_prefixes, allowed_regions, allowed_types'
        merged.error((*path, "number"), text)


def _is_allowed(row: Table, number: str) -> bool:
    """Return whether the service may dial the number, as the core asks for each call."""
    prefixes, regions, types = (_texts(row.get(f"allowed_{name}")) for name in ("prefixes", "regions", "types"))
    service = Service(str(row.get("id")), allowed_prefixes=prefixes, allowed_regions=regions, allowed_types=types)
    return number in prefixes or (number.startswith(prefixes or ("-",)) and is_open(service, kind_of(number)))


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()


def _has_a_queue(merged: Merged, path: Path, step: Table, steps: dict[str, Table], question: str) -> None:
    if not step.get("queue") and not any(other.get("do") == "queue" for other in steps.values()):
        merged.error(path, f'"queue" is missing: {question} The scenario has no queue')


def _otherwise(merged: Merged, path: Path, step: Table, who: str) -> None:
    if "otherwise" not in step:
        text = f"a caller {who} hears that nobody can serve them, and the call ends"
        merged.warn(path, f'"otherwise" is missing: {text}')


def _calls_out(merged: Merged, path: Path, service: Any, otherwise: str) -> None:
    """Warn of a step for which the service has to call out, and cannot."""
    row = next((row for row in _rows(merged, "services") if row.get("id") == service), {})
    confirmed = any(
        row.get("service") == service and row.get("state") == "confirmed" for row in _rows(merged, "calling_numbers")
    )
    if row.get("outbound", True) is False:
        merged.warn((*path, "do"), f'service "{service}" does not call out (outbound = false): {otherwise}')
    elif not confirmed:
        merged.warn((*path, "do"), f'service "{service}" has no confirmed [[calling_numbers]]: {otherwise}')


def _rows(merged: Merged, name: str) -> list[Table]:
    rows = merged.values.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
