"""A node that goes away and comes back, and a controller that starts from a checkpoint."""

from dataclasses import replace
from functools import partial

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import (
    AddToBridge,
    CreateLeg,
    DialLeg,
    ForgetBridge,
    HangUp,
    InspectLeg,
    InspectPlayback,
    StartMusic,
    StartPlayback,
    StopMusic,
    StopRingback,
)
from cti_bridge.domain.border.records import AgentStateChange
from cti_bridge.domain.model.agent import AgentState, Status
from cti_bridge.domain.model.call import Call, CallState, Place, Stage
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.directory import CallingNumber, Directory, Policy
from cti_bridge.domain.model.kept import Kept, LastChange
from cti_bridge.domain.talk.away import OFFER_AWAY_S
from tests.unit import invariants
from tests.unit.floor import CALLING, NODE, NUMBER, Driver
from tests.unit.situations import (
    CUSTOMER,
    LONGEST_S,
    OUTSIDE,
    PICKUP_S,
    SITUATIONS,
    made,
    playing,
    situation,
    staffed,
    state_of,
    talking_outbound,
)

S = CallState
LIVE = [state for state in S if state is not S.ENDED]
STRAY = "cti-00000000-0000-7000-8000-000000000000-agent-000000000000"


def seen(
    leg_id: str,
    *,
    up: bool = True,
    ringing: bool = False,
    bridge: str | None = None,
    endpoint: str = "",
    in_app: bool = True,
) -> facts.SeenLeg:
    arrived = facts.CallArrived(NODE, CUSTOMER, NUMBER, "", "", 1_000_000.0) if leg_id == CUSTOMER else None
    return facts.SeenLeg(
        leg_id, up, ringing, in_app, bridge, endpoint or ("trunk" if leg_id == CUSTOMER else "1001"), arrived
    )


def as_it_is(call: Call) -> list[facts.SeenLeg]:
    """What the PBX holds when everything that was ordered has happened."""
    return [
        seen(
            leg.id,
            up=leg.stage is Stage.UP,
            ringing=leg.stage is Stage.DIALED,
            bridge=f"cti-{call.id}-bridge" if leg.place is Place.BRIDGE else None,
            endpoint=f"100{leg.cti_id[1]}" if leg.cti_id else "trunk",
            in_app=leg.place is not Place.DIALPLAN,
        )
        for leg in call.legs.values()
        if leg.stage is not Stage.ENDING
    ]


def call_of(driver: Driver) -> Call:
    return next(iter(driver.center.floor.calls.values()))


# ------------------------------------------------------------------------------- deadlines


@pytest.mark.parametrize("state", [S.RINGING, S.ACCEPTED])
def test_an_offers_time_stands_still_while_its_node_is_away(state: CallState) -> None:
    driver, call = made(state)
    left = (call.offer.expires_at if call.offer else 0) - driver.now
    driver.pass_time(3)
    driver.tell(facts.NodeLost(NODE))
    driver.pass_time(OFFER_AWAY_S - 0.1)
    assert call.state is state and driver.offers() == []
    driver.connect(*as_it_is(call))
    assert call.state is state
    driver.pass_time(left - 3.1)
    assert call.state is state
    driver.pass_time(0.2)
    if state is S.ACCEPTED:
        assert call.offer is not None and call.offer.by_hand and call.state is state
        driver.pass_time(PICKUP_S)
    assert driver.offers() == ["unreachable" if state is S.ACCEPTED else "missed"]


def test_the_longest_wait_stands_still_while_the_node_is_away() -> None:
    driver, call = made(S.WAITING)
    driver.tell(commands.SetStatus("a1", "rest", None))
    driver.tell(facts.NodeLost(NODE))
    driver.pass_time(LONGEST_S * 2)
    assert call.state is S.WAITING
    driver.connect(*as_it_is(call))
    assert call.wait.ends_at == 1_000_000.0 + LONGEST_S * 3


@pytest.mark.parametrize("state", LIVE)
def test_the_longest_wait_acts_in_waiting_and_is_looked_at_again_when_ringing_ends(state: CallState) -> None:
    driver, call = made(state)
    if state is S.ANNOUNCING:
        return
    call.wait.ends_at = driver.now + 1
    driver.center.floor.deadlines.set(Kind.LONGEST_WAIT, call.id, call.wait.ends_at)
    driver.now += 1
    driver.tell(facts.TimePassed())
    assert call.state is (S.ANNOUNCING if state is S.WAITING else state)
    if state in (S.RINGING, S.ACCEPTED, S.CONNECTING):
        driver.tell(facts.LegEnded(call.agent_leg or "", 17, 486))
        assert call.state is S.ANNOUNCING
    if state is S.TALKING:
        driver.pass_time(1000)
        assert call.state is S.TALKING


