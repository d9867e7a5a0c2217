"""A phone that holds by its own key, whoever's it is (requirement E1): after every way in and out of a bridge each
party hears one stream and the right one, and is told.

Every order of keys, commands and departures is played against the model Asterisk, which begins music of its own in the
ear of a holder's partner and goes on with it when one of the two leaves."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from random import Random

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import InspectHold, StopMusic
from cti_bridge.domain.border.errors import Refusal
from cti_bridge.domain.model.call import Call, CallState, Place, Role, Stage
from cti_bridge.domain.model.wiring import TOGETHER, WIRING, holding, wanted
from cti_bridge.domain.views.snapshot import agent_view
from tests.unit import invariants
from tests.unit.floor import NODE, NUMBER, Driver
from tests.unit.model_asterisk import Channel, ModelAsterisk
from tests.unit.situations import CUSTOMER, OUTSIDE, made, situation, staffed, state_of
from tests.unit.test_recovery import as_it_is, call_of

S = CallState


class Line:
    """A customer talks to a1; a2 is free to be consulted. ``rng``: in which order orders and facts get through."""

    def __init__(self, rng: Random | None = None) -> None:
        self.rng = rng
        self.driver = Driver(staffed().center.floor.directory)
        self.pbx = ModelAsterisk(NODE, lambda: self.driver.now)
        self.pbx.phones = {f"100{n}": True for n in (1, 2, 3)}
        self.pbx.subscribe()
        self.driver.tell(self.pbx.seen())
        self.driver.log_in("a1")
        self.pbx.call_in(CUSTOMER, NUMBER, "+821012345678")
        self.settle()
        self.lift()
        self.settle()
        self.driver.log_in("a2")

    @property
    def call(self) -> Call:
        return call_of(self.driver)

    @property
    def talk_is_over(self) -> bool:
        return not self.driver.center.floor.calls or self.call.state is S.ENDED

    def lift(self) -> None:
        for channel in self.pbx.ringing():
            self.pbx.lift(channel)

    def step(self) -> bool:
        """One order is carried out, or one fact told; False: there is none."""
        actions, self.driver.actions = self.driver.actions, []
        self.pbx.submit(actions)
        doings: list[Callable[[], object]] = [partial(self.pbx.run_one, lane) for lane in self.pbx.busy_lanes()]
        doings += [partial(self._deliver, source) for source in self.pbx.talkative()]
        if doings:
            (self.rng.choice(doings) if self.rng else doings[0])()
        return bool(doings)

    def _deliver(self, source: str) -> None:
        self.driver.tell(self.pbx.told[source].popleft())

    def settle(self) -> None:
        while self.step():
            pass

    def channel(self, role: Role) -> Channel | None:
        leg = self.call.leg_of(role)
        return self.pbx.channels.get(leg.id) if leg else None

    def key(self, role: Role) -> bool:
        channel = self.channel(role)
        if channel is None or not channel.up:
            return False
        self.pbx.hold_key(channel)
        return True

    def leaves(self, role: Role) -> bool:
        channel = self.channel(role)
        if channel is None:
            return False
        self.pbx.end(channel)
        return True

    def ask(self, command: type, *more: str | None) -> bool:
        who = self.call.cti_id
        if who is None:
            return False
        try:
            self.driver.tell(command(who, self.call.id, *more))
        except Refusal:
            return False
        return True

    def answered(self, command: type, *more: str | None) -> bool:
        """A party is asked in, and answers."""
        if not self.ask(command, *more):
            return False
        self.settle()
        self.lift()
        return True


OPS: dict[str, Callable[[Line], bool]] = {
    "customer's key": lambda line: line.key(Role.CUSTOMER),
    "agent's key": lambda line: line.key(Role.AGENT),
    "target's key": lambda line: line.key(Role.TARGET),
    "hold": lambda line: line.ask(commands.HoldCall),
    "resume": lambda line: line.ask(commands.ResumeCall),
    "consult a2": lambda line: line.answered(commands.StartConsult, None, "a2"),
    "consult outside": lambda line: line.answered(commands.StartConsult, OUTSIDE, None),
    "transfer outside": lambda line: line.answered(commands.TransferCall, OUTSIDE, None),
    "connect": lambda line: line.ask(commands.ConnectConsult),
    "cancel": lambda line: line.ask(commands.CancelConsult),
    "target leaves": lambda line: line.leaves(Role.TARGET),
    "customer leaves": lambda line: line.call.state is S.CONSULT_TALKING and line.leaves(Role.CUSTOMER),
}
RACING = 3


def shown(driver: Driver, cti_id: str) -> list[Role]:
    """Whose phones hold, as the agent's panel says."""
    call = agent_view(driver.center.floor, cti_id).call
    assert call is not None
    return call.holding


