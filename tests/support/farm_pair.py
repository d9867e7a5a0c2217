"""A farm with a hot spare: two bridges, of which one acts, and a door before them."""

from __future__ import annotations

import asyncio

from tests.support.farm import Farm
from tests.support.pair import ASKED_EVERY_S, Door, PairStack


class SteadyDoor(Door):
    """Stays where it is until the other bridge says that it acts: one that is slow to answer is not gone."""

    async def _watch(self) -> None:
        while True:
            said = await asyncio.gather(*(member.says() for member in self._members))
            for member, one in zip(self._members, said, strict=True):
                if one.get("role") == "active" and member is not self._acts:
                    self.cut()
                    async with self._changed:
                        self._acts = member
                        self._changed.notify_all()
            await asyncio.sleep(ASKED_EVERY_S)


class FarmPair(PairStack, Farm):
    """The bridges reach the PBXs themselves, and Postgres through a proxy each."""

    async def _make_bridges(self, port: int) -> None:
        self.members = [await self._member(name, port + place) for place, name in enumerate(("a", "b"))]
        self.first, self.second_member = self.members
        self.bridge, self.second = self.first.bridge, self.second_member.bridge
        self.door = await self._parts.enter_async_context(SteadyDoor(self.members))
