"""The sounds that the bridge provides, at one PBX: what it has fetched, and what it cannot fetch."""

import asyncio
import contextlib

import structlog

from cti_bridge.ari.errors import PbxProblem
from cti_bridge.ari.fetching import fetch
from cti_bridge.ari.http import AriHttp
from cti_bridge.ari.probe import lacking_for_sounds
from cti_bridge.sounds.message import SOUND
from cti_bridge.sounds.provided import PATH, AtPbx

AGAIN_AFTER_S = 30.0
"""The pause before the PBX is asked once more to fetch what it could not."""

log = structlog.get_logger(__name__)


class SoundsOfPbx:
    """``node`` is the PBX's name. A connection keeps it going by :meth:`keep`. Its work is beside all else: however
    long the PBX waits for a sound, no list and no call waits with it."""

    def __init__(self, node: str, app: str, http: AriHttp, present: AtPbx) -> None:
        self._node, self._app, self._http = node, app, http
        self.present = present
        self.unfetched: tuple[str, ...] = ()
        """The sources of those that the PBX could not fetch."""
        self._lacks: tuple[str, ...] = ()
        self._fetched = set[str]()
        self._changed = asyncio.Event()

    @property
    def words(self) -> tuple[str, ...]:
        """In words, what the PBX could not fetch, and why if that is known."""
        if not self.unfetched:
            return ()
        more = f" and {len(self.unfetched) - 1} more" if len(self.unfetched) > 1 else ""
        first = next(iter(self.present.addresses()), "")
        where = f"it cannot fetch {self.unfetched[0]!r}{more} from {first.partition(PATH)[0]}"
        return (where, *(f"it lacks {what}" for what in self._lacks))

    def take(self, present: AtPbx) -> None:
        """Take the sounds of another configuration."""
        if present != self.present:
            self.present = present
            self._changed.set()

    def failed(self, media: str) -> None:
        """A sound has failed. Most often its hearer has hung up, so it is looked for without haste."""
        self._fetched.discard(media.removeprefix(SOUND))

    async def keep(self) -> None:
        """Have the PBX fetch all: at once, behind each configuration, and again and again what it could not."""
        self._fetched.clear()  # It may have been restarted.
        while True:
            self._changed.clear()
            await self._fetch()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_AFTER_S):
                    await self._changed.wait()

    async def _fetch(self) -> None:
        addresses = self.present.addresses()
        left = [address for address in addresses if address not in self._fetched]
        try:
            missing = await fetch(self._http, self._app, left) if left else []
        except PbxProblem as problem:
            # It has nothing to do with calls: they go on.
            log.warning("sounds_not_asked_for", node=self._node, problem=str(problem))
            missing = left
        self._fetched |= set(left) - set(missing)
        before, self.unfetched = self.unfetched, tuple(addresses[address] for address in missing)
        self._lacks = await lacking_for_sounds(self._http) if missing else ()
        if self.unfetched != before:
            for source in self.unfetched:
                log.error("sound_not_fetched", node=self._node, sound=source)
