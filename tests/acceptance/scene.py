"""A scene of calls in one room: each step is played on the phones, and noted as the truth that rows are compared
with."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field

from tests.acceptance.calls import PROCESSING, TALKING
from tests.acceptance.true_intervals import compare_intervals
from tests.acceptance.truth import TrueChange, TrueOffer, Truth, compare_agent, compare_calls
from tests.support.outside import OutsideCall, OutsidePhone
from tests.support.party import Party
from tests.support.phones import PhoneCall
from tests.support.rooms import MUSIC_HZ
from tests.support.stack import Agent, Desk

STAY_S = 0.9
"""The length of a talk or a hold: more than what a row may be off by."""
AFTER = "business ticket_processing"


@dataclass
class Live:
    """A call that goes on: its truth, and who is there."""

    truth: Truth
    call_id: str = ""
    phone: PhoneCall | OutsideCall | None = None
    waits_since: float | None = None

    @property
    def customer(self) -> Party:
        """The customer's end."""
        assert self.truth.customer is not None
        return self.truth.customer

    def begins_to_wait(self, at: float) -> None:
        """The customer waits for an agent from now on."""
        self.waits_since = at

    def waits_no_more(self, at: float) -> None:
        """The wait is over."""
        if self.waits_since is not None:
            self.truth.waits.append((self.waits_since, at))
        self.waits_since = None


