"""The bridge stands still over the end of a deadline, and what would have prevented it came in time: it wins, whether
it is read first or the deadline is looked at first."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from cti_bridge.clock import Clock
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import (
    Action,
    HangUp,
    InspectAudio,
    InspectLeg,
    RecordBridge,
    StartPlayback,
    StopPlayback,
)
from cti_bridge.domain.border.notices import AgentChanged, Told
from cti_bridge.domain.model.agent import Status
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.domain.queue.working import works
from cti_bridge.domain.recovery.times import LATE_S
from cti_bridge.engine import Engine
from cti_bridge.idempotency import IdempotencyKeys
from cti_bridge.pulse import BEAT_S, LONG_S, MOVED_S, STALL_S, Pulse
from tests.unit.floor import NODE, Driver, agent_view
from tests.unit.situations import playing, ringing, staffed, state_of
from tests.unit.test_deadline_kinds import AGENTS, ANEW, NODES, OF_THE_WALL, SHIFTED, Pending
from tests.unit.test_recovery import as_it_is

S = CallState
MAKE: dict[Kind, Callable[[], Pending]] = SHIFTED | AGENTS | NODES | {kind: make for kind, (make, _) in ANEW.items()}
Event = Callable[[Pending], facts.Fact]


STANDS_STILL = [kind for kind in Kind if kind not in OF_THE_WALL]


def page_reloads() -> Pending:
    """An offer rings in the page."""
    driver, offered = ringing(staffed("browser"))
    driver.tell(commands.PanelChanged("a1", live=False))
    return Pending(driver, offered, Kind.PANEL, "a1")


MAKE[Kind.PANEL] = page_reloads


def call(pending: Pending) -> Any:
    assert pending.call is not None
    return pending.call


def supervisor(pending: Pending) -> list[str]:
    """The leg of the supervisor's phone."""
    return pending.driver.agent("a3").legs


IN_TIME: dict[Kind, Event] = {
    Kind.OFFER: lambda p: facts.LegAnswered(call(p).agent_leg),
    Kind.LONGEST_WAIT: lambda p: commands.SetStatus("a1", "ready", None),
    Kind.MESSAGE: lambda p: facts.PlaybackEnded(playing(call(p))),
    Kind.STAGE: lambda p: commands.SetStatus("a1", "ready", None),
    Kind.ANNOUNCEMENT: lambda p: commands.SetStatus("a1", "ready", None),
    Kind.LAST_AGENT: lambda p: commands.SetStatus("a1", "ready", None),
    Kind.STEP: lambda p: facts.DigitPressed(call(p).customer_leg, "1"),
    Kind.TARGET: lambda p: facts.LegAnswered(call(p).target_leg),
    Kind.TRANSFERRED: lambda p: facts.LegEnded(call(p).customer_leg, 16),
    Kind.DIAL: lambda p: facts.LegAnswered(call(p).agent_leg),
    Kind.LOST: lambda p: facts.LegAnswered(call(p).agent_leg),
    Kind.LOST_RETRY: lambda p: facts.PhoneChanged(NODE, "1001", reachable=True),
    Kind.RECALL: lambda p: facts.LegEnded(p.driver.agent("a1").legs[0], 16),
    Kind.HOLD: lambda p: commands.ResumeCall("a1", call(p).id),
    Kind.AUDIO: lambda p: facts.LegEnded(call(p).customer_leg, 16),
    Kind.CONFIRM: lambda p: facts.LegEnded(p.owner, 16),
    Kind.RECORDER: lambda p: facts.LegEnded(call(p).customer_leg, 16),
    Kind.RECORD_PAUSE: lambda p: commands.ResumeRecording("a1", call(p).id),
    Kind.MONITOR: lambda p: facts.LegAnswered(supervisor(p)[0]),
    Kind.PROCESSING: lambda p: commands.SetStatus("a1", "rest", None),
    Kind.PHONE: lambda p: facts.PhoneChanged(NODE, "1001", reachable=False),
    Kind.PAUSE: lambda p: commands.SetStatus("a1", "rest", None),
    Kind.PANEL: lambda p: commands.PanelChanged("a1", live=True),
    Kind.NO_AGENTS: lambda p: commands.SetStatus("a1", "ready", None),
    Kind.WORKING: lambda p: commands.SetStatus("a1", "ready", None),
    Kind.AWAY: lambda p: facts.NodeSeen(NODE, "boot", p.driver.now, tuple(as_it_is(call(p))), (), (("1001", True),)),
}
WON: dict[Kind, Callable[[Pending], bool]] = {
    Kind.OFFER: lambda p: state_of(call(p)) is S.CONNECTING and not p.driver.taken(HangUp),
    Kind.LONGEST_WAIT: lambda p: state_of(call(p)) is S.RINGING,
    Kind.STAGE: lambda p: state_of(call(p)) is S.RINGING and call(p).wait.reached_s == 0,
    Kind.ANNOUNCEMENT: lambda p: state_of(call(p)) is S.RINGING and not p.driver.taken(StartPlayback),
    Kind.LAST_AGENT: lambda p: state_of(call(p)) is S.RINGING and call(p).wait.last_agent == "a1",
    Kind.STEP: lambda p: state_of(call(p)) is S.RINGING,
    Kind.MESSAGE: lambda p: state_of(call(p)) is S.RINGING and not p.driver.taken(StopPlayback),
    Kind.TARGET: lambda p: state_of(call(p)) is S.CONSULT_TALKING and not p.driver.taken(HangUp),
    Kind.TRANSFERRED: lambda p: call(p).end.by == "customer",
    Kind.DIAL: lambda p: state_of(call(p)) is S.DIALING_CUSTOMER,
    Kind.LOST: lambda p: state_of(call(p)) is S.TALKING and not p.driver.taken(HangUp),
    Kind.LOST_RETRY: lambda p: len(p.driver.rung()) == 1,
    Kind.RECALL: lambda p: state_of(call(p)) is S.RINGING and call(p).recalled,
    Kind.HOLD: lambda p: not any(isinstance(n, Told) and n.code == "hold_reminder" for n in p.driver.notices),
    Kind.AUDIO: lambda p: not p.driver.taken(InspectAudio),
    Kind.CONFIRM: lambda p: not p.driver.taken(InspectLeg),
    Kind.RECORDER: lambda p: not p.driver.taken(RecordBridge),
    Kind.RECORD_PAUSE: lambda p: not any(isinstance(n, Told) for n in p.driver.notices),
    Kind.MONITOR: lambda p: not p.driver.taken(HangUp) and len(supervisor(p)) == 1,
    Kind.PROCESSING: lambda p: p.driver.agent("a1").status is Status.REST and not limit_acted(p.driver),
    Kind.PHONE: lambda p: p.driver.agent("a1").phone_retry_at is not None,
    Kind.PAUSE: lambda p: not p.driver.rung(),
    Kind.PANEL: lambda p: state_of(call(p)) is S.RINGING,
    Kind.WORKING: lambda p: works(p.driver.center.floor, p.driver.agent("a1")),
    Kind.NO_AGENTS: lambda p: state_of(call(p)) is S.RINGING,
    Kind.AWAY: lambda p: state_of(call(p)) is S.RINGING and not p.driver.offers(),
}


