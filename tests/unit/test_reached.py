"""What a phone that is called has said of itself: nothing, that it rings (180), or something that can be heard (183).

Ringing is said to nobody before it is known; nobody is blamed for a phone that does not ring; and what an outside
number plays before it answers is heard by whoever waits for it.
"""

from typing import Any

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import (
    AddToBridge,
    AgreeAnew,
    DialLeg,
    RemoveFromBridge,
    StartRingback,
    StopMusic,
    StopRingback,
)
from cti_bridge.domain.border.notices import Told, TrunkFailed
from cti_bridge.domain.model.call import Call, CallState, Place, Role
from cti_bridge.domain.model.parts import TargetResult
from cti_bridge.domain.model.words import TargetGone
from cti_bridge.domain.offer.ringing import ACCEPT_S, CUSTOMER_RING_S, OUTSIDE_RING_S, REACH_S
from tests.unit import invariants
from tests.unit.floor import CALLING, NODE, Driver, agent_entry, agent_view, outbound_directory

OUTSIDE = "+82212345678"
PICKUP_S = 20.0
S = CallState


def desk(answer: str = "phone") -> Driver:
    driver = Driver(outbound_directory(agent_entry(1, answer=answer), agent_entry(2)))
    driver.connect()
    driver.log_in("a1")
    driver.tell(commands.PanelChanged("a1", True))
    return driver


def shown(driver: Driver, cti_id: str = "a1") -> dict[str, Any]:
    call: dict[str, Any] = agent_view(driver.center.floor, cti_id)["call"]
    return call


def told(driver: Driver) -> list[str]:
    return [notice.code for notice in driver.notices if isinstance(notice, Told)]


def failures(driver: Driver) -> list[TrunkFailed]:
    return [notice for notice in driver.notices if isinstance(notice, TrunkFailed)]


def dialling(driver: Driver) -> tuple[Call, str]:
    """The customer's phone is called, and says nothing yet."""
    driver.tell(commands.Dial("a1", OUTSIDE, CALLING))
    (call,) = driver.center.floor.calls.values()
    driver.tell(facts.LegAnswered(driver.agent_leg(call)))
    driver.silent = True
    leg_id = call.customer_leg or ""
    driver.tell(facts.LegReady(leg_id))
    driver.enter(call, leg_id, call.agent_leg or "")
    return call, leg_id


def asking(driver: Driver, how: type = commands.StartConsult) -> tuple[Call, str]:
    """A customer talks to the agent, who consults an outside number, or transfers to it. It says nothing yet."""
    call = driver.arrive()
    driver.answer(call)
    driver.tell(how("a1", call.id, OUTSIDE, None))
    driver.silent = True
    leg_id = call.target_leg or ""
    driver.tell(facts.LegReady(leg_id))
    driver.actions.clear()
    return call, leg_id


# ------------------------------------------------------------------------------- a dead trunk


def test_given_a_trunk_that_says_nothing_when_dialled_then_nothing_rings_and_the_customer_cannot_be_reached() -> None:
    driver = desk()
    call, _ = dialling(driver)
    assert shown(driver)["rings"] is False
    driver.pass_time(REACH_S - 1)
    assert call.state is S.DIALING_CUSTOMER
    driver.pass_time(2)
    assert driver.outcomes()[-1] == ("unreachable", "system")
    assert failures(driver) == [TrunkFailed(NODE, 0, 0)]


@pytest.mark.parametrize("end", [(18, 408), (18, 0), (34, 503), (0, 500), (20, 0)])
def test_given_no_answer_of_the_trunk_before_anything_rang_then_the_customer_cannot_be_reached(
    end: tuple[int, int],
) -> None:
    driver = desk()
    _, leg_id = dialling(driver)
    driver.tell(facts.LegEnded(leg_id, *end))
    assert driver.outcomes()[-1] == ("unreachable", "system")
    assert failures(driver) == [TrunkFailed(NODE, *end)]


