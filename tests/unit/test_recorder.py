"""The recorder of a conversation: what it is ordered in every state and for every reason, and who waits for it
(requirements K1 to K3)."""

from dataclasses import replace
from itertools import permutations

import pytest

from cti_bridge.domain.border import actions as act
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.facts import ActionFailed, Failure
from cti_bridge.domain.border.notices import RecordingFailed, RecordingReady, Told
from cti_bridge.domain.border.records import RecordingRow
from cti_bridge.domain.floor.recorder import WITHIN_S
from cti_bridge.domain.floor.time_line import not_resumed
from cti_bridge.domain.model.call import Call, CallState, Place, Role, Stage
from cti_bridge.domain.model.callbacks import Recording, RecordingState
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.recorded import WHILE, Want, reasons, wants
from cti_bridge.domain.model.recorder import Reason, Span, SpanKind, Tape
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.domain.model.words import Record, Right
from tests.unit.floor import CALLING, NODE, Driver, agent_view
from tests.unit.situations import CUSTOMER, OUTSIDE, SITUATIONS, all_enter, staffed, state_of

S = CallState
PAUSE = commands.PauseRecording
RECORDERS = (act.RecordBridge, act.PauseRecording, act.ResumeRecording, act.StopRecording)


def recorded_house(
    record: Record = Record.ALWAYS, *, must: bool = False, of_queue: Record | None = None, most_s: float = 300
) -> Driver:
    driver = staffed()
    config = driver.center.floor.directory
    service = replace(config.services["acme"], record=record, record_must=must, record_pause_most_s=most_s)
    queues = {name: replace(queue, record=of_queue) for name, queue in config.queues.items()}
    changed = replace(config, services={"acme": service}, queues=queues)
    driver.tell(facts.ConfigurationChanged(changed))
    return driver


def lifted(driver: Driver) -> Call:
    call = driver.arrive(leg_id=CUSTOMER)
    driver.tell(facts.LegAnswered(driver.agent_leg(call)))
    return call


def name_of(driver: Driver, call: Call) -> str:
    assert call.recorder is not None
    return driver.center.floor.recordings[call.recorder.recording].name


def sees(driver: Driver, call: Call, *, paused: bool = False) -> None:
    driver.tell(facts.RecordingSeen(name_of(driver, call), paused, driver.now))


def recorded_talk(record: Record = Record.ALWAYS, *, most_s: float = 300) -> tuple[Driver, Call]:
    driver = recorded_house(record, most_s=most_s)
    call = lifted(driver)
    if record is Record.ALWAYS:
        sees(driver, call)
    all_enter(driver, call)
    driver.actions.clear()
    driver.now += 10
    return driver, call


def tape(call: Call) -> Tape:
    assert call.recorder is not None
    return call.recorder.tape


def ordered(driver: Driver) -> list[str]:
    """The orders to the recorder and to legs, in their order, since this was asked last."""
    names = [type(action).__name__ for action in driver.actions]
    driver.actions.clear()
    return names


def place(call: Call, role: Role = Role.CUSTOMER) -> Place:
    leg = call.leg_of(role)
    assert leg is not None
    return leg.place


# ------------------------------------------------------------------------------- the table


@pytest.mark.parametrize("state", CallState)
@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("holds", [False, True])
def test_it_records_if_and_only_if_no_reason_is_there(state: CallState, paused: bool, holds: bool) -> None:
    _, call = recorded_talk()
    assert call.recorder is not None and call.agent_leg is not None
    call.state = state
    call.recorder.paused_by = "a1" if paused else ""
    call.legs[CUSTOMER].phone_holds = holds
    want = wants(call)
    if state not in WHILE:
        assert want is Want.NOTHING
        return
    of_state = WHILE[state]
    expected = {of_state} if of_state is not None else {Reason.HOLD} if holds else set()
    expected |= {Reason.AGENT} if paused else set()
    assert set(reasons(call)) == expected
    assert (want is Want.RUNS) is (not expected)


def test_only_states_in_which_the_customer_talks_to_somebody_are_recorded() -> None:
    recorded = {state for state, reason in WHILE.items() if reason is None}
    with_customer = {S.CONNECTING, S.TALKING, S.CONSULT_SWAPPED, S.THREE_TOGETHER, S.JOINING, S.TRANSFERRED}
    assert recorded == with_customer


@pytest.mark.parametrize("name", SITUATIONS)
def test_without_a_setting_nothing_is_ordered(name: str) -> None:
    driver, call = SITUATIONS[name]()
    assert call.recorder is None and not [action for action in driver.actions if isinstance(action, RECORDERS)]


# ------------------------------------------------------------------------------- it begins


