"""What must not wait on a busy machine: audio that is late is audio that is lost, for a real PBX as for a test.

A scheduling policy is a thread's own, and is inherited by what it begins (sched(7), SCHED_RR). A niceness would do, but
that counts among the processes of one session only (sched(7), autogroup). Where we may not ask for it nothing changes.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

SOON, FIRST = os.sched_param(1), os.sched_param(2)
"""Before the rest of the machine; and before that: the audio's own threads must not wait for a test that reckons."""


@contextlib.contextmanager
def process_first() -> Iterator[None]:
    """As `soon`, and all threads that this process has now besides: one that waits for a processor may hold the
    interpreter, and the audio waits with it. The runner of the tests has some (that of pytest-xdist)."""
    here = os.getpid()
    others = [int(thread.name) for thread in Path("/proc/self/task").iterdir() if int(thread.name) != here]
    before = {thread: (os.sched_getscheduler(thread), os.sched_getparam(thread)) for thread in others}
    with soon():
        for thread in others:
            _put(thread, os.SCHED_RR, SOON)
        try:
            yield
        finally:
            for thread, policy in before.items():
                _put(thread, *policy)


def soon() -> contextlib.AbstractContextManager[None]:
    """Threads and processes that are begun within go before the rest of the machine. They are to be such as wait most
    of the time."""
    return _begun_as(SOON)


def audio_first() -> contextlib.AbstractContextManager[None]:
    """Threads and processes that are begun within go before all others: they carry audio, and nothing else."""
    return _begun_as(FIRST)


def carries_audio(pid: int) -> None:
    """Let a process go before all others, with all the threads that it has by now and will have."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        _put(int(thread.name), os.SCHED_RR, FIRST)


@contextlib.contextmanager
def _begun_as(priority: os.sched_param) -> Iterator[None]:
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_RR, priority)
    except PermissionError:
        yield
        return
    try:
        yield
    finally:
        os.sched_setscheduler(0, *before)


def _put(thread: int, policy: int, priority: os.sched_param) -> None:
    with contextlib.suppress(PermissionError, ProcessLookupError):
        os.sched_setscheduler(thread, policy, priority)
