"""Topics to listen to beside one's own calls: ``queue:support`` is of the kind ``queue``, with the name ``support``.

A kind is a line in :data:`TOPICS` and a class in a file of its own. Its readers get a snapshot of the view, then a
frame at each change: ``queue.changed``, with the view under ``queue``.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Protocol

from cti_bridge.api.ports import Changes, Engine
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


TOPICS: Mapping[str, Callable[[Engine], Topic]] = {"work": Work}
"""The topics by kind, each with its maker."""
GATHERED_S: Mapping[str, float] = {"work": 2.0}
"""By kind, the seconds for which changes gather before views are made, where many listen to views of their own."""
