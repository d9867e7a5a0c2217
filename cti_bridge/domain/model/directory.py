"""The directory: the part of the configuration that the core knows. It names the objects and holds the rules. The core
only reads it; the adapters build it from the settings."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cti_bridge.domain.model.announcement import Announcement
from cti_bridge.domain.model.emergency_switch import NOTHING_PREPARED, Prepared
from cti_bridge.domain.model.hours import Hours
from cti_bridge.domain.model.number_list import NumberList
from cti_bridge.domain.model.numbering import AsTheyCome, Numbering
from cti_bridge.domain.model.plan import Need, Overflow, Plan, plans
from cti_bridge.domain.model.scenario import Enqueue, Scenario
from cti_bridge.domain.model.talks import asked_for_days
from cti_bridge.domain.model.today import Day, utc_day
from cti_bridge.domain.model.words import AnswerMode, Record, Right, Scope


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The consequence of calls that an agent did not take, in one way."""

    most: int
    """So many in a row, and the agent leaves ready; 0: never."""
    then: str | None = None
    """The status then; None: `Policy.after_missed`."""
    pause_s: float = 0
    """The seconds without an offer for an agent who stays ready."""


@dataclass(frozen=True, slots=True)
class Policy:
    default_status: str = "business"
    business_reasons: tuple[str, ...] = ("education", "report", "meeting", "ticket", "chat", "monitor")
    rest_reasons: tuple[str, ...] = field(default=(), repr=False)
    """Empty: rest has none."""
    after_missed: str = "business"
    """business, ready or rest."""
    missed: NotTaken = NotTaken(1)
    declined: NotTaken = NotTaken(1)
    busy: NotTaken = NotTaken(0, pause_s=30)
    unreachable: NotTaken = NotTaken(0, pause_s=10)
    after_call: str = "ticket"
    """ticket, ready or ask."""
    ticket_processing_limit_s: float = 0
    """0: none."""
    open_ticket: str = "connect"
    """connect or ring."""
    cancel_resumes: bool = False
    agent_lost_s: float = 20
    node_lost_s: float = 120
    """0: never."""
    ticket_processing_warn_s: float = 300
    """0: never."""
    hold_reminder_s: float = 120
    show_monitoring: bool = field(default=False, repr=False)
    """Agents see who monitors their call."""
    session_idle_s: float = 28_800
    """0: no limit."""
    session_longest_s: float = 86_400
    """0: no limit."""
    force_disconnect_reasons: tuple[str, ...] = ()
    emergency_numbers: frozenset[str] = frozenset()
    """As they are dialled."""

    def reasons(self, status: str) -> tuple[str, ...]:
        """Return the reasons that agents choose from for the status; empty: it has none."""
        return {"business": self.business_reasons, "rest": self.rest_reasons}.get(status, ())


@dataclass(frozen=True, slots=True)
class Service:
    id: str
    name: str = ""
    timezone: str = ""
    """The zone of its days. Empty: none is configured."""
    days: Callable[[float], Day] = utc_day
    """Returns the day of a moment, POSIX seconds: in the zone, or in that of its opening hours."""
    inbound: bool = True
    outbound: bool = True
    outbound_ticket: str = "on_answer"
    allowed_prefixes: tuple[str, ...] = ()
    """Prefixes of numbers that may be called. A whole number is one, and is called whatever its kind."""
    allowed_regions: tuple[str, ...] = ()
    """Regions (ISO 3166) that may be called beside the main ones of the prefixes."""
    allowed_types: tuple[str, ...] = ()
    """Types of costly numbers that may be called (words of `NumberKind.costly`)."""
    max_outbound_calls: int = 20
    max_outbound_per_minute: int = 30
    longest_transferred_s: float = 14_400
    """0: no limit."""
    return_queue: str | None = None
    force_disconnect_message: str = ""
    force_disconnect_warning: str = ""
    """The message that warns customer and agent before a force disconnect; empty: there is no such step."""
    force_disconnect_mark_days: float = 90
    """0: no mark."""
    force_disconnect_block_s: float = 0
    """0: none."""
    record: Record = Record.OFF
    """The recording of conversations, where their queue says nothing."""
    record_must: bool = False
    """A call that is always recorded, and cannot be, does not go on."""
    record_notice: str = ""
    """The message to whoever is outside and is going to be recorded; empty: none."""
    record_pause_most_s: float = 300
    """The seconds after which an agent's pause of the recording ends by itself."""
    formula: str = "accepted"
    """The formula of the service level that is shown."""
    emergency: Prepared = NOTHING_PREPARED


