"""The emergency switch of a service on a real Asterisk, by what callers hear (requirement H8)."""

from tests.acceptance.hearing import joined
from tests.acceptance.side_by_side import SideBySide
from tests.support.rooms import ALL_BUSY_HZ, GREETING_HZ, MUSIC_HZ, WARNING_HZ
from tests.support.stack import Stack

side_by_side = SideBySide()


@side_by_side
async def test_all_callers_hear_the_message_and_who_waits_goes_on_waiting(stack: Stack) -> None:
    async with stack.desk("switched", ready=False) as desk:
        switch = f"/services/{desk.furnished.service}/emergency"
        await desk.agent.client.set_status("business")
        waiting = await desk.call()
        await waiting.call.hears(GREETING_HZ)
        await waiting.call.hears(MUSIC_HZ)
        await desk.stack.bridge.ask(switch, {}, "PUT")
        new = await desk.call()
        heard_at = await new.call.hears(WARNING_HZ)
        assert heard_at - (new.call.established_at or 0) < 1
        await new.call.ended()
        await waiting.call.hears(MUSIC_HZ, for_s=0.5, since=heard_at)
        call = await desk.rows.call(new.number)
        assert (call["outcome"], call["ended_by"], call["queue"]) == ("scenario_done", "system", None)
        steps = await desk.rows.fetch("select step, exit from cti.scenario_step where call_id = $1::uuid", call["id"])
        assert [(row["step"], row["exit"]) for row in steps] == [("emergency", "next")]

        await desk.stack.bridge.ask(switch, {"message": "sound:tests/all-busy", "until": None}, "PUT")
        other = await desk.call()
        await other.call.hears(ALL_BUSY_HZ)
        await other.call.ended()
        answer = await desk.stack.bridge.ask(switch, {"message": "sound:tests/no-such-sound"}, "PUT", 422)
        assert "has no such sound" in answer["errors"][0]["message"], answer

        await desk.agent.ready()
        phone = await desk.agent.lift()
        await joined(phone, waiting.call)
        await waiting.call.hang_up()
        answer = await desk.stack.bridge.ask(switch, None, "DELETE")
        assert answer["service"]["emergency"] is None
        last = await desk.call()
        await last.call.hears(GREETING_HZ)
        await last.call.hears(MUSIC_HZ)
        await last.call.hang_up()
