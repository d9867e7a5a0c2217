"""Who leaves a call, and what is seen of it."""

from cti_bridge.domain.border import facts
from cti_bridge.domain.model.call import Call, Role, Stage
from tests.unit import invariants
from tests.unit.floor import Driver

PROCESSING = "Business (Ticket Processing)"


def labels(driver: Driver, *cti_ids: str) -> list[str]:
    """The labels of these agents."""
    return [driver.agent(cti_id).label for cti_id in cti_ids]


def clear_away(driver: Driver) -> None:
    """Legs that are on their way out are gone."""
    for call in list(driver.center.floor.calls.values()):
        for leg in [leg for leg in call.legs.values() if leg.stage is Stage.ENDING]:
            driver.tell(facts.LegEnded(leg.id, 16))
    invariants.check_floor(driver.center)


def leaves(driver: Driver, call: Call, role: Role, hangup_cause: int = 16, sip_code: int = 0) -> None:
    """The leg of this role ends."""
    leg = call.leg_of(role)
    assert leg is not None
    driver.tell(facts.LegEnded(leg.id, hangup_cause, sip_code))
