"""An edge alone, whose only PBX is a SIP sender of the test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from cti_bridge.local.edge import Pbx, PrivateEdge
from cti_bridge.local.postgres import EmbeddedPostgres
from tests.farm.stranger import Stranger
from tests.support.hung_postgres import HungPostgres
from tests.support.trunk_line import PROVIDER

NEVER = b"\0no such bytes\0"
NUMBERS = [str(1000 + n) for n in range(1, 31)]


class House(NamedTuple):
    """An edge whose only PBX we are."""

    edge: PrivateEdge
    postgres: EmbeddedPostgres
    way: HungPostgres
    pbx: Stranger


@asynccontextmanager
async def open_house() -> AsyncIterator[House]:
    async with EmbeddedPostgres() as postgres, HungPostgres(postgres.url, NEVER) as way:
        passwords = {number: f"of {number}" for number in NUMBERS}
        edge = PrivateEdge(way.url, trunk="127.0.0.1:9", trunk_match=[PROVIDER], passwords=passwords)
        async with Stranger.open((edge.host, edge.port), "127.0.0.1") as pbx:
            await edge.start([Pbx("one", pbx.own)])
            try:
                yield House(edge, postgres, way, pbx)
            finally:
                await edge.stop()
