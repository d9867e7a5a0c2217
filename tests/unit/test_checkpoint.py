"""A restart under another configuration, or while the PBX was away: nobody is forgotten, and nothing waits for ever
(requirements A4, B1, B5, C5)."""

from collections.abc import Mapping
from typing import Any

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import CreateLeg
from cti_bridge.domain.border.errors import Unauthenticated
from cti_bridge.domain.border.records import AgentStateChange
from cti_bridge.domain.model.agent import AgentState, Status
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.directory import Directory, Queue
from cti_bridge.domain.model.ids import channel_of_leg, is_ours, leg_of_channel
from cti_bridge.domain.model.kept import Kept, LastChange
from tests.support.changed import replace
from tests.unit.floor import NODE, NUMBER, Driver, leading_to
from tests.unit.situations import CUSTOMER, GREETED, LONGEST_S, SITUATIONS, made, situation, staffed

S = CallState
LIVE = [name for name in SITUATIONS if name != S.ENDED]


def seen(leg_id: str = CUSTOMER) -> facts.SeenLeg:
    arrived = facts.CallArrived(NODE, leg_id, NUMBER, "", "", 1_000_000.0)
    return facts.SeenLeg(leg_id, True, False, True, None, "trunk", arrived)


def changed(driver: Driver, **parts: Any) -> Directory:
    return replace(driver.center.floor.directory, **parts)


def without(known: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in known.items() if key != name}


def call_of(driver: Driver) -> Call:
    (call,) = driver.center.floor.calls.values()
    return call


# ------------------------------------------------------------------------------- nodes


@pytest.mark.parametrize("name", LIVE)
def test_given_a_node_that_is_configured_no_more_then_its_calls_end_and_their_agents_are_free(name: str) -> None:
    driver, call = situation(name)
    other = driver.restarted(changed(driver, nodes=frozenset(["pbx1", "pbx2"])))
    assert other.outcomes()[-1][0] in ("node_lost", "force_disconnected") and not other.center.floor.calls
    for cti_id in ("a1", "a2"):
        agent = other.agent(cti_id)
        assert (agent.call_id, agent.state, agent.legs) == (None, "idle", []), cti_id
    assert other.saved[("call", call.id)] is None
    assert other.saved[("node", NODE)] is None


def test_given_the_one_node_has_another_name_then_its_calls_go_on_there() -> None:
    driver, _ = made(S.TALKING)
    other = driver.restarted(changed(driver, nodes=frozenset(["pbx1"])))
    call = call_of(other)
    assert (call.node, call.state, other.agent("a1").state) == ("pbx1", S.TALKING, "talking")
    assert set(other.center.floor.nodes) == {"pbx1"}
    named_by_pbx = [leg_id for leg_id in call.legs if not is_ours(leg_id)]
    assert named_by_pbx == [call.customer_leg] == [leg_of_channel("pbx1", channel_of_leg(CUSTOMER))]
    assert call.legs.keys() == {leg.id for leg in call.legs.values()} == other.center.floor.call_of_leg.keys()
    assert other.agent("a1").legs == [call.agent_leg]


def test_given_the_pbx_was_away_when_the_bridge_restarted_then_that_time_does_not_count() -> None:
    driver, call = made(S.WAITING)
    driver.pass_time(60)
    driver.tell(facts.NodeLost(NODE))
    driver.pass_time(250)
    other = driver.restarted()
    other.now += 100
    other.connect(seen())
    assert call.state is S.WAITING
    found = call_of(other)
    assert found.wait.ends_at == pytest.approx(other.now + LONGEST_S - 60)
    other.pass_time(LONGEST_S - 61)
    assert found.state is S.WAITING
    other.pass_time(2)
    assert found.end.announced == "queue_timeout"


def test_given_the_bridge_died_and_comes_back_at_once_then_that_time_counts() -> None:
    driver, _ = made(S.WAITING)
    driver.pass_time(60)
    other = driver.restarted()
    other.now += 5
    other.connect(seen())
    assert call_of(other).wait.ends_at == pytest.approx(other.now + LONGEST_S - 65)


