"""The expected wait (requirement I4): its formula, what it stands on, and how often it holds."""

from collections.abc import Callable
from dataclasses import replace
from heapq import heappop, heappush
from random import Random

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.records import AfterCallWork, QueueVisit
from cti_bridge.domain.model.announcement import BRACKETS, bracket_of
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.directory import AgentEntry, Directory, Policy, Queue
from cti_bridge.domain.model.handling import LEAST, MOST, WITHIN_S, HandleTimes, Handling
from cti_bridge.domain.model.hours import Hours, Opening, OpenState
from cti_bridge.domain.model.plan import Overflow
from cti_bridge.domain.model.scenario import Branch, Enqueue, HangUp, Scenario, short_form
from cti_bridge.domain.queue.expected import expected_s, expected_wait_of, expected_wait_s, position, shared_ahead
from cti_bridge.domain.views.queues import queue_views
from tests.support.sweeps import sweep
from tests.unit.floor import NUMBER, Driver, agent_entry, directory
from tests.unit.test_recovery import as_it_is

SALES, VIPS = "+8225550001", "+8225550002"
H_S = 240.0
SUPPORT = Queue("support", "acme", longest_wait_s=0)
OTHERS = (
    Queue("sales", "acme", longest_wait_s=0, priority=9),
    Queue("vips", "acme", longest_wait_s=0, priority=20),
)
SCENARIOS = (
    short_form(NUMBER, "acme", "support"),
    short_form(SALES, "acme", "sales"),
    short_form(VIPS, "acme", "vips"),
)
READY = Policy(after_call="ready")


def house(*agents: AgentEntry, support: Queue = SUPPORT, policy: Policy = READY) -> Driver:
    """All of them talk to somebody, and their handling time is :data:`H_S`."""
    config = directory(*agents, queues=(support, *OTHERS), scenarios=SCENARIOS, policy=policy)
    driver = Driver(config)
    driver.connect()
    driver.log_in(*config.agents)
    for _ in agents:
        driver.answer(driver.arrive())
    return driver


def known(driver: Driver, handled: int = LEAST, lasted_s: float = H_S, queue: str = "support") -> None:
    times = driver.center.floor.handle_times.setdefault(queue, HandleTimes(queue))
    for _ in range(handled):
        times.add(driver.now, lasted_s)


def agents(count: int, *queues: str) -> list[AgentEntry]:
    return [agent_entry(number, queues=queues or ("support",)) for number in range(1, count + 1)]


def expected(driver: Driver, call: Call) -> float | None:
    return expected_wait_s(driver.center.floor, call)


def of_new(driver: Driver, queue: str = "support") -> float | None:
    floor = driver.center.floor
    return expected_wait_of(floor, floor.directory.queues[queue])


# ------------------------------------------------------------------------------- the formula


def test_three_queues_of_which_one_waits_share_nothing() -> None:
    driver = house(*agents(10, "support", "sales", "vips"))
    known(driver)
    fifth = [driver.arrive() for _ in range(5)][-1]
    assert expected(driver, fifth) == pytest.approx(120)


def test_calls_of_another_queue_that_the_same_agents_serve_first_count() -> None:
    driver = house(*agents(10, "support", "sales", "vips"))
    known(driver)
    fifth = [driver.arrive() for _ in range(5)][-1]
    for _ in range(10):
        driver.arrive(SALES)
    assert expected(driver, fifth) == pytest.approx(360)
    assert position(driver.center.floor, fifth) == 5, "the place is that among those of the own queue"


def test_who_is_at_lunch_does_not_work() -> None:
    driver = house(*agents(10))
    for cti_id in ("a1", "a2", "a3"):
        agent = driver.agent(cti_id)
        driver.tell(facts.LegEnded(agent.legs[0], 16))
        driver.tell(commands.SetStatus(cti_id, "rest", None))
    known(driver, MOST)
    fifth = [driver.arrive() for _ in range(5)][-1]
    assert expected(driver, fifth) == pytest.approx(171.4, abs=0.1)


