"""Periods cut into pieces, of which two sessions have every second one each."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from cti_bridge.reports.sessions import pieces

FIRST = datetime(2026, 10, 24, 22, tzinfo=UTC)


@pytest.mark.parametrize(("intervals", "each"), [(1, 8), (3, 3), (5, 2), (8, 1), (31, 1), (2_976, 1)])
def test_pieces_lie_side_by_side_and_none_is_over_a_border(intervals: int, each: int) -> None:
    borders = [FIRST + timedelta(hours=25) * number for number in range(intervals + 1)]
    found = pieces(borders)
    assert len(found) == intervals * each
    assert (found[0].since, found[-1].till) == (borders[0], borders[-1])
    assert all(one.till == other.since for one, other in pairwise(found))
    assert all(borders[one.interval - 1] <= one.since < one.till <= borders[one.interval] for one in found)
