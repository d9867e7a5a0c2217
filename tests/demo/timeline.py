"""Who did what, and when."""

import time

from rich.console import Console

COLOURS = {"customer": "cyan", "system": "white", "agent 1": "yellow", "agent 2": "green", "agent 3": "magenta"}


class Timeline:
    """Prints one line an event, with the seconds since the beginning."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()

    def say(self, who: str, what: str) -> None:
        """Something has just happened."""
        at = time.monotonic() - self._began
        self._console.print(f"[dim]{at:6.2f} s[/]  [{COLOURS[who]}]{who:<9}[/]  {what}", highlight=False)
