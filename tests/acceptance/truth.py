"""The truth of calls, kept by who plays them, and every row compared with it.

Moments come from the phones: when one rang, was lifted, hung up. Seconds of talk, hold and waiting come from what the
customer's phone heard. Nothing is asked of the bridge before the comparison.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.support.party import Party
from tests.support.rooms import MUSIC_HZ
from tests.support.rows import Row, Rows, eventually

NEAR_S = 0.5
"""So near is a row's moment to that of the phone. This process is late itself on a busy machine."""
SECONDS_S = 0.7
"""So near are a row's seconds to what was heard: each change of partner takes its part."""
WALL = time.time() - time.monotonic()


@dataclass
class TrueOffer:
    """One agent who was rung."""

    cti_id: str
    kind: str
    began: float
    ended: float | None = None
    result: str | None = None
    lifted: float | None = None


@dataclass(frozen=True)
class TrueChange:
    """One change of an agent. ``call`` is the call's number in the order of the scene, ``work_of`` the one whose
    after-call work begins."""

    to: str
    cause: str
    at: float
    call: int | None = None
    work_of: int | None = None


@dataclass
class Truth:
    """One call."""

    number: int
    direction: str
    customer_number: str
    queue: str | None
    arrived: float
    customer: Party | None = None
    answered: float | None = None
    ended: float | None = None
    customer_left: float | None = None
    customer_rang: float | None = None
    agent_lifted: float | None = None
    outcome: str = ""
    ended_by: str = ""
    ended_in: str = ""
    hangup_cause: int | None = None
    deaf_s: float = 0.0
    """The seconds that count as talk though nobody spoke: a phone has died, and was not missed yet."""
    offers: list[TrueOffer] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    talked: list[str] = field(default_factory=list)
    """The agents who had the customer, in order."""
    waits: list[tuple[float, float]] = field(default_factory=list)
    voices: set[int] = field(default_factory=set)
    """The tones of the agents who had the customer."""
    ticket: list[str] = field(default_factory=list)

    def end(self, at: float, outcome: str, by: str, state: str, cause: int | None = 16) -> None:
        """The call is over. ``cause`` is that of the leg whose end ended it, most often an ordinary hang-up. Asterisk
        names none for a caller who was with nobody yet."""
        self.ended, self.outcome, self.ended_by, self.ended_in = at, outcome, by, state
        self.hangup_cause = cause
        self.events.append("ended")

    def heard_s(self, *tones: int, since: float | None = None) -> float:
        """For how many seconds the customer heard any of these."""
        if self.customer is None or (until := self.customer.heard.ended_at) is None:
            return 0.0
        since = since or self.customer.heard.began_at or until
        return sum(self.customer.heard.share(hz, since, until) * (until - since) for hz in tones)


