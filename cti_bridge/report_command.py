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
from cti_bridge.reports.formulas import Formula
from cti_bridge.reports.periods import Interval, PeriodWrong
from cti_bridge.reports.reading import Answer, Reading, ReportsBusy
from cti_bridge.reports.tables import content, csv_lines
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
    try:
        answer = asyncio.run(_ask(url, directory, _question(directory, arguments)))
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
    _print(answer, arguments.format)
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


async def _ask(url: str, directory: Directory, question: Question) -> Answer:
    async def begin() -> asyncpg.Connection:
        return await connect(url, CONNECTS_WITHIN_S)

    return await Reading(begin, lambda: directory, time.time).answer(question)


def _print(answer: Answer, form: str) -> None:
    out = sys.stdout.buffer
    if form == "csv":
        for line in csv_lines(answer):
            out.write(line.encode())
    else:
        out.write(msgspec.json.format(msgspec.json.encode(content(answer))) + b"\n")
    out.flush()