def test_another_queue_counts_by_the_share_of_agents_who_serve_it_too() -> None:
    both = [agent_entry(number, queues=("support", "sales")) for number in (1, 2)]
    driver = house(*both, agent_entry(3), agent_entry(4))
    known(driver)
    call = driver.arrive()
    for _ in range(4):
        driver.arrive(SALES)
    assert expected(driver, call) == pytest.approx((4 * 0.5 + 1) * H_S / 4)
    assert shared_ahead({"support": 1, "sales": 4, "vips": 9}, "support", 4, {"support": 4, "sales": 2}) == 3


def test_agents_of_a_queue_that_helps_out_count_from_their_stage_on_and_each_once() -> None:
    helped = replace(SUPPORT, overflow=(Overflow(60, ("sales",)),))
    driver = house(agent_entry(1), agent_entry(2, queues=("support", "sales")), support=helped)
    driver.tell(facts.ConfigurationChanged(_with(driver, agent_entry(3, queues=("sales",)))))
    driver.connect(*(leg for call in driver.center.floor.calls.values() for leg in as_it_is(call)))
    driver.log_in("a3")
    driver.answer(driver.arrive(SALES))
    known(driver)
    call = driver.arrive()
    assert expected(driver, call) == pytest.approx(H_S / 2)
    driver.pass_time(61)
    assert expected(driver, call) == pytest.approx(H_S / 3)


def test_a_reload_that_gives_agents_another_queue_counts_at_once() -> None:
    driver = house(agent_entry(1), agent_entry(2))
    known(driver)
    call = driver.arrive()
    for _ in range(2):
        driver.arrive(SALES)
    assert expected(driver, call) == pytest.approx(H_S / 2)
    driver.tell(facts.ConfigurationChanged(_with(driver, agent_entry(1, queues=("support", "sales")))))
    assert expected(driver, call) == pytest.approx((2 * 0.5 + 1) * H_S / 2)


def _with(driver: Driver, *more: AgentEntry) -> Directory:
    config = driver.center.floor.directory
    return replace(config, agents={**config.agents, **{one.cti_id: one for one in more}})


def test_nobody_works_then_nothing_is_known() -> None:
    assert expected_s(3, H_S, 0) is None
    driver = house(*agents(1))
    known(driver)
    call = driver.arrive()
    driver.tell(facts.LegEnded(driver.agent("a1").legs[0], 16))
    assert expected(driver, call) is None or call.cti_id == "a1"


def test_who_goes_before_by_priority_or_return_counts_and_who_goes_behind_does_not() -> None:
    driver = house(*agents(2))
    known(driver)
    calls = [driver.arrive() for _ in range(3)]
    floor = driver.center.floor
    assert [position(floor, call) for call in calls] == [1, 2, 3]
    calls[2].priority = 5
    floor.touch_call(calls[2])
    driver.tell(facts.TimePassed())
    assert [position(floor, call) for call in calls] == [2, 3, 1]
    driver.tell(facts.LegEnded(calls[2].customer_leg or "", 16))
    assert [position(floor, call) for call in calls[:2]] == [1, 2]


def test_a_free_agent_means_no_wait() -> None:
    driver = house(*agents(1))
    known(driver)
    assert of_new(driver) == pytest.approx(H_S)
    driver.tell(facts.LegEnded(next(iter(driver.center.floor.calls.values())).customer_leg or "", 16))
    driver.tell(facts.LegEnded(driver.agent("a1").legs[0], 16))
    assert of_new(driver) == 0.0


def test_a_call_for_which_a_phone_rings_is_not_ahead_for_its_agent_is_busy_with_it() -> None:
    driver = house(*agents(2))
    known(driver)
    first, second, third = (driver.arrive() for _ in range(3))
    assert expected(driver, third) == pytest.approx(3 * H_S / 2)
    driver.tell(facts.LegEnded(driver.agent("a1").legs[0], 16))
    assert (first.state, second.state) == (CallState.RINGING, CallState.WAITING)
    assert position(driver.center.floor, third) == 3, "it may yet come back to its place"
    handled_s = driver.center.floor.handle_times["support"].mean_s(driver.now) or 0.0
    one, two = expected(driver, second), expected(driver, third)
    assert [one, two, of_new(driver)] == pytest.approx([handled_s / 2, handled_s, 3 * handled_s / 2])
    driver.answer(first)
    assert (expected(driver, second), expected(driver, third)) == (one, two), "the answer changes nothing"
    assert position(driver.center.floor, third) == 2


