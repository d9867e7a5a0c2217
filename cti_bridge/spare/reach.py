"""The PBXs that a spare reaches. It logs in there and asks what they are, and never asks for an event socket."""

import asyncio
from collections.abc import Collection, Iterable

from cti_bridge.ari.access import PbxAccess
from cti_bridge.ari.counters import Counters
from cti_bridge.ari.errors import PbxProblem
from cti_bridge.ari.http import AriHttp
from cti_bridge.ari.probe import login
from cti_bridge.spare.lease import steady
from cti_bridge.supervisor import Endless, Watch, unwatched

EVERY_S = 0.5
COUNTS_FOR_S = 2.0
"""An answer counts for so many seconds. A question that gets none takes as long."""


class Reach:
    """Asks each PBX again and again, from :meth:`start` to :meth:`stop`."""

    def __init__(self, pbxs: Iterable[PbxAccess], watch: Watch = unwatched) -> None:
        self.problems: dict[str, str] = {}
        """In words, the reason why a PBX is not reached, by name."""
        self._answered_at: dict[str, float] = {}
        self._clients = {pbx.name: AriHttp(pbx.url, pbx.username, pbx.password, Counters()) for pbx in pbxs}
        self._task = Endless("reach", self._run, watch)

    def start(self) -> None:
        """Begin to ask."""
        self._task.start()

    async def stop(self) -> None:
        """Ask no more."""
        await self._task.stop()
        for client in self._clients.values():
            await client.close()

    def names(self) -> Collection[str]:
        """Return the PBXs that have answered lately."""
        since = steady() - COUNTS_FOR_S
        return [name for name, at in self._answered_at.items() if at >= since]

    async def _run(self) -> None:
        await asyncio.gather(*(self._ask(name) for name in self._clients))

    async def _ask(self, name: str) -> None:
        while True:
            try:
                await login(self._clients[name])
            except PbxProblem as problem:
                self.problems[name] = str(problem)
                self._answered_at.pop(name, None)
            else:
                self._answered_at[name] = steady()
                self.problems.pop(name, None)
            await asyncio.sleep(EVERY_S)
