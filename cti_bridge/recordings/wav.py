"""The header of a WAV file that Asterisk has written (RIFF, PCM)."""

import struct
from pathlib import Path

_HEAD = struct.Struct("<4sI4s")
_CHUNK = struct.Struct("<4sI")
_FORMAT = struct.Struct("<HHIIHH")
_BYTES_PER_SECOND = 16_000
"""The rate of 8 kHz and 16 bits, which is what is ordered."""


def mend(path: Path) -> float:
    """Write the sizes into the header where they are missing, and return the length of the audio in seconds. A PBX that
    was killed leaves both sizes at 0, which most players refuse (seen). A file of another kind is left as it is. Raises
    OSError."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size or head[:4] != b"RIFF" or head[8:12] != b"WAVE":
            return size / _BYTES_PER_SECOND
        rate = _BYTES_PER_SECOND
        while len(chunk := file.read(_CHUNK.size)) == _CHUNK.size:
            name, length = _CHUNK.unpack(chunk)
            begin = file.tell()
            if name == b"fmt ":
                form = file.read(_FORMAT.size)
                rate = (_FORMAT.unpack(form)[3] if len(form) == _FORMAT.size else 0) or rate
            elif name == b"data":
                there = size - begin
                if length == 0 or length > there:
                    file.seek(4)
                    file.write(struct.pack("<I", size - 8))
                    file.seek(begin - 4)
                    file.write(struct.pack("<I", there))
                    length = there
                return float(length / rate)
            file.seek(begin + length + length % 2)
    return 0.0
