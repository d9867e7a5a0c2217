"""The step `voicemail`: prompt, beep, message; who has said something is in the list, whatever ends the recording."""

from dataclasses import replace

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import InspectRecording, RecordLeg, StartPlayback, StopPlayback, StopRecording
from cti_bridge.domain.border.records import CallbackRow, RecordingRow
from cti_bridge.domain.callbacks.entries import KEPT_S, MESSAGES_BEYOND
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.callbacks import Callback, Recording, RecordingState
from cti_bridge.domain.model.directory import Queue
from cti_bridge.domain.model.ids import call_of_recording
from cti_bridge.domain.model.scenario import Enqueue, HangUp, Play, Scenario, Step, Voicemail
from cti_bridge.domain.scenario import typed
from cti_bridge.domain.scenario.voicemail import FILE_WITHIN_S, GONE_WITHIN_S, MARGIN_S
from tests.unit.floor import NODE, NUMBER, Driver
from tests.unit.situations import CUSTOMER, LONGEST_S
from tests.unit.test_recovery import as_it_is, call_of
from tests.unit.test_scenarios import BYE, SUPPORT, heard, house, menu, ordered, over, press, reconfigured, way

S, R = CallState, RecordingState
LEAVE = Voicemail("leave", {"next": "bye", "otherwise": "support"}, "sound:leave", 120.0)
WITHOUT_SOUND = replace(LEAVE, sound="")


def recorded(*steps: Step) -> tuple[Driver, Call]:
    """The caller speaks."""
    driver = house(*(steps or (LEAVE, SUPPORT, BYE)))
    call = driver.arrive(leg_id=CUSTOMER)
    if call.prompt is not None:
        over(driver, call)
    driver.tell(facts.RecordingStarted(name(driver)))
    return driver, call


def name(driver: Driver) -> str:
    return recording(driver).name


def recording(driver: Driver) -> Recording:
    (found,) = driver.center.floor.recordings.values()
    return found


def entries(driver: Driver) -> list[Callback]:
    return list(driver.center.floor.callbacks.values())


def ends(driver: Driver, said_s: float | None = 3.0, failed: bool = False) -> None:
    driver.tell(facts.RecordingEnded(name(driver), said_s, failed))


def hangs_up(driver: Driver) -> None:
    driver.tell(facts.LegEnded(CUSTOMER, 16))


def file_comes(driver: Driver, length_s: float = 3.0) -> None:
    found = recording(driver)
    driver.tell(facts.RecordingStored(found.id, "2026/a.wav", "5e", 48_000, length_s, driver.now + 100))


def states(driver: Driver) -> list[str]:
    return [str(row.state) for row in driver.records if isinstance(row, RecordingRow)]


# ------------------------------------------------------------------------------- the recording


