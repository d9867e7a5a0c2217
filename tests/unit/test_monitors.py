"""Supervisors monitor calls (requirement L2): who may, what is ordered for each mode in each state, and how it ends."""

from itertools import product

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import (
    AddToBridge,
    CreateBridge,
    CreateLeg,
    DestroyBridge,
    HangUp,
    MuteLeg,
    SnoopLeg,
    StopMusic,
)
from cti_bridge.domain.border.monitor_row import MonitorRow
from cti_bridge.domain.border.notices import Told
from cti_bridge.domain.model.agent import AgentState, Status
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.directory import Directory
from cti_bridge.domain.model.monitor import BEGINS_IN, FOLLOWS, Follows, Monitor
from cti_bridge.domain.model.words import MonitorEnd, MonitorMode, Right
from cti_bridge.domain.monitors import places, rules
from cti_bridge.domain.queue.no_calls import assignable
from tests.support.changed import replace
from tests.unit.floor import NODE, Driver, agent_view
from tests.unit.situations import CUSTOMER, OUTSIDE, SITUATIONS, made, staffed, state_of, talking

S, M = CallState, MonitorMode
LISTEN, WHISPER, BARGE = M.LISTEN, M.WHISPER, M.BARGE


def begin(driver: Driver, call: Call, mode: MonitorMode = LISTEN, cti_id: str = "a3") -> Monitor:
    """The supervisor asks for it. Their phone rings."""
    if driver.agent(cti_id).session is None:
        driver.log_in(cti_id, status="rest")
    driver.tell(commands.StartMonitor(cti_id, call.id, mode, cti_id, "192.0.2.1"))
    return driver.center.floor.monitors[driver.agent(cti_id).monitor_id or ""]


def phone_of(monitor: Monitor) -> str:
    assert monitor.phone is not None
    return monitor.phone.id


def lift(driver: Driver, monitor: Monitor) -> None:
    """The supervisor lifts, and all that is ordered happens."""
    driver.tell(facts.LegReady(phone_of(monitor)))
    driver.tell(facts.LegAnswered(phone_of(monitor)))
    happens(driver, monitor)


def happens(driver: Driver, monitor: Monitor) -> None:
    """All that is ordered of the monitor happens."""
    for _ in range(6):
        for leg in list(monitor.legs):
            if leg.stage == "ending":
                driver.tell(facts.LegEnded(leg.id))
            elif leg.stage == "ordered" and leg.spied:
                driver.tell(facts.LegReady(leg.id))
            elif leg.place and leg.seen != leg.place:
                driver.tell(facts.LegEntered(leg.id, leg.place))
        if not monitor.settled and monitor.phone is not None:
            driver.tell(facts.LegMuted(monitor.phone.id, monitor.muted, monitor.mutings))
        driver.pass_time(places.REST_S)


def monitored(state: CallState = S.TALKING, mode: MonitorMode = LISTEN) -> tuple[Driver, Call, Monitor]:
    driver, call = made(state)
    monitor = begin(driver, call, mode)
    lift(driver, monitor)
    return driver, call, monitor


def seen(monitor: Monitor) -> tuple[str, bool, bool]:
    """Where the supervisor's phone was seen, whether it is muted, and whether there is a snoop."""
    assert monitor.phone is not None
    where = "own" if monitor.phone.seen == monitor.bridge_id else "call's" if monitor.phone.seen else "nowhere"
    return where, monitor.muted_seen, monitor.snoop is not None


def rows(driver: Driver) -> list[tuple[MonitorMode, MonitorEnd]]:
    return [(one.mode, one.ended_with) for one in driver.records if isinstance(one, MonitorRow)]


def told(driver: Driver) -> list[str]:
    return [one.code for one in driver.notices if isinstance(one, Told) and one.cti_id == "a3"]


# ------------------------------------------------------------------------------- the beginning


