"""Supervisors who watch delay no frame: what 20 pages of a busy house cost each second."""

from benchmarks.watching import TALK_S, measure, told


def test_twenty_pages_of_a_busy_house_are_told_within_a_fraction_of_the_second() -> None:
    cost = measure(TALK_S + 6)
    turns = sorted(cost.turns_ms[TALK_S:])
    assert turns[len(turns) // 2] < 150, "17 ms when this was written"
    assert max(cost.live_bytes[TALK_S:]) < 60_000 and max(cost.board_bytes[TALK_S:]) < 40_000
    assert "200 agents" in told(cost)
