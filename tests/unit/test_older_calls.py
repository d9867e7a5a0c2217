"""What earlier releases have written of calls, and a PBX that has another name since."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from cti_bridge.domain.border import facts
from cti_bridge.domain.border.actions import Action
from cti_bridge.domain.model.call import Call, CallState, Role
from cti_bridge.domain.model.ids import channel_of_leg
from cti_bridge.storage.checkpoint import encode, read
from cti_bridge.storage.kinds import CALL
from cti_bridge.storage.older_calls import PARTS, with_parties
from cti_bridge.storage.salvage import lost_call
from cti_bridge.taken_up import take_up
from tests.checkpoints.read import HERE
from tests.unit.floor import NODE, Driver
from tests.unit.test_equal_channel_ids import CHANNEL, Floor, Pbx, two_pbxs
from tests.unit.test_two_nodes import OTHER

State = Mapping[tuple[str, str], bytes]
HOSTILE = ["1732863805.4", "main-1732863805.4", "main/1732863805.4", "second/x", "a/b/", "%2f é#?&", "cti-"]


def older(call: dict[str, Any]) -> dict[str, Any]:
    """The same call as 0.1.0 kept it."""
    for part, fields in PARTS.items():
        of_part = call.pop(part)
        call |= {before: of_part[name] for before, name in fields.items()}
    parties = call.pop("parties")
    names = {leg_id: channel_of_leg(leg_id) for leg_id in call["legs"]}
    call |= {f"{role}_leg": names.get(parties.get(role)) for role in ("customer", "agent", "target")}
    call["legs"] = {names[leg_id]: {**leg, "id": names[leg_id]} for leg_id, leg in call["legs"].items()}
    return call


def left_by_0_1_0(driver: Driver) -> State:
    state = driver.state()
    for key in [key for key in state if key[0] == "call"]:
        state[key] = msgspec.json.encode(older(msgspec.json.decode(state[key])))
    for key in [key for key in state if key[0] == "agent"]:
        agent = msgspec.json.decode(state[key])
        state[key] = msgspec.json.encode({**agent, "legs": [channel_of_leg(leg_id) for leg_id in agent["legs"]]})
    return state


def begin_with(state: State, before: Driver) -> Driver:
    other = Driver(before.center.floor.directory)
    other.now, other._serial = before.now, before._serial
    other.take(take_up(other.center, read(state), other.now))
    return other


def to_step(pbxs: tuple[Pbx, Pbx], step: int) -> None:
    for number in range(step):
        for pbx in pbxs:
            pbx.steps[number][0]()


def goes_on_from(floor: Floor, pbxs: tuple[Pbx, Pbx], step: int) -> None:
    for pbx in pbxs:
        pbx.lists()
    assert [pbx.call.state if pbx.call else None for pbx in pbxs] == [pbx.steps[step - 1][1] for pbx in pbxs]
    for number in range(step, 6):
        for pbx in pbxs:
            pbx.steps[number][0]()
            assert (pbx.call.state if pbx.call else None) == pbx.steps[number][1]


@pytest.mark.parametrize("direction", ["inbound", "keypad"])
@pytest.mark.parametrize("step", range(1, 6))
def test_given_calls_of_two_pbxs_from_0_1_0_then_both_go_on(direction: str, step: int) -> None:
    """Their ids differ: of two that were equal it knew but one."""
    floor, pbxs = two_pbxs(direction)
    pbxs[1].channel = "1732863805.5"
    to_step(pbxs, step)
    before = floor["now"]
    legs = {agent.cti_id: agent.legs for agent in before.center.floor.agents.values()}
    floor["now"] = begin_with(left_by_0_1_0(before), before)
    assert {agent.cti_id: agent.legs for agent in floor["now"].center.floor.agents.values()} == legs
    goes_on_from(floor, pbxs, step)


@pytest.mark.parametrize("direction", ["inbound", "keypad"])
def test_given_another_name_of_the_only_pbx_then_the_legs_that_it_named_are_found_under_it(direction: str) -> None:
    floor, (pbx, _) = two_pbxs(direction)
    for do, _ in pbx.steps[:3]:
        do()
    before = floor["now"]
    state = before.state()
    directory = replace(before.center.floor.directory, nodes=frozenset(["pbx1"]))
    floor["now"] = Driver(directory)
    floor["now"].now, floor["now"]._serial = before.now, before._serial
    floor["now"].take(take_up(floor["now"].center, read(state), before.now))
    pbx.renamed("pbx1")
    pbx.lists()
    call = pbx.call
    assert call is not None and call.state is CallState.TALKING
    assert {leg_id for leg_id in call.legs if leg_id.endswith(CHANNEL)} == {f"pbx1/{CHANNEL}"}
    assert set(call.parties.values()) == set(call.legs)
    assert [leg.id for leg in call.legs.values()] == list(call.legs)
    for do, then in pbx.steps[3:]:
        do()
        assert (pbx.call.state if pbx.call else None) == then
    orders: list[Action] = floor["now"].actions
    assert {action.executor for action in orders} == {"pbx1"}


@pytest.mark.parametrize("direction", ["inbound", "keypad"])
def test_given_a_call_of_0_1_0_that_cannot_be_read_then_its_legs_are_known_by_their_pbx(direction: str) -> None:
    floor, pbxs = two_pbxs(direction)
    to_step(pbxs, 3)
    before = floor["now"]
    for call in before.center.floor.calls.values():
        of_0_1_0, of_today = left_by_0_1_0(before)["call", call.id], before.state()["call", call.id]
        for state in (of_0_1_0, of_0_1_0[:-40], of_today, of_today[:-40], b'{"v":2,' + of_today[1:-500]):
            assert f"{call.node}/{CHANNEL}" in lost_call(call.id, state, note=False).legs
            assert not any(leg_id.count(f"{call.node}/") > 1 for leg_id in lost_call(call.id, state, note=False).legs)


@pytest.mark.parametrize("channel_id", HOSTILE)
def test_whatever_an_id_of_0_1_0_looks_like_it_is_one_of_its_pbx(channel_id: str) -> None:
    leg = {"id": channel_id, "role": "customer"}
    call = {"node": NODE, "customer_leg": channel_id, "agent_leg": None, "legs": {channel_id: leg}}
    now = with_parties(call)
    assert now["parties"] == {"customer": f"{NODE}/{channel_id}"}
    assert now["legs"] == {f"{NODE}/{channel_id}": {"id": f"{NODE}/{channel_id}", "role": "customer"}}
    assert with_parties(now) == now


def test_a_call_of_today_is_read_as_it_is() -> None:
    floor, pbxs = two_pbxs("inbound")
    to_step(pbxs, 3)
    saved = floor["now"].state()
    call = msgspec.json.decode(next(state for (kind, _), state in saved.items() if kind == "call"))
    assert with_parties(call) is call
    assert msgspec.convert(call, Call).parties.keys() == {Role.CUSTOMER, Role.AGENT}


def test_an_arrival_of_the_other_pbx_is_another_leg_for_an_older_call_too() -> None:
    floor, pbxs = two_pbxs("inbound")
    pbxs[0].steps[0][0]()
    before = floor["now"]
    floor["now"] = begin_with(left_by_0_1_0(before), before)
    pbxs[0].lists()
    pbxs[1].lists()
    pbxs[1].steps[0][0]()
    assert {call.node for call in floor["now"].center.floor.calls.values()} == {NODE, OTHER}
    floor["now"].tell(facts.LegEnded(f"{OTHER}/{CHANNEL}", 16))
    assert pbxs[0].call is not None and pbxs[0].call.state is CallState.RINGING


OF_VERSION_3 = [line.encode() for line in (HERE / "call_v3.jsonl").read_text().splitlines()]
"""Written by the program of then, one for each of ten states."""


@pytest.mark.parametrize("state", OF_VERSION_3, ids=lambda state: msgspec.json.decode(state)["state"])
def test_given_a_call_whose_fields_stood_side_by_side_then_each_is_in_its_part(state: bytes) -> None:
    plain = msgspec.json.decode(state)
    found = read({("call", plain["id"]): state})
    assert not found.unreadable
    call = found.of(CALL)[plain["id"]]
    assert (call.customer.number, call.customer.name) == (plain["customer_number"], plain["customer_name"])
    waited = (plain["waiting_since"], plain["waited_s"], plain["longest_wait_at"], plain["returned"])
    assert (call.wait.since, call.wait.lasted_s, call.wait.ends_at, call.wait.returned) == waited
    assert (call.dialling.calling_number, call.dialling.ends_at) == (plain["calling_number"], plain["dial_ends_at"])
    assert (call.dialling.emergency, call.dialling.reached) == (plain["emergency"], plain["reached"])
    ended = (plain["ended_at"], plain["outcome"], plain["ended_by"], plain["announced_outcome"])
    assert (call.end.at, call.end.outcome, call.end.by, call.end.announced) == ended
    again = encode("call", call)
    assert msgspec.json.decode(again)["v"] == 5
    assert read({("call", call.id): again}).of(CALL)[call.id] == call


OF_VERSION_4 = [line.encode() for line in (HERE / "call_v4.jsonl").read_text().splitlines()]
"""Written by the program of then, in every situation."""


@pytest.mark.parametrize("state", OF_VERSION_4, ids=lambda state: msgspec.json.decode(state)["state"])
def test_given_a_call_from_before_there_were_steps_then_it_is_as_it_was(state: bytes) -> None:
    plain = msgspec.json.decode(state)
    found = read({("call", plain["id"]): state})
    assert not found.unreadable
    call = found.of(CALL)[plain["id"]]
    if plain["state"] == "greeting":
        assert (call.state, call.way) == (CallState.IN_SCENARIO, None)
        assert call.prompt is not None and (call.prompt.media, call.prompt.then) == ("sound:welcome", "step")
    else:
        assert (call.state, call.way) == (plain["state"], None)
    again = encode("call", call)
    assert msgspec.json.decode(again)["v"] == 5
    assert read({("call", call.id): again}).of(CALL)[call.id] == call