def test_the_own_phone_is_rung_and_shows_the_agent_and_the_supervisor_is_given_no_call() -> None:
    driver, call = talking(staffed())
    driver.log_in("a3")
    begin(driver, call)
    (order,) = [one for one in driver.taken(CreateLeg) if isinstance(one, CreateLeg) and one.cti_number == "1003"]
    assert (order.shown_number, order.shown_name, order.originator) == ("1001", "Agent 1", call.agent_leg)
    agent = driver.agent("a3")
    assert (agent.state, agent.status, agent.label) == (AgentState.MONITORING, Status.READY, "Business (Monitoring)")
    assert not assignable(driver.center.floor, agent)
    driver.tell(commands.SetStatus("a2", "rest", None))
    assert driver.arrive(leg_id="another").state is S.WAITING, "though they are ready"
    shown = agent_view(driver.center.floor, "a3")
    assert (shown["monitor"]["state"], shown["monitor"]["confirmed"], shown["monitor"]["cti_id"]) == (
        "ringing",
        None,
        "a1",
    )


@pytest.mark.parametrize("name", SITUATIONS)
def test_only_a_call_in_which_somebody_talks_can_be_monitored(name: str) -> None:
    driver, call = SITUATIONS[name]()
    driver.log_in("a3", status="rest")
    begin_ = commands.StartMonitor("a3", call.id, LISTEN, "a3")
    if call.state in BEGINS_IN:
        driver.tell(begin_)
        assert driver.agent("a3").state is AgentState.MONITORING
    else:
        assert driver.refused(begin_) in ("not_allowed_now", "not_found")


def test_it_is_refused_in_words_when_the_supervisor_the_phone_or_the_pbx_cannot() -> None:
    driver, call = talking(staffed())
    start = commands.StartMonitor("a3", call.id, LISTEN, "a3")
    assert driver.refused(start) == "unauthenticated"
    driver.log_in("a3", status="rest")
    assert driver.refused(replace(start, call_id="none")) == "not_found"
    driver.tell(facts.PhoneChanged(NODE, "1003", reachable=False))
    assert driver.refused(start) == "phone_unreachable"
    driver.tell(facts.PhoneChanged(NODE, "1003", reachable=True))
    driver.tell(facts.PhoneUsed(NODE, "main/other", "1003"))
    assert driver.refused(start) == "phone_unreachable"
    driver.tell(facts.LegEnded("main/other"))
    for version in ("22.11.0", "22.11.0~dfsg+~cs6", "22.11.0+dfsg+~cs6", "22.11.0-rc2+dfsg+~cs6.17"):
        driver.center.floor.nodes[NODE].version = version
        assert driver.refused(start) == "pbx_cannot_monitor"
    driver.center.floor.nodes[NODE].version = "22.10.1+dfsg"
    driver.tell(facts.NodeLost(NODE))
    assert driver.refused(start) == "pbx_unavailable"
    driver, call = talking(staffed())
    assert driver.refused(commands.StartMonitor("a1", call.id, LISTEN, "a1")) == "not_allowed_now", "the agent in it"
    begin(driver, call)
    assert driver.refused(start) == "not_allowed_now", "already"
    for command in (commands.ChangeMonitor, commands.StopMonitor):
        args = (BARGE, "a3") if command is commands.ChangeMonitor else ("a3",)
        assert driver.refused(command("a3", "another", *args)) == "call_changed"


def test_internal_calls_and_emergency_calls_are_monitored_by_nobody() -> None:
    driver, call = made(S.INTERNAL_TALKING)
    driver.log_in("a3", status="rest")
    start = commands.StartMonitor("a3", call.id, LISTEN, "a3")
    assert driver.refused(start) == "not_allowed_now"
    driver, call = talking(staffed())
    driver.log_in("a3", status="rest")
    call.dialling.emergency = True
    assert driver.refused(replace(start, call_id=call.id)) == "not_allowed_now"


# ------------------------------------------------------------------------------- the modes

IN_MODE = {LISTEN: ("own", True, True), WHISPER: ("own", False, True), BARGE: ("call's", False, False)}


@pytest.mark.parametrize("mode", MonitorMode)
def test_each_mode_in_a_talk(mode: MonitorMode) -> None:
    driver, call, monitor = monitored(mode=mode)
    assert seen(monitor) == IN_MODE[mode]
    assert monitor.confirmed is mode
    snoops = [one for one in driver.taken(SnoopLeg) if isinstance(one, SnoopLeg)]
    assert {one.spied for one in snoops} <= {call.agent_leg}
    (bridge,) = [one for one in driver.taken(CreateBridge) if one.call_id == monitor.id]
    assert isinstance(bridge, CreateBridge) and bridge.softmix, "a hold key gives its partner no music there"
    heard_by = {LISTEN: [], WHISPER: ["agent"], BARGE: ["customer", "agent"]}[mode]
    shown = agent_view(driver.center.floor, "a3")["monitor"]
    assert (shown["state"], shown["mode"], shown["confirmed"], shown["heard_by"]) == ("on", mode, mode, heard_by)