def test_the_empty_bridge_is_recorded_before_anybody_enters_and_nobody_waits_for_it() -> None:
    driver = recorded_house()
    call = driver.arrive(leg_id=CUSTOMER)
    leg_id = driver.agent_leg(call)
    ordered(driver)
    driver.tell(facts.LegAnswered(leg_id))
    assert ordered(driver) == ["CreateBridge", "RecordBridge", "StopMusic", "AddToBridge"]
    assert call.softmix and name_of(driver, call) == f"cti-{call.id}-conversation-1"
    all_enter(driver, call)
    assert call.state is S.TALKING and tape(call) is Tape.BEGINNING


def test_a_call_that_has_to_be_recorded_waits_for_the_recorder() -> None:
    driver = recorded_house(must=True)
    call = driver.arrive(leg_id=CUSTOMER)
    leg_id = driver.agent_leg(call)
    ordered(driver)
    driver.tell(facts.LegAnswered(leg_id))
    assert ordered(driver) == ["CreateBridge", "RecordBridge"] and place(call) is Place.MUSIC
    driver.tell(facts.RecordingStarted(name_of(driver, call)))
    assert ordered(driver) == ["StopMusic", "AddToBridge"]
    all_enter(driver, call)
    assert call.state is S.TALKING


@pytest.mark.parametrize("how", ["late", "refused", "missing"])
def test_a_call_that_has_to_be_recorded_and_is_not_ends_with_a_message(how: str) -> None:
    driver = recorded_house(must=True)
    call = lifted(driver)
    if how == "late":
        driver.pass_time(WITHIN_S + 0.01)
    elif how == "missing":
        driver.tell(facts.RecordingMissing(name_of(driver, call)))
    else:
        (order,) = driver.taken(act.RecordBridge)
        driver.tell(ActionFailed("", "RecordBridge", Failure.REFUSED, order))
    assert call.state is S.ANNOUNCING and call.prompt is not None and call.prompt.media == "sound:cti/goodbye"
    assert driver.agent("a1").state == "idle" and driver.offers() == ["withdrawn"]
    assert [notice for notice in driver.notices if isinstance(notice, RecordingFailed)]
    driver.tell(facts.LegEnded(CUSTOMER))
    assert driver.outcomes() == [("not_recorded", "customer")]


@pytest.mark.parametrize("how", ["late", "refused"])
def test_any_other_call_goes_on_and_is_recorded_as_soon_as_may_be(how: str) -> None:
    driver = recorded_house()
    call = lifted(driver)
    all_enter(driver, call)
    (order,) = driver.taken(act.RecordBridge)
    if how == "late":
        driver.pass_time(WITHIN_S + 0.01)
    else:
        driver.tell(ActionFailed("", "RecordBridge", Failure.REFUSED, order))
    assert call.state is S.TALKING
    assert agent_view(driver.center.floor, "a1")["call"]["recording"]["state"] == "failed"
    assert [notice.code for notice in driver.notices if isinstance(notice, Told)] == ["recording_failed"]
    driver.pass_time(40)
    while tape(call) is not Tape.BEGINNING:
        driver.pass_time(1)
    assert len(driver.taken(act.RecordBridge)) > 2
    sees(driver, call)
    assert agent_view(driver.center.floor, "a1")["call"]["recording"]["state"] == "recording"
    assert driver.center.floor.tally.recordings_failed == 1


@pytest.mark.parametrize(
    ("of_service", "of_queue", "records"),
    [
        (Record.OFF, None, False),
        (Record.ALWAYS, None, True),
        (Record.OFF, Record.ALWAYS, True),
        (Record.ALWAYS, Record.OFF, False),
        (Record.ON_DEMAND, None, False),
    ],
)
def test_the_queue_says_it_before_the_service(of_service: Record, of_queue: Record | None, records: bool) -> None:
    driver = recorded_house(of_service, of_queue=of_queue)
    lifted(driver)
    assert bool(driver.taken(act.RecordBridge)) is records


# ------------------------------------------------------------------------------- hold, consultation


def test_hold_waits_for_the_pause_and_resume_records_when_the_customer_is_seen_in_the_bridge() -> None:
    driver, call = recorded_talk()
    driver.tell(commands.HoldCall("a1", call.id))
    assert call.state is S.ON_HOLD
    assert ordered(driver) == ["PauseRecording"] and place(call) is Place.BRIDGE
    sees(driver, call, paused=True)
    assert ordered(driver) == ["RemoveFromBridge", "StartMusic"]
    driver.now += 5
    driver.tell(commands.ResumeCall("a1", call.id))
    assert ordered(driver) == ["StopMusic", "AddToBridge"] and tape(call) is Tape.PAUSED
    all_enter(driver, call)
    assert ordered(driver) == ["ResumeRecording"] and tape(call) is Tape.RESUMING
    sees(driver, call)
    driver.now += 3
    driver.tell(facts.LegEnded(CUSTOMER))
    (found,) = driver.center.floor.recordings.values()
    assert [(part["kind"], round(part["till_s"] - part["from_s"])) for part in found.segments] == [
        ("talk", 10),
        ("cut", 5),
        ("talk", 3),
    ]
    assert found.segments[1]["reason"] == "hold" and found.segments[0]["who"] == ["customer", "a1"]


