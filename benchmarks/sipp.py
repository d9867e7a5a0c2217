"""SIPp as callers and as the phones of all agents, and what its logs say.

Both scenarios log one line an event, ``EVENT NUMBER DATE TIME EPOCH``, with SIPp's ``[timestamp]``: the wall clock in
microseconds, so that the lines of both sides and the PBX's own events can be compared.
"""

import contextlib
import shutil
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.processes import cpu_s
from cti_bridge.local.processes import Process, start_child, stop_child, wait_exit

INSTALL = "apt-get install --no-install-recommends sip-tester"
SCENARIOS = Path(__file__).with_name("scenarios")
LOOPBACK = "127.0.0.1"

_TALKING = '  <label id="talking"/>\n'
"""Where the conversation of a caller begins."""

Scenario = Literal["agent", "caller", "presser", "desk", "far_end"]


class SippMissing(Exception):
    """SIPp is not installed."""

    def __init__(self) -> None:
        super().__init__(f"The benchmark needs SIPp as callers and phones. Install it with: {INSTALL}")


class SippFailed(Exception):
    """SIPp did not start."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One line of a log. ``at`` is POSIX seconds."""

    event: str
    number: str
    at: float


def find_sipp() -> str:
    """The program. Raises SippMissing."""
    if found := shutil.which("sipp"):
        return found
    raise SippMissing


class Phones:
    """One process that answers for many phones and ends each call after ``talk_s``: all agents' phones, or
    (``far_end``) those of the customers who are called. A ``desk`` phone rings that long, and stays."""

    def __init__(
        self, directory: Path, port: int, media_port: int, talk_s: float, scenario: Scenario = "agent"
    ) -> None:
        self._log = directory / f"{scenario}-{port}-{talk_s:g}.log"
        options = ["-d", str(int(talk_s * 1000))]
        self._process = _start(scenario, directory, port, media_port, self._log, options)
        self._read_to = 0

    def new_lines(self) -> list[Logged]:
        """What was logged since the last look."""
        with self._log.open() as log:
            log.seek(self._read_to)
            text = log.read()
        whole = text[: text.rfind("\n") + 1]
        self._read_to += len(whole)
        return list(parse(whole))

    def cpu_s(self) -> float:
        return cpu_s(self._process.pid)

    async def stop(self) -> None:
        await stop_child(self._process, signal.SIGKILL, timeout_s=5)

    def check(self) -> None:
        """Raises SippFailed when the process has ended."""
        if self._process.poll() is not None:
            raise SippFailed(f"the phones ended with status {self._process.returncode}, see {self._log.parent}")


class Callers:
    """``numbers`` call ``dialled`` at ``rate`` calls a second, evenly, and stay until they are hung up. A ``presser``
    presses 1 soon after the answer."""

    def __init__(
        self,
        directory: Path,
        name: str,
        port: int,
        media_port: int,
        target: str,
        dialled: str,
        numbers: Sequence[str],
        rate: float,
        timeout_s: int,
        scenario: Scenario = "caller",
    ) -> None:
        self._log = directory / f"{name}.log"
        people = directory / f"{name}.csv"
        people.write_text("SEQUENTIAL\n" + "".join(f"{number};{dialled}\n" for number in numbers))
        options = ["-inf", str(people), "-m", str(len(numbers)), "-r", str(rate), "-l", str(len(numbers))]
        options += [target]
        self._timeout_s = timeout_s
        self._process = _start(scenario, directory, port, media_port, self._log, options)

    async def wait(self) -> None:
        """Until every call is over, or ``timeout_s`` are: the calls that are left then go on until ``stop``. SIPp's own
        option ``-timeout`` waits for them, too, and so for ever (seen)."""
        with contextlib.suppress(TimeoutError):
            await wait_exit(self._process, self._timeout_s)

    async def stop(self) -> None:
        await stop_child(self._process, signal.SIGKILL, timeout_s=5)

    def lines(self) -> list[Logged]:
        return list(parse(self._log.read_text()))


def _start(
    scenario: Scenario, directory: Path, port: int, media_port: int, log: Path, options: Sequence[str]
) -> Process:
    command = [find_sipp(), "-sf", str(_file(scenario, directory)), "-i", LOOPBACK, "-p", str(port)]
    command += ["-mi", LOOPBACK, "-mp", str(media_port), "-nostdin", "-trace_err", "-trace_logs", "-log_file", str(log)]
    log.touch()
    return start_child([*command, *options], directory=directory, log=log.with_suffix(".screen"))


def _file(scenario: Scenario, directory: Path) -> Path:
    """Return the scenario's file. A presser is a caller who presses the key before everything else."""
    if scenario != "presser":
        return SCENARIOS / f"{scenario}.xml"
    caller, key = (SCENARIOS / "caller.xml").read_text(), (SCENARIOS / "key.xml").read_text()
    made = directory / "presser.xml"
    made.write_text(caller.replace(_TALKING, key + _TALKING))
    return made


def parse(text: str) -> Iterator[Logged]:
    """Lines that are of another form, such as SIPp's own, are left out."""
    for line in text.splitlines():
        parts = line.split()
        if len(parts) == 5:
            yield Logged(parts[0], parts[1], float(parts[4]))
