"""The matrix, the direct transfer: its target fails or its sender asks, and the customer is never lost
(requirement E5)."""

from dataclasses import replace

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.model.call import CallState, Role
from cti_bridge.domain.model.words import AnswerMode
from tests.unit import invariants
from tests.unit.floor import agent_view
from tests.unit.leaving import clear_away, leaves
from tests.unit.situations import CUSTOMER, OUTSIDE, customer_leaves, situation, staffed, state_of

S = CallState
TRANSFERS = ["transfer_ringing", "transfer_ringing outside", "joining, sender gone", "joining outside, sender gone"]


@pytest.mark.parametrize("name", TRANSFERS)
@pytest.mark.parametrize("sender", ["there", "logged out", "phone gone"])
def test_a_transfer_that_fails_comes_back_to_the_sender_or_else_to_the_queue(name: str, sender: str) -> None:
    driver, call = situation(name)
    if sender == "logged out":
        driver.tell(commands.LogOut("a1", "session-a1"))
    elif sender == "phone gone":
        driver.tell(facts.PhoneChanged("main", "1001", False))
    leaves(driver, call, Role.TARGET, 17, 486)
    if sender == "there":
        assert (call.state, call.cti_id) == (S.RINGING, "a1")
        assert driver.history("a1")[-1] == ("business", "ringing", "ticket_processing", "recalled")
    else:
        assert (call.state, call.wait.returned) == (S.WAITING, True)
    assert not driver.outcomes(), "the customer is never lost"
    clear_away(driver)


@pytest.mark.parametrize("name", TRANSFERS)
def test_a_transfer_that_fails_while_the_senders_phone_is_still_ending_waits_for_it(name: str) -> None:
    driver, call = situation("talking")
    number = OUTSIDE if "outside" in name else None
    if number is None:
        driver.tell(commands.SetStatus("a2", "ready", None))
    sender_leg = call.agent_leg or ""
    driver.tell(commands.TransferCall("a1", call.id, number, None if number else "a2"))
    driver.tell(facts.LegReady(call.target_leg or ""))
    if name.startswith("joining"):
        driver.tell(facts.LegAnswered(call.target_leg or ""))
    leaves(driver, call, Role.TARGET, 17, 486)
    assert (call.state, call.target) == (S.TRANSFER_RINGING, None)
    invariants.check_floor(driver.center)
    driver.tell(facts.LegEnded(sender_leg, 16))
    assert (state_of(call), call.cti_id) == (S.RINGING, "a1")


def test_a_customer_who_leaves_while_the_call_waits_for_its_sender_leaves_the_sender_free() -> None:
    driver, call = situation("talking")
    sender_leg = call.agent_leg or ""
    driver.tell(commands.TransferCall("a1", call.id, OUTSIDE))
    leaves(driver, call, Role.TARGET, 17, 486)
    customer_leaves(driver, call)
    driver.tell(facts.LegEnded(sender_leg, 16))
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert driver.arrive(leg_id="caller-2").cti_id == "a1"


def test_a_senders_phone_that_does_not_become_free_in_time_sends_the_call_to_the_queue() -> None:
    driver, call = situation("talking")
    driver.tell(commands.TransferCall("a1", call.id, OUTSIDE))
    leaves(driver, call, Role.TARGET, 17, 486)
    driver.pass_time(3)
    assert (call.state, call.wait.returned) == (S.WAITING, True)
    invariants.check_floor(driver.center)


def test_a_call_that_waits_for_its_sender_waits_on_when_its_node_comes_back() -> None:
    driver, call = situation("talking")
    sender_leg = call.agent_leg or ""
    driver.tell(commands.TransferCall("a1", call.id, OUTSIDE))
    leaves(driver, call, Role.TARGET, 17, 486)
    driver.tell(facts.NodeLost("main"))
    driver.pass_time(60)
    assert state_of(call) is S.TRANSFER_RINGING
    driver.connect(facts.SeenLeg(CUSTOMER, True, False, True, None, "trunk", None))
    driver.tell(facts.LegEnded(sender_leg, 16))
    assert (state_of(call), call.cti_id) == (S.RINGING, "a1")


