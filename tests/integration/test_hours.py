"""Opening hours at a running bridge: shown to agents, set by hand, over a reload and a
restart, and in the rows (requirement H3)."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from cti_bridge.domain.border.records import HoursOverrideRow
from cti_bridge.domain.model.hours import HoursOverride, OpenState
from cti_bridge.domain.model.words import OverrideEnd
from cti_bridge.exit_codes import ExitCode
from cti_bridge.operator_access import read_access
from cti_bridge.storage.closing import Closing
from tests.support.configuration import BASE, HASH, configuration
from tests.support.running_bridge import SPOOL, Running, ask, running_bridge
from tests.support.storage import fetch, new_id, storage

PASSWORD = "correct battery"
HOURS = """
[[hours]]
id = "office"
timezone = "Asia/Seoul"
[hours.week]
mon = ["00:00-24:00"]
[[hours]]
id = "shop"
timezone = "Europe/Berlin"
[hours.week]
tue = ["00:00-24:00"]
"""
WEEKLY = BASE["agents"].replace(HASH, PasswordHasher(time_cost=5, memory_cost=7_168).hash(PASSWORD))


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[Running]:
    configuration(tmp_path, SPOOL + HOURS, base="".join({**BASE, "agents": WEEKLY}.values()))
    with running_bridge(tmp_path) as running:
        yield running


def tokens(bridge: Running) -> tuple[str, str]:
    """The agent's, and the operator's."""
    status, answer = ask(bridge, "POST", "/login", body={"cti_id": "a1", "password": PASSWORD})
    assert status == 200, answer
    return answer["token"], read_access(bridge.access_path).token


OVERRIDE = "/hours/office/override"


def test_an_agent_sees_all_hours_and_the_operator_sets_them(bridge: Running) -> None:
    agent, operator = tokens(bridge)
    status, found = ask(bridge, "GET", "/hours", agent)
    assert (status, [one["id"] for one in found]) == (200, ["office", "shop"])
    assert found[0].keys() == {"id", "timezone", "state", "until", "why", "sound", "override"}
    assert ask(bridge, "GET", "/hours", operator) == (200, found)
    assert ask(bridge, "GET", "/hours")[0] == 401
    for method, body in (("PUT", {"state": "open"}), ("DELETE", None)):
        assert ask(bridge, method, OVERRIDE, body=body)[0] == 401
        assert ask(bridge, method, OVERRIDE, agent, body)[1]["code"] == "wrong_role"
    status, answer = ask(bridge, "PUT", OVERRIDE, operator, {"state": "closed", "until": "2099-12-24T18:00"})
    assert (status, answer["hours"]["state"], answer["hours"]["until"]) == (200, "closed", "2099-12-24T09:00:00.000Z")
    assert answer["hours"]["why"] == "override until 2099-12-24 18:00 by operator"
    assert answer["hours"]["override"]["by"] == "operator"
    assert ask(bridge, "GET", "/hours", agent)[1][0] == answer["hours"]
    status, answer = ask(bridge, "DELETE", OVERRIDE, operator)
    assert (status, answer["hours"]["override"]) == (200, None)
    assert answer["hours"]["why"].startswith("week: ")
    assert [line["why"] for line in bridge.logged("hours_override_over")] == ["dropped"]


def test_an_override_ends_with_the_day_and_null_is_without_end(bridge: Running) -> None:
    _, operator = tokens(bridge)
    status, answer = ask(bridge, "PUT", OVERRIDE, operator, {"state": "open"})
    assert (status, answer["hours"]["why"]) == (200, "override until 24:00 by operator")
    assert answer["hours"]["until"].endswith("T15:00:00.000Z"), "midnight in Seoul"
    status, answer = ask(bridge, "PUT", OVERRIDE, operator, {"state": "open", "until": None})
    assert (status, answer["hours"]["until"], answer["hours"]["why"]) == (200, None, "override by operator")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/hours/none/override", {"state": "open"}, 404, "not_found"),
        (OVERRIDE, {"state": "holiday"}, 422, "invalid_body"),
        (OVERRIDE, {"state": "open", "until": "tomorrow"}, 422, "invalid_body"),
        (OVERRIDE, {"state": "open", "until": "2020-01-01T10:00:00Z"}, 422, "invalid_body"),
        (OVERRIDE, {"state": "open", "until": 5}, 422, "invalid_body"),
        (OVERRIDE, {"state": "open", "for": 5}, 422, "invalid_body"),
        (OVERRIDE, {}, 422, "invalid_body"),
    ],
)
def test_what_makes_no_sense_is_refused(running: Running, path: str, body: object, status: int, code: str) -> None:
    operator = read_access(running.access_path).token
    found, answer = ask(running, "PUT", path, operator, body)
    assert (found, answer["code"]) == (status, code)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A bridge for refusals, which leave nothing behind."""
    directory = tmp_path_factory.mktemp("hours")
    configuration(directory, SPOOL + HOURS)
    with running_bridge(directory) as made:
        yield made


