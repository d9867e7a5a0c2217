"""Sessions that end by themselves, with a password, or at the operator's word."""

from dataclasses import replace

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.notices import ConfigurationTaken, SessionEnded
from cti_bridge.domain.model.agent import Status
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.directory import Directory, Policy
from cti_bridge.domain.model.words import SessionOver
from tests.unit.floor import Driver
from tests.unit.situations import made, staffed, talking

IDLE_S, LONGEST_S = 600.0, 3600.0
POLICY = Policy(session_idle_s=IDLE_S, session_longest_s=LONGEST_S)


def aged(driver: Driver, by_s: float) -> None:
    driver.now += by_s
    driver.tell(facts.SessionsAged())


def ended(driver: Driver, cti_id: str = "a1") -> list[SessionOver]:
    return [one.why for one in driver.notices if isinstance(one, SessionEnded) and one.cti_id == cti_id]


def test_given_no_panel_no_call_and_no_request_then_the_session_ends_after_the_idle_time() -> None:
    driver = staffed(policy=POLICY)
    aged(driver, IDLE_S - 1)
    driver.tell(commands.SessionUsed("a2", "session-a2"))
    driver.tell(commands.SessionUsed("a2", "session of somebody else"))
    aged(driver, 1)
    assert driver.agent("a2").logged_in, "a request is a use"
    aged(driver, IDLE_S - 2)
    assert driver.agent("a2").logged_in
    aged(driver, 1)
    assert (driver.agent("a2").status, ended(driver, "a2")) == (Status.OFFLINE, [SessionOver.IDLE])
    assert driver.history("a2")[-1][-1] == "limit"
    assert "session-a2" not in driver.center.floor.by_session
    assert driver.agent("a1").logged_in, "a panel that is open is a use"


def test_given_a_panel_that_goes_then_the_idle_time_begins_there() -> None:
    driver = staffed(policy=POLICY)
    driver.now += IDLE_S * 2
    driver.tell(commands.PanelChanged("a1", live=False))
    driver.pass_time(30)
    aged(driver, IDLE_S - 31)
    assert driver.agent("a1").logged_in
    aged(driver, 1)
    assert ended(driver) == [SessionOver.IDLE]


def test_given_a_call_then_nobody_is_idle_and_the_idle_time_begins_behind_it() -> None:
    driver, call = talking(staffed(policy=POLICY))
    driver.tell(commands.PanelChanged("a1", live=False))
    driver.pass_time(30)
    aged(driver, IDLE_S)
    assert driver.agent("a1").logged_in and call.state is CallState.TALKING
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    aged(driver, IDLE_S - 1)
    assert driver.agent("a1").logged_in
    aged(driver, 1)
    assert ended(driver) == [SessionOver.IDLE]


def test_given_the_longest_time_then_the_session_ends_with_the_call_and_not_in_it() -> None:
    driver, call = talking(staffed(policy=POLICY))
    aged(driver, LONGEST_S)
    assert (driver.agent("a1").logged_in, call.state) == (True, CallState.TALKING)
    assert ended(driver) == []
    restarted = driver.restarted()
    assert restarted.agent("a1").leaving is SessionOver.LONGEST
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    assert (driver.agent("a1").status, ended(driver)) == (Status.OFFLINE, [SessionOver.LONGEST])


def test_given_a_phone_that_rings_then_the_longest_time_does_not_take_the_call_from_it() -> None:
    driver, call = made(CallState.RINGING)
    directory = replace(driver.center.floor.directory, policy=POLICY)
    driver.tell(facts.ConfigurationChanged(directory))
    aged(driver, LONGEST_S)
    assert (call.cti_id, driver.agent("a1").logged_in) == ("a1", True)


def test_given_no_limits_then_a_session_lasts() -> None:
    driver = staffed(policy=Policy(session_idle_s=0, session_longest_s=0))
    aged(driver, 1e7)
    assert driver.agent("a1").logged_in and driver.agent("a2").logged_in


def test_given_a_checkpoint_of_an_earlier_release_then_the_times_begin_now() -> None:
    driver = staffed(policy=POLICY)
    for cti_id in ("a1", "a2"):
        agent = driver.agent(cti_id)
        agent.session_began_at = agent.session_used_at = 0.0
    aged(driver, LONGEST_S)
    assert driver.agent("a1").logged_in and driver.agent("a2").logged_in
    aged(driver, IDLE_S)
    assert not driver.agent("a2").logged_in


def test_given_a_new_login_then_its_time_begins_anew_and_the_old_one_was_taken_over() -> None:
    driver = staffed(policy=POLICY)
    driver.now += LONGEST_S - 1
    driver.tell(commands.LogIn("a1", "new", "csrf"))
    assert ended(driver) == [SessionOver.TAKEOVER]
    aged(driver, LONGEST_S - 1)
    assert driver.agent("a1").logged_in
    aged(driver, 1)
    assert ended(driver) == [SessionOver.TAKEOVER, SessionOver.LONGEST]


# ------------------------------------------------------------------------------- the operator


