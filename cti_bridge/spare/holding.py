"""Renews the lease while this bridge acts, and says when it should not act any more.

The lease is **lost** when another bridge has a later one: let go of everything. While Postgres does not answer the
bridge goes on: nobody can say that another one acts, and if one does, the PBX says so. The bridge **hands over in
order** when a spare would serve more calls: it reaches a PBX and this one has reached none for :data:`NONE_FOR_S`, or
it has reached more for :data:`FEWER_FOR_S`."""

import asyncio
from collections.abc import Callable, Collection

import structlog

from cti_bridge.spare.lease import RENEWED_EVERY_S, Lease, LeaseUnknown, Note, Notes, Phase, steady
from cti_bridge.supervisor import Endless, Watch, unwatched

NONE_FOR_S = 3.0
FEWER_FOR_S = 10.0

log = structlog.get_logger(__name__)


class Holding:
    """``lost`` is called once when another bridge holds the lease. ``better`` is called once, with the reason in words,
    when a spare would serve more. Both are set by who acts; until then nothing is judged."""

    def __init__(self, lease: Lease, watch: Watch = unwatched) -> None:
        self.phase = Phase.TAKING_OVER
        self.spares: tuple[Note, ...] = ()
        """The notes of spares that counted at the last answer of Postgres."""
        self.unknown_since: float | None = None
        """The steady time since which Postgres has not answered."""
        self.reaches: Callable[[], Collection[str]] = tuple
        self.lost: Callable[[], None] = lambda: None
        self.better: Callable[[str], None] = lambda reason: None
        self._lease = lease
        self._none_since: float | None = None
        self._fewer_since: float | None = None
        self._told = False
        self._task = Endless("lease", self._run, watch)

    def start(self) -> None:
        """Begin to renew the lease, which was just taken."""
        self._task.start()

    async def stop(self) -> None:
        """Renew no more."""
        await self._task.stop()

    async def look(self) -> bool | None:
        """Renew now. Return False when the lease is another's, None when Postgres does not answer."""
        try:
            ours = await self._lease.renew(self.reaches(), self.phase)
            notes = await self._lease.read() if ours else Notes(None, ())
        except LeaseUnknown as unknown:
            if self.unknown_since is None:
                self.unknown_since = steady()
                log.warning("lease_unknown", reason=str(unknown), text="This bridge goes on.")
            return None
        if self.unknown_since is not None:
            log.info("lease_known", after_s=round(steady() - self.unknown_since, 1), ours=ours)
            self.unknown_since = None
        if not ours:
            self._lose()
            return False
        self.spares = tuple(note for note in notes.spares if note.counts and note.holder != self._lease.holder)
        return True

    def judge(self, now: float) -> None:
        """Look whether a spare would serve more. ``now`` is steady time."""
        mine = len(self.reaches())
        theirs = max((len(note.reaches) for note in self.spares if note.phase == Phase.WARM), default=0)
        self._none_since = (self._none_since or now) if theirs and not mine else None
        self._fewer_since = (self._fewer_since or now) if theirs > mine else None
        if self._none_since is not None and now - self._none_since >= NONE_FOR_S:
            self._hand_over(f"it reaches no PBX, and a spare reaches {theirs}")
        elif self._fewer_since is not None and now - self._fewer_since >= FEWER_FOR_S:
            self._hand_over(f"it reaches {mine} PBXs, and a spare reaches {theirs}")

    async def _run(self) -> None:
        while True:
            began = steady()
            if await self.look() and self.phase is Phase.ACTIVE:
                self.judge(steady())
            await asyncio.sleep(max(0.0, RENEWED_EVERY_S - (steady() - began)))

    def _lose(self) -> None:
        if not self._told:
            self._told = True
            log.error("lease_lost", term=self._lease.term, text="Another bridge acts. This one lets go of everything.")
            self.lost()

    def _hand_over(self, reason: str) -> None:
        if not self._told:
            self._told = True
            log.warning("handing_over", reason=reason)
            self.better(reason)
