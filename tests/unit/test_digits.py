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
    "consult_alone outside": Role.TARGET,
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_given_a_call_then_digits_go_to_whom_the_agent_talks_to_or_are_neither_offered_nor_taken(name: str) -> None:
    driver, call = situation(name)
    if call.cti_id != "a1" or state_of(call) is S.ENDED:
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
    assert state_of(call) in (S.TALKING, S.CONSULT_TALKING, S.CONSULT_ALONE)
