"""The step collect: digits that a caller enters become a variable."""

from dataclasses import replace

import msgspec
import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import StartPlayback, StopPlayback
from cti_bridge.domain.border.records import CallRow
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.scenario import CONFIRM, Collect, Goto, Play, Step
from cti_bridge.domain.scenario.typed import keys
from tests.unit.floor import Driver, agent_view
from tests.unit.situations import CUSTOMER, playing
from tests.unit.test_recovery import as_it_is, call_of
from tests.unit.test_scenarios import BYE, SUPPORT, heard, house, menu, ordered, over, press, way

S = CallState
ASK = Collect("ask", {"next": "support", "otherwise": "bye"}, "sound:ask", "contract", 6, 8)


def asked(step: Collect = ASK, *before: Step) -> tuple[Driver, Call]:
    driver = house(*before, step, SUPPORT, BYE)
    return driver, driver.arrive(leg_id=CUSTOMER)


def left(driver: Driver) -> str | None:
    return next((exit_ for step, exit_ in way(driver) if step == "ask"), None)


def test_a_key_stops_the_message_at_once_and_a_hash_ends_the_entry() -> None:
    driver, call = asked()
    assert (call.state, heard(driver)) == (S.IN_SCENARIO, ["sound:ask"])
    press(driver, "1")
    assert StopPlayback in ordered(driver) and call.prompt is None
    press(driver, *"23456")
    assert left(driver) is None
    press(driver, "#")
    assert (left(driver), call.variables) == ("next", {"contract": "123456"})
    assert call.state is S.WAITING and driver.center.floor.typed[call.id].digits == ""