def test_given_the_pbx_cannot_even_begin_then_the_trunk_has_failed() -> None:
    driver = desk()
    driver.tell(commands.Dial("a1", OUTSIDE, CALLING))
    (call,) = driver.center.floor.calls.values()
    driver.tell(facts.LegAnswered(driver.agent_leg(call)))
    driver.tell(facts.ActionFailed(call.customer_leg or "", "CreateLeg", facts.Failure.UNREACHABLE))
    assert driver.outcomes()[-1] == ("unreachable", "system")
    assert len(failures(driver)) == 1


@pytest.mark.parametrize("early", [False, True])
def test_given_a_phone_that_rings_late_then_that_is_shown_and_it_has_all_its_time(early: bool) -> None:
    driver = desk()
    call, leg_id = dialling(driver)
    driver.pass_time(REACH_S - 1)
    driver.tell(facts.LegRinging(leg_id, early_media=early))
    assert shown(driver)["rings"] is True
    driver.pass_time(CUSTOMER_RING_S - 1)
    assert call.state is S.DIALING_CUSTOMER
    driver.pass_time(2)
    assert driver.outcomes()[-1] == ("no_answer", "system")
    assert failures(driver) == []
    (dial,) = [action for action in driver.taken(DialLeg) if action.leg_id == leg_id]
    assert isinstance(dial, DialLeg) and dial.timeout_s > CUSTOMER_RING_S, "the PBX lets it ring for longer than we do"


@pytest.mark.parametrize("end", [(18, 408), (19, 480)])
def test_given_a_phone_that_rang_when_it_is_not_answered_then_nobody_has_answered(end: tuple[int, int]) -> None:
    driver = desk()
    _, leg_id = dialling(driver)
    driver.tell(facts.LegRinging(leg_id))
    driver.tell(facts.LegEnded(leg_id, *end))
    assert driver.outcomes()[-1][0] == "no_answer"
    assert failures(driver) == []


def test_given_a_restart_when_the_pbx_shows_that_it_rings_then_it_rings() -> None:
    driver = desk()
    call, leg_id = dialling(driver)
    agent_leg = call.agent_leg or ""
    driver.tell(facts.NodeLost(NODE))
    driver.connect(
        facts.SeenLeg(leg_id, False, True, True, call.bridge_id, "trunk", None),
        facts.SeenLeg(agent_leg, True, False, True, call.bridge_id, "1001", None),
    )
    assert shown(driver)["rings"] is True


def test_given_an_outside_target_that_says_nothing_then_it_cannot_be_reached() -> None:
    driver = desk()
    call, _ = asking(driver)
    assert shown(driver)["rings"] is False
    driver.pass_time(REACH_S + 1)
    assert (call.state, call.last_result) == (S.ON_HOLD, TargetResult(OUTSIDE, TargetGone.UNREACHABLE))
    assert failures(driver) == [TrunkFailed(NODE, 0, 0)]


def test_given_an_outside_target_that_rings_then_it_has_all_its_time() -> None:
    driver = desk()
    call, leg_id = asking(driver)
    driver.pass_time(REACH_S - 1)
    driver.tell(facts.LegRinging(leg_id))
    assert shown(driver)["rings"] is True
    driver.pass_time(OUTSIDE_RING_S - 1)
    assert call.state is S.CONSULT_RINGING
    driver.pass_time(2)
    assert call.last_result == TargetResult(OUTSIDE, TargetGone.NO_ANSWER)


# ------------------------------------------------------------------------------- an agent's phone


def test_given_an_agents_phone_that_does_not_ring_when_the_time_is_over_then_the_agent_has_missed_nothing() -> None:
    driver = desk()
    driver.silent = True
    driver.agent_leg(driver.arrive())
    driver.pass_time(PICKUP_S + 1)
    assert driver.offers() == ["unreachable"]
    assert driver.agent("a1").label == "Ready"
    assert told(driver) == ["phone_silent"]


def test_given_a_colleagues_phone_that_does_not_ring_when_consulted_then_the_colleague_has_missed_nothing() -> None:
    driver = desk()
    call = driver.arrive()
    driver.answer(call)
    driver.log_in("a2")
    driver.tell(commands.StartConsult("a1", call.id, None, "a2"))
    driver.silent = True
    driver.tell(facts.LegReady(call.target_leg or ""))
    driver.pass_time(PICKUP_S + 1)
    assert (driver.offers()[-1], driver.agent("a2").label) == ("unreachable", "Ready")
    assert call.last_result == TargetResult("1002", TargetGone.UNREACHABLE)


