"""Two PBXs: a call lives on one of them, and whoever is to be rung for it must have their phone there (design 1)."""

from dataclasses import replace

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import CreateLeg
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.directory import CallingNumber, Policy
from cti_bridge.domain.queue.out_of_reach import out_of_reach
from tests.unit.floor import CALLING, NODE, NUMBER, Driver, agent_entry, agent_view, directory
from tests.unit.situations import OUTSIDE, SERVICE

OTHER = "second"


def driver(*answers: str, policy: Policy | None = None) -> Driver:
    """Both nodes are up, and know nobody's phone yet; a1, a2 … are logged in with a panel, in this answer mode each."""
    entries = [agent_entry(n, answer=answer) for n, answer in enumerate(answers or ("phone",), 1)]
    config = directory(*entries, services=(SERVICE,), policy=policy)
    made = Driver(replace(config, calling_numbers={CALLING: CallingNumber(CALLING, "acme", "confirmed")}))
    made.connect(phones=())
    made.tell(facts.NodeSeen(OTHER, "boot", made.now, (), (), ()))
    for entry in entries:
        made.tell(commands.PanelChanged(entry.cti_id, True))
        made.log_in(entry.cti_id)
        made.pass_time(1)
    return made


def phone(driver: Driver, number: int, node: str, there: bool = True) -> None:
    """The agent's phone registers with the node, or leaves it."""
    driver.tell(facts.PhoneChanged(node, f"100{number}", there))


def arrive(driver: Driver, node: str) -> Call:
    leg_id = f"caller-{len(driver.center.floor.calls)}-at-{node}"
    driver.tell(facts.CallArrived(node, leg_id, NUMBER, "+821012345678", "", driver.now))
    driver.pass_time(1)
    return next(call for call in driver.center.floor.calls.values() if leg_id in call.legs)


def talking(driver: Driver, node: str) -> Call:
    call = arrive(driver, node)
    driver.answer(call)
    return call


def over(driver: Driver, call: Call) -> None:
    for leg_id in list(call.legs):
        driver.tell(facts.LegEnded(leg_id, 16))


@pytest.mark.parametrize(("here", "elsewhere"), [(NODE, OTHER), (OTHER, NODE)])
def test_given_a_phone_on_one_node_then_its_calls_are_offered_and_an_earlier_one_of_the_other_node_waits(
    here: str, elsewhere: str
) -> None:
    floor = driver()
    phone(floor, 1, here)
    waits, offered = arrive(floor, elsewhere), arrive(floor, here)
    assert (waits.state, offered.cti_id) == (CallState.WAITING, "a1")
    assert [action.executor for action in floor.taken(CreateLeg)] == [here]


def test_given_a_call_that_nobody_can_be_rung_for_then_five_minutes_bring_no_offer() -> None:
    floor = driver()
    phone(floor, 1, NODE)
    call = arrive(floor, OTHER)
    floor.pass_time(300)
    assert (call.state, floor.rung(), floor.offers()) == (CallState.WAITING, [], [])


def test_given_an_agent_a_node_then_each_gets_the_calls_of_their_own_whoever_is_longest_idle() -> None:
    floor = driver("phone", "phone")
    phone(floor, 1, NODE)
    phone(floor, 2, OTHER)
    assert [arrive(floor, node).cti_id for node in (OTHER, NODE)] == ["a2", "a1"]


def test_given_a_phone_on_both_nodes_then_the_calls_of_both_come_one_after_another_in_their_order() -> None:
    floor = driver(policy=Policy(after_call="ready"))
    phone(floor, 1, NODE)
    phone(floor, 1, OTHER)
    calls = [arrive(floor, node) for node in (OTHER, NODE, OTHER)]
    for n, call in enumerate(calls):
        assert [other.cti_id for other in calls[n:]] == ["a1", *[None] * (len(calls) - n - 1)]
        floor.answer(call)
        over(floor, call)


def test_when_the_phone_registers_with_the_calls_node_then_the_call_is_offered_at_once() -> None:
    floor = driver()
    phone(floor, 1, NODE)
    call = arrive(floor, OTHER)
    phone(floor, 1, OTHER)
    assert call.cti_id == "a1"


def test_when_the_phone_has_left_the_calls_node_then_the_next_call_there_waits() -> None:
    floor = driver()
    phone(floor, 1, NODE)
    phone(floor, 1, OTHER)
    phone(floor, 1, OTHER, there=False)
    assert [arrive(floor, node).cti_id for node in (OTHER, NODE)] == [None, "a1"]


