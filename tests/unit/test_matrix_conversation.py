"""The matrix of design 7, from dialling to the last message: who leaves, in which state, and what becomes of the call,
of its agent (a1) and of the target (a2, or an outside number)."""

from dataclasses import replace

import pytest

from cti_bridge.domain import facts
from cti_bridge.domain.actions import AddToBridge, Answer, CreateLeg, HangUp, StartRingback, StopMusic, StopRingback
from cti_bridge.domain.call import Call, CallState, Role, Stage
from cti_bridge.domain.facts import Failure
from cti_bridge.domain.records import TicketNoted, TicketOpened
from tests.unit import invariants
from tests.unit.floor import Driver
from tests.unit.situations import (
    ALSO,
    CUSTOMER,
    OUTSIDE,
    SITUATIONS,
    all_enter,
    customer_leaves,
    dialing_customer,
    made,
    on_hold,
    situation,
    staffed,
    state_of,
)

S = CallState
PROCESSING = "Business (Ticket Processing)"
TARGET_ENDS = {
    "hung up": ((16, 0), "declined", "rejected"),
    "busy": ((17, 486), "declined", "busy"),
    "refused": ((21, 603), "declined", "rejected"),
    "no answer": ((19, 480), "missed", "no_answer"),
    "unknown": ((1, 404), "unreachable", "invalid_number"),
    "unreachable": ((34, 503), "unreachable", "unreachable"),
}
"""(Q.850 cause, SIP code), the result of an offer, the reason shown."""


def labels(driver: Driver, *cti_ids: str) -> list[str]:
    return [driver.agent(cti_id).label for cti_id in cti_ids]


def clear_away(driver: Driver) -> None:
    """Legs that are on their way out are gone."""
    for call in list(driver.center.floor.calls.values()):
        for leg in [leg for leg in call.legs.values() if leg.stage is Stage.ENDING]:
            driver.tell(facts.LegEnded(leg.id, 16))
    invariants.check_floor(driver.center)


def leaves(driver: Driver, call: Call, role: Role, hangup_cause: int = 16, sip_code: int = 0) -> None:
    leg = call.leg_of(role)
    assert leg is not None
    driver.tell(facts.LegEnded(leg.id, hangup_cause, sip_code))


# ------------------------------------------------------------------------------- the customer leaves


@pytest.mark.parametrize(
    ("name", "outcome", "by", "agent"),
    [
        ("dialing_customer", "unreachable", "system", "Ready"),
        ("talking outbound", "completed", "customer", PROCESSING),
        ("agent_lost", "completed", "customer", PROCESSING),
        ("on_hold", "completed", "customer", PROCESSING),
        ("consult_ringing", "completed", "customer", PROCESSING),
        ("consult_ringing outside", "completed", "customer", PROCESSING),
        ("joining, sender gone", "completed", "customer", PROCESSING),
        ("joining outside, sender gone", "completed", "customer", PROCESSING),
        ("transfer_ringing", "completed", "customer", PROCESSING),
        ("transfer_ringing outside", "completed", "customer", PROCESSING),
        ("transferred", "completed", "customer", PROCESSING),
        ("announcing after force disconnect", "force_disconnected", "agent", PROCESSING),
    ],
)
def test_the_customer_leaves_and_the_call_ends(name: str, outcome: str, by: str, agent: str) -> None:
    driver, call = situation(name)
    customer_leaves(driver, call)
    assert driver.outcomes() == [(outcome, by)]
    assert labels(driver, "a1") == [agent]
    assert driver.agent("a2").state == "idle"
    clear_away(driver)
    assert not driver.center.floor.calls, "nothing is left"


@pytest.mark.parametrize("name", ["consult_ringing", "transfer_ringing"])
def test_a_customer_who_leaves_while_the_target_rings_is_noted_on_the_offer(name: str) -> None:
    driver, call = situation(name)
    target_leg = call.target_leg
    customer_leaves(driver, call)
    assert driver.offers()[-1] == "caller_left"
    assert target_leg in [action.leg_id for action in driver.taken(HangUp)]
    assert labels(driver, "a2") == ["Ready"]


@pytest.mark.parametrize("name", ["consult_talking", "consult_talking outside", "joining", "joining outside"])
def test_the_customer_leaves_a_consultation_and_the_two_talk_on(name: str) -> None:
    driver, call = situation(name)
    customer_leaves(driver, call)
    assert (call.state, driver.outcomes()) == (S.CONSULT_ALONE, [])
    assert labels(driver, "a1") == ["On Call (Transfer in Progress)"]
    all_enter(driver, call)
    invariants.check_floor(driver.center)