def test_given_the_pbx_is_away_when_the_bridge_begins_then_the_time_from_then_on_does_not_count() -> None:
    driver, _ = made(S.WAITING)
    driver.pass_time(60)
    other = driver.restarted()
    other.now += 5
    other.tell(facts.NodeLost(NODE))
    other.now += 400
    other.tell(facts.NodeLost(NODE))
    other.now += 400
    other.connect(seen())
    assert call_of(other).wait.ends_at == pytest.approx(other.now + LONGEST_S - 65)


def test_given_a_fault_in_the_first_look_at_the_pbx_then_the_next_one_serves_who_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    driver, _ = made(S.WAITING)
    other = driver.restarted()

    def faulty(*_: object, **__: object) -> None:
        monkeypatch.undo()
        raise ValueError("of the core")

    monkeypatch.setattr("cti_bridge.domain.recovery.reconcile.observed", faulty)
    with pytest.raises(ValueError, match="of the core"):
        other.connect(seen())
    other.connect(seen())
    other.tell(commands.SetStatus("a2", "ready", None))
    assert call_of(other).state is S.RINGING
    assert other.center.next_deadline() is not None


def test_given_a_caller_who_just_left_is_listed_still_then_it_is_no_new_call() -> None:
    driver, call = made(S.TALKING)
    agent_leg = call.agent_leg or ""
    driver.tell(facts.LegEnded(CUSTOMER))
    driver.tell(facts.LegEnded(agent_leg, 16))
    assert not driver.center.floor.calls
    driver.now += 0.01
    driver.connect(seen())
    assert not driver.center.floor.calls
    driver.now += 60
    driver.connect()
    assert not driver.center.floor.departed


def test_given_lists_that_are_always_late_then_callers_who_have_left_are_not_remembered_for_ever() -> None:
    driver = staffed()
    for _ in range(300):
        driver.tell(facts.LegEnded(driver.arrive().customer_leg or ""))
        driver.now += 60
    assert len(driver.center.floor.departed) <= 11


# ------------------------------------------------------------------------------- agents


@pytest.mark.parametrize("by", ["reload", "restart"])
def test_given_an_agent_who_is_removed_then_they_leave_the_checkpoint_as_soon_as_they_are_in_no_call(by: str) -> None:
    driver, call = made(S.TALKING)
    driver.log_in("a2")
    agents = without(driver.center.floor.directory.agents, "a1")
    house = changed(driver, agents=without(agents, "a2"))
    if by == "reload":
        driver.tell(facts.ConfigurationChanged(house))
    else:
        driver = driver.restarted(house)
        driver.connect(seen())
    assert driver.saved["agent", "a2"] is None
    assert driver.saved["agent", "a1"] is not None
    driver.tell(facts.LegEnded(CUSTOMER))
    assert driver.saved["agent", "a1"] is not None
    driver.tell(facts.LegEnded(call.agent_leg or "", 16))
    assert driver.saved["agent", "a1"] is None


def test_given_a_removed_agent_who_comes_back_after_a_start_then_their_rows_go_on_from_those_of_before() -> None:
    driver = staffed()
    before = driver.agent("a1")
    agents = driver.center.floor.directory.agents
    driver.tell(facts.ConfigurationChanged(changed(driver, agents=without(agents, "a1"))))
    other = Driver(changed(driver, agents=agents))
    last = LastChange("a1", before.seq, before.status, before.state, before.reason, before.since)
    other.take(other.center.take_up(Kept([last]), driver.now + 60))
    other.log_in("a1")
    assert [one.seq for one in other.records if isinstance(one, AgentStateChange)][:1] == [before.seq + 1]


# ------------------------------------------------------------------------------- queues


def test_given_a_queue_that_is_configured_no_more_then_who_waits_goes_to_that_of_the_number_called() -> None:
    driver, _ = made(S.WAITING)
    driver.pass_time(60)
    config = driver.center.floor.directory
    helpdesk = Queue("helpdesk", "acme", longest_wait_s=100)
    scenarios = {
        number: leading_to(each, "helpdesk") for number, each in config.scenarios.items() if number in (NUMBER, GREETED)
    }
    agents = {cti_id: replace(entry, queues=("helpdesk",)) for cti_id, entry in config.agents.items()}
    other = driver.restarted(changed(driver, queues={"helpdesk": helpdesk}, scenarios=scenarios, agents=agents))
    other.connect(seen())
    call = call_of(other)
    assert (call.queue, call.state, call.wait.ends_at) == ("helpdesk", S.WAITING, other.now + 100)
    other.tell(commands.SetStatus("a2", "ready", None))
    assert call.state is S.RINGING


