"""Everything that acceptance tests share: Postgres, Asterisk, the bridge, and phones.

Between bridge and Asterisk stands a proxy that a test can cut. A test works at a `Desk`: agents at their panels
and phones, and its customers.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
import argon2
import numpy as np

from cti_bridge.local.asterisk import AgentPhone, AsteriskSettings, PrivateAsterisk
from cti_bridge.local.ports import claim_ports
from cti_bridge.local.postgres import EmbeddedPostgres
from tests.support import old_dialplan
from tests.support.agent_client import AgentClient, Json, Refused
from tests.support.audio import tone, write_wav
from tests.support.bridge import Bridge
from tests.support.certificates import Certificate
from tests.support.house import ADDRESS, open_house
from tests.support.outside import RINGING, OutsidePhone, OutsideWorld
from tests.support.phones import TONES, Phone, PhoneCall, Phones, Registrar
from tests.support.priority import carries_audio, soon
from tests.support.proxy import Proxy
from tests.support.rooms import (
    ALL_BUSY_HZ,
    FORCED_HZ,
    GREETING_HZ,
    MUSIC_HZ,
    PASSWORD,
    PLACE_S,
    PLACES_HZ,
    SAID_HZ,
    SENTENCE_HZ,
    SENTENCE_S,
    WARNING_HZ,
    WORD_S,
    Furnished,
    Room,
    furnish,
    phone_secrets,
    to_toml,
)
from tests.support.rows import Rows
from tests.support.step_rooms import IVR

# Whole seconds of music are whole periods, so that its repetition cannot be heard.
MUSIC_S, MESSAGE_S, WARNING_S = 2, 1, 2
ASK_AGAIN_S = 0.1
"""Between two questions whether the phone is registered."""
LEAVE_WITHIN_S = 10.0
SOUNDS = Path(__file__).parents[2] / "asterisk" / "sounds" / "cti"
RTP_TIMEOUT_S = 2
"""Of the rooms whose phones die; a busy machine can be silent for longer elsewhere."""
APART = 47
"""Between the first tones of two rooms, so that two of one scenario have hardly any in common."""
_first_tones = itertools.count(0, APART)
CHEAP = argon2.PasswordHasher(time_cost=5, memory_cost=7168, parallelism=1)


@dataclass(eq=False)
class Agent:
    """One agent at work: panel and phone."""

    client: AgentClient
    phone: Phone
    cti_number: str

    @property
    def cti_id(self) -> str:
        """The login name."""
        return self.client.cti_id

    @property
    def tone_hz(self) -> int:
        """What the agent says."""
        return self.phone.tone_hz

    async def lift(self) -> PhoneCall:
        """Wait until the phone rings, and lift it."""
        call = await self.phone.incoming()
        await call.answer()
        return call

    async def ready(self) -> Json:
        """Choose ready."""
        return await self.client.ready()


@dataclass
class Desk:
    """One scenario's room, within which everything is its own."""

    stack: Stack
    furnished: Furnished
    agents: list[Agent] = field(default_factory=list)
    customers: list[PhoneCall] = field(default_factory=list)
    others: list[OutsidePhone] = field(default_factory=list)
    tones: Iterator[int] = field(default_factory=lambda: _tones(next(_first_tones)))
    """What its parties say: no two of any fifty say the same, however many there are in other rooms meanwhile."""
    opened_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def rows(self) -> Rows:
        """What Postgres holds."""
        return self.stack.rows

    @property
    def agent(self) -> Agent:
        """The first agent."""
        return self.agents[0]

    def client(self, cti_id: str | None = None, password: str = PASSWORD) -> AgentClient:
        """One more panel; it is the caller's to close."""
        return AgentClient(self.stack.url, cti_id or self.furnished.seats[0].cti_id, password)

    def outside(self, *answers: int) -> OutsidePhone:
        """Somebody behind the trunk, who says this to a call at once; ringing if nothing is given."""
        stack = self.stack
        phone = stack.outside.phone(stack.next_number(), next(self.tones), answers or (RINGING,))
        self.others.append(phone)
        return phone

    async def call(self, queue: int = 0, *, caller: str | None = None, name: str = "") -> Customer:
        """Call the number of a queue and wait until it is answered, which is at arrival."""
        customer = await self.dial(self.furnished.numbers[queue], caller=caller, name=name)
        await customer.call.established()
        return customer

    async def dial(self, number: str, *, caller: str | None = None, name: str = "") -> Customer:
        """Call a number and wait for nothing."""
        caller = caller or self.stack.next_caller()
        call = await self.stack.phones.call(number, caller, name, tone_hz=next(self.tones))
        self.customers.append(call)
        return Customer(caller, call)

    async def close(self) -> None:
        """End what is up, and leave."""
        await self.close_calls()
        for agent in self.agents:
            await self._leave(agent)

    async def close_calls(self) -> None:
        """End what is up."""
        parties: list[PhoneCall | Phone | OutsidePhone] = [
            *self.customers,
            *(agent.phone for agent in self.agents),
            *self.others,
        ]
        await asyncio.gather(*(party.hang_up() for party in parties))

    async def _leave(self, agent: Agent) -> None:
        """Log out as soon as the conversation is over, unless the test has done so."""
        end = time.monotonic() + LEAVE_WITHIN_S
        while time.monotonic() < end:
            try:
                await agent.client.log_out()
            except Refused as refused:
                if refused.code != "not_allowed_now":
                    break
                await asyncio.sleep(0.02)
            except aiohttp.ClientError:
                break
            else:
                break
        await agent.client.close()


