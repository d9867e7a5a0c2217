"""The composition root: every part is made here, started in order, and stopped in reverse.

Order: spool (it is locked, so a second process ends here), Postgres where it is the embedded one, journal, core
with its checkpoint, engine, API, PBX nodes, writer. Nothing of it waits for Postgres or a PBX to be there.
"""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from importlib.metadata import PackageNotFoundError, version
from typing import TypeVar

import msgspec
import structlog

from cti_bridge.api.ports import Measurement
from cti_bridge.api.server import ApiConfig, ApiServer
from cti_bridge.ari.node import Node
from cti_bridge.clock import Clock
from cti_bridge.domain.actions import Action
from cti_bridge.domain.agent import Agent
from cti_bridge.domain.call import Call
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.ids import Ids
from cti_bridge.domain.kept import Mark, NodeState, Placed
from cti_bridge.engine import Engine
from cti_bridge.exit_codes import ExitCode
from cti_bridge.metrics import measure
from cti_bridge.panel_config import panel_config
from cti_bridge.randomness import random_bytes
from cti_bridge.settings import Settings
from cti_bridge.storage.database import Database
from cti_bridge.storage.frequent_numbers import FrequentNumbers
from cti_bridge.storage.journal import Journal
from cti_bridge.storage.spool import Spool, SpoolFailed
from cti_bridge.storage.writer import Writer

T = TypeVar("T")

log = structlog.get_logger(__name__)


