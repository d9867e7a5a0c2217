"""What rows say is true: who ended a call and where, how long the customer waited, talked and was on hold, and whose
after-call work a stretch is."""

from dataclasses import replace
from typing import Any

import pytest

from cti_bridge.domain.audio.messages import GONE_WITHIN_S
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.errors import Refusal
from cti_bridge.domain.border.records import AgentStateChange, CallEvent, CallRow, LoginRow, OfferRow, TicketNoted
from cti_bridge.domain.model.call import Call, Role
from tests.unit.floor import CALLING, Driver, agent_view
from tests.unit.leaving import leaves
from tests.unit.situations import CUSTOMER, OUTSIDE, customer_leaves, situation, staffed, talking


def row(driver: Driver) -> CallRow:
    return [record for record in driver.records if isinstance(record, CallRow)][-1]


def details(driver: Driver, type_: str) -> list[dict[str, Any]]:
    return [r.detail for r in driver.records if isinstance(r, CallEvent) and r.type == type_]


def seconds(driver: Driver) -> tuple[float, float, float]:
    found = row(driver)
    return round(found.wait_s, 2), round(found.talk_s, 2), round(found.hold_s, 2)


# ------------------------------------------------------------------------------- seconds


def test_given_hold_and_a_consultation_then_only_talk_is_talk_on_row_and_ticket() -> None:
    driver, call = talking(staffed())
    talked_s = 15 + driver.now - call.state_since
    driver.pass_time(10)
    driver.tell(commands.HoldCall("a1", call.id))
    driver.pass_time(20)
    driver.tell(commands.ResumeCall("a1", call.id))
    driver.pass_time(5)
    driver.tell(commands.StartConsult("a1", call.id, OUTSIDE, None))
    driver.pass_time(7)
    customer_leaves(driver, call)
    assert seconds(driver)[1:] == (talked_s, 27.0)
    noted = [r.detail for r in driver.records if isinstance(r, TicketNoted) and r.detail.get("event") == "ended"]
    assert noted[-1]["talked_s"] == str(talked_s)


def test_given_a_customer_who_leaves_a_consultation_then_the_row_says_when_and_that_they_ended_it() -> None:
    driver, call = situation("consult_talking")
    left_at = driver.now
    customer_leaves(driver, call)
    driver.pass_time(30)
    leaves(driver, call, Role.TARGET)
    found = row(driver)
    assert (found.ended_by, found.customer_left_at, found.ended_at) == ("customer", left_at, left_at + 30)
    assert found.ended_in == "consult_alone"


def test_given_a_transfer_that_comes_back_then_the_wait_is_that_of_the_recall() -> None:
    driver, call = situation("transfer_ringing")
    driver.pass_time(3)
    leaves(driver, call, Role.TARGET, 21, 603)
    assert call.recalled and agent_view(driver.center.floor, "a1")["call"]["waited_s"] == 0
    leg_id = driver.agent_leg(call)
    driver.tell(facts.LegRinging(leg_id))
    driver.pass_time(4)
    driver.tell(facts.LegRinging(leg_id))
    assert agent_view(driver.center.floor, "a1")["call"]["waited_s"] == 4
    driver.tell(facts.LegAnswered(leg_id))
    driver.enter(call, CUSTOMER, leg_id)
    assert call.wait.lasted_s == pytest.approx(4.0)
    kinds = [(r.kind, r.result) for r in driver.records if isinstance(r, OfferRow) and r.result]
    assert kinds[-2:] == [("transfer", "declined"), ("recall", "answered")]


def test_given_a_customer_who_came_back_to_the_queue_and_leaves_then_they_are_not_lost_in_the_queue() -> None:
    driver, call = situation("on_hold")
    leaves(driver, call, Role.AGENT)
    assert details(driver, "returned")[0]["reason"] == "left_on_hold"
    customer_leaves(driver, call)
    found = row(driver)
    assert (found.outcome, found.ended_in, found.answered_at is not None) == ("abandoned_returned", "waiting", True)


def test_given_a_message_that_fails_for_a_caller_who_stays_then_the_queue_follows_in_a_moment() -> None:
    driver, call = situation("in_scenario")
    driver.tell(facts.PlaybackEnded(call.legs[CUSTOMER].playback_id or "", failed=True))
    driver.pass_time(GONE_WITHIN_S)
    assert call.state == "ringing", "it is offered at once"


