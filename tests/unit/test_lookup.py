"""The step lookup in the core: asked once, answered or given up, and what the caller hears meanwhile."""

from dataclasses import replace

import msgspec
import pytest

from cti_bridge.domain.border import facts
from cti_bridge.domain.border.actions import LOOKUPS, Lookup, StartMusic, StartPlayback, StopMusic
from cti_bridge.domain.border.facts import LookupAnswered, LookupResult
from cti_bridge.domain.model.call import Call, CallState, Place
from cti_bridge.domain.model.scenario import AskLookup, Branch, Collect, Enqueue, Play, SetValues, Step
from tests.unit.floor import NODE, NUMBER, Driver
from tests.unit.situations import CUSTOMER, LONGEST_S
from tests.unit.test_recovery import as_it_is, call_of
from tests.unit.test_scenarios import BYE, SUPPORT, heard, house, over, press, reconfigured, way

S = CallState
LOOK = AskLookup("look", {"found": "support", "none": "none", "error": "bye"}, 1.5)
NONE = Play("none", {"next": "support"}, "sound:none")
PIN = Collect("pin", {"next": "look", "otherwise": "bye"}, "sound:pin", "pin", 4, 4, secret=True)


def looking(*before: Step, step: AskLookup = LOOK) -> tuple[Driver, Call]:
    driver = house(*before, step, NONE, SUPPORT, BYE)
    return driver, driver.arrive(leg_id=CUSTOMER)


def asked(driver: Driver) -> list[Lookup]:
    return [action for action in driver.actions if isinstance(action, Lookup)]


def answer(driver: Driver, result: LookupResult = LookupResult.FOUND, seq: int | None = None, **values: str) -> None:
    question = asked(driver)[-1]
    driver.tell(LookupAnswered(question.call_id, question.seq if seq is None else seq, result, values))


def left(driver: Driver) -> list[str]:
    return [exit_ for step, exit_ in way(driver) if step == "look"]


def test_the_question_says_who_calls_and_what_is_known_and_is_asked_once() -> None:
    driver, call = looking(SetValues("first", {"next": "look"}, variables={"origin": "web"}))
    (question,) = asked(driver)
    assert question == Lookup(
        LOOKUPS, call.id, "", 1, "main", "look", "acme", "+821012345678", NUMBER, {"origin": "web"}
    )
    driver.pass_time(1.4)
    assert len(asked(driver)) == 1 and call.state is S.IN_SCENARIO


def test_a_withheld_number_is_not_told() -> None:
    driver = house(LOOK, NONE, SUPPORT, BYE)
    driver.tell(facts.CallArrived(NODE, CUSTOMER, NUMBER, None, "", driver.now, withheld_number="+821012345678"))
    assert asked(driver)[0].number is None


