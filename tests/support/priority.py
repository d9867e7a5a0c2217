"""What must not wait on a busy machine: audio that is late is audio that is lost, for a real PBX as for a test."""

import contextlib
import os
from collections.abc import Iterator

_AUDIO = os.sched_param(1)


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