def test_the_last_possible_digit_ends_the_entry_and_a_hash_behind_it_belongs_to_it() -> None:
    step = replace(ASK, exits={"next": "menu", "otherwise": "bye"})
    driver = house(step, menu(k1="support", otherwise="bye"), SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    press(driver, *"12345678")
    assert (left(driver), call.variables) == ("next", {"contract": "12345678"})
    heard(driver)
    press(driver, "#")
    assert call.prompt is not None and heard(driver) == []
    press(driver, "#")
    assert heard(driver) == ["sound:invalid"]


def test_a_hash_that_comes_late_is_a_key_of_the_next_step() -> None:
    step = replace(ASK, exits={"next": "menu", "otherwise": "bye"})
    driver = house(step, menu(k1="support", otherwise="bye"), SUPPORT, BYE)
    driver.arrive(leg_id=CUSTOMER)
    press(driver, *"12345678")
    driver.pass_time(step.between_s + 0.1)
    heard(driver)
    press(driver, "#")
    assert heard(driver) == ["sound:invalid"]


def test_an_entry_is_over_when_no_further_key_comes_in_time() -> None:
    driver, call = asked()
    press(driver, *"12345")
    driver.pass_time(2.9)
    press(driver, "6")
    driver.pass_time(2.9)
    assert left(driver) is None
    driver.pass_time(0.2)
    assert (left(driver), call.variables) == ("next", {"contract": "123456"})


@pytest.mark.parametrize("short", ["12345#", "#", "12345"])
def test_an_entry_that_is_too_short_is_a_try(short: str) -> None:
    driver, call = asked()
    heard(driver)
    press(driver, *short)
    driver.pass_time(0 if short[-1] == "#" else ASK.between_s + 0.1)
    assert heard(driver) == ["sound:ask"] and left(driver) is None
    press(driver, *short)
    driver.pass_time(0 if short[-1] == "#" else ASK.between_s + 0.1)
    assert left(driver) == "otherwise" and call.variables == {} and heard(driver) == ["sound:bye"]


def test_who_presses_nothing_hears_the_message_as_often_as_there_are_tries() -> None:
    driver, call = asked(replace(ASK, tries=3))
    for _ in range(2):
        over(driver, call)
        driver.pass_time(4.9)
        assert heard(driver)[-1] == "sound:ask" and left(driver) is None
        driver.pass_time(0.2)
    over(driver, call)
    driver.pass_time(5.1)
    assert left(driver) == "otherwise"


def test_a_star_begins_the_entry_anew_and_other_signs_do_not_count() -> None:
    driver, call = asked()
    press(driver, *"99*1A2345B6#")
    assert call.variables == {"contract": "123456"}


# ------------------------------------------------------------------------------- keys typed ahead


def test_keys_that_were_pressed_before_count_and_nothing_is_asked() -> None:
    driver, call = asked(ASK, Play("hello", {"next": "ask"}, "sound:hello"))
    press(driver, *"12345678")
    heard(driver)
    over(driver, call)
    assert call.variables == {"contract": "12345678"} and heard(driver) == []


def test_keys_typed_ahead_go_through_a_menu_a_collect_and_into_the_next_menu() -> None:
    one = menu("one", k1="ask", otherwise="bye")
    ask = replace(ASK, exits={"next": "two", "otherwise": "bye"})
    driver = house(one, ask, menu("two", k2="support", otherwise="bye"), SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    heard(driver)
    press(driver, "1")
    assert heard(driver) == ["sound:ask"]
    press(driver, *"12345678#2")
    assert call.state is S.WAITING and way(driver) == [("one", "1"), ("ask", "next"), ("two", "2")]


def test_the_rest_of_keys_typed_ahead_waits_for_more() -> None:
    driver, call = asked(ASK, Play("hello", {"next": "ask"}, "sound:hello"))
    press(driver, *"1234")
    over(driver, call)
    heard(driver)
    press(driver, *"56#")
    assert call.variables == {"contract": "123456"} and heard(driver) == []


def test_a_short_entry_typed_ahead_leaves_its_rest_for_the_next_try() -> None:
    driver, call = asked(ASK, Play("hello", {"next": "ask"}, "sound:hello"))
    press(driver, *"12#123456#")
    over(driver, call)
    assert call.variables == {"contract": "123456"}


# ------------------------------------------------------------------------------- confirm


def confirming() -> tuple[Driver, Call]:
    driver, call = asked(replace(ASK, confirm=True))
    heard(driver)
    press(driver, *"123456#")
    return driver, call


def test_digits_are_read_out_and_kept_when_they_are_right() -> None:
    driver, call = confirming()
    spoken = ",".join([*(f"sound:digits/{digit}" for digit in "123456"), CONFIRM])
    assert heard(driver) == [spoken] and left(driver) is None
    press(driver, "1")
    assert call.variables == {"contract": "123456"} and StopPlayback in ordered(driver)


@pytest.mark.parametrize("answer", ["2", "9", "#", None])
def test_what_is_not_confirmed_is_asked_for_again_and_is_a_try(answer: str | None) -> None:
    driver, call = confirming()
    for expected in ("sound:ask", "sound:bye"):
        heard(driver)
        if answer is None:
            over(driver, call)
            driver.pass_time(ASK.wait_s + 0.1)
        else:
            press(driver, answer)
        assert heard(driver) == [expected]
        if expected == "sound:ask":
            press(driver, *"654321#")
    assert left(driver) == "otherwise" and call.variables == {}


def test_the_answer_may_be_typed_ahead() -> None:
    driver, call = asked(replace(ASK, confirm=True))
    press(driver, *"123456#")
    press(driver, "1")
    assert call.variables == {"contract": "123456"}
    driver, call = asked(replace(ASK, confirm=True), Play("hello", {"next": "ask"}, "sound:hello"))
    press(driver, *"12345678#1")
    heard(driver)
    over(driver, call)
    assert call.variables == {"contract": "12345678"} and heard(driver) == []


# ------------------------------------------------------------------------------- secrets


def test_a_secret_is_in_memory_alone() -> None:
    driver, call = asked(replace(ASK, secret=True))
    press(driver, *"864208")
    floor = driver.center.floor
    assert b"8642" not in msgspec.json.encode([*floor.calls.values()])
    press(driver, "#")
    assert floor.typed[call.id].secrets == {"contract": "864208"} and call.variables == {"contract": "****"}
    driver.tell(commands.SetStatus("a1", "ready", None))
    driver.answer(call)
    assert agent_view(floor, "a1")["call"]["data"] == {"contract": "****"}
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    written = msgspec.json.encode([driver.records, [*floor.calls.values()]])
    assert b"864208" not in written and b"****" in written
    assert [row.data for row in driver.records if isinstance(row, CallRow)][-1] == {"contract": "****"}
    for leg_id in list(call.legs):
        driver.tell(facts.LegEnded(leg_id, 16))
    assert floor.typed == {}


# ------------------------------------------------------------------------------- restart, reload


@pytest.mark.parametrize("typed", ["", "1234"])
def test_after_a_restart_the_caller_is_asked_once_more(typed: str) -> None:
    driver, call = asked()
    over(driver, call)
    press(driver, *typed)
    after = driver.restarted()
    after.connect(*as_it_is(call))
    call = call_of(after)
    after.pass_time(ASK.wait_s + 0.1)
    assert heard(after) == ["sound:ask"]
    press(after, *"123456#")
    assert call.variables == {"contract": "123456"} and call.state is S.WAITING


def test_after_a_restart_in_the_question_whether_they_are_right_no_key_confirms_lost_digits() -> None:
    driver, call = confirming()
    over(driver, call)
    after = driver.restarted()
    after.connect(*as_it_is(call))
    call = call_of(after)
    press(after, "1")
    assert call.variables == {} and heard(after)[-1] == "sound:ask"


def test_a_step_that_is_removed_lets_the_call_go_on() -> None:
    driver, call = asked()
    over(driver, call)
    press(driver, *"1234")
    changed = replace(driver.center.floor.directory.scenarios["main"], steps={"support": SUPPORT}, start="support")
    directory = replace(driver.center.floor.directory, scenarios={"main": changed})
    driver.tell(facts.ConfigurationChanged(directory))
    driver.pass_time(0.1)
    assert call.state is S.WAITING and keys(driver.center.floor, call) == ""


def test_a_message_that_fails_leaves_the_caller_the_time_for_a_key() -> None:
    driver, call = asked()
    driver.tell(facts.PlaybackEnded(playing(call), failed=True))
    driver.pass_time(0.4)
    press(driver, *"123456#")
    assert call.variables == {"contract": "123456"}


def test_a_circle_of_collects_waits_for_the_caller() -> None:
    step = replace(ASK, exits={"next": "support", "otherwise": "round"}, tries=1)
    driver = house(step, Goto("round", {"next": "main/ask"}, "main"), SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    over(driver, call)
    driver.pass_time(5.1)
    assert [a.media for a in driver.actions if isinstance(a, StartPlayback)] == ["sound:ask", "sound:ask"]
    assert call.state is S.IN_SCENARIO


def test_a_step_that_is_left_by_its_time_takes_its_message_along() -> None:
    step = replace(ASK, exits={"next": "bye", "otherwise": "support"}, tries=1)
    driver, call = asked(step)
    played = playing(call)
    driver.center.floor.set_deadline(Kind.STEP, call, driver.now + 1)  # As after a PBX was away in the wait.
    ordered(driver)
    driver.pass_time(1)
    assert (call.state, call.prompt, left(driver)) == (S.WAITING, None, "otherwise")
    assert StopPlayback in ordered(driver)
    driver.tell(facts.PlaybackEnded(played))
    assert call.state is S.WAITING, "the end of the message is no end of the queue"
