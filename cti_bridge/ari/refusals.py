"""The meaning of each refusal of ARI: one table, by action and status. Pure.

One refusal means less than it says (seen on 22.10.1): after a first 409 on a connection, a later create on it that
fails answers 409 too, also for an endpoint that is not registered. So 409 on create is only a reason to look.
``TIMED_OUT`` and ``DROPPED`` are statuses of our own for requests without an answer.
"""

from enum import Enum, auto

from cti_bridge.domain.border import actions as act

TIMED_OUT = 0
"""No answer came in time: the action may or may not have happened."""
DROPPED = -1
"""The socket closed before the answer, or the request was never sent: reconcile finds out."""


class Meaning(Enum):
    DONE = auto()
    """All is as wanted."""
    LEG_ENDED = auto()
    """The leg of the action has ended."""
    PLAYBACK_OVER = auto()
    """The message does not play."""
    UNREACHABLE = auto()
    """The endpoint cannot be called."""
    REFUSED = auto()
    """The PBX refused."""
    LOST = auto()
    """No answer came, and there is no object to look at: tell that the action timed out."""
    LOOK_AT_LEG = auto()
    """Only the object itself can tell: look at every leg of the action."""
    LOOK_AT_NEW_LEG = auto()
    """Look at a leg that may never have been made."""
    LOOK_AT_PLAYBACK = auto()
    LOOK_AT_RECORDING = auto()
    FORGET = auto()
    """Nobody waits for the answer any more."""


_ON_LEG = {404: Meaning.LEG_ENDED, 409: Meaning.LOOK_AT_LEG, 412: Meaning.LOOK_AT_LEG, TIMED_OUT: Meaning.LOOK_AT_LEG}
_GONE_IS_DONE = {404: Meaning.DONE, TIMED_OUT: Meaning.LOST}
_HANG_UP = {404: Meaning.LEG_ENDED, TIMED_OUT: Meaning.LOOK_AT_LEG}

_TOLD = {404: Meaning.LEG_ENDED, TIMED_OUT: Meaning.LOST}
"""The meanings for an action without a row. The core is told, and does what is right
(:mod:`cti_bridge.domain.floor.orders`)."""

_RECORDER = {404: Meaning.LOOK_AT_RECORDING, 409: Meaning.LOOK_AT_RECORDING, TIMED_OUT: Meaning.LOOK_AT_RECORDING}

TABLE: dict[type[act.Action], dict[int, Meaning]] = {
    act.Answer: _ON_LEG,
    act.Reject: _HANG_UP,
    act.HangUp: _HANG_UP,
    act.TakeOver: _ON_LEG,
    act.LimitDialplan: _ON_LEG,
    act.SendToDialplan: _ON_LEG,
    act.AgreeAnew: _ON_LEG,
    # 409: it is not with us any more, which is what was wanted.
    act.HandBack: {404: Meaning.LEG_ENDED, 409: Meaning.DONE, TIMED_OUT: Meaning.LOOK_AT_LEG},
    act.CreateLeg: {
        409: Meaning.LOOK_AT_NEW_LEG,
        500: Meaning.UNREACHABLE,
        TIMED_OUT: Meaning.LOOK_AT_NEW_LEG,
    },
    act.DialLeg: _ON_LEG,
    act.MuteLeg: _ON_LEG,
    # 404: the leg that was to be heard has ended.
    act.SnoopLeg: {404: Meaning.REFUSED, 409: Meaning.LOOK_AT_NEW_LEG, TIMED_OUT: Meaning.LOOK_AT_NEW_LEG},
    act.StartMusic: _ON_LEG,
    act.StopMusic: _ON_LEG,
    act.StartRingback: _ON_LEG,
    act.StopRingback: _ON_LEG,
    act.SendDigits: _ON_LEG,
    act.StartPlayback: _ON_LEG | {TIMED_OUT: Meaning.LOOK_AT_PLAYBACK},
    act.StopPlayback: {404: Meaning.PLAYBACK_OVER, TIMED_OUT: Meaning.LOOK_AT_PLAYBACK},
    # 409: it runs already, or its file is there; or the leg is not with us.
    act.RecordLeg: {404: Meaning.LEG_ENDED, 409: Meaning.LOOK_AT_RECORDING, TIMED_OUT: Meaning.LOOK_AT_RECORDING},
    act.StopRecording: {404: Meaning.LOOK_AT_RECORDING, TIMED_OUT: Meaning.LOOK_AT_RECORDING},
    # 404: there is no bridge. 409: it runs already, or its file is there.
    act.RecordBridge: {409: Meaning.LOOK_AT_RECORDING, TIMED_OUT: Meaning.LOOK_AT_RECORDING},
    act.PauseRecording: _RECORDER,
    act.ResumeRecording: _RECORDER,
    act.CreateBridge: {409: Meaning.DONE, TIMED_OUT: Meaning.LOST},
    act.DestroyBridge: _GONE_IS_DONE,
    act.ForgetBridge: _GONE_IS_DONE,
    act.AddToBridge: {
        # 400 is "channel not found" and does not say which one; 404 is the bridge.
        400: Meaning.LOOK_AT_LEG,
        409: Meaning.LOOK_AT_LEG,
        422: Meaning.LOOK_AT_LEG,
        TIMED_OUT: Meaning.LOOK_AT_LEG,
    },
    act.RemoveFromBridge: {
        400: Meaning.LEG_ENDED,
        # Without the bridge, or outside it, the leg is where it was wanted; looking at it tells the core so.
        404: Meaning.LOOK_AT_LEG,
        409: Meaning.LOOK_AT_LEG,
        422: Meaning.LOOK_AT_LEG,
        TIMED_OUT: Meaning.LOOK_AT_LEG,
    },
}


def meaning(action: type[act.Action], status: int) -> Meaning:
    """Return the meaning of the HTTP status, or one of our own, for an action of this class."""
    if 200 <= status < 300:
        return Meaning.DONE
    if status == DROPPED:
        return Meaning.FORGET
    return TABLE.get(action, _TOLD).get(status, Meaning.REFUSED)
