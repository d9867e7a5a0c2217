"""``python -m tests.checkpoints.write RELEASE`` writes the present release's spools, to be kept for all that follow.

The calls come about as in the unit tests, and a real journal writes them into a real spool; Postgres is away, so the
outbox holds every row too.
"""

import asyncio
import re
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import asdict
from itertools import count
from pathlib import Path

from cti_bridge.domain.border.records import TicketNoted
from cti_bridge.domain.model.words import Noted
from cti_bridge.storage.checkpoint import Checkpoint
from cti_bridge.storage.frequent_numbers import FrequentNumbers
from tests.checkpoints.read import HERE
from tests.support.storage import NOWHERE, Storage, storage
from tests.unit.floor import Driver
from tests.unit.situations import SITUATIONS

UNKNOWN_TICKET = "00000000-0000-7000-8000-00000000ffff"
COMMENT = "Wants a second invoice."


async def fill(parts: Storage, driver: Driver) -> None:
    """All that the driver has given out, and what agents do past the core."""
    journal = parts.journal
    journal.record(driver.records, driver.saved, driver.now)
    await journal.committed()
    # Of a ticket that is neither in memory nor to be had from Postgres.
    journal.record(
        [TicketNoted(UNKNOWN_TICKET, Noted.PARTICIPANT_ADDED, "system", driver.now, {"participant": "a2"})],
        {},
        driver.now,
    )
    for ticket_id in {call.ticket_id for call in driver.center.floor.calls.values() if call.ticket_id}:
        await journal.desk.comment(ticket_id, "a1", COMMENT, key="a1/comment/1")
    ids = count(1)
    numbers = FrequentNumbers(
        parts.spool,
        parts.database,
        journal.repeats,
        clock=lambda: driver.now,
        new_id=lambda _: f"00000000-0000-7000-8000-{next(ids):012}",
    )
    await numbers.start(Checkpoint())
    added = await numbers.add("a1", "+82212345678", "The warehouse", key="a1/frequent/1")
    assert asdict(added)["label"] == "The warehouse"
    await numbers.stop()


async def dump(name: str, directory: Path) -> str:
    driver, _ = SITUATIONS[name]()
    async with storage(directory, NOWHERE, clock=lambda: driver.now) as parts:
        await fill(parts, driver)
    with closing(sqlite3.connect(directory / "spool.db")) as db:
        version = db.execute("pragma user_version").fetchone()[0]
        lines = [_HEX.sub(_readable, line) for line in db.iterdump()]
        return "\n".join((*lines, f"pragma user_version = {version};", ""))


_HEX = re.compile("X'([0-9A-F]*)'")


def _readable(blob: re.Match[str]) -> str:
    text = bytes.fromhex(blob[1]).decode().replace("'", "''")
    return f"cast('{text}' as blob)"


async def main(release: str) -> None:
    target = HERE / release
    target.mkdir()
    for name in SITUATIONS:
        with tempfile.TemporaryDirectory() as directory:
            text = await dump(name, Path(directory))
        file = name.replace(",", "").replace(" ", "-")
        (target / f"{file}.sql").write_text(text)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
