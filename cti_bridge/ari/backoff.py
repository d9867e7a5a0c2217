"""Pauses between attempts to connect, and to read lists. Orders are repeated by ``domain/floor/orders.py``."""

import random

CAP_S = 2.0
"""The longest pause, in seconds. It is short, because callers wait: with the heartbeat's 4.5 s a silent socket is
replaced within 10 s."""


class Backoff:
    """Pauses that double from ``first_s`` up to ``cap_s``. Each is shortened by up to a half at random. No pause is
    zero: Asterisk may still be clearing up after the old socket, and take the application from the new one (see
    :mod:`cti_bridge.ari.event_proof`)."""

    def __init__(self, first_s: float = 0.1, cap_s: float = CAP_S) -> None:
        self._first_s = first_s
        self._cap_s = cap_s
        self._failures = 0

    def next_s(self) -> float:
        delay: float = min(self._cap_s, self._first_s * 2.0 ** min(self._failures, 10))
        self._failures += 1
        return delay * random.uniform(0.5, 1.0)

    def reset(self) -> None:
        self._failures = 0
