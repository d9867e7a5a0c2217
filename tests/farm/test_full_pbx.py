"""A PBX dies with twenty calls: the others go on, its agents serve callers elsewhere, and no call is forgotten."""

import pytest

from tests.farm.full_pbx import TWENTY, FullPbx
from tests.support.farm import Farm


@pytest.mark.parametrize("times", [1, pytest.param(10, marks=(pytest.mark.soak, pytest.mark.timeout(600)))])
async def test_given_a_pbx_with_twenty_calls_that_is_killed_then_nobody_elsewhere_notices_and_each_of_them_ends_once(
    farm: Farm, times: int
) -> None:
    for _ in range(times):
        async with farm.desk("full", ready=False) as plain, farm.desk("full-kept", ready=False) as kept:
            figures = await FullPbx(farm, plain, kept, TWENTY).dies()
        figures.hold()
