"""Rows of a wallboard: queues and services with the figures of today, teams, and who asks for help."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

from cti_bridge.domain.border.views import QueueView
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.hours.emergency_switch import in_force
from cti_bridge.domain.model.agent import Agent, AgentState, Status
from cti_bridge.domain.model.announcement import BRACKETS, bracket_of
from cti_bridge.domain.model.directory import Queue, Service
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.domain.model.today import QUEUE, SERVICE, TURNED_AWAY, DayFigures
from cti_bridge.domain.model.words import Direction
from cti_bridge.domain.queue.no_calls import assignable
from cti_bridge.domain.queue.working import works
from cti_bridge.domain.views.queues import queue_views
from cti_bridge.reports.formulas import Formula, rate, service_level
from cti_bridge.trial.zone import zone_of_service
from cti_bridge.watching.rows import day_of, figures_of, limit_s
from cti_bridge.watching.shapes import LimitsView, LiveHelpView, LiveQueueView, LiveServiceView, LiveTeamView

COLUMNS = (
    "offered", "answered", "abandoned", "longest_wait", "full", "no_agents", "closed", "key", "moved", "ended",
    "node_lost", "waiting", "within", "abandoned_within", "abandoned_short",
    "new", "transferred", "returned", "moved_in", "callbacks_in",
)  # fmt: skip
_RINGS = frozenset({AgentState.RINGING, AgentState.ACCEPTED})
_NO_LIMIT = float("inf")


def queue_rows(floor: Floor, now: float) -> dict[str, LiveQueueView]:
    """Return all queues by id, in the order of the configuration."""
    return {view.id: _queue(floor, view, floor.directory.queues[view.id], now) for view in queue_views(floor, now)}


def service_rows(floor: Floor, now: float) -> dict[str, LiveServiceView]:
    """Return all services by id, in the order of the configuration."""
    return {service.id: _service(floor, service, now) for service in floor.directory.services.values()}


def team_rows(floor: Floor, now: float, cti_ids: Iterable[str]) -> dict[str, LiveTeamView]:
    """Return the teams of these agents by id, in the order of the configuration, with these agents alone."""
    teams: defaultdict[str, list[Agent]] = defaultdict(list)
    for cti_id in cti_ids:
        agent = floor.agents.get(cti_id)
        if agent is not None and (team := floor.entry(agent).team):
            teams[team].append(agent)
    return {team: _team(floor, team, agents, now) for team, agents in teams.items()}


def help_rows(floor: Floor, sees: Callable[[str], bool]) -> dict[str, LiveHelpView]:
    """Return who asks for help, of those who are seen, by CTI ID; who has waited longest first."""
    asking = [agent for agent in floor.agents.values() if agent.help_at is not None and sees(agent.cti_id)]
    asking.sort(key=lambda agent: agent.help_at or 0.0)
    return {agent.cti_id: _help(floor, agent) for agent in asking}


def _queue(floor: Floor, view: QueueView, queue: Queue, now: float) -> LiveQueueView:
    figures = figures_of(floor, f"{QUEUE}/{queue.id}", day_of(floor, queue.service, now))
    expected_s = view.expected_wait_s
    return LiveQueueView(
        id=view.id,
        service=view.service,
        waiting=view.waiting,
        longest_since=view.longest_since,
        expected=None if expected_s is None else BRACKETS[bracket_of(expected_s)][1],
        working=view.agents_working,
        ready=view.agents_ready,
        callbacks=view.callbacks,
        open=not view.closed,
        today=_counts(figures),
        answer_rate=_answer_rate([figures]),
        service_level=_level(floor, queue.service, [figures]),
        limits=LimitsView(*map(list, (queue.limits.waiting, queue.limits.longest_s, queue.limits.service_level))),
    )


def _service(floor: Floor, service: Service, now: float) -> LiveServiceView:
    day = day_of(floor, service.id, now)
    figures = figures_of(floor, f"{SERVICE}/{service.id}", day)
    queues = [queue for queue in floor.directory.queues.values() if queue.service == service.id]
    names = {queue.id for queue in queues}
    there = (agent for agent in floor.agents.values() if agent.logged_in)
    serving = [agent for agent in there if not names.isdisjoint(floor.entry(agent).queues)]
    hours = dict.fromkeys(queue.hours for queue in queues if queue.hours is not None)
    return LiveServiceView(
        id=service.id,
        name=service.name or service.id,
        timezone=zone_of_service(floor.directory, service.id).name,
        day=day.name,
        working=sum(works(floor, agent) for agent in serving),
        ready=sum(assignable(floor, agent) for agent in serving),
        formula=service.formula,
        service_level_s=_common({queue.service_level_s for queue in queues}),
        short_abandon_s=_common({queue.short_abandon_s for queue in queues}),
        today=_counts(figures),
        answer_rate=_answer_rate([figures]),
        service_level=_level(floor, service.id, [figures]),
        emergency=in_force(floor, service.id, now) is not None,
        overridden=[name for name in hours if _overridden(floor, name, now)],
    )


def _overridden(floor: Floor, hours: str, now: float) -> bool:
    override = floor.overrides.get(hours)
    return override is not None and (override.until is None or override.until > now)


def _common(values: Collection[float]) -> float | None:
    return next(iter(values)) if len(values) == 1 else None


def _team(floor: Floor, team: str, agents: Collection[Agent], now: float) -> LiveTeamView:
    entries = floor.directory.agents
    queues = [
        queue.id
        for queue in floor.directory.queues.values()
        if any(queue.id in entries[agent.cti_id].queues for agent in agents)
    ]
    of_queues = [
        figures_of(floor, f"{QUEUE}/{name}", day_of(floor, floor.directory.queues[name].service, now))
        for name in queues
    ]
    there = [agent for agent in agents if agent.logged_in]
    calls = {agent.cti_id: floor.calls.get(agent.call_id or "") for agent in there}
    out = [one for one in there if (call := calls[one.cti_id]) is not None and call.direction is Direction.OUTBOUND]
    busy = [agent for agent in there if agent.state is not AgentState.IDLE and agent not in out]
    rings = sum(agent.state in _RINGS for agent in busy)
    idle = [agent for agent in there if agent.state is AgentState.IDLE]
    long = [agent for agent in there if now - agent.since > (limit_s(floor, agent) or _NO_LIMIT)]
    service = floor.directory.queues[queues[0]].service if queues else ""
    return LiveTeamView(
        id=team,
        queues=queues,
        logged_in=len(there),
        ready=sum(agent.status is Status.READY and assignable(floor, agent) for agent in idle),
        talking=len(busy) - rings,
        ringing=rings,
        outbound=len(out),
        away=sum(agent.status is not Status.READY for agent in idle),
        hold_over=sum(not agent.processes_a_ticket for agent in long),
        processing_over=sum(agent.processes_a_ticket for agent in long),
        answer_rate=_answer_rate(of_queues),
        service_level=_level(floor, service, of_queues),
    )


def _help(floor: Floor, agent: Agent) -> LiveHelpView:
    entry, call = floor.entry(agent), floor.calls.get(agent.call_id or "")
    return LiveHelpView(
        cti_id=agent.cti_id,
        name=entry.name or agent.cti_id,
        team=entry.team,
        since=iso(agent.help_at or floor.now),
        queue=call.queue if call is not None else None,
        direction=call.direction if call is not None else None,
    )


def _counts(figures: DayFigures) -> dict[str, int]:
    return {name: figures.counts.get(name, 0) for name in COLUMNS}


def _sums(parts: Iterable[DayFigures]) -> dict[str, int]:
    parts = list(parts)
    found = {name: sum(one.counts.get(name, 0) for one in parts) for name in COLUMNS}
    return {**found, "turned_away": sum(found[name] for name in TURNED_AWAY)}


def _answer_rate(parts: Iterable[DayFigures]) -> float | None:
    found = _sums(parts)
    return rate(found["answered"], found["offered"])


def _level(floor: Floor, service: str, parts: Iterable[DayFigures]) -> float | None:
    found = floor.directory.services.get(service)
    return service_level(_sums(parts), Formula(found.formula if found is not None else Formula.ACCEPTED))
