"""What was measured, as tables for people and as JSON. Ratios first: machines differ, and are shared."""

import json
import os
import platform
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.comparison import Measured
from benchmarks.core import CoreResult
from benchmarks.latency import Quantiles, quantiles
from benchmarks.memory import Memory
from benchmarks.rounds import Round
from benchmarks.systems import APP_QUEUE, BRIDGE, MENU, NULL, RECORDED

GOAL_COST, GOAL_OWN, GOAL_BRIDGE_MS, GOAL_BRIDGE_MB, GOAL_CORE = 1.3, 2.0, 50.0, 150.0, 1.5
GOAL_CORE_SKILLS = 1.2


@dataclass(frozen=True, slots=True)
class Summary:
    """All rounds of one system at one rate. Cost is the mean over calls; quantiles are over all calls."""

    system: str
    rate: int
    rounds: int
    calls: int
    failed: int
    doubles: int | None
    cpu_ms_per_call: dict[str, float]
    others: float
    to_agent_ms: Quantiles | None
    to_bridge_ms: Quantiles | None

    @property
    def pbx_and_bridge_ms(self) -> float:
        """With the application beside the PBX, without Postgres, which only the bridge has."""
        return sum(ms for part, ms in self.cpu_ms_per_call.items() if part != "postgres")


@dataclass(frozen=True, slots=True)
class Goal:
    text: str
    value: float
    met: bool


def summaries(rounds: Sequence[Round]) -> list[Summary]:
    """One for each rate and system."""
    return [
        _summary([one for one in rounds if (one.rate, one.system) == key])
        for key in sorted({(one.rate, one.system) for one in rounds})
    ]


def _summary(rounds: Sequence[Round]) -> Summary:
    first = rounds[0]
    checks = [one.check for one in rounds if one.check]
    return Summary(
        first.system,
        first.rate,
        len(rounds),
        sum(one.calls for one in rounds),
        sum(one.failed for one in rounds),
        sum(check.doubles for check in checks) if checks else None,
        {part: statistics.fmean(one.cpu_ms_per_call[part] for one in rounds) for part in first.cpu_ms_per_call},
        statistics.fmean(one.others for one in rounds),
        quantiles([ms for one in rounds for ms in one.delays.to_agent]),
        quantiles([ms for one in rounds for ms in one.delays.to_bridge]),
    )


def goals(found: Sequence[Summary], memory: Sequence[Memory], core: Sequence[CoreResult]) -> Iterator[Goal]:
    """Every goal that was measured."""
    for rate in sorted({one.rate for one in found}):
        beside = {one.system: one for one in found if one.rate == rate}
        bridge, app_queue = beside[BRIDGE], beside[APP_QUEUE]
        at = f"at {rate} calls/s"
        yield at_most(f"failed calls {at}", bridge.failed, 0)
        yield at_most(f"double offers {at}", bridge.doubles or 0, 0)
        ratio = bridge.pbx_and_bridge_ms / app_queue.pbx_and_bridge_ms
        yield at_most(f"Asterisk + bridge to app_queue {at}", ratio, GOAL_COST)
        if null := beside.get(NULL):
            own = bridge.cpu_ms_per_call["bridge"] / null.cpu_ms_per_call["null"]
            yield at_most(f"bridge to the null application {at}", own, GOAL_OWN)
        if bridge.to_bridge_ms:
            yield at_most(f"200 to both in the bridge, p99 ms {at}", bridge.to_bridge_ms.p99, GOAL_BRIDGE_MS)
    for one in memory:
        if one.system == BRIDGE:
            yield at_most(f"MB of the bridge with {one.calls} calls up", one.during["bridge"], GOAL_BRIDGE_MB)
    yield from _core_goal("", [one for one in core if not one.skills], GOAL_CORE)
    yield from _core_goal(" with skills", [one for one in core if one.skills], GOAL_CORE_SKILLS)


def _core_goal(more: str, core: Sequence[CoreResult], most: float) -> Iterator[Goal]:
    if len(core) > 1:
        first, last = core[0], core[-1]
        text = f"the core{more} with {last.agents} agents to {first.agents}"
        yield at_most(text, last.us_per_call / first.us_per_call, most)


def at_most(text: str, value: float, most: float) -> Goal:
    """A goal that is met up to ``most``."""
    return Goal(f"{text}: at most {most:g}", value, value <= most)


def tables(measured: Measured, core: Sequence[CoreResult]) -> str:
    """Everything for people."""
    found = summaries(measured.rounds)
    parts = [_rate_table([one for one in found if one.rate == rate]) for rate in sorted({s.rate for s in found})]
    if measured.memory:
        parts.append(_memory_table(measured.memory))
    if core:
        parts.append(_core_table(core))
    lines = [f"{'met' if g.met else 'MISSED':6}  {g.value:8.2f}  {g.text}" for g in goals(found, measured.memory, core)]
    return "\n\n".join([*parts, "Goals\n" + "\n".join(lines)])


