"""The parameters in paths. A name has one form, wherever it stands: :data:`PARAMETERS`.

A parameter in another form names nothing: 404, with the words of the form. A route with a parameter that is not in the
table is refused when it is made.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cti_bridge.api.errors import Problem, not_found

NAMES = re.compile(r"{(\w+)}")
"""The parameters of a route's path."""


@dataclass(frozen=True, slots=True)
class Form:
    """``read`` turns a text into the value for handlers, or raises ValueError. ``schema`` describes the text in the API
    description, ``words`` in a refusal."""

    read: Callable[[str], str]
    schema: Mapping[str, Any]
    words: str


def _matching(pattern: str, words: str, **schema: Any) -> Form:
    compiled = re.compile(pattern, re.ASCII)

    def read(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError
        return text

    return Form(read, {"type": "string", **(schema or {"pattern": f"^{pattern}$"})}, words)


_HEX = "[0-9a-fA-F]"
UUID_PATTERN = f"^{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}$"
_UUID = _matching(
    UUID_PATTERN.strip("^$"),
    "An id has the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx.",
    format="uuid",
)
_DAY = _matching(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "", format="date")


def _day(text: str) -> str:
    return date.fromisoformat(_DAY.read(text)).isoformat()


# The configuration holds CTI IDs and the names of services and queues to the same forms.
UUID = Form(lambda text: _UUID.read(text.lower()), _UUID.schema, _UUID.words)
CTI_ID = _matching(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}", "A CTI ID has letters, digits and _ . @ - only, at most 64.")
HOURS = _matching(
    r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}", "Opening hours have letters, digits and _ . @ - only, at most 64."
)
SERVICE = _matching(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}", "A service has letters, digits and _ . @ - only, at most 64.")
REPORT = _matching(r"[a-z][a-z-]{0,39}", "A report has lower-case letters and - only, at most 40.")
TEAM = _matching(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}", "A team has letters, digits and _ . @ - only, at most 64.")
NAME = _matching(r"[a-z][a-z0-9_]{0,39}", "A name has lower-case letters, digits and _ only, at most 40.")
DATE = Form(_day, _DAY.schema, "A date is a day of the calendar in the form 2026-12-31.")

PARAMETERS: dict[str, Form] = {
    "call_id": UUID,
    "callback_id": UUID,
    "cti_id": CTI_ID,
    "hours_id": HOURS,
    "number_id": UUID,
    "offer_id": UUID,
    "report_name": REPORT,
    "recording_id": UUID,
    "service_id": SERVICE,
    "team_id": TEAM,
    "ticket_id": UUID,
}


def check_path(path: str) -> None:
    """Check that each parameter has a form. Raises ValueError."""
    if unknown := [name for name in NAMES.findall(path) if name not in PARAMETERS]:
        raise ValueError(f"{path}: api/paths.py knows no form of {', '.join(unknown)}")


def path_ids(found: Mapping[str, str]) -> Mapping[str, str]:
    """Return the parameters of a path, each in its form. Raises a problem."""
    ids, wrong = {}, []
    for name, text in found.items():
        form = PARAMETERS[name]
        try:
            ids[name] = form.read(text)
        except ValueError:
            wrong.append({"field": name, "message": form.words})
    if wrong:
        problem = not_found()
        raise Problem(problem.status, problem.code, problem.detail, wrong)
    return ids
