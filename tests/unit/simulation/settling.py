"""Everything that is due happens."""

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.records import CallRow
from cti_bridge.domain.model.agent import AgentState, Status
from cti_bridge.domain.model.call import CONVERSES_INTERNALLY, OFFERED, Call, CallState
from tests.unit.model_asterisk import ModelAsterisk
from tests.unit.simulation import configuration, faults, people, recordings, truth
from tests.unit.simulation.commands import come_to_work
from tests.unit.simulation.world import World

HOPEFUL = (CallState.IN_SCENARIO, CallState.WAITING, *OFFERED)


HEARD_ENOUGH = 150
"""The seconds after which callers in menus hang up."""


def settle(world: World) -> None:
    """Heal everything, let people behave, and see that all who wait are served and nothing is left."""
    for pbx in world.pbxs:
        world.turn_to([pbx])
        if not pbx.connected:
            faults.connect(world)
        pbx.heal()
        for number in pbx.phones:
            pbx.register(number, True)
    if world.directory is not world.first_directory:
        configuration.take(world, world.first_directory)
    world.drain()
    hopeful = _hopeful(world)
    for second in range(240):
        _good_second(world, second)
        if not any(pbx.channels for pbx in world.pbxs) and not world.center.floor.calls and second > 45:
            break
    _check_served(world, hopeful)
    truth.check(world)
    _check_nothing_left(world)
    recordings.work_all(world)
    recordings.check_nothing_left(world)


def _hopeful(world: World) -> set[str]:
    """The calls that wait, and may do so for a while yet."""
    waiting = [call for call in world.center.floor.calls.values() if call.state in HOPEFUL and not _chooses(call)]
    there = [call for call in waiting if call.customer_leg in world.pbx_of(call).channels]
    return {call.id for call in there if call.wait.ends_at is None or call.wait.ends_at > world.now + 60}


def _chooses(call: Call) -> bool:
    """Whether the caller is in a menu, which may have heard enough of them."""
    return call.state is CallState.IN_SCENARIO and call.way is not None and call.way.scenario == "menus"


def _good_second(world: World, second: int) -> None:
    if second % 30 == 3:
        world.look_everywhere()
    for agent in list(world.center.floor.agents.values()):
        if not agent.logged_in or agent.status is not Status.READY or not agent.panel_live:
            come_to_work(world, agent.cti_id)
        elif agent.offer_id and world.directory.agents[agent.cti_id].answer == "auto" and second % 3 == 0:
            world.tell(commands.AnswerOffer(agent.cti_id, agent.offer_id))
    world.drain()
    recordings.work_all(world)
    for pbx in world.pbxs:
        for channel in [c for c in pbx.channels.values() if c.recording]:
            pbx.stop_recording(channel)
        for channel in pbx.ringing():
            pbx.lift(channel)
        for channel in [c for c in pbx.channels.values() if c.playbacks]:
            pbx.finish_playback(channel, channel.playbacks[0])
        _unknown_come_back(world, pbx)
    people.answer_all(world)
    world.drain()
    for call in list(world.center.floor.calls.values()):
        if (
            second > HEARD_ENOUGH
            and _chooses(call)
            and (customer := world.pbx_of(call).channels.get(call.customer_leg or ""))
        ):
            world.pbx_of(call).end(customer)  # A way may go round for ever, until its caller hangs up.
        elif world.now - call.state_since > 3:
            _go_on(world, call)
    world.drain()
    world.pass_time(1.0)


def _unknown_come_back(world: World, pbx: ModelAsterisk) -> None:
    """Callers whom the dialplan has, and of whom a restart knows nothing."""
    for channel in [one for one in pbx.customers() if one.dialplan and world.center.floor.leg(one.id) is None]:
        pbx.give_back(channel, "")


def _go_on(world: World, call: Call) -> None:
    """What comes next in a conversation that nobody disturbs."""
    who, pbx = call.cti_id or "", world.pbx_of(call)
    if call.state in (CallState.TALKING, CallState.TRANSFERRED):
        if customer := pbx.channels.get(call.customer_leg or ""):
            pbx.end(customer)
    elif call.state is CallState.ON_HOLD:
        phone = pbx.channels.get(call.agent_leg or "")
        if phone and phone.held:
            pbx.hold_key(phone)
        elif "phone" in call.held_by:
            world.tell(facts.LegRetrieved(call.agent_leg or ""))
        else:
            world.tell(commands.ResumeCall(who, call.id))
    elif _chooses(call) and (customer := pbx.channels.get(call.customer_leg or "")):
        pbx.press(customer, "1")
    elif call.state is CallState.IN_DIALPLAN and (customer := pbx.channels.get(call.customer_leg or "")):
        pbx.give_back(customer, "")
    elif call.state in (CallState.CONSULT_TALKING, CallState.CONSULT_SWAPPED):
        world.tell(commands.ConnectConsult(who, call.id))
    elif call.state in CONVERSES_INTERNALLY:
        world.tell(commands.HangUpCall(who, call.id))
    elif call.state is CallState.THREE_TOGETHER:
        world.tell(commands.LeaveThree(who, call.id))
    elif call.state is CallState.CONSULT_ALONE:
        world.tell(commands.HangUpCall(who, call.id))


def _check_served(world: World, hopeful: set[str]) -> None:
    answered = {r.id for r in world.records if isinstance(r, CallRow) and r.answered_at is not None}
    assert hopeful <= answered, f"waited in vain: {hopeful - answered}"
    world.reached["served in the end"] += len(hopeful)


def _check_nothing_left(world: World) -> None:
    floor = world.center.floor
    assert not any(pbx.channels or pbx.bridges for pbx in world.pbxs), "channels or bridges are left"
    assert not floor.calls and not floor.strays and not floor.call_of_leg and not floor.monitors
    for agent in floor.agents.values():
        assert agent.state is AgentState.IDLE and not agent.legs
    rows = [r for r in world.records if isinstance(r, CallRow)]
    ended = [r.id for r in rows if r.outcome is not None]
    assert sorted(ended) == sorted({r.id for r in rows}), "every arrival ends once"
