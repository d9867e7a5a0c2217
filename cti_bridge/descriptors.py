"""The process's file descriptors. Without a free one no connection is accepted or begun, and every fault that follows
looks like another's."""

import os
import resource

FULL = 0.8
"""The share in use from which on an operator is told."""


def descriptor_words(used: int | None, limit: int) -> list[str]:
    """Return words for the operator. ``used`` None: not even the list of them could be opened."""
    if used is not None and used < FULL * limit:
        return []
    return [f"descriptors: {'all' if used is None else used} of {limit} are in use"]


def descriptors() -> tuple[int | None, int]:
    """Return how many are in use, and how many there may be."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    try:
        return len(os.listdir("/proc/self/fd")), limit
    except OSError:
        return None, limit
