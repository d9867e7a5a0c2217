"""Reports (requirement M1): figures of the own services for supervisors, of all of them for the machine's operator."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import aclosing, contextmanager
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import asyncpg

from cti_bridge.api.errors import Problem, invalid, not_found, storage_unavailable
from cti_bridge.api.ports import Present
from cti_bridge.api.routes import Answer, Asked, Route
from cti_bridge.api.schemas import ReportAnswer, ReportQuery
from cti_bridge.api.streaming import Streamed
from cti_bridge.domain.rights.asker import Asker
from cti_bridge.reports import reading
from cti_bridge.reports.asking import Question
from cti_bridge.reports.catalogue import REPORTS
from cti_bridge.reports.exporting import MOST, XLSX, csv_pieces, pages, workbook_pieces
from cti_bridge.reports.formulas import Formula
from cti_bridge.reports.periods import Interval, PeriodWrong
from cti_bridge.reports.tables import content
from cti_bridge.reports.turns import ReportsBusy

LOOKS_EVERY_S = 0.5
"""The seconds between looks whether somebody still waits for a report."""
MOST_IN_WORKBOOK = 200_000
"""The most calls of a workbook, which takes half a minute of a processor that the calls of now need too."""


class Reading(Protocol):
    """Answers questions from the rows."""

    def answer(self, question: Question) -> Coroutine[Any, Any, reading.Answer]: ...


class Reports:
    """``reading`` None: there is no database."""

    def __init__(self, reading: Reading | None, directory: Present) -> None:
        self._reading, self._directory = reading, directory

    def routes(self) -> list[Route[Any]]:
        return [
            Route(
                "GET",
                "/reports/{report_name}",
                ReportQuery,
                self._report,
                ReportAnswer,
                "A report of the own services, for supervisors; format=csv, xlsx: all of it, as a file",
                pages=True,
                operator="too",
            )
        ]

    async def _report(self, asked: Asked[ReportQuery]) -> Answer | Streamed:
        question = _question(asked.by(self._directory()), asked.ids["report_name"], asked.body)
        if asked.body.format == "csv":
            lines = csv_pieces(self._pages(question, asked.left))
            return Streamed(lines, "text/csv; charset=utf-8", f"{question.report}.csv")
        if asked.body.format == "xlsx":
            book = workbook_pieces(self._pages(question, asked.left, MOST_IN_WORKBOOK))
            return Streamed(book, XLSX, f"{question.report}.xlsx", dense=True)
        with refusals():
            answer = await self._ask(question, asked.left)
        # In a thread: a long report takes a moment, and the loop has calls.
        return Answer(await asyncio.to_thread(content, answer), cursor=_cursor(answer))

    async def _ask(self, question: Question, left: Callable[[], bool]) -> reading.Answer:
        """Return the answer. It is given up when the client has left: others wait for their turn."""
        if self._reading is None:
            raise storage_unavailable()
        asking = asyncio.create_task(self._reading.answer(question), name="report")
        try:
            while not (await asyncio.wait({asking}, timeout=LOOKS_EVERY_S))[0]:
                if left():
                    raise ReportsBusy("nobody waits for it any more")
            return asking.result()
        finally:
            asking.cancel()

    async def _pages(
        self, question: Question, left: Callable[[], bool], most: int = MOST
    ) -> AsyncGenerator[reading.Answer]:
        with refusals():
            async with aclosing(pages(lambda one: self._ask(one, left), question, most)) as found:
                async for answer in found:
                    yield answer


@contextmanager
def refusals() -> Iterator[None]:
    """Raise what reading a report raises as problems."""
    try:
        yield
    except PeriodWrong as wrong:
        raise invalid("The request is not valid.", [{"field": "from", "message": str(wrong)}]) from None
    except ReportsBusy as busy:
        detail = f"{busy}"[:1].upper() + f"{busy}."[1:]
        raise Problem(503, "reports_busy", detail, headers={"Retry-After": "5"}) from None
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
        raise storage_unavailable() from None


def _question(asker: Asker, name: str, query: ReportQuery) -> Question:
    """Return what is asked for, of what the asker may see. Raises a problem, and the refusals of rights."""
    asker.need_supervisor()
    if name not in REPORTS:
        raise not_found()
    own = [service for service in asker.directory.services if asker.sees_service(service)]
    services = tuple(service for service in own if query.service in (None, service))
    if not services:
        raise not_found()
    return Question(
        name,
        query.from_,
        query.till,
        services,
        Interval(query.interval),
        (query.queue,) if query.queue is not None else None,
        (query.agent,) if query.agent is not None else None,
        (query.number,) if query.number is not None else None,
        Formula(query.formula),
        query.transfers == "in",
        _behind(query.cursor),
    )


def _cursor(answer: reading.Answer) -> str | None:
    behind = answer.parts[0].behind
    return None if behind is None else f"{behind[0].isoformat()}_{behind[1]}"


def _behind(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    at, _, call_id = cursor.rpartition("_")
    try:
        return datetime.fromisoformat(at), str(UUID(call_id))
    except ValueError:
        wrong = {"field": "cursor", "message": "is no place of this list"}
        raise invalid("The request is not valid.", [wrong]) from None
