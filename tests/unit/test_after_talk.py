"""A caller goes on in the scenario after the talk: one question about how they were served."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.notices import CallEnded
from cti_bridge.domain.border.records import CallRow, ScenarioStep
from cti_bridge.domain.model.agent import Status
from cti_bridge.domain.model.call import Call, CallState, Place, Role
from cti_bridge.domain.model.directory import Queue
from cti_bridge.domain.model.scenario import Enqueue, HangUp, Menu, Scenario, SetValues, Voicemail
from tests.unit.floor import NUMBER, Driver
from tests.unit.situations import playing, staffed, state_of
from tests.unit.test_queue_exits import CUSTOMER, heard, over, visits
from tests.unit.test_recovery import as_it_is

S = CallState
STEPS = (
    Enqueue("support", {"after_talk": "rate", "longest_wait": "bye"}, "support"),
    Menu("rate", {"1": "good", "2": "again", "3": "say", "otherwise": "bye"}, "sound:rate", tries=1),
    SetValues("good", {"next": "bye"}, variables={"rated": "good"}),
    Enqueue("again", {}, "support"),
    Voicemail("say", {"next": "bye", "otherwise": "bye"}, "sound:say", 60, "support"),
    HangUp("bye", {}, "sound:bye"),
)


def talk(*steps: Any, rings: Callable[[Driver], object] = lambda driver: None) -> tuple[Driver, Call]:
    """a1 talks to a caller whose step has the exit. ``rings`` happens while the phone rings."""
    driver = staffed()
    scenario = Scenario("main", "acme", (NUMBER,), "support", {step.name: step for step in steps or STEPS})
    queues = {"support": Queue("support", "acme", longest_wait_s=600)}
    driver.tell(facts.ConfigurationChanged(_house(driver, scenario, queues)))
    call = driver.arrive(leg_id=CUSTOMER)
    driver.agent_leg(call)
    rings(driver)
    driver.answer(call)
    assert state_of(call) is S.TALKING
    driver.pass_time(30)
    heard(driver)
    return driver, call


def _house(driver: Driver, scenario: Scenario, queues: dict[str, Queue]) -> Any:
    return replace(driver.center.floor.directory, scenarios={"main": scenario}, queues=queues)


def agent_hangs_up(driver: Driver, call: Call) -> None:
    driver.tell(facts.LegEnded(call.agent_leg or "", 16))


def ends_it_in_the_panel(driver: Driver, call: Call) -> None:
    driver.tell(commands.HangUpCall("a1", call.id))


def holds_and_ends_it(driver: Driver, call: Call) -> None:
    driver.tell(commands.HoldCall("a1", call.id))
    driver.tell(commands.HangUpCall("a1", call.id))


def ends(driver: Driver, call: Call) -> tuple[str | None, str | None]:
    row = [row for row in driver.records if isinstance(row, CallRow) and row.id == call.id][-1]
    return row.outcome, row.ended_by


@pytest.mark.parametrize("leave", [agent_hangs_up, ends_it_in_the_panel, holds_and_ends_it])
def test_when_the_agent_ends_the_talk_then_the_caller_is_asked_and_the_agent_is_free(leave: Any) -> None:
    driver, call = talk()
    leave(driver, call)
    assert (state_of(call), heard(driver)) == (S.IN_SCENARIO, ["sound:rate"])
    customer = call.leg_of(Role.CUSTOMER)
    assert customer is not None and customer.place is Place.MESSAGE
    agent = driver.agent("a1")
    assert (agent.call_id, agent.status, agent.processes_a_ticket) == (None, Status.BUSINESS, True)
    assert [n.outcome for n in driver.notices if isinstance(n, CallEnded) and n.cti_id == "a1"] == ["completed"]
    (visit,) = visits(driver, call)
    assert (visit.exit, visit.answered_by, visit.talk_s) == ("answered", "a1", 30.0)


def test_the_answer_stands_on_the_call_which_is_completed_at_its_end() -> None:
    driver, call = talk()
    agent_hangs_up(driver, call)
    driver.tell(facts.DigitPressed(CUSTOMER, "1"))
    assert (state_of(call), heard(driver)) == (S.ANNOUNCING, ["sound:rate", "sound:bye"])
    over(driver, call)
    assert ends(driver, call) == ("completed", "system")
    assert call.variables == {"rated": "good"}
    steps = [(row.step, row.exit) for row in driver.records if isinstance(row, ScenarioStep)]
    assert steps == [("support", "after_talk"), ("rate", "1"), ("good", "next")]


def test_a_key_of_before_the_talk_answers_nothing_behind_it() -> None:
    """The queue remembers one that is pressed while a phone rings."""
    support = Enqueue("support", {"after_talk": "rate", "1": "again"}, "support")
    driver, call = talk(support, *STEPS[1:], rings=lambda one: one.tell(facts.DigitPressed(CUSTOMER, "1")))
    agent_hangs_up(driver, call)
    assert (state_of(call), heard(driver)) == (S.IN_SCENARIO, ["sound:rate"])


def test_who_hangs_up_in_the_question_has_not_been_lost() -> None:
    driver, call = talk()
    agent_hangs_up(driver, call)
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert ends(driver, call) == ("completed", "customer")
    assert len(visits(driver, call)) == 1


def test_who_leaves_a_message_behind_the_talk_has_talked_all_the_same() -> None:
    driver, call = talk()
    agent_hangs_up(driver, call)
    driver.tell(facts.DigitPressed(CUSTOMER, "3"))
    over(driver, call)
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert ends(driver, call) == ("completed", "customer")


def test_who_goes_back_to_the_queue_waits_on_a_new_visit_and_may_be_lost_there() -> None:
    driver, call = talk()
    agent_hangs_up(driver, call)
    driver.tell(facts.DigitPressed(CUSTOMER, "2"))
    assert state_of(call) is S.WAITING
    assert [(visit.kind, visit.exit) for visit in visits(driver, call)] == [("new", "answered"), ("new", None)]
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert ends(driver, call)[0] == "abandoned_returned"


def test_the_next_agent_s_talk_is_followed_by_nothing_where_the_step_says_nothing() -> None:
    driver, call = talk()
    driver.log_in("a2")
    agent_hangs_up(driver, call)
    driver.tell(facts.DigitPressed(CUSTOMER, "2"))
    assert call.cti_id == "a2"
    driver.answer(call)
    agent_hangs_up(driver, call)
    assert ends(driver, call) == ("completed", "agent")


def test_nothing_follows_when_the_customer_hangs_up_or_the_pbx_is_away() -> None:
    driver, call = talk()
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert ends(driver, call) == ("completed", "customer")
    driver, call = talk()
    driver.tell(facts.NodeLost(call.node))
    driver.tell(commands.HangUpCall("a1", call.id))
    assert ends(driver, call) == ("completed", "agent")


def test_a_caller_who_was_warned_is_not_asked() -> None:
    driver, call = talk()
    call.state = S.WARNING
    driver.tell(commands.HangUpCall("a1", call.id))
    assert ends(driver, call) == ("completed", "agent")


def test_a_phone_that_is_lost_is_rung_again_before_anybody_is_asked() -> None:
    driver, call = talk()
    driver.tell(facts.LegEnded(call.agent_leg or "", 0, 408))
    assert state_of(call) is S.AGENT_LOST


def test_a_restart_in_the_question_goes_on_with_it() -> None:
    driver, call = talk()
    agent_hangs_up(driver, call)
    other = driver.restarted()
    (again,) = other.center.floor.calls.values()
    other.connect(*as_it_is(again))
    assert state_of(again) is S.IN_SCENARIO and playing(again)
    other.tell(facts.LegEnded(again.customer_leg or "", 16))
    assert ends(other, again) == ("completed", "customer")
