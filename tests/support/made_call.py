"""One call of a made-up history, and its visits to queues."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, timedelta
from random import Random
from typing import Any, Protocol
from uuid import UUID

COLUMNS = {
    "call": "id node direction service customer_number dialed_number calling_number queue"
    " arrived_at answered_at ended_at outcome ended_by version epoch emergency ended_in"
    " hangup_cause sip_code seen_late first_cti_id last_cti_id wait_s talk_s hold_s",
    "queue_visit": "id call_id seq service direction queue kind reason from_cti_id prior entered_at"
    " left_at exit exit_to answered_by lender offers wait_predicted_s talk_s hold_s"
    " after_call_s seen_late version epoch",
    "call_interval": "id call_id visit_id seq service direction queue stage role cti_id number held_by at"
    " till ended_with seen_late epoch",
    "offer": "id call_id cti_id offered_at ended_at result kind queue seen_late visit_id epoch",
    "transfer": "id call_id seq service queue kind by_cti_id target_cti_id target_number target_queue"
    " target_scenario at answered_at completed_at ended_at result seen_late epoch",
    "agent_state_change": "id cti_id seq from_status from_state to_status to_state reason cause call_id at"
    " lasted_s from_reason after_call_of after_call_kind seen_late epoch",
    "login": "id cti_id at ended_at ended_by epoch",
    "scenario_step": "id call_id seq scenario step exit at lasted_s epoch",
    "call_event": "id call_id seq at type detail epoch",
    "callback": "id kind service queue number name status owner placed_at attempts source_call note"
    " ended_at version epoch",
}
SERVICES = {"acme": ("support", "sales"), "shop": ("orders",)}
NUMBERS = {"acme": ("+8225550000", "+8225550001"), "shop": ("+8225559000",)}


class Book(Protocol):
    """The history that the call is a part of."""

    rng: Random
    rows: defaultdict[str, list[tuple[Any, ...]]]
    visits: list[MadeVisit]

    def new_id(self) -> UUID: ...

    def chance(self, often: float, odd: float) -> bool: ...

    def seconds(self, mean: float) -> timedelta: ...


class MadeVisit:
    def __init__(self, made: MadeCall, **row: Any) -> None:
        self.made, self.row = made, row
        self.after_call_s: float | None = None
        self.seen_late = False
        self.talk_before, self.hold_before = made.talk_s, made.hold_s
        self.is_over = False

    def leaves(self, exit_: str, at: datetime) -> None:
        self.row |= {"exit": exit_, "left_at": at}

    def answered(self, cti_id: str, lender: str | None) -> None:
        self.leaves("answered", self.made.now)
        self.row |= {"answered_by": cti_id, "lender": lender}
        self.talk_before, self.hold_before = self.made.talk_s, self.made.hold_s

    def over(self) -> None:
        """The call goes to another queue, or ends."""
        if self.row["exit"] == "answered" and not self.is_over:
            self.row |= {
                "talk_s": round(self.made.talk_s - self.talk_before, 3),
                "hold_s": round(self.made.hold_s - self.hold_before, 3),
            }
        self.is_over = True

    def write(self) -> None:
        """It may be written before and after: the row stands once."""
        self.made.visits[self.row["id"]] = self

    def values(self) -> tuple[Any, ...]:
        row = self.row | {"after_call_s": self.after_call_s, "seen_late": self.seen_late}
        return tuple(row.get(name) for name in COLUMNS["queue_visit"].split())


class MadeCall:
    """A call that is being made up; ``now`` is how far it has come."""

    def __init__(self, history: Book, direction: str, service: str, at: datetime) -> None:
        self.history, self.service, self.arrived, self.now = history, service, at, at
        self.id = history.new_id()
        self.talk_s = self.hold_s = 0.0
        self.talked: list[str] = []
        self.visits: dict[UUID, MadeVisit] = {}
        self.seqs: defaultdict[str, int] = defaultdict(int)
        self.answered_at: datetime | None = None
        number = history.rng.choice(NUMBERS[service])
        self.row: dict[str, Any] = {
            "id": self.id, "node": "main", "direction": direction, "service": service,
            "customer_number": f"+8210{history.rng.randrange(10**8):08}", "dialed_number": number,
            "calling_number": number if direction == "outbound" else None, "arrived_at": at, "version": 2, "epoch": 1,
            "emergency": False, "seen_late": False,
        }  # fmt: skip

    def _next(self, what: str) -> int:
        self.seqs[what] += 1
        return self.seqs[what]

    def steps(self, queue: str) -> None:
        for step, exit_ in (("hours", "open"), ("menu", self.history.rng.choice("129")), (queue, "answered")):
            lasted = timedelta(0) if step == "hours" else self.history.seconds(4)
            self.history.rows["scenario_step"].append((
                self.history.new_id(), self.id, self._next("step"), f"{self.service}-main", step, exit_, self.now,
                lasted.total_seconds(), 1,
            ))  # fmt: skip
            self.now += lasted

    def event(self, type_: str, detail: dict[str, Any]) -> None:
        row = (self.history.new_id(), self.id, self._next("event"), self.now, type_, json.dumps(detail), 1)
        self.history.rows["call_event"].append(row)

    def visit(
        self,
        queue: str,
        kind: str,
        entered: datetime,
        exit_: str | None,
        waits: timedelta | None,
        reason: str | None = None,
        from_cti_id: str | None = None,
    ) -> MadeVisit:
        seq, rng = self._next("visit"), self.history.rng
        found = MadeVisit(
            self, id=self.history.new_id(), call_id=self.id, seq=seq, service=self.service,
            direction=self.row["direction"],
            queue=queue, kind=kind, reason=reason, from_cti_id=from_cti_id, entered_at=entered, exit=None, offers=1,
            version=1,
            epoch=1, wait_predicted_s=rng.choice([None, 0.0, 45.0, 60.0, 200.0, 1500.0]),
        )  # fmt: skip
        if exit_ is not None and waits is not None:
            self.now = entered + waits
            found.leaves(exit_, self.now)
        found.write()
        return found

    def offer(self, cti_id: str, result: str, visit: MadeVisit | None, kind: str = "queue") -> None:
        began = self.now
        self.now += self.history.seconds(6)
        self.history.rows["offer"].append((
            self.history.new_id(), self.id, cti_id, began, self.now, result, kind, visit.row["queue"] if visit else
            None, False,
            visit.row["id"] if visit else None, 1,
        ))  # fmt: skip

    def interval(
        self,
        stage: str,
        role: str,
        cti_id: str | None,
        length: timedelta,
        visit: MadeVisit | None,
        ended_with: str,
        held_by: str | None = None,
        number: str | None = None,
    ) -> None:
        began, self.now = self.now, self.now + length
        self._part(stage, role, cti_id, began, visit, ended_with, held_by, number)
        if role == "agent" and stage in ("talking", "consult_swapped", "three_together"):
            self.talk_s += length.total_seconds()
        elif role == "agent" and (stage in ("on_hold", "agent_lost") or stage.startswith("consult")):
            self.hold_s += length.total_seconds()

    def _part(
        self,
        stage: str,
        role: str,
        cti_id: str | None,
        began: datetime,
        visit: MadeVisit | None,
        ended_with: str,
        held_by: str | None = None,
        number: str | None = None,
    ) -> None:
        self.history.rows["call_interval"].append((
            self.history.new_id(), self.id, visit.row["id"] if visit else None, self._next("interval"), self.service,
            self.row["direction"], visit.row["queue"] if visit else None, stage, role, cti_id, number, held_by, began,
            self.now,
            ended_with, self.history.chance(0.0, 0.03), 1,
        ))  # fmt: skip

    def talks(self, cti_id: str, visit: MadeVisit | None) -> None:
        self.answered_at = self.answered_at or self.now
        self.talked.append(cti_id)
        length = self.history.seconds(150)
        if self.history.chance(0.0, 0.01):
            length += timedelta(hours=30)
        self.interval("talking", "agent", cti_id, length, visit, "call_ended")

    def internal(self, cti_id: str, other: str) -> None:
        """The two talk, one holds, and they talk again."""
        self.answered_at, self.talked = self.now, [cti_id, other]
        for stage in ("internal_talking", self.history.rng.choice(["internal_on_hold", "internal_held"])):
            began = self.now
            self.interval(stage, "agent", cti_id, self.history.seconds(20), None, "call_ended")
            self._part(stage, "target", other, began, None, "call_ended")

    def consults(self, cti_id: str, other: str, visit: MadeVisit) -> None:
        asked = self.now
        self.interval("consult_ringing", "agent", cti_id, self.history.seconds(8), visit, "answered", held_by="consult")
        answered = self.now
        self.history.rows["offer"].append((
            self.history.new_id(), self.id, other, asked, answered, "answered", "consult", None, False, None, 1,
        ))  # fmt: skip
        self.interval(
            "consult_talking", "agent", cti_id, self.history.seconds(25), visit, "connected", held_by="consult"
        )
        self._part("consult_talking", "target", other, answered, visit, "connected")
        result = self.history.rng.choice(["completed", "cancelled", "hung_up", "agent_lost"])
        self._transfer("consult", cti_id, asked, answered, result, {"target_cti_id": other, "target_number": "1009"})

    def together(self, cti_id: str, other: str, visit: MadeVisit) -> None:
        """The agent talks to the customer again, and the target waits or talks too."""
        for stage in ("consult_swapped", "three_together"):
            began = self.now
            self.interval(stage, "agent", cti_id, self.history.seconds(20), visit, "resumed")
            self._part(stage, "target", other, began, visit, "resumed")

    def transfer(self, kind: str, by: str, result: str, *, rings: bool = False, **target: str) -> None:
        asked = self.now
        if "target_queue" not in target:
            self.now += self.history.seconds(9)
        self._transfer(kind, by, asked, self.now if rings else None, result, target)

    def _transfer(
        self, kind: str, by: str, asked: datetime, answered: datetime | None, result: str, target: dict[str, str]
    ) -> None:
        row = {
            "id": self.history.new_id(), "call_id": self.id, "seq": self._next("transfer"), "service": self.service,
            "queue": "support", "kind": kind, "by_cti_id": by, "at": asked, "answered_at": answered,
            "completed_at": self.now if result == "completed" else None, "ended_at": self.now, "result": result,
            "seen_late": False, "epoch": 1, **target,
        }  # fmt: skip
        self.history.rows["transfer"].append(tuple(row.get(name) for name in COLUMNS["transfer"].split()))

    def ends(self, visit: MadeVisit | None) -> None:
        """The call is over, or in a history of odd things perhaps not yet."""
        if visit is not None:
            visit.over()
        open_ = self.history.chance(0.0, 0.02)
        for found in self.visits.values():
            if open_ and found.row["exit"] == "abandoned":
                found.row |= {"exit": None, "left_at": None}
        self.row |= {
            "answered_at": self.answered_at, "ended_at": None if open_ else self.now, "outcome": None if open_ else
            "completed",
            "ended_by": None if open_ else "customer", "first_cti_id": self.talked[0] if self.talked else None,
            "last_cti_id": self.talked[-1] if self.talked else None, "talk_s": round(self.talk_s, 3),
            "hold_s": round(self.hold_s, 3), "wait_s": 1.0,
        }  # fmt: skip
        self.history.rows["call"].append(tuple(self.row.get(name) for name in COLUMNS["call"].split()))
        self.history.visits += self.visits.values()
