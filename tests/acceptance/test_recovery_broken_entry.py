"""The bridge is killed while people talk, and finds its spool other than it was: an entry is broken, the file was
removed, or an older copy stands in its place. Who can be served is served, and the rows are true."""

import asyncio
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from tests.acceptance.calls import PROCESSING, TALKING, Talk, answered, ended, nothing_left
from tests.acceptance.hearing import joined
from tests.acceptance.story import assert_gapless, assert_one_of_each
from tests.acceptance.test_recovery import assert_no_gap, back_at_the_panel, heard_on
from tests.support.rows import eventually
from tests.support.stack import Agent, Desk, Stack

ENDS_WITHIN_S = 10.0
REPLACED = "update checkpoint set state = cast(replace(state, ?, ?) as blob)"


def spool(stack: Stack) -> Path:
    """Of the bridge that is killed."""
    return stack.directory / "bridge" / "spool.db"


def change(stack: Stack, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(spool(stack))) as database:
        assert database.execute(sql, values).rowcount == 1
        database.commit()


async def talk(desk: Desk, agent: Agent) -> Talk:
    """Somebody calls, the agent lifts, and all of it is in the spool."""
    await agent.ready()
    talk = await answered(desk, agent)
    await eventually(lambda: desk.rows.call_events(talk.call_id), lambda rows: rows and rows[-1]["type"] == "connected")
    return talk


async def test_given_one_calls_entry_is_broken_then_its_legs_end_its_agent_is_free_and_the_other_call_talks_on(
    stack: Stack,
) -> None:
    async with stack.desk("killed-broken", ready=False) as desk:
        first, second = desk.agents
        broken, other = await talk(desk, first), await talk(desk, second)
        since = time.monotonic()
        await heard_on(other.phone)
        await stack.bridge.kill()
        change(stack, f"{REPLACED} where id = ?", '"state":"talking"', '"state":"whispering"', broken.call_id)
        await stack.bridge.start()
        await back_at_the_panel(desk)

        await asyncio.gather(broken.phone.ended(ENDS_WITHIN_S), broken.customer.ended(ENDS_WITHIN_S))
        row = await ended(desk, broken, "node_lost", "system")
        assert row["answered_at"] <= row["ended_at"]
        assert await desk.rows.offers(broken.call_id) == [(first.cti_id, "answered")]
        await first.client.label(PROCESSING)
        await second.client.label(TALKING)
        await joined(other.phone, other.customer)
        assert_no_gap(other.phone.heard, other.customer.tone_hz, since)
        assert await stack.bridge.metric("cti_spool_set_aside") == 1
        assert [words for words in await stack.bridge.warnings() if "set aside" in words]

        again = await talk(desk, first)
        await again.customer.hang_up()
        await other.customer.hang_up()
        for agent, one in ((first, again), (second, other)):
            await agent.client.label(PROCESSING)
            await assert_one_of_each(desk.rows, one.number, agent.cti_id)
            await assert_gapless(desk.rows, agent.cti_id)


async def test_given_one_agents_entry_is_broken_then_they_log_in_again_and_their_call_was_never_cut(
    stack: Stack,
) -> None:
    async with stack.desk("killed-broken", ready=False) as desk:
        first, second = desk.agents
        broken, other = await talk(desk, first), await talk(desk, second)
        since = time.monotonic()
        await stack.bridge.kill()
        change(stack, "update checkpoint set state = x'7b00' where kind = 'agent' and id = ?", first.cti_id)
        await stack.bridge.start()
        await second.client.open_panel()
        await first.client.close_panel()
        await first.client.log_in()
        await first.client.open_panel()
        await asyncio.gather(first.client.label(TALKING), second.client.label(TALKING))
        for one in (broken, other):
            await joined(one.phone, one.customer)
            await heard_on(one.phone)
            assert_no_gap(one.phone.heard, one.customer.tone_hz, since)
        for agent, one in ((first, broken), (second, other)):
            await one.customer.hang_up()
            await agent.client.label(PROCESSING)
            await assert_one_of_each(desk.rows, one.number, agent.cti_id)
            await assert_gapless(desk.rows, agent.cti_id)


async def test_given_the_file_was_removed_before_the_bridge_was_killed_then_the_calls_go_on_all_the_same(
    stack: Stack,
) -> None:
    async with stack.desk("killed-broken", ready=False) as desk:
        agent = desk.agent
        one = await talk(desk, agent)
        since = time.monotonic()
        for file in spool(stack).parent.glob("spool.db*"):
            file.unlink()
        await eventually(stack.bridge.warnings, lambda said: any("written anew" in words for words in said))
        await stack.bridge.kill()
        await stack.bridge.start()
        await back_at_the_panel(desk)
        await agent.client.label(TALKING)
        await joined(one.phone, one.customer)
        assert_no_gap(one.phone.heard, one.customer.tone_hz, since)
        await one.customer.hang_up()
        await agent.client.label(PROCESSING)
        await assert_one_of_each(desk.rows, one.number, agent.cti_id)
        await assert_gapless(desk.rows, agent.cti_id)


async def test_given_an_older_copy_in_the_place_of_the_spool_then_no_row_is_refused_and_what_has_ended_stays_so(
    stack: Stack, tmp_path: Path
) -> None:
    async with stack.desk("killed-broken", ready=False) as desk:
        first, second = desk.agents
        over, goes_on = await talk(desk, first), await talk(desk, second)
        copied = tmp_path / "copy"
        shutil.copytree(spool(stack).parent, copied)
        await over.customer.hang_up()
        await first.client.label(PROCESSING)
        later = await talk(desk, first)
        await desk.rows.call(over.number)
        await stack.bridge.kill()
        for file in spool(stack).parent.glob("spool.db*"):
            file.unlink()
        for file in copied.glob("spool.db*"):
            shutil.copyfile(file, spool(stack).parent / file.name)
        since = time.monotonic()
        await stack.bridge.start()
        await back_at_the_panel(desk)

        await joined(goes_on.phone, goes_on.customer)
        assert_no_gap(goes_on.phone.heard, goes_on.customer.tone_hz, since - 1)
        await second.client.label(TALKING)
        # The copy knows nothing of the later call: its agent's leg ends, and the caller is a new one.
        await later.phone.ended(ENDS_WITHIN_S)
        await later.customer.hang_up()
        await goes_on.customer.hang_up()
        await second.client.label(PROCESSING)
        row = await desk.rows.call(over.number)
        assert (row["outcome"], row["ended_by"]) == ("completed", "customer")
        assert (await desk.rows.call(goes_on.number))["outcome"] == "completed"
        open_rows = "select count(*) as n from cti.call where ended_at is null"
        await eventually(lambda: desk.rows.fetch(open_rows), lambda rows: rows[0]["n"] == 0)
        open_rows = "select count(*) as n from cti.offer where ended_at is null"
        await eventually(lambda: desk.rows.fetch(open_rows), lambda rows: rows[0]["n"] == 0)
        years = await desk.rows.fetch("select * from cti.agent_state_change where lasted_s > 86400")
        assert years == []
        assert await stack.bridge.metric("cti_writer_rows_refused_total") == 0
        await nothing_left(stack, later.call_id, later.number)
