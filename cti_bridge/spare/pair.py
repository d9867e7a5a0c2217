"""The two roles of a bridge with a hot spare, in turn: standby until it takes the lease, then active until another
bridge acts, then standby again, in the same process. Only a signal ends it, or a part that must not end."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Sequence
from socket import socket
from typing import Any

import asyncpg
import structlog

from cti_bridge.api.gate import listening
from cti_bridge.app import App, Load
from cti_bridge.config.at_start import needs_restart
from cti_bridge.config.problems import ConfigurationError
from cti_bridge.exit_codes import ExitCode
from cti_bridge.log_sink import LogSink
from cti_bridge.own_spool import OwnSpool
from cti_bridge.settings import Settings
from cti_bridge.spare.acting import Acting
from cti_bridge.spare.lease import Lease, LeaseUnknown
from cti_bridge.spare.standby import Standby
from cti_bridge.storage.database import DatabaseUnavailable
from cti_bridge.storage.outages import describe
from cti_bridge.storage.shipped import Superseded
from cti_bridge.storage.spool import SpoolFailed

log = structlog.get_logger(__name__)

PAUSE_S = 1.0
"""The pause after a take-over that failed, in seconds."""
NOT_TAKEN = (DatabaseUnavailable, asyncpg.PostgresError, Superseded, SpoolFailed)
"""The faults at a take-over after which another try may help: the states could not be had, or not be kept."""


class Pair:
    """The process of one of two bridges. ``ending`` is told the exit code before the last part is stopped. ``load``
    reads the configuration anew."""

    def __init__(
        self,
        settings: Settings,
        sink: LogSink | None = None,
        ending: Callable[[int], None] = lambda code: None,
        load: Load | None = None,
    ) -> None:
        assert settings.spare is not None
        self._settings, self._sink, self._ending, self._load = settings, sink, ending, load
        self._lease = Lease(settings.database.url.get_secret_value(), settings.spare.name)
        self._own_spool = OwnSpool(settings.spool.path)
        self._asked_to_end = asyncio.Event()
        self._app: App | None = None
        self._standby: Standby | None = None
        self._has_started = False
        """The bridge acts, and all its parts have begun."""
        self._reloading: set[asyncio.Task[None]] = set()

    async def run(self) -> int:
        """Run until SIGTERM or SIGINT, or until a part ends that must not. Return the exit code. Raises as a start
        without a spare does."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_end.set)
        sockets: Sequence[socket] = ()
        try:
            sockets = await listening(self._settings.api.host, self._settings.api.port)
            return await self._roles(sockets)
        finally:
            for each in sockets:
                each.close()
            await self._lease.close()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    def reload_soon(self) -> None:
        """A signal asks for a reload. A spare has the configuration for the time when it acts."""
        if self._app is not None:
            self._app.reload_soon()
        elif not self._reloading:
            task = asyncio.get_running_loop().create_task(self._reload(), name="reload of a spare")
            self._reloading.add(task)
            task.add_done_callback(self._reloading.discard)

    async def _reload(self) -> None:
        """Read the files, and keep what was read. One that takes over meanwhile reads them once more."""
        before = self._settings
        try:
            settings = await asyncio.to_thread(self._load or (lambda: before))
            problems = [str(one) for one in needs_restart(before, settings, settings.at_start_places)]
        except ConfigurationError as error:
            problems = [str(one) for one in error.problems if one.severity == "error"]
        if problems:
            log.error("reload_refused", by="signal", problems=problems)
        elif self._app is not None:
            self._app.reload_soon()
        else:
            self._settings = settings
            log.info("reload", by="signal", role="standby")

    async def _roles(self, sockets: Sequence[socket]) -> int:
        while True:
            code = await self._stand_by(sockets)
            if code is None:
                code = await self._act(sockets)
            if code != ExitCode.STEPPED_DOWN:
                return code

    async def _stand_by(self, sockets: Sequence[socket]) -> int | None:
        """Be the spare. Return None when this bridge has taken the lease, else the exit code."""
        if await self._until(self._own_spool.free):
            return self._end(ExitCode.OK)
        async with Standby(self._settings, self._lease, self._own_spool, sockets, self._sink) as standby:
            ended = await self._until(standby.over)
        if ended:
            await self._forget()
            return self._end(ExitCode.OK)
        return None if standby.over.result() else self._end(ExitCode.FAILED)

    async def _act(self, sockets: Sequence[socket]) -> int:
        """Act until another bridge does, or until the end. Return the exit code; STEPPED_DOWN: be the spare again."""
        if await self._until(self._own_spool.free):
            await self._give_up()
            return self._end(ExitCode.OK)
        self._app = app = App(self._settings, self._sink, self._end_of, self._load)
        acting = app.acting = Acting(self._lease, self._own_spool, sockets, app.supervisor.watch)
        acting.start()
        try:
            async with app:
                self._has_started = True
                await self._forget()
                if await self._until(app.over):
                    app.end(ExitCode.OK)
                code = app.over.result()
        except NOT_TAKEN as error:
            log.error("take_over_failed", reason=describe(error), text="This bridge is the spare again.")
            code = ExitCode.STEPPED_DOWN
        finally:
            took, self._app, self._has_started = self._has_started, None, False
            await acting.give_up()
            await acting.stop()
            self._settings = app.settings
        if not took:
            await asyncio.sleep(PAUSE_S)
        return code

    async def _until(self, over: "asyncio.Future[Any]") -> bool:
        """Wait until the role is over, or the next one may begin. Return True when the process is asked to end
        before."""
        asked = asyncio.create_task(self._asked_to_end.wait(), name="asked to end")
        try:
            await asyncio.wait((asked, over), return_when=asyncio.FIRST_COMPLETED)
        finally:
            asked.cancel()
        return not over.done()

    async def _give_up(self) -> None:
        with contextlib.suppress(LeaseUnknown):
            await self._lease.give_up()

    async def _forget(self) -> None:
        with contextlib.suppress(LeaseUnknown):
            await self._lease.forget()

    def _end_of(self, code: int) -> None:
        """A role ends. The process ends with it, unless this bridge becomes the spare, or could not take over."""
        if code != ExitCode.STEPPED_DOWN and self._has_started:
            self._ending(code)

    def _end(self, code: int) -> int:
        self._ending(code)
        return code
