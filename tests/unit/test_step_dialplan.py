"""The step dialplan: the PBX's own dialplan has the call, nothing is ordered of it meanwhile, and it comes back."""

from collections.abc import Sequence

import msgspec
import pytest

from cti_bridge.ari.counters import Counters
from cti_bridge.ari.endpoints import Endpoints
from cti_bridge.ari.translate import Translator
from cti_bridge.domain.border import facts
from cti_bridge.domain.border.actions import Action, HangUp, LimitDialplan, SendToDialplan, StartMusic, TakeOver
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.call import Call, CallState, Place
from cti_bridge.domain.model.scenario import Dialplan, Step
from cti_bridge.domain.scenario.dialplan import MARGIN_S
from cti_bridge.domain.scenario.interpreter import MOST_AT_ONCE
from tests.support.changed import replace
from tests.unit.floor import NODE, Driver
from tests.unit.situations import CUSTOMER, in_dialplan, state_of
from tests.unit.test_recovery import as_it_is, call_of
from tests.unit.test_scenarios import BYE, SUPPORT, heard, house, menu, press, way

S = CallState
OLD = Dialplan("old", {"next": "support", "sales": "bye"}, "acme-ivr", "s", 60.0)


def away(*before: Step, step: Dialplan = OLD) -> tuple[Driver, Call]:
    driver = house(*before, step, SUPPORT, BYE)
    return driver, driver.arrive(leg_id=CUSTOMER)


def back(driver: Driver, word: str = "") -> None:
    driver.tell(facts.LegBack(CUSTOMER, word))


def about_the_leg(actions: Sequence[Action]) -> list[Action]:
    return [action for action in actions if action.leg_id == CUSTOMER]


def test_the_call_is_sent_there_with_a_limit_of_the_pbx_itself() -> None:
    driver, call = away()
    assert state_of(call) is S.IN_DIALPLAN and call.legs[CUSTOMER].place is Place.DIALPLAN
    limit, sent = about_the_leg(driver.actions)[-2:]
    assert isinstance(limit, LimitDialplan) and limit.seconds == 60
    assert isinstance(sent, SendToDialplan) and (sent.context, sent.extension) == ("acme-ivr", "s")


def test_nothing_is_ordered_of_it_until_it_is_back_and_then_it_goes_on() -> None:
    driver, call = away()
    driver.actions.clear()
    press(driver, "1", "2")
    driver.tell(facts.LegHeld(CUSTOMER))
    driver.tell(facts.LegRetrieved(CUSTOMER))
    driver.connect(*as_it_is(call))
    assert about_the_leg(driver.actions) == []
    back(driver)
    assert state_of(call) is S.WAITING and way(driver) == [("old", "next")]
    assert [type(action) for action in about_the_leg(driver.actions)] == [TakeOver, StartMusic]


def test_a_leg_of_which_nobody_knows_what_it_hears_is_left_alone_there() -> None:
    driver, call = away()
    driver.actions.clear()
    call.legs[CUSTOMER].place = Place.UNKNOWN
    rewire(driver.center.floor, call)
    driver.tell(facts.LegRinging("nobody"))
    assert about_the_leg(driver.actions) == []
    back(driver)
    assert state_of(call) is S.WAITING


@pytest.mark.parametrize(
    ("word", "exit_"), [("sales", "sales"), ("unknown", "next"), ("", "next"), ("longest_wait", "next")]
)
def test_a_word_that_comes_back_is_an_exit_and_one_that_is_none_is_next(word: str, exit_: str) -> None:
    driver, _ = away()
    back(driver, word)
    assert way(driver) == [("old", exit_)]


@pytest.mark.parametrize(("lasts_s", "ends"), [(0.01, True), (0.6, False)])
def test_a_dialplan_that_gives_the_call_back_at_once_again_and_again_has_an_end(lasts_s: float, ends: bool) -> None:
    """As one whose program is gone: seen were 300 steps and rows a second, for each caller."""
    driver, call = away(step=replace(OLD, exits={"next": "old"}))
    for _ in range(2 * MOST_AT_ONCE):
        if call.state is S.IN_DIALPLAN:
            driver.pass_time(lasts_s)
            back(driver)
    assert (call.state is S.ANNOUNCING) is ends
    assert len(way(driver)) == (MOST_AT_ONCE if ends else 2 * MOST_AT_ONCE)
    assert ("scenario_circle" in [getattr(row, "type", "") for row in driver.records]) is ends


def test_what_is_heard_stops_before_and_keys_of_before_are_forgotten() -> None:
    driver, call = away(menu(k1="old", otherwise="bye"), step=replace(OLD, exits={"next": "menu"}))
    press(driver, "1", "1")
    assert state_of(call) is S.IN_DIALPLAN
    back(driver)
    assert state_of(call) is S.IN_SCENARIO and "sound:menu" in heard(driver)


def test_who_hangs_up_there_has_left_in_the_scenario() -> None:
    driver, _ = away()
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert driver.outcomes() == [("left_in_scenario", "customer")]