# ------------------------------------------------------------------------------- the agent's leg leaves


@pytest.mark.parametrize("cause", [16, 44])
@pytest.mark.parametrize(
    ("name", "outcome", "agent"),
    [
        ("dialing_agent", "agent_no_answer", "Ready"),
        ("dialing_customer", "cancelled", "Ready"),
        ("consult_alone", "completed", PROCESSING),
        ("consult_alone outside", "completed", PROCESSING),
    ],
)
def test_the_agents_leg_leaves_and_the_call_ends(name: str, outcome: str, agent: str, cause: int) -> None:
    driver, call = situation(name)
    leaves(driver, call, Role.AGENT, cause)
    assert driver.outcomes() == [(outcome, "agent")]
    assert labels(driver, "a1") == [agent]
    assert len(driver.taken(CreateLeg)) == 0, "nothing else is rung"
    clear_away(driver)
    assert not driver.center.floor.calls


@pytest.mark.parametrize("how", ["leg", "command"])
@pytest.mark.parametrize("name", ["consult_ringing", "consult_ringing outside"])
def test_an_agent_who_leaves_a_consultation_that_rings_has_transferred_directly(name: str, how: str) -> None:
    driver, call = situation(name)
    target_leg = call.target_leg or ""
    if how == "leg":
        leaves(driver, call, Role.AGENT)
    else:
        driver.tell(facts.HangUpCall("a1", call.id))
    assert (call.state, call.target_leg, call.sender) == (S.TRANSFER_RINGING, target_leg, "a1")
    assert labels(driver, "a1") == [PROCESSING]
    driver.tell(facts.LegAnswered(target_leg))
    all_enter(driver, call)
    assert call.state is (S.TALKING if name == "consult_ringing" else S.TRANSFERRED)
    clear_away(driver)


@pytest.mark.parametrize("how", ["leg", "command"])
@pytest.mark.parametrize("name", ["consult_talking", "consult_talking outside", "joining", "joining outside"])
def test_an_agent_who_leaves_a_consultation_has_joined_the_two(name: str, how: str) -> None:
    driver, call = situation(name)
    if how == "leg" or state_of(call) is S.JOINING:
        leaves(driver, call, Role.AGENT)
    else:
        driver.tell(facts.HangUpCall("a1", call.id))
    assert (call.state, labels(driver, "a1")) == (S.JOINING, [PROCESSING])
    all_enter(driver, call)
    assert state_of(call) is (S.TRANSFERRED if name.endswith("outside") else S.TALKING)
    assert call.ticket_owner == ("a1" if name.endswith("outside") else "a2")


def test_an_agent_whose_phone_is_lost_is_rung_again_until_the_time_is_over() -> None:
    driver, call = made(S.AGENT_LOST)
    leaves(driver, call, Role.AGENT, 20)
    driver.pass_time(2)
    assert driver.rung() == ["1001"]
    driver.pass_time(30)
    assert (call.state, call.returned, labels(driver, "a1")) == (S.WAITING, True, [PROCESSING])
    assert driver.history("a1")[-1][3] == "agent_lost"


def test_an_agent_who_leaves_on_hold_sends_the_customer_back_first_with_the_same_ticket() -> None:
    driver, call = made(S.ON_HOLD)
    ticket = call.ticket_id
    leaves(driver, call, Role.AGENT)
    assert (call.state, call.returned, call.ticket_id) == (S.WAITING, True, ticket)
    driver.tell(facts.SetStatus("a2", "ready", None))
    driver.answer(call)
    assert len([r for r in driver.records if isinstance(r, TicketOpened)]) == 1
    assert call.ticket_owner == "a2"


@pytest.mark.parametrize(("end", "outcome"), [((17, 486), "busy"), ((19, 480), "no_answer"), ((21, 603), "rejected")])
def test_an_outbound_call_that_is_not_answered_leaves_ticket_processing_only_with_a_ticket(
    end: tuple[int, int], outcome: str
) -> None:
    driver, call = dialing_customer()
    call.ticket_id = "opened on dialling"
    leaves(driver, call, Role.CUSTOMER, *end)
    assert (driver.outcomes()[0][0], labels(driver, "a1")) == (outcome, [PROCESSING])