@pytest.mark.parametrize(
    ("before", "after"), [one for one in product(MonitorMode, MonitorMode) if one[0] is not one[1]]
)
def test_each_mode_into_each_other_and_none_is_in_force_before_it_was_seen(
    before: MonitorMode, after: MonitorMode
) -> None:
    driver, call, monitor = monitored(mode=before)
    driver.tell(commands.ChangeMonitor("a3", call.id, after, "a3"))
    assert monitor.confirmed is not after
    happens(driver, monitor)
    assert (seen(monitor), monitor.confirmed) == (IN_MODE[after], after)
    assert rows(driver) == [(before, MonitorEnd.CHANGED)]


def test_what_is_on_its_way_is_not_in_force() -> None:
    driver, call, monitor = monitored(mode=WHISPER)
    for mode in (LISTEN, WHISPER):
        driver.tell(commands.ChangeMonitor("a3", call.id, mode, "a3"))
        assert monitor.confirmed is None
    driver.tell(facts.LegMuted(phone_of(monitor), muted=True, number=monitor.mutings - 1))
    assert monitor.confirmed is None, "the answer to an order of before"
    driver.tell(facts.LegMuted(phone_of(monitor), muted=False, number=monitor.mutings))
    assert monitor.confirmed is WHISPER


def test_who_has_barged_in_and_listens_from_now_on_is_muted_first() -> None:
    driver, call, _ = monitored(mode=BARGE)
    driver.actions.clear()
    driver.tell(commands.ChangeMonitor("a3", call.id, LISTEN, "a3"))
    assert [type(one) for one in driver.actions] == [MuteLeg, SnoopLeg, AddToBridge, StopMusic]


def test_a_phone_that_holds_is_in_the_own_bridge_where_nobody_has_music() -> None:
    driver, _, monitor = monitored(mode=BARGE)
    driver.tell(facts.LegHeld(phone_of(monitor)))
    happens(driver, monitor)
    assert seen(monitor)[0] == "own"
    driver.tell(facts.LegRetrieved(phone_of(monitor)))
    happens(driver, monitor)
    assert (seen(monitor)[0], monitor.confirmed) == ("call's", BARGE)


# ------------------------------------------------------------------------------- through a hold


def held(mode: MonitorMode) -> tuple[Driver, Call, Monitor]:
    driver, call, monitor = monitored(mode=mode)
    driver.tell(commands.HoldCall("a1", call.id))
    return driver, call, monitor


def test_who_whispers_comes_to_the_agent_only_when_the_customer_was_seen_out() -> None:
    driver, call, monitor = held(WHISPER)
    happens(driver, monitor)
    assert seen(monitor)[0] == "own", "the customer may be in the bridge still"
    driver.tell(facts.LegLeft(CUSTOMER, call.bridge_id))
    happens(driver, monitor)
    assert (seen(monitor), monitor.confirmed) == (("call's", False, False), WHISPER)
    assert agent_view(driver.center.floor, "a3")["monitor"]["heard_by"] == ["agent"]


def test_who_whispers_while_the_own_phone_holds_is_heard_by_nobody_when_the_agent_is_alone() -> None:
    driver, call, monitor = held(WHISPER)
    driver.tell(facts.LegLeft(CUSTOMER, call.bridge_id))
    driver.tell(facts.LegHeld(phone_of(monitor)))
    happens(driver, monitor)
    assert (seen(monitor), monitor.confirmed) == (("own", False, True), None), "a snoop whispers nothing into silence"


def test_the_customer_comes_back_only_when_who_whispers_was_seen_out() -> None:
    driver, call, monitor = held(WHISPER)
    driver.tell(facts.LegLeft(CUSTOMER, call.bridge_id))
    happens(driver, monitor)
    driver.actions.clear()
    driver.tell(commands.ResumeCall("a1", call.id))
    moves = [one for one in driver.actions if isinstance(one, AddToBridge)]
    assert [(one.leg_id, one.bridge_id) for one in moves] == [(phone_of(monitor), monitor.bridge_id)]
    assert state_of(call) is S.TALKING, "the agent is told at once"
    driver.tell(facts.LegLeft(phone_of(monitor), call.bridge_id))
    assert CUSTOMER not in [one.leg_id for one in driver.taken(AddToBridge)], "not before it was seen elsewhere"
    driver.tell(facts.LegEntered(phone_of(monitor), monitor.bridge_id))
    assert [one.leg_id for one in driver.taken(AddToBridge)][-1] == CUSTOMER
    driver.enter(call, CUSTOMER)
    happens(driver, monitor)
    assert (seen(monitor), monitor.confirmed) == (IN_MODE[WHISPER], WHISPER)


