"""Kinds of calls, each played in a scene and noted as its truth. Nobody is ready at the beginning of one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from tests.acceptance.scene import AFTER, Live, Scene
from tests.acceptance.truth import TrueChange
from tests.support.agent_client import Json
from tests.support.outside import RINGING, OutsideCall
from tests.support.phones import PhoneCall
from tests.support.rooms import FORCED_HZ, GREETING_HZ, MUSIC_HZ, WARNING_HZ
from tests.support.stack import Agent

Kind = Callable[[Scene], Awaitable[None]]


# ------------------------------------------------------------------------------------------------- nobody has answered


async def leaves_in_the_greeting(scene: Scene) -> None:
    """An agent is ready, and must not be rung."""
    await scene.ready(scene.agents[0])
    live = await scene.comes()
    await live.customer.hears(GREETING_HZ, for_s=0.1)
    live.truth.end(await scene.leaves(live), "left_in_scenario", "customer", "in_scenario", None)


async def leaves_waiting(scene: Scene) -> None:
    live = await scene.waits()
    await scene.stays()
    live.truth.end(await scene.leaves(live), "abandoned_waiting", "customer", "waiting", None)


async def leaves_ringing(scene: Scene) -> None:
    agent = scene.agents[0]
    live = await scene.waits()
    await scene.ready(agent)
    phone = await scene.rung(live, agent)
    await scene.stays()
    at = await scene.leaves(live)
    await phone.ended()
    scene.failed(live, agent, "caller_left", at, "ready")
    live.truth.end(at, "abandoned_ringing", "customer", "ringing", None)


async def declined_then_missed_then_answered(scene: Scene) -> None:
    first, second, third = scene.agents
    live = await scene.waits()
    await scene.ready(first)
    phone = await scene.rung(live, first)
    offer: Json = (await first.client.shows(lambda shown: shown["offer"] is not None, "the offer"))["offer"]
    at = time.monotonic()
    await first.client.decline(offer["offer_id"])
    await phone.ended()
    scene.failed(live, first, "declined", at)
    await scene.ready(second)
    phone = await scene.rung(live, second)
    scene.failed(live, second, "missed", await phone.ended())
    await scene.ready(third)
    await scene.answers(live, third, await scene.rung(live, third))
    await scene.stays()
    await scene.hangs_up(live, third)


# ---------------------------------------------------------------------------------------------------- talks and holds


async def talks(scene: Scene) -> None:
    live = await scene.talk(scene.agents[0])
    await scene.over(live, scene.agents[0], await scene.leaves(live), "customer")


async def held_by_the_panel(scene: Scene) -> None:
    agent = scene.agents[0]
    live = await scene.talk(agent)
    await scene.hold(live, agent)
    await scene.resume(live, agent)
    await scene.stays()
    await scene.hangs_up(live, agent)


async def held_by_the_phone(scene: Scene) -> None:
    agent = scene.agents[0]
    live = await scene.talk(agent)
    assert isinstance(live.phone, PhoneCall)
    for press, tone_hz, to, cause, event in (
        (live.phone.hold, MUSIC_HZ, "on_hold", "held", "held"),
        (live.phone.resume, agent.tone_hz, "talking", "resumed", "resumed"),
    ):
        at = time.monotonic()
        await press()
        await live.customer.hears(tone_hz, since=at)
        scene.change(agent, to, cause, at, live)
        live.truth.events.append(event)
        await scene.stays()
    await scene.over(live, agent, await scene.leaves(live), "customer")


async def leaves_on_hold(scene: Scene) -> None:
    agent = scene.agents[0]
    live = await scene.talk(agent)
    await scene.hold(live, agent)
    await scene.over(live, agent, await scene.leaves(live), "customer", "on_hold")


async def agent_leaves_on_hold_and_the_customer_in_the_queue(scene: Scene) -> None:
    await _returned(scene, await scene.talk(scene.agents[0]))


async def _returned(scene: Scene, live: Live) -> None:
    """The agent hangs up on hold; the customer is in a queue again, and leaves it."""
    agent = scene.agents[0]
    await scene.hold(live, agent)
    assert live.phone is not None
    at = time.monotonic()
    await live.phone.hang_up()
    live.truth.events.append("returned")
    live.begins_to_wait(at)
    await scene.let_go(live, agent, at)
    await scene.stays()
    left = await scene.leaves(live)
    live.truth.ticket.append("call_event")
    live.truth.end(left, "abandoned_returned", "customer", "waiting")


# ------------------------------------------------------------------------------------------------------- consultations


async def _joined(scene: Scene, live: Live, agent: Agent, target: Agent, at: float) -> None:
    """The customer is with the target now, and the agent out of the call."""
    live.truth.events.append("transferred")
    scene.has(live, target, target.phone.calls[-1], at)
    await scene.let_go(live, agent, at, "transferred")
    await live.customer.hears(target.tone_hz)
    await scene.stays()
    await scene.over(live, target, await scene.leaves(live), "customer")


async def consulted_and_connected(scene: Scene) -> None:
    agent, target, _ = scene.agents
    live = await scene.talk(agent)
    await scene.consulted(live, target, await scene.consults(live, agent, target))
    at = time.monotonic()
    await agent.client.connect(live.call_id)
    await _joined(scene, live, agent, target, at)


async def consulted_and_cancelled(scene: Scene) -> None:
    agent, target, _ = scene.agents
    live = await scene.talk(agent)
    await scene.hold(live, agent)
    await scene.consulted(live, target, await scene.consults(live, agent, target, held=True))
    at = time.monotonic()
    await agent.client.cancel(live.call_id)
    live.truth.events.append("consult_cancelled")
    await scene.let_go(live, target, at)
    scene.change(agent, "on_hold", "consult_cancelled", at, live)
    await scene.resume(live, agent)
    await scene.stays()
    await scene.hangs_up(live, agent)


async def cancelled_while_the_target_rings(scene: Scene) -> None:
    agent, target, _ = scene.agents
    live = await scene.talk(agent)
    rung = await scene.consults(live, agent, target)
    await scene.stays()
    at = time.monotonic()
    await agent.client.cancel(live.call_id)
    live.truth.events.append("consult_cancelled")
    await rung.ended()
    scene.failed(live, target, "withdrawn", at, "ready")
    scene.change(agent, "on_hold", "consult_cancelled", at, live)
    await scene.resume(live, agent)
    await scene.hangs_up(live, agent)


async def leaves_in_a_consultation(scene: Scene) -> None:
    """Agent and target talk on for a while. The customer has ended the call, and when they left."""
    agent, target, _ = scene.agents
    live = await scene.talk(agent)
    rung = await scene.consults(live, agent, target)
    await scene.consulted(live, target, rung)
    await scene.leaves(live)
    live.truth.events.append("customer_left")
    await scene.stays()
    at = time.monotonic()
    await rung.hang_up()
    await agent.phone.calls[-1].ended()
    live.truth.events.append("target_gone")
    await scene.let_go(live, target, at)
    await scene.over(live, agent, at, "customer", "consult_alone")


# ----------------------------------------------------------------------------------------------------------- transfers


async def transferred_to_an_agent(scene: Scene) -> None:
    agent, target, _ = scene.agents
    live = await scene.talk(agent)
    await scene.ready(target)
    await scene.sends(live, agent, agent=target.cti_id)
    rung = await scene.rung(live, target, "transfer")
    await scene.stays()
    at = await scene.lifted(live, target, rung, "connected")
    live.truth.events += ["target_answered", "transferred"]
    scene.has(live, target, rung, at)
    await live.customer.hears(target.tone_hz)
    await scene.stays()
    await scene.over(live, target, await scene.leaves(live), "customer")


async def transferred_to_outside(scene: Scene) -> None:
    agent = scene.agents[0]
    live = await scene.talk(agent)
    other = scene.desk.outside()
    await scene.sends(live, agent, number=other.number)
    far = await other.incoming()
    await scene.stays()
    await far.answer()
    live.truth.events += ["target_answered", "transferred"]
    await live.customer.hears(far.tone_hz)
    await scene.stays()
    at = await scene.leaves(live)
    live.truth.ticket += ["participant_added", "call_event"]
    live.truth.end(at, "completed", "customer", "transferred")


async def declined_transfer_comes_back(scene: Scene) -> None:
    agent, target, _ = scene.agents
    live = await scene.talk(agent)
    await scene.ready(target)
    await scene.sends(live, agent, agent=target.cti_id)
    rung = await scene.rung(live, target, "transfer")
    await scene.stays()
    offer = (await target.client.shows(lambda shown: shown["offer"] is not None, "the offer"))["offer"]
    at = time.monotonic()
    await target.client.decline(offer["offer_id"])
    await rung.ended()
    scene.failed(live, target, "declined", at)
    live.truth.events.append("target_gone")
    live.truth.ticket.append("call_event")
    await _comes_back(scene, live, agent)


async def recalled(scene: Scene) -> None:
    agent, target, _ = scene.agents
    live = await scene.talk(agent)
    await scene.ready(target)
    await scene.sends(live, agent, agent=target.cti_id)
    rung = await scene.rung(live, target, "transfer")
    await scene.stays()
    at = time.monotonic()
    await agent.client.recall(live.call_id)
    live.truth.events.append("recalled")
    await rung.ended()
    scene.failed(live, target, "withdrawn", at, "ready")
    await _comes_back(scene, live, agent)


async def _comes_back(scene: Scene, live: Live, agent: Agent) -> None:
    """The sender is offered the call again, and talks on."""
    back = await scene.rung(live, agent, "recall", "recalled")
    await scene.stays()
    await scene.answers(live, agent, back)
    await scene.stays()
    await scene.over(live, agent, await scene.leaves(live), "customer")


async def leaves_while_a_transfer_rings(scene: Scene) -> None:
    agent, target, _ = scene.agents
    live = await scene.talk(agent)
    await scene.ready(target)
    await scene.sends(live, agent, agent=target.cti_id)
    rung = await scene.rung(live, target, "transfer")
    await scene.stays()
    at = await scene.leaves(live)
    await rung.ended()
    scene.failed(live, target, "caller_left", at, "ready")
    live.truth.ticket.append("call_event")
    live.truth.end(at, "completed", "customer", "transfer_ringing")


# ---------------------------------------------------------------------------------------------------- force disconnect


async def forced(scene: Scene) -> None:
    await _forced(scene, await scene.talk(scene.agents[0]))


async def warned_and_forced(scene: Scene) -> None:
    agent = scene.agents[0]
    live = await scene.talk(agent)
    await agent.client.warn(live.call_id)
    live.truth.events += ["warned", "warning_ended"]
    live.truth.ticket.append("call_event")
    at = await live.customer.hears(WARNING_HZ)
    await live.customer.hears(agent.tone_hz, since=at)
    await _forced(scene, live)


async def _forced(scene: Scene, live: Live) -> None:
    agent = scene.agents[0]
    at = time.monotonic()
    await agent.client.force_disconnect(live.call_id, "threat")
    await live.customer.hears(FORCED_HZ)
    live.truth.events.append("force_disconnected")
    live.truth.ticket += ["force_disconnected", "call_event"]
    await scene.let_go(live, agent, at, "forced")
    live.truth.end(await live.customer.ended(), "force_disconnected", "agent", "announcing", None)


# ----------------------------------------------------------------------------------------------------------- calls out


async def called_out(scene: Scene) -> None:
    agent = scene.agents[0]
    live = await scene.called(agent)
    await scene.over(live, agent, await scene.leaves(live), "customer")


async def busy_after_a_call(scene: Scene) -> None:
    """The after-call work of the first call goes on behind the call out that came to nothing."""
    agent = scene.agents[0]
    before = await scene.talk(agent)
    await scene.hangs_up(before, agent)
    live, _, at = await _fails(scene, agent, 486)
    scene.changes[agent.cti_id].append(
        TrueChange(AFTER, "dial_failed", at, live.truth.number, work_of=before.truth.number)
    )
    live.truth.end(at, "busy", "customer", "dialing_customer", 17)


async def does_not_answer(scene: Scene) -> None:
    agent = scene.agents[0]
    await scene.ready(agent)
    live, _, at = await _fails(scene, agent, 480)
    scene.change(agent, "ready", "dial_failed", at, live)
    live.truth.end(at, "no_answer", "system", "dialing_customer", 19)


async def _fails(scene: Scene, agent: Agent, code: int) -> tuple[Live, OutsideCall, float]:
    live, other = await scene.dials(agent, RINGING)
    await scene.own_phone(live, agent)
    far = await other.incoming()
    live.truth.customer_rang = far.rang_at
    await scene.stays()
    at = time.monotonic()
    far.say(code)
    await agent.client.shows(lambda shown: shown["call"] is None, "no call")
    return live, far, at


async def cancelled_while_the_own_phone_rings(scene: Scene) -> None:
    agent = scene.agents[0]
    await scene.ready(agent)
    live, _ = await scene.dials(agent)
    phone = await agent.phone.incoming()
    await scene.stays()
    at = time.monotonic()
    await agent.client.hang_up(live.call_id)
    await phone.ended()
    scene.change(agent, "ready", "dial_failed", at, live)
    live.truth.end(at, "cancelled", "agent", "dialing_agent", None)


async def call_out_comes_back_and_is_left(scene: Scene) -> None:
    await _returned(scene, await scene.called(scene.agents[0]))


# --------------------------------------------------------------------------------------------------------- a phone dies


async def phone_dies_and_comes_back(scene: Scene) -> None:
    """In a room whose phones can die: the first agent's is one of `agents_phone.mortal`."""
    agent = scene.agents[0]
    live = await scene.talk(agent)
    line = live.phone
    assert isinstance(line, OutsideCall)
    died = time.monotonic()
    line.die()
    noticed = await live.customer.hears(MUSIC_HZ, since=died)
    live.truth.deaf_s = noticed - died
    scene.change(agent, "reconnecting", "agent_lost", noticed, live)
    live.truth.events += ["agent_lost", "agent_back"]
    again = await agent.phone.incoming()
    await scene.stays()
    await again.answer()
    scene.change(agent, "talking", "agent_back", again.established_at or 0.0, live)
    await live.customer.hears(agent.tone_hz, since=noticed)
    await scene.stays()
    await scene.over(live, agent, await scene.leaves(live), "customer")


