"""One run: people call without a pause, one fault comes after another, and at the end everything is compared."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.mix.rows import spool_rows
from tests.chaos import promises
from tests.chaos.agents import Agents
from tests.chaos.faults import Fault
from tests.chaos.house import House
from tests.chaos.people import CALLERS, People
from tests.chaos.promises import Breach
from tests.chaos.talks import Talk, Talks, broken_talks
from tests.chaos.trace import Happened, Trace
from tests.support.rows import eventually

BEFORE_S, AFTER_S = 4.0, 12.0
"""Of undisturbed calls before the first fault, and after each."""
AGENTS_PER_RATE = 6
"""Agents for each call a second."""
EMPTY_WITHIN_S = 60.0
HABITS = {"answers": 0.76, "hasty": 0.08, "declines": 0.08, "rings": 0.08}
"""The shares of the agents' phones."""
LINES = 2

Say = Callable[[str], None]


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


@dataclass(slots=True)
class Outcome:
    """What one run gave."""

    calls: int
    outcomes: dict[str, int]
    commands: int
    refused: dict[str, int]
    lines: list[Line] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)

    @property
    def well(self) -> bool:
        """Whether no promise was broken and nothing is left."""
        return not self.breaches and not any(self.left.values())


async def run(
    faults: Sequence[Fault], rate: float, directory: Path, first_port: int, seed: int, say: Say, lines: int = LINES
) -> Outcome:
    """Run through the faults at so many calls a second, and ``lines`` conversations that are measured."""
    trace = Trace()
    count = max(4, round(rate * AGENTS_PER_RATE))
    async with People(directory, first_port) as people:
        phones = _phones(people, count)
        async with House(directory, phones, people.phones("far_end"), lines) as house, Talks(house) as talks:
            async with Agents(house.bridge.url, house.agents, trace, seed) as agents:
                await eventually(lambda: _value(agents.idle), lambda idle: idle == count)
                say(f"{count} agents are at work; {len(faults)} faults at {rate:g} calls a second")
                await _all(faults, rate, house, people, trace, say)
                agents.no_more_calls_out()
                say("All calls are placed; waiting until they are over")
                agents.check()
                await talks.stop()
                await _empty(house)
            return await _compared(house, trace, faults, talks.had)


async def _value(value: int) -> int:
    return value


def _phones(people: People, count: int) -> dict[int, list[str]]:
    """Start the agents' phones; return the agents' numbers by port."""
    numbers = [f"b{number:04}" for number in range(1, count + 1)]
    phones, first = {}, 0
    for habit, share in HABITS.items():
        last = count if habit == "rings" else first + max(1, round(share * count))
        phones[people.phones(habit)] = numbers[first:last]
        first = last
    return {port: some for port, some in phones.items() if some}


async def _all(faults: Sequence[Fault], rate: float, house: House, people: People, trace: Trace, say: Say) -> None:
    for number, fault in enumerate(faults):
        # Callers come in pieces, for how long a fault lasts is not known before.
        calling = asyncio.create_task(_call(rate, house, people, number), name="chaos-calls")
        try:
            await asyncio.sleep(BEFORE_S if number == 0 else 0)
            happened = Happened(fault.name, time.time())
            trace.faults.append(happened)
            await fault.act(house)
            happened.healed = time.time()
            say(f"  {fault.name}: mended after {happened.healed - happened.began:.1f} s")
            await asyncio.sleep(AFTER_S)
            happened.over = time.time()
        finally:
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)


PIECE_S = 5.0


async def _call(rate: float, house: House, people: People, number: int) -> None:
    """Place calls until cancelled, some seconds of them at a time."""
    for piece in range(1000):
        for index, callers in enumerate(CALLERS):
            calls = max(1, round(rate * PIECE_S * callers.share))
            first = index * 150_000 + number * 5_000 + piece * calls
            people.call(callers, first, calls, calls / PIECE_S, house.target)
        await asyncio.sleep(PIECE_S)


async def _empty(house: House) -> None:
    """Wait until all calls are over and written down."""

    async def busy() -> float:
        return await house.bridge.metric("cti_outbox_rows") + len(
            await house.rows.fetch("select 1 from cti.call where ended_at is null")
        )

    with contextlib.suppress(AssertionError):
        await eventually(busy, lambda left: left == 0, EMPTY_WITHIN_S)


async def _compared(house: House, trace: Trace, faults: Sequence[Fault], talks: Sequence[Talk]) -> Outcome:
    rows, channels = house.rows, house.ear.channels
    calls = await rows.fetch("select customer_number, direction, outcome, arrived_at from cti.call")
    known = {row["customer_number"] for row in calls}
    breaches = [
        *await promises.broken_in_rows(rows),
        *promises.two_calls_at_a_phone(channels, house.agents),
        *promises.unknown_callers(channels, trace.faults, known),
        *await promises.forgotten_commands(rows, trace),
        *broken_talks(talks, trace.faults, faults),
        *_faults_of_the_bridge(house),
    ]
    breaches.sort(key=lambda breach: breach.at)
    await _tell_stories(house, breaches)
    rang = [channel.began for channel in channels if channel.endpoint in set(house.agents)]
    outcome = Outcome(
        calls=len(calls),
        outcomes=dict(Counter(str(row["outcome"]) for row in calls)),
        commands=len(trace.commands),
        refused=trace.refused,
        breaches=breaches,
        left=await _left(house),
    )
    by_fault = Counter(trace.fault_at(breach.at) for breach in breaches)
    for happened, fault in zip(trace.faults, faults, strict=True):
        outcome.lines.append(
            Line(
                fault.name,
                happened.healed - happened.began,
                sum(happened.began <= row["arrived_at"].timestamp() < happened.over for row in calls),
                promises.longest_without(rang, happened.began, happened.over),
                fault.most_s,
                by_fault[fault.name],
            )
        )
    return outcome


_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def _tell_stories(house: House, breaches: Sequence[Breach]) -> None:
    """Write down what the rows tell of each call that a breach names."""
    with (house.directory / "breaches.txt").open("w") as file:
        for breach in breaches:
            file.write(f"{breach}\n")
            for call_id in _ID.findall(breach.about):
                for table in ("call where id", "call_event where call_id", "offer where call_id"):
                    for row in await house.rows.fetch(f"select * from cti.{table} = $1::uuid", call_id):
                        file.write(f"  {table.partition(' ')[0]} {row}\n")


def _faults_of_the_bridge(house: House) -> list[Breach]:
    """Return what the bridge says of itself that it should never say."""
    marks = ("Traceback (most recent call last)", "core_fault", "never awaited")
    lines = house.bridge.log.read_text(errors="replace").splitlines()
    return [
        Breach("the bridge has no fault of its own", line[:300], 0.0) for line in lines if any(m in line for m in marks)
    ]


async def _left(house: House) -> dict[str, int]:
    """Return what should be nothing when all calls are over."""
    channels = await house.pbx.command("core show channels concise")
    bridges = await house.pbx.command("bridge show all")
    spool = spool_rows(house.directory / "bridge" / "spool.db")
    return {
        "channels in the PBX": channels.count("!") and len(channels.splitlines()),
        "bridges in the PBX": max(0, len(bridges.splitlines()) - 1),
        "rows in the spool": spool["outbox"],
        "rows that Postgres refused": spool["refused"],
        "calls in the checkpoint": spool["calls"],
    }
