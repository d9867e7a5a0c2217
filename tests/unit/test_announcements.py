"""What callers hear while they wait (requirement I4): when, in which words, and that nothing is late because of it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from time import process_time
from typing import Any

import pytest

from cti_bridge.domain.audio.messages import LOOK_S
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import (
    Action,
    AddToBridge,
    CreateLeg,
    InspectPlayback,
    StartMusic,
    StartPlayback,
    StopMusic,
    StopPlayback,
)
from cti_bridge.domain.model.announcement import Announcement, Say, bracket_of, sounds_of
from cti_bridge.domain.model.call import Call, CallState, Place
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.directory import Policy, Queue
from cti_bridge.domain.model.handling import LEAST, HandleTimes
from cti_bridge.domain.model.scenario import Enqueue, HangUp, Menu, Scenario
from cti_bridge.domain.model.visit import Visit
from cti_bridge.domain.model.words import VisitKind
from cti_bridge.domain.queue.announcements import LONGEST_S, MUSIC_S
from cti_bridge.domain.queue.brackets import say_position, say_wait
from tests.unit.floor import NUMBER, Driver, agent_entry, directory
from tests.unit.situations import playing, state_of
from tests.unit.test_recovery import as_it_is

S = CallState
CUSTOMER = "customer"
POSITION, WAIT = "sound:cti/position-", "sound:cti/wait-"
PATIENCE = "sound:acme/patience"
AT_15 = Announcement(at_s=15, say=(Say.POSITION, Say.WAIT))
EVERY_45 = Announcement(every_s=45, say=(Say.POSITION,), sounds=(PATIENCE,))
STEPS = (
    Enqueue("support", {"1": "menu", "2": "bye", "3": "other"}, "support"),
    Enqueue("other", {}, "sales"),
    Menu("menu", {"1": "support", "otherwise": "support"}, "sound:menu", wait_s=5.0, tries=1),
    HangUp("bye", {}, "sound:bye"),
)
SCENARIO = Scenario("main", "acme", (NUMBER,), "support", {step.name: step for step in STEPS}, "ko")


def house(*announce: Announcement, agents: int = 1, **queue: Any) -> Driver:
    """Its agents are on a break."""
    support = Queue("support", "acme", announce=announce or (AT_15, EVERY_45), **{"longest_wait_s": 0, **queue})
    staff = [agent_entry(number) for number in range(1, agents + 1)]
    queues = (support, Queue("sales", "acme"))
    driver = Driver(directory(*staff, queues=queues, scenarios=(SCENARIO,), policy=Policy(after_call="ready")))
    driver.connect()
    driver.log_in(*(one.cti_id for one in staff), status="rest")
    return driver


def ready(driver: Driver, *cti_ids: str) -> None:
    for cti_id in cti_ids or ("a1",):
        driver.tell(commands.SetStatus(cti_id, "ready", None))


def known(driver: Driver, lasted_s: float) -> None:
    times = driver.center.floor.handle_times["support"] = HandleTimes("support")
    for _ in range(LEAST):
        times.add(driver.now, lasted_s)


def reconfigured(driver: Driver, *announce: Announcement) -> None:
    config = driver.center.floor.directory
    queues = {"support": replace(config.queues["support"], announce=announce)}
    driver.tell(facts.ConfigurationChanged(replace(config, queues=queues)))


def over(driver: Driver, call: Call, *, failed: bool = False) -> None:
    driver.tell(facts.PlaybackEnded(playing(call), failed))


def heard(driver: Driver) -> list[str]:
    """Since this was asked last: what was played, and music."""
    actions, driver.actions = driver.actions, []
    return [word for action in actions if (word := _word(action))]


def _word(action: Action) -> str:
    if isinstance(action, StartPlayback):
        return action.media
    return "music" if isinstance(action, StartMusic) else ""


def listen(driver: Driver, call: Call, seconds: float) -> list[tuple[float, str]]:
    """Each announcement with the seconds of the wait at which it came; each lasts three seconds."""
    began, found = driver.now, []
    entered = call.visit.entered_at if call.visit else driver.now
    while driver.now < began + seconds:
        at = driver.center.next_deadline() or began + seconds
        driver.pass_time(min(max(0.0, at - driver.now), began + seconds - driver.now) or 0.001)
        if words := [word for word in heard(driver) if word != "music"]:
            found += [(round(driver.now - entered, 2), word) for word in words]
            driver.pass_time(3)
            over(driver, call)
            assert heard(driver) == ["music"]
    return found


# ------------------------------------------------------------------------------- when, and in which words


def test_at_a_first_time_and_then_in_intervals_counted_from_the_entry() -> None:
    driver = house()
    driver.pass_time(7)
    call = driver.arrive(leg_id=CUSTOMER)
    assert listen(driver, call, 150) == [
        (15, POSITION + "1"),
        (45, f"{POSITION}1,{PATIENCE}"),
        (90, f"{POSITION}1,{PATIENCE}"),
        (135, f"{POSITION}1,{PATIENCE}"),
    ]


def test_in_the_callers_language_as_one_list() -> None:
    driver = house()
    driver.arrive(leg_id=CUSTOMER)
    driver.pass_time(45)
    plays = [action for action in driver.actions if isinstance(action, StartPlayback)]
    assert {play.language for play in plays} == {"ko"}


def test_the_music_is_stopped_before_and_started_again_behind_it() -> None:
    driver = house()
    call = driver.arrive(leg_id=CUSTOMER)
    driver.pass_time(14.9)
    driver.actions.clear()
    driver.pass_time(0.2)
    assert [type(action) for action in driver.actions] == [StopMusic, StartPlayback]
    driver.actions.clear()
    over(driver, call)
    assert [type(action) for action in driver.actions] == [StartMusic]
    assert state_of(call) is S.WAITING


def test_all_that_is_due_at_once_is_said_in_one_and_each_thing_once() -> None:
    driver = house(
        Announcement(at_s=45, say=(Say.POSITION,), sounds=("sound:a",)),
        Announcement(every_s=45, say=(Say.POSITION,), sounds=("sound:b", "sound:a")),
    )
    call = driver.arrive(leg_id=CUSTOMER)
    assert listen(driver, call, 60) == [(45, POSITION + "1,sound:a,sound:b")]


def test_a_first_time_and_an_interval_in_one() -> None:
    driver = house(Announcement(at_s=5, every_s=20, sounds=("sound:a",)))
    call = driver.arrive(leg_id=CUSTOMER)
    assert [at for at, _ in listen(driver, call, 60)] == [5, 25, 45]


def test_at_the_entry_itself() -> None:
    driver = house(Announcement(at_s=0, say=(Say.POSITION,)))
    call = driver.arrive(leg_id=CUSTOMER)
    assert listen(driver, call, 60) == [(0, POSITION + "1")]


def test_what_is_due_while_another_plays_comes_after_it_with_music_between() -> None:
    driver = house(Announcement(at_s=15, sounds=("sound:long",)), Announcement(at_s=20, sounds=("sound:a",)))
    call = driver.arrive(leg_id=CUSTOMER)
    driver.pass_time(27)
    assert [word for word in heard(driver) if word != "music"] == ["sound:long"]
    over(driver, call)
    driver.pass_time(MUSIC_S - 0.1)
    assert heard(driver) == ["music"]
    driver.pass_time(0.2)
    assert heard(driver) == ["sound:a"]


def test_nothing_to_say_disturbs_no_music() -> None:
    driver = house(Announcement(every_s=10, say=(Say.WAIT,)))
    driver.arrive(leg_id=CUSTOMER)
    driver.actions.clear()
    driver.pass_time(60)
    assert driver.actions == []


def test_a_queue_that_announces_nothing_sets_no_deadline() -> None:
    driver = house()
    reconfigured(driver)
    call = driver.arrive(leg_id=CUSTOMER)
    assert call.visit is not None and call.visit.announce_at is None


def test_said_only_while_the_wait_is_long() -> None:
    driver = house(Announcement(every_s=30, sounds=("sound:press-1",), above_s=120), agents=2)
    calls = [driver.arrive(leg_id=f"c{number}") for number in (1, 2)]
    driver.pass_time(31)
    assert "sound:press-1" not in heard(driver), "nothing is known"
    ready(driver, "a1", "a2")  # Both are rung.
    for call in calls:
        driver.answer(call)
    third = driver.arrive(leg_id="c3")
    known(driver, 200)
    driver.pass_time(31)
    assert "sound:press-1" not in heard(driver), "100 s"
    known(driver, 250)
    driver.pass_time(30)
    assert "sound:press-1" in heard(driver), third


def test_a_key_that_was_offered_counts_when_the_wait_is_long_no_more() -> None:
    for offered in (True, False):
        driver = house(Announcement(every_s=30, sounds=("sound:press-1",), above_s=120))
        support = replace(STEPS[0], above_s={"1": 120.0})
        scenario = replace(SCENARIO, steps={**SCENARIO.steps, "support": support})
        config = driver.center.floor.directory
        driver.tell(facts.ConfigurationChanged(replace(config, scenarios={"main": scenario})))
        ready(driver)
        driver.answer(driver.arrive())
        call = driver.arrive(leg_id="c1")
        known(driver, 130 if offered else 110)
        driver.pass_time(31)
        assert ("sound:press-1" in heard(driver)) is offered
        known(driver, 100)
        driver.tell(facts.DigitPressed("c1", "1"))
        assert state_of(call) is (S.IN_SCENARIO if offered else S.WAITING)


def test_positions_from_one_to_ten_and_more() -> None:
    driver = house(Announcement(at_s=1, say=(Say.POSITION,)))
    for number in range(12):
        driver.arrive(leg_id=f"c{number}")
    driver.pass_time(1.5)
    said = [word.removeprefix(POSITION) for word in heard(driver) if word != "music"]
    assert said == [*map(str, range(1, 11)), "more", "more"]
    assert set(sounds_of(Say.POSITION)) >= {POSITION + word for word in said}


# ------------------------------------------------------------------------------- what is never said


def visit() -> Visit:
    return Visit("v", 1, "support", VisitKind.NEW, 1000.0)


def test_a_position_never_rises() -> None:
    one = visit()
    said = [say_position(one, position) for position in (3, 5, 2, 4, 11)]
    assert said == [POSITION + word for word in ("3", "3", "2", "2", "2")]


def test_a_bracket_is_said_again_only_when_it_is_lower() -> None:
    one = visit()
    said = [say_wait(one, expected_s, 1000.0 + at) for at, expected_s in enumerate((200, 250, 400, 119, 290, 59, 10))]
    assert said == [WAIT + "2-5", None, None, WAIT + "1-2", None, WAIT + "under-1", None]


def test_after_its_upper_end_has_passed_no_time_is_said_any_more() -> None:
    one = visit()
    assert say_wait(one, 200, 1000.0) == WAIT + "2-5"
    assert say_wait(one, 30, 1301.0) is None
    assert say_wait(one, 30, 1000.0 + 100) == WAIT + "under-1", "while it has not"
    assert say_wait(visit(), None, 1000.0) is None


@pytest.mark.parametrize(
    ("expected_s", "name"),
    [(0, "under-1"), (59.9, "under-1"), (60, "1-2"), (120, "2-5"), (300, "5-10"), (600, "10-20"), (1200, "over-20")],
)
def test_brackets(expected_s: float, name: str) -> None:
    assert sounds_of(Say.WAIT)[bracket_of(expected_s)] == WAIT + name


def test_position_3_and_2_to_5_minutes() -> None:
    """Two VIPs enter: no position 5. Eight of ten go on a break: no higher bracket. After five minutes: no time at
    all."""
    driver = house(Announcement(every_s=20, say=(Say.POSITION, Say.WAIT)), agents=10)
    everybody = [f"a{number}" for number in range(1, 11)]
    talks = [driver.arrive(leg_id=f"t{number}") for number in range(10)]
    ready(driver, *everybody)
    for call in talks:
        driver.answer(call)
    known(driver, 600)
    before = [driver.arrive(leg_id=f"b{number}") for number in range(2)]
    call = driver.arrive(leg_id=CUSTOMER)
    driver.pass_time(20.5)
    assert f"{POSITION}3,{WAIT}2-5" in heard(driver)
    for number in range(2):
        vip = driver.arrive(leg_id=f"v{number}")
        vip.priority = 9
        driver.center.floor.touch_call(vip)
    for other in (*before, call):
        over(driver, other)
    for talk in talks[:8]:
        cti_id = talk.cti_id or ""
        driver.tell(commands.SetNextStatus(cti_id, "rest", None))
        driver.tell(facts.LegEnded(talk.customer_leg or "", 16))
        driver.tell(facts.LegEnded(driver.agent(cti_id).legs[0], 16))
    heard(driver)
    driver.pass_time(20)
    said = [action.media for action in driver.actions if isinstance(action, StartPlayback)]
    assert POSITION + "3" in said and not any("10-20" in media or "5-10" in media for media in said[2:3])
    assert call.visit is not None and (call.visit.said_position, call.visit.said_wait) == (3, 2)
    over(driver, call)
    driver.now += 300
    known(driver, 10)
    heard(driver)
    driver.tell(facts.TimePassed())
    driver.pass_time(1)
    said = [a.media for a in driver.actions if isinstance(a, StartPlayback) and a.leg_id == CUSTOMER]
    assert said == [POSITION + "3"]


# ------------------------------------------------------------------------------- nothing is late because of it


def announced(driver: Driver | None = None) -> tuple[Driver, Call]:
    """In the middle of an announcement."""
    driver = driver or house()
    call = driver.arrive(leg_id=CUSTOMER)
    driver.pass_time(17)
    driver.tell(facts.PlaybackStarted(playing(call)))
    driver.actions.clear()
    return driver, call


def test_who_becomes_ready_in_the_middle_gets_the_call_at_once_and_it_goes_on_until_the_phone_is_lifted() -> None:
    driver, call = announced()
    ready(driver)
    assert [type(action) for action in driver.actions] == [CreateLeg], "at once, and the caller hears on"
    leg = driver.agent_leg(call)
    driver.actions.clear()
    driver.tell(facts.LegAnswered(leg))
    kinds = [type(action) for action in driver.actions]
    assert kinds.index(StopPlayback) < kinds.index(AddToBridge) and StartMusic not in kinds
    driver.enter(call, CUSTOMER, leg)
    driver.pass_time(200)
    assert not [a for a in driver.actions if isinstance(a, StartPlayback | StartMusic) and a.leg_id == CUSTOMER]
    assert call.visit is not None and call.visit.announce_at is None


def test_an_announcement_that_ends_while_a_phone_rings_is_followed_by_music_and_none_begins() -> None:
    driver, call = announced()
    ready(driver)
    driver.agent_leg(call)
    driver.actions.clear()
    over(driver, call)
    assert heard(driver) == ["music"]
    driver.pass_time(15)
    assert heard(driver) == [] and state_of(call) is S.RINGING


def test_one_that_was_due_while_a_phone_rang_is_said_when_the_offer_has_come_to_nothing() -> None:
    driver = house(Announcement(at_s=15, say=(Say.POSITION,)))
    call = driver.arrive(leg_id=CUSTOMER)
    driver.pass_time(10)
    ready(driver)
    driver.agent_leg(call)
    driver.pass_time(19)
    heard(driver)
    driver.pass_time(2)
    assert state_of(call) is S.WAITING and heard(driver) == [POSITION + "1"]


def test_a_key_counts_at_once_and_stops_it() -> None:
    driver, _ = announced()
    driver.tell(facts.DigitPressed(CUSTOMER, "1"))
    assert [type(action) for action in driver.actions] == [StopPlayback, StartPlayback]
    assert heard(driver) == ["sound:menu"]


def test_another_queue_stops_it_too_and_has_its_own_music() -> None:
    driver, call = announced()
    driver.tell(facts.DigitPressed(CUSTOMER, "3"))
    assert [type(action) for action in driver.actions] == [StopPlayback, StartMusic]
    assert (state_of(call), call.queue, call.prompt) == (S.WAITING, "sales", None)


def test_who_comes_back_by_a_key_hears_what_is_due_behind_some_music_and_what_was_said_holds() -> None:
    driver, call = announced()
    driver.tell(facts.DigitPressed(CUSTOMER, "1"))
    other = driver.arrive(leg_id="other")
    other.priority = 5
    driver.center.floor.touch_call(other)
    driver.pass_time(40)
    over(driver, call)
    heard(driver)
    driver.tell(facts.DigitPressed(CUSTOMER, "1"))
    assert heard(driver) == ["music"]
    driver.pass_time(MUSIC_S + 0.1)
    assert f"{POSITION}1,{PATIENCE}" in heard(driver)


@pytest.mark.parametrize("way", ["longest wait", "hang-up", "queue removed", "key"])
def test_whatever_ends_the_wait_ends_the_announcement(way: str) -> None:
    driver = house(longest_wait_s=20, exits={"longest_wait": "main/bye"})
    driver, call = announced(driver)
    if way == "longest wait":
        driver.pass_time(5)
    elif way == "hang-up":
        driver.tell(facts.LegEnded(CUSTOMER, 16))
    elif way == "queue removed":
        driver.tell(facts.ConfigurationChanged(replace(driver.center.floor.directory, queues={}, scenarios={})))
    else:
        driver.tell(facts.DigitPressed(CUSTOMER, "2"))
    assert driver.center.floor.deadlines.at(Kind.ANNOUNCEMENT, call.id) is None
    assert call.prompt is None or call.prompt.then != "wait"
    if way != "hang-up":
        stopped = [type(a) for a in driver.actions if isinstance(a, StopPlayback | StartPlayback)]
        assert stopped == [StopPlayback, StartPlayback]


def test_a_sound_that_fails_is_followed_by_music_at_once() -> None:
    driver, call = announced()
    over(driver, call, failed=True)
    assert heard(driver) == ["music"]


def test_a_sound_whose_end_nobody_tells_is_stopped_and_followed_by_music() -> None:
    driver, _ = announced()
    driver.pass_time(LONGEST_S - 2 + LOOK_S)
    assert [type(action) for action in driver.actions] == [InspectPlayback, StopPlayback, StartMusic]


# ------------------------------------------------------------------------------- it survives


def test_a_reload_in_the_middle_leaves_what_plays_and_sets_the_next_by_the_new_words() -> None:
    driver, call = announced()
    reconfigured(driver, Announcement(every_s=30, sounds=("sound:new",)))
    assert heard(driver) == []
    over(driver, call)
    assert heard(driver) == ["music"]
    assert [word for _, word in listen(driver, call, 20)] == ["sound:new"]


def test_a_reload_that_takes_announcements_away_and_one_that_brings_them() -> None:
    driver, call = announced()
    reconfigured(driver)
    over(driver, call)
    assert heard(driver) == ["music"]
    driver.pass_time(100)
    assert heard(driver) == []
    reconfigured(driver, Announcement(every_s=60, sounds=("sound:new",)))
    assert listen(driver, call, 40) == [(117 + MUSIC_S, "sound:new")], "that of the first minute was not said"


def test_many_reloads_put_nothing_off() -> None:
    driver = house()
    call = driver.arrive(leg_id=CUSTOMER)
    for _ in range(20):
        driver.pass_time(1)
        reconfigured(driver, AT_15, EVERY_45)
    assert call.visit is not None and POSITION + "1" in heard(driver)


def test_a_restart_in_the_middle_goes_on_where_the_pbx_is_and_keeps_what_was_said() -> None:
    driver, call = announced()
    driver.arrive(leg_id="other")
    other = driver.restarted()
    found = other.center.floor.calls[call.id]
    other.connect(*as_it_is(found))
    assert not [a for a in other.actions if isinstance(a, StartPlayback | StartMusic) and a.leg_id == CUSTOMER]
    other.tell(facts.PlaybackEnded(playing(found)))
    assert "music" in heard(other)
    assert found.visit is not None and found.visit.said_position == 1
    assert found.visit.announce_at == pytest.approx(found.visit.entered_at + 45, abs=0.5)


def test_while_the_pbx_is_away_the_next_one_stands_still() -> None:
    driver = house(AT_15)
    call = driver.arrive(leg_id=CUSTOMER)
    driver.pass_time(10)
    driver.tell(facts.NodeLost("main"))
    driver.pass_time(100)
    assert POSITION + "1" not in heard(driver)
    driver.connect(*as_it_is(call))
    driver.pass_time(4.9)
    assert POSITION + "1" not in heard(driver)
    driver.pass_time(0.2)
    assert POSITION + "1" in heard(driver)


def test_a_clock_that_is_set_changes_nothing() -> None:
    driver = house(AT_15)
    driver.arrive(leg_id=CUSTOMER)
    driver.pass_time(10)
    driver.now += 3600
    driver.tell(facts.ClockMoved(3600.0, driver.now))
    driver.pass_time(4.9)
    assert POSITION + "1" not in heard(driver)
    driver.pass_time(0.2)
    assert POSITION + "1" in heard(driver)


# ------------------------------------------------------------------------------- many


def test_with_two_hundred_callers_who_are_told_every_ten_seconds_no_turn_is_long() -> None:
    """The longest turn of the core in a minute, by the time of the processor: others use the machine."""
    longest = min(_longest_turn_s() for _ in range(3))
    assert longest < 0.02, longest


def _longest_turn_s() -> float:
    driver = house(Announcement(every_s=10, say=(Say.POSITION, Say.WAIT), sounds=(PATIENCE,)), agents=20)
    talks = [driver.arrive(leg_id=f"t{number}") for number in range(20)]
    ready(driver, *(f"a{number}" for number in range(1, 21)))
    for call in talks:
        driver.answer(call)
    known(driver, 240)
    calls = []
    for number in range(200):
        calls.append(driver.arrive(leg_id=f"c{number}"))
        driver.pass_time(0.05)
    longest, end = 0.0, driver.now + 60
    while driver.now < end:
        driver.now = max(driver.now, driver.center.next_deadline() or end)
        began = process_time()
        output = driver.center.handle(facts.TimePassed(), driver.now)
        longest = max(longest, process_time() - began)
        for action in output.actions:
            if isinstance(action, StartPlayback):
                driver.tell(facts.PlaybackStarted(action.playback_id))
                driver.tell(facts.PlaybackEnded(action.playback_id))
    assert all(call.customer_leg and call.legs[call.customer_leg].place is Place.MUSIC for call in calls)
    return longest


def test_nobody_is_told_more_than_before_whoever_comes_and_goes() -> None:
    driver = house(Announcement(every_s=10, say=(Say.POSITION,)), agents=2)
    first = [driver.arrive(leg_id=f"c{number}") for number in range(5)]
    told: dict[str, list[str]] = {}
    for second in range(120):
        if second % 7 == 3:
            vip = driver.arrive(leg_id=f"v{second}")
            vip.priority = second % 3
            driver.center.floor.touch_call(vip)
        driver.actions.clear()
        driver.pass_time(1)
        for action in [a for a in driver.actions if isinstance(a, StartPlayback)]:
            told.setdefault(action.leg_id, []).append(action.media)
            driver.tell(facts.PlaybackEnded(action.playback_id))
    assert first and _never_rise(told.values())


def _never_rise(told: Sequence[list[str]] | Any) -> bool:
    order = sounds_of(Say.POSITION)
    return all(order.index(later) <= order.index(before) for words in told for before, later in pairwise(words))
