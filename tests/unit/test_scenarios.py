"""Scenarios: from step to step, by keys and by time."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import StartMusic, StartPlayback, StopPlayback
from cti_bridge.domain.border.commands import SetHoursOverride
from cti_bridge.domain.border.records import ScenarioStep
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.hours import Hours, Opening, OpenState
from cti_bridge.domain.model.scenario import AskHours, Enqueue, Goto, HangUp, Menu, Play, Scenario, Step
from cti_bridge.domain.scenario.interpreter import MOST_AT_ONCE
from cti_bridge.domain.scenario.typed import MOST_KEYS, keys
from tests.unit.floor import NUMBER, Driver
from tests.unit.situations import CUSTOMER, LONGEST_S, playing, staffed
from tests.unit.test_recovery import as_it_is, call_of

S = CallState
PROMPT_S = 6.0


def house(*steps: Step, start: str = "", others: Sequence[Scenario] = ()) -> Driver:
    """One whose number has these steps; nobody is ready."""
    driver = staffed()
    driver.tell(commands.SetStatus("a1", "rest", None))
    scenario = Scenario("main", "acme", (NUMBER,), start or steps[0].name, {step.name: step for step in steps})
    reconfigured(driver, scenario, *others)
    return driver


def reconfigured(driver: Driver, *scenarios: Scenario) -> None:
    config = driver.center.floor.directory
    driver.tell(facts.ConfigurationChanged(replace(config, scenarios={one.id: one for one in scenarios})))


def ordered(driver: Driver) -> list[type]:
    """Since this was asked last."""
    actions, driver.actions = driver.actions, []
    return [type(action) for action in actions]


def heard(driver: Driver) -> list[str]:
    """Since this was asked last."""
    actions, driver.actions = driver.actions, []
    return [action.media for action in actions if isinstance(action, StartPlayback)]


def way(driver: Driver) -> list[tuple[str, str]]:
    return [(row.step, row.exit) for row in driver.records if isinstance(row, ScenarioStep)]


def press(driver: Driver, *keys: str) -> None:
    for key in keys:
        driver.tell(facts.DigitPressed(CUSTOMER, key))


def over(driver: Driver, call: Call) -> None:
    """The message ends after its length."""
    driver.pass_time(PROMPT_S)
    driver.tell(facts.PlaybackEnded(playing(call)))


SUPPORT = Enqueue("support", {"longest_wait": "bye"}, "support")
BYE = HangUp("bye", {}, "sound:bye")


def menu(name: str = "menu", **exits: str) -> Menu:
    keys = {key.removeprefix("k"): target for key, target in exits.items()}
    return Menu(name, keys, f"sound:{name}", invalid="sound:invalid")


def test_a_key_stops_the_message_at_once_and_leads_on() -> None:
    driver = house(menu(k1="support", otherwise="bye"), SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    assert (call.state, heard(driver)) == (S.IN_SCENARIO, ["sound:menu"])
    press(driver, "1")
    assert (call.state, call.queue) == (S.WAITING, "support")
    assert ordered(driver) == [StopPlayback, StartMusic]
    assert way(driver) == [("menu", "1")]


def test_two_menus_take_keys_that_were_pressed_ahead() -> None:
    driver = house(menu("one", k1="two", otherwise="bye"), menu("two", k2="support", otherwise="bye"), SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    press(driver, "1", "2")
    assert call.state is S.WAITING and way(driver) == [("one", "1"), ("two", "2")]


def test_keys_in_a_message_count_in_the_next_menu_and_do_not_stop_it() -> None:
    driver = house(Play("hello", {"next": "menu"}, "sound:hello"), menu(k1="support", otherwise="bye"), SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    ordered(driver)
    press(driver, "1")
    assert ordered(driver) == []
    over(driver, call)
    assert call.state is S.WAITING and way(driver) == [("hello", "next"), ("menu", "1")]
    assert "sound:menu" not in heard(driver)


def test_without_a_key_the_menu_is_heard_three_times_and_left_after_33_seconds() -> None:
    driver = house(menu(k1="support", otherwise="bye"), SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    begun, messages = driver.now, list(heard(driver))
    for _ in range(3):
        over(driver, call)
        driver.pass_time(5)
        messages += heard(driver)
    assert messages == ["sound:menu"] * 3 + ["sound:bye"]
    assert (driver.now - begun, way(driver)) == (33.0, [("menu", "otherwise")])
    assert call.state is S.ANNOUNCING and call.way is not None and call.way.ends_at is None


def test_a_key_in_the_wait_after_the_message_counts() -> None:
    driver = house(menu(k1="support", otherwise="bye"), SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    over(driver, call)
    driver.pass_time(4.9)
    press(driver, "1")
    driver.pass_time(10)
    assert call.state is S.WAITING


@pytest.mark.parametrize("invalid", ["sound:invalid", ""])
def test_a_key_that_leads_nowhere_is_a_try(invalid: str) -> None:
    wrong = replace(menu(k1="support", otherwise="bye"), invalid=invalid)
    driver = house(wrong, SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    heard(driver)
    for _ in range(2):
        press(driver, "9")
        if invalid:
            assert heard(driver) == ["sound:invalid"]
            over(driver, call)
        assert heard(driver) == ["sound:menu"]
    press(driver, "#")
    assert way(driver) == [("menu", "otherwise")] and heard(driver) == ["sound:bye"]


def test_a_right_key_after_a_wrong_one_ends_its_message_too() -> None:
    driver = house(menu(k1="support", otherwise="bye"), SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    press(driver, "9", "1")
    assert call.state is S.WAITING and way(driver) == [("menu", "1")]


@pytest.mark.parametrize("tries", [1, 3])
def test_a_wrong_key_pressed_ahead_keeps_none_of_the_next_ones_for_later(tries: int) -> None:
    """Else the next key that the caller presses would act as the one before it."""
    hello = Play("hello", {"next": "menu"}, "sound:hello")
    first, wrong = replace(menu(k1="support", k2="bye", otherwise="bye"), tries=tries), ("9", "#")
    driver = house(hello, first, SUPPORT, BYE)
    over_with = driver.arrive(leg_id=CUSTOMER)
    press(driver, *wrong, "1")
    over(driver, over_with)
    assert way(driver)[-1] == ("menu", "1")
    driver = house(hello, first, SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    press(driver, *wrong)
    over(driver, call)
    assert keys(driver.center.floor, call) == ""
    assert heard(driver)[-1] == ("sound:menu" if tries > 1 else "sound:bye"), "they are one try together"


def test_keys_are_those_of_the_customer_alone_and_only_some_are_kept() -> None:
    driver = house(Play("hello", {"next": "menu"}, "sound:hello"), menu(k1="support", otherwise="bye"), SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    driver.tell(facts.DigitPressed("another-leg", "1"))
    press(driver, *("5" * (MOST_KEYS + 9)))
    assert keys(driver.center.floor, call) == "5" * MOST_KEYS


def test_keys_are_in_memory_alone_for_they_may_be_a_secret_that_is_typed_ahead() -> None:
    driver = house(Play("hello", {"next": "menu"}, "sound:hello"), menu(k1="support", otherwise="bye"), SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    press(driver, *"86420864")
    kept = msgspec.json.encode([*driver.center.floor.calls.values()])
    assert b"8642" not in kept and keys(driver.center.floor, call) == "86420864"
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert call.state is S.ENDED and driver.center.floor.typed == {}


def test_a_queue_forgets_keys_and_an_agents_conversation_takes_none() -> None:
    driver = house(menu(k1="support", otherwise="bye"), SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    press(driver, "1", "2", "3")
    assert keys(driver.center.floor, call) == ""
    press(driver, "1")
    assert keys(driver.center.floor, call) == "" and call.state is S.WAITING


def test_keys_of_before_the_queue_do_not_choose_behind_it() -> None:
    waiting = replace(SUPPORT, exits={"longest_wait": "menu"})
    driver = house(Play("hello", {"next": "support"}, "sound:hello"), waiting, menu(k1="bye", otherwise="bye"), BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    press(driver, "1")
    over(driver, call)
    assert (call.state, keys(driver.center.floor, call)) == (S.WAITING, "")
    driver.pass_time(LONGEST_S)
    assert heard(driver)[-1] == "sound:menu" and call.state is S.IN_SCENARIO


def test_who_waits_too_long_leaves_by_the_exit_of_the_step_and_the_outcome_says_so() -> None:
    driver = house(replace(SUPPORT, exits={"longest_wait": "menu"}), menu(k1="support", k2="bye", otherwise="bye"), BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    driver.pass_time(LONGEST_S)
    assert (call.state, heard(driver)) == (S.IN_SCENARIO, ["sound:menu"])
    press(driver, "1")
    assert call.state is S.WAITING and call.wait.ends_at == driver.now + LONGEST_S
    driver.pass_time(LONGEST_S)
    press(driver, "2")
    over(driver, call)
    assert driver.outcomes() == [("queue_timeout", "system")]


def test_a_scenario_that_comes_to_its_end_before_any_queue_is_done() -> None:
    driver = house(Play("hours", {}, "sound:hours"))
    call = driver.arrive(leg_id=CUSTOMER)
    over(driver, call)
    assert driver.outcomes() == [("scenario_done", "system")] and call.queue is None


def test_an_exit_that_leads_nowhere_says_sorry() -> None:
    driver = house(Menu("menu", {"1": "support"}, "sound:menu", tries=1), SUPPORT)
    call = driver.arrive(leg_id=CUSTOMER)
    over(driver, call)
    driver.pass_time(5)
    assert call.state is S.ANNOUNCING and heard(driver) == ["sound:menu", "sound:cti/goodbye"]


def test_a_scenario_leads_into_another_one() -> None:
    other = Scenario("other", "acme", (), "there", {"there": Play("there", {"next": "main/support"}, "sound:there")})
    driver = house(Goto("go", {"next": "other/there"}, "other"), SUPPORT, others=(other,))
    call = driver.arrive(leg_id=CUSTOMER)
    assert heard(driver) == ["sound:there"]
    over(driver, call)
    assert call.state is S.WAITING
    assert [row.scenario for row in driver.records if isinstance(row, ScenarioStep)] == ["main", "other"]


def test_a_circle_in_which_nothing_waits_is_told_and_ends() -> None:
    driver = house(Goto("here", {"next": "main/there"}, "main"), Goto("there", {"next": "main/here"}, "main"))
    call = driver.arrive(leg_id=CUSTOMER)
    assert call.state is S.ANNOUNCING and heard(driver) == ["sound:cti/goodbye"]
    assert len(way(driver)) == MOST_AT_ONCE
    assert "scenario_circle" in [getattr(row, "type", "") for row in driver.records]


@pytest.mark.parametrize("presses", [True, False])
def test_a_start_goes_on_in_the_menu(presses: bool) -> None:
    driver = house(menu(k1="support", otherwise="bye"), SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    over(driver, call)
    driver.pass_time(2)
    other = driver.restarted()
    other.connect(*as_it_is(call))
    found = call_of(other)
    assert (found.way, found.state) == (call.way, S.IN_SCENARIO)
    if presses:
        press(other, "1")
        assert found.state is S.WAITING
    else:
        other.pass_time(3)
        assert heard(other) == ["sound:menu"]


def test_rows_of_steps_are_gapless_and_say_how_long_each_lasted() -> None:
    driver = house(Play("hello", {"next": "menu"}, "sound:hello"), menu(k1="support", otherwise="bye"), SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    over(driver, call)
    driver.pass_time(2)
    press(driver, "1")
    rows = [row for row in driver.records if isinstance(row, ScenarioStep)]
    assert [(row.seq, row.step, row.lasted_s) for row in rows] == [(1, "hello", PROMPT_S), (2, "menu", 2.0)]
    assert rows[1].at == rows[0].at + PROMPT_S


# ------------------------------------------------------------------------------- another configuration


def test_given_a_menu_that_is_gone_then_the_call_goes_on_at_the_start() -> None:
    driver = house(menu(k1="support", otherwise="bye"), SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    over(driver, call)
    steps = {"hello": Play("hello", {"next": "support"}, "sound:hello"), "support": SUPPORT, "bye": BYE}
    reconfigured(driver, Scenario("main", "acme", (NUMBER,), "hello", steps))
    press(driver, "1")
    heard(driver)
    driver.pass_time(5)
    assert heard(driver) == ["sound:hello"], "never silence"
    over(driver, call)
    assert call.state is S.WAITING


@pytest.mark.parametrize("return_queue", [None, "support"])
def test_given_no_scenario_is_left_then_a_call_in_a_menu_goes_to_the_return_queue_or_hears_that_nobody_serves_it(
    return_queue: str | None,
) -> None:
    driver = house(menu(k1="support", otherwise="bye"), SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    heard(driver)
    config = driver.center.floor.directory
    services = {"acme": replace(config.services["acme"], return_queue=return_queue)}
    driver.tell(facts.ConfigurationChanged(replace(config, scenarios={}, services=services)))
    over(driver, call)
    if return_queue:
        assert (call.state, call.queue) == (S.WAITING, "support")
    else:
        assert (call.state, heard(driver)) == (S.ANNOUNCING, ["sound:cti/goodbye"])


def test_given_the_queues_step_is_gone_then_who_has_waited_too_long_goes_on_at_the_start() -> None:
    driver = house(SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    reconfigured(driver, Scenario("main", "acme", (NUMBER,), "hello", {"hello": Play("hello", {}, "sound:hello")}))
    driver.pass_time(LONGEST_S)
    assert "sound:hello" in heard(driver) and call.state is S.IN_SCENARIO
    over(driver, call)
    assert driver.outcomes() == [("queue_timeout", "system")]


# ------------------------------------------------------------------------------- opening hours


def at_the_door(opening: Opening, **exits: str) -> tuple[Driver, Call]:
    """A caller comes to a step that asks for hours of which this is always true."""
    door = AskHours("door", exits or {"open": "support", "closed": "bye"}, "office")
    driver = house(door, SUPPORT, BYE)
    config = driver.center.floor.directory
    hours = {"office": Hours("office", "UTC", lambda now: opening)}
    driver.tell(facts.ConfigurationChanged(replace(config, hours=hours)))
    return driver, driver.arrive(leg_id=CUSTOMER)


@pytest.mark.parametrize(
    ("state", "exits", "left_by"),
    [
        (OpenState.OPEN, {}, "open"),
        (OpenState.CLOSED, {}, "closed"),
        (OpenState.HOLIDAY, {}, "closed"),
        (OpenState.HOLIDAY, {"open": "support", "closed": "support", "holiday": "bye"}, "holiday"),
    ],
)
def test_a_call_goes_on_by_the_opening_hours_of_now(state: OpenState, exits: dict[str, str], left_by: str) -> None:
    driver, call = at_the_door(Opening(state, None), **exits)
    assert way(driver)[0] == ("door", left_by)
    assert call.state is (S.WAITING if left_by == "open" else S.ANNOUNCING)


def test_the_message_of_an_exception_is_heard_before_its_exit() -> None:
    driver, call = at_the_door(Opening(OpenState.CLOSED, None, "sound:half-day"))
    assert heard(driver) == ["sound:half-day"] and call.state is S.IN_SCENARIO
    over(driver, call)
    assert heard(driver) == ["sound:bye"] and way(driver) == [("door", "closed")]


def test_hours_that_are_set_by_hand_count_from_the_next_call_on() -> None:
    driver, call = at_the_door(Opening(OpenState.OPEN, None))
    driver.tell(SetHoursOverride("office", OpenState.CLOSED, None, "operator"))
    assert call.state is S.WAITING
    driver.arrive(leg_id="caller-2")
    assert ("door", "closed") in way(driver)


def test_hours_that_are_gone_turn_nobody_away() -> None:
    driver, call = at_the_door(Opening(OpenState.CLOSED, None, "sound:half-day"))
    driver.tell(facts.ConfigurationChanged(replace(driver.center.floor.directory, hours={})))
    over(driver, call)
    assert call.state is S.WAITING


def test_a_queue_may_lead_straight_into_another_one_with_its_own_music() -> None:
    driver = staffed()
    driver.tell(commands.SetStatus("a1", "rest", None))
    config = driver.center.floor.directory
    second = replace(config.queues["support"], id="second", music="jazz")
    steps = {one.name: one for one in (replace(SUPPORT, exits={"longest_wait": "more"}), Enqueue("more", {}, "second"))}
    scenario = Scenario("main", "acme", (NUMBER,), "support", steps)
    changed = replace(config, scenarios={"main": scenario}, queues={**config.queues, "second": second})
    driver.tell(facts.ConfigurationChanged(changed))
    call = driver.arrive(leg_id=CUSTOMER)
    driver.pass_time(LONGEST_S)
    assert (call.state, str(call.queue)) == (S.WAITING, "second")
    assert [one.music for one in driver.actions if isinstance(one, StartMusic)] == ["default", "jazz"]
    assert call.wait.since == driver.now and call.arrived_at < driver.now, "a wait of its own, and the place of before"
