"""The promises, each a look at the rows that the bridge has left, at the ear, and at the trace.

A promise is a function that returns the breaches it finds; :data:`BY_ROWS` are queries, each of whose rows is one.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from tests.chaos.ahead import Ahead
from tests.chaos.ear import Channel
from tests.chaos.trace import Command, Happened, Trace, calm
from tests.support.rows import Row, Rows

SEEN_AFTER_S = 1.5
"""A caller who is with the bridge for so long, in which nothing is broken, has a row."""
HEALS_S = 3.0
"""So long after a fault the bridge is still catching up."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A promise that was broken. ``at`` is POSIX seconds."""

    promise: str
    about: str
    at: float


BY_ROWS = {
    "every call ends once, with one outcome": """
        select call.id || ' ' || coalesce(outcome, 'no outcome') || ', ends: ' || count(event.id) as about,
            arrived_at as at
        from cti.call left join cti.call_event as event
            on event.call_id = call.id and event.type in ('ended', 'refused')
        group by call.id, arrived_at
        having call.ended_at is null or call.outcome is null or count(event.id) <> 1
    """,
    "a customer's call is one call": """
        select customer_number || ': ' || count(*) as about, min(arrived_at) as at from cti.call
        where direction = 'inbound' group by customer_number having count(*) > 1
    """,
    "a call's story has no hole": """
        select call_id::text as about, min(at) as at from cti.call_event
        group by call_id having count(*) <> max(seq) or min(seq) <> 1
    """,
    "every offer ends": """
        select id::text || ' to ' || cti_id as about, offered_at as at from cti.offer
        where result is null or ended_at is null or ended_at < offered_at
    """,
    "a call is offered to one agent at a time": """
        select one.call_id || ': ' || one.cti_id || ' and ' || other.cti_id as about, other.offered_at as at
        from cti.offer as one join cti.offer as other on one.call_id = other.call_id and one.id < other.id
        where tstzrange(one.offered_at, one.ended_at) && tstzrange(other.offered_at, other.ended_at)
            and coalesce(one.kind, '') not in ('consult', 'transfer')
            and coalesce(other.kind, '') not in ('consult', 'transfer')
    """,
    "an agent is offered one call at a time": """
        select one.cti_id || ': ' || one.call_id || ' and ' || other.call_id as about, other.offered_at as at
        from cti.offer as one join cti.offer as other on one.cti_id = other.cti_id and one.id < other.id
        where tstzrange(one.offered_at, one.ended_at) && tstzrange(other.offered_at, other.ended_at)
    """,
    "an agent is in one call at a time": """
        select one.cti_id || ': ' || one.call_id || ' and ' || other.call_id as about, other.at
        from cti.call_interval as one join cti.call_interval as other
            on one.cti_id = other.cti_id and one.call_id <> other.call_id and one.id < other.id
        where tstzrange(one.at, one.till) && tstzrange(other.at, other.till)
    """,
    "nobody in a call is offered another": """
        select offer.cti_id || ' in ' || inside.call_id || ' was offered ' || offer.call_id as about, offered_at as at
        from cti.offer join cti.call_interval as inside
            on inside.cti_id = offer.cti_id and inside.call_id <> offer.call_id
        where tstzrange(inside.at, inside.till) @> offered_at and inside.at < offered_at
    """,
    "every visit to a queue has one end": """
        select id::text as about, entered_at as at from cti.queue_visit
        where exit is null or left_at is null or left_at < entered_at
            or (exit = 'answered') <> (answered_by is not null)
    """,
    "a conversation has one ticket": """
        select call.id || ': ' || count(ticket.id) as about, arrived_at as at
        from cti.call left join cti.ticket on ticket.call_id = call.id
        where direction <> 'internal' group by call.id, arrived_at, answered_at
        having count(ticket.id) > 1 or (answered_at is not null and count(ticket.id) = 0)
    """,
    "every recording comes to an end": """
        select id::text || ' of ' || call_id || ': ' || state as about, started_at as at
        from cti.recording where state in ('ordered', 'recording', 'ended')
    """,
    "a conversation that has to be recorded is": """
        select call.id || ': ' || outcome as about, answered_at as at from cti.call
        where service = 'kept' and direction = 'inbound' and answered_at is not null
            and not exists (select from cti.recording where call_id = call.id and kind = 'conversation')
    """,
    "a ticket's story has no hole": """
        select ticket_id::text as about, min(at) as at from cti.ticket_event
        group by ticket_id having count(*) <> max(version) or min(version) <> 1
    """,
    "an agent's states are numbered without a hole": """
        select cti_id as about, min(at) as at from cti.agent_state_change
        group by cti_id, epoch having count(*) <> max(seq) - min(seq) + 1
    """,
    "an agent's states tile": """
        select cti_id || ' ' || seq || ': from ' || from_status || '/' || from_state || ', was ' || was_status || '/'
            || was_state as about, at
        from (
            select *, lag(to_status) over each as was_status, lag(to_state) over each as was_state,
                lag(at) over each as was_at
            from cti.agent_state_change window each as (partition by cti_id order by epoch, seq)
        ) as change
        where was_at is not null and (
            (from_status, from_state) is distinct from (was_status, was_state) or lasted_s < -0.05
            -- A clock that was set in between was set by an hour.
            or abs(extract(epoch from at - was_at) - lasted_s) > 0.05
            and abs(abs(extract(epoch from at - was_at) - lasted_s) - 3600) > 1
        )
    """,
    "whoever is in a call leaves it": """
        select cti_id || ' is ' || to_status || '/' || to_state as about, at from (
            select distinct on (cti_id) * from cti.agent_state_change order by cti_id, epoch desc, seq desc
        ) as last where to_state <> 'idle'
    """,
}
"""Queries by the promise: each row is a breach, with the columns ``about`` and ``at``."""