def accepted(driver: Driver) -> Call:
    call = driver.arrive()
    driver.tell(commands.AnswerOffer("a1", call.offer.id if call.offer else ""))
    driver.agent_leg(call)
    return call


def test_given_a_phone_that_does_not_answer_by_itself_then_the_agent_is_told_and_may_lift_it() -> None:
    driver = desk("auto")
    call = accepted(driver)
    driver.pass_time(ACCEPT_S + 1)
    assert (call.state, told(driver), driver.offers()) == (S.ACCEPTED, ["lift_phone"], [])
    driver.pass_time(PICKUP_S - 2)
    driver.tell(facts.LegAnswered(call.agent_leg or ""))
    driver.enter(call, call.customer_leg or "", call.agent_leg or "")
    assert call.state is S.TALKING
    (dial,) = driver.taken(DialLeg)
    assert isinstance(dial, DialLeg) and dial.timeout_s > ACCEPT_S + PICKUP_S


def test_given_a_phone_that_does_not_answer_by_itself_when_nobody_lifts_it_then_nothing_was_missed() -> None:
    driver = desk("auto")
    accepted(driver)
    driver.pass_time(ACCEPT_S + PICKUP_S + 1)
    assert (driver.offers(), driver.agent("a1").label) == (["unreachable"], "Ready")
    assert told(driver) == ["lift_phone"]


def test_given_an_agent_who_does_not_press_answer_then_the_call_is_missed() -> None:
    driver = desk("auto")
    driver.arrive()
    driver.pass_time(PICKUP_S + 1)
    assert driver.offers() == ["missed"]


# ------------------------------------------------------------------------------- something before the answer


def test_given_a_consulted_number_that_plays_something_then_the_agent_hears_it_instead_of_our_ringing() -> None:
    driver = desk()
    call, leg_id = asking(driver)
    agent_leg = call.agent_leg or ""
    driver.tell(facts.LegRinging(leg_id, early_media=True))
    assert [type(action) for action in driver.actions] == [StopRingback, AddToBridge]
    (add,) = driver.taken(AddToBridge)
    assert isinstance(add, AddToBridge) and {add.leg_id, *add.also} == {agent_leg, leg_id}
    driver.actions.clear()
    driver.enter(call, agent_leg, leg_id)
    driver.tell(facts.LegAnswered(leg_id))
    assert (call.state, driver.actions) == (S.CONSULT_TALKING, []), "nobody moves"
    invariants.check_floor(driver.center)
    driver.tell(commands.ConnectConsult("a1", call.id))
    driver.enter(call, call.customer_leg or "")
    assert call.state is S.TRANSFERRED


def test_given_a_consulted_number_that_plays_something_when_it_does_not_answer_then_the_agent_is_on_hold() -> None:
    driver = desk()
    call, leg_id = asking(driver)
    driver.tell(facts.LegRinging(leg_id))
    driver.tell(facts.LegRinging(leg_id, early_media=True))
    driver.tell(facts.LegEnded(leg_id, 1, 404))
    assert (call.state, call.last_result) == (S.ON_HOLD, TargetResult(OUTSIDE, TargetGone.INVALID_NUMBER))
    assert {role: leg.place for role in Role if (leg := call.leg_of(role))} == {
        Role.CUSTOMER: Place.MUSIC,
        Role.AGENT: Place.BRIDGE,
    }


@pytest.mark.parametrize("seen", [True, False])
def test_given_a_transfer_to_a_number_that_plays_something_then_the_customer_hears_it_and_is_joined_at_the_answer(
    seen: bool,
) -> None:
    driver = desk()
    call, leg_id = asking(driver, commands.TransferCall)
    driver.tell(facts.LegRinging(leg_id, early_media=True))
    assert [type(action) for action in driver.actions] == [StopRingback, AddToBridge]
    if seen:
        driver.enter(call, call.customer_leg or "", leg_id)
        driver.tell(facts.LegAnswered(leg_id))
    else:
        driver.tell(facts.LegAnswered(leg_id))
        assert call.state is S.JOINING
        driver.enter(call, call.customer_leg or "", leg_id)
    assert call.state is S.TRANSFERRED
    invariants.check_floor(driver.center)


