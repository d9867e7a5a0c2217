"""POST /scenarios/try at a running bridge: for supervisors, by the configuration and the overrides that hold there
(requirement H4)."""

from collections.abc import Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher

from cti_bridge.exit_codes import ExitCode
from cti_bridge.operator_access import read_access
from tests.integration.test_hours import PASSWORD
from tests.support.configuration import BASE, HASH, agent, configuration
from tests.support.running_bridge import SPOOL, Running, ask, running_bridge
from tests.unit.test_try_command import HOURS, MENU

OTHER = '[[services]]\nid = "other"\n[[queues]]\nid = "theirs"\nservice = "other"\n'
PEOPLE = (
    agent("a1", "1001", 'queues = ["support"]\n')
    + agent("s1", "1002", 'role = "supervisor"\n')
    + agent("s2", "1003", 'role = "supervisor"\n').replace('services = ["acme"]', 'services = ["other"]')
).replace(HASH, PasswordHasher(time_cost=5, memory_cost=7_168).hash(PASSWORD))
PATH = "/scenarios/try"
CALL = {"number": "+8225550000", "at": "2026-12-25T10:00"}
CLOSED = [
    {"step": "hours", "do": "hours", "exit": "closed", "at_s": 0.0, "heard": []},
    {"step": "bye", "do": "hangup", "exit": None, "at_s": 0.0, "heard": ["sound:bye"]},
]


@pytest.fixture(scope="module")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    directory = tmp_path_factory.mktemp("try")
    tables = {**BASE, "scenarios": MENU, "agents": PEOPLE, "other": OTHER}
    configuration(directory, SPOOL + HOURS, base="".join(tables.values()))
    with running_bridge(directory) as running:
        yield running


@pytest.fixture(scope="module")
def tokens(bridge: Running) -> dict[str, str]:
    found = {"operator": read_access(bridge.access_path).token}
    for cti_id in ("a1", "s1", "s2"):
        status, answer = ask(bridge, "POST", "/login", body={"cti_id": cti_id, "password": PASSWORD})
        assert status == 200, answer
        found[cti_id] = answer["token"]
    return found


@pytest.mark.parametrize("who", ["s1", "operator"])
def test_a_supervisor_is_told_the_way_and_its_end(bridge: Running, tokens: dict[str, str], who: str) -> None:
    assert ask(bridge, "POST", PATH, tokens[who], CALL) == (200, {"way": CLOSED, "end": "hangup"})
    open_ = {**CALL, "at": "2026-12-18T10:00", "press": ["1"], "from": "+821012345678", "agents": 3}
    status, answer = ask(bridge, "POST", PATH, tokens[who], open_)
    steps = [(step["step"], step["exit"]) for step in answer["way"]]
    assert (status, steps, answer["end"]) == (200, [("hours", "open"), ("menu", "1"), ("wait", None)], "agent")


def test_an_override_of_the_running_bridge_counts(bridge: Running, tokens: dict[str, str]) -> None:
    operator, override = tokens["operator"], "/hours/office/override"
    assert ask(bridge, "PUT", override, operator, {"state": "open", "until": None})[0] == 200
    assert ask(bridge, "POST", PATH, tokens["s1"], CALL)[1]["way"][0]["exit"] == "open"
    assert ask(bridge, "DELETE", override, operator)[0] == 200
    assert ask(bridge, "POST", PATH, tokens["s1"], CALL)[1]["way"] == CLOSED


@pytest.mark.parametrize(
    ("who", "body", "status", "code"),
    [
        ("", CALL, 401, "unauthenticated"),
        ("a1", CALL, 403, "wrong_role"),
        ("s2", CALL, 404, "not_found"),
        ("s1", {}, 422, "invalid_body"),
        ("s1", {**CALL, "number": "front desk"}, 422, "invalid_body"),
        ("s1", {**CALL, "at": "christmas"}, 422, "invalid_body"),
        ("s1", {**CALL, "press": ["x"]}, 422, "invalid_body"),
        ("s1", {**CALL, "press": ["1"] * 101}, 422, "invalid_body"),
        ("s1", {**CALL, "agents": 101}, 422, "invalid_body"),
        ("s1", {**CALL, "answers": {}}, 422, "invalid_body"),
    ],
)
def test_others_and_what_makes_no_sense_are_refused(
    bridge: Running, tokens: dict[str, str], who: str, body: dict[str, Any], status: int, code: str
) -> None:
    found, answer = ask(bridge, "POST", PATH, tokens.get(who, ""), body)
    assert (found, answer["code"]) == (status, code)


def test_a_number_of_no_scenario_is_rejected(bridge: Running, tokens: dict[str, str]) -> None:
    status, answer = ask(bridge, "POST", PATH, tokens["s2"], {"number": "+8225559999"})
    assert (status, answer) == (200, {"way": [], "end": "rejected"})


def test_a_failing_test_refuses_the_reload_and_the_bridge_goes_on(bridge: Running, tokens: dict[str, str]) -> None:
    site = bridge.directory / "conf.d" / "50-site.toml"
    test = '[[scenarios]]\nid = "main"\n[[scenarios.tests]]\nname = "Christmas"\nat = "2026-12-25T10:00"\nway = [{}]\n'
    try:
        site.write_text(test.format('"hours", "menu"'))
        refused = bridge.command(name="reload")
        assert refused.returncode == ExitCode.WRONG_USE
        assert f'{site}:6: test "Christmas": the call takes another way' in refused.stderr
        assert "hours  closed     hours" in refused.stderr, "both ways side by side"
        assert ask(bridge, "POST", PATH, tokens["s1"], CALL)[1]["way"] == CLOSED
        site.write_text(test.format('"hours", "bye"'))
        assert bridge.command(name="reload").returncode == ExitCode.OK
    finally:
        site.unlink()
