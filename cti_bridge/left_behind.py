"""Calls at PBXs that are not configured any more. Nobody serves them: callers hear music until they hang up, and who
talks is cut off when the PBX is put back.

``drain`` lets a PBX become empty first. A start and ``check-config --connect`` say what it would leave behind.
"""

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import CallState
from cti_bridge.storage.checkpoint import Checkpoint, read
from cti_bridge.storage.kinds import CALL, NODE

_OURS = "select kind, id, state from checkpoint where kind in (?, ?)"


def left_behind(checkpoint: Checkpoint, configured: Collection[str]) -> Mapping[str, int]:
    """Return the number of calls by PBX. With one PBX before and one now it is the same one, under another name."""
    calls = [call for call in checkpoint.of(CALL).values() if call.state is not CallState.ENDED]
    before = {call.node for call in calls} | {node.name for node in checkpoint.of(NODE).values()}
    if len(configured) == len(before) == 1:
        return {}
    return Counter(call.node for call in calls if call.node not in configured)


def left_in_spool(path: Path, configured: Collection[str]) -> Mapping[str, int]:
    """Return the same for a spool, which a running bridge may have open. A spool that cannot be read has none."""
    try:
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            rows = database.execute(_OURS, (CALL.name, NODE.name)).fetchall()
        finally:
            database.close()
    except sqlite3.Error:
        return {}
    return left_behind(read({(kind, identity): state for kind, identity, state in rows}), configured)


def draining_words(floor: Floor) -> Iterator[str]:
    """Yield how far each PBX that drains is. A PBX that is away says nothing of its calls; and calls that are not ours,
    such as an emergency call that went around us, would be cut off as well."""
    calls = Counter(call.node for call in floor.calls.values())
    others = Counter(stray.node for stray in floor.strays.values())
    for name in sorted(floor.directory.draining):
        node = floor.nodes.get(name)
        left = [f"calls left: {calls[name]}"] if calls[name] else []
        left += [f"channels of other calls: {others[name]}"] if others[name] else []
        if node is None or not (node.up and node.reconciled):
            left.append("it is away, so nobody knows which calls are left")
        yield f"PBX {name}: it takes no new calls; {', '.join(left) or 'no calls are left, and it can be taken out'}"


def in_words(calls: int) -> str:
    return f"it is not configured any more, and {'1 call is' if calls == 1 else f'{calls} calls are'} left there"
