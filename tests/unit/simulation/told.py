"""What callers who wait are told of their place and their wait: neither ever rises, and the place is right."""

from collections import Counter
from collections.abc import Iterable

from cti_bridge.domain.border.actions import Action, StartPlayback
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.announcement import POSITION, WAIT, Say, sounds_of
from cti_bridge.domain.model.call import OFFERED, Call, CallState

WAITS = OFFERED | {CallState.WAITING}
ORDER = {sound: place for say in Say for place, sound in enumerate(sounds_of(say))}


class Told:
    """By visit and kind, what was told last."""

    def __init__(self, reached: Counter[str]) -> None:
        self._reached = reached
        self._last: dict[tuple[str, str], int] = {}
        self._waited: Counter[str] = Counter()

    def look(self, floor: Floor) -> None:
        """Count who waits in each queue, before the next fact: a call may end in the turn in which a place was said."""
        self._waited = _waiting(floor)

    def forget(self) -> None:
        """A restart may find a checkpoint of before the last words."""
        self._last.clear()

    def hear(self, floor: Floor, actions: Iterable[Action]) -> None:
        for action in actions:
            call = floor.calls.get(action.call_id) if isinstance(action, StartPlayback) else None
            if call is None or call.visit is None or call.prompt is None or call.prompt.then != "wait":
                continue
            for sound in action.media.split(",") if isinstance(action, StartPlayback) else ():
                self._hear(floor, call, call.visit.id, sound)

    def _hear(self, floor: Floor, call: Call, visit: str, sound: str) -> None:
        kind = next((kind for kind in (POSITION, WAIT) if sound.startswith(kind)), None)
        if kind is None:
            return
        self._reached[f"told {sound.removeprefix('sound:cti/')}"] += 1
        self._reached[f"told {kind.removeprefix('sound:cti/').rstrip('-')}"] += 1
        before = self._last.get((visit, kind))
        now = self._last[visit, kind] = ORDER[sound]
        assert before is None or now <= before, f"{sound} after {before}"
        if kind is WAIT or before is not None:
            return
        most = max(_waiting(floor)[call.queue or ""], self._waited[call.queue or ""])
        assert now <= most, f"{sound}, and {most} wait"


def _waiting(floor: Floor) -> Counter[str]:
    return Counter(call.queue or "" for call in floor.calls.values() if call.state in WAITS)
