"""The core beside one model Asterisk, or several, told one thing after another and checked after each."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import fields
from itertools import count
from random import Random

from cti_bridge.domain.border import facts
from cti_bridge.domain.border.actions import FindTalks, Lookup
from cti_bridge.domain.border.errors import Refusal
from cti_bridge.domain.border.interval_rows import CallInterval, TransferRow
from cti_bridge.domain.border.notices import AgentChanged
from cti_bridge.domain.border.output import Output
from cti_bridge.domain.border.records import AgentStateChange, CallEvent, CallRow, OfferRow, Record, ScenarioStep
from cti_bridge.domain.border.views import AgentView
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.floor import monitoring
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.directory import Directory
from cti_bridge.domain.model.ids import Ids, bridge_ids, leg_of_channel
from cti_bridge.domain.views.snapshot import agent_view
from tests.unit import invariants
from tests.unit.floor import NODE
from tests.unit.model_asterisk import ModelAsterisk
from tests.unit.recorders import check_orders_to_record
from tests.unit.simulation.checkpoints import Checkpoints
from tests.unit.simulation.directory import random_directory
from tests.unit.simulation.figures import FiguresByRows
from tests.unit.simulation.tapes import Tapes
from tests.unit.simulation.told import Told
from tests.unit.simulation.transitions import Transitions

Watch = Callable[[CallCenter, Output], None]


def as_shown(floor: Floor, cti_id: str) -> AgentView:
    """The agent's view without what time alone changes."""
    view = agent_view(floor, cti_id)
    view.waiting = 0
    if view.call is not None:
        view.call.waited_s = 0.0
    return view


