"""What agent and target say to each other while the customer is not in the bridge is not stored, in whatever way the
customer has come out of it (rule 4, requirement K1)."""

from dataclasses import replace
from typing import Any

import pytest

from cti_bridge.domain.border import actions as act
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.floor.time_line import LEFT_OUT_S, MARGIN_S, close, erase_since
from cti_bridge.domain.model.call import Call, CallState, Place, Role
from cti_bridge.domain.model.callbacks import Recording, RecordingState
from cti_bridge.domain.model.ids import bridge_id
from cti_bridge.domain.model.recorder import Reason, Span, SpanKind, Tape
from cti_bridge.domain.model.words import Record
from tests.unit.floor import CALLING, NODE, Driver
from tests.unit.situations import CUSTOMER, OUTSIDE, all_enter, state_of
from tests.unit.test_recorder import lifted, name_of, ordered, recorded_house, recorded_talk, sees, tape

S = CallState
TALK, CUT, ERASED = SpanKind.TALK, SpanKind.CUT, SpanKind.ERASED


def consulting() -> tuple[Driver, Call]:
    """The agent has asked somebody outside, who has answered. Nobody was seen in the bridge yet."""
    driver, call = recorded_talk()
    driver.tell(commands.StartConsult("a1", call.id, OUTSIDE))
    sees(driver, call, paused=True)
    driver.tell(facts.RecordingEnded(name_of(driver, call)))  # The agent hears the ringing: the bridge is empty.
    driver.tell(facts.LegReady(call.target_leg or ""))
    driver.tell(facts.LegAnswered(call.target_leg or ""))
    return driver, call


def three() -> tuple[Driver, Call]:
    """All three talk and are recorded, for ten seconds."""
    driver, call = consulting()
    all_enter(driver, call)
    driver.tell(commands.JoinAll("a1", call.id))
    driver.tell(facts.LegEntered(CUSTOMER, call.bridge_id))
    assert tape(call) is Tape.BEGINNING
    sees(driver, call)
    driver.now += 10
    return driver, call


def parts(driver: Driver) -> list[tuple[str, float]]:
    """Of the last file: what each part is, and how long."""
    found = list(driver.center.floor.recordings.values())[-1]
    return [(part["kind"], round(part["till_s"] - part["from_s"], 3)) for part in found.segments]


def test_a_customer_who_is_taken_out_is_the_last_that_is_stored() -> None:
    """The PBX ends the file a moment later, and what the two say in it is there."""
    driver, call = three()
    driver.tell(commands.TakeOut("a1", call.id, Role.CUSTOMER))
    assert state_of(call) is S.CONSULT_ALONE and tape(call) is Tape.OFF
    assert parts(driver) == [("talk", 10), ("erased", LEFT_OUT_S)]


@pytest.mark.parametrize("told", ["left", "ended"])
def test_a_customer_who_had_hung_up_unheard_before_they_were_taken_out_is_the_last_that_is_stored(told: str) -> None:
    """The file is closed when the news comes, and not fetched yet."""
    driver, call = three()
    left_at = call.legs[CUSTOMER].confirmed_at = driver.now
    driver.now += 3
    driver.tell(commands.TakeOut("a1", call.id, Role.CUSTOMER))
    assert parts(driver) == [("talk", 13), ("erased", LEFT_OUT_S)]
    version = list(driver.center.floor.recordings.values())[-1].version
    driver.now += 0.5
    if told == "left":
        driver.tell(facts.LegLeft(CUSTOMER, call.bridge_id, left_at))
    driver.tell(facts.LegEnded(CUSTOMER))
    found = list(driver.center.floor.recordings.values())[-1]
    assert parts(driver)[0] == ("talk", 10 - MARGIN_S) and found.version == version + 1
    assert [kind for kind, _ in parts(driver)[1:]] == ["erased"] * (len(found.segments) - 1)


@pytest.mark.parametrize("late_s", [0.0, 3.0])
def test_what_is_said_since_the_customer_hung_up_is_erased_however_late_that_is_heard_of(late_s: float) -> None:
    driver, call = three()
    left_at = driver.now
    driver.now += late_s
    driver.tell(facts.LegLeft(CUSTOMER, call.bridge_id, left_at))
    driver.now += 0.5
    driver.tell(facts.LegEnded(CUSTOMER))
    assert state_of(call) is S.CONSULT_ALONE
    assert parts(driver) == [("talk", 10 - MARGIN_S), ("erased", round(late_s + 0.5 + MARGIN_S, 3))]


