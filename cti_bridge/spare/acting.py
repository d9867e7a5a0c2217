"""The additions of the bridge that acts to one without a spare: its term, the renewal of its lease, and what it may
send.

``App`` asks it at each place where the two differ. Without ``[spare]`` there is none.
"""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterable, Sequence
from socket import socket

import structlog

from cti_bridge.ari.mark import PbxMark
from cti_bridge.ari.node import Node
from cti_bridge.engine import Engine
from cti_bridge.own_spool import OwnSpool
from cti_bridge.spare.admission import Admission
from cti_bridge.spare.description import Described, described
from cti_bridge.spare.holding import Holding
from cti_bridge.spare.lease import Lease, LeaseUnknown, Phase, clock_words, steady
from cti_bridge.storage.database import Database
from cti_bridge.storage.shipped import go_on_with_shipped
from cti_bridge.storage.shipping import Shipping
from cti_bridge.storage.spool import Spool, SpoolFailed
from cti_bridge.supervisor import Watch

log = structlog.get_logger(__name__)


class Acting:
    """``lease`` was taken just now. ``own_spool`` is that of this process. ``sockets`` listen already, for the API."""

    def __init__(self, lease: Lease, own_spool: OwnSpool, sockets: Sequence[socket], watch: Watch) -> None:
        self.own_spool, self.sockets = own_spool, sockets
        self.holding = Holding(lease, watch)
        self.admission = Admission(lease, self.holding, lambda: self._marks(), lambda term: self._outdone(term))
        self._lease = lease
        self.shipping: Shipping | None = None
        """The part that ships states, as soon as there is one."""
        self._marks: Callable[[], Iterable[PbxMark]] = tuple
        self._step_back: Callable[[str], None] = lambda reason: None
        self._answers = True

    @property
    def term(self) -> int:
        """The term of this bridge, which becomes its epoch."""
        return self._lease.term

    def start(self) -> None:
        """Begin to renew the lease. What goes out is looked at from now on."""
        self.holding.start()
        self.admission.fence.start()

    async def stop(self) -> None:
        """Renew the lease no more. It is given up before, or ends by itself."""
        self.admission.fence.shut()
        self.admission.fence.stop()
        await self.holding.stop()

    async def take_over(self, spool: Spool, database: Database) -> None:
        """Take the states of the bridge that acted before into the spool. A spool of the last one that acted has them
        all, and more. Raises DatabaseUnavailable, asyncpg.PostgresError, Superseded, SpoolFailed."""
        found = await go_on_with_shipped(spool, database, self.term)
        if found is None:
            log.info("own_states_taken", term=self.term)
        else:
            log.info("shipped_states_taken", term=self.term, entries=len(found.states), of_term=found.epoch)

    def begin(
        self,
        reaches: Callable[[], Collection[str]],
        marks: Callable[[], Iterable[PbxMark]],
        step_back: Callable[[str], None],
    ) -> None:
        """The PBXs are being connected to. ``reaches`` returns those that are, ``marks`` the marks of all.
        ``step_back`` is told a reason in words when this bridge is to become the spare."""
        self._marks, self._step_back = marks, step_back
        self.holding.reaches = reaches
        self.holding.lost = lambda: self.let_go("another bridge holds the lease")
        self.holding.better = step_back

    def started(self) -> None:
        """All parts have begun."""
        self.holding.phase = Phase.ACTIVE

    def let_go(self, reason: str) -> None:
        """Another bridge acts: send nothing any more, and become the spare."""
        self.admission.fence.shut()
        self._step_back(reason)

    def superseded(self, epoch: int) -> None:
        """A bridge of a later epoch has taken the states."""
        self._lease.term = max(self._lease.term, epoch)
        self.let_go(f"a bridge of the later epoch {epoch} has taken the states")

    def answer_no_more(self) -> None:
        """The API refuses from now on: this bridge hands over."""
        self._answers = False
        self.holding.phase = Phase.HANDING_OVER

    @property
    def role(self) -> str:
        """The role that a load balancer is told."""
        return "active" if self._answers and not self._is_alone else "standby"

    @property
    def _is_alone(self) -> bool:
        """Return whether this bridge has neither the lease nor a PBX. Another one may act then, and this one would not
        hear of it. It goes on where it was when one of them is back."""
        return self._lease.held_until < steady() and not self.holding.reaches()

    @property
    def closed(self) -> bool:
        """No request may be answered now."""
        return not self._answers or self._is_alone or self.admission.closed

    async def passed(self) -> bool:
        """Wait until requests may be answered. Return False when they may not."""
        return self.role == "active" and await self.admission.passed() and self.role == "active"

    async def hand_over(self, nodes: Iterable[Node], engine: Engine) -> None:
        """End the work in the order in which the other bridge goes on with it: no request, no PBX, no change of state,
        and then the lease. The rest of the end may take its time."""
        self.answer_no_more()
        await asyncio.gather(*(node.stop() for node in nodes))
        engine.close()
        with contextlib.suppress(SpoolFailed):
            await engine.settle()
        if self.shipping is not None:
            await self.shipping.stop()
        await self.give_up()

    async def give_up(self) -> None:
        """End the lease, so that the spare acts at once. While Postgres does not answer, the lease ends by itself."""
        await self.holding.stop()
        try:
            await self._lease.give_up()
        except LeaseUnknown:
            return

    def describe(self) -> Described:
        """Return words and numbers for an operator."""
        phase = "alone" if self._is_alone else self.holding.phase
        shipping = self.shipping
        more = {"behind_s": round(shipping.behind_s, 2), "ships": shipping.fault is None} if shipping else {}
        return described(self.role, self._lease, self.holding.spares, self.holding.reaches(), phase, **more)

    def warnings(self) -> list[str]:
        """Return in words what an operator should know."""
        found = clock_words(self._lease)
        if self.holding.unknown_since is not None:
            reason = self._lease.fault or "Postgres does not answer"
            found.append(f"spare: the lease cannot be renewed ({reason}); another bridge may take over")
        elif not self.holding.spares:
            found.append("spare: no other bridge is there that could take over")
        return found

    def _outdone(self, term: int) -> None:
        """A bridge with this term was there later."""
        self._lease.term = max(self._lease.term, term)
        self._step_back(f"a bridge with the later term {term} has been at a PBX")
