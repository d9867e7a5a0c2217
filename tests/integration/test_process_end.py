"""The process as systemd sees it: how it ends, with which code, and how soon, whatever hangs or is gone."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from cti_bridge.exit_codes import ExitCode
from tests.support.configuration import ENVIRONMENT, configuration
from tests.support.warm import WarmProcess

AWAY = {
    "CTI_BRIDGE_DATABASE__URL": "postgresql://cti@127.0.0.1:1/none",
    "CTI_BRIDGE_ASTERISK__MAIN__URL": "http://127.0.0.1:1/ari",
    "CTI_BRIDGE_API__LISTEN": "127.0.0.1:0",
}
WITHIN_S = 30.0

TELLS = """
import asyncio, sys, structlog
from cti_bridge import running
from cti_bridge.__main__ import main
waits = running.run_until_over
then = lambda: None
async def tells(app):
    loop = asyncio.get_running_loop()
    loop.call_soon(structlog.get_logger().error, "takes_signals")
    loop.call_soon(then)
    return await waits(app)
running.run_until_over = tells
"""
"""It says that it takes signals."""
RUN = """
{fault}
sys.exit(main(["run", "--config", sys.argv[1]]))
"""
WRITER_ENDS = """
from cti_bridge.storage.writer import Writer
async def ends(self): return None
Writer._run = ends
"""
DISK_HANGS = """
import threading
from cti_bridge import running
from cti_bridge.storage.spool_file import SpoolFile
running.END_WITHIN_S = 2.0
def hangs(self, batch): threading.Event().wait()
SpoolFile.commit = hangs
"""
LOGS_A_LOT = """
def then():
    for _ in range(2000): structlog.get_logger().error("talk", text="x" * 1000)
"""


_STARTED: list[subprocess.Popen[str] | WarmProcess] = []


@pytest.fixture(autouse=True)
def all_end() -> Iterator[None]:
    """Whatever a test comes to, what it has started ends."""
    yield
    while _STARTED:
        with _STARTED.pop() as process:
            process.kill()


def start(directory: Path, fault: str = "", errors: int | IO[Any] = subprocess.PIPE) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", TELLS + RUN.format(fault=fault), str(_configured(directory))]
    environment = {**os.environ, **ENVIRONMENT, **AWAY}
    process = subprocess.Popen(command, stderr=errors, stdout=subprocess.DEVNULL, text=True, env=environment)
    _STARTED.append(process)
    return process


def start_warm(directory: Path) -> WarmProcess:
    """The same for tests whose matter is not the process."""
    arguments = ["run", "--config", str(_configured(directory))]
    process = WarmProcess(arguments, {**os.environ, **ENVIRONMENT, **AWAY}, TELLS)
    _STARTED.append(process)
    return process


def _configured(directory: Path) -> Path:
    return configuration(directory, "[spool]\npath = 'spool.db'\n") / "cti_bridge.toml"


def until_started(process: subprocess.Popen[str] | WarmProcess) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if '"takes_signals"' in line:
            return
    raise AssertionError(f"it ended with {process.wait()}")


def test_given_a_part_that_has_ended_then_the_process_ends_with_the_code_that_systemd_starts_it_again_on(
    tmp_path: Path,
) -> None:
    process = start(tmp_path, WRITER_ENDS)
    _, errors = process.communicate(timeout=WITHIN_S)
    assert process.returncode == ExitCode.FAILED
    assert '"part": "writer"' in errors and '"event": "ended_by_fault"' in errors


@pytest.mark.parametrize(("fault", "code"), [(DISK_HANGS, ExitCode.OK), (DISK_HANGS + WRITER_ENDS, ExitCode.FAILED)])
def test_given_a_disk_that_hangs_then_the_end_does_not_wait_for_it_and_the_code_is_the_right_one(
    fault: str, code: int, tmp_path: Path
) -> None:
    process = start(tmp_path, fault)
    until_started(process)
    since = time.monotonic()
    if code == ExitCode.OK:
        process.send_signal(signal.SIGTERM)
    process.communicate(timeout=WITHIN_S)
    assert process.returncode == code
    assert time.monotonic() - since < 10


def test_given_a_reader_that_has_stopped_then_the_process_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    process = start(tmp_path, LOGS_A_LOT)
    until_started(process)
    since = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(WITHIN_S) == ExitCode.OK
    assert time.monotonic() - since < 10
    assert process.stderr is not None
    process.stderr.close()


def test_given_a_reader_that_is_gone_then_the_exit_code_is_the_bridges(tmp_path: Path) -> None:
    process = start(tmp_path)
    until_started(process)
    assert process.stderr is not None
    process.stderr.close()
    process.send_signal(signal.SIGTERM)
    assert process.wait(WITHIN_S) == ExitCode.OK


def test_given_a_reader_that_is_gone_then_a_wrong_configuration_still_ends_with_2(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as errors:
        path = configuration(tmp_path, "[policy]\nfoo = 1\n") / "cti_bridge.toml"
        command = [sys.executable, "-m", "cti_bridge", "run", "--config", str(path)]
        assert subprocess.run(command, stderr=errors, check=False).returncode == ExitCode.WRONG_USE


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("arguments", "code"), [(["check-config"], 0), (["check-config", "--config", "/not/there"], 2), (["--help"], 0)]
)
def test_given_a_reader_that_leaves_in_the_middle_then_no_command_changes_its_code_or_shows_a_traceback(
    arguments: list[str], code: int, unbuffered: str, tmp_path: Path
) -> None:
    read, write = os.pipe()
    os.close(read)
    environment = {**os.environ, **ENVIRONMENT, "PYTHONUNBUFFERED": unbuffered}
    environment["CTI_BRIDGE_CONFIG"] = str(configuration(tmp_path) / "cti_bridge.toml")
    with os.fdopen(write, "w") as output:
        command = [sys.executable, "-m", "cti_bridge", *arguments]
        ended = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, text=True, env=environment, check=False)
    assert ended.returncode == code
    assert "Broken pipe" not in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_given_a_full_disk_then_a_command_that_could_not_say_what_it_found_fails(unbuffered: str) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w") as output:
        ended = subprocess.run(
            [sys.executable, "-m", "cti_bridge", "hash-password"],
            input="correct horse\n",
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            check=False,
        )
    assert ended.returncode == ExitCode.FAILED
    assert ended.stderr == "The output cannot be written: No space left on device\n"
