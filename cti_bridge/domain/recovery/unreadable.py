"""Entries of the checkpoint that cannot be read, and an orderly end to what they leave behind.

A *call*: its legs are ended when their PBX is seen, for nobody can go on with them. Legs that we made carry the call's
id; the caller's leg stands in the readable part of the entry. An emergency call goes on as long as its parties are
together. Its agents are let go, as if the PBX had lost the call. :mod:`cti_bridge.storage.closing` closes its rows.

An *agent* is logged out. A call of theirs goes on with an agent who is logged out, as an emergency call would. An offer
to them goes to another agent.
"""

from collections.abc import Iterable

from cti_bridge.domain.border.facts import NodeSeen, SeenLeg
from cti_bridge.domain.border.records import TicketNoted
from cti_bridge.domain.ending.aftermath import after_conversation, let_go
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import CONVERSING, Agent, AgentState
from cti_bridge.domain.model.call import Call, CallState, Role
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.ids import bridge_ids, call_of_leg
from cti_bridge.domain.model.kept import LastChange, LostCall, Stray
from cti_bridge.domain.model.wiring import AGENT_STATES
from cti_bridge.domain.model.words import SYSTEM, CallEventType, Cause, EndedBy, Noted, OfferResult, Outcome
from cti_bridge.domain.talk.offered import take_back

_RINGING = {
    Role.AGENT: frozenset({CallState.RINGING, CallState.ACCEPTED}),
    Role.TARGET: frozenset({CallState.CONSULT_RINGING, CallState.TRANSFER_RINGING, CallState.INTERNAL_RINGING}),
}
"""States in which the agent has not answered yet."""

# ------------------------------------------------------------------------------------------------------------ calls


def take_up_lost(floor: Floor, calls: Iterable[LostCall]) -> None:
    for call in calls:
        for leg_id in call.legs:
            floor.lost_legs[leg_id] = call
        if call.ticket_id is not None:
            detail = {"event": CallEventType.ENDED, "outcome": Outcome.NODE_LOST, "ended_by": EndedBy.SYSTEM}
            floor.record(TicketNoted(call.ticket_id, Noted.CALL_EVENT, SYSTEM, floor.now, detail))


def lost_call_of(floor: Floor, leg_id: str) -> str | None:
    """Return the id of the lost call to which the channel belonged, or None."""
    lost = floor.lost_legs.get(leg_id)
    return lost.id if lost is not None else None


def left_together(floor: Floor, fact: NodeSeen) -> set[str]:
    """Return the channels and bridges of lost emergency calls whose parties are together. They go on."""
    theirs: set[str] = set()
    for lost in {lost.id: lost for lost in floor.lost_legs.values() if lost.emergency}.values():
        parties = [leg for leg in fact.legs if leg.leg_id in lost.legs or call_of_leg(leg.leg_id) == lost.id]
        together = [leg for leg in parties if leg.bridge_id in bridge_ids(lost.id)]
        if len(together) > 1:
            theirs |= _left_alone(floor, fact.node, together)
    return theirs


def _left_alone(floor: Floor, node: str, legs: Iterable[SeenLeg]) -> set[str]:
    theirs: set[str] = set()
    for leg in legs:
        floor.add_stray(Stray(leg.leg_id, node, floor.by_cti_number.get(leg.endpoint), talked=True))
        theirs |= {leg.leg_id, leg.bridge_id or ""}
    return theirs


def free_the_left_behind(floor: Floor) -> None:
    """Let go of agents whose call is in no readable entry. Whoever monitors one is looked at behind them."""
    free = (AgentState.IDLE, AgentState.MONITORING)
    for agent in list(floor.agents.values()):
        if agent.call_id not in floor.calls and (agent.call_id or agent.state not in free):
            _free(floor, agent)


def _free(floor: Floor, agent: Agent) -> None:
    conversed = agent.state in CONVERSING
    if conversed:
        agent.idle_since = floor.now
    let_go(floor, agent, agent.call_id, Cause.NODE_LOST, after_conversation(floor) if conversed else None)


# ----------------------------------------------------------------------------------------------------------- agents


def go_on_behind(floor: Floor, changes: Iterable[LastChange], known: dict[str, Agent]) -> None:
    """Close the agents' last rows where the checkpoint does not go on from them. ``known`` are the agents of the
    checkpoint. An agent who is missing there begins logged out."""
    last: dict[str, LastChange] = {}
    for change in changes:
        if change.cti_id not in last or change.seq > last[change.cti_id].seq:
            last[change.cti_id] = change
    for cti_id, change in last.items():
        agent = floor.agents.get(cti_id)
        if agent is None:
            floor.earlier[cti_id] = change
        elif cti_id not in known or change.seq > agent.seq:
            _go_on_behind(floor, agent, change)


def go_on_with_earlier(floor: Floor, agent: Agent) -> None:
    """Let the rows of an agent who is configured again go on behind those of before the start."""
    if (change := floor.earlier.pop(agent.cti_id, None)) is not None:
        _go_on_behind(floor, agent, change)


def _go_on_behind(floor: Floor, agent: Agent, change: LastChange) -> None:
    wanted = agent.status, agent.state, agent.reason
    agent.seq = change.seq
    agent.status, agent.state, agent.reason = change.status, change.state, change.reason
    # The bridge before may have had another clock, and no time that is kept is yet to come.
    agent.since = min(change.at, floor.now)
    status, state, reason = wanted
    processing_ends_at, prompt = agent.processing_ends_at, agent.prompt
    floor.set_agent(agent, Cause.RECOVERY, status=status, state=state, reason=reason)
    agent.prompt = prompt
    floor.set_deadline(Kind.PROCESSING, agent, processing_ends_at)


def join_their_calls(floor: Floor) -> None:
    """Put agents into the calls that go on and that they do not know of."""
    for call in list(floor.calls.values()):
        target = call.target.cti_id if call.target else None
        for role, cti_id in ((Role.AGENT, call.cti_id), (Role.TARGET, target)):
            if cti_id is not None and (call.state, role) in AGENT_STATES:
                _join(floor, call, role, cti_id)


def _join(floor: Floor, call: Call, role: Role, cti_id: str) -> None:
    # Configured no more, and unreadable: nobody can log in as them, and the call needs somebody.
    agent = floor.agents.setdefault(cti_id, Agent(cti_id, ""))
    if agent.call_id is not None:
        return
    agent.call_id = call.id
    agent.offer_id = call.offer.id if call.offer is not None and call.offer.cti_id == cti_id else None
    agent.legs = [leg.id for leg in call.legs.values() if leg.cti_id == cti_id]
    state = AGENT_STATES[call.state, role] or _before(call, role)
    floor.set_agent(agent, Cause.RECOVERY, state=state, call_id=call.id)
    if call.state in _RINGING[role]:
        take_back(floor, call, OfferResult.WITHDRAWN, Cause.RECOVERY)


def _before(call: Call, role: Role) -> AgentState:
    """Return the agent's earlier state where the table only says "as before"."""
    if call.state is CallState.CONNECTING or call.cti_id is None:
        return AgentState.RINGING
    return AgentState.CONSULTING if role is Role.AGENT else AgentState.TALKING
