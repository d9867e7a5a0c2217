"""The part of the settings that the core knows, in the core's own types."""

from collections.abc import Mapping
from dataclasses import replace

from cti_bridge.config.numbering import Numbering
from cti_bridge.config.schema.policy import NotTakenSettings, PolicySettings
from cti_bridge.config.schema.queues import AnnouncementSettings, QueueSettings
from cti_bridge.config.schema.scenarios import ScenarioSettings
from cti_bridge.config.schema.services import (
    AgentSettings,
    CallingNumberSettings,
    ClientSettings,
    EmergencySettings,
    ServiceSettings,
)
from cti_bridge.config.schema.whole import Schema
from cti_bridge.config.steps import step_of_settings
from cti_bridge.domain.model.announcement import Announcement, Say
from cti_bridge.domain.model.directory import (
    AgentEntry,
    CallingNumber,
    Client,
    Directory,
    Limits,
    NotTaken,
    Policy,
    Queue,
    Service,
    password_mark,
)
from cti_bridge.domain.model.emergency_switch import Prepared
from cti_bridge.domain.model.hours import Hours
from cti_bridge.domain.model.number_list import NumberList
from cti_bridge.domain.model.plan import Need, Overflow
from cti_bridge.domain.model.scenario import HANG_UP, OF_QUEUES, Scenario, short_form
from cti_bridge.domain.model.words import AnswerMode, Record, Right, Scope
from cti_bridge.hours.days import Days
from cti_bridge.hours.zone import moment
from cti_bridge.numbers.e164 import emergency_numbers_near
from cti_bridge.trial.zone import zone_of_service


def directory(
    settings: Schema, hours: Mapping[str, Hours] | None = None, lists: Mapping[str, NumberList] | None = None
) -> Directory:
    """``hours`` are the opening hours, made by :mod:`cti_bridge.config.opening_hours`, and ``lists`` those of numbers,
    made by :mod:`cti_bridge.config.number_lists`."""
    starts = {scenario.name: scenario.start or "" for scenario in settings.scenarios}
    made = Directory(
        policy=_policy(settings.policy, emergency_numbers(settings)),
        services={service.id: _service(service) for service in settings.services},
        queues={queue.id: _queue(queue) for queue in settings.queues},
        scenarios={scenario.name: _scenario(scenario, starts) for scenario in settings.scenarios},
        calling_numbers={number.number: _calling_number(number) for number in settings.calling_numbers},
        agents={agent.cti_id: _agent(agent) for agent in settings.agents},
        clients={client.id: _client(client) for client in settings.clients},
        hours=dict(hours or {}),
        number_lists=dict(lists or {}),
        nodes=frozenset(settings.asterisk),
        draining=frozenset(name for name, node in settings.asterisk.items() if node.drain),
        language=settings.sounds.language,
        edge=EDGE if settings.edge is not None else "",
        numbering=Numbering({name: node.country for name, node in settings.asterisk.items()}, own_numbers(settings)),
    )
    zones = {name: zone_of_service(made, name).name for name in made.services}
    services = {
        name: service if zones[name] == "UTC" else replace(service, days=Days(zones[name]))
        for name, service in made.services.items()
    }
    return replace(made, services=services)


EDGE = "trunk"
"""The endpoint whose address is the edge, in the PBX's files (`asterisk/etc/cti/edge_trunk.conf.in`)."""


def emergency_numbers(settings: Schema) -> frozenset[str]:
    """Return the configured numbers, else those of the countries of our own numbers."""
    if settings.policy.emergency_numbers is not None:
        return frozenset(settings.policy.emergency_numbers)
    return emergency_numbers_near(own_numbers(settings))


def own_numbers(settings: Schema) -> list[str]:
    """Return all numbers of our own, in E.164."""
    calling = [calling.number for calling in settings.calling_numbers]
    return calling + [number for scenario in settings.scenarios for number in scenario.called]


def _client(client: ClientSettings) -> Client:
    return Client(client.id, client.token_hash, frozenset(map(Scope, client.scopes)), tuple(client.services))


def _policy(policy: PolicySettings, emergency: frozenset[str]) -> Policy:
    return Policy(
        default_status=policy.default_status,
        business_reasons=tuple(policy.business_reasons),
        rest_reasons=tuple(policy.rest_reasons),
        after_missed=policy.after_missed,
        missed=_not_taken(policy.missed),
        declined=_not_taken(policy.declined),
        busy=_not_taken(policy.busy),
        unreachable=_not_taken(policy.unreachable),
        after_call=policy.after_call,
        ticket_processing_limit_s=policy.ticket_processing_limit_s,
        open_ticket=policy.open_ticket,
        cancel_resumes=policy.cancel_resumes,
        agent_lost_s=policy.agent_lost_s,
        node_lost_s=policy.node_lost_s,
        ticket_processing_warn_s=policy.ticket_processing_warn_s,
        hold_reminder_s=policy.hold_reminder_s,
        show_monitoring=policy.show_monitoring,
        session_idle_s=policy.session_idle_s,
        session_longest_s=policy.session_longest_s,
        force_disconnect_reasons=tuple(policy.force_disconnect_reasons),
        emergency_numbers=emergency,
    )


