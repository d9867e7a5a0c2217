"""The engine's clock: POSIX seconds that never run backwards.

Inside, time must be monotonic: a step of the system's clock must not end a pickup time early. Outside, rows and the
checkpoint need wall time. So the wall clock is read once, at the start, and the monotonic clock is added to it.
"""

import time


class Clock:
    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def __call__(self) -> float:
        return time.monotonic() + self._offset
