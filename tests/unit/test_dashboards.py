"""The dashboards for Grafana, and the alarms of the docs, ask for what the bridge has (requirement M5)."""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import promql_parser
import pytest

from tests.support.exposed import exposed

ROOT = Path(__file__).parents[2]
DASHBOARDS = sorted((ROOT / "dashboards").glob("*.json"))
EXPOSED = exposed()
_OWN_WORDS = {"$__rate_interval": "5m", "$__interval": "1m", "$__range": "6h"}
"""The words that Grafana puts a time in place of."""


def wrong_in(expression: str) -> list[str]:
    """Return what of the expression the bridge does not have; a syntax error is one thing."""
    for word, time in _OWN_WORDS.items():
        expression = expression.replace(word, time)
    try:
        parsed = promql_parser.parse(expression)
    except ValueError as error:
        return [f"{expression}: {error}"]
    wrong: list[str] = []
    known: set[str] = set()

    def selectors(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            labels = EXPOSED.get(node.name or "")
            if labels is None:
                wrong.append(f"{expression}: there is no {node.name}")
                return
            known.update(labels)
            named = {one.name for one in node.matchers.matchers}
            wrong.extend(f"{expression}: {node.name} has no label {label}" for label in sorted(named - labels))

    def groups(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.AggregateExpr) and node.modifier is not None:
            inside: set[str] = set()

            def within(part: promql_parser.Expr) -> None:
                if isinstance(part, promql_parser.VectorSelector):
                    inside.update(EXPOSED.get(part.name or "", ()))

            promql_parser.walk(node.expr, within)
            wrong.extend(f"{expression}: no label {one}" for one in node.modifier.labels if one not in inside)

    promql_parser.walk(parsed, selectors)
    promql_parser.walk(parsed, groups)
    return wrong


def test_the_metrics_of_the_program_are_found_with_their_labels() -> None:
    assert EXPOSED["cti_queue_offered_total"] == {"queue", "job", "instance"}
    assert EXPOSED["cti_calls_ended_total"] >= {"direction", "service", "queue", "outcome"}
    assert EXPOSED["cti_queue_answered_after_seconds_bucket"] >= {"queue", "le"}
    assert EXPOSED["cti_pbx_calls"] >= {"node", "state"}
    assert "cti_inbox" in EXPOSED and "cti_inbox_total" not in EXPOSED


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("sum(cti_queue_waitin)", "there is no cti_queue_waitin"),
        ('cti_queue_waiting{quue="a"}', "no label quue"),
        ("sum by (node) (cti_queue_waiting)", "no label node"),
        ("sum(cti_queue_waiting", "sum"),
        ("cti_queue_offered", "there is no cti_queue_offered"),
    ],
)
def test_an_expression_that_asks_for_what_there_is_not_is_found(expression: str, reason: str) -> None:
    (wrong,) = wrong_in(expression)
    assert reason in wrong


BOARDS = [pytest.param(json.loads(path.read_text()), id=path.stem) for path in DASHBOARDS]


@pytest.mark.parametrize("board", BOARDS)
def test_a_dashboard_asks_only_for_what_there_is(board: dict[str, Any]) -> None:
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    assert len(asked) > 5
    assert [wrong for expression in asked for wrong in wrong_in(expression)] == []
    names = {one["name"] for one in board["templating"]["list"]}
    used = {word for expression in asked for word in re.findall(r"\$(\w+)", expression) if f"${word}" not in _OWN_WORDS}
    assert used <= names
    for one in board["templating"]["list"]:
        if one["type"] == "query":
            metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", one["definition"]).groups()  # type: ignore[union-attr]
            assert label in EXPOSED[metric] and one["query"]["query"] == one["definition"]


@pytest.mark.parametrize("board", BOARDS)
def test_a_dashboard_can_be_imported_anywhere(board: dict[str, Any]) -> None:
    """It names no data source of its own, and no two panels lie on each other."""
    assert board["uid"].startswith("cti-bridge-") and "id" not in board
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        places = [panel, *panel.get("targets", [])] if panel["type"] != "row" else []
        assert all(one["datasource"] == {"type": "prometheus", "uid": "${datasource}"} for one in places)
    boxes = [panel["gridPos"] for panel in panels]
    assert all(box["x"] + box["w"] <= 24 for box in boxes)
    for one, other in combinations(boxes, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        assert beside or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"], (one, other)


def test_the_dashboard_of_queues_has_all_that_is_measured_of_them() -> None:
    (path,) = [one for one in DASHBOARDS if one.stem == "cti-bridge-queues"]
    text = path.read_text()
    measured = {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in EXPOSED if name.startswith("cti_queue_")}
    assert {name for name in measured if name not in text} == {"cti_queue_phones_gone"}


def test_the_expressions_of_the_docs_ask_only_for_what_there_is() -> None:
    text = (ROOT / "docs" / "operating.md").read_text()
    found = [one for line in text.splitlines() if line.startswith("|") for one in re.findall(r"`([^`]+)`", line)]
    measured = [one for one in found if re.search(r"\b(cti|process)_[a-z_]+", one) and re.search(r"[<>=(]", one)]
    expressions = [one for one in measured if "{queue}" not in one and not one.startswith("/")]
    assert len(expressions) > 20
    assert [wrong for expression in expressions for wrong in wrong_in(expression)] == []
