"""Orders: what was ordered and may not have come about. One row of :data:`RULES` says for each kind of them by which
actions it is ordered, what confirms it, how it is looked at, how often, and what happens when it has failed for good.

ARI answers "done" to nearly everything, so an order whose event there is counts when that was seen, and is looked at
when it was not seen in time. What no event confirms counts as done unless it is refused, or its answer is lost: then it
is looked at too. Pauses between two looks grow, and whatever is uncertain has its next look as a deadline. What is done
then is :mod:`cti_bridge.domain.legs.confirming`.

Orders are kept in memory alone. After a restart the first list of a PBX says what is there, and orders anew.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum

from cti_bridge.domain.border import actions as act
from cti_bridge.domain.border import facts
from cti_bridge.domain.border.actions import Action

CONFIRM_S = 2.0
"""What was ordered must have been seen within this time; otherwise the object is looked at."""
MOST_LOOKS = 4
"""At what does not come about, before it has failed for good."""
LONGEST_PAUSE_S = 30.0
"""Between two looks."""


class What(StrEnum):
    """What an order is about."""

    MAKE = "make"
    """A leg is to come to be."""
    DIAL = "dial"
    ENTER = "enter"
    """A leg is to be in its bridge."""
    END = "end"
    """A leg is to end."""
    HAND_BACK = "hand_back"
    HEAR = "hear"
    """All about a leg that no event confirms, most of it what it hears."""
    PLAY = "play"
    HUSH = "hush"
    """A message is to stop."""
    BRIDGE = "bridge"
    """A bridge is to come to be."""
    UNBRIDGE = "unbridge"
    """A bridge is to go."""


class Failed(StrEnum):
    """What happens to an order that has failed for good, by name; :data:`cti_bridge.domain.legs.confirming.FAILED`."""

    GONE = "gone"
    """The leg never came to be: its party has left."""
    GIVEN_UP = "given_up"
    """The leg is of no use, and is hung up. A caller is not sent away: the offer has failed."""
    OVER = "over"
    """The message never began, and counts as over."""
    LEFT = "left"
    """It is left to the lists, every 30 s, or to a deadline of its own."""


@dataclass(slots=True)
class Order:
    """One that is to be confirmed, or is in doubt. ``id`` is that of its object: a leg, a bridge, a message; of what no
    event confirms of a leg it is one of its own."""

    id: str
    what: What
    action: Action
    object_id: str
    ordered_at: float
    looks: int = 0
    looked: bool = False
    """The answer to a look may repeat it."""
    repeated: bool = False
    """It was repeated, and nothing bad was heard since."""


Look = Callable[[Order], Action]


@dataclass(frozen=True, slots=True)
class Rule:
    ordered_by: tuple[type[Action], ...]
    look: Look | None
    """None: instead of a look it is ordered again, which does no harm."""
    failed: Failed
    confirmed_by: tuple[type, ...] = ()
    """Any of these facts about the object. None: it is done unless the answer says otherwise."""
    within_s: float = CONFIRM_S
    most_looks: int | None = MOST_LOOKS
    """None: as often as need be, as long as its object is there."""
    apart: bool = False
    """Looked for beside what else is ordered about the same object: of what no event confirms."""
    refused: Failed | None = None
    """What a refusal means; None: it is looked at, like one whose answer is lost."""


def _leg(order: Order) -> Action:
    return act.InspectLeg(order.action.executor, order.action.call_id, order.object_id)


def _message(order: Order) -> Action:
    return act.InspectPlayback(order.action.executor, order.action.call_id, order.action.leg_id, order.object_id)


def _bridge(order: Order) -> Action:
    return act.InspectBridge(order.action.executor, order.action.call_id, "", order.object_id)


_AUDIO = (act.StartMusic, act.StopMusic, act.StartRingback, act.StopRingback)
_OTHERS = (act.Answer, act.TakeOver, act.SendDigits, act.RemoveFromBridge, act.InspectLeg)

RULES: dict[What, Rule] = {
    What.MAKE: Rule((act.CreateLeg,), _leg, Failed.GIVEN_UP, (facts.LegReady,), refused=Failed.GONE),
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
    What.BRIDGE: Rule((act.CreateBridge,), _bridge, Failed.LEFT),
    What.UNBRIDGE: Rule((act.DestroyBridge, act.ForgetBridge), _bridge, Failed.LEFT),
}

OF: dict[type[Action], What] = {action: what for what, rule in RULES.items() for action in rule.ordered_by}
BY_NAME: dict[str, What] = {action.__name__: what for action, what in OF.items()}


def _object(kind: type) -> str:
    """The field that holds the id of what an action, or a fact, of this class is about."""
    names = {each.name for each in fields(kind)}
    leg = kind is act.AddToBridge or kind is act.RemoveFromBridge or kind is facts.LegEntered
    return "leg_id" if leg else next(name for name in ("playback_id", "bridge_id", "leg_id") if name in names)


OBJECT: dict[type[Action], str] = {action: _object(action) for action in OF}
AWAITED: dict[type[Action], tuple[What, str]] = {
    action: (what, OBJECT[action]) for action, what in OF.items() if RULES[what].confirmed_by
}
"""Those that an event confirms, and the field with the id of their object."""
CONFIRMS: dict[type, tuple[str, frozenset[What]]] = {
    fact: (_object(fact), frozenset(what for what in What if fact in RULES[what].confirmed_by))
    for rule in RULES.values()
    for fact in rule.confirmed_by
}
"""The facts that confirm, with the same field of theirs, and what they confirm."""


APART: frozenset[What] = frozenset(what for what, rule in RULES.items() if rule.apart)


def id_of(what: What, object_id: str) -> str:
    """The id of such an order. Of those that are not apart an object has one at a time, under its own id."""
    return f"{object_id} {what}" if what in APART else object_id


def doubt_of(leg_id: str) -> str:
    """The id of what is in doubt about what a leg hears."""
    return leg_id + " hear"


def objects_of(action: Action) -> tuple[str, ...]:
    """The ids of what the action is about."""
    also = action.also if isinstance(action, act.AddToBridge) else ()
    return (getattr(action, OBJECT[type(action)]), *also)


def pause_s(order: Order) -> float:
    """From a look to the next one."""
    return min(RULES[order.what].within_s * (1 + order.looks), LONGEST_PAUSE_S)