SHORT: tuple[Kind, ...] = (
    leaves_in_the_greeting,
    leaves_in_a_consultation,
    busy_after_a_call,
    declined_transfer_comes_back,
    call_out_comes_back_and_is_left,
)
"""Those that show most, in some twenty seconds."""

ALL: tuple[Kind, ...] = (
    *SHORT,
    leaves_waiting,
    leaves_ringing,
    declined_then_missed_then_answered,
    talks,
    held_by_the_panel,
    held_by_the_phone,
    leaves_on_hold,
    agent_leaves_on_hold_and_the_customer_in_the_queue,
    consulted_and_connected,
    consulted_and_cancelled,
    cancelled_while_the_target_rings,
    transferred_to_an_agent,
    transferred_to_outside,
    recalled,
    leaves_while_a_transfer_rings,
    forced,
    warned_and_forced,
    called_out,
    does_not_answer,
    cancelled_while_the_own_phone_rings,
)


async def play(scene: Scene, kinds: tuple[Kind, ...]) -> None:
    """Play them one after the other."""
    for kind in kinds:
        try:
            await kind(scene)
        except (AssertionError, TimeoutError) as error:
            raise AssertionError(f"{kind.__name__}: {error}") from error
        await scene.rest()
        await asyncio.gather(
            *(agent.client.shows(lambda shown: shown["call"] is None, "no call") for agent in scene.agents)
        )


__all__ = ["ALL", "SHORT", "phone_dies_and_comes_back", "play"]
