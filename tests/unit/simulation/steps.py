"""Which thing happens next."""

from collections.abc import Callable, Sequence
from random import Random

from cti_bridge.domain.model.directory import Directory
from tests.unit.floor import NODE
from tests.unit.simulation import commands, configuration, faults, people, recordings, truth
from tests.unit.simulation.world import Watch, World


def begin(
    rng: Random,
    watch: Watch | None = None,
    nodes: Sequence[str] = (NODE,),
    house: Callable[[Directory], Directory] = lambda plain: plain,
) -> World:
    """A day opens: every PBX is there, and everybody comes to work."""
    world = World(rng, watch, nodes, house)
    for pbx in world.pbxs:
        world.turn_to([pbx])
        faults.connect(world)
    for cti_id in world.directory.agents:
        commands.come_to_work(world, cti_id)
    return world


def step(world: World) -> None:
    """One thing happens."""
    rng = world.rng
    world.turn_to_any_pbx()
    if not world.pbx.connected and rng.random() < 0.25:
        faults.connect(world)
        return
    doings: list[tuple[int, Callable[[], object]]] = [
        (50, world.deliver_one),
        (45, world.run_one),
        (22, lambda: people.act(world)),
        (30, lambda: commands.ask(world)),
        (14, lambda: world.pass_time(rng.choice([0.02, 0.2, 0.5, 1.0]))),
        (4, lambda: _long_time(world)),
        (2, lambda: truth.quiet(world)),
        (3, lambda: faults.break_action(world)),
        (2, lambda: faults.odd_fact(world)),
    ]
    if world.lookups:
        doings.append((40, lambda: people.house_answers(world)))
    if world.talks_asked:
        doings.append((60, lambda: people.rows_are_found(world)))
    if world.center.floor.recordings or world.center.floor.callbacks:
        doings.append((4, lambda: recordings.work(world)))
    if world.pbx.connected:
        doings += [(1, world.look), (1, lambda: faults.disconnect(world))]
    if rng.random() > 0.996:
        rng.choice([faults.stall, faults.set_clock])(world)
        return
    if rng.random() < 0.006:
        restarts: list[Callable[[], object]] = [world.restart, world.restart, lambda: faults.restart_pbx(world)]
        rng.choice(restarts)()
        return
    if world.reconfigured and rng.random() < 0.02:
        configuration.change(world)
        return
    rng.choices([what for _, what in doings], [weight for weight, _ in doings])[0]()
    for _ in range(rng.choice([1, 4]) if world.calm else 0):
        world.turn_to_any_pbx()
        rng.choice([world.deliver_one, world.run_one])()


def _long_time(world: World) -> None:
    for _ in range(world.rng.choice([5, 15, 30])):
        world.drain()
        world.pass_time(1.0)
