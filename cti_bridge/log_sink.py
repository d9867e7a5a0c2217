"""The sink of log lines. A thread of its own writes them, so that their reader can neither stop the bridge nor break
it.

The reader of a pipe may stop or end, and a disk may be full. The lines then wait in memory, up to :data:`MOST_BYTES`.
Further lines are lost and counted. When lines can be written again, one of them gives the number of the missing ones,
at their place.
"""

import contextlib
import io
import logging
import os
import select
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, TextIO, cast

import structlog

MOST_BYTES = 1 << 20
"""The most bytes that wait: some thousand lines. More would not tell more about the fault."""
CLOSE_WITHIN_S = 1.0
"""The most seconds for the last lines when the process ends."""
STUCK_AFTER_S = 2.0
"""A write that takes more seconds is reported as a fault."""

_RETRY_S = 0.5
_MOST_AT_ONCE = 32 * 1024

Put = Callable[[memoryview], int]
"""Writes, and returns how many bytes were taken. Raises OSError."""

_log = structlog.get_logger(__name__)


class LogSink(io.TextIOBase):
    """A text file, as far as loggers need one. No method raises, and only :meth:`close_within` waits. Any thread may
    write."""

    def __init__(self, put: Put, descriptor: int | None = None) -> None:
        """``descriptor`` is the one that ``put`` writes to, where there is one."""
        self.lost = 0
        """Lines that were never written."""
        self._put, self._descriptor = put, descriptor
        self._fault: str | None = None
        self._writing_since: float | None = None
        self._lines: deque[bytes] = deque()
        self._bytes = self._gap = 0
        self._partial = ""
        self._closing = threading.Event()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    @property
    def stream(self) -> TextIO:
        """The sink under the type of a text stream."""
        return cast(TextIO, self)

    @property
    def problem(self) -> str | None:
        """In words, the reason why no lines are written at the moment; None when they are."""
        since = self._writing_since
        if self._fault is not None:
            return f"log: lines cannot be written ({self._fault}), {self.lost} are lost"
        if since is not None and time.monotonic() - since > STUCK_AFTER_S:
            return f"log: what reads it has stopped, {self.lost} lines are lost"
        return None

    # ------------------------------------------------------------------------------------------------- as a file

    encoding = "utf-8"

    def write(self, text: str, /) -> int:
        """Pass whole lines on. The rest waits for its end."""
        try:
            with self._changed:
                *lines, self._partial = (self._partial + text).split("\n")
            for line in lines:
                self._add(line.encode("utf-8", "backslashreplace") + b"\n")
        except Exception:
            self.lost += 1
        return len(text)

    def writable(self) -> bool:
        return True

    def flush(self) -> None:
        """Do nothing: to flush is to wait."""

    def fileno(self) -> int:
        if self._descriptor is None:
            raise io.UnsupportedOperation("fileno")
        return self._descriptor

    def isatty(self) -> bool:
        return self._descriptor is not None and os.isatty(self._descriptor)

    def close_within(self, seconds: float) -> None:
        """Write the waiting lines for so many seconds, and count the rest as lost. No line is taken any more."""
        with self._changed:
            self._closing.set()
            self._changed.notify_all()
        self._thread.join(seconds)
        with self._changed:
            self.lost += len(self._lines)
            self._lines.clear()

    # ------------------------------------------------------------------------------------------------- the queue

    def _add(self, line: bytes) -> None:
        with self._changed:
            if self._closing.is_set() or self._bytes + len(line) > MOST_BYTES:
                self.lost += 1
                self._gap += 1
                return
            gap, self._gap = self._gap, 0
        if gap:
            _tell_lost(gap)
        with self._changed:
            self._lines.append(line)
            self._bytes += len(line)
            self._changed.notify()

    def _take(self) -> bytes | None:
        """Return the oldest lines; None when there will be no more."""
        with self._changed:
            while not self._lines and not self._closing.is_set() and not self._gap:
                self._changed.wait()
            taken = []
            size = 0
            while self._lines and size < _MOST_AT_ONCE:
                taken.append(self._lines.popleft())
                size += len(taken[-1])
            self._bytes -= size
            gap, self._gap = (0, self._gap) if self._lines or taken else (self._gap, 0)
        if gap and not self._closing.is_set():
            _tell_lost(gap)
            return b""
        return b"".join(taken) or (None if self._closing.is_set() else b"")

    # ------------------------------------------------------------------------------------------------ the thread

    def _run(self) -> None:
        while True:
            try:
                lines = self._take()
                if lines is None:
                    return
                self._write_out(memoryview(lines))
            except Exception:
                # Any fault: without this thread there are no lines at all.
                time.sleep(_RETRY_S)

    def _write_out(self, rest: memoryview) -> None:
        """Try until the lines are written; while the process ends, once."""
        while rest:
            self._writing_since = time.monotonic()
            try:
                rest = rest[self._put(rest) :]
                self._fault = None
            except OSError as error:
                if self._closing.is_set():
                    self.lost += bytes(rest).count(b"\n")
                    return
                self._pause(error)
        self._writing_since = None

    def _pause(self, error: OSError) -> None:
        if isinstance(error, BlockingIOError) and self._descriptor is not None:
            # Somebody else has made the descriptor non-blocking: a reader that is slow, not a fault.
            writable = select.poll()
            writable.register(self._descriptor, select.POLLOUT)
            while not writable.poll(_RETRY_S * 1000):
                if self._closing.is_set():
                    return
            return
        self._fault = error.strerror or type(error).__name__
        self._closing.wait(_RETRY_S)


def _tell_lost(lines: int) -> None:
    """Log the loss as an error, so that no level leaves it out."""
    _log.error("log_lines_lost", lines=lines)


@contextlib.contextmanager
def standard_error() -> Iterator[LogSink]:
    """Let standard error go through a sink: logs, and all else that the interpreter or a library writes there. At the
    end the last lines get :data:`CLOSE_WITHIN_S`."""
    former = sys.stderr
    sink = LogSink(*_target(former))
    hooks = sys.unraisablehook, threading.excepthook
    sys.stderr = sink.stream
    sys.unraisablehook, threading.excepthook = _unraisable, _thread_failed
    logging.captureWarnings(True)
    try:
        yield sink
    finally:
        sink.close_within(CLOSE_WITHIN_S)
        logging.captureWarnings(False)
        sys.stderr = former
        sys.unraisablehook, threading.excepthook = hooks


def _target(stream: TextIO | None) -> tuple[Put, int | None]:
    if stream is None:
        return len, None
    try:
        stream.flush()
        descriptor = stream.fileno()
    except (OSError, ValueError):
        # Not a file of the system, as in a test that looks at it.
        return lambda data: _pass_on(stream, data), None
    return lambda data: os.write(descriptor, data), descriptor


def _pass_on(stream: TextIO, data: memoryview) -> int:
    stream.write(bytes(data).decode("utf-8", "replace"))
    return len(data)


def _unraisable(what: Any) -> None:
    _log.error("fault_ignored", where=repr(what.object), exc_info=what.exc_value)


def _thread_failed(what: Any) -> None:
    _log.error("thread_failed", thread=what.thread and what.thread.name, exc_info=what.exc_value)
