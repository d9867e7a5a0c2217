"""What agents who sent a call on, or are asked to take part in one, see of it."""

from dataclasses import replace
from typing import Any

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.notices import CallEnded, OfferMade
from cti_bridge.domain.model.call import CallState
from cti_bridge.engine import Engine
from cti_bridge.idempotency import IdempotencyKeys
from tests.unit.floor import CALLING, NODE, agent_view
from tests.unit.situations import OUTSIDE, staffed
from tests.unit.test_conversation import talking


def allowed(driver: Any, cti_id: str) -> list[str]:
    return list(agent_view(driver.center.floor, cti_id)["allowed_actions"])


def test_given_a_direct_transfer_that_rings_then_its_sender_may_recall_it_until_it_is_answered() -> None:
    driver, call = talking()
    sender_leg = call.agent_leg or ""
    driver.tell(commands.TransferCall("a1", call.id, None, "a2"))
    driver.tell(facts.LegEnded(sender_leg, 16))
    assert allowed(driver, "a1") == ["dial", "recall"]
    assert "recall" not in allowed(driver, "a3")
    driver.tell(commands.RecallCall("a1", call.id))
    assert (call.state, "recall" in allowed(driver, "a1")) == (CallState.RINGING, False)


def test_given_whatever_dial_up_would_be_refused_for_then_it_is_not_offered() -> None:
    driver = staffed()
    config = driver.center.floor.directory
    assert "dial" in allowed(driver, "a1")
    driver.tell(facts.NodeLost(NODE))
    assert "dial" not in allowed(driver, "a1")
    driver.connect()
    mute = {name: replace(service, outbound=False) for name, service in config.services.items()}
    new = {number: replace(each, state="new") for number, each in config.calling_numbers.items()}
    for changed in (replace(config, services=mute), replace(config, calling_numbers=new)):
        driver.center.floor.directory = changed
        assert "dial" not in allowed(driver, "a1")
        driver.refused(commands.Dial("a1", OUTSIDE, CALLING))


def test_given_a_consultation_then_the_target_sees_the_call_and_nobody_else_does() -> None:
    driver, call = talking()
    engine = Engine(
        driver.center,
        journal=Any,  # type: ignore[arg-type]
        clock=lambda: driver.now,
        submit=lambda actions: None,
        surprise=lambda: None,
        keys=IdempotencyKeys(),
    )
    driver.tell(commands.StartConsult("a1", call.id, None, "a2"))
    assert OfferMade("a2", call.offer.id if call.offer else "") in driver.notices
    views = {cti_id: engine.call_view(cti_id, call.id) for cti_id in ("a1", "a2", "a3", "nobody")}
    assert {cti_id for cti_id, view in views.items() if view} == {"a1", "a2"}


@pytest.mark.parametrize("command", [commands.StartConsult, commands.TransferCall])
def test_given_a_colleague_who_consults_or_transfers_then_the_one_who_is_asked_is_told_by_whom(command: Any) -> None:
    driver, call = talking()
    driver.tell(command("a1", call.id, None, "a2"))
    assert agent_view(driver.center.floor, "a2")["call"]["asked_by"] == "Agent 1"
    target = driver.agent("a2").legs[0]
    driver.tell(facts.LegReady(target))
    driver.tell(facts.LegAnswered(target))
    driver.enter(call, call.customer_leg or "", target)
    is_consulted = command is commands.StartConsult
    assert agent_view(driver.center.floor, "a2")["call"]["asked_by"] == ("Agent 1" if is_consulted else "")


def test_given_the_end_of_a_consultation_then_each_is_told_the_end_with_their_own_role() -> None:
    driver, call = talking()
    driver.tell(commands.StartConsult("a1", call.id, None, "a2"))
    target = driver.agent("a2").legs[0]
    driver.tell(facts.LegReady(target))
    driver.tell(facts.LegAnswered(target))
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    driver.tell(facts.LegEnded(call.agent_leg or "", 16))
    ends = {one.cti_id: (one.role, one.ended_by) for one in driver.notices if isinstance(one, CallEnded)}
    assert ends == {"a1": ("agent", "customer"), "a2": ("target", "customer")}


@pytest.mark.parametrize("result", ["missed", "declined"])
def test_given_a_call_that_was_not_taken_then_its_agent_is_told_whose_until_they_do_something(result: str) -> None:
    driver = staffed()
    call = driver.arrive()
    cti_id = call.cti_id or ""
    if result == "missed":
        driver.pass_time(20)
    else:
        driver.tell(commands.DeclineOffer(cti_id, driver.agent(cti_id).offer_id or ""))
    missed = agent_view(driver.center.floor, cti_id)["missed"]
    assert (missed["result"], missed["customer_number"], missed["customer_name"]) == (result, "+821012345678", "Kim")
    assert agent_view(driver.restarted().center.floor, cti_id)["missed"] == missed
    driver.tell(commands.SetStatus(cti_id, "ready", None))
    assert agent_view(driver.center.floor, cti_id)["missed"] is None


def test_given_a_caller_who_gives_up_then_the_agent_has_missed_nothing() -> None:
    driver = staffed()
    call = driver.arrive()
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    assert agent_view(driver.center.floor, "a1")["missed"] is None
