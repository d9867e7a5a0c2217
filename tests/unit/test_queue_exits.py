"""Calls that leave a queue without an agent: by which exit, where to, when, and what their visits say (requirements I5,
I6)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import StartPlayback
from cti_bridge.domain.border.records import CallEvent, OfferRow, QueueVisit, ScenarioStep
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.directory import Queue
from cti_bridge.domain.model.hours import Hours, Opening, OpenState
from cti_bridge.domain.model.scenario import HANG_UP, Enqueue, HangUp, Play, Scenario
from tests.unit.floor import NODE, NUMBER, Driver
from tests.unit.situations import OUTSIDE, playing, situation, staffed, state_of
from tests.unit.test_recovery import as_it_is

S = CallState
CUSTOMER = "customer"
CLOSES_IN_S = 1000.0
STEPS = (
    Enqueue("support", {"longest_wait": "late", "1": "menu", "2": "elsewhere"}, "support"),
    Play("menu", {"next": "support"}, "sound:menu"),
    Enqueue("elsewhere", {}, "sales"),
    HangUp("late", {}, "sound:late"),
    HangUp("full", {}, "sound:full"),
    HangUp("nobody", {}, "sound:nobody"),
    HangUp("closed", {}, "sound:closed"),
)
EXITS = {"full": "main/full", "no_agents": "main/nobody", "closed": "main/closed", "longest_wait": "main/late"}


def hours_that_close(driver: Driver, state: OpenState = OpenState.OPEN) -> Hours:
    """Open until :data:`CLOSES_IN_S` from now; closed then for ever."""
    at = driver.now + CLOSES_IN_S

    def rule(now: float) -> Opening:
        return Opening(OpenState.OPEN, at) if now < at and state is OpenState.OPEN else Opening(OpenState.CLOSED, None)

    return Hours("office", "Asia/Seoul", rule)


def house(exits: Mapping[str, str] = EXITS, closed: bool = False, **queue: Any) -> Driver:
    """a1 and a2 are ready; the number leads to the queue ``support``, which keys leave."""
    driver = staffed()
    driver.log_in("a2")
    config = driver.center.floor.directory
    office = hours_that_close(driver, OpenState.CLOSED if closed else OpenState.OPEN)
    support = replace(config.queues["support"], exits=exits, longest_wait_s=600, **queue)
    scenario = Scenario("main", "acme", (NUMBER,), "support", {step.name: step for step in STEPS})
    driver.tell(
        facts.ConfigurationChanged(
            replace(
                config,
                queues={"support": support, "sales": Queue("sales", "acme")},
                scenarios={"main": scenario},
                hours={"office": office},
            )
        )
    )
    return driver


def rest(driver: Driver, *agents: str) -> None:
    for agent in agents or ("a1", "a2"):
        driver.tell(commands.SetStatus(agent, "rest", None))


def busy(driver: Driver) -> list[Call]:
    """Both talk."""
    calls = [driver.arrive(leg_id=f"talk-{agent}") for agent in ("a1", "a2")]
    for call in calls:
        driver.answer(call)
    return calls


def heard(driver: Driver) -> list[str]:
    """Since this was asked last."""
    actions, driver.actions = driver.actions, []
    return [action.media for action in actions if isinstance(action, StartPlayback)]


def visits(driver: Driver, call: Call) -> list[QueueVisit]:
    """As they are now."""
    rows = {row.id: row for row in driver.records if isinstance(row, QueueVisit) and row.call_id == call.id}
    return list(rows.values())


def exits(driver: Driver, call: Call) -> list[tuple[str, str | None]]:
    return [(row.queue, row.exit) for row in visits(driver, call)]


def over(driver: Driver, call: Call) -> None:
    driver.tell(facts.PlaybackEnded(playing(call)))


# ------------------------------------------------------------------------------- where an exit leads


def test_a_steps_own_exit_goes_before_that_of_the_queue() -> None:
    driver = house({"longest_wait": "main/full"})
    rest(driver)
    call = driver.arrive(leg_id=CUSTOMER)
    driver.pass_time(600)
    assert (state_of(call), heard(driver)) == (S.ANNOUNCING, ["sound:late"])
    assert visits(driver, call)[0].exit_to == "late"


def test_a_call_out_that_came_back_has_the_exits_of_its_queue() -> None:
    driver, call = situation("talking outbound")
    config = driver.center.floor.directory
    queue = replace(config.queues["support"], exits={"longest_wait": "main/late"}, longest_wait_s=60)
    scenario = Scenario("main", "acme", (), "late", {"late": HangUp("late", {}, "sound:late")})
    reconfigured = replace(config, queues={"support": queue}, scenarios={**config.scenarios, "main": scenario})
    driver.tell(facts.ConfigurationChanged(reconfigured))
    driver.tell(commands.HoldCall("a1", call.id))
    driver.tell(facts.LegEnded(call.agent_leg or "", 16))
    assert (state_of(call), [(v.kind, v.reason, v.from_cti_id) for v in visits(driver, call)]) == (
        S.WAITING,
        [("returned", "left_on_hold", "a1")],
    )
    driver.tell(commands.SetStatus("a1", "rest", None))
    driver.pass_time(60)
    assert heard(driver)[-1] == "sound:late" and exits(driver, call) == [("support", "longest_wait")]
    over(driver, call)
    assert driver.outcomes() == [("queue_timeout", "system")]


@pytest.mark.parametrize("target", [{"full": HANG_UP}, {}])
def test_without_a_target_the_caller_is_told_and_the_rows_say_so(target: dict[str, str]) -> None:
    driver = house(target, max_waiting=1)
    rest(driver)
    driver.arrive()
    call = driver.arrive(leg_id=CUSTOMER)
    assert (state_of(call), heard(driver)) == (S.ANNOUNCING, ["sound:cti/goodbye"])
    over(driver, call)
    assert driver.outcomes() == [("queue_full", "system")] and exits(driver, call) == [("support", "full")]
    assert [row.exit for row in driver.records if isinstance(row, ScenarioStep) and row.call_id == call.id] == ["full"]


def test_a_call_that_no_queue_takes_back_goes_where_failed_says() -> None:
    driver, call = situation("talking outbound")
    config = driver.center.floor.directory
    service = replace(config.services["acme"], return_queue=None)
    queue = replace(config.queues["support"], exits={"failed": "main/late"})
    scenario = Scenario("main", "acme", (), "late", {"late": HangUp("late", {}, "sound:late")})
    driver.tell(
        facts.ConfigurationChanged(
            replace(
                config,
                services={"acme": service},
                queues={"support": queue},
                scenarios={**config.scenarios, "main": scenario},
            )
        )
    )
    driver.tell(commands.HoldCall("a1", call.id))
    driver.tell(facts.LegEnded(call.agent_leg or "", 16))
    assert heard(driver)[-1] == "sound:late" and state_of(call) is S.ANNOUNCING
    over(driver, call)
    assert driver.outcomes() == [("completed", "system")]


# ------------------------------------------------------------------------------- full


def test_a_full_queue_turns_new_calls_away_and_takes_those_that_come_back() -> None:
    driver = house(max_waiting=1)
    first = driver.arrive(leg_id="talk")
    driver.answer(first)
    rest(driver, "a2")
    driver.arrive()
    driver.tell(commands.HoldCall("a1", first.id))
    driver.tell(facts.LegEnded(first.agent_leg or "", 16))
    assert (state_of(first), exits(driver, first)) == (S.WAITING, [("support", "answered"), ("support", None)])
    call = driver.arrive(leg_id=CUSTOMER)
    assert heard(driver)[-1] == "sound:full"
    row = visits(driver, call)[0]
    assert (row.exit, row.exit_to, row.left_at) == ("full", "main/full", row.entered_at)


# ------------------------------------------------------------------------------- nobody works


def test_all_to_rest_then_who_waits_leaves_after_thirty_seconds_and_a_new_caller_at_once() -> None:
    driver = house()
    waiting = busy(driver) and [driver.arrive(), driver.arrive()]
    for agent in ("a1", "a2"):
        driver.tell(commands.SetNextStatus(agent, "rest", None))
        call_of_agent = driver.center.floor.calls[driver.agent(agent).call_id or ""]
        driver.tell(facts.LegEnded(call_of_agent.agent_leg or "", 16))
    heard(driver)
    driver.pass_time(10)
    new = driver.arrive(leg_id=CUSTOMER)
    assert heard(driver) == ["sound:nobody"] and exits(driver, new) == [("support", "no_agents")]
    driver.pass_time(19.9)
    assert [state_of(call) for call in waiting] == [S.WAITING, S.WAITING]
    driver.pass_time(0.1)
    assert heard(driver) == ["sound:nobody"] * 2
    over(driver, waiting[0])
    assert driver.outcomes()[-1] == ("no_agents", "system")


@pytest.mark.parametrize("one", ["ticket_processing", "in a call", "out and in again", "missed"])
def test_one_who_works_keeps_all_calls(one: str) -> None:
    driver = house()
    talks = busy(driver)
    call = driver.arrive(leg_id=CUSTOMER)
    driver.tell(commands.SetNextStatus("a2", "rest", None))
    driver.tell(facts.LegEnded(talks[1].agent_leg or "", 16))
    if one == "ticket_processing":
        driver.tell(commands.SetStatus("a2", "rest", None))
        driver.tell(facts.LegEnded(talks[0].agent_leg or "", 16))
        assert driver.agent("a1").processes_a_ticket
    elif one == "missed":
        driver.tell(commands.SetNextStatus("a1", "ready", None))
        driver.tell(facts.LegEnded(talks[0].agent_leg or "", 16))
        driver.agent_leg(call)
    elif one == "out and in again":
        driver.tell(commands.SetNextStatus("a1", "rest", None))
        driver.tell(facts.LegEnded(talks[0].agent_leg or "", 16))
        driver.pass_time(10)
        driver.tell(commands.SetStatus("a1", "business", "meeting"))
        driver.tell(commands.SetStatus("a1", "ready", None))
    driver.pass_time(60)
    assert not [row for row in driver.records if isinstance(row, CallEvent) and row.type == "turned_away"]
    assert call.visit is not None and (call.visit.waits or call.visit.exit == "answered")


def test_without_the_exit_calls_wait_though_nobody_works() -> None:
    driver = house({})
    rest(driver)
    call = driver.arrive(leg_id=CUSTOMER)
    driver.pass_time(100)
    assert state_of(call) is S.WAITING


def test_a_phone_that_is_gone_counts_for_a_while() -> None:
    driver = house()
    rest(driver, "a2")
    driver.tell(facts.PhoneChanged(NODE, "1001", reachable=False))
    call = driver.arrive(leg_id=CUSTOMER)
    assert state_of(call) is S.WAITING
    driver.pass_time(20 + 29.9)
    assert state_of(call) is S.WAITING
    driver.pass_time(0.2)
    assert state_of(call) is S.ANNOUNCING


# ------------------------------------------------------------------------------- closing


def test_a_new_call_after_closing_leaves_at_once_and_is_no_visit() -> None:
    driver = house(closed=True, hours="office")
    call = driver.arrive(leg_id=CUSTOMER)
    assert heard(driver) == ["sound:closed"] and visits(driver, call) == []
    over(driver, call)
    assert driver.outcomes() == [("closed", "system")]


def test_leave_then_who_waits_leaves_at_the_very_second() -> None:
    driver = house(hours="office", closing="leave")
    support = replace(driver.center.floor.directory.queues["support"], longest_wait_s=0)
    config = driver.center.floor.directory
    driver.tell(facts.ConfigurationChanged(replace(config, queues={**config.queues, "support": support})))
    busy(driver)
    call = driver.arrive(leg_id=CUSTOMER)
    driver.pass_time(CLOSES_IN_S - 0.01)
    assert state_of(call) is S.WAITING
    driver.pass_time(0.01)
    assert (state_of(call), heard(driver)[-1]) == (S.ANNOUNCING, "sound:closed")
    assert exits(driver, call) == [("support", "closed")]


@pytest.mark.parametrize("answered", [True, False])
def test_leave_then_a_ringing_offer_is_not_withdrawn(answered: bool) -> None:
    driver = house(hours="office", closing="leave")
    driver.pass_time(CLOSES_IN_S - 5)
    call = driver.arrive(leg_id=CUSTOMER)
    leg = driver.agent_leg(call)
    driver.pass_time(10)
    assert state_of(call) is S.RINGING
    if answered:
        driver.answer(call)
        assert state_of(call) is S.TALKING
    else:
        driver.tell(facts.LegEnded(leg, 21, 603))
        assert heard(driver)[-1] == "sound:closed" and driver.offers() == ["declined"]


def test_serve_then_who_waits_is_served_for_a_while() -> None:
    driver = house(hours="office", closing_most_s=120)
    busy(driver)
    driver.pass_time(CLOSES_IN_S - 10)
    call = driver.arrive(leg_id=CUSTOMER)
    driver.pass_time(10 + 119.9)
    assert state_of(call) is S.WAITING
    driver.pass_time(0.1)
    assert heard(driver)[-1] == "sound:closed" and exits(driver, call) == [("support", "closed")]


def test_an_override_closes_at_once_and_opens_again() -> None:
    driver = house(hours="office", closing_most_s=60)
    busy(driver)
    call = driver.arrive(leg_id=CUSTOMER)
    driver.tell(commands.SetHoursOverride("office", OpenState.CLOSED, None, "operator"))
    new = driver.arrive()
    assert heard(driver)[-1] == "sound:closed" and state_of(new) is S.ANNOUNCING
    driver.pass_time(30)
    driver.tell(commands.DropHoursOverride("office", "operator"))
    driver.pass_time(60)
    assert state_of(call) is S.WAITING
    driver.tell(commands.SetHoursOverride("office", OpenState.CLOSED, None, "operator"))
    driver.pass_time(60)
    assert state_of(call) is S.ANNOUNCING


def test_a_call_that_came_back_ignores_closing_as_long_as_anybody_works() -> None:
    driver = house({"closed": "main/closed"}, closed=False, hours="office", closing="leave")
    talks = busy(driver)
    driver.tell(commands.SetHoursOverride("office", OpenState.CLOSED, None, "operator"))
    driver.tell(commands.HoldCall("a1", talks[0].id))
    driver.tell(facts.LegEnded(talks[0].agent_leg or "", 16))
    driver.pass_time(100)
    assert state_of(talks[0]) is S.WAITING
    rest(driver, "a1")
    driver.tell(commands.SetNextStatus("a2", "rest", None))
    driver.tell(facts.LegEnded(talks[1].agent_leg or "", 16))
    driver.pass_time(30)
    assert exits(driver, talks[0]) == [("support", "answered"), ("support", "closed")]


def test_a_restart_and_a_pbx_that_was_away_keep_the_time_of_closing() -> None:
    driver = house(hours="office", closing_most_s=120)
    busy(driver)
    call = driver.arrive(leg_id=CUSTOMER)
    driver.tell(commands.SetHoursOverride("office", OpenState.CLOSED, None, "operator"))
    driver.pass_time(60)
    other = driver.restarted()
    found = other.center.floor.calls[call.id]
    assert found.visit is not None and found.visit.closed_at is not None
    other.tell(commands.SetHoursOverride("office", OpenState.CLOSED, None, "operator"))
    legs = [leg for one in other.center.floor.calls.values() for leg in as_it_is(one)]
    other.connect(*legs)
    other.pass_time(59)
    assert state_of(found) is S.WAITING
    other.pass_time(2)
    assert state_of(found) is S.ANNOUNCING


# ------------------------------------------------------------------------------- keys


def press(driver: Driver, key: str) -> None:
    driver.tell(facts.DigitPressed(CUSTOMER, key))


def test_a_key_leaves_and_coming_back_is_the_same_visit_with_its_place_and_its_longest_wait() -> None:
    driver = house({})
    rest(driver)
    call = driver.arrive(leg_id=CUSTOMER)
    arrived = driver.now
    driver.pass_time(100)
    later = driver.arrive()
    press(driver, "9")
    assert state_of(call) is S.WAITING
    press(driver, "1")
    assert (state_of(call), heard(driver)[-1], exits(driver, call)) == (
        S.IN_SCENARIO,
        "sound:menu",
        [("support", "key")],
    )
    driver.pass_time(50)
    over(driver, call)
    assert state_of(call) is S.WAITING and exits(driver, call) == [("support", None)]
    assert call.wait.since == arrived and visits(driver, call)[0].entered_at == arrived
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert (state_of(call), state_of(later)) == (S.RINGING, S.WAITING)
    driver.tell(facts.LegEnded(driver.agent_leg(call), 21, 603))
    driver.pass_time(450)
    assert exits(driver, call) == [("support", "longest_wait")]


def test_another_queue_is_another_visit_behind_a_key() -> None:
    driver = house({})
    rest(driver)
    call = driver.arrive(leg_id=CUSTOMER)
    press(driver, "2")
    assert exits(driver, call) == [("support", "key"), ("sales", None)]
    assert visits(driver, call)[1].prior == visits(driver, call)[0].id


@pytest.mark.parametrize("answered", [True, False])
def test_a_key_while_a_phone_rings_acts_only_when_the_offer_comes_to_nothing(answered: bool) -> None:
    driver = house({})
    call = driver.arrive(leg_id=CUSTOMER)
    leg = driver.agent_leg(call)
    press(driver, "1")
    assert state_of(call) is S.RINGING
    if answered:
        driver.answer(call)
        assert state_of(call) is S.TALKING
        driver.tell(commands.HoldCall("a1", call.id))
        driver.tell(facts.LegEnded(leg, 16))
        assert call.visit is not None and call.visit.waits, "the key is forgotten"
    else:
        driver.tell(facts.LegEnded(leg, 21, 603))
        assert (state_of(call), heard(driver)[-1]) == (S.IN_SCENARIO, "sound:menu")


def test_who_hangs_up_behind_a_key_has_left_by_the_key_and_the_place_is_free() -> None:
    driver = house(max_waiting=1, exits={"full": "main/full"})
    rest(driver)
    call = driver.arrive(leg_id=CUSTOMER)
    press(driver, "1")
    driver.arrive(leg_id="second")
    assert heard(driver)[-1] == "sound:full", "the place is kept"
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert exits(driver, call) == [("support", "key")]
    third = driver.arrive(leg_id="third")
    assert state_of(third) is S.WAITING


# ------------------------------------------------------------------------------- visits


def test_a_visit_says_who_answered_and_how_long_they_talked() -> None:
    driver = house()
    call = driver.arrive(leg_id=CUSTOMER)
    driver.pass_time(4)
    driver.answer(call)
    driver.pass_time(120)
    driver.tell(commands.HoldCall("a1", call.id))
    driver.pass_time(10)
    driver.tell(commands.ResumeCall("a1", call.id))
    driver.enter(call, CUSTOMER, call.agent_leg or "")
    driver.pass_time(30)
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    (row,) = visits(driver, call)
    assert (row.kind, row.exit, row.answered_by, row.offers, row.talk_s, row.hold_s) == (
        "new",
        "answered",
        "a1",
        1,
        150.0,
        10.0,
    )
    offer = next(one for one in driver.records if isinstance(one, OfferRow))
    assert offer.visit_id == row.id


def test_a_transfer_that_fails_is_a_visit_of_its_own_behind_the_answered_one() -> None:
    driver = house()
    call = driver.arrive(leg_id=CUSTOMER)
    driver.answer(call)
    driver.pass_time(60)
    driver.tell(commands.TransferCall("a1", call.id, OUTSIDE))
    driver.tell(commands.LogOut("a1", "session-a1"))
    rest(driver, "a2")
    driver.tell(facts.LegReady(call.target_leg or ""))
    driver.tell(facts.LegEnded(call.target_leg or "", 17, 486))
    first, second = visits(driver, call)
    assert (first.exit, first.talk_s) == ("answered", 60.0)
    assert (second.kind, second.reason, second.from_cti_id, second.prior) == (
        "returned",
        "transfer_failed",
        "a1",
        first.id,
    )
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert exits(driver, call)[-1] == ("support", "abandoned")


def test_a_queue_that_is_removed_ends_the_visit_and_begins_one_in_the_other() -> None:
    driver = house({})
    rest(driver)
    call = driver.arrive(leg_id=CUSTOMER)
    config = driver.center.floor.directory
    steps = {"start": Enqueue("start", {}, "sales")}
    driver.tell(
        facts.ConfigurationChanged(
            replace(
                config,
                queues={"sales": config.queues["sales"]},
                scenarios={"main": Scenario("main", "acme", (NUMBER,), "start", steps)},
            )
        )
    )
    assert [(row.queue, row.kind, row.exit) for row in visits(driver, call)] == [
        ("support", "new", "moved"),
        ("sales", "moved", None),
    ]