async def broken_in_rows(rows: Rows) -> list[Breach]:
    """Return the breaches of all promises about rows."""
    found = []
    for promise, query in BY_ROWS.items():
        for row in await rows.fetch(query):
            found.append(Breach(promise, str(row["about"]), row["at"].timestamp()))
    return found


def two_calls_at_a_phone(channels: Sequence[Channel], agents: Sequence[str]) -> Iterator[Breach]:
    """Yield each time that the PBX itself had two channels of one agent's phone."""
    of_agent = defaultdict(list)
    for channel in channels:
        of_agent[channel.endpoint].append(channel)
    for agent in agents:
        for before, after in pairwise(sorted(of_agent[agent], key=lambda one: one.began)):
            if before.ended is None or before.ended > after.began:
                both_s = min(before.ended or math.inf, after.ended or math.inf) - after.began
                about = f"{before.name} and {after.name}, for {both_s:.2f} s"
                yield Breach("a phone has one call at a time", about, after.began)


def faults_without_effect(faults: Sequence[Happened]) -> Iterator[Breach]:
    """Yield a breach for each fault that broke nothing: what it should show was not looked at."""
    for fault in faults:
        if fault.missed:
            yield Breach("a fault breaks something", f"{fault.name}: {fault.missed}", fault.began)


def unknown_callers(channels: Sequence[Channel], faults: Sequence[Happened], known: set[str]) -> Iterator[Breach]:
    """Yield each caller whom the PBX gave to the bridge, who stayed, and of whom no row tells."""
    windows = [Happened(fault.name, fault.began, fault.healed + HEALS_S) for fault in faults]
    for channel in channels:
        since, until = channel.in_bridge_at, channel.ended
        if since is None or until is None or not channel.number.startswith("+") or channel.number in known:
            continue
        if calm(windows, since, until, SEEN_AFTER_S):
            yield Breach("who came to the bridge has a row", channel.number, since)


_EVENTS = {
    "hold": ("held",),
    "resume": ("resumed",),
    "consult": ("consult",),
    "transfer": ("transfer",),
    "connect": ("transferred", "connected"),
    "cancel": ("consult_cancelled", "resumed"),
    "swap": ("swapped",),
    "join": ("joined",),
    "recall": ("recalled", "returned"),
    "warn": ("warned",),
    "remove": ("taken_out", "customer_left"),
}
"""By the command, the events of the call of which one tells that it was taken up."""
_NEAR_S = 0.2


async def forgotten_commands(rows: Rows, trace: Trace, ahead: Ahead) -> list[Breach]:
    """Return each acknowledged command that no row tells of. ``ahead`` is the clock by which rows are written."""
    events = defaultdict(list)
    for row in await rows.fetch("select call_id::text as call_id, type, at from cti.call_event"):
        events[row["call_id"]].append(row)
    changes = defaultdict(list)
    states = "select cti_id, to_status, to_state, at, seen_late from cti.agent_state_change order by epoch, seq"
    for row in await rows.fetch(states):
        changes[row["cti_id"]].append(row)
    dialled = {
        (row["first_cti_id"], row["dialed_number"])
        for row in await rows.fetch(
            "select coalesce(call.first_cti_id, dial.detail->>'cti_id') as first_cti_id, dialed_number "
            "from cti.call left join cti.call_event as dial on dial.call_id = call.id and dial.type = 'dial' "
            "where direction = 'outbound'"
        )
    }
    numbers = {number for _, number in dialled}
    found = []
    for command in trace.commands:
        told = False
        for ahead_s in ahead.between(command.sent_at, command.answered_at):
            seen = command.by_a_clock_ahead(ahead_s)
            told = told or _told(seen, events[command.call_id or ""], changes[command.cti_id], numbers)
        if not told:
            about = f"{command.cti_id} {command.word} {command.call_id or command.body}"
            found.append(Breach("an acknowledged command is recorded", about, command.sent_at))
    return found


def _told(command: Command, events: Sequence[Row], changes: Sequence[Row], dialled: set[str]) -> bool:
    if command.word == "status":
        asked = [row for row in changes if row["to_status"] == command.body["status"]]
        return any(_fits(command, row["at"]) or _dated_back(command, row) for row in asked) or _rung_meanwhile(
            command, changes
        )
    if command.word == "dial":
        return command.body["number"] in dialled
    if command.word in _EVENTS:
        # A call that has ended since has taken the order with it.
        kinds = (*_EVENTS[command.word], "ended")
        return any(row["type"] in kinds and row["at"].timestamp() > command.sent_at - _NEAR_S for row in events)
    return bool(events) or command.call_id is None


def _rung_meanwhile(command: Command, changes: Sequence[Row]) -> bool:
    """Return whether the agent had a call when it came: then it is a wish for afterwards."""
    before = [row for row in changes if row["at"].timestamp() <= command.answered_at]
    return bool(before) and before[-1]["to_state"] != "idle"


_BACK_S = 30.0


def _dated_back(command: Command, row: Row) -> bool:
    """Return whether it was a wish for after a call whose end nobody had seen yet. The row has the time at which the
    call was seen last."""
    return bool(row["seen_late"]) and command.sent_at - _BACK_S <= row["at"].timestamp() <= command.answered_at


def _fits(command: Command, at: datetime) -> bool:
    return command.sent_at - _NEAR_S <= at.timestamp() <= command.answered_at + _NEAR_S


def longest_without(moments: Sequence[float], since: float, until: float) -> float:
    """Return the longest stretch between two of the moments within (since, until), in seconds."""
    within = [since, *sorted(moment for moment in moments if since < moment < until), until]
    return max(after - before for before, after in pairwise(within))
