"""Several PBXs, some phones reached by one and some by many: who is served by whom is the same as if each call asked
each agent, and a PBX that goes and comes back changes no agent."""

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.notices import AgentChanged
from cti_bridge.domain.border.output import Output
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.directory import Policy, Queue
from cti_bridge.domain.views.snapshot import agent_view
from tests.support.sweeps import sweep
from tests.unit.floor import NODE, NUMBER, Driver, agent_entry, directory, leading_to
from tests.unit.simulation import faults
from tests.unit.simulation.steps import begin, step

NODES = (NODE, "second", "third")
ALL = frozenset(NODES)


def house(*reaches: frozenset[str], status: str = "ready") -> Driver:
    """a1, a2 … come one second after another, each with a phone that these nodes reach."""
    entries = [agent_entry(n) for n in range(1, len(reaches) + 1)]
    driver = Driver(directory(*entries, policy=Policy(after_call="ready")))
    for node in NODES:
        driver.tell(seen(driver, node, reaches))
    for entry in entries:
        driver.log_in(entry.cti_id, status=status)
        driver.pass_time(1)
    return driver


def seen(driver: Driver, node: str, reaches: tuple[frozenset[str], ...], *calls: Call) -> facts.NodeSeen:
    phones = tuple((f"{1000 + n}", node in reach) for n, reach in enumerate(reaches, 1))
    legs = tuple(facts.SeenLeg(call.customer_leg or "", True, False, True, None, "trunk", None) for call in calls)
    return facts.NodeSeen(node, "boot", driver.now, legs, (), phones)


def arrive(driver: Driver, node: str) -> Call:
    leg_id = f"{node}/c{len(driver.center.floor.calls)}"
    driver.tell(facts.CallArrived(node, leg_id, NUMBER, "+821012345678", "", driver.now))
    driver.pass_time(1)
    return next(call for call in driver.center.floor.calls.values() if leg_id in call.legs)


def agents_saved(driver: Driver, fact: facts.Fact) -> list[str]:
    """Whose kept state the fact has changed."""
    return [cti_id for kind, cti_id in driver.tell(fact).changes if kind == "agent"]


def test_given_phones_of_several_reaches_then_the_idlest_whom_the_calls_node_reaches_is_served() -> None:
    driver = house(frozenset({"second"}), ALL, frozenset({NODE}), ALL - {"second"})
    assert [arrive(driver, NODE).cti_id for _ in range(4)] == ["a2", "a3", "a4", None]
    assert arrive(driver, "second").cti_id == "a1"


def test_given_callers_on_several_nodes_when_somebody_whom_all_reach_is_ready_then_the_first_of_all_is_served() -> None:
    driver = house(ALL, status="rest")
    calls = [arrive(driver, node) for node in ("third", NODE, "second")]
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert [call.cti_id for call in calls] == ["a1", None, None]


@pytest.mark.parametrize("phone", [ALL, frozenset({NODE})])
def test_given_a_pbx_goes_and_comes_back_with_the_same_phones_then_no_agent_is_saved(phone: frozenset[str]) -> None:
    driver = house(phone, phone)
    waits = arrive(driver, "second") if phone == {NODE} else None
    assert agents_saved(driver, facts.NodeLost(NODE)) == []
    assert agents_saved(driver, seen(driver, NODE, (phone, phone))) == []
    assert waits is None or waits.cti_id is None
    assert arrive(driver, NODE).cti_id == "a1"


def test_given_an_agent_without_a_phone_then_the_loss_of_the_pbx_where_it_would_be_is_shown_and_no_others() -> None:
    entry = replace(agent_entry(1), node="second")
    driver = Driver(directory(entry))
    for node in NODES:
        driver.tell(seen(driver, node, ()))
    driver.log_in("a1")
    assert AgentChanged("a1") not in driver.tell(facts.NodeLost("third")).notices
    assert AgentChanged("a1") in driver.tell(facts.NodeLost("second")).notices
    assert agent_view(driver.center.floor, "a1").no_calls == ["pbx_unavailable"]


