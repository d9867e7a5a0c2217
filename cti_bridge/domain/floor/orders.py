"""Orders whose effect may not have come. One row of :data:`RULES` for each kind says which actions order it, what
confirms it, how and how often it is looked at, and what its failure for good means.

ARI answers "done" to nearly everything. So an order with an event of its own counts when that event was seen, and is
looked at when it was not seen in time. An order without an event counts as done unless it is refused, or its answer is
lost. Then it is looked at too. Pauses between two looks grow. Each uncertain order has its next look as a deadline,
which goes to :mod:`cti_bridge.domain.legs.confirming`.

Orders are kept in memory alone. After a restart the first list of a PBX shows what exists, and makes us order anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from msgspec import Struct

from cti_bridge.domain.border import actions as act
from cti_bridge.domain.border import facts
from cti_bridge.domain.border.actions import Action

CONFIRM_S = 2.0
"""The seconds within which the effect of an order must have been seen. After that its object is looked at."""
MOST_LOOKS = 4
"""The most looks at an order without effect, before it has failed for good."""
TAPE_S = 0.3
"""The same for an order to the recorder of a conversation: people wait for it."""
LONGEST_PAUSE_S = 30.0
"""The longest pause between two looks, in seconds."""


class What(StrEnum):
    """The kind of an order, by its wanted effect."""

    MAKE = "make"
    """A leg is to be made."""
    DIAL = "dial"
    ENTER = "enter"
    """A leg is to be in its bridge."""
    END = "end"
    """A leg is to end."""
    HAND_BACK = "hand_back"
    HEAR = "hear"
    """A leg's audio, and all else about it that no event confirms."""
    PLAY = "play"
    HUSH = "hush"
    """A message is to stop."""
    RECORD = "record"
    TAPE = "tape"
    """A conversation is to be recorded."""
    PAUSE = "pause"
    """The recording of a conversation is to leave out all that follows."""
    GO_ON = "go_on"
    """The recording of a conversation is to go on."""
    CEASE = "cease"
    """A recording is to stop."""
    BRIDGE = "bridge"
    """A bridge is to be made."""
    UNBRIDGE = "unbridge"
    """A bridge is to be destroyed."""


class Failed(StrEnum):
    """The consequence of an order that has failed for good, by name;
    :data:`cti_bridge.domain.legs.confirming.FAILED`."""

    GONE = "gone"
    """The leg was never made: its party has left."""
    GIVEN_UP = "given_up"
    """The leg is of no use, and is hung up. A caller is not sent away: the offer has failed."""
    OVER = "over"
    """The message never began, and counts as over."""
    UNRECORDED = "unrecorded"
    """The caller is not recorded, and goes on in the scenario."""
    NOT_TAPED = "not_taped"
    """The conversation is not recorded. It is tried again."""
    LEFT = "left"
    """The lists (every 30 s) or a deadline of its own will see to it."""


class Order(Struct, gc=False):
    """An order that is to be confirmed, or is in doubt. ``id`` is that of its object: a leg, a bridge, a message. An
    order about a leg that no event confirms has an id of its own."""

    id: str
    what: What
    action: Action
    object_id: str
    ordered_at: float
    looks: int = 0
    looked: bool = False
    """A look was ordered, and its answer may repeat the order."""
    repeated: bool = False
    """The order was repeated, and no failure has come since."""


Look = Callable[[Order], Action]


@dataclass(frozen=True, slots=True)
class Rule:
    ordered_by: tuple[type[Action], ...]
    look: Look
    """Makes the action of a look."""
    failed: Failed
    confirmed_by: tuple[type, ...] = ()
    """Facts about the object, each of which confirms the order. Empty: it counts as done unless the answer says
    otherwise."""
    within_s: float = CONFIRM_S
    most_looks: int | None = MOST_LOOKS
    """The most looks. None: as often as need be, as long as the object exists."""
    apart: bool = False
    """The order stands beside other orders about the same object: for those that no event confirms."""
    refused: Failed | None = None
    """The consequence of a refusal. None: the object is looked at, as when the answer is lost."""


def _leg(order: Order) -> Action:
    return act.InspectLeg(order.action.executor, order.action.call_id, order.object_id)


def _message(order: Order) -> Action:
    return act.InspectPlayback(order.action.executor, order.action.call_id, order.action.leg_id, order.object_id)


def _recording(order: Order) -> Action:
    return act.InspectRecording(order.action.executor, order.action.call_id, order.action.leg_id, order.object_id)


def _again(order: Order) -> Action:
    """The order itself: it does no harm when it is given twice, and its answer tells."""
    return order.action


def _bridge(order: Order) -> Action:
    return act.InspectBridge(order.action.executor, order.action.call_id, "", order.object_id)


_AUDIO = (act.StartMusic, act.StopMusic, act.StartRingback, act.StopRingback)
_OTHERS = (
    act.LimitDialplan,
    act.SendToDialplan,
    act.Answer,
    act.TakeOver,
    act.AgreeAnew,
    act.SendDigits,
    act.MuteLeg,
    act.RemoveFromBridge,
    act.InspectLeg,
)