def test_who_does_not_leave_in_time_is_hung_up_and_the_customer_comes_back_behind_that() -> None:
    driver, call, monitor = held(WHISPER)
    driver.tell(facts.LegLeft(CUSTOMER, call.bridge_id))
    happens(driver, monitor)
    driver.tell(commands.ResumeCall("a1", call.id))
    phone = phone_of(monitor)
    driver.pass_time(places.LEAVES_WITHIN_S + 0.1)
    assert phone in [one.leg_id for one in driver.taken(HangUp)] and monitor.over is MonitorEnd.FAILED
    assert [one.leg_id for one in driver.taken(AddToBridge)][-1] == phone, "the customer waits"
    driver.tell(facts.LegEnded(phone))
    assert [one.leg_id for one in driver.taken(AddToBridge)][-1] == CUSTOMER


def test_a_target_does_not_come_to_who_whispers_either() -> None:
    driver, call, monitor = held(WHISPER)
    driver.tell(facts.LegLeft(CUSTOMER, call.bridge_id))
    happens(driver, monitor)
    driver.tell(commands.StartConsult("a1", call.id, OUTSIDE))
    happens(driver, monitor)
    assert seen(monitor)[0] == "own", "the agent hears the ringing"
    target = call.target_leg or ""
    driver.tell(facts.LegReady(target))
    driver.tell(facts.LegAnswered(target))
    driver.enter(call, call.agent_leg or "", target)
    happens(driver, monitor)
    assert (seen(monitor), monitor.confirmed) == (IN_MODE[WHISPER], WHISPER)


@pytest.mark.parametrize("mode", [LISTEN, BARGE])
def test_nobody_waits_for_who_listens_or_has_barged_in(mode: MonitorMode) -> None:
    driver, call, monitor = held(mode)
    driver.tell(facts.LegLeft(CUSTOMER, call.bridge_id))
    happens(driver, monitor)
    assert monitor.confirmed is mode
    driver.tell(commands.ResumeCall("a1", call.id))
    assert [one.leg_id for one in driver.taken(AddToBridge)][-1] == CUSTOMER


# ------------------------------------------------------------------------------- other partners


def test_the_snoop_is_made_anew_when_the_agent_has_another_partner_and_never_beside_an_old_one() -> None:
    driver, call, monitor = monitored(mode=LISTEN)
    other = begin(driver, call, LISTEN, "a2")
    lift(driver, other)
    old = [one.snoop.id for one in (monitor, other) if one.snoop is not None]
    assert len(old) == 2
    driver.tell(commands.HoldCall("a1", call.id))
    driver.tell(facts.LegLeft(CUSTOMER, call.bridge_id))
    assert [one.leg_id for one in driver.taken(HangUp)][-2:] == old
    assert monitor.snoop is None and other.snoop is None
    driver.tell(facts.LegEnded(old[0]))
    assert monitor.snoop is None, "the other one is there still"
    driver.tell(facts.LegEnded(old[1]))
    assert monitor.snoop is None, "the PBX lets go of it with the next frames of audio"
    for one in (monitor, other):
        happens(driver, one)
        assert one.snoop is not None and one.confirmed is LISTEN


def test_it_follows_the_customer_to_another_agent() -> None:
    driver, call, monitor = monitored(S.CONSULT_TALKING, WHISPER)
    target = call.target_leg or ""
    driver.tell(commands.ConnectConsult("a1", call.id))
    driver.enter(call, CUSTOMER)
    assert (state_of(call), call.agent_leg) == (S.TALKING, target)
    happens(driver, monitor)
    assert monitor.snoop is not None and monitor.snoop.spied == target
    assert (monitor.confirmed, agent_view(driver.center.floor, "a3")["monitor"]["cti_id"]) == (WHISPER, call.cti_id)