@pytest.mark.parametrize("state", [CallState.RINGING, CallState.ACCEPTED])
def test_given_the_operator_ends_the_session_of_an_agent_who_is_rung_then_the_next_gets_the_call(
    state: CallState,
) -> None:
    driver, call = made(state)
    driver.tell(commands.SetStatus("a2", "ready", None))
    driver.tell(commands.EndSession("a1"))
    assert (driver.agent("a1").logged_in, call.cti_id) == (False, "a2")
    assert (ended(driver), driver.history("a1")[-1][-1]) == ([SessionOver.OPERATOR], "logout")


def test_given_the_operator_ends_the_session_of_an_agent_who_talks_then_when_the_call_ends() -> None:
    driver, call = talking()
    driver.tell(commands.EndSession("a1"))
    assert (driver.agent("a1").logged_in, call.state) == (True, CallState.TALKING)
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    assert ended(driver) == [SessionOver.OPERATOR]
    driver.tell(commands.EndSession("a1"))
    assert ended(driver) == [SessionOver.OPERATOR], "nobody is there any more"
    assert driver.refused(commands.EndSession("nobody")) == "not_found"


# ------------------------------------------------------------------------------- passwords


def marked(directory: Directory, **marks: str) -> Directory:
    agents = {
        cti_id: replace(entry, password_mark=marks.get(cti_id, entry.password_mark))
        for cti_id, entry in directory.agents.items()
    }
    return replace(directory, agents=agents)


def with_passwords() -> Driver:
    driver = staffed()
    driver.tell(facts.ConfigurationChanged(marked(driver.center.floor.directory, a1="one", a2="two")))
    driver.tell(commands.LogIn("a1", "session-a1", "csrf", "one"))
    driver.tell(commands.LogIn("a2", "session-a2", "csrf", "two"))
    driver.notices.clear()
    return driver


def test_given_a_changed_password_then_its_session_ends_and_no_other() -> None:
    driver = with_passwords()
    driver.tell(facts.ConfigurationChanged(marked(driver.center.floor.directory, a1="other")))
    assert (ended(driver), ended(driver, "a2")) == ([SessionOver.PASSWORD], [])
    taken = next(one for one in driver.notices if isinstance(one, ConfigurationTaken))
    assert (taken.logged_out, taken.differences.of["agents"].changed) == (("a1",), ("a1",))
    driver.tell(commands.LogIn("a1", "new", "csrf", "other"))
    assert driver.agent("a1").logged_in


def test_given_a_password_that_was_changed_while_no_bridge_ran_then_its_session_ends_at_the_start() -> None:
    driver = with_passwords()
    other = driver.restarted(marked(driver.center.floor.directory, a1="other"))
    assert (other.agent("a1").logged_in, other.agent("a2").logged_in) == (False, True)


def test_given_a_changed_password_of_an_agent_who_talks_then_the_session_ends_behind_the_call() -> None:
    driver, call = talking(with_passwords())
    driver.tell(facts.ConfigurationChanged(marked(driver.center.floor.directory, a1="other")))
    assert (driver.agent("a1").logged_in, call.state) == (True, CallState.TALKING)
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    assert ended(driver) == [SessionOver.PASSWORD]


def test_given_a_password_that_was_changed_while_it_was_verified_then_it_lets_nobody_in() -> None:
    driver = with_passwords()
    assert driver.refused(commands.LogIn("a1", "new", "csrf", "before")) == "unauthenticated"
    assert driver.agent("a1").session == "session-a1"


# ------------------------------------------------------------------------------- a program beside the agent


def beside(driver: Driver, session: str = "program") -> None:
    driver.tell(commands.LogIn("a1", session, "", beside=True))


def test_given_a_program_beside_then_the_agents_session_goes_on_and_a_second_program_takes_its_place() -> None:
    driver = staffed()
    beside(driver)
    floor = driver.center.floor
    assert (driver.agent("a1").session, floor.by_session["program"]) == ("session-a1", "a1")
    assert ended(driver) == []
    other = driver.restarted()
    assert other.center.floor.by_session["program"] == "a1"
    beside(driver, "second")
    assert "program" not in floor.by_session and ended(driver) == [SessionOver.TAKEOVER]
    driver.tell(commands.LogIn("a1", "new", "csrf"))
    assert floor.by_session["second"] == floor.by_session["new"] == "a1"


def test_given_a_program_that_logs_out_then_the_agent_stays_and_when_the_agent_goes_so_does_the_program() -> None:
    driver = staffed()
    beside(driver)
    driver.tell(commands.LogOut("a1", "program"))
    assert driver.agent("a1").logged_in and ended(driver) == [SessionOver.LOGOUT]
    assert driver.refused(commands.LogOut("a1", "program")) == "unauthenticated"
    beside(driver)
    driver.tell(commands.LogOut("a1", "session-a1"))
    assert not {"program", "session-a1"} & driver.center.floor.by_session.keys()
    assert driver.refused(commands.LogIn("a1", "program", "", beside=True)) == "not_allowed_now"