RULES: dict[What, Rule] = {
    What.MAKE: Rule((act.CreateLeg, act.SnoopLeg), _leg, Failed.GIVEN_UP, (facts.LegReady,), refused=Failed.GONE),
    What.DIAL: Rule((act.DialLeg,), _leg, Failed.GIVEN_UP, refused=Failed.GIVEN_UP),
    What.ENTER: Rule((act.AddToBridge,), _leg, Failed.GIVEN_UP, (facts.LegEntered,)),
    What.END: Rule((act.HangUp, act.Reject), _leg, Failed.LEFT, (facts.LegEnded,), most_looks=None),
    What.HAND_BACK: Rule((act.HandBack,), _leg, Failed.LEFT, (facts.LegLetGo, facts.LegEnded), most_looks=None),
    What.HEAR: Rule((*_AUDIO, *_OTHERS), _leg, Failed.LEFT, most_looks=None, apart=True),
    What.PLAY: Rule(
        (act.StartPlayback,),
        _message,
        Failed.LEFT,
        (facts.PlaybackStarted, facts.PlaybackEnded),
        most_looks=None,
        refused=Failed.OVER,
    ),
    What.HUSH: Rule((act.StopPlayback,), _message, Failed.LEFT, (facts.PlaybackEnded,)),
    What.RECORD: Rule(
        (act.RecordLeg,),
        _recording,
        Failed.UNRECORDED,
        (facts.RecordingStarted, facts.RecordingEnded),
        refused=Failed.UNRECORDED,
    ),
    What.TAPE: Rule(
        (act.RecordBridge,),
        _recording,
        Failed.NOT_TAPED,
        (facts.RecordingStarted, facts.RecordingSeen),
        within_s=TAPE_S,
        refused=Failed.NOT_TAPED,
    ),
    What.PAUSE: Rule(
        (act.PauseRecording,), _again, Failed.LEFT, (facts.RecordingSeen,), within_s=TAPE_S, most_looks=None
    ),
    What.GO_ON: Rule(
        (act.ResumeRecording,), _again, Failed.LEFT, (facts.RecordingSeen,), within_s=TAPE_S, most_looks=None
    ),
    What.CEASE: Rule((act.StopRecording,), _recording, Failed.LEFT, (facts.RecordingEnded, facts.RecordingMissing)),
    What.BRIDGE: Rule((act.CreateBridge,), _bridge, Failed.LEFT),
    What.UNBRIDGE: Rule((act.DestroyBridge, act.ForgetBridge), _bridge, Failed.LEFT),
}

OF: dict[type[Action], What] = {action: what for what, rule in RULES.items() for action in rule.ordered_by}
BY_NAME: dict[str, What] = {action.__name__: what for action, what in OF.items()}


def _object(kind: type[Struct]) -> str:
    """Return the field with the id of the object that an action, or a fact, of this class is about."""
    names = set(kind.__struct_fields__)
    leg = kind is act.AddToBridge or kind is act.RemoveFromBridge or kind is facts.LegEntered
    return (
        "leg_id" if leg else next(name for name in ("playback_id", "recording", "bridge_id", "leg_id") if name in names)
    )


OBJECT: dict[type[Action], str] = {action: _object(action) for action in OF}
AWAITED: dict[type[Action], tuple[What, str]] = {
    action: (what, OBJECT[action]) for action, what in OF.items() if RULES[what].confirmed_by
}
"""Actions that an event confirms: their kind of order, and the field with the id of the object."""
CONFIRMS: dict[type, tuple[str, frozenset[What]]] = {
    fact: (_object(fact), frozenset(what for what in What if fact in RULES[what].confirmed_by))
    for rule in RULES.values()
    for fact in rule.confirmed_by
}
"""Facts that confirm: the field with the id of the object, and the kinds of orders that they confirm."""


def _enters(order: Order, fact: Any) -> bool:
    return bool(fact.bridge_id == getattr(order.action, "bridge_id", None))


def _is_so(order: Order, fact: Any) -> bool:
    """A look that was asked for before the order says nothing of it."""
    if isinstance(fact, facts.RecordingStarted):
        return True
    paused = order.what is What.PAUSE
    return bool(fact.asked_at >= order.ordered_at and (order.what is What.TAPE or fact.paused is paused))


PROOFS: dict[What, Callable[[Order, Any], bool]] = {
    What.ENTER: _enters,
    What.TAPE: _is_so,
    What.PAUSE: _is_so,
    What.GO_ON: _is_so,
}
"""Kinds of orders of which a fact may say that they have not taken effect."""


STOPS = frozenset({What.HUSH, What.CEASE})
"""Kinds of orders to stop what a leg may wait for."""

APART: frozenset[What] = frozenset(what for what, rule in RULES.items() if rule.apart)


def id_of(what: What, object_id: str) -> str:
    """Return the id of such an order. An object has one order at a time, under its own id; those that are apart have
    another id."""
    return f"{object_id} {what}" if what in APART else object_id


def doubt_of(leg_id: str) -> str:
    """Return the id of the order that is in doubt about a leg's audio."""
    return leg_id + " hear"


def objects_of(action: Action) -> tuple[str, ...]:
    """Return the ids of the objects that the action is about."""
    also = action.also if isinstance(action, act.AddToBridge) else ()
    return (getattr(action, OBJECT[type(action)]), *also)


def pause_s(order: Order) -> float:
    """Return the seconds from a look to the next one."""
    return min(RULES[order.what].within_s * (1 + order.looks), LONGEST_PAUSE_S)