def test_it_waits_while_the_agents_phone_is_lost_and_goes_on_with_it() -> None:
    driver, call, monitor = monitored(mode=BARGE)
    driver.tell(facts.LegEnded(call.agent_leg or "", 44))
    happens(driver, monitor)
    assert (state_of(call), seen(monitor)[0], monitor.confirmed) == (S.AGENT_LOST, "own", None)
    assert agent_view(driver.center.floor, "a3")["monitor"]["state"] == "waiting"
    driver.answer(call)
    happens(driver, monitor)
    assert (state_of(call), monitor.confirmed) == (S.TALKING, BARGE)


@pytest.mark.parametrize("state", [one for one, follows in FOLLOWS.items() if follows is not Follows.ENDS])
def test_who_monitors_changes_nothing_in_any_state_but_that_a_whisperer_is_waited_for(state: CallState) -> None:
    """Where the parties are is what it is without a monitor."""
    if state not in BEGINS_IN:
        return
    plain = [(leg.role, leg.stage, leg.place) for leg in made(state)[1].legs.values()]
    for mode in MonitorMode:
        _, call, _ = monitored(state, mode)
        assert [(leg.role, leg.stage, leg.place) for leg in call.legs.values()] == plain


# ------------------------------------------------------------------------------- the end


def ends_by(driver: Driver, call: Call, monitor: Monitor, how: MonitorEnd) -> None:
    phone = phone_of(monitor)
    if how is MonitorEnd.STOPPED:
        driver.tell(commands.StopMonitor("a3", call.id, "a3"))
    elif how is MonitorEnd.CALL_ENDED:
        driver.tell(facts.LegEnded(CUSTOMER, 16))
    elif how is MonitorEnd.PHONE_LOST:
        driver.tell(facts.LegEnded(phone, 44))
    elif how is MonitorEnd.LOGOUT:
        driver.tell(commands.LogOut("a3", "session-a3"))
    elif how is MonitorEnd.NO_AGENT:
        driver.tell(commands.TransferCall("a1", call.id, OUTSIDE, None))
        driver.tell(facts.LegReady(call.target_leg or ""))
        driver.tell(facts.LegAnswered(call.target_leg or ""))
        driver.enter(call, CUSTOMER, call.target_leg or "")
        assert state_of(call) is S.TRANSFERRED
    elif how is MonitorEnd.NOT_PERMITTED:
        driver.tell(facts.ConfigurationChanged(driver.center.floor.directory))
    else:
        driver.tell(facts.NodeLost(NODE))
        driver.pass_time(11)


ENDS = (
    MonitorEnd.STOPPED,
    MonitorEnd.CALL_ENDED,
    MonitorEnd.PHONE_LOST,
    MonitorEnd.LOGOUT,
    MonitorEnd.NO_AGENT,
    MonitorEnd.NOT_PERMITTED,
    MonitorEnd.NODE_LOST,
)


@pytest.mark.parametrize(("how", "mode"), list(product(ENDS, MonitorMode)))
def test_however_it_ends_the_supervisor_is_free_and_nothing_is_left(how: MonitorEnd, mode: MonitorMode) -> None:
    driver, call, monitor = monitored(mode=mode)
    ends_by(driver, call, monitor, how)
    agent = driver.agent("a3")
    assert (agent.state, agent.monitor_id) == (AgentState.IDLE, None)
    assert agent.status is (Status.OFFLINE if how is MonitorEnd.LOGOUT else Status.REST)
    assert rows(driver) == [(mode, how)]
    silent = how in (MonitorEnd.STOPPED, MonitorEnd.LOGOUT)
    assert told(driver) == ([] if silent else [f"monitor_{how}"])
    assert monitor.bridge_id in [one.bridge_id for one in driver.taken(DestroyBridge) if isinstance(one, DestroyBridge)]
    for leg in list(monitor.legs):
        assert leg.id in [one.leg_id for one in driver.taken(HangUp)]
        driver.tell(facts.LegEnded(leg.id))
    assert not driver.center.floor.monitors and driver.saved["monitor", monitor.id] is None
    assert not agent.legs


def test_a_call_that_was_monitored_was_never_the_supervisors() -> None:
    driver, call, _ = monitored()
    driver.tell(commands.StopMonitor("a3", call.id, "a3"))
    assert driver.agent("a3").recent_calls == []


