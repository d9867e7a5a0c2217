"""The machine's clock is set while calls wait, ring and talk: everything goes on as if it had not been, and rows say
the new time."""

from inspect import get_annotations
from typing import Any

import pytest

from cti_bridge.ari.deferred import Deferred
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.records import AgentStateChange, CallRow, OfferRow
from cti_bridge.domain.follows.due import TABLE
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import Call, CallState, End, Leg, Offer, Target
from cti_bridge.domain.model.ids import leg_of_channel
from cti_bridge.domain.model.kept import Mark, NodeState, Placed, Stray
from cti_bridge.domain.model.parts import Dialling, Wait
from cti_bridge.domain.model.prompt import Prompt
from cti_bridge.domain.recovery.times import KEPT
from cti_bridge.idempotency import KEPT_S, KIND, IdempotencyKeys
from tests.support.changed import field_names
from tests.unit.floor import NODE, Driver, agent_view
from tests.unit.situations import LONGEST_S, SITUATIONS, customer_leaves, situation, staffed, waiting
from tests.unit.test_deadline_kinds import AGENTS, ANEW, SHIFTED
from tests.unit.test_recovery import as_it_is, call_of

HOUR_S, YEARS_S = 3600.0, 1_700_000_000.0
MOVES = [(HOUR_S,), (-HOUR_S,), (90.0,), (-90.0,), (1.5,), (YEARS_S,), (HOUR_S, -HOUR_S), (HOUR_S, HOUR_S)]
TIMES = ("at", "arrived_at", "answered_at", "ended_at", "offered_at")
moves = pytest.mark.parametrize("by", MOVES, ids=str)


def set_clock(driver: Driver, by_s: float) -> None:
    driver.now += by_s
    driver.tell(facts.ClockMoved(by_s, driver.now))


def what_follows(driver: Driver, call: Call, by: tuple[float, ...]) -> list[tuple[str, list[float]]]:
    """What is written down after the clock was set, by the clock as it was; then everybody hangs up."""
    driver.pass_time(1.0)
    driver.records.clear()
    for by_s in by:
        set_clock(driver, by_s)
        driver.pass_time(0.5 / len(by))
    driver.pass_time(LONGEST_S * 2)
    for leg in list(call.legs):
        driver.tell(facts.LegEnded(leg, 16))
    driver.pass_time(1000.0)
    return [_unmoved(record, sum(by)) for record in driver.records]


def _unmoved(record: Any, by_s: float) -> tuple[str, list[float]]:
    """What it is, and its times."""
    told = {name: getattr(record, name) for name in field_names(record)}
    what = [type(record).__name__, *(str(told.get(name)) for name in ("type", "result", "outcome", "cause"))]
    times = [at - by_s for name, at in told.items() if name in TIMES and at is not None]
    return " ".join(what), [*times, told.get("lasted_s", 0.0)]


@moves
@pytest.mark.parametrize("name", SITUATIONS)
def test_given_a_call_when_the_clock_is_set_then_all_that_follows_is_as_if_it_had_not_been(
    name: str, by: tuple[float, ...]
) -> None:
    as_ever = what_follows(*situation(name), tuple(0.0 for _ in by))
    moved = what_follows(*situation(name), by)
    assert [what for what, _ in moved] == [what for what, _ in as_ever]
    for (_, times), (_, expected) in zip(moved, as_ever, strict=True):
        assert times == pytest.approx(expected, abs=0.01, rel=0)


@moves
@pytest.mark.parametrize("kind", [*SHIFTED, *ANEW, *AGENTS])
def test_given_a_deadline_when_the_clock_is_set_then_as_much_is_left_of_it(kind: str, by: tuple[float, ...]) -> None:
    make = ({**SHIFTED, **AGENTS} | {kind: make for kind, (make, _) in ANEW.items()})[kind]  # type: ignore[index]
    pending = make()
    left_s = pending.left_s
    for by_s in by:
        set_clock(pending.driver, by_s)
    assert pending.left_s == pytest.approx(left_s)


@moves
def test_given_a_waiting_call_then_its_panel_and_rows_never_show_the_hour(by: tuple[float, ...]) -> None:
    driver, call = waiting()
    driver.pass_time(7.0)
    for by_s in by:
        set_clock(driver, by_s)
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert agent_view(driver.center.floor, "a1")["call"]["waited_s"] == pytest.approx(7.0)
    driver.answer(call)
    assert call.wait.lasted_s == pytest.approx(7.0)
    driver.pass_time(10.0)
    customer_leaves(driver, call)
    row = [record for record in driver.records if isinstance(record, CallRow)][-1]
    assert row.ended_at == driver.now, "rows written from then on carry the right time"
    assert row.answered_at and row.ended_at - row.answered_at == pytest.approx(10.0)
    assert row.answered_at - row.arrived_at == pytest.approx(7.0)
    lasted = [record.lasted_s for record in driver.records if isinstance(record, AgentStateChange)]
    assert all(0 <= lasted_s <= 10.1 for lasted_s in lasted)
    offers = [record for record in driver.records if isinstance(record, OfferRow) and record.ended_at]
    assert all(offer.ended_at and 0 <= offer.ended_at - offer.offered_at < 1 for offer in offers)