def test_a_look_of_before_the_order_proves_no_pause() -> None:
    driver, call = recorded_talk()
    driver.tell(commands.HoldCall("a1", call.id))
    ordered(driver)
    driver.tell(facts.RecordingSeen(name_of(driver, call), True, driver.now - 0.5))
    assert tape(call) is Tape.PAUSING and place(call) is Place.BRIDGE and ordered(driver) == []


def test_a_pause_that_is_not_seen_is_ordered_again_and_what_is_in_the_file_meanwhile_is_erased() -> None:
    driver, call = recorded_talk()
    driver.tell(commands.HoldCall("a1", call.id))
    driver.pass_time(0.35)
    assert len(driver.taken(act.PauseRecording)) == 2, "it does no harm to say it twice"
    assert place(call) is Place.BRIDGE
    view = agent_view(driver.center.floor, "a1")["call"]["recording"]
    assert (view["state"], view["paused_since"]) == ("pausing", None)
    driver.pass_time(0.7)
    assert place(call) is Place.MUSIC, "nobody waits for longer than a second"
    assert "recording_not_paused" in [notice.code for notice in driver.notices if isinstance(notice, Told)]
    view = agent_view(driver.center.floor, "a1")["call"]["recording"]
    assert (view["state"], view["not_paused"]) == ("recording", True)
    driver.tell(facts.RecordingSeen(name_of(driver, call), False, driver.now))
    driver.now += 1
    driver.pass_time(2)
    first = name_of(driver, call)
    sees(driver, call, paused=True)
    view = agent_view(driver.center.floor, "a1")["call"]["recording"]
    assert view["state"] == "paused" and tape(call) is Tape.OFF, "until when it recorded nobody knows"
    driver.tell(commands.ResumeCall("a1", call.id))
    all_enter(driver, call)
    sees(driver, call)
    driver.now += 1
    driver.tell(facts.LegEnded(CUSTOMER))
    found, second = driver.center.floor.recordings.values()
    assert (found.name, [part["kind"] for part in found.segments]) == (first, ["talk", "erased", "erased"])
    assert [part["kind"] for part in second.segments] == ["talk"]
    assert found.segments[1]["till_s"] - found.segments[1]["from_s"] == pytest.approx(1.05, abs=0.01)


def test_a_pause_that_was_seen_since_it_was_said_first_is_not_said_a_third_time() -> None:
    driver, call = recorded_talk()
    driver.tell(commands.HoldCall("a1", call.id))
    driver.pass_time(0.2)
    asked_at = driver.now
    driver.pass_time(0.15)
    driver.tell(facts.RecordingSeen(name_of(driver, call), True, asked_at))
    assert (tape(call), place(call)) == (Tape.PAUSED, Place.MUSIC)
    driver.pass_time(5)
    assert len(driver.taken(act.PauseRecording)) == 2


def test_a_pause_is_shown_with_its_beginning() -> None:
    driver, call = recorded_talk()
    driver.tell(PAUSE("a1", call.id))
    begun_at = driver.now
    sees(driver, call, paused=True)
    driver.now += 42
    view = agent_view(driver.center.floor, "a1")["call"]["recording"]
    assert (view["state"], view["paused_since"]) == ("paused", iso(begun_at))


def test_what_was_said_before_it_was_seen_to_go_on_counts_as_left_out() -> None:
    """The PBX goes on at some moment between order and look. A file that is shorter than its segments would silence
    what comes behind at a wrong place; a longer one loses its end."""
    driver, call = recorded_talk()
    driver.now += 2
    driver.tell(commands.HoldCall("a1", call.id))
    sees(driver, call, paused=True)
    driver.now += 5
    driver.tell(commands.ResumeCall("a1", call.id))
    all_enter(driver, call)
    driver.now += 0.25
    sees(driver, call)
    driver.now += 3
    driver.tell(facts.LegEnded(CUSTOMER))
    (found,) = driver.center.floor.recordings.values()
    assert [(part["kind"], round(part["till_s"] - part["from_s"], 2)) for part in found.segments][1:] == [
        ("cut", 5.25),
        ("talk", 3.0),
    ]


