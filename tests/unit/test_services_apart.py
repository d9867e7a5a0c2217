"""Agents of another service do not exist: neither for a consultation nor for a transfer, by CTI ID nor by number."""

from dataclasses import replace

import pytest

from cti_bridge.domain.border import commands
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.directory import Service, share_a_service
from cti_bridge.domain.queue.no_calls import can_be_had, may_reach
from tests.unit.floor import Driver
from tests.unit.situations import staffed, state_of, talking


def of_services(**services: tuple[str, ...]) -> tuple[Driver, Call]:
    """a1 talks to a customer of acme; the others are ready, and work for these services."""
    driver = staffed()
    directory = driver.center.floor.directory
    agents = {
        cti_id: replace(entry, services=services.get(cti_id, entry.services))
        for cti_id, entry in directory.agents.items()
    }
    both = {**directory.services, "other": Service("other")}
    driver.center.floor.directory = replace(directory, agents=agents, services=both)
    driver, call = talking(driver)
    driver.log_in("a2", "a3")
    return driver, call


TARGETS = {"CTI ID": (None, "a2"), "CTI number": ("1002", None)}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("command", [commands.StartConsult, commands.TransferCall])
def test_given_an_agent_of_another_service_then_there_is_no_such_agent(command: type, target: str) -> None:
    driver, call = of_services(a2=("other",))
    assert driver.refused(command("a1", call.id, *TARGETS[target])) == "not_found"
    assert state_of(call) is CallState.TALKING
    assert driver.refused(command("a1", call.id, None, "nobody")) == "not_found"
    driver.tell(command("a1", call.id, None, "a3"))
    assert call.target is not None and call.target.cti_id == "a3"


def test_given_a_call_then_its_service_counts_and_not_another_one_that_is_shared() -> None:
    driver, call = of_services(a1=("acme", "other"), a2=("other",), a3=("acme",))
    floor = driver.center.floor
    one, two, three = (driver.agent(cti_id) for cti_id in ("a1", "a2", "a3"))
    assert call.service == "acme"
    assert [may_reach(floor, one, other) for other in (two, three)] == [False, True]
    assert [can_be_had(floor, one, other) for other in (two, three)] == [False, True]
    assert [may_reach(floor, two, other) for other in (one, three)] == [True, False], "without a call"


def test_agents_who_are_not_configured_share_nothing() -> None:
    directory = staffed().center.floor.directory
    assert share_a_service(directory, "a1", "a2")
    assert not share_a_service(directory, "a1", "nobody") and not share_a_service(directory, "nobody", "nobody")
