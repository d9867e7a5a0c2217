"""A SIGKILL of the bridge: today's figures and who asks for help are there again, as the rows have them (L1, L4)."""

from typing import Any

from tests.acceptance.calls import TALKING, answered, ended
from tests.support.stack import Desk, Stack


async def board(stack: Stack, desk: Desk) -> tuple[dict[str, Any], list[str]]:
    """The figures of the desk's queue today, and who asks for help."""
    found: Any = await stack.bridge.ask("/wallboard", None, "GET")
    (queue,) = [one for one in found["queues"] if one["id"] == desk.furnished.queues[0]]
    return queue["today"], [one["cti_id"] for one in found["help"]]


async def test_given_a_bridge_that_is_killed_then_figures_and_help_go_on_where_they_were(stack: Stack) -> None:
    async with stack.desk("killed-today") as desk:
        agent = desk.agent.client
        talk = await answered(desk)
        await agent.command("POST", "/me/help")
        before, asking = await board(stack, desk)
        assert (before["offered"], before["answered"], before["waiting"]) == (1, 1, 0)
        assert agent.cti_id in asking
        await stack.bridge.kill()
        await stack.bridge.start()
        await agent.open_panel()
        await agent.label(TALKING)
        after, asking = await board(stack, desk)
        assert after == before and agent.cti_id in asking
        await agent.command("DELETE", "/me/help")
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")
        lost = await desk.call()
        await lost.call.hang_up()
        await desk.rows.call(lost.number)
        now, asking = await board(stack, desk)
        assert agent.cti_id not in asking
        exits = await desk.rows.fetch(
            "select exit, count(*) as visits from cti.queue_visit where queue = $1 and kind = 'new' group by exit",
            desk.furnished.queues[0],
        )
        assert now["offered"] == sum(row["visits"] for row in exits)
        for row in exits:
            assert now[row["exit"]] == row["visits"], row
