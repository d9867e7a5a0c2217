"""An agent asks for help (requirement L4)."""

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.audit_row import AuditRow
from cti_bridge.domain.border.notices import AgentChanged, Told
from cti_bridge.domain.border.records import CallEvent
from cti_bridge.domain.model.call import CallState
from tests.unit.floor import Driver, agent_view
from tests.unit.situations import made, staffed

OWN, BOSS = ("a1", "192.0.2.7"), ("s1", "192.0.2.1")
SHOWN = "1970-01-12T13:46:40.000Z"


def events(driver: Driver) -> list[tuple[str, object, object]]:
    rows = [one for one in driver.records if isinstance(one, CallEvent) and one.type.startswith("help")]
    return [(row.type, row.detail["cti_id"], row.detail["by_cti_id"]) for row in rows]


def audited(driver: Driver) -> list[tuple[str, str, str]]:
    return [(one.what, one.who, one.object) for one in driver.records if isinstance(one, AuditRow)]


def test_in_a_call_it_is_shown_and_an_event_of_the_call_and_audited() -> None:
    driver, _ = made(CallState.TALKING)
    driver.notices.clear()
    asked_at = driver.now
    driver.tell(commands.AskHelp("a1", *OWN))
    assert driver.agent("a1").help_at == asked_at
    assert AgentChanged("a1") in driver.notices
    driver.now += 60
    driver.tell(commands.AskHelp("a1", *OWN))
    assert driver.agent("a1").help_at == asked_at, "to ask again changes nothing"
    assert events(driver) == [("help_asked", "a1", "a1")]
    driver.tell(commands.EndHelp("a1", *BOSS))
    assert driver.agent("a1").help_at is None
    assert events(driver)[1:] == [("help_ended", "a1", "s1")]
    assert [one for one in driver.notices if isinstance(one, Told)] == [Told("a1", "help_answered", "s1")]
    assert audited(driver) == [("help_asked", "a1", "a1"), ("help_asked", "a1", "a1"), ("help_ended", "s1", "a1")]


def test_without_a_call_it_is_shown_and_audited_and_the_agent_takes_it_back_without_a_word() -> None:
    driver = staffed()
    driver.tell(commands.AskHelp("a1", *OWN))
    assert agent_view(driver.center.floor, "a1")["help_since"] == SHOWN
    driver.tell(commands.EndHelp("a1", *OWN))
    assert agent_view(driver.center.floor, "a1")["help_since"] is None
    assert events(driver) == [] and not any(isinstance(one, Told) for one in driver.notices)


def test_it_is_kept_over_a_restart_and_moves_with_the_clock_and_ends_with_the_session() -> None:
    driver, call = made(CallState.TALKING)
    driver.tell(commands.AskHelp("a1", *OWN))
    other = driver.restarted()
    assert other.agent("a1").help_at == driver.now
    other.now += 3600
    other.tell(facts.ClockMoved(3600, other.now))
    assert other.agent("a1").help_at == other.now
    driver.tell(facts.LegEnded(call.customer_leg or ""))
    assert driver.agent("a1").help_at is not None, "a call that ends does not answer it"
    driver.tell(commands.LogOut("a1", "session-a1"))
    assert driver.agent("a1").help_at is None


def test_it_is_refused_where_nobody_is_there_to_ask_or_nobody_asks() -> None:
    driver = staffed()
    assert driver.refused(commands.EndHelp("a1", *OWN)) == "not_allowed_now"
    driver.tell(commands.LogOut("a1", "session-a1"))
    assert driver.refused(commands.AskHelp("a1", *OWN)) == "not_allowed_now"
