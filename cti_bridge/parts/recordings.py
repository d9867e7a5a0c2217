"""The parts that have to do with recordings: fetch them from the PBXs, keep them, and delete what is over."""

from collections.abc import Callable, Mapping

from cti_bridge.ari.node import Node
from cti_bridge.ari.recordings import PbxRecordings
from cti_bridge.engine import Engine
from cti_bridge.recordings.expiry import RecordingExpiry
from cti_bridge.recordings.keeper import RecordingKeeper
from cti_bridge.recordings.places import open_objects
from cti_bridge.recordings.store import PbxAway, RecordingStore
from cti_bridge.recordings.strays import RecordingStrays
from cti_bridge.settings import Settings
from cti_bridge.storage.database import Database
from cti_bridge.storage.recording_archive import RecordingArchive
from cti_bridge.supervisor import Watch

Part = RecordingStore | RecordingKeeper | RecordingExpiry | RecordingStrays


class RecordingParts:
    """``nodes`` are the PBXs by name, at each moment. ``present`` returns the present settings."""

    def __init__(
        self,
        present: Callable[[], Settings],
        engine: Engine,
        database: Database,
        nodes: Mapping[str, Node],
        clock: Callable[[], float],
        watch: Watch,
    ) -> None:
        settings, self._nodes = present(), nodes
        self.store = RecordingStore(
            settings.recordings.directory,
            engine,
            self._on,
            lambda service: present().retention_days(service),
            clock=clock,
            watch=watch,
        )
        self.archive = RecordingArchive(database)
        objects_at = settings.objects_at()
        objects = open_objects(objects_at) if objects_at is not None else None
        self.keeper = RecordingKeeper(self.archive, self.store.path_of, objects, watch=watch)
        expiry = RecordingExpiry(self.archive, self.keeper.delete, clock=clock, watch=watch)
        strays = RecordingStrays(engine, self.archive, self._all, watch=watch)
        self.in_order: tuple[Part, ...] = (self.store, self.keeper, expiry, strays)
        """In the order in which they are started."""

    def _on(self, name: str) -> PbxRecordings | None:
        node = self._nodes.get(name)
        return node.recordings(PbxAway) if node is not None else None

    def _all(self) -> dict[str, PbxRecordings]:
        found = {name: self._on(name) for name in self._nodes}
        return {name: recordings for name, recordings in found.items() if recordings is not None}