def test_an_outbound_transfer_that_fails_goes_to_the_return_queue() -> None:
    driver, call = situation("talking outbound")
    driver.tell(commands.TransferCall("a1", call.id, OUTSIDE))
    driver.tell(commands.LogOut("a1", "session-a1"))
    leaves(driver, call, Role.TARGET, 17, 486)
    assert (call.state, call.queue, call.wait.returned) == (S.WAITING, "support", True)


def test_a_sender_may_recall_a_transfer_that_rings_and_is_told_when_no_longer() -> None:
    for end in ("answered", "failed", "customer left"):
        driver, call = situation("transfer_ringing outside")
        target_leg = call.target_leg or ""
        driver.tell(commands.LogOut("a2", "session-a2"))
        driver.notices.clear()
        if end == "answered":
            driver.tell(facts.LegAnswered(target_leg))
        elif end == "failed":
            driver.tell(facts.LegEnded(target_leg, 17, 486))
        else:
            customer_leaves(driver, call)
        assert "a1" in [getattr(notice, "cti_id", None) for notice in driver.notices], end


def test_connect_while_the_target_is_being_called_leaves_them_accepted() -> None:
    driver = staffed()
    config = driver.center.floor.directory
    agents = {**config.agents, "a2": replace(config.agents["a2"], answer=AnswerMode.AUTO)}
    driver.center.floor.directory = replace(config, agents=agents)
    driver.tell(commands.PanelChanged("a2", True))
    call = driver.arrive(leg_id=CUSTOMER)
    driver.answer(call)
    driver.tell(commands.SetStatus("a2", "ready", None))
    driver.tell(commands.StartConsult("a1", call.id, agent="a2"))
    driver.tell(commands.AnswerOffer("a2", call.offer.id if call.offer else ""))
    driver.tell(commands.ConnectConsult("a1", call.id))
    assert (call.state, driver.agent("a2").state) == (S.TRANSFER_RINGING, "accepted")


def test_two_transfers_of_one_sender_that_fail_at_once_both_go_on() -> None:
    driver, first = situation("talking")
    leg = first.agent_leg or ""
    driver.tell(commands.TransferCall("a1", first.id, OUTSIDE))
    driver.tell(facts.LegEnded(leg, 16))
    driver.tell(commands.SetStatus("a1", "ready", None))
    second = driver.arrive(leg_id="caller-2")
    driver.answer(second)
    driver.tell(commands.TransferCall("a1", second.id, OUTSIDE))
    leaves(driver, first, Role.TARGET, 17, 486)
    leaves(driver, second, Role.TARGET, 17, 486)
    assert sorted((first.state, second.state)) == [S.TRANSFER_RINGING, S.WAITING]
    invariants.check_floor(driver.center)
    driver.pass_time(3)
    assert (state_of(first), state_of(second)) == (S.WAITING, S.WAITING)
    invariants.check_floor(driver.center)


@pytest.mark.parametrize("hindrance", ["another call", "a phone that is gone"])
def test_given_a_sender_who_cannot_take_the_call_then_recall_is_refused_and_the_target_rings_on(hindrance: str) -> None:
    driver = staffed()
    call = driver.arrive(leg_id=CUSTOMER)
    driver.answer(call)
    sender_leg = call.agent_leg or ""
    driver.tell(commands.TransferCall("a1", call.id, OUTSIDE, None))
    assert "recall" in agent_view(driver.center.floor, "a1")["allowed_actions"]
    driver.tell(facts.LegEnded(sender_leg, 16))
    assert "recall" in agent_view(driver.center.floor, "a1")["allowed_actions"]
    if hindrance == "another call":
        driver.tell(commands.SetStatus("a1", "ready", None))
        driver.answer(driver.arrive(leg_id="caller-2"))
    else:
        driver.tell(facts.PhoneChanged("main", "1001", False))
    assert "recall" not in agent_view(driver.center.floor, "a1")["allowed_actions"]
    code = driver.refused(commands.RecallCall("a1", call.id))
    assert code == ("not_allowed_now" if hindrance == "another call" else "phone_unreachable")
    assert (call.state, call.target is not None) == (CallState.TRANSFER_RINGING, True)
