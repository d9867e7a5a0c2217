"""A PBX dies with many calls on it: the others go on, its agents serve callers elsewhere, and no call is forgotten."""

import pytest

from tests.farm.full_pbx import TEN, TWENTY, FullPbx, Load
from tests.support.farm import Farm

SOAK = (pytest.mark.soak, pytest.mark.timeout(600))


@pytest.mark.parametrize(("load", "times"), [(TEN, 1), pytest.param(TWENTY, 10, marks=SOAK)], ids=["10", "20"])
async def test_given_a_pbx_with_many_calls_that_is_killed_then_nobody_elsewhere_notices_and_each_of_its_calls_ends_once(
    farm: Farm, load: Load, times: int
) -> None:
    plain, kept = load.rooms()
    for _ in range(times):
        async with farm.desk(plain.name, ready=False) as first, farm.desk(kept.name, ready=False) as second:
            figures = await FullPbx(farm, first, second, load).dies()
        figures.hold()