@dataclass(frozen=True, slots=True)
class Limits:
    """The figures of a queue from which on it is shown as late, and as an alarm."""

    waiting: tuple[int, ...] = ()
    longest_s: tuple[int, ...] = (60, 120)
    service_level: tuple[int, ...] = (80, 60)
    callback_s: tuple[int, ...] = (3_600, 14_400)


@dataclass(frozen=True, slots=True)
class Queue:
    id: str
    service: str
    priority: int = 0
    """Higher is served first."""
    pickup_time_s: float = 20
    music: str = "default"
    longest_wait_s: float = 600
    """0: for ever."""
    needs: tuple[Need, ...] = ()
    """The skills that agents need, by the wait."""
    overflow: tuple[Overflow, ...] = ()
    max_waiting: int = 0
    """The most calls that may wait when another one comes; 0: no limit."""
    exits: Mapping[str, str] = field(default_factory=dict)
    """By `Exit`, where a call goes whose step names none: ``scenario/step``, or ``hangup``."""
    no_agents_after_s: float = 30
    """The seconds without anybody who works for the queue after which a waiting call leaves by `Exit.NO_AGENTS`."""
    hours: str | None = None
    """The id of the opening hours; None: always open."""
    closing: str = "serve"
    """serve: who waits at closing time is served; leave: they leave."""
    closing_most_s: float = 900
    """The seconds after closing time in which who waits is served."""
    announce: tuple[Announcement, ...] = ()
    """Said to callers while they wait."""
    agent_sound: str = ""
    """Heard by the agent who lifts, before the customer is there; empty: nothing."""
    record: Record | None = None
    """The recording of the conversations of its calls; None: as the service says."""
    handle_time_s: float = 0
    """The handling time for the expected wait where nothing else is known; 0: nothing is known."""
    service_level_s: float = 20
    """The seconds within which calls are to be answered, for reports."""
    short_abandon_s: float = 5
    """The seconds before which a caller who hangs up is no loss, for reports."""
    last_agent_s: float = 0
    """The seconds for which a call waits for the agent who talked last with its number; 0: not at all."""
    last_agent_days: int = 7
    """The days after which such a talk is forgotten."""
    most_open: int = 200
    """The most open call-backs and messages (:mod:`cti_bridge.domain.callbacks.entries`)."""
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class CallingNumber:
    number: str
    service: str
    state: str = "new"
    """new, confirmed or rejected."""


def password_mark(password_hash: str) -> str:
    """Return the mark of a password by its hash. It reveals neither."""
    return hashlib.sha256(password_hash.encode()).hexdigest()[:16] if password_hash else ""


@dataclass(frozen=True, slots=True)
class AgentEntry:
    cti_id: str
    cti_number: str
    name: str = ""
    services: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    phone_permission: bool = True
    answer: AnswerMode = AnswerMode.PHONE
    role: str = "agent"
    password_mark: str = ""
    """A mark of the password, another one for each; empty: not known here."""
    node: str = ""
    """The node whose PBX the phone registers with; empty: any."""
    skills: Mapping[str, int] = field(default_factory=dict)
    """Levels by skill."""
    backup: Mapping[str, float] = field(default_factory=dict)
    """Queues that the agent serves only for calls that have waited so many seconds."""
    team: str = ""
    """Empty: none."""
    rights: frozenset[Right] = frozenset()
    supervises: tuple[str, ...] = ()
    """The teams of a supervisor; empty: all agents of the own services."""