def test_the_command_sets_and_ends_it_and_prints_the_days_with_it(bridge: Running) -> None:
    done = bridge.command("override", "office", "closed", "--until", "none", name="hours")
    assert (done.returncode, done.stdout, done.stderr) == (0, "office: closed, override by operator\n", "")
    shown = bridge.command("office", "--days", "2", name="hours")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.splitlines()[0] == "office (Asia/Seoul): closed, override by operator"
    assert shown.stdout.splitlines()[-1].endswith("closed   override by operator")
    (warning,) = [one for one in json.loads(bridge.ask("/readyz")[1])["warnings"] if "opening hours" in one]
    assert warning == "opening hours office: closed, override by operator"
    done = bridge.command("override", "office", "off", name="hours")
    assert done.returncode == 0 and done.stdout.startswith("office: ") and "week: " in done.stdout
    done = bridge.command("override", "office", "open", name="hours")
    assert done.stdout == "office: open, override until 24:00 by operator\n"
    for arguments, says in (
        (("override", "none", "open"), "has no [[hours]] none"),
        (("override", "office", "open", "--until", "2020-01-01T00:00"), "That time has passed."),
        (("override", "office", "open", "--until", "soon"), 'Write a time as in "14:00"'),
    ):
        done = bridge.command(*arguments, name="hours")
        assert (done.returncode, says in done.stderr) == (ExitCode.WRONG_USE, True), done.stderr


def test_a_killed_bridge_comes_back_with_it(tmp_path: Path) -> None:
    import signal

    configuration(tmp_path, SPOOL + HOURS)
    first = Running(tmp_path)
    first.logged("started")
    operator = read_access(first.access_path).token
    assert ask(first, "PUT", OVERRIDE, operator, {"state": "closed", "until": None})[0] == 200
    first.end(signal.SIGKILL)
    second = Running(tmp_path)
    try:
        second.logged("started")
        found = ask(second, "GET", "/hours", read_access(second.access_path).token)[1]
        assert (found[0]["state"], found[0]["override"]["by"]) == ("closed", "operator")
    finally:
        assert second.end() == ExitCode.OK


def test_a_reload_without_the_hours_ends_it_and_says_so(bridge: Running) -> None:
    _, operator = tokens(bridge)
    ask(bridge, "PUT", OVERRIDE, operator, {"state": "closed", "until": None})
    bridge.write(HOURS.replace('"office"', '"bureau"'), agents=WEEKLY)
    done = bridge.command()
    assert done.returncode == 0
    assert "opening hours: added 1 (bureau); removed 1 (office)" in done.stdout
    assert "opening hours that are no more, and were set by hand: 1 (office)" in done.stdout
    (line,) = bridge.logged("reload")
    assert line["overrides_ended"] == 1
    assert [one["id"] for one in ask(bridge, "GET", "/hours", operator)[1]] == ["bureau", "shop"]
    assert bridge.command().stdout == "taken over\n  nothing that concerns calls has changed\n"


# ------------------------------------------------------------------------------- rows


def override(row_id: str) -> tuple[HoursOverride, HoursOverrideRow]:
    made = HoursOverride("office", OpenState.CLOSED, 1_700_003_600.0, "operator", 1_700_000_000.0, row_id)
    return made, HoursOverrideRow.of(made)


async def rows(url: str) -> list[tuple[object, ...]]:
    found = await fetch(url, "select * from cti.hours_override order by at")
    return [(row["hours"], row["state"], row["by"], row["ended_why"], row["ended_at"] is None) for row in found]


async def test_its_row_is_written_when_it_begins_and_when_it_is_over(tmp_path: Path, database_url: str) -> None:
    async with storage(tmp_path, database_url) as parts:
        made, row = override(new_id())
        parts.journal.record([row], {("hours_override", "office"): made}, made.at)
        await parts.drained()
        assert await rows(database_url) == [("office", "closed", "operator", None, True)]
        over = HoursOverrideRow.of(made, 1_700_003_600.0, OverrideEnd.EXPIRED)
        parts.journal.record([over, row], {("hours_override", "office"): None}, made.at)
        await parts.drained()
        assert await rows(database_url) == [("office", "closed", "operator", "expired", False)]


@pytest.mark.parametrize("known", [True, False])
async def test_one_that_a_start_does_not_know_is_closed(tmp_path: Path, database_url: str, known: bool) -> None:
    async with storage(tmp_path / "first", database_url) as parts:
        made, row = override(new_id())
        states: dict[tuple[str, str], object | None] = {("hours_override", "office"): made}
        parts.journal.record([row], states, made.at)
        await parts.drained()
    async with storage(tmp_path / ("first" if known else "new"), database_url) as parts:
        closing = Closing(parts.spool, parts.database, parts.journal.goes_on, parts.watch, began_at=1_700_001_000.0)
        await closing.close_what_is_open()
    assert await rows(database_url) == [("office", "closed", "operator", None if known else "lost", known)]
