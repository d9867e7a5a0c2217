"""The bridge as an operator runs it: a process of its own on a configuration file, every agent logged in and ready."""

import asyncio
import os
import secrets
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import aiohttp
import argon2

from benchmarks.pbx import CALLING_NUMBER, MENU_NUMBER, NUMBER, RECORDED_NUMBER
from benchmarks.polling import until
from cti_bridge.local.asterisk import PrivateAsterisk
from cti_bridge.local.asterisk_config import AgentPhone
from cti_bridge.local.errors import ServerFailed
from cti_bridge.local.processes import start_child, stop_child

# From where this package was found, so that it is the same tree that is measured.
TREE = Path(__file__).resolve().parents[1]
LOGINS_AT_ONCE = 8
READY_WITHIN_S = 30
EMPTY_WITHIN_S = 60

_CONFIG = """
[api]
listen = "127.0.0.1:{port}"
[spool]
path = "spool.db"
[asterisk.main]
url = "{ari_url}"
username = "{ari_username}"
[policy]
after_call = "ready"
after_missed = "ready"
[[services]]
id = "bench"
allowed_prefixes = ["+82"]
max_outbound_calls = 1000
max_outbound_per_minute = 100000
[[calling_numbers]]
number = "{calling_number}"
service = "bench"
state = "confirmed"
[[queues]]
id = "bench"
service = "bench"
longest_wait_s = 600
[[queues]]
id = "recorded"
service = "bench"
longest_wait_s = 600
record = "always"
[[scenarios]]
number = "{recorded_number}"
service = "bench"
queue = "recorded"
[[scenarios]]
number = "{number}"
service = "bench"
queue = "bench"
[[scenarios]]
id = "menu"
numbers = ["{menu_number}"]
service = "bench"
start = "menu"
[scenarios.steps.menu]
do = "menu"
sound = "sound:cti/sample-menu"
keys = {{ 1 = "queue" }}
otherwise = "bye"
[scenarios.steps.bye]
do = "hangup"
[scenarios.steps.queue]
do = "queue"
queue = "bench"
"""

_AGENT = """
[[agents]]
cti_id = "{number}"
cti_number = "{number}"
password_hash = "{password_hash}"
services = ["bench"]
queues = ["bench", "recorded"]
"""

_BROWSER_PHONE = """
[browser_phone]
url = "{url}"
"""

_IN_PAGE = """answer = "browser"
sip_password_file = "{file}"
"""

# What a password costs is no part of what a call costs.
CHEAP = argon2.PasswordHasher(time_cost=5, memory_cost=7168, parallelism=1)


class BridgeProcess:
    """Within ``async with``: connected to Asterisk and Postgres, agents ready. Those ``in_page``, whose phones are in
    their panels, are nowhere logged in. ``hasher`` decides what checking a password costs."""

    def __init__(
        self,
        directory: Path,
        port: int,
        asterisk: PrivateAsterisk,
        database_url: str,
        agents: Sequence[str],
        in_page: Sequence[AgentPhone] = (),
        hasher: argon2.PasswordHasher = CHEAP,
    ) -> None:
        self._directory, self._agents = directory, agents
        self._log = directory / "bridge.log"
        self.url = f"http://127.0.0.1:{port}"
        self.spool = directory / "spool.db"
        self.tokens: dict[str, str] = {}
        """Of the sessions, by CTI ID."""
        self.password = secrets.token_urlsafe(12)
        """Of every agent."""
        password_hash = hasher.hash(self.password)
        text = _CONFIG.format(
            port=port,
            ari_url=asterisk.ari_url,
            ari_username=asterisk.ari_username,
            number=NUMBER,
            menu_number=MENU_NUMBER,
            recorded_number=RECORDED_NUMBER,
            calling_number=CALLING_NUMBER,
        )
        text += "".join(_AGENT.format(number=agent, password_hash=password_hash) for agent in agents)
        if in_page:
            text += _BROWSER_PHONE.format(url=asterisk.browser_phone_url)
        for phone in in_page:
            file = f"{phone.cti_number}.sip-password"
            (directory / file).write_text(phone.password)
            text += _AGENT.format(number=phone.cti_number, password_hash=password_hash) + _IN_PAGE.format(file=file)
        (directory / "cti_bridge.toml").write_text(text)
        self._environment = {
            **os.environ,
            "CTI_BRIDGE_DATABASE__URL": database_url,
            "CTI_BRIDGE_ASTERISK__MAIN__PASSWORD": asterisk.ari_password,
        }

    async def __aenter__(self) -> Self:
        config = str(self._directory / "cti_bridge.toml")
        command = [sys.executable, "-m", "cti_bridge", "run", "--config", config, "--log-level", "warning"]
        self._process = start_child(command, directory=TREE, log=self._log, environment=self._environment)
        self._http = aiohttp.ClientSession(self.url)
        try:
            await self._wait_ready()
            await self._log_everybody_in()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()
        await stop_child(self._process, signal.SIGTERM, timeout_s=10)

    @property
    def pid(self) -> int:
        return self._process.pid

    async def calls_up(self) -> int:
        """Calls that are not over."""
        return _calls(await self.metrics())

    async def written(self) -> None:
        """Wait until all calls are over and Postgres has every row. At two looks in a row, for a row that was made a
        moment ago is counted only when it is on disk."""
        quiet = 0

        async def empty() -> bool:
            nonlocal quiet
            metrics = await self.metrics()
            idle = _calls(metrics) == 0 and metrics["cti_outbox_rows"] == 0
            quiet = quiet + 1 if idle else 0
            return quiet == 2

        await until(empty, EMPTY_WITHIN_S)

    async def metrics(self) -> dict[str, float]:
        """Samples of /metrics by name with labels."""
        async with self._http.get("/metrics") as response:
            lines = (await response.text()).splitlines()
        samples = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in samples}

    async def _wait_ready(self) -> None:
        try:
            await until(self._is_ready, READY_WITHIN_S, every_s=0.05)
        except TimeoutError:
            raise ServerFailed("The bridge", f"was not ready within {READY_WITHIN_S} s", self._log) from None

    async def _is_ready(self) -> bool:
        if self._process.poll() is not None:
            raise ServerFailed("The bridge", "ended while starting", self._log)
        try:
            async with self._http.get("/readyz") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    async def _log_everybody_in(self) -> None:
        at_once = asyncio.Semaphore(LOGINS_AT_ONCE)

        async def one(agent: str) -> None:
            async with at_once:
                await self._log_in(agent)

        async with asyncio.TaskGroup() as group:
            for agent in self._agents:
                group.create_task(one(agent))

    async def _log_in(self, agent: str) -> None:
        body = {"cti_id": agent, "password": self.password}
        token = self.tokens[agent] = (await self._send("POST", "/api/v1/login", body))["token"]
        answer = await self._send("PUT", "/api/v1/me/status", {"status": "ready"}, token)
        if answer["agent"]["phone"] != "reachable":
            raise ServerFailed("The bridge", f"says that the phone of {agent} is not reachable", self._log)

    async def _send(self, method: str, path: str, body: dict[str, str], token: str | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self._http.request(method, path, json=body, headers=headers) as response:
            if response.status >= 300:
                said = f"answered {response.status} to {method} {path}: {await response.text()}"
                raise ServerFailed("The bridge", said, self._log)
            answer: dict[str, Any] = await response.json()
            return answer


def _calls(metrics: dict[str, float]) -> int:
    """Those that are not over, in all states."""
    return int(sum(value for name, value in metrics.items() if name.startswith("cti_calls{")))
