"""What the core believes against what is so, when all is quiet."""

from cti_bridge.domain.border import facts
from cti_bridge.domain.floor.intervals import STAGES
from tests.unit import invariants
from tests.unit.intervals import check_intervals
from tests.unit.simulation.transitions import DRAWN, agents_moved
from tests.unit.simulation.world import World


def quiet(world: World) -> None:
    """Let everything arrive, and compare with the truth."""
    if not all(pbx.connected for pbx in world.pbxs):
        return
    for pbx in world.pbxs:
        pbx.heal()
    world.drain()
    if world.troubled:
        _recover(world)
    check(world)
    world.reached["quiet"] += 1


def check(world: World) -> None:
    """Everybody is where the wiring table says, and the records fit together."""
    while (at := world.center.next_deadline()) is not None and at <= world.now:
        world.tell(facts.TimePassed())
        world.drain()
    for pbx in world.pbxs:
        invariants.check_places(world.center, pbx)
        invariants.check_waits(world.center, pbx)
    invariants.check_records(world.records, world.really_at)
    check_intervals(world.records, world.really_at)
    for call in world.center.floor.calls.values():
        assert (call.state in STAGES) is (call.stretch is not None), f"who takes part in {call}"
    for move, times in agents_moved(world.records).items():
        assert move in DRAWN, f"{move} is not drawn in docs/states.md"
        world.reached[f"agent {' to '.join(move)}"] += times


def _recover(world: World) -> None:
    """What went wrong is noticed: by what is overdue, and by looking at everything every 30 s."""
    for second in range(80):
        _unknown_messages_end(world)
        if second % 30 == 5:
            world.look_everywhere()
        world.drain()
        world.pass_time(1.0)
    world.drain()
    world.troubled = False
    for pbx in world.pbxs:
        pbx.music_in_bridge.clear()
        pbx.crowded.clear()
        pbx.in_dialplan.clear()


def _unknown_messages_end(world: World) -> None:
    """A message of before a restart, of which no checkpoint knows, plays to its end."""
    wanted = {leg.playback_id for call in world.center.floor.calls.values() for leg in call.legs.values()}
    for pbx in world.pbxs:
        for channel in list(pbx.channels.values()):
            for playback_id in [p for p in channel.playbacks if p not in wanted]:
                pbx.finish_playback(channel, playback_id)
