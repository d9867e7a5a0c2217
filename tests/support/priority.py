"""What must not wait on a busy machine: audio that is late is audio that is lost, for a real PBX as for a test."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_AUDIO = os.sched_param(1)


@contextlib.contextmanager
def process_first() -> Iterator[None]:
    """As `audio_first`, and all threads that this process has now besides: one that waits for a processor may hold the
    interpreter, and the audio waits with it. The runner of the tests has some (that of pytest-xdist)."""
    here = os.getpid()
    others = [int(thread.name) for thread in Path("/proc/self/task").iterdir() if int(thread.name) != here]
    before = {thread: (os.sched_getscheduler(thread), os.sched_getparam(thread)) for thread in others}
    with audio_first():
        for thread in others:
            with contextlib.suppress(PermissionError, ProcessLookupError):
                os.sched_setscheduler(thread, os.SCHED_RR, _AUDIO)
        try:
            yield
        finally:
            for thread, policy in before.items():
                with contextlib.suppress(PermissionError, ProcessLookupError):
                    os.sched_setscheduler(thread, *policy)


@contextlib.contextmanager
def audio_first() -> Iterator[None]:
    """Threads and processes that are begun within go before the rest of the machine, where we may ask for that: a
    scheduling policy is a thread's own, and is inherited (sched(7), SCHED_RR). They are to be such as wait nearly all
    the time; a niceness would do, but that counts among the processes of one session only (sched(7), autogroup)."""
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_RR, _AUDIO)
    except PermissionError:
        yield
        return
    try:
        yield
    finally:
        os.sched_setscheduler(0, *before)
