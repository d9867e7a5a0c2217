"""The greeting's file does not open, as on a network disk that hangs: whoever is to hear it hangs in Asterisk. Others
are served all the while, the operator is told, and the call has its end in the tables."""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.rows import eventually
from tests.support.stack import Desk, Stack

SERVED_WITHIN_S = 10.0
FOUND_WITHIN_S = 40.0


@contextmanager
def hanging(path: Path) -> Iterator[None]:
    """A FIFO in the file's place; in the end it is let go, and the file is there again."""
    aside = path.with_suffix(".aside")
    path.rename(aside)
    os.mkfifo(path)
    try:
        yield
    finally:
        # Every open of it in Asterisk comes back at the same time.
        os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
        path.unlink()
        aside.rename(path)


async def served(desk: Desk) -> None:
    """A customer and the agent hear each other, soon, and hang up."""
    begun = time.monotonic()
    customer = await desk.call()
    phone = await desk.agent.lift()
    await asyncio.gather(customer.call.hears(desk.agent.tone_hz), phone.hears(customer.tone_hz))
    assert time.monotonic() - begun < SERVED_WITHIN_S
    await customer.call.hang_up()
    await desk.agent.client.label("Business (Ticket Processing)")
    await desk.agent.ready()


async def test_given_a_greeting_that_does_not_open_then_others_are_served_and_it_is_told(stack: Stack) -> None:
    async with stack.desk("hanging-sound") as hung, stack.desk("beside-hanging-sound") as desk:
        with hanging(stack.directory / "sounds" / "greeting.wav"):
            victims = await asyncio.gather(hung.call(), hung.call())
            await served(desk)
            for victim in victims:
                call = await hung.rows.call(victim.number, within_s=FOUND_WITHIN_S)
                assert (call["outcome"], call["ended_by"]) == ("node_lost", "system")
            assert hung.agent.phone.rang == 0, "nobody is rung for a caller who can hear nobody"
            await served(desk)
            warnings = await stack.bridge.warnings()
            assert [words for words in warnings if "2 channels hang" in words], warnings
            assert await stack.bridge.metric("cti_pbx_stuck_channels") == len(victims)
            assert await stack.bridge.metric("cti_pbx_hung_total") == 0, "no connection was lost by it"
            await stack.bridge.logs("pbx_channel_stuck")
        for victim in victims:
            await victim.call.ended()
        await eventually(lambda: stack.bridge.metric("cti_pbx_stuck_channels"), lambda number: number == 0)
        await served(desk)
