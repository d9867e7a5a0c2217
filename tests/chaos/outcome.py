"""The outcome of a run: everything that was promised, compared with everything that was seen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.mix.rows import spool_rows
from tests.chaos import promises
from tests.chaos.boss import Boss
from tests.chaos.faults import Fault
from tests.chaos.house import House
from tests.chaos.promises import Breach
from tests.chaos.talks import Talk, broken_talks
from tests.chaos.trace import Trace


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one fault."""

    fault: str
    lasted_s: float
    calls: int
    """Calls that arrived from its beginning until the next."""
    silent_s: float
    """The longest time without a phone that rang."""
    most_s: float
    breaches: int

    @property
    def late(self) -> bool:
        """Whether it took longer than is allowed."""
        return self.silent_s > self.most_s


@dataclass(slots=True)
class Outcome:
    """What one run gave."""

    calls: int
    outcomes: dict[str, int]
    commands: int
    refused: dict[str, int]
    frames: int
    """Frames of the wallboard that were checked."""
    reports: int
    lines: list[Line] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)

    @property
    def well(self) -> bool:
        """Whether no promise was broken and nothing is left."""
        return not self.breaches and not any(self.left.values())


async def compared(house: House, trace: Trace, faults: Sequence[Fault], talks: Sequence[Talk], boss: Boss) -> Outcome:
    """Look at everything that is left, and return what is wrong."""
    rows, channels = house.rows, house.ear.channels
    calls = await rows.fetch("select customer_number, direction, outcome, arrived_at from cti.call")
    known = {row["customer_number"] for row in calls}
    breaches = [
        *await promises.broken_in_rows(rows),
        *promises.two_calls_at_a_phone(channels, house.agents),
        *promises.faults_without_effect(trace.faults),
        *promises.unknown_callers(channels, trace.faults, known),
        *await promises.forgotten_commands(rows, trace, house.ahead),
        *broken_talks(talks, trace.faults, faults),
        *boss.breaches,
        *await boss.last_word(),
        *_faults_of_the_bridge(house),
        *await _recordings_left(house),
    ]
    breaches.sort(key=lambda breach: breach.at)
    await _tell_stories(house, breaches)
    rang = [channel.began for channel in channels if channel.endpoint in set(house.agents)]
    outcome = Outcome(
        calls=len(calls),
        outcomes=dict(Counter(str(row["outcome"]) for row in calls)),
        commands=len(trace.commands),
        refused=trace.refused,
        frames=boss.frames,
        reports=boss.reports,
        breaches=breaches,
        left=await _left(house),
    )
    by_fault = Counter(trace.fault_at(breach.at) for breach in breaches)
    for place, (happened, fault) in enumerate(zip(trace.faults, faults, strict=True)):
        outcome.lines.append(
            Line(
                fault.name,
                happened.healed - happened.began,
                sum(happened.began <= row["arrived_at"].timestamp() < happened.over for row in calls),
                promises.longest_without(rang, happened.began, happened.over),
                fault.most_s,
                by_fault[place],
            )
        )
    return outcome


AROUND_S = 60.0
_CHANGES = (
    "select * from cti.agent_state_change where cti_id = $1 and abs(extract(epoch from at) - $2::float8) < $3::float8 "
    "order by epoch, seq"
)
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def _tell_stories(house: House, breaches: Sequence[Breach]) -> None:
    """Write down what the rows tell of each call that a breach names, and of each agent around its time."""
    with (house.directory / "breaches.txt").open("w") as file:
        for breach in breaches:
            file.write(f"{breach}\n")
            for call_id in _ID.findall(breach.about):
                for table in ("call where id", "call_event where call_id", "offer where call_id"):
                    for row in await house.rows.fetch(f"select * from cti.{table} = $1::uuid", call_id):
                        file.write(f"  {table.partition(' ')[0]} {row}\n")
            for row in await house.rows.fetch(_CHANGES, breach.about.partition(" ")[0], breach.at, AROUND_S):
                file.write(f"  change {row}\n")


def _faults_of_the_bridge(house: House) -> list[Breach]:
    """Return what the bridge says of itself that it should never say."""
    marks = ("Traceback (most recent call last)", "core_fault", "never awaited")
    lines = house.bridge.log.read_text(errors="replace").splitlines()
    return [
        Breach("the bridge has no fault of its own", line[:300], 0.0) for line in lines if any(m in line for m in marks)
    ]


async def _recordings_left(house: House) -> list[Breach]:
    """Return the recordings that are still on the PBX, with what the rows say of their calls."""
    found = []
    for file in await house.recordings_left():
        query = "select kind, state, segments::text, file from cti.recording where position(call_id::text in $1) > 0"
        about = f"{file.name}, {file.stat().st_size} bytes: {await house.rows.fetch(query, file.name)}"
        found.append(Breach("no recording stays on the PBX", about, file.stat().st_mtime))
    return found


async def _left(house: House) -> dict[str, int]:
    """Return what should be nothing when all calls are over."""
    channels = await house.pbx.command("core show channels concise")
    bridges = await house.pbx.command("bridge show all")
    spool = spool_rows(house.spool)
    return {
        "channels in the PBX": channels.count("!") and len(channels.splitlines()),
        "bridges in the PBX": max(0, len(bridges.splitlines()) - 1),
        "rows in the spool": spool["outbox"],
        "rows that Postgres refused": spool["refused"],
        "calls in the checkpoint": spool["calls"],
    }
