"""What is true of the rows behind every answered call, whatever happened to the machines meanwhile."""

from collections import Counter
from itertools import pairwise

from tests.support.rows import Rows, eventually


async def assert_one_of_each(rows: Rows, customer_number: str, cti_id: str) -> None:
    """One call, one answered offer, one ticket, and one chain of events without a hole or a double."""
    call = await rows.call(customer_number)
    assert call["outcome"] == "completed"
    offers = await rows.offers_ended(call["id"], 1)
    assert Counter(offers)[(cti_id, "answered")] == 1
    ticket = await rows.ticket(call["id"])
    assert ticket["owner"] == cti_id
    events = await eventually(lambda: rows.call_events(call["id"]), bool)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert Counter(event["type"] for event in events)["connected"] == 1


async def assert_gapless(rows: Rows, cti_id: str) -> None:
    """The agent's changes are numbered without a hole, and each begins where the one before it ended."""
    changes = await rows.changes(cti_id)
    assert [row["seq"] for row in changes] == list(range(1, len(changes) + 1))
    for before, after in pairwise(changes):
        assert (before["to_status"], before["to_state"]) == (after["from_status"], after["from_state"])
        lasted = (after["at"] - before["at"]).total_seconds()
        assert abs(after["lasted_s"] - lasted) < 0.05, (before, after)