# ------------------------------------------------------------------------------- the target leaves


@pytest.mark.parametrize("name", ["consult_ringing", "consult_ringing outside"])
@pytest.mark.parametrize("end", TARGET_ENDS)
def test_a_target_that_fails_leaves_the_agent_on_hold_and_says_why(name: str, end: str) -> None:
    driver, call = situation(name)
    (cause, sip_code), result, reason = TARGET_ENDS[end]
    leaves(driver, call, Role.TARGET, cause, sip_code)
    assert (call.state, labels(driver, "a1")) == (S.ON_HOLD, ["On Hold"])
    assert call.last_result is not None
    assert call.last_result["target"] == (OUTSIDE if name.endswith("outside") else "1002")
    if end != "hung up":
        assert call.last_result["reason"] == reason
    if name == "consult_ringing":
        assert driver.offers()[-1] == result
    clear_away(driver)


@pytest.mark.parametrize("name", ["consult_talking", "consult_talking outside", "joining", "joining outside"])
def test_a_target_that_hangs_up_leaves_the_agent_on_hold(name: str) -> None:
    driver, call = situation(name)
    leaves(driver, call, Role.TARGET)
    assert (call.state, call.cti_id, labels(driver, "a1")) == (S.ON_HOLD, "a1", ["On Hold"])
    assert call.last_result is not None and call.last_result["reason"] == "hung_up"
    if not name.endswith("outside"):
        assert labels(driver, "a2") == [PROCESSING]
    driver.tell(facts.ResumeCall("a1", call.id))
    assert state_of(call) is S.TALKING
    clear_away(driver)


@pytest.mark.parametrize("name", ["consult_alone", "consult_alone outside", "transferred"])
def test_a_target_that_hangs_up_leaves_nobody_and_the_call_ends(name: str) -> None:
    driver, call = situation(name)
    leaves(driver, call, Role.TARGET)
    assert driver.outcomes() == [("completed", "target")]
    clear_away(driver)
    assert not driver.center.floor.calls


TRANSFERS = ["transfer_ringing", "transfer_ringing outside", "joining, sender gone", "joining outside, sender gone"]


@pytest.mark.parametrize("name", TRANSFERS)
@pytest.mark.parametrize("sender", ["there", "logged out", "phone gone"])
def test_a_transfer_that_fails_comes_back_to_the_sender_or_else_to_the_queue(name: str, sender: str) -> None:
    driver, call = situation(name)
    if sender == "logged out":
        driver.tell(facts.LogOut("a1", "session-a1"))
    elif sender == "phone gone":
        driver.tell(facts.PhoneChanged("main", "1001", False))
    leaves(driver, call, Role.TARGET, 17, 486)
    if sender == "there":
        assert (call.state, call.cti_id) == (S.RINGING, "a1")
        assert driver.history("a1")[-1] == ("business", "ringing", "ticket_processing", "recalled")
    else:
        assert (call.state, call.returned) == (S.WAITING, True)
    assert not driver.outcomes(), "the customer is never lost"
    clear_away(driver)


@pytest.mark.parametrize("name", TRANSFERS)
def test_a_transfer_that_fails_while_the_senders_phone_is_still_ending_waits_for_it(name: str) -> None:
    driver, call = situation("talking")
    number = OUTSIDE if "outside" in name else None
    if number is None:
        driver.tell(facts.SetStatus("a2", "ready", None))
    sender_leg = call.agent_leg or ""
    driver.tell(facts.TransferCall("a1", call.id, number, None if number else "a2"))
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
    driver.tell(facts.TransferCall("a1", call.id, OUTSIDE))
    leaves(driver, call, Role.TARGET, 17, 486)
    customer_leaves(driver, call)
    driver.tell(facts.LegEnded(sender_leg, 16))
    driver.tell(facts.SetStatus("a1", "ready", None))
    assert driver.arrive(leg_id="caller-2").cti_id == "a1"


def test_a_senders_phone_that_does_not_become_free_in_time_sends_the_call_to_the_queue() -> None:
    driver, call = situation("talking")
    driver.tell(facts.TransferCall("a1", call.id, OUTSIDE))
    leaves(driver, call, Role.TARGET, 17, 486)
    driver.pass_time(3)
    assert (call.state, call.returned) == (S.WAITING, True)
    invariants.check_floor(driver.center)


