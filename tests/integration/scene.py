"""One call on a node, ordered by hand."""

import os
import time
from typing import Any

from cti_bridge.domain.border import actions as a
from cti_bridge.domain.border import facts as f
from cti_bridge.domain.model.ids import Ids, bridge_id
from tests.support.ari import Listener

IDS = Ids(os.urandom)
Ordered = tuple[type[a.Action], str, dict[str, Any]]
"""An action's type, its leg, and its other fields."""


class Scene:
    """One call's actions, with less writing."""

    def __init__(self, listener: Listener) -> None:
        self.call_id = IDS.uuid(time.time())
        self.bridge = bridge_id(self.call_id)
        self.leg = IDS.leg(self.call_id, "agent")
        self._node = listener.node

    def do(self, *actions: Ordered) -> None:
        self._node.submit([kind("main", self.call_id, leg, **more) for kind, leg, more in actions])


async def ends(listener: Listener, leg_id: str) -> f.LegEnded:
    """Wait for the end of this leg."""
    return await listener.next(f.LegEnded, lambda fact: fact.leg_id == leg_id)
