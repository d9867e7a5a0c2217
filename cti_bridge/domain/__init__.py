"""The pure core: facts and the time go in, actions and records come out.

Nothing in this package awaits, reads a clock or random, logs, or imports anything but the standard library and
itself. Times are POSIX seconds (float) of the engine's clock; durations carry their unit in the name (``_s``).
"""
