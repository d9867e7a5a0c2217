"""One call in every state at once, and the loss of the bridge: no conversation is cut, and every agent goes on."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from tests.acceptance.calls import CONSULTING, DIALING, ON_HOLD, PROCESSING, TALKING, Talk, nothing_left
from tests.acceptance.hearing import assert_heard, joined
from tests.support.outside import OutsideCall, OutsidePhone
from tests.support.party import Party
from tests.support.phones import PhoneCall
from tests.support.rooms import MUSIC_HZ
from tests.support.rows import eventually
from tests.support.stack import Agent, Desk

GAP_S = 0.2
"""More than this is a gap."""
LISTEN_S = 1.0


class Scene:
    """A room with one call in every state."""

    def __init__(self, desk: Desk, queue: Desk) -> None:
        self.desk, self.queue = desk, queue
        (
            self.talker,
            self.holder,
            self.ringer,
            self.ringers_target,
            self.consulter,
            self.consulters_target,
            self.left,
            self.lefts_target,
            self.dialer,
            self.caller,
            self.sender,
            self.senders_target,
            self.connector,
            self.rung,
            self.forcer,
            self.loser,
        ) = desk.agents

    async def set(self) -> None:
        """Bring every call into its state."""
        desk = self.desk
        self.talking = await self._talk(self.talker)
        self.forced = await self._talk(self.forcer)
        self.held = await self._talk(self.holder)
        await self.holder.client.hold(self.held.call_id)
        self.consult_ringing = await self._talk(self.ringer)
        self.ringing_target = await self._consult(self.ringer, self.consult_ringing, self.ringers_target)
        self.consult_talking = await self._talk(self.consulter)
        self.consulted = await self._consult(self.consulter, self.consult_talking, self.consulters_target)
        await self.consulted.answer()
        self.consult_alone = await self._talk(self.left)
        self.alone_with = await self._consult(self.left, self.consult_alone, self.lefts_target)
        await self.alone_with.answer()
        await self.consult_alone.customer.hang_up()
        self.transferred = await self._talk(self.connector)
        self.transferred_to = await self._transferred(self.connector, self.transferred)
        self.sent = await self._talk(self.sender)
        await self.senders_target.ready()
        await self.sender.client.transfer(self.sent.call_id, agent=self.senders_target.cti_id)
        self.sent_to = await self.senders_target.phone.incoming()
        self.caller_id, self.calling, self.called = await self._dial(self.caller)
        far = await self.called.incoming()
        self.far = far
        self.dialed_number = desk.outside()
        self.dialer_id = await self.dialer.client.dial(self.dialed_number.number, desk.furnished.calling_number)
        self.dialing = await self.dialer.phone.incoming()
        await self.rung.ready()
        self.offered = await desk.call()
        self.offer = await self.rung.phone.incoming()
        self.waiting = await self.queue.call()

    async def lose(self, phone: OutsidePhone) -> OutsideCall:
        """The last agent's phone dies in a conversation, and rings again: here it is."""
        await self.loser.ready()
        self.lost = await self.desk.call()
        line = await phone.incoming()
        await line.answer()
        await joined(line, self.lost.call)
        line.die()
        await self.loser.client.label("Reconnecting")
        return await phone.incoming()

    async def _talk(self, agent: Agent) -> Talk:
        await agent.ready()
        customer = await self.desk.call()
        phone = await agent.lift()
        shown = await agent.client.label(TALKING)
        return Talk(shown["call"]["call_id"], phone, customer.call, customer.number)

    async def _consult(self, agent: Agent, talk: Talk, target: Agent) -> PhoneCall:
        await target.ready()
        await agent.client.consult(talk.call_id, agent=target.cti_id)
        return await target.phone.incoming()

    async def _transferred(self, agent: Agent, talk: Talk) -> OutsideCall:
        other = self.desk.outside()
        await agent.client.consult(talk.call_id, number=other.number)
        far = await other.incoming()
        await far.answer()
        await agent.client.shows(lambda shown: shown["call"]["consult"]["state"] == "talking", "the consultation")
        await agent.client.connect(talk.call_id)
        await agent.client.label(PROCESSING)
        return far

    async def _dial(self, agent: Agent) -> tuple[str, PhoneCall, OutsidePhone]:
        other = self.desk.outside()
        call_id = await agent.client.dial(other.number, self.desk.furnished.calling_number)
        return call_id, await agent.lift(), other

    @property
    def pairs(self) -> list[tuple[Party, Party]]:
        """Who talks with whom."""
        return [
            (self.talking.phone, self.talking.customer),
            (self.consult_talking.phone, self.consulted),
            (self.consult_alone.phone, self.alone_with),
            (self.transferred.customer, self.transferred_to),
        ]

    @property
    def with_music(self) -> list[Party]:
        """Who waits."""
        customers = [self.held.customer, self.consult_ringing.customer, self.consult_talking.customer]
        return [*customers, self.offered.call, self.waiting.call]

    async def as_it_is(self) -> None:
        """Everybody is shown in their state, and hears who they should hear."""
        expected = {
            self.talker: TALKING,
            self.holder: ON_HOLD,
            self.ringer: CONSULTING,
            self.ringers_target: "Ringing",
            self.consulter: CONSULTING,
            self.consulters_target: TALKING,
            self.left: CONSULTING,
            self.lefts_target: TALKING,
            self.dialer: DIALING,
            self.caller: DIALING,
            self.sender: PROCESSING,
            self.senders_target: "Ringing",
            self.connector: PROCESSING,
            self.rung: "Ringing",
        }
        await asyncio.gather(*(agent.client.label(label) for agent, label in expected.items()))
        hears: dict[Party, list[int]] = {party: [MUSIC_HZ] for party in self.with_music}
        hears[self.held.phone] = []
        for first, second in self.pairs:
            hears[first], hears[second] = [second.tone_hz], [first.tone_hz]
        await assert_heard(hears)


