"""The emergency switch of a service at a running bridge: over HTTP by its supervisors, by the command, in the
configuration, over a kill (requirement H8)."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from cti_bridge.exit_codes import ExitCode
from cti_bridge.operator_access import read_access
from tests.support.configuration import BASE, HASH, configuration
from tests.support.running_bridge import SPOOL, Running, ask, running_bridge

PASSWORD = "correct battery"
QUICK = PasswordHasher(time_cost=5, memory_cost=7_168).hash(PASSWORD)
PREPARED = """timezone = "Asia/Seoul"
[services.emergency]
message = "sound:acme/lines-down"
next = "bye/bye"
"""
BYE = """
[[scenarios]]
id = "bye"
service = "acme"
start = "bye"
[scenarios.steps.bye]
do = "hangup"
"""
OTHERS = """
[[services]]
id = "other"
[[queues]]
id = "theirs"
service = "other"
[[agents]]
cti_id = "s1"
cti_number = "1901"
password_hash = "HASH"
services = ["acme"]
role = "supervisor"
[[agents]]
cti_id = "s2"
cti_number = "1902"
password_hash = "HASH"
services = ["other"]
queues = ["theirs"]
role = "supervisor"
""".replace("HASH", QUICK)
SWITCH = "/services/acme/emergency"


def write(directory: Path, prepared: str = PREPARED) -> None:
    tables = {**BASE, "agents": BASE["agents"].replace(HASH, QUICK), "services": BASE["services"] + prepared}
    configuration(directory, SPOOL + BYE + OTHERS, base="".join(tables.values()))


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[Running]:
    write(tmp_path)
    with running_bridge(tmp_path) as running:
        yield running


def token(bridge: Running, cti_id: str = "") -> str:
    """The token of the agent, or of the operator."""
    if not cti_id:
        return read_access(bridge.access_path).token
    status, answer = ask(bridge, "POST", "/login", body={"cti_id": cti_id, "password": PASSWORD})
    assert status == 200, answer
    return str(answer["token"])


def shown(bridge: Running) -> Any:
    return ask(bridge, "GET", "/services", token(bridge))[1][0]["emergency"]


def test_supervisors_of_the_service_switch_it_and_nobody_else_does(bridge: Running) -> None:
    agent, own, foreign = (token(bridge, cti_id) for cti_id in ("a1", "s1", "s2"))
    for method, body in (("PUT", {}), ("DELETE", None)):
        assert ask(bridge, method, SWITCH, body=body)[0] == 401
        assert ask(bridge, method, SWITCH, agent, body)[1]["code"] == "wrong_role"
        assert ask(bridge, method, SWITCH, foreign, body)[1]["code"] == "not_found"
    status, answer = ask(bridge, "PUT", SWITCH, own, {"until": "2099-12-24T18:00"})
    assert (status, answer["service"]["id"], answer["service"]["timezone"]) == (200, "acme", "Asia/Seoul")
    on = dict(answer["service"]["emergency"])
    assert on.pop("at") is not None
    assert on == {
        "message": "sound:acme/lines-down",
        "next": "bye/bye",
        "until": "2099-12-24T09:00:00.000Z",
        "by": "s1",
    }
    assert ask(bridge, "GET", "/services", agent)[1] == [answer["service"]], "an agent sees the own services"
    assert [one["id"] for one in ask(bridge, "GET", "/services", foreign)[1]] == ["other"]
    assert [one["id"] for one in ask(bridge, "GET", "/services", token(bridge))[1]] == ["acme", "other"]
    status, answer = ask(bridge, "DELETE", SWITCH, token(bridge))
    assert (status, answer["service"]["emergency"]) == (200, None)
    (line,) = bridge.logged("emergency_over")
    assert (line["why"], line["by"]) == ("dropped", "operator")


def test_it_ends_with_the_day_and_null_is_without_end(bridge: Running) -> None:
    operator = token(bridge)
    status, answer = ask(bridge, "PUT", SWITCH, operator, {})
    assert status == 200 and answer["service"]["emergency"]["until"].endswith("T15:00:00.000Z"), "midnight in Seoul"
    status, answer = ask(bridge, "PUT", SWITCH, operator, {"until": None, "message": "sound:acme/evacuated"})
    on = answer["service"]["emergency"]
    assert (status, on["until"], on["message"], on["next"]) == (200, None, "sound:acme/evacuated", "bye/bye")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/services/none/emergency", {}, 404, "not_found"),
        ("/services/other/emergency", {}, 422, "invalid_body"),
        (SWITCH, {"until": "tomorrow"}, 422, "invalid_body"),
        (SWITCH, {"until": "2020-01-01T10:00:00Z"}, 422, "invalid_body"),
        (SWITCH, {"message": "say:The lines are down."}, 422, "invalid_body"),
        (SWITCH, {"message": "sound:two words"}, 422, "invalid_body"),
        (SWITCH, {"for": 5}, 422, "invalid_body"),
    ],
)
def test_what_makes_no_sense_is_refused(running: Running, path: str, body: object, status: int, code: str) -> None:
    found, answer = ask(running, "PUT", path, token(running), body)
    assert (found, answer["code"]) == (status, code)
    assert shown(running) is None


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A bridge for refusals, which leave nothing behind."""
    directory = tmp_path_factory.mktemp("emergency")
    write(directory)
    with running_bridge(directory) as made:
        yield made