@dataclass
class Scene:
    """``desk`` is a room with three agents, none of them ready."""

    desk: Desk
    calls: list[Truth] = field(default_factory=list)
    changes: defaultdict[str, list[TrueChange]] = field(default_factory=lambda: defaultdict(list))
    status: dict[str, str] = field(default_factory=dict)

    @property
    def agents(self) -> list[Agent]:
        """In the order of their seats."""
        return self.desk.agents

    # ------------------------------------------------------------------------------------------------ agents

    def change(self, agent: Agent, to: str, cause: str, at: float, live: Live | None = None) -> None:
        """Note a change of the agent."""
        number = live.truth.number if live else None
        work_of = number if to == AFTER else None
        self.changes[agent.cti_id].append(TrueChange(to, cause, at, number, work_of))
        self.status[agent.cti_id] = to

    async def ready(self, *agents: Agent) -> None:
        """They choose ready, in this order, so the first is rung first."""
        for agent in agents:
            at = time.monotonic()
            await agent.ready()
            self.change(agent, "ready", "command", at)

    async def rest(self) -> None:
        """Who is still ready goes to rest: the next kind begins with nobody ready."""
        for agent in self.agents:
            if self.status.get(agent.cti_id) == "ready":
                at = time.monotonic()
                await agent.client.set_status("rest")
                self.change(agent, "rest", "command", at)

    async def let_go(self, live: Live, agent: Agent, at: float, cause: str = "call_ended") -> None:
        """The conversation is over for the agent."""
        self.change(agent, AFTER, cause, at, live)
        await agent.client.label(PROCESSING)

    # ------------------------------------------------------------------------------------------------ calls

    async def comes(self) -> Live:
        """A customer calls and hears the greeting."""
        customer = await self.desk.call()
        truth = Truth(
            len(self.calls),
            "inbound",
            customer.number,
            self.desk.furnished.queues[0],
            customer.call.started_at,
            customer.call,
            events=["arrived"],
        )
        self.calls.append(truth)
        return Live(truth)

    async def waits(self) -> Live:
        """A customer calls and is in the queue."""
        live = await self.comes()
        live.begins_to_wait(await live.customer.hears(MUSIC_HZ, for_s=0.1))
        live.truth.events.append("queued")
        return live

    async def rung(self, live: Live, agent: Agent, kind: str = "queue", cause: str = "offered") -> PhoneCall:
        """The call is offered to the agent, whose phone rings."""
        phone = await agent.phone.incoming()
        live.truth.offers.append(TrueOffer(agent.cti_id, kind, phone.started_at))
        live.truth.events.append("offered")
        self.change(agent, "ringing", cause, phone.started_at, live)
        if kind == "recall":
            live.begins_to_wait(phone.started_at)
        return phone

    def failed(self, live: Live, agent: Agent, result: str, at: float, to: str = "", cause: str = "") -> None:
        """The offer has failed. ``to`` is what becomes of the agent, as a rule a break for this reason."""
        offer = live.truth.offers[-1]
        offer.ended, offer.result = at, result
        live.truth.events.append("offer_ended")
        self.change(agent, to or f"business {result}", cause or result, at, live)

    async def lifted(self, live: Live, agent: Agent, phone: PhoneCall, cause: str = "answered") -> float:
        """The offered agent lifts the phone. ``cause`` is why they talk."""
        await phone.answer()
        at = phone.established_at or 0.0
        offer = live.truth.offers[-1]
        offer.lifted = offer.ended = at
        offer.result = "answered"
        live.truth.events.append("offer_ended")
        await agent.client.label(TALKING)
        self.change(agent, "talking", cause, at, live)
        return at

    def has(self, live: Live, agent: Agent, phone: PhoneCall | OutsideCall | None, at: float) -> None:
        """The agent has the customer from now on."""
        truth = live.truth
        if not truth.ticket:
            truth.ticket.append("opened")
        elif agent.cti_id not in truth.talked:
            truth.ticket.append("participant_added")
        if truth.talked and truth.talked[-1] != agent.cti_id:
            truth.ticket.append("owner_changed")
        truth.answered = truth.answered or at
        truth.talked.append(agent.cti_id)
        truth.voices.add(agent.tone_hz)
        live.phone = phone
        live.waits_no_more(at)

    async def answers(self, live: Live, agent: Agent, phone: PhoneCall) -> None:
        """The agent lifts, and talks to the customer."""
        at = await self.lifted(live, agent, phone)
        live.truth.events.append("connected")
        self.has(live, agent, phone, at)
        live.call_id = agent.client.agent["call"]["call_id"]
        await live.customer.hears(agent.tone_hz)

    async def talk(self, agent: Agent) -> Live:
        """A customer calls and talks to the agent, whom they were waiting for."""
        live = await self.waits()
        await self.ready(agent)
        phone = await self.rung(live, agent)
        await self.answers(live, agent, phone)
        await self.stays()
        return live

    async def dials(self, agent: Agent, *answers: int) -> tuple[Live, OutsidePhone]:
        """The agent dials."""
        other = self.desk.outside(*answers)
        at = time.monotonic()
        truth = Truth(len(self.calls), "outbound", other.number, None, at, events=["dial"])
        self.calls.append(truth)
        live = Live(truth)
        live.call_id = await agent.client.dial(other.number, self.desk.furnished.calling_number)
        self.change(agent, "dialing", "dial", at, live)
        return live, other

    async def own_phone(self, live: Live, agent: Agent) -> PhoneCall:
        """The agent lifts the own phone, so that the customer is called."""
        phone = await agent.lift()
        live.truth.agent_lifted = phone.established_at
        return phone

    async def called(self, agent: Agent) -> Live:
        """The agent dials, and talks to the customer."""
        live, other = await self.dials(agent)
        phone = await self.own_phone(live, agent)
        far = await other.incoming()
        live.truth.customer, live.truth.customer_rang = far, far.rang_at
        await asyncio.sleep(STAY_S / 2)
        await far.answer()
        await agent.client.label(TALKING)
        at = far.established_at or 0.0
        self.change(agent, "talking", "answered", at, live)
        live.truth.events.append("connected")
        self.has(live, agent, phone, at)
        await self.stays()
        return live

    async def stays(self) -> None:
        """Nothing happens for a while, so that what lasts can be told from what does not."""
        await asyncio.sleep(STAY_S)

    async def leaves(self, live: Live) -> float:
        """The customer hangs up."""
        party = live.customer
        assert isinstance(party, PhoneCall | OutsideCall)
        at = time.monotonic()
        await party.hang_up()
        await party.ended()
        live.truth.customer_left = at
        live.waits_no_more(at)
        return at

    async def over(self, live: Live, agent: Agent, at: float, by: str, state: str = "talking") -> None:
        """A conversation has ended."""
        live.truth.ticket.append("call_event")
        live.truth.end(at, "completed", by, state)
        await self.let_go(live, agent, at)

    async def hangs_up(self, live: Live, agent: Agent, state: str = "talking") -> None:
        """The agent hangs up on the phone, and the call is over."""
        assert live.phone is not None
        at = time.monotonic()
        await live.phone.hang_up()
        await self.over(live, agent, at, "agent", state)
        await live.customer.ended()

    async def hold(self, live: Live, agent: Agent) -> None:
        """Hold, by the panel."""
        at = time.monotonic()
        await agent.client.hold(live.call_id)
        self.change(agent, "on_hold", "held", at, live)
        live.truth.events.append("held")
        await live.customer.hears(MUSIC_HZ)
        await self.stays()

    async def resume(self, live: Live, agent: Agent) -> None:
        """Resume, by the panel."""
        at = time.monotonic()
        await agent.client.resume(live.call_id)
        self.change(agent, "talking", "resumed", at, live)
        live.truth.events.append("resumed")
        await live.customer.hears(agent.tone_hz)

    async def consults(self, live: Live, agent: Agent, target: Agent, *, held: bool = False) -> PhoneCall:
        """Consult a colleague, whose phone rings. ``held``: the customer is on hold already."""
        await self.ready(target)
        at = time.monotonic()
        await agent.client.consult(live.call_id, agent=target.cti_id)
        self.change(agent, "consulting", "consult", at, live)
        live.truth.events += ["consult"] if held else ["held", "consult"]
        return await self.rung(live, target, "consult")

    async def consulted(self, live: Live, target: Agent, rung: PhoneCall) -> float:
        """The colleague lifts, and the two talk."""
        at = await self.lifted(live, target, rung)
        live.truth.events.append("target_answered")
        await self.stays()
        return at

    async def sends(self, live: Live, agent: Agent, /, **target: str) -> None:
        """Transfer directly; the agent is out of the call."""
        at = time.monotonic()
        await agent.client.transfer(live.call_id, **target)
        live.truth.events.append("transfer")
        await self.let_go(live, agent, at, "transferred")

    async def compare(self) -> None:
        """Compare all rows with the truth."""
        ids, wrong = await compare_calls(self.desk.rows, self.calls)
        for agent in self.agents:
            wrong += await compare_agent(self.desk.rows, agent.cti_id, self.changes[agent.cti_id], ids)
            wrong += await compare_intervals(self.desk.rows, agent.cti_id, self.changes[agent.cti_id], ids)
        assert not wrong, "\n".join(wrong)
