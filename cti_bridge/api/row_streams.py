"""Streams of rows: a snapshot has all rows of each section, a change those that are other ones, and the ids of those
that are gone. So a frame grows with what has happened, and not with what there is."""

from collections.abc import Mapping
from typing import Any

import msgspec

from cti_bridge.api.frames import FrameType
from cti_bridge.api.streams import Stream
from cti_bridge.domain.model.timestamps import iso

Rows = Mapping[str, Mapping[str, bytes]]
"""By section and id, each row in JSON."""


class RowStream(Stream):
    """``told`` is in each of its frames."""

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        super().__init__(told)
        self.rows: Rows = {}
        """The rows that all readers were shown last."""

    def snapshot_of(self, at: float) -> bytes:
        """Return the first frame of a new reader."""
        sections = {name: [msgspec.Raw(row) for row in rows.values()] for name, rows in self.rows.items()}
        head = {"type": FrameType.SNAPSHOT, "stream": self.id, "seq": self.seq, "at": iso(at)}
        return msgspec.json.encode({**head, **self._told, **sections})

    def change_to(self, rows: Rows) -> dict[str, Any]:
        """Return the content of the frame that tells of the difference, empty where there is none."""
        before, self.rows = self.rows, rows
        content: dict[str, Any] = {}
        gone: dict[str, list[str]] = {}
        order: dict[str, list[str]] = {}
        for name, section in rows.items():
            shown = before.get(name, {})
            if changed := [msgspec.Raw(row) for id_, row in section.items() if shown.get(id_) != row]:
                content[name] = changed
            if missing := [id_ for id_ in shown if id_ not in section]:
                gone[name] = missing
            kept = [id_ for id_ in shown if id_ in section]
            if list(section)[: len(kept)] != kept:
                order[name] = list(section)
        return {**content, **({"gone": gone} if gone else {}), **({"order": order} if order else {})}
