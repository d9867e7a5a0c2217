"""Runs the bridge in an event loop until it is to end: signals and the exit code."""

import asyncio
import resource
import signal
from collections.abc import Callable

from cti_bridge.app import END_WITHIN_S, App, Load
from cti_bridge.exit_codes import ExitCode
from cti_bridge.log_sink import LogSink
from cti_bridge.settings import Settings
from cti_bridge.spare.pair import Pair

DESCRIPTORS = 65_536
"""The descriptors that the process asks for, where the system lets it."""
DieAfter = Callable[[float, int], None]
"""The last resort when the process does not end: takes seconds and the exit code."""


def run(
    settings: Settings,
    sink: LogSink | None = None,
    die_after: DieAfter = lambda seconds, code: None,
    load: Load | None = None,
    reload_asked: Callable[[], bool] = bool,
) -> int:
    """Run until SIGTERM or SIGINT, until another controller takes over, or until a part ends that must not. Return the
    exit code. SIGHUP takes over the configuration that ``load`` returns. ``reload_asked`` says whether such a signal
    came before."""
    _have_descriptors()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_run(settings, sink, die_after, load, reload_asked))


def _have_descriptors() -> None:
    """Permit this process as many descriptors as it may take by itself: each panel needs one. A unit that sets the
    limit leaves nothing to do here."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's factory where it is installed (the extra ``uvloop``), else asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _run(
    settings: Settings,
    sink: LogSink | None,
    die_after: DieAfter,
    load: Load | None,
    reload_asked: Callable[[], bool],
) -> int:
    if settings.spare is not None:
        pair = Pair(settings, sink, lambda code: die_after(END_WITHIN_S, code), load)
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, pair.reload_soon)
        try:
            return await pair.run()
        finally:
            _ignore_from_now_on(signal.SIGHUP)
    app = App(settings, sink, lambda code: die_after(END_WITHIN_S, code), load)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, app.reload_soon)
    if reload_asked():
        app.reload_soon()
    try:
        async with app:
            return await run_until_over(app)
    finally:
        _ignore_from_now_on(signal.SIGHUP)


def _ignore_from_now_on(number: signal.Signals) -> None:
    """A loop that is closed gives its signals back to the system, for which SIGHUP is an end by violence."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [number])
    asyncio.get_running_loop().remove_signal_handler(number)
    signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])


async def run_until_over(app: App) -> int:
    """Wait for SIGTERM, SIGINT, or another controller. Return the exit code."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, app.end, ExitCode.OK)
    try:
        return await app.over
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
