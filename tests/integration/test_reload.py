"""`cti-bridge reload`, `POST /reload` and SIGHUP, at a bridge as a process whose Postgres and PBX are away."""

import contextlib
import json
import os
import signal
import sqlite3
import stat
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from cti_bridge.exit_codes import ExitCode
from cti_bridge.operator_access import read_access
from tests.support.certificates import make_certificate
from tests.support.configuration import BASE, HASH, agent, configuration
from tests.support.configuration import problems as problems_of
from tests.support.running_bridge import SPOOL, Running, running_bridge

SLOW = """
import sys, threading
from cti_bridge import app, settings, commands
from cti_bridge.__main__ import main
from cti_bridge.app import App
load, begin = commands.load_settings, App._start
async def slow(self):
    print("STARTS", file=sys.stderr, flush=True)
    import asyncio; await asyncio.sleep(0.5)
    await begin(self)
App._start = slow
sys.exit(main(["run", "--config", sys.argv[1]]))
"""


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[Running]:
    configuration(tmp_path, SPOOL)
    with running_bridge(tmp_path) as running:
        yield running


def audit_rows(bridge: Running) -> list[dict[str, Any]]:
    """Its rows of the audit that wait for Postgres, which is away."""
    with closing(sqlite3.connect(f"file:{bridge.directory / 'spool.db'}?mode=ro", uri=True)) as spool:
        rows = spool.execute("select payload from outbox where kind = 'audit' order by seq")
        return [json.loads(row) for (row,) in rows]


TWO_AGENTS = BASE["agents"] + agent("a2", "1002", 'queues = ["support"]\n')


def test_a_changed_configuration_is_taken_over_and_the_command_says_what_it_did(bridge: Running) -> None:
    bridge.write(agents=TWO_AGENTS, queues=BASE["queues"] + "priority = 3\n")
    done = bridge.command()
    assert (done.returncode, done.stderr) == (ExitCode.OK, ""), "".join(bridge._lines)
    assert done.stdout == "taken over\n  queues: changed 1 (support)\n  agents: added 1 (a2)\n"
    (line,) = bridge.logged("reload")
    assert (line["by"], line["agents_added"], line["queues_changed"]) == ("command", 1, 1)
    assert bridge.reloads("taken_over") == 1 and not bridge.warnings()
    assert "cti_last_reload_timestamp_seconds" in bridge.ask("/metrics")[1]
    assert bridge.command().stdout == "taken over\n  nothing that concerns calls has changed\n"
    rows = audit_rows(bridge)
    assert [(row["what"], row["object"], row["who"]) for row in rows] == [("reloaded", "configuration", "operator")] * 2


def test_a_broken_file_changes_nothing_and_its_line_is_named(bridge: Running) -> None:
    bridge.write(queues=BASE["queues"] + "priority = 'high'\n")
    (problem,) = problems_of(bridge.directory)
    done = bridge.command()
    assert (done.returncode, str(problem) in done.stderr) == (ExitCode.WRONG_USE, True)
    bridge.process.send_signal(signal.SIGHUP)
    lines = bridge.logged("reload_refused", 2)
    assert [(line["by"], line["problems"]) for line in lines] == [(by, [str(problem)]) for by in ("command", "signal")]
    assert problem.place.line
    (warning,) = bridge.warnings()
    assert "was refused, the one before stays" in warning and str(problem) in warning
    assert (bridge.reloads("taken_over"), bridge.reloads("refused")) == (0, 2)
    shown = bridge.command(name="status")
    assert warning in shown.stdout, "the state is shown, whatever the files are now"
    bridge.write()
    assert bridge.command().returncode == ExitCode.OK
    assert not bridge.warnings()


AT_START = (
    ("asterisk", BASE["asterisk"] + 'app = "other"\n', "asterisk.main.app is another one"),
    ("asterisk", BASE["asterisk"].replace("8088", "8089"), "asterisk.main.url is another one"),
    ("policy", '[api]\nallowed_origins = ["https://crm.example.com"]\n', "api.allowed_origins is another one"),
)


def test_what_takes_a_restart_is_refused_in_words_with_its_line_and_nothing_is_taken(bridge: Running) -> None:
    token = read_access(bridge.access_path).token
    for table, text, what in AT_START:
        bridge.write(**{table: text, "agents": TWO_AGENTS})
        status, answer = bridge.ask("/api/v1/reload", "POST", Authorization=f"Bearer {token}")
        (error, *_) = [one for one in json.loads(answer)["errors"] if what in one["message"]]
        assert (status, error["message"]) == (422, f"{what}, and that takes a restart")
        assert error["field"].startswith(f"{bridge.path}:") and "secret" not in answer
    done = bridge.command()
    assert done.returncode == ExitCode.WRONG_USE and f"{what}, and that takes a restart" in done.stderr
    bridge.write(agents=TWO_AGENTS)
    assert "agents: added 1 (a2)" in bridge.command().stdout, "it was not taken before"


