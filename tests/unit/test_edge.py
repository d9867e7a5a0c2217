"""The edge with which all phones register: its loss is not that of the phones, whatever order the PBX tells it in."""

import pytest

from cti_bridge.domain.audio.audio import LOOK_AFTER_S
from cti_bridge.domain.border import facts
from cti_bridge.domain.legs.vanished import SILENT_S
from cti_bridge.domain.model.agent import Agent, AgentState, Status
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.directory import Directory
from cti_bridge.domain.model.edge import DOUBT_S
from cti_bridge.domain.model.words import NoCalls
from cti_bridge.domain.queue.no_calls import no_calls
from cti_bridge.domain.queue.phones_gone import phones_gone
from tests.support.changed import replace
from tests.unit.floor import NODE, Driver, agent_entry, directory
from tests.unit.situations import situation, state_of
from tests.unit.test_vanished import Audio

EDGE = "trunk"
AWAY = facts.PhoneChanged(NODE, EDGE, False)
BACK = facts.PhoneChanged(NODE, EDGE, True)
NUMBERS = ("1001", "1002")


def behind_edge(made: Directory) -> Directory:
    return replace(made, edge=EDGE)


def gone(*numbers: str, there: bool = False) -> list[facts.Fact]:
    return [facts.PhoneChanged(NODE, number, there) for number in numbers or NUMBERS]


def at_work(agents: int = 2) -> Driver:
    driver = Driver(behind_edge(directory(*(agent_entry(n) for n in range(1, agents + 1)))))
    driver.connect()
    driver.tell(BACK)
    driver.log_in(*(f"a{n}" for n in range(1, agents + 1)))
    return driver


def tell(driver: Driver, *told: facts.Fact) -> None:
    for fact in told:
        driver.tell(fact)


def agents_of(driver: Driver) -> list[Agent]:
    return [driver.center.floor.agents[name] for name in ("a1", "a2")]


@pytest.mark.parametrize("edge_first", [True, False])
def test_while_the_edge_is_away_all_work_on_and_nobody_is_offered_a_call(edge_first: bool) -> None:
    driver = at_work()
    floor = driver.center.floor
    tell(driver, *((AWAY, *gone()) if edge_first else (*gone(), AWAY)))
    driver.pass_time(3600)
    assert floor.working.counts["support"] == 2
    assert not phones_gone(floor)
    assert [no_calls(floor, agent) for agent in agents_of(driver)] == [[NoCalls.PBX_UNAVAILABLE]] * 2
    call = driver.arrive()
    driver.pass_time(30)
    assert state_of(call) is CallState.WAITING and call.visit is not None and not call.visit.offers
    tell(driver, BACK, *gone(there=True))
    assert call.cti_id == "a1" and call.state is CallState.RINGING


def test_before_the_pbx_has_lost_a_phone_nobody_is_rung_and_when_the_edge_is_back_the_first_is_at_once() -> None:
    driver = at_work()
    driver.tell(AWAY)
    call = driver.arrive()
    assert call.state is CallState.WAITING
    driver.tell(BACK)
    assert call.cti_id == "a1"


def test_a_phone_that_stays_away_behind_the_edge_is_gone_from_its_return_on() -> None:
    driver = at_work()
    floor = driver.center.floor
    tell(driver, AWAY, *gone())
    driver.pass_time(600)
    tell(driver, BACK, *gone("1002", there=True))
    driver.pass_time(floor.policy.agent_lost_s - 1)
    assert floor.working.counts["support"] == 2
    driver.pass_time(2)
    assert floor.working.counts["support"] == 1


def test_who_talks_and_is_silent_is_not_given_up_while_the_edge_is_away_nor_until_all_phones_were_asked_again() -> None:
    driver, call = situation("talking")
    driver.center.floor.directory = behind_edge(driver.center.floor.directory)
    audio = Audio(driver, call.agent_leg or "")
    tell(driver, BACK, AWAY, *gone("1001"))
    audio.for_s(120)
    assert state_of(call) is CallState.TALKING
    driver.tell(BACK)
    audio.for_s(DOUBT_S - 1)
    assert state_of(call) is CallState.TALKING
    audio.for_s(SILENT_S + 2 * LOOK_AFTER_S)
    assert call.state is CallState.AGENT_LOST, "the phone itself is dead"


def test_an_offer_that_rang_into_the_outage_costs_no_agent_the_ready() -> None:
    driver = at_work()
    call = driver.arrive()
    leg_id = driver.agent_leg(call)
    tell(driver, facts.LegReady(leg_id), facts.LegRinging(leg_id), AWAY, *gone())
    driver.pass_time(40)
    assert state_of(call) is CallState.WAITING
    agent = agents_of(driver)[0]
    assert (agent.status, agent.state, agent.in_a_row) == (Status.READY, AgentState.IDLE, {})


def test_the_list_of_a_pbx_says_too_whether_the_edge_is_there() -> None:
    driver = at_work()
    floor = driver.center.floor
    seen = facts.NodeSeen(NODE, "boot", driver.now, (), (), ((EDGE, False), ("1001", False), ("1002", False)))
    driver.tell(replace(seen, boot_id=floor.nodes[NODE].boot_id or "boot"))
    assert floor.edge_away(NODE) and floor.edge_gone
    driver.pass_time(3600)
    assert floor.working.counts["support"] == 2


def test_of_two_pbxs_one_that_loses_the_edge_rings_nobody_and_the_other_goes_on() -> None:
    driver = at_work()
    floor = driver.center.floor
    phones = ((EDGE, True), ("1001", True), ("1002", True))
    driver.tell(facts.NodeSeen("second", "boot", driver.now, (), (), phones))
    driver.tell(AWAY)
    here = driver.arrive()
    driver.tell(facts.CallArrived("second", "second/c1", here.dialed_number, "+821012345678", "", driver.now))
    there = floor.calls[floor.call_of_leg["second/c1"]]
    assert (here.state, there.state) == (CallState.WAITING, CallState.RINGING)
    # What the other says of phones that are gone is true.
    tell(driver, *gone(), *(facts.PhoneChanged("second", number, False) for number in NUMBERS))
    driver.pass_time(floor.policy.agent_lost_s + 60)
    assert floor.working.counts["support"] == 0


def test_without_an_edge_the_state_of_the_trunk_says_nothing_of_phones() -> None:
    driver = Driver(directory(agent_entry(1)))
    driver.connect()
    driver.log_in("a1")
    driver.tell(AWAY)
    assert not driver.center.floor.edges
    call: Call = driver.arrive()
    assert call.state is CallState.RINGING