def test_given_a_node_is_away_then_a_phone_on_both_serves_the_other_and_its_calls_when_it_is_back() -> None:
    floor = driver(policy=Policy(after_call="ready"))
    phone(floor, 1, NODE)
    phone(floor, 1, OTHER)
    floor.tell(commands.SetStatus("a1", "rest", None))
    away, here = arrive(floor, OTHER), arrive(floor, NODE)
    floor.tell(facts.NodeLost(OTHER))
    floor.tell(commands.SetStatus("a1", "ready", None))
    assert (away.cti_id, here.cti_id) == (None, "a1")
    floor.answer(here)
    over(floor, here)
    customer = facts.SeenLeg(away.customer_leg or "", True, False, True, None, "trunk", None)
    floor.tell(facts.NodeSeen(OTHER, "boot", floor.now, (customer,), (), (("1001", True),)))
    assert away.cti_id == "a1"


# ------------------------------------------------------------------------------------------------------ colleagues


@pytest.mark.parametrize("command", [commands.StartConsult, commands.TransferCall])
@pytest.mark.parametrize("by_number", [False, True])
def test_given_a_colleague_whose_phone_is_on_the_other_node_then_target_not_ready_until_it_is_here(
    command: type[commands.StartConsult | commands.TransferCall], by_number: bool
) -> None:
    floor = driver("phone", "phone")
    phone(floor, 1, NODE)
    phone(floor, 2, OTHER)
    call = talking(floor, NODE)
    asked = command("a1", call.id, *(("1002", None) if by_number else (None, "a2")))
    assert floor.refused(asked) == "target_not_ready"
    phone(floor, 2, NODE)
    floor.tell(asked)
    assert floor.agent("a2").call_id == call.id


@pytest.mark.parametrize("elsewhere", [False, True])
def test_given_a_transfer_that_failed_when_the_senders_phone_is_on_the_other_node_only_then_the_queue(
    elsewhere: bool,
) -> None:
    floor = driver(policy=Policy(after_call="ready"))
    phone(floor, 1, NODE)
    call = talking(floor, NODE)
    own_leg = call.agent_leg or ""
    floor.tell(commands.TransferCall("a1", call.id, OUTSIDE, None))
    phone(floor, 1, OTHER)
    phone(floor, 1, NODE, there=not elsewhere)
    floor.tell(facts.LegEnded(call.target_leg or "", 17, 486))
    assert call.state is (CallState.WAITING if elsewhere else CallState.TRANSFER_RINGING)
    floor.tell(facts.LegEnded(own_leg, 16))
    assert call.cti_id == (None if elsewhere else "a1")


def test_given_a_call_that_comes_back_when_the_phone_moves_to_the_other_node_then_it_is_not_rung_there() -> None:
    floor = driver(policy=Policy(after_call="ready"))
    phone(floor, 1, NODE)
    call = talking(floor, NODE)
    own_leg = call.agent_leg or ""
    floor.tell(commands.TransferCall("a1", call.id, OUTSIDE, None))
    floor.tell(facts.LegEnded(call.target_leg or "", 17, 486))
    phone(floor, 1, OTHER)
    phone(floor, 1, NODE, there=False)
    floor.tell(facts.LegEnded(own_leg, 16))
    assert (call.cti_id, floor.rung().count("1001")) == (None, 1)
    floor.pass_time(5)
    assert (call.state, call.wait.returned) == (CallState.WAITING, True)


# ------------------------------------------------------------------------------------- offers, and what is shown


@pytest.mark.parametrize("consult", [False, True])
def test_given_an_offer_that_waits_for_answer_when_the_phone_leaves_its_node_then_it_goes_to_somebody_else(
    consult: bool,
) -> None:
    floor = driver("auto", "phone")
    phone(floor, 1, NODE)
    phone(floor, 1, OTHER)
    if consult:
        floor.tell(commands.SetStatus("a1", "rest", None))
        phone(floor, 2, NODE)
        call = talking(floor, NODE)
        floor.tell(commands.SetStatus("a1", "ready", None))
        floor.tell(commands.StartConsult("a2", call.id, None, "a1"))
    else:
        call = arrive(floor, NODE)
    assert agent_view(floor.center.floor, "a1")["allowed_actions"] == ["answer", "decline"]
    phone(floor, 1, OTHER, there=False)
    assert floor.agent("a1").offer_id is not None
    phone(floor, 1, OTHER)
    phone(floor, 1, NODE, there=False)
    assert (floor.agent("a1").offer_id, floor.offers()[-1:]) == (None, ["unreachable"])


