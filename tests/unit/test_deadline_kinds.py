"""Each kind of deadline over a time in which its PBX, or the bridge, was away: shifted by that time, or begun anew."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from cti_bridge.domain.agents.sessions import PANEL_GRACE_S
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.floor.orders import CONFIRM_S
from cti_bridge.domain.floor.recorder import WITHIN_S
from cti_bridge.domain.follows.due import TABLE
from cti_bridge.domain.model.announcement import Announcement
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.directory import Policy, Queue
from cti_bridge.domain.model.plan import Overflow
from cti_bridge.domain.model.scenario import HANG_UP, Exit
from cti_bridge.domain.model.words import MonitorMode
from cti_bridge.domain.monitors.rules import RING_S
from cti_bridge.domain.talk.away import OFFER_AWAY_S
from cti_bridge.domain.talk.handback import RECALL_GRACE_S
from tests.unit.floor import NODE, Driver, agent_entry, directory
from tests.unit.situations import CUSTOMER, OUTSIDE, REASONS, situation, staffed, talking
from tests.unit.test_recorder import recorded_talk
from tests.unit.test_recovery import as_it_is

AWAY_S, BEFORE_S = 7.0, 0.5
"""How long the PBX is away, and how long the deadline runs before that."""
POLICY = Policy(force_disconnect_reasons=REASONS, hold_reminder_s=90, ticket_processing_limit_s=60)


@dataclass
class Pending:
    """A deadline that is still to come."""

    driver: Driver
    call: Call | None
    kind: Kind
    owner: str

    @property
    def at(self) -> float | None:
        return self.driver.center.floor.deadlines.at(self.kind, self.owner)

    @property
    def left_s(self) -> float:
        assert self.at is not None, "not set"
        return self.at - self.driver.now


def in_state(kind: Kind, name: str) -> Callable[[], Pending]:
    """One that was set when the call came into this situation, or a moment before."""

    def make() -> Pending:
        driver, call = situation(name)
        return Pending(driver, call, kind, call.id)

    return make


def on_hold() -> Pending:
    driver, call = talking(staffed(policy=POLICY))
    driver.tell(commands.HoldCall("a1", call.id))
    return Pending(driver, call, Kind.HOLD, call.id)


def recall() -> Pending:
    """The target refuses while the sender's own leg is ending still."""
    driver, call = talking()
    driver.tell(commands.TransferCall("a1", call.id, OUTSIDE, None))
    driver.tell(facts.LegReady(call.target_leg or ""))
    driver.tell(facts.LegEnded(call.target_leg or "", 17, 486))
    return Pending(driver, call, Kind.RECALL, call.id)


def lost_retry() -> Pending:
    """The phone that is to be rung again is not there."""
    driver, call = talking()
    driver.tell(facts.PhoneChanged(NODE, "1001", reachable=False))
    driver.tell(facts.LegEnded(call.agent_leg or "", 44))
    return Pending(driver, call, Kind.LOST_RETRY, call.id)


def record_pause() -> Pending:
    driver, call = recorded_talk()
    driver.tell(commands.PauseRecording("a1", call.id))
    return Pending(driver, call, Kind.RECORD_PAUSE, call.id)


def audio() -> Pending:
    driver, call = situation("connecting")
    driver.enter(call, CUSTOMER, call.agent_leg or "")
    return Pending(driver, call, Kind.AUDIO, call.id)


def confirm() -> Pending:
    """The agent's leg is to end, and has not yet."""
    driver, call = situation("ended")
    return Pending(driver, call, Kind.CONFIRM, next(iter(call.legs)))


def stage() -> Pending:
    """A call waits for the time at which it goes before others. Its agent is on a break."""
    queue = Queue("support", "acme", overflow=(Overflow(30, priority=5),))
    driver = Driver(directory(agent_entry(1), queues=(queue,)))
    driver.connect()
    driver.log_in("a1", status="rest")
    call = driver.arrive()
    return Pending(driver, call, Kind.STAGE, call.id)


def announcement() -> Pending:
    """A call waits for what is said to it."""
    queue = Queue("support", "acme", announce=(Announcement(at_s=30, sounds=("sound:patience",)),))
    driver = Driver(directory(agent_entry(1), queues=(queue,)))
    driver.connect()
    driver.log_in("a1", status="rest")
    call = driver.arrive()
    return Pending(driver, call, Kind.ANNOUNCEMENT, call.id)