def test_who_resumes_before_the_pause_was_seen_waits_for_it_and_else_the_file_is_over() -> None:
    """Behind an order to go on nobody could tell whether the PBX has ever paused: what was said on hold would be in the
    file, and all behind it at a wrong place."""
    driver, call = recorded_talk()
    driver.now += 2
    driver.tell(commands.HoldCall("a1", call.id))
    driver.tell(commands.ResumeCall("a1", call.id))
    assert ordered(driver) == ["PauseRecording"] and tape(call) is Tape.PAUSING
    sees(driver, call, paused=True)
    assert ordered(driver) == ["ResumeRecording"] and tape(call) is Tape.RESUMING
    sees(driver, call)
    driver.tell(commands.HoldCall("a1", call.id))
    driver.pass_time(0.3)
    driver.tell(commands.ResumeCall("a1", call.id))
    driver.notices.clear()
    first = name_of(driver, call)
    driver.pass_time(1.0)
    assert name_of(driver, call) != first and tape(call) is Tape.BEGINNING
    assert not [notice for notice in driver.notices if isinstance(notice, Told)], "nobody wants the pause any more"
    over = next(one for one in driver.center.floor.recordings.values() if one.name == first)
    assert [(part["kind"], part.get("reason", "")) for part in over.segments][-1] == ("erased", "hold")


def test_a_pause_that_nobody_has_seen_until_the_end_counts_as_none() -> None:
    driver, call = recorded_talk()
    driver.tell(commands.HoldCall("a1", call.id))
    driver.pass_time(5)
    driver.tell(facts.LegEnded(CUSTOMER))
    (found,) = driver.center.floor.recordings.values()
    assert [part["kind"] for part in found.segments] == ["talk", "erased"]


def test_the_target_is_out_before_it_records_again() -> None:
    driver, call = recorded_talk()
    driver.tell(commands.HoldCall("a1", call.id))
    sees(driver, call, paused=True)
    driver.tell(commands.StartConsult("a1", call.id, OUTSIDE))
    target = call.target_leg or ""
    driver.tell(facts.LegReady(target))
    driver.tell(facts.LegAnswered(target))
    all_enter(driver, call)
    assert state_of(call) is S.CONSULT_TALKING and tape(call) in (Tape.PAUSED, Tape.OFF)
    call.held_by = []
    policy = replace(driver.center.floor.directory.policy, cancel_resumes=True)
    driver.tell(facts.ConfigurationChanged(replace(driver.center.floor.directory, policy=policy)))
    driver.tell(commands.CancelConsult("a1", call.id))
    assert state_of(call) is S.TALKING and call.legs[target].stage is Stage.ENDING
    ordered(driver)
    driver.enter(call, CUSTOMER)
    assert not [name for name in ordered(driver) if "Record" in name], "the target may still be heard"
    driver.tell(facts.LegEnded(target))
    assert ordered(driver) == ["ResumeRecording"]


def test_a_customer_whose_phone_holds_is_not_recorded_for_their_phone_may_play_music() -> None:
    driver, call = recorded_talk()
    driver.tell(facts.LegHeld(CUSTOMER))
    assert "PauseRecording" in ordered(driver)
    sees(driver, call, paused=True)
    driver.tell(facts.LegRetrieved(CUSTOMER))
    all_enter(driver, call)
    assert "ResumeRecording" in ordered(driver)


@pytest.mark.parametrize("order", list(permutations(("paused", "resumed", "ended"))))
def test_in_whatever_order_facts_of_a_hold_come_nobody_is_left_outside(order: tuple[str, ...]) -> None:
    """The look at the pause, the agent's Resume, and the end of the file that the PBX tells."""
    driver, call = recorded_talk()
    driver.tell(commands.HoldCall("a1", call.id))
    name = name_of(driver, call)
    for what in order:
        if what == "paused":
            driver.tell(facts.RecordingSeen(name, True, driver.now))
        elif what == "resumed":
            driver.tell(commands.ResumeCall("a1", call.id))
        else:
            driver.tell(facts.RecordingEnded(name))
    all_enter(driver, call)
    driver.pass_time(2)
    all_enter(driver, call)
    assert call.state is S.TALKING and place(call) is Place.BRIDGE
    assert tape(call) in (Tape.BEGINNING, Tape.RESUMING, Tape.RUNS, Tape.OFF)


# ------------------------------------------------------------------------------- the agent's own pause