def test_given_a_last_message_that_fails_for_a_caller_who_has_hung_up_then_they_have_ended_it() -> None:
    driver, call = situation("announcing")
    driver.tell(facts.PlaybackEnded(call.legs[CUSTOMER].playback_id or "", failed=True))
    driver.pass_time(0.01)
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    found = row(driver)
    assert (found.ended_by, found.customer_left_at) == ("customer", driver.now)


# ------------------------------------------------------------------------------- agents


def changes(driver: Driver, cti_id: str) -> list[AgentStateChange]:
    return [r for r in driver.records if isinstance(r, AgentStateChange) and r.cti_id == cti_id]


def dialled(driver: Driver, *end: int) -> Call:
    """A call out that comes to nothing."""
    driver.tell(commands.Dial("a1", OUTSIDE, CALLING))
    call = next(call for call in driver.center.floor.calls.values() if call.cti_id == "a1")
    driver.tell(facts.LegAnswered(driver.agent_leg(call)))
    driver.tell(facts.LegReady(call.customer_leg or ""))
    driver.tell(facts.LegRinging(call.customer_leg or ""))
    leaves(driver, call, Role.CUSTOMER, *end)
    return call


def test_given_a_call_out_that_comes_to_nothing_then_the_after_call_work_is_still_that_of_the_call_before() -> None:
    driver, call = talking(staffed())
    customer_leaves(driver, call)
    driver.tell(facts.LegEnded(changes_leg(driver)))
    out = dialled(driver, 17, 486)
    before, dialing, after = changes(driver, "a1")[-3:]
    assert (before.after_call_of, before.after_call_kind) == (call.id, "talk")
    assert dialing.after_call_of is None
    assert (after.call_id, after.after_call_of, after.after_call_kind) == (out.id, call.id, "talk")
    assert (after.from_reason, after.reason) == ("ticket_processing", "ticket_processing")
    assert row(driver).customer_rang_at == row(driver).agent_lifted_at == driver.now
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert changes(driver, "a1")[-1].after_call_of is None


def changes_leg(driver: Driver) -> str:
    """The leg of the agent's phone that is still ending."""
    return driver.agent("a1").legs[0]


def test_given_a_consulted_agent_then_their_after_call_work_is_of_a_consultation() -> None:
    driver, call = situation("consult_talking")
    driver.tell(commands.CancelConsult("a1", call.id))
    last = changes(driver, "a2")[-1]
    assert (last.after_call_of, last.after_call_kind, last.cause) == (call.id, "consult", "call_ended")


def test_given_a_target_that_is_withdrawn_then_the_word_is_that_of_its_offer() -> None:
    driver, call = situation("consult_ringing")
    driver.tell(commands.CancelConsult("a1", call.id))
    assert (driver.offers()[-1], changes(driver, "a2")[-1].cause) == ("withdrawn", "withdrawn")


def test_given_the_panels_hang_up_while_the_own_phone_rings_then_the_agent_has_cancelled_it() -> None:
    driver, call = situation("dialing_agent")
    driver.tell(commands.HangUpCall("a1", call.id))
    assert driver.outcomes() == [("cancelled", "agent")]


# ------------------------------------------------------------------------------- events


def test_given_a_recall_then_it_is_an_event_with_the_agent_and_the_target() -> None:
    driver, call = situation("transfer_ringing")
    driver.pass_time(1)
    driver.tell(commands.RecallCall("a1", call.id))
    assert details(driver, "recalled") == [{"by_cti_id": "a1", "target_number": "1002", "target_cti_id": "a2"}]


def test_given_a_transfer_that_fails_then_the_ticket_says_so() -> None:
    driver, call = situation("transfer_ringing")
    leaves(driver, call, Role.TARGET, 21, 603)
    noted = [r.detail for r in driver.records if isinstance(r, TicketNoted)][-1]
    assert noted == {
        "event": "target_gone",
        "reason": "declined",
        "target_number": "1002",
        "target_cti_id": "a2",
    }


def test_given_a_consultation_then_the_customer_is_held_by_it() -> None:
    driver, call = talking(staffed())
    driver.tell(commands.StartConsult("a1", call.id, OUTSIDE, None))
    assert details(driver, "held") == [{"held_by": "consult"}]


