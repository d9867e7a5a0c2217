"""Why an agent is given no calls: every reason, in its order, and told to the panel as soon as it comes or goes."""

from dataclasses import replace
from random import Random

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.notices import AgentChanged
from cti_bridge.domain.border.output import Output
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.model.directory import Service
from cti_bridge.domain.model.words import NoCalls
from cti_bridge.domain.queue.no_calls import assignable, no_calls
from tests.unit.floor import NODE, Driver, agent_entry, agent_view, directory
from tests.unit.simulation.steps import begin, step

PHONE = "1001"


def at_work(answer: str = "phone", queues: tuple[str, ...] = ("support",), *, inbound: bool = True) -> Driver:
    """One agent, ready, before a panel, with a phone that can be reached."""
    entry = agent_entry(1, answer=answer, queues=queues)
    driver = Driver(directory(entry, services=(Service("acme", inbound=inbound),)))
    driver.connect()
    driver.log_in("a1")
    driver.tell(commands.PanelChanged("a1", True))
    return driver


def reasons(driver: Driver) -> list[str]:
    return [str(code) for code in agent_view(driver.center.floor, "a1")["no_calls"]]


def told(output: Output) -> bool:
    return AgentChanged("a1") in output.notices


@pytest.mark.parametrize("answer", ["phone", "auto", "browser"])
def test_given_all_is_well_then_no_reason_and_the_next_call_is_theirs(answer: str) -> None:
    driver = at_work(answer)
    assert reasons(driver) == []
    driver.arrive()
    assert driver.agent("a1").offer_id is not None


@pytest.mark.parametrize("status", ["rest", "business"])
def test_given_another_status_then_not_ready(status: str) -> None:
    driver = at_work()
    assert told(driver.tell(commands.SetStatus("a1", status, None)))
    assert reasons(driver) == ["not_ready"]


def test_given_a_call_then_in_a_call_and_not_also_that_its_leg_uses_the_phone() -> None:
    driver = at_work()
    driver.answer(driver.arrive())
    assert reasons(driver) == ["in_a_call"]


def test_given_the_leg_of_a_call_that_is_over_then_the_phone_is_in_use_until_it_has_ended() -> None:
    driver = at_work()
    call = driver.arrive()
    leg_id = driver.answer(call)
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert reasons(driver) == ["phone_in_use"]
    assert told(driver.tell(facts.LegEnded(leg_id, 16)))
    assert reasons(driver) == []


def test_given_the_phone_is_not_registered_then_unreachable_until_it_is() -> None:
    driver = at_work()
    assert told(driver.tell(facts.PhoneChanged(NODE, PHONE, False)))
    assert reasons(driver) == ["phone_unreachable"]
    assert told(driver.tell(facts.PhoneChanged(NODE, PHONE, True)))
    assert reasons(driver) == []


@pytest.mark.parametrize("registered", [True, False])
def test_given_the_pbx_goes_away_then_that_is_the_reason_whatever_the_phone(registered: bool) -> None:
    driver = at_work()
    driver.tell(facts.PhoneChanged(NODE, PHONE, registered))
    assert told(driver.tell(facts.NodeLost(NODE)))
    assert reasons(driver) == ["pbx_unavailable"]
    seen = facts.NodeSeen(NODE, "boot", driver.now, (), (), ((PHONE, registered),))
    assert told(driver.tell(seen))
    assert reasons(driver) == ([] if registered else ["phone_unreachable"])


def test_given_the_phones_own_pbx_is_away_and_another_is_up_then_the_pbx_is_the_reason() -> None:
    entry = replace(agent_entry(1), node="far")
    driver = Driver(directory(entry))
    driver.log_in("a1")
    driver.tell(facts.NodeSeen(NODE, "boot", driver.now, (), (), ()))
    assert reasons(driver) == ["pbx_unavailable"]


@pytest.mark.parametrize("answer", ["auto", "browser"])
def test_given_answer_is_in_the_panel_when_it_is_closed_then_no_panel_after_the_grace(answer: str) -> None:
    driver = at_work(answer)
    driver.tell(commands.PanelChanged("a1", False))
    assert reasons(driver) == []
    driver.notices.clear()
    driver.pass_time(11)
    assert (reasons(driver), AgentChanged("a1") in driver.notices) == (["no_panel"], True)
    assert told(driver.tell(commands.PanelChanged("a1", True)))
    assert reasons(driver) == []


def test_given_no_queue_or_a_service_without_inbound_then_so_and_colleagues_can_still_call() -> None:
    for driver, reason in ((at_work(queues=()), "no_queue"), (at_work(inbound=False), "service_off")):
        assert reasons(driver) == [reason]
        assert assignable(driver.center.floor, driver.agent("a1"))


def test_given_several_reasons_then_in_the_order_of_the_enumeration() -> None:
    driver = at_work("auto", queues=())
    driver.tell(commands.SetStatus("a1", "rest", None))
    driver.tell(commands.PanelChanged("a1", False))
    driver.pass_time(11)
    driver.tell(facts.NodeLost(NODE))
    assert reasons(driver) == ["not_ready", "no_queue", "pbx_unavailable", "no_panel"]
    assert [str(code) for code in NoCalls] == [
        "not_ready", "in_a_call", "phone_unreachable", "phone_in_use", "no_queue", "pbx_unavailable", "no_panel",
        "service_off",
    ]  # fmt: skip


class _Reasons:
    """Sees that every reason that comes or goes is told."""

    def __init__(self) -> None:
        self.changes = 0
        self._shown: dict[str, list[NoCalls]] = {}

    def watch(self, center: CallCenter, output: Output) -> None:
        floor, before = center.floor, self._shown
        self._shown = {cti_id: no_calls(floor, agent) for cti_id, agent in floor.agents.items()}
        for cti_id, reasons in self._shown.items():
            if reasons != before.get(cti_id, reasons) and floor.agents[cti_id].logged_in:
                self.changes += 1
                assert AgentChanged(cti_id) in output.notices, (cti_id, before[cti_id], reasons)


@pytest.mark.parametrize("seed", range(6))
def test_given_random_days_then_the_panel_is_told_of_every_change_of_a_reason(seed: int) -> None:
    reasons = _Reasons()
    world = begin(Random(seed), reasons.watch)
    for _ in range(400):
        step(world)
    assert reasons.changes > 50
