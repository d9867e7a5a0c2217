"""Digits go to the outside party whom the agent talks to, and are offered exactly then."""

import pytest

from cti_bridge.domain.border import commands
from cti_bridge.domain.border.actions import SendDigits
from cti_bridge.domain.border.records import CallEvent
from cti_bridge.domain.model.call import CallState, Role
from tests.unit.floor import agent_view
from tests.unit.situations import SITUATIONS, situation, state_of

S = CallState
TO = {
    "talking": Role.CUSTOMER,
    "talking outbound": Role.CUSTOMER,
    "consult_talking outside": Role.TARGET,
    "consult_swapped": Role.CUSTOMER,
    "consult_swapped outside": Role.CUSTOMER,
    "three_together": Role.CUSTOMER,
    "consult_alone outside": Role.TARGET,
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_given_a_call_then_digits_go_to_whom_the_agent_talks_to_or_are_neither_offered_nor_taken(name: str) -> None:
    driver, call = situation(name)
    if call.cti_id != "a1" or state_of(call) is S.ENDED or name == "three_together outside":
        return
    offered = agent_view(driver.center.floor, "a1")["allowed_actions"]
    role = TO.get(name)
    if role is None:
        assert "dtmf" not in offered
        assert driver.refused(commands.SendDigits("a1", call.id, "1#")) == "not_allowed_now"
        return
    assert "dtmf" in offered
    driver.tell(commands.SendDigits("a1", call.id, "1#"))
    leg = call.leg_of(role)
    assert leg is not None
    assert [(a.leg_id, a.digits) for a in driver.taken(SendDigits) if isinstance(a, SendDigits)] == [(leg.id, "1#")]
    noted = [r.detail for r in driver.records if isinstance(r, CallEvent) and r.type == "digits"]
    assert noted == [{"count": 2, "party": role}]
    other = Role.CUSTOMER if role is Role.TARGET else Role.TARGET
    assert driver.refused(commands.SendDigits("a1", call.id, "1#", other)) == "not_allowed_now"
    driver.tell(commands.SendDigits("a1", call.id, "2", role))
    assert isinstance(last := driver.taken(SendDigits)[-1], SendDigits) and (last.leg_id, last.digits) == (leg.id, "2")


@pytest.mark.parametrize("to", [Role.CUSTOMER, Role.TARGET])
def test_given_two_outside_parties_who_talk_with_the_agent_then_digits_go_to_the_one_who_is_named(to: Role) -> None:
    driver, call = situation("three_together outside")
    view = agent_view(driver.center.floor, "a1")
    assert "dtmf" in view["allowed_actions"] and view["call"]["digits_to"] == ["customer", "target"]
    assert driver.refused(commands.SendDigits("a1", call.id, "1")) == "invalid_body"
    driver.tell(commands.SendDigits("a1", call.id, "1", to))
    leg = call.leg_of(to)
    assert leg is not None
    assert [(a.leg_id, a.digits) for a in driver.taken(SendDigits) if isinstance(a, SendDigits)] == [(leg.id, "1")]
