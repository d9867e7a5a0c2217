"""docs/events.md says every frame with its fields, and every code with which the server closes a socket."""

import re
from pathlib import Path
from typing import get_args

from cti_bridge.api import events, streams
from cti_bridge.api.connection import TALK_BURST, TALK_PER_S
from cti_bridge.api.frames import Frame, FrameType
from cti_bridge.api.streams import KEPT

PAGE = (Path(__file__).parents[2] / "docs" / "events.md").read_text()


def rows(section: str) -> list[list[str]]:
    (text,) = [part for part in PAGE.split("\n## ") if part.startswith(section)]
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_each_frame_is_told_with_its_fields() -> None:
    told = {kind.strip("`"): re.findall(r"`(\w+)`", fields) for kind, _, fields in rows("Frames")}
    known = {str(kind.type): [name for name in kind.__slots__ if name != "type"] for kind in get_args(Frame)}
    known["ticket.opened"] = known["ticket.changed"]
    assert told == {"snapshot": ["stream", "agent"], **known}
    assert set(told) == set(FrameType)


def test_each_close_code_is_told() -> None:
    closes = [one for module in (events, streams) for one in vars(module).values() if isinstance(one, tuple)]
    codes = {one[0] for one in closes if len(one) == 2 and isinstance(one[0], int) and isinstance(one[1], str)}
    assert {int(code) for code, *_ in rows("Close codes")} == codes


def test_the_numbers_of_the_page_are_those_of_the_program() -> None:
    assert f"{TALK_BURST // 1024} kB at once and {TALK_PER_S} bytes a second" in PAGE
    assert f"within {events.AUTH_TIME_S:.0f} s" in PAGE and f"pings every {events.HEARTBEAT_S:.0f} s" in PAGE
    assert f"({KEPT} of each agent)" in PAGE
