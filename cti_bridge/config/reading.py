"""One file of a configuration, or of a secret, as text. What is no file is not waited for: reading a FIFO would never
end."""

import errno
import os
import stat
from pathlib import Path

LARGEST = 32 * 1024 * 1024
"""Bytes. Ten thousand agents are 4 MB."""


class Unreadable(Exception):
    """In words that go on behind the name of the file. ``line`` is where it is wrong, if that is known."""

    def __init__(self, text: str, line: int | None = None) -> None:
        super().__init__(text)
        self.text, self.line = text, line


def read_text(file: Path) -> str:
    """Without the mark that editors of Windows put before the first character. Raises Unreadable."""
    content = read_bytes(file)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("is not UTF-8", content.count(b"\n", 0, error.start) + 1) from None


def read_bytes(file: Path | str, largest: int = LARGEST) -> bytes:
    """Return the content, of ``largest`` bytes at most. Raises Unreadable."""
    try:
        return _content(file, largest)
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from None
    except ValueError:
        raise Unreadable("cannot be read: no file has such a name") from None


def _content(file: Path | str, largest: int) -> bytes:
    """Raises OSError, ValueError, Unreadable."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as opened:
        is_now = os.fstat(descriptor)
        if not stat.S_ISREG(is_now.st_mode):
            raise Unreadable(f"cannot be read: {_kind(is_now.st_mode)}")
        if is_now.st_size > largest:
            raise Unreadable(f"is too large: {is_now.st_size} bytes, and {largest} are the most")
        return opened.read(largest)


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return os.strerror(errno.EISDIR)
    return "it is no file, but a FIFO" if stat.S_ISFIFO(mode) else "it is no file, but a device"
