"""The house of the run: Postgres, Asterisk and the bridge, with a proxy on each connection of the bridge."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import argon2

from cti_bridge.domain.model.ids import call_of_recording
from cti_bridge.local.asterisk import Addresses, AgentPhone, AsteriskSettings, PrivateAsterisk
from cti_bridge.local.ports import claim_ports
from cti_bridge.local.postgres import DATABASE, SOCKET, USER, EmbeddedPostgres
from tests.chaos.ahead import Ahead
from tests.chaos.ear import Ear, manager_conf
from tests.chaos.frames import FrameProxy
from tests.support.bridge import Bridge
from tests.support.priority import carries_audio, soon
from tests.support.proxy import Proxy
from tests.support.rows import Rows

LOOPBACK = "127.0.0.1"
NUMBER, MENU_NUMBER, KEPT_NUMBER, BOX_NUMBER = "+8225550000", "+8225550001", "+8225550002", "+8225550003"
"""What callers dial: a queue, a menu before it, a queue whose conversations are recorded, and a machine that takes
messages."""
CALLING_NUMBER = "+8225551234"
MEASURED = "+82255560"
"""How the numbers begin, one for each conversation whose audio is measured."""
BOSS, ONLOOKERS = "boss", [f"onlooker{number}" for number in range(20)]
"""The supervisor who checks everything, and those who have very many panels."""
PASSWORD = "chaos-1234"
PBX_PORTS = 1500

_CONFIG = f"""
[api]
listen = "{LOOPBACK}:{{port}}"
[spool]
path = "spool.db"
[database]
url = "{{database_url}}"
[asterisk.main]
url = "http://{LOOPBACK}:{{ari_port}}/ari"
username = "{{ari_username}}"
password_file = "ari-password"
[policy]
after_call = "ready"
after_missed = "ready"
[[services]]
id = "chaos"
timezone = "{{zone}}"
allowed_prefixes = ["+82"]
max_outbound_calls = 1000
max_outbound_per_minute = 100000
[[calling_numbers]]
number = "{CALLING_NUMBER}"
service = "chaos"
state = "confirmed"
[[queues]]
id = "chaos"
service = "chaos"
longest_wait_s = 25
pickup_time_s = 4
[[scenarios]]
number = "{NUMBER}"
service = "chaos"
queue = "chaos"
[[scenarios]]
id = "menu"
numbers = ["{MENU_NUMBER}"]
service = "chaos"
start = "menu"
[scenarios.steps.menu]
do = "menu"
sound = "sound:cti/sample-menu"
keys = {{{{ 1 = "queue" }}}}
otherwise = "queue"
[scenarios.steps.queue]
do = "queue"
queue = "chaos"
[[services]]
id = "kept"
timezone = "{{zone}}"
record = "always"
[[queues]]
id = "kept"
service = "kept"
longest_wait_s = 25
pickup_time_s = 4
[[scenarios]]
number = "{KEPT_NUMBER}"
service = "kept"
queue = "kept"
[[scenarios]]
id = "box"
numbers = ["{BOX_NUMBER}"]
service = "chaos"
start = "box"
[scenarios.steps.box]
do = "voicemail"
sound = "sound:cti/sample-menu"
queue = "chaos"
next = "bye"
otherwise = "bye"
[scenarios.steps.bye]
do = "hangup"
"""

_AGENT = """
[[agents]]
cti_id = "{number}"
cti_number = "{number}"
password_hash = "{password_hash}"
services = ["chaos", "kept"]
queues = ["chaos", "kept"]
"""

_LINE = """
[[queues]]
id = "measured{line}"
service = "chaos"
[[scenarios]]
number = "{measured}{line}"
service = "chaos"
queue = "measured{line}"
[[agents]]
cti_id = "{number}"
cti_number = "{number}"
password_hash = "{password_hash}"
services = ["chaos"]
queues = ["measured{line}"]
"""

_SUPERVISOR = """
[[agents]]
cti_id = "{cti_id}"
cti_number = "{cti_id}"
role = "supervisor"
services = ["chaos", "kept"]
queues = []
password_hash = "{password_hash}"
"""

_ENDPOINT = """
[{number}](cti-agent)
aors = {number}
callerid = {number} <{number}>

[{number}](cti-agent-aor)
contact = sip:{number}@{host}:{port}
"""


def noon_zone(now: datetime) -> str:
    """Return a zone in which it is about noon: an hour more or less is the same day, of which figures are."""
    east = 12 - now.hour
    return f"Etc/GMT{-east:+d}" if east else "Etc/GMT"


class SocketProxy(Proxy):
    """A proxy to a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("", 0)
        self._path = path

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_unix_connection(self._path)