@dataclass
class Customer:
    """A caller: number and call."""

    number: str
    call: PhoneCall

    @property
    def tone_hz(self) -> int:
        """What the customer says."""
        return self.call.tone_hz


class Stack:
    """The whole system, within ``async with``. With a ``certificate`` the bridge speaks https, and phones in panels
    come to Asterisk's own TLS; `AgentClient` knows only http, so the agents' phones have to be in their panels."""

    def __init__(
        self,
        directory: Path,
        rooms: Sequence[Room],
        *,
        policy: str = "",
        api: str = "",
        certificate: Certificate | None = None,
    ) -> None:
        self.directory, self.certificate = directory, certificate
        self.rooms = furnish(rooms)
        self._policy, self._api = policy, api
        # The same in all its bridges: another hash is another password, which ends sessions.
        self._password_hash = CHEAP.hash(PASSWORD)
        self._parts = AsyncExitStack()
        self._callers = itertools.count(1000_0001)
        self._numbers = itertools.count(4000_0001)
        self._in_use = {name: asyncio.Lock() for name in self.rooms}

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._parts.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._parts.aclose()

    def before_its_end(self, then: Callable[[], Awaitable[None]]) -> None:
        """Have something done before the first of its parts is stopped."""
        self._parts.push_async_callback(then)

    async def _start(self) -> None:
        with soon():
            await self._start_parts()

    async def _start_parts(self) -> None:
        ports = claim_ports(3)
        self._parts.callback(ports.release)
        self.wss_port = ports.first + 2
        self.outside = await self._parts.enter_async_context(OutsideWorld.open())
        self.house = await self._parts.enter_async_context(open_house())
        self.postgres = EmbeddedPostgres()
        self.pbx = PrivateAsterisk(self._asterisk_settings())
        await asyncio.gather(self._parts.enter_async_context(self.postgres), self._parts.enter_async_context(self.pbx))
        carries_audio(self.pbx.pid)
        self.outside.server = (self.pbx.sip_host, self.pbx.sip_port)
        self.rows = Rows(self.postgres.url)
        self._parts.push_async_callback(self.rows.close)
        await self._make_bridges(ports.first)
        registrar = Registrar(self.pbx.sip_host, self.pbx.sip_port)
        self.phones = await self._parts.enter_async_context(Phones(registrar))
        self._parts.push_async_callback(self._stop_bridges)
        await self._start_bridges()

    async def _make_bridges(self, port: int) -> None:
        """Two ports are free from this one on."""
        self.proxy = await self._parts.enter_async_context(Proxy("127.0.0.1", self.pbx.addresses.http_port))
        self.bridge = self.make_bridge("bridge", port, self.proxy.port)
        self.second = self.make_bridge("second", port + 1, self.pbx.addresses.http_port)

    async def _start_bridges(self) -> None:
        await self.bridge.start()

    @property
    def url(self) -> str:
        """Where panels and clients of the API come to."""
        return self.bridge.url

    async def _stop_bridges(self) -> None:
        for bridge in (self.bridge, self.second):
            if bridge.is_running:
                await bridge.stop()

    def _asterisk_settings(self) -> AsteriskSettings:
        music, sounds = self.directory / "music", self.directory / "sounds"
        for directory, name, hz, seconds in (
            (music, "tone", MUSIC_HZ, MUSIC_S),
            (sounds, "greeting", GREETING_HZ, MESSAGE_S),
            (sounds, "all-busy", ALL_BUSY_HZ, MESSAGE_S),
            (sounds, "forced", FORCED_HZ, MESSAGE_S),
            (sounds, "warning", WARNING_HZ, WARNING_S),
            (sounds, "sentence", SENTENCE_HZ, SENTENCE_S),
        ):
            directory.mkdir(parents=True, exist_ok=True)
            write_wav(directory / f"{name}.wav", tone(hz, seconds))
        places = self.directory / "places"
        places.mkdir()
        write_wav(places / "places.wav", np.concatenate([tone(hz, PLACE_S) for hz in PLACES_HZ]))
        return AsteriskSettings(
            agents=[
                AgentPhone(seat.cti_number, seat.sip_password, browser=furnished.in_panel)
                for furnished in self.rooms.values()
                for seat in furnished.seats
            ],
            music={"default": music, "tone": music, "places": places},
            sounds={"tests": sounds, "cti": self._own_sounds()},
            trunk_contact=f"sip:127.0.0.1:{self.outside.port}",
            extra_config={
                "cti/agents.conf": _mortal_phones(self.rooms.values()) + _watched_phones(self.rooms.values()),
                "extensions.conf": old_dialplan.LINES + IVR,
                **self._pbx_tls(),
            },
        )

    def _own_sounds(self) -> Path:
        """The product's sounds. What callers are told of their place and wait are tones."""
        directory = self.directory / "cti-sounds"
        shutil.copytree(SOUNDS, directory)
        for name, hz in SAID_HZ.items():
            for file in directory.glob(f"{name}.*"):
                file.unlink()
            write_wav(directory / f"{name}.wav", tone(hz, WORD_S))
        return directory

    def make_bridge(
        self, name: str, port: int, ari_port: int, *, database_url: str | None = None, more: str = ""
    ) -> Bridge:
        """A bridge on the same PBX and database, with a spool of its own. ``more`` are lines of its configuration."""
        directory = self.directory / name
        directory.mkdir(parents=True)
        secret = directory / "ari-password"
        for name, text in {secret.name: self.pbx.ari_password, **phone_secrets(list(self.rooms.values()))}.items():
            (directory / name).touch(mode=0o600)
            (directory / name).write_text(text)
        config = directory / "cti_bridge.toml"
        url = database_url or self.postgres.url
        config.write_text(more + self._config(port, ari_port, secret).replace(self.postgres.url, url))
        return Bridge(config, port, self.certificate.trusting() if self.certificate else None)

    @property
    def browser_phone_url(self) -> str:
        """Where phones in panels connect."""
        return f"wss://127.0.0.1:{self.wss_port}/ws" if self.certificate else self.pbx.browser_phone_url

    def _pbx_tls(self) -> dict[str, str]:
        """What an operator takes the comment signs from, in the same files."""
        if self.certificate is None:
            return {}
        address, files = f"127.0.0.1:{self.wss_port}", self.certificate
        http = f"tlsenable=yes\ntlsbindaddr={address}\ntlscertfile={files.cert}\ntlsprivatekey={files.key}\n"
        return {"cti/http.conf": http}

    def _bridge_tls(self) -> str:
        files = self.certificate
        return f'tls_cert = "{files.cert}"\ntls_key = "{files.key}"' if files else ""

    def _config(self, port: int, ari_port: int, secret: Path) -> str:
        return f"""
[api]
listen = "127.0.0.1:{port}"
{self._api}
{self._bridge_tls()}
[database]
url = "{self.postgres.url}"
[spool]
path = "spool.db"
{self._pbx_tables(ari_port, secret)}
[browser_phone]
url = "{self.browser_phone_url}"
[policy]
{self._policy}
{to_toml(list(self.rooms.values()), self._password_hash).replace(ADDRESS, self.house.url)}
[[number_lists]]
id = "nuisance"
numbers = ["+8210777*"]
refuse = "reject"
"""

    def _pbx_tables(self, ari_port: int, secret: Path) -> str:
        return f"""[asterisk.main]
url = "http://127.0.0.1:{ari_port}/ari"
username = "{self.pbx.ari_username}"
password_file = "{secret}"
"""

    def next_caller(self) -> str:
        """A customer's number that nobody else has."""
        return f"+8210{next(self._callers)}"

    def next_number(self) -> str:
        """A number behind the trunk that nobody has."""
        return f"+8210{next(self._numbers)}"

    @asynccontextmanager
    async def desk(self, room: str, *, ready: bool = True, panels: bool = True) -> AsyncIterator[Desk]:
        """A room with its agents logged in, phones registered, and ready in the order of their seats. Nobody sits
        there where the phone is in the browser: browsers are not our business. Waits while somebody else has it."""
        async with self._in_use[room], self._opened(Desk(self, self.rooms[room]), ready, panels) as desk:
            yield desk

    @asynccontextmanager
    async def _opened(self, desk: Desk, ready: bool, panels: bool) -> AsyncIterator[Desk]:
        try:
            seats = () if desk.furnished.in_panel else range(len(desk.furnished.seats))
            await asyncio.gather(*(self._seat(desk, index) for index in seats))
            desk.agents.sort(key=lambda agent: int(agent.cti_number))
            for agent in desk.agents:
                await self._log_in(agent, ready=ready, panel=panels)
            yield desk
        finally:
            await desk.close()

    async def _seat(self, desk: Desk, index: int) -> None:
        seat = desk.furnished.seats[index]
        phone = await self.phones.phone(seat.cti_number, seat.sip_password, tone_hz=next(desk.tones))
        desk.agents.append(Agent(AgentClient(self.url, seat.cti_id, PASSWORD), phone, seat.cti_number))

    async def log_in_again(self, desk: Desk) -> None:
        """Everybody of the room, ready: a bridge whose spool is new knows of no session."""
        for agent in desk.agents:
            await agent.client.close_panel()
            await self._log_in(agent, ready=True, panel=True)

    async def _log_in(self, agent: Agent, *, ready: bool, panel: bool) -> None:
        await agent.client.log_in()
        if panel:
            await agent.client.open_panel()
        while agent.client.agent["phone"] != "reachable":
            await asyncio.sleep(ASK_AGAIN_S)
            agent.client.agent = await agent.client.me()
        if ready:
            await agent.ready()


def _tones(first: int) -> Iterator[int]:
    first %= len(TONES)
    return itertools.cycle([*TONES[first:], *TONES[:first]])


def _mortal_phones(rooms: Iterable[Furnished]) -> str:
    """Additions to the endpoints of the rooms in which phones die, for pjsip.conf."""
    mortal = [seat.cti_number for furnished in rooms if furnished.room.mortal for seat in furnished.seats]
    return "".join(f"[{number}](+type=endpoint)\nrtp_timeout = {RTP_TIMEOUT_S}\n" for number in mortal)


def _watched_phones(rooms: Iterable[Furnished]) -> str:
    """Additions to the addresses of the rooms whose phones are looked after closely, for pjsip.conf."""
    watched = [seat.cti_number for furnished in rooms if furnished.room.watched for seat in furnished.seats]
    return "".join(f"[{number}](+type=aor)\nqualify_frequency = 1\n" for number in watched)
