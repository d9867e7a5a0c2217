"""Callers, and agents with their phones in their hands."""

from collections.abc import Callable
from random import Random

from cti_bridge.domain.border import facts
from cti_bridge.domain.model.call import WITH_TARGET, CallState
from cti_bridge.domain.model.talks import Talk
from tests.unit.floor import NUMBER
from tests.unit.model_asterisk import Channel
from tests.unit.simulation.directory import BAD_NUMBERS, CALLERS, MENU, OFF, OUTSIDE, SALES, UNKNOWN
from tests.unit.simulation.world import World

NUMBERS_ENTERED = ("0212345678#1", "0212345679#1", "00449012345678#", "112#", "20212345680#1")
"""Callers enter them, with what follows."""


def act(world: World) -> None:
    """One of them does something."""
    pbx, rng = world.pbx, world.rng
    doings: list[tuple[int, Callable[[], object]]] = [
        (3 if world.calm else 7, lambda: _call_in(world)),
        (1, lambda: _change_phone(world)),
        (1, lambda: _reload_page(world)),
    ]
    if pbx.customers():
        doings.append((1, lambda: pbx.end(rng.choice(pbx.customers()))))
    if pbx.ringing():
        doings.append((25, lambda: pbx.lift(rng.choice(pbx.ringing()))))
        doings.append((3, lambda: pbx.end(rng.choice(pbx.ringing()), *_refusal(rng))))
    if pbx.lifted():
        doings.append((1 if world.calm else 2, lambda: pbx.end(rng.choice(pbx.lifted()))))
        doings.append((1, lambda: pbx.end(rng.choice(pbx.lifted()), 44)))
    if asked_about := [c for c in pbx.customers() if _state_of(world, c) in WITH_TARGET]:
        doings.append((2, lambda: pbx.end(rng.choice(asked_about))))
    phones = [channel for channel in pbx.lifted() if channel.endpoint in pbx.phones]
    if phones:
        doings.append((2, lambda: _press_hold(world, rng.choice(phones))))
    if far_ends := [
        channel
        for channel in pbx.channels.values()
        if channel.up and channel.endpoint not in pbx.phones and not channel.spied
    ]:
        doings.append((1, lambda: _press_hold(world, rng.choice(far_ends))))
    if consulting := [phone for phone in phones if _state_of(world, phone) in WITH_TARGET]:
        doings.append((4, lambda: _press_hold(world, rng.choice(consulting))))
    if free := [n for n in pbx.phones if not any(c.endpoint == n for c in pbx.channels.values())]:
        doings.append((1, lambda: _dial_on_keypad(world, rng.choice(free))))
    if playing := [channel for channel in pbx.channels.values() if channel.playbacks]:
        doings.append((6, lambda: _message_ends(world, rng.choice(playing))))
    if speaking := [c for c in pbx.customers() if c.recording is not None or c.dialplan]:
        doings.append((6, lambda: _speak(world, rng.choice(speaking))))
    if choosing := [c for c in (*pbx.customers(), *pbx.lifted()) if _chooses(world, c)]:
        doings.append((6, lambda: _press(world, rng.choice(choosing))))
    rng.choices([what for _, what in doings], [weight for weight, _ in doings])[0]()


def _press(world: World, customer: Channel) -> None:
    world.reached["key"] += 1
    if _state_of(world, customer) is CallState.IN_SCENARIO and world.rng.random() < 0.1:
        for key in world.rng.choice(NUMBERS_ENTERED):
            world.pbx.press(customer, key)
        return
    world.pbx.press(customer, world.rng.choice("11122208*9#"))


def house_answers(world: World) -> None:
    """A system of the house answers a question, of whatever age."""
    question = world.lookups.pop(world.rng.randrange(len(world.lookups)))
    result = world.rng.choice([*facts.LookupResult, facts.LookupResult.FOUND])
    values = {"tier": world.rng.choice(["gold", "silver"])} if result is facts.LookupResult.FOUND else {}
    world.tell(facts.LookupAnswered(question.call_id, question.seq, result, values))


def answer_all(world: World) -> None:
    """Every question is answered."""
    while world.lookups:
        house_answers(world)
    while world.talks_asked:
        rows_are_found(world)


