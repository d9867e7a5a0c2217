"""Reports over the API and by the command: who may ask, what is refused, JSON, CSV, pages."""

import asyncio
import contextlib
import csv
import json
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from python_calamine import CalamineWorkbook

from cti_bridge.__main__ import main
from cti_bridge.domain.model.directory import AgentEntry, Directory, Queue, Service
from cti_bridge.local.postgres import EmbeddedPostgres
from cti_bridge.reports import exporting
from cti_bridge.reports.asking import Question
from cti_bridge.reports.exporting import XLSX
from cti_bridge.reports.periods import Interval
from cti_bridge.reports.reading import Answer, Reading
from cti_bridge.reports.sessions import STATEMENTS
from cti_bridge.reports.turns import ReportsBusy
from tests.support.api import Api, api_server
from tests.support.history import history

AGENTS = {
    "a1": AgentEntry("a1", "1001", "Agent One", services=("acme",)),
    "boss": AgentEntry("boss", "1002", "=Boss", services=("acme",), role="supervisor"),
}
HOUSE = Directory(
    services={name: Service(name, timezone="Europe/Berlin") for name in ("acme", "shop")},
    queues={name: Queue(name, "acme") for name in ("support", "sales")},
    agents=AGENTS,
)


@pytest.fixture(scope="module")
async def url(postgres_server: EmbeddedPostgres) -> str:
    """A database with a day of calls."""
    made = await postgres_server.create_database("reports", template="migrated")
    connection = await asyncpg.connect(made)
    for part in history(5, datetime(2026, 10, 25, tzinfo=UTC), 1, 4):
        await part.copy(connection)
    await connection.close()
    return made


def reading_of(url: str) -> Reading:
    """Two days later."""
    now = datetime(2026, 10, 27, tzinfo=UTC).timestamp()
    return Reading(lambda: asyncpg.connect(url), lambda: HOUSE, lambda: now)


@pytest.fixture
async def api(url: str) -> AsyncIterator[Api]:
    reading = reading_of(url)
    async with api_server(agents=AGENTS, house=HOUSE, reports=reading) as found:
        yield found


DAY = "from=2026-10-25&till=2026-10-25"


async def ask(api: Api, path: str, cti_id: str = "boss") -> Any:
    token, _ = await api.log_in(cti_id)
    return await api.call("GET", path, token)


async def test_a_supervisor_gets_figures_of_own_services_with_their_definitions(api: Api) -> None:
    reply = await ask(api, f"/reports/queue-handling?{DAY}&interval=hour&formula=offered")
    assert reply.status == 200, reply.text
    found = reply.json
    assert found["service_level"] == "answered within ÷ offered" and found["columns"][0]["about"]
    (part,) = found["parts"]
    assert part["timezone"] == "Europe/Berlin" and part["services"] == ["acme"]
    assert {row["service"] for row in part["rows"]} == {"acme"}
    assert part["total"]["offered"] == sum(row["offered"] for row in part["rows"]) > 0
    assert part["total"]["from"] == "2026-10-25T00:00:00.000+02:00"
    assert part["total"]["till"] == "2026-10-26T00:00:00.000+01:00", "the day with 25 hours"


@pytest.mark.parametrize(
    ("path", "cti_id", "status", "code"),
    [
        (f"/reports/all?{DAY}", "a1", 403, "wrong_role"),
        (f"/reports/nothing?{DAY}", "boss", 404, "not_found"),
        (f"/reports/all?{DAY}&service=shop", "boss", 404, "not_found"),
        (f"/reports/all?{DAY}&interval=year", "boss", 422, "invalid_body"),
        ("/reports/all?from=2026-10-25", "boss", 422, "invalid_body"),
        ("/reports/all?from=2026-10-25&till=2026-10-24", "boss", 422, "invalid_body"),
        ("/reports/all?from=soon&till=2026-10-24", "boss", 422, "invalid_body"),
        (f"/reports/call-detail?{DAY}&cursor=x", "boss", 422, "invalid_body"),
        (f"/reports/call-detail?{DAY}&cursor=soon_00000000-0000-0000-0000-000000000000", "boss", 422, "invalid_body"),
    ],
)
async def test_what_is_refused(api: Api, path: str, cti_id: str, status: int, code: str) -> None:
    reply = await ask(api, path, cti_id)
    assert (reply.status, reply.json["code"]) == (status, code), reply.text


