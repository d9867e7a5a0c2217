"""One ticket for a conversation (requirements C4, F3): opened once, handed over when a transfer completes."""

from dataclasses import asdict

from cti_bridge.domain.border.records import TicketNoted, TicketOpened
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.words import SYSTEM, Noted
from cti_bridge.domain.numbers.marks import marks_view


def open_ticket(floor: Floor, call: Call, agent: Agent) -> None:
    """Open the call's ticket, once. The first agent owns it."""
    if call.ticket_id is not None or call.service is None:
        return
    call.ticket_id, call.ticket_owner = floor.ids.uuid(floor.now), agent.cti_id
    call.participants.append(agent.cti_id)
    floor.touch_call(call)
    marks = marks_view(floor, call)
    detail: dict[str, object] = {
        "direction": call.direction,
        "dialed_number": call.dialed_number,
        "queue": call.queue,
        "marks": asdict(marks) if marks else None,
    }
    if call.dialling.emergency:
        detail["emergency"] = True
    if call.variables:
        detail["data"] = dict(call.variables)
    if call.category is not None:
        detail["category"] = call.category
    floor.record(
        TicketOpened(call.ticket_id, call.id, call.service, agent.cti_id, call.customer.number, floor.now, detail)
    )


def hand_over(floor: Floor, call: Call, agent: Agent) -> None:
    """The agent has the customer now: make the agent a participant, and the owner."""
    if call.ticket_id is None:
        open_ticket(floor, call, agent)
        return
    take_part(floor, call, agent.cti_id)
    if call.ticket_owner != agent.cti_id:
        before, call.ticket_owner = call.ticket_owner, agent.cti_id
        note(floor, call, Noted.OWNER_CHANGED, SYSTEM, **{"from": before, "owner": agent.cti_id})


def take_part(floor: Floor, call: Call, who: str) -> None:
    """An agent (CTI ID) or an outside number has joined the conversation."""
    if who not in call.participants:
        call.participants.append(who)
        note(floor, call, Noted.PARTICIPANT_ADDED, SYSTEM, participant=who)


def note(floor: Floor, call: Call, type_: Noted, by: str, **detail: object) -> None:
    floor.touch_call(call)
    if call.ticket_id is not None:
        floor.record(TicketNoted(call.ticket_id, type_, by, floor.now, dict(detail)))
