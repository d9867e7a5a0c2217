"""Random bytes for ids, read from the system in blocks. A system call an id would be a twentieth of all the work."""

import os

_BLOCK = 4096
_block = b""
_used = 0


def random_bytes(count: int) -> bytes:
    """Return ``count`` random bytes, at most 4096. For one thread."""
    global _block, _used
    if _used + count > len(_block):
        _block, _used = os.urandom(_BLOCK), 0
    _used += count
    return _block[_used - count : _used]