def test_a_phone_that_nobody_lifts_leaves_its_call_ahead_again() -> None:
    driver = house(*agents(1))
    known(driver)
    first, second = driver.arrive(), driver.arrive()
    driver.tell(facts.LegEnded(driver.agent("a1").legs[0], 16))
    at_once = expected(driver, second) or 0.0
    driver.tell(facts.LegEnded(driver.agent_leg(first), 17, 486))
    assert first.state is CallState.WAITING
    assert expected(driver, second) == pytest.approx(2 * at_once)


def test_a_new_call_is_behind_all_others() -> None:
    driver = house(*agents(2))
    known(driver)
    for _ in range(3):
        driver.arrive()
    assert of_new(driver) == pytest.approx(4 * H_S / 2)


# ------------------------------------------------------------------------------- the handling time


def test_seven_talks_are_silent_and_eight_speak() -> None:
    driver = house(*agents(1))
    call = driver.arrive()
    known(driver, LEAST - 1)
    assert expected(driver, call) is None
    known(driver, 1)
    assert expected(driver, call) == pytest.approx(H_S)


def test_only_the_last_hour_and_the_last_fifty_count() -> None:
    times = HandleTimes("support")
    for _ in range(MOST + 10):
        times.add(1000.0, 100.0)
    assert len(times.at) == len(times.lasted_s) == MOST
    assert times.mean_s(1000.0 + WITHIN_S - 1) == 100.0
    assert times.mean_s(1000.0 + WITHIN_S) is None


def test_without_enough_the_usual_of_this_hour_else_the_setting_else_nothing() -> None:
    driver = house(*agents(1), support=replace(SUPPORT, handle_time_s=100))
    call = driver.arrive()
    assert expected(driver, call) == pytest.approx(100)
    driver.tell(facts.UsualHandleTimes({"support": 150.0}))
    assert expected(driver, call) == pytest.approx(150)
    known(driver)
    assert expected(driver, call) == pytest.approx(H_S)


def test_a_handling_lasts_from_the_ring_until_the_agent_is_free() -> None:
    driver = house(*agents(1), policy=Policy(after_call="ticket"))
    floor = driver.center.floor
    (call,) = floor.calls.values()
    driver.pass_time(100)
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    driver.tell(facts.LegEnded(driver.agent("a1").legs[0], 16))
    assert "support" not in floor.handle_times, "ticket processing goes on"
    driver.pass_time(40)
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert floor.handle_times["support"].lasted_s == [140.0]
    (work,) = [record for record in driver.records if isinstance(record, AfterCallWork)]
    visit = next(record for record in driver.records if isinstance(record, QueueVisit))
    assert (work.visit_id, work.after_call_s) == (visit.id, 40.0)


def test_of_ticket_processing_five_minutes_count() -> None:
    handling = Handling("support", "v", 1000.0, let_go_at=1100.0)
    assert handling.lasted_s(1100.0) == 100
    assert handling.lasted_s(1400.0) == 400
    assert handling.lasted_s(9000.0) == 400


def test_ringing_and_hold_count_and_a_call_that_was_not_taken_does_not() -> None:
    driver = house(policy=READY)
    driver.tell(facts.ConfigurationChanged(_with(driver, agent_entry(1))))
    driver.connect()
    driver.log_in("a1")
    call = driver.arrive()
    leg = driver.agent_leg(call)
    driver.pass_time(10)
    driver.tell(facts.LegAnswered(leg))
    driver.enter(call, call.customer_leg or "", leg)
    driver.pass_time(20)
    driver.tell(commands.HoldCall("a1", call.id))
    driver.pass_time(30)
    driver.tell(commands.ResumeCall("a1", call.id))
    driver.enter(call, call.customer_leg or "")
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    assert driver.center.floor.handle_times["support"].lasted_s == [60.0]
    driver.tell(facts.LegEnded(leg, 16))
    missed = driver.arrive()
    driver.tell(facts.LegEnded(driver.agent_leg(missed), 17, 486))
    assert len(driver.center.floor.handle_times["support"].at) == 1


