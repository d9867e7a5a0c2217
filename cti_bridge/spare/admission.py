"""Permission to open a PBX's event socket and to send to it: the bridge that acts has it alone.

An application of Asterisk has one event socket, and whoever opens it takes it from the other bridge. So before each
connection the lease is looked at, and the mark at the PBX: a global variable with the term of the bridge that opened
the socket last. A bridge that was cut off from all and comes back finds there that a later one has come, also while
Postgres does not answer. Then it steps back, and opens nothing."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

import structlog

from cti_bridge.ari.errors import PbxProblem
from cti_bridge.ari.gatekeeper import NotActing
from cti_bridge.ari.mark import PbxMark
from cti_bridge.spare.fence import Fence
from cti_bridge.spare.holding import Holding
from cti_bridge.spare.lease import Lease, steady

SURE_S = 2.0
"""The seconds that the lease must still last when a socket is asked for: so long an attempt may take."""

_MARK = re.compile(r"([0-9]{1,18}):([A-Za-z0-9_.-]+)", re.ASCII)

log = structlog.get_logger(__name__)


class Mark(NamedTuple):
    """A term, and the bridge that acted in it."""

    term: int
    holder: str

    def __str__(self) -> str:
        return f"{self.term}:{self.holder}"


def mark_of(text: str) -> Mark | None:
    """Return the mark that was found at a PBX; None: there is none, or it is nobody's that we know."""
    found = _MARK.fullmatch(text)
    return Mark(int(found[1]), found[2]) if found else None


class Admission:
    """A :class:`cti_bridge.ari.gatekeeper.Gatekeeper`. ``marks`` returns those of the PBXs. ``outdone`` is told the
    term of a later bridge that was found at a PBX."""

    def __init__(
        self, lease: Lease, holding: Holding, marks: Callable[[], Iterable[PbxMark]], outdone: Callable[[int], None]
    ) -> None:
        self._lease, self._holding, self._marks, self._outdone = lease, holding, marks, outdone
        self.fence = Fence(self.acts)

    @property
    def closed(self) -> bool:
        return self.fence.closed

    async def passed(self) -> bool:
        return await self.fence.passed()

    async def admit(self, mark: PbxMark) -> None:
        """Return when the event socket of this PBX may be opened; our mark is there then. Raises NotActing,
        PbxUnreachable."""
        if self._lease.held_until - steady() < SURE_S and await self._holding.look() is False:
            raise NotActing("another bridge holds the lease")
        own = Mark(self._lease.term, self._lease.holder)
        found = mark_of(await mark.read())
        if self._is_later(found, own):
            raise NotActing(f"another bridge acts there: {found}")
        if found != own:
            await mark.write(str(own))

    async def acts(self) -> bool:
        """Return whether this bridge still acts. Postgres says so by the lease. While it does not answer the PBXs do,
        by their marks."""
        ours = await self._holding.look()
        if ours is not None:
            return ours
        own = Mark(self._lease.term, self._lease.holder)
        for mark in self._marks():
            try:
                found = mark_of(await mark.read())
            except PbxProblem:
                continue  # Nothing that is sent there arrives either.
            if self._is_later(found, own):
                return False
        return True

    def _is_later(self, found: Mark | None, own: Mark) -> bool:
        """Return whether another bridge has come after this one, and tell it."""
        if found is None or found == own or found.term < own.term:
            return False
        log.error("pbx_has_later_bridge", found=str(found), own=str(own), text="This one lets go of everything.")
        self.fence.shut()
        self._outdone(found.term)
        return True