def test_given_a_clock_that_was_set_then_everything_is_written_and_shown_anew() -> None:
    driver, call = situation("on_hold")
    driver.saved.clear()
    driver.notices.clear()
    set_clock(driver, -HOUR_S)
    assert {("call", call.id), ("agent", "a1"), ("agent", "a2"), ("agent", "a3"), ("node", NODE)} <= set(driver.saved)
    assert len(driver.notices) >= 3


# ------------------------------------------------------------------------------- no field is forgotten


@pytest.mark.parametrize(
    "owner", [Call, Wait, Dialling, End, Leg, Offer, Target, Prompt, Agent, NodeState, Placed, Mark, Stray]
)
def test_every_time_that_is_kept_stands_in_one_of_the_two_tables(owner: type) -> None:
    parts = {"offer": Offer, "target": Target, "wait": Wait, "dialling": Dialling, "prompt": Prompt}
    deadlines = {
        (parts.get(rule.field[0], rule.owner), next(step for step in rule.field if step not in parts))
        for rule in TABLE.values()
        if rule.field
    }
    known = {(each, name) for each, names in KEPT.items() for name in names}
    assert not known & deadlines
    typed = get_annotations(owner)
    named = {name for name in typed if name.endswith(("_at", "since")) or name == "at"}
    floats = {name for name, of in typed.items() if "float" in str(of) and not name.endswith("_s")}
    assert {(owner, name) for name in (named | floats)} <= known | deadlines


# ------------------------------------------------------------------------------- set while there was no bridge


def restarted(driver: Driver, by_s: float, away_s: float = 2.0) -> Driver:
    """The clock is set while there is no bridge."""
    driver.now += away_s + by_s
    return driver.restarted()


def found_again(other: Driver, call: Call, age_s: float) -> None:
    """The PBX says how long the caller has been there, by differences of its own clock."""
    shown = [
        leg if leg.arrived is None else facts.SeenLeg(
            leg.leg_id, leg.up, leg.ringing, leg.in_app, leg.bridge_id, leg.endpoint,
            facts.CallArrived(NODE, leg.leg_id, call.dialed_number, "", "", other.now - age_s),
        )
        for leg in as_it_is(call)
    ]  # fmt: skip
    other.now += 0.2
    other.tell(facts.NodeSeen(NODE, "boot", other.now - 0.2, tuple(shown), (), (("1001", True),)))


@pytest.mark.parametrize("by_s", [HOUR_S, -HOUR_S, 90.0, -90.0, YEARS_S, -YEARS_S / 2000])
def test_given_the_clock_was_set_meanwhile_then_nobody_is_turned_away_and_no_wait_shows_it(by_s: float) -> None:
    driver, _ = waiting()
    driver.pass_time(5.0)
    other = restarted(driver, by_s)
    call = call_of(other)
    found_again(other, call, age_s=7.0)
    other.pass_time(1.0)
    assert call.state is CallState.WAITING
    assert call.wait.ends_at and LONGEST_S - 10 < call.wait.ends_at - other.now <= LONGEST_S
    assert call.arrived_at <= other.now
    assert 5.0 <= other.now - (call.wait.since or 0) < 10.0
    assert all(0 <= other.now - agent.since < 20 for agent in other.center.floor.agents.values() if agent.since)


def test_given_the_clock_was_set_back_meanwhile_then_no_entry_tells_a_later_start_that_it_was_set_again() -> None:
    """The PBX may stay away: nothing but the start writes its entry."""
    driver, call = waiting()
    other = restarted(driver, -HOUR_S)
    assert {("call", call.id), ("agent", "a1"), ("node", NODE)} <= set(other.saved)
    assert (other.center.floor.nodes[NODE].seen_at or 0.0) <= other.now


def test_given_a_bridge_that_was_away_for_long_then_the_wait_is_what_it_was() -> None:
    driver, _ = waiting()
    other = restarted(driver, 0.0, away_s=100.0)
    call = call_of(other)
    found_again(other, call, age_s=100.0)
    assert other.now - (call.wait.since or 0) == pytest.approx(100.2)
    assert call.wait.ends_at == pytest.approx(other.now + LONGEST_S - 100, abs=1)