def limit_acted(driver: Driver) -> bool:
    return any(cause == "limit" for *_, cause in driver.history("a1"))


@pytest.mark.parametrize("stall_s", [5.0, 30.0])
@pytest.mark.parametrize("event_first", [False, True])
@pytest.mark.parametrize("kind", STANDS_STILL)
def test_given_a_stall_over_a_deadline_when_the_event_came_in_time_then_it_wins(
    kind: Kind, event_first: bool, stall_s: float
) -> None:
    pending = MAKE[kind]()
    driver = pending.driver
    driver.pass_time(max(0.0, pending.left_s - 0.1))
    driver.actions.clear()
    driver.notices.clear()
    driver.records.clear()
    event = IN_TIME[kind](pending)
    driver.now += stall_s
    if event_first:
        driver.tell(event)
    driver.tell(facts.Stalled(stall_s))
    driver.tell(facts.TimePassed())
    if not event_first:
        driver.tell(event)
    driver.tell(facts.TimePassed())
    assert WON[kind](pending)


@pytest.mark.parametrize("kind", [kind for kind in STANDS_STILL if kind is not Kind.WORKING])
def test_given_a_stall_when_nothing_came_meanwhile_then_the_deadline_acts_soon(kind: Kind) -> None:
    pending = MAKE[kind]()
    pending.driver.pass_time(max(0.0, pending.left_s - 0.1))
    at = pending.at
    pending.driver.now += 5.0
    pending.driver.tell(facts.Stalled(5.0))
    assert at is not None
    assert pending.at == pytest.approx(at + 5.0 + LATE_S)


def test_given_a_stall_then_the_panel_counts_down_to_the_new_end() -> None:
    pending = MAKE[Kind.OFFER]()
    driver = pending.driver
    driver.notices.clear()
    driver.saved.clear()
    driver.tell(facts.Stalled(5.0))
    assert AgentChanged("a1") in driver.notices
    assert ("call", pending.owner) in driver.saved
    assert agent_view(driver.center.floor, "a1")["offer"]["expires_at"] == iso(pending.at or 0.0)


@pytest.mark.parametrize("kind", [*AGENTS, Kind.PANEL])
def test_given_a_stall_then_the_new_end_is_there_after_a_restart_also_for_an_agent_without_a_call(kind: Kind) -> None:
    pending = MAKE[kind]()
    pending.driver.saved.clear()
    pending.driver.tell(facts.Stalled(5.0))
    assert ("agent", "a1") in pending.driver.saved


def test_given_a_stall_while_the_pbx_is_away_then_its_deadlines_are_shifted_once() -> None:
    pending = SHIFTED[Kind.OFFER]()
    driver, left_s = pending.driver, pending.left_s
    driver.tell(facts.NodeLost(NODE))
    driver.now += 30.0
    driver.tell(facts.Stalled(30.0))
    driver.tell(facts.TimePassed())
    driver.connect()
    assert pending.left_s == pytest.approx(left_s)