def _not_taken(rule: NotTakenSettings) -> NotTaken:
    return NotTaken(rule.most, rule.then, rule.pause_s)


def _service(service: ServiceSettings) -> Service:
    return Service(
        id=service.id,
        name=service.name,
        timezone=service.timezone or "",
        inbound=service.inbound,
        outbound=service.outbound,
        outbound_ticket=service.outbound_ticket,
        allowed_prefixes=tuple(service.allowed_prefixes),
        allowed_regions=tuple(service.allowed_regions),
        allowed_types=tuple(service.allowed_types),
        max_outbound_calls=service.max_outbound_calls,
        max_outbound_per_minute=service.max_outbound_per_minute,
        longest_transferred_s=service.longest_transferred_s,
        return_queue=service.return_queue,
        force_disconnect_message=service.force_disconnect_message,
        force_disconnect_warning=service.force_disconnect_warning,
        force_disconnect_mark_days=service.force_disconnect_mark_days,
        force_disconnect_block_s=service.force_disconnect_block_s,
        record=Record(service.record),
        record_must=service.record_must,
        record_notice=service.record_notice,
        record_pause_most_s=service.record_pause_most_s,
        formula=service.formula,
        emergency=_emergency(service.emergency, service.timezone or "UTC"),
    )


def _emergency(emergency: EmergencySettings, timezone: str) -> Prepared:
    return Prepared(
        message=emergency.message,
        next="" if emergency.next == HANG_UP else emergency.next,
        on=emergency.on,
        until=moment(emergency.until, timezone, 0.0) if emergency.until else None,
    )


def _queue(queue: QueueSettings) -> Queue:
    return Queue(
        id=queue.id,
        service=queue.service,
        priority=queue.priority,
        pickup_time_s=queue.pickup_time_s,
        music=queue.music,
        longest_wait_s=queue.longest_wait_s,
        needs=tuple(Need(need.after_s, dict(need.skills)) for need in queue.needs),
        overflow=tuple(Overflow(one.after_s, tuple(one.queues), one.priority) for one in queue.overflow),
        max_waiting=queue.max_waiting,
        exits={exit_: target for exit_ in OF_QUEUES if (target := getattr(queue.exits, exit_))},
        no_agents_after_s=queue.no_agents_after_s,
        hours=queue.hours,
        closing=queue.closing,
        closing_most_s=queue.closing_most_s,
        last_agent_s=queue.last_agent_s,
        last_agent_days=queue.last_agent_days,
        most_open=queue.callback.most_open,
        announce=tuple(_announcement(one) for one in queue.announce),
        agent_sound=queue.agent_sound,
        record=Record(queue.record) if queue.record is not None else None,
        handle_time_s=queue.handle_time_s,
        service_level_s=queue.service_level_s,
        short_abandon_s=queue.short_abandon_s,
        limits=Limits(*(tuple(each) for each in queue.wallboard.model_dump().values())),
    )


def _announcement(one: AnnouncementSettings) -> Announcement:
    return Announcement(one.at_s, one.every_s, tuple(map(Say, one.say)), tuple(one.sounds), one.above_s)


def _scenario(scenario: ScenarioSettings, starts: Mapping[str, str]) -> Scenario:
    if scenario.queue is not None:
        short = short_form(
            number=scenario.called[0],
            service=scenario.service,
            queue=scenario.queue,
            greeting=scenario.greeting,
            on_longest_wait=scenario.on_longest_wait,
        )
        return replace(short, id=scenario.name, numbers=tuple(scenario.called), language=scenario.language)
    steps = {name: step_of_settings(name, step, starts) for name, step in scenario.steps.items()}
    return Scenario(
        scenario.name, scenario.service, tuple(scenario.called), scenario.start or "", steps, scenario.language
    )


def _calling_number(number: CallingNumberSettings) -> CallingNumber:
    return CallingNumber(number=number.number, service=number.service, state=number.state)


def _agent(agent: AgentSettings) -> AgentEntry:
    after = agent.queues if isinstance(agent.queues, dict) else {}
    return AgentEntry(
        cti_id=agent.cti_id,
        cti_number=agent.cti_number,
        name=agent.name,
        services=tuple(agent.services),
        queues=tuple(agent.queues),
        phone_permission=agent.phone_permission,
        answer=AnswerMode(agent.answer),
        role=agent.role,
        password_mark=password_mark(agent.password_hash.get_secret_value()),
        node=agent.node,
        skills=dict(agent.skills),
        backup={queue: after_s for queue, after_s in after.items() if after_s > 0},
        team=agent.team or "",
        rights=frozenset(map(Right, agent.rights)),
        supervises=tuple(agent.supervises),
    )