def test_given_a_pbx_that_does_not_know_how_long_then_nothing_is_made_of_it() -> None:
    driver, _ = waiting()
    other = restarted(driver, 0.0, away_s=100.0)
    call = call_of(other)
    found_again(other, call, age_s=0.0)
    assert other.now - (call.wait.since or 0) == pytest.approx(100.2)


def test_given_callers_who_came_after_the_start_then_they_say_nothing_of_the_clock_before_it() -> None:
    driver, _ = waiting()
    driver.pass_time(5.0)
    other = restarted(driver, HOUR_S)
    call = call_of(other)
    found_again(other, call, age_s=0.0)
    later = [other.arrive(leg_id=leg_of_channel(NODE, f"later-{n}")) for n in range(3)]
    other.now += 3.0
    shown = [
        facts.SeenLeg(
            leg_id, True, False, True, "", "",
            facts.CallArrived(NODE, leg_id, call.dialed_number, "", "", other.now - age_s),
        )
        for leg_id, age_s in [(call.customer_leg or "", 10.0), *((one.customer_leg or "", 3.0) for one in later)]
    ]  # fmt: skip
    other.tell(facts.NodeSeen(NODE, "boot", other.now, tuple(shown), (), (("1001", True),)))
    assert other.now - call.arrived_at == pytest.approx(10.0, abs=1.0)
    assert all(other.now - one.arrived_at == pytest.approx(3.0) for one in later)


def test_given_a_clock_of_1970_at_the_start_then_it_is_right_when_the_clock_is() -> None:
    driver, _ = waiting()
    driver.pass_time(5.0)
    other = restarted(driver, 100.0 - driver.now)
    call = call_of(other)
    found_again(other, call, age_s=7.0)
    set_clock(other, 1_700_000_000.0)
    assert call.state is CallState.WAITING
    assert other.now - call.arrived_at == pytest.approx(5.0, abs=3.0)
    other.tell(commands.SetStatus("a1", "ready", None))
    other.answer(call)
    assert 0 <= call.wait.lasted_s < 10


def test_limits_of_the_last_minute_are_neither_forgotten_nor_kept_for_longer() -> None:
    driver = staffed()
    floor = driver.center.floor
    floor.placed["acme"] = Placed("acme", [driver.now - 59, driver.now])
    floor.marks["acme", "+82"] = Mark("acme", "+82", 1, "threat", driver.now - 5)
    set_clock(driver, -HOUR_S)
    assert floor.placed["acme"].at == [driver.now - 59, driver.now]
    assert floor.marks["acme", "+82"].last_at == driver.now - 5


# ------------------------------------------------------------------------------- outside of the core


@pytest.mark.parametrize("by_s", [HOUR_S, -HOUR_S, YEARS_S])
def test_given_a_clock_that_was_set_then_a_repeat_is_known_as_long_as_ever(by_s: float) -> None:
    keys, now = IdempotencyKeys(), 1_000_000.0
    keys.remember("key", "asked", now)
    written = keys.clock_moved(by_s)
    assert list(written) == [(KIND, "key")]
    assert keys.earlier("key", "asked", now + by_s + KEPT_S - 1) is not None
    assert keys.earlier("key", "asked", now + by_s + KEPT_S + 1) is None


def test_given_a_clock_that_was_set_by_little_then_the_keys_on_disk_are_left() -> None:
    keys = IdempotencyKeys()
    keys.remember("key", "asked", 1_000_000.0)
    assert keys.clock_moved(1.5) == {}


def test_given_facts_that_are_held_back_then_who_has_arrived_meanwhile_has_not_waited_for_an_hour() -> None:
    held = Deferred()
    held.add(facts.CallArrived(NODE, "caller", "1", "", "", 1_000_000.0))
    held.add(facts.LegEnded("other"))
    held.clock_moved(HOUR_S)
    assert held.facts == [facts.CallArrived(NODE, "caller", "1", "", "", 1_003_600.0), facts.LegEnded("other")]


def test_given_a_bridge_that_dies_again_before_it_sees_a_caller_then_the_next_one_still_knows_of_the_clock() -> None:
    """What the first start has written is of the new clock, so the second finds nothing that is old."""
    driver, _ = waiting()
    driver.pass_time(5.0)
    first = restarted(driver, HOUR_S)
    first.pass_time(0.5)
    other = first.restarted()
    call = call_of(other)
    found_again(other, call, age_s=8.0)
    assert other.now - call.arrived_at == pytest.approx(8.2)
    assert other.center.floor.taken_up is None and other.saved["taken_up", "core"] is None