def test_a_pbx_that_is_new_is_taken_and_connected_to_and_one_that_goes_takes_a_restart(bridge: Running) -> None:
    more = BASE["asterisk"] + '[asterisk.b]\nurl = "http://127.0.0.1:9/ari"\npassword = "secret"\n'
    bridge.write(asterisk=more)
    assert bridge.command().returncode == ExitCode.OK
    (line,) = bridge.logged("pbx_added", 1)
    assert line["node"] == "b" and "secret" not in str(line)
    status, ready = bridge.ask("/readyz")
    assert status == 503 and any(problem.startswith("PBX b: ") for problem in json.loads(ready)["problems"])
    bridge.write()
    done = bridge.command()
    assert done.returncode == ExitCode.WRONG_USE
    assert "asterisk.b.url is gone, and that takes a restart" in done.stderr


def test_given_nobody_is_left_then_it_is_refused_for_a_file_that_was_cut_off_looks_like_that(bridge: Running) -> None:
    bridge.write(agents="", scenarios="")
    done = bridge.command()
    assert done.returncode == ExitCode.WRONG_USE
    assert "no [[agents]] are left, and there were 1" in done.stderr and "no [[scenarios]] are left" in done.stderr


def test_a_signal_during_the_end_does_not_end_it_otherwise(tmp_path: Path) -> None:
    configuration(tmp_path, SPOOL)
    running = Running(tmp_path)
    running.logged("started")
    running.process.send_signal(signal.SIGTERM)
    while running.process.poll() is None:
        with contextlib.suppress(ProcessLookupError):  # It may end between the two.
            running.process.send_signal(signal.SIGHUP)
        time.sleep(0.001)
    assert running.end() == ExitCode.OK


def test_given_a_spool_elsewhere_then_the_command_says_that_no_bridge_runs_there(bridge: Running) -> None:
    configuration(bridge.directory, "[spool]\npath = 'other.db'\n")
    done = bridge.command()
    assert done.returncode == ExitCode.FAILED and "No bridge runs with the spool" in done.stderr


def test_what_counts_is_what_the_bridge_sees_not_the_environment_of_the_command(bridge: Running) -> None:
    bridge.write(agents=TWO_AGENTS)
    done = bridge.command(CTI_BRIDGE_ASTERISK__MAIN__PASSWORD="", CTI_BRIDGE_AGENTS="[")
    assert (done.returncode, "agents: added 1 (a2)" in done.stdout) == (ExitCode.OK, True), done.stderr


def test_a_token_that_is_none_is_said_with_its_file(bridge: Running) -> None:
    path, good = bridge.access_path, bridge.access_path.read_text()
    url = read_access(path).url
    for spoiled in ("", "null", "[" * 5000, '{"url": "x", "token": "x", "certificate": "x"}'):
        path.write_text(spoiled)
        with pytest.raises(ValueError, match="operator holds something else"):
            read_access(path)
    done = bridge.command()
    assert done.returncode == ExitCode.FAILED
    assert done.stderr == f"The bridge's token cannot be read: {path} holds something else\n"
    with pytest.raises(ValueError, match="Not a directory"):
        read_access(path / "below")
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ValueError, match="it is no file, but a FIFO"):
        read_access(path)
    path.unlink()
    path.write_text(json.dumps({"url": url, "token": "another"}))
    done = bridge.command()
    assert (done.returncode, f"does not know the token in {path}" in done.stderr) == (ExitCode.FAILED, True)
    path.write_text(good)


def test_given_its_certificate_was_renewed_then_the_running_bridge_is_reached_all_the_same(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, "cti.example.com")
    table = f"[api]\ntls_cert = '{certificate.cert}'\ntls_key = '{certificate.key}'\n"
    configuration(tmp_path, SPOOL + table)
    (tmp_path / "spool.db.operator").write_text("of one that was killed")
    running = Running(tmp_path)
    try:
        running.logged("started")
        (tmp_path / "renewed").mkdir()
        renewed = make_certificate(tmp_path / "renewed", "cti.example.com")
        renewed.cert.replace(certificate.cert)
        renewed.key.replace(certificate.key)
        done = running.command()
        assert (done.returncode, done.stderr) == (ExitCode.OK, "")
        assert "not ready" in running.command(name="status").stdout
    finally:
        assert running.end() == ExitCode.OK


