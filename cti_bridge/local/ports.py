"""Ports for servers that run side by side.

The ports lie below the kernel's range for outgoing connections, so none of those can take one. The user of a stretch
holds a socket in the abstract namespace that is named after it. The kernel gives the socket back when its owner dies in
any way. It works across users and exactly within one network namespace.
"""

from __future__ import annotations

import contextlib
import random
import socket
from dataclasses import dataclass, field

FIRST, LAST, UNIT = 10_000, 32_000, 200


@dataclass
class PortBlock:
    """A stretch of consecutive ports that nobody else of ours uses while it is held."""

    first: int
    count: int
    _locks: list[socket.socket] = field(default_factory=list, repr=False)

    def release(self) -> None:
        """Give the ports back."""
        while self._locks:
            self._locks.pop().close()

    @property
    def last(self) -> int:
        """The highest port of the stretch."""
        return self.first + self.count - 1


def claim_ports(count: int, address: str = "127.0.0.1") -> PortBlock:
    """Claim `count` consecutive ports, free for TCP and UDP at `address`; OSError when there are none."""
    units = -(-count // UNIT)
    starts = list(range(FIRST, LAST - units * UNIT, UNIT))
    random.shuffle(starts)
    for start in starts:
        locks = _lock_units(range(start, start + units * UNIT, UNIT))
        if locks is None:
            continue
        block = PortBlock(start, count, locks)
        if all(_free(address, port) for port in range(start, start + count)):
            return block
        block.release()
    raise OSError(f"no {count} consecutive free ports at {address}")


def _lock_units(units: range) -> list[socket.socket] | None:
    locks: list[socket.socket] = []
    for unit in units:
        lock = socket.socket(socket.AF_UNIX)
        locks.append(lock)
        try:
            lock.bind(f"\0cti-bridge-ports-{unit}")
        except OSError:
            PortBlock(0, 0, locks).release()
            return None
    return locks


def _free(address: str, port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with contextlib.closing(socket.socket(socket.AF_INET, kind)) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True
