"""Two PBXs give the same id to a channel each: both were started a moment ago, and a call comes to each within a
second.

What ARI tells is read as in the running bridge, so the ids are told apart where they are really told apart. Each call
must be served as if there were no other, in whatever order the two PBXs tell theirs.
"""

import json
from collections.abc import Callable, Iterator
from itertools import combinations, islice
from typing import Any

import msgspec
import pytest

from cti_bridge.ari.counters import Counters
from cti_bridge.ari.endpoints import Endpoints
from cti_bridge.ari.models import Bridge, Channel, Endpoint
from cti_bridge.ari.pbx_clock import PbxClock
from cti_bridge.ari.reconcile import Observer
from cti_bridge.ari.requests import Requests
from cti_bridge.ari.translate import Translator
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import Action
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.ids import channel_of_leg
from tests.support.sweeps import sweep
from tests.unit.floor import NODE, NUMBER, Driver
from tests.unit.test_two_nodes import OTHER, driver, phone

S = CallState
CHANNEL = "1732863805.4"
ENDPOINTS = Endpoints("PJSIP/{cti_number}", "PJSIP/{number}@trunk")
DIALED = "+82212345678"

Floor = dict[str, Driver]
"""``now``: the controller that is there; a restart puts another in its place."""


class Pbx:
    """One PBX with one agent's phone, on which one call happens step by step."""

    def __init__(self, node: str, number: int, floor: Floor) -> None:
        self.cti_id, self.cti_number = f"a{number}", f"100{number}"
        self.steps: list[tuple[Callable[[], None], CallState | None]] = []
        """What happens, and where the call is then."""
        self.channel = CHANNEL
        self._floor = floor
        self._channels: dict[str, dict[str, Any]] = {}
        self._bridges: dict[str, set[str]] = {}
        self.renamed(node)

    def renamed(self, node: str) -> None:
        """That is its name in the configuration."""
        self.node = node
        self._translator = Translator(node, ENDPOINTS, Counters())
        self._observer = Observer(node, "cti_bridge", ENDPOINTS, PbxClock(node))

    @property
    def core(self) -> Driver:
        return self._floor["now"]

    @property
    def call(self) -> Call | None:
        return next((call for call in self.core.center.floor.calls.values() if call.node == self.node), None)

    def leg(self, role: str) -> str:
        """The channel of whom the bridge has called."""
        call = self.call
        assert call is not None
        return {"agent": call.agent_leg, "customer": call.customer_leg}[role] or ""

    # ------------------------------------------------------------------------------- what it tells

    def tell(self, type_: str, channel_id: str, **more: Any) -> None:
        channel = self._channels.setdefault(
            channel_id, {"id": channel_id, "name": "PJSIP/trunk-00000001", "state": "Up"}
        )
        event = self._translator.decode(json.dumps({"type": type_, "channel": channel, **more}))
        fact = self._translator.fact(event, self.core.now) if event else None
        if fact is not None:
            self.core.tell(fact)

    def enters(self, channel_id: str) -> None:
        call = self.call
        assert call is not None
        self._bridges.setdefault(call.bridge_id, set()).add(channel_id)
        self.tell("ChannelEnteredBridge", channel_id, bridge={"id": call.bridge_id})

    def leaves(self, channel_id: str) -> None:
        for bridge, inside in self._bridges.items():
            if channel_id in inside:
                inside.discard(channel_id)
                self.tell("ChannelLeftBridge", channel_id, bridge={"id": bridge})

    def ends(self, channel_id: str) -> None:
        self.leaves(channel_id)
        self.tell("StasisEnd", channel_id)
        self.tell("ChannelDestroyed", channel_id, cause=16)
        del self._channels[channel_id]

    def lists(self) -> None:
        self.core.tell(
            self._observer.seen(
                "boot",
                self.core.now,
                msgspec.convert(list(self._channels.values()), list[Channel]),
                [Bridge(identity, tuple(inside)) for identity, inside in self._bridges.items()],
                [Endpoint("PJSIP", self.cti_number, "online")],
            )
        )

    def reconnects(self) -> None:
        self.core.tell(facts.NodeLost(self.node))
        self.core.pass_time(1)
        self.lists()

    # ------------------------------------------------------------------------------- calls

    def a_call_in(self) -> None:
        self.steps = [
            (self._arrives, S.RINGING),
            (lambda: self._answers("agent"), S.CONNECTING),
            (lambda: self._meet(self.channel, self.leg("agent")), S.TALKING),
            (self._holds, S.ON_HOLD),
            (self.reconnects if self.node == NODE else self.lists, S.ON_HOLD),
            (self._hangs_up, None),
        ]

    def a_call_out(self) -> None:
        """Dialled on the phone itself, whose channel is therefore none of ours."""
        self.steps = [
            (self._dials, S.DIALING_CUSTOMER),
            (lambda: self._answers("customer"), S.DIALING_CUSTOMER),
            (lambda: self._meet(self.channel, self.leg("customer")), S.TALKING),
            (lambda: self.tell("ChannelHold", self.channel), S.ON_HOLD),
            (self.reconnects if self.node == NODE else self.lists, S.ON_HOLD),
            (self._hangs_up, None),
        ]

    def _begins(self, name: str, *args: str) -> None:
        dialplan = {"app_name": "Stasis", "app_data": ",".join(("cti_bridge", *args))}
        self._channels[self.channel] = {"id": self.channel, "name": name, "state": "Ring", "dialplan": dialplan}
        self.tell("ChannelCreated", self.channel)
        self.tell("StasisStart", self.channel, args=args)
        self._channels[self.channel]["state"] = "Up"

    def _arrives(self) -> None:
        self._begins("PJSIP/trunk-00000001", "inbound", NUMBER)

    def _dials(self) -> None:
        self._begins(f"PJSIP/{self.cti_number}-00000001", "keypad", DIALED)

    def _answers(self, role: str) -> None:
        channel_id = self.leg(role)
        self._channels[channel_id] = {
            "id": channel_id,
            "name": f"PJSIP/{self.cti_number if role == 'agent' else 'trunk'}-00000002",
            "state": "Up",
            "dialplan": {"app_name": "Stasis", "app_data": "cti_bridge,leg"},
        }
        self.tell("StasisStart", channel_id, args=("leg",))
        self.tell("ChannelStateChange", channel_id)

    def _meet(self, *channel_ids: str) -> None:
        for channel_id in channel_ids:
            self.enters(channel_id)

    def _holds(self) -> None:
        call = self.call
        assert call is not None
        self.core.tell(commands.HoldCall(self.cti_id, call.id))
        self.leaves(self.channel)

    def _hangs_up(self) -> None:
        self.ends(channel_of_leg(self.leg("customer")))
        for channel_id in list(self._channels):
            self.ends(channel_id)


