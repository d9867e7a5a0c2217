"""Takes a changed configuration over while calls go on. It is read and checked whole. Then it is taken over in one go,
or refused with a list of errors; nothing has changed then.

One reload follows another. A request during a reload gets a reload of its own, of the files as they are then. Signals
that come while one of them waits for its turn count as one.
"""

import asyncio
import contextlib
import gc
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import structlog

from cti_bridge.api.ports import Measurement
from cti_bridge.config.at_start import emptied, needs_restart
from cti_bridge.config.problems import ConfigurationError, Place, Problem
from cti_bridge.domain.border.notices import ConfigurationTaken
from cti_bridge.domain.model.differences import KINDS
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.settings import Settings

TAKEN_OVER, REFUSED, FAILED = "taken_over", "refused", "failed"
SIGNAL = "signal"
FILES = Place("the files")
READ_WITHIN_S = 60.0
"""Ten thousand agents take some seconds."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Last:
    at: float
    errors: int
    first: str


class Reloader:
    """``load`` reads and checks the files (in a thread) and raises ConfigurationError. ``take`` makes the result the
    present configuration. ``clock`` gives POSIX seconds."""

    def __init__(
        self,
        settings: Settings,
        load: Callable[[], Settings],
        take: Callable[[Settings], Awaitable[ConfigurationTaken]],
        clock: Callable[[], float],
    ) -> None:
        self.settings = settings
        self._load, self._take, self._clock = load, take, clock
        self._one_at_a_time = asyncio.Lock()
        self._counts: Counter[str] = Counter()
        self._at: float | None = None
        self._refused: _Last | None = None
        self._signalled: set[asyncio.Task[None]] = set()
        self._signal_waits = False
        self._reading: asyncio.Future[Settings] | None = None

    async def reload(self, by: str = "command") -> dict[str, Any]:
        """Reload, and return the changes. Raises ConfigurationError; nothing was taken over then."""
        async with self._one_at_a_time:
            if by == SIGNAL:
                self._signal_waits = False
            try:
                report = await self._reload()
            except ConfigurationError as error:
                self._note_refused(error, by)
                raise
            except Exception:
                self._counts[FAILED] += 1
                log.exception("reload_failed", by=by)
                raise
            self._counts[TAKEN_OVER] += 1
            self._at, self._refused = self._clock(), None
            log.info("reload", by=by, **_logged(report))
            return report

    def on_signal(self) -> None:
        """A signal asks for a reload. Its sender cannot be told anything, so the log has the result."""
        if not self._signal_waits:
            self._signal_waits = True
            task = asyncio.create_task(self._by_signal(), name="reload")
            self._signalled.add(task)
            task.add_done_callback(self._signalled.discard)

    async def stop(self) -> None:
        """Cancel the reloads that signals have asked for. A configuration that was not taken over by then is not."""
        tasks = list(self._signalled)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def warnings(self) -> list[str]:
        """The refusal of the last reload, in words; none when it was taken over."""
        if self._refused is None:
            return []
        last, more = self._refused, f" and {self._refused.errors - 1} more" if self._refused.errors > 1 else ""
        return [f"configuration: the reload of {iso(last.at)} was refused, the one before stays: {last.first}{more}"]

    def measure(self) -> Iterator[Measurement]:
        for result in (TAKEN_OVER, REFUSED, FAILED):
            text = "Reloads of the configuration"
            yield Measurement("cti_reloads", text, self._counts[result], {"result": result}, counter=True)
        if self._at is not None:
            yield Measurement("cti_last_reload_timestamp_seconds", "When one was taken over last", self._at)

    async def _reload(self) -> dict[str, Any]:
        settings = await self._read()
        now, places = settings, settings.at_start_places
        if problems := [*emptied(self.settings, now, FILES), *needs_restart(self.settings, now, places)]:
            raise ConfigurationError(problems)
        taken = await self._take(settings)
        self.settings = settings
        return {**_report(taken), "warnings": [str(warning) for warning in settings.warnings]}

    async def _read(self) -> Settings:
        """In a thread of its own: one that hangs with a disk takes no place from others, and nobody waits for it, this
        process at its end included. Raises ConfigurationError when it takes too long."""
        if self._reading is not None and not self._reading.done():
            raise ConfigurationError([Problem(FILES, "an earlier reload still waits for the files' disk")])
        loop = asyncio.get_running_loop()
        reading: asyncio.Future[Settings] = loop.create_future()
        self._reading = reading
        reading.add_done_callback(asyncio.Future.exception)  # Who has given up asks no more.
        threading.Thread(target=_told, args=(loop, reading, self._load), name="reload", daemon=True).start()
        gc.disable()  # Ten thousand agents are a million objects, and none of them garbage: looking holds the loop up.
        try:
            done, _ = await asyncio.wait([reading], timeout=READ_WITHIN_S)
        finally:
            gc.enable()
        if not done:
            text = f"the files could not be read within {READ_WITHIN_S:.0f} s; look at their disk"
            raise ConfigurationError([Problem(FILES, text)])
        return reading.result()

    async def _by_signal(self) -> None:
        with contextlib.suppress(Exception):  # The log says what.
            await self.reload(SIGNAL)

    def _note_refused(self, error: ConfigurationError, by: str) -> None:
        self._counts[REFUSED] += 1
        errors = [problem for problem in error.problems if problem.severity == "error"]
        self._refused = _Last(self._clock(), len(errors), str(errors[0]).partition("\n")[0] if errors else "")
        log.error("reload_refused", by=by, problems=[str(problem) for problem in errors])


def _told(loop: asyncio.AbstractEventLoop, reading: asyncio.Future[Settings], load: Callable[[], Settings]) -> None:
    """Called in the thread: hand the result over to the loop, if that still runs."""
    settings: Settings | None = None
    fault: Exception | None = None
    try:
        settings = load()
    except Exception as error:
        fault = error
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(_settle, reading, settings, fault)


def _settle(reading: asyncio.Future[Settings], settings: Settings | None, fault: Exception | None) -> None:
    if fault is not None:
        reading.set_exception(fault)
    elif settings is not None:
        reading.set_result(settings)


def _report(taken: ConfigurationTaken) -> dict[str, Any]:
    found = taken.differences
    changes = {
        kind: {"added": found.of[kind].added, "removed": found.of[kind].removed, "changed": found.of[kind].changed}
        for kind in KINDS
    }
    return {
        **changes,
        "policy_changed": found.policy,
        "calls_moved": taken.moved_calls,
        "calls_without_queue": taken.calls_without_queue,
        "logged_out": taken.logged_out,
        "leaving_after_their_call": taken.leaving,
        "overrides_ended": taken.overrides_ended,
    }


def _logged(report: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers of the changes: their names may be ten thousand."""
    counts = {f"{kind}_{what}": len(names) for kind in KINDS for what, names in report[kind].items() if names}
    rest = {name: len(value) if isinstance(value, tuple | list) else value for name, value in report.items()}
    return {**counts, **{name: value for name, value in rest.items() if name not in KINDS}}