def test_given_a_warning_that_ends_by_itself_then_that_is_an_event() -> None:
    driver, call = situation("warning")
    for leg in list(call.legs.values()):
        driver.tell(facts.PlaybackEnded(leg.playback_id or ""))
    assert details(driver, "warning_ended") == [{"count": 1}]
    assert not details(driver, "warning_stopped")


def test_given_a_phone_that_is_back_then_the_event_says_to_what() -> None:
    driver, call = situation("agent_lost")
    driver.tell(facts.LegAnswered(driver.agent_leg(call)))
    assert details(driver, "agent_back") == [{"cti_id": "a1", "state": "talking"}]


def test_given_a_phone_that_refuses_then_offer_and_call_have_the_causes() -> None:
    driver, call = situation("ringing")
    leaves(driver, call, Role.AGENT, 21, 603)
    offer = [r for r in driver.records if isinstance(r, OfferRow)][-1]
    assert (offer.hangup_cause, offer.sip_code, offer.kind, offer.queue) == (21, 603, "queue", "support")
    customer_leaves(driver, call)
    assert (row(driver).hangup_cause, row(driver).sip_code) == (16, None)


# ------------------------------------------------------------------------------- sessions


def test_given_a_login_elsewhere_and_a_logout_then_there_is_a_row_for_each_session() -> None:
    driver = staffed()
    driver.records.clear()
    driver.tell(commands.LogIn("a1", "first", "csrf", from_address="192.0.2.1"))
    driver.pass_time(10)
    driver.tell(commands.LogIn("a1", "second", "csrf", from_address="192.0.2.2"))
    driver.pass_time(5)
    driver.tell(commands.LogOut("a1", "second"))
    begun = driver.now - 15
    rows = {r.id: (r.from_address, r.at, r.ended_at, r.ended_by) for r in driver.records if isinstance(r, LoginRow)}
    assert list(rows.values())[-2:] == [
        ("192.0.2.1", begun, begun + 10, "takeover"),
        ("192.0.2.2", begun + 10, begun + 15, "self"),
    ]


def test_given_an_agent_who_is_no_longer_configured_then_the_sessions_row_says_so() -> None:
    driver = staffed()
    config = driver.center.floor.directory
    agents = {cti_id: entry for cti_id, entry in config.agents.items() if cti_id != "a1"}
    driver.tell(facts.ConfigurationChanged(replace(config, agents=agents)))
    ended = [r for r in driver.records if isinstance(r, LoginRow) and r.ended_at]
    assert [(r.cti_id, r.ended_by) for r in ended] == [("a1", "removed")]


# ------------------------------------------------------------------------------- refused


def refuse(driver: Driver, command: commands.Command) -> str:
    """As the engine does: the refusal, and then what it leaves behind."""
    with pytest.raises(Refusal) as refusal:
        driver.center.handle(command, driver.now)
    driver.take(driver.center.refused(command, refusal.value, driver.now))
    return refusal.value.code


def test_given_a_call_out_that_is_refused_then_it_leaves_a_row_with_the_reason() -> None:
    driver = staffed()
    code = refuse(driver, commands.Dial("a1", "+12025550123", CALLING))
    found = row(driver)
    assert (found.outcome, found.ended_by, found.dialed_number) == ("cancelled", "system", "+12025550123")
    assert details(driver, "refused") == [{"cti_id": "a1", "number": "+12025550123", "code": code}]
    assert not driver.center.floor.calls


def test_given_the_keypads_number_is_refused_then_it_leaves_a_row_too() -> None:
    driver = staffed()
    driver.tell(facts.KeypadDialed("main", "keypad-1", "1001", "0012025550123"))
    assert [detail["cti_id"] for detail in details(driver, "refused")] == ["a1"]
    assert row(driver).outcome == "cancelled"


def test_given_a_consultation_that_is_refused_then_its_call_says_so() -> None:
    driver, call = talking(staffed())
    code = refuse(driver, commands.StartConsult("a1", call.id, "+12025550123", None))
    assert details(driver, "refused") == [{"by_cti_id": "a1", "target_number": "+12025550123", "code": code}]
    assert call.state == "talking"


def test_given_a_request_that_calls_nobody_then_its_refusal_leaves_nothing() -> None:
    driver, call = talking(staffed())
    driver.records.clear()
    refuse(driver, commands.ResumeCall("a1", call.id))
    refuse(driver, commands.StartConsult("a1", call.id, None, "nobody"))
    assert driver.records == []
