"""The bridge's clock and the PBX's are apart, a real Asterisk's and real phones' between them: nobody notices but the
operator.

It is the bridge's clock that is moved. A PBX whose clock is wrong looks the same from there, and needs nothing that
would come between Asterisk and its audio.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime

import aiohttp
import pytest

from tests.support.rooms import MUSIC_HZ, Room
from tests.support.rows import eventually
from tests.support.stack import Agent, Customer, Desk, Stack

ROOMS = [Room("clocks", longest_wait_s=60), Room("set", agents=2, longest_wait_s=60, pickup_time_s=20)]
HOUR_S = 3600.0
CLOSE_S = 0.7
"""So exactly the rows say when somebody arrived."""


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    async with Stack(tmp_path_factory.mktemp("clocks"), ROOMS) as stack:
        yield stack


SOAK = pytest.mark.soak
AHEAD_S = [-HOUR_S, pytest.param(-90.0, marks=SOAK), 90.0, pytest.param(HOUR_S, marks=SOAK)]
"""Either direction, little and much."""


@pytest.fixture(scope="module", params=AHEAD_S, ids=lambda ahead_s: f"{ahead_s:+.0f}s")
async def ahead_s(stack: Stack, request: pytest.FixtureRequest) -> float:
    """A bridge whose clock is ahead by so much runs, with a spool of its own."""
    await stack.bridge.stop()
    stack.bridge = stack.make_bridge(f"ahead{request.param:.0f}", stack.bridge.port, stack.proxy.port)
    stack.bridge.clock_ahead_s = ahead_s = float(request.param)
    await stack.bridge.start()
    return ahead_s


async def served(agent: Agent, customer: Customer) -> None:
    """This customer is the next to be talked to; afterwards both hang up."""
    call = await agent.lift()
    await customer.call.hears(agent.tone_hz)
    await call.hears(customer.tone_hz)
    await customer.call.hang_up()
    await agent.client.label("Business (Ticket Processing)")


async def arrived_at(stack: Stack, customer: Customer) -> float:
    """By the bridge's clock, once the call is over and was answered."""
    row = await stack.rows.call(customer.number)
    assert row["outcome"] == "completed"
    at: datetime = row["arrived_at"]
    assert row["arrived_at"] <= row["answered_at"] <= row["ended_at"]
    return at.timestamp()


async def text(stack: Stack, path: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"{stack.bridge.url}{path}") as response:
        assert response.status == 200
        return await response.text()


async def test_given_clocks_that_are_apart_then_callers_are_served_and_rows_say_when_they_arrived(
    stack: Stack, ahead_s: float
) -> None:
    async with stack.desk("clocks") as desk:
        called_at = time.time()
        customer = await desk.dial(desk.furnished.number)
        await served(desk.agent, customer)
        assert await arrived_at(stack, customer) == pytest.approx(called_at + ahead_s, abs=CLOSE_S)


async def test_given_clocks_that_are_apart_then_who_waited_while_the_bridge_was_away_keeps_the_place(
    stack: Stack, ahead_s: float
) -> None:
    first_at = time.time()
    async with stack.desk("clocks", ready=False) as desk:
        first = await desk.call()
        await first.call.hears(MUSIC_HZ)
        await stack.bridge.kill()
        # In the dialplan's loop until a bridge is there; the first one stays in the application.
        second_at = time.time()
        second = await desk.dial(desk.furnished.number)
        await first.call.listen(2.0)
        # One that knows of nobody: it finds the first in the PBX's list, and is told of the second.
        (stack.bridge.log.parent / "spool.db").unlink()
        await stack.bridge.start()
        await stack.log_in_again(desk)
        await served(desk.agent, first)
        await desk.agent.ready()
        await served(desk.agent, second)
    assert await _latest(stack, first) == pytest.approx(first_at + ahead_s, abs=CLOSE_S)
    assert await arrived_at(stack, second) == pytest.approx(second_at + ahead_s, abs=CLOSE_S)


async def _latest(stack: Stack, customer: Customer) -> float:
    """When the call arrived that the second bridge has made of it."""
    query = "select arrived_at from cti.call where customer_number = $1 and outcome = 'completed'"
    (row,) = await eventually(lambda: stack.rows.fetch(query, customer.number), bool)
    at: datetime = row["arrived_at"]
    return at.timestamp()


async def test_given_clocks_that_are_apart_then_the_operator_is_told(stack: Stack, ahead_s: float) -> None:
    words = f"PBX main: its clock is {abs(ahead_s):.0f} s {'behind' if ahead_s > 0 else 'ahead of'} the bridge's"
    assert words in await text(stack, "/readyz")
    metrics = (await text(stack, "/metrics")).splitlines()
    (value,) = [line.split()[-1] for line in metrics if line.startswith("cti_pbx_clock_ahead_seconds{")]
    assert float(value) == pytest.approx(-ahead_s, abs=CLOSE_S)
    log = stack.bridge.log.read_text()
    assert log.count('"event": "pbx_clock_differs"') == log.count('"event": "started"') > 0


