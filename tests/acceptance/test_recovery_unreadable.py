"""Somebody sends bytes that are no text, and Asterisk has a channel that ARI cannot show: its list of all channels
fails. With the present dialplan none comes about; with an older one the bridge ends it. Nobody else is kept waiting."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.support import old_dialplan
from tests.support.phones import PhoneCall
from tests.support.raw_sip import RawCaller
from tests.support.rows import eventually
from tests.support.stack import Desk, Stack

BACK_WITHIN_S = 10.0
NO_TEXT = b"caf\xe9"
CALLER = b"<sip:+821099990009@127.0.0.1>"
FORBIDDEN = 403


@asynccontextmanager
async def calling(stack: Stack, number: str) -> AsyncIterator[asyncio.Task[int]]:
    """A caller whose Call-ID is no text; the result is the final response."""
    async with RawCaller(stack.phones.registrar, NO_TEXT) as caller:
        yield asyncio.create_task(caller.call(number, CALLER))


async def channels(stack: Stack) -> int:
    """How many the PBX has, by its console: ARI may not be able to say so."""
    return (await stack.pbx.command("core show channels concise")).count("!Stasis!")


async def begin_anew(stack: Stack, desk: Desk) -> float:
    """Kill the bridge and start it; returns when."""
    await stack.bridge.kill()
    begun = time.monotonic()
    await stack.bridge.start()
    await desk.agent.client.open_panel()
    return begun


async def others_are_served(desk: Desk, since: float) -> PhoneCall:
    """A customer and the agent hear each other, soon."""
    customer = await desk.call()
    phone = await desk.agent.lift()
    await asyncio.gather(customer.call.hears(desk.agent.tone_hz), phone.hears(customer.tone_hz))
    assert time.monotonic() - since < BACK_WITHIN_S
    await customer.call.hang_up()
    return phone


async def test_given_a_call_id_that_is_no_text_then_the_dialplan_refuses_it_and_no_list_ever_fails(
    stack: Stack,
) -> None:
    async with stack.desk("unreadable") as desk, calling(stack, desk.furnished.number) as refused:
        assert await refused == FORBIDDEN
        await others_are_served(desk, await begin_anew(stack, desk))
        assert not [words for words in await stack.bridge.warnings() if "list of channels" in words]


async def test_given_an_older_dialplan_then_the_bridge_ends_that_caller_serves_the_others_and_tells_the_operator(
    stack: Stack,
) -> None:
    number = old_dialplan.inbound
    async with stack.desk("unreadable") as desk, calling(stack, number(desk.furnished.number)) as refused:
        await eventually(lambda: channels(stack), bool)
        await others_are_served(desk, await begin_anew(stack, desk))
        assert await refused == FORBIDDEN
        assert await stack.bridge.metric("cti_pbx_unreadable_channels_total") == 1
        assert [words for words in await stack.bridge.warnings() if "cannot show" in words]
        await stack.bridge.logs("pbx_channel_unreadable")


@pytest.mark.parametrize("prefix", ["", old_dialplan.KEYPAD], ids=["present dialplan", "older dialplan"])
async def test_given_an_agent_who_dials_what_is_no_text_then_nobody_else_is_kept_waiting(
    stack: Stack, prefix: str
) -> None:
    async with stack.desk("unreadable") as desk:
        dialed = await desk.agent.phone.dial(f"{prefix}010%ff")
        if prefix:
            await eventually(lambda: channels(stack), bool)
        begun = await begin_anew(stack, desk)
        await dialed.ended(BACK_WITHIN_S)
        assert not prefix or dialed.final_code == FORBIDDEN
        await others_are_served(desk, begun)