def test_what_remains_of_a_deadline_is_never_more_than_its_length_after_a_restart() -> None:
    driver, call = made(S.RINGING)
    driver.now -= 5000
    driver.center.floor.now = driver.now
    other = driver.restarted()
    found = call_of(other)
    assert found.offer is not None and found.offer.expires_at == driver.now + 20
    assert found.wait.ends_at == driver.now + LONGEST_S
    driver.now += 50_000
    late = call_of(driver.restarted())
    assert late.offer is not None and late.offer.expires_at == driver.now
    assert late.wait.ends_at == driver.now
    assert call.id == late.id


def _recalled() -> tuple[Driver, Call]:
    """A call out, transferred in vain: no queue says how long its agent is rung."""
    driver, call = talking_outbound()
    sender_leg = call.agent_leg or ""
    driver.tell(commands.TransferCall("a1", call.id, OUTSIDE[:-1] + "9", None))
    driver.tell(facts.LegEnded(sender_leg, 16))
    driver.tell(facts.LegReady(call.target_leg or ""))
    driver.tell(facts.LegEnded(call.target_leg or "", 17, 486))
    assert call.state is S.RINGING
    driver.agent_leg(call)
    return driver, call


def _consulted() -> tuple[Driver, Call]:
    """A colleague is asked about a call out."""
    driver, call = talking_outbound()
    driver.tell(commands.SetStatus("a2", "ready", None))
    driver.tell(commands.StartConsult("a1", call.id, None, "a2"))
    driver.tell(facts.LegReady(call.target_leg or ""))
    return driver, call


TIMED = {name: partial(situation, name) for name in SITUATIONS if name != S.ENDED} | {
    "a recall of a call out": _recalled,
    "a consultation about a call out": _consulted,
}


@pytest.mark.parametrize("name", TIMED)
def test_every_deadline_of_a_call_is_kept_over_a_restart(name: str) -> None:
    driver, call = TIMED[name]()
    if call.state is not S.ANNOUNCING:
        driver.pass_time(2)
    found = call_of(driver.restarted())
    assert found.state is call.state
    assert _ends(found) == _ends(call)


def _ends(call: Call) -> list[float | None]:
    of_others = [each.expires_at if each else None for each in (call.offer, call.target)]
    of_others.append(call.prompt.ends_at if call.prompt else None)
    return [*of_others, call.dialling.ends_at, call.lost_until_at, call.wait.ends_at]


@pytest.mark.parametrize("phone", ["own", "customer's"])
def test_what_remains_of_a_call_out_is_never_more_than_that_phone_rings(phone: str) -> None:
    driver, _ = made(S.DIALING_AGENT if phone == "own" else S.DIALING_CUSTOMER)
    driver.now -= 5000
    driver.center.floor.now = driver.now
    assert call_of(driver.restarted()).dialling.ends_at == driver.now + (30 if phone == "own" else 60)


@pytest.mark.parametrize("limit", [0, 60])
def test_a_limit_that_was_taken_out_of_the_configuration_is_none_after_a_restart(limit: int) -> None:
    driver = staffed(policy=Policy(ticket_processing_limit_s=60))
    call = driver.arrive(leg_id=CUSTOMER)
    driver.answer(call)
    driver.tell(facts.LegEnded(CUSTOMER))
    directory = driver.center.floor.directory
    driver.center.floor.directory = Directory(
        Policy(ticket_processing_limit_s=limit),
        directory.services,
        directory.queues,
        directory.scenarios,
        agents=directory.agents,
    )
    other = driver.restarted()
    other.pass_time(59)
    assert other.agent("a1").status == "business"
    other.pass_time(2)
    assert other.agent("a1").status == ("ready" if limit else "business")


# ------------------------------------------------------------------------------- restart