def streams(pbx: ModelAsterisk, channel: Channel) -> list[str]:
    """All that the party is sent."""
    partners = [pbx.channels[leg_id] for leg_id in pbx.bridges.get(channel.bridge or "", ()) if leg_id != channel.id]
    heard = {
        "music": channel.music,
        "music of the PBX": channel.pbx_music,
        "message": bool(channel.playbacks),
        "ringing": channel.ringback,
    }
    return [name for name, plays in heard.items() if plays] + ["voice" for other in partners if not other.held]


EXPECTED = {Place.MUSIC: ["music"], Place.MESSAGE: ["message"], Place.RINGBACK: ["ringing"]}


def assert_each_hears_the_right_thing(line: Line, what: object) -> None:
    """By the table, and by which phones really hold; not by what the core believes."""
    call, row = line.call, WIRING[line.call.state]
    held = [role for role in Role if (channel := line.channel(role)) and channel.up and channel.held]
    assert sorted(holding(call)) == sorted(held), what
    for role, place in row.items():
        channel = line.channel(role)
        if channel is None or not channel.up or channel.held:
            continue
        expected = EXPECTED.get(place, [])
        if place is Place.BRIDGE and call.state in TOGETHER:
            partners = [other for other in row if other is not role and row[other] is Place.BRIDGE]
            expected = ["music"] if set(partners) & set(held) else ["voice"]
        assert streams(line.pbx, channel) == expected, f"{role} in {call.state} after {what}"
    invariants.check_floor(line.driver.center)
    for _, agent in line.driver.center.floor.agents_of(call):
        assert shown(line.driver, agent.cti_id) == holding(call)


def orders(line: Line, names: tuple[str, ...], settled: bool) -> Iterator[tuple[str, ...]]:
    """Play them; yields after each that was possible. Ends at the first that was not."""
    for count, name in enumerate(names, 1):
        if line.talk_is_over or not OPS[name](line):
            return
        if settled or count == len(names):
            line.settle()
        else:
            for _ in range(line.rng.randrange(4) if line.rng else 0):
                line.step()
        yield names[:count]


@pytest.mark.parametrize("length", [3, pytest.param(4, marks=pytest.mark.soak)])
def test_after_every_order_of_keys_commands_and_departures_each_hears_one_stream_and_the_right_one(length: int) -> None:
    played, impossible = 0, set[tuple[str, ...]]()
    for names in product(OPS, repeat=length):
        if any(names[:count] in impossible for count in range(1, length)):
            continue
        line, done = Line(), 0
        for so_far in orders(line, names, settled=True):
            done += 1
            if not line.talk_is_over:
                assert_each_hears_the_right_thing(line, so_far)
        if done < length:
            impossible.add(names[: done + 1])
        played += 1
    assert played > 6**length, played


@pytest.mark.parametrize("seed", [pytest.param(seed, marks=pytest.mark.soak if seed else ()) for seed in range(20)])
def test_given_keys_and_commands_at_once_then_in_whatever_order_they_get_through_the_end_is_the_same(seed: int) -> None:
    rng, played = Random(seed), 0
    impossible = set[str]()
    for names in product(OPS, repeat=RACING):
        if names[0] in impossible:
            continue
        line = Line(rng)
        done = sum(1 for _ in orders(line, names, settled=False))
        line.settle()
        if done == 0:
            impossible.add(names[0])
        if done == RACING and not line.talk_is_over:
            assert_each_hears_the_right_thing(line, names)
            played += 1
    assert played > 120, played