def test_a_hang_up_on_the_own_phone_is_no_news() -> None:
    driver, call, monitor = monitored()
    driver.tell(facts.LegEnded(phone_of(monitor), 16))
    assert (told(driver), rows(driver)) == ([], [(LISTEN, MonitorEnd.STOPPED)])
    assert state_of(call) is S.TALKING


@pytest.mark.parametrize(
    ("cause", "code", "how"), [(0, 0, "unreachable"), (17, 486, "no_answer"), (19, 480, "no_answer")]
)
def test_a_phone_that_is_not_answered(cause: int, code: int, how: str) -> None:
    driver, call = talking(staffed())
    monitor = begin(driver, call)
    driver.tell(facts.LegReady(phone_of(monitor)))
    driver.tell(facts.LegEnded(phone_of(monitor), cause, code) if cause else facts.LegEnded(phone_of(monitor), 27, 500))
    assert (told(driver), driver.agent("a3").state, rows(driver)) == ([f"monitor_{how}"], AgentState.IDLE, [])


def test_a_phone_that_rings_on_is_hung_up() -> None:
    driver, call = talking(staffed())
    monitor = begin(driver, call)
    driver.tell(facts.LegReady(phone_of(monitor)))
    driver.pass_time(rules.RING_S + 1)
    assert told(driver) == ["monitor_no_answer"]


def test_a_phone_that_cannot_be_called() -> None:
    driver, call = talking(staffed())
    monitor = begin(driver, call)
    order = driver.taken(CreateLeg)[-1]
    driver.tell(facts.ActionFailed(phone_of(monitor), "CreateLeg", facts.Failure.UNREACHABLE, order))
    assert (told(driver), driver.agent("a3").legs) == (["monitor_unreachable"], [])


def test_an_emergency_number_that_the_supervisor_dials_goes_first() -> None:
    driver, _, monitor = monitored()
    driver.center.floor.directory = replace(
        driver.center.floor.directory,
        policy=replace(driver.center.floor.policy, emergency_numbers=frozenset({"112"})),
    )
    phone = phone_of(monitor)
    driver.tell(commands.Dial("a3", "112", ""))
    assert driver.agent("a3").state is AgentState.DIALING
    assert "1003" not in driver.rung()[2:], "its line is not free yet"
    driver.tell(facts.LegEnded(phone, 16))
    assert driver.rung()[-1] == "1003"
    assert rows(driver) == [(LISTEN, MonitorEnd.EMERGENCY)]


def test_a_right_that_a_reload_leaves_goes_on() -> None:
    driver, _, monitor = monitored()
    driver.tell(facts.ConfigurationChanged(with_right(driver.center.floor.directory)))
    assert monitor.over is None


def with_right(directory: Directory) -> Directory:
    head = replace(directory.agents["a3"], role="supervisor", rights=frozenset({Right.MONITOR}))
    return replace(directory, agents={**directory.agents, "a3": head})


@pytest.mark.parametrize("shows", [True, False])
def test_the_agent_sees_it_where_the_house_says_so(shows: bool) -> None:
    driver, _, _ = monitored(mode=WHISPER)
    directory = with_right(driver.center.floor.directory)
    policy = replace(directory.policy, show_monitoring=shows)
    driver.tell(facts.ConfigurationChanged(replace(directory, policy=policy)))
    shown = agent_view(driver.center.floor, "a1")["call"]["monitors"]
    assert shown == ([{"name": "Agent 3", "mode": "whisper"}] if shows else [])


# ------------------------------------------------------------------------------- after a gap


def _seen(leg_id: str, bridge_id: str | None, endpoint: str) -> facts.SeenLeg:
    return facts.SeenLeg(
        leg_id, up=True, ringing=False, in_app=True, bridge_id=bridge_id, endpoint=endpoint, arrived=None
    )


def as_it_is(driver: Driver, call: Call) -> list[facts.SeenLeg]:
    """The PBX holds all that was ordered."""
    found = [
        _seen(leg.id, call.bridge_id if leg.in_bridge else None, f"100{leg.cti_id[1]}" if leg.cti_id else "trunk")
        for leg in call.legs.values()
    ]
    for monitor in driver.center.floor.monitors.values():
        for leg in monitor.legs:
            endpoint = "snoop" if leg.spied else "1003"
            found.append(_seen(leg.id, leg.place or None, endpoint))
    return found


