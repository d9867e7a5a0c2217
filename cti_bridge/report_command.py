"""``cti-bridge report``: prints a report, from the database that the configuration names. The bridge need not run."""

import argparse
import asyncio
import sys
import time

import asyncpg
import msgspec

from cti_bridge.config.problems import did_you_mean
from cti_bridge.domain.model.directory import Directory
from cti_bridge.exit_codes import ExitCode
from cti_bridge.reports.asking import Question
from cti_bridge.reports.catalogue import REPORTS
from cti_bridge.reports.exporting import csv_pieces, pages, workbook_pieces
from cti_bridge.reports.formulas import Formula
from cti_bridge.reports.periods import Interval, PeriodWrong
from cti_bridge.reports.reading import Reading
from cti_bridge.reports.tables import content
from cti_bridge.reports.turns import ReportsBusy
from cti_bridge.settings import Settings
from cti_bridge.storage.outages import OUTAGES, describe
from cti_bridge.storage.session import AddressWrong, connect
from cti_bridge.terminal import complain

CONNECTS_WITHIN_S = 10.0
ALL_CALLS = 1_000_000
"""The most calls of a list that is printed."""


def report(settings: Settings, arguments: argparse.Namespace) -> int:
    """Print the report and return the exit code."""
    url = settings.database.url.get_secret_value()
    if not url:
        complain("No database.url is configured. That of `make run` is printed at its start: CTI_BRIDGE_DATABASE__URL.")
        return ExitCode.WRONG_USE
    directory = settings.directory()
    if arguments.name not in REPORTS:
        complain(f'There is no report "{arguments.name}"{did_you_mean(arguments.name, REPORTS)}')
        return ExitCode.WRONG_USE
    for service in arguments.service or ():
        if service not in directory.services:
            complain(f'There is no service "{service}"{did_you_mean(service, directory.services)}')
            return ExitCode.WRONG_USE
    if arguments.format == "xlsx" and sys.stdout.isatty():
        complain("A workbook is no text. Write it into a file: > report.xlsx")
        return ExitCode.WRONG_USE
    try:
        asyncio.run(_print(url, directory, _question(directory, arguments), arguments.format))
    except PeriodWrong as wrong:
        complain(f"{wrong}"[:1].upper() + f"{wrong}."[1:])
        return ExitCode.WRONG_USE
    except AddressWrong:
        complain("The database's address is wrong.")
        return ExitCode.WRONG_USE
    except ReportsBusy as busy:
        complain(f"{busy}"[:1].upper() + f"{busy}."[1:])
        return ExitCode.FAILED
    except OUTAGES as error:
        complain(f"The database cannot be read: {describe(error)}.")
        return ExitCode.FAILED
    return ExitCode.OK


def _question(directory: Directory, arguments: argparse.Namespace) -> Question:
    def named(values: list[str] | None) -> tuple[str, ...] | None:
        return tuple(values) if values else None

    return Question(
        arguments.name,
        arguments.since,
        arguments.till,
        named(arguments.service) or tuple(directory.services),
        Interval(arguments.interval),
        named(arguments.queue),
        named(arguments.agent),
        named(arguments.number),
        Formula(arguments.formula),
        arguments.transfers == "in",
        most=ALL_CALLS,
    )


async def _print(url: str, directory: Directory, question: Question, form: str) -> None:
    async def begin() -> asyncpg.Connection:
        return await connect(url, CONNECTS_WITHIN_S)

    reading, out = Reading(begin, lambda: directory, time.time), sys.stdout.buffer
    if form == "json":
        answer = await reading.answer(question)
        out.write(msgspec.json.format(msgspec.json.encode(content(answer))) + b"\n")
    elif form == "csv":
        async for piece in csv_pieces(pages(reading.answer, question)):
            out.write(piece)
    else:
        async for piece in workbook_pieces(pages(reading.answer, question)):
            out.write(piece)
    out.flush()
