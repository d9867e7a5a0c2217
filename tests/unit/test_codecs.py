"""Legs of different codecs meet in a softmix: whenever two of them are to be in one bridge, all move into one that
mixes, and the call keeps it. Legs are made with the codec of whom they are to talk to."""

from collections.abc import Sequence

import msgspec

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import (
    Action,
    AddToBridge,
    CreateBridge,
    CreateLeg,
    DestroyBridge,
    ForgetBridge,
    RemoveFromBridge,
)
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.ids import bridge_id
from tests.unit.floor import CALLING, NODE, NUMBER, Driver, agent_entry, outbound_directory

OUTSIDE = "+821055555555"


def begun() -> Driver:
    driver = Driver(outbound_directory(agent_entry(1)))
    driver.connect()
    driver.log_in("a1")
    return driver


def talking(driver: Driver, customer: str, agent: str) -> Call:
    """They have these codecs; empty: the PBX does not tell."""
    driver.tell(facts.CallArrived(NODE, "caller-1", NUMBER, "+821012345678", "Kim", driver.now, codec=customer))
    call = next(iter(driver.center.floor.calls.values()))
    leg = driver.agent_leg(call)
    driver.tell(facts.LegAnswered(leg, agent))
    driver.enter(call, "caller-1", leg)
    assert call.state is CallState.TALKING
    return call


def consulting(driver: Driver, call: Call, codec: str, created: list[Action] | None = None) -> str:
    """The agent consults an outside number that has this codec; returns its leg."""
    driver.tell(commands.StartConsult("a1", call.id, number=OUTSIDE))
    if created is not None:
        created += driver.actions
    target = call.target_leg or ""
    driver.tell(facts.LegReady(target))
    driver.actions.clear()
    driver.tell(facts.LegAnswered(target, codec))
    driver.enter(call, call.agent_leg or "", target)
    assert call.state is CallState.CONSULT_TALKING
    return target


def bridges(actions: Sequence[Action]) -> list[tuple[str, bool]]:
    return [(a.bridge_id, a.softmix) for a in actions if isinstance(a, CreateBridge)]


def test_equal_codecs_share_a_plain_bridge_and_different_ones_a_softmix() -> None:
    for customer, agent, softmix in (
        ("alaw", "alaw", False),
        ("alaw", "ulaw", True),
        ("g722", "alaw", True),
        ("", "ulaw", False),
        ("", "", False),
    ):
        driver = begun()
        call = talking(driver, customer, agent)
        assert bridges(driver.actions) == [(bridge_id(call.id, softmix), softmix)], (customer, agent)


def test_a_codec_that_is_agreed_with_the_answer_counts() -> None:
    """Of a caller nothing may be known before it is answered: then the event of the answer says it."""
    driver = begun()
    driver.tell(facts.CallArrived(NODE, "caller-1", NUMBER, "+821012345678", "Kim", driver.now))
    driver.tell(facts.LegAnswered("caller-1", "alaw"))
    call = next(iter(driver.center.floor.calls.values()))
    driver.tell(facts.LegAnswered(driver.agent_leg(call), "ulaw"))
    assert bridges(driver.actions) == [(bridge_id(call.id, True), True)]


def test_a_target_with_another_codec_is_met_in_a_softmix_and_the_bridge_before_goes() -> None:
    driver = begun()
    call = talking(driver, "alaw", "alaw")
    target = consulting(driver, call, "ulaw")
    plain, softmix = bridge_id(call.id), bridge_id(call.id, True)
    assert [a.bridge_id for a in driver.actions if isinstance(a, DestroyBridge)] == [plain]
    assert bridges(driver.actions) == [(softmix, True)]
    [add] = [a for a in driver.actions if isinstance(a, AddToBridge)]
    assert (add.bridge_id, {add.leg_id, *add.also}) == (softmix, {call.agent_leg, target})


def test_the_customer_of_another_codec_joins_a_target_who_moves_along() -> None:
    """Agent and target agree in a plain bridge; the customer who is to be connected does not: the target leaves it,
    and both enter a softmix. Only then, both seen there, is the transfer complete."""
    driver = begun()
    call = talking(driver, "", "ulaw")
    target = consulting(driver, call, "ulaw")
    driver.tell(facts.LegAnswered("caller-1", "alaw"))
    driver.actions.clear()
    driver.tell(commands.ConnectConsult("a1", call.id))
    plain, softmix = bridge_id(call.id), bridge_id(call.id, True)
    left = [(a.leg_id, a.bridge_id) for a in driver.actions if isinstance(a, RemoveFromBridge)]
    assert set(left) == {(call.agent_leg, plain), (target, plain)}
    [add] = [a for a in driver.actions if isinstance(a, AddToBridge)]
    assert (add.bridge_id, {add.leg_id, *add.also}) == (softmix, {"caller-1", target})
    driver.tell(facts.LegLeft(target, plain))
    driver.tell(facts.LegEntered("caller-1", softmix))
    driver.tell(facts.LegEntered(target, plain))
    assert state_of(driver) is CallState.JOINING
    driver.tell(facts.LegEntered(target, softmix))
    assert state_of(driver) is CallState.TRANSFERRED


