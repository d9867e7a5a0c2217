"""Reports of calls, slowly."""

from __future__ import annotations

from collections.abc import Sequence

from tests.support.slow_queues import SlowQueues
from tests.support.slow_rows import Cells, Row, Span, lasted, mean, percent


class SlowCalls(SlowQueues):
    """Each method gives the cells of an interval and some groups."""

    def every(self, span: Span, groups: Sequence[tuple[str, ...]]) -> Cells:
        services = [service for (service,) in groups]
        calls = [
            row
            for row in self.calls.values()
            if span[0] <= row["arrived_at"] < span[1]
            and row["service"] in services
            and (self.asked.numbers is None or row["dialed_number"] in self.asked.numbers)
        ]
        queued = {row["call_id"] for row in self.rows["queue_visit"]}
        inbound = [row for row in calls if row["direction"] == "inbound"]
        outbound = [row for row in calls if row["direction"] == "outbound"]
        in_queue = [row for row in inbound if row["id"] in queued]
        answered = [row for row in inbound if row["answered_at"] is not None]
        out_answered = [row for row in outbound if row["answered_at"] is not None]
        unanswered = [row for row in inbound if row["answered_at"] is None]
        visits = [row for row in self.visits if row["service"] in services and span[0] <= row["entered_at"] < span[1]]
        in_talk, out_talk = (sum(row["talk_s"] or 0 for row in rows) for rows in (inbound, outbound))
        return {
            "in_calls": len(inbound),
            "in_queue": len(in_queue),
            "in_scenario": len([row for row in unanswered if row["ended_at"] is not None and row["id"] not in queued]),
            "in_answered": len(answered),
            "in_lost": len([row for row in unanswered if row["ended_at"] is not None and row["id"] in queued]),
            "in_open": len([row for row in unanswered if row["ended_at"] is None]),
            "answer_rate": percent(len([row for row in in_queue if row in answered]), len(in_queue)),
            "service_level": self._level(self._counted(visits)),
            "in_talk_s": in_talk,
            "in_talk_avg_s": in_talk / len(answered) if answered else None,
            "in_hold_s": sum(row["hold_s"] or 0 for row in inbound),
            "out_calls": len(outbound),
            "out_answered": len(out_answered),
            "out_failed": len([row for row in outbound if row["ended_at"] is not None and row["answered_at"] is None]),
            "out_talk_s": out_talk,
            "out_talk_avg_s": out_talk / len(out_answered) if out_answered else None,
            "out_hold_s": sum(row["hold_s"] or 0 for row in outbound),
            "final": span[1] <= self.asked.now and all(row["ended_at"] is not None for row in [*inbound, *outbound]),
        }

    def _transfer_group(self, row: Row) -> tuple[str, ...]:
        number = "" if row["target_cti_id"] is not None or row["target_number"] is None else row["target_number"]
        hidden = number if len(number) < 7 else number[:3] + "•" * (len(number) - 6) + number[-3:]
        parts = (
            row["service"],
            row["kind"],
            row["by_cti_id"],
            row["target_cti_id"],
            row["target_queue"],
            row["target_scenario"],
        )
        return (*(part or "" for part in parts), hidden)

    def transfers(self, span: Span, groups: Sequence[tuple[str, ...]]) -> Cells:
        rows = [
            row
            for row in self._of("transfer", "by_cti_id", {group[2] or None for group in groups})
            if span[0] <= row["at"] < span[1]
            and self._transfer_group(row) in groups
            and (self.asked.queues is None or row["queue"] in self.asked.queues)
        ]
        named = ("completed", "cancelled", "recalled", "customer_left")
        return {
            "asked": len(rows),
            "answered": len([row for row in rows if row["answered_at"] is not None]),
            **{name: len([row for row in rows if row["result"] == name]) for name in named},
            "failed": len([row for row in rows if row["result"] not in named]),
            "answer_avg_s": mean([lasted(row, "at", "answered_at") for row in rows if row["answered_at"] is not None]),
            "final": self._nothing_goes_on(span, self.asked.services),
        }

    def scenario_exits(self, span: Span, groups: Sequence[tuple[str, ...]]) -> Cells:
        wanted = {group[1:] for group in groups}
        rows = [
            row
            for row in self._of("scenario_step", "step", {group[2] for group in groups})
            if span[0] <= row["at"] < span[1] and (row["scenario"], row["step"], row["exit"]) in wanted
        ]
        seconds = [row["lasted_s"] for row in rows]
        return {
            "calls": len(rows),
            "lasted_s": sum(seconds),
            "lasted_avg_s": mean(seconds),
            "final": self._nothing_goes_on(span, self.asked.services),
        }

    def callbacks(self, span: Span, groups: Sequence[tuple[str, ...]]) -> Cells:
        rows = [
            row
            for row in self.rows["callback"]
            if span[0] <= row["placed_at"] < span[1]
            and (row["service"], row["queue"]) in groups
            and (self.asked.queues is None or row["queue"] in self.asked.queues)
        ]
        return {
            "registered": len(rows),
            **{kind: len([row for row in rows if row["kind"] == kind]) for kind in ("requested", "voicemail")},
            **{one: len([row for row in rows if row["status"] == one]) for one in ("waiting", "done", "cancelled")},
            "attempts": sum(row["attempts"] for row in rows),
            "done_avg_s": mean([lasted(row, "placed_at", "ended_at") for row in rows if row["ended_at"] is not None]),
            "final": span[1] <= self.asked.now and not any(row["status"] == "waiting" for row in rows),
        }
