"""Checks of the steps that hand a caller to somebody else: to a list of the house, or to a number outside."""

from typing import Any

from cti_bridge.config.lines import Path
from cti_bridge.config.merge import Merged

Table = dict[str, Any]


def check_step(merged: Merged, path: Path, step: Table, steps: dict[str, Table], service: Any) -> None:
    """Add what is wrong with this step to the problems of ``merged``. ``steps`` are those of its scenario."""
    match step.get("do"):
        case "voicemail":
            _has_a_queue(merged, path, step, steps, "whose agents hear the message?")
            _otherwise(merged, path, step, "who says nothing")
        case "callback":
            _has_a_queue(merged, path, step, steps, "whose agents call back?")
            _otherwise(merged, path, step, "who does not want to be called back")
            _calls_out(merged, path, service, "nobody can be called back, and callers hear that")


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
