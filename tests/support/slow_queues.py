"""Reports of queues, slowly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.support.slow_rows import Cells, Row, SlowRows, Span, lasted, mean, percent


def upper(expected_s: float) -> float:
    """The upper end of the range that a caller is told."""
    return next((most for most in (60, 120, 300, 600, 1200) if expected_s < most), float("inf"))


class SlowQueues(SlowRows):
    """Each method gives the cells of an interval and some groups."""

    def _entered(self, span: Span, groups: Sequence[tuple[str, ...]]) -> list[Row]:
        return [
            row
            for row in self.visits
            if span[0] <= row["entered_at"] < span[1] and (row["service"], row["queue"]) in groups
        ]

    def _counted(self, visits: Iterable[Row]) -> list[Row]:
        return [row for row in visits if row["kind"] == "new" or self.asked.transfers_in]

    def _within(self, row: Row) -> bool:
        return lasted(row, "entered_at", "left_at") <= self.asked.within_s[row["queue"]]

    def _level(self, counted: Sequence[Row]) -> float | None:
        answered = [row for row in counted if row["exit"] == "answered"]
        abandoned = [row for row in counted if row["exit"] == "abandoned"]
        short = [row for row in abandoned if lasted(row, "entered_at", "left_at") < self.asked.short_s[row["queue"]]]
        turned = [row for row in counted if row["exit"] in ("longest_wait", "full", "no_agents", "closed")]
        in_time = len([row for row in answered if self._within(row)])
        if self.asked.formula == "accepted":
            return percent(in_time, len(answered) + len(abandoned) - len(short) + len(turned))
        if self.asked.formula == "answered":
            return percent(in_time, len(answered))
        if self.asked.formula == "answered_or_left":
            left_in_time = len([row for row in abandoned if self._within(row)])
            return percent(in_time + left_in_time, len(answered) + len(abandoned))
        return percent(in_time, len(counted))

    def _visits_over(self, span: Span, visits: Iterable[Row]) -> bool:
        if span[1] > self.asked.now:
            return False
        return all(
            row["exit"] is not None and (row["exit"] != "answered" or row["talk_s"] is not None) for row in visits
        )

    def handling(self, span: Span, groups: Sequence[tuple[str, ...]]) -> Cells:
        visits = self._entered(span, groups)
        counted = self._counted(visits)
        lent = [
            row
            for row in self.visits
            if span[0] <= row["entered_at"] < span[1]
            and (row["service"], row["lender"]) in groups
            and row["exit"] == "answered"
        ]

        def kind(name: str) -> int:
            return len([row for row in visits if row["kind"] == name])

        def exits(*names: str | None) -> list[Row]:
            return [row for row in counted if row["exit"] in names]

        conversations = [row for row in visits if row["exit"] == "answered"]
        abandoned = exits("abandoned")
        talk = sum(row["talk_s"] or 0 for row in conversations)
        hold = sum(row["hold_s"] or 0 for row in conversations)
        after = sum(row["after_call_s"] or 0 for row in conversations)
        return {
            "offered": len(counted),
            "calls": len([row for row in visits if row["seq"] == 1]),
            "new": kind("new"),
            "transferred": kind("transferred"),
            "returned": kind("returned"),
            "moved_in": kind("moved"),
            "callbacks_in": kind("callback"),
            "answered": len(exits("answered")),
            "answered_by_others": len([row for row in exits("answered") if row["lender"] is not None]),
            "answered_for_others": len(lent),
            "abandoned": len(abandoned),
            "abandoned_within": len([row for row in abandoned if self._within(row)]),
            "abandoned_short": len(
                [row for row in abandoned if lasted(row, "entered_at", "left_at") < self.asked.short_s[row["queue"]]]
            ),
            "turned_away": len(exits("longest_wait", "full", "no_agents", "closed")),
            "longest_wait": len(exits("longest_wait")),
            "full": len(exits("full")),
            "no_agents": len(exits("no_agents")),
            "closed": len(exits("closed")),
            "closed_at_entry": self._closed_at_entry(span, groups),
            "key": len(exits("key")),
            "moved": len(exits("moved", "removed")),
            "ended": len(exits("ended")),
            "node_lost": len(exits("node_lost")),
            "waiting": len(exits(None)),
            "within": len([row for row in exits("answered") if self._within(row)]),
            "answer_rate": percent(len(exits("answered")), len(counted)),
            "abandon_rate": percent(len(abandoned), len(counted)),
            "service_level": self._level(counted),
            "conversations": len(conversations),
            "talk_s": talk,
            "talk_avg_s": talk / len(conversations) if conversations else None,
            "hold_s": hold,
            "after_call_s": after,
            "handle_avg_s": (talk + hold + after) / len(conversations) if conversations else None,
            "final": self._visits_over(span, visits),
        }

    def _closed_at_entry(self, span: Span, groups: Sequence[tuple[str, ...]]) -> int:
        found = 0
        for event in self._of("call_event", "type", ["turned_away"]):
            if event["detail"]["exit"] != "closed" or not span[0] <= event["at"] < span[1]:
                continue
            call = self.calls[event["call_id"]]
            asked = self.asked.numbers is None or call["dialed_number"] in self.asked.numbers
            visits = self._of("queue_visit", "call_id", [call["id"]])
            was_in = any(row["exit"] == "closed" and row["left_at"] == event["at"] for row in visits)
            found += asked and not was_in and (call["service"], event["detail"]["queue"]) in groups
        return found

    def waiting(self, span: Span, groups: Sequence[tuple[str, ...]]) -> Cells:
        visits = self._entered(span, groups)
        counted = self._counted(visits)
        of = {
            "": [row for row in counted if row["left_at"] is not None],
            "answered_": [row for row in counted if row["exit"] == "answered"],
            "abandoned_": [row for row in counted if row["exit"] == "abandoned"],
        }
        cells: Cells = {
            "offered": len(counted),
            "answered": len(of["answered_"]),
            "abandoned": len(of["abandoned_"]),
            "answer_rate": percent(len(of["answered_"]), len(counted)),
            "abandon_rate": percent(len(of["abandoned_"]), len(counted)),
        }
        for what, rows in of.items():
            waits = [lasted(row, "entered_at", "left_at") for row in rows]
            cells |= {
                f"{what}wait_s": sum(waits),
                f"{what}wait_most_s": max(waits) if waits else None,
                f"{what}wait_avg_s": mean(waits),
            }
        predicted = [row for row in of["answered_"] if row["wait_predicted_s"] is not None]
        held = [row for row in predicted if lasted(row, "entered_at", "left_at") <= upper(row["wait_predicted_s"])]
        return cells | {
            "predicted": len(predicted),
            "predicted_held": len(held),
            "predicted_rate": percent(len(held), len(predicted)),
            "final": self._visits_over(span, visits),
        }

    def distribution(self, span: Span, groups: Sequence[tuple[str, ...]]) -> Cells:
        visits = self._entered(span, groups)
        cells: Cells = {"final": self._visits_over(span, visits)}
        for exit_ in ("answered", "abandoned"):
            rows = [row for row in self._counted(visits) if row["exit"] == exit_]
            waits = [lasted(row, "entered_at", "left_at") for row in rows]
            cells[exit_] = len(rows)
            lower = -1.0
            for most in (5, 10, 20, 30, 60, 120, 300):
                cells[f"{exit_}_{most}"] = len([wait for wait in waits if lower < wait <= most])
                lower = most
            cells[f"{exit_}_more"] = len([wait for wait in waits if wait > lower])
        return cells
