"""A random day at a call centre: the core, the model Asterisk and the people, driven by one source of chance.

:meth:`World.step` lets one thing happen and checks all invariants; :meth:`World.settle` heals everything and shows
that whoever waited is served.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from random import Random
from typing import Any

import msgspec

from cti_bridge.domain import facts
from cti_bridge.domain.agent import Agent, AgentState, Status
from cti_bridge.domain.call import CONSULTING, OFFERED, TRANSITIONS, Call, CallState, Role
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.directory import CallingNumber, Directory, Policy, Queue, Scenario, Service
from cti_bridge.domain.errors import Refusal
from cti_bridge.domain.floor import Mark, Node, Placed
from cti_bridge.domain.ids import Ids
from cti_bridge.domain.output import Output
from cti_bridge.domain.records import AgentStateChange, CallEvent, CallRow, OfferRow, Record
from tests.unit import invariants
from tests.unit.floor import CALLING, NODE, NUMBER, agent_entry, directory
from tests.unit.invariants import Saved
from tests.unit.model_asterisk import Channel, ModelAsterisk

REJECTED = "+8225557777"
CALLERS = ("+821012345678", "+821012345679", "+82212345678")
OUTSIDE = ("+82212345678", "+82212345679", "+82212345680")
BAD_NUMBERS = ("+449012345678", "+8210&PJSIP/1002", "911", "")
SALES, OFF, UNKNOWN = "+8225550001", "+8225550002", "+8225559999"
KINDS: dict[str, type] = {"agent": Agent, "call": Call, "node": Node, "mark": Mark, "placed": Placed}
CHECKPOINTS = 4
HOPEFUL = (CallState.GREETING, CallState.WAITING, *OFFERED)
FIRST_TALK = (CallState.CONNECTING, CallState.DIALING_CUSTOMER, CallState.JOINING)


def random_directory(rng: Random) -> Directory:
    """Five agents in two queues, in all answer modes; the policy differs from day to day."""
    both = ("support", "sales")
    service = Service(
        "acme",
        allowed_prefixes=("+82",),
        max_outbound_calls=4,
        outbound_ticket=rng.choice(["on_answer", "on_dial"]),
        return_queue=rng.choice([None, "support"]),
        force_disconnect_message=rng.choice(["", "sound:forced"]),
        force_disconnect_warning=rng.choice(["", "sound:warning", "sound:warning"]),
        force_disconnect_mark_days=rng.choice([0, 0.001, 90]),
        force_disconnect_block_s=rng.choice([0, 0, 60]),
    )
    plain = directory(
        agent_entry(1),
        agent_entry(2),
        agent_entry(3, queues=both, answer="auto"),
        agent_entry(4, queues=both, answer="browser"),
        agent_entry(5, queues=("sales",), answer="browser"),
        policy=Policy(
            after_call=rng.choice(["ticket", "ready", "ask"]),
            after_missed=rng.choice(["business", "ready", "rest"]),
            ticket_processing_limit_s=rng.choice([0, 30]),
            open_ticket=rng.choice(["connect", "ring"]),
            cancel_resumes=rng.random() < 0.3,
            hold_reminder_s=rng.choice([0, 15]),
            force_disconnect_reasons=("threat",),
        ),
        services=(service, Service("shut", inbound=False)),
        queues=(Queue("support", "acme", longest_wait_s=90), Queue("sales", "acme", priority=5, pickup_time_s=12)),
        scenarios=(
            Scenario(NUMBER, "acme", "support", on_longest_wait="sound:all-busy"),
            Scenario(SALES, "acme", "sales", greeting="sound:welcome"),
            Scenario(OFF, "shut", "support"),
        ),
    )
    rejected = CallingNumber(REJECTED, "acme", "rejected")
    confirmed = CallingNumber(CALLING, "acme", "confirmed")
    return replace(plain, calling_numbers={REJECTED: rejected, CALLING: confirmed})


class World:
    """``reached`` counts what has happened, so that a run in which nothing does is noticed."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.now = 1_000_000.0
        self.directory = random_directory(rng)
        self.calm = rng.random() < 0.6
        """Fewer callers, and what was said is heard sooner: conversations get further."""
        self._serial = count(1)
        self._callers = count(1)
        self.pbx = ModelAsterisk(NODE, lambda: self.now)
        self.reached: Counter[str] = Counter()
        self.saved: Saved = {}
        self.records: list[Record] = []
        self._states: dict[str, CallState] = {}
        self._checkpoints: list[tuple[Saved, int]] = [({}, 0)]
        self._troubled = False
        self._late: list[facts.Fact] = []
        self.center = self._new_center()
        for entry in self.directory.agents.values():
            self.pbx.phones[entry.cti_number] = True
        self._connect()
        for cti_id in self.directory.agents:
            self._come_to_work(cti_id)

    # ------------------------------------------------------------------------------- the controller

    def _new_center(self) -> CallCenter:
        return CallCenter(self.directory, Ids(lambda n: next(self._serial).to_bytes(n, "big")))

    def tell(self, fact: facts.Fact) -> None:
        """Give the core a fact, take what comes of it, and check everything."""
        try:
            output = self.center.handle(fact, self.now)
        except Refusal as refusal:
            self.reached[f"refused {refusal.code}"] += 1
            assert not self.center.floor._actions and not self.center.floor._records
            invariants.check_saved(self.center, self.saved)
            return
        self._take(output)
        self._check()

    def _take(self, output: Output) -> None:
        invariants.check_shown_numbers(self.center, output.actions)
        self.pbx.submit(output.actions)
        for record in output.records:
            self._count(record)
        self.records += output.records
        for (kind, identity), state in output.changes.items():
            if state is None:
                self.saved.pop((kind, identity), None)
            else:
                self.saved[kind, identity] = invariants.encoded(kind, state)
        self._checkpoints = [*self._checkpoints, (dict(self.saved), len(self.records))][-CHECKPOINTS:]

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
        self._check_transitions()
        invariants.check_floor(self.center)
        invariants.check_saved(self.center, self.saved)
        invariants.check_nobody_waits_beside_an_agent(self.center)
        assert not self.pbx.twice_rung, f"a phone was rung twice at once: {self.pbx.twice_rung}"
        if not self._troubled:
            assert not self.pbx.music_in_bridge, "music in a bridge"
            assert not self.pbx.crowded, "three in a bridge"

    def _check_transitions(self) -> None:
        """Several may lie between two looks: what counts is that a way leads there."""
        for call in self.center.floor.calls.values():
            before = self._states.get(call.id)
            if before is CallState.ENDED:
                assert call.state is CallState.ENDED, "ended is final"
            elif before is not None and before is not call.state:
                assert call.state in _within_reach(before), f"{before} to {call.state}"
                if call.state is CallState.TALKING and before in FIRST_TALK:
                    legs = [call.leg_of(role) for role in (Role.CUSTOMER, Role.AGENT)]
                    assert all(leg and leg.in_bridge for leg in legs), "talking, and not both are in the bridge"
                self.reached[f"state {call.state}"] += 1
                if before is CallState.AGENT_LOST:
                    self.reached[f"{call.state} behind agent_lost"] += 1
            self._states[call.id] = call.state

    def _restart(self) -> None:
        """The controller dies, and one of its last commits is what the next one finds."""
        self.reached["restart"] += 1
        self._troubled = True
        self.pbx.disconnect()
        self.saved, kept = self.rng.choice(self._checkpoints)
        self.saved = dict(self.saved)
        self._late.clear()
        del self.records[kept:]
        self._states.clear()
        self._checkpoints = [(dict(self.saved), kept)]
        found: dict[str, list[Any]] = {kind: [] for kind in KINDS}
        for (kind, _), state in self.saved.items():
            found[kind].append(msgspec.json.decode(state, type=KINDS[kind]))
        self.center = self._new_center()
        memory = {"marks": found["mark"], "placed": found["placed"]}
        self._take(self.center.restore(found["agent"], found["call"], found["node"], self.now, **memory))
        self._check()

    def _connect(self) -> None:
        self.reached["connect"] += 1
        self._troubled = True
        self.pbx.subscribe()
        for _ in range(self.rng.choice([0, 0, 1, 3])):
            self._people()
        self.tell(self.pbx.seen())

    def _disconnect(self) -> None:
        self.reached["disconnect"] += 1
        self.pbx.disconnect()
        self.tell(facts.NodeLost(NODE))

    # ------------------------------------------------------------------------------- one thing happens

    def step(self) -> None:
        if not self.pbx.connected and self.rng.random() < 0.25:
            self._connect()
            return
        weights: list[tuple[int, Callable[[], object]]] = [
            (50, self.deliver_one),
            (45, self.run_one),
            (22, self._people),
            (30, self._command),
            (14, lambda: self.pass_time(self.rng.choice([0.02, 0.2, 0.5, 1.0]))),
            (4, self._long_time),
            (2, self._quiet),
            (2, self._break_action),
            (2, self._odd_fact),
        ]
        if self.pbx.connected:
            weights += [(1, lambda: self.tell(self.pbx.seen())), (1, self._disconnect)]
        if self.rng.random() < 0.006:
            self.rng.choice([self._restart, self._restart, self._restart_pbx])()
            return
        self.rng.choices([what for _, what in weights], [weight for weight, _ in weights])[0]()
        for _ in range(self.rng.choice([1, 4]) if self.calm else 0):
            self.rng.choice([self.deliver_one, self.run_one])()

    def deliver_one(self) -> None:
        sources = self.pbx.talkative()
        if sources:
            told = self.pbx.told[self.rng.choice(sources)]
            self.tell(told.popleft())

    def run_one(self) -> None:
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

    def _long_time(self) -> None:
        for _ in range(self.rng.choice([5, 15, 30])):
            self.drain()
            self.pass_time(1.0)

    def _quiet(self) -> None:
        """Let everything arrive, and compare with the truth."""
        if not self.pbx.connected:
            return
        self.pbx.fault = None
        self.drain()
        if self._troubled:
            self._recover()
        self._check_truth()
        self.reached["quiet"] += 1

    def _recover(self) -> None:
        """What went wrong is noticed: by what is overdue, and by looking at everything every 30 s."""
        for second in range(80):
            self._unknown_messages_end()
            if second % 30 == 5:
                self.tell(self.pbx.seen())
            self.drain()
            self.pass_time(1.0)
        self.drain()
        self._troubled = False
        self.pbx.music_in_bridge.clear()
        self.pbx.crowded.clear()

    def _unknown_messages_end(self) -> None:
        """A message of before a restart, of which no checkpoint knows, plays to its end."""
        wanted = {leg.playback_id for call in self.center.floor.calls.values() for leg in call.legs.values()}
        for channel in list(self.pbx.channels.values()):
            for playback_id in [p for p in channel.playbacks if p not in wanted]:
                self.pbx.finish_playback(channel, playback_id)

    def _check_truth(self) -> None:
        while (at := self.center.next_deadline()) is not None and at <= self.now:
            self.tell(facts.TimePassed())
            self.drain()
        invariants.check_places(self.center, self.pbx)
        invariants.check_records(self.records)

    def _break_action(self) -> None:
        if self.pbx.connected:
            self._troubled = True
            self.reached["fault armed"] += 1
            self.pbx.fault = self.rng.choice(["refused", "timed_out", "late"])

    def _odd_fact(self) -> None:
        """About what nobody knows, or twice the same, or too late."""
        legs = [leg_id for call in self.center.floor.calls.values() for leg_id in call.legs]
        odd: list[facts.Fact] = [
            facts.LegAnswered("nobody"),
            facts.LegEnded(f"cti-{'0' * 36}-agent-{'0' * 12}"),
            facts.LegEntered("nobody", "nowhere"),
            facts.PlaybackEnded("nothing"),
            facts.TimePassed(),
        ]
        odd += [facts.LegReady(leg_id) for leg_id in legs if leg_id in self.pbx.channels]
        odd += [c.inbound for c in self.pbx.customers() if c.inbound and c.id in legs]
        self.tell(self.rng.choice(odd))

    def _restart_pbx(self) -> None:
        self.reached["PBX restart"] += 1
        if self.pbx.connected:
            self._disconnect()
        self.pbx.restart()

    # ------------------------------------------------------------------------------- what people do

    def _people(self) -> None:
        pbx = self.pbx
        doings: list[tuple[int, Callable[[], object]]] = [
            (3 if self.calm else 7, self._call_in),
            (1, self._change_phone),
            (1, self._reload_page),
        ]
        if pbx.customers():
            doings.append((1, lambda: pbx.end(self.rng.choice(pbx.customers()))))
        if pbx.ringing():
            doings.append((25, lambda: pbx.lift(self.rng.choice(pbx.ringing()))))
            doings.append((3, lambda: pbx.end(self.rng.choice(pbx.ringing()), *self._refusal())))
        if pbx.lifted():
            doings.append((1 if self.calm else 2, lambda: pbx.end(self.rng.choice(pbx.lifted()))))
            doings.append((1, lambda: pbx.end(self.rng.choice(pbx.lifted()), 44)))
        if asked_about := [c for c in pbx.customers() if self._state_of(c) in CONSULTING]:
            doings.append((2, lambda: pbx.end(self.rng.choice(asked_about))))
        phones = [channel for channel in pbx.lifted() if channel.endpoint in pbx.phones]
        if phones:
            doings.append((2, lambda: pbx.hold_key(self.rng.choice(phones))))
        if free := [n for n in pbx.phones if not any(c.endpoint == n for c in pbx.channels.values())]:
            doings.append((1, lambda: self._dial_on_keypad(self.rng.choice(free))))
        if playing := [channel for channel in pbx.channels.values() if channel.playbacks]:
            doings.append((6, lambda: self._message_ends(self.rng.choice(playing))))
        self.rng.choices([what for _, what in doings], [weight for weight, _ in doings])[0]()

    def _call_in(self) -> None:
        if len(self.pbx.customers()) < 9:
            number = self.rng.choice([NUMBER, NUMBER, SALES, SALES, SALES[1:], OFF, UNKNOWN])
            leg_id = f"caller-{next(self._callers)}"
            self.reached["called in"] += 1
            self.pbx.call_in(leg_id, number, self.rng.choice([*CALLERS, "anonymous"]))

    def _state_of(self, channel: Channel) -> CallState | None:
        found = self.center.floor.leg(channel.id)
        return found[0].state if found else None

    def _dial_on_keypad(self, cti_number: str) -> None:
        if self.pbx.phones[cti_number]:
            self.reached["keypad"] += 1
            number = self.rng.choice([*OUTSIDE, self.rng.choice(BAD_NUMBERS)])
            self.pbx.keypad(f"keypad-{next(self._callers)}", cti_number, number)

    def _refusal(self) -> tuple[int, int]:
        return self.rng.choice(
            [(17, 486), (21, 603), (21, 0), (20, 480), (3, 404), (0, 0), (38, 503), (19, 480), (1, 404)]
        )

    def _message_ends(self, channel: Channel) -> None:
        self.pbx.finish_playback(channel, channel.playbacks[0], failed=self.rng.random() < 0.2)

    def _change_phone(self) -> None:
        """A phone goes, with what it does (a phone that dies), or comes; a page with a phone is reloaded, or closed."""
        entry = self.rng.choice(list(self.directory.agents.values()))
        number, there = entry.cti_number, not self.pbx.phones[entry.cti_number] or self.rng.random() < 0.3
        if entry.answer == "browser" and self.pbx.phones[number]:
            self.reached["page gone"] += 1
            self.pbx.page_gone(number)
        elif not there:
            for channel in [c for c in self.pbx.channels.values() if c.endpoint == number]:
                self.pbx.end(channel, 27)
        self.pbx.register(number, there)

    def _reload_page(self) -> None:
        """Of an agent with the phone in the browser, in the middle of what they do."""
        in_call = [agent.cti_id for agent in self.center.floor.agents.values() if agent.call_id]
        busy = [self.directory.agents[cti_id] for cti_id in in_call]
        numbers = [entry.cti_number for entry in busy if entry.answer == "browser"]
        if not numbers or self.rng.random() < 0.5:
            return
        self.reached["page gone"] += 1
        number = self.rng.choice(numbers)
        self.pbx.page_gone(number)
        if self.rng.random() < 0.8:
            self.pbx.register(number, True)

    def _command(self) -> None:
        agents = list(self.center.floor.agents.values())
        busy = [agent for agent in agents if agent.call_id and not agent.offer_id]
        agent = self.rng.choice(busy if busy and self.rng.random() < 0.65 else agents)
        cti_id = agent.cti_id
        if not agent.logged_in:
            self._come_to_work(cti_id)
            return
        session, call_id = agent.session or "", agent.call_id or "none"
        eager = 0.6 if self.directory.agents[cti_id].answer == "auto" else 0.2
        if agent.offer_id and self.rng.random() < eager:
            self.tell(facts.AnswerOffer(cti_id, agent.offer_id))
            return
        if self.rng.random() < (0.85 if agent.call_id and not agent.offer_id else 0.1):
            self._about_a_call(agent)
            return
        pick = self.rng.random()
        if pick < 0.55:
            self.tell(facts.SetStatus(cti_id, "ready", None))
        elif pick < 0.7:
            self.tell(self.rng.choice(self._rarer(cti_id, session)))
        elif pick < 0.78:
            offer_id = agent.offer_id or (agent.recent_offers or ["none"])[-1]
            answers = self.rng.random() < 0.5
            self.tell(facts.AnswerOffer(cti_id, offer_id) if answers else facts.DeclineOffer(cti_id, offer_id))
        elif pick < 0.85:
            self.tell(facts.HangUpCall(cti_id, call_id))
        else:
            self.tell(facts.PanelChanged(cti_id, self.rng.random() < 0.8))

    def _about_a_call(self, agent: Agent) -> None:
        """What fits most often, anything now and then."""
        if agent.call_id is None and self.rng.random() < 0.6:
            number = self.rng.choice([*OUTSIDE, *OUTSIDE, self.rng.choice(BAD_NUMBERS)])
            calling = CALLING if self.rng.random() < 0.9 else REJECTED
            self.tell(facts.Dial(agent.cti_id, number, calling))
            return
        call = self.center.floor.calls.get(agent.call_id or "")
        if call is not None and call.state in PATIENT and self.rng.random() < 0.85:
            self.deliver_one()
            return
        fitting = FITTING.get(call.state, ()) if call else ("recall",)
        kind = self.rng.choice(fitting if fitting and self.rng.random() < 0.85 else sorted(ASKING))
        recent = (agent.recent_calls or ["none"])[-1]
        call_id = recent if call is None or self.rng.random() < 0.05 else call.id
        self.tell(ASKING[kind](agent.cti_id, call_id, *self._somebody()))

    def _somebody(self) -> tuple[str | None, str | None]:
        """A number and an agent, one of them None."""
        pick = self.rng.random()
        agents = self.center.floor.agents.values()
        if pick < 0.5:
            ready = [agent for agent in agents if self.center.waiting.assignable(agent)]
            return None, self.rng.choice(ready or list(agents)).cti_id
        if pick < 0.6:
            return self.rng.choice(list(agents)).cti_number, None
        return self.rng.choice([*OUTSIDE, *OUTSIDE, self.rng.choice(BAD_NUMBERS)]), None

    def _rarer(self, cti_id: str, session: str) -> list[facts.Command]:
        return [
            facts.SetStatus(cti_id, "rest", None),
            facts.SetStatus(cti_id, "business", "meeting"),
            facts.SetStatus(cti_id, "business", "missed"),
            facts.SetNextStatus(cti_id, "rest", None),
            facts.SetNextStatus(cti_id, None, None),
            facts.LogIn(cti_id, f"session-{next(self._serial)}", "csrf"),
            facts.LogOut(cti_id, session),
            facts.LogOut(cti_id, "an old one"),
        ]

    def _come_to_work(self, cti_id: str) -> None:
        if not self.center.floor.agents[cti_id].logged_in:
            self.tell(facts.LogIn(cti_id, f"session-{next(self._serial)}", "csrf"))
        self.tell(facts.PanelChanged(cti_id, True))
        self.tell(facts.SetStatus(cti_id, "ready", None))

    # ------------------------------------------------------------------------------- everything that is due happens

    def settle(self) -> None:
        """Heal everything, let people behave, and see that all who wait are served and nothing is left."""
        if not self.pbx.connected:
            self._connect()
        self.pbx.fault = None
        for number in self.pbx.phones:
            self.pbx.register(number, True)
        self.drain()
        began = self.now
        waiting = [c for c in self.center.floor.calls.values() if c.state is not CallState.ENDED]
        hopeful = {c.id for c in waiting if c.longest_wait_at is None or c.longest_wait_at > began + 60}
        hopeful -= {c.id for c in waiting if c.state is CallState.ANNOUNCING or c.customer_leg not in self.pbx.channels}
        hopeful &= {c.id for c in waiting if c.state in HOPEFUL}
        for second in range(240):
            self._good_second(second)
            if not self.pbx.channels and not self.center.floor.calls and second > 45:
                break
        self._check_served(hopeful)
        self._check_truth()
        self._check_nothing_left()

    def _good_second(self, second: int) -> None:
        if second % 30 == 3:
            self.tell(self.pbx.seen())
        for agent in list(self.center.floor.agents.values()):
            if not agent.logged_in or agent.status is not Status.READY or not agent.panel_live:
                self._come_to_work(agent.cti_id)
            elif agent.offer_id and self.directory.agents[agent.cti_id].answer == "auto" and second % 3 == 0:
                self.tell(facts.AnswerOffer(agent.cti_id, agent.offer_id))
        self.drain()
        for channel in self.pbx.ringing():
            self.pbx.lift(channel)
        for channel in [c for c in self.pbx.channels.values() if c.playbacks]:
            self.pbx.finish_playback(channel, channel.playbacks[0])
        self.drain()
        for call in list(self.center.floor.calls.values()):
            if self.now - call.state_since > 3:
                self._go_on(call)
        self.drain()
        self.pass_time(1.0)

    def _go_on(self, call: Call) -> None:
        """What comes next in a conversation that nobody disturbs."""
        who = call.cti_id or ""
        if call.state in (CallState.TALKING, CallState.TRANSFERRED):
            if customer := self.pbx.channels.get(call.customer_leg or ""):
                self.pbx.end(customer)
        elif call.state is CallState.ON_HOLD:
            phone = self.pbx.channels.get(call.agent_leg or "")
            if phone and phone.held:
                self.pbx.hold_key(phone)
            elif "phone" in call.held_by:
                self.tell(facts.LegRetrieved(call.agent_leg or ""))
            else:
                self.tell(facts.ResumeCall(who, call.id))
        elif call.state is CallState.CONSULT_TALKING:
            self.tell(facts.ConnectConsult(who, call.id))
        elif call.state is CallState.CONSULT_ALONE:
            self.tell(facts.HangUpCall(who, call.id))

    def _check_served(self, hopeful: set[str]) -> None:
        answered = {r.id for r in self.records if isinstance(r, CallRow) and r.answered_at is not None}
        assert hopeful <= answered, f"waited in vain: {hopeful - answered}"
        self.reached["served in the end"] += len(hopeful)

    def _check_nothing_left(self) -> None:
        floor = self.center.floor
        assert not self.pbx.channels and not self.pbx.bridges, "channels or bridges are left"
        assert not floor.calls and not floor.strays and not floor.call_of_leg
        for agent in floor.agents.values():
            assert agent.state is AgentState.IDLE and not agent.legs
        rows = [r for r in self.records if isinstance(r, CallRow)]
        ended = [r.id for r in rows if r.outcome is not None]
        assert sorted(ended) == sorted({r.id for r in rows}), "every arrival ends once"


