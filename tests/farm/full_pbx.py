"""A PBX dies with many calls on it: conversations, some recorded, some on hold, and callers who wait.

Who talks over the other PBX goes on and hears no gap. Who calls now is answered there. Agents of the dead PBX hang up
in their panels, or wait until it is back; those who hang up are given callers of the other PBX at once. In the end each
call has come to one end, with all its rows.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tests.acceptance.hearing import joined
from tests.chaos.promises import Breach, broken_in_rows
from tests.support.farm import Farm
from tests.support.phones import PhoneCall
from tests.support.priority import carries_audio
from tests.support.rooms import MUSIC_HZ, Room
from tests.support.rows import eventually
from tests.support.stack import Agent, Customer, Desk

DYING, OTHER = "two", "one"
GAP_S = 0.2
"""More than this is a gap in a conversation."""
LEFT_WITHIN_S = 3.0
"""A call that comes when a PBX has died is answered by another one within this time."""
RUNG_WITHIN_S = 5.0
"""An agent of the dead PBX who hangs up at once is rung by the other one within this time."""
MORE = 10
BEFORE_S = 2.0
"""The time before the kill that is listened to, too: a busy machine has gaps that are nobody's fault."""
PROCESSING, ON_HOLD = "Business (Ticket Processing)", "On Hold"
ENDINGS = ("node_lost", "completed")
"""By the PBX that is back, or by the agent who has hung up before."""


class Load(NamedTuple):
    """The calls of the PBX that dies. ``beside`` is the number of conversations at the other one, of each kind."""

    talks: int
    held: int
    kept: int
    kept_held: int
    waiting: int
    beside: int

    @property
    def calls(self) -> int:
        """All of them."""
        return self.talks + self.held + self.kept + self.kept_held + self.waiting

    def rooms(self) -> tuple[Room, Room]:
        """Return where they are: one room, and one whose conversations are recorded."""
        agents = self.beside + self.talks + self.held
        kept = self.beside + self.kept + self.kept_held
        name = f"full-{self.calls}"
        return Room(name, agents=agents), Room(f"{name}-kept", agents=kept, recorded='record = "always"')


TEN = Load(talks=2, held=2, kept=1, kept_held=1, waiting=4, beside=1)
TWENTY = Load(talks=4, held=2, kept=3, kept_held=1, waiting=10, beside=2)


class Talk(NamedTuple):
    agent: Agent
    phone: PhoneCall
    customer: Customer

    def gap_s(self, since: float, until: float) -> float:
        """The longest time in which one of them did not hear the other, in seconds."""
        both = ((self.phone, self.customer.call), (self.customer.call, self.phone))
        return max(one.heard.longest_gap(other.tone_hz, since, until) for one, other in both)


@dataclass(frozen=True)
class Figures:
    """What was seen. Times are seconds from the kill, but for ``over_s``, from when the PBX took calls again."""

    load: Load
    gap_s: float
    """The longest gap for those who talk over the other PBX, from the kill until all was over."""
    gap_before_s: float
    """The same in the moments before the kill."""
    new_s: float
    """Until those were answered who called now, and whom the edge had led to the dead PBX first."""
    served_s: float
    """Until the phone of an agent of the dead PBX rang for a caller who waited at the other one."""
    over_s: float
    """Until each call of the dead PBX had its end in the rows."""
    outcomes: dict[str, int]

    def hold(self) -> None:
        """Raise an AssertionError where more was seen than is promised."""
        assert self.gap_s <= GAP_S, self
        assert self.new_s < LEFT_WITHIN_S, self
        assert self.served_s < RUNG_WITHIN_S, self

    @property
    def lines(self) -> list[str]:
        """The figures in words."""
        load, outcomes = self.load, ", ".join(f"{name} {count}" for name, count in self.outcomes.items())
        kept, held = load.kept + load.kept_held, load.held + load.kept_held
        return [
            f"a PBX is killed with {load.calls} calls on it: {load.calls - load.waiting} conversations, {kept} of them"
            f" recorded and {held} on hold, and {load.waiting} callers who wait",
            f"the {2 * load.beside} conversations at the other PBX: longest gap {self.gap_s:.2f} s"
            f" ({self.gap_before_s:.2f} s before the kill)",
            f"who calls now is answered by the other PBX after {self.new_s:.1f} s, though the dead one had fewer calls;"
            f" an agent of the dead one is rung for a caller of the other after {self.served_s:.1f} s",
            f"the PBX is back, and its calls are over in the rows {self.over_s:.1f} s later, each once: {outcomes}",
        ]


