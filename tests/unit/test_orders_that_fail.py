"""A whole conversation, and each of its orders fails in each way: what was ordered comes about all the same, by what is
looked at alone, without a list of the PBX; or the call goes back to where it was."""

from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.model.call import CallState, Role
from tests.support.sweeps import sweep
from tests.unit import invariants
from tests.unit.simulation import commands as at_panels
from tests.unit.simulation import faults
from tests.unit.simulation.directory import SALES
from tests.unit.simulation.world import World

S = CallState
CALLER = "main/caller-1"
HOW = ("refused", "timed_out", "late")
HEALED_S = 75
"""Four looks at ever longer pauses, and the other agents who are rung for the caller meanwhile."""


def at_work() -> World:
    """All but a3, whose phone answers only when the panel says so."""
    world = World(Random(12))
    faults.connect(world)
    for cti_id in world.directory.agents:
        at_panels.come_to_work(world, cti_id)
        if cti_id == "a3":
            world.tell(commands.SetStatus(cti_id, "rest", None))
    world.troubled = False
    world.drain()
    return world


def offer_is_answered(world: World) -> None:
    for channel in world.pbx.ringing():
        world.pbx.lift(channel)


def lead(make: Callable[[str, str], commands.Command]) -> Callable[[World], None]:
    """The agent of the call commands it."""

    def ask(world: World) -> None:
        call = next(iter(world.center.floor.calls.values()), None)
        if call is not None and call.cti_id is not None:
            world.tell(make(call.cti_id, call.id))

    return ask


def caller_leaves(world: World) -> None:
    for channel in world.pbx.customers():
        world.pbx.end(channel)


def messages_end(world: World) -> None:
    for channel in list(world.pbx.channels.values()):
        for playback_id in list(channel.playbacks):
            world.pbx.finish_playback(channel, playback_id)


STORY: tuple[Callable[[World], object], ...] = (
    lambda world: world.pbx.call_in(CALLER, SALES, "+821012345678"),
    messages_end,
    offer_is_answered,
    lead(commands.HoldCall),
    lead(commands.ResumeCall),
    lead(lambda who, call: commands.StartConsult(who, call, None, "a1")),
    offer_is_answered,
    lead(commands.CancelConsult),
    lead(commands.ResumeCall),
    lead(lambda who, call: commands.SendDigits(who, call, "1")),
    lead(lambda who, call: commands.ForceDisconnect(who, call, "threat")),
    messages_end,
    caller_leaves,
)


def told(world: World, healed_s: int) -> Iterator[None]:
    """The story, one thing after another. Where the last fault has changed its course, people do what still fits."""
    for what in STORY:
        before = world.pbx.counts.faults
        what(world)
        world.drain()
        while world.talks_asked:
            world.tell(facts.TalksFound(world.talks_asked.pop().call_id))
            world.drain()
        if world.pbx.counts.faults > before:
            for _ in range(healed_s):
                world.pass_time(1.0)
                world.drain()
        yield


def orders_of_the_story() -> int:
    world = at_work()
    before = world.pbx.orders
    states = set()
    for _ in told(world, 0):
        states |= {call.state for call in world.center.floor.calls.values()}
    assert {S.IN_SCENARIO, S.RINGING, S.TALKING, S.ON_HOLD, S.CONSULT_RINGING, S.CONSULT_TALKING} <= states
    assert not world.center.floor.calls and not world.center.floor.orders
    return world.pbx.orders - before


def broken_story(which: dict[int, str], blind: int) -> Counter[str]:
    world = at_work()
    try:
        first = world.pbx.orders
        world.troubled = True
        world.pbx.faults_at = {first + number: how for number, how in which.items()}
        world.pbx.blind = blind
        for _ in told(world, HEALED_S):
            invariants.check_places(world.center, world.pbx)
        for _ in range(HEALED_S):
            world.pass_time(1.0)
            world.drain()
        invariants.check_places(world.center, world.pbx)
        assert not world.pbx.bridges or world.center.floor.calls, "a bridge is left"
    except Exception as failure:
        failure.add_note(f"broken_story({which}, {blind})")
        raise
    return world.reached


@pytest.mark.parametrize("blind", [0, 2])
@pytest.mark.parametrize("how", HOW)
def test_given_any_order_of_a_call_that_fails_then_all_is_as_it_should_be_without_a_list(how: str, blind: int) -> None:
    for number in range(1, orders_of_the_story() + 1):
        broken_story({number: how}, blind)


@pytest.mark.parametrize("how", ["refused", "timed_out"])
@sweep("every", 3, 1)
def test_given_two_orders_that_fail_one_after_the_other_then_the_same(how: str, every: int) -> None:
    """Some: each order, and one way in which the one behind it fails too."""
    for number in range(1, orders_of_the_story() + 1):
        for turn, second in enumerate(HOW):
            if (number + turn) % every == 0:
                broken_story({number: how, number + 1: second}, 1)


def test_the_story_has_orders_of_all_who_take_part() -> None:
    world = at_work()
    roles = set()
    for _ in told(world, 0):
        roles |= {leg.role for call in world.center.floor.calls.values() for leg in call.legs.values()}
    assert roles == set(Role)
    assert orders_of_the_story() > 25
