"""Messages that callers have left: the rows, and what is in the file."""

import hashlib
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.support.rooms import GREETING_HZ
from tests.support.rows import Row, eventually
from tests.support.stack import Customer, Desk

NEAR_HZ = 12


@dataclass
class Message:
    """The rows of a message, and its audio."""

    callback: Row
    recording: Row
    samples: np.ndarray
    rate: int

    @property
    def length_s(self) -> float:
        """Of the file."""
        return len(self.samples) / self.rate

    def share(self, hz: int) -> float:
        """How much of what is in the file is this tone."""
        spectrum = np.abs(np.fft.rfft(self.samples.astype(float))) ** 2
        near = np.abs(np.fft.rfftfreq(len(self.samples), 1 / self.rate) - hz) < NEAR_HZ
        return float(spectrum[near].sum() / spectrum.sum())


async def message_of(desk: Desk, customer: Customer) -> Message:
    """Wait until the message of the customer is stored."""

    async def rows() -> list[Row]:
        return await desk.rows.fetch(
            "select r.* from cti.recording r join cti.call c on c.id = r.call_id where c.customer_number = $1",
            customer.number,
        )

    (recording,) = await eventually(rows, lambda rows: [row["state"] for row in rows] == ["stored"])
    (callback,) = await desk.rows.fetch("select * from cti.callback where recording = $1", recording["id"])
    path = desk.stack.bridge.log.parent / "recordings" / recording["file"]
    assert customer.number.lstrip("+") not in str(path)
    return Message(callback, recording, *_audio(path, recording))


def _audio(path: Path, recording: Row) -> tuple[np.ndarray, int]:
    """The samples of the file, and their rate."""
    assert hashlib.sha256(path.read_bytes()).hexdigest() == recording["sha256"]
    assert path.stat().st_size == recording["bytes"] and path.stat().st_mode & 0o077 == 0
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2"), file.getframerate()


def assert_says(message: Message, customer: Customer) -> None:
    """What the customer says is in it, and not what was said to them."""
    assert message.share(customer.call.tone_hz) > 0.9, message.share(customer.call.tone_hz)
    assert message.share(GREETING_HZ) < 0.01
