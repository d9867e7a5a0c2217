"""The prompt is data on the call: what plays and what follows does not change with the configuration, and it is heard
in place of music as long as the call is where somebody hears it."""

import msgspec
import pytest

from cti_bridge.domain.audio import messages
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import InspectPlayback, StartMusic, StartPlayback, StopMusic, StopPlayback
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.call import Call, CallState, Place, Role
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.prompt import Prompt, Then, To
from cti_bridge.domain.model.soundness import fault_of
from cti_bridge.domain.model.wiring import WIRING, wanted
from cti_bridge.storage.checkpoint import encode, read
from cti_bridge.storage.kinds import CALL
from tests.checkpoints.read import HERE
from tests.unit import invariants
from tests.unit.floor import NUMBER, Driver
from tests.unit.situations import CUSTOMER, all_enter, made, playing, situation, state_of
from tests.unit.test_checkpoint import changed
from tests.unit.test_recovery import as_it_is, call_of, seen

S = CallState
RENAMED = {"greeting": "in_scenario"}
OF_BEFORE = [line.encode() for line in (HERE / "call_v2.jsonl").read_text().splitlines()]
"""Calls of version 2, as the program of then has written them."""
PLAYED = {S.IN_SCENARIO: "sound:welcome", S.WARNING: "sound:warning", S.ANNOUNCING: "sound:busy"}
INTERLUDE_S = 5.0
FOLLOWS = {S.IN_SCENARIO: S.RINGING, S.WARNING: S.TALKING, S.ANNOUNCING: S.ENDED}


def media(driver: Driver) -> list[str]:
    return [action.media for action in driver.actions if isinstance(action, StartPlayback)]


@pytest.mark.parametrize("state", list(PLAYED))
def test_given_other_messages_by_now_then_the_one_that_was_begun_plays_and_the_same_follows(state: CallState) -> None:
    driver, call = made(state)
    for leg in call.legs.values():
        leg.playing = False  # The PBX was lost before it was heard to begin: it is played anew.
    other = driver.restarted(changed(driver, scenarios={}, services={}))
    other.connect(*as_it_is(call))
    assert set(media(other)) == {PLAYED[state]}
    found = call_of(other)
    for leg in list(found.legs.values()):
        if leg.playback_id is not None:
            other.tell(facts.PlaybackEnded(leg.playback_id))
    assert found.state is FOLLOWS[state]


@pytest.mark.parametrize("state", list(PLAYED))
def test_given_a_prompt_that_nobody_ends_over_a_restart_then_its_own_limit_does(state: CallState) -> None:
    driver, call = made(state)
    driver.pass_time(10)
    other = driver.restarted(changed(driver, scenarios={}, services={}))
    other.connect(*as_it_is(call))
    found = call_of(other)
    assert found.prompt is not None and found.prompt.ends_at is not None
    assert found.prompt.ends_at - other.now == pytest.approx(found.prompt.longest_s - 10)
    other.pass_time(found.prompt.longest_s - 9 + messages.LOOK_S)
    assert found.state is FOLLOWS[state]


# ------------------------------------------------------------------------------- a long message


def looks(driver: Driver) -> int:
    """Since this was asked last."""
    actions, driver.actions = driver.actions, []
    return len([action for action in actions if isinstance(action, InspectPlayback)])


def plays_on(driver: Driver, call: Call) -> None:
    """The limit has come, and the PBX says that the message still plays."""
    assert call.prompt is not None
    driver.pass_time(call.prompt.longest_s)
    assert looks(driver) == 1
    driver.pass_time(0.1)
    driver.tell(facts.PlaybackStarted(playing(call)))


@pytest.mark.parametrize("state", [S.IN_SCENARIO, S.ANNOUNCING])
def test_a_message_that_the_pbx_still_plays_at_its_limit_is_heard_to_its_end(state: CallState) -> None:
    driver, call = made(state)
    driver.tell(facts.PlaybackStarted(playing(call)))
    for _ in range(2):
        plays_on(driver, call)
    assert state_of(call) is state and not driver.taken(StopPlayback)
    driver.pass_time(50)
    driver.tell(facts.PlaybackEnded(playing(call)))
    assert call.state is FOLLOWS[state] and driver.center.floor.deadlines.at(Kind.MESSAGE, call.id) is None


def test_one_that_has_ended_unheard_of_leads_on_with_the_answer() -> None:
    driver, call = made(S.IN_SCENARIO)
    driver.tell(facts.PlaybackStarted(playing(call)))
    assert call.prompt is not None
    driver.pass_time(call.prompt.longest_s)
    driver.tell(facts.PlaybackEnded(playing(call)))
    assert call.state is S.RINGING


