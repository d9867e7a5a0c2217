"""The emergency switch of a service: all its callers hear one message, and go on where it leads; what a restart, a
reload and a clock that is set leave of it (requirement H8)."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from cti_bridge.domain.border.actions import HangUp as HangUpLeg
from cti_bridge.domain.border.actions import StartPlayback
from cti_bridge.domain.border.commands import DropEmergency, SetEmergency
from cti_bridge.domain.border.errors import InvalidBody, NotFound
from cti_bridge.domain.border.facts import ClockMoved, ConfigurationChanged, PlaybackEnded, Stalled
from cti_bridge.domain.border.notices import EmergencyChanged
from cti_bridge.domain.border.records import CallRow, ScenarioStep
from cti_bridge.domain.hours.emergency_switch import service_views
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.directory import Directory, Queue, Service
from cti_bridge.domain.model.emergency_switch import GO_ON, NOTHING_PREPARED, EmergencySwitch, Prepared
from cti_bridge.domain.model.kept import Kept
from cti_bridge.domain.model.scenario import Enqueue, Exit, HangUp, Play, Scenario, short_form
from cti_bridge.storage.checkpoint import encode, read
from tests.unit.floor import NUMBER, Driver, directory

OTHER = "+8225550001"
DOWN = Prepared("sound:acme/lines-down")
OF_MENU = Scenario(
    "menu",
    "acme",
    (OTHER,),
    "hello",
    {
        step.name: step
        for step in (
            Play("hello", {Exit.NEXT: "wait"}, "sound:acme/hello"),
            Enqueue("wait", {}, "support"),
            HangUp("sorry", {}, "sound:acme/sorry"),
        )
    },
)


def house(emergency: Prepared = DOWN, *, beside: Sequence[Service] = ()) -> Directory:
    greeted = short_form(NUMBER, "acme", "support", "sound:acme/welcome")
    foreign = short_form("+8225550009", "other", "theirs")
    return directory(
        services=(Service("acme", "Acme", emergency=emergency), Service("other"), *beside),
        queues=(Queue("support", "acme"), Queue("theirs", "other")),
        scenarios=(greeted, OF_MENU, foreign),
    )


def on(driver: Driver, message: str = "", for_s: float | None = None) -> float | None:
    until = None if for_s is None else driver.now + for_s
    driver.tell(SetEmergency("acme", message, until, "a9"))
    return until


def heard(driver: Driver) -> list[str]:
    return [action.media for action in driver.actions if isinstance(action, StartPlayback)]


def hear_it_out(driver: Driver) -> None:
    """The message that plays last is over."""
    last = [action for action in driver.actions if isinstance(action, StartPlayback)][-1]
    driver.tell(PlaybackEnded(last.playback_id))


def steps(driver: Driver) -> list[tuple[str, str, str]]:
    return [(one.scenario, one.step, one.exit) for one in driver.records if isinstance(one, ScenarioStep)]


def saved(driver: Driver) -> EmergencySwitch | None:
    state = driver.saved.get(("emergency_switch", "acme"))
    assert state is None or isinstance(state, EmergencySwitch)
    return state


def told(driver: Driver) -> list[tuple[str, str | None, float | None, str, str | None]]:
    return [
        (one.service, one.message, one.until, one.by, one.ended)
        for one in driver.notices
        if isinstance(one, EmergencyChanged)
    ]


def is_on(driver: Driver) -> bool:
    (view,) = service_views(driver.center.floor, driver.now, {"acme": "UTC"})
    return view.emergency is not None


# ------------------------------------------------------------------------------- who hears it


@pytest.mark.parametrize("dialed", [NUMBER, OTHER])
def test_all_callers_of_the_service_hear_the_message_and_the_call_ends(dialed: str) -> None:
    driver = Driver(house())
    on(driver)
    call = driver.arrive(dialed)
    assert heard(driver) == ["sound:acme/lines-down"] and call.state is CallState.IN_SCENARIO and call.queue is None
    hear_it_out(driver)
    (row,) = [one for one in driver.records if isinstance(one, CallRow) and one.ended_at is not None]
    assert (row.outcome, row.ended_by, row.queue) == ("scenario_done", "system", None)
    assert [step[1:] for step in steps(driver)] == [("emergency", "next")]
    assert any(isinstance(action, HangUpLeg) for action in driver.actions)


def test_callers_of_other_services_hear_nothing_of_it() -> None:
    driver = Driver(house())
    on(driver)
    call = driver.arrive("+8225550009")
    assert heard(driver) == [] and call.queue == "theirs"


def test_who_is_in_the_scenario_already_or_waits_goes_on_as_before() -> None:
    driver = Driver(house())
    first = driver.arrive(OTHER)
    on(driver)
    hear_it_out(driver)
    assert first.state is CallState.WAITING and heard(driver) == ["sound:acme/hello"]
    driver.tell(DropEmergency("acme", "a9"))
    second = driver.arrive(OTHER)
    assert heard(driver)[-1] == "sound:acme/hello" and second.queue == "support"


def test_given_a_step_behind_it_then_the_call_goes_on_there() -> None:
    driver = Driver(house(replace(DOWN, next="menu/sorry")))
    on(driver)
    driver.arrive()
    hear_it_out(driver)
    assert heard(driver) == ["sound:acme/lines-down", "sound:acme/sorry"]
    assert steps(driver) == [(NUMBER, "emergency", "next")]


def test_given_go_on_then_each_scenario_begins_behind_it_as_on_other_days() -> None:
    driver = Driver(house(replace(DOWN, next=GO_ON)))
    on(driver)
    call = driver.arrive(OTHER)
    hear_it_out(driver)
    hear_it_out(driver)
    assert heard(driver) == ["sound:acme/lines-down", "sound:acme/hello"] and call.state is CallState.WAITING
    driver.arrive()
    hear_it_out(driver)
    assert heard(driver)[-1] == "sound:acme/welcome"


def test_given_no_message_then_the_call_is_at_the_next_step_at_once() -> None:
    driver = Driver(house(Prepared("", "menu/sorry")))
    on(driver)
    driver.arrive()
    assert heard(driver) == ["sound:acme/sorry"]


def test_a_message_of_now_stands_in_place_of_the_prepared_one_and_leads_where_that_does() -> None:
    driver = Driver(house(replace(DOWN, next="menu/sorry")))
    on(driver, "sound:acme/evacuated")
    driver.arrive()
    hear_it_out(driver)
    assert heard(driver) == ["sound:acme/evacuated", "sound:acme/sorry"]


def test_given_it_is_over_while_it_plays_then_it_is_heard_out_and_the_scenario_begins() -> None:
    driver = Driver(house())
    on(driver)
    call = driver.arrive(OTHER)
    driver.tell(DropEmergency("acme", "a9"))
    assert heard(driver) == ["sound:acme/lines-down"]
    hear_it_out(driver)
    hear_it_out(driver)
    assert heard(driver)[1:] == ["sound:acme/hello"] and call.state is CallState.WAITING


# ------------------------------------------------------------------------------- by the configuration


def test_the_configuration_switches_it_on_until_a_time() -> None:
    driver = Driver(house(replace(DOWN, on=True, until=1_000_060.0)))
    driver.arrive()
    assert heard(driver) == ["sound:acme/lines-down"] and is_on(driver)
    driver.pass_time(60)
    driver.arrive()
    assert heard(driver)[1:] == ["sound:acme/welcome"] and not is_on(driver)


def test_one_by_hand_goes_before_that_of_the_configuration_and_leaves_it_behind() -> None:
    driver = Driver(house(replace(DOWN, on=True)))
    on(driver, "sound:acme/evacuated")
    driver.arrive()
    driver.tell(DropEmergency("acme", "a9"))
    driver.arrive()
    assert heard(driver) == ["sound:acme/evacuated", "sound:acme/lines-down"]
    (view,) = service_views(driver.center.floor, driver.now, {"acme": "UTC"})
    assert view.emergency is not None and (view.emergency.by, view.emergency.at) == ("configuration", None)


# ------------------------------------------------------------------------------- the switch


def test_it_ends_by_itself() -> None:
    driver = Driver(house())
    until = on(driver, for_s=3_600)
    driver.pass_time(3_599)
    assert is_on(driver) and driver.center.next_deadline() == until
    driver.pass_time(1)
    assert not is_on(driver) and saved(driver) is None and driver.center.next_deadline() is None
    assert told(driver) == [
        ("acme", "sound:acme/lines-down", until, "a9", None),
        ("acme", None, None, "a9", "expired"),
    ]


def test_another_one_stands_in_its_place_and_the_end_of_the_first_ends_nothing() -> None:
    driver = Driver(house())
    on(driver, for_s=60)
    on(driver, "sound:acme/evacuated")
    driver.pass_time(3_600)
    assert is_on(driver) and [one[-1] for one in told(driver)] == [None, "replaced", None]


def test_where_it_is_off_there_is_nothing_to_end() -> None:
    driver = Driver(house())
    driver.tell(DropEmergency("acme", "a9"))
    assert told(driver) == []


@pytest.mark.parametrize(
    ("prepared", "command", "refusal"),
    [
        (DOWN, SetEmergency("none", "", None, "a9"), NotFound),
        (DOWN, DropEmergency("none", "a9"), NotFound),
        (DOWN, SetEmergency("acme", "", 999_999.0, "a9"), InvalidBody),
        (NOTHING_PREPARED, SetEmergency("acme", "", None, "a9"), InvalidBody),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    prepared: Prepared, command: SetEmergency | DropEmergency, refusal: type[Exception]
) -> None:
    driver = Driver(house(prepared))
    with pytest.raises(refusal):
        driver.tell(command)
    assert told(driver) == [] and not is_on(driver)


def test_given_nothing_prepared_then_a_message_of_now_is_enough() -> None:
    driver = Driver(house(NOTHING_PREPARED))
    on(driver, "sound:acme/evacuated")
    driver.arrive()
    hear_it_out(driver)
    assert heard(driver) == ["sound:acme/evacuated"]


def test_given_a_clock_that_is_set_then_the_end_stays_where_the_wall_has_it() -> None:
    driver = Driver(house())
    until = on(driver, for_s=3_600)
    for by_s in (1_800.0, -900.0):
        driver.now += by_s
        driver.tell(ClockMoved(by_s, driver.now))
        assert driver.center.next_deadline() == until
    driver.tell(Stalled(600))
    assert driver.center.next_deadline() == until


# ------------------------------------------------------------------------------- a restart, a reload


def restarted(state: EmergencySwitch, config: Directory, after_s: float = 0.0) -> Driver:
    found = Driver(config)
    found.now += after_s
    checkpoint = read({("emergency_switch", state.service): encode("emergency_switch", state)})
    assert not checkpoint.unreadable
    found.take(found.center.take_up(Kept(checkpoint.core()), found.now))
    return found


@pytest.mark.parametrize(("after_s", "still"), [(600.0, True), (7_200.0, False)])
def test_a_restart_keeps_it_and_its_end(after_s: float, still: bool) -> None:
    driver = Driver(house())
    until = on(driver, "sound:acme/evacuated", 3_600)
    state = saved(driver)
    assert state is not None
    later = restarted(state, house(), after_s)
    assert is_on(later) is still and later.center.next_deadline() == (until if still else None)
    assert [one[-1] for one in told(later)] == ([] if still else ["expired"])
    later.arrive()
    assert heard(later) == ["sound:acme/evacuated" if still else "sound:acme/welcome"]


@pytest.mark.parametrize("content", [b"{}", b'{"service":"shop"}', b"[]"])
def test_an_entry_that_cannot_be_read_stops_nothing(content: bytes) -> None:
    assert len(read({("emergency_switch", "acme"): content}).unreadable) == 1


@pytest.mark.parametrize("gone", ["the service", "its message"])
def test_given_a_reload_without_it_then_it_ends_and_that_is_said(gone: str) -> None:
    driver = Driver(house())
    on(driver)
    config = house(NOTHING_PREPARED)
    if gone == "the service":
        config = replace(config, services={"other": Service("other")})
    driver.tell(ConfigurationChanged(config))
    assert not driver.center.floor.switches and told(driver)[-1][-1] == "removed"


def test_given_another_message_in_a_reload_then_the_next_callers_hear_that() -> None:
    driver = Driver(house())
    on(driver)
    driver.tell(ConfigurationChanged(house(Prepared("sound:acme/again", "menu/sorry"))))
    driver.arrive()
    assert heard(driver) == ["sound:acme/again"]


def test_given_a_reload_without_the_next_step_then_the_caller_goes_on_at_the_nearest_start() -> None:
    driver = Driver(house(replace(DOWN, next="menu/gone")))
    on(driver)
    call = driver.arrive(OTHER)
    hear_it_out(driver)
    assert heard(driver)[1:] == ["sound:acme/hello"] and call.state is CallState.IN_SCENARIO
