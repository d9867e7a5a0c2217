"""Rows of agents, and of calls that wait."""

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent, AgentState
from cti_bridge.domain.model.call import WITH_TARGET, Call, CallState
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.domain.model.today import AGENT, Day, DayFigures, utc_day
from cti_bridge.domain.model.words import Direction, PhoneState
from cti_bridge.domain.queue.order import order_key
from cti_bridge.domain.views.recording import recording_view
from cti_bridge.domain.views.snapshot import status_view
from cti_bridge.numbers.e164 import mask
from cti_bridge.watching.shapes import AgentTodayView, LiveAgentView, LiveCallView, LiveWaitingView

_TALK = ("in_talk_s", "out_talk_s")
_CALLS = ("answered", "transfers_in", "out_answered")


def agent_row(floor: Floor, agent: Agent, now: float) -> LiveAgentView:
    """Return the row of the agent as it is at ``now``, POSIX seconds."""
    entry, call = floor.entry(agent), floor.calls.get(agent.call_id or "")
    return LiveAgentView(
        cti_id=agent.cti_id,
        name=entry.name or agent.cti_id,
        team=entry.team,
        phone=PhoneState.REACHABLE if agent.phone_reachable else PhoneState.UNREACHABLE,
        status=agent.status,
        reason=agent.reason,
        state=agent.state,
        label=agent.label,
        since=iso(agent.since or floor.now),
        next_status=status_view((agent.next_status, agent.next_reason)) if agent.next_status else None,
        help_since=iso(agent.help_at) if agent.help_at is not None else None,
        limit=limit_s(floor, agent),
        call=_call(floor, agent, call) if call is not None and call.state is not CallState.ENDED else None,
        today=_today(floor, agent, now),
    )


def limit_s(floor: Floor, agent: Agent) -> float | None:
    """Return the seconds from which on what the agent is at is long; None: there is no such limit."""
    if agent.processes_a_ticket:
        return floor.policy.ticket_processing_warn_s or None
    return (floor.policy.hold_reminder_s or None) if agent.state is AgentState.ON_HOLD else None


def waiting_row(floor: Floor, call: Call) -> LiveWaitingView:
    """Return the row of a call that waits."""
    first, priority, arrived_at, call_id = order_key(floor, call)
    return LiveWaitingView(
        call_id=call.id,
        service=call.service,
        queue=call.queue or "",
        customer_number=_masked(call),
        since=iso(call.wait.since or call.arrived_at),
        rings=call.state is not CallState.WAITING,
        order=[first, priority, round(arrived_at, 3), call_id],
    )


def figures_of(floor: Floor, id_: str, day: Day) -> DayFigures:
    """Return the figures of the day; empty ones where nothing was counted yet."""
    found = floor.figures.of_id.get(id_)
    return found if found is not None and found.day == day.name else DayFigures(id_, day.name)


def day_of(floor: Floor, service: str | None, now: float) -> Day:
    """Return the day of the service."""
    found = floor.directory.services.get(service or "")
    return (found.days if found is not None else utc_day)(now)


def _call(floor: Floor, agent: Agent, call: Call) -> LiveCallView:
    recording = recording_view(floor, call) if call.recorder is not None else None
    return LiveCallView(
        call_id=call.id,
        service=call.service,
        queue=call.queue,
        direction=call.direction,
        customer_number=None if call.direction is Direction.INTERNAL else _masked(call),
        state=call.state,
        since=iso(call.state_since),
        answered_at=iso(call.answered_at) if call.answered_at is not None else None,
        partner=_partner(floor, agent, call),
        recording=recording.state if recording is not None else None,
        emergency=call.dialling.emergency,
    )


def _partner(floor: Floor, agent: Agent, call: Call) -> str:
    """Return the colleague, or the masked number, with whom the agent is in the call beside the customer."""
    if call.direction is Direction.INTERNAL:
        other = call.dialling.colleague if call.cti_id == agent.cti_id else call.cti_id
    elif call.state not in WITH_TARGET or call.target is None:
        return ""
    elif call.target.cti_id is None:
        return mask(call.target.number)
    else:
        other = call.target.cti_id if call.cti_id == agent.cti_id else call.cti_id
    entry = floor.directory.agents.get(other or "")
    return (entry.name if entry is not None else "") or other or ""


def _today(floor: Floor, agent: Agent, now: float) -> AgentTodayView:
    services = floor.entry(agent).services
    figures = figures_of(floor, f"{AGENT}/{agent.cti_id}", day_of(floor, services[0] if services else None, now))
    counts, seconds = figures.counts, figures.seconds
    return AgentTodayView(
        calls=sum(counts.get(name, 0) for name in _CALLS),
        talk_s=round(sum(seconds.get(name, 0.0) for name in _TALK), 1),
        missed=counts.get("missed", 0) + counts.get("declined", 0),
    )


def _masked(call: Call) -> str | None:
    return mask(call.customer.number) if call.customer.number is not None else None