def test_given_a_pbx_is_away_when_somebody_becomes_ready_then_its_callers_are_theirs_when_it_is_back() -> None:
    reaches = (ALL - {"third"},)
    driver = house(*reaches, status="rest")
    call = arrive(driver, NODE)
    driver.tell(facts.NodeLost(NODE))
    driver.tell(commands.SetStatus("a1", "ready", None))
    driver.pass_time(5)
    assert call.cti_id is None
    driver.tell(seen(driver, NODE, reaches, call))
    assert call.cti_id == "a1"


def test_given_a_call_that_goes_back_to_its_sender_when_its_pbx_returns_then_it_is_offered_to_them() -> None:
    driver = house(ALL, ALL)
    call = arrive(driver, NODE)
    sender_leg = driver.answer(call)
    driver.tell(commands.SetNextStatus("a1", "rest", None))
    driver.tell(commands.TransferCall("a1", call.id, None, "a2"))
    driver.tell(facts.LegEnded(call.target_leg or "", 17, 486))
    assert driver.center.floor.recalls == {"a1": call.id}, "their own leg is ending"
    driver.tell(facts.NodeLost(NODE))
    driver.tell(facts.LegEnded(sender_leg, 16))
    assert call.offer is None
    driver.tell(seen(driver, NODE, (ALL, ALL), call))
    assert call.offer is not None and call.offer.cti_id == "a1"


def test_given_phones_that_move_all_day_then_reaches_that_nobody_has_are_forgotten() -> None:
    driver = house(*[frozenset({NODE})] * 3)
    waiting = driver.center.waiting
    for n in range(200):
        number, node = f"100{1 + n % 3}", NODES[n * 7 // 5 % 3]
        driver.tell(facts.PhoneChanged(node, number, n % 4 != 0))
        arrive(driver, node)
    present = {frozenset(agent.reachable_on) for agent in driver.center.floor.agents.values()}
    assert set(waiting._reaches) == present
    assert {reach for reaches in waiting._reaches_at.values() for reach in reaches} == {
        reach for reach in waiting._reaches.values() if reach.nodes
    }


def test_given_a_queue_is_new_then_who_serves_it_is_served_and_not_saved_for_that() -> None:
    driver = house(ALL, ALL)
    config = driver.center.floor.directory
    new = {**config.queues, "new": Queue("new", "acme")}
    serving = {cti_id: replace(entry, queues=(*entry.queues, "new")) for cti_id, entry in config.agents.items()}
    scenarios = {NUMBER: leading_to(config.scenarios[NUMBER], "new")}
    changed = facts.ConfigurationChanged(replace(config, queues=new, agents=serving, scenarios=scenarios))
    driver.tell(changed)
    assert arrive(driver, NODE).cti_id == "a1"


class Panels:
    """What of each view has to do with PBXs, as it was shown last."""

    def __init__(self) -> None:
        self.shown: dict[str, Any] = {}
        self.up: set[str] = set()
        self.changed = Counter[str]()

    def look(self, center: CallCenter, output: Output) -> None:
        up = {name for name, node in center.floor.nodes.items() if node.up}
        told = {notice.cti_id for notice in output.notices if isinstance(notice, AgentChanged)}
        for agent in center.floor.agents.values():
            view = agent_view(center.floor, agent.cti_id)
            now = (view.no_calls, view.allowed_actions, view.phone)
            if up != self.up and agent.logged_in and self.shown.get(agent.cti_id, now) != now:
                assert agent.cti_id in told, (agent.cti_id, self.shown[agent.cti_id], now)
                self.changed[agent.cti_id] += 1
            self.shown[agent.cti_id] = now
        self.up = up


@pytest.mark.parametrize("nodes", [(NODE,), NODES])
@sweep("days", range(5), range(20))
def test_given_pbxs_that_go_and_come_back_all_day_then_whose_view_changed_is_told(
    nodes: tuple[str, ...], days: range
) -> None:
    panels = Panels()
    for seed in days:
        panels.shown.clear()
        world = begin(Random(seed), panels.look, nodes)
        for n in range(200):
            step(world)
            if n % 10 == 0:
                world.turn_to_any_pbx()
                (faults.disconnect if world.pbx.connected else faults.connect)(world)
    assert sum(panels.changed.values()) > 25 * len(days)