class Comparison:
    """Collects all that is wrong, for one wrong row says little."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    def same(self, what: str, found: object, expected: object) -> None:
        """They are equal."""
        if found != expected:
            self.wrong.append(f"{what}: {found!r}, in truth {expected!r}")

    def near(self, what: str, found: Any, expected: float | None) -> None:
        """The moment is that of the phone, or there is none in either."""
        if found is None or expected is None:
            return self.same(what, found, expected)
        off = found.timestamp() - WALL - expected
        if abs(off) > NEAR_S:
            self.wrong.append(f"{what}: off by {off:.2f} s")
        return None

    def seconds(self, what: str, found: float | None, expected: float) -> None:
        """The seconds are those that were heard."""
        if found is None or abs(found - expected) > SECONDS_S:
            self.wrong.append(f"{what}: {found} s, in truth {expected:.2f} s")


async def compare_calls(rows: Rows, calls: list[Truth]) -> tuple[dict[int, str], list[str]]:
    """Compare the rows of calls, offers, events and tickets. Return the ids by the calls' numbers, and what is
    wrong."""
    found, ids = Comparison(), {}
    for truth in calls:
        call = await rows.call(truth.customer_number)
        ids[truth.number] = call["id"]
        await _compare_call(found, rows, truth, call)
    return ids, found.wrong


async def _compare_call(found: Comparison, rows: Rows, truth: Truth, call: Row) -> None:
    name = f"call {truth.number} ({truth.outcome})"
    for column, value in (
        ("direction", truth.direction),
        ("queue", truth.queue),
        ("outcome", truth.outcome),
        ("ended_by", truth.ended_by),
        ("ended_in", truth.ended_in),
        ("seen_late", False),
        ("hangup_cause", truth.hangup_cause),
        ("first_cti_id", truth.talked[0] if truth.talked else None),
        ("last_cti_id", truth.talked[-1] if truth.talked else None),
    ):
        found.same(f"{name} {column}", call.get(column), value)
    for column, moment in (
        ("arrived_at", truth.arrived),
        ("answered_at", truth.answered),
        ("ended_at", truth.ended),
        ("customer_left_at", truth.customer_left),
        ("customer_rang_at", truth.customer_rang),
        ("agent_lifted_at", truth.agent_lifted),
    ):
        found.near(f"{name} {column}", call.get(column), moment)
    talk_s, waits_s = truth.heard_s(*truth.voices) + truth.deaf_s, sum(end - begin for begin, end in truth.waits)
    found.seconds(f"{name} talk_s", call.get("talk_s"), talk_s)
    found.seconds(f"{name} wait_s", call.get("wait_s"), waits_s)
    found.seconds(f"{name} hold_s", call.get("hold_s"), max(0.0, truth.heard_s(MUSIC_HZ) - waits_s))
    await _compare_offers(found, rows, truth, call["id"], name)
    events = await rows.call_events(call["id"])
    types = [event["type"] for event in events if event["type"] not in ("no_audio", "leg_ended")]
    found.same(f"{name} events", types, truth.events)
    found.same(f"{name} numbers of events", [event["seq"] for event in events], list(range(1, len(events) + 1)))
    if not truth.ticket:
        found.same(f"{name} has no ticket", await rows.no_ticket(call["id"]), True)
        return
    ticket = await rows.ticket(call["id"])
    noted = await _noted(rows, ticket["id"], len(truth.ticket))
    found.same(f"{name} ticket", [event["type"] for event in noted], truth.ticket)
    found.same(f"{name} owner", ticket["owner"], truth.talked[-1])


async def _noted(rows: Rows, ticket_id: str, enough: int) -> list[Row]:
    """The ticket's events, which may come a moment after the call's row."""
    with contextlib.suppress(AssertionError):
        return await eventually(lambda: rows.ticket_events(ticket_id), lambda found: len(found) >= enough, 2.0)
    return await rows.ticket_events(ticket_id)


async def _compare_offers(found: Comparison, rows: Rows, truth: Truth, call_id: str, name: str) -> None:
    await rows.offers_ended(call_id, len(truth.offers))
    query = "select * from cti.offer where call_id = $1::uuid order by offered_at, id"
    offers = await rows.fetch(query, call_id)
    found.same(f"{name} number of offers", len(offers), len(truth.offers))
    for number, (row, offer) in enumerate(zip(offers, truth.offers, strict=False), 1):
        about = f"{name} offer {number}"
        found.same(f"{about} to", (row["cti_id"], row.get("kind")), (offer.cti_id, offer.kind))
        found.same(f"{about} result", row["result"], offer.result)
        found.same(f"{about} queue", row.get("queue") is not None, offer.kind == "queue")
        found.near(f"{about} offered_at", row["offered_at"], offer.began)
        found.near(f"{about} ended_at", row["ended_at"], offer.ended)
        found.near(f"{about} accepted_at", row.get("accepted_at"), offer.lifted)


async def compare_agent(rows: Rows, cti_id: str, truth: list[TrueChange], ids: dict[int, str]) -> list[str]:
    """Compare all changes of an agent from their last login on. They tile, and say what the agent did. Return what is
    wrong."""
    with contextlib.suppress(AssertionError):
        await eventually(lambda: _since_login(rows, cti_id), lambda found: len(found) >= len(truth), 2.0)
    changes = await _since_login(rows, cti_id)
    found = Comparison()
    for before, after in pairwise(changes):
        into = (before["to_status"], before["to_state"], before["reason"])
        found.same(
            f"{cti_id} {after['seq']}", (after["from_status"], after["from_state"], after.get("from_reason")), into
        )
        lasted_s = (after["at"] - before["at"]).total_seconds()
        if abs(after["lasted_s"] - lasted_s) > 0.05:
            found.wrong.append(f"{cti_id} {after['seq']}: lasted {after['lasted_s']}, in truth {lasted_s}")
    numbers = {call_id: number for number, call_id in ids.items()}
    for number, (row, change) in enumerate(zip(changes, truth, strict=False), 1):
        about = f"{cti_id} change {number} to {change.to}"
        found.same(about, (label(row), row["cause"]), (change.to, change.cause))
        found.same(f"{about} call", numbers.get(str(row["call_id"])), change.call)
        found.same(f"{about} work of", numbers.get(str(row.get("after_call_of"))), change.work_of)
        found.near(f"{about} at", row["at"], change.at)
    found.same(f"{cti_id} changes", [label(row) for row in changes], [change.to for change in truth])
    return found.wrong


async def _since_login(rows: Rows, cti_id: str) -> list[Row]:
    changes = await rows.changes(cti_id)
    last = max((index for index, row in enumerate(changes) if row["cause"] == "login"), default=0)
    return changes[last + 1 :]


def label(row: Row) -> str:
    """The state, or for an idle agent the status, with its reason."""
    if row["to_state"] != "idle":
        return str(row["to_state"])
    return f"{row['to_status']} {row['reason']}" if row["reason"] else str(row["to_status"])
