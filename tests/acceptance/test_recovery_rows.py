"""Calls that end while nobody looks: the bridge is killed, or its connection is cut. Rows say less than the truth then,
never more, and a gap says why."""

import asyncio
import time

import pytest

from tests.acceptance.scene import Live, Scene
from tests.acceptance.truth import NEAR_S, SECONDS_S, WALL
from tests.support.rows import Row
from tests.support.stack import Stack

pytestmark = pytest.mark.soak
AWAY_S = 5.0
TRIES = 4


async def told(scene: Scene, live: Live, lost_at: float, what: str) -> None:
    """The call has ended when it was seen last, and no later; the gap is from then on."""
    rows = scene.desk.rows
    call = await rows.call(live.truth.customer_number)
    assert (call["outcome"], call["seen_late"], call["ended_in"]) == ("completed", True, "talking")
    ended_at = call["ended_at"].timestamp() - WALL
    assert (live.truth.answered or 0.0) - NEAR_S < ended_at < lost_at + NEAR_S
    assert call["customer_left_at"] == call["ended_at"]
    assert call["talk_s"] <= live.truth.heard_s(*live.truth.voices) + SECONDS_S
    gaps = await rows.fetch("select * from cti.gap where what = $1 order by till_at desc limit 1", what)
    assert abs((gaps[0]["from_at"] - call["ended_at"]).total_seconds()) < NEAR_S
    assert gaps[0]["till_at"].timestamp() - WALL > lost_at
    (change,) = await _changes(scene, call)
    assert (change["at"], change["seen_late"], change["after_call_of"]) == (call["ended_at"], True, change["call_id"])


async def _changes(scene: Scene, call: Row) -> list[Row]:
    query = "select * from cti.agent_state_change where call_id = $1::uuid and to_state = 'idle'"
    return await scene.desk.rows.fetch(query, call["id"])


@pytest.mark.parametrize("what", ["bridge", "node"])
async def test_given_a_customer_who_hangs_up_while_nobody_looks_then_rows_say_no_more_than_was_seen(
    stack: Stack, what: str
) -> None:
    async with stack.desk("rows-away", ready=False) as desk:
        for _ in range(TRIES):
            scene, agent = Scene(desk), desk.agents[0]
            live = await scene.talk(agent)
            lost_at = time.monotonic()
            if what == "bridge":
                await stack.bridge.kill()
            else:
                stack.proxy.fall_silent()
                await stack.bridge.not_ready(20.0)
                lost_at = time.monotonic()
            await scene.leaves(live)
            await asyncio.sleep(AWAY_S)
            if what == "bridge":
                await stack.bridge.start()
                for each in desk.agents:
                    await each.client.open_panel()
            else:
                stack.proxy.let_flow()
            await agent.client.label("Business (Ticket Processing)")
            await told(scene, live, lost_at, what)