def test_given_a_party_that_holds_when_somebody_new_is_joined_then_the_new_one_has_music_and_is_told() -> None:
    driver, call = situation("joining")
    driver.tell(facts.LegHeld(CUSTOMER))
    driver.enter(call, CUSTOMER, call.target_leg or "")
    assert (state_of(call), call.cti_id) == (S.TALKING, "a2")
    agent = call.legs[call.agent_leg or ""]
    assert (agent.place, call.legs[CUSTOMER].place) == (Place.MUSIC, Place.BRIDGE)
    assert shown(driver, "a2") == ["customer"]
    driver.tell(facts.LegRetrieved(CUSTOMER))
    assert (wanted(call, Role.AGENT), agent.place) == (Place.BRIDGE, Place.BRIDGE)
    assert shown(driver, "a2") == []


def test_given_a_key_whose_event_comes_when_its_leg_is_hung_up_then_the_pbxs_music_is_stopped_all_the_same() -> None:
    driver, call = made(S.CONSULT_TALKING)
    target = call.target_leg or ""
    driver.tell(commands.CancelConsult("a1", call.id))
    assert call.legs[target].stage is Stage.ENDING
    driver.actions.clear()
    driver.tell(facts.LegHeld(target))
    assert [action.leg_id for action in driver.taken(StopMusic)] == [call.agent_leg]


# ------------------------------------------------------------------------------- keys that were pressed unseen


def after_a_gap(held: bool) -> tuple[Driver, Call]:
    """A talk; the customer held before it, or did not."""
    driver, call = made(S.TALKING)
    if held:
        driver.tell(facts.LegHeld(CUSTOMER))
    driver.tell(facts.NodeLost(NODE))
    driver.actions.clear()
    driver.connect(*as_it_is(call))
    return driver, call


def asked(driver: Driver) -> list[str]:
    return [action.leg_id for action in driver.taken(InspectHold)]


@pytest.mark.parametrize("holds", [True, False])
@pytest.mark.parametrize("held", [True, False])
def test_given_a_gap_then_the_pbx_is_asked_who_holds_and_that_counts(held: bool, holds: bool) -> None:
    driver, call = after_a_gap(held)
    assert asked(driver) == [CUSTOMER, call.agent_leg]
    driver.tell(facts.HoldSeen(CUSTOMER, holds))
    agent = call.legs[call.agent_leg or ""]
    assert (holding(call), agent.place) == (([Role.CUSTOMER], Place.MUSIC) if holds else ([], Place.BRIDGE))
    driver.tell(facts.HoldSeen(agent.id, True))
    assert (state_of(call), call.held_by) == (S.ON_HOLD, ["phone"])


def test_given_a_key_since_it_was_asked_then_the_answer_is_older_and_counts_no_more() -> None:
    driver, call = after_a_gap(False)
    driver.tell(facts.LegHeld(CUSTOMER))
    driver.tell(facts.HoldSeen(CUSTOMER, False))
    assert holding(call) == [Role.CUSTOMER]


def test_given_a_pbx_that_cannot_tell_then_agents_phones_count_as_before_and_others_as_not_holding() -> None:
    driver, call = after_a_gap(True)
    driver.tell(facts.HoldSeen(CUSTOMER, None))
    assert (holding(call), call.legs[call.agent_leg or ""].place) == ([], Place.BRIDGE)
    driver, call = made(S.CONSULT_TALKING)
    driver.tell(facts.LegHeld(call.target_leg or ""))
    driver.tell(facts.NodeLost(NODE))
    driver.connect(*as_it_is(call))
    driver.tell(facts.HoldSeen(call.target_leg or "", None))
    assert holding(call) == [Role.TARGET]


def test_given_no_answer_then_it_is_asked_again_at_the_next_look_and_not_after_one() -> None:
    driver, call = after_a_gap(False)
    for leg_id, still in ((CUSTOMER, [call.agent_leg]), (call.agent_leg or "", [])):
        driver.tell(facts.HoldSeen(leg_id, False))
        driver.actions.clear()
        driver.connect(*as_it_is(call))
        assert asked(driver) == still


def test_given_a_caller_who_waits_then_nobody_asks_unless_they_held() -> None:
    for held in (False, True):
        driver, call = made(S.WAITING)
        if held:
            driver.tell(facts.LegHeld(CUSTOMER))
        driver.tell(facts.NodeLost(NODE))
        driver.actions.clear()
        driver.connect(*as_it_is(call))
        assert asked(driver) == ([CUSTOMER] if held else [])