def test_given_a_consulted_number_that_plays_something_when_the_agent_leaves_then_the_customer_hears_it() -> None:
    driver = desk()
    call, leg_id = asking(driver)
    driver.tell(facts.LegRinging(leg_id, early_media=True))
    driver.enter(call, call.agent_leg or "", leg_id)
    driver.tell(commands.ConnectConsult("a1", call.id))
    assert call.state is S.TRANSFER_RINGING
    customer = call.leg_of(Role.CUSTOMER)
    assert customer is not None and customer.place is Place.BRIDGE
    driver.actions.clear()
    driver.tell(facts.LegEnded(leg_id, 17, 486))
    assert [type(action) for action in driver.actions] == [RemoveFromBridge, StartRingback], (
        "the agent's leg ends still"
    )


def test_given_a_colleague_whose_phone_plays_something_before_it_is_lifted_then_our_ringing_goes_on() -> None:
    driver = desk()
    call = driver.arrive()
    driver.answer(call)
    driver.log_in("a2")
    driver.tell(commands.StartConsult("a1", call.id, None, "a2"))
    driver.tell(facts.LegReady(call.target_leg or ""))
    driver.tell(facts.LegRinging(call.target_leg or "", early_media=True))
    agent = call.leg_of(Role.AGENT)
    assert agent is not None and agent.place is Place.RINGBACK


# ------------------------------------------------------------------------------- one way before the answer


def test_given_an_announcement_one_way_before_the_answer_then_it_is_no_hold_then_or_later() -> None:
    driver = desk()
    call, leg_id = dialling(driver)
    agent_leg = call.agent_leg or ""
    driver.actions.clear()
    # In this order: the agreement on audio first (seen).
    driver.tell(facts.LegHeld(leg_id))
    assert (type(driver.actions[0]), driver.actions[0].leg_id) == (StopMusic, agent_leg), (
        "the PBX plays music of its own"
    )
    driver.tell(facts.LegRinging(leg_id, early_media=True))
    driver.tell(facts.LegAnswered(leg_id))
    assert [action.leg_id for action in driver.taken(AgreeAnew)] == [leg_id]
    assert (call.state, shown(driver)["holding"]) == (S.TALKING, [])
    # After a gap the PBX says so still.
    driver.tell(facts.NodeLost(NODE))
    driver.connect(
        facts.SeenLeg(leg_id, True, False, True, call.bridge_id, "trunk", None),
        facts.SeenLeg(agent_leg, True, False, True, call.bridge_id, "1001", None),
    )
    driver.tell(facts.HoldSeen(leg_id, True))
    assert (call.state, shown(driver)["holding"]) == (S.TALKING, [])
    driver.tell(facts.LegRetrieved(leg_id))
    driver.tell(facts.LegHeld(leg_id))
    assert shown(driver)["holding"] == ["customer"], "from now on the PBX tells the truth"


def test_given_a_number_that_answers_and_holds_at_once_without_anything_before_then_it_holds() -> None:
    driver = desk()
    call, leg_id = dialling(driver)
    driver.tell(facts.LegRinging(leg_id))
    driver.tell(facts.LegHeld(leg_id))
    driver.tell(facts.LegAnswered(leg_id))
    assert (call.state, shown(driver)["holding"]) == (S.TALKING, ["customer"])


def test_given_a_consulted_number_that_plays_one_way_then_agent_and_target_talk_when_it_answers() -> None:
    driver = desk()
    call, leg_id = asking(driver)
    driver.tell(facts.LegHeld(leg_id))
    driver.tell(facts.LegRinging(leg_id, early_media=True))
    driver.enter(call, call.agent_leg or "", leg_id)
    driver.tell(facts.LegAnswered(leg_id))
    assert (call.state, shown(driver)["holding"]) == (S.CONSULT_TALKING, [])
    invariants.check_floor(driver.center)