@pytest.mark.parametrize("name", [name for name in SITUATIONS if name != S.ENDED])
def test_a_restart_takes_every_call_and_agent_up_where_they_were(name: str) -> None:
    driver, call = situation(name)
    state = call.state
    before = driver.agent("a1")
    other = driver.restarted()
    found = call_of(other)
    assert (found.id, found.state, found.cti_id, found.ticket_id) == (call.id, state, call.cti_id, call.ticket_id)
    after = other.agent("a1")
    assert (after.status, after.state, after.session, after.seq) == (
        before.status,
        before.state,
        before.session,
        before.seq,
    )
    other.connect(*as_it_is(found))
    if state is S.JOINING:
        after_joining = S.TRANSFERRED if found.cti_id is None else S.TALKING
        assert found.state is after_joining, "customer and target were seen together"
        return
    assert found.state is (S.TALKING if state is S.CONNECTING else state)
    assert not other.taken(HangUp) and not other.taken(AddToBridge), "who talks is not disturbed"
    invariants.check_floor(other.center)


def test_a_restart_starts_the_music_again_and_asks_whether_the_message_still_plays() -> None:
    driver, call = made(S.WAITING)
    other = driver.restarted()
    other.connect(*as_it_is(call))
    assert [type(a) for a in other.actions][-1] is StartMusic
    driver, call = made(S.ANNOUNCING)
    other = driver.restarted()
    other.connect(*as_it_is(call))
    assert [type(a) for a in other.actions] == [StopRingback, StopMusic, InspectPlayback]
    other.tell(facts.PlaybackEnded(playing(call)))
    assert other.outcomes() == [("queue_timeout", "system")]


def test_a_message_that_had_not_begun_is_played_from_its_beginning_after_a_restart() -> None:
    driver = staffed()
    call = driver.arrive("+8225550009", CUSTOMER)
    other = driver.restarted()
    other.connect(*as_it_is(call))
    assert [a.media for a in other.actions if isinstance(a, StartPlayback)] == ["sound:welcome"]


def test_an_ordered_leg_that_was_never_dialled_is_dialled_after_a_restart() -> None:
    driver = staffed()
    call = driver.arrive(leg_id=CUSTOMER)
    other = driver.restarted()
    other.connect(seen(CUSTOMER), seen(call.agent_leg or "", up=False))
    assert [a.leg_id for a in other.taken(DialLeg)] == [call.agent_leg]


def test_a_leg_that_rings_already_is_not_dialled_again() -> None:
    driver = staffed()
    call = driver.arrive(leg_id=CUSTOMER)
    other = driver.restarted()
    other.connect(seen(CUSTOMER), seen(call.agent_leg or "", up=False, ringing=True))
    assert not other.taken(DialLeg)
    other.tell(facts.LegAnswered(call.agent_leg or ""))
    assert call_of(other).state is S.CONNECTING


def test_a_phone_that_was_lifted_meanwhile_is_connected() -> None:
    driver, call = made(S.RINGING)
    other = driver.restarted()
    other.connect(seen(CUSTOMER), seen(call.agent_leg or "", up=True))
    assert call_of(other).state is S.CONNECTING
    assert other.taken(AddToBridge)


@pytest.mark.parametrize("name", [name for name in SITUATIONS if name != S.ENDED])
def test_a_customer_who_has_gone_meanwhile_is_looked_for_and_then_counts_as_having_left(name: str) -> None:
    driver, call = situation(name)
    customer = call.customer_leg
    if customer is None:
        return
    other = driver.restarted()
    other.now += 1
    other.connect(*[leg for leg in as_it_is(call) if leg.leg_id != customer])
    assert customer in [a.leg_id for a in other.taken(InspectLeg)]
    other.tell(facts.LegEnded(customer))
    with_target = (S.CONSULT_TALKING, S.CONSULT_SWAPPED, S.THREE_TOGETHER, S.JOINING)
    if state_of(call) in with_target and call.cti_id is not None:
        assert call_of(other).state is S.CONSULT_ALONE
    else:
        assert len(other.outcomes()) == 1


def test_a_leg_that_nobody_knows_is_hung_up_and_blocks_its_agent_until_it_is_gone() -> None:
    driver = staffed()
    other = driver.restarted()
    other.connect(seen(STRAY))
    assert [a.leg_id for a in other.taken(HangUp)] == [STRAY]
    call = other.arrive()
    assert state_of(call) is S.WAITING
    other.tell(facts.LegEnded(STRAY))
    assert state_of(call) is S.RINGING


