"""The customer leaves a bridge that is recorded, and others may talk on there.

Nobody could wait for a pause then. What the others say is noted as erased: since the PBX told that the customer left,
or since the customer was last seen, where nobody saw it. Where nobody else was there, all that was written is stored.
"""

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.recorder import others_talk, write
from cti_bridge.domain.floor.time_line import MARGIN_S, erase_since, left_before_end, talked_on
from cti_bridge.domain.model.call import Call, Leg
from cti_bridge.domain.model.callbacks import RecordingState
from cti_bridge.domain.model.ids import conversation_name
from cti_bridge.domain.model.recorder import Reason


def left(floor: Floor, call: Call, at: float, *, anyway: bool = False) -> None:
    """The customer has left the bridge at that time, and nobody had ordered it: what is said there from then on is not
    to be stored, where others may talk to each other, or ``anyway``."""
    recorder = call.recorder
    found = floor.recordings.get(recorder.recording) if recorder is not None else None
    if found is not None and (anyway or others_talk(floor, call)):
        erase_since(found, at - MARGIN_S, Reason.CONSULT)
        floor.touch("recording", found.id, found)


def had_left(floor: Floor, call: Call, at: float) -> None:
    """The customer, whom we have taken out since, had left the bridge at that time. Where others talked on, that is not
    stored: the file has paused since then, or was closed, and is put right before it is fetched."""
    recorder = call.recorder
    present = floor.recordings.get(recorder.recording) if recorder is not None else None
    if present is not None and talked_on(present, at):
        erase_since(present, at - MARGIN_S, Reason.CONSULT)
        floor.touch("recording", present.id, present)
    name = conversation_name(call.id, recorder.number) if recorder is not None else ""
    for found in [one for one in floor.recordings.values() if one.call_id == call.id and one.name == name]:
        if found.state is RecordingState.ENDED and left_before_end(found, at - MARGIN_S):
            write(floor, found)


def left_unseen(floor: Floor, call: Call, leg: Leg, seen_at: float, *, alone: bool) -> None:
    """The customer has left the bridge while the PBX was away, or before: a connection is noticed to be lost later than
    that. Nobody knows who was there since ``seen_at``. Where others may have talked it counts when the leg was seen.
    ``alone``: nobody else of the call is left either, as when the PBX has died; then what two said is kept to the last
    that was written."""
    last_at = leg.unseen_since or seen_at
    if leg.confirmed_at is not None and others_talk(floor, call):
        last_at = min(last_at, leg.confirmed_at)
    left(floor, call, last_at, anyway=not alone)