Asking = Callable[[str, str, str | None, str | None], facts.Command]
ASKING: dict[str, Asking] = {
    "hold": lambda who, call, *_: facts.HoldCall(who, call),
    "resume": lambda who, call, *_: facts.ResumeCall(who, call),
    "consult": facts.StartConsult,
    "connect": lambda who, call, *_: facts.ConnectConsult(who, call),
    "cancel": lambda who, call, *_: facts.CancelConsult(who, call),
    "transfer": facts.TransferCall,
    "recall": lambda who, call, *_: facts.RecallCall(who, call),
    "warn": lambda who, call, *_: facts.Warn(who, call),
    "force": lambda who, call, *_: facts.ForceDisconnect(who, call, "threat"),
    "digits": lambda who, call, *_: facts.SendDigits(who, call, "12#"),
    "hang up": lambda who, call, *_: facts.HangUpCall(who, call),
}
FITTING: dict[CallState, tuple[str, ...]] = {
    CallState.DIALING_AGENT: ("hang up",),
    CallState.DIALING_CUSTOMER: ("hang up",),
    CallState.TALKING: ("hold", *["consult"] * 4, "transfer", "transfer", "warn", "warn", "force", "digits"),
    CallState.WARNING: ("force", "hang up", "warn"),
    CallState.ON_HOLD: ("resume", "resume", "consult", "consult", "transfer", "force", "hang up"),
    CallState.CONSULT_RINGING: ("connect", "cancel", "hang up"),
    CallState.CONSULT_TALKING: ("connect", "connect", "cancel", "hang up"),
    CallState.CONSULT_ALONE: ("cancel", "hang up", "connect"),
}

PATIENT = (CallState.DIALING_AGENT, CallState.DIALING_CUSTOMER, CallState.CONSULT_RINGING, CallState.WARNING)
"""People wait for an answer, or for the end of a message, most often."""


def _within_reach(state: CallState) -> set[CallState]:
    reach, edge = set(TRANSITIONS[state]), list(TRANSITIONS[state])
    while edge:
        fresh = TRANSITIONS[edge.pop()] - reach
        reach |= fresh
        edge += fresh
    return reach
