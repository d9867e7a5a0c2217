"""The table and the JSON of a run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tests.chaos.outcome import Outcome


def table(outcome: Outcome) -> str:
    """Return the table for people, in Markdown."""
    lines = [
        "| fault | lasted | calls | longest without a phone that rang | allowed | breaches |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {line.fault} | {line.lasted_s:.1f} s | {line.calls} "
        f"| {line.silent_s:.1f} s{' (late)' if line.late else ''} | {line.most_s:g} s | {line.breaches} |"
        for line in outcome.lines
    ]
    lines += [
        "",
        f"{outcome.calls} calls, {outcome.commands} commands acknowledged, {outcome.frames} frames of the "
        f"wallboard and {outcome.reports} reports checked.",
    ]
    lines.append("Outcomes: " + ", ".join(f"{name} {count}" for name, count in sorted(outcome.outcomes.items())) + ".")
    lines.append("Refused: " + ", ".join(f"{code} {count}" for code, count in sorted(outcome.refused.items())) + ".")
    left = {name: count for name, count in outcome.left.items() if count}
    lines.append(f"Left: {left}." if left else "Nothing is left in PBX, bridge and spool.")
    lines += [f"BREACH {breach.at:.3f} {breach.promise}: {breach.about}" for breach in outcome.breaches]
    return "\n".join(lines)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Return the same for programs."""
    return asdict(outcome)