def test_a_call_that_waits_for_its_sender_waits_on_when_its_node_comes_back() -> None:
    driver, call = situation("talking")
    sender_leg = call.agent_leg or ""
    driver.tell(facts.TransferCall("a1", call.id, OUTSIDE))
    leaves(driver, call, Role.TARGET, 17, 486)
    driver.tell(facts.NodeLost("main"))
    driver.pass_time(60)
    assert state_of(call) is S.TRANSFER_RINGING
    driver.connect(facts.SeenLeg(CUSTOMER, True, False, True, None, "trunk", None))
    driver.tell(facts.LegEnded(sender_leg, 16))
    assert (state_of(call), call.cti_id) == (S.RINGING, "a1")


def test_an_outbound_transfer_that_fails_goes_to_the_return_queue() -> None:
    driver, call = situation("talking outbound")
    driver.tell(facts.TransferCall("a1", call.id, OUTSIDE))
    driver.tell(facts.LogOut("a1", "session-a1"))
    leaves(driver, call, Role.TARGET, 17, 486)
    assert (call.state, call.queue, call.returned) == (S.WAITING, "support", True)


@pytest.mark.parametrize("name", ["consult_ringing", "consult_ringing outside", *TRANSFERS[:2]])
def test_a_target_that_does_not_answer_in_time_has_left(name: str) -> None:
    driver, call = situation(name)
    rings_s = (call.target.expires_at if call.target else 0) - driver.now
    driver.pass_time(rings_s - 0.1)
    assert state_of(call) in (S.CONSULT_RINGING, S.TRANSFER_RINGING)
    driver.pass_time(0.2)
    assert state_of(call) in (S.ON_HOLD, S.RINGING)
    assert call.last_result is not None and call.last_result["reason"] == "no_answer"


@pytest.mark.parametrize("name", ["consult_ringing", "consult_ringing outside", *TRANSFERS[:2]])
@pytest.mark.parametrize("action", ["CreateLeg", "DialLeg"])
def test_a_target_that_cannot_be_called_has_left(name: str, action: str) -> None:
    driver, call = situation(name)
    driver.tell(facts.ActionFailed(call.target_leg or "", action, Failure.UNREACHABLE))
    assert call.state in (S.ON_HOLD, S.RINGING)
    assert call.last_result is not None and call.last_result["reason"] == "unreachable"
    clear_away(driver)


# ------------------------------------------------------------------------------- the rest


@pytest.mark.parametrize("name", ALSO)
def test_the_node_restarts_and_every_call_on_it_ends_with_its_agents_freed(name: str) -> None:
    driver, call = situation(name)
    driver.tell(facts.NodeLost("main"))
    driver.connect(boot_id="another")
    assert driver.outcomes() == [("node_lost", "system")]
    assert not driver.center.floor.calls and not driver.center.floor.recalls
    assert {driver.agent(cti_id).state for cti_id in ("a1", "a2", "a3")} == {"idle"}
    notes = [r.detail["outcome"] for r in driver.records if isinstance(r, TicketNoted) and "outcome" in r.detail]
    assert notes == (["node_lost"] if call.ticket_id else [])


@pytest.mark.parametrize("name", SITUATIONS)
def test_every_situation_is_sound(name: str) -> None:
    driver, _ = situation(name)
    clear_away(driver)
    invariants.check_records(driver.records)


def test_a_sender_may_recall_a_transfer_that_rings_and_is_told_when_no_longer() -> None:
    for end in ("answered", "failed", "customer left"):
        driver, call = situation("transfer_ringing outside")
        target_leg = call.target_leg or ""
        driver.tell(facts.LogOut("a2", "session-a2"))
        driver.notices.clear()
        if end == "answered":
            driver.tell(facts.LegAnswered(target_leg))
        elif end == "failed":
            driver.tell(facts.LegEnded(target_leg, 17, 486))
        else:
            customer_leaves(driver, call)
        assert "a1" in [getattr(notice, "cti_id", None) for notice in driver.notices], end


def test_a_customer_who_was_dialled_and_forgotten_by_a_restart_comes_into_the_bridge() -> None:
    driver, call = situation("dialing_agent")
    driver.tell(facts.LegAnswered(call.agent_leg or ""))
    all_enter(driver, call)
    customer = call.customer_leg or ""
    seen = facts.SeenLeg(customer, False, True, True, None, OUTSIDE, None)
    driver.tell(facts.LegSeen(seen, driver.now))
    assert [a.leg_id for a in driver.taken(AddToBridge)] == [call.agent_leg, customer]
    driver.tell(facts.LegAnswered(customer))
    driver.enter(call, customer)
    assert state_of(call) is S.TALKING