async def test_csv_has_a_mark_and_all_rows_and_no_formulas(api: Api) -> None:
    reply = await ask(api, f"/reports/agent-states?{DAY}&format=csv")
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "agent-states.csv" in reply.headers["Content-Disposition"]
    assert reply.text.startswith("\ufefffrom,till,agent,name,")
    rows = list(csv.DictReader(StringIO(reply.text.lstrip("\ufeff"))))
    assert rows and {row["agent"] for row in rows} == {"a1"}
    assert rows[0]["from"] == "2026-10-25T00:00:00.000+02:00"


async def test_a_workbook_has_numbers_and_times_and_no_formulas(api: Api) -> None:
    token, _ = await api.log_in("boss")
    path = f"/api/v1/reports/queue-handling?{DAY}&interval=hour&format=xlsx"
    async with api.http.get(api.root + path, headers={"Authorization": f"Bearer {token}"}) as reply:
        assert reply.status == 200 and reply.content_type == XLSX
        assert "queue-handling.xlsx" in reply.headers["Content-Disposition"]
        found = await reply.read()
    book = CalamineWorkbook.from_filelike(BytesIO(found))
    assert book.sheet_names == ["queue-handling", "total", "columns"]
    head, *rows = book.get_sheet_by_name("queue-handling").to_python()
    assert head[:5] == ["from", "till", "offset", "service", "queue"]
    asked = await ask(api, f"/reports/queue-handling?{DAY}&interval=hour")
    (part,) = asked.json["parts"]
    assert len(rows) == len(part["rows"]) > 0
    for row, expected in zip(rows, part["rows"], strict=True):
        told = dict(zip(head, row, strict=True))
        at = datetime.fromisoformat(expected["from"])
        assert told["from"] == at.replace(tzinfo=None) and told["offset"] == expected["from"][-6:]
        for name in ("offered", "talk_s", "service_level"):
            assert told[name] == ("" if expected[name] is None else pytest.approx(expected[name]))
        assert told["final"] is expected["final"]
    (total,) = book.get_sheet_by_name("total").to_python()[1:]
    assert total[0] == "Europe/Berlin" and total[head.index("offered") + 1] == part["total"]["offered"]