def test_a_call_keeps_its_softmix() -> None:
    driver = begun()
    call = talking(driver, "alaw", "ulaw")
    driver.actions.clear()
    driver.tell(commands.HoldCall("a1", call.id))
    driver.tell(commands.ResumeCall("a1", call.id))
    assert [a.bridge_id for a in driver.actions if isinstance(a, AddToBridge)] == [bridge_id(call.id, True)]
    assert not bridges(driver.actions) and not [a for a in driver.actions if isinstance(a, DestroyBridge)]
    driver.tell(commands.HangUpCall("a1", call.id))
    assert [a.bridge_id for a in driver.actions if isinstance(a, DestroyBridge)] == [bridge_id(call.id, True)]


def test_a_called_customer_who_answers_with_another_codec_meets_the_agent_in_a_softmix() -> None:
    """The bridge is made before the customer's phone says what it has; early media may have come by then."""
    driver = begun()
    driver.tell(commands.Dial("a1", OUTSIDE, CALLING))
    call = next(iter(driver.center.floor.calls.values()))
    agent = driver.agent_leg(call)
    driver.tell(facts.LegAnswered(agent, "ulaw"))
    customer = call.customer_leg or ""
    driver.tell(facts.LegReady(customer))
    driver.tell(facts.LegEntered(agent, bridge_id(call.id), "ulaw"))
    driver.tell(facts.LegEntered(customer, bridge_id(call.id)))
    driver.actions.clear()
    driver.tell(facts.LegAnswered(customer, "alaw"))
    softmix = bridge_id(call.id, True)
    [add] = [a for a in driver.actions if isinstance(a, AddToBridge)]
    assert (add.bridge_id, {add.leg_id, *add.also}) == (softmix, {agent, customer})
    assert state_of(driver) is CallState.DIALING_CUSTOMER
    driver.enter(call, agent, customer)
    assert state_of(driver) is CallState.TALKING


def test_legs_are_made_with_the_codec_of_whom_they_are_to_talk_to() -> None:
    driver = begun()
    call = talking(driver, "alaw", "alaw")
    created = list(driver.actions)
    driver.actions.clear()
    target = consulting(driver, call, "alaw", created)
    asked = {a.leg_id: a.originator for a in created if isinstance(a, CreateLeg)}
    assert asked == {call.agent_leg: "caller-1", target: "caller-1"}


def test_after_a_crash_the_bridge_that_the_pbx_has_is_taken_over() -> None:
    """The call had moved into a softmix, and the bridge process died before that was on disk."""
    driver = begun()
    call = talking(driver, "alaw", "alaw")
    state = driver.state()
    target = consulting(driver, call, "ulaw")
    softmix = bridge_id(call.id, True)
    other = driver.restarted(state=state)
    legs = [seen(leg_id, softmix if leg_id != "caller-1" else None) for leg_id in ("caller-1", call.agent_leg, target)]
    phones = (("1001", True),)
    other.tell(facts.NodeSeen(NODE, "boot", other.now, tuple(legs), (bridge_id(call.id), softmix), phones))
    [again] = other.center.floor.calls.values()
    assert again.softmix and again.has_bridge
    assert [a.bridge_id for a in other.actions if isinstance(a, ForgetBridge)] == [bridge_id(call.id)]


def test_a_checkpoint_from_before_codecs_were_noted_is_read() -> None:
    driver = begun()
    call = talking(driver, "alaw", "ulaw")
    old = msgspec.json.decode(msgspec.json.encode(call))
    del old["softmix"]
    for leg in old["legs"].values():
        del leg["codec"]
    read = msgspec.json.decode(msgspec.json.encode(old), type=Call)
    assert read.bridge_id == bridge_id(call.id)
    assert {leg.codec for leg in read.legs.values()} == {""}


def seen(leg_id: str | None, bridge: str | None) -> facts.SeenLeg:
    return facts.SeenLeg(leg_id or "", True, False, True, bridge, "1001", None)


def state_of(driver: Driver) -> CallState:
    [call] = driver.center.floor.calls.values()
    return call.state
