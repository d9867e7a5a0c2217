"""Login, status, what follows a call, and when an agent is there to be called (requirements
A2, B1 to B6, C6, F1)."""

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.facts import Failure
from cti_bridge.domain.border.notices import SessionEnded
from cti_bridge.domain.border.records import AgentStateChange, LoginRow, TicketNoted, TicketOpened
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.directory import Policy
from cti_bridge.domain.model.words import SessionOver
from tests.unit.floor import NODE, Driver
from tests.unit.situations import CUSTOMER, made, staffed, state_of

S = CallState


def talked(driver: Driver) -> Call:
    """a1 has talked, and the customer has hung up."""
    call = driver.arrive(leg_id=CUSTOMER)
    leg_id = driver.answer(call)
    driver.pass_time(10)
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    driver.tell(facts.LegEnded(leg_id, 16))
    return call


def status(driver: Driver, cti_id: str = "a1") -> tuple[str, str | None]:
    return driver.agent(cti_id).status, driver.agent(cti_id).reason


# ------------------------------------------------------------------------------- login and logout


@pytest.mark.parametrize("default", ["business", "ready", "rest"])
def test_the_first_login_brings_the_default_status(default: str) -> None:
    driver = staffed(policy=Policy(default_status=default))
    driver.tell(commands.LogOut("a1", "session-a1"))
    assert status(driver) == ("offline", None)
    driver.tell(commands.LogIn("a1", "new", "csrf"))
    assert status(driver) == (default, None)


def test_a_second_login_ends_the_first_session_and_keeps_status_and_call() -> None:
    driver, call = made(S.TALKING)
    rows = len(driver.records)
    driver.tell(commands.LogIn("a1", "new", "csrf2"))
    assert driver.notices.count(SessionEnded("a1", "session-a1", SessionOver.TAKEOVER)) == 1
    assert driver.agent("a1").state == "talking" and call.state is S.TALKING
    assert [type(record) for record in driver.records[rows:]] == [LoginRow, LoginRow], "one ended, one began"
    assert driver.refused(commands.LogOut("a1", "session-a1")) == "unauthenticated"
    floor = driver.center.floor
    assert (floor.by_session.get("session-a1"), floor.by_session.get("new")) == (None, "a1")


@pytest.mark.parametrize("state", [S.RINGING, S.ACCEPTED])
def test_logout_takes_the_offer_back_and_the_next_agent_gets_it(state: CallState) -> None:
    driver, call = made(state)
    driver.tell(commands.SetStatus("a2", "ready", None))
    driver.tell(commands.LogOut("a1", "session-a1"))
    assert driver.offers() == ["withdrawn"]
    assert call.cti_id == "a2"
    assert status(driver) == ("offline", None)


# ------------------------------------------------------------------------------- status and what follows a call


@pytest.mark.parametrize("choice", [("rest", None), ("business", "meeting"), ("business", None)])
def test_who_is_not_ready_gets_no_call(choice: tuple[str, str | None]) -> None:
    driver = staffed()
    driver.tell(commands.SetStatus("a1", *choice))
    assert driver.arrive().state is S.WAITING
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert driver.agent("a1").state == "ringing"


@pytest.mark.parametrize(
    ("after_call", "then", "prompt"),
    [
        ("ticket", ("business", "ticket_processing"), None),
        ("ready", ("ready", None), None),
        ("ask", ("business", "ticket_processing"), "after_call"),
    ],
)
def test_after_a_conversation_the_policy_decides(after_call: str, then: tuple[str, str | None], prompt: str) -> None:
    driver = staffed(policy=Policy(after_call=after_call))
    talked(driver)
    assert status(driver) == then
    assert driver.agent("a1").prompt == prompt
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert driver.agent("a1").prompt is None


@pytest.mark.parametrize("command", [commands.SetStatus, commands.SetNextStatus])
def test_a_wish_during_the_call_beats_the_policy(command: type[commands.SetStatus | commands.SetNextStatus]) -> None:
    driver, _ = made(S.TALKING)
    driver.tell(command("a1", "rest", None))
    assert status(driver) == ("ready", None), "only after the call"
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert status(driver) == ("rest", None)
    assert driver.agent("a1").next_status is None, "it holds once"


def test_a_wish_can_be_taken_back() -> None:
    driver, _ = made(S.TALKING)
    driver.tell(commands.SetNextStatus("a1", "business", "meeting"))
    driver.tell(commands.SetNextStatus("a1", None, None))
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert status(driver) == ("business", "ticket_processing")


def test_a_wish_while_it_rings_beats_what_follows_a_missed_call() -> None:
    driver, _ = made(S.RINGING)
    driver.tell(commands.SetStatus("a1", "business", "meeting"))
    driver.pass_time(20)
    assert status(driver) == ("business", "meeting")


@pytest.mark.parametrize("result", ["missed", "declined"])
@pytest.mark.parametrize("after", ["business", "ready", "rest"])
def test_after_a_missed_or_declined_offer_the_policy_decides(result: str, after: str) -> None:
    driver = staffed(policy=Policy(after_missed=after))
    call = driver.arrive()
    if result == "missed":
        driver.pass_time(20)
    else:
        driver.tell(commands.DeclineOffer("a1", call.offer.id if call.offer else ""))
    assert status(driver) == (after, result if after == "business" else None)
    assert driver.history("a1")[-1][3] == result


def test_who_missed_and_stays_ready_is_left_in_peace_for_a_moment_and_then_called_again() -> None:
    driver = staffed(policy=Policy(after_missed="ready"))
    call = driver.arrive()
    driver.pass_time(20)
    driver.tell(facts.LegEnded(driver.agent("a1").legs[0]))
    driver.pass_time(4.9)
    assert state_of(call) is S.WAITING
    driver.pass_time(0.2)
    assert state_of(call) is S.RINGING


