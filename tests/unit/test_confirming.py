"""Every kind of order by its row: what confirms it, when it is looked at, how often, and what happens in the end."""

from itertools import pairwise

import pytest

from cti_bridge.domain.border import actions as act
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import Action
from cti_bridge.domain.border.facts import ActionFailed, Failure
from cti_bridge.domain.floor.orders import CONFIRM_S, LONGEST_PAUSE_S, MOST_LOOKS, OF, RULES, What, id_of
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.deadlines import Kind
from tests.unit.floor import NODE, Driver
from tests.unit.situations import CUSTOMER, GREETED, all_enter, made, playing, situation, staffed, state_of
from tests.unit.test_scenarios import BYE, SUPPORT, house
from tests.unit.test_voicemail import WITHOUT_SOUND

S = CallState
LOOKS = (act.InspectLeg, act.InspectBridge, act.InspectPlayback, act.InspectRecording)


def looks(driver: Driver) -> list[str]:
    return [action.object_id for action in driver.actions if isinstance(action, LOOKS)]


def ended() -> tuple[Driver, Call]:
    driver, call = made(S.TALKING)
    driver.tell(commands.HangUpCall("a1", call.id))
    return driver, call


def stopped() -> tuple[Driver, Call]:
    driver, call = made(S.IN_SCENARIO)
    driver.tell(facts.PlaybackStarted(playing(call)))
    assert call.prompt is not None
    call.prompt.looked = True
    driver.center.floor.set_deadline(Kind.MESSAGE, call, driver.now)
    driver.tell(facts.TimePassed())
    return driver, call


def awaited(what: What) -> tuple[Driver, Call, str]:
    """A call with such an order, and its object."""
    make = {
        What.MAKE: fresh_leg,
        What.ENTER: lambda: made(S.CONNECTING),
        What.END: ended,
        What.PLAY: greeted,
        What.HUSH: stopped,
        What.RECORD: recorded,
        What.CEASE: ceased,
        What.HAND_BACK: handed_back,
    }[what]
    driver, call = make()
    (identity, *_) = [order.id for order in driver.center.floor.orders.values() if order.what is what]
    driver.actions.clear()
    return driver, call, identity


def fresh_leg() -> tuple[Driver, Call]:
    driver = staffed()
    return driver, driver.arrive()


def recorded() -> tuple[Driver, Call]:
    driver = house(WITHOUT_SOUND, SUPPORT, BYE)
    return driver, driver.arrive(leg_id=CUSTOMER)


def ceased() -> tuple[Driver, Call]:
    driver, call = recorded()
    driver.tell(facts.RecordingStarted(next(iter(driver.center.floor.recordings.values())).name))
    driver.center.floor.set_deadline(Kind.STEP, call, driver.now)
    driver.tell(facts.TimePassed())
    return driver, call


def greeted() -> tuple[Driver, Call]:
    driver = staffed()
    return driver, driver.arrive(GREETED, CUSTOMER)


def handed_back() -> tuple[Driver, Call]:
    driver, call = situation("dialing_customer")
    leg_id = call.agent_leg or ""
    driver.center.floor.act(act.HandBack(NODE, call.id, leg_id))
    driver.tell(facts.TimePassed())
    return driver, call


OF_RECORDERS = {What.TAPE, What.PAUSE, What.GO_ON}
"""Orders that only a look confirms (``test_recorder.py``)."""
AWAITED = [what for what, rule in RULES.items() if rule.confirmed_by and what not in OF_RECORDERS]


def confirmation(kind: type, call: Call, identity: str) -> facts.Fact:
    if kind is facts.LegEntered:
        return facts.LegEntered(identity, call.bridge_id)
    fact: facts.Fact = kind(identity)
    return fact


def test_every_action_that_may_fail_has_one_row() -> None:
    named = [action for rule in RULES.values() for action in rule.ordered_by]
    assert len(named) == len(set(named))
    unwatched = {
        act.Action,
        act.Lookup,
        act.FindTalks,
        act.InspectBridge,
        act.InspectPlayback,
        act.InspectAudio,
        act.InspectHold,
    }
    unwatched.add(act.InspectRecording)
    every = {kind for kind in vars(act).values() if isinstance(kind, type) and issubclass(kind, Action)}
    assert every - set(OF) == unwatched


@pytest.mark.parametrize(
    ("what", "kind"), [(what, kind) for what in AWAITED for kind in RULES[what].confirmed_by], ids=str
)
def test_given_what_confirms_it_then_it_is_not_looked_at(what: What, kind: type) -> None:
    driver, call, identity = awaited(what)
    driver.tell(confirmation(kind, call, identity))
    found = driver.center.floor.orders.get(identity)
    assert found is None or found.what is not what
    driver.pass_time(CONFIRM_S + 0.1)
    assert identity not in looks(driver) or found is not None