def test_a_bridge_that_nobody_knows_is_destroyed() -> None:
    driver = staffed()
    bridge = "cti-00000000-0000-7000-8000-000000000000-bridge"
    driver.tell(facts.NodeSeen(NODE, "boot", driver.now, (), (bridge, "someone-elses"), (("1001", True),)))
    assert [a.bridge_id for a in driver.actions if isinstance(a, ForgetBridge)] == [bridge]


def test_a_caller_who_came_while_nobody_was_there_is_taken_in_once() -> None:
    driver = staffed()
    driver.connect(seen(CUSTOMER))
    driver.connect(seen(CUSTOMER))
    driver.tell(facts.CallArrived(NODE, CUSTOMER, NUMBER, "", "", driver.now))
    assert len(driver.center.floor.calls) == 1


def test_a_node_that_is_away_gets_no_offers_and_makes_them_when_it_is_back() -> None:
    driver, call = made(S.WAITING)
    driver.tell(facts.NodeLost(NODE))
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert state_of(call) is S.WAITING
    driver.connect(seen(CUSTOMER))
    assert state_of(call) is S.RINGING


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_calling_number_that_is_confirmed_no_more_is_shown_to_nobody_after_a_restart(confirmed: bool) -> None:
    driver, call = made(S.DIALING_AGENT)
    service, other_number = call.service or "", "+8225559999"
    numbers = [CallingNumber(CALLING, service, "rejected")]
    numbers += [CallingNumber(other_number, service, "confirmed")] if confirmed else []
    changed = replace(driver.center.floor.directory, calling_numbers={number.number: number for number in numbers})
    other = driver.restarted(changed)
    found = call_of(other)
    other.connect(*as_it_is(found))
    other.tell(facts.LegAnswered(call.agent_leg or ""))
    shown = [action.shown_number for action in other.actions if isinstance(action, CreateLeg)]
    assert shown == ([other_number] if confirmed else [])
    assert other.outcomes() == ([] if confirmed else [("cancelled", "system")])


def test_the_usual_look_at_a_quiet_floor_changes_nothing() -> None:
    for state in LIVE:
        driver, call = made(state)
        driver.pass_time(0.1)
        if state is S.ACCEPTED:
            continue
        before = {key: value for key, value in driver.state().items() if key[0] == "agent"}
        driver.connect(*as_it_is(call))
        kinds = {type(a) for a in driver.actions} - {InspectPlayback}
        entering = state in (S.CONNECTING, S.JOINING)
        assert kinds == set() or entering, f"{state}: {kinds}"
        assert entering or before == {k: v for k, v in driver.state().items() if k[0] == "agent"}


def test_a_call_on_a_node_that_is_away_is_offered_to_nobody_whose_phone_is_on_another() -> None:
    driver, call = made(S.WAITING)
    driver.tell(facts.NodeSeen("other", "boot", driver.now, (), (), (("1001", True),)))
    driver.tell(facts.NodeLost(NODE))
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert state_of(call) is S.WAITING


def test_a_lost_spool_goes_on_behind_the_last_rows_and_closes_them() -> None:
    driver = staffed()
    fresh, since = Driver(driver.center.floor.directory), {"a1": driver.now - 60, "a2": 0.0}
    rows = [
        LastChange(who, 41, Status.READY, AgentState.TALKING, None, since.get(who, 1.0)) for who in ("a1", "a2", "x")
    ]
    fresh.take(fresh.center.take_up(Kept(rows), fresh.now))
    found = {row.cti_id: row for row in fresh.records if isinstance(row, AgentStateChange)}
    assert {(row.seq, row.from_state, row.to_status, row.to_state, row.cause) for row in found.values()} == {
        (42, "talking", "offline", "idle", "recovery")
    }
    assert {who: row.lasted_s for who, row in found.items()} == {"a1": 60.0, "a2": 0.0}
    fresh.now += 5
    fresh.log_in("a1", status=None)
    assert fresh.agent("a1").seq == 43


def test_a_state_of_which_it_is_not_known_since_when_it_is_lasts_no_56_years() -> None:
    driver = staffed()
    for agent in driver.center.floor.agents.values():
        agent.since = 0.0
    driver.tell(commands.SetStatus("a1", "rest", None))
    assert [row.lasted_s for row in driver.records if isinstance(row, AgentStateChange)][-1] == 0.0
