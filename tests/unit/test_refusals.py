"""Each command in each state where it is not allowed: its code, and nothing has changed, to the byte."""

from collections.abc import Callable

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.model.call import Call, CallState, Role
from cti_bridge.domain.model.directory import AgentEntry
from cti_bridge.domain.views.snapshot import allowed_actions
from tests.unit.floor import CALLING, NODE, Driver, agent_entry, agent_view, directory
from tests.unit.situations import OUTSIDE, REASONS, SITUATIONS, made, situation, staffed

S = CallState
NOBODYS = (S.IN_SCENARIO, S.IN_DIALPLAN, S.WAITING, S.TRANSFER_CONFIRMING, S.ANNOUNCING)
"""The call is nobody's yet, or no more; in these a1 has never had it."""
OVER = (S.TRANSFER_RINGING, S.TRANSFERRED, S.ENDED)
"""a1 had the call, and it is over for them."""
TALK_INTERNALLY = (S.INTERNAL_TALKING, S.INTERNAL_ON_HOLD, S.INTERNAL_HELD)
TARGETED = (
    *(S.CONSULT_RINGING, S.CONSULT_TALKING, S.CONSULT_SWAPPED, S.CONSULT_ALONE),
    *(S.THREE_TOGETHER, S.INTERNAL_RINGING, *TALK_INTERNALLY, S.JOINING, S.TRANSFER_RINGING),
)
"""a2 is the target."""
UNOFFERED = (*NOBODYS, S.DIALING_AGENT, S.DIALING_CUSTOMER, S.INTERNAL_RINGING, *TALK_INTERNALLY)
OFFER_OVER = dict.fromkeys(S, "offer_over") | dict.fromkeys(UNOFFERED, "not_found")
ANSWER: dict[CallState, str | None] = {
    **OFFER_OVER,
    S.RINGING: "answer_on_phone",
    S.ACCEPTED: "not_allowed_now",
    S.CONNECTING: "answer_on_phone",
}
DECLINE: dict[CallState, str | None] = {**OFFER_OVER, S.RINGING: None, S.ACCEPTED: None}
STAYS = (
    *(S.CONNECTING, S.DIALING_AGENT, S.DIALING_CUSTOMER, S.TALKING, S.WARNING, S.AGENT_LOST, S.ON_HOLD),
    *TARGETED[:-1],
)
LOG_OUT: dict[CallState, str | None] = {**dict.fromkeys(S, None), **dict.fromkeys(STAYS, "not_allowed_now")}

Asking = Callable[[str, str], commands.Command]
COMMANDS: dict[str, tuple[Asking, tuple[CallState, ...]]] = {
    "hold": (commands.HoldCall, (S.TALKING, S.INTERNAL_TALKING)),
    "resume": (commands.ResumeCall, (S.ON_HOLD, S.INTERNAL_ON_HOLD)),
    "consult": (lambda who, call: commands.StartConsult(who, call, number=OUTSIDE), (S.TALKING, S.ON_HOLD)),
    "consult/connect": (commands.ConnectConsult, (S.CONSULT_RINGING, S.CONSULT_TALKING, S.CONSULT_SWAPPED)),
    "consult/cancel": (commands.CancelConsult, TARGETED[:4]),
    "consult/swap": (commands.SwapConsult, (S.CONSULT_TALKING, S.CONSULT_SWAPPED)),
    "consult/join": (commands.JoinAll, (S.CONSULT_TALKING, S.CONSULT_SWAPPED)),
    "consult/leave": (commands.LeaveThree, (S.THREE_TOGETHER,)),
    "consult/remove": (lambda who, call: commands.TakeOut(who, call, Role.TARGET), (S.THREE_TOGETHER,)),
    "transfer": (lambda who, call: commands.TransferCall(who, call, number=OUTSIDE), (S.TALKING, S.ON_HOLD)),
    "recall": (commands.RecallCall, (S.TRANSFER_RINGING,)),
    "warn": (commands.Warn, (S.TALKING,)),
    "warn/stop": (commands.StopWarning, (S.WARNING,)),
    "force-disconnect": (
        lambda who, call: commands.ForceDisconnect(who, call, REASONS[0]),
        (S.TALKING, S.WARNING, S.ON_HOLD),
    ),
    "dtmf": (lambda who, call: commands.SendDigits(who, call, "1#"), (S.TALKING, S.CONSULT_SWAPPED, S.THREE_TOGETHER)),
    "hangup": (
        commands.HangUpCall,
        (S.DIALING_AGENT, S.DIALING_CUSTOMER, S.TALKING, S.WARNING, S.ON_HOLD, *TARGETED[:-2]),
    ),
}
"""Commands that name a call, and the states in which the agent of the call may give them."""


