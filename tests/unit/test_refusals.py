"""Each command in each state where it is not allowed: its code, and nothing has changed, to the byte."""

import pytest

from cti_bridge.domain import facts
from cti_bridge.domain.call import Call, CallState
from cti_bridge.domain.directory import AgentEntry
from cti_bridge.domain.snapshot import agent_view, allowed_actions
from tests.unit.floor import NODE, Driver, agent_entry, directory
from tests.unit.situations import made, staffed

S = CallState
ANSWER = {
    S.GREETING: "not_found",
    S.WAITING: "not_found",
    S.RINGING: "answer_on_phone",
    S.ACCEPTED: "not_allowed_now",
    S.CONNECTING: "answer_on_phone",
    S.TALKING: "offer_over",
    S.ANNOUNCING: "not_found",
    S.ENDED: "offer_over",
}
DECLINE = ANSWER | {S.RINGING: None, S.ACCEPTED: None, S.CONNECTING: "offer_over"}
HANG_UP = {
    S.GREETING: "not_found",
    S.WAITING: "not_found",
    S.RINGING: "not_allowed_now",
    S.ACCEPTED: "not_allowed_now",
    S.CONNECTING: "not_allowed_now",
    S.TALKING: None,
    S.ANNOUNCING: "not_found",
    S.ENDED: "call_changed",
}
LOG_OUT = dict.fromkeys(S, None) | {S.CONNECTING: "not_allowed_now", S.TALKING: "not_allowed_now"}


def offer_of(driver: Driver, call: Call) -> str:
    return call.offer.id if call.offer else (driver.agent("a1").recent_offers or ["none"])[-1]


def check(driver: Driver, command: facts.Command, code: str | None) -> None:
    if code is None:
        driver.tell(command)
    else:
        assert driver.refused(command) == code


@pytest.mark.parametrize("state", S)
def test_answer(state: CallState) -> None:
    driver, call = made(state)
    check(driver, facts.AnswerOffer("a1", offer_of(driver, call)), ANSWER[state])


@pytest.mark.parametrize("state", S)
def test_decline(state: CallState) -> None:
    driver, call = made(state)
    check(driver, facts.DeclineOffer("a1", offer_of(driver, call)), DECLINE[state])


@pytest.mark.parametrize("state", S)
def test_hang_up(state: CallState) -> None:
    driver, call = made(state)
    check(driver, facts.HangUpCall("a1", call.id), HANG_UP[state])


@pytest.mark.parametrize("state", S)
def test_log_out(state: CallState) -> None:
    driver, _ = made(state)
    check(driver, facts.LogOut("a1", "session-a1"), LOG_OUT[state])
    assert driver.refused(facts.LogOut("a1", "an old session")) == "unauthenticated"


@pytest.mark.parametrize("state", S)
def test_another_agents_call_and_offer_are_not_found(state: CallState) -> None:
    driver, call = made(state)
    assert driver.refused(facts.HangUpCall("a2", call.id)) == "not_found"
    assert driver.refused(facts.AnswerOffer("a2", offer_of(driver, call))) == "not_found"
    assert driver.refused(facts.DeclineOffer("a2", offer_of(driver, call))) == "not_found"


@pytest.mark.parametrize("state", [S.RINGING, S.ACCEPTED, S.CONNECTING, S.TALKING])
def test_commands_on_a_call_whose_node_is_away_wait_for_it(state: CallState) -> None:
    driver, call = made(state)
    driver.tell(facts.NodeLost(NODE))
    assert allowed_actions(driver.center.floor, driver.agent("a1"), call) == []
    if state is S.TALKING:
        assert driver.refused(facts.HangUpCall("a1", call.id)) == "pbx_unavailable"
    else:
        assert driver.refused(facts.DeclineOffer("a1", offer_of(driver, call))) == "pbx_unavailable"
        assert driver.refused(facts.AnswerOffer("a1", offer_of(driver, call))) == "pbx_unavailable"


@pytest.mark.parametrize("state", S)
def test_a_status_that_cannot_be_chosen_is_refused_in_every_state(state: CallState) -> None:
    driver, _ = made(state)
    for status, reason in (
        ("offline", None),
        ("", None),
        ("talking", None),
        ("ready", "meeting"),
        ("rest", "meeting"),
        ("business", "fishing"),
        ("business", "ticket_processing"),
        ("business", "missed"),
        ("business", "declined"),
    ):
        assert driver.refused(facts.SetStatus("a1", status, reason)) == "invalid_body"
        assert driver.refused(facts.SetNextStatus("a1", status, reason)) == "invalid_body"


def test_a_wish_without_a_call_is_refused() -> None:
    driver = staffed()
    assert driver.refused(facts.SetNextStatus("a1", "rest", None)) == "not_allowed_now"


def test_answer_with_a_phone_that_is_gone_is_told_so() -> None:
    driver = staffed("auto")
    call = driver.arrive()
    driver.agent("a1").phone_retry_at = driver.now + 5
    assert driver.refused(facts.AnswerOffer("a1", offer_of(driver, call))) == "phone_unreachable"


def test_who_is_not_known_or_not_logged_in_or_not_permitted_can_do_nothing() -> None:
    driver = Driver(directory(agent_entry(1), AgentEntry("mute", "1009", phone_permission=False)))
    driver.connect()
    assert driver.refused(facts.LogIn("ghost", "s", "c")) == "not_found"
    assert driver.refused(facts.LogIn("mute", "s", "c")) == "no_phone_permission"
    assert driver.refused(facts.SetStatus("a1", "ready", None)) == "unauthenticated"
    assert driver.refused(facts.SetNextStatus("a1", "ready", None)) == "unauthenticated"
    assert driver.refused(facts.LogOut("a1", "s")) == "unauthenticated"
    for command in (facts.AnswerOffer("ghost", "o"), facts.DeclineOffer("ghost", "o"), facts.HangUpCall("ghost", "c")):
        assert driver.refused(command) == "not_found"


@pytest.mark.parametrize("state", S)
def test_what_the_panel_says_is_allowed_is_not_refused_and_the_other_way_round(state: CallState) -> None:
    for name in ("answer", "decline", "hangup"):
        driver, call = made(state)
        commands: dict[str, facts.Command] = {
            "answer": facts.AnswerOffer("a1", offer_of(driver, call)),
            "decline": facts.DeclineOffer("a1", offer_of(driver, call)),
            "hangup": facts.HangUpCall("a1", call.id),
        }
        if name in agent_view(driver.center.floor, "a1")["allowed_actions"]:
            driver.tell(commands[name])
        else:
            driver.refused(commands[name])


def test_answer_is_allowed_in_mode_auto_while_it_alerts() -> None:
    driver = staffed("auto")
    call = driver.arrive()
    assert agent_view(driver.center.floor, "a1")["allowed_actions"] == ["answer", "decline"]
    driver.tell(facts.AnswerOffer("a1", offer_of(driver, call)))
    assert call.state is S.ACCEPTED
