"""What commands write for people. Who reads it may leave in the middle, as ``head`` does: that changes no exit code and
leaves no traceback."""

import contextlib
import os
import sys
from typing import TextIO

from cti_bridge.exit_codes import ExitCode


class OutputFailed(Exception):
    """Standard output cannot be written, and not for want of a reader; the message says why."""


def hold_standard_streams() -> None:
    """Before anything else is opened: standard input, output and error lead nowhere where they are closed. Otherwise
    the next files that are opened get their numbers, and what is printed; and libuv aborts the process when it closes
    such a one."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free, and so this one.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def say(line: str) -> None:
    """To standard output. Raises OutputFailed."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(f"{line}\n")
    except BrokenPipeError:
        return
    except OSError as error:
        raise OutputFailed(f"The output cannot be written: {error.strerror}") from None


def complain(line: str) -> None:
    """To standard error. When that cannot be written either, there is nobody left to tell."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"{line}\n")


def end_output(code: int) -> int:
    """Write what is buffered, at the end of a command. Returns the exit code to end with: FAILED when a command that
    did its work could not say so, for its output is what it was called for."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _let_go(sys.stdout)
    except OSError as error:
        complain(f"The output cannot be written: {error.strerror}")
        _let_go(sys.stdout)
        code = code or ExitCode.FAILED
    try:
        if sys.stderr is not None:
            sys.stderr.flush()
    except OSError:
        _let_go(sys.stderr)
    return code


def _let_go(stream: TextIO) -> None:
    """The interpreter tries once more when it ends, and would end with a code of its own."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
