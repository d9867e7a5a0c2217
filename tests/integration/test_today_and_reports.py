"""Figures of today that the core counts, against the reports of the rows that it has written."""

from datetime import UTC, datetime
from pathlib import Path
from random import Random

import asyncpg
import pytest

from cti_bridge.domain.model.today import utc_day
from cti_bridge.reports.asking import Question
from cti_bridge.reports.reading import Reading
from tests.support.storage import storage
from tests.unit.simulation import people
from tests.unit.simulation.settling import settle
from tests.unit.simulation.steps import begin
from tests.unit.simulation.world import World

COLUMNS = (
    "offered", "new", "transferred", "returned", "moved_in", "answered", "abandoned", "abandoned_within",
    "abandoned_short", "longest_wait", "full", "no_agents", "closed", "key", "moved", "ended", "node_lost", "waiting",
    "within",
)  # fmt: skip
OF_AGENTS = ("answered", "missed", "declined", "caller_left", "withdrawn", "transfers_in", "out_answered")
SECONDS = ("in_talk_s", "out_talk_s", "in_hold_s", "out_hold_s")


def day(seed: int) -> World:
    """People call, talk and are transferred for some minutes; nothing goes wrong."""
    world = begin(Random(seed))
    for service in world.directory.services.values():
        object.__setattr__(service, "days", utc_day)
    for _ in range(250):
        people.act(world)
        world.drain()
        world.pass_time(world.rng.choice([0.5, 2.0, 6.0]))
    return world


@pytest.mark.parametrize("seed", [1, 2])
async def test_figures_of_today_are_what_reports_say_of_the_rows(seed: int, tmp_path: Path, database_url: str) -> None:
    world = day(seed)
    settle(world)
    async with storage(tmp_path, database_url) as parts:
        parts.journal.record(world.records, {}, world.now)
        await parts.drained()
    reading = Reading(lambda: asyncpg.connect(database_url), lambda: world.directory, lambda: world.now)
    today = datetime.fromtimestamp(world.now, UTC).date().isoformat()
    figures = world.center.floor.figures.of_id
    compared = 0
    for name, columns, kind in (("queue-handling", COLUMNS, "queue"), ("agent-calls", (*OF_AGENTS, *SECONDS), "agent")):
        answer = await reading.answer(Question(name, today, today, tuple(world.directory.services)))
        for row in answer.parts[0].rows:
            found = figures[f"{kind}/{row[kind]}"]
            said = {name: found.counts.get(name, 0) or found.seconds.get(name, 0.0) for name in columns}
            assert said == pytest.approx({name: row[name] or 0 for name in columns}, abs=0.01), row[kind]
            compared += sum(value > 0 for value in said.values())
    assert compared > 20
