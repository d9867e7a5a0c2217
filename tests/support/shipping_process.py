"""A bridge's storage alone, in a process that is killed: it takes over, then changes calls as fast as it can.

    python -m tests.support.shipping_process DIRECTORY URL TERM

Each change is a state and rows of the same moment. It prints a line when it is on disk, and one when Postgres has it.
"""

import asyncio
import json
import sys
from pathlib import Path

from cti_bridge.domain.model.ids import Ids
from cti_bridge.randomness import random_bytes
from cti_bridge.storage.database import Database
from cti_bridge.storage.rows import outbox_row
from cti_bridge.storage.shipped import go_on_with_shipped
from cti_bridge.storage.shipping import Shipping
from cti_bridge.storage.spool import Spool
from cti_bridge.storage.writer import Writer
from tests.support.storage import call_event, call_row

CALLS = [f"00000000-0000-7000-8000-{number:012x}" for number in range(7)]
LAST = ("later", "last")
"""The entry with the number of the last change."""


class _Nobody:
    def written(self, seq: int) -> None:
        pass


async def work(directory: Path, url: str, term: int) -> None:
    spool, database = Spool.open(directory / "spool.db", gather_s=0.002), Database(url)
    taken = await go_on_with_shipped(spool, database, term)
    shipping = Shipping(spool, database)
    shipping.start()
    await Writer(spool, database, _Nobody(), collect_s=0.001).start()
    number = int(spool.load().get(LAST, b"0"))
    _say("began", number, "own" if taken is None else "shipped")
    ids = Ids(random_bytes)
    waiting: set[asyncio.Task[None]] = set()
    while True:
        number += 1
        call_id, event_id = CALLS[number % len(CALLS)], ids.uuid(1.0)
        event = call_event(number, call_id, id=event_id)
        rows = [outbox_row(row, spool.epoch, 1.0) for row in (call_row(call_id, number), event)]
        state = json.dumps({"id": call_id, "version": number}).encode()
        spool.stage(rows, {("call", call_id): state, LAST: b"%d" % number, ("later", f"{number % 50}"): None})
        await spool.committed()
        _say("local", number, event_id)
        task = asyncio.create_task(_tell(shipping, number), name="tell")
        waiting.add(task)
        task.add_done_callback(waiting.discard)
        if number % 5 == 0:
            spool.stage((), {("later", f"{number % 50}"): b"comes and goes"})


async def _tell(shipping: Shipping, number: int) -> None:
    _say("shipped" if await shipping.shipped(1.0) else "not-shipped", number)


def _say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