@pytest.mark.parametrize("state", [S.WAITING, S.IN_SCENARIO, S.RINGING, S.ACCEPTED])
def test_given_no_queue_is_left_for_a_caller_then_a_message_says_so_and_the_call_ends(state: CallState) -> None:
    driver, call = made(state)
    config = driver.center.floor.directory
    other = driver.restarted(changed(driver, queues={}, scenarios={}, services=config.services))
    other.connect(seen(call.customer_leg or ""))
    found = call_of(other)
    if state is S.IN_SCENARIO:
        playback_id = found.legs[found.customer_leg or ""].playback_id or ""
        other.tell(facts.PlaybackStarted(playback_id))
        other.tell(facts.PlaybackEnded(playback_id))
    other.pass_time(60)
    assert (found.state, found.prompt and found.prompt.media, found.end.announced) == (
        S.ANNOUNCING,
        "sound:cti/goodbye",
        "queue_timeout",
    )


def test_given_a_queue_that_has_a_longest_wait_now_then_who_waits_already_has_it_too() -> None:
    driver = staffed()
    config = driver.center.floor.directory
    driver.center.floor.directory = replace(config, queues={"support": Queue("support", "acme", longest_wait_s=0)})
    driver.tell(commands.SetStatus("a1", "rest", None))
    call = driver.arrive(leg_id=CUSTOMER)
    assert (call.state, call.wait.ends_at) == (S.WAITING, None)
    other = driver.restarted(config)
    assert call_of(other).wait.ends_at == other.now + LONGEST_S


# ------------------------------------------------------------------------------- agents


def test_given_an_agent_who_is_configured_no_more_then_their_session_is_over_for_good() -> None:
    driver = staffed()
    config = driver.center.floor.directory
    other = driver.restarted(changed(driver, agents=without(config.agents, "a1")))
    assert other.history("a1")[-1] == ("offline", "idle", None, "recovery")
    assert "session-a1" not in other.center.floor.by_session
    again = other.restarted(config)
    again.connect()
    assert again.agent("a1").status == "offline"
    assert again.arrive().offer is None


def test_given_an_agent_removed_in_a_call_then_they_end_it_and_are_logged_out() -> None:
    driver, call = made(S.TALKING)
    config = driver.center.floor.directory
    agents = without(config.agents, "a1")
    agents["new"] = replace(config.agents["a1"], cti_id="new")
    other = driver.restarted(changed(driver, agents=agents))
    agent_leg = call.agent_leg or ""
    bridge = f"cti-{call.id}-bridge"
    legs = [replace(seen(), bridge_id=bridge), facts.SeenLeg(agent_leg, True, False, True, bridge, "1001", None)]
    other.connect(*legs)
    assert other.agent("a1").state == "talking"
    other.tell(facts.LegEnded(CUSTOMER, 16))
    other.tell(facts.LegEnded(agent_leg, 16))
    assert (other.agent("a1").status, other.agent("a1").session) == ("offline", None)
    with pytest.raises(Unauthenticated):
        other.tell(commands.SetStatus("a1", "ready", None))
    other.log_in("new")
    other.connect(phones=["1001"])
    assert other.arrive(leg_id="caller-9").offer is not None
    assert [order.cti_number for order in other.actions if isinstance(order, CreateLeg)] == ["1001"]


def test_given_a_lost_spool_then_what_is_known_of_numbers_is_in_the_first_checkpoint() -> None:
    driver = staffed()
    fresh = Driver(driver.center.floor.directory)
    last = LastChange("a3", 70, Status.OFFLINE, AgentState.IDLE, None, fresh.now - 5)
    fresh.take(fresh.center.take_up(Kept([last]), fresh.now))
    assert fresh.restarted().agent("a3").seq == 70


def test_given_a_lost_spool_and_rows_of_a_clock_that_was_ahead_then_no_time_that_is_kept_is_yet_to_come() -> None:
    fresh = Driver(staffed().center.floor.directory)
    last = LastChange("a3", 70, Status.OFFLINE, AgentState.IDLE, None, fresh.now + 3600)
    fresh.take(fresh.center.take_up(Kept([last]), fresh.now))
    assert fresh.agent("a3").since == fresh.now
