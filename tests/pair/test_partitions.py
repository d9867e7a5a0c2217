"""Every partition of two bridges, one PBX and Postgres: each of the four ways is there or not, for longer than the PBX
may be without a bridge that acts. What the PBX has seen says whether two acted, or nobody for too long."""

import asyncio
import time
from itertools import combinations

import pytest

from tests.pair.conftest import Roles
from tests.pair.test_cut_off import talking
from tests.support.pair import Member, PairStack, cut, heal
from tests.support.pbx_history import LONGEST_WITHOUT_S
from tests.support.proxy import Proxy

LASTS_S = LONGEST_WITHOUT_S + 3.0
WAYS = ("active to PBX", "active to Postgres", "spare to PBX", "spare to Postgres")
EVERY = [partition for count in (1, 2, 3, 4) for partition in combinations(WAYS, count)]


def way(roles: Roles, name: str) -> Proxy:
    who, _, what = name.partition(" to ")
    member: Member = roles.active if who == "active" else roles.spare
    return member.pbx if what == "PBX" else member.postgres


@pytest.mark.soak
@pytest.mark.parametrize("how", ["cut", "silent"])
@pytest.mark.parametrize("partition", EVERY, ids=", ".join)
async def test_given_a_partition_then_two_never_act_and_the_pbx_is_not_without_one_for_long_while_somebody_may_be_there(
    stack: PairStack, roles: Roles, partition: tuple[str, ...], how: str
) -> None:
    async with talking(stack) as talk:
        began = time.monotonic()
        for name in partition:
            cut(way(roles, name)) if how == "cut" else way(roles, name).fall_silent()
        await asyncio.sleep(LASTS_S)
        assert stack.witness.breaches(began) == []
        for name in partition:
            heal(way(roles, name))
        acting, _ = await stack.roles()
        await talk.goes_on(acting)
