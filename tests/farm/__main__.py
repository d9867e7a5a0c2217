"""`make farm`: one unattended pass of an edge, two PBXs (then three), a bridge and its spare, with real SIP phones.

Exit code 0 only if all of it happened. Several may run side by side; each has its own Postgres, Kamailio, Asterisks,
bridges and directory, and takes them along when it ends, however that is.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.demo.rows import show_rows
from tests.demo.timeline import Timeline
from tests.farm.full_pbx import TWENTY
from tests.farm.story import PLACE, tell
from tests.support.farm_pair import FarmPair
from tests.support.priority import process_first
from tests.support.rooms import Room

ROOMS = [Room(PLACE, agents=3, outbound=True), *TWENTY.rooms()]
LONGEST_S = 180.0


async def show(console: Console) -> None:
    """Start everything, tell the story, show the rows."""
    with tempfile.TemporaryDirectory(prefix="cti-farm-") as directory:
        timeline = Timeline(console)
        timeline.say("system", "starting a Postgres, two Asterisks, an edge before them, a bridge and its spare")
        async with (
            asyncio.timeout(LONGEST_S),
            FarmPair(Path(directory), ROOMS) as farm,
        ):
            timeline.say("system", f"the edge is at {farm.edge.address}, the API at {farm.url}")
            numbers = await tell(farm, timeline)
            await show_rows(console, farm.rows, numbers)


def main() -> int:
    """Run it; the exit code says whether all of it happened."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console(width=None if sys.stdout.isatty() else 150)
    try:
        with process_first():
            asyncio.run(show(console))
    except (AssertionError, TimeoutError) as failed:
        console.print(f"\n[bold red]It did not happen:[/] {failed or 'the time is over'}")
        return 1
    except KeyboardInterrupt:
        return 130
    console.print("\n[bold green]All of it happened.[/]")
    return 0


if __name__ == "__main__":
    sys.exit(main())
