"""Output of commands for people. Its reader may leave in the middle, as ``head`` does. That changes no exit code and
leaves no traceback."""

import contextlib
import os
import sys
from typing import TextIO

from cti_bridge.exit_codes import ExitCode


class OutputFailed(Exception):
    """Standard output cannot be written, though it has a reader. The message says why."""


def hold_standard_streams() -> None:
    """Open standard input, output and error to nowhere where they are closed, before any other file. Otherwise the next
    opened files would get their numbers, and the printed text. libuv also aborts the process when it closes such a
    file."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free, and so this one.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def say(line: str) -> None:
    """Print to standard output. Raises OutputFailed."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(f"{line}\n")
    except BrokenPipeError:
        return
    except OSError as error:
        raise OutputFailed(f"The output cannot be written: {error.strerror}") from None


def complain(line: str) -> None:
    """Print to standard error. If that fails too, there is nobody left to tell."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"{line}\n")


def end_output(code: int) -> int:
    """Write the buffered output at the end of a command. Return the exit code to end with. It is FAILED when a command
    did its work and could not print the result, for it was called for its output."""
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
    """Let go of the output. The interpreter would write once more at its end, and fail with a code of its own."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