def rows_are_found(world: World) -> None:
    """Postgres answers who has talked with a number, at whatever time; or it cannot."""
    question = world.talks_asked.pop(world.rng.randrange(len(world.talks_asked)))
    who = world.rng.sample([*world.first_directory.agents, "left"], world.rng.choice([0, 1, 1, 2, 6]))
    talks = [Talk(cti_id, world.now - world.rng.choice([1, 600, 864_000]), world.rng.random() < 0.1) for cti_id in who]
    world.tell(facts.TalksFound(question.call_id, tuple(talks)))


def _call_in(world: World) -> None:
    if len(world.pbx.customers()) < 9:
        number = world.rng.choice([NUMBER, NUMBER, SALES, SALES, SALES[1:], OFF, UNKNOWN, MENU])
        world.reached["called in"] += 1
        world.pbx.call_in(world.new_leg("caller"), number, world.rng.choice([*CALLERS, "anonymous"]))


def _speak(world: World, customer: Channel) -> None:
    """Into a recording; or it comes to its end, by the key or otherwise. Or to a machine in the dialplan, which has
    understood at last."""
    if customer.dialplan:
        world.pbx.give_back(customer, world.rng.choice(["", "sales", "what"]))
        return
    if world.rng.random() < 0.6:
        customer.spoken_s += world.rng.choice([0.4, 1.0, 5.0])
        return
    world.reached["message spoken"] += 1
    if world.rng.random() < 0.5:
        world.pbx.press(customer, "#")
    world.pbx.stop_recording(customer)


def _press_hold(world: World, phone: Channel) -> None:
    found = world.center.floor.leg(phone.id)
    if found:
        world.reached[f"hold key of the {found[1].role} in {found[0].state}"] += 1
    world.pbx.hold_key(phone)


def _chooses(world: World, customer: Channel) -> bool:
    """Whether a key means anything now: in a step, in a queue that a key leaves, or of who has to confirm."""
    found = world.center.floor.leg(customer.id)
    if not isinstance(customer.inbound, facts.CallArrived):
        return found is not None and found[0].state is CallState.TRANSFER_CONFIRMING
    way = found[0].way if found else None
    in_step = found is not None and found[0].state is CallState.IN_SCENARIO
    return in_step or (way is not None and way.scenario == "menus" and world.rng.random() < 0.3)


def _state_of(world: World, channel: Channel) -> CallState | None:
    found = world.center.floor.leg(channel.id)
    return found[0].state if found else None


def _dial_on_keypad(world: World, cti_number: str) -> None:
    if world.pbx.phones[cti_number]:
        world.reached["keypad"] += 1
        number = world.rng.choice([*OUTSIDE, world.rng.choice(BAD_NUMBERS)])
        world.pbx.keypad(world.new_leg("keypad"), cti_number, number)


def _refusal(rng: Random) -> tuple[int, int]:
    """(Q.850 cause, SIP code)."""
    return rng.choice([(17, 486), (21, 603), (21, 0), (20, 480), (3, 404), (0, 0), (38, 503), (19, 480), (1, 404)])


def _message_ends(world: World, channel: Channel) -> None:
    world.pbx.finish_playback(channel, channel.playbacks[0], failed=world.rng.random() < 0.2)


def _change_phone(world: World) -> None:
    """A phone goes, with what it does (a phone that dies), or comes; a page with a phone is reloaded, or closed."""
    first = world.rng.choice(list(world.first_directory.agents.values()))
    entry = world.directory.agents.get(first.cti_id, first)  # Who is removed has a phone still.
    number, there = entry.cti_number, not world.pbx.phones[entry.cti_number] or world.rng.random() < 0.3
    if entry.answer == "browser" and world.pbx.phones[number]:
        world.reached["page gone"] += 1
        world.pbx.page_gone(number)
    elif not there:
        for channel in [c for c in world.pbx.channels.values() if c.endpoint == number]:
            world.pbx.end(channel, 27)
    world.pbx.register(number, there)


def _reload_page(world: World) -> None:
    """Of an agent with the phone in the browser, in the middle of what they do."""
    in_call = [agent.cti_id for agent in world.center.floor.agents.values() if agent.call_id]
    busy = [world.directory.agents[cti_id] for cti_id in in_call if cti_id in world.directory.agents]
    numbers = [entry.cti_number for entry in busy if entry.answer == "browser"]
    if not numbers or world.rng.random() < 0.5:
        return
    world.reached["page gone"] += 1
    number = world.rng.choice(numbers)
    world.pbx.page_gone(number)
    if world.rng.random() < 0.8:
        world.pbx.register(number, True)