class House:
    """Everything but people, within ``async with``. ``phones`` are the agents' numbers by the port of their phones;
    ``lines`` more have a phone whose audio is measured, and a number of their own."""

    def __init__(self, directory: Path, phones: Mapping[int, Sequence[str]], far_end_port: int, lines: int) -> None:
        self.directory = directory
        self.measured = [AgentPhone(f"m{line:04}") for line in range(lines)]
        self.agents = [number for numbers in phones.values() for number in numbers]
        self._phones, self._far_end_port = phones, far_end_port
        self.zone = noon_zone(datetime.now(UTC))
        self.ahead = Ahead()
        self._parts = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._parts.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._parts.aclose()

    @property
    def target(self) -> str:
        """Where callers send their INVITE."""
        return f"{self.pbx.sip_host}:{self.pbx.sip_port}"

    async def recordings_left(self) -> list[Path]:
        """Return the files of recordings that the PBX still has, of calls that are in the rows. (Of others nobody can
        say whose they are.)"""
        files = [path for path in (self.pbx.directory / "spool" / "recording").rglob("*") if path.is_file()]
        calls = {call_of_recording(file.stem) or "": file for file in files}
        query = "select id::text as id from cti.call where id::text = any($1::text[])"
        known = {row["id"] for row in await self.rows.fetch(query, list(calls))}
        return [file for call, file in calls.items() if call in known]

    @property
    def spool(self) -> Path:
        """The file of the bridge."""
        return self.directory / "bridge" / "spool.db"

    async def _start(self) -> None:
        ports = claim_ports(PBX_PORTS, LOOPBACK)
        self._parts.callback(ports.release)
        first, ear_password = ports.first, secrets.token_urlsafe(12)
        # Given a directory, Postgres keeps what it is told over a power cut. It may run as another user, who must get
        # there.
        data = Path(tempfile.mkdtemp(prefix="cti-chaos-postgres-"))
        self._parts.callback(shutil.rmtree, data, ignore_errors=True)
        self.postgres = EmbeddedPostgres(data)
        self.pbx = PrivateAsterisk(
            self._pbx_settings(manager_conf(LOOPBACK, first + 2, ear_password)),
            addresses=Addresses(LOOPBACK, first, first + 1, first + 4, ports.last),
        )
        with soon():
            await asyncio.gather(
                self._parts.enter_async_context(self.postgres), self._parts.enter_async_context(self.pbx)
            )
        carries_audio(self.pbx.pid)
        self.rows = Rows(self.postgres.url)
        self._parts.push_async_callback(self.rows.close)
        self.ari = await self._parts.enter_async_context(FrameProxy(LOOPBACK, self.pbx.addresses.http_port))
        socket = Path(self.postgres.url.partition("?host=")[2]) / SOCKET
        self.database = await self._parts.enter_async_context(SocketProxy(socket))
        self.ear = await self._parts.enter_async_context(Ear(LOOPBACK, first + 2, ear_password))
        self.bridge = Bridge(self._write_config(first + 3), first + 3)
        self.bridge.through = ("env",)  # Started anew each time, as an operator's is: nothing of it is warm.
        self._parts.push_async_callback(self._stop_bridge)
        await self.bridge.start()

    async def start_pbx(self) -> None:
        """Start the PBX again."""
        await self.pbx.start()
        carries_audio(self.pbx.pid)

    async def _stop_bridge(self) -> None:
        if self.bridge.is_running:
            self.bridge.go_on()
            await self.bridge.stop()

    def _pbx_settings(self, manager: str) -> AsteriskSettings:
        endpoints = "".join(
            _ENDPOINT.format(number=number, host=LOOPBACK, port=port)
            for port, numbers in self._phones.items()
            for number in numbers
        )
        return AsteriskSettings(
            agents=self.measured,
            trunk_contact=f"sip:{LOOPBACK}:{self._far_end_port}",
            qualify_s=0,
            # SIPp sends no audio, and no RTP is no fault.
            rtp_timeout_s=0,
            rtp_timeout_hold_s=0,
            extra_config={"cti/agents.conf": endpoints, "manager.conf": manager},
        )

    def _write_config(self, port: int) -> Path:
        directory = self.directory / "bridge"
        directory.mkdir()
        secret = directory / "ari-password"
        secret.touch(mode=0o600)
        secret.write_text(self.pbx.ari_password)
        hasher = argon2.PasswordHasher(time_cost=5, memory_cost=7168, parallelism=1)
        hashed = hasher.hash(PASSWORD)
        text = _CONFIG.format(
            port=port,
            database_url=f"postgresql://{USER}@{LOOPBACK}:{self.database.port}/{DATABASE}",
            ari_port=self.ari.port,
            ari_username=self.pbx.ari_username,
            zone=self.zone,
        )
        config = directory / "cti_bridge.toml"
        text += "".join(_AGENT.format(number=one, password_hash=hashed) for one in self.agents)
        text += "".join(_SUPERVISOR.format(cti_id=one, password_hash=hashed) for one in (BOSS, *ONLOOKERS))
        for line, phone in enumerate(self.measured):
            text += _LINE.format(line=line, measured=MEASURED, number=phone.cti_number, password_hash=hashed)
        config.write_text(text)
        return config