def list_of(driver: Driver, call: Call, *, boot_id: str = "boot") -> facts.NodeSeen:
    bridges = (call.bridge_id, *(one.bridge_id for one in driver.center.floor.monitors.values()))
    phones = tuple((f"100{number}", True) for number in (1, 2, 3))
    return facts.NodeSeen(NODE, boot_id, driver.now, tuple(as_it_is(driver, call)), bridges, phones)


@pytest.mark.parametrize("mode", MonitorMode)
def test_it_goes_on_over_the_death_of_the_bridge_and_nobody_notices(mode: MonitorMode) -> None:
    driver, call, monitor = monitored(mode=mode)
    lists = list_of(driver, call)
    driver.now += 3
    other = driver.restarted(with_right(driver.center.floor.directory))
    other.tell(replace(lists, asked_at=other.now))
    found = other.center.floor.monitors[monitor.id]
    happens(other, found)
    assert (found.confirmed, seen(found)) == (mode, IN_MODE[mode])
    assert other.agent("a3").state is AgentState.MONITORING
    assert not other.taken(HangUp) and not other.taken(SnoopLeg), "who talks hears no gap"


def test_a_phone_that_is_still_in_the_calls_bridge_is_waited_for_after_a_start_too() -> None:
    driver, call, monitor = held(WHISPER)
    driver.tell(facts.LegLeft(CUSTOMER, call.bridge_id))
    happens(driver, monitor)
    driver.tell(commands.ResumeCall("a1", call.id))
    lists = list_of(driver, call)
    inside = [replace(leg, bridge_id=call.bridge_id) if leg.leg_id == phone_of(monitor) else leg for leg in lists.legs]
    other = driver.restarted(with_right(driver.center.floor.directory))
    other.now += 1
    other.tell(replace(lists, legs=tuple(inside), asked_at=other.now))
    assert CUSTOMER not in [one.leg_id for one in other.taken(AddToBridge)]
    other.tell(facts.LegEntered(phone_of(monitor), monitor.bridge_id))
    assert [one.leg_id for one in other.taken(AddToBridge)][-1] == CUSTOMER


def test_a_pbx_that_was_restarted_has_lost_it() -> None:
    driver, call, monitor = monitored()
    driver.tell(facts.NodeLost(NODE))
    driver.tell(facts.NodeSeen(NODE, "another boot", driver.now, (), (), (("1003", True),)))
    assert (driver.agent("a3").state, driver.center.floor.monitors) == (AgentState.IDLE, {})
    assert monitor.over is not None and state_of(call) is S.ENDED


def test_a_leg_of_a_monitor_that_nobody_knows_is_hung_up_and_its_bridge_is_destroyed() -> None:
    driver, call, monitor = monitored()
    lists = list_of(driver, call)
    state = {key: value for key, value in driver.state().items() if key[0] != "monitor"}
    other = driver.restarted(with_right(driver.center.floor.directory), state)
    assert other.agent("a3").state is AgentState.IDLE, "of whom the checkpoint does not know what they monitor"
    other.now += 1
    other.tell(replace(lists, asked_at=other.now))
    assert {phone_of(monitor), monitor.snoop.id if monitor.snoop else ""} <= {one.leg_id for one in other.taken(HangUp)}


def test_a_snoop_that_is_refused_is_tried_again_in_a_moment_and_given_up_in_the_end() -> None:
    driver, call = made(S.TALKING)
    monitor = begin(driver, call)
    driver.tell(facts.LegReady(phone_of(monitor)))
    driver.tell(facts.LegAnswered(phone_of(monitor)))
    tried = 0
    while monitor.over is None and tried < 20:
        if monitor.snoop is not None:
            tried += 1
            order = driver.taken(SnoopLeg)[-1]
            driver.tell(facts.ActionFailed(monitor.snoop.id, "SnoopLeg", facts.Failure.REFUSED, order))
            assert monitor.snoop is None or monitor.over is not None, "not at once"
        driver.pass_time(places.RETRY_S)
    assert (monitor.over, told(driver)) == (MonitorEnd.FAILED, ["monitor_failed"])
    assert tried > 3 and state_of(call) is S.TALKING


def test_every_state_of_a_call_says_what_becomes_of_its_monitors() -> None:
    assert set(FOLLOWS) == set(CallState)
    assert {state for state, follows in FOLLOWS.items() if follows is Follows.HEARS} >= BEGINS_IN
