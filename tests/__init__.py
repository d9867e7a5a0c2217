"""The tests of cti-bridge, and what they share."""

import os

# Else a second thread of numpy's spins between two looks at what was heard: four fifths of the processor that the
# tests with audio took.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