def test_the_command_switches_it_and_prints_what_is_on(bridge: Running) -> None:
    def command(*words: str) -> tuple[int, str, str]:
        done = bridge.command(*words, name="emergency")
        return done.returncode, done.stdout, done.stderr

    assert command() == (0, "acme: off\nother: off\n", "")
    heard = "sound:acme/lines-down, then bye/bye"
    assert command("acme", "on", "--until", "none") == (0, f"acme: on by operator; {heard}\n", "")
    assert command("acme") == (0, f"acme: on by operator; {heard}\n", "")
    (warning,) = [one for one in json.loads(bridge.ask("/readyz")[1])["warnings"] if "emergency" in one]
    assert warning == "service acme: its callers hear the message of an emergency, by operator"
    status, text, _ = command("acme", "on", "--message", "sound:acme/evacuated")
    assert (status, text) == (0, "acme: on until 24:00 by operator; sound:acme/evacuated, then bye/bye\n")
    tried = ask(bridge, "POST", "/scenarios/try", token(bridge), {"number": "+8225550000"})[1]
    assert [(one["step"], one["heard"]) for one in tried["way"]] == [
        ("emergency", ["sound:acme/evacuated"]),
        ("bye/bye", []),
    ]
    assert command("acme", "off") == (0, "acme: off\n", "")
    for words, code, says in (
        (("none", "on"), ExitCode.WRONG_USE, "has no service none"),
        (("none",), ExitCode.WRONG_USE, "has no service none"),
        (("other", "on"), ExitCode.WRONG_USE, "Nothing is prepared"),
        (("acme", "on", "--until", "2020-01-01T00:00"), ExitCode.WRONG_USE, "That time has passed."),
        (("acme", "on", "--message", "evacuated"), ExitCode.WRONG_USE, "Name a sound of the PBX"),
        (("acme", "off", "--until", "14:00"), ExitCode.WRONG_USE, "neither --until nor --message"),
        (("acme", "--until", "14:00"), ExitCode.WRONG_USE, "cti-bridge emergency ID on"),
    ):
        status, _, complaint = command(*words)
        assert (status, says in complaint) == (code, True), complaint


def test_one_that_the_configuration_switches_on_is_ended_there(bridge: Running) -> None:
    write(bridge.directory, PREPARED + "on = true\n")
    done = bridge.command()
    assert done.returncode == 0, done.stderr
    assert shown(bridge)["by"] == "configuration"
    done = bridge.command("acme", "off", name="emergency")
    assert (done.returncode, "It is on in the configuration" in done.stderr) == (ExitCode.FAILED, True)
    write(bridge.directory)
    assert bridge.command().returncode == 0 and shown(bridge) is None


def test_a_killed_bridge_comes_back_with_it(tmp_path: Path) -> None:
    write(tmp_path)
    first = Running(tmp_path)
    first.logged("started")
    assert ask(first, "PUT", SWITCH, token(first), {"until": None})[0] == 200
    before = shown(first)
    first.end(signal.SIGKILL)
    second = Running(tmp_path)
    try:
        second.logged("started")
        assert shown(second) == before and before["by"] == "operator"
    finally:
        assert second.end() == ExitCode.OK