async def test_given_clocks_that_agree_then_nobody_is_told(stack: Stack) -> None:
    await stack.bridge.stop()
    stack.bridge = stack.make_bridge("right", stack.bridge.port, stack.proxy.port)
    await stack.bridge.start()
    assert '"warnings":[]' in await text(stack, "/readyz")
    assert "pbx_clock" not in stack.bridge.log.read_text()


async def assert_no_row_shows_it(stack: Stack, desk: Desk, by_s: float, *customers: Customer) -> None:
    """All were served within a minute, by the clock as it is now."""
    for customer in customers:
        row = await stack.rows.call(customer.number)
        assert row["outcome"] == "completed"
        assert row["arrived_at"] <= row["answered_at"] <= row["ended_at"]
        assert (row["ended_at"] - row["arrived_at"]).total_seconds() < 60
        assert row["ended_at"].timestamp() == pytest.approx(time.time() + by_s, abs=60)
    # The agents have been logged out since the bridge before, which had another clock.
    query = (
        "select min(lasted_s) as least, max(lasted_s) as most from cti.agent_state_change"
        " where cti_id = any($1) and from_status <> 'offline'"
    )
    (lasted,) = await stack.rows.fetch(query, [agent.cti_id for agent in desk.agents])
    assert 0 <= lasted["least"] <= lasted["most"] < 60


@pytest.mark.parametrize("by_s", [HOUR_S, -HOUR_S], ids=lambda by_s: f"{by_s:+.0f}s")
async def test_given_calls_talk_ring_and_wait_when_the_bridges_clock_is_set_then_nobody_notices_but_the_operator(
    stack: Stack, by_s: float
) -> None:
    await stack.bridge.stop()
    stack.bridge = stack.make_bridge(f"set{by_s:.0f}", stack.bridge.port, stack.proxy.port)
    stack.bridge.clock_ahead_s = 0.0
    await stack.bridge.start()
    async with stack.desk("set") as desk:
        talking, ringing = desk.agents
        first = await desk.call()
        on_phone = await talking.lift()
        await on_phone.hears(first.tone_hz)
        second = await desk.call()
        rung = await ringing.phone.incoming()
        third = await desk.call()
        await third.call.hears(MUSIC_HZ)

        stack.bridge.set_clock(by_s)
        await eventually(lambda: stack.bridge.metric("cti_clock_was_set_total"), lambda times: times == 1)

        await asyncio.gather(
            on_phone.hears(first.tone_hz), first.call.hears(talking.tone_hz), third.call.hears(MUSIC_HZ)
        )
        assert rung.ended_at is None
        await rung.answer()
        await asyncio.gather(rung.hears(second.tone_hz), second.call.hears(ringing.tone_hz))
        await first.call.hang_up()
        await talking.client.label("Business (Ticket Processing)")
        await talking.ready()
        await served(talking, third)
        await second.call.hang_up()
        await ringing.client.label("Business (Ticket Processing)")
        await assert_no_row_shows_it(stack, desk, by_s, first, second, third)
    assert f"clock: it was set by {by_s:+.0f} s" in await text(stack, "/readyz")
    assert stack.bridge.log.read_text().count('"event": "clock_was_set"') == 1
    assert "clock_differs" in stack.bridge.log.read_text(), "from now on the PBX's clock differs"


@pytest.mark.parametrize("by_s", [HOUR_S, -HOUR_S], ids=lambda by_s: f"{by_s:+.0f}s")
async def test_given_a_caller_waits_when_the_clock_is_set_while_there_is_no_bridge_then_nobody_is_turned_away(
    stack: Stack, by_s: float
) -> None:
    await stack.bridge.stop()
    stack.bridge = stack.make_bridge(f"restarted{by_s:.0f}", stack.bridge.port, stack.proxy.port)
    await stack.bridge.start()
    async with stack.desk("set", ready=False) as desk:
        customer = await desk.call()
        await customer.call.hears(MUSIC_HZ)
        await eventually(lambda: stack.bridge.metric("cti_outbox_rows"), lambda rows: rows == 0)
        await stack.bridge.kill()
        await customer.call.listen(6.0)
        stack.bridge.clock_ahead_s = by_s
        await stack.bridge.start()
        agent = desk.agents[0]
        await agent.client.open_panel()
        await agent.ready()
        await served(agent, customer)
        await assert_no_row_shows_it(stack, desk, by_s, customer)
