"""A made-up history of a house, as rows: agents at work day by day, calls of all kinds, and all that may go wrong.

Rows are plausible where reports look: intervals of an agent do not overlap, states tile, visits follow one another. The
same seed gives the same rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from random import Random
from typing import Any
from uuid import UUID

import asyncpg

from tests.support.made_call import COLUMNS, SERVICES, MadeCall, MadeVisit

_EXITS = ("abandoned",) * 8 + (
    "longest_wait",
    "full",
    "no_agents",
    "closed",
    "key",
    "moved",
    "removed",
    "ended",
    "node_lost",
)
_READY, _AFTER = ("ready", "idle", None), ("business", "idle", "ticket_processing")


@dataclass
class History:
    """Rows by table. ``odd``: the share of what is rare is as large as that of anything else."""

    seed: int
    odd: bool = True
    rows: defaultdict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)
        self._exits = cycle(self.rng.sample(_EXITS, len(_EXITS)))  # By chance alone a short history lacks one.
        self._id = self.seed << 64
        self._seq: defaultdict[str, int] = defaultdict(int)
        self._state: dict[str, tuple[tuple[str, str, str | None], datetime]] = {}
        self.agents: list[str] = []
        self.visits: list[MadeVisit] = []

    def new_id(self) -> UUID:
        self._id += 1
        return UUID(int=self._id)

    def chance(self, often: float, odd: float) -> bool:
        """``often`` is how often it happens in a house, ``odd`` in a history in which all is to happen."""
        return self.rng.random() < (odd if self.odd else often)

    def seconds(self, mean: float) -> timedelta:
        """A length, to the microsecond."""
        return timedelta(microseconds=int(self.rng.expovariate(1 / mean) * 1e6) + 1)

    # ------------------------------------------------------------------------------------------------ agents

    def moves(self, cti_id: str, to: tuple[str, str, str | None], at: datetime, call_id: UUID | None = None) -> None:
        """The agent is at something else."""
        before, since = self._state.get(cti_id, (("offline", "idle", None), at))
        if before == to:
            return
        self._seq[cti_id] += 1
        seq = self._seq[cti_id]
        work_of = call_id if to == _AFTER else None
        self.rows["agent_state_change"].append((
            self.new_id(), cti_id, seq, before[0], before[1], to[0], to[1], to[2], "command", call_id, at,
            (at - since).total_seconds() if seq > 1 else 0.0, before[2], work_of, "talk" if work_of else None, False, 1,
        ))  # fmt: skip
        self._state[cti_id] = to, at

    def free_at(self, cti_id: str) -> datetime:
        """When the agent's last shift has ended."""
        return self._state[cti_id][1] + timedelta(minutes=1) if cti_id in self._state else datetime(1, 1, 2, tzinfo=UTC)

    def works(self, cti_id: str, service: str, since: datetime, till: datetime) -> None:
        """One shift of the agent, which may go over midnight."""
        at = since
        self.moves(cti_id, ("business", "idle", None), at)
        at += self.seconds(20)
        while at < till:
            self.moves(cti_id, _READY, at)
            at += self.seconds(60)
            if self.chance(0.02, 0.15):
                rest = "meal" if self._seq[cti_id] % 2 else None
                self.moves(cti_id, self.rng.choice([("rest", "idle", rest), ("business", "idle", "meeting")]), at)
                at += self.seconds(600)
                continue
            if self.chance(0.0, 0.05):
                self.moves(cti_id, ("business", "monitoring", "monitor"), at)
                at += self.seconds(120)
                continue
            if self.chance(0.02, 0.1):
                at = self._calls_a_colleague(cti_id, service, at)
                continue
            if self.chance(0.08, 0.2):
                at = self._calls_out(cti_id, service, at)
            elif self.chance(0.1, 0.3):
                self._lost(service, at)
                continue
            else:
                at = self._takes(cti_id, service, at)
            if self.chance(0.001, 0.02):
                at += timedelta(hours=9)
        self.moves(cti_id, ("offline", "idle", None), at)
        over = None if self.chance(0.0, 0.05) else at
        self.rows["login"].append((self.new_id(), cti_id, since, over, "self" if over else None, 1))

    def _takes(self, cti_id: str, service: str, at: datetime) -> datetime:
        """An agent takes a call of a queue; return when they are free again."""
        waits = self.seconds(400 if self.chance(0.02, 0.1) else 22)
        made = MadeCall(self, "inbound", service, at - waits - self.seconds(3))
        queue = self.rng.choice(SERVICES[service])
        made.steps(queue)
        if self.chance(0.03, 0.15):
            made.visit(queue, "new", made.now, self.rng.choice(["key", "longest_wait", "no_agents"]), self.seconds(15))
            made.now += self.seconds(5)
        made.now = max(made.now, at)
        entered = made.now - waits
        kind = "callback" if self.chance(0.01, 0.05) else "new"
        visit = made.visit(queue, kind, max(entered, made.arrived), None, None)
        return self._served(cti_id, made, visit, queue)

    def _served(self, cti_id: str, made: MadeCall, visit: MadeVisit, queue: str, kind: str = "queue") -> datetime:
        if self.chance(0.1, 0.2):
            made.offer(
                self.rng.choice(self.agents), self.rng.choice(["missed", "declined", "busy", "unreachable"]), visit
            )
        self.moves(cti_id, ("ready", "ringing", None), made.now, made.id)
        if self.chance(0.0, 0.1):
            self.moves(cti_id, ("ready", "accepted", None), made.now + timedelta(microseconds=1), made.id)
        made.offer(cti_id, "answered", visit, kind)
        self.moves(cti_id, ("ready", "talking", None), made.now, made.id)
        others = [one for one in SERVICES[made.service] if one != queue]
        visit.answered(cti_id, self.rng.choice(others) if others and self.chance(0.05, 0.15) else None)
        made.talks(cti_id, visit)
        after = self._goes_on(cti_id, made, visit, queue)
        if after is None:
            made.ends(visit)
            after = made.now
        self.moves(cti_id, _AFTER, made.now if after == made.now else after, made.id)
        spent = self.seconds(40) * (self.rng.choice([1, 1, 12]) if self.odd else 1)
        visit.after_call_s = round(spent.total_seconds(), 3)
        visit.write()
        return after + spent

    def _goes_on(self, cti_id: str, made: MadeCall, visit: MadeVisit, queue: str) -> datetime | None:
        """The agent holds, consults, transfers. Return when the agent is out of the call, if before its end."""
        self._holds(cti_id, made, visit)
        if self.chance(0.03, 0.3):
            other = self.rng.choice(self.agents)
            self.moves(cti_id, ("ready", "consulting", None), made.now, made.id)
            made.consults(cti_id, other, visit)
            if self.chance(0.1, 0.5):
                made.together(cti_id, other, visit)
            if self.chance(0.5, 0.5):
                made.interval("on_hold", "agent", cti_id, self.seconds(10), visit, "consult_cancelled", held_by="panel")
                made.talks(cti_id, visit)
            else:
                let_go = made.now
                made.talks(other, visit)
                made.ends(visit)
                return let_go
        if not self.chance(0.05, 0.4):
            return None
        let_go, way = (
            made.now,
            self.rng.choice(["queue", "agent", "outside", "failed", "returned", "recalled", "customer_left"]),
        )
        if way == "queue":
            to = self.rng.choice(SERVICES[made.service])
            made.transfer("direct", cti_id, "completed", target_queue=to)
            visit.over()
            second = made.visit(to, "transferred", made.now, None, None, "transferred", cti_id)
            if self.chance(0.5, 0.5):
                made.now += self.seconds(20)
                second.leaves("abandoned", made.now)
                made.ends(second)
            else:
                made.now += self.seconds(20)
                other = self.rng.choice(self.agents)
                made.offer(other, "answered", second)
                second.answered(other, None)
                made.talks(other, second)
                made.ends(second)
                second.after_call_s = 33.0
                second.write()
        elif way == "agent":
            other = self.rng.choice(self.agents)
            made.transfer("direct", cti_id, "completed", target_cti_id=other, target_number="1009", rings=True)
            made.talks(other, visit)
            made.ends(visit)
        elif way == "outside":
            made.transfer("direct", cti_id, "completed", target_number="+82255512345", rings=True)
            made.interval("transferred", "target", None, self.seconds(90), visit, "call_ended", number="+82255512345")
            made.ends(visit)
        elif way == "customer_left":
            made.transfer("direct", cti_id, "customer_left", target_number="+82255512345")
            made.ends(visit)
        else:
            made.transfer(
                "direct", cti_id, "recalled" if way == "recalled" else "no_answer", target_number="+82255512345"
            )
            visit.over()
            second = made.visit(queue, "returned", made.now, None, None, "transfer_failed", cti_id)
            made.now += self.seconds(15)
            if way == "failed":
                second.leaves("abandoned", made.now)
                made.ends(second)
            else:
                other = self.rng.choice(self.agents)
                made.offer(other, "answered", second, "recall")
                second.answered(other, None)
                made.talks(other, second)
                made.ends(second)
        return let_go

    def _holds(self, cti_id: str, made: MadeCall, visit: MadeVisit | None) -> None:
        for often, stage, state in ((0.1, "on_hold", "on_hold"), (0.002, "agent_lost", "reconnecting")):
            if self.chance(often, 0.25):
                self.moves(cti_id, ("ready", state, None), made.now, made.id)
                held_by = "panel" if stage == "on_hold" else None
                made.interval(stage, "agent", cti_id, self.seconds(30), visit, "resumed", held_by=held_by)
                self.moves(cti_id, ("ready", "talking", None), made.now, made.id)
                made.talks(cti_id, visit)

    def _lost(self, service: str, at: datetime) -> None:
        """A call that no agent has."""
        made = MadeCall(self, "inbound", service, at)
        queue = self.rng.choice(SERVICES[service])
        made.steps(queue)
        if self.chance(0.2, 0.2):
            made.row["ended_in"] = "in_scenario"
        elif self.chance(0.05, 0.1):
            made.event("turned_away", {"queue": queue, "exit": "closed"})
        else:
            if self.chance(0.3, 0.3):
                made.now += self.seconds(5)
                made.offer(self.rng.choice(self.agents), self.rng.choice(["caller_left", "withdrawn"]), None)
            exit_ = next(self._exits)
            waits = timedelta(0) if exit_ == "full" else self.seconds(self.rng.choice([3, 20, 90, 400]))
            visit = made.visit(queue, "new", made.now, exit_, waits)
            if exit_ == "closed":
                made.event("turned_away", {"queue": queue, "exit": "closed"})
            if exit_ == "key" or self.chance(0.0, 0.2):
                self._callback(made, queue)
            if exit_ == "moved":
                made.visit(queue, "moved", made.now, "abandoned", self.seconds(30), "moved")
            if exit_ == "abandoned" and self.chance(0.0, 0.1):
                visit.seen_late = True
                visit.write()
        made.ends(None)

    def _callback(self, made: MadeCall, queue: str) -> None:
        status = self.rng.choice(["waiting", "done", "cancelled"])
        over = None if status == "waiting" else made.now + self.seconds(4000)
        self.rows["callback"].append((
            self.new_id(), self.rng.choice(["requested", "voicemail"]), made.service, queue, "+821055500001", "",
            status, None,
            made.now, self.rng.randrange(4), made.id, "", over, 1, 1,
        ))  # fmt: skip

    def _calls_out(self, cti_id: str, service: str, at: datetime) -> datetime:
        made = MadeCall(self, "outbound", service, at)
        self.moves(cti_id, ("ready", "dialing", None), at, made.id)
        made.interval("dialing_agent", "agent", cti_id, self.seconds(4), None, "answered")
        made.interval("dialing_customer", "agent", cti_id, self.seconds(12), None, "answered")
        if self.chance(0.6, 0.6):
            self.moves(cti_id, ("ready", "talking", None), made.now, made.id)
            made.talks(cti_id, None)
            self._holds(cti_id, made, None)
        made.ends(None)
        self.moves(cti_id, _AFTER, made.now, made.id)
        return made.now + self.seconds(30)

    def _calls_a_colleague(self, cti_id: str, service: str, at: datetime) -> datetime:
        """Without a customer. Nobody processes a ticket behind it."""
        made, other = MadeCall(self, "internal", service, at), self.rng.choice(self.agents)
        self.moves(cti_id, ("ready", "dialing", None), at, made.id)
        made.interval("dialing_agent", "agent", cti_id, self.seconds(4), None, "answered")
        result = self.rng.choice(["answered", "missed", "declined"])
        made.interval("internal_ringing", "agent", cti_id, self.seconds(6), None, "answered")
        made.offer(other, result, None, "internal")
        if result == "answered":
            self.moves(cti_id, ("ready", "talking", None), made.now, made.id)
            made.internal(cti_id, other)
        made.ends(None)
        return made.now

    # ------------------------------------------------------------------------------------------------ writing

    async def copy(self, connection: asyncpg.Connection) -> None:
        """Write all rows, and forget them."""
        self.rows["queue_visit"] += (visit.values() for visit in self.visits)
        self.visits.clear()
        for table, rows in self.rows.items():
            columns = COLUMNS[table].split()
            await connection.copy_records_to_table(table, schema_name="cti", columns=columns, records=rows)
        self.rows.clear()


def history(
    seed: int, since: datetime, days: int, agents: int, *, hours: float = 9.0, odd: bool = True
) -> Iterator[History]:
    """Yield the history of so many days, one part for each agent: shifts of so many hours, some over midnight."""
    made = History(seed, odd)
    made.agents = [f"a{number}" for number in range(1, agents + 1)]
    for number, cti_id in enumerate(made.agents):
        service = "shop" if number % 4 == 3 else "acme"
        for day in range(days):
            begins = since + timedelta(
                days=day, hours=0 if not odd else made.rng.randrange(24 - int(hours)), seconds=number
            )
            begins = max(begins, made.free_at(cti_id))
            made.works(cti_id, service, begins, begins + timedelta(hours=hours))
        yield made
