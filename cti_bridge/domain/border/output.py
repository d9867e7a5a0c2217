"""The output of the core for one fact."""

from collections.abc import Mapping

from msgspec import Struct

from cti_bridge.domain.border.actions import Action
from cti_bridge.domain.border.notices import Notice
from cti_bridge.domain.border.records import Record


class Output(Struct):
    """Actions go out at once; records and the changed state are committed together."""

    actions: list[Action]
    records: list[Record]
    notices: list[Notice]
    changes: Mapping[tuple[str, str], object | None]
    """(kind, id) → the state object as it is now (a Struct or a dataclass), or None when it was removed."""
