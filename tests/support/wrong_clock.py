"""``python -m tests.support.wrong_clock SECONDS ARGUMENTS …``: cti-bridge on a machine whose wall clock is so much
ahead of everybody else's. It sees the wall clock through `time.time` alone."""

import sys
import time

from cti_bridge.__main__ import main

if __name__ == "__main__":
    ahead_s, right = float(sys.argv[1]), time.time
    time.time = lambda: right() + ahead_s
    sys.exit(main(sys.argv[2:]))
