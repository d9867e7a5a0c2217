"""``python -m tests.support.wrong_clock FILE ARGUMENTS …``: cti-bridge on a machine whose wall clock is ahead of
everybody else's by as many seconds as stand in the file, and is set when another number stands there. The bridge sees
the wall clock through `time.time` alone."""

import sys
import time
from pathlib import Path

from cti_bridge.__main__ import main

if __name__ == "__main__":
    ahead_s, right = Path(sys.argv[1]), time.time
    time.time = lambda: right() + float(ahead_s.read_text())
    sys.exit(main(sys.argv[2:]))
