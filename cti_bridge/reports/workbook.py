"""A report as a workbook of Excel (XLSX, ISO/IEC 29500).

Numbers are numbers and moments are times. A cell knows no time zone, so moments are those of the clock on the wall, and
a column ``offset`` says how far that is from UTC: an hour that occurs twice is told apart by it. A text is always a
text, whatever it begins with; telephone numbers and CTI IDs are texts. Totals stand on a sheet of their own, where
nobody counts them twice, and a third sheet says what was asked for and what each column means.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

from cti_bridge.reports.columns import Column, Kind
from cti_bridge.reports.reading import Answer, Part
from cti_bridge.reports.sums import Row
from cti_bridge.reports.tables import offset

_OPTIONS = {
    # Rows go to a file as they come: a long list of calls needs no more memory than a short one.
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_FORMATS = {Kind.MOMENT: "yyyy-mm-dd hh:mm:ss", Kind.COUNT: "0", Kind.SECONDS: "0.0", Kind.RATE: "0.0"}
_WIDTHS = {Kind.MOMENT: 19.0, Kind.TEXT: 18.0, Kind.NUMBER: 22.0}
_WIDTH = 11.0
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Signs that XML 1.0 cannot hold."""
OFFSET = Column("offset", Kind.TEXT, "How far the clock on the wall is from UTC at the first time of the row.")
TIMEZONE = Column("timezone", Kind.TEXT, "The time zone of the services.")


class Workbook:
    """Writes a report to the file, answer by answer. ``close`` makes the file, of what lies in ``scratch`` until
    then."""

    def __init__(self, path: Path, scratch: str) -> None:
        self._book = xlsxwriter.Workbook(str(path), {**_OPTIONS, "tmpdir": scratch})
        self._bold = self._book.add_format({"bold": True})
        self._formats = {kind: self._book.add_format({"num_format": form}) for kind, form in _FORMATS.items()}
        self._rows: Any = None
        self._columns: list[Column] = []
        self._next = 1
        self._last: Answer | None = None

    def add(self, answer: Answer) -> None:
        """Add the rows of the answer."""
        if self._rows is None:
            self._columns = _columns(answer.report.columns)
            self._rows = self._sheet(answer.report.name, self._columns)
        for part in answer.parts:
            zone = ZoneInfo(part.zone)
            for row in part.rows:
                self._write(self._rows, self._next, self._columns, _told(row, zone), zone)
                self._next += 1
        self._last = answer

    def close(self) -> None:
        """Write what is left."""
        if self._last is not None:
            self._rows.autofilter(0, 0, max(self._next - 1, 1), len(self._columns) - 1)
            if not self._last.report.pages:
                self._totals(self._last.parts)
            self._about(self._last)
        self._book.close()

    def drop(self) -> None:
        """Let go of the files that are open, when nobody wants the workbook any more."""
        for sheet in self._book.worksheets():
            if sheet.row_data_fh is not None:
                sheet.row_data_fh.close()

    def _totals(self, parts: Sequence[Part]) -> None:
        columns = [TIMEZONE, *self._columns]
        sheet = self._sheet("total", columns)
        for number, part in enumerate(parts, start=1):
            zone = ZoneInfo(part.zone)
            self._write(sheet, number, columns, {"timezone": part.zone, **_told(part.total, zone)}, zone)

    def _about(self, answer: Answer) -> None:
        question = answer.question
        sheet = self._book.add_worksheet("columns")
        sheet.set_column(0, 0, 24.0)
        sheet.set_column(1, 1, 12.0)
        sheet.set_column(2, 2, 110.0)
        filters = (("queue", question.queues), ("agent", question.agents), ("number", question.numbers))
        lines = [
            (answer.report.name, "", answer.report.about),
            ("from", "", question.since),
            ("till", "", question.till),
            ("timezone", "", ", ".join(part.zone for part in answer.parts)),
            ("service", "", ", ".join(question.services)),
            *((name, "", ", ".join(chosen)) for name, chosen in filters if chosen is not None),
            *([] if answer.report.pages else _reckoned(answer)),
            ("", "", ""),
            *((column.name, str(column.kind), column.about) for column in self._columns),
        ]
        for number, line in enumerate(lines):
            for place, text in enumerate(line):
                sheet.write_string(number, place, _text(text), self._bold if place == 0 else None)

    def _sheet(self, name: str, columns: Sequence[Column]) -> Any:
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, max(_WIDTHS.get(column.kind, _WIDTH), len(column.name) + 2.0))
            sheet.write_string(0, place, column.name, self._bold)
        # "1001" as a CTI ID is meant as a text: no warning in each cell.
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        return sheet

    def _write(self, sheet: Any, number: int, columns: Sequence[Column], row: Row, zone: ZoneInfo) -> None:
        for place, column in enumerate(columns):
            value = row[column.name]
            if value is None:
                continue
            if isinstance(value, datetime):
                wall = value.astimezone(zone).replace(tzinfo=None)
                sheet.write_datetime(number, place, wall, self._formats[Kind.MOMENT])
            elif column.kind is Kind.FLAG:
                sheet.write_boolean(number, place, bool(value))
            elif column.kind in (Kind.TEXT, Kind.NUMBER):
                sheet.write_string(number, place, _text(str(value)))
            else:
                sheet.write_number(number, place, value, self._formats[column.kind])


def _columns(columns: Sequence[Column]) -> list[Column]:
    """Return the columns with that of the offset, behind the first times."""
    first = next(place for place, column in enumerate(columns) if column.kind is Kind.MOMENT)
    behind = first + (2 if columns[first].name == "from" else 1)
    return [*columns[:behind], OFFSET, *columns[behind:]]


def _told(row: Row, zone: ZoneInfo) -> Row:
    return {**row, "offset": offset(next(value for value in row.values() if isinstance(value, datetime)), zone)}


def _reckoned(answer: Answer) -> list[tuple[str, str, str]]:
    question = answer.question
    return [
        ("interval", "", str(question.interval)),
        ("transfers", "", "in" if question.transfers_in else "out"),
        ("service_level", str(question.formula), answer.formula),
    ]


def _text(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