# ------------------------------------------------------------------------------- how it is noticed


class Time:
    """A monotonic clock and the system's, which a test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steady, self.wall = 1000.0, 1_700_000_000.0
        monkeypatch.setattr("cti_bridge.clock.time", self)
        self.clock = Clock()
        self.stalls: list[float] = []
        self.moves: list[float] = []
        self.pulse = Pulse(self.clock, self.stalls.append, self.moves.append, self.monotonic)

    def time(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.steady

    def go_on(self, seconds: float) -> None:
        self.steady += seconds
        self.wall += seconds
        self.pulse.look()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time(monkeypatch)


def test_given_time_that_goes_on_then_nothing_is_noticed(told: Time) -> None:
    for _ in range(100):
        told.go_on(BEAT_S * 1.5)
    assert (told.stalls, told.moves, told.pulse.words) == ([], [], [])


@pytest.mark.parametrize("stall_s", [1.6, 5.0, 30.0])
def test_given_a_process_that_stood_still_then_it_is_told_at_the_next_look_once_with_its_length(
    told: Time, stall_s: float
) -> None:
    told.go_on(0.1)
    told.go_on(stall_s)
    told.pulse.look()
    assert told.stalls == [pytest.approx(stall_s)]
    assert told.pulse.stalls == 1
    assert told.pulse.stalled_s == pytest.approx(stall_s)
    said = [f"stalls: 1 within the last hour, the longest of {stall_s:.0f} s"] if stall_s >= LONG_S else []
    assert told.pulse.words == said


@pytest.mark.parametrize("by_s", [3600.0, -3600.0, 90.0, -90.0, MOVED_S + 0.1])
def test_given_a_clock_that_is_set_then_ours_follows_once_and_it_is_told_for_an_hour(told: Time, by_s: float) -> None:
    before = told.clock()
    told.wall += by_s
    told.go_on(0.5)
    told.go_on(0.5)
    assert told.moves == [pytest.approx(by_s)]
    assert told.clock() == pytest.approx(before + by_s + 1.0)
    assert told.pulse.words == [f"clock: it was set by {by_s:+.0f} s within the last hour"]
    for _ in range(3600):
        told.go_on(1.0)
    assert (told.pulse.words, told.pulse.moves, told.stalls) == ([], 1, [])


def test_given_a_clock_that_creeps_away_then_it_is_followed_and_never_far_off(told: Time) -> None:
    for _ in range(100):
        told.wall += 0.05
        told.go_on(0.5)
        assert abs(told.clock() - told.wall) < MOVED_S
    assert sum(told.moves) == pytest.approx(5.0, abs=MOVED_S)


def test_given_a_stop_between_the_readings_of_two_clocks_then_none_was_set(
    told: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped() -> float:
        told.steady += 30.0
        told.wall += 30.0
        return told.wall - 30.0

    monkeypatch.setattr(told, "time", stopped)
    told.pulse.look()
    assert told.moves == []


class NoJournal:
    def record(self, output_records: object, changes: object, now: float) -> None: ...

    async def committed(self) -> None: ...


@pytest.mark.parametrize("watched", [False, True])
async def test_given_a_loop_that_is_held_up_then_what_came_in_time_is_read_before_the_deadline_acts(
    watched: bool,
) -> None:
    pending = SHIFTED[Kind.OFFER]()
    driver, offset = pending.driver, pending.driver.now - time.monotonic()

    def clock() -> float:
        return time.monotonic() + offset

    orders: list[Action] = []

    def submit(actions: Sequence[Action]) -> None:
        orders.extend(actions)

    engine = Engine(driver.center, NoJournal(), clock, submit, lambda: None, IdempotencyKeys())
    pulse = Pulse(Clock(), lambda for_s: engine.tell_first(facts.Stalled(for_s)), lambda by_s: None)
    engine.look_at_time = pulse.look if watched else engine.look_at_time
    driver.center.floor.set_deadline(Kind.OFFER, call(pending), clock() + 0.1)
    engine.tell(facts.LegRinging("nobody"))
    loop = asyncio.get_running_loop()
    event, turns, read = facts.LegAnswered(call(pending).agent_leg), 4, asyncio.Event()

    def reads(turn: int) -> None:
        """As bytes become a fact: over some turns of the loop."""
        if turn:
            loop.call_soon(reads, turn - 1)
        else:
            engine.tell(event)
            read.set()

    loop.call_soon(reads, turns)
    # This is the stall: the loop stands still over the deadline, as a process that is stopped does.
    time.sleep(BEAT_S + STALL_S + 0.1 if watched else 0.3)  # noqa: ASYNC251
    await read.wait()
    assert state_of(call(pending)) is S.CONNECTING
    assert not [order for order in orders if isinstance(order, HangUp)]
    assert pulse.stalls == int(watched)
    engine.close()
