"""The composition root: every part is started here in order, watched, and stopped in reverse. What takes more
than a line to make is made in :mod:`cti_bridge.parts`.

Order: spool (its lock ends a second process here), Postgres where it is the embedded one, journal, core with its
checkpoint, engine, API, PBX nodes, writer. No step waits for Postgres or a PBX.

A part that must not end ends the process (:mod:`cti_bridge.supervisor`). Each part gets its time in
:data:`CLOSE_WITHIN_S` to stop; the process then goes on without it.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import structlog

from cti_bridge.alerts import Alerts
from cti_bridge.api.operator import Operator, ReloadRefused
from cti_bridge.api.sounds import SoundFiles
from cti_bridge.ari.node import Node, State
from cti_bridge.clock import Clock
from cti_bridge.config.certificates import expires_at
from cti_bridge.config.kinds import split_listen
from cti_bridge.config.problems import ConfigurationError
from cti_bridge.domain.border.actions import LOOKUPS, TALKS
from cti_bridge.domain.border.commands import NoteAct
from cti_bridge.domain.border.facts import NodeTakenOver, Stalled
from cti_bridge.domain.border.notices import ConfigurationTaken
from cti_bridge.domain.model.words import OPERATOR, Audited
from cti_bridge.executors import Executors
from cti_bridge.exit_codes import ExitCode
from cti_bridge.failing_lines import FailingLines
from cti_bridge.log_sink import LogSink
from cti_bridge.lookup.client import Lookups
from cti_bridge.numbers.unknown import UnknownNumbers
from cti_bridge.operator_access import (
    OperatorAccess,
    access_path,
    admit,
    certificate_digest,
    new_token,
    own_url,
    remove_access,
)
from cti_bridge.own_spool import CLOSE_WITHIN_S as SPOOL_WITHIN_S
from cti_bridge.own_spool import OwnSpool
from cti_bridge.parts.api import make_api
from cti_bridge.parts.core import make_engine
from cti_bridge.parts.recordings import RecordingParts
from cti_bridge.parts.rows import (
    make_closing,
    make_frequent_numbers,
    make_retention,
    make_shipping,
    make_usual_times,
    make_writer,
)
from cti_bridge.pulse import LONG_S, Pulse
from cti_bridge.reload import Reloader
from cti_bridge.settings import Settings
from cti_bridge.sounds.provided import AtPbx
from cti_bridge.spare.acting import Acting
from cti_bridge.storage.database import Database
from cti_bridge.storage.journal import Journal
from cti_bridge.storage.last_talks import LastTalks
from cti_bridge.storage.shipping import Shipping
from cti_bridge.storage.spool import SpoolFailed
from cti_bridge.supervisor import Supervisor, within
from cti_bridge.taking_over import TakingOver, wanted
from cti_bridge.unrecorded import Unrecorded

log = structlog.get_logger(__name__)

CLOSE_WITHIN_S = {
    "hand over": 4.0,
    "reload": 0.5,
    "lookups": 1.0,
    "last talks": 1.0,
    "pulse": 0.5,
    "alerts": 0.5,
    "usual times": 0.5,
    "retention": 1.0,
    "closing": 1.0,
    "writer": 5.0,
    "recordings": 1.0,
    "PBX": 3.0,
    "sounds": 1.5,
    "API": 7.0,
    "frequent numbers": 1.0,
    "engine": 2.0,
    "shipping": 2.0,
    "database": 4.0,
    "spool": SPOOL_WITHIN_S,
}
"""The seconds to stop each part, in the order in which they are stopped."""
END_WITHIN_S = 18.0
"""The process ends within so many seconds, even if a part hangs. The unit's TimeoutStopSec is longer, so that the exit
code is ours."""

Load = Callable[[], Settings]
"""Reads the configuration. Raises ConfigurationError."""


class App:
    """The running bridge, within ``async with``. ``address`` is the API's. ``ending`` is told the exit code before any
    part is stopped. ``load`` reads the configuration anew, for a reload."""

    def __init__(
        self,
        settings: Settings,
        sink: LogSink | None = None,
        ending: Callable[[int], None] = lambda code: None,
        load: Load | None = None,
    ) -> None:
        self.settings = settings
        self.reloader = Reloader(
            settings, load or (lambda: settings), lambda changed: self._take(changed), lambda: self.clock()
        )
        self.acting: Acting | None = None
        """The additions of a bridge with a spare, set before the start. None: it has no spare."""
        self._started, self._reload_asked = False, False
        self.supervisor = Supervisor(lambda: self.end(ExitCode.FAILED))
        self.sink, self._ending = sink, ending
        self.address: tuple[str, int] = ("", 0)
        self.clock = Clock()
        self.pulse: Pulse | None = None
        self.shipping: Shipping | None = None
        self.nodes: dict[str, Node] = {}
        self.executors = Executors(lambda fact: self.engine.tell(fact))
        self.unknown_numbers = UnknownNumbers()
        self.left_behind: Mapping[str, int] = {}
        self.failing_lines = FailingLines()
        self.unrecorded = Unrecorded()
        self._operator_token, self._certificate = new_token(), ""
        self.certificate_expires_at: float | None = None
        self._access_path = access_path(settings.spool.path)
        self.over: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "App":
        try:
            await self._start()
        except BaseException:
            await self._close(ExitCode.FAILED)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close(self.over.result() if self.over.done() else ExitCode.FAILED)

    async def _close(self, code: int) -> None:
        log.info("stopping", code=int(code))
        self._ending(code)
        self.supervisor.release()
        await self._stack.aclose()
        log.info("stopped", code=int(code))

    def _at_end(self, part: str, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._stack.push_async_callback(within, part, CLOSE_WITHIN_S[part], close)

    def end(self, code: int) -> None:
        """Ask the bridge to stop with an exit code."""
        if not self.over.done():
            self.over.set_result(code)

    # ------------------------------------------------------------------------------------------------------ in order

    async def _start(self) -> None:
        await self._start_storage()
        self._start_shipping()
        self._start_engine()
        await self._start_frequent_numbers()
        self.recordings = RecordingParts(
            lambda: self.settings, self.engine, self.database, self.nodes, self.clock, self.supervisor.watch
        )
        # The metrics ask for the writer as soon as the API answers.
        self.closing = make_closing(self)
        self.writer = make_writer(self)
        self._start_executors()
        await self._start_api()
        await self._start_sounds()
        self.taking_over = TakingOver(self.engine, self.api, self.nodes.values, self._present, self._sounds_of)
        await self._start_nodes()
        self._start_recordings()
        await self._start_writer()
        self._start_looking_after_rows()
        self.journal.taken_up()
        self._start_pulse()
        self._admit_operator()
        self._at_end("reload", self._end_reloads)
        if self.acting is not None:
            self.acting.started()
            self._at_end("hand over", partial(self.acting.hand_over, self.nodes.values(), self.engine))
        self._started = True
        if self._reload_asked:
            self.reload_soon()
        log.info("started", api=f"{self.address[0]}:{self.address[1]}", epoch=self.journal.epoch)

    async def _start_storage(self) -> None:
        """Open spool, Postgres and journal. The checkpoint is read then."""
        acting = self.acting
        own = acting.own_spool if acting is not None else OwnSpool(self.settings.spool.path)
        self.spool = own.open(self.supervisor.watch)
        self._at_end("spool", own.close)
        remove_access(self._access_path)  # That of a bridge that was killed.
        self.database = Database(await self._database_url(), may_write=acting.admission if acting else None)
        self._at_end("database", self.database.close)
        if acting is not None:
            await acting.take_over(self.spool, self.database)
        self.journal = Journal(self.spool, self.database, clock=self.clock)
        await self.journal.start(acting.term if acting is not None else None)

    def _start_shipping(self) -> None:
        """With a spare: ship states from now on, those of the core's start too."""
        self.shipping = make_shipping(self)
        if self.shipping is not None:
            self.shipping.start()
            self._at_end("shipping", self.shipping.stop)
        if self.acting is not None:
            self.acting.shipping = self.shipping

    def _start_engine(self) -> None:
        self.engine = make_engine(self)
        self._at_end("engine", self._stop_engine)
        unrecorded, trunks = self.unrecorded.by_service, self.failing_lines.dead_trunks
        self.alerts = Alerts(self.engine, self.clock, unrecorded, trunks, watch=self.supervisor.watch)

    async def _start_frequent_numbers(self) -> None:
        self.frequent_numbers = make_frequent_numbers(self)
        await self.frequent_numbers.start(self.journal.load())
        self._at_end("frequent numbers", self.frequent_numbers.stop)

    def _start_executors(self) -> None:
        """Begin with those that carry out orders to others than a PBX."""
        self.lookups = Lookups(self.settings.lookups(), self.engine.tell, self.clock)
        self.executors.add(LOOKUPS, self.lookups.submit)
        self._at_end("lookups", self.lookups.stop)
        self.last_talks = LastTalks(self.database, self.engine.tell)
        self.executors.add(TALKS, self.last_talks.submit)
        self._at_end("last talks", self.last_talks.stop)

    def _start_recordings(self) -> None:
        self.engine.watchers.append(self.recordings.store.on_changes)
        for part in self.recordings.in_order:
            part.start()
            self._at_end("recordings", part.stop)

    async def _start_writer(self) -> None:
        await self.writer.start()
        self._at_end("writer", self.writer.stop)
        self.closing.start()
        self._at_end("closing", self.closing.stop)

    def _start_looking_after_rows(self) -> None:
        self.retention = make_retention(self)
        self.retention.start()
        self._at_end("retention", self.retention.stop)
        self.usual_times = make_usual_times(self)
        self.usual_times.start()
        self._at_end("usual times", self.usual_times.stop)
        self.alerts.start()
        self._at_end("alerts", self.alerts.stop)

    def _start_pulse(self) -> None:
        self.pulse = Pulse(self.clock, self._stalled, self._clock_moved)
        self.engine.look_at_time = self.pulse.look
        self.pulse.start()
        self._at_end("pulse", self.pulse.stop)

    def _admit_operator(self) -> None:
        url = own_url(*self.address, with_tls=self.settings.api.tls_cert is not None)
        admit(self._access_path, OperatorAccess(url, self._operator_token, self._certificate))

    async def _end_reloads(self) -> None:
        remove_access(self._access_path)
        await self.reloader.stop()

    async def _database_url(self) -> str:
        if url := self.settings.database.url.get_secret_value():
            return url
        from cti_bridge.local.postgres import EmbeddedPostgres

        server = EmbeddedPostgres(self.settings.spool.path.parent / "postgres")
        await self._stack.enter_async_context(server)
        return server.url

    async def _start_api(self) -> None:
        api = self.settings.api
        self._certificate = certificate_digest(api.tls_cert) if api.tls_cert else ""
        if api.tls_cert and api.tls_key:
            self.certificate_expires_at = await asyncio.to_thread(expires_at, api.tls_cert, api.tls_key)
        self.sounds = SoundFiles(self.settings.sounds_provided())
        await self.sounds.tidy()
        self.api = make_api(self, Operator(token=self._operator_token, reload=self._reload))
        self.address = await self.api.start()
        self._at_end("API", self.api.stop)

    async def _start_sounds(self) -> None:
        """Serve sounds at an address of their own, where one is configured."""
        self._sounds_address = own_url(*self.address, with_tls=self.settings.api.tls_cert is not None)
        if self.settings.sounds.listen:
            address = await self.sounds.start(*split_listen(self.settings.sounds.listen))
            self._at_end("sounds", self.sounds.stop)
            self._sounds_address = own_url(*address, with_tls=False)

    def _sounds_of(self, settings: Settings, name: str) -> AtPbx:
        node = settings.asterisk.get(name)
        own = node.sounds_address if node is not None else ""
        return AtPbx(settings.sounds_provided(), own or settings.sounds.address or self._sounds_address)

    async def _start_nodes(self) -> None:
        if self.acting is not None:
            marks = lambda: [node.mark for node in self.nodes.values()]  # noqa: E731
            self.acting.begin(self._reached, marks, self._step_back)
        await self._start_new_nodes()

    async def _start_new_nodes(self) -> None:
        """Connect to the PBXs of the present settings to which there is no connection yet."""
        media, phones = wanted(self.settings)
        gatekeeper = self.acting.admission if self.acting is not None else None
        for access in self.settings.pbxs():
            if access.name in self.nodes:
                continue
            replaced = partial(self._replaced, access.name)
            sounds = self._sounds_of(self.settings, access.name)
            watch = self.supervisor.watch
            node = Node(access, self.engine.tell, self.clock, replaced, media, phones, watch, sounds, gatekeeper)
            self.nodes[access.name] = node
            self.executors.add(access.name, node.submit)
            await node.start()
            self._at_end("PBX", node.stop)

    # ----------------------------------------------------------------------------------- a changed configuration

    def reload_soon(self) -> None:
        """A signal asks for a reload. During the start it waits for the end of the start."""
        self._reload_asked = not self._started
        if self._started:
            self.reloader.on_signal()

    async def _reload(self) -> dict[str, Any]:
        if not self._started:
            raise ReloadRefused([("", "The bridge is starting. Ask again in a moment.")])
        try:
            return await self.reloader.reload()
        except ConfigurationError as error:
            errors = [problem for problem in error.problems if problem.severity == "error"]
            raise ReloadRefused([(str(problem.place), problem.text) for problem in errors]) from None

    async def _take(self, settings: Settings) -> ConfigurationTaken:
        taken = await self.taking_over.take(settings)
        for name in settings.asterisk.keys() - self.nodes.keys():
            log.info("pbx_added", node=name)
        await self._start_new_nodes()
        await self.engine.order(NoteAct(Audited.RELOADED, "configuration", OPERATOR))
        await self.sounds.tidy()
        return taken

    def _present(self, settings: Settings) -> None:
        self.settings = settings
        self.lookups.configured(settings.lookups())
        self.sounds.take(settings.sounds_provided())

    # -------------------------------------------------------------------------------------------- between the parts

    def surprise(self) -> None:
        """Something does not add up: read the lists of the PBXs."""
        for node in self.nodes.values():
            node.surprise()

    def _stalled(self, for_s: float) -> None:
        """After a stall, events are read before a deadline acts. After a long one some may be lost, so the lists of the
        PBXs are read."""
        self.engine.tell_first(Stalled(for_s))
        if for_s >= LONG_S:
            self.surprise()

    def _clock_moved(self, by_s: float) -> None:
        """The clock was set. A machine that stood still looks the same, so the lists of the PBXs are read too."""
        for node in self.nodes.values():
            node.clock_moved(by_s)
        self.engine.clock_moved(by_s)
        self.surprise()

    def _reached(self) -> list[str]:
        return [name for name, node in self.nodes.items() if node.state is State.UP]

    def _step_back(self, reason: str) -> None:
        """Become the spare."""
        log.warning("stepping_back", reason=reason)
        self.end(ExitCode.STEPPED_DOWN)

    def _replaced(self, name: str) -> None:
        """Another controller has taken the PBX over. Give it up alone, and end when there is no other. With a spare let
        go of everything."""
        if self.acting is not None:
            self.acting.let_go(f"another bridge has taken the PBX {name} over")
            return
        others = [other for other in self.settings.asterisk if other != name]
        if all(other in self.nodes and self.nodes[other].state is State.REPLACED for other in others):
            self.end(ExitCode.STEPPED_DOWN)
        else:
            self.engine.tell(NodeTakenOver(name))

    async def _stop_engine(self) -> None:
        self.engine.close()
        with contextlib.suppress(SpoolFailed):
            await self.engine.settle()
