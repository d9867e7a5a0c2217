"""What goes wrong: between the controller and its PBX, with the PBX, with an action; and facts that fit nothing."""

from cti_bridge.domain.border import facts
from tests.unit.simulation import people
from tests.unit.simulation.world import World


def connect(world: World) -> None:
    """People act on while the controller subscribes and looks."""
    world.reached["connect"] += 1
    world.troubled = True
    world.pbx.subscribe()
    for _ in range(world.rng.choice([0, 0, 1, 3])):
        people.act(world)
    world.look()


def disconnect(world: World) -> None:
    world.reached["disconnect"] += 1
    world.pbx.disconnect()
    world.tell(facts.NodeLost(world.pbx.node))


def restart_pbx(world: World) -> None:
    world.reached["PBX restart"] += 1
    if world.pbx.connected:
        disconnect(world)
    world.pbx.restart()


def break_action(world: World) -> None:
    """The next action goes wrong, or the next few; and now and then the looks that follow have no answer."""
    if world.pbx.connected:
        world.troubled = True
        world.reached["fault armed"] += 1
        several = world.rng.choice([1, 1, 1, 2, 3])
        world.pbx.faults.extend(world.rng.choice(["refused", "timed_out", "late"]) for _ in range(several))
        world.pbx.blind = world.rng.choice([0, 0, 1, 2, 3])


def odd_fact(world: World) -> None:
    """About what nobody knows, or twice the same, or too late."""
    legs = [leg_id for call in world.center.floor.calls.values() for leg_id in call.legs]
    odd: list[facts.Fact] = [
        facts.LegAnswered("nobody"),
        facts.LegEnded(f"cti-{'0' * 36}-agent-{'0' * 12}"),
        facts.LegEntered("nobody", "nowhere"),
        facts.PlaybackEnded("nothing"),
        facts.TimePassed(),
    ]
    odd += [facts.LegReady(leg_id) for leg_id in legs if leg_id in world.pbx.channels]
    odd += [c.inbound for c in world.pbx.customers() if c.inbound and c.id in legs]
    world.tell(world.rng.choice(odd))


def stall(world: World) -> None:
    """The controller stands still. Everybody else goes on, and it reads afterwards what they did."""
    seconds = world.rng.choice([2, 5, 30])
    world.reached[f"stall of {seconds} s"] += 1
    for _ in range(seconds):
        world.let_time_go_by(1.0)
        if world.rng.random() < 0.3:
            people.act(world)
    world.tell(facts.Stalled(float(seconds)))


def set_clock(world: World) -> None:
    """By hand, or by NTP that mends a wrong one; now and then while no controller is there to notice."""
    by_s = world.rng.choice([-3600.0, -90.0, 90.0, 3600.0])
    world.reached[f"clock set {'back' if by_s < 0 else 'forward'}"] += 1
    world.set_clock(by_s)
    if world.rng.random() < 0.4:
        world.restart()
    else:
        world.tell(facts.ClockMoved(by_s, world.now))