def test_given_a_restart_when_the_phone_is_found_on_the_other_node_then_answer_is_not_possible() -> None:
    before = driver("auto")
    phone(before, 1, NODE)
    call = arrive(before, NODE)
    floor = before.restarted()
    customer = facts.SeenLeg(call.customer_leg or "", True, False, True, None, "trunk", None)
    floor.connect(customer, phones=())
    floor.tell(facts.NodeSeen(OTHER, "boot", floor.now, (), (), (("1001", True),)))
    assert agent_view(floor.center.floor, "a1")["allowed_actions"] == ["decline"]
    assert floor.refused(commands.AnswerOffer("a1", floor.agent("a1").offer_id or "")) == "phone_unreachable"


def test_given_a_phone_on_one_node_then_nothing_stands_in_the_way_of_its_calls_until_that_node_is_away() -> None:
    floor = driver()
    assert agent_view(floor.center.floor, "a1")["no_calls"] == ["phone_unreachable"]
    phone(floor, 1, OTHER)
    assert agent_view(floor.center.floor, "a1")["no_calls"] == []
    floor.tell(facts.NodeLost(NODE))
    assert agent_view(floor.center.floor, "a1")["no_calls"] == []
    floor.tell(facts.NodeLost(OTHER))
    assert agent_view(floor.center.floor, "a1")["no_calls"] == ["pbx_unavailable"]


def test_given_a_node_that_another_bridge_has_taken_over_then_its_calls_end_here_and_their_agents_work_elsewhere() -> (
    None
):
    floor = driver("phone", "phone")
    phone(floor, 1, NODE)
    phone(floor, 1, OTHER)
    phone(floor, 2, OTHER)
    taken, goes_on = talking(floor, NODE), talking(floor, OTHER)
    assert (taken.cti_id, goes_on.cti_id) == ("a1", "a2")
    waits = arrive(floor, NODE)
    floor.tell(facts.NodeLost(NODE))
    floor.tell(facts.NodeTakenOver(NODE))
    assert list(floor.center.floor.calls) == [goes_on.id] and goes_on.state is CallState.TALKING
    assert [floor.saved["call", call.id] for call in (taken, waits)] == [None, None]
    assert [outcome for outcome, _ in floor.outcomes()] == ["node_lost", "node_lost"]
    floor.tell(commands.SetStatus("a1", "ready", None))
    floor.tell(facts.CallArrived(OTHER, "new", NUMBER, "+821012345678", "", floor.now))
    assert (floor.rung()[-1], floor.agent("a1").state) == ("1001", "ringing")


# ------------------------------------------------------------------------------- who is where


@pytest.mark.parametrize("number", [OUTSIDE, "112"])
def test_given_an_agent_with_a_node_then_dial_up_rings_there_wherever_the_phone_registered_first(number: str) -> None:
    made = driver("phone", policy=Policy(emergency_numbers=frozenset({"112"})))
    floor = made.center.floor
    agents = {"a1": replace(floor.directory.agents["a1"], node=OTHER)}
    floor.directory = replace(floor.directory, agents=agents)
    phone(made, 1, NODE)
    phone(made, 1, OTHER)
    made.actions.clear()
    made.tell(commands.Dial("a1", number, CALLING))
    assert [action.executor for action in made.taken(CreateLeg)] == [OTHER]
    made.tell(commands.HangUpCall("a1", made.agent("a1").call_id or ""))
    for leg_id in list(made.agent("a1").legs):
        made.tell(facts.LegEnded(leg_id, 16))
    made.tell(facts.NodeLost(OTHER))
    made.actions.clear()
    made.tell(commands.Dial("a1", number, CALLING))
    assert [action.executor for action in made.taken(CreateLeg)] == [NODE], "it is away"


def test_given_a_caller_where_no_agent_of_the_queue_can_be_rung_then_it_is_said() -> None:
    made = driver("phone", "phone")
    phone(made, 1, NODE)
    floor = made.center.floor
    arrive(made, OTHER)
    assert [(one.node, one.queue, one.callers, one.elsewhere) for one in out_of_reach(floor)] == [
        (OTHER, "support", 1, (NODE,))
    ]
    phone(made, 2, OTHER)
    assert out_of_reach(floor) == [], "offered"
    arrive(made, OTHER)
    assert out_of_reach(floor) == [], "their only agent is busy, and that is another thing"
    phone(made, 2, OTHER, there=False)
    assert len(out_of_reach(floor)) == 1
    made.tell(facts.NodeLost(OTHER))
    assert out_of_reach(floor) == [], "the PBX itself is away, which is said already"


def test_given_nobody_who_is_logged_in_then_no_other_pbx_is_to_blame() -> None:
    made = driver("phone")
    arrive(made, OTHER)
    assert out_of_reach(made.center.floor) == []
