"""The matrix, from dialling to the last message: who leaves, in which state, and what becomes of the call,
of its agent (a1) and of the target (a2, or an outside number)."""

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import CreateLeg, HangUp
from cti_bridge.domain.border.facts import Failure
from cti_bridge.domain.border.records import TicketNoted, TicketOpened
from cti_bridge.domain.model.call import CallState, Role
from tests.unit import invariants
from tests.unit.leaving import PROCESSING, clear_away, labels, leaves
from tests.unit.situations import (
    ALSO,
    OUTSIDE,
    SITUATIONS,
    all_enter,
    customer_leaves,
    dialing_customer,
    made,
    on_hold,
    situation,
    state_of,
)

S = CallState
TARGET_ENDS = {
    "unknown end": ((16, 0), "unreachable", "unreachable"),
    "busy": ((17, 486), "busy", "busy"),
    "refused": ((21, 603), "declined", "rejected"),
    "no answer": ((19, 480), "missed", "no_answer"),
    "unknown": ((1, 404), "unreachable", "invalid_number"),
    "unreachable": ((34, 503), "unreachable", "unreachable"),
}
"""(Q.850 cause, SIP code), the result of an offer, the reason shown."""
TARGET_RINGS = ["consult_ringing", "consult_ringing outside", "transfer_ringing", "transfer_ringing outside"]


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
    lost = cause == 44 or name == "dialing_agent"
    by = "customer" if name.startswith("consult_alone") else "agent"
    assert driver.outcomes() == [(outcome, "system" if lost else by)]
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
        driver.tell(commands.HangUpCall("a1", call.id))
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
        driver.tell(commands.HangUpCall("a1", call.id))
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
    assert (call.state, call.wait.returned, labels(driver, "a1")) == (S.WAITING, True, [PROCESSING])
    assert driver.history("a1")[-1][3] == "agent_lost"


def test_an_agent_who_leaves_on_hold_sends_the_customer_back_first_with_the_same_ticket() -> None:
    driver, call = made(S.ON_HOLD)
    ticket = call.ticket_id
    leaves(driver, call, Role.AGENT)
    assert (call.state, call.wait.returned, call.ticket_id) == (S.WAITING, True, ticket)
    driver.tell(commands.SetStatus("a2", "ready", None))
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


def test_a_phone_on_hold_that_vanishes_is_no_other_case_than_one_that_hangs_up() -> None:
    driver, call = on_hold()
    leaves(driver, call, Role.AGENT, 44)
    assert (call.state, call.wait.returned) == (S.WAITING, True)


# ------------------------------------------------------------------------------- the target leaves


@pytest.mark.parametrize("name", ["consult_ringing", "consult_ringing outside"])
@pytest.mark.parametrize("end", TARGET_ENDS)
def test_a_target_that_fails_leaves_the_agent_on_hold_and_says_why(name: str, end: str) -> None:
    driver, call = situation(name)
    (cause, sip_code), result, reason = TARGET_ENDS[end]
    leaves(driver, call, Role.TARGET, cause, sip_code)
    assert (call.state, labels(driver, "a1")) == (S.ON_HOLD, ["On Hold"])
    assert call.last_result is not None
    assert call.last_result.target == (OUTSIDE if name.endswith("outside") else "1002")
    assert call.last_result.reason == (reason if name.endswith("outside") else result)
    if name == "consult_ringing":
        assert driver.offers()[-1] == result
    clear_away(driver)


@pytest.mark.parametrize("name", ["consult_talking", "consult_talking outside", "joining", "joining outside"])
def test_a_target_that_hangs_up_leaves_the_agent_on_hold(name: str) -> None:
    driver, call = situation(name)
    leaves(driver, call, Role.TARGET)
    assert (call.state, call.cti_id, labels(driver, "a1")) == (S.ON_HOLD, "a1", ["On Hold"])
    assert call.last_result is not None and call.last_result.reason == "hung_up"
    if not name.endswith("outside"):
        assert labels(driver, "a2") == [PROCESSING]
    driver.tell(commands.ResumeCall("a1", call.id))
    assert state_of(call) is S.TALKING
    clear_away(driver)


@pytest.mark.parametrize("name", ["consult_alone", "consult_alone outside", "transferred"])
def test_a_target_that_hangs_up_leaves_nobody_and_the_call_ends(name: str) -> None:
    driver, call = situation(name)
    leaves(driver, call, Role.TARGET)
    assert driver.outcomes() == [("completed", "target" if name == "transferred" else "customer")]
    clear_away(driver)
    assert not driver.center.floor.calls


@pytest.mark.parametrize("name", TARGET_RINGS)
def test_a_target_that_does_not_answer_in_time_has_left(name: str) -> None:
    driver, call = situation(name)
    rings_s = (call.target.expires_at if call.target else 0) - driver.now
    driver.pass_time(rings_s - 0.1)
    assert state_of(call) in (S.CONSULT_RINGING, S.TRANSFER_RINGING)
    driver.pass_time(0.2)
    assert state_of(call) in (S.ON_HOLD, S.RINGING)
    assert call.last_result is not None
    assert call.last_result.reason == ("no_answer" if name.endswith("outside") else "missed")


@pytest.mark.parametrize("name", TARGET_RINGS)
@pytest.mark.parametrize("action", ["CreateLeg", "DialLeg"])
def test_a_target_that_cannot_be_called_has_left(name: str, action: str) -> None:
    driver, call = situation(name)
    driver.tell(facts.ActionFailed(call.target_leg or "", action, Failure.UNREACHABLE))
    assert call.state in (S.ON_HOLD, S.RINGING)
    assert call.last_result is not None and call.last_result.reason == "unreachable"
    clear_away(driver)


# ------------------------------------------------------------------------------- the node restarts, and nobody leaves


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
