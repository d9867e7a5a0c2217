"""Random days with supervisors who monitor calls (requirement L2): nobody hears them who is not to, the calls go their
way as on any other day, and nothing is left of them. They have days of their own."""

from collections import Counter
from dataclasses import replace
from random import Random

from cti_bridge.domain.border.monitor_row import MonitorRow
from cti_bridge.domain.model.words import MonitorEnd, MonitorMode, Right
from tests.support.sweeps import sweep
from tests.unit.simulation import configuration
from tests.unit.simulation.commands import monitor
from tests.unit.simulation.settling import settle
from tests.unit.simulation.steps import begin, step
from tests.unit.simulation.world import World

ENDS = (MonitorEnd.CHANGED, MonitorEnd.STOPPED, MonitorEnd.CALL_ENDED)


def a_day(seed: int) -> World:
    """Everybody is a supervisor, too."""
    world = begin(Random(seed))
    first = world.first_directory
    agents = {
        cti_id: replace(one, role="supervisor", rights=frozenset({Right.MONITOR}))
        for cti_id, one in first.agents.items()
    }
    policy = replace(first.policy, show_monitoring=world.rng.random() < 0.5)
    world.first_directory = replace(first, agents=agents, policy=policy)
    configuration.take(world, world.first_directory)
    return world


@sweep("days", range(16), range(80))
def test_whoever_monitors_nobody_hears_them_who_is_not_to_and_nothing_is_left(days: range) -> None:
    reached: Counter[str] = Counter()
    for seed in days:
        world = a_day(seed)
        try:
            for _ in range(400):
                step(world)
                if world.rng.random() < 0.2:
                    monitor(world)
            settle(world)
        except Exception as failure:
            failure.add_note(f"a_day({seed})")
            raise
        rows = [row for row in world.records if isinstance(row, MonitorRow)]
        reached += Counter([str(row.mode) for row in rows] + [str(row.ended_with) for row in rows]) + world.reached
    for what in (*MonitorMode, *ENDS):
        assert reached[what] >= len(days) / 8, reached
    assert reached["monitor begun in on_hold"] + reached["monitor begun in consult_talking"] >= len(days) / 8, reached
