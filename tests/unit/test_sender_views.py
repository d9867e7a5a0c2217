"""What agents who sent a call on, or are asked to take part in one, see of it."""

from dataclasses import replace
from typing import Any

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.notices import OfferMade
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
