"""A bridge as a process whose Postgres and PBX are away: what an operator asks of it, by command, signal and HTTP."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cti_bridge.exit_codes import ExitCode
from cti_bridge.operator_access import read_access
from tests.support.configuration import BASE, ENVIRONMENT, configuration
from tests.support.warm import WarmProcess, run_warm

AWAY = {
    "CTI_BRIDGE_DATABASE__URL": "postgresql://cti@127.0.0.1:1/none",
    "CTI_BRIDGE_API__LISTEN": "127.0.0.1:0",
}
SPOOL = "[spool]\npath = 'spool.db'\n"
WITHIN_S = 30.0


class Running:
    """A bridge as a process, and its log."""

    def __init__(self, directory: Path, program: list[str] | None = None) -> None:
        self.directory, self.path = directory, directory / "cti_bridge.toml"
        environment = {**os.environ, **ENVIRONMENT, **AWAY}
        self.process: WarmProcess | subprocess.Popen[str]
        if program is None:
            self.process = WarmProcess(["run", "--config", str(self.path)], environment)
        else:
            command = [sys.executable, *program, str(self.path)]
            self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
        self._lines: list[str] = []
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(WITHIN_S)
        self._reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._more:
                self._lines.append(line)
                self._more.notify_all()

    def logged(self, event: str, times: int = 1) -> list[dict[str, Any]]:
        """The lines of this event, as soon as there are so many."""
        end = time.monotonic() + WITHIN_S
        with self._more:
            while (
                len(found := [line for line in self._lines if f'"event": "{event}"' in line or line == event]) < times
            ):
                assert self._more.wait(end - time.monotonic()), "".join(self._lines)
        return [json.loads(line) for line in found if line.startswith("{")]

    def write(self, more: str = "", **tables: str) -> None:
        configuration(self.directory, SPOOL + more, base="".join({**BASE, **tables}.values()))

    def command(self, *options: str, name: str = "reload", **environ: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **ENVIRONMENT, **AWAY, **environ}
        return run_warm([name, "--config", str(self.path), *options], environment)

    @property
    def access_path(self) -> Path:
        return self.directory / "spool.db.operator"

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
        request = urllib.request.Request(read_access(self.access_path).url + path, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def warnings(self) -> list[str]:
        return [text for text in json.loads(self.ask("/readyz")[1])["warnings"] if text.startswith("configuration")]

    def reloads(self, result: str) -> float:
        (line,) = [
            line for line in self.ask("/metrics")[1].splitlines() if f'cti_reloads_total{{result="{result}"' in line
        ]
        return float(line.split()[-1])


@contextmanager
def running_bridge(directory: Path) -> Iterator[Running]:
    """One that has started on the configuration of the directory, and ends well."""
    running = Running(directory)
    try:
        running.logged("started")
        yield running
    finally:
        assert running.end() == ExitCode.OK
        assert not running.access_path.exists(), "it ends, and its token stays"


def ask(bridge: Running, method: str, path: str, token: str = "", body: object = None) -> tuple[int, Any]:
    """Return status and answer of its API."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    data = None
    if body is not None:
        data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    url = f"{read_access(bridge.access_path).url}/api/v1{path}"
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
