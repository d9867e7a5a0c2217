"""Customers who are to be called, as an agent sees them."""

from cti_bridge.domain.border.views import CallbackView
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.callbacks import Callback, Recording
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.domain.numbers.dialing import first_confirmed
from cti_bridge.domain.rights.asker import Asker


def callback_views(floor: Floor, cti_id: str) -> list[tuple[float, CallbackView]]:
    """Return the entries that the agent sees, each with the time at which it was registered, POSIX seconds."""
    asker = Asker(floor.directory, cti_id)
    return [
        (found.placed_at, callback_view(floor, found))
        for found in floor.callbacks.values()
        if asker.sees_callback(found)
    ]


def callback_view(floor: Floor, found: Callback) -> CallbackView:
    recording = floor.recordings.get(found.recording or "")
    heard = recording is not None and bool(recording.file)
    return CallbackView(
        callback_id=found.id,
        kind=found.kind,
        service=found.service,
        queue=found.queue,
        number=found.number,
        calling_number=first_confirmed(floor, found.service),
        name=found.name,
        status=found.status,
        owner=found.owner,
        placed_at=iso(found.placed_at),
        ended_at=iso(found.ended_at) if found.ended_at is not None else None,
        attempts=found.attempts,
        recording_id=found.recording if heard else None,
        length_s=recording.length_s if recording is not None else None,
        version=found.version,
    )


def recording_of(floor: Floor, cti_id: str, recording_id: str) -> Recording | None:
    """Return the recording, or None where the agent may not hear it."""
    found = floor.recordings.get(recording_id)
    left_with = next((one for one in floor.callbacks.values() if one.recording == recording_id), None)
    may_hear = found is not None and Asker(floor.directory, cti_id).may_hear(found, left_with)
    return found if may_hear else None
