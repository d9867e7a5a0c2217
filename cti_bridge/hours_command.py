"""``cti-bridge hours``: prints what the configured opening hours decide for the next days, and has the running bridge
set them by hand.

The days are computed here, from the files, so neither a bridge nor a database is needed. The running bridge alone knows
of overrides.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any
from urllib.parse import quote

from cti_bridge.config.problems import did_you_mean
from cti_bridge.domain.hours.opening import decided
from cti_bridge.domain.model.hours import Hours, HoursOverride, Opening, OpenState
from cti_bridge.exit_codes import ExitCode
from cti_bridge.hours.zone import zone
from cti_bridge.operator_access import OperatorAccess
from cti_bridge.operator_request import NoAnswer, ask
from cti_bridge.settings import Settings
from cti_bridge.terminal import complain, say

_NEVER = "none"
_ORDINARY = "week: closed"


@dataclass(frozen=True, slots=True)
class _Span:
    """A part of a day with one state."""

    begin: float
    end: float
    opening: Opening


def show(settings: Settings, access: OperatorAccess | None, hours_id: str | None, days: int) -> int:
    """Print the hours with this id, or all of them, and return the exit code."""
    every = settings.directory().hours
    if hours_id is not None and hours_id not in every:
        complain(f'There are no [[hours]] "{hours_id}"{did_you_mean(hours_id, every)}')
        return ExitCode.WRONG_USE
    if not every:
        say("There are no [[hours]] in the configuration.")
        return ExitCode.OK
    overrides, note = _overrides(access)
    now = time.time()
    for hours in every.values() if hours_id is None else [every[hours_id]]:
        for line in lines(hours, overrides.get(hours.id), now, days):
            say(line)
    if note:
        complain(note)
    return ExitCode.OK


def override(access: OperatorAccess, hours_id: str, state: str, until: str | None) -> int:
    """Have the running bridge set the hours, or end that with ``off``. Print its answer and return the exit code."""
    path = f"/hours/{quote(hours_id, safe='')}/override"
    body: dict[str, Any] = {"state": state}
    if until is not None:
        body["until"] = None if until == _NEVER else until
    try:
        status, answer = asyncio.run(ask(access, "DELETE" if state == "off" else "PUT", path, body))
    except NoAnswer as error:
        complain(str(error))
        return ExitCode.FAILED
    if status == 404:
        complain(f"The running bridge has no [[hours]] {hours_id}.")
        return ExitCode.WRONG_USE
    if status != 200:
        reasons = [error["message"] for error in answer.get("errors", ())]
        complain(" ".join([str(answer.get("detail", f"The bridge answered {status}.")), *reasons]))
        return ExitCode.WRONG_USE if status == 422 else ExitCode.FAILED
    found = answer["hours"]
    say(f"{hours_id}: {found['state']}, {found['why']}")
    return ExitCode.OK


# ------------------------------------------------------------------------------- the days


def lines(hours: Hours, override: HoursOverride | None, now: float, days: int) -> Iterator[str]:
    """Yield the text for one of the hours: the state now, then each day with its reasons."""
    found = decided(hours, override, now)
    until = "" if found.until is None else f" until {hours.local(found.until, now)}"
    yield f"{hours.id} ({hours.timezone}): {found.state}{until}, {found.why}"
    today = datetime.fromtimestamp(now, zone(hours.timezone)).date()
    for day in (today + timedelta(days=more) for more in range(days)):
        yield from _day(hours, override, now, day)


def _day(hours: Hours, override: HoursOverride | None, now: float, day: date) -> Iterator[str]:
    begin, end = (_midnight(hours, one) for one in (day, day + timedelta(days=1)))
    spans = [*_joined(_spans(hours, override, now, begin, end))]
    shown = [one for one in spans if one.opening.state is not OpenState.CLOSED or one.opening.why != _ORDINARY]
    head = f"  {day:%a} {day.isoformat()}"
    for one in shown or spans[:1]:
        is_whole = not shown or (one.begin, one.end) == (begin, end)
        times = "" if is_whole else f"{_clock(hours, one.begin, day)}-{_clock(hours, one.end, day)}"
        yield f"{head}  {times:<11}  {one.opening.state:<7}  {one.opening.why}"
        head = " " * len(head)
    if (length := round((end - begin) / 3600, 2)) != 24:
        yield f"{head}  the clock is set: this day has {length:g} hours"


def _spans(hours: Hours, override: HoursOverride | None, now: float, begin: float, end: float) -> Iterator[_Span]:
    """Yield the spans of a day, with the override from now on."""
    at = begin
    while at < end:
        holding = override if at >= now else None
        opening = decided(hours, holding, at) if holding is not None else hours.rule(at)
        until = end if opening.until is None else min(opening.until, end)
        if override is not None and at < now < until:
            until = now
        yield _Span(at, until, opening)
        at = until


def _joined(spans: Iterator[_Span]) -> Iterator[_Span]:
    """Yield the spans, with neighbours of one state and reason as one."""
    last: _Span | None = None
    for one in spans:
        if last is not None and (last.opening.state, last.opening.why) == (one.opening.state, one.opening.why):
            last = _Span(last.begin, one.end, last.opening)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _midnight(hours: Hours, day: date) -> float:
    return datetime.combine(day, time_of_day(0), zone(hours.timezone)).timestamp()


def _clock(hours: Hours, at: float, day: date) -> str:
    there = datetime.fromtimestamp(at, zone(hours.timezone))
    return "24:00" if there.date() > day else f"{there:%H:%M}"


# ------------------------------------------------------------------------------- the running bridge


def _overrides(access: OperatorAccess | None) -> tuple[dict[str, HoursOverride], str]:
    """Return the overrides that hold, and a word where they are not known."""
    if access is None:
        return {}, "No bridge runs here: these are the hours without overrides by hand."
    try:
        status, answer = asyncio.run(ask(access, "GET", "/hours"))
    except NoAnswer as error:
        return {}, f"{error} These are the hours without overrides by hand."
    if status != 200:
        return {}, f"The bridge answered {status}: these are the hours without overrides by hand."
    found = {one["id"]: _override(one["id"], one["override"]) for one in answer if one["override"] is not None}
    return found, ""


def _override(hours_id: str, view: dict[str, Any]) -> HoursOverride:
    until = None if view["until"] is None else datetime.fromisoformat(view["until"]).timestamp()
    at = datetime.fromisoformat(view["at"]).timestamp()
    return HoursOverride(hours_id, OpenState(view["state"]), until, view["by"], at, "")
