"""What the mix gave, for people and as JSON, and whether it is as it must be."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from benchmarks.mix.run import Mix
from benchmarks.report import Goal, at_most

GOAL_GROWTH_MB = 1.0
SHOWN = 20
"""Failed calls that are told one by one."""


def conditions(mix: Mix) -> Iterator[Goal]:
    """All must be met."""
    yield at_most("failed calls of the mix", sum(mix.failed.values()), 0)
    yield at_most("double offers", mix.double_offers, 0)
    yield at_most("event sockets that the bridge gave up", mix.panels_lost, 0)
    for what, count in mix.leftovers.items():
        yield at_most(f"{what}, after the mix", count, 0)
    if mix.growth:
        yield at_most("MB that the bridge grows in 1,000 calls", mix.growth.slope, GOAL_GROWTH_MB)


def met(mix: Mix) -> bool:
    return all(condition.met for condition in conditions(mix))


def table(mix: Mix) -> str:
    """Everything for people."""
    lines = [f"{f'The mix, {mix.rate:g} calls/s, {mix.agents} agents':40} {'calls':>10} {'failed':>10}"]
    lines += [f"{kind:40} {count:10} {mix.failed[kind]:10}" for kind, count in mix.calls.items()]
    lines += ["", f"{'ms':40} {'p50':>10} {'p99':>10} {'most':>7}"]
    for what, found in mix.delays.items():
        if found:
            lines.append(f"{what:40} {found.p50:10.1f} {found.p99:10.1f} {found.most:7.0f}")
    lines += ["", f"{'ms of processor a call':40}"]
    lines += [f"{part:40} {ms:10.2f}" for part, ms in mix.cpu_ms_per_call.items()]
    lines.append(f"{'machine used by other processes, %':40} {mix.others * 100:10.1f}")
    lines.append(f"{'commands that came too late, and again':40} {mix.races:10}")
    lines += ["", *_growth(mix), "", *mix.failures[:SHOWN]]
    lines += [f"{'met' if one.met else 'MISSED':6}  {one.value:8.2f}  {one.text}" for one in conditions(mix)]
    return "\n".join(lines)


def _growth(mix: Mix) -> Iterator[str]:
    first, last = mix.samples[0], mix.samples[-1]
    yield f"{'memory of the bridge, MB, first and last':40} {first.mb:10.1f} {last.mb:10.1f}"
    if mix.growth is None:
        yield "too few calls to say how it grows"
        return
    found = mix.growth
    yield f"{f'after {found.first.calls} and {found.last.calls} calls':40} {found.first.mb:10.1f} {found.last.mb:10.1f}"
    yield f"{'MB in 1,000 calls: least squares, raw':40} {found.slope:10.2f} {found.difference:10.2f}"


def as_json(mix: Mix) -> dict[str, Any]:
    return {**asdict(mix), "conditions": [asdict(one) for one in conditions(mix)]}