def test_values_become_variables_of_the_step_and_a_branch_sees_them() -> None:
    tier = Branch("tier", {"gold": "support", "otherwise": "bye"}, "look.tier", ("gold",))
    driver = house(replace(LOOK, exits={"found": "tier"}), tier, SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    answer(driver, tier="gold", name="Kim")
    assert call.variables == {"look.tier": "gold", "look.name": "Kim"} and call.state is S.WAITING
    assert way(driver) == [("look", "found"), ("tier", "gold")]


@pytest.mark.parametrize(
    ("result", "expected"),
    [(LookupResult.FOUND, "found"), (LookupResult.NONE, "none"), (LookupResult.ERROR, "error")],
)
def test_each_result_has_its_exit(result: LookupResult, expected: str) -> None:
    driver, _ = looking()
    answer(driver, result)
    assert left(driver) == [expected]


def test_without_an_answer_in_time_it_is_an_error() -> None:
    driver, call = looking()
    driver.pass_time(0.3)
    driver.pass_time(1.19)
    assert left(driver) == []
    driver.pass_time(0.02)
    assert left(driver) == ["error"] and heard(driver)[-1] == "sound:bye"
    assert call.state is S.ANNOUNCING


def test_the_caller_hears_silence_for_a_moment_and_then_music_until_the_answer() -> None:
    driver, call = looking()
    leg, places = call.legs[CUSTOMER], []
    for seconds in (0, 0.19, 0.02):
        driver.pass_time(seconds)
        places.append(leg.place)
    assert places == [Place.SILENCE, Place.SILENCE, Place.MUSIC]
    driver.actions[:] = asked(driver)
    answer(driver, LookupResult.NONE)
    kinds = [type(action) for action in driver.actions if isinstance(action, StopMusic | StartPlayback)]
    assert kinds == [StopMusic, StartPlayback] and leg.place is Place.MESSAGE


def test_an_answer_within_the_moment_starts_no_music() -> None:
    driver, _ = looking()
    driver.pass_time(0.1)
    answer(driver, LookupResult.NONE)
    assert not [action for action in driver.actions if isinstance(action, StartMusic)]


def test_the_queue_behind_it_has_its_own_music() -> None:
    driver, call = looking()
    driver.pass_time(0.3)
    driver.actions[:] = asked(driver)
    answer(driver)
    assert [type(a) for a in driver.actions if isinstance(a, StopMusic | StartMusic)] == [StopMusic, StartMusic]
    assert call.state is S.WAITING and call.legs[CUSTOMER].place is Place.MUSIC


def test_a_call_from_its_queue_keeps_its_music() -> None:
    driver = house(replace(SUPPORT, exits={"longest_wait": "look"}), LOOK, NONE, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    driver.actions.clear()
    driver.pass_time(LONGEST_S)
    assert call.state is S.IN_SCENARIO and call.legs[CUSTOMER].place is Place.MUSIC
    assert not [action for action in driver.actions if isinstance(action, StopMusic | StartMusic)]
    driver.pass_time(1.6)
    assert left(driver) == ["error"]


@pytest.mark.parametrize("wait_s", [0.05, 0.2])
def test_a_very_short_time_ends_without_music(wait_s: float) -> None:
    driver, _ = looking(step=replace(LOOK, wait_s=wait_s))
    driver.pass_time(wait_s + 0.01)
    assert left(driver) == ["error"]


def test_an_answer_that_comes_too_late_is_for_nobody() -> None:
    driver, call = looking()
    question = asked(driver)[0]
    driver.pass_time(0.3)
    driver.pass_time(1.3)
    before = list(way(driver))
    driver.tell(LookupAnswered(question.call_id, question.seq, LookupResult.FOUND, {"tier": "gold"}))
    assert way(driver) == before and call.variables == {}
    driver.tell(LookupAnswered("no-call", 0, LookupResult.FOUND, {}))


def test_the_answer_to_an_earlier_question_is_none_to_a_later_one() -> None:
    ask = Collect("ask", {"next": "look", "otherwise": "look"}, "sound:ask", "contract", 1, 1)
    driver = house(replace(LOOK, exits={"error": "ask", "found": "support"}), ask, SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    first = asked(driver)[0]
    driver.pass_time(0.3)
    driver.pass_time(1.3)
    press(driver, "7")
    driver.tell(LookupAnswered(call.id, first.seq, LookupResult.FOUND, {"tier": "old"}))
    assert len(asked(driver)) == 2 and call.variables == {"contract": "7"}
    answer(driver, tier="new")
    assert call.variables == {"contract": "7", "look.tier": "new"}


def test_values_of_an_earlier_answer_do_not_stay_beside_those_of_a_later_one() -> None:
    driver = house(replace(LOOK, exits={"found": "again"}), replace(LOOK, name="other"), SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    call.variables |= {"look.old": "1", "looking": "2"}
    answer(driver, tier="gold")
    assert call.variables == {"looking": "2", "look.tier": "gold"}


def test_keys_that_are_pressed_meanwhile_count_later() -> None:
    ask = Collect("ask", {"next": "support", "otherwise": "bye"}, "sound:ask", "contract", 2, 2)
    driver = house(replace(LOOK, exits={"found": "ask"}), ask, SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    press(driver, "4", "2")
    answer(driver)
    assert call.variables == {"contract": "42"} and call.state is S.WAITING


def test_the_music_ends_with_the_lookup_where_keys_typed_ahead_are_not_all() -> None:
    ask = Collect("ask", {"next": "support", "otherwise": "bye"}, "sound:ask", "contract", 2, 2)
    driver = house(replace(LOOK, exits={"found": "ask"}), ask, SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    press(driver, "4")
    driver.pass_time(0.3)
    answer(driver)
    assert call.legs[CUSTOMER].place is Place.SILENCE and call.prompt is None


def test_who_hangs_up_meanwhile_is_gone() -> None:
    driver, call = looking()
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    answer(driver, tier="gold")
    assert call.state is S.ENDED and call.end.outcome == "left_in_scenario"


# ------------------------------------------------------------------------------- secrets


def test_a_secret_is_in_the_question_and_nowhere_else() -> None:
    driver, call = looking(PIN)
    press(driver, *"4711")
    assert asked(driver)[-1].variables == {"pin": "4711"} and call.variables == {"pin": "****"}
    assert b"4711" not in msgspec.json.encode([*driver.center.floor.calls.values(), driver.records])


def test_a_secret_that_a_restart_has_lost_is_asked_for_once_more() -> None:
    tier = Play("hello", {"next": "look"}, "sound:hello")
    driver, call = looking(replace(PIN, exits={"next": "hello", "otherwise": "bye"}), tier)
    press(driver, *"4711")
    after = driver.restarted()
    after.connect(*as_it_is(call))
    call = call_of(after)
    over(after, call)
    assert heard(after)[-1] == "sound:pin" and asked(after) == []
    press(after, *"4712")
    over(after, call)
    assert asked(after)[-1].variables == {"pin": "4712"}
    assert ("look", "again") in way(after)


@pytest.mark.parametrize("instead", [SetValues("pin", {"next": "look"}, priority=1), replace(PIN, secret=False)])
def test_a_lost_secret_that_nobody_asks_for_any_more_is_not_waited_for(instead: Step) -> None:
    driver, call = looking(PIN)
    press(driver, *"4711")
    driver.center.floor.typed.clear()
    steps = {step.name: step for step in (instead, Play("hello", {"next": "look"}, "sound:hello"), LOOK, SUPPORT, BYE)}
    main = replace(driver.center.floor.directory.scenarios["main"], steps=steps, start="hello")
    reconfigured(driver, main)
    answer(driver, LookupResult.NONE)
    over(driver, call)
    assert asked(driver)[-1].variables == {"pin": "****"}


# ------------------------------------------------------------------------------- restart, reload, a PBX that is away


def test_after_a_restart_nobody_answers_and_the_call_goes_on_in_time() -> None:
    driver, call = looking()
    driver.pass_time(0.1)
    after = driver.restarted()
    after.connect(*as_it_is(call))
    call = call_of(after)
    after.pass_time(0.3)
    assert call.state is S.IN_SCENARIO
    after.pass_time(1.5)
    assert left(after) == ["error"]


def test_a_step_that_is_removed_lets_the_call_go_on() -> None:
    driver, call = looking()
    main = replace(driver.center.floor.directory.scenarios["main"], steps={"support": SUPPORT}, start="support")
    reconfigured(driver, main)
    driver.pass_time(0.3)
    assert call.state is S.WAITING
    answer(driver, tier="gold")
    assert call.variables == {}


def test_an_answer_while_the_pbx_is_away_is_kept_and_acted_on_when_it_is_back() -> None:
    driver, call = looking()
    driver.tell(facts.NodeLost(NODE))
    answer(driver, tier="gold")
    driver.pass_time(60)
    driver.connect(*as_it_is(call))
    assert call.variables == {"look.tier": "gold"} and call.state is S.WAITING
    assert isinstance(SUPPORT, Enqueue) and call.legs[CUSTOMER].place is Place.MUSIC