@pytest.mark.parametrize("late_s", [0.1, 3.0])
def test_a_customer_who_had_hung_up_unheard_before_they_were_given_music_is_the_last_that_is_stored(
    late_s: float,
) -> None:
    """The phones of the two others hold: the customer is to have music until one of them retrieves, and the recorder
    has paused for that."""
    driver, call = three()
    left_at = driver.now
    driver.now += late_s
    for leg_id in (call.agent_leg or "", call.target_leg or ""):
        driver.tell(facts.LegHeld(leg_id))
    driver.actions.clear()
    sees(driver, call, paused=True)
    assert CUSTOMER in [action.leg_id for action in driver.taken(act.RemoveFromBridge)]
    driver.now += 0.5
    driver.tell(facts.LegLeft(CUSTOMER, call.bridge_id, left_at))
    driver.tell(facts.LegEnded(CUSTOMER))
    erased = [("erased", round(late_s + MARGIN_S, 3))]
    assert parts(driver)[:2] == [("talk", 10 - MARGIN_S), *erased]
    assert "talk" not in [kind for kind, _ in parts(driver)[1:]]


def test_a_customer_who_is_given_music_has_talked_until_then() -> None:
    driver, call = three()
    for leg_id in (call.agent_leg or "", call.target_leg or ""):
        driver.tell(facts.LegHeld(leg_id))
    sees(driver, call, paused=True)
    driver.tell(facts.LegLeft(CUSTOMER, call.bridge_id, driver.now))
    driver.now += 5
    driver.tell(facts.LegEnded(CUSTOMER))
    assert parts(driver)[0] == ("talk", 10)


def test_a_customer_who_is_back_in_the_bridge_is_recorded_again() -> None:
    driver, call = three()
    driver.tell(facts.LegLeft(CUSTOMER, call.bridge_id, driver.now))
    driver.now += 2
    driver.tell(facts.LegEntered(CUSTOMER, call.bridge_id))
    driver.now += 5
    target = call.target_leg or ""
    driver.tell(commands.TakeOut("a1", call.id, Role.TARGET))
    driver.tell(facts.LegEnded(target))
    driver.now += 1
    driver.tell(facts.LegEnded(CUSTOMER))
    assert parts(driver)[:3] == [("talk", 10 - MARGIN_S), ("erased", 2 + MARGIN_S), ("talk", 5)]


def test_the_last_words_of_two_are_stored_to_their_end() -> None:
    driver, _ = recorded_talk()
    driver.tell(facts.LegEnded(CUSTOMER))
    assert parts(driver) == [("talk", 10)]


def listed(call: Call, *legs: str) -> list[facts.SeenLeg]:
    return [
        facts.SeenLeg(one, up=True, ringing=False, in_app=True, bridge_id=call.bridge_id, endpoint="", arrived=None)
        for one in legs
    ]


def test_what_is_said_while_nobody_sees_it_is_erased_when_the_customer_has_left_meanwhile() -> None:
    """It counts when the customer was seen last: that the connection is lost is noticed later than it happens."""
    driver, call = three()
    agent, target, name = call.agent_leg or "", call.target_leg or "", name_of(driver, call)
    driver.connect(*listed(call, CUSTOMER, agent, target))
    driver.now += 4
    driver.tell(facts.NodeLost(NODE))
    driver.now += 7
    driver.connect(*listed(call, agent, target))
    driver.tell(facts.LegEnded(agent))  # It is told of first.
    driver.tell(facts.RecordingEnded(name))
    driver.tell(facts.LegEnded(CUSTOMER))
    found = next(one for one in driver.center.floor.recordings.values() if one.name == name)
    kinds = [(part["kind"], round(part["till_s"] - part["from_s"], 3)) for part in found.segments]
    assert kinds == [("talk", 10 - MARGIN_S), ("erased", 11 + MARGIN_S)]


def test_given_two_who_talk_when_the_pbx_dies_then_they_are_stored_to_its_end() -> None:
    """Nobody else was there to be heard: the file has what the PBX had written, and nothing of it is erased."""
    driver, call = recorded_talk()
    name = name_of(driver, call)
    driver.now += 4
    driver.tell(facts.NodeLost(NODE))
    driver.now += 7
    driver.connect(boot_id="another")
    found = next(one for one in driver.center.floor.recordings.values() if one.name == name)
    assert {part["kind"] for part in found.segments} == {"talk"}


def test_a_pause_that_a_dead_bridge_may_have_ordered_is_none_of_ours() -> None:
    """Nobody knows since when the PBX has paused: the file is over, and the next one begins."""
    driver, call = recorded_talk()
    name, agent = name_of(driver, call), call.agent_leg or ""
    driver = driver.restarted()
    call = driver.center.floor.calls[call.id]
    driver.connect(*listed(call, CUSTOMER, agent))
    driver.tell(commands.HoldCall("a1", call.id))
    driver.tell(facts.RecordingSeen(name, True, driver.now))
    assert tape(call) is Tape.OFF
    found = next(one for one in driver.center.floor.recordings.values() if one.name == name)
    assert found.ended_at is not None


