"""What is still there when all calls are over: in Asterisk, in the bridge, in its process, in its rows."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from benchmarks.mix.rows import Rows, spool_rows
from benchmarks.polling import until
from benchmarks.systems import Bridge

GONE_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds of the kernel."""

    threads: int
    descriptors: int


def held(pid: int) -> Held:
    process = Path(f"/proc/{pid}")
    return Held(len(list((process / "task").iterdir())), len(list((process / "fd").iterdir())))


async def leftovers(system: Bridge, before: Held) -> dict[str, int]:
    """Counts that should be 0, once they are, or when they have had their time. ``before`` is the process without
    panels."""
    found: dict[str, int] = {}

    async def nothing() -> bool:
        found.update(await _count(system, before))
        return not any(found.values())

    # What is left by then is the result.
    with contextlib.suppress(TimeoutError):
        await until(nothing, GONE_WITHIN_S)
    return found


async def _count(system: Bridge, before: Held) -> dict[str, int]:
    metrics, now = await system.process.metrics(), held(system.process.pid)
    spool = spool_rows(system.process.spool)
    channels = await system.pbx.asterisk.command("core show channels concise")
    bridges = await system.pbx.asterisk.command("bridge show all")
    ready = metrics.get('cti_agents{state="idle",status="ready"}', 0)
    agents = sum(value for name, value in metrics.items() if name.startswith("cti_agents{"))
    return {
        "channels in Asterisk": channels.count("!") and len(channels.splitlines()),
        "bridges in Asterisk": max(0, len(bridges.splitlines()) - 1),
        "calls in the bridge": await system.calls_up(),
        "agents who are not idle and ready": int(agents - ready),
        "facts in the bridge's inbox": int(metrics["cti_inbox"]),
        "faults of the core": int(metrics["cti_core_faults_total"]),
        "threads of the bridge more than before": max(0, now.threads - before.threads),
        "descriptors of the bridge more than before": max(0, now.descriptors - before.descriptors),
        "rows in the spool's outbox": int(metrics["cti_outbox_rows"]) + spool["outbox"],
        "rows that Postgres refused": spool["refused"],
        "calls in the spool's checkpoint": spool["calls"],
    }


def rows_left(rows: Rows, calls: int) -> dict[str, int]:
    """The same of Postgres, for so many calls placed."""
    return {
        "rows in cti.call too many": max(0, len(rows.calls) - calls),
        "agents whose last row is not idle and ready": rows.agents_busy,
        "agents with a gap in their rows": rows.agents_with_gaps,
    }