def test_a_pause_outlasts_a_hold_and_ends_by_itself_after_a_word() -> None:
    driver, call = recorded_talk(most_s=60)
    driver.tell(PAUSE("a1", call.id))
    sees(driver, call, paused=True)
    view = agent_view(driver.center.floor, "a1")["call"]["recording"]
    assert (view["state"], view["reasons"], view["paused_by"]) == ("paused", ["agent"], "a1")
    driver.tell(commands.HoldCall("a1", call.id))
    driver.tell(commands.ResumeCall("a1", call.id))
    all_enter(driver, call)
    assert tape(call) is Tape.PAUSED
    driver.notices.clear()
    driver.pass_time(41)
    assert [notice.code for notice in driver.notices if isinstance(notice, Told)] == ["recording_pause_ends"]
    assert tape(call) is Tape.PAUSED
    driver.tell(PAUSE("a1", call.id))
    driver.pass_time(41)
    assert tape(call) is Tape.PAUSED, "it lasts as long again"
    driver.pass_time(20)
    assert tape(call) is Tape.RESUMING
    assert driver.refused(commands.ResumeRecording("a1", call.id)) == "not_allowed_now"


def test_a_pause_ends_with_the_part_of_its_agent() -> None:
    driver, call = recorded_talk()
    driver.tell(PAUSE("a1", call.id))
    sees(driver, call, paused=True)
    driver.tell(commands.SetStatus("a2", "ready", None))
    driver.tell(commands.TransferCall("a1", call.id, agent="a2"))
    driver.tell(facts.RecordingEnded(name_of(driver, call)))
    driver.tell(facts.LegEnded(next(leg.id for leg in call.legs.values() if leg.cti_id == "a1")))
    driver.tell(facts.LegReady(call.target_leg or ""))
    driver.tell(facts.LegAnswered(call.target_leg or ""))
    all_enter(driver, call)
    assert call.cti_id == "a2" and tape(call) is Tape.BEGINNING


def test_a_pause_ends_when_the_customer_waits_again_though_the_same_agent_may_take_them() -> None:
    """Else they would talk, and nothing be recorded that has to be."""
    driver, call = recorded_talk()
    driver.tell(PAUSE("a1", call.id))
    sees(driver, call, paused=True)
    driver.tell(commands.TransferCall("a1", call.id, queue="support"))
    assert call.recorder is not None and call.state in (S.WAITING, S.RINGING) and not call.recorder.paused_by
    assert driver.center.floor.deadlines.at(Kind.RECORD_PAUSE, call.id) is None


def test_a_pause_ends_when_its_agent_has_given_the_customer_to_somebody_outside() -> None:
    driver, call = recorded_talk()
    driver.tell(PAUSE("a1", call.id))
    sees(driver, call, paused=True)
    driver.tell(commands.TransferCall("a1", call.id, number=OUTSIDE))
    driver.tell(facts.RecordingEnded(name_of(driver, call)))
    driver.tell(facts.LegEnded(next(leg.id for leg in call.legs.values() if leg.cti_id == "a1")))
    driver.tell(facts.LegReady(call.target_leg or ""))
    driver.tell(facts.LegAnswered(call.target_leg or ""))
    all_enter(driver, call)
    assert call.recorder is not None and (state_of(call), call.recorder.paused_by) == (S.TRANSFERRED, "")
    assert tape(call) is Tape.BEGINNING


def span(kind: SpanKind, from_at: float, till_at: float | None = None) -> Span:
    return Span(kind, from_at, till_at)


TALK, CUT = SpanKind.TALK, SpanKind.CUT


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([span(TALK, 0, 5), span(CUT, 5, 9), span(TALK, 9)], [(TALK, 0, 5), (CUT, 5, 12), (TALK, 12, None)]),
        ([span(TALK, 9)], [(TALK, 12, None)]),
        ([span(CUT, 5, 9), span(TALK, 9, 10), span(TALK, 10)], [(CUT, 5, 12), (TALK, 12, None)]),
        ([span(CUT, 5, 9), span(TALK, 9, 14), span(TALK, 14)], [(CUT, 5, 12), (TALK, 12, 14), (TALK, 14, None)]),
        ([span(CUT, 5)], [(CUT, 5, None)]),
        ([], []),
    ],
)
def test_what_was_paused_until_then_is_no_talk_whoever_has_talked_and_whatever_was_before(
    before: list[Span], after: list[tuple[SpanKind, float, float | None]]
) -> None:
    found = Recording("r", "r", NODE, "c", "acme", "support", 0.0, spans=[replace(one) for one in before])
    not_resumed(found, 12.0)
    assert [(one.kind, one.from_at, one.till_at) for one in found.spans] == after