class FullPbx:
    """``plain`` and ``kept`` are the desks of :meth:`Load.rooms`, where nobody is ready."""

    def __init__(self, farm: Farm, plain: Desk, kept: Desk, load: Load) -> None:
        self.farm, self.plain, self.kept, self.load = farm, plain, kept, load
        self.began_at = time.time()
        self.beside: list[Talk] = []
        self.lost: list[Talk] = []
        self.waiting: list[Customer] = []

    async def dies(self) -> Figures:
        """Let it happen, and return what was seen. What should not be is an AssertionError."""
        farm = self.farm
        await self._begin()
        since = time.monotonic()
        await asyncio.gather(*(talk.phone.listen(BEFORE_S) for talk in self.beside))
        killed_at = time.monotonic()
        gap_before_s = self._gap_s(since, killed_at - 0.1)
        # The edge leads the next call to the PBX with the fewest.
        await farm.count(OTHER, self.load.calls + MORE)
        await farm.pbxs[DYING].kill()
        new, new_s, served_s = await self._goes_on(killed_at)
        await farm.pbxs[DYING].start()
        carries_audio(farm.pbxs[DYING].pid)
        await farm.until_state_is(DYING, "AP")
        back_at = time.monotonic()
        outcomes = await self._outcomes()
        over_s = time.monotonic() - back_at
        await asyncio.gather(*(joined(talk.phone, talk.customer.call) for talk in self.beside))
        gap_s = self._gap_s(killed_at, time.monotonic() - 0.2)
        await self._end([*new, *self.beside])
        assert not await eventually(self._broken, lambda found: not found)
        return Figures(self.load, gap_s, gap_before_s, new_s, served_s, over_s, outcomes)

    async def _begin(self) -> None:
        """Bring all calls into their states: first those of the other PBX, for one that drains gets none."""
        farm, load = self.farm, self.load
        await farm.until_calls_are(0)
        await self._drain(DYING)
        self.beside = [*await self._talk(self.plain, load.beside), *await self._talk(self.kept, load.beside)]
        await self._drain(OTHER)
        plain, kept = await asyncio.gather(
            self._talk(self.plain, load.talks + load.held), self._talk(self.kept, load.kept + load.kept_held)
        )
        self.lost = [*plain, *kept]
        await asyncio.gather(*(self._hold(talk) for talk in (*plain[load.talks :], *kept[load.kept :])))
        self.waiting = [await self.plain.call() for _ in range(load.waiting)]
        await asyncio.gather(*(customer.call.hears(MUSIC_HZ) for customer in self.waiting))
        await self._drain("")
        self.patient = await self.plain.call()
        await self.patient.call.hears(MUSIC_HZ)
        assert await farm.calls_at() == {OTHER: len(self.beside) + 1, DYING: load.calls}

    async def _drain(self, name: str) -> None:
        before = await self.farm.states()
        await self.farm.edge.use(self.farm.behind_edge(draining=name))
        for each in before:
            await self.farm.until_state_is(each, "DX" if each == name else "AP")

    async def _talk(self, desk: Desk, count: int) -> list[Talk]:
        """So many agents become ready, and so many customers call."""
        busy = {talk.agent.cti_id for talk in self.beside}
        agents = [agent for agent in desk.agents if agent.cti_id not in busy][:count]
        for agent in agents:
            await agent.ready()
        customers = [await desk.call() for _ in agents]
        phones = await asyncio.gather(*(agent.lift() for agent in agents))
        talks = []
        for agent, phone in zip(agents, phones, strict=True):
            (customer,) = (one for one in customers if one.number in phone.caller)
            talks.append(Talk(agent, phone, customer))
        await asyncio.gather(*(joined(talk.phone, talk.customer.call) for talk in talks))
        return talks

    async def _hold(self, talk: Talk) -> None:
        await talk.agent.client.hold(await _call_id(talk.agent))
        await talk.agent.client.label(ON_HOLD)
        await talk.customer.call.hears(MUSIC_HZ)

    async def _goes_on(self, killed_at: float) -> tuple[list[Talk], float, float]:
        """Some call now; and while the PBX is away three of its agents hang up, and serve a caller at the other
        one each. Return these conversations, and how long it took until they were answered, and until the first
        phone rang."""
        free = [talk for talk in self.lost if talk.agent in self.plain.agents][: 1 + len(self.farm.names)]

        giving_up = asyncio.gather(*(self._gives_up(talk) for talk in free))
        (new, new_at), _ = await asyncio.gather(self._arrive(), giving_up)
        await self.farm.count(OTHER, len(self.beside) + 1 + len(new))
        customers = [self.patient, *new]
        phones = await asyncio.gather(*(talk.agent.lift() for talk in free))
        talks = []
        for talk, phone in zip(free, phones, strict=True):
            (customer,) = (one for one in customers if one.number in phone.caller)
            talks.append(Talk(talk.agent, phone, customer))
        await asyncio.gather(*(joined(talk.phone, talk.customer.call) for talk in talks))
        return talks, new_at - killed_at, min(phone.started_at for phone in phones) - killed_at

    async def _arrive(self) -> tuple[list[Customer], float]:
        """One for each PBX calls in the same moment: so each place of the circle in which the edge has its PBXs has its
        turn. Return them, and when the last one was answered."""
        new = list(await asyncio.gather(*(self.plain.call() for _ in self.farm.names)))
        return new, max(one.call.established_at or 0.0 for one in new)

    async def _gives_up(self, talk: Talk) -> None:
        """The agent hangs up in the panel, and the phone's call, of which nothing is heard any more."""
        client = talk.agent.client
        await client.hang_up(await _call_id(talk.agent))
        await talk.phone.hang_up()
        await client.label(PROCESSING)
        await client.ready()

    async def _outcomes(self) -> dict[str, int]:
        """Wait until all calls of the dead PBX have come to their end, and return how."""
        numbers = [customer.number for customer in (*(talk.customer for talk in self.lost), *self.waiting)]
        query = "select customer_number, outcome from cti.call where customer_number = any($1) and ended_at is not null"
        rows = await eventually(
            lambda: self.farm.rows.fetch(query, numbers), lambda found: len(found) >= self.load.calls
        )
        assert sorted(row["customer_number"] for row in rows) == sorted(numbers), "each call ends once"
        outcomes = Counter(row["outcome"] for row in rows)
        assert set(outcomes) <= set(ENDINGS), outcomes
        return dict(outcomes)

    def _gap_s(self, since: float, until: float) -> float:
        return max(talk.gap_s(since, until) for talk in self.beside)

    async def _end(self, talks: Sequence[Talk]) -> None:
        """All hang up, also those who have not noticed that their PBX was gone."""
        parties = [*(talk.customer.call for talk in (*self.lost, *talks)), *(one.call for one in self.waiting)]
        parties += [talk.phone for talk in (*self.lost, *talks)]
        await asyncio.gather(*(party.hang_up() for party in parties))
        await asyncio.gather(*(talk.phone.ended() for talk in talks))
        await asyncio.gather(*(talk.agent.client.label(PROCESSING) for talk in (*self.lost, *talks)))

    async def _broken(self) -> list[Breach]:
        """The promises about rows that are broken since it began: what was before is the matter of others."""
        return [breach for breach in await broken_in_rows(self.farm.rows) if breach.at >= self.began_at]


async def _call_id(agent: Agent) -> str:
    call_id: str = (await agent.client.me())["call"]["call_id"]
    return call_id