def code_of(name: str, state: CallState) -> str | None:
    """What a1 is told; None: it is done."""
    if state in COMMANDS[name][1]:
        return None
    if name == "consult/connect" and state is S.CONSULT_ALONE:
        return "customer_left"
    return "not_found" if state in NOBODYS else "call_changed" if state in OVER else "not_allowed_now"


def offer_of(driver: Driver, call: Call, cti_id: str = "a1") -> str:
    mine = call.offer is not None and call.offer.cti_id == cti_id
    return call.offer.id if call.offer and mine else (driver.agent(cti_id).recent_offers or ["none"])[-1]


def check(driver: Driver, command: commands.Command, code: str | None) -> None:
    if code is None:
        driver.tell(command)
    else:
        assert driver.refused(command) == code


@pytest.mark.parametrize("state", S)
def test_given_each_state_when_the_panel_answers_then_it_is_done_or_refused_with_its_code(
    state: CallState,
) -> None:
    driver, call = made(state)
    check(driver, commands.AnswerOffer("a1", offer_of(driver, call)), ANSWER[state])


@pytest.mark.parametrize("state", S)
def test_given_each_state_when_the_panel_declines_then_it_is_done_or_refused_with_its_code(state: CallState) -> None:
    driver, call = made(state)
    check(driver, commands.DeclineOffer("a1", offer_of(driver, call)), DECLINE[state])


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_done_or_refused_with_its_code(name: str, state: CallState) -> None:
    driver, call = made(state)
    check(driver, COMMANDS[name][0]("a1", call.id), code_of(name, state))


@pytest.mark.parametrize("state", TARGETED)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_target_may_only_hang_up_and_only_when_it_talks_and_a_colleague_may_hold(name: str, state: CallState) -> None:
    driver, call = made(state)
    may = name == "hangup" and state in (*TARGETED[1:5], *TALK_INTERNALLY)
    may = may or (name, state) in (("hold", S.INTERNAL_TALKING), ("resume", S.INTERNAL_HELD))
    check(driver, COMMANDS[name][0]("a2", call.id), None if may else "not_allowed_now")


@pytest.mark.parametrize("state", [S.CONSULT_RINGING, S.TRANSFER_RINGING])
def test_nobody_answers_or_declines_an_offer_to_somebody_else(state: CallState) -> None:
    driver, call = made(state)
    offer_id = call.offer.id if call.offer else ""
    for cti_id in ("a1", "a3"):
        assert driver.refused(commands.AnswerOffer(cti_id, offer_id)) == "not_found"
        assert driver.refused(commands.DeclineOffer(cti_id, offer_id)) == "not_found"
    assert driver.refused(commands.AnswerOffer("a2", offer_id)) == "answer_on_phone"
    driver.tell(commands.DeclineOffer("a2", offer_id))
    assert driver.offers()[-1] == "declined"


@pytest.mark.parametrize("state", [s for s in S if s not in (*NOBODYS, *OVER)])
def test_who_is_in_a_call_dials_no_other(state: CallState) -> None:
    driver, _ = made(state)
    assert driver.refused(commands.Dial("a1", OUTSIDE, CALLING)) == "not_allowed_now"


def test_a_second_consultation_force_disconnect_and_resume_are_refused() -> None:
    driver, call = made(S.CONSULT_TALKING)
    assert driver.refused(commands.StartConsult("a1", call.id, agent="a3")) == "not_allowed_now"
    driver, call = made(S.TALKING)
    assert driver.refused(commands.ResumeCall("a1", call.id)) == "not_allowed_now"
    driver.tell(commands.ForceDisconnect("a1", call.id, REASONS[0]))
    assert driver.refused(commands.ForceDisconnect("a1", call.id, REASONS[0])) == "call_changed"


@pytest.mark.parametrize("state", [S.TALKING, S.ON_HOLD])
@pytest.mark.parametrize("kind", [commands.StartConsult, commands.TransferCall])
@pytest.mark.parametrize(
    ("number", "cti_id", "code"),
    [
        ("1001", None, "target_is_self"),
        (None, "a1", "target_is_self"),
        ("1002", None, "target_not_ready"),
        (None, "a3", "target_not_ready"),
        (None, "ghost", "not_found"),
        ("+449012345678", None, "number_not_allowed"),
        ("999", None, "invalid_number"),
        (None, None, "invalid_number"),
    ],
)
def test_a_target_that_cannot_be_is_refused(
    state: CallState, kind: type[commands.StartConsult], number: str | None, cti_id: str | None, code: str
) -> None:
    driver, call = made(state)
    assert driver.refused(kind("a1", call.id, number, cti_id)) == code


@pytest.mark.parametrize("state", S)
def test_given_each_state_when_the_agent_logs_out_then_only_a_call_they_are_in_keeps_them(state: CallState) -> None:
    driver, _ = made(state)
    check(driver, commands.LogOut("a1", "session-a1"), LOG_OUT[state])
    assert driver.refused(commands.LogOut("a1", "an old session")) == "unauthenticated"