def last_agent() -> Pending:
    """A call waits for the agent who talked last with its number, and who processes a ticket."""
    queue = Queue("support", "acme", last_agent_s=20)
    driver = Driver(directory(agent_entry(1), queues=(queue,), policy=POLICY))
    driver.connect()
    driver.log_in("a1")
    before = driver.arrive(leg_id="before")
    driver.tell(facts.TalksFound(before.id))
    leg_id = driver.answer(before)
    for ended in (before.customer_leg or "", leg_id):
        driver.tell(facts.LegEnded(ended, 16))
    call = driver.arrive(leg_id=CUSTOMER)
    driver.tell(facts.TalksFound(call.id))
    return Pending(driver, call, Kind.LAST_AGENT, call.id)


SHIFTED: dict[Kind, Callable[[], Pending]] = {
    Kind.OFFER: in_state(Kind.OFFER, "ringing"),
    Kind.LONGEST_WAIT: in_state(Kind.LONGEST_WAIT, "waiting"),
    Kind.MESSAGE: in_state(Kind.MESSAGE, "in_scenario"),
    Kind.STAGE: stage,
    Kind.ANNOUNCEMENT: announcement,
    Kind.LAST_AGENT: last_agent,
    Kind.STEP: in_state(Kind.STEP, "in_scenario, waiting for a key"),
    Kind.TARGET: in_state(Kind.TARGET, "consult_ringing"),
    Kind.TRANSFERRED: in_state(Kind.TRANSFERRED, "transferred"),
    Kind.DIAL: in_state(Kind.DIAL, "dialing_agent"),
    Kind.LOST: in_state(Kind.LOST, "agent_lost"),
    Kind.AUDIO: audio,
    Kind.RECORD_PAUSE: record_pause,
}


def recorder_ordered() -> Pending:
    """The file came to nothing, and the next one begins in a moment."""
    driver, call = recorded_talk()
    for _ in range(3):
        assert call.recorder is not None
        name = driver.center.floor.recordings[call.recorder.recording].name
        driver.tell(facts.RecordingMissing(name))
        driver.pass_time(0.6)
    return Pending(driver, call, Kind.RECORDER, call.id)


def no_agents() -> Pending:
    """Nobody works for the queue any more."""
    driver = staffed(policy=POLICY)
    config = driver.center.floor.directory
    queue = replace(config.queues["support"], exits={Exit.NO_AGENTS: HANG_UP})
    driver.tell(facts.ConfigurationChanged(replace(config, queues={"support": queue})))
    driver.tell(commands.SetStatus("a1", "business", "ticket"))
    driver.tell(commands.SetStatus("a2", "ready", None))
    call = driver.arrive(leg_id=CUSTOMER)
    driver.tell(facts.LegEnded(driver.agent_leg(call), 0, 404))
    driver.tell(commands.SetStatus("a2", "rest", None))
    return Pending(driver, call, Kind.NO_AGENTS, call.id)


def supervisors_phone() -> Pending:
    """The phone of a supervisor rings, who wants to listen."""
    driver, call = talking(staffed(policy=POLICY))
    driver.log_in("a3", status="rest")
    driver.tell(commands.StartMonitor("a3", call.id, MonitorMode.LISTEN, "a3"))
    (monitor,) = driver.center.floor.monitors
    return Pending(driver, call, Kind.MONITOR, monitor)


ANEW: dict[Kind, tuple[Callable[[], Pending], float]] = {
    Kind.HOLD: (on_hold, POLICY.hold_reminder_s),
    Kind.RECALL: (recall, RECALL_GRACE_S),
    Kind.LOST_RETRY: (lost_retry, 0.0),
    Kind.CONFIRM: (confirm, CONFIRM_S),
    Kind.NO_AGENTS: (no_agents, 30.0),
    Kind.RECORDER: (recorder_ordered, WITHIN_S),
    Kind.MONITOR: (supervisors_phone, RING_S),
}


OF_THE_WALL = {Kind.OVERRIDE, Kind.CLOSING, Kind.EMERGENCY_SWITCH}
"""Times of the clock on the wall, which nothing shifts (``test_hours_override.py``, ``test_closing_time.py``,
``test_emergency_switch.py``)."""


def pbx_is_away(pending: Pending) -> None:
    driver, call = pending.driver, pending.call
    assert call is not None
    driver.pass_time(BEFORE_S)
    driver.tell(facts.NodeLost(NODE))
    driver.pass_time(AWAY_S)
    phones = [agent.cti_number for agent in driver.center.floor.agents.values() if agent.reachable_on]
    driver.connect(*as_it_is(call), phones=phones)


@pytest.mark.parametrize("kind", SHIFTED)
def test_given_a_pbx_that_was_away_then_these_go_on_where_they_stood_still(kind: Kind) -> None:
    pending = SHIFTED[kind]()
    left_s = pending.left_s
    pbx_is_away(pending)
    assert pending.left_s == pytest.approx(left_s - BEFORE_S)


