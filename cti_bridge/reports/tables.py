"""A report as JSON, or as CSV that spreadsheets open as it is meant.

Times are those of the clock on the wall, with their offset. A text that a spreadsheet would take for a formula gets an
apostrophe before it. CSV is UTF-8 with a byte order mark, without which Excel takes Korean for something else.
"""

import csv
import re
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from cti_bridge.reports.columns import Column, Kind, Report
from cti_bridge.reports.reading import Answer, Part
from cti_bridge.reports.sums import Row

_FORMULA = re.compile(r"(^|[;\t\r\n])(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")
"""Where a cell with a formula may begin: at the beginning, behind spaces too, and behind what separates cells where the
comma is the decimal sign. Wide signs are taken for the narrow ones in East Asia."""
_BOM = "\ufeff"


def content(answer: Answer) -> dict[str, Any]:
    """Return the report as an object for JSON, with the definitions of its columns."""
    report, question = answer.report, answer.question
    return {
        "name": report.name,
        "about": report.about,
        "interval": None if report.pages else question.interval,
        "formula": question.formula,
        "service_level": answer.formula,
        "transfers": "in" if question.transfers_in else "out",
        "columns": [{"name": one.name, "kind": one.kind, "about": one.about} for one in report.columns],
        "parts": [_part(answer, part) for part in answer.parts],
    }


def _part(answer: Answer, part: Part) -> dict[str, Any]:
    zone = ZoneInfo(part.zone)
    rows = [_shown(row, zone) for row in part.rows]
    total = None if answer.report.pages else _shown(part.total, zone)
    intervals = [_shown(row, zone) for row in part.intervals]
    services = list(part.services)
    return {"timezone": part.zone, "services": services, "rows": rows, "intervals": intervals, "total": total}


def _shown(row: Row, zone: ZoneInfo) -> Row:
    return {name: local(value, zone) if isinstance(value, datetime) else value for name, value in row.items()}


def local(at: datetime, zone: ZoneInfo) -> str:
    """Return the time as ``2026-10-25T02:30:00.000+01:00``."""
    return at.astimezone(zone).isoformat(timespec="milliseconds")


def offset(at: datetime, zone: ZoneInfo) -> str:
    """Return how far the zone is from UTC at that time: ``+09:00``."""
    return local(at, zone)[-6:]


def csv_head(report: Report) -> str:
    """Return the first line of the report as CSV: the names of the columns."""
    return _BOM + _line([column.name for column in report.columns])


def csv_rows(answer: Answer) -> Iterator[str]:
    """Yield a line for each row. Totals are left to the reader, who would count them twice."""
    for part in answer.parts:
        zone = ZoneInfo(part.zone)
        for row in part.rows:
            yield _line([_cell(column, row[column.name], zone) for column in answer.report.columns])


def _line(cells: list[object]) -> str:
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _cell(column: Column, value: Any, zone: ZoneInfo) -> object:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return local(value, zone)
    if column.kind in (Kind.TEXT, Kind.NUMBER):
        return harmless(str(value))
    return ("yes" if value else "no") if column.kind is Kind.FLAG else value


def harmless(text: str) -> str:
    """Return the text so that a spreadsheet shows it and does not reckon with it."""
    return _FORMULA.sub(r"\1'", text)
