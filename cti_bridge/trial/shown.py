"""The way of a tried call, as text for people."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from cti_bridge.hours.zone import zone
from cti_bridge.trial.taken import End, Result, Taken
from cti_bridge.trial.wanted import Understood


def lines(understood: Understood, result: Result) -> Iterator[str]:
    """Yield the lines: the call, each of its steps, its end."""
    yield _head(understood)
    rows = [_row(taken, result.home) for taken in result.way]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    for at, step, do, exit_, heard in rows:
        columns = f"{at:>{widths[0]}}  {step:<{widths[1]}}  {do:<{widths[2]}}  {exit_:<{widths[3]}}  {heard}"
        yield f"  {columns}".rstrip()
    why = f", {result.why}" if result.why else ""
    after = f" after {result.ended_s:g} s" if result.end is not End.WAITS else ""
    yield f"end: {result.end}{after}{why}"


def _head(understood: Understood) -> str:
    asked = understood.asked
    where = f"scenario {understood.scenario.id}" if understood.scenario is not None else "no scenario has this number"
    at = datetime.fromtimestamp(asked.at, zone(understood.zone.name))
    from_ = asked.caller or "a withheld number"
    agents = "1 agent works" if asked.agents == 1 else f"{asked.agents} agents work"
    busy = f" ({asked.busy} busy)" if asked.busy else ""
    time = f"{at:%a %Y-%m-%d %H:%M} {understood.zone.name} ({understood.zone.why})"
    return f"{asked.number}: {where}; {time}; from {from_}; {agents}{busy}"


def _row(taken: Taken, home: str) -> tuple[str, str, str, str, str]:
    return f"{taken.at_s:g} s", taken.name(home), taken.do, taken.exit or "", ", ".join(_heard(taken.heard))


def _heard(media: list[str]) -> Iterator[str]:
    for one, several in groupby(media):
        times = len(list(several))
        yield one if times == 1 else f"{one} ({times} times)"