def test_one_that_never_ends_is_stopped_after_a_quarter_of_an_hour() -> None:
    driver, call = made(S.IN_SCENARIO)
    driver.tell(facts.PlaybackStarted(playing(call)))
    begun = driver.now
    while call.prompt is not None and call.prompt.heard_s + call.prompt.longest_s < messages.MOST_S:
        plays_on(driver, call)
    assert call.prompt is not None
    driver.pass_time(call.prompt.longest_s)
    assert call.state is S.RINGING and driver.now - begun == pytest.approx(messages.MOST_S, abs=120)


def test_one_that_nobody_has_heard_begin_is_not_waited_for() -> None:
    driver, call = made(S.IN_SCENARIO)
    call.legs[CUSTOMER].playing = False
    assert call.prompt is not None
    driver.pass_time(call.prompt.longest_s)
    assert call.state is S.RINGING


def test_a_restart_while_it_is_looked_at_looks_and_goes_on() -> None:
    driver, call = made(S.IN_SCENARIO)
    driver.tell(facts.PlaybackStarted(playing(call)))
    assert call.prompt is not None
    driver.pass_time(call.prompt.longest_s)
    other = driver.restarted()
    found = call_of(other)
    other.connect(*as_it_is(found))
    assert looks(other)
    other.tell(facts.PlaybackStarted(playing(found)))
    assert found.prompt is not None
    other.pass_time(found.prompt.longest_s)
    assert state_of(found) is S.IN_SCENARIO
    other.pass_time(messages.LOOK_S)
    assert state_of(found) is S.RINGING


# ------------------------------------------------------------------------------- in place of music


def interlude(state: CallState) -> tuple[Driver, Call]:
    """The customer hears an announcement, and then again what the table says."""
    driver, call = made(state)
    floor = driver.center.floor
    floor.follows = {**floor.follows, Then.STEP: rewire}
    messages.play(floor, call, Prompt("sound:position", To.CUSTOMER, Then.STEP, INTERLUDE_S))
    driver.tell(facts.LegRinging("nobody"))
    return driver, call


def customers_place(call: Call) -> Place:
    return call.legs[call.customer_leg or ""].place


@pytest.mark.parametrize("state", [S.WAITING, S.RINGING, S.ACCEPTED, S.ON_HOLD, S.CONSULT_TALKING])
@pytest.mark.parametrize("how", ["ends", "fails", "refused", "never told"])
def test_given_an_announcement_while_the_customer_has_music_then_the_music_stops_for_it_and_begins_again(
    state: CallState, how: str
) -> None:
    driver, call = interlude(state)
    assert [type(action) for action in driver.actions] == [StopMusic, StartPlayback]
    assert (state_of(call), wanted(call, Role.CUSTOMER)) == (state, Place.MESSAGE)
    assert all(wanted(call, role) is WIRING[state].get(role) for role in (Role.AGENT, Role.TARGET))
    driver.actions.clear()
    if how == "never told":
        driver.pass_time(INTERLUDE_S)
    elif how == "refused":
        driver.tell(facts.ActionFailed(CUSTOMER, "StartPlayback", facts.Failure.REFUSED))
    else:
        driver.tell(facts.PlaybackEnded(playing(call), how == "fails"))
    driver.pass_time(messages.GONE_WITHIN_S if how in ("fails", "refused") else 0)
    driver.tell(facts.LegRinging("nobody"))
    begun = [StopPlayback, StartMusic] if how == "never told" else [StartMusic]
    assert [type(action) for action in driver.actions if not isinstance(action, InspectPlayback)] == begun
    assert (state_of(call), call.prompt, customers_place(call)) == (state, None, Place.MUSIC)
    assert driver.center.floor.deadlines.at(Kind.MESSAGE, call.id) is None
    invariants.check_floor(driver.center)


def test_given_an_announcement_in_the_queue_then_the_call_is_offered_meanwhile_and_who_lifts_cuts_it_short() -> None:
    driver, call = interlude(S.WAITING)
    message = playing(call)
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert state_of(call) is S.RINGING and not driver.taken(StopPlayback), "it is heard while the phone rings"
    driver.tell(facts.LegAnswered(driver.agent_leg(call)))
    assert [action.playback_id for action in driver.actions if isinstance(action, StopPlayback)] == [message]
    assert call.prompt is None and driver.center.floor.deadlines.at(Kind.MESSAGE, call.id) is None
    all_enter(driver, call)
    driver.tell(facts.PlaybackEnded(message))
    driver.pass_time(30)
    assert state_of(call) is S.TALKING and customers_place(call) is Place.BRIDGE


