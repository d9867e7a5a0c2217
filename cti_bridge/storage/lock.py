"""A lock that gives a spool to one process."""

import fcntl
import os
from pathlib import Path


class FileLock:
    """An advisory lock on a file of its own, held until :meth:`release` or the process's death."""

    def __init__(self, path: Path) -> None:
        """Take the lock. Raises BlockingIOError when another process (or another lock of this one) holds it, else
        OSError."""
        self._file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise

    def moved(self, path: Path) -> bool:
        """Return whether the path has another file by now, or none."""
        try:
            return not os.path.samestat(os.fstat(self._file), path.stat())
        except OSError:
            return True

    def release(self) -> None:
        os.close(self._file)
