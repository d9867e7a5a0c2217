"""A release that knows more roles has left its legs on the PBX, and this one is started in its place."""

import pytest

from cti_bridge.domain.border import facts
from cti_bridge.domain.border.actions import ForgetBridge, HangUp, InspectLeg
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.queue.no_calls import assignable
from tests.unit.floor import NODE, Driver
from tests.unit.situations import made
from tests.unit.test_recovery import as_it_is, seen

UNKNOWN_CALL = "00000000-0000-7000-8000-000000000000"
RANDOM = "0a0a0a0a0a0a"
LATER = "of_a_later_release"


def look(driver: Driver, call: Call, *others: facts.SeenLeg, bridges: tuple[str, ...] = ()) -> None:
    """The PBX shows the call as it is, and more."""
    legs = [leg for leg in as_it_is(call) if leg.leg_id in call.legs]
    phones = tuple((f"100{number}", True) for number in (1, 2))
    driver.tell(facts.NodeSeen(NODE, "boot", driver.now, (*legs, *others), (*driver.bridges(), *bridges), phones))


def talking() -> tuple[Driver, Call, str]:
    """A call, and the id of a leg of it whose role nobody here knows."""
    driver, call = made(CallState.TALKING)
    driver.actions.clear()
    return driver, call, f"cti-{call.id}-{LATER}-{RANDOM}"


def hung_up(driver: Driver) -> list[str]:
    return [action.leg_id for action in driver.taken(HangUp)]


def forgotten(driver: Driver) -> list[str]:
    return [action.bridge_id for action in driver.actions if isinstance(action, ForgetBridge)]


def test_given_its_call_is_known_then_the_leg_is_looked_at_and_told_once_and_not_hung_up() -> None:
    driver, call, leg_id = talking()
    for _ in range(3):
        look(driver, call, seen(leg_id, endpoint="1002"))
        driver.tell(facts.LegSeen(seen(leg_id, endpoint="1002"), driver.now))
        driver.pass_time(30)
    looked = [action for action in driver.taken(InspectLeg) if action.leg_id == leg_id]
    assert looked == [InspectLeg(NODE, call.id, leg_id, LATER)]
    assert hung_up(driver) == []
    assert call.state is CallState.TALKING


def test_given_its_call_is_known_then_its_phone_is_rung_for_nothing_else_until_it_is_gone() -> None:
    driver, call, leg_id = talking()
    driver.log_in("a2")
    look(driver, call, seen(leg_id, endpoint="1002"))
    assert not assignable(driver.center.floor, driver.agent("a2"), NODE)
    driver.tell(facts.LegEnded(leg_id, 16))
    assert assignable(driver.center.floor, driver.agent("a2"), NODE)


def test_when_its_call_has_ended_then_the_next_look_ends_it() -> None:
    driver, call, leg_id = talking()
    look(driver, call, seen(leg_id))
    for own in list(call.legs):
        driver.tell(facts.LegEnded(own, 16))
    driver.actions.clear()
    look(driver, call, seen(leg_id))
    assert hung_up(driver) == [leg_id]


def test_when_the_pbx_shows_it_no_more_then_it_is_looked_for() -> None:
    driver, call, leg_id = talking()
    look(driver, call, seen(leg_id))
    driver.actions.clear()
    look(driver, call)
    assert InspectLeg(NODE, call.id, leg_id) in driver.taken(InspectLeg)


@pytest.mark.parametrize(
    "leg_id",
    [
        f"cti-{UNKNOWN_CALL}-{LATER}-{RANDOM}",
        f"cti-{UNKNOWN_CALL}-agent-{RANDOM}",
        f"cti-monitor-{UNKNOWN_CALL}-supervisor-{RANDOM}",
    ],
)
def test_given_nobody_knows_what_it_belongs_to_then_it_is_ended(leg_id: str) -> None:
    driver, call, _ = talking()
    look(driver, call, seen(leg_id))
    assert hung_up(driver) == [leg_id]


def test_given_a_known_role_that_its_call_does_not_have_then_it_is_ended_as_ever() -> None:
    driver, call, _ = talking()
    leg_id = f"cti-{call.id}-target-{RANDOM}"
    look(driver, call, seen(leg_id))
    assert hung_up(driver) == [leg_id]


def test_a_bridge_of_a_newer_release_is_left_to_its_call_and_ended_with_it() -> None:
    driver, call, _ = talking()
    ear = f"cti-{call.id}-ear"
    look(driver, call, bridges=(ear, f"cti-{UNKNOWN_CALL}-ear"))
    assert forgotten(driver) == [f"cti-{UNKNOWN_CALL}-ear"]
    for own in list(call.legs):
        driver.tell(facts.LegEnded(own, 16))
    driver.actions.clear()
    look(driver, call, bridges=(ear,))
    assert ear in forgotten(driver)
