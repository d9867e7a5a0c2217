"""Phones that refuse by themselves: the log and the metric."""

import structlog

from cti_bridge.domain.border.notices import AgentChanged, PhoneRefused
from cti_bridge.failing_lines import AGAIN_S, FailingLines


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
