"""`make demo`: one unattended pass with real SIP phones. A timeline of what happened, then the rows that it left.

Exit code 0 only if all of it happened. Several may run side by side; each has its own Postgres, Asterisk, bridge and
directory, and takes them along when it ends, however that is.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.demo.conversation import tell_conversation
from tests.demo.menu import tell_menu
from tests.demo.rows import show_rows
from tests.demo.story import PICKUP_TIME_S, tell
from tests.demo.timeline import Timeline
from tests.support.rooms import Room
from tests.support.stack import Stack

ROOMS = [
    Room("demo", agents=2, pickup_time_s=PICKUP_TIME_S, greeting=True, outbound=True),
    Room("demo-menu", menu=True, priorities=(0, 0)),
]
LONGEST_S = 120.0


async def show(console: Console) -> None:
    """Start everything, tell the story, show the rows."""
    with tempfile.TemporaryDirectory(prefix="cti-demo-") as directory:
        timeline = Timeline(console)
        timeline.say("system", "starting a Postgres, an Asterisk, the bridge and the SIP phones of its own")
        async with asyncio.timeout(LONGEST_S), Stack(Path(directory), ROOMS) as stack:
            timeline.say("system", f"Asterisk {stack.pbx.version} takes calls, the API is at {stack.bridge.url}")
            numbers = await tell(stack, timeline)
            numbers.append(await tell_conversation(stack, timeline))
            numbers.append(await tell_menu(stack, timeline))
            await show_rows(console, stack.rows, numbers)


def main() -> int:
    """Run it; the exit code says whether all of it happened."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # A pipe has no width of its own, and eighty columns are too few for the tables.
    console = Console(width=None if sys.stdout.isatty() else 150)
    try:
        asyncio.run(show(console))
    except AssertionError as failed:
        console.print(f"\n[bold red]It did not happen:[/] {failed}")
        return 1
    except KeyboardInterrupt:
        return 130
    console.print("\n[bold green]All of it happened.[/]")
    return 0


if __name__ == "__main__":
    sys.exit(main())