def test_on_demand_the_agent_begins_and_ends_it() -> None:
    driver, call = recorded_talk(Record.ON_DEMAND)
    assert agent_view(driver.center.floor, "a1")["call"]["recording"]["state"] == "off"
    assert driver.refused(PAUSE("a1", call.id)) == "not_allowed_now"
    driver.tell(commands.BeginRecording("a1", call.id))
    assert ordered(driver)[-1:] == ["RecordBridge"]
    sees(driver, call)
    actions = agent_view(driver.center.floor, "a1")["allowed_actions"]
    assert {"recording/pause", "recording/stop"} <= set(actions) and "recording/start" not in actions
    driver.tell(commands.EndRecording("a1", call.id))
    assert ordered(driver) == ["StopRecording"] and call.state is S.TALKING
    driver.tell(commands.BeginRecording("a1", call.id))
    assert name_of(driver, call).endswith("-conversation-2")


def test_always_is_not_the_agents_to_end() -> None:
    driver, call = recorded_talk()
    assert driver.refused(commands.EndRecording("a1", call.id)) == "not_allowed_now"
    assert driver.refused(commands.BeginRecording("a1", call.id)) == "not_allowed_now"


# ------------------------------------------------------------------------------- it breaks off, recovery


def test_a_file_that_ends_in_the_middle_is_told_and_followed_by_the_next() -> None:
    driver, call = recorded_talk()
    driver.tell(facts.RecordingEnded(name_of(driver, call)))
    assert ordered(driver) == ["RecordBridge"] and name_of(driver, call).endswith("-conversation-2")
    assert call.state is S.TALKING and driver.center.floor.tally.recordings_failed == 1


def test_a_disk_that_stays_full_is_not_asked_without_end() -> None:
    driver, call = recorded_talk()
    for _ in range(100):
        if tape(call) is Tape.BEGINNING:
            sees(driver, call)
        if tape(call) is Tape.RUNS:
            driver.tell(facts.RecordingEnded(name_of(driver, call)))
        driver.pass_time(0.6)
    assert 3 < len(driver.taken(act.RecordBridge)) < 10 and call.state is S.TALKING


def test_a_restart_finds_it_by_its_name_and_goes_on() -> None:
    driver, call = recorded_talk()
    other = driver.restarted()
    other.connect(*_seen(call), boot_id="boot")
    again = other.center.floor.calls[call.id]
    assert [action.object_id for action in other.taken(act.InspectRecording)] == [name_of(other, again)]
    sees(other, again)
    assert tape(again) is Tape.RUNS and not other.taken(act.RecordBridge)


@pytest.mark.parametrize("state", [Tape.PAUSING, Tape.PAUSED])
def test_a_pause_over_a_restart_records_nothing(state: Tape) -> None:
    driver, call = recorded_talk()
    driver.tell(PAUSE("a1", call.id))
    if state is Tape.PAUSED:
        sees(driver, call, paused=True)
    other = driver.restarted()
    other.connect(*_seen(call), boot_id="boot")
    again = other.center.floor.calls[call.id]
    if state is Tape.PAUSING:
        assert other.taken(act.StopRecording), "nobody knows since when it is paused, if at all"
        assert tape(again) is Tape.OFF and not other.taken(act.RecordBridge)
    else:
        sees(other, again, paused=True)
        assert tape(again) is Tape.PAUSED and not other.taken(act.ResumeRecording)


def in_the_bridge(call: Call, *leg_ids: str) -> list[facts.SeenLeg]:
    return [facts.SeenLeg(leg_id, True, False, True, call.bridge_id, "", None) for leg_id in leg_ids]


def test_a_restart_that_finds_both_in_the_bridge_shows_that_they_talk_though_they_were_to_wait_for_the_recorder() -> (
    None
):
    """The order into the bridge was later than the checkpoint: the agent was shown as one who waits until the next
    list, half a minute later, and had no ticket."""
    driver = recorded_house(must=True)
    call = lifted(driver)
    assert (call.state, place(call)) == (S.CONNECTING, Place.MUSIC)
    other = driver.restarted()
    other.connect(*in_the_bridge(call, CUSTOMER, call.agent_leg or ""), boot_id="boot")
    assert other.center.floor.calls[call.id].state is S.TALKING


def test_a_target_who_is_found_in_the_bridge_is_not_recorded_without_the_customer() -> None:
    """It had played something there before it answered, and the customer has left: nobody saw any of that."""
    driver, call = recorded_talk()
    driver.tell(commands.TransferCall("a1", call.id, number=OUTSIDE))
    sees(driver, call, paused=True)
    driver.tell(facts.RecordingEnded(name_of(driver, call)))
    driver.tell(facts.LegEnded(next(leg.id for leg in call.legs.values() if leg.cti_id == "a1")))
    target = call.target_leg or ""
    driver.tell(facts.LegReady(target))
    assert (call.state, place(call, Role.TARGET)) == (S.TRANSFER_RINGING, Place.RINGING)
    other = driver.restarted()
    other.connect(*in_the_bridge(call, target), boot_id="boot")
    assert other.center.floor.calls[call.id].state is S.JOINING and not other.taken(act.RecordBridge)