def test_ticket_processing_ends_by_itself_at_its_limit() -> None:
    driver = staffed(policy=Policy(ticket_processing_limit_s=60, after_call="ask"))
    talked(driver)
    driver.pass_time(59.9)
    assert status(driver) == ("business", "ticket_processing")
    driver.pass_time(0.2)
    assert status(driver) == ("ready", None)
    assert driver.history("a1")[-1][3] == "limit" and driver.agent("a1").prompt is None


def test_a_chosen_status_takes_the_limit_back() -> None:
    driver = staffed(policy=Policy(ticket_processing_limit_s=60))
    talked(driver)
    driver.tell(commands.SetStatus("a1", "rest", None))
    driver.pass_time(120)
    assert status(driver) == ("rest", None)


def test_without_a_limit_ticket_processing_lasts() -> None:
    driver = staffed()
    talked(driver)
    driver.pass_time(7200)
    assert status(driver) == ("business", "ticket_processing")


def test_every_change_has_its_number_and_how_long_the_state_before_lasted() -> None:
    driver = staffed()
    talked(driver)
    rows = [r for r in driver.records if isinstance(r, AgentStateChange) and r.cti_id == "a1"]
    assert [r.seq for r in rows] == list(range(1, len(rows) + 1))
    assert rows[-1].lasted_s == 10 and rows[-1].from_state == "talking"


def test_a_status_that_is_chosen_again_is_no_change() -> None:
    driver = staffed()
    rows = len(driver.records)
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert len(driver.records) == rows


# ------------------------------------------------------------------------------- phone and panel


def test_a_phone_that_could_not_be_called_is_tried_again_after_ten_seconds() -> None:
    driver, call = made(S.RINGING)
    driver.tell(facts.ActionFailed(call.agent_leg or "", "CreateLeg", Failure.UNREACHABLE))
    driver.pass_time(9.9)
    assert state_of(call) is S.WAITING
    driver.pass_time(0.2)
    assert state_of(call) is S.RINGING


def test_a_phone_that_could_not_be_called_is_tried_at_once_when_it_registers() -> None:
    driver, call = made(S.RINGING)
    driver.tell(facts.ActionFailed(call.agent_leg or "", "CreateLeg", Failure.UNREACHABLE))
    driver.tell(facts.PhoneChanged(NODE, "1001", True))
    assert state_of(call) is S.RINGING
    driver.pass_time(11)
    assert state_of(call) is S.RINGING


def test_an_unregistered_phone_gets_no_call() -> None:
    driver = staffed()
    driver.tell(facts.PhoneChanged(NODE, "1001", False))
    call = driver.arrive()
    assert state_of(call) is S.WAITING
    driver.tell(facts.PhoneChanged(NODE, "1001", True))
    assert state_of(call) is S.RINGING


def test_an_alert_in_mode_auto_ends_when_the_phone_goes() -> None:
    driver = staffed("auto")
    call = driver.arrive()
    driver.tell(facts.PhoneChanged(NODE, "1001", False))
    assert (call.state, driver.offers()) == (S.WAITING, ["unreachable"])


def test_mode_auto_needs_a_panel_that_is_there_or_was_a_moment_ago() -> None:
    driver = staffed("auto")
    driver.tell(commands.PanelChanged("a1", False))
    driver.pass_time(9.9)
    call = driver.arrive(leg_id=CUSTOMER)
    assert state_of(call) is S.RINGING, "a reload is no absence"
    driver.pass_time(0.2)
    assert (call.state, driver.offers()) == (S.WAITING, ["withdrawn"])
    assert status(driver) == ("ready", None)
    driver.pass_time(60)
    assert state_of(call) is S.WAITING
    driver.tell(commands.PanelChanged("a1", True))
    assert state_of(call) is S.RINGING


def test_a_panel_that_comes_back_in_time_keeps_the_alert() -> None:
    driver = staffed("auto")
    call = driver.arrive()
    driver.tell(commands.PanelChanged("a1", False))
    driver.pass_time(5)
    driver.tell(commands.PanelChanged("a1", True))
    driver.pass_time(10)
    assert state_of(call) is S.RINGING and driver.offers() == []


def test_a_phone_that_rings_needs_no_panel() -> None:
    driver = staffed()
    driver.tell(commands.PanelChanged("a1", False))
    driver.pass_time(60)
    assert driver.arrive().state is S.RINGING


# ------------------------------------------------------------------------------- the ticket


def test_the_ticket_is_opened_once_when_both_are_connected() -> None:
    driver = staffed()
    call = talked(driver)
    opened = [r for r in driver.records if isinstance(r, TicketOpened)]
    assert [(r.call_id, r.owner, r.service) for r in opened] == [(call.id, "a1", "acme")]


def test_a_ticket_that_was_opened_at_the_ring_moves_to_the_agent_who_answers() -> None:
    driver = staffed(policy=Policy(open_ticket="ring"))
    call = driver.arrive()
    assert len([r for r in driver.records if isinstance(r, TicketOpened)]) == 1
    driver.tell(commands.SetStatus("a2", "ready", None))
    driver.pass_time(20)
    driver.answer(call)
    opened = [r for r in driver.records if isinstance(r, TicketOpened)]
    moved = [r for r in driver.records if isinstance(r, TicketNoted) and r.type == "owner_changed"]
    assert [r.owner for r in opened] == ["a1"]
    assert [r.detail for r in moved] == [{"from": "a1", "owner": "a2"}]
