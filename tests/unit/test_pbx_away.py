"""A PBX that is away: what rings there is withdrawn, its agents can be let go and work elsewhere, and what is left
there is ended when it is back."""

from dataclasses import replace

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import CreateLeg, HangUp
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.offer.offer import PAUSE_S
from cti_bridge.domain.talk.away import LOOK_EVERY_S, OFFER_AWAY_S
from tests.unit.floor import NODE, Driver, agent_view
from tests.unit.situations import OUTSIDE
from tests.unit.test_recovery import as_it_is, seen
from tests.unit.test_two_nodes import OTHER, arrive, driver, phone, talking

NODE_LOST_S = 120.0


def everywhere(count: int = 2) -> Driver:
    """Two PBXs that both reach all phones, as behind an edge."""
    made = driver(*["phone"] * count)
    for number in range(1, count + 1):
        for node in (NODE, OTHER):
            phone(made, number, node)
    return made


def lose(made: Driver, seconds: float = 1.0) -> None:
    made.tell(facts.NodeLost(NODE))
    made.actions.clear()
    made.pass_time(seconds)


def rung_at(made: Driver) -> list[str]:
    return [action.executor for action in made.taken(CreateLeg)]


def test_given_an_offer_that_rings_there_then_it_is_withdrawn_and_the_agent_is_offered_a_call_elsewhere() -> None:
    made = everywhere(1)
    call = arrive(made, NODE)
    leg_id = call.agent_leg or ""
    lose(made, OFFER_AWAY_S - 1)
    assert call.state is CallState.RINGING, "it may have been a moment"
    made.pass_time(1)
    assert (str(call.state), made.offers(), made.agent("a1").status) == ("waiting", ["withdrawn"], "ready")
    made.pass_time(PAUSE_S)
    assert arrive(made, OTHER).cti_id == "a1" and rung_at(made) == [OTHER]
    made.connect(*as_it_is(call), seen(leg_id, up=False, ringing=True))
    assert leg_id in [action.leg_id for action in made.taken(HangUp)]
    assert made.center.floor.calls[call.id].state == "waiting", "the caller has kept the place"


@pytest.mark.parametrize("command", [commands.StartConsult, commands.TransferCall])
def test_given_a_target_whose_phone_rings_there_then_the_target_is_let_go(command: type) -> None:
    made = everywhere(2)
    call = talking(made, NODE)
    made.tell(command("a1", call.id, None, "a2"))
    lose(made, OFFER_AWAY_S)
    assert (made.agent("a2").call_id, made.agent("a2").status) == (None, "ready")
    other = arrive(made, OTHER)
    assert other.cti_id == "a2", "they are served elsewhere"


def in_call(name: str) -> tuple[Driver, Call]:
    made = everywhere(3)
    if name == "dialing":
        made.tell(commands.Dial("a1", OUTSIDE, "+8225551234"))
        return made, next(iter(made.center.floor.calls.values()))
    call = talking(made, NODE)
    if name == "on_hold":
        made.tell(commands.HoldCall("a1", call.id))
    if name == "consulting":
        made.tell(commands.StartConsult("a1", call.id, None, "a2"))
        target = call.target_leg or ""
        made.tell(facts.LegReady(target))
        made.tell(facts.LegAnswered(target))
    return made, call


@pytest.mark.parametrize("state", ["dialing", "talking", "on_hold", "consulting"])
def test_given_an_agent_in_a_call_there_then_they_can_hang_up_log_out_and_work_elsewhere(state: str) -> None:
    made, call = in_call(state)
    node = call.node
    made.tell(facts.NodeLost(node))
    assert agent_view(made.center.floor, "a1")["allowed_actions"] == ["hangup"]
    made.actions.clear()
    made.tell(commands.HangUpCall("a1", call.id))
    assert (made.agent("a1").call_id, call.state) == (None, CallState.ENDED)
    made.tell(commands.SetStatus("a1", "ready", None))
    made.tell(commands.SetStatus("a2", "rest", None))
    made.tell(commands.SetStatus("a3", "rest", None))
    elsewhere = OTHER if node == NODE else NODE
    assert arrive(made, elsewhere).cti_id == "a1", "what is left there keeps no call away"


def test_given_a_consulted_agent_there_then_they_can_leave_and_their_colleague_keeps_the_call() -> None:
    made, call = in_call("consulting")
    made.tell(facts.NodeLost(NODE))
    made.tell(commands.HangUpCall("a2", call.id))
    assert (made.agent("a2").call_id, made.agent("a1").call_id, call.state) == (None, call.id, CallState.ON_HOLD)


def test_given_a_call_that_its_agent_has_left_when_the_pbx_is_back_then_its_legs_are_ended() -> None:
    made, call = in_call("talking")
    legs = as_it_is(call)
    lose(made)
    made.tell(commands.HangUpCall("a1", call.id))
    made.actions.clear()
    made.connect(*legs)
    assert {action.leg_id for action in made.taken(HangUp)} == {leg.leg_id for leg in legs}
    assert "phone_in_use" in agent_view(made.center.floor, "a1")["no_calls"]
    for leg in legs:
        made.tell(facts.LegEnded(leg.leg_id, 16))
    assert "phone_in_use" not in agent_view(made.center.floor, "a1")["no_calls"]
    assert made.outcomes() == [("completed", "agent")]


@pytest.mark.parametrize("elsewhere", [True, False])
def test_given_a_pbx_that_stays_away_then_calls_end_for_agents_who_can_be_reached_elsewhere(elsewhere: bool) -> None:
    made = everywhere(1) if elsewhere else driver("phone")
    phone(made, 1, NODE)
    call = talking(made, NODE)
    lose(made, NODE_LOST_S - 1)
    assert made.agent("a1").call_id == call.id
    made.pass_time(LOOK_EVERY_S)
    assert made.outcomes() == ([("node_lost", "system")] if elsewhere else [])
    if not elsewhere:
        phone(made, 1, OTHER)
        made.pass_time(LOOK_EVERY_S)
        assert made.outcomes() == [("node_lost", "system")], "the phone has registered elsewhere"


def test_given_no_limit_then_calls_of_a_pbx_that_is_away_wait_for_it() -> None:
    made = everywhere(1)
    floor = made.center.floor
    floor.directory = replace(floor.directory, policy=replace(floor.policy, node_lost_s=0))
    talking(made, NODE)
    lose(made, 10 * NODE_LOST_S)
    assert made.outcomes() == []


def test_given_an_emergency_call_there_then_nothing_of_ours_ends_it() -> None:
    made = everywhere(1)
    floor = made.center.floor
    floor.directory = replace(floor.directory, policy=replace(floor.policy, emergency_numbers=frozenset({"112"})))
    made.tell(commands.Dial("a1", "112", ""))
    (call,) = floor.calls.values()
    made.tell(facts.NodeLost(call.node))
    made.pass_time(10 * NODE_LOST_S)
    assert made.outcomes() == [] and made.agent("a1").call_id == call.id


def test_given_a_restart_meanwhile_then_the_time_away_begins_anew() -> None:
    made = everywhere(1)
    talking(made, NODE)
    lose(made, NODE_LOST_S - 20)
    other = made.restarted()
    other.tell(facts.NodeLost(NODE))
    other.tell(facts.NodeSeen(OTHER, "boot", other.now, (), (), (("1001", True),)))
    other.pass_time(NODE_LOST_S - 1)
    assert other.outcomes() == []
    other.pass_time(LOOK_EVERY_S)
    assert other.outcomes() == [("node_lost", "system")]