def test_whoever_waits_for_a_pause_waits_no_longer_when_the_agent_ends_the_recording() -> None:
    driver, call = recorded_talk(Record.ON_DEMAND)
    driver.tell(commands.BeginRecording("a1", call.id))
    sees(driver, call)
    driver.tell(commands.HoldCall("a1", call.id))
    assert tape(call) is Tape.PAUSING and call.legs[CUSTOMER].place is Place.BRIDGE
    driver.tell(commands.EndRecording("a1", call.id))
    assert tape(call) is Tape.OFF and call.legs[CUSTOMER].place is Place.MUSIC


def test_who_was_ordered_into_the_bridge_may_be_there_before_that_is_seen() -> None:
    """Behind the order to let agent and target talk the bridge is not empty, though nobody was seen in it."""
    driver, call = consulting()
    ordered(driver)
    driver.tell(commands.SwapConsult("a1", call.id))
    assert state_of(call) is S.CONSULT_SWAPPED and "RecordBridge" not in ordered(driver)
    driver.tell(facts.LegEntered(call.agent_leg or "", call.bridge_id))
    assert ordered(driver) == []
    driver.tell(facts.LegEntered(CUSTOMER, call.bridge_id))
    assert ordered(driver) == ["RecordBridge"]


def test_two_who_were_ordered_out_of_the_bridge_may_be_there_until_that_is_seen() -> None:
    driver, call = consulting()
    all_enter(driver, call)
    agent, target = call.agent_leg or "", call.target_leg or ""
    driver.tell(facts.LegHeld(agent))
    driver.tell(facts.LegHeld(target))
    assert {call.legs[one].place for one in (agent, target)} == {Place.MUSIC}
    ordered(driver)
    driver.tell(commands.SwapConsult("a1", call.id))
    driver.tell(facts.LegRetrieved(agent))
    assert "RecordBridge" not in ordered(driver)


def test_a_bridge_is_not_made_to_mix_while_the_customer_is_in_the_one_of_before() -> None:
    """A call out has a plain bridge. It was given up for the target, who was not seen in it; and the customer is."""
    driver = recorded_house()
    driver.tell(commands.Dial("a1", OUTSIDE, CALLING))
    (call,) = driver.center.floor.calls.values()
    agent = driver.answer(call)
    customer = call.customer_leg or ""
    driver.tell(facts.LegReady(customer))
    driver.tell(facts.LegAnswered(customer))
    all_enter(driver, call)
    assert state_of(call) is S.TALKING and not call.softmix
    driver.tell(commands.SetStatus("a2", "ready", None))
    driver.tell(commands.StartConsult("a1", call.id, agent="a2"))
    sees(driver, call)
    sees(driver, call, paused=True)
    driver.tell(facts.RecordingEnded(name_of(driver, call)))
    target = call.target_leg or ""
    driver.tell(facts.LegReady(target))
    driver.tell(facts.LegAnswered(target))
    driver.tell(facts.LegEnded(agent))
    driver.tell(facts.LegEntered(customer, call.bridge_id))
    seen = facts.SeenLeg(target, up=True, ringing=False, in_app=True, bridge_id=None, endpoint="1002", arrived=None)
    driver.tell(facts.LegSeen(seen, driver.now))
    driver.tell(facts.LegEntered(target, bridge_id(call.id)))
    adds = [one for one in driver.actions if isinstance(one, act.AddToBridge)]
    added = {(leg, one.bridge_id) for one in adds for leg in (one.leg_id, *one.also)}
    assert {one for leg, one in added if leg in (customer, target)} == {bridge_id(call.id)}
    assert state_of(call) is S.TALKING and call.cti_id == "a2"


@pytest.mark.parametrize("away", ["connection", "bridge"])
def test_a_file_that_nobody_saw_begin_is_thought_shorter_than_it_is(away: str) -> None:
    """Else the file ends before we think, and what the PBX records behind that would be taken for its end."""
    driver = recorded_house()
    call = driver.arrive(leg_id=CUSTOMER)
    driver.answer(call)
    all_enter(driver, call)
    name, begun_at = name_of(driver, call), driver.now
    legs = listed(call, *call.legs)
    if away == "connection":
        driver.now += 0.2
        driver.tell(facts.NodeLost(NODE))
    else:
        driver = driver.restarted()
    driver.now = begun_at + 9
    driver.connect(*legs)
    found = next(one for one in driver.center.floor.recordings.values() if one.name == name)
    ((kind, length_s),) = [(part["kind"], part["till_s"] - part["from_s"]) for part in found.segments]
    assert kind == "talk" and 7 < length_s <= 8