class App:
    """The running bridge, within ``async with``. ``address`` is where the API listens."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.address: tuple[str, int] = ("", 0)
        self.clock = Clock()
        self.nodes: dict[str, Node] = {}
        self.over: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "App":
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def end(self, code: int) -> None:
        """Ask the bridge to stop with an exit code."""
        if not self.over.done():
            self.over.set_result(code)

    # ------------------------------------------------------------------------------------------------------ in order

    async def _start(self) -> None:
        settings = self.settings
        self.spool = Spool.open(settings.spool.path)
        self._stack.push_async_callback(self._close_spool)
        self.database = Database(await self._database_url())
        self._stack.push_async_callback(self.database.close)
        self.journal = Journal(self.spool, self.database, clock=self.clock)
        await self.journal.start()
        self.engine = await self._make_engine()
        self._stack.push_async_callback(self._stop_engine)
        self.frequent_numbers = FrequentNumbers(
            self.spool, self.database, self.journal.repeats, clock=self.clock, new_id=Ids(random_bytes).uuid
        )
        await self.frequent_numbers.start(self.journal.load())
        self._stack.push_async_callback(self.frequent_numbers.stop)
        self.writer = Writer(self.spool, self.database, self.journal.desk)
        await self._start_api()
        await self._start_nodes()
        await self.writer.start()
        self._stack.push_async_callback(self.writer.stop)
        log.info("started", api=f"{self.address[0]}:{self.address[1]}", epoch=self.journal.epoch)

    async def _database_url(self) -> str:
        if url := self.settings.database.url.get_secret_value():
            return url
        from cti_bridge.local.postgres import EmbeddedPostgres

        server = EmbeddedPostgres(self.settings.spool.path.parent / "postgres")
        await self._stack.enter_async_context(server)
        return server.url

    async def _make_engine(self) -> Engine:
        center = CallCenter(self.settings.directory(), Ids(random_bytes))
        if self.spool.fresh:
            center.continue_seqs(await self.journal.last_agent_seqs())
        checkpoint = self.journal.load()
        restored = center.restore(
            _decoded(checkpoint, "agent", Agent),
            _decoded(checkpoint, "call", Call),
            _decoded(checkpoint, "node", NodeState),
            self.clock(),
            marks=_decoded(checkpoint, "mark", Mark),
            placed=_decoded(checkpoint, "placed", Placed),
        )
        engine = Engine(center, self.journal, self.clock, self._submit, self._surprise, self.journal.keys)
        engine.start_from(restored)
        return engine

    async def _start_api(self) -> None:
        api = self.settings.api
        config = ApiConfig(
            host=api.host,
            port=api.port,
            tls_cert=api.tls_cert,
            tls_key=api.tls_key,
            allowed_origins=tuple(api.allowed_origins),
            password_hashes=self.settings.password_hashes(),
            panel=panel_config(self.settings),
            version=_version(),
        )
        self.api = ApiServer(
            config,
            self.engine,
            self.journal.desk,
            self.engine.center.floor.directory,
            frequent_numbers=self.frequent_numbers,
            problems=self._problems,
            warnings=self._warnings,
            measure=self._measure,
            storage_faults=(SpoolFailed,),
            clock=self.clock,
        )
        self.journal.desk.on_change = self.api.live.on_ticket
        self.journal.desk.catch_up = self.engine.flush
        self.address = await self.api.start()
        self._stack.push_async_callback(self.api.stop)

    async def _start_nodes(self) -> None:
        media = sorted(self.settings.media())
        phones = sorted(agent.cti_number for agent in self.engine.center.floor.directory.agents.values())
        for access in self.settings.pbxs():
            node = Node(access, self.engine.tell, self.clock, self._replaced, media, phones)
            self.nodes[access.name] = node
            await node.start()
            self._stack.push_async_callback(node.stop)

    # -------------------------------------------------------------------------------------------- between the parts

    def _submit(self, actions: Sequence[Action]) -> None:
        if len(self.nodes) == 1:
            next(iter(self.nodes.values())).submit(actions)
            return
        for action in actions:
            if node := self.nodes.get(action.node):
                node.submit((action,))

    def _surprise(self) -> None:
        for node in self.nodes.values():
            node.surprise()

    def _replaced(self) -> None:
        self.end(ExitCode.STEPPED_DOWN)

    def _problems(self) -> list[str]:
        problems = [f"PBX {name}: {node.problem}" for name, node in self.nodes.items() if node.problem]
        problems += [f"PBX {name}: not connected yet" for name in self.settings.asterisk if self._not_yet(name)]
        if not self.settings.asterisk:
            problems.append("no PBX is configured")
        if not self.spool.healthy:
            problems.append("spool: the disk refuses to take it")
        return problems

    def _not_yet(self, name: str) -> bool:
        """The API answers before the nodes are made."""
        node = self.nodes.get(name)
        return node is None or (node.problem is None and node.state != "up")

    def _warnings(self) -> list[str]:
        lacking = [f"PBX {name} lacks {what}" for name, node in self.nodes.items() for what in node.lacks]
        lacking += [f"PBX {name}: {words}" for name, node in self.nodes.items() for words in node.warnings]
        return [*lacking, f"database: {self.database.fault}"] if self.database.fault else lacking

    def _measure(self) -> Sequence[Measurement]:
        return measure(self.engine, self.nodes, self.spool, self.writer, self.clock())

    async def _stop_engine(self) -> None:
        self.engine.close()
        with contextlib.suppress(SpoolFailed):
            await self.engine.settle()

    async def _close_spool(self) -> None:
        try:
            await self.spool.close()
        except SpoolFailed as failure:
            log.error("spool_not_written", reason=str(failure))


def _version() -> str:
    """The installed one; a source tree that was never installed has none."""
    try:
        return version("cti-bridge")
    except PackageNotFoundError:
        return ""


def _decoded(checkpoint: dict[tuple[str, str], bytes], kind: str, type_: type[T]) -> list[T]:
    return [msgspec.json.decode(state, type=type_) for (of, _), state in checkpoint.items() if of == kind]


def run(settings: Settings) -> int:
    """Run until SIGTERM, SIGINT, or until another controller takes over; returns the exit code."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_run(settings))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's where it is installed (the extra ``uvloop``), else asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _run(settings: Settings) -> int:
    async with App(settings) as app:
        return await run_until_over(app)


async def run_until_over(app: App) -> int:
    """Wait for SIGTERM, SIGINT, or another controller; returns the exit code."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, app.end, ExitCode.OK)
    try:
        return await app.over
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
