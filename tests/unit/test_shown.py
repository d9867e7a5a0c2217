"""A panel is told whenever its agent's view is another one; the random days compare all of them."""

from dataclasses import replace

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.notices import AgentChanged
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.ids import leg_of_channel
from tests.unit.floor import CALLING, NODE, agent_view
from tests.unit.situations import made, ringing, staffed, talking

CALLER = "+821012345678"


def test_given_an_offer_that_is_answered_then_the_panel_is_told_that_it_cannot_be_declined_any_more() -> None:
    driver, call = ringing()
    assert "decline" in agent_view(driver.center.floor, "a1")["allowed_actions"]
    output = driver.tell(facts.LegAnswered(call.agent_leg or ""))
    assert call.state is CallState.CONNECTING
    assert "decline" not in agent_view(driver.center.floor, "a1")["allowed_actions"]
    assert AgentChanged("a1") in output.notices


def test_given_two_calls_of_one_customer_when_one_is_force_disconnected_then_the_other_agent_sees_the_mark() -> None:
    driver, first = talking()
    driver.tell(commands.SetStatus("a2", "ready", None))
    second = driver.arrive(leg_id=leg_of_channel(NODE, "second"), caller=CALLER)
    assert (second.cti_id, first.customer.number) == ("a2", CALLER)
    output = driver.tell(commands.ForceDisconnect("a1", first.id, "threat"))
    assert AgentChanged("a2") in output.notices
    assert agent_view(driver.center.floor, "a2")["call"]["marks"]["count"] == 1


def test_given_the_number_under_which_an_agent_dials_is_rejected_then_their_panel_is_told() -> None:
    driver = staffed()
    config = driver.center.floor.directory
    assert "dial" in agent_view(driver.center.floor, "a2")["allowed_actions"]
    numbers = {CALLING: replace(config.calling_numbers[CALLING], state="rejected")}
    output = driver.tell(facts.ConfigurationChanged(replace(config, calling_numbers=numbers)))
    assert "dial" not in agent_view(driver.center.floor, "a2")["allowed_actions"]
    assert AgentChanged("a2") in output.notices


def test_given_a_queue_that_is_removed_then_the_panels_of_those_who_served_it_are_told() -> None:
    driver = staffed()
    config = driver.center.floor.directory
    output = driver.tell(facts.ConfigurationChanged(replace(config, queues={}, scenarios={})))
    assert agent_view(driver.center.floor, "a2")["no_calls"] == ["not_ready", "no_queue"]
    assert AgentChanged("a2") in output.notices


def test_given_an_agent_in_a_call_whose_phone_has_unregistered_when_the_pbx_is_lost_then_the_panel_is_told() -> None:
    driver, _ = talking()
    driver.tell(facts.NodeSeen("second", "boot", driver.now, (), (), ()))
    driver.tell(facts.PhoneChanged(NODE, "1001", reachable=False))
    assert "hold" in agent_view(driver.center.floor, "a1")["allowed_actions"]
    output = driver.tell(facts.NodeLost(NODE))
    assert agent_view(driver.center.floor, "a1")["allowed_actions"] == ["hangup"]
    assert AgentChanged("a1") in output.notices


def test_given_an_agent_whose_phone_was_lost_and_is_elsewhere_when_the_pbx_is_lost_then_the_panel_is_told() -> None:
    """The agent has no leg there any more, and is in the call all the same."""
    driver, call = made(CallState.AGENT_LOST)
    driver.tell(facts.NodeSeen("second", "boot", driver.now, (), (), ()))
    driver.tell(facts.PhoneChanged(NODE, "1001", reachable=False))
    driver.tell(facts.PhoneChanged("second", "1001", reachable=True))
    for leg in [leg for leg in call.legs.values() if leg.cti_id == "a1"]:
        driver.tell(facts.LegEnded(leg.id, 27))
    assert not any(leg.cti_id == "a1" for leg in call.legs.values())
    before = agent_view(driver.center.floor, "a1")
    output = driver.tell(facts.NodeLost(NODE))
    assert agent_view(driver.center.floor, "a1") != before
    assert AgentChanged("a1") in output.notices
