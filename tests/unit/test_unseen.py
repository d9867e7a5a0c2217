"""Nobody saw an end: it is dated by the last moment at which the call was seen, and marked. A row says since when and
until when the bridge or a PBX was away."""

from itertools import permutations

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import InspectLeg
from cti_bridge.domain.border.records import AgentStateChange, CallEvent, CallRow, GapRow, OfferRow
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call, Role
from cti_bridge.domain.model.words import CallEventType
from tests.unit.floor import NODE, Driver
from tests.unit.leaving import leaves
from tests.unit.situations import CUSTOMER, SITUATIONS, situation, talking
from tests.unit.test_recovery import as_it_is

AWAY_S = 7200.0


def row(driver: Driver) -> CallRow:
    return [record for record in driver.records if isinstance(record, CallRow)][-1]


def gaps(driver: Driver) -> list[tuple[str, str | None, float, float]]:
    return [(r.what, r.node, r.from_at, r.till_at) for r in driver.records if isinstance(r, GapRow)]


def last_change(driver: Driver, cti_id: str) -> AgentStateChange:
    return [r for r in driver.records if isinstance(r, AgentStateChange) and r.cti_id == cti_id][-1]


def away(driver: Driver, call: Call, *left: str) -> float:
    """The PBX is away for two hours, and shows no leg but these. Return when it was lost."""
    lost_at = driver.now
    driver.tell(facts.NodeLost(NODE))
    driver.pass_time(AWAY_S)
    legs = [leg for leg in as_it_is(call) if leg.leg_id in left]
    driver.connect(*legs)
    for leg_id in [leg_id for leg_id in call.legs if leg_id not in left]:
        driver.tell(facts.LegEnded(leg_id))
    return lost_at


def test_given_a_talk_that_ended_while_the_pbx_was_away_then_it_ended_when_it_was_seen_last() -> None:
    driver, call = talking()
    driver.pass_time(60)
    answered_at, talked_s = call.answered_at or 0.0, driver.now - call.state_since
    lost_at = away(driver, call)
    found = row(driver)
    assert (found.ended_at, found.seen_late, found.customer_left_at) == (lost_at, True, lost_at)
    assert found.talk_s == pytest.approx(talked_s)
    assert lost_at - answered_at < 100
    change = last_change(driver, "a1")
    assert (change.at, change.seen_late, change.after_call_of) == (lost_at, True, call.id)
    ended = [r for r in driver.records if isinstance(r, CallEvent) and r.type == "ended"][-1]
    assert ended.at == lost_at
    assert gaps(driver)[-1] == ("node", NODE, lost_at, lost_at + AWAY_S)


@pytest.mark.parametrize("name", SITUATIONS)
def test_given_all_legs_ended_unseen_then_in_whatever_order_that_is_learnt_no_row_counts_the_gap(name: str) -> None:
    """The PBX is asked for all missing legs at once, and answers as it likes."""
    _, made = situation(name)
    for order in permutations(range(len(made.legs))):
        driver, call = situation(name)
        driver.pass_time(1)
        known = list(call.legs)
        driver.tell(facts.NodeLost(NODE))
        driver.now += AWAY_S
        driver.connect()
        for place in order:
            driver.tell(facts.LegEnded(known[place]))
        driver.pass_time(600)
        found = [record for record in driver.records if isinstance(record, CallRow) and record.id == call.id][-1]
        assert found.ended_at is not None
        counted_s = found.wait_s + found.talk_s + found.hold_s
        assert counted_s <= found.ended_at - found.arrived_at + 0.01, (order, found)
        busy = ("talking", "on_hold", "consulting", "dialing", "ringing")
        changes = [r for r in driver.records if isinstance(r, AgentStateChange) and r.from_state in busy]
        assert max((change.lasted_s for change in changes), default=0.0) < AWAY_S, (order, changes)


def test_given_an_agent_who_holds_a_customer_who_had_gone_unseen_then_the_time_since_is_not_talk() -> None:
    driver, call = talking()
    driver.pass_time(60)
    talked_s, lost_at = driver.now - call.state_since, driver.now
    agents = [leg for leg in as_it_is(call) if leg.leg_id != CUSTOMER]
    driver.tell(facts.NodeLost(NODE))
    driver.now += AWAY_S
    driver.connect(*agents)
    driver.tell(commands.HoldCall("a1", call.id))
    driver.now += 5
    driver.tell(facts.LegEnded(CUSTOMER))
    driver.pass_time(1)
    found = row(driver)
    assert (found.ended_in, found.ended_at) == ("on_hold", lost_at)
    assert found.talk_s == pytest.approx(talked_s)
    assert found.hold_s == 0.0


def test_given_a_call_that_goes_on_over_the_gap_then_its_end_is_seen() -> None:
    driver, call = talking()
    away(driver, call, *call.legs)
    driver.pass_time(10)
    leaves(driver, call, Role.CUSTOMER)
    assert (row(driver).ended_at, row(driver).seen_late) == (driver.now, False)
    assert row(driver).talk_s > AWAY_S