def test_given_an_announcement_that_follows_another_then_it_takes_its_place() -> None:
    driver, call = interlude(S.WAITING)
    first = playing(call)
    driver.actions.clear()
    messages.play(driver.center.floor, call, Prompt("sound:wait", To.CUSTOMER, Then.STEP, INTERLUDE_S))
    driver.tell(facts.PlaybackEnded(first))
    assert [type(action) for action in driver.actions] == [StopPlayback, StartPlayback]
    assert call.prompt is not None and call.prompt.media == "sound:wait"


def test_given_a_gap_while_an_announcement_plays_then_it_goes_on_and_one_that_was_not_heard_is_played() -> None:
    for heard in (True, False):
        driver, call = interlude(S.WAITING)
        if heard:
            driver.tell(facts.PlaybackStarted(playing(call)))
        driver.actions.clear()
        driver.tell(facts.NodeLost("main"))
        driver.connect(*as_it_is(call))
        assert media(driver) == ([] if heard else ["sound:position"])
        assert (customers_place(call), driver.taken(StartMusic)) == (Place.MESSAGE, [])


@pytest.mark.parametrize(
    "state", [s for s in S if Place.MUSIC not in WIRING[s].values() and s not in (*PLAYED, S.TRANSFER_CONFIRMING)]
)
def test_given_nobody_has_music_then_a_prompt_for_the_customer_moves_nobody(state: CallState) -> None:
    _, call = made(state)
    call.prompt = None
    before = {role: wanted(call, role) for role in Role}
    call.prompt = Prompt("sound:position", To.CUSTOMER, Then.STEP, 20.0)
    assert {role: wanted(call, role) for role in Role} == before


def test_a_prompt_of_a_talk_is_not_heard_in_place_of_music() -> None:
    _, call = made(S.ON_HOLD)
    call.prompt = Prompt("sound:warning", To.BOTH, Then.TALK, 20.0)
    assert wanted(call, Role.CUSTOMER) is Place.MUSIC


# ------------------------------------------------------------------------------- calls of before


@pytest.mark.parametrize("state", OF_BEFORE, ids=lambda state: msgspec.json.decode(state)["state"])
def test_given_a_call_of_the_version_before_then_its_message_goes_on(state: bytes) -> None:
    plain = msgspec.json.decode(state)
    found = read({("call", plain["id"]): state})
    assert not found.unreadable
    call = found.of(CALL)[plain["id"]]
    if call.state not in PLAYED:
        assert call.prompt is None
        return
    assert call.prompt is not None
    assert call.prompt.ends_at == plain["message_ends_at"]
    assert call.prompt.media == plain["announcement"]
    encoded = encode("call", call)
    assert encoded.startswith(b'{"v":5,') and b"message_ends_at" not in encoded
    assert read({("call", plain["id"]): encoded}).of(CALL) == {call.id: call}


@pytest.mark.parametrize("name", ["in_scenario", "warning", "announcing", "announcing after force disconnect"])
def test_given_a_call_of_before_whose_message_was_not_heard_then_it_is_the_one_of_the_configuration(name: str) -> None:
    driver, call = situation(name)
    state = driver.state()
    of_before = next(
        each
        for each in map(msgspec.json.decode, OF_BEFORE)
        if RENAMED.get(each["state"], each["state"]) == call.state
        and bool(each["announcement"] == "sound:forced") is name.endswith("disconnect")
    )
    of_before.pop("v")
    for leg in of_before["legs"].values():
        leg["playing"] = False
    state["call", call.id] = msgspec.json.encode(of_before | {"id": call.id})
    other = driver.restarted(state=state)
    other.connect(*as_it_is(call))
    assert set(media(other)) == {"sound:forced" if name.endswith("disconnect") else PLAYED[call.state]}
    assert call_of(other).prompt is not None


@pytest.mark.parametrize("state", list(PLAYED))
def test_given_a_call_that_plays_and_has_no_prompt_then_it_does_not_hang_together(state: CallState) -> None:
    _, call = made(state)
    assert fault_of(call) is None
    call.prompt = None
    assert "prompt" in str(fault_of(call))


def test_a_greeting_that_is_nobodys_any_more_is_over_when_its_pbx_refuses_it() -> None:
    """A call of before, and the scenario is gone: nothing can be played, and silence helps nobody."""
    driver, call = made(S.IN_SCENARIO)
    assert call.prompt is not None
    call.prompt.media = ""
    call.legs[CUSTOMER].playing = False
    other = driver.restarted(changed(driver, scenarios={}))
    other.connect(seen(CUSTOMER))
    assert media(other) == [""] and NUMBER not in other.center.floor.directory.scenarios
    other.tell(facts.ActionFailed(CUSTOMER, "StartPlayback", facts.Failure.REFUSED))
    other.pass_time(messages.GONE_WITHIN_S)
    assert call_of(other).prompt is None