def two_pbxs(direction: str) -> tuple[Floor, tuple[Pbx, Pbx]]:
    floor = {"now": driver("phone", "phone")}
    pbxs = Pbx(NODE, 1, floor), Pbx(OTHER, 2, floor)
    for number, pbx in enumerate(pbxs, 1):
        phone(floor["now"], number, pbx.node)
        (pbx.a_call_in if direction == "inbound" else pbx.a_call_out)()
    return floor, pbxs


def orders(pbxs: tuple[Pbx, Pbx]) -> Iterator[tuple[int, ...]]:
    """All in which the two can tell their steps: which of the two is next, each time."""
    steps = sum(len(pbx.steps) for pbx in pbxs)
    for firsts in combinations(range(steps), len(pbxs[0].steps)):
        yield tuple(0 if place in firsts else 1 for place in range(steps))


def goes_on(floor: Floor, pbxs: tuple[Pbx, Pbx], expected: list[CallState | None]) -> None:
    """Both calls are where they are on their own."""
    assert [pbx.call.state if pbx.call else None for pbx in pbxs] == expected
    for pbx in pbxs:
        assert pbx.call is None or pbx.call.cti_id == pbx.cti_id


def belong_to_their_pbx(actions: list[Action]) -> None:
    """No order names a leg of the other PBX; what goes out has the PBX's own id again."""
    for action in actions:
        other = OTHER if action.executor == NODE else NODE
        assert not action.leg_id.startswith(f"{other}/"), action
        request = Requests("cti_bridge", ENDPOINTS).of(action)
        assert request is None or f"{action.executor}%2F" not in request.uri, request


def complete(floor: Floor) -> None:
    core = floor["now"]
    outcomes = [outcome for outcome in core.outcomes() if outcome[0] == "completed"]
    assert len(outcomes) == 2
    assert core.center.floor.strays == {} and core.center.floor.call_of_leg == {}
    assert all(agent.legs == [] for agent in core.center.floor.agents.values())


@pytest.mark.parametrize("direction", ["inbound", "keypad"])
@sweep("every", 7, 1)
def test_in_every_order_each_call_is_served_as_if_there_were_no_other(direction: str, every: int) -> None:
    for order in islice(orders(two_pbxs(direction)[1]), 0, None, every):
        floor, pbxs = two_pbxs(direction)
        expected: list[CallState | None] = [None, None]
        steps = [iter(pbx.steps) for pbx in pbxs]
        for turn in order:
            step, expected[turn] = next(steps[turn])
            step()
            goes_on(floor, pbxs, expected)
        belong_to_their_pbx(floor["now"].actions)
        complete(floor)


@pytest.mark.parametrize("direction", ["inbound", "keypad"])
@pytest.mark.parametrize("step", range(1, 6))
@pytest.mark.parametrize("back_first", [0, 1])
def test_given_a_restart_in_each_step_then_both_go_on(direction: str, step: int, back_first: int) -> None:
    floor, pbxs = two_pbxs(direction)
    expected: list[CallState | None] = [None, None]
    for number in range(6):
        for turn, pbx in enumerate(pbxs):
            do, expected[turn] = pbx.steps[number]
            do()
        if number == step - 1:
            before = floor["now"]
            floor["now"] = before.restarted()
            floor["now"].records = before.records
            for turn in (back_first, 1 - back_first):
                pbxs[turn].lists()
        goes_on(floor, pbxs, expected)
    belong_to_their_pbx(floor["now"].actions)
    complete(floor)