def test_a_pause_that_somebody_else_has_ended_is_the_end_of_that_file() -> None:
    driver, call = recorded_talk()
    driver.tell(PAUSE("a1", call.id))
    sees(driver, call, paused=True)
    ordered(driver)
    driver.now += 5
    driver.tell(facts.RecordingSeen(name_of(driver, call), False, driver.now))
    assert ordered(driver) == ["StopRecording"] and tape(call) is Tape.OFF
    (found,) = driver.center.floor.recordings.values()
    assert [part["kind"] for part in found.segments] == ["talk", "erased"]


def test_a_pbx_that_is_lost_ends_the_file_which_waits_there() -> None:
    driver, _ = recorded_talk()
    driver.tell(facts.NodeLost(NODE))
    driver.connect(boot_id="another")
    (found,) = driver.center.floor.recordings.values()
    assert found.state is RecordingState.ENDED and found.on_pbx


def test_the_row_says_all_and_a_stored_conversation_is_not_kept_in_memory() -> None:
    driver, call = recorded_talk()
    driver.tell(facts.LegEnded(CUSTOMER))
    (found,) = driver.center.floor.recordings.values()
    driver.tell(facts.RecordingStored(found.id, "a.wav", "5e", 16, 10.0, None, 4.0))
    row = next(row for row in reversed(driver.records) if isinstance(row, RecordingRow))
    assert (row.kind, row.state, row.call_id, row.ticket_id) == ("conversation", "stored", call.id, call.ticket_id)
    assert (row.length_s, row.missing_s) == (10.0, 4.0)
    assert [notice for notice in driver.notices if isinstance(notice, RecordingFailed)]
    driver.notices.clear()
    driver.tell(facts.RecordingCleared(found.id))
    assert not driver.center.floor.recordings and not driver.center.floor.callbacks
    assert not [notice for notice in driver.notices if isinstance(notice, RecordingReady)], "nobody may hear it"


@pytest.mark.parametrize("rights", [frozenset[Right](), frozenset({Right.RECORDINGS})])
def test_who_has_talked_and_may_hear_it_is_told_when_it_is_stored(rights: frozenset[Right]) -> None:
    driver, call = recorded_talk()
    config = driver.center.floor.directory
    agents = {name: replace(entry, rights=rights) for name, entry in config.agents.items()}
    driver.tell(facts.ConfigurationChanged(replace(config, agents=agents)))
    driver.now += 10
    driver.tell(facts.LegEnded(CUSTOMER))
    (found,) = driver.center.floor.recordings.values()
    driver.tell(facts.RecordingStored(found.id, "a.wav", "5e", 16, 10.0, None))
    assert not [notice for notice in driver.notices if isinstance(notice, RecordingReady)], "it is still being stored"
    driver.tell(facts.RecordingCleared(found.id))
    ready = [notice for notice in driver.notices if isinstance(notice, RecordingReady)]
    expected = RecordingReady("a1", found.id, call.id, call.ticket_id, "acme", 10.0, None)
    assert ready == ([expected] if rights else [])


def test_calls_to_emergency_services_are_not_recorded() -> None:
    driver, call = recorded_talk()
    call.recorder = None
    call.dialling.emergency = True
    driver.tell(commands.HoldCall("a1", call.id))
    driver.tell(commands.ResumeCall("a1", call.id))
    all_enter(driver, call)
    assert call.recorder is None


def _seen(call: Call) -> list[facts.SeenLeg]:
    return [
        facts.SeenLeg(leg.id, True, False, True, call.bridge_id, "trunk", None)
        for leg in call.legs.values()
        if leg.stage is Stage.UP
    ]


# ------------------------------------------------------------------------------- the notice


def with_notice(record: Record = Record.ALWAYS, *, must: bool = False) -> Driver:
    driver = recorded_house(record, must=must)
    config = driver.center.floor.directory
    service = replace(config.services["acme"], record_notice="sound:notice")
    driver.tell(facts.ConfigurationChanged(replace(config, services={"acme": service})))
    return driver


def notice_ends(driver: Driver, call: Call, role: Role = Role.CUSTOMER) -> None:
    leg = call.leg_of(role)
    assert leg is not None and leg.place is Place.MESSAGE and leg.playback_id is not None
    assert call.prompt is not None and call.prompt.media == "sound:notice"
    driver.tell(facts.PlaybackEnded(leg.playback_id))


