"""The orders of the floor: what the PBXs are told in a fact, and what of that is to be confirmed.

:mod:`cti_bridge.domain.floor.orders` has the rule for each kind, :mod:`cti_bridge.domain.legs.confirming` looks.
"""

from typing import Any

from cti_bridge.domain.border.actions import Action, AddToBridge
from cti_bridge.domain.floor.orders import (
    APART,
    AWAITED,
    CONFIRMS,
    PROOFS,
    RULES,
    Order,
    What,
    doubt_of,
    id_of,
    pause_s,
)
from cti_bridge.domain.model.call import Leg
from cti_bridge.domain.model.deadlines import Deadlines, Kind

# Members that every call looks up, by names of the module: see the package.
_CONFIRM = Kind.CONFIRM
_END = What.END


class Ordering:
    """The part of the floor that orders."""

    __slots__ = ()

    now: float
    deadlines: Deadlines
    orders: dict[str, Order]
    _actions: list[Action]

    def act(self, action: Action) -> None:
        """Order the action. If an event is to confirm it, that is looked for from now on."""
        self._actions.append(action)
        if (awaited := AWAITED.get(type(action))) is not None:
            what, name = awaited
            self.expect(what, action, getattr(action, name))
            if type(action) is AddToBridge:
                for leg_id in action.also:
                    self.expect(what, action, leg_id)

    def expect(self, what: What, action: Action, object_id: str) -> Order:
        """Expect the effect of an order in time; else its object is looked at. An earlier order about the object is
        forgotten, unless it was the same."""
        identity = id_of(what, object_id) if what in APART else object_id
        order, within_s, now = self.orders.get(identity), RULES[what].within_s, self.now
        if order is None or order.what is not what:
            order = self.orders[identity] = Order(identity, what, action, object_id, now)
        else:
            order.action, order.ordered_at = action, now
            if what is _END:
                within_s = pause_s(order)
        self.deadlines.set(_CONFIRM, identity, now + within_s)
        return order

    def confirm(self, fact: Any) -> None:
        """Confirm the order about the fact's object, if the fact tells its effect."""
        name, whats = CONFIRMS[type(fact)]
        identity = getattr(fact, name)
        order = self.orders.get(identity)
        if order is None or order.what not in whats:
            return
        proof = PROOFS.get(order.what)
        if proof is None or proof(order, fact):
            del self.orders[identity]
            self.deadlines.cancel(_CONFIRM, identity)

    def drop_order(self, identity: str) -> None:
        """Look for the order's effect no more."""
        if self.orders.pop(identity, None) is not None:
            self.deadlines.cancel(_CONFIRM, identity)

    def forget_orders(self, leg: Leg) -> None:
        """Drop all orders about the leg."""
        for identity in (leg.id, doubt_of(leg.id), leg.playback_id):
            if identity in self.orders:
                self.drop_order(identity)
