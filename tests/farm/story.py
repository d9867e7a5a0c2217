"""The story of `make farm`: calls over two PBXs; then a PBX, a PBX with twenty calls, the edge and the bridge die one
after another."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import NamedTuple

import aiohttp

from tests.acceptance.hearing import joined
from tests.demo.timeline import Timeline
from tests.farm.full_pbx import LEFT_WITHIN_S, TWENTY, FullPbx
from tests.support.agent_client import Refused
from tests.support.farm_pair import FarmPair
from tests.support.outside import OK, RINGING
from tests.support.phones import PhoneCall
from tests.support.rooms import MUSIC_HZ
from tests.support.stack import Agent, Customer, Desk

PLACE = "farm"
PROCESSING = "Business (Ticket Processing)"
TAKEN_OVER_WITHIN_S = 6.0


class Talk(NamedTuple):
    agent: Agent
    phone: PhoneCall
    customer: Customer

    async def hear_each_other(self) -> None:
        await joined(self.phone, self.customer.call)

    async def end(self) -> None:
        """The customer hangs up, and the agent is ready again."""
        await self.customer.call.hang_up()
        await self.phone.ended()
        await self.agent.client.label(PROCESSING)
        await self.agent.ready()


@dataclass
class Story:
    farm: FarmPair
    desk: Desk
    timeline: Timeline
    numbers: list[str] = field(default_factory=list)

    def say(self, who: str, what: str) -> None:
        self.timeline.say(who, what)

    async def call(self) -> Customer:
        customer = await self.desk.call()
        self.numbers.append(customer.number)
        return customer

    async def talk(self) -> Talk:
        """A customer calls, and the agent whose phone rings lifts it."""
        return await self.lifted(await self.call())

    async def lifted(self, customer: Customer) -> Talk:
        """The agent whose phone rings lifts it."""
        ringing = {asyncio.ensure_future(agent.phone.incoming()): agent for agent in self.desk.agents}
        done, rest = await asyncio.wait(ringing, return_when=asyncio.FIRST_COMPLETED)
        for one in rest:
            one.cancel()
        first = done.pop()
        talk = Talk(ringing[first], first.result(), customer)
        assert customer.number in talk.phone.caller
        await talk.phone.answer()
        await talk.hear_each_other()
        return talk

    def name(self, agent: Agent) -> str:
        return f"agent {self.desk.agents.index(agent) + 1}"

    async def calls(self) -> str:
        return ", ".join(f"{name} {calls}" for name, calls in (await self.farm.calls_at()).items())


async def tell(farm: FarmPair, timeline: Timeline) -> list[str]:
    """Let it happen, and return the customers' numbers. What does not happen is an AssertionError."""
    async with farm.desk(PLACE) as desk:
        story = Story(farm, desk, timeline)
        await _both_pbxs(story)
        await _a_call_out(story)
        await _one_order(story)
        await _drain_and_add(story)
        await _a_pbx_dies(story)
        await _a_full_pbx_dies(story)
        await _the_edge_dies(story)
        await _the_bridge_dies(story)
        return story.numbers


async def _both_pbxs(story: Story) -> None:
    talks = [await story.talk() for _ in story.farm.names]
    assert await story.farm.calls_at() == {"one": 1, "two": 1}
    story.say("customer", "two call, and each comes to another PBX: the one with the fewest calls")
    first, second = (story.name(talk.agent) for talk in talks)
    story.say(first, "lifts the phone, and hears the customer and nothing else; so does the customer")
    story.say(second, "the same over the other PBX, though both phones are registered with the edge alone")
    for talk in talks:
        await talk.end()


async def _a_call_out(story: Story) -> None:
    agent, other = story.desk.agent, story.desk.outside(RINGING, OK)
    phone = await agent.phone.dial(other.number)
    customer = await other.incoming()
    await phone.established()
    await joined(phone, customer)
    story.say("agent 1", "dials a number on the phone: the edge asks for the password and says whose phone it is;")
    story.say("system", "the bridge allows it, the PBX calls the trunk through the edge; both hear each other")
    await phone.hang_up()
    await customer.ended()
    await agent.client.label(PROCESSING)
    await agent.ready()


async def _one_order(story: Story) -> None:
    for agent in story.desk.agents:
        await agent.client.set_status("rest")
    waiting = [await story.call() for _ in range(3)]
    story.say("customer", f"three call and wait ({await story.calls()}); all agents rest")
    agent = story.desk.agent
    for customer in waiting:
        await customer.call.hears(MUSIC_HZ)
    for customer in waiting:
        await agent.ready()
        phone = await agent.phone.incoming()
        assert customer.number in phone.caller, "they are not served in the order in which they came"
        await phone.answer()
        await joined(phone, customer.call)
        await phone.hang_up()
        await customer.call.ended()
        await agent.client.label(PROCESSING)
    story.say("agent 1", "serves them alone, over both PBXs, in the order in which they came")
    for agent in story.desk.agents:
        await agent.ready()