@pytest.mark.parametrize("what", AWAITED)
def test_given_that_nothing_is_seen_then_it_is_looked_at_at_growing_pauses(what: What) -> None:
    driver, _, identity = awaited(what)
    at = []
    begun = driver.now
    for _ in range(500):
        driver.actions.clear()
        driver.pass_time(0.1)
        found = driver.center.floor.orders.get(identity)
        if found is not None and found.what is what:
            at += [driver.now - begun] * looks(driver).count(identity)
    assert at[0] == pytest.approx(CONFIRM_S, abs=0.2)
    pauses = [later - before for before, later in pairwise(at)]
    assert pauses == pytest.approx(sorted(pauses), abs=0.2) and max(pauses) <= LONGEST_PAUSE_S
    assert len(at) <= MOST_LOOKS or RULES[what].most_looks is None


@pytest.mark.parametrize("what", AWAITED)
def test_given_a_pbx_that_is_away_then_nothing_is_looked_at_until_it_is_back(what: What) -> None:
    driver, _, identity = awaited(what)
    driver.tell(facts.NodeLost(NODE))
    driver.actions.clear()
    driver.pass_time(60)
    assert not looks(driver) and identity in driver.center.floor.orders


def test_given_a_leg_that_enters_when_what_it_hears_is_in_doubt_then_that_is_looked_at_all_the_same() -> None:
    """The look that the refusal led to had no answer, and then the leg was seen in the bridge: music beside the voice
    for the rest of the call."""
    driver, call = made(S.CONNECTING)
    driver.tell(ActionFailed(CUSTOMER, "StopMusic", Failure.REFUSED))
    driver.tell(ActionFailed(CUSTOMER, "InspectLeg", Failure.TIMED_OUT))
    all_enter(driver, call)
    assert call.state is S.TALKING
    driver.actions.clear()
    driver.pass_time(CONFIRM_S + 3)
    assert CUSTOMER in looks(driver)
    driver.tell(facts.LegSeen(facts.SeenLeg(CUSTOMER, True, False, True, call.bridge_id, "trunk", None), driver.now))
    assert CUSTOMER in [action.leg_id for action in driver.taken(act.StopMusic)]
    driver.actions.clear()
    driver.pass_time(300)
    assert CUSTOMER not in looks(driver), "nothing bad was heard since"
    assert id_of(What.HEAR, CUSTOMER) not in driver.center.floor.orders


# ------------------------------------------------------------------------------- bridges


def refused_bridge(failure: Failure = Failure.REFUSED) -> tuple[Driver, Call]:
    driver, call = made(S.CONNECTING)
    driver.actions.clear()
    create = act.CreateBridge(NODE, call.id, "", call.bridge_id)
    driver.tell(ActionFailed("", "CreateBridge", failure, create))
    return driver, call


@pytest.mark.parametrize("failure", [Failure.REFUSED, Failure.TIMED_OUT])
def test_given_a_bridge_that_could_not_be_made_then_it_is_looked_at_once_and_made_anew(failure: Failure) -> None:
    driver, call = refused_bridge(failure)
    driver.tell(ActionFailed(CUSTOMER, "AddToBridge", Failure.REFUSED))
    assert looks(driver) == [call.bridge_id]
    driver.actions.clear()
    driver.tell(facts.BridgeSeen(call.bridge_id, False, driver.now))
    assert [type(action) for action in driver.actions] == [act.CreateBridge, act.AddToBridge]
    all_enter(driver, call)
    assert call.state is S.TALKING
    driver.actions.clear()
    driver.pass_time(60)
    assert not looks(driver)


def test_given_a_bridge_that_was_made_though_its_answer_was_lost_then_nothing_is_made_anew() -> None:
    driver, call = refused_bridge(Failure.TIMED_OUT)
    driver.actions.clear()
    driver.tell(facts.BridgeSeen(call.bridge_id, True, driver.now))
    assert not driver.taken(act.CreateBridge) and looks(driver) == [CUSTOMER, call.agent_leg]
    assert call.bridge_id not in driver.center.floor.orders


def test_given_a_look_of_before_the_bridge_was_ordered_anew_then_it_says_nothing() -> None:
    driver, call = refused_bridge()
    driver.tell(facts.BridgeSeen(call.bridge_id, False, driver.now - 1))
    assert not driver.taken(act.CreateBridge)


def test_given_a_bridge_that_is_refused_every_time_then_it_is_tried_at_pauses_and_the_offer_fails() -> None:
    driver, call = refused_bridge()
    made_anew = 0
    for _ in range(40):
        ordered, driver.actions = driver.actions, []
        for action in ordered:
            if isinstance(action, act.InspectBridge):
                driver.tell(facts.BridgeSeen(action.bridge_id, False, driver.now))
            elif isinstance(action, act.CreateBridge):
                made_anew += 1
                driver.tell(ActionFailed("", "CreateBridge", Failure.REFUSED, action))
        driver.pass_time(1)
    assert driver.offers()[0] == "unreachable" and state_of(call) is not S.CONNECTING
    assert 2 <= made_anew <= MOST_LOOKS + 1


