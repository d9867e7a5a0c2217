"""Calls for numbers that no scenario has: the log, the metric, and the warnings of /readyz."""

import structlog

from cti_bridge.domain.border.notices import AgentChanged, NumberUnknown
from cti_bridge.numbers.unknown import MOST_NUMBERS, UnknownNumbers

NUMBER = "025559999"


def called(unknown: UnknownNumbers, at: float, number: str = NUMBER, node: str = "main") -> None:
    unknown.on_notices(at, [AgentChanged("a1"), NumberUnknown(node, number)])


def logged(times: list[float], *numbers: str) -> list[int]:
    """How many calls each line speaks of."""
    unknown = UnknownNumbers()
    with structlog.testing.capture_logs() as lines:
        for at in times:
            for number in numbers or (NUMBER,):
                called(unknown, at, number)
    assert all(
        (line["event"], line["log_level"], line["node"]) == ("unknown_number", "warning", "main") for line in lines
    )
    return [line["calls"] for line in lines]


def test_given_calls_for_one_number_then_a_line_a_minute_says_how_many() -> None:
    assert logged([0.0]) == [1]
    assert logged([0.0, 1.0, 59.0, 60.0, 61.0, 120.0]) == [1, 3, 2]


def test_given_two_numbers_then_each_has_its_line() -> None:
    assert logged([0.0, 1.0], NUMBER, "025558888") == [1, 1]


def test_given_one_number_after_the_other_then_log_and_memory_stay_small_and_all_are_counted() -> None:
    unknown = UnknownNumbers()
    with structlog.testing.capture_logs() as lines:
        for call in range(5 * MOST_NUMBERS):
            called(unknown, 1.0, f"02555{call:04}")
    assert len(lines) == MOST_NUMBERS
    assert [one.value for one in unknown.measure()] == [5 * MOST_NUMBERS]
    assert unknown.warnings(2.0)[-1] == f"numbers that were called and no scenario has: {MOST_NUMBERS - 3} more"


def test_the_metric_counts_by_pbx_and_only_goes_up() -> None:
    unknown = UnknownNumbers()
    assert list(unknown.measure()) == []
    for node in ("main", "main", "other"):
        called(unknown, 1.0, node=node)
    found = {one.labels["node"]: (one.name, one.value, one.counter) for one in unknown.measure()}
    assert found == {"main": ("cti_unknown_numbers", 2, True), "other": ("cti_unknown_numbers", 1, True)}


def test_the_operator_is_shown_the_last_ones_masked_for_an_hour() -> None:
    unknown = UnknownNumbers()
    called(unknown, 1.0)
    called(unknown, 2.0)
    assert unknown.warnings(3.0) == ["PBX main: no scenario has the number 025•••999 that was called (calls: 2)"]
    assert unknown.warnings(3_700.0) == []
