"""The step callback: a caller is registered under a number that was read out and found right, and only then."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from cti_bridge.config.numbering import Numbering
from cti_bridge.domain.border import facts
from cti_bridge.domain.border.records import CallbackRow, QueueVisit
from cti_bridge.domain.floor.visits import places
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.callbacks import Callback
from cti_bridge.domain.model.directory import CallingNumber, Directory, Service
from cti_bridge.domain.model.number_list import number_list
from cti_bridge.domain.model.scenario import (
    CALLBACK_CONFIRM,
    CALLBACK_ENTER,
    CALLBACK_INVALID,
    CALLBACK_NUMBER,
    CALLBACK_REFUSED,
    CALLBACK_REGISTERED_SOUND,
    DIGIT,
    AskCallback,
    Enqueue,
    Step,
)
from cti_bridge.domain.scenario.callback import MOST_DIGITS
from tests.unit.floor import CALLING, NODE, NUMBER, Driver
from tests.unit.test_recovery import as_it_is, call_of
from tests.unit.test_scenarios import BYE, heard, house, menu, over, way

S = CallState
OWN, OTHER = "+821012345678", "+82212345678"
CALL_ME = AskCallback("call-me", {"next": "bye", "otherwise": "queue"})
QUEUE = Enqueue("queue", {"1": "call-me", "longest_wait": "bye"}, "support")


def reading(digits: str) -> str:
    return ",".join((CALLBACK_NUMBER, *(f"{DIGIT}{digit}" for digit in digits), CALLBACK_CONFIRM))


RIGHT, RIGHT_OTHER = reading("01012345678"), reading("0212345678")


def configured(driver: Driver, **changes: Any) -> Directory:
    """The numbers of Korea; the service may call Korea and the US."""
    config = driver.center.floor.directory
    service = replace(config.services["acme"], allowed_prefixes=("+82", "+1"), **changes)
    numbering = Numbering({NODE: "KR"}, [NUMBER, CALLING])
    emergency = replace(config.policy, emergency_numbers=frozenset({"112", "119"}))
    return replace(config, services={"acme": service}, numbering=numbering, policy=emergency)


def asked(
    *steps: Step, caller: str = OWN, queue: bool = True, config: Directory | None = None, open_ones: int = 200
) -> tuple[Driver, Call]:
    """The caller waits in the queue and has pressed 1, a second ago; or the step is the first."""
    driver = house(*(steps or ((QUEUE, CALL_ME, BYE) if queue else (CALL_ME, QUEUE, BYE))))
    found = config or configured(driver)
    support = replace(found.queues["support"], most_open=open_ones)
    found = replace(found, scenarios=driver.center.floor.directory.scenarios, queues={"support": support})
    driver.tell(facts.ConfigurationChanged(found))
    return driver, arrives(driver, caller, queue=queue)


def press(driver: Driver, *keys: str) -> None:
    """By the caller who came last."""
    call = list(driver.center.floor.calls.values())[-1]
    for key in keys:
        driver.tell(facts.DigitPressed(call.customer_leg or "", key))


def arrives(driver: Driver, caller: str = OWN, *, queue: bool = True) -> Call:
    call = driver.arrive(caller=caller)
    if queue:
        driver.pass_time(10)
        heard(driver)
        press(driver, "1")
        driver.pass_time(1)
    return call


def gone(driver: Driver, call: Call) -> None:
    """The last message is over, and the caller with it."""
    leg_id = call.customer_leg or ""
    while call.prompt is not None:
        over(driver, call)
    driver.tell(facts.LegEnded(leg_id, 16))


def entries(driver: Driver) -> list[Callback]:
    return list(driver.center.floor.callbacks.values())


def numbers(driver: Driver) -> list[str | None]:
    return [one.number for one in entries(driver)]


def left(driver: Driver) -> str | None:
    return next((exit_ for step, exit_ in way(driver) if step == "call-me"), None)


# ------------------------------------------------------------------------------- the own number


def test_the_own_number_is_read_out_and_1_registers_it() -> None:
    driver, call = asked()
    assert (call.state, heard(driver)) == (S.IN_SCENARIO, [RIGHT])
    over(driver, call)
    press(driver, "1")
    assert heard(driver) == [CALLBACK_REGISTERED_SOUND] and left(driver) is None
    over(driver, call)
    assert (left(driver), heard(driver)) == ("next", ["sound:bye"])
    over(driver, call)
    assert driver.outcomes() == [("callback_registered", "system")]
    (found,) = entries(driver)
    assert (found.kind, found.service, found.queue, found.number, found.name, found.status) == (
        "requested", "acme", "support", OWN, "Kim", "waiting",
    )  # fmt: skip
    assert found.source_call == call.id and found.entered_by is None
    (row,) = [row for row in driver.records if isinstance(row, CallbackRow)]
    assert (row.kind, row.number) == ("requested", OWN)


def test_1_stops_the_question_and_need_not_wait_for_its_end() -> None:
    driver, call = asked()
    press(driver, "1")
    assert numbers(driver) == [OWN] and call.prompt is not None and call.prompt.media == CALLBACK_REGISTERED_SOUND


@pytest.mark.parametrize("after_s", [0.0, 0.2, 0.5])
@pytest.mark.parametrize("queue", [True, False], ids=["from the queue", "from a menu"])
def test_a_key_that_is_pressed_twice_registers_nobody_who_has_not_heard_the_number(queue: bool, after_s: float) -> None:
    driver, call = asked(menu(k1="call-me", otherwise="bye"), CALL_ME, QUEUE, BYE, queue=False)
    if queue:
        driver, call = asked(QUEUE, CALL_ME, BYE, queue=False)
        driver.pass_time(10)
    heard(driver)
    press(driver, "1")
    driver.pass_time(after_s)
    press(driver, "1")
    assert entries(driver) == [] and heard(driver) == [RIGHT] and call.prompt is not None and call.prompt.media == RIGHT
    driver.pass_time(1)
    press(driver, "1")
    assert numbers(driver) == [OWN]


@pytest.mark.parametrize("in_sentence", [True, False])
def test_who_hangs_up_behind_the_registration_is_registered(in_sentence: bool) -> None:
    driver, call = asked()
    press(driver, "1")
    if not in_sentence:
        over(driver, call)
    driver.tell(facts.LegEnded(call_of(driver).customer_leg or "", 16))
    assert driver.outcomes() == [("callback_registered", "customer")] and numbers(driver) == [OWN]


@pytest.mark.parametrize("keys", ["", "2", "202"])
def test_who_hangs_up_in_the_dialogue_is_not_registered(keys: str) -> None:
    driver, _ = asked()
    press(driver, *keys)
    driver.tell(facts.LegEnded(call_of(driver).customer_leg or "", 16))
    assert driver.outcomes() == [("left_in_scenario", "customer")] and entries(driver) == []


def test_star_cancels_and_the_place_is_kept() -> None:
    driver, call = asked()
    entered_at = call.visit.entered_at if call.visit else None
    press(driver, "*")
    assert left(driver) == "otherwise" and call.state is S.WAITING
    assert call.visit is not None and call.visit.entered_at == entered_at and call.visit.seq == 1
    assert entries(driver) == []


def test_silence_after_two_questions_cancels() -> None:
    driver, call = asked()
    messages = heard(driver)
    for _ in range(2):
        over(driver, call)
        driver.pass_time(5)
        messages += heard(driver)
    assert messages == [RIGHT, RIGHT] and left(driver) == "otherwise" and call.state is S.WAITING


def test_another_key_is_a_try() -> None:
    driver, call = asked()
    press(driver, "7")
    assert heard(driver) == [RIGHT, RIGHT]
    press(driver, "7")
    assert left(driver) == "otherwise" and call.state is S.WAITING


def test_the_place_counts_in_the_dialogue_and_no_more_behind_it() -> None:
    driver, call = asked()
    assert places(driver.center.floor, "support") == 1
    press(driver, "1")
    assert places(driver.center.floor, "support") == 0
    other = driver.restarted()
    assert places(other.center.floor, "support") == 0
    gone(driver, call)
    (row,) = [row for row in driver.records if isinstance(row, QueueVisit) and row.exit is not None][-1:]
    assert (row.exit, row.exit_to) == ("key", "call-me")


def test_who_comes_back_to_the_queue_after_the_registration_begins_anew() -> None:
    driver, call = asked(QUEUE, replace(CALL_ME, exits={"next": "queue"}), BYE)
    press(driver, "1")
    over(driver, call)
    assert call.state is S.WAITING and call.visit is not None and call.visit.seq == 2
    assert call.visit.entered_at == driver.now and places(driver.center.floor, "support") == 1


def test_a_second_wish_of_the_number_finds_the_first_and_is_registered_too() -> None:
    driver, call = asked(open_ones=1)
    press(driver, "1")
    gone(driver, call)
    call = arrives(driver)
    assert heard(driver) == [RIGHT]
    press(driver, "1")
    assert heard(driver) == [CALLBACK_REGISTERED_SOUND] and numbers(driver) == [OWN]
    gone(driver, call)
    assert [outcome for outcome, _ in driver.outcomes()] == ["callback_registered"] * 2


def test_a_full_queue_refuses_with_a_sentence() -> None:
    driver, call = asked(open_ones=1)
    press(driver, "1")
    gone(driver, call)
    call = arrives(driver, OTHER)
    assert heard(driver) == [CALLBACK_REFUSED]
    press(driver, "1")
    over(driver, call)
    assert left(driver) == "next" and way(driver)[-1] == ("call-me", "otherwise")
    assert call.state is S.WAITING and numbers(driver) == [OWN]


def test_a_service_that_does_not_call_out_refuses() -> None:
    driver, call = asked()
    gone(driver, call)
    for config in (configured(driver, outbound=False), replace(configured(driver), calling_numbers={})):
        driver.tell(facts.ConfigurationChanged(config))
        heard(driver)
        call = arrives(driver)
        assert heard(driver) == [CALLBACK_REFUSED]
        gone(driver, call)


def test_a_step_before_any_queue_registers_for_the_nearest_one() -> None:
    driver, call = asked(queue=False)
    driver.pass_time(1)
    press(driver, "1")
    assert [one.queue for one in entries(driver)] == ["support"] and call.visit is None


# ------------------------------------------------------------------------------- another number


def test_2_lets_the_caller_enter_another_number_which_is_read_out() -> None:
    driver, _ = asked()
    heard(driver)
    press(driver, "2")
    assert heard(driver) == [CALLBACK_ENTER]
    press(driver, *"0212345678#")
    assert heard(driver) == [RIGHT_OTHER] and entries(driver) == []
    press(driver, "1")
    (found,) = entries(driver)
    assert (found.number, found.name, found.entered_by) == (OTHER, "", OWN)


def test_the_number_may_be_found_wrong_and_entered_once_more() -> None:
    driver, _ = asked()
    press(driver, *"20298765432#2")
    heard(driver)
    press(driver, *"0212345678#1")
    assert numbers(driver) == [OTHER]


def test_star_begins_the_entry_anew_and_cancels_where_nothing_is_entered() -> None:
    driver, call = asked()
    press(driver, *"2099*0212345678#")
    assert heard(driver)[-1] == RIGHT_OTHER
    press(driver, "2", "*")
    assert left(driver) == "otherwise" and call.state is S.WAITING


def test_an_entry_ends_by_its_time_or_by_its_length() -> None:
    driver, _ = asked()
    press(driver, *"20212345678")
    heard(driver)
    driver.pass_time(3)
    assert heard(driver) == [RIGHT_OTHER]
    press(driver, "2", *("1" * MOST_DIGITS))
    assert heard(driver)[-1] == f"{CALLBACK_INVALID},{CALLBACK_ENTER}"


@pytest.mark.parametrize("caller", ["anonymous", "+442079460018", "1001", NUMBER, CALLING])
def test_who_cannot_be_called_under_the_own_number_is_asked_for_one_at_once(caller: str) -> None:
    driver, _ = asked(caller=caller)
    assert heard(driver) == [CALLBACK_ENTER]
    press(driver, *"0212345678#1")
    assert numbers(driver) == [OTHER]


@pytest.mark.parametrize(
    "entered",
    [
        "119",
        "112",
        "1001",
        "15",
        "0212",
        "0012025550123",  # In the allow-list, and in another country than the service.
        "00442079460018",
        "0609001234",  # Premium rate.
        NUMBER.replace("+82", "0"),
        CALLING.replace("+82", "0"),
        "01099990000",  # On a list that refuses.
        "",
    ],
)
def test_a_number_that_may_not_be_called_is_asked_for_once_more_and_then_refused(entered: str) -> None:
    driver, call = asked()
    nuisance = number_list("nuisance", ["+821099990000"], refuses=True)
    config = replace(driver.center.floor.directory, number_lists={"nuisance": nuisance})
    driver.tell(facts.ConfigurationChanged(config))
    press(driver, "2")
    heard(driver)
    press(driver, *entered, "#")
    assert heard(driver) == [f"{CALLBACK_INVALID},{CALLBACK_ENTER}"]
    press(driver, *entered, "#")
    assert heard(driver) == [CALLBACK_REFUSED]
    over(driver, call)
    assert left(driver) == "otherwise" and call.state is S.WAITING and entries(driver) == []


def test_a_number_that_is_named_in_full_may_be_entered_whatever_its_kind() -> None:
    driver, _ = asked()
    config = configured(driver)
    service = replace(config.services["acme"], allowed_prefixes=("+82212345678",))
    driver.tell(facts.ConfigurationChanged(replace(config, services={"acme": service})))
    press(driver, "2", *"0212345678#1")
    assert numbers(driver) == [OTHER]


def test_one_caller_has_one_open_wish_for_a_number_that_is_not_theirs() -> None:
    driver, call = asked()
    press(driver, *"20212345678#1")
    gone(driver, call)
    call = arrives(driver)
    press(driver, *"201098765432#1")
    assert heard(driver)[-1] == CALLBACK_REFUSED and numbers(driver) == [OTHER]
    gone(driver, call)
    call = arrives(driver)
    press(driver, "1")
    assert numbers(driver) == [OTHER, OWN], "their own number is another matter"
    gone(driver, call)
    call = arrives(driver, "+821055556666")
    press(driver, *"20212345678#1")
    assert heard(driver)[-1] == CALLBACK_REGISTERED_SOUND and numbers(driver) == [OTHER, OWN]


def test_silence_after_two_requests_for_a_number_cancels() -> None:
    driver, call = asked(caller="anonymous")
    messages = heard(driver)
    for _ in range(2):
        over(driver, call)
        driver.pass_time(5)
        messages += heard(driver)
    assert messages == [CALLBACK_ENTER] * 2 and left(driver) == "otherwise" and call.state is S.WAITING


def test_keys_that_were_pressed_ahead_in_a_menu_count() -> None:
    driver, _ = asked(menu(k5="call-me", otherwise="bye"), CALL_ME, QUEUE, BYE, queue=False)
    press(driver, *"5202123456#")
    assert left(driver) is None and heard(driver)[-1] == f"{CALLBACK_INVALID},{CALLBACK_ENTER}"
    press(driver, *"0212345678#1")
    assert numbers(driver) == [OTHER]


# ------------------------------------------------------------------------------- restarts, reloads


@pytest.mark.parametrize(
    ("keys", "asks", "then", "number"),
    [
        ("", RIGHT, "1", OWN),
        ("2", CALLBACK_ENTER, "0212345678#1", OTHER),
        ("20212345678#", RIGHT_OTHER, "1", OTHER),
    ],
)
def test_after_a_restart_the_question_is_heard_again(keys: str, asks: str, then: str, number: str) -> None:
    driver, call = asked()
    press(driver, *keys)
    other = driver.restarted()
    other.connect(*as_it_is(call_of(other)))
    call = call_of(other)
    assert call.prompt is not None and call.prompt.media == asks
    press(other, *then)
    assert numbers(other) == [number]


def test_digits_that_are_being_entered_are_not_on_disk() -> None:
    driver, _ = asked()
    press(driver, *"20198765")
    assert not any(b"0198765" in state for state in driver.state().values())
    other = driver.restarted()
    other.connect(*as_it_is(call_of(other)))
    other.pass_time(3)
    call = call_of(other)
    assert call.prompt is not None and call.prompt.media == CALLBACK_ENTER


def test_after_a_restart_in_the_last_sentence_the_wish_stands_and_the_call_goes_on() -> None:
    driver, _ = asked()
    press(driver, "1")
    other = driver.restarted()
    other.connect(*as_it_is(call_of(other)))
    over(other, call_of(other))
    assert left(other) == "next" and numbers(other) == [OWN]


def test_a_reload_that_removes_the_step_in_the_last_sentence_goes_on_elsewhere_and_keeps_the_wish() -> None:
    driver, call = asked()
    press(driver, "1")
    config = driver.center.floor.directory
    main = config.scenarios["main"]
    steps = {name: step for name, step in main.steps.items() if name != "call-me"}
    driver.tell(facts.ConfigurationChanged(replace(config, scenarios={"main": replace(main, steps=steps)})))
    over(driver, call)
    assert call.state is S.WAITING and numbers(driver) == [OWN]


def test_the_entry_of_an_older_checkpoint_is_read() -> None:
    driver, _ = asked()
    press(driver, "1")
    (found,) = entries(driver)
    before = msgspec.json.decode(msgspec.json.encode(found))
    del before["entered_by"]
    assert msgspec.json.decode(msgspec.json.encode(before), type=Callback).number == OWN


def test_a_service_of_numbers_that_are_no_plan_asks_all_the_same() -> None:
    driver = house(CALL_ME, QUEUE, BYE)
    services = {"acme": Service("acme", allowed_prefixes=("+82",))}
    calling = {CALLING: CallingNumber(CALLING, "acme", "confirmed")}
    config = replace(driver.center.floor.directory, services=services, calling_numbers=calling)
    driver.tell(facts.ConfigurationChanged(config))
    driver.arrive()
    assert heard(driver) == [reading(OWN.removeprefix("+"))]
