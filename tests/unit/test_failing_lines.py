"""Phones that refuse by themselves, and a trunk that lets nothing ring: the log, the metrics, and /readyz."""

import structlog

from cti_bridge.domain.border.notices import AgentChanged, PhoneRefused, TrunkFailed
from cti_bridge.failing_lines import AGAIN_S, LATELY_S, FailingLines


def test_given_a_phone_that_refuses_again_and_again_then_all_are_counted_and_the_log_has_a_line_now_and_then() -> None:
    lines = FailingLines()
    with structlog.testing.capture_logs() as logged:
        for at in range(0, int(AGAIN_S) + 1, 10):
            lines.on_notices(float(at), [AgentChanged("a1"), PhoneRefused("a1", 488)])
        lines.on_notices(1.0, [PhoneRefused("a2", 488), PhoneRefused("a1", 302)])
    calls = {row.labels["sip_code"]: row.value for row in lines.measure()}
    assert calls == {"488": AGAIN_S // 10 + 2, "302": 1}
    said = [(line["event"], line["cti_id"], line["sip_code"]) for line in logged]
    assert said == [("phone_refuses", "a1", 488)] * 2 + [("phone_refuses", "a2", 488), ("phone_refuses", "a1", 302)]


def test_given_a_trunk_that_lets_nothing_ring_then_it_is_counted_logged_and_warned_of_until_it_is_over() -> None:
    lines = FailingLines()
    with structlog.testing.capture_logs() as logged:
        lines.on_notices(0.0, [TrunkFailed("main", 18, 408)])
        assert lines.warnings(1.0) == [], "one call may come to nothing"
        lines.on_notices(10.0, [TrunkFailed("main", 18, 408), TrunkFailed("second", 34, 503)])
    assert [word.split(": ")[0] for word in lines.warnings(11.0)] == ["PBX main"]
    assert lines.warnings(10.0 + LATELY_S) == []
    calls = {(row.labels["node"], row.labels["sip_code"]): row.value for row in lines.measure()}
    assert calls == {("main", "408"): 2, ("second", "503"): 1}
    said = [(line["event"], line["node"], line["sip_code"]) for line in logged]
    assert said == [("trunk_failed", "main", 408), ("trunk_failed", "second", 503)]
