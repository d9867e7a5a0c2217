"""Steps that give a call its values and lead on by them: set and branch."""

from dataclasses import replace

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import StartPlayback
from cti_bridge.domain.border.records import CallRow, TicketOpened
from cti_bridge.domain.model.agent import AgentState
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.number_list import number_list
from cti_bridge.domain.model.scenario import Branch, Enqueue, Play, Scenario, SetValues, Step
from tests.unit.floor import NUMBER, Driver, agent_view
from tests.unit.situations import CUSTOMER, playing, situation
from tests.unit.test_scenarios import BYE, SUPPORT, house, reconfigured, way

S = CallState
GOLD = SetValues("gold", {"next": "support"}, 10, {"english": 5}, "contract/gold", "en", {"tier": "gold"}, 60)


def test_set_gives_the_call_what_the_step_names_and_goes_on_at_once() -> None:
    driver = house(GOLD, SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    assert call.state is S.WAITING and way(driver) == [("gold", "next")]
    assert (call.priority, call.skills, call.category, call.language) == (10, {"english": 5}, "contract/gold", "en")
    assert call.variables == {"tier": "gold"}


def test_what_a_later_set_does_not_name_stays_as_it_was() -> None:
    more = SetValues("more", {"next": "support"}, skills={"english": 2, "sales": 1}, variables={"origin": "web"})
    driver = house(replace(GOLD, exits={"next": "more"}), more, SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    assert (call.priority, call.skills, call.category) == (10, {"english": 2, "sales": 1}, "contract/gold")
    assert call.variables == {"tier": "gold", "origin": "web"}


def test_the_configuration_is_not_changed_by_the_calls_that_go_through_it() -> None:
    driver = house(GOLD, SetValues("more", {}, skills={"sales": 1}, variables={"a": "b"}), SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    call.skills["german"], call.variables["c"] = 1, "d"
    assert GOLD.skills == {"english": 5} and GOLD.variables == {"tier": "gold"}


def test_agents_ticket_and_row_have_the_values() -> None:
    driver = house(GOLD, SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    driver.tell(commands.SetStatus("a1", "ready", None))
    shown = agent_view(driver.center.floor, "a1")["call"]
    assert (shown["data"], shown["category"]) == ({"tier": "gold"}, "contract/gold")
    driver.answer(call)
    opened = [record for record in driver.records if isinstance(record, TicketOpened)][-1]
    assert (opened.detail["data"], opened.detail["category"]) == ({"tier": "gold"}, "contract/gold")
    row = [record for record in driver.records if isinstance(record, CallRow)][-1]
    assert (row.priority, row.category, row.data) == (10, "contract/gold", {"tier": "gold"})


def test_a_call_without_values_has_none_in_its_row_and_ticket() -> None:
    driver, _ = situation("talking")
    row = [record for record in driver.records if isinstance(record, CallRow)][-1]
    opened = [record for record in driver.records if isinstance(record, TicketOpened)][-1]
    assert (row.priority, row.category, row.data) == (0, None, None)
    assert not {"data", "category"} & opened.detail.keys()


def test_the_priority_of_a_call_goes_before_arrival_in_its_queue() -> None:
    driver = house(SUPPORT, BYE)
    first = driver.arrive(leg_id="caller-1")
    reconfigured(driver, Scenario("main", "acme", (NUMBER,), "gold", {one.name: one for one in (GOLD, SUPPORT, BYE)}))
    driver.pass_time(1)
    second = driver.arrive(leg_id="caller-2")
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert (second.state, first.state) == (S.RINGING, S.WAITING)


def test_messages_are_in_the_language_of_the_scenario_or_of_a_set_before() -> None:
    spoken = (Play("hello", {"next": "english"}, "sound:a"), SetValues("english", {"next": "bye"}, language="en"), BYE)
    driver = house(*spoken)
    scenario = replace(driver.center.floor.directory.scenarios["main"], language="ko")
    reconfigured(driver, scenario)
    call = driver.arrive(leg_id=CUSTOMER)
    driver.tell(facts.PlaybackEnded(playing(call)))
    heard = [(one.media, one.language) for one in driver.actions if isinstance(one, StartPlayback)]
    assert heard == [("sound:a", "ko"), ("sound:bye", "en")]


# ------------------------------------------------------------------------------- branch


def branching(on: str, *cases: str, queue: str = "") -> Branch:
    return Branch("which", {**{case: f"at-{i}" for i, case in enumerate(cases)}, "otherwise": "bye"}, on, cases, queue)


def asked(branch: Branch, *before: Step) -> Driver:
    """One whose number asks this; each case leads to a queue."""
    queues = [Enqueue(f"at-{i}", {"longest_wait": "bye"}, "support") for i in range(len(branch.cases))]
    return house(*before, branch, *queues, BYE)


def taken(driver: Driver) -> str:
    """The exit of the branch that was taken last."""
    return next(exit_ for step, exit_ in reversed(way(driver)) if step == "which")


@pytest.mark.parametrize(("value", "expected"), [("gold", "gold"), ("silver", "silver"), ("wood", "otherwise")])
def test_a_branch_on_a_variable_takes_the_case_of_its_value(value: str, expected: str) -> None:
    values = SetValues("values", {"next": "which"}, variables={"look.tier": value})
    driver = asked(branching("look.tier", "silver", "gold"), values)
    driver.arrive(leg_id=CUSTOMER)
    assert taken(driver) == expected


def test_a_branch_on_a_variable_that_nobody_has_set_goes_otherwise() -> None:
    driver = asked(branching("tier", "gold"))
    driver.arrive(leg_id=CUSTOMER)
    assert taken(driver) == "otherwise"


def listing(driver: Driver, **lists: list[str]) -> None:
    house = driver.center.floor.directory
    made = {name: number_list(name, entries) for name, entries in lists.items()}
    driver.tell(facts.ConfigurationChanged(replace(house, number_lists=made)))


@pytest.mark.parametrize(
    ("caller", "expected"),
    [("+821055500001", "few"), ("+821055500002", "many"), ("+82105550000", "many"), ("+821066600001", "otherwise")],
)
def test_a_branch_on_the_number_takes_the_first_list_that_has_it(caller: str, expected: str) -> None:
    driver = asked(branching("number", "few", "many", "gone"))
    listing(driver, few=["+821055500001"], many=["+821055500001", "+8210555*"])
    driver.arrive(leg_id=CUSTOMER, caller=caller)
    assert taken(driver) == expected


def test_a_withheld_number_is_on_no_list_of_a_branch() -> None:
    driver = asked(branching("number", "all"))
    listing(driver, all=["+8*"])
    driver.tell(facts.CallArrived("main", CUSTOMER, NUMBER, None, "", driver.now, withheld_number="+821055500001"))
    assert taken(driver) == "otherwise"


@pytest.mark.parametrize(("cases", "expected"), [(("any", "threat"), "threat"), (("any",), "any"), ((), "otherwise")])
def test_a_branch_on_the_mark_takes_its_reason_before_any(cases: tuple[str, ...], expected: str) -> None:
    driver, call = situation("talking")
    driver.tell(commands.ForceDisconnect("a1", call.id, "threat", None))
    driver.tell(facts.PlaybackEnded(playing(call)))
    branch = branching("mark", *cases)
    queues = [Enqueue(f"at-{i}", {}, "support") for i in range(len(cases))]
    steps = {step.name: step for step in (branch, *queues, BYE)}
    reconfigured(driver, Scenario("main", "acme", (NUMBER,), "which", steps))
    driver.arrive(leg_id="caller-9")
    assert taken(driver) == expected


def test_a_branch_on_the_mark_of_nobody_goes_otherwise() -> None:
    driver = asked(branching("mark", "any"))
    driver.arrive(leg_id=CUSTOMER)
    assert taken(driver) == "otherwise"


def test_a_branch_on_the_calls_that_wait_takes_the_highest_threshold_that_is_reached() -> None:
    branch = branching("queue.waiting", "2", "10", "1", queue="support")
    driver = asked(replace(branch, exits={**branch.exits, "otherwise": "at-0"}))
    found = []
    for n in range(12):
        driver.arrive(leg_id=f"caller-{n}")
        found.append(taken(driver))
    assert found == ["otherwise", "1", *["2"] * 8, "10", "10"]


def test_a_branch_on_the_longest_wait_counts_a_call_that_rings_too() -> None:
    driver = asked(branching("queue.longest_s", "7.5", "15", queue="support"))
    driver.tell(commands.SetStatus("a1", "ready", None))
    listing(driver)
    reconfigured(driver, replace(driver.center.floor.directory.scenarios["main"], start="at-0"))
    first = driver.arrive(leg_id="caller-1")
    assert first.state is S.RINGING
    reconfigured(driver, replace(driver.center.floor.directory.scenarios["main"], start="which"))
    found = []
    for n, seconds in enumerate((7.4, 0.2, 7.5), 2):
        driver.pass_time(seconds)
        call = driver.arrive(leg_id=f"caller-{n}")
        found.append(taken(driver))
        driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    assert found == ["otherwise", "7.5", "15"]


def test_a_branch_on_those_who_work_counts_the_ready_and_the_busy_and_nobody_on_a_break() -> None:
    driver = asked(branching("queue.working", "1", "2", queue="support"))
    found = []
    for n, (cti_id, status) in enumerate([("a1", "rest"), ("a1", "ready"), ("a2", "ready")]):
        driver.tell(commands.SetStatus(cti_id, status, None))
        driver.arrive(leg_id=f"caller-{n}")
        found.append(taken(driver))
    assert found == ["otherwise", "1", "2"] and driver.agent("a1").state is AgentState.RINGING


def test_another_queues_calls_do_not_count() -> None:
    driver = asked(branching("queue.waiting", "1", queue="sales"))
    driver.arrive(leg_id="caller-1")
    driver.arrive(leg_id="caller-2")
    assert taken(driver) == "otherwise"


def test_what_a_branch_has_no_exit_for_ends_with_the_last_message() -> None:
    driver = house(Branch("which", {}, "tier", ()), BYE)
    assert driver.arrive(leg_id=CUSTOMER).state is S.ANNOUNCING
