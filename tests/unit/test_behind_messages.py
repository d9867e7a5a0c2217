"""What the PBX carries out only behind a message that the leg plays, and nothing else of anybody meanwhile: nothing of
that kind is ordered before the message is stopped, also after a fault."""

from cti_bridge.domain.border import actions as act
from cti_bridge.domain.border import facts
from cti_bridge.domain.border.facts import ActionFailed, Failure
from cti_bridge.domain.model.call import Call, CallState, Place
from cti_bridge.domain.recovery.reconcile import ANSWERED_S
from tests.unit.floor import NODE, Driver
from tests.unit.situations import CUSTOMER, GREETED, made, playing, staffed
from tests.unit.test_scenarios import BYE, SUPPORT, house
from tests.unit.test_voicemail import WITHOUT_SOUND

S = CallState


def seen(call: Call, *, up: bool = False, inside: bool = False) -> facts.SeenLeg:
    return facts.SeenLeg(CUSTOMER, up, False, True, call.bridge_id if inside else None, "trunk", None)


def ordered(driver: Driver) -> list[str]:
    """For the customer's leg, since this was asked last."""
    actions, driver.actions = driver.actions, []
    return [type(action).__name__ for action in actions if action.leg_id == CUSTOMER]


def stopped(driver: Driver) -> list[str]:
    return [action.playback_id for action in driver.actions if isinstance(action, act.StopPlayback)]


def greeted() -> tuple[Driver, Call]:
    """The greeting plays to a caller who came this moment."""
    driver = staffed()
    call = driver.arrive(GREETED, CUSTOMER)
    driver.tell(facts.PlaybackStarted(playing(call)))
    driver.actions.clear()
    return driver, call


def test_given_an_answer_that_was_refused_then_the_greeting_is_stopped_and_begins_anew_behind_the_next_one() -> None:
    driver, call = greeted()
    first = playing(call)
    driver.tell(ActionFailed(CUSTOMER, "Answer", Failure.REFUSED, act.Answer(NODE, call.id, CUSTOMER)))
    driver.actions.clear()
    driver.tell(facts.LegSeen(seen(call), driver.now))
    assert stopped(driver) == [first]
    assert ordered(driver)[:3] == ["StopPlayback", "Answer", "StartPlayback"]
    driver.tell(facts.PlaybackEnded(first))
    assert call.state is S.IN_SCENARIO and playing(call) != first


def test_given_a_list_that_was_asked_for_when_the_caller_came_then_it_does_not_show_that_nobody_answered() -> None:
    driver, call = greeted()
    driver.connect(seen(call))
    assert "Answer" not in ordered(driver) and call.legs[CUSTOMER].place is Place.MESSAGE
    driver.pass_time(ANSWERED_S)
    driver.connect(seen(call))
    assert ordered(driver)[:3] == ["StopPlayback", "Answer", "StartPlayback"]


def test_given_a_caller_who_came_when_the_connection_broke_then_they_are_answered_at_once() -> None:
    driver, call = greeted()
    driver.tell(facts.NodeLost(NODE))
    driver.connect(seen(call))
    assert "Answer" in ordered(driver)


def test_given_a_caller_who_is_recorded_then_they_are_not_answered_beside_that() -> None:
    driver = house(WITHOUT_SOUND, SUPPORT, BYE)
    call = driver.arrive(leg_id=CUSTOMER)
    driver.tell(facts.RecordingStarted(next(iter(driver.center.floor.recordings.values())).name))
    ordered(driver)
    driver.tell(facts.LegSeen(seen(call), driver.now))
    assert "Answer" not in ordered(driver)


def refused_to_stop() -> tuple[Driver, Call, act.StopPlayback]:
    """The PBX has refused to stop the first message of a call that is let go."""
    driver, call = made(S.IN_SCENARIO)
    message = playing(call)
    driver.tell(facts.PlaybackStarted(message))
    stop = act.StopPlayback(NODE, call.id, CUSTOMER, message)
    driver.center.floor.act(stop)
    call.legs[CUSTOMER].playback_id, call.legs[CUSTOMER].place = None, Place.NOWHERE
    driver.tell(facts.TimePassed())
    driver.actions.clear()
    return driver, call, stop


def test_given_a_message_that_was_not_stopped_then_it_is_looked_at_and_stopped_at_once() -> None:
    driver, _, stop = refused_to_stop()
    driver.tell(ActionFailed(CUSTOMER, "StopPlayback", Failure.REFUSED, stop))
    assert ordered(driver) == ["InspectPlayback"]
    driver.tell(facts.PlaybackStarted(stop.playback_id))
    assert ordered(driver) == ["StopPlayback"]
    driver.tell(ActionFailed(CUSTOMER, "StopPlayback", Failure.REFUSED, stop))
    assert ordered(driver) == [], "order and refusal do not chase each other"


def test_given_an_order_to_stop_that_was_lost_with_the_connection_then_it_comes_first_on_the_next_one() -> None:
    driver, call, stop = refused_to_stop()
    driver.tell(facts.NodeLost(NODE))
    ordered(driver)
    driver.connect(seen(call, up=True))
    assert stopped(driver)[0] == stop.playback_id
    assert ordered(driver)[0] == "StopPlayback"


def test_given_a_hearer_who_is_seen_in_the_bridge_then_the_message_is_stopped_before_they_are_taken_out() -> None:
    """It is heard there, too, and would be played a second time behind it."""
    driver, call = made(S.ANNOUNCING)
    driver.tell(facts.PlaybackStarted(playing(call)))
    ordered(driver)
    driver.tell(facts.LegSeen(seen(call, up=True, inside=True), driver.now))
    again = ordered(driver)
    assert again.index("StopPlayback") < again.index("RemoveFromBridge") < again.index("StartPlayback")


def test_given_a_refused_message_that_another_has_replaced_then_that_one_is_heard_to_its_end() -> None:
    driver, call = made(S.IN_SCENARIO)
    old = act.StartPlayback(NODE, call.id, CUSTOMER, "an earlier one", "sound:welcome")
    before = playing(call)
    driver.tell(ActionFailed(CUSTOMER, "StartPlayback", Failure.REFUSED, old))
    driver.pass_time(1)
    assert playing(call) == before and call.state is S.IN_SCENARIO
