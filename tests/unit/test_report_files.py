"""Reports as files: what a spreadsheet makes of them."""

import csv
import os
import tempfile
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from cti_bridge.reports.asking import Question
from cti_bridge.reports.columns import Column, Kind, Report
from cti_bridge.reports.exporting import workbook_pieces
from cti_bridge.reports.periods import PeriodWrong
from cti_bridge.reports.reading import Answer, Part
from cti_bridge.reports.tables import csv_head, csv_rows, harmless
from cti_bridge.reports.workbook import Workbook

REPORT = Report(
    "agent-calls",
    "Calls.",
    (
        Column("from", Kind.MOMENT, "From."),
        Column("till", Kind.MOMENT, "Till."),
        Column("name", Kind.TEXT, "Name."),
        Column("number", Kind.NUMBER, "Number."),
        Column("calls", Kind.COUNT, "Calls."),
        Column("talk_s", Kind.SECONDS, "Talk."),
        Column("rate", Kind.RATE, "Rate."),
        Column("final", Kind.FLAG, "Final."),
    ),
)
FROM, TILL = datetime(2026, 11, 2, 15, tzinfo=UTC), datetime(2026, 11, 3, 15, tzinfo=UTC)


def answer(*names: str) -> Answer:
    rows: list[dict[str, Any]] = [
        {
            "from": FROM,
            "till": TILL,
            "name": name,
            "number": "+82 10-••••-5678",
            "calls": 3,
            "talk_s": 12.345,
            "rate": None,
            "final": True,
        }
        for name in names
    ]
    total = {**rows[0], "name": None, "number": None, "calls": 3 * len(rows), "rate": 63.6}
    question = Question("agent-calls", "2026-11-03", "2026-11-03", ("acme",))
    return Answer(REPORT, question, "within ÷ answered", [Part("Asia/Seoul", ("acme",), rows, total)])


def book(path: Path, *answers: Answer) -> CalamineWorkbook:
    made = Workbook(path, str(path.parent))
    for one in answers:
        made.add(one)
    made.close()
    return CalamineWorkbook.from_path(path)


FORMULAS = ["=1+1", "+82", "-1", "@sum", "\tx", " =1+1", "＝1+1", "x;=1+1", "x\n=1+1", "x\t@sum"]


@pytest.mark.parametrize("text", FORMULAS)
def test_given_a_name_that_reads_like_a_formula_then_it_is_a_text_in_a_workbook(tmp_path: Path, text: str) -> None:
    found = book(tmp_path / "report.xlsx", answer(text))
    row = found.get_sheet_by_name("agent-calls").to_python()[1]
    assert row[3] == text
    with ZipFile(tmp_path / "report.xlsx") as parts:
        sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/")]
    assert sheets and not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets)


@pytest.mark.parametrize("text", FORMULAS)
def test_given_a_name_that_reads_like_a_formula_then_no_cell_of_csv_begins_with_it(text: str) -> None:
    (row,) = csv.DictReader(StringIO(csv_head(REPORT).lstrip("\ufeff") + "".join(csv_rows(answer(text)))))
    # Where the comma is the decimal sign, semicolons separate cells; some programs take tabs.
    for separator in (",", ";", "\t", "\n"):
        cells = row["name"].split(separator) if separator != "," else [row["name"]]
        assert not any(cell.strip().startswith(("=", "+", "-", "@", "＝")) for cell in cells), row["name"]


def test_given_an_ordinary_text_then_csv_has_it_as_it_is() -> None:
    for text in ("a=1", "Kim; Lee", "1-2", "김민서", ""):
        assert harmless(text) == text


def test_given_any_sign_then_a_workbook_can_be_read(tmp_path: Path) -> None:
    names = ["a\x01b", "a\ufffeb", "_x0041_", '<&">', "김민서", "x" * 40_000]
    rows = book(tmp_path / "report.xlsx", answer(*names)).get_sheet_by_name("agent-calls").to_python()[1:]
    assert [row[3] for row in rows] == ["a�b", "a�b", "_x0041_", '<&">', "김민서", "x" * 32_767]


def test_given_a_report_then_numbers_are_numbers_and_times_are_times(tmp_path: Path) -> None:
    found = book(tmp_path / "report.xlsx", answer("a"), answer("b"))
    head, first, second = found.get_sheet_by_name("agent-calls").to_python()
    assert head == ["from", "till", "offset", "name", "number", "calls", "talk_s", "rate", "final"]
    wall = date(2026, 11, 3), date(2026, 11, 4)
    assert first == [*wall, "+09:00", "a", "+82 10-••••-5678", 3.0, 12.345, "", True]
    assert second[3] == "b", "answers follow each other"
    (total,) = found.get_sheet_by_name("total").to_python()[1:]
    assert total == ["Asia/Seoul", *wall, "+09:00", "", "", 3.0, 12.345, 63.6, True]
    about = found.get_sheet_by_name("columns").to_python()
    assert ["talk_s", "seconds", "Talk."] in about and ["service_level", "accepted", "within ÷ answered"] in about


def test_given_the_hour_that_occurs_twice_then_its_two_rows_are_told_apart(tmp_path: Path) -> None:
    hours = [datetime(2026, 10, 25, hour, tzinfo=UTC) for hour in (0, 1)]
    twice = answer("a", "b")
    for row, at in zip(twice.parts[0].rows, hours, strict=True):
        row.update({"from": at, "till": at + timedelta(hours=1)})
    berlin = replace(twice, parts=[replace(twice.parts[0], zone="Europe/Berlin")])
    rows = book(tmp_path / "report.xlsx", berlin).get_sheet_by_name("agent-calls").to_python()[1:]
    assert rows[0][0] == rows[1][0] == datetime(2026, 10, 25, 2)  # noqa: DTZ001
    assert [row[2] for row in rows] == ["+02:00", "+01:00"]


async def test_given_a_workbook_that_fails_on_the_way_then_nothing_is_left_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    there: list[str] = []

    async def answers() -> AsyncGenerator[Answer]:
        yield answer("a")
        there.extend(os.listdir(tmp_path))
        raise PeriodWrong("too long")

    with pytest.raises(PeriodWrong):
        await anext(workbook_pieces(answers()))
    assert there and not os.listdir(tmp_path)