def test_a_restart_and_a_reload_lose_nothing_of_it() -> None:
    driver = house(*agents(1), policy=Policy(after_call="ticket"))
    known(driver)
    (call,) = driver.center.floor.calls.values()
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    driver.pass_time(50)
    other = driver.restarted()
    other.tell(facts.ConfigurationChanged(other.center.floor.directory))
    assert other.center.floor.handle_times["support"].lasted_s == [H_S] * LEAST
    other.connect()
    other.tell(commands.SetStatus("a1", "ready", None))
    assert other.center.floor.handle_times["support"].lasted_s[LEAST:] == [50.0]


# ------------------------------------------------------------------------------- where it goes


def test_a_visit_has_who_was_ahead_and_the_expected_wait_of_its_entry() -> None:
    driver = house(*agents(2))
    known(driver)
    calls = [driver.arrive() for _ in range(2)]
    visits = [call.visit for call in calls]
    assert [(visit.ahead, visit.wait_predicted_s) for visit in visits if visit] == [(0, 120.0), (1, 240.0)]
    driver.tell(facts.LegEnded(calls[1].customer_leg or "", 16))
    row = [record for record in driver.records if isinstance(record, QueueVisit) and record.call_id == calls[1].id][-1]
    assert (row.ahead, row.wait_predicted_s) == (1, 240.0)


def test_a_call_that_is_offered_at_once_is_expected_to_wait_for_nothing() -> None:
    driver = house()
    driver.tell(facts.ConfigurationChanged(_with(driver, agent_entry(1))))
    driver.connect()
    driver.log_in("a1")
    known(driver)
    call = driver.arrive()
    assert call.cti_id == "a1" and call.visit is not None
    assert (call.visit.ahead, call.visit.wait_predicted_s) == (0, 0.0)


@pytest.mark.parametrize(("waiting", "handled", "where"), [(0, 8, "support"), (2, 8, "bye"), (2, 7, "support")])
def test_a_branch_goes_by_it_and_by_otherwise_while_nothing_is_known(waiting: int, handled: int, where: str) -> None:
    steps = (
        Branch("long", {"300": "bye", "otherwise": "support"}, "queue.expected_wait_s", ("300",), "support"),
        Enqueue("support", {}, "support"),
        HangUp("bye", {}, "sound:bye"),
    )
    scenario = Scenario("asks", "acme", ("+8225550009",), "long", {step.name: step for step in steps})
    driver = house(*agents(2))
    config = driver.center.floor.directory
    driver.tell(facts.ConfigurationChanged(replace(config, scenarios={**config.scenarios, "asks": scenario})))
    for _ in range(waiting):
        driver.arrive()
    known(driver, handled)
    call = driver.arrive("+8225550009")
    assert call.way is not None and call.way.step == where


@pytest.mark.parametrize(("waiting", "counts"), [(0, False), (1, True)])
def test_a_key_may_count_only_while_the_wait_is_long(waiting: int, counts: bool) -> None:
    steps = (
        Enqueue("support", {"1": "bye", "2": "bye"}, "support", {"1": 200.0}),
        HangUp("bye", {}, "sound:bye"),
    )
    scenario = Scenario("keys", "acme", ("+8225550009",), "support", {step.name: step for step in steps})
    driver = house(*agents(2))
    config = driver.center.floor.directory
    driver.tell(facts.ConfigurationChanged(replace(config, scenarios={**config.scenarios, "keys": scenario})))
    for _ in range(waiting):
        driver.arrive()
    call = driver.arrive("+8225550009")
    driver.tell(facts.DigitPressed(call.customer_leg or "", "1"))
    assert call.way is not None and call.way.step == "support", "nothing is known"
    known(driver)
    driver.tell(facts.DigitPressed(call.customer_leg or "", "1"))
    assert (call.way.step == "bye") is counts
    if not counts:
        driver.tell(facts.DigitPressed(call.customer_leg or "", "2"))
        assert call.way.step == "bye", "the plain form always counts"


