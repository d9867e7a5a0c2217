"""A whole report as a file: a list of calls is asked for page by page, so that no long one stands in memory."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from cti_bridge.reports.asking import Question
from cti_bridge.reports.periods import PeriodWrong
from cti_bridge.reports.reading import Answer
from cti_bridge.reports.tables import csv_head, csv_rows

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The media type of a workbook."""
PAGE = 5_000
"""The calls of a page."""
MOST = 1_000_000
"""The most calls of a file; a sheet of Excel has 1,048,576 rows."""
_PIECE = 64 * 1024


async def pages(
    ask: Callable[[Question], Awaitable[Answer]], question: Question, most: int = MOST
) -> AsyncGenerator[Answer]:
    """Yield the report; a list in pages that follow each other. Raises what ``ask`` raises, and PeriodWrong when a list
    has more than ``most`` calls: a part must not look like the whole."""
    asked = replace(question, most=min(PAGE, most))
    told = 0
    while True:
        found = await ask(asked)
        yield found
        told += len(found.parts[0].rows)
        behind = found.parts[0].behind
        if behind is None:
            return
        if told >= most:
            raise PeriodWrong(f"these are more than {most} calls; ask for a shorter period")
        asked = replace(asked, behind=behind)


async def csv_pieces(answers: AsyncGenerator[Answer]) -> AsyncGenerator[bytes]:
    """Yield the report as CSV, line by line. ``answers`` is closed in any case."""
    head = True
    async with aclosing(answers):
        async for answer in answers:
            if head:
                yield csv_head(answer.report).encode()
                head = False
            for line in csv_rows(answer):
                yield line.encode()


async def workbook_pieces(answers: AsyncGenerator[Answer]) -> AsyncGenerator[bytes]:
    """Yield the report as a workbook. The file is made as a whole before, on disk and in threads: a long report takes
    seconds, and the loop has calls. ``answers`` is closed in any case, and nothing is left on disk."""
    # Loaded when somebody asks: a start does without it.
    from cti_bridge.reports.workbook import Workbook

    # A thread that still writes when nobody wants the file any more must not keep it from being removed.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        path = Path(scratch) / "report.xlsx"
        book = Workbook(path, scratch)
        try:
            async with aclosing(answers):
                async for answer in answers:
                    await asyncio.to_thread(book.add, answer)
            await asyncio.to_thread(book.close)
        finally:
            book.drop()
        with path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, _PIECE):
                yield piece