def test_given_a_bridge_that_was_not_destroyed_then_it_is_without_a_list() -> None:
    driver, call = ended()
    bridge_id = call.bridge_id
    (destroy,) = driver.taken(act.DestroyBridge)
    for leg_id in list(call.legs):
        driver.tell(facts.LegEnded(leg_id))
    driver.actions.clear()
    driver.tell(ActionFailed("", "DestroyBridge", Failure.TIMED_OUT, destroy))
    assert looks(driver) == [bridge_id]
    driver.tell(facts.BridgeSeen(bridge_id, True, driver.now))
    assert [action.object_id for action in driver.taken(act.DestroyBridge)] == [bridge_id]
    driver.pass_time(60)
    assert not driver.center.floor.orders


def test_given_a_bridge_that_cannot_be_destroyed_then_it_is_left_to_the_lists_in_the_end() -> None:
    driver, call = ended()
    (destroy,) = driver.taken(act.DestroyBridge)
    for leg_id in list(call.legs):
        driver.tell(facts.LegEnded(leg_id))
    driver.actions.clear()
    for _ in range(10):
        driver.tell(ActionFailed("", "DestroyBridge", Failure.REFUSED, destroy))
        driver.tell(facts.BridgeSeen(call.bridge_id, True, driver.now))
        driver.pass_time(LONGEST_PAUSE_S)
    assert 2 <= len(driver.taken(act.DestroyBridge)) <= 20
    driver.pass_time(200)
    assert not driver.center.floor.orders


# ------------------------------------------------------------------------------- nobody to carry it out


def test_given_an_executor_that_is_not_there_then_it_is_like_a_refusal() -> None:
    driver, call = fresh_leg()
    (create,) = driver.taken(act.CreateLeg)
    driver.tell(ActionFailed(create.leg_id, "CreateLeg", Failure.NOBODY, create))
    assert state_of(call) is S.WAITING and driver.offers() == ["unreachable"]


def test_given_a_rejected_leg_that_belongs_to_no_call_when_it_stays_then_it_is_rejected_again() -> None:
    driver = staffed()
    driver.tell(facts.KeypadDialed(NODE, "pad-1", "1001", "nonsense"))
    assert len(driver.taken(act.Reject)) == 1
    driver.pass_time(CONFIRM_S + 0.1)
    driver.tell(facts.LegSeen(facts.SeenLeg("pad-1", False, False, True, None, "1001", None), driver.now))
    assert len(driver.taken(act.Reject)) == 2
    driver.tell(facts.LegEnded("pad-1"))
    assert not driver.center.floor.orders


def test_given_a_leg_that_enters_another_bridge_than_it_was_ordered_to_then_it_is_looked_for_still() -> None:
    driver, call = made(S.CONNECTING)
    driver.tell(facts.LegEntered(CUSTOMER, f"cti-{call.id}-softmix"))
    assert driver.center.floor.orders[CUSTOMER].what is What.ENTER
    driver.tell(facts.LegEntered(CUSTOMER, call.bridge_id))
    assert CUSTOMER not in driver.center.floor.orders


def test_given_a_leg_that_is_on_its_way_out_then_what_it_hears_is_in_no_doubt() -> None:
    driver, _ = ended()
    driver.actions.clear()
    driver.tell(ActionFailed(CUSTOMER, "StopMusic", Failure.REFUSED))
    assert not looks(driver) and id_of(What.HEAR, CUSTOMER) not in driver.center.floor.orders


def test_given_a_leg_that_ends_then_nothing_about_it_is_looked_for() -> None:
    driver, call = made(S.CONNECTING)
    leg_id = call.agent_leg or ""
    driver.tell(ActionFailed(leg_id, "StopRingback", Failure.REFUSED))
    assert {leg_id, id_of(What.HEAR, leg_id)} <= set(driver.center.floor.orders)
    driver.tell(facts.LegEnded(leg_id))
    assert not [identity for identity in driver.center.floor.orders if identity.startswith(leg_id)]


def test_given_a_leg_that_is_seen_again_and_again_then_what_it_hears_is_ordered_once_for_each_look_of_ours() -> None:
    """That it is seen may be the answer to that very order, refused."""
    driver, call = made(S.TALKING)
    seen = facts.LegSeen(facts.SeenLeg(CUSTOMER, True, False, True, call.bridge_id, "trunk", None), driver.now)
    for _ in range(5):
        driver.tell(seen)
    assert len(driver.taken(act.StopMusic)) == 1
    driver.pass_time(CONFIRM_S + 0.1)
    assert looks(driver) == [CUSTOMER]
    driver.tell(seen)
    assert len(driver.taken(act.StopMusic)) == 2
