"""The core beside the model Asterisk, told one thing after another and checked after each."""

from collections import Counter
from collections.abc import Callable
from itertools import count
from random import Random

from cti_bridge.domain import facts
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.errors import Refusal
from cti_bridge.domain.ids import Ids
from cti_bridge.domain.output import Output
from cti_bridge.domain.records import AgentStateChange, CallEvent, CallRow, OfferRow, Record
from tests.unit import invariants
from tests.unit.floor import NODE
from tests.unit.model_asterisk import ModelAsterisk
from tests.unit.simulation.checkpoints import Checkpoints
from tests.unit.simulation.directory import random_directory
from tests.unit.simulation.transitions import Transitions

Watch = Callable[[CallCenter, Output], None]


class World:
    """``reached`` counts what has happened, so that a run in which nothing does is noticed. ``watch`` is shown the
    core and what came of a fact, after each."""

    def __init__(self, rng: Random, watch: Watch | None = None) -> None:
        self.rng = rng
        self.now = 1_000_000.0
        self.directory = random_directory(rng)
        self.calm = rng.random() < 0.6
        """Fewer callers, and what was said is heard sooner: conversations get further."""
        self.serial = count(1)
        self.inbound_serial = count(1)
        self.pbx = ModelAsterisk(NODE, lambda: self.now)
        self.reached: Counter[str] = Counter()
        self.records: list[Record] = []
        self.troubled = False
        """Something went wrong that the core may not have noticed yet."""
        self._checkpoints = Checkpoints()
        self._transitions = Transitions(self.reached)
        self._watch = watch
        self.center = self._new_center()
        for entry in self.directory.agents.values():
            self.pbx.phones[entry.cti_number] = True

    def _new_center(self) -> CallCenter:
        return CallCenter(self.directory, Ids(lambda n: next(self.serial).to_bytes(n, "big")))

    # ------------------------------------------------------------------------------- the core

    def tell(self, fact: facts.Fact) -> None:
        """Give the core a fact, take what comes of it, and check everything."""
        try:
            output = self.center.handle(fact, self.now)
        except Refusal as refusal:
            self.reached[f"refused {refusal.code}"] += 1
            assert not self.center.floor._actions and not self.center.floor._records
            invariants.check_saved(self.center, self._checkpoints.newest)
            return
        self._take(output)
        self._check()

    def look(self) -> None:
        """Tell the core what is there."""
        self.tell(self.pbx.seen())

    def restart(self) -> None:
        """The controller dies, and one of its last commits is what the next one finds."""
        self.reached["restart"] += 1
        self.troubled = True
        self.pbx.disconnect()
        for channel in self.pbx.channels.values():
            # The commit that is found may be from before the key was pressed.
            channel.hold_untold = True
        del self.records[self._checkpoints.fall_back(self.rng) :]
        self._transitions.forget()
        found = self._checkpoints.loaded()
        self.center = self._new_center()
        memory = {"marks": found["mark"], "placed": found["placed"]}
        self._take(self.center.restore(found["agent"], found["call"], found["node"], self.now, **memory))
        self._check()

    def _take(self, output: Output) -> None:
        invariants.check_shown_numbers(self.center, output.actions)
        self.pbx.submit(output.actions)
        for record in output.records:
            self._count(record)
        self.records += output.records
        self._checkpoints.commit(output.changes, len(self.records))
        if self._watch is not None:
            self._watch(self.center, output)

    def _count(self, record: Record) -> None:
        if isinstance(record, OfferRow):
            self.reached[f"offer {record.result or 'made'}"] += 1
        elif isinstance(record, CallRow) and record.outcome:
            self.reached[f"outcome {record.outcome}"] += 1
        elif isinstance(record, CallEvent):
            self.reached[f"event {record.type}"] += 1
        elif isinstance(record, AgentStateChange):
            self.reached[f"cause {record.cause}"] += 1

    def _check(self) -> None:
        self._transitions.check(self.center.floor.calls.values())
        invariants.check_floor(self.center)
        invariants.check_saved(self.center, self._checkpoints.newest)
        invariants.check_nobody_waits_beside_an_agent(self.center)
        assert not self.pbx.twice_rung, f"a phone was rung twice at once: {self.pbx.twice_rung}"
        if not self.troubled:
            assert not self.pbx.music_in_bridge, "music in a bridge"
            assert not self.pbx.crowded, "three in a bridge"

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
            if not self.pbx.talkative() and not self.pbx.busy_lanes():
                return
            self.rng.choice([self.deliver_one, self.run_one])()
        raise AssertionError("facts and actions chase each other without end")

    def pass_time(self, seconds: float) -> None:
        """Move on, stopping at every deadline as the engine does; now and then the timer is late."""
        end = self.now + seconds
        late = self.rng.random() < 0.1
        while not late and (at := self.center.next_deadline()) is not None and at <= end:
            self.now = max(self.now, at)
            self.pbx.time_has_passed()
            self.tell(facts.TimePassed())
        self.now = end
        self.pbx.time_has_passed()
