"""Read-only views of the floor, in the shapes of contract.md section 3. Timestamps are ISO 8601 in UTC with
milliseconds."""

from datetime import UTC, datetime
from typing import Any

from cti_bridge.domain.agent import Agent
from cti_bridge.domain.call import OFFERED, Call, CallState
from cti_bridge.domain.floor import Floor

View = dict[str, Any]


def iso(at: float) -> str:
    """POSIX seconds as ``2026-11-21T03:00:00.000Z``."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def agent_view(floor: Floor, cti_id: str) -> View:
    """The agent as their panel sees it. Raises NotFound."""
    agent = floor.agent(cti_id)
    entry = floor.entry(agent)
    call = floor.calls.get(agent.call_id) if agent.call_id else None
    return {
        "cti_id": agent.cti_id,
        "name": entry.name or agent.cti_id,
        "cti_number": agent.cti_number,
        "answer": entry.answer,
        "phone": "reachable" if agent.phone_reachable else "unreachable",
        "status": agent.status,
        "reason": agent.reason,
        "next_status": _next_status(agent),
        "state": agent.state,
        "label": agent.label,
        "since": iso(agent.since or floor.now),
        "ticket_processing_ends_at": iso(agent.processing_ends_at) if agent.processing_ends_at else None,
        "prompt": agent.prompt,
        "offer": offer_view(call) if call else None,
        "call": call_view(floor, call) if call else None,
        "allowed_actions": allowed_actions(floor, agent, call),
    }


def brief_view(floor: Floor, agent: Agent) -> View:
    """The agent as colleagues see them."""
    entry = floor.entry(agent)
    return {
        "cti_id": agent.cti_id,
        "name": entry.name or agent.cti_id,
        "cti_number": agent.cti_number,
        "label": agent.label,
        "status": agent.status,
    }


def offer_view(call: Call) -> View | None:
    if call.offer is None:
        return None
    return {"offer_id": call.offer.id, "call_id": call.id, "expires_at": iso(call.offer.expires_at)}


def call_view(floor: Floor, call: Call) -> View:
    return {
        "call_id": call.id,
        "direction": call.direction,
        "service": call.service,
        "customer_number": call.customer_number,
        "customer_name": call.customer_name,
        "dialed_number": call.dialed_number,
        "calling_number": call.calling_number,
        "queue": call.queue,
        "waited_s": round(
            call.waited_s if call.answered_at else floor.now - (call.waiting_since or call.arrived_at), 1
        ),
        "state": call.state,
        "since": iso(call.state_since),
        "ticket_id": call.ticket_id,
        "held_by": [],
        "consult": None,
        "last_result": None,
    }


def allowed_actions(floor: Floor, agent: Agent, call: Call | None) -> list[str]:
    """The commands that would not be refused now."""
    if call is None or not floor.node_up(call.node):
        return []
    if call.state is CallState.TALKING:
        return ["hangup"]
    if call.state in OFFERED and call.state is not CallState.CONNECTING:
        answerable = call.state is CallState.RINGING and floor.entry(agent).answer == "auto" and agent.phone_reachable
        return ["answer", "decline"] if answerable else ["decline"]
    return []


def _next_status(agent: Agent) -> View | None:
    return {"status": agent.next_status, "reason": agent.next_reason} if agent.next_status else None
