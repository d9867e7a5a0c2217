"""A PBX that is away. Its calls may go on there, unseen, or be over. Nobody is kept waiting for it:

- What rings there is withdrawn after ``OFFER_AWAY_S``. The connection may have broken for a moment only.
- A supervisor who monitors a call there is free after as long.
- An agent may hang up at any time (:mod:`cti_bridge.domain.talk.hanging_up`).
- After ``node_lost_s`` calls end as node_lost whose agents another PBX reaches: they can work there. The other agents
  could do nothing else, and their calls wait for the PBX.

Nothing is ordered of a PBX that is away. Legs of calls that have ended are hung up when it is back. Until then they do
not count as calls on their agents' phones (:func:`cti_bridge.domain.floor.phone_use`). An emergency call is
never ended here.
"""

from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.kept import NodeState
from cti_bridge.domain.model.words import Cause, EndedBy, OfferResult, Outcome
from cti_bridge.domain.monitors import rules as monitors
from cti_bridge.domain.offer.ringing import is_emergency
from cti_bridge.domain.talk.offered import take_back

OFFER_AWAY_S = 10.0
"""The seconds after which an offer that rings at a PBX that is away is withdrawn."""
LOOK_EVERY_S = 10.0
"""The seconds between two looks: a phone may register elsewhere meanwhile."""


def begin(floor: Floor, node: NodeState) -> None:
    """The PBX is away from now on."""
    floor.set_deadline(Kind.AWAY, node, floor.now + OFFER_AWAY_S)


def look(floor: Floor, node: NodeState) -> None:
    """The PBX is still away."""
    away_s = floor.now - (floor.now if node.lost_at is None else node.lost_at)
    with floor.late(node.seen_at):
        monitors.end_on(floor, node.name)
        for call in [call for call in floor.calls.values() if call.node == node.name]:
            _look(floor, call, away_s)
    if any(call.node == node.name and floor.agents_of(call) for call in floor.calls.values()):
        floor.set_deadline(Kind.AWAY, node, floor.now + LOOK_EVERY_S)


def _look(floor: Floor, call: Call, away_s: float) -> None:
    if call.offer is not None and call.state is not CallState.CONNECTING:
        take_back(floor, call, OfferResult.WITHDRAWN, Cause.NODE_LOST)
    most_s = floor.policy.node_lost_s
    if most_s and away_s >= most_s and _is_over(floor, call):
        finish(floor, call, Outcome.NODE_LOST, EndedBy.SYSTEM)


def _is_over(floor: Floor, call: Call) -> bool:
    if call.state is CallState.ENDED or call.dialling.emergency or is_emergency(floor, call.target):
        return False
    return any(_reached_elsewhere(floor, agent, call.node) for _, agent in floor.agents_of(call))


def _reached_elsewhere(floor: Floor, agent: Agent, node: str) -> bool:
    return any(name != node and floor.node_up(name) for name in agent.reachable_on)
