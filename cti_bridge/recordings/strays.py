"""Looks for recordings on the PBXs that no state tells of any more.

A bridge may die between its order to record and the commit that says so. If the call ends before the next start, nobody
knows of the recording, and it would stay on the PBX for ever. What may be heard of a conversation is not known either:
where the customer was on hold, or has said a card number during a pause. So it is deleted, and that is logged. A
message that a caller has left is only told: an operator may fetch it.

Only what is certainly ours, and over, is touched: the call in the recording's name must be in the rows, and have ended.
Another bridge may use the same PBX.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

import structlog

from cti_bridge.domain.border.errors import StorageUnavailable
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.ids import call_of_recording, is_conversation
from cti_bridge.recordings.store import PbxAway
from cti_bridge.regularly import Regular
from cti_bridge.supervisor import Watch, unwatched

FIRST_AFTER_S, EVERY_S = 20.0, 600.0

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_log = structlog.get_logger(__name__)


class Pbx(Protocol):
    """The recordings on one PBX. Each raises PbxAway."""

    async def names(self) -> Sequence[str]:
        """Return the names of all that have ended."""

    async def delete(self, name: str) -> None:
        """Delete the file. One that is not there counts as deleted."""


class Engine(Protocol):
    def read(self, view: Callable[[Floor], set[str]]) -> set[str]: ...


class Archive(Protocol):
    async def ended(self, call_ids: Collection[str]) -> set[str]:
        """Return those of the calls that are in the rows, and have ended. Raises StorageUnavailable."""


class RecordingStrays:
    """``pbxs`` gives the PBXs that are connected, by name."""

    def __init__(
        self, engine: Engine, archive: Archive, pbxs: Callable[[], Mapping[str, Pbx]], *, watch: Watch = unwatched
    ) -> None:
        self._engine, self._archive, self._pbxs = engine, archive, pbxs
        self._told: set[str] = set()
        """The messages that were told."""
        self._job = Regular(
            "recordings-strays",
            self.look,
            first_after_s=FIRST_AFTER_S,
            every_s=EVERY_S,
            passes=(StorageUnavailable,),
            failed="recordings_not_looked_for",
            watch=watch,
        )

    def start(self) -> None:
        self._job.start()

    async def stop(self) -> None:
        await self._job.stop()

    async def look(self) -> None:
        """Look on each PBX, and delete them. Raises StorageUnavailable."""
        for node, pbx in self._pbxs().items():
            try:
                await self._look_on(node, pbx)
            except PbxAway:
                continue

    async def _look_on(self, node: str, pbx: Pbx) -> None:
        names = {name: call_of_recording(name) or "" for name in await pbx.names()}
        found = {name: call_id for name, call_id in names.items() if _UUID.fullmatch(call_id)}
        if not found:
            return
        over = await self._archive.ended(set(found.values()))
        # Read behind that: a recording whose call was over then has been in memory all the time.
        known = self._engine.read(_known)
        for name, call_id in found.items():
            if call_id not in over or name in known or call_id in known:
                continue
            if is_conversation(name):
                await pbx.delete(name)
                _log.warning("unknown_recording_deleted", node=node, call=call_id, name=name)
            elif name not in self._told:
                self._told.add(name)
                _log.error("unknown_message", node=node, call=call_id, name=name, text="It stays on the PBX.")


def _known(floor: Floor) -> set[str]:
    """Return the names of all recordings in memory, and the ids of all calls."""
    return {found.name for found in floor.recordings.values()} | floor.calls.keys()