async def test_a_file_has_all_calls_of_a_list(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PAGE", 7)
    whole = await ask(api, f"/reports/call-detail?{DAY}")
    calls = [row["call"] for row in whole.json["parts"][0]["rows"]]
    reply = await ask(api, f"/reports/call-detail?{DAY}&format=csv")
    rows = list(csv.DictReader(StringIO(reply.text.lstrip("\ufeff"))))
    assert [row["call"] for row in rows] == calls and len(calls) > 20


async def test_a_workbook_that_would_be_too_long_is_none(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cti_bridge.api.reports.MOST_IN_WORKBOOK", 7)
    reply = await ask(api, f"/reports/call-detail?{DAY}&format=xlsx")
    assert (reply.status, reply.json["code"]) == (422, "invalid_body"), "a part does not look like the whole"
    assert "more than 7 calls" in reply.json["errors"][0]["message"]


@pytest.mark.parametrize(
    ("reading", "code"), [("Busy", "reports_busy"), ("Away", "storage_unavailable"), (None, "storage_unavailable")]
)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_a_file_that_cannot_be_made_is_refused_as_a_report_is(reading: str | None, code: str, form: str) -> None:
    found = {"Busy": Busy(), "Away": Away(), None: None}[reading]
    async with api_server(agents=AGENTS, house=HOUSE, reports=found) as api:
        reply = await ask(api, f"/reports/all?{DAY}&format={form}")
    assert (reply.status, reply.json["code"]) == (503, code)


async def test_the_list_of_calls_goes_on_and_hides_numbers(url: str) -> None:
    reading = reading_of(url)
    seen: list[str] = []
    behind = None
    while True:
        question = Question("call-detail", "2026-10-25", "2026-10-25", ("acme",), behind=behind, most=7)
        (part,) = (await reading.answer(question)).parts
        assert all("•" in row["customer_number"] for row in part.rows)
        seen += [row["call"] for row in part.rows]
        if (behind := part.behind) is None:
            break
    (whole,) = (await reading.answer(Question("call-detail", "2026-10-25", "2026-10-25", ("acme",)))).parts
    assert seen == [row["call"] for row in whole.rows] and len(set(seen)) == len(seen) > 20


class Busy:
    async def answer(self, question: Question) -> Answer:
        raise ReportsBusy("other reports take all the time")


class Away:
    async def answer(self, question: Question) -> Answer:
        raise ConnectionRefusedError


@pytest.mark.parametrize(
    ("reading", "code"), [(Busy(), "reports_busy"), (Away(), "storage_unavailable"), (None, "storage_unavailable")]
)
async def test_a_database_that_is_slow_or_away_is_said(reading: Any, code: str) -> None:
    async with api_server(agents=AGENTS, house=HOUSE, reports=reading) as api:
        reply = await ask(api, f"/reports/all?{DAY}")
    assert (reply.status, reply.json["code"]) == (503, code)


async def test_one_report_is_read_at_a_time_and_one_that_was_given_up_keeps_its_turn_until_it_is_over(url: str) -> None:
    begun = threading.Semaphore(0)
    may_go_on = threading.Event()

    async def connect() -> asyncpg.Connection:
        begun.release()
        await asyncio.to_thread(may_go_on.wait)
        return await asyncpg.connect(url)

    reading = Reading(connect, lambda: HOUSE, lambda: datetime(2026, 10, 27, tzinfo=UTC).timestamp())
    question = Question("all", "2026-10-25", "2026-10-25", ("acme",))
    first = asyncio.create_task(reading.answer(question))
    await asyncio.to_thread(begun.acquire)
    first.cancel()
    second = asyncio.create_task(reading.answer(question))
    assert not begun.acquire(timeout=0.2), "the second waits"
    may_go_on.set()
    assert (await second).parts[0].rows


SLOW = "select pg_sleep(60), $1::timestamptz[], $2::text[], $3::text[], $4::text[]"


async def nobody_counts(url: str) -> None:
    """Wait until the server has ended the slow statement."""
    connection = await asyncpg.connect(url)
    try:
        while await connection.fetchval(
            "select count(*) from pg_stat_activity where query like 'select pg_sleep(60)%' and state = 'active'"
        ):
            await connection.execute("select pg_sleep(0.05)")
    finally:
        await connection.close()


async def test_a_client_that_has_left_takes_nobodys_turn(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STATEMENTS, "all_calls", SLOW)
    begun = asyncio.Event()

    async def connect() -> asyncpg.Connection:
        loop.call_soon_threadsafe(begun.set)
        return await asyncpg.connect(url)

    loop = asyncio.get_running_loop()
    reading = Reading(connect, lambda: HOUSE, lambda: datetime(2026, 10, 27, tzinfo=UTC).timestamp())
    async with asyncio.timeout(20), api_server(agents=AGENTS, house=HOUSE, reports=reading) as api:
        token, _ = await api.log_in("boss")
        first = asyncio.create_task(api.call("GET", f"/reports/all?{DAY}", token))
        await begun.wait()
        first.cancel()
        assert (await api.call("GET", f"/reports/transfers?{DAY}", token)).status == 200
        await nobody_counts(url)


async def test_a_report_that_takes_too_long_is_ended(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STATEMENTS, "all_calls", SLOW)
    monkeypatch.setattr("cti_bridge.reports.sessions._SETTINGS", "set local statement_timeout = 100")
    with pytest.raises(ReportsBusy, match="shorter period"):
        await reading_of(url).answer(Question("all", "2026-10-25", "2026-10-25", ("acme",)))


@contextlib.asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def test_both_sessions_of_a_report_see_the_rows_of_one_moment(url: str) -> None:
    """Changes of agents come an hour later, from before the second session begins on."""
    question = Question("agent-states", "2026-10-25", "2026-10-25", ("acme",), Interval.HOUR)
    before = (await reading_of(url).answer(question)).parts
    begun: list[asyncpg.Connection] = []

    async def connect() -> asyncpg.Connection:
        if begun:
            async with connected(url) as other:
                await other.execute("update cti.agent_state_change set at = at + interval '1 hour'")
        begun.append(await asyncpg.connect(url))
        return begun[-1]

    reading = Reading(connect, lambda: HOUSE, lambda: datetime(2026, 10, 27, tzinfo=UTC).timestamp())
    try:
        assert (await reading.answer(question)).parts == before and len(begun) == 2
        assert (await reading_of(url).answer(question)).parts != before
    finally:
        async with connected(url) as other:
            await other.execute("update cti.agent_state_change set at = at - interval '1 hour'")


@pytest.mark.parametrize("fault", [OSError("refused"), asyncpg.TooManyConnectionsError("too many"), TimeoutError()])
async def test_a_report_for_which_there_is_no_second_session_is_the_same(url: str, fault: Exception) -> None:
    question = Question("agent-calls", "2026-10-25", "2026-10-25", ("acme",))
    asked = 0

    async def connect() -> asyncpg.Connection:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise fault
        return await asyncpg.connect(url)

    reading = Reading(connect, lambda: HOUSE, lambda: datetime(2026, 10, 27, tzinfo=UTC).timestamp())
    assert (await reading.answer(question)).parts == (await reading_of(url).answer(question)).parts and asked == 2


# ------------------------------------------------------------------------------------------------------- the command


def command(tmp_path: Path, url: str, *words: str) -> int:
    (tmp_path / "cti_bridge.toml").write_text(
        f"""
[database]
url = "{url}"
[asterisk.main]
url = "http://127.0.0.1:1/ari"
username = "cti_bridge"
password = "none"
[[services]]
id = "acme"
timezone = "Europe/Berlin"
[[queues]]
id = "support"
service = "acme"
[[queues]]
id = "sales"
service = "acme"
"""
    )
    return main(["report", "--config", str(tmp_path / "cti_bridge.toml"), *words])


def printed(capfd: pytest.CaptureFixture[str]) -> str:
    return capfd.readouterr().out


async def run(tmp_path: Path, url: str, *words: str) -> int:
    return await asyncio.to_thread(command, tmp_path, url, *words)


async def test_the_command_prints_json_and_csv(tmp_path: Path, url: str, capfd: pytest.CaptureFixture[str]) -> None:
    words = ("--from", "2026-10-25", "--till", "2026-10-25")
    assert await run(tmp_path, url, "queue-handling", *words, "--queue", "support") == 0
    (part,) = json.loads(printed(capfd))["parts"]
    assert {row["queue"] for row in part["rows"]} == {"support"}
    assert await run(tmp_path, url, "call-detail", *words, "--format", "csv") == 0
    assert printed(capfd).startswith("\ufeffcall,arrived_at,")


async def test_the_command_prints_a_workbook(
    tmp_path: Path, url: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    words = ("agent-states", "--from", "2026-10-25", "--till", "2026-10-25", "--format", "xlsx")
    assert await run(tmp_path, url, *words) == 0
    book = CalamineWorkbook.from_filelike(BytesIO(capfdbinary.readouterr().out))
    head, *rows = book.get_sheet_by_name("agent-states").to_python()
    told = dict(zip(head, rows[0], strict=True))
    assert told["from"] == date(2026, 10, 25) and isinstance(told["ready_s"], float)
    assert isinstance(told["first_login"], datetime)


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("nothing",), 2, "no report"),
        (("queue-handlin",), 2, "queue-handling"),
        (("all", "--service", "acne"), 2, "acme"),
    ],
)
async def test_the_command_says_what_is_wrong(
    tmp_path: Path, url: str, capfd: pytest.CaptureFixture[str], words: Sequence[str], code: int, text: str
) -> None:
    assert await run(tmp_path, url, *words, "--from", "2026-10-25", "--till", "2026-10-25") == code
    assert text in capfd.readouterr().err


async def test_the_command_says_that_a_period_or_a_database_is_none(
    tmp_path: Path, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await run(tmp_path, url, "all", "--from", "2026-10-25", "--till", "2026-10-24") == 2
    assert "ends before it begins" in capfd.readouterr().err
    away = "postgresql://nobody@/nothing?host=/nonexistent"
    assert await run(tmp_path, away, "all", "--from", "2026-10-25", "--till", "2026-10-25") == 1
    assert "cannot be read" in capfd.readouterr().err
    assert await run(tmp_path, "", "all", "--from", "2026-10-25", "--till", "2026-10-25") == 2
    assert "No database.url" in capfd.readouterr().err
