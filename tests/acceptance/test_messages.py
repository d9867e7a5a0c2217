"""The step voicemail on a real Asterisk: what is in the file, and in the rows."""

import time

import pytest

from tests.acceptance.messages import Message, assert_says, message_of
from tests.acceptance.proofs import proves
from tests.acceptance.side_by_side import SideBySide
from tests.acceptance.test_menus import way
from tests.support.agent_client import Refused
from tests.support.rooms import ALL_BUSY_HZ, GREETING_HZ
from tests.support.stack import Desk, Stack

side_by_side = SideBySide()


async def is_heard_and_done(stack: Stack, desk: Desk, message: Message) -> None:
    """An agent of the queue hears it over HTTP, whole and in parts, and marks it done; others have no part in it."""
    client = desk.agent.client
    (found,) = await client.request("GET", f"/callbacks?status=waiting&kind=voicemail&queue={desk.furnished.queues[1]}")
    assert (found["callback_id"], found["number"]) == (str(message.callback["id"]), message.callback["number"])
    assert abs(found["length_s"] - message.length_s) < 0.01
    status, headers, whole = await client.audio(found["recording_id"])
    assert (status, headers["Content-Type"], headers["Cache-Control"]) == (200, "audio/wav", "private, no-store")
    assert (whole[:4], len(whole)) == (b"RIFF", message.recording["bytes"])
    status, headers, part = await client.audio(found["recording_id"], "100-199")
    assert (status, headers["Content-Range"], part) == (206, f"bytes 100-199/{len(whole)}", whole[100:200])
    assert (await client.audio(found["recording_id"], f"{len(whole)}-"))[0] == 416
    one = f"/callbacks/{found['callback_id']}"
    async with stack.desk("message-left") as other:
        assert await other.agent.client.request("GET", "/callbacks?queue=" + desk.furnished.queues[1]) == []
        assert (await other.agent.client.audio(found["recording_id"]))[0] == 404
        with pytest.raises(Refused, match="not_found"):
            await other.agent.client.request("PATCH", one, {"status": "done", "version": found["version"]})
    done = await client.request("PATCH", one, {"status": "done", "version": found["version"]})
    assert (done["callback"]["status"], done["callback"]["owner"]) == ("done", client.cti_id)
    with pytest.raises(Refused, match="version_conflict"):
        await client.request("PATCH", one, {"status": "done", "version": found["version"]})
    assert await client.request("GET", "/callbacks?status=waiting") == []


@proves("voicemail", "next")
@side_by_side
async def test_given_the_hash_key_then_the_message_is_over_and_the_file_holds_the_caller_alone(stack: Stack) -> None:
    async with stack.desk("message-key") as desk:
        customer = await desk.call()
        await customer.call.hears(GREETING_HZ)
        await customer.call.listen(4.0)
        pressed = time.monotonic()
        await customer.call.send_digits("#")
        await customer.call.hears(ALL_BUSY_HZ, since=pressed)
        await customer.call.ended()
        message = await message_of(desk, customer)
        assert_says(message, customer)
        assert 1 < message.length_s < 6
        assert (message.callback["kind"], message.callback["status"]) == ("voicemail", "waiting")
        assert (message.callback["queue"], message.callback["number"]) == (desk.furnished.queues[1], customer.number)
        call = await desk.rows.call(customer.number)
        assert (call["outcome"], call["ended_by"]) == ("voicemail", "system")
        assert await way(desk, customer, 1) == [("leave", "next")]
        await is_heard_and_done(stack, desk, message)


@side_by_side
async def test_given_a_caller_who_hangs_up_then_the_message_is_kept(stack: Stack) -> None:
    async with stack.desk("message-left") as desk:
        customer = await desk.call()
        await customer.call.hears(GREETING_HZ)
        await customer.call.listen(4.0)
        await customer.call.hang_up()
        message = await message_of(desk, customer)
        assert_says(message, customer)
        call = await desk.rows.call(customer.number)
        assert (call["outcome"], call["ended_by"]) == ("voicemail", "customer")
