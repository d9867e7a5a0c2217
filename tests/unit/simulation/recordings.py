"""The store of recordings: it fetches what is whole, in any order with all else, and deletes it there."""

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.records import CallbackRow
from cti_bridge.domain.model.callbacks import Recording, RecordingKind, RecordingState
from tests.unit.model_asterisk import Heard, ModelAsterisk
from tests.unit.simulation.world import World

EXACT_S = 0.01
"""Times of rows are rounded to a millisecond."""


def work(world: World) -> None:
    """One thing is done for one recording; or an agent deals with a message."""
    floor = world.center.floor
    if floor.callbacks and world.rng.random() < 0.3:
        one = world.rng.choice(list(floor.callbacks.values()))
        cti_id = world.rng.choice(list(world.first_directory.agents))
        world.tell(commands.CallbackDone(cti_id, one.id, one.version))
    elif floor.recordings:
        _go_on(world, world.rng.choice(list(floor.recordings.values())))


def work_all(world: World) -> None:
    """Everything that can be done."""
    for _ in range(3):
        for found in list(world.center.floor.recordings.values()):
            _go_on(world, found)


def check_nothing_left(world: World) -> None:
    """Each message is in our directory, and nothing of it on a PBX, but for files of which a restart that has lost its
    last moments knows nothing."""
    floor = world.center.floor
    left = [found for found in floor.recordings.values() if found.state is not RecordingState.STORED or found.on_pbx]
    assert not left, f"not stored: {left}"
    if not world.reached["restart"]:
        assert not any(pbx.files for pbx in world.pbxs), "files that nobody knows of"
    rows = {row.id for row in world.records if isinstance(row, CallbackRow)}
    assert set(floor.callbacks) <= rows


def _go_on(world: World, found: Recording) -> None:
    pbx = next(pbx for pbx in world.pbxs if pbx.node == found.node)
    if not pbx.connected:
        return
    if found.state is RecordingState.ENDED:
        _fetch(world, pbx, found)
    elif found.state is RecordingState.EMPTY and pbx.lanes.get(found.call_id):
        return  # The order to record may be on its way.
    elif found.state in (RecordingState.EMPTY, RecordingState.STORED) and found.on_pbx and not _runs(pbx, found):
        pbx.files.pop(found.name, None)
        world.tell(facts.RecordingCleared(found.id))


def _fetch(world: World, pbx: ModelAsterisk, found: Recording) -> None:
    if _runs(pbx, found):
        return
    if found.name not in pbx.files:
        world.reached["message lost"] += 1
        world.tell(facts.RecordingLost(found.id))
        return
    if found.kind is RecordingKind.CONVERSATION:
        world.reached["conversation stored"] += 1
        _check_content(world, pbx.content[found.name], found)
    else:
        world.reached["message stored"] += 1
    length_s = pbx.files[found.name]
    world.tell(facts.RecordingStored(found.id, f"{found.id}.wav", "5e", 16, length_s, world.now + 3600))


def _check_content(world: World, content: list[Heard], found: Recording) -> None:
    """Nothing that the customer did not hear is in the stored file: it was paused, or is silenced. The segments are
    applied as the store does. No segment begins before what is in the file there: a file that is shorter than we think
    would shift what is silenced."""
    left = list(content)
    last = len(found.segments) - 1
    for index, part in enumerate(found.segments):
        wanted_s = part["till_s"] - part["from_s"] + (0.2 if index == last and part["kind"] == "talk" else 0.0)
        world.reached[f"segment {part['kind']} {part.get('reason', '')}".strip()] += 1
        begins_at = found.spans[0].from_at + part["from_s"]
        if part["kind"] != "cut" and left and not world.clock_was_set:
            assert left[0].from_at <= begins_at + EXACT_S, (
                f"of {left[0].from_at}, not {begins_at}: {content} {found.spans}"
            )
        while part["kind"] != "cut" and wanted_s > EXACT_S and left:
            length_s, what, from_at = left.pop(0)
            taken_s = min(length_s, wanted_s)
            if length_s > taken_s:
                left.insert(0, Heard(length_s - taken_s, what, from_at + taken_s))
            wanted_s -= taken_s
            fault = f"{taken_s:g} s of a {what} in {found.name}: {content} {found.segments}"
            assert part["kind"] == "erased" or not what or taken_s < EXACT_S, fault


def _runs(pbx: ModelAsterisk, found: Recording) -> bool:
    """The store ends one that nobody waits for."""
    if found.name in pbx.tapes:
        pbx.stop_tape(pbx.tapes[found.name])
        return True
    for channel in pbx.channels.values():
        if channel.recording == found.name:
            pbx.stop_recording(channel)
            return True
    return False