def test_without_a_bridge_the_command_says_so(tmp_path: Path) -> None:
    configuration(tmp_path, SPOOL)
    running = Running(tmp_path)
    running.logged("started")
    running.end(signal.SIGKILL)
    left = running.command()
    assert (left.returncode, "No bridge answers at http://127.0.0.1:" in left.stderr) == (ExitCode.FAILED, True)
    running.access_path.unlink()
    none = running.command()
    assert (none.returncode, "No bridge runs with the spool" in none.stderr) == (ExitCode.FAILED, True)


def test_only_who_has_the_token_may_ask_and_it_is_shown_nowhere(bridge: Running) -> None:
    assert stat.S_IMODE(bridge.access_path.stat().st_mode) == 0o600
    token = read_access(bridge.access_path).token
    path = "/api/v1/reload"
    assert bridge.ask(path, "POST")[0] == 401
    assert bridge.ask(path, "POST", Authorization="Bearer wrong")[0] == 401
    assert bridge.ask(path, "POST", Cookie=f"cti_session={token}")[0] == 401
    assert bridge.ask(path, "POST", Authorization=f"Bearer {token}", Origin="https://evil.example")[0] == 403
    status, answer = bridge.ask(path, "POST", Authorization=f"Bearer {token}")
    assert status == 200 and json.loads(answer)["agents"] == {"added": [], "removed": [], "changed": []}
    assert not any(token in line for line in bridge._lines) and token not in answer


def session_of(bridge: Running, **headers: str) -> tuple[int, str]:
    """Log a1 in; (status, token)."""
    body = json.dumps({"cti_id": "a1", "password": "correct horse"}).encode()
    url = read_access(bridge.access_path).url + "/api/v1/login"
    request = urllib.request.Request(url, body, {"Content-Type": "application/json", **headers}, method="POST")
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.status, json.load(response)["token"]


def test_a_changed_password_ends_its_session_and_the_log_says_who_came_from_where(bridge: Running) -> None:
    _, token = session_of(bridge)
    by_token = {"Authorization": f"Bearer {token}"}
    assert bridge.ask("/api/v1/me", **by_token)[0] == 200
    other = PasswordHasher(time_cost=5, memory_cost=7168, parallelism=1).hash("another horse")
    bridge.write(agents=BASE["agents"].replace(HASH, other))
    done = bridge.command()
    assert done.returncode == ExitCode.OK and "logged out: 1 (a1)" in done.stdout
    assert bridge.ask("/api/v1/me", **by_token)[0] == 401
    with pytest.raises(urllib.error.HTTPError) as refused:
        session_of(bridge)
    with refused.value:
        assert refused.value.code == 401
    (came,), (ended,), (turned,) = (bridge.logged(name) for name in ("logged_in", "session_ended", "login_refused"))
    assert (came["cti_id"], came["address"], came["takes_over"]) == ("a1", "127.0.0.1", False)
    assert (ended["cti_id"], ended["why"]) == ("a1", "password")
    assert (turned["cti_id"], turned["address"], turned["code"]) == ("a1", "127.0.0.1", "wrong_credentials")


def test_the_operator_logs_an_agent_out(bridge: Running) -> None:
    _, token = session_of(bridge)
    by_token = {"Authorization": f"Bearer {token}"}
    assert bridge.ask("/api/v1/agents/a1/logout", "POST", **by_token)[0] == 403
    assert bridge.ask("/api/v1/agents/a1/logout", "POST")[0] == 401
    done = bridge.command("a1", name="logout")
    assert (done.returncode, done.stdout) == (ExitCode.OK, "a1 is logged out\n")
    assert bridge.ask("/api/v1/me", **by_token)[0] == 401
    assert bridge.logged("session_ended")[0]["why"] == "operator"
    nobody = bridge.command("a9", name="logout")
    assert (nobody.returncode, nobody.stderr) == (ExitCode.WRONG_USE, "There is no agent a9.\n")


def test_two_at_once_are_done_one_after_the_other(bridge: Running) -> None:
    bridge.write(agents=TWO_AGENTS)
    answers: list[subprocess.CompletedProcess[str]] = []
    asking = [threading.Thread(target=lambda: answers.append(bridge.command())) for _ in range(3)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert [answer.returncode for answer in answers] == [0, 0, 0]
    assert sum("a2" in answer.stdout for answer in answers) == 1
    assert bridge.reloads("taken_over") == 3


def test_a_signal_during_the_start_is_not_lost_and_ends_nothing(tmp_path: Path) -> None:
    configuration(tmp_path, SPOOL)
    running = Running(tmp_path, ["-c", SLOW])
    try:
        running.logged("STARTS\n")
        running.write(agents=TWO_AGENTS)
        running.process.send_signal(signal.SIGHUP)
        running.process.send_signal(signal.SIGHUP)
        (line,) = running.logged("reload")
        assert (line["by"], line["agents_added"]) == ("signal", 1)
    finally:
        assert running.end() == ExitCode.OK