class World:
    """``reached`` counts what has happened, so that a run in which nothing does is noticed. ``house`` changes what is
    configured. ``watch`` is shown the core and what came of a fact, after each. ``pbx`` is the one of ``pbxs`` at which
    something happens now."""

    def __init__(
        self,
        rng: Random,
        watch: Watch | None = None,
        nodes: Sequence[str] = (NODE,),
        house: Callable[[Directory], Directory] = lambda plain: plain,
    ) -> None:
        self.rng = rng
        self.now = 1_000_000.0
        self.directory = self.first_directory = house(random_directory(rng))
        self.calm = rng.random() < 0.6
        """Fewer callers, and what was said is heard sooner: conversations get further."""
        self.reconfigured = rng.random() < 0.3
        """The operator changes the configuration again and again."""
        self.serial = count(1)
        self._channels = {node: count(1) for node in nodes}
        self.pbxs = [ModelAsterisk(node, lambda: self.now) for node in nodes]
        for pbx in self.pbxs:
            pbx.call_of = lambda leg_id: self.center.floor.call_of_leg.get(leg_id)
            pbx.overhears = self._overhears
        self.pbx = self.pbxs[0]
        self.reached: Counter[str] = Counter()
        self.records: list[Record] = []
        self.lookups: list[Lookup] = []
        """Questions to the house that it has not answered."""
        self.talks_asked: list[FindTalks] = []
        """Questions to Postgres who has talked with a number."""
        self.really_at: dict[str, float] = {}
        """When each change of an agent was, by a clock that nobody sets; none of before a restart that found a
        checkpoint of another clock."""
        self._set_by_s = 0.0
        self.clock_was_set = False
        self.barged: set[str] = set()
        """Monitors that were to be heard by everybody once."""
        self._threes: set[str] = set()
        """Calls in which three talk together."""
        self.troubled = False
        """Something went wrong that the core may not have noticed yet."""
        self._checkpoints = Checkpoints()
        self._transitions = Transitions(self.reached)
        self._told = Told(self.reached)
        self._figures = FiguresByRows(self.reached)
        self.tapes = Tapes()
        self._watch = watch
        self.panels = rng.random() < 0.2
        """Panels show what they were told last, and are compared with what is so; a fifth of the days, for it takes
        time."""
        self.shown: dict[str, AgentView] = {}
        self.center = self._new_center()
        for place, entry in enumerate(self.directory.agents.values()):
            registered = [self.pbxs[place % len(nodes)]]
            if len(nodes) > 2:
                registered = rng.sample(self.pbxs, rng.choice([1, 2, len(nodes)]))
            for pbx in self.pbxs:
                pbx.phones[entry.cti_number] = pbx in registered

    def _new_center(self) -> CallCenter:
        return CallCenter(self.directory, Ids(lambda n: next(self.serial).to_bytes(n, "big")))

    def turn_to_any_pbx(self) -> None:
        self.turn_to(self.pbxs)

    def turn_to(self, pbxs: Sequence[ModelAsterisk]) -> None:
        """Something happens at one of them."""
        self.pbx = self.rng.choice(pbxs) if len(pbxs) > 1 else pbxs[0]

    def pbx_of(self, call: Call) -> ModelAsterisk:
        return next(pbx for pbx in self.pbxs if pbx.node == call.node)

    def new_leg(self, what: str) -> str:
        """One that the PBX names: each counts by itself, so that two give the same ids."""
        node = self.pbx.node
        return leg_of_channel(node, f"{what}-{next(self._channels[node])}")

    # ------------------------------------------------------------------------------- the core

    def tell(self, fact: facts.Fact) -> None:
        """Give the core a fact, take what comes of it, and check everything."""
        self._told.look(self.center.floor)
        try:
            output = self.center.handle(fact, self.now)
        except Refusal as refusal:
            self.reached[f"refused {refusal.code}"] += 1
            assert not self.center.floor._actions and not self.center.floor._records
            invariants.check_saved(self.center, self._checkpoints.newest)
            return
        self.tapes.told(fact, self.now)
        self._take(output)
        self._check()

    def look(self) -> None:
        """Tell the core what is there."""
        self.tell(self.pbx.seen())

    def look_everywhere(self) -> None:
        for pbx in self.pbxs:
            self.tell(pbx.seen())

    def restart(self) -> None:
        """The controller dies, and one of its last commits is what the next one finds."""
        self.reached["restart"] += 1
        self.troubled = True
        for pbx in self.pbxs:
            pbx.disconnect()
            for channel in pbx.channels.values():
                # What was ordered to stop, and not seen to, is known no more.
                pbx.unstopped |= {*channel.playbacks}
                # The commit that is found may be from before the key was pressed.
                channel.hold_untold = True
        written, set_by_s = self._checkpoints.fall_back(self.rng)
        del self.records[written:]
        if set_by_s != self._set_by_s:
            self.reached["restart under another clock"] += 1
            self.really_at.clear()
        self._transitions.forget()
        self._told.forget()
        self._figures.forget(self.center.floor, self.records)
        self.shown.clear()
        self.lookups.clear()
        self.talks_asked.clear()
        self.center = self._new_center()
        taken_up = self.center.take_up(self._checkpoints.loaded(self.records, self._shown_at), self.now)
        self.tapes.forget(self.center.floor)
        self._take(taken_up)
        self._clock_shows(self.now + 0.01)
        self._check()

    def _shown_at(self, row: AgentStateChange) -> float:
        """When it was, by the clock as it is set now."""
        really_at = self.really_at.get(row.id)
        return row.at if really_at is None else really_at + self._set_by_s

    def _take(self, output: Output) -> None:
        invariants.check_shown_numbers(self.center, output.actions)
        invariants.check_rung_where_registered(self.center, output.actions)
        invariants.check_orders_reach_their_legs(output.actions)
        invariants.check_offered_to_who_serves(self.center, output.records)
        invariants.check_registered(self.center, output.records)
        check_orders_to_record(self.center, output.actions)
        self.tapes.check_orders(self.center.floor, self.pbxs, output.actions)
        self._told.hear(self.center.floor, output.actions)
        for pbx in self.pbxs:
            pbx.submit([action for action in output.actions if action.executor == pbx.node])
        self.lookups += [action for action in output.actions if isinstance(action, Lookup)]
        self.talks_asked += [action for action in output.actions if isinstance(action, FindTalks)]
        for record in output.records:
            self._count(record)
        if self.panels:
            self._show(output)
        self.records += output.records
        self._figures.note(self.center.floor, output.records)
        self._checkpoints.commit(output.changes, len(self.records), self._set_by_s)
        if self._watch is not None:
            self._watch(self.center, output)

    def _show(self, output: Output) -> None:
        floor = self.center.floor
        told = {notice.cti_id for notice in output.notices if isinstance(notice, AgentChanged)}
        self.shown |= {cti_id: as_shown(floor, cti_id) for cti_id in told}
        for cti_id, agent in floor.agents.items():
            if agent.logged_in and cti_id in self.shown:
                now = as_shown(floor, cti_id)
                if now.call is not None and now.call.marks is None and (before := self.shown[cti_id].call):
                    before.marks = None  # They have grown old.
                other = [
                    one.name for one in fields(now) if getattr(now, one.name) != getattr(self.shown[cti_id], one.name)
                ]
                assert not other, f"{cti_id} is not shown what has changed: {other}"

    def _count(self, record: Record) -> None:
        if isinstance(record, OfferRow):
            self.reached[f"offer {record.result or 'made'}"] += 1
        elif isinstance(record, CallRow) and record.outcome:
            self.reached[f"outcome {record.outcome}"] += 1
        elif isinstance(record, ScenarioStep):
            self.reached[f"{record.step} left by {record.exit}"] += 1
        elif isinstance(record, CallEvent):
            self.reached[f"event {record.type}"] += 1
            if record.detail.get("target_queue") or record.detail.get("target_scenario"):
                self.reached["sent on"] += 1
        elif isinstance(record, CallInterval):
            self.reached[f"interval {record.stage} of the {record.role}"] += 1
            self.really_at[record.id] = self.now - self._set_by_s
        elif isinstance(record, TransferRow):
            self.reached[f"transfer {record.kind}"] += 1
            self.reached[f"transfer {record.result}"] += 1
        elif isinstance(record, AgentStateChange):
            self.reached[f"cause {record.cause}"] += 1
            self.really_at[record.id] = self.now - self._set_by_s

    def _check(self) -> None:
        self._transitions.check(self.center.floor.calls.values())
        invariants.check_floor(self.center)
        invariants.check_saved(self.center, self._checkpoints.newest)
        self.reached["kept for the last agent"] += invariants.check_nobody_waits_beside_an_agent(self.center)
        invariants.check_stages(self.center)
        invariants.check_ranks(self.center)
        invariants.check_waiting_callers_hear(self.center)
        invariants.check_last_agents(self.center)
        self.tapes.check(self.center.floor, self.pbxs)
        self._figures.check(self.center.floor, clock_was_set=self.clock_was_set)
        for pbx in self.pbxs:
            assert not pbx.overheard, pbx.overheard
            assert not pbx.behind, f"orders that wait for the end of what plays: {pbx.behind}"
            assert not pbx.twice_rung, f"a phone was rung twice at once: {pbx.twice_rung}"
            if not self.troubled:
                assert not pbx.in_dialplan, f"orders about who is in the dialplan: {pbx.in_dialplan}"
                assert not pbx.music_in_bridge, "music in a bridge"
            self._check_crowds(pbx)
        self._note_threes()

    def _overhears(self, phone: str, leg_id: str) -> bool:
        """A supervisor who has never barged in is heard by the agent at most."""
        found = monitoring.of_leg(self.center.floor, phone)
        if found is None or found[0].id in self.barged:
            return False
        call = self.center.floor.calls.get(found[0].call_id)
        return call is None or call.agent_leg != leg_id

    def _check_crowds(self, pbx: ModelAsterisk) -> None:
        """Three are in a bridge only where they talk together."""
        talks = {bridge for call_id in self._threes for bridge in bridge_ids(call_id)}
        pbx.crowded[:] = [bridge for bridge in pbx.crowded if bridge not in talks]
        assert self.troubled or not pbx.crowded, "three in a bridge"

    def _note_threes(self) -> None:
        """What was ordered while three talked may be on its way yet."""
        calls = self.center.floor.calls
        self._threes |= {call.id for call in calls.values() if call.state is CallState.THREE_TOGETHER}
        on_the_way = {call_id for pbx in self.pbxs for call_id, lane in pbx.lanes.items() if lane}
        self._threes = {
            call_id
            for call_id in self._threes
            if call_id in on_the_way or (call_id in calls and calls[call_id].state is CallState.THREE_TOGETHER)
        }

    # ------------------------------------------------------------------------------- what is on its way, and time

    def deliver_one(self) -> None:
        """One fact arrives at the core."""
        sources = self.pbx.talkative()
        if sources:
            told = self.pbx.told[self.rng.choice(sources)]
            self.tell(told.popleft())

    def run_one(self) -> None:
        """One action is carried out by the PBX."""
        lanes = self.pbx.busy_lanes()
        if lanes:
            self.pbx.run_one(self.rng.choice(lanes))

    def drain(self) -> None:
        """Carry out and deliver everything that is on its way, in any order."""
        for _ in range(3000):
            busy = [pbx for pbx in self.pbxs if pbx.talkative() or pbx.busy_lanes()]
            if not busy:
                return
            self.turn_to(busy)
            self.rng.choice([self.deliver_one, self.run_one])()
        raise AssertionError("facts and actions chase each other without end")

    def pass_time(self, seconds: float) -> None:
        """Move on, stopping at every deadline as the engine does; now and then the timer is late."""
        end = self.now + seconds
        late = self.rng.random() < 0.1
        while not late and (at := self.center.next_deadline()) is not None and at <= end:
            self._clock_shows(max(self.now, at))
            self.tell(facts.TimePassed())
        self._clock_shows(end)

    def let_time_go_by(self, seconds: float) -> None:
        """Outside; the core is not told, whatever is due."""
        self._clock_shows(self.now + seconds)

    def set_clock(self, by_s: float) -> None:
        """The controller's machine says so much more from now on, or less."""
        self.now += by_s
        self._set_by_s += by_s
        self.tapes.clock_moved(by_s)
        self.clock_was_set = True
        for pbx in self.pbxs:
            pbx.clock_set(by_s)

    def _clock_shows(self, now: float) -> None:
        self.now = now
        for pbx in self.pbxs:
            pbx.time_has_passed()
