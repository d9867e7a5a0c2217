"""Reports of agents, slowly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from tests.support.slow_rows import Cells, Row, SlowRows, Span, cut, overlap, percent

TALK = ("talking", "consult_swapped", "three_together")
CONSULTED = ("consult_talking", "consult_swapped", "three_together", "consult_alone")


def at_what(status: str, state: str, reason: str | None) -> str | None:
    """What an agent is at, in the words of the report."""
    if state in ("ringing", "accepted"):
        return "ringing"
    if state != "idle":
        return state
    if status == "business":
        return "after_call" if reason == "ticket_processing" else "business"
    return None if status == "offline" else status


class SlowAgents(SlowRows):
    """Each method gives the cells of an interval and some groups."""

    def agent_calls(self, span: Span, groups: Sequence[tuple[str, ...]]) -> Cells:
        who = {cti_id for cti_id, _ in groups}
        offers = self._of("offer", "cti_id", who)
        begun = [row for row in offers if span[0] <= row["offered_at"] < span[1]]
        own = [row for row in begun if row["kind"] in ("queue", "recall")]
        results = {
            name: len([row for row in own if row["result"] == name])
            for name in ("answered", "missed", "declined", "busy", "unreachable", "caller_left", "withdrawn")
        }
        parts = self._of("call_interval", "cti_id", who)

        def spent(*stages: str, direction: str | None = None, role: str = "agent") -> float:
            rows = [
                row
                for row in parts
                if row["stage"] in stages and row["role"] == role and direction in (None, row["direction"])
            ]
            return cut(rows, "at", "till", span)

        by = [row for row in self._of("transfer", "by_cti_id", who) if span[0] <= row["at"] < span[1]]
        to = [row for row in self._of("transfer", "target_cti_id", who) if span[0] <= row["at"] < span[1]]
        done = [row for row in by if row["result"] == "completed"]
        transfers_in = [row for row in to if row["result"] == "completed"]
        out = [self.calls[row["call_id"]] for row in parts if row["seq"] == 1 and row["role"] == "agent"]
        out = [row for row in out if row["direction"] == "outbound" and span[0] <= row["arrived_at"] < span[1]]
        out_answered = len([row for row in out if row["answered_at"] is not None])
        ring = cut([row for row in offers if row["result"] == "answered"], "offered_at", "ended_at", span)
        consulting = ("consult_ringing", "consult_talking", "consult_alone")
        talk, hold = spent(*TALK, direction="inbound"), spent("on_hold", "agent_lost", direction="inbound")
        out_talk, out_hold = (
            spent(*TALK, direction="outbound"),
            spent("on_hold", "agent_lost", direction="outbound"),
        )
        dial = spent("dialing_agent", "dialing_customer", direction="outbound")
        consult = spent(*consulting)
        consulted = spent(*CONSULTED, role="target")
        after, long_after = self._at(who, span, ("after_call",)), self._at(who, span, ("after_call",), beyond_s=300)
        ready = self._at(who, span, ("ready",))
        work = ring + talk + hold + out_talk + out_hold + dial + consult + consulted + after
        return {
            "offered": len(own),
            **results,
            "ring_s": ring,
            "in_talk_s": talk,
            "in_hold_s": hold,
            "in_talk_avg_s": talk / (results["answered"] + len(transfers_in))
            if results["answered"] + len(transfers_in)
            else None,
            "out_attempts": len(out),
            "out_answered": out_answered,
            "out_failed": len(out) - out_answered,
            "dial_s": dial,
            "out_talk_s": out_talk,
            "out_hold_s": out_hold,
            "out_talk_avg_s": out_talk / out_answered if out_answered else None,
            "consults": len([row for row in by if row["kind"] == "consult"]),
            "consulted": len([row for row in begun if row["kind"] == "consult" and row["result"] == "answered"]),
            "transfers_in": len(transfers_in),
            "transfers_to_agents": len([row for row in done if row["target_cti_id"] is not None]),
            "transfers_to_queues": len([row for row in done if row["target_queue"] or row["target_scenario"]]),
            "transfers_outside": len(
                [row for row in done if not (row["target_cti_id"] or row["target_queue"] or row["target_scenario"])]
            ),
            "transfers_failed": len([row for row in by if row["kind"] == "direct" and row["result"] != "completed"]),
            "consult_s": consult,
            "consulted_s": consulted,
            "internal_s": cut([row for row in parts if row["direction"] == "internal"], "at", "till", span),
            "transfers_in_talk_s": self._talk_behind_transfers(parts, span),
            "after_call_s": after,
            "after_call_long_s": long_after,
            "ready_s": ready,
            "work_s": work,
            "occupancy": percent(work, work + ready),
            "final": self._nothing_goes_on(span),
        }

    def _talk_behind_transfers(self, parts: Iterable[Row], span: Span) -> float:
        return cut(
            [
                row
                for row in parts
                if row["stage"] in TALK
                and row["role"] == "agent"
                and any(
                    one["target_cti_id"] == row["cti_id"]
                    and one["completed_at"] is not None
                    and one["completed_at"] <= row["at"]
                    for one in self._of("transfer", "call_id", [row["call_id"]])
                )
            ],
            "at",
            "till",
            span,
        )

    def _stretches(self, cti_id: str) -> list[tuple[str | None, datetime, datetime]]:
        """What the agent is at, from, till; the last one until now."""
        if cti_id not in self._stretched:
            rows = sorted(self._of("agent_state_change", "cti_id", [cti_id]), key=lambda row: row["seq"])
            self._stretched[cti_id] = [
                (
                    at_what(row["to_status"], row["to_state"], row["reason"]),
                    row["at"],
                    after["at"] if after is not None else max(self.asked.now, row["at"]),
                )
                for row, after in zip(rows, [*rows[1:], None], strict=True)
            ]
        return self._stretched[cti_id]

    def _at(self, who: Iterable[str], span: Span, what: Sequence[str], beyond_s: float = 0) -> float:
        return sum(
            overlap(begin + timedelta(seconds=beyond_s), end, span)
            for cti_id in who
            for does, begin, end in self._stretches(cti_id)
            if does in what
        )

    def agent_states(self, span: Span, groups: Sequence[tuple[str, ...]]) -> Cells:
        who = {cti_id for cti_id, _ in groups}
        logins = self._of("login", "cti_id", who)
        came = [row["at"] for row in logins if span[0] <= row["at"] < span[1]]
        went = [
            row["ended_at"] for row in logins if row["ended_at"] is not None and span[0] <= row["ended_at"] < span[1]
        ]
        cells: Cells = {"logins": len(came), "logouts": len(went)}
        if len(groups) == 1:
            cells |= {"first_login": min(came, default=None), "last_logout": max(went, default=None)}
        changes = [row for row in self._of("agent_state_change", "cti_id", who) if span[0] <= row["at"] < span[1]]
        for what in (
            "ready", "rest", "business", "after_call", "ringing", "dialing", "talking", "on_hold", "consulting",
            "reconnecting", "monitoring",
        ):  # fmt: skip
            times = len(
                [
                    row
                    for row in changes
                    if at_what(row["to_status"], row["to_state"], row["reason"]) == what
                    and at_what(row["from_status"], row["from_state"], row["from_reason"]) != what
                ]
            )
            seconds = self._at(who, span, (what,))
            cells |= {f"{what}_n": times, f"{what}_s": seconds, f"{what}_avg_s": seconds / times if times else None}
        cells["final"] = span[1] <= self.asked.now
        return cells

    def agent_reasons(self, span: Span, groups: Sequence[tuple[str, ...]]) -> Cells:
        times, lasted_s = 0, 0.0
        for cti_id, _, status, reason in groups:
            rows = sorted(self._of("agent_state_change", "cti_id", [cti_id]), key=lambda row: row["seq"])
            for row, after in zip(rows, [*rows[1:], None], strict=True):
                if row["to_state"] == "idle" and (row["to_status"], row["reason"] or "") == (status, reason):
                    times += span[0] <= row["at"] < span[1]
                    lasted_s += overlap(row["at"], after["at"] if after else max(self.asked.now, row["at"]), span)
        return {
            "times": times,
            "lasted_s": lasted_s,
            "lasted_avg_s": lasted_s / times if times else None,
            "final": span[1] <= self.asked.now,
        }

    def reasons_of_rows(self) -> set[tuple[str, ...]]:
        """Agent, name, status and reason of all rest and business but after-call work."""
        return {
            (row["cti_id"], self.asked.agents[row["cti_id"]], row["to_status"], row["reason"] or "")
            for row in self.rows["agent_state_change"]
            if row["to_status"] in ("rest", "business")
            and row["to_state"] == "idle"
            and row["reason"] != "ticket_processing"
        }