def test_a_lost_order_to_stop_the_music_is_repeated_while_the_customer_hears_ringing() -> None:
    driver, _ = situation("transfer_ringing outside")
    driver.tell(facts.ActionFailed(CUSTOMER, "StopMusic", Failure.REFUSED))
    driver.tell(facts.LegSeen(facts.SeenLeg(CUSTOMER, True, False, True, None, "trunk", None), driver.now))
    assert [type(a) for a in driver.actions[-3:]] == [StopRingback, StopMusic, StartRingback]


def test_ringing_that_was_to_stop_while_the_node_was_away_is_stopped_in_the_bridge() -> None:
    driver, call = situation("transferred")
    driver.tell(facts.NodeLost("main"))
    bridge = f"cti-{call.id}-bridge"
    driver.connect(*(facts.SeenLeg(leg.id, True, False, True, bridge, "", None) for leg in call.legs.values()))
    assert CUSTOMER in [a.leg_id for a in driver.taken(StopRingback)]


def test_a_keypad_leg_whose_answer_got_lost_is_answered_when_that_is_seen() -> None:
    driver = staffed()
    driver.tell(facts.KeypadDialed("main", "pad-1", "1001", OUTSIDE))
    driver.actions.clear()
    driver.tell(facts.LegSeen(facts.SeenLeg("pad-1", False, False, True, None, "1001", None), driver.now))
    assert [a.leg_id for a in driver.taken(Answer)] == ["pad-1"]


def test_a_customer_who_was_taken_out_of_the_bridge_during_a_gap_is_talked_to_when_back_in_it() -> None:
    driver, call = situation("dialing_customer")
    driver.tell(facts.NodeLost("main"))
    agent, customer, bridge = call.agent_leg or "", call.customer_leg or "", f"cti-{call.id}-bridge"
    driver.connect(
        facts.SeenLeg(agent, True, False, True, bridge, "1001", None),
        facts.SeenLeg(customer, True, False, True, None, OUTSIDE, None),
    )
    assert state_of(call) is S.DIALING_CUSTOMER
    assert driver.taken(AddToBridge)[-1].leg_id == customer
    driver.enter(call, customer)
    assert state_of(call) is S.TALKING


def test_connect_while_the_target_is_being_called_leaves_them_accepted() -> None:
    driver = staffed()
    config = driver.center.floor.directory
    agents = {**config.agents, "a2": replace(config.agents["a2"], answer="auto")}
    driver.center.floor.directory = replace(config, agents=agents)
    driver.tell(facts.PanelChanged("a2", True))
    call = driver.arrive(leg_id=CUSTOMER)
    driver.answer(call)
    driver.tell(facts.SetStatus("a2", "ready", None))
    driver.tell(facts.StartConsult("a1", call.id, agent="a2"))
    driver.tell(facts.AnswerOffer("a2", call.offer.id if call.offer else ""))
    driver.tell(facts.ConnectConsult("a1", call.id))
    assert (call.state, driver.agent("a2").state) == (S.TRANSFER_RINGING, "accepted")


def test_two_transfers_of_one_sender_that_fail_at_once_both_go_on() -> None:
    driver, first = situation("talking")
    leg = first.agent_leg or ""
    driver.tell(facts.TransferCall("a1", first.id, OUTSIDE))
    driver.tell(facts.LegEnded(leg, 16))
    driver.tell(facts.SetStatus("a1", "ready", None))
    second = driver.arrive(leg_id="caller-2")
    driver.answer(second)
    driver.tell(facts.TransferCall("a1", second.id, OUTSIDE))
    leaves(driver, first, Role.TARGET, 17, 486)
    leaves(driver, second, Role.TARGET, 17, 486)
    assert sorted((first.state, second.state)) == [S.TRANSFER_RINGING, S.WAITING]
    invariants.check_floor(driver.center)
    driver.pass_time(3)
    assert (state_of(first), state_of(second)) == (S.WAITING, S.WAITING)
    invariants.check_floor(driver.center)


def test_a_phone_on_hold_that_vanishes_is_no_other_case_than_one_that_hangs_up() -> None:
    driver, call = on_hold()
    leaves(driver, call, Role.AGENT, 44)
    assert (call.state, call.returned) == (S.WAITING, True)
