"""Each agent's frequently used numbers (requirement E2): in memory, safe in the checkpoint, copied to Postgres.

The checkpoint is the truth, so the numbers work without Postgres. After the spool was lost they are read back from
Postgres, now or as soon as it is there. Changes until then hold.
"""

import asyncio
from collections.abc import Callable
from dataclasses import asdict

import asyncpg
import msgspec
import structlog

from cti_bridge.domain.border.errors import ListFull, NotAllowedNow, NotFound
from cti_bridge.storage.checkpoint import Checkpoint, encode
from cti_bridge.storage.database import Database, DatabaseUnavailable
from cti_bridge.storage.frequent_number import FrequentNumber
from cti_bridge.storage.kinds import FREQUENT_NUMBER, FREQUENT_NUMBERS
from cti_bridge.storage.outages import describe
from cti_bridge.storage.repeats import Repeats
from cti_bridge.storage.spool import OutboxRow, Spool
from cti_bridge.storage.writer import STATEMENTS
from cti_bridge.supervisor import Watch, unwatched

KIND = FREQUENT_NUMBER.name
"""The name of the kind, and of the table."""
MOST = 100
"""The most numbers of an agent."""

_READ_BACK = (FREQUENT_NUMBERS.name, "read_back")
"""The entry of the checkpoint that says that Postgres has no older numbers."""
_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 5.0
_PAUSE_AFTER_FAULT_S = 60.0

_log = structlog.get_logger(__name__)
_encode = msgspec.json.Encoder().encode


class FrequentNumbers:
    """``new_id(now)`` makes UUIDs; ``clock`` gives POSIX seconds."""

    def __init__(
        self,
        spool: Spool,
        database: Database,
        repeats: Repeats,
        *,
        clock: Callable[[], float],
        new_id: Callable[[float], str],
        watch: Watch = unwatched,
    ) -> None:
        self._watch, self._stopping = watch, False
        self._spool, self._database, self._repeats = spool, database, repeats
        self._clock, self._new_id = clock, new_id
        self._numbers: dict[str, dict[str, FrequentNumber]] = {}
        self._removed: set[str] = set()
        """The ids that were removed before the old numbers were read back."""
        self._read_back = False
        self._reading: asyncio.Task[None] | None = None

    async def start(self, checkpoint: Checkpoint) -> None:
        """Take over the checkpoint. After the spool was lost, wait for one attempt to read Postgres."""
        for _, one in sorted(checkpoint.of(FREQUENT_NUMBER).items()):
            self._numbers.setdefault(one.cti_id, {})[one.id] = one
        self._read_back = _READ_BACK[1] in checkpoint.of(FREQUENT_NUMBERS)
        if not self._read_back and not await self._try_to_read_back():
            self._reading = asyncio.create_task(self._keep_trying(), name="read frequent numbers")
            self._watch(self._reading, lambda: self._stopping or self._read_back)

    async def stop(self) -> None:
        self._stopping = True
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    def of(self, cti_id: str) -> list[FrequentNumber]:
        """Return the agent's numbers in the order in which they were added."""
        return list(self._numbers.get(cti_id, {}).values())

    async def add(self, cti_id: str, number: str, label: str, key: str | None = None) -> FrequentNumber:
        """Add a number and return it once it is on disk. A repeat under the same ``key`` returns the first number.
        Raises NotAllowedNow for a number that is there already, ListFull, SpoolFailed, InvalidBody for a key of
        another request. A cancellation does not undo the change."""
        now, asked = self._clock(), ("add", number, label)
        earlier = self._repeats.earlier(key, asked, now)
        if earlier is not None:
            one = FrequentNumber(**earlier.answer)
        else:
            self._check_room(cti_id, number)
            one = FrequentNumber(self._new_id(now), cti_id, number, label)
            self._numbers.setdefault(cti_id, {})[one.id] = one
            self._stage(one, now, gone=False)
            self._repeats.keep(key, asked, now, answer=asdict(one))
        await self._spool.committed()
        return one

    async def remove(self, cti_id: str, number_id: str, key: str | None = None) -> None:
        """Remove a number, and return once that is on disk. A repeat under the same ``key`` does nothing. Raises
        NotFound, SpoolFailed, InvalidBody for a key of another request. A cancellation does not undo the change."""
        now, asked = self._clock(), ("remove",)
        if self._repeats.earlier(key, asked, now) is None:
            one = self._numbers.get(cti_id, {}).pop(number_id, None)
            if one is None:
                raise NotFound
            if not self._read_back:
                self._removed.add(number_id)
            self._stage(one, now, gone=True)
            self._repeats.keep(key, asked, now, answer=None)
        await self._spool.committed()

    def _check_room(self, cti_id: str, number: str) -> None:
        """Check that the agent can have one more number. Raises NotAllowedNow, ListFull."""
        held = self.of(cti_id)
        if any(one.number == number for one in held):
            raise NotAllowedNow("That number is one of your frequent numbers already.")
        if len(held) >= MOST:
            raise ListFull(f"You have {len(held)} frequent numbers. Remove one first.")

    def _stage(self, one: FrequentNumber, now: float, *, gone: bool) -> None:
        row = _encode({"epoch": self._spool.epoch, **asdict(one), "gone": gone})
        self._spool.stage([OutboxRow(KIND, row, now)], {(KIND, one.id): None if gone else encode(KIND, one)})

    # -------------------------------------------------------------------------------------------- after a lost spool

    async def _keep_trying(self) -> None:
        while True:
            await asyncio.sleep(min(max(self._database.retry_in_s, _SHORTEST_PAUSE_S), _LONGEST_PAUSE_S))
            try:
                if await self._try_to_read_back():
                    return
            except Exception:
                # Agents have what the checkpoint has; their old numbers must not cost them the calls.
                _log.exception("frequent_numbers_not_read_back")
                await asyncio.sleep(_PAUSE_AFTER_FAULT_S)

    async def _try_to_read_back(self) -> bool:
        try:
            async with self._database.connection() as connection:
                rows = await connection.fetch(STATEMENTS["frequent_numbers"])
        except (DatabaseUnavailable, asyncpg.PostgresError) as error:
            if self._reading is None:
                _log.warning("frequent_numbers_not_read_back", reason=describe(error))
            return False
        self._take_back([FrequentNumber(**row) for row in rows])
        return True

    def _take_back(self, old: list[FrequentNumber]) -> None:
        """Take over numbers that were read back. Postgres has them, so only the checkpoint is written."""
        changes: dict[tuple[str, str], bytes | None] = {_READ_BACK: b"true"}
        for one in old:
            held = self._numbers.setdefault(one.cti_id, {})
            if one.id not in self._removed and all(one.number != other.number for other in held.values()):
                held[one.id] = one
                changes[KIND, one.id] = encode(KIND, one)
        for cti_id, held in self._numbers.items():
            self._numbers[cti_id] = dict(sorted(held.items()))
        self._read_back = True
        self._removed.clear()
        self._spool.stage((), changes)