def test_given_a_bridge_that_died_again_and_other_callers_since_then_they_tell_nothing_of_that_clock() -> None:
    driver, _ = waiting()
    first = restarted(driver, HOUR_S)
    customer_leaves(first, call_of(first))
    first.pass_time(60.0)
    first.arrive(leg_id=leg_of_channel(NODE, "later"))
    first.pass_time(60.0)
    other = first.restarted()
    assert other.center.floor.taken_up and other.center.floor.taken_up.bounds == [pytest.approx(first.now, abs=61)]


def test_given_a_clock_set_twice_and_no_caller_seen_between_then_each_caller_is_of_the_clock_of_its_time() -> None:
    """It was set forward, and forward once more: what was written between is wrong by the second time alone."""
    driver, _ = waiting()
    driver.pass_time(5.0)
    first = restarted(driver, HOUR_S)
    later = first.arrive(leg_id=leg_of_channel(NODE, "later"))
    first.pass_time(5.0)
    other = restarted(first, HOUR_S)
    calls = [other.center.floor.calls[call_id] for call_id in (call_of(driver).id, later.id)]
    shown = [
        facts.SeenLeg(
            call.customer_leg or "", True, False, True, "", "",
            facts.CallArrived(NODE, call.customer_leg or "", call.dialed_number, "", "", other.now - age_s),
        )
        for call, age_s in zip(calls, (14.0, 7.0), strict=True)
    ]  # fmt: skip
    other.now += 0.2
    other.tell(facts.NodeSeen(NODE, "boot", other.now - 0.2, tuple(shown), (), (("1001", True),)))
    assert [other.now - call.arrived_at for call in calls] == [pytest.approx(14.2), pytest.approx(7.2)]
    assert all(0 <= other.now - agent.since < 30 for agent in other.center.floor.agents.values() if agent.since)


def test_given_a_caller_of_whom_the_pbx_knows_no_arrival_then_those_who_came_later_tell_of_the_clock() -> None:
    """It was set back, and right again: one caller is in both lists without a time."""
    driver, _ = waiting()
    driver.pass_time(5.0)
    first = restarted(driver, -HOUR_S)
    silent = call_of(first)
    leg_id = leg_of_channel(NODE, "later")
    shown = [facts.SeenLeg(silent.customer_leg or "", True, False, True, "", "", None)]
    first.tell(facts.NodeSeen(NODE, "boot", first.now, tuple(shown), (), (("1001", True),)))
    later = first.arrive(leg_id=leg_id)
    first.pass_time(5.0)
    other = restarted(first, HOUR_S)
    came = facts.CallArrived(NODE, leg_id, later.dialed_number, "", "", other.now - 7.0)
    shown.append(facts.SeenLeg(leg_id, True, False, True, "", "", came))
    other.tell(facts.NodeSeen(NODE, "boot", other.now, tuple(shown), (), (("1001", True),)))
    waits = {call.id: other.now - call.arrived_at for call in other.center.floor.calls.values()}
    assert waits == {silent.id: pytest.approx(7.0), later.id: pytest.approx(7.0)}, "before, nobody told of anything"


@pytest.mark.parametrize("by_s", [HOUR_S, -HOUR_S, 90.0])
def test_given_a_caller_who_was_in_the_dialplan_then_the_pbx_tells_for_how_long_they_are_there(by_s: float) -> None:
    driver, _ = waiting()
    driver.pass_time(5.0)
    other = restarted(driver, by_s)
    call = call_of(other)
    shown = facts.SeenLeg(call.customer_leg or "", True, False, True, "", "", None, made_at=other.now - 7.0)
    other.tell(facts.NodeSeen(NODE, "boot", other.now, (shown,), (), (("1001", True),)))
    assert other.now - call.arrived_at == pytest.approx(7.0)


@pytest.mark.parametrize("deaths", [0, 1])
def test_given_a_caller_who_came_while_no_bridge_ran_then_their_time_is_of_the_clock_of_those_who_found_them(
    deaths: int,
) -> None:
    """The clock was set back, and the checkpoint's caller is seen after the one who came meanwhile."""
    driver, _ = waiting()
    driver.pass_time(5.0)
    start = restarted(driver, -HOUR_S)
    start.pass_time(0.5)
    arrived = start.now - 30.0
    late = leg_of_channel(NODE, "late")
    leg = facts.SeenLeg(late, True, False, True, "", "", facts.CallArrived(NODE, late, "+8225550001", "", "", arrived))
    start.tell(facts.NodeSeen(NODE, "boot", start.now, (leg,), (), (("1001", True),)))
    start.pass_time(1.0)
    for _ in range(deaths):
        start = start.restarted()
    call = next(call for call in start.center.floor.calls.values() if call.customer_leg == late)
    assert call.arrived_at == pytest.approx(arrived)
    found_again(start, call_of(driver), age_s=600.0)
    assert call.arrived_at == pytest.approx(arrived)
