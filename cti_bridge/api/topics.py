"""Topics to listen to beside one's own calls: ``queue:support`` is of the kind ``queue``, with the name ``support``.

A kind is a line in :data:`TOPICS` and a class in a file of its own. Its readers get a snapshot of the view, then a
frame at each change: ``queue.changed``, with the view under ``queue``. A topic of rows sends those that have changed
(:mod:`cti_bridge.api.row_streams`).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Protocol, TypeGuard

from cti_bridge.api.monitors import Monitors
from cti_bridge.api.ports import Changes, Engine
from cti_bridge.api.row_streams import Rows
from cti_bridge.api.watching import Alerts, LivePage, Wallboard
from cti_bridge.api.work import Work

OWN = "agent"
"""The topic of the listening agent. It is not in this table: :mod:`cti_bridge.api.live`."""


class Topic(Protocol):
    """All topics of a kind. A kind without names has the name ""."""

    def permits(self, cti_id: str, name: str) -> bool:
        """Return whether the agent may listen. Nobody may listen to a name that does not exist."""

    def view(self, name: str) -> Any:
        """Return an object that msgspec encodes: the whole state, for small states."""

    def touched(self, changes: Changes, names: Collection[str]) -> Iterable[str]:
        """Return the ``names``, of those that somebody listens to, whose views may have changed."""


class RowTopic(Protocol):
    """All topics of a kind whose view is a table, of which only rows that have changed are sent."""

    def permits(self, cti_id: str, name: str) -> bool: ...

    def rows(self, name: str) -> Rows:
        """Return all rows, by section and id."""

    def begin(self) -> None:
        """Somebody listens to the kind, and nobody did before: changes were not told."""

    def touched(self, changes: Changes, names: Collection[str]) -> Iterable[str]: ...


def is_of_rows(topic: Topic | RowTopic) -> TypeGuard[RowTopic]:
    """Return whether the topic has rows, and no view."""
    return hasattr(topic, "rows")


Clock = Callable[[], float]
"""Gives POSIX seconds."""
TOPICS: Mapping[str, Callable[[Engine, Clock, Alerts], Topic | RowTopic]] = {
    "work": lambda engine, *_: Work(engine),
    "live": LivePage,
    "wallboard": Wallboard,
    "monitors": lambda engine, *_: Monitors(engine),
}
"""The topics by kind, each with its maker."""
GATHERED_S: Mapping[str, float] = {"work": 2.0, "live": 1.0, "wallboard": 1.0}
"""By kind, the seconds for which changes gather before views are made, where many listen to views of their own, or
read figures."""
BEATS_S: Mapping[str, float] = {"live": 2.0, "wallboard": 2.0}
"""By kind, the seconds after which a frame comes in any case: who watches figures is to know that they are true."""