def span(kind: SpanKind, from_at: float, till_at: float | None = None) -> Span:
    return Span(kind, from_at, till_at)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([span(TALK, 0)], [(TALK, 0, 12), (ERASED, 12, None)]),
        ([span(TALK, 0, 10), span(TALK, 10)], [(TALK, 0, 10), (TALK, 10, 12), (ERASED, 12, None)]),
        ([span(TALK, 0, 13), span(TALK, 13)], [(TALK, 0, 12), (ERASED, 12, 13), (ERASED, 13, None)]),
        ([span(TALK, 0, 13), span(CUT, 13)], [(TALK, 0, 12), (ERASED, 12, 13), (CUT, 13, None)]),
        ([span(CUT, 0, 13), span(TALK, 13)], [(CUT, 0, 13), (ERASED, 13, None)]),
        ([], []),
    ],
)
def test_what_was_recorded_since_is_erased_and_what_was_left_out_stays_so(
    before: list[Span], after: list[tuple[SpanKind, float, float | None]]
) -> None:
    found = Recording("r", "r", NODE, "c", "acme", "support", 0.0, spans=[replace(one) for one in before])
    erase_since(found, 12.0, Reason.CONSULT)
    assert [(one.kind, one.from_at, one.till_at) for one in found.spans] == after


@pytest.mark.parametrize(
    ("spans", "state", "kinds"),
    [
        ([span(TALK, 5)], RecordingState.EMPTY, []),
        ([span(CUT, 0)], RecordingState.EMPTY, []),
        ([], RecordingState.EMPTY, []),
        ([span(TALK, 0)], RecordingState.ENDED, ["talk"]),
        ([span(TALK, 0, 5), span(ERASED, 5)], RecordingState.ENDED, ["talk", "erased"]),
    ],
)
def test_a_file_of_which_nothing_is_to_be_stored_is_empty(
    spans: list[Span], state: RecordingState, kinds: list[str]
) -> None:
    """The store leaves a file as it is that has no parts. And behind a talk it takes a moment more, if nothing follows:
    not behind what was erased in that very moment."""
    found = Recording("r", "r", NODE, "c", "acme", "support", 0.0, spans=[replace(one) for one in spans])
    close(found, 5.0)
    shown: list[Any] = [part["kind"] for part in found.segments]
    assert (found.state, shown) == (state, kinds)


def test_on_demand_too_the_customer_is_seen_in_the_bridge_first() -> None:
    driver, call = recorded_talk(Record.ON_DEMAND)
    driver.tell(facts.LegLeft(CUSTOMER, call.bridge_id, driver.now))
    driver.tell(commands.BeginRecording("a1", call.id))
    assert "RecordBridge" not in ordered(driver)
    driver.tell(facts.LegEntered(CUSTOMER, call.bridge_id))
    assert ordered(driver)[-1:] == ["RecordBridge"]


@pytest.mark.parametrize(("alone_s", "kept"), [(0.1, [("talk", 5.1)]), (2.0, [("erased", 2), ("talk", 5)])])
def test_an_agent_who_waits_in_the_bridge_for_the_customer_is_not_stored(
    alone_s: float, kept: list[tuple[str, float]]
) -> None:
    """The customer has music still, where an order is lost. Who is seen there just before has come with them."""
    driver = recorded_house()
    call = lifted(driver)
    sees(driver, call)
    driver.enter(call, call.agent_leg or "")
    driver.now += alone_s
    driver.enter(call, CUSTOMER)
    assert state_of(call) is S.TALKING
    driver.now += 5
    driver.tell(facts.LegEnded(CUSTOMER))
    assert parts(driver) == kept


def test_a_file_in_which_the_customer_never_was_is_empty() -> None:
    driver = recorded_house()
    call = lifted(driver)
    sees(driver, call)
    driver.enter(call, call.agent_leg or "")
    driver.now += 1
    driver.tell(facts.LegEnded(CUSTOMER))
    (found,) = driver.center.floor.recordings.values()
    assert (found.state, found.segments) == (RecordingState.EMPTY, [])


def test_an_agent_who_was_ordered_into_the_bridge_may_be_alone_there_before_that_is_seen() -> None:
    driver, call = recorded_talk()
    driver.tell(commands.StartConsult("a1", call.id, OUTSIDE))
    sees(driver, call, paused=True)
    driver.tell(facts.RecordingEnded(name_of(driver, call)))
    driver.tell(commands.CancelConsult("a1", call.id))
    assert state_of(call) is S.ON_HOLD and call.legs[call.agent_leg or ""].place is Place.BRIDGE
    driver.tell(facts.LegEnded(next(one.id for one in call.legs.values() if one.role is Role.TARGET)))
    ordered(driver)
    driver.tell(commands.ResumeCall("a1", call.id))
    assert "RecordBridge" not in ordered(driver)
    driver.enter(call, CUSTOMER)
    assert "RecordBridge" in ordered(driver)
