"""A fact that the core fails on stands in the log with its ids, and without the numbers of people."""

import io
import json
from typing import Any, get_args

import pytest

from cti_bridge.domain.border.facts import CallArrived, Fact, KeypadDialed, NodeSeen, PbxFact, SeenLeg
from cti_bridge.domain.border.output import Output
from cti_bridge.engine import Engine
from cti_bridge.idempotency import IdempotencyKeys
from cti_bridge.log import configure_logging
from tests.support.changed import field_names

ARRIVED = CallArrived("main", "leg-1", "0225550000", "0212345678", "0212345678", 1.0)
SEEN = NodeSeen(
    "main", "boot", 1.0, (SeenLeg("leg-1", True, False, True, None, "trunk", ARRIVED),), (), (("1001", True),)
)


class BrokenCore:
    def handle(self, fact: Fact, now: float) -> None:
        raise RuntimeError("broken")

    def left_over(self) -> Output:
        return Output([], [], [], {})

    def next_deadline(self) -> None:
        return None


def logged(fact: Fact) -> dict[str, Any]:
    out = io.StringIO()
    configure_logging("json", "info", out)
    center: Any = BrokenCore()
    journal: Any = None
    Engine(center, journal, lambda: 0.0, lambda _: None, lambda: None, IdempotencyKeys([])).tell(fact)
    event: dict[str, Any] = json.loads(out.getvalue())
    return event


@pytest.mark.parametrize("fact", [ARRIVED, KeypadDialed("main", "leg-1", "1001", "0212345678"), SEEN])
def test_given_a_number_without_a_plus_then_it_is_masked(fact: PbxFact) -> None:
    event = logged(fact)
    assert "12345" not in json.dumps(event)
    assert (event["event"], event["fact"], event["node"]) == ("fault_in_core", type(fact).__name__, "main")


def test_no_fact_has_a_field_that_the_log_uses_itself() -> None:
    taken = {"event", "fact", "at", "level", "exception", "exc_info", "stack_info"}
    assert not [kind for kind in get_args(Fact) if taken & set(field_names(kind))]
