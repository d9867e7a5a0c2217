"""What can be listened to besides one's own calls, by topic: ``queue:support`` is of the kind ``queue``, with the name
``support``.

A kind is a line in :data:`TOPICS` and a class in a file of its own. Its readers get a snapshot of the view and then a
frame whenever the view is another one: ``queue.changed``, with the view under ``queue``.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Protocol

from cti_bridge.api.ports import Changes, Engine

OWN = "agent"
"""The topic of the agent who listens, which is not of this table: :mod:`cti_bridge.api.live`."""


class Topic(Protocol):
    """All topics of a kind. A kind without names has the name ""."""

    def permits(self, cti_id: str, name: str) -> bool:
        """Whether the agent may listen; of a name that does not exist nobody may."""

    def view(self, name: str) -> Any:
        """What msgspec encodes: the whole state, for small states."""

    def touched(self, changes: Changes, names: Collection[str]) -> Iterable[str]:
        """Those of ``names``, which somebody listens to, whose views may be others now."""


TOPICS: Mapping[str, Callable[[Engine], Topic]] = {}
"""By kind, how it is made."""
