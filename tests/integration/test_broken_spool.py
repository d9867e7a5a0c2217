"""The real process on a broken spool: it is up and serves, or says in words what is wrong and what to do."""

import json
import os
import signal
import sqlite3
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cti_bridge.exit_codes import ExitCode
from cti_bridge.local.ports import claim_ports
from tests.checkpoints.read import files, spool_of
from tests.integration import test_process_end as process_end
from tests.integration.test_process_end import WITHIN_S, start_warm, until_started

all_end = process_end.all_end
"""What `start_warm` has started ends here too."""
UP_WITHIN_S = 25.0
"""A busy machine takes seconds for what is a second otherwise; one that cannot start never is."""
FILES = {file.stem: file for file in files()}


def spool(directory: Path, state: str = "consult_talking") -> Path:
    """As a release has left it, where the process of these tests looks for it."""
    return spool_of(FILES[state], directory)


def change(path: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(sql, values)
        database.commit()


def in_calls(path: Path, old: str, new: str) -> None:
    change(path, "update checkpoint set state = cast(replace(state, ?, ?) as blob) where kind = 'call'", old, new)


def broken_json(path: Path) -> None:
    change(path, "update checkpoint set state = substr(state, 1, length(state) / 2) where kind = 'call'")


def unknown_state(path: Path) -> None:
    in_calls(path, "consult_talking", "whispering")


def unknown_role(path: Path) -> None:
    in_calls(path, '"role":"agent"', '"role":"monitor"')


def newer_version(path: Path) -> None:
    in_calls(path, '{"id"', '{"v":99,"id"')


def broken_agent(path: Path) -> None:
    change(path, "update checkpoint set state = x'00' where kind = 'agent' and id = 'a1'")


def all_broken(path: Path) -> None:
    change(path, "update checkpoint set state = x'7b'")


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Any:
    ports = claim_ports(1)
    monkeypatch.setitem(process_end.AWAY, "CTI_BRIDGE_API__LISTEN", f"127.0.0.1:{ports.first}")
    yield ports.first
    ports.release()


def ask(port: int, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as not_ready:
        return str(not_ready.read().decode())


@pytest.mark.parametrize("breaks", [broken_json, unknown_state, unknown_role, newer_version, broken_agent, all_broken])
def test_given_an_entry_that_cannot_be_read_then_the_bridge_is_up_and_tells_it(
    breaks: Callable[[Path], None], tmp_path: Path, port: int
) -> None:
    path = spool(tmp_path)
    with closing(sqlite3.connect(path)) as database:
        entries = database.execute("select count(*) from checkpoint").fetchone()[0]
    breaks(path)
    for number_of_start in (1, 2):
        begun = time.monotonic()
        process = start_warm(tmp_path)
        until_started(process)
        up_s = time.monotonic() - begun
        ready = json.loads(ask(port, "/readyz"))
        set_aside = entries if breaks is all_broken else 1
        assert f"spool: {set_aside} entries that could not be read are set aside" in ready["warnings"], number_of_start
        assert f"cti_spool_set_aside {set_aside}.0" in ask(port, "/metrics")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=WITHIN_S)
        assert process.returncode == ExitCode.OK
        assert "Traceback" not in errors
        assert up_s < UP_WITHIN_S
    with closing(sqlite3.connect(path)) as database:
        kept = database.execute("select kind, id, state, reason from unreadable").fetchall()
    assert len(kept) == set_aside and all(reason for *_, reason in kept)


def test_given_a_kind_that_nobody_knows_then_it_is_told_once_a_start_and_left_where_it_is(tmp_path: Path) -> None:
    path = spool(tmp_path)
    change(path, "insert into checkpoint values ('hologram', 'm1', x'7b'), ('hologram', 'm2', x'7b')")
    process = start_warm(tmp_path)
    told = []
    assert process.stderr is not None
    for line in process.stderr:
        told.append(line)
        if '"takes_signals"' in line:
            break
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=WITHIN_S)
    lines = [msgspec.json.decode(line) for line in [*told, *errors.splitlines()] if "checkpoint_kind_unknown" in line]
    assert [(line["kind"], line["entries"]) for line in lines] == [("hologram", 2)]
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("select id from checkpoint where kind = 'hologram'").fetchall() == [("m1",), ("m2",)]


def bad_page(path: Path) -> None:
    content = path.read_bytes()
    begins = len(content) // 4096 // 2 * 4096
    path.write_bytes(content[:begins] + bytes(4096) + content[begins + 4096 :])


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096])


def zeros(path: Path) -> None:
    path.write_bytes(bytes(len(path.read_bytes())))


def no_database(path: Path) -> None:
    path.write_bytes(b"A letter to nobody.\n" * 1000)


@pytest.mark.parametrize("breaks", [bad_page, truncated, zeros, no_database])
def test_given_a_damaged_file_then_it_ends_in_words_with_its_own_code_and_begins_again_without_it(
    breaks: Callable[[Path], None], tmp_path: Path
) -> None:
    path = spool(tmp_path)
    breaks(path)
    process = start_warm(tmp_path)
    _, errors = process.communicate(timeout=WITHIN_S)
    assert process.returncode == ExitCode.SPOOL_DAMAGED
    assert "Traceback" not in errors
    (line,) = [msgspec.json.decode(line) for line in errors.splitlines() if "spool_damaged" in line]
    assert line["file"] == str(path) and line["reason"] and "Move it away" in line["text"]

    path.unlink()
    if line["saved"]:
        os.replace(line["saved"], path)
    process = start_warm(tmp_path)
    until_started(process)
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=WITHIN_S) and process.returncode == ExitCode.OK


def test_given_a_file_that_is_removed_while_the_bridge_runs_then_it_is_written_anew_and_told(
    tmp_path: Path, port: int
) -> None:
    path = spool(tmp_path)
    process = start_warm(tmp_path)
    until_started(process)
    for file in tmp_path.glob("spool.db*"):
        file.unlink()
    assert process.stderr is not None
    assert any("spool_file_written_anew" in line for line in process.stderr)
    assert "spool: its file was gone, and was written anew (1 times)" in json.loads(ask(port, "/readyz"))["warnings"]
    process.kill()
    process.communicate()
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("select count(*) from checkpoint where kind = 'call'").fetchone() == (1,)