@pytest.mark.parametrize("state", TARGETED)
def test_given_each_state_when_the_target_logs_out_then_only_a_call_that_rings_lets_them(state: CallState) -> None:
    driver, _ = made(state)
    rings = state in (S.CONSULT_RINGING, S.TRANSFER_RINGING, S.INTERNAL_RINGING)
    check(driver, commands.LogOut("a2", "session-a2"), None if rings else "not_allowed_now")


@pytest.mark.parametrize("state", S)
def test_another_agents_call_and_offer_are_not_found(state: CallState) -> None:
    driver, call = made(state)
    for asking, _ in COMMANDS.values():
        assert driver.refused(asking("a3", call.id)) == "not_found"
    assert driver.refused(commands.AnswerOffer("a3", offer_of(driver, call))) == "not_found"
    assert driver.refused(commands.DeclineOffer("a3", offer_of(driver, call))) == "not_found"


@pytest.mark.parametrize("state", [s for s in S if s not in (*NOBODYS, *OVER)])
def test_commands_on_a_call_whose_node_is_away_wait_for_it_but_hanging_up(state: CallState) -> None:
    driver, call = made(state)
    driver.tell(facts.NodeLost(NODE))
    offered = call.offer is not None and call.offer.cti_id == "a1"
    assert allowed_actions(driver.center.floor, driver.agent("a1"), call) == ([] if offered else ["hangup"])
    for name, (asking, _) in COMMANDS.items():
        if name not in ("recall", "hangup"):
            assert driver.refused(asking("a1", call.id)) == "pbx_unavailable"
    if call.offer and call.offer.cti_id == "a1":
        assert driver.refused(commands.DeclineOffer("a1", offer_of(driver, call))) == "pbx_unavailable"
        assert driver.refused(commands.AnswerOffer("a1", offer_of(driver, call))) == "pbx_unavailable"
    driver.tell(commands.HangUpCall("a1", call.id))
    assert driver.agent("a1").call_id is None


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
        assert driver.refused(commands.SetStatus("a1", status, reason)) == "invalid_body"
        assert driver.refused(commands.SetNextStatus("a1", status, reason)) == "invalid_body"


def test_a_wish_without_a_call_is_refused() -> None:
    driver = staffed()
    assert driver.refused(commands.SetNextStatus("a1", "rest", None)) == "not_allowed_now"


def test_answer_with_a_phone_that_is_gone_is_told_so() -> None:
    driver = staffed("auto")
    call = driver.arrive()
    driver.agent("a1").phone_retry_at = driver.now + 5
    assert driver.refused(commands.AnswerOffer("a1", offer_of(driver, call))) == "phone_unreachable"


def test_who_is_not_known_or_not_logged_in_or_not_permitted_can_do_nothing() -> None:
    driver = Driver(directory(agent_entry(1), AgentEntry("mute", "1009", phone_permission=False)))
    driver.connect()
    assert driver.refused(commands.LogIn("ghost", "s", "c")) == "not_found"
    assert driver.refused(commands.LogIn("mute", "s", "c")) == "no_phone_permission"
    assert driver.refused(commands.SetStatus("a1", "ready", None)) == "unauthenticated"
    assert driver.refused(commands.SetNextStatus("a1", "ready", None)) == "unauthenticated"
    assert driver.refused(commands.LogOut("a1", "s")) == "unauthenticated"
    for command in (
        commands.AnswerOffer("ghost", "o"),
        commands.DeclineOffer("ghost", "o"),
        commands.HangUpCall("ghost", "c"),
    ):
        assert driver.refused(command) == "not_found"


@pytest.mark.parametrize("name", SITUATIONS)
@pytest.mark.parametrize("cti_id", ["a1", "a2"])
def test_what_the_panel_says_is_allowed_is_not_refused_and_the_other_way_round(cti_id: str, name: str) -> None:
    for action in ("answer", "decline", *COMMANDS):
        driver, call = situation(name)
        if action == "answer":
            command: commands.Command = commands.AnswerOffer(cti_id, offer_of(driver, call, cti_id))
        elif action == "decline":
            command = commands.DeclineOffer(cti_id, offer_of(driver, call, cti_id))
        else:
            command = COMMANDS[action][0](cti_id, call.id)
        if action == "dtmf" and name == "three_together outside":
            command = commands.SendDigits(cti_id, call.id, "1#", Role.TARGET)
        if action in agent_view(driver.center.floor, cti_id)["allowed_actions"]:
            driver.tell(command)
        else:
            driver.refused(command)


def test_answer_is_allowed_in_mode_auto_while_it_alerts() -> None:
    driver = staffed("auto")
    call = driver.arrive()
    assert agent_view(driver.center.floor, "a1")["allowed_actions"] == ["answer", "decline"]
    driver.tell(commands.AnswerOffer("a1", offer_of(driver, call)))
    assert call.state is S.ACCEPTED