def test_queues_are_shown_as_they_are_now() -> None:
    driver = house(*agents(2))
    driver.tell(facts.ConfigurationChanged(_with(driver, agent_entry(3, queues=("sales",)))))
    driver.log_in("a3", status="rest")
    floor = driver.center.floor
    waiting = [driver.arrive() for _ in range(2)]
    driver.pass_time(30)
    support, sales, vips = queue_views(floor, driver.now)
    assert (support.id, support.waiting, support.longest_s, support.expected_wait_s) == ("support", 2, 30.0, None)
    assert (support.agents_logged_in, support.agents_ready, support.callbacks) == (2, 0, 0)
    assert (support.service, support.agents_working, support.closed, support.opens_at) == ("acme", 2, False, None)
    assert (sales.waiting, sales.agents_logged_in, vips.agents_logged_in) == (0, 1, 0)
    assert sales.agents_working == 0, "a break is no work"
    known(driver)
    assert queue_views(floor, driver.now)[0].expected_wait_s == 3 * H_S / 2
    assert queue_views(floor, driver.now, ["other"]) == [] and waiting


@pytest.mark.parametrize(
    ("next_state", "opens_at"), [(OpenState.OPEN, "1970-01-12T14:00:00.000Z"), (OpenState.HOLIDAY, None)]
)
def test_a_closed_queue_says_when_it_opens_if_that_is_its_next_change(
    next_state: OpenState, opens_at: str | None
) -> None:
    changes_at = 1_000_800.0
    driver = house()
    directory = driver.center.floor.directory

    def rule(at: float) -> Opening:
        return Opening(OpenState.CLOSED, changes_at) if at < changes_at else Opening(next_state, None)

    queues = {**directory.queues, "support": replace(directory.queues["support"], hours="office")}
    changed = replace(directory, queues=queues, hours={"office": Hours("office", "UTC", rule)})
    driver.tell(facts.ConfigurationChanged(changed))
    views = {view.id: view for view in queue_views(driver.center.floor, driver.now)}
    assert (views["support"].closed, views["support"].opens_at) == (True, opens_at)
    assert (views["sales"].closed, views["sales"].opens_at) == (False, None)
    later = queue_views(driver.center.floor, changes_at)[0]
    assert (later.closed, later.opens_at) == (next_state is not OpenState.OPEN, None)


# ------------------------------------------------------------------------------- by brute force, and how often it holds


@sweep("seeds", range(12), range(200))
def test_whatever_comes_and_goes_places_and_teams_are_those_of_a_count(seeds: range) -> None:
    for seed in seeds:
        _day_of_comparing(Random(seed))


def _day_of_comparing(rng: Random) -> None:
    helped = replace(SUPPORT, overflow=(Overflow(5, ("sales",)), Overflow(20, (), 9)))
    staff = [
        agent_entry(number, queues=rng.choice([("support",), ("support", "sales"), ("sales", "vips"), ("vips",)]))
        for number in range(1, 7)
    ]
    driver = house(support=helped)
    driver.tell(facts.ConfigurationChanged(_with(driver, *staff)))
    driver.connect()
    known(driver)
    for _ in range(120):
        _something(driver, rng, staff)
        _compare(driver)


def _something(driver: Driver, rng: Random, staff: list[AgentEntry]) -> None:
    floor, cti_id = driver.center.floor, rng.choice(staff).cti_id
    agent, calls = driver.agent(cti_id), list(driver.center.floor.calls.values())
    what = rng.random()
    if what < 0.3 and len(calls) < 12:
        driver.arrive(rng.choice([NUMBER, NUMBER, SALES, VIPS]))
    elif what < 0.5:
        driver.log_in(cti_id) if agent.session is None else driver.tell(
            commands.SetStatus(cti_id, "ready", None)
        ) if agent.state == "idle" else None
    elif what < 0.6 and agent.session is not None and agent.state == "idle":
        driver.tell(commands.SetStatus(cti_id, "rest", None))
    elif what < 0.7 and calls:
        call = rng.choice(calls)
        for leg_id in list(call.legs):
            driver.tell(facts.LegEnded(leg_id, 16))
    elif what < 0.8 and (ringing := [call for call in calls if call.state == "ringing"]):
        driver.answer(rng.choice(ringing))
    elif what < 0.82:
        driver.tell(facts.ConfigurationChanged(replace(floor.directory)))
    elif what < 0.84:
        driver.now += 3600
        driver.tell(facts.ClockMoved(3600.0, driver.now))
    else:
        driver.pass_time(rng.choice([0.5, 3, 10]))


