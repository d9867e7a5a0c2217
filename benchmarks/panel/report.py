"""What the panel gave, for people and as JSON, and whether it is as it must be."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from benchmarks.panel.run import IN_THE_PAGE, ON_DESK, PanelRun
from benchmarks.report import Goal, at_most

GOAL_FORM_MS, GOAL_SHOWN_MS = 300.0, 50.0
GOAL_KB, GOAL_KB_PHONE = 45.0, 120.0
GOAL_GROWTH_MB = 1.0


def goals(run: PanelRun) -> Iterator[Goal]:
    """Of time and of bytes: they depend on the machine, or are a matter of degree."""
    for what, found in run.opening_ms.items():
        if found and what.startswith("login form"):
            yield at_most(f"{what}, p95 ms", found.p95, GOAL_FORM_MS)
    if shown := run.shown_ms["all"]:
        yield at_most("the core's decision to the screen, p95 ms", shown.p95, GOAL_SHOWN_MS)
    for where, most in ((ON_DESK, GOAL_KB), (IN_THE_PAGE, GOAL_KB_PHONE)):
        if found := run.files_kb[where]:
            text = f"kB of the panel for login and first call, phone {where}"
            yield at_most(text, found.most + run.first_call_kb.files, most)


def conditions(run: PanelRun) -> Iterator[Goal]:
    """All must be met."""
    first, *_, last = run.heap_mb
    yield at_most(f"MB that the page grows from {first:,} to {last:,} events", run.growth_mb, GOAL_GROWTH_MB)


def met(run: PanelRun) -> bool:
    return all(condition.met for condition in conditions(run))


def table(run: PanelRun) -> str:
    """Everything for people."""
    lines = [f"{f'The panel, Chromium {run.browser}, ms':50} {'p50':>8} {'p95':>8} {'most':>8} {'count':>7}"]
    for what, found in [*run.opening_ms.items(), *(_on_screen(run))]:
        if found:
            lines.append(f"{what:50} {found.p50:8.1f} {found.p95:8.1f} {found.most:8.1f} {found.count:7}")
    lines += [
        f"{'changes that were over before they were drawn':50} {run.unseen:8}",
        f"{'clock of the page behind the system, ms':50} {run.clock_behind_ms:8.1f}",
        "",
        f"{'kB':50} {'p50':>8} {'p95':>8} {'most':>8} {'count':>7}",
    ]
    for what, kb in (("the panel", run.files_kb), ("the API's answers", run.answers_kb)):
        for where, found in kb.items():
            if found:
                text = f"{what}, until logged in, phone {where}"
                lines.append(f"{text:50} {found.p50:8.1f} {found.p95:8.1f} {found.most:8.1f} {found.count:7}")
    lines.append(f"{'the panel, in the first call':50} {run.first_call_kb.files:8.1f}")
    lines += [f"{'answers, in the first call':50} {run.first_call_kb.answers:8.1f}", ""]
    lines += [f"{f'MB of script after {events:,} events':50} {mb:8.2f}" for events, mb in run.heap_mb.items()]
    lines += [f"{'machine used by other processes, %':50} {run.others * 100:8.1f}", ""]
    every = [*goals(run), *conditions(run)]
    return "\n".join([*lines, *(f"{'met' if one.met else 'MISSED':6}  {one.value:8.2f}  {one.text}" for one in every)])


def _on_screen(run: PanelRun) -> Iterator[tuple[str, Any]]:
    for what, found in run.shown_ms.items():
        yield (what if what.startswith("of that") else f"decision to screen: {what}"), found


def as_json(run: PanelRun) -> dict[str, Any]:
    every = {"goals": goals(run), "conditions": conditions(run)}
    return {**asdict(run), **{name: [asdict(one) for one in found] for name, found in every.items()}}