def _rate_table(beside: Sequence[Summary]) -> str:
    """One column a system; ratios are the bridge's to each other one."""
    one = {summary.system: summary for summary in beside}
    order = [one.get(name) for name in (APP_QUEUE, NULL, BRIDGE, MENU, RECORDED)]

    def row(text: str, value: Callable[[Summary], float | None]) -> str:
        return _row(text, [value(summary) if summary else None for summary in order])

    rows = [
        row("Asterisk, ms of processor a call", lambda s: s.cpu_ms_per_call["asterisk"]),
        row("application or bridge", _own),
        row("Asterisk + application or bridge", lambda s: s.pbx_and_bridge_ms),
        row("Postgres", lambda s: s.cpu_ms_per_call.get("postgres")),
    ]
    for level in ("p50", "p99", "most"):
        rows.append(row(f"INVITE to agent's INVITE, ms, {level}", partial(_level, "to_agent_ms", level)))
    for level in ("p50", "p99", "most"):
        rows.append(row(f"200 to both in bridge, ms, {level}", partial(_level, "to_bridge_ms", level)))
    rows.append(row("calls", lambda s: s.calls))
    rows.append(row("failed calls", lambda s: s.failed))
    rows.append(row("double offers", lambda s: s.doubles))
    rows.append(row("machine used by other processes, %", lambda s: s.others * 100))
    names = "".join(f" {name:>10}" for name in (APP_QUEUE, NULL, BRIDGE, MENU, RECORDED))
    head = f"{f'{beside[0].rate} calls/s':40}{names} {'to queue':>9} {'to null':>8}"
    return "\n".join([head, *rows])


def _own(summary: Summary) -> float | None:
    own = BRIDGE if summary.system in (MENU, RECORDED) else summary.system
    return summary.cpu_ms_per_call.get(own)


def _level(of: str, level: str, summary: Summary) -> float | None:
    found: Quantiles | None = getattr(summary, of)
    value: float | None = getattr(found, level) if found else None
    return value


def _row(text: str, values: Sequence[float | None]) -> str:
    queue, null, bridge, *_ = values
    ratios = f"{_ratio(bridge, queue):>9} {_ratio(bridge, null):>8}"
    return f"{text:40} {' '.join(map(_number, values))} {ratios}".rstrip()


def _ratio(bridge: float | None, other: float | None) -> str:
    return f"{bridge / other:.2f}" if bridge and other else ""


def _number(value: float | None) -> str:
    if value is None:
        return f"{'–':>10}"
    return f"{value:10}" if isinstance(value, int) else f"{value:10.2f}"


def _memory_table(memory: Sequence[Memory]) -> str:
    lines = [f"{'Memory, MB resident':40} {'before':>10} {'calls up':>10} {'after':>7}"]
    for one in memory:
        for part in one.during:
            text = f"{one.system}: {part}, {one.calls} calls"
            lines.append(f"{text:40} {one.before[part]:10.0f} {one.during[part]:10.0f} {one.after[part]:7.0f}")
    return "\n".join(lines)


def _core_table(core: Sequence[CoreResult]) -> str:
    lines = [f"{'The core alone: agents, callers waiting':40} {'µs a call':>10} {'':10} {'ratio':>7}"]
    for one in core:
        first = next(other for other in core if other.skills == one.skills)
        text = f"{one.agents}, {one.skills} skills" if one.skills else str(one.agents)
        lines.append(f"{text:>40} {one.us_per_call:10.1f} {'':10} {one.us_per_call / first.us_per_call:7.2f}")
    return "\n".join(lines)


def write_json(
    directory: Path, measured: Measured, core: Sequence[CoreResult], others: dict[str, dict[str, Any] | None]
) -> Path:
    """Write it to a file named after the time; returns the file. ``others`` are the other parts by name; None: not
    run."""
    directory.mkdir(exist_ok=True)
    at = datetime.now(UTC)
    found = summaries(measured.rounds)
    content = {
        "at": at.isoformat(timespec="seconds"),
        "machine": {"processors": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "asterisk": measured.asterisk,
        "goals": [asdict(goal) for goal in goals(found, measured.memory, core)],
        "summaries": [asdict(one) for one in found],
        "rounds": [_round(one) for one in measured.rounds],
        "memory": [asdict(one) for one in measured.memory],
        "core": [asdict(one) for one in core],
        **others,
    }
    path = directory / f"{at:%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(content, indent=2) + "\n")
    return path


def _round(one: Round) -> dict[str, Any]:
    content = asdict(one)
    found = content.pop("delays")
    for name in ("to_agent", "to_bridge"):
        of_round = quantiles(found[name])
        content[f"{name}_ms"] = asdict(of_round) if of_round else None
    return content