@pytest.mark.parametrize("kind", ANEW)
def test_given_a_pbx_that_was_away_then_these_begin_anew(kind: Kind) -> None:
    make, length_s = ANEW[kind]
    pending = make()
    pbx_is_away(pending)
    assert pending.left_s == pytest.approx(length_s)


def test_there_is_no_other_kind() -> None:
    assert {*SHIFTED, *ANEW, *AGENTS, *NODES, *OF_THE_WALL} == set(Kind) == set(TABLE)


# ------------------------------------------------------------------------------- of PBXs


def away() -> Pending:
    """A PBX with an offer is away."""
    driver, call = situation("ringing")
    driver.tell(facts.NodeLost(NODE))
    return Pending(driver, call, Kind.AWAY, NODE)


NODES: dict[Kind, Callable[[], Pending]] = {Kind.AWAY: away}


def test_given_a_pbx_that_is_back_then_it_is_no_longer_looked_at() -> None:
    pending = away()
    assert pending.call is not None and pending.left_s == OFFER_AWAY_S
    pending.driver.connect(*as_it_is(pending.call))
    assert pending.at is None


# ------------------------------------------------------------------------------- of agents, and of the bridge


def processing() -> Pending:
    driver, call = talking(staffed(policy=POLICY))
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    return Pending(driver, None, Kind.PROCESSING, "a1")


def phone() -> Pending:
    """It could not be called."""
    driver, call = situation("ringing")
    driver.tell(facts.LegEnded(call.agent_leg or "", 3, 404))
    return Pending(driver, None, Kind.PHONE, "a1")


def pause() -> Pending:
    """Missed, and ready still."""
    driver = staffed(policy=Policy(after_missed="ready"))
    call = driver.arrive()
    driver.tell(facts.LegEnded(driver.agent_leg(call), 21, 603))
    return Pending(driver, None, Kind.PAUSE, "a1")


def panel() -> Pending:
    driver = staffed()
    driver.tell(commands.PanelChanged("a1", live=False))
    return Pending(driver, None, Kind.PANEL, "a1")


def still_works() -> Pending:
    """A call was missed a moment ago."""
    driver, call = situation("ringing")
    assert call.offer is not None
    driver.pass_time(call.offer.expires_at - driver.now)
    return Pending(driver, None, Kind.WORKING, "a1")


AGENTS: dict[Kind, Callable[[], Pending]] = {
    Kind.PROCESSING: processing,
    Kind.PHONE: phone,
    Kind.PAUSE: pause,
    Kind.PANEL: panel,
    Kind.WORKING: still_works,
}


@pytest.mark.parametrize("kind", AGENTS)
def test_given_a_pbx_that_was_away_then_those_of_agents_ran_on(kind: Kind) -> None:
    pending = AGENTS[kind]()
    left_s = pending.left_s
    pending.driver.tell(facts.NodeLost(NODE))
    pending.driver.now += 2.0
    pending.driver.connect(phones=() if kind is Kind.PHONE else None)
    assert pending.left_s == pytest.approx(left_s - 2.0)


def test_given_a_bridge_that_was_away_then_it_is_looked_all_the_same_whether_audio_comes() -> None:
    pending = audio()
    left_s = pending.left_s
    assert pending.call is not None
    pending.driver.pass_time(BEFORE_S)
    other = pending.driver.restarted()
    other.connect(*as_it_is(pending.call))
    assert Pending(other, None, Kind.AUDIO, pending.owner).left_s == pytest.approx(left_s - BEFORE_S)


def test_given_one_that_has_acted_when_the_bridge_was_away_then_it_does_not_act_again() -> None:
    pending = audio()
    assert pending.call is not None
    pending.driver.pass_time(pending.left_s)
    other = pending.driver.restarted()
    other.connect(*as_it_is(pending.call))
    assert Pending(other, None, Kind.AUDIO, pending.owner).at is None


def test_given_a_bridge_that_was_away_then_the_processing_limit_ran_on() -> None:
    pending = processing()
    left_s = pending.left_s
    pending.driver.now += AWAY_S
    assert Pending(pending.driver.restarted(), None, Kind.PROCESSING, "a1").left_s == pytest.approx(left_s - AWAY_S)


@pytest.mark.parametrize("kind", [Kind.PHONE, Kind.PAUSE, Kind.PANEL])
def test_given_a_bridge_that_was_away_then_phone_pause_and_a_panel_that_was_gone_are_forgotten(kind: Kind) -> None:
    other = AGENTS[kind]().driver.restarted()
    assert Pending(other, None, kind, "a1").at is None


def test_given_a_bridge_that_was_away_then_a_panel_that_was_there_has_its_grace_anew() -> None:
    driver = staffed()
    driver.now += AWAY_S
    assert Pending(driver.restarted(), None, Kind.PANEL, "a1").left_s == pytest.approx(PANEL_GRACE_S)
