"""A machine whose wall clock is ahead of everybody else's by as many seconds as stand in a file, and is set when
another number stands there. The bridge sees the wall clock through `time.time` alone."""

import time
from pathlib import Path


def put_ahead(file: str) -> None:
    """From here on, in this process."""
    ahead_s, right = Path(file), time.time
    time.time = lambda: right() + float(ahead_s.read_text())