def _compare(driver: Driver) -> None:
    from tests.unit.invariants import works

    floor = driver.center.floor
    without = [call for call in floor.calls.values() if call.state in ("waiting", "ringing", "accepted", "connecting")]
    key: Callable[[Call], tuple[bool, int, float, str]] = lambda call: (  # noqa: E731
        not call.wait.returned,
        -(floor.directory.queues[call.queue or ""].priority + call.priority + (9 if _raised(call) else 0)),
        call.arrived_at,
        call.id,
    )
    ordered = sorted(without, key=key)
    working = [entry for cti_id, entry in floor.directory.agents.items() if works(floor, floor.agents[cti_id])]
    for place, call in enumerate(ordered):
        ahead = ordered[:place]
        assert position(floor, call) == 1 + sum(other.queue == call.queue for other in ahead)
        lent = call.queue == "support" and call.wait.reached_s >= 5
        team = [entry for entry in working if call.queue in entry.queues or (lent and "sales" in entry.queues)]
        lasts_s = floor.handle_times["support"].mean_s(floor.now) if call.queue == "support" else None
        if not team or lasts_s is None:
            continue
        counted = sum(
            1.0 if other.queue == call.queue else sum(other.queue in entry.queues for entry in team) / len(team)
            for other in ahead
            if other.state == "waiting"
        )
        assert expected_wait_s(floor, call) == pytest.approx((counted + 1) * lasts_s / len(team))


def _raised(call: Call) -> bool:
    return call.queue == "support" and call.wait.reached_s >= 20


@pytest.mark.parametrize("load", [0.9, 1.05])
@pytest.mark.parametrize("count", [2, 5, 30])
@pytest.mark.parametrize("lasts", ["exponential", "logarithmic"])
def test_in_four_of_five_calls_the_wait_is_within_the_upper_end_of_what_was_said(
    lasts: str, count: int, load: float
) -> None:
    said = [each for seed in range(20 if count < 5 else 5) for each in _day(Random(seed), count, load, lasts)]
    within = sum(waited_s <= BRACKETS[bracket][0] for bracket, waited_s in said)
    assert len(said) > 500 and within / len(said) >= 0.8


def _day(rng: Random, free: int, load: float, lasts: str) -> list[tuple[int, float]]:
    """A queue of eight hours: (what the caller was told at the entry, the wait that it was)."""
    count, every_s = free, H_S / (load * free)
    times, waiting, found = HandleTimes("support"), list[tuple[float, int | None]](), list[tuple[int, float]]()
    events: list[tuple[float, int, float | None]] = [(rng.expovariate(1 / every_s), 0, None)]
    number = 0
    while events[0][0] < 8 * 3600:
        now, _, began_at = heappop(events)
        number += 1
        if began_at is None:
            heappush(events, (now + rng.expovariate(1 / every_s), number, None))
            lasts_s = times.mean_s(now)
            wait_s = expected_s(len(waiting), lasts_s, count) if lasts_s is not None and not free else None
            waiting.append((now, None if wait_s is None else bracket_of(wait_s)))
        else:
            free += 1
            times.add(now, now - began_at)
        while free and waiting:
            entered_at, bracket = waiting.pop(0)
            free, number = free - 1, number + 1
            length_s = rng.expovariate(1 / H_S) if lasts == "exponential" else rng.lognormvariate(5.24, 0.7)
            heappush(events, (now + length_s, number, now))
            if bracket is not None:
                found.append((bracket, now - entered_at))
    return found