async def go_on(scene: Scene) -> None:
    """From each state, one way on."""
    await asyncio.gather(
        _resumes(scene.holder, scene.held),
        _is_connected(scene.ringer, scene.consult_ringing, scene.ringing_target),
        _cancels(scene.consulter, scene.consult_talking, scene.consulted),
        _ends_alone(scene),
        _holds(scene.talker, scene.talking),
        _lifts(scene.sent_to, scene.sent.customer),
        _lifts(scene.offer, scene.offered.call),
        _dials_on(scene),
        _far_end_lifts(scene),
        _is_served(scene),
    )


async def _resumes(agent: Agent, talk: Talk) -> None:
    await agent.client.resume(talk.call_id)
    await joined(talk.phone, talk.customer)


async def _holds(agent: Agent, talk: Talk) -> None:
    await agent.client.hold(talk.call_id)
    await assert_heard({talk.phone: [], talk.customer: [MUSIC_HZ]})


async def _is_connected(agent: Agent, talk: Talk, rung: PhoneCall) -> None:
    await rung.answer()
    await agent.client.shows(lambda shown: shown["call"]["consult"]["state"] == "talking", "the consultation")
    await agent.client.connect(talk.call_id)
    await joined(rung, talk.customer)


async def _cancels(agent: Agent, talk: Talk, target: PhoneCall) -> None:
    await agent.client.cancel(talk.call_id)
    await target.ended()
    await agent.client.resume(talk.call_id)
    await joined(talk.phone, talk.customer)


async def _ends_alone(scene: Scene) -> None:
    await scene.left.client.hang_up(scene.consult_alone.call_id)
    await asyncio.gather(scene.consult_alone.phone.ended(), scene.alone_with.ended())


async def _lifts(rung: PhoneCall, customer: Party) -> None:
    await rung.answer()
    await joined(rung, customer)


async def _dials_on(scene: Scene) -> None:
    await scene.dialing.answer()
    far = await scene.dialed_number.incoming()
    await far.answer()
    await joined(scene.dialing, far)


async def _far_end_lifts(scene: Scene) -> None:
    await scene.far.answer()
    await joined(scene.calling, scene.far)


async def _is_served(scene: Scene) -> None:
    agent = scene.queue.agent
    await agent.ready()
    await _lifts(await agent.phone.incoming(), scene.waiting.call)


async def all_go_on(
    scene: Scene, phone: OutsidePhone, lose_the_bridge: Callable[[], Awaitable[None]], *, longest_gap_s: float = GAP_S
) -> None:
    """All calls are there, the bridge is lost, and when one is there again all go on. ``phone`` is the last agent's,
    which can die. ``lose_the_bridge`` returns when commands are answered again."""
    desk, queue, stack = scene.desk, scene.queue, scene.desk.stack
    await scene.set()
    await scene.as_it_is()
    since = time.monotonic()
    ringing = [scene.rung, scene.ringers_target, scene.senders_target]
    offers = [agent.client.agent["offer"] for agent in ringing]
    last = await desk.rows.call(scene.waiting.number, ended=False)
    await eventually(lambda: desk.rows.call_events(last["id"]), lambda events: len(events) >= 2)
    again = await scene.lose(phone)
    await scene.forcer.client.force_disconnect(scene.forced.call_id, "threat")
    await lose_the_bridge()
    await asyncio.gather(*(agent.client.open_panel() for agent in [*desk.agents, *queue.agents]))
    await again.answer()
    await joined(again, scene.lost.call)
    await scene.as_it_is()
    assert [agent.client.agent["offer"] for agent in ringing] == offers, "a deadline was begun anew"
    await scene.talking.phone.listen(LISTEN_S)
    for pair in scene.pairs:
        for one, other in (pair, pair[::-1]):
            gap = one.heard.longest_gap(other.tone_hz, since, (one.heard.ended_at or since) - 0.1)
            assert gap <= longest_gap_s, f"{one.tone_hz} Hz did not hear {other.tone_hz} Hz for {gap:.2f} s"
    for party in scene.with_music:
        assert party.heard.longest_silence(since, (party.heard.ended_at or since) - 0.1) < 0.5
    await go_on(scene)
    await scene.forced.customer.ended()
    assert (await desk.rows.call(scene.forced.number))["outcome"] == "force_disconnected"
    await asyncio.gather(desk.close_calls(), queue.close_calls())
    numbers = [talk.number for talk in (scene.talking, scene.held, scene.consult_ringing, scene.consult_talking)]
    numbers += [scene.consult_alone.number, scene.sent.number, scene.transferred.number, scene.offered.number]
    numbers += [scene.called.number, scene.dialed_number.number, scene.waiting.number, scene.lost.number]
    for number in numbers:
        call = await desk.rows.call(number)
        assert call["outcome"] == "completed", call
        await nothing_left(stack, call["id"], number)
        assert len(await desk.rows.fetch("select 1 from cti.ticket where call_id = $1::uuid", call["id"])) == 1