def test_a_caller_hears_the_notice_while_they_wait_and_are_offered_all_the_same() -> None:
    driver = with_notice()
    call = driver.arrive(leg_id=CUSTOMER)
    assert call.state is S.RINGING, "no offer is late because of it"
    notice_ends(driver, call)
    assert place(call) is Place.MUSIC
    driver.tell(facts.LegAnswered(driver.agent_leg(call)))
    assert driver.taken(act.RecordBridge) and place(call) is Place.BRIDGE


@pytest.mark.parametrize("must", [False, True])
def test_an_agent_who_lifts_sooner_waits_for_its_end_and_nothing_is_recorded_before(must: bool) -> None:
    driver = with_notice(must=must)
    call = lifted(driver)
    assert (place(call), place(call, Role.AGENT)) == (Place.MESSAGE, Place.SILENCE)
    assert not driver.taken(act.RecordBridge) and not driver.taken(act.AddToBridge)
    notice_ends(driver, call)
    assert driver.taken(act.RecordBridge)
    sees(driver, call)
    all_enter(driver, call)
    assert call.state is S.TALKING and tape(call) is Tape.RUNS


def test_a_called_customer_hears_it_when_they_answer() -> None:
    driver = with_notice()
    driver.tell(commands.Dial("a1", OUTSIDE, CALLING))
    (call,) = driver.center.floor.calls.values()
    driver.tell(facts.LegAnswered(driver.agent_leg(call)))
    driver.tell(facts.LegReady(call.customer_leg or ""))
    driver.enter(call, call.agent_leg or "", call.customer_leg or "")
    driver.tell(facts.LegAnswered(call.customer_leg or ""))
    assert state_of(call) is S.DIALING_CUSTOMER and not driver.taken(act.RecordBridge)
    driver.pass_time(15)
    notice_ends(driver, call)
    all_enter(driver, call)
    assert state_of(call) is S.TALKING and driver.taken(act.RecordBridge)


def test_an_outside_number_hears_it_before_it_is_joined_with_the_customer() -> None:
    driver = with_notice()
    call = lifted(driver)
    notice_ends(driver, call)
    sees(driver, call)
    all_enter(driver, call)
    driver.tell(commands.TransferCall("a1", call.id, number=OUTSIDE))
    sees(driver, call, paused=True)
    driver.tell(facts.RecordingEnded(name_of(driver, call)))
    driver.tell(facts.LegEnded(next(leg.id for leg in call.legs.values() if leg.cti_id == "a1")))
    driver.tell(facts.LegReady(call.target_leg or ""))
    driver.actions.clear()
    driver.tell(facts.LegAnswered(call.target_leg or ""))
    assert state_of(call) is S.JOINING and not driver.taken(act.RecordBridge)
    notice_ends(driver, call, Role.TARGET)
    all_enter(driver, call)
    assert state_of(call) is S.TRANSFERRED and driver.taken(act.RecordBridge)


def test_on_demand_the_customer_hears_it_when_the_agent_begins() -> None:
    driver = with_notice(Record.ON_DEMAND)
    call = lifted(driver)
    all_enter(driver, call)
    assert call.state is S.TALKING and call.prompt is None
    driver.tell(commands.BeginRecording("a1", call.id))
    assert place(call) is Place.MESSAGE and not driver.taken(act.RecordBridge)
    notice_ends(driver, call)
    all_enter(driver, call)
    assert driver.taken(act.RecordBridge)


def test_who_is_to_be_joined_waits_in_the_bridge_while_the_customer_hears_it() -> None:
    driver = with_notice(Record.ON_DEMAND)
    call = lifted(driver)
    all_enter(driver, call)
    driver.tell(commands.StartConsult("a1", call.id, OUTSIDE))
    driver.tell(facts.LegReady(call.target_leg or ""))
    driver.tell(facts.LegAnswered(call.target_leg or ""))
    all_enter(driver, call)
    driver.tell(commands.SwapConsult("a1", call.id))
    all_enter(driver, call)
    driver.tell(commands.BeginRecording("a1", call.id))
    assert (place(call), place(call, Role.TARGET)) == (Place.MESSAGE, Place.MUSIC)
    driver.tell(commands.HangUpCall("a1", call.id))
    assert state_of(call) is S.JOINING
    assert (place(call), place(call, Role.TARGET)) == (Place.MESSAGE, Place.BRIDGE)


def test_whoever_has_not_heard_the_notice_to_its_end_is_not_recorded() -> None:
    _, call = recorded_talk()
    assert call.recorder is not None
    call.recorder.tells = True
    assert (reasons(call), wants(call)) == ([Reason.HOUSE], Want.PAUSED)
    call.recorder.told.append(CUSTOMER)
    assert (reasons(call), wants(call)) == ([], Want.RUNS)
