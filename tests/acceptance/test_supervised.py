"""A supervisor acts on calls of a real Asterisk (L3): who hears whom, whose phone is let go, and the rows."""

import json
from typing import Any

from tests.acceptance.calls import PROCESSING
from tests.acceptance.hearing import joined
from tests.acceptance.side_by_side import SideBySide
from tests.support.rooms import MUSIC_HZ
from tests.support.rows import eventually
from tests.support.stack import Desk, Stack

side_by_side = SideBySide()


async def waiting(stack: Stack, queue: str) -> list[dict[str, Any]]:
    """The calls that wait in this queue, the next one first."""
    found: Any = await stack.bridge.ask("/calls?state=waiting", None, "GET")
    return [one for one in found if one["queue"] == queue]


async def acts(desk: Desk, object_: str) -> list[str]:
    query = "select what, who from cti.audit where object = $1 order by at"
    rows = await eventually(lambda: desk.rows.fetch(query, object_), bool)
    assert {row["who"] for row in rows} == {"operator"}
    return [row["what"] for row in rows]


@side_by_side
async def test_given_two_who_wait_then_the_one_moved_to_the_front_is_served_first_and_the_other_one_elsewhere(
    stack: Stack,
) -> None:
    async with stack.desk("moved", ready=False) as desk:
        agent, other = desk.agents
        first, second = desk.furnished.queues
        early, late = await desk.call(), await desk.call()
        for customer in (early, late):
            await customer.call.hears(MUSIC_HZ)
        ahead, behind = [one["call_id"] for one in await waiting(stack, first)]
        await stack.bridge.ask(f"/calls/{behind}/move", {"first": True})
        assert [one["call_id"] for one in await waiting(stack, first)] == [behind, ahead]
        await stack.bridge.ask(f"/calls/{ahead}/move", {"queue": second})
        await early.call.hears(MUSIC_HZ)
        await agent.client.set_status("ready")
        phone = await agent.lift()
        await joined(phone, late.call)
        await phone.hang_up()
        await late.call.ended()
        await agent.client.label(PROCESSING)
        await agent.client.set_status("rest")
        await other.client.set_status("ready")
        taken = await other.lift()
        await joined(taken, early.call)
        query = "select queue, kind, reason, exit from cti.queue_visit where call_id = $1::uuid order by seq"
        rows = await eventually(lambda: desk.rows.fetch(query, ahead), lambda rows: rows and rows[-1]["exit"])
        assert [tuple(row.values()) for row in rows] == [
            (first, "new", None, "moved"),
            (second, "moved", "moved", "answered"),
        ]
        events = [event for event in await desk.rows.call_events(behind) if event["type"] == "moved"]
        assert [json.loads(event["detail"])["first"] for event in events] == [True]
        assert await acts(desk, ahead) == await acts(desk, behind) == ["call_moved"]


@side_by_side
async def test_given_a_talk_and_one_who_waits_when_both_are_ended_then_all_phones_are_let_go(stack: Stack) -> None:
    async with stack.desk("ended-by-head") as desk:
        talks = await desk.call()
        phone = await desk.agent.lift()
        await joined(phone, talks.call)
        call_id = (await desk.agent.client.me())["call"]["call_id"]
        await stack.bridge.ask(f"/calls/{call_id}/end", None)
        await phone.ended()
        await talks.call.ended()
        await desk.agent.client.label(PROCESSING)
        await stack.bridge.ask(f"/agents/{desk.agent.cti_id}/status", {"status": "rest"}, "PUT")
        await desk.agent.client.label("Rest")
        row = await desk.rows.call(talks.number)
        assert (row["outcome"], row["ended_by"]) == ("completed", "supervisor")
        waits = await desk.call()
        await waits.call.hears(MUSIC_HZ)
        (there,) = await waiting(stack, desk.furnished.queues[0])
        await stack.bridge.ask(f"/calls/{there['call_id']}/end", None)
        await waits.call.ended()
        row = await desk.rows.call(waits.number)
        assert (row["outcome"], row["ended_by"]) == ("cancelled", "supervisor")
        (*_, change) = await desk.rows.changes_up_to(desk.agent.cti_id, "supervisor")
        assert (change["cause"], change["by"]) == ("supervisor", "operator")
