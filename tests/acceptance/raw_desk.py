"""A room whose phones are SIP parties by hand: they have the codecs that a test gives them, count packets, and send
what they like. The bridge, its API and its PBX are the real ones."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from tests.support.agent_client import AgentClient, Refused
from tests.support.audio import TONE_STEP_HZ
from tests.support.rooms import MUSIC_HZ, PASSWORD, Furnished
from tests.support.rtp_party import PCMU, Heard, RtpParty
from tests.support.stack import LEAVE_WITHIN_S, Stack

HEARS_WITHIN_S = 5.0
LISTEN_S = 0.3
LEAST = 0.6
"""Of the packets that are due in that time: a busy machine delivers some of them later."""
DUE = LISTEN_S / 0.02
LOWEST_HZ = 1000


@dataclass
class RawAgent:
    """An agent: panel, and a phone by hand."""

    client: AgentClient
    phone: RtpParty
    cti_number: str


@dataclass
class RawDesk:
    """One room."""

    stack: Stack
    furnished: Furnished
    parts: AsyncExitStack
    agents: list[RawAgent] = field(default_factory=list)
    parties: list[RtpParty] = field(default_factory=list)

    async def party(self, codecs: Sequence[str]) -> RtpParty:
        """Somebody with these codecs and a tone of their own."""
        pbx = self.stack.pbx
        hz = LOWEST_HZ + 6 * TONE_STEP_HZ * len(self.parties)
        party = await self.parts.enter_async_context(
            RtpParty.speaking((pbx.sip_host, pbx.sip_port), codecs, hz)
        )  # fmt: skip
        self.parties.append(party)
        return party

    async def customer(self, codecs: Sequence[str] = (PCMU,), before: str = "", after: str = "") -> RtpParty:
        """A customer who calls the room's number and is answered by the bridge. ``before`` and ``after`` are lines of
        the offer that stand there beside the audio."""
        party = await self.party(codecs)
        party.media_before, party.media_after = before, after
        assert await party.dial(self.furnished.number, self.stack.next_caller()) == 200
        return party

    async def talking(self, codecs: Sequence[str] = (PCMU,), after: str = "") -> tuple[str, RtpParty]:
        """A customer talks to the first agent; returns the call's id and the customer."""
        customer = await self.customer(codecs, after=after)
        agent = self.agents[0]
        await agent.phone.lift()
        shown = await agent.client.label("Talking")
        return shown["call"]["call_id"], customer

    async def seat(self, index: int, codecs: Sequence[str]) -> None:
        """An agent takes a seat: phone registered, logged in, and not ready yet."""
        seat = self.furnished.seats[index]
        phone = await self.party(codecs)
        assert await phone.register(seat.cti_number, seat.sip_password) == 200
        client = AgentClient(self.stack.bridge.url, seat.cti_id, PASSWORD)
        self.parts.push_async_callback(_leave, client)
        self.agents.append(RawAgent(client, phone, seat.cti_number))
        await client.log_in()
        await client.open_panel()
        await client.shows(lambda shown: shown["phone"] == "reachable", "a phone that is there")


@asynccontextmanager
async def raw_desk(stack: Stack, room: str, *phones: Sequence[str]) -> AsyncIterator[RawDesk]:
    """The room with an agent for each of ``phones``, the codecs of that phone; all are ready, in this order."""
    async with AsyncExitStack() as parts:
        desk = RawDesk(stack, stack.rooms[room], parts)
        for index, codecs in enumerate(phones):
            await desk.seat(index, codecs)
        for agent in desk.agents:
            await agent.client.ready()
        yield desk
        await asyncio.gather(*(party.hang_up() for party in desk.parties))


async def _leave(client: AgentClient) -> None:
    end = time.monotonic() + LEAVE_WITHIN_S
    while time.monotonic() < end:
        try:
            await client.log_out()
        except Refused as refused:
            if refused.code != "not_allowed_now":
                break
            await asyncio.sleep(0.02)
        except aiohttp.ClientError:
            break
        else:
            break
    await client.close()


async def hears(party: RtpParty, *tones: int) -> Heard:
    """Wait until a party receives all the packets that are due, with these tones in them; returns what came last.
    Fails when that never happens: a party who is deaf stays so for minutes."""
    end = time.monotonic() + HEARS_WITHIN_S
    while True:
        heard = await party.hear(LISTEN_S)
        if heard.packets >= LEAST * DUE and all(heard.hears(hz) for hz in tones):
            return heard
        assert time.monotonic() < end, f"{heard.packets} of {DUE:.0f} packets came, and not the tones {tones}"


async def together(first: RtpParty, second: RtpParty) -> None:
    """Both receive each other's audio, and not their own."""
    for heard, own in zip(
        await asyncio.gather(hears(first, second.hz), hears(second, first.hz)), (first, second), strict=True
    ):
        assert not heard.hears(own.hz), f"the party of {own.hz} Hz hears itself"
        assert not heard.hears(MUSIC_HZ), f"the party of {own.hz} Hz hears music in a conversation"