def test_given_an_offer_that_ended_unseen_then_the_next_one_begins_now() -> None:
    driver, call = situation("ringing")
    lost_at = away(driver, call, CUSTOMER)
    ended = [r for r in driver.records if isinstance(r, OfferRow) and r.ended_at][-1]
    assert (ended.ended_at, ended.seen_late) == (lost_at, True)
    changes = [r for r in driver.records if isinstance(r, AgentStateChange) and r.cti_id == "a1"]
    idle = [change for change in changes if change.to_state == "idle"][-1]
    assert (idle.at, idle.seen_late) == (lost_at, True)
    begun = [r for r in driver.records if isinstance(r, OfferRow) and r.ended_at is None][-1]
    assert begun.id == ended.id or begun.offered_at == driver.now


@pytest.mark.parametrize("there", [True, False])
def test_given_a_caller_whom_the_pbx_does_not_list_any_more_then_nobody_is_rung_before_they_are_looked_for(
    there: bool,
) -> None:
    driver, call = situation("waiting")
    listed = as_it_is(call)[0]
    driver.tell(facts.NodeLost(NODE))
    driver.tell(commands.SetStatus("a1", "ready", None))
    driver.now += AWAY_S
    driver.connect()
    assert not [record for record in driver.records if isinstance(record, OfferRow)]
    assert [action for action in driver.actions if isinstance(action, InspectLeg) and action.leg_id == CUSTOMER]
    driver.tell(facts.LegSeen(listed, driver.now) if there else facts.LegEnded(CUSTOMER))
    assert bool([record for record in driver.records if isinstance(record, OfferRow)]) is there


def test_given_a_pbx_that_was_restarted_then_its_calls_ended_when_they_were_seen_last() -> None:
    driver, _ = talking()
    lost_at = driver.now
    driver.tell(facts.NodeLost(NODE))
    driver.pass_time(AWAY_S)
    driver.connect(boot_id="another")
    found = row(driver)
    assert (found.outcome, found.ended_at, found.seen_late) == ("node_lost", lost_at, True)


@pytest.mark.parametrize("name", SITUATIONS)
def test_given_any_call_that_ended_unseen_then_no_row_ends_before_it_begins(name: str) -> None:
    driver, call = situation(name)
    away(driver, call)
    driver.pass_time(600)
    for record in driver.records:
        if isinstance(record, AgentStateChange):
            assert record.lasted_s >= 0
        elif isinstance(record, OfferRow) and record.ended_at:
            assert record.ended_at >= record.offered_at
        elif isinstance(record, CallRow) and record.ended_at:
            assert record.ended_at >= max(record.arrived_at, record.answered_at or 0.0)
            assert min(record.wait_s, record.talk_s, record.hold_s) >= 0


def test_given_a_bridge_that_was_killed_then_a_call_that_ended_meanwhile_ended_at_its_last_sign() -> None:
    driver, call = talking()
    driver.pass_time(20)
    driver.connect(*as_it_is(call))  # As every half minute.
    sign_at = driver.now
    driver.now += AWAY_S
    again = driver.restarted()
    again.connect()
    for leg_id in list(call.legs):
        again.tell(facts.LegEnded(leg_id))
    assert gaps(again)[0][0] == "bridge"
    assert row(again).seen_late
    assert row(again).ended_at == sign_at


def test_given_the_bridge_stops_in_order_then_its_pbx_was_not_away_and_time_goes_on() -> None:
    """As for one that is killed: a pickup time that ran out meanwhile has run out."""
    driver, _ = situation("ringing")
    driver.tell(facts.NodeLost(NODE, we_stop=True))
    node = driver.center.floor.nodes[NODE]
    assert (node.up, node.lost_at, node.seen_at) == (False, None, driver.now)


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_given_the_bridge_is_stopped_or_killed_then_a_pickup_time_that_ran_out_meanwhile_has_run_out(how: str) -> None:
    driver, call = situation("ringing")
    driver.connect(*as_it_is(call))
    if how == "stopped":
        driver.tell(facts.NodeLost(NODE, we_stop=True))
    driver.now += 60
    again = driver.restarted()
    again.connect(*as_it_is(call))
    again.pass_time(1)
    assert again.offers()[-1] == "missed"


def test_given_a_fact_that_fails_then_what_it_had_done_goes_out_with_it_and_not_with_the_next() -> None:
    driver, call = talking()
    floor = driver.center.floor

    def fails(_: Floor, fact: facts.LegHeld) -> None:
        floor.event(call, CallEventType.HELD)
        raise ZeroDivisionError

    driver.center._handlers[facts.LegHeld] = fails
    with pytest.raises(ZeroDivisionError):
        driver.center.handle(facts.LegHeld(CUSTOMER), driver.now)
    left = driver.center.left_over()
    assert [record.type for record in left.records if isinstance(record, CallEvent)] == ["held"]
    assert driver.tell(facts.LegRinging("nobody")).records == []