async def _drain_and_add(story: Story) -> None:
    farm = story.farm
    await farm.edge.use(farm.behind_edge(draining="one"))
    await farm.until_state_is("one", "DX")
    talks = [await story.talk() for _ in story.farm.names]
    assert await farm.calls_at() == {"one": 0, "two": 2}
    story.say("system", f"PBX one drains, and two customers who call are both at the other ({await story.calls()})")
    for talk in talks:
        await talk.end()
    await farm.edge.use(farm.behind_edge())
    await farm.until_state_is("one", "AP")
    story.say("system", "PBX one is taken back by a reload of the edge")


async def _a_pbx_dies(story: Story) -> None:
    farm = story.farm
    await farm.until_calls_are(0)
    talks = {}
    for _ in farm.names:
        before = await farm.calls_at()
        talk = await story.talk()
        after = await farm.calls_at()
        talks[next(name for name in after if after[name] > before[name])] = talk
    await farm.pbxs["two"].kill()
    story.say("system", "PBX two is killed with a talk on it")
    began = time.monotonic()
    new = await story.call()
    took = time.monotonic() - began
    assert took < LEFT_WITHIN_S, f"it took {took:.1f} s"
    third = await story.lifted(new)
    who = story.name(third.agent)
    story.say("customer", f"one who calls now is answered by the other PBX after {took:.1f} s, and talks to {who}")
    await talks["one"].hear_each_other()
    story.say("customer", "the one at the other PBX has noticed nothing")
    await farm.until_state_is("two", "IP", LEFT_WITHIN_S)
    await farm.pbxs["two"].start()
    await farm.until_state_is("two", "AP")
    lost = talks["two"]
    row = await story.desk.rows.call(lost.customer.number)
    assert row["outcome"] == "node_lost", row
    story.say("system", "the PBX is back, and gets calls; the call that it had is written down as node_lost")
    await lost.phone.hang_up()
    await lost.customer.call.hang_up()
    await lost.agent.client.label(PROCESSING)
    await farm.until_phone_is(farm.pbxs["two"], lost.agent.cti_number, "online")
    await lost.agent.ready()
    for talk in (talks["one"], third):
        await talk.end()


async def _a_full_pbx_dies(story: Story) -> None:
    farm, (plain, kept) = story.farm, TWENTY.rooms()
    async with farm.desk(plain.name, ready=False) as first, farm.desk(kept.name, ready=False) as second:
        figures = await FullPbx(farm, first, second, TWENTY).dies()
    for line in figures.lines:
        story.say("system", line)
    figures.hold()


async def _the_edge_dies(story: Story) -> None:
    farm = story.farm
    talk = await story.talk()
    others = [agent for agent in story.desk.agents if agent is not talk.agent]
    for agent in others:
        await agent.client.set_status("rest")
    waiting = await story.call()
    await farm.edge.kill()
    story.say("system", "the edge is killed, while one customer talks and one waits")
    for pbx in farm.pbxs.values():
        await farm.until_phone_is(pbx, others[0].cti_number, "offline")
    await talk.hear_each_other()
    await others[0].ready()
    await asyncio.sleep(farm.agent_lost_s + 1)
    assert (await others[0].client.me())["status"] == "ready"
    story.say(story.name(talk.agent), "both PBXs think that all phones are gone; the two talk on")
    story.say(story.name(others[0]), "is still ready, and the customer who waits is not sent away")
    await farm.edge.start()
    served = await story.lifted(waiting)
    story.say(story.name(served.agent), "the edge is back: it knows all phones, and the customer who waited is served")
    await talk.end()
    await served.end()
    await others[1].ready()


async def _the_bridge_dies(story: Story) -> None:
    farm = story.farm
    active, spare = await farm.roles()
    talk = await story.talk()
    call_id = (await talk.agent.client.me())["call"]["call_id"]
    began = time.monotonic()
    await active.bridge.kill()
    await farm.door.leads_to(spare)
    while True:
        try:
            await talk.agent.client.me()
        except (aiohttp.ClientError, Refused):
            assert time.monotonic() - began < TAKEN_OVER_WITHIN_S, "the spare has not taken over"
            await asyncio.sleep(0.02)
        else:
            break
    took = time.monotonic() - began
    assert took < TAKEN_OVER_WITHIN_S, f"it took {took:.1f} s"
    await talk.hear_each_other()
    story.say("system", f"the bridge is killed in a talk; its spare has both PBXs and all calls after {took:.1f} s")
    await talk.agent.client.hang_up(call_id)
    await talk.phone.ended()
    await talk.customer.call.ended()
    await story.desk.rows.call(talk.customer.number)
    story.say(story.name(talk.agent), "hangs up in the panel, which the spare serves")
