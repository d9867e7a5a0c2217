"""The operator changes the configuration while people work."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from cti_bridge.domain.border import facts
from cti_bridge.domain.model.directory import AgentEntry, CallingNumber, Directory, Queue
from cti_bridge.domain.model.scenario import Scenario
from cti_bridge.domain.model.words import AnswerMode
from tests.unit.floor import CALLING, NUMBER, leading_to
from tests.unit.simulation.directory import SALES, with_menus
from tests.unit.simulation.world import World

QUEUES = ("support", "sales", "spare")


def change(world: World) -> None:
    """Another configuration, made of that with which the day began."""
    take(world, changed(world.rng, world.first_directory))


def take(world: World, directory: Directory) -> None:
    world.reached["configuration changed"] += 1
    world.directory = directory
    for entry in directory.agents.values():
        for pbx in world.pbxs:
            pbx.phones.setdefault(entry.cti_number, pbx is world.pbxs[0])
    world.tell(facts.ConfigurationChanged(directory))
    for pbx in world.pbxs:
        if pbx.connected:
            world.tell(pbx.seen())


def changed(rng: Random, first: Directory) -> Directory:
    """Some agents, queues, priorities, numbers and rules are other ones."""
    queues = {
        name: replace(
            first.queues.get(name, Queue(name, "acme")),
            priority=rng.choice([0, 0, 5, 9]),
            longest_wait_s=rng.choice([0, 30, 90, 90]),
            pickup_time_s=rng.choice([5, 12, 20]),
            announce=rng.choice([(), first.queues["support"].announce, first.queues["sales"].announce]),
            last_agent_s=first.queues[name].last_agent_s if name in first.queues else 0,
        )
        for name in QUEUES
        if rng.random() < 0.7
    }
    queues = {name: _helped_by(queue, queues) for name, queue in queues.items()}
    return replace(
        first,
        queues=queues,
        scenarios=_scenarios(rng, first, queues),
        agents={cti_id: _agent(rng, entry) for cti_id, entry in first.agents.items() if rng.random() < 0.85},
        services={
            name: replace(
                service,
                inbound=service.inbound and rng.random() < 0.9,
                return_queue=rng.choice([None, *queues]),
                max_outbound_calls=rng.choice([1, 4]),
            )
            for name, service in first.services.items()
        },
        calling_numbers=_calling_numbers(rng, first),
        policy=replace(
            first.policy, ticket_processing_limit_s=rng.choice([0, 10, 30]), agent_lost_s=rng.choice([5, 20])
        ),
    )


def _helped_by(queue: Queue, queues: Mapping[str, Queue]) -> Queue:
    """No queue helps out that there is not: no configuration with one is taken."""
    left = (replace(stage, queues=tuple(name for name in stage.queues if name in queues)) for stage in queue.overflow)
    return replace(queue, overflow=tuple(left))


def _scenarios(rng: Random, first: Directory, queues: dict[str, Queue]) -> dict[str, Scenario]:
    """Some numbers are gone; the others lead to a queue that there is."""
    kept = {number: one for number, one in first.scenarios.items() if queues and rng.random() < 0.8}
    others = {"menus": with_menus(rng, list(queues))} if queues and "menus" in kept else {}
    return others | {
        number: leading_to(one, rng.choice(list(queues))) if number in (NUMBER, SALES) else one
        for number, one in kept.items()
        if number != "menus" and (number in (NUMBER, SALES) or one.queue in queues)
    }


def _agent(rng: Random, entry: AgentEntry) -> AgentEntry:
    return replace(
        entry,
        queues=tuple(name for name in QUEUES if rng.random() < 0.5),
        answer=rng.choice([entry.answer, entry.answer, *AnswerMode]),
        phone_permission=rng.random() < 0.95,
    )


def _calling_numbers(rng: Random, first: Directory) -> dict[str, CallingNumber]:
    state = rng.choice(["confirmed", "confirmed", "rejected"])
    return {**first.calling_numbers, CALLING: replace(first.calling_numbers[CALLING], state=state)}
