"""The reasons of rest and business (requirement B3): chosen, shown, written down and kept, in one way for both."""

from dataclasses import replace

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.errors import InvalidBody
from cti_bridge.domain.border.records import AgentStateChange
from cti_bridge.domain.model.agent import Reason
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.directory import Policy
from cti_bridge.domain.queue.working import works
from cti_bridge.watching.rows import agent_row
from tests.unit.floor import Driver, agent_view
from tests.unit.situations import CUSTOMER, staffed, talking

HOUSE = Policy(business_reasons=("meeting", "own_word"), rest_reasons=("break", "meal"), ticket_processing_limit_s=60)
OTHERS = replace(HOUSE, business_reasons=("another",), rest_reasons=("another",))
EACH = pytest.mark.parametrize(
    ("status", "reason", "label"), [("business", "meeting", "Business (Meeting)"), ("rest", "meal", "Rest (Meal)")]
)

Ask = type[commands.SetStatus | commands.SetNextStatus | commands.SetAgentStatus]


def house() -> Driver:
    return staffed(policy=HOUSE)


def chosen(driver: Driver) -> tuple[str, str | None]:
    return driver.agent("a1").status, driver.agent("a1").reason


def changes(driver: Driver) -> list[AgentStateChange]:
    return [one for one in driver.records if isinstance(one, AgentStateChange) and one.cti_id == "a1"]


def asked(ask: Ask, status: str, reason: str | None) -> commands.Command:
    by = ("s1", "192.0.2.1") if ask is commands.SetAgentStatus else ()
    return ask("a1", status, reason, *by)


def why_refused(driver: Driver, status: str, reason: str | None, ask: Ask = commands.SetStatus) -> str:
    with pytest.raises(InvalidBody) as refusal:
        driver.center.handle(asked(ask, status, reason), driver.now)
    return str(refusal.value)


def reload(driver: Driver, policy: Policy) -> None:
    driver.tell(facts.ConfigurationChanged(replace(driver.center.floor.directory, policy=policy)))


@EACH
def test_it_is_shown_and_written_down_and_no_call_comes(status: str, reason: str, label: str) -> None:
    driver = house()
    driver.tell(commands.SetStatus("a1", status, reason))
    floor, agent = driver.center.floor, driver.agent("a1")
    view, row = agent_view(floor, "a1"), agent_row(floor, agent, driver.now)
    assert (view["status"], view["reason"], view["label"]) == (row.status, row.reason, row.label)
    assert (row.status, row.reason, row.label) == (status, reason, label)
    assert driver.arrive().state is CallState.WAITING and not works(floor, agent)
    driver.pass_time(200)
    driver.tell(commands.SetStatus("a1", status, None))
    came, left = changes(driver)[-2:]
    assert (came.to_status, came.reason) == (left.from_status, left.from_reason) == (status, reason)
    assert (left.to_status, left.reason, left.lasted_s) == (status, None, 200), "without one it is another"


def test_a_word_of_the_house_is_shown_as_words() -> None:
    driver = house()
    driver.tell(commands.SetStatus("a1", "business", "own_word"))
    assert driver.agent("a1").label == "Business (Own word)"


@EACH
@pytest.mark.parametrize("ask", [commands.SetStatus, commands.SetNextStatus, commands.SetAgentStatus])
def test_chosen_in_a_call_it_holds_behind_it(ask: Ask, status: str, reason: str, label: str) -> None:
    driver, _ = talking(house())
    driver.tell(asked(ask, status, reason))
    assert agent_view(driver.center.floor, "a1")["next_status"] == {"status": status, "reason": reason}
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert (chosen(driver), driver.agent("a1").label) == ((status, reason), label)


@EACH
def test_a_supervisor_sets_it(status: str, reason: str, label: str) -> None:
    driver = house()
    driver.tell(asked(commands.SetAgentStatus, status, reason))
    assert (chosen(driver), driver.agent("a1").label) == ((status, reason), label)
    assert (changes(driver)[-1].cause, changes(driver)[-1].by) == ("supervisor", "s1")


@EACH
def test_a_restart_of_the_bridge_keeps_it_and_the_one_that_is_wished_for(status: str, reason: str, label: str) -> None:
    driver, _ = talking(house())
    driver.tell(commands.SetNextStatus("a1", status, reason))
    again = driver.restarted()
    assert (again.agent("a1").next_status, again.agent("a1").next_reason) == (status, reason)
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    again = driver.restarted()
    assert (chosen(again), again.agent("a1").label) == ((status, reason), label)


@EACH
@pytest.mark.parametrize("ask", [commands.SetStatus, commands.SetNextStatus, commands.SetAgentStatus])
def test_one_that_is_not_configured_is_refused_and_named_with_those_that_are(
    ask: Ask, status: str, reason: str, label: str
) -> None:
    driver, _ = talking(house())
    known = {"business": "meeting, own_word", "rest": "break, meal"}[status]
    other = {"business": "meal", "rest": "meeting"}[status]
    for wrong in (other, "siesta", "", *Reason):
        assert driver.refused(asked(ask, status, wrong)) == "invalid_body"
        assert why_refused(driver, status, wrong, ask) == f"{wrong!r} is not one of the reasons of {status}: {known}."


@pytest.mark.parametrize("status", ["ready", "rest", "offline"])
def test_what_has_no_reasons_is_refused_with_one(status: str) -> None:
    driver = staffed(policy=Policy())
    assert why_refused(driver, status, "meal", commands.SetAgentStatus) == f"{status} has no reasons."
    driver.tell(commands.SetStatus("a1", "rest", None))
    assert (chosen(driver), driver.agent("a1").label) == (("rest", None), "Rest"), "as without the setting"


@EACH
def test_a_reload_that_takes_it_away_leaves_who_has_it_and_lets_nobody_choose_it_again(
    status: str, reason: str, label: str
) -> None:
    driver = house()
    driver.tell(commands.SetStatus("a1", status, reason))
    reload(driver, OTHERS)
    assert (chosen(driver), driver.agent("a1").label) == ((status, reason), label)
    assert driver.refused(commands.SetStatus("a1", status, reason)) == "invalid_body"
    driver.tell(commands.SetStatus("a1", status, "another"))
    assert chosen(driver) == (status, "another")


@EACH
def test_a_reload_that_takes_it_away_leaves_the_wish_for_it(status: str, reason: str, label: str) -> None:
    driver, _ = talking(house())
    driver.tell(commands.SetNextStatus("a1", status, reason))
    reload(driver, OTHERS)
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert (chosen(driver), driver.agent("a1").label) == ((status, reason), label)