def test_after_the_prompt_the_caller_is_recorded_for_the_agents_of_the_queue() -> None:
    driver = house(LEAVE, SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    assert (call.state, heard(driver)) == (S.IN_SCENARIO, ["sound:leave"])
    over(driver, call)
    (order,) = driver.taken(RecordLeg)
    assert isinstance(order, RecordLeg)
    assert (order.leg_id, order.longest_s, call_of_recording(order.recording)) == (CUSTOMER, 120, call.id)
    driver.tell(facts.RecordingStarted(order.recording))
    driver.pass_time(30)
    ends(driver)
    driver.pass_time(GONE_WITHIN_S)
    assert (call.state, way(driver), heard(driver)) == (S.ANNOUNCING, [("leave", "next")], ["sound:bye"])
    over(driver, call)
    assert driver.outcomes() == [("voicemail", "system")]
    (found,) = entries(driver)
    assert (found.kind, found.service, found.queue, found.number, found.status) == (
        "voicemail", "acme", "support", "+821012345678", "waiting",
    )  # fmt: skip
    assert (found.source_call, found.recording) == (call.id, recording(driver).id)
    assert states(driver) == ["ordered", "ended"]


def test_without_a_prompt_the_beep_comes_at_once() -> None:
    driver = house(WITHOUT_SOUND, SUPPORT, BYE)
    driver.arrive(leg_id=CUSTOMER)
    assert ordered(driver)[-1] is RecordLeg


def test_nothing_said_is_otherwise_and_leaves_no_entry() -> None:
    driver, call = recorded()
    ends(driver, 0)
    driver.pass_time(GONE_WITHIN_S)
    assert call.state is S.WAITING and way(driver) == [("leave", "otherwise")]
    assert entries(driver) == [] and recording(driver).state is R.EMPTY


@pytest.mark.parametrize(("said_s", "kept"), [(0.9, False), (1.0, True)])
def test_a_second_that_is_said_is_kept(said_s: float, kept: bool) -> None:
    driver, _ = recorded()
    ends(driver, said_s)
    assert bool(entries(driver)) is kept


@pytest.mark.parametrize("said_s", [1.0, None], ids=["five seconds of silence, as the PBX counts them", "nobody knows"])
@pytest.mark.parametrize(("length_s", "exit_"), [(0.2, "otherwise"), (1.3, "next")])
def test_where_it_may_be_nothing_the_file_tells(said_s: float | None, length_s: float, exit_: str) -> None:
    driver, call = recorded()
    ends(driver, said_s)
    driver.pass_time(0.1)
    file_comes(driver, length_s)
    driver.pass_time(GONE_WITHIN_S - 0.2)
    assert way(driver) == [], "the caller may have hung up"
    driver.pass_time(0.2)
    assert way(driver) == [("leave", exit_)]
    assert [one.status for one in entries(driver)] == [{"next": "waiting"}.get(exit_, "cancelled")]
    assert call.state is (S.ANNOUNCING if exit_ == "next" else S.WAITING)


def test_a_file_that_is_late_is_waited_for_but_not_for_long() -> None:
    driver, call = recorded()
    ends(driver, 1)
    driver.pass_time(1.5)
    assert way(driver) == []
    file_comes(driver, 0.2)
    assert way(driver) == [] and call.way is not None and call.way.then == "otherwise"
    driver.pass_time(0.01)
    assert way(driver) == [("leave", "otherwise")]
    driver, _ = recorded()
    ends(driver, 1)
    driver.pass_time(FILE_WITHIN_S)
    assert way(driver) == [("leave", "next")]
    file_comes(driver, 0.2)
    assert [one.status for one in entries(driver)] == ["cancelled"]


@pytest.mark.parametrize("key_first", [True, False], ids=["the key first", "the end first"])
@pytest.mark.parametrize(("length_s", "exit_"), [(0.2, "otherwise"), (1.3, "next")])
def test_behind_the_hash_key_too(key_first: bool, length_s: float, exit_: str) -> None:
    driver, _ = recorded()
    for what in ("#", "end")[:: 1 if key_first else -1]:
        press(driver, what) if what == "#" else ends(driver, 1)
    assert way(driver) == []
    file_comes(driver, length_s)
    driver.pass_time(GONE_WITHIN_S)
    assert way(driver) == [("leave", exit_)]


def test_who_hangs_up_while_the_file_is_waited_for_has_left_a_message() -> None:
    driver, _ = recorded()
    ends(driver, 1)
    hangs_up(driver)
    assert driver.outcomes() == [("voicemail", "customer")]


def test_who_has_said_nothing_behind_a_queue_ends_as_they_left_it() -> None:
    driver = house(Enqueue("wait", {"longest_wait": "leave"}, "support"), replace(WITHOUT_SOUND, exits={}))
    call = driver.arrive(leg_id=CUSTOMER)
    driver.pass_time(LONGEST_S)
    driver.tell(facts.RecordingStarted(name(driver)))
    ends(driver, 1)
    file_comes(driver, 0.2)
    driver.pass_time(GONE_WITHIN_S)
    over(driver, call)
    assert driver.outcomes() == [("queue_timeout", "system")]


def test_a_hang_up_ends_the_message_and_no_phone_rings_for_who_has_gone() -> None:
    driver, call = recorded(replace(LEAVE, exits={"next": "support", "otherwise": "support"}), SUPPORT, BYE)
    driver.tell(commands.SetStatus("a1", "ready", None))
    ends(driver)
    hangs_up(driver)
    assert driver.outcomes() == [("voicemail", "customer")] and driver.rung() == []
    assert [found.number for found in entries(driver)] == ["+821012345678"]
    assert call.state is S.ENDED


def test_a_hang_up_before_anything_was_said_is_lost() -> None:
    driver, _ = recorded()
    ends(driver, 0)
    hangs_up(driver)
    assert driver.outcomes() == [("left_in_scenario", "customer")] and entries(driver) == []


def test_a_hang_up_in_the_prompt_is_no_message() -> None:
    driver = house(LEAVE, SUPPORT, BYE)
    driver.arrive(leg_id=CUSTOMER)
    hangs_up(driver)
    assert driver.outcomes() == [("left_in_scenario", "customer")]
    assert driver.taken(RecordLeg) == [] and entries(driver) == []


def test_the_hash_key_ends_it_and_the_call_goes_on_at_once() -> None:
    driver, call = recorded()
    press(driver, "5", "#")
    ends(driver)
    assert call.state is S.ANNOUNCING and not typed.keys(driver.center.floor, call)


def test_the_hash_key_after_the_end_was_told_leads_on_at_once_too() -> None:
    driver, call = recorded()
    ends(driver)
    press(driver, "#")
    assert call.state is S.ANNOUNCING


def test_keys_of_the_message_do_not_count_in_the_next_menu() -> None:
    driver, call = recorded(replace(LEAVE, exits={"next": "menu"}), menu(k1="support"), SUPPORT)
    press(driver, "1")
    ends(driver)
    driver.pass_time(GONE_WITHIN_S)
    assert call.state is S.IN_SCENARIO and call.way is not None and call.way.step == "menu"


def test_the_hash_key_stops_the_prompt_and_leads_to_the_beep() -> None:
    driver = house(LEAVE, SUPPORT, BYE)
    driver.arrive(leg_id=CUSTOMER)
    ordered(driver)
    press(driver, "1")
    assert ordered(driver) == []
    press(driver, "#")
    assert ordered(driver) == [StopPlayback, RecordLeg]


def test_a_failure_is_otherwise() -> None:
    driver, call = recorded()
    ends(driver, None, failed=True)
    driver.pass_time(GONE_WITHIN_S)
    assert call.state is S.WAITING and entries(driver) == []


def test_a_refusal_is_otherwise() -> None:
    driver = house(WITHOUT_SOUND, SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    (order,) = driver.taken(RecordLeg)
    driver.tell(facts.ActionFailed(CUSTOMER, "RecordLeg", facts.Failure.REFUSED, order))
    driver.pass_time(GONE_WITHIN_S)
    assert call.state is S.WAITING and recording(driver).state is R.EMPTY


def test_an_order_that_is_not_seen_is_looked_at_and_given_again() -> None:
    driver = house(WITHOUT_SOUND, SUPPORT, BYE)
    driver.arrive(leg_id=CUSTOMER)
    driver.pass_time(2)
    assert [type(action) for action in driver.actions[-1:]] == [InspectRecording]
    driver.tell(facts.RecordingMissing(name(driver)))
    assert len(driver.taken(RecordLeg)) == 2
    assert {order.recording for order in driver.taken(RecordLeg) if isinstance(order, RecordLeg)} == {name(driver)}
    driver.tell(facts.RecordingMissing(name(driver)))
    assert len(driver.taken(RecordLeg)) == 2, "one look, one order"


def test_a_recording_of_which_nothing_is_left_is_otherwise() -> None:
    driver, call = recorded()
    driver.tell(facts.RecordingMissing(name(driver)))
    driver.pass_time(GONE_WITHIN_S)
    assert call.state is S.WAITING and entries(driver) == []


def test_nobody_tells_its_end_then_the_step_ends_it_and_keeps_it() -> None:
    driver, call = recorded()
    driver.pass_time(120 + MARGIN_S)
    assert driver.taken(StopRecording) and call.state is S.ANNOUNCING
    assert len(entries(driver)) == 1 and recording(driver).said_s is None


@pytest.mark.parametrize("step", [LEAVE, replace(LEAVE, queue="sales"), replace(LEAVE, queue="gone")])
def test_who_hears_it(step: Voicemail) -> None:
    """The queue of the step, else the last one of the call, else the nearest one of the scenario."""
    driver = house(step, SUPPORT, BYE)
    config = driver.center.floor.directory
    driver.tell(facts.ConfigurationChanged(replace(config, queues={**config.queues, "sales": Queue("sales", "acme")})))
    call = driver.arrive(leg_id=CUSTOMER)
    over(driver, call)
    ends(driver)
    assert entries(driver)[0].queue == ("sales" if step.queue == "sales" else "support")


def test_who_has_waited_too_long_leaves_a_message_for_that_queue() -> None:
    waits = Enqueue("wait", {"longest_wait": "leave"}, "support")
    driver = house(waits, LEAVE, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    driver.pass_time(LONGEST_S)
    assert call.state is S.IN_SCENARIO
    over(driver, call)
    ends(driver)
    driver.pass_time(GONE_WITHIN_S)
    over(driver, call)
    assert driver.outcomes() == [("voicemail", "system")]


def test_other_recordings_and_late_words_change_nothing() -> None:
    driver, call = recorded()
    for fact in (
        facts.RecordingEnded("another", 3.0),
        facts.RecordingEnded(f"cti-{call.id}-recording-77", 3.0),
        facts.RecordingStarted("another"),
        facts.RecordingMissing("another"),
        facts.RecordingStored("unknown", "a", "b", 1, 1.0),
        facts.RecordingLost("unknown"),
        facts.RecordingCleared("unknown"),
        facts.RecordingDeleted("unknown"),
    ):
        driver.tell(fact)
    assert entries(driver) == [] and recording(driver).state is R.RECORDING
    ends(driver)
    ends(driver, 0)
    assert len(entries(driver)) == 1 and entries(driver)[0].is_open


# ------------------------------------------------------------------------------- restarts, reloads, PBXs that go


def test_a_restart_goes_on_where_the_caller_speaks() -> None:
    driver, call = recorded()
    again = driver.restarted()
    again.connect(*as_it_is(call))
    assert InspectRecording in ordered(again) and RecordLeg not in ordered(again)
    again.tell(facts.RecordingStarted(name(again)))
    ends(again)
    again.pass_time(GONE_WITHIN_S)
    assert call_of(again).state is S.ANNOUNCING and len(entries(again)) == 1


def test_a_message_that_ended_while_no_bridge_was_there_is_kept() -> None:
    driver, call = recorded()
    again = driver.restarted()
    again.connect(*as_it_is(call))
    again.tell(facts.RecordingEnded(name(again)))
    again.pass_time(FILE_WITHIN_S)
    assert call_of(again).state is S.ANNOUNCING
    file_comes(again, 2.5)
    assert recording(again).state is R.STORED and entries(again)[0].is_open


def test_who_hung_up_while_no_bridge_was_there_has_left_a_message() -> None:
    driver, _ = recorded()
    again = driver.restarted()
    again.connect()
    hangs_up(again)
    assert again.outcomes() == [("voicemail", "customer")]
    assert recording(again).state is R.ENDED and entries(again)[0].is_open


def test_the_file_tells_that_nothing_was_said_after_all() -> None:
    driver, _ = recorded()
    hangs_up(driver)
    file_comes(driver, 0.4)
    assert recording(driver).state is R.EMPTY
    assert [row.status for row in driver.records if isinstance(row, CallbackRow)] == ["waiting", "cancelled"]
    driver.tell(facts.RecordingCleared(recording(driver).id))
    assert not driver.center.floor.recordings


def test_a_pbx_that_was_restarted_has_the_file_still() -> None:
    driver, _ = recorded()
    driver.tell(facts.NodeLost(NODE))
    driver.connect(boot_id="another")
    assert driver.outcomes() == [("node_lost", "system")]
    assert recording(driver).state is R.ENDED and len(entries(driver)) == 1


def test_the_time_of_a_pbx_that_is_away_does_not_count() -> None:
    driver, call = recorded()
    driver.tell(facts.NodeLost(NODE))
    driver.pass_time(1000)
    assert call.state is S.IN_SCENARIO
    driver.connect(*as_it_is(call))
    driver.pass_time(100)
    assert call.way is not None and call.way.recording


def test_a_step_that_was_removed_ends_the_recording_and_keeps_the_message() -> None:
    driver, call = recorded(LEAVE, SUPPORT, BYE)
    hello = Play("hello", {"next": "support"}, "sound:hello")
    reconfigured(driver, Scenario("main", "acme", (NUMBER,), "hello", {"hello": hello, "support": SUPPORT}))
    driver.pass_time(0.1)
    assert driver.taken(StopRecording) and heard(driver)[-1] == "sound:hello"
    assert len(entries(driver)) == 1 and call.state is S.IN_SCENARIO


def test_a_call_that_cannot_be_read_leaves_its_message() -> None:
    driver, call = recorded()
    state = driver.state()
    del state["call", call.id]
    again = driver.restarted(state=state)
    assert recording(again).state is R.ENDED
    assert [found.number for found in entries(again)] == [None]


# ------------------------------------------------------------------------------- the list, the files


def test_what_becomes_of_a_file() -> None:
    driver, _ = recorded()
    ends(driver)
    file_comes(driver)
    found = recording(driver)
    assert (found.file, found.bytes, found.length_s, found.on_pbx) == ("2026/a.wav", 48_000, 3.0, True)
    assert found.segments == [{"kind": "voicemail", "from_s": 0.0, "till_s": 3.0}]
    driver.tell(facts.RecordingCleared(found.id))
    assert not found.on_pbx and recording(driver) is found
    driver.tell(facts.RecordingDeleted(found.id))
    assert not driver.center.floor.recordings and entries(driver)[0].is_open
    assert states(driver) == ["ordered", "ended", "stored", "deleted"]
    versions = [row.version for row in driver.records if isinstance(row, RecordingRow)]
    assert versions == sorted(set(versions))


def test_a_file_that_is_nowhere_leaves_the_number_of_who_has_spoken() -> None:
    driver, _ = recorded()
    ends(driver)
    driver.tell(facts.RecordingLost(recording(driver).id))
    assert not driver.center.floor.recordings and entries(driver)[0].is_open


def test_a_file_that_is_nowhere_and_of_whom_nobody_knows_that_they_spoke_is_none() -> None:
    driver, _ = recorded()
    hangs_up(driver)
    driver.tell(facts.RecordingLost(recording(driver).id))
    assert not driver.center.floor.recordings and not entries(driver)


def test_an_agent_of_the_queue_marks_it_done_once() -> None:
    driver, _ = recorded()
    ends(driver)
    (found,) = entries(driver)
    assert driver.refused(commands.CallbackDone("a1", "unknown", 1)) == "not_found"
    assert driver.refused(commands.CallbackDone("a1", found.id, 7)) == "version_conflict"
    driver.tell(commands.CallbackDone("a1", found.id, found.version))
    assert (found.status, found.owner, found.ended_at, found.version) == ("done", "a1", driver.now, 2)
    assert driver.refused(commands.CallbackDone("a2", found.id, 1)) == "version_conflict"
    assert driver.refused(commands.CallbackDone("a2", found.id, 2)) == "not_allowed_now"


def test_it_is_none_of_other_queues_until_its_queue_is_gone() -> None:
    driver, _ = recorded()
    ends(driver)
    (found,) = entries(driver)
    config = driver.center.floor.directory
    agents = {**config.agents, "a3": replace(config.agents["a3"], queues=())}
    driver.tell(facts.ConfigurationChanged(replace(config, agents=agents)))
    assert driver.refused(commands.CallbackDone("a3", found.id, 1)) == "not_found"
    other = replace(config, agents=agents, queues={"sales": Queue("sales", "acme")})
    driver.tell(facts.ConfigurationChanged(other))
    driver.tell(commands.CallbackDone("a3", found.id, 1))
    assert found.owner == "a3"


def test_the_list_survives_a_restart_and_forgets_what_was_done_long_ago() -> None:
    driver, _ = recorded()
    ends(driver)
    file_comes(driver)
    (found,) = entries(driver)
    driver.tell(commands.CallbackDone("a1", found.id, 1))
    driver.pass_time(KEPT_S + 1)
    again = driver.restarted()
    assert [one.status for one in entries(again)] == ["done"], "it can be heard still"
    again.tell(facts.RecordingCleared(recording(again).id))
    again.tell(facts.RecordingDeleted(recording(again).id))
    assert entries(again) == [] and again.saved["callback", found.id] is None


def test_a_full_list_takes_messages_five_times_as_long() -> None:
    driver = house(LEAVE, SUPPORT, BYE)
    config = driver.center.floor.directory
    queues = {name: replace(queue, most_open=2) for name, queue in config.queues.items()}
    driver.tell(facts.ConfigurationChanged(replace(config, queues=queues)))
    for index in range(2 * MESSAGES_BEYOND):
        call = driver.arrive(leg_id=f"caller-{index}")
        over(driver, call)
        driver.tell(facts.RecordingEnded(f"cti-{call.id}-recording-1", 3.0))
        driver.tell(facts.LegEnded(f"caller-{index}", 16))
    assert len(entries(driver)) == 2 * MESSAGES_BEYOND
    call = driver.arrive(leg_id="one-more")
    assert call.state is S.WAITING and way(driver)[-1] == ("leave", "otherwise")


def test_the_end_of_a_scenario_after_a_message() -> None:
    driver, call = recorded(replace(LEAVE, exits={}), HangUp("bye", {}, ""))
    ends(driver)
    driver.pass_time(GONE_WITHIN_S)
    assert call.state is S.ENDED and driver.outcomes() == [("voicemail", "system")]
    assert StartPlayback not in ordered(driver)[-3:]