@dataclass(frozen=True, slots=True)
class Client:
    """A program or a screen that nobody is logged in at."""

    id: str
    token_hash: str
    """The SHA-256 of its token, in hexadecimal digits."""
    scopes: frozenset[Scope] = frozenset()
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Directory:
    policy: Policy = field(default_factory=Policy)
    services: Mapping[str, Service] = field(default_factory=dict)
    queues: Mapping[str, Queue] = field(default_factory=dict)
    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    """By id."""
    calling_numbers: Mapping[str, CallingNumber] = field(default_factory=dict)
    agents: Mapping[str, AgentEntry] = field(default_factory=dict)
    """By CTI ID."""
    clients: Mapping[str, Client] = field(default_factory=dict)
    """By id."""
    hours: Mapping[str, Hours] = field(default_factory=dict)
    """Opening hours, by id."""
    number_lists: Mapping[str, NumberList] = field(default_factory=dict)
    """By id."""
    nodes: frozenset[str] = frozenset()
    """The names of the configured PBX nodes; empty: not known here."""
    edge: str = ""
    """The endpoint by which each PBX knows the edge, with which all phones register; empty: there is none."""
    draining: frozenset[str] = frozenset()
    """The names of nodes that take no new calls."""
    language: str = "en"
    """The language of callers whose scenario names none."""
    numbering: Numbering = field(default_factory=AsTheyCome)
    """The rule for telephone numbers and their forms."""
    number_key: Callable[[str], str] = lambda number: number
    """Turns a number into the key that stands where the number must not be. The same number has always the same key.
    Without the installation's secret no way leads back."""

    plans: dict[str, Plan] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The stages of every queue."""
    talks_of_days: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)
    """By scenario, for how many days back its calls ask who has talked with their number."""
    remembering: set[str] = field(default_factory=set, init=False, repr=False, compare=False)
    """The services with a queue that has a last agent."""
    records: set[str] = field(default_factory=set, init=False, repr=False, compare=False)
    """The services and queues that have a say in whether a conversation is recorded; empty in a house that records
    nothing."""
    _by_number: dict[str, Scenario] = field(default_factory=dict, init=False, repr=False, compare=False)
    _by_token: dict[str, Client] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.plans.update(plans(self.queues.values(), self.agents.values()))
        self._by_token.update({client.token_hash: client for client in self.clients.values()})
        days = {queue.id: queue.last_agent_days for queue in self.queues.values() if queue.last_agent_s}
        if days:
            self.remembering.update(self.queues[name].service for name in days)
            self.talks_of_days.update(_talks_of_days(self.scenarios, self.queues, days))
        self.records.update(one.id for one in self.services.values() if one.record is not Record.OFF)
        self.records.update(one.id for one in self.queues.values() if one.record not in (None, Record.OFF))
        self._by_number.update({number: one for one in self.scenarios.values() for number in one.numbers})

    def client_of(self, token_hash: str) -> Client | None:
        """Return the client whose token has this hash."""
        return self._by_token.get(token_hash)

    def scenario_of(self, number: str) -> Scenario | None:
        """Return the scenario of a called number, as the configuration writes the number."""
        return self._by_number.get(number)

    def called(self, number: str, node: str) -> str:
        """Return the number of a scenario as the configuration writes it, in whatever form the PBX sends it. A number
        without a scenario comes back in the form in which any number is written."""
        if number in self._by_number:
            return number
        own = [reading for reading in self.numbering.readings(number, node) if reading in self._by_number]
        return own[0] if len(own) == 1 else self.numbering.delivered(number, node)


def _talks_of_days(
    scenarios: Mapping[str, Scenario], queues: Mapping[str, Queue], days: Mapping[str, int]
) -> dict[str, int]:
    steps = {name: one.steps.values() for name, one in scenarios.items()}
    queues_of = {name: {step.queue for step in of if isinstance(step, Enqueue)} for name, of in steps.items()}
    leads_to = {}
    for name, of in steps.items():
        exits = [queues[queue].exits for queue in queues_of[name] if queue in queues]
        targets = [target for one in (*(step.exits for step in of), *exits) for target in one.values()]
        leads_to[name] = {target.rpartition("/")[0] for target in targets if "/" in target}
    return asked_for_days(leads_to, queues_of, days)


def share_a_service(directory: Directory, one: str, other: str) -> bool:
    """Return whether the two agents (CTI IDs) work for the same service."""
    entries = [directory.agents.get(cti_id) for cti_id in (one, other)]
    services = [set(entry.services) if entry is not None else set() for entry in entries]
    return not services[0].isdisjoint(services[1])
