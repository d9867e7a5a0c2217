"""Recordings of conversations: the rows, and what is in the files."""

import json
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.calls import Numbered, Talk
from tests.support.audio import FRAME_S, HEARD_DBFS, Samples, read_wav, runs, tone_levels
from tests.support.rows import Row, eventually
from tests.support.stack import Desk

MOMENT_S = 0.12
"""What is at most heard of a tone at the edge of a cut: the bridge mixes what is on its way."""


@dataclass
class Recorded:
    """One file of a conversation, with its row."""

    row: Row
    path: Path
    samples: Samples

    @property
    def length_s(self) -> float:
        return len(self.samples) / 8000

    def heard(self, hz: int) -> list[tuple[float, float]]:
        """The stretches in which this tone is in it, in seconds; those that follow each other at once are one."""
        found: list[tuple[float, float]] = []
        for first, end in runs(tone_levels(self.samples, hz) > HEARD_DBFS):
            begin_s, end_s = first * FRAME_S, end * FRAME_S
            if found and begin_s - found[-1][1] < 0.15:
                found[-1] = (found[-1][0], end_s)
            else:
                found.append((begin_s, end_s))
        return [(begin_s, end_s) for begin_s, end_s in found if end_s - begin_s > 0.04]

    def heard_s(self, hz: int) -> float:
        """The seconds in which this tone is in it."""
        return sum(end_s - begin_s for begin_s, end_s in self.heard(hz))

    def kinds(self) -> list[str]:
        """The kinds of its segments; of a cut the reason."""
        return [part["kind"] if part["kind"] == "talk" else f"{part['kind']} {part['reason']}" for part in self.parts]

    def cut_s(self, reason: str, talk: Talk) -> float:
        """The seconds of its only cut, which has this reason: both parties are heard before and behind it, and not in
        it."""
        assert self.kinds() == ["talk", f"cut {reason}", "talk"]
        cut = self.parts[1]
        for hz in (talk.phone.tone_hz, talk.customer.tone_hz):
            before, after = self.heard(hz)
            assert before[1] <= cut["from_s"] + MOMENT_S and after[0] >= cut["till_s"] - MOMENT_S
        return float(cut["till_s"] - cut["from_s"])

    @property
    def parts(self) -> list[Row]:
        segments = self.row["segments"]
        return list(json.loads(segments) if isinstance(segments, str) else segments)


async def recorded(desk: Desk, customer: Numbered, files: int = 1) -> list[Recorded]:
    """Wait until all files of the customer's call are stored, and return them in their order."""

    async def rows() -> list[Row]:
        return await desk.rows.fetch(
            "select r.* from cti.recording r join cti.call c on c.id = r.call_id where c.customer_number = $1"
            " and r.state <> 'empty' order by r.started_at, r.id",
            customer.number,
        )

    found = await eventually(rows, lambda rows: [row["state"] for row in rows] == ["stored"] * files)
    directory = desk.stack.bridge.log.parent / "recordings"
    return [Recorded(row, directory / row["file"], read_wav(directory / row["file"])) for row in found]
