"""The null application (:mod:`benchmarks.null_application`) as a process of its own."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from benchmarks.null_application import PASSWORD, READY
from benchmarks.polling import until
from cti_bridge.local.asterisk import PrivateAsterisk
from cti_bridge.local.errors import ServerFailed
from cti_bridge.local.processes import start_child, stop_child

TREE = Path(__file__).resolve().parents[1]
READY_WITHIN_S = 20


class NullProcess:
    """Within ``async with``: connected to Asterisk. Raises ServerFailed when it does not get so far."""

    def __init__(self, directory: Path, asterisk: PrivateAsterisk, agents: Sequence[str]) -> None:
        self._log = directory / "null.log"
        self._command = [sys.executable, "-m", "benchmarks.null_application"]
        self._command += [asterisk.ari_url, asterisk.ari_username, *agents]
        self._environment = {**os.environ, PASSWORD: asterisk.ari_password}

    async def __aenter__(self) -> Self:
        self._process = start_child(self._command, directory=TREE, log=self._log, environment=self._environment)
        try:
            await until(self._is_ready, READY_WITHIN_S, every_s=0.05)
        except TimeoutError:
            await self.__aexit__()
            raise ServerFailed("The null application", f"was not ready within {READY_WITHIN_S} s", self._log) from None
        return self

    async def __aexit__(self, *_: object) -> None:
        await stop_child(self._process, signal.SIGKILL, timeout_s=5)

    @property
    def pid(self) -> int:
        return self._process.pid

    async def _is_ready(self) -> bool:
        return READY in self._log.read_text()
