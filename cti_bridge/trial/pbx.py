"""The model of a PBX. It carries each action out at once, and every phone is answered as soon as it rings."""

from collections import deque
from collections.abc import Callable, Mapping

from cti_bridge.domain.border import actions as act
from cti_bridge.domain.border import facts
from cti_bridge.domain.border.facts import Fact

_Answer = Callable[[act.Action], list[Fact]]


def _entered(action: act.Action) -> list[Fact]:
    assert isinstance(action, act.AddToBridge)
    return [facts.LegEntered(leg_id, action.bridge_id) for leg_id in (action.leg_id, *action.also)]


_ANSWERS: Mapping[type[act.Action], _Answer] = {
    act.Reject: lambda action: [facts.LegEnded(action.leg_id)],
    act.HangUp: lambda action: [facts.LegEnded(action.leg_id, 16)],
    act.CreateLeg: lambda action: [facts.LegReady(action.leg_id)],
    act.DialLeg: lambda action: [facts.LegRinging(action.leg_id), facts.LegAnswered(action.leg_id)],
    act.AddToBridge: _entered,
    act.RemoveFromBridge: lambda action: [facts.LegLeft(action.leg_id, action.object_id)],
    act.FindTalks: lambda action: [facts.TalksFound(action.call_id)],
    act.StartPlayback: lambda action: [facts.PlaybackStarted(action.object_id)],
    act.StopPlayback: lambda action: [facts.PlaybackEnded(action.object_id)],
}
"""The facts that follow an action. None follow any other."""


class Pbx:
    """``facts`` are those that the core has not been told yet. ``playing`` is the message that the caller hears."""

    def __init__(self) -> None:
        self.facts: deque[Fact] = deque()
        self.playing: str | None = None

    def carry_out(self, action: act.Action) -> None:
        """Carry the action out."""
        if isinstance(action, act.StartPlayback):
            self.playing = action.playback_id
        elif isinstance(action, act.StopPlayback) and action.playback_id == self.playing:
            self.playing = None
        answer = _ANSWERS.get(type(action))
        if answer is not None:
            self.facts.extend(answer(action))

    def end_message(self) -> Fact:
        """Let the message end that plays. Return the fact."""
        ended, self.playing = self.playing, None
        assert ended is not None
        return facts.PlaybackEnded(ended)
