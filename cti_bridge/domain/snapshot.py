"""Read-only views of the floor, in the shapes that the API shows (``api/schemas.py``)."""

from typing import Any

from cti_bridge.domain.agent import Agent, Status
from cti_bridge.domain.call import CONSULTING, Call, CallState, Offer
from cti_bridge.domain.dialing import may_dial
from cti_bridge.domain.floor import Floor
from cti_bridge.domain.handback import can_take_back
from cti_bridge.domain.hold import PHONE
from cti_bridge.domain.marks import marks_view
from cti_bridge.domain.no_calls import no_calls
from cti_bridge.domain.timestamps import iso
from cti_bridge.domain.warning import warning_of
from cti_bridge.domain.wiring import holding

View = dict[str, Any]


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
        "next_status": _status_view((agent.next_status, agent.next_reason)) if agent.next_status else None,
        "state": agent.state,
        "label": agent.label,
        "since": iso(agent.since or floor.now),
        "ticket_processing_ends_at": iso(agent.processing_ends_at) if agent.processing_ends_at else None,
        "after_processing": _status_view(agent.after_processing),
        "prompt": agent.prompt,
        "offer": offer_view(call) if call and call.offer and call.offer.cti_id == cti_id else None,
        "call": call_view(floor, call) if call else None,
        "allowed_actions": allowed_actions(floor, agent, call),
        "no_calls": no_calls(floor, agent),
    }


def offer_view(call: Call) -> View | None:
    if call.offer is None:
        return None
    return {"offer_id": call.offer.id, "call_id": call.id, "expires_at": iso(call.offer.expires_at)}


def call_view(floor: Floor, call: Call) -> View:
    return {
        "call_id": call.id,
        "direction": call.direction,
        "emergency": call.emergency,
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
        "answered_at": iso(call.answered_at) if call.answered_at else None,
        "ticket_id": call.ticket_id,
        "marks": marks_view(floor, call),
        "warnings": call.warnings,
        "held_by": call.held_by,
        "holding": holding(call),
        "consult": _consult(floor, call),
        "last_result": _last_result(floor, call),
    }


_S = CallState
_ACTIONS: dict[CallState, tuple[str, ...]] = {
    _S.DIALING_AGENT: ("hangup",),
    _S.DIALING_CUSTOMER: ("hangup",),
    _S.TALKING: ("hold", "consult", "transfer", "warn", "force-disconnect", "hangup", "dtmf"),
    _S.WARNING: ("warn/stop", "force-disconnect", "hangup"),
    _S.ON_HOLD: ("resume", "consult", "transfer", "force-disconnect", "hangup"),
    _S.CONSULT_RINGING: ("consult/connect", "consult/cancel", "hangup"),
    _S.CONSULT_TALKING: ("consult/connect", "consult/cancel", "hangup"),
    _S.CONSULT_ALONE: ("consult/cancel", "hangup"),
}
"""What the agent who leads the call may ask for (the last column of the matrix)."""


def allowed_actions(floor: Floor, agent: Agent, call: Call | None) -> list[str]:
    """The commands that would not be refused now."""
    if call is None:
        return _idle_actions(floor, agent)
    if not floor.node_up(call.node):
        return []
    if call.offer is not None and call.offer.cti_id == agent.cti_id:
        return _offer_actions(floor, agent, call, call.offer)
    if call.cti_id != agent.cti_id:
        return ["hangup"] if call.state in (_S.CONSULT_TALKING, _S.CONSULT_ALONE) else []
    actions = list(_ACTIONS.get(call.state, ()))
    if PHONE in call.held_by and "resume" in actions:
        actions.remove("resume")
    if "consult/connect" in actions and call.customer_leg is None:
        actions.remove("consult/connect")
    if "warn" in actions and not warning_of(floor, call):
        actions.remove("warn")
    return [action for action in actions if not call.emergency or action not in ("warn", "force-disconnect")]


def _idle_actions(floor: Floor, agent: Agent) -> list[str]:
    """Dial up; recall, while a direct transfer of theirs still rings."""
    if not agent.logged_in:
        return []
    sent = (floor.calls.get(call_id) for call_id in agent.recent_calls)
    ringing = any(
        call and call.sender == agent.cti_id and _rings(floor, call) and can_take_back(floor, agent, call)
        for call in sent
    )
    return [*(["dial"] if may_dial(floor, agent) else []), *(["recall"] if ringing else [])]


def _rings(floor: Floor, call: Call) -> bool:
    """A direct transfer that nobody has answered yet."""
    return call.state is _S.TRANSFER_RINGING and call.target is not None and floor.node_up(call.node)


def _offer_actions(floor: Floor, agent: Agent, call: Call, offer: Offer) -> list[str]:
    if call.state is CallState.CONNECTING:
        return []
    answerable = floor.entry(agent).answer == "auto" and agent.phone_reachable_on(call.node) and offer.leg_id is None
    return ["answer", "decline"] if answerable else ["decline"]


def _consult(floor: Floor, call: Call) -> View | None:
    if call.target is None or call.state not in CONSULTING:
        return None
    entry = floor.directory.agents.get(call.target.cti_id or "")
    name = entry.name if entry else ""
    return {"target": call.target.number, "target_name": name, "state": _CONSULT_STATES[call.state]}


def _last_result(floor: Floor, call: Call) -> View | None:
    if call.last_result is None:
        return None
    target = call.last_result.target
    entry = floor.directory.agents.get(floor.by_cti_number.get(target, ""))
    return {"target": target, "reason": call.last_result.reason, "target_name": entry.name if entry else ""}


_CONSULT_STATES = {_S.CONSULT_RINGING: "ringing", _S.CONSULT_TALKING: "talking", _S.CONSULT_ALONE: "alone"}


def _status_view(chosen: tuple[Status, str | None] | None) -> View | None:
    return {"status": chosen[0], "reason": chosen[1]} if chosen else None
