"""A supervisor listens, whispers and barges in (L2): who hears whom, measured, and nobody who talks is interrupted."""

import json

from tests.acceptance.calls import answered, ended
from tests.acceptance.hearing import never_heard
from tests.acceptance.monitoring import goes_on, head_of, monitors, talk_is_heard
from tests.acceptance.side_by_side import SideBySide
from tests.acceptance.test_three import talking_on
from tests.support.rows import eventually
from tests.support.stack import Desk, Stack

side_by_side = SideBySide()


async def acts(desk: Desk, call_id: str) -> list[tuple[str, str | None]]:
    """What the audit knows of the supervisor's acts on the call, with the modes."""
    rows = await desk.rows.fetch("select what, detail from cti.audit where object = $1 order by at", call_id)
    return [(row["what"], json.loads(row["detail"]).get("mode")) for row in rows]


async def modes(desk: Desk, call_id: str, many: int) -> list[tuple[str, str]]:
    """The modes that were in force, and why each was over."""
    rows = await eventually(
        lambda: desk.rows.fetch("select * from cti.monitor where call_id = $1::uuid order by at", call_id),
        lambda found: len(found) == many,
    )
    assert len({row["monitor_id"] for row in rows}) == 1
    return [(row["mode"], row["ended_with"]) for row in rows]


@side_by_side
async def test_given_a_talk_then_who_hears_the_supervisor_is_as_the_mode_says_and_nobody_is_interrupted(
    stack: Stack,
) -> None:
    async with stack.desk("monitor") as desk:
        head = head_of(desk)
        await head.client.set_status("rest")
        talk = await answered(desk)
        async with talking_on(talk.phone, talk.customer):
            phone = await monitors(head, talk.call_id, "listen")
            await talk_is_heard(talk, phone, "listen")
        assert never_heard(talk.phone, phone.tone_hz)
        async with talking_on(talk.phone, talk.customer):
            await goes_on(head, talk.call_id, "whisper")
            await talk_is_heard(talk, phone, "whisper")
        assert never_heard(talk.customer, phone.tone_hz)
        for mode in ("barge", "whisper", "listen", "barge", "listen"):
            async with talking_on(talk.phone, talk.customer):
                await goes_on(head, talk.call_id, mode)
                await talk_is_heard(talk, phone, mode)
        async with talking_on(talk.phone, talk.customer):
            shown = await head.client.command("DELETE", f"/calls/{talk.call_id}/monitor")
            assert (shown["monitor"], shown["label"]) == (None, "Rest")
            await phone.ended()
        await talk.customer.hang_up()
        await ended(desk, talk, "completed", "customer")
        in_order = ["listen", "whisper", "barge", "whisper", "listen", "barge", "listen"]
        assert await modes(desk, talk.call_id, 7) == [
            *((mode, "changed") for mode in in_order[:-1]),
            ("listen", "stopped"),
        ]
        assert await acts(desk, talk.call_id) == [
            ("monitor_begun", "listen"),
            *(("monitor_changed", mode) for mode in in_order[1:]),
            ("monitor_ended", None),
        ]