def test_the_longest_time_ends_it_where_the_pbx_does_not() -> None:
    driver, call = away()
    driver.pass_time(60 + MARGIN_S - 1)
    assert state_of(call) is S.IN_DIALPLAN
    driver.pass_time(1)
    assert driver.outcomes() == [("scenario_done", "system")] and driver.taken(HangUp)
    assert way(driver) == [("old", "time_over")]


def test_two_in_a_row_are_two_times_there() -> None:
    second = Dialplan("second", {"next": "support"}, "other")
    driver, call = away(step=replace(OLD, exits={"next": "second"}))
    config = driver.center.floor.directory
    main = config.scenarios["main"]
    steps = {**main.steps, "second": second}
    driver.tell(facts.ConfigurationChanged(replace(config, scenarios={"main": replace(main, steps=steps)})))
    back(driver)
    assert state_of(call) is S.IN_DIALPLAN
    assert [action.context for action in driver.taken(SendToDialplan) if isinstance(action, SendToDialplan)] == [
        "acme-ivr", "other",
    ]  # fmt: skip
    back(driver)
    assert state_of(call) is S.WAITING


def test_a_leg_that_comes_back_when_it_is_not_away_is_nothing() -> None:
    driver, call = away()
    back(driver)
    back(driver, "sales")
    assert state_of(call) is S.WAITING and way(driver) == [("old", "next")]


# ------------------------------------------------------------------------------- restarts, outages, lost orders


def test_a_restart_leaves_it_there_and_it_comes_back() -> None:
    driver, _ = in_dialplan()
    other = driver.restarted()
    other.connect(*as_it_is(call_of(other)))
    assert about_the_leg(other.actions) == []
    other.tell(facts.LegBack(CUSTOMER, "sales"))
    assert way(other) == [("old", "sales")]


def test_a_restart_that_finds_it_back_goes_on() -> None:
    driver, _ = in_dialplan()
    other = driver.restarted()
    (leg,) = as_it_is(call_of(other))
    other.connect(replace(leg, in_app=True, back=facts.LegBack(CUSTOMER, "sales"), arrived=None))
    assert way(other) == [("old", "sales")]


def test_a_restart_that_finds_it_not_sent_sends_it() -> None:
    driver, _ = in_dialplan()
    other = driver.restarted()
    (leg,) = as_it_is(call_of(other))
    other.connect(replace(leg, in_app=True))
    assert len(other.taken(SendToDialplan)) == 1 and state_of(call_of(other)) is S.IN_DIALPLAN


def test_a_restart_that_finds_it_gone_ends_the_call() -> None:
    driver, _ = in_dialplan()
    other = driver.restarted()
    other.connect()
    other.tell(facts.LegEnded(CUSTOMER))
    assert [outcome for outcome, _ in other.outcomes()] == ["left_in_scenario"]


def test_a_refused_order_is_repeated_when_a_look_shows_that_it_is_still_here() -> None:
    driver, call = away()
    driver.actions.clear()
    (leg,) = as_it_is(call)
    driver.tell(facts.LegSeen(replace(leg, in_app=True), driver.now))
    assert driver.taken(SendToDialplan) == [], "the order may still be on its way"
    driver.pass_time(3)
    driver.tell(facts.LegSeen(replace(leg, in_app=True), driver.now))
    assert len(driver.taken(SendToDialplan)) == 1
    driver.tell(facts.LegSeen(replace(leg, in_app=True), driver.now))
    assert len(driver.taken(SendToDialplan)) == 1, "sent twice, it would go there again when it is back"


def test_while_the_pbx_is_away_no_time_runs() -> None:
    driver, call = away()
    driver.tell(facts.NodeLost(NODE))
    driver.pass_time(500)
    driver.connect(*as_it_is(call))
    assert state_of(call) is S.IN_DIALPLAN
    driver.pass_time(60 + MARGIN_S)
    assert state_of(call) is S.ENDED


@pytest.mark.parametrize("removed", [True, False])
def test_a_reload_changes_nothing_of_a_call_that_is_there(removed: bool) -> None:
    driver, call = away()
    config = driver.center.floor.directory
    main = config.scenarios["main"]
    steps = {name: step for name, step in main.steps.items() if name != "old" or not removed}
    changed = replace(main, steps=steps, start="support")
    driver.tell(facts.ConfigurationChanged(replace(config, scenarios={"main": changed})))
    driver.pass_time(30)
    assert state_of(call) is S.IN_DIALPLAN
    back(driver)
    assert state_of(call) is S.WAITING


# ------------------------------------------------------------------------------- what the PBX tells


@pytest.mark.parametrize(
    ("args", "word"), [(["back"], ""), (["back", "sales"], "sales"), (["back", "x" * 99], "x" * 64)]
)
def test_the_pbx_tells_that_it_is_back(args: list[str], word: str) -> None:
    translator = Translator(NODE, Endpoints("PJSIP/{cti_number}", "PJSIP/{number}@trunk"), Counters())
    event = {"type": "StasisStart", "args": args, "channel": {"id": "1700000000.1", "name": "PJSIP/trunk-1"}}
    read = translator.decode(msgspec.json.encode(event))
    assert read is not None
    fact = translator.fact(read, 0.0)
    assert isinstance(fact, facts.LegBack) and (fact.leg_id, fact.result) == ("main/1700000000.1", word)
