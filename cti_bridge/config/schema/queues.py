"""Queues: who gets a call, when a call leaves, and what becomes of it then."""

from typing import Annotated, Literal

from pydantic import Field

from cti_bridge.config.kinds import Identifier, Media, QueueTarget, Seconds, SecondsOrNone, Skills, matching
from cti_bridge.config.schema.section import Section
from cti_bridge.domain.model.announcement import Say, sounds_of


class NeedSettings(Section):
    """``needs`` of [[queues]]: from ``after_s`` on an agent needs these skills. It replaces the one before."""

    after_s: SecondsOrNone = 0
    """The seconds since the call entered the queue."""
    skills: Skills
    """The least level by skill. Empty: any agent of the queue."""


class OverflowSettings(Section):
    """``overflow`` of [[queues]]: from ``after_s`` on others help out, and no agents are taken away."""

    after_s: Seconds
    """The seconds since the call entered the queue."""
    queues: list[Identifier] = []
    """Queues of the same service, whose agents are asked too. The call stays in its own queue."""
    priority: int = 0
    """The number by which the priority of the call rises."""


class QueueExitsSettings(Section):
    """[queues.exits]: where calls go that leave the queue without an agent, and whose step names no such exit or is no
    more: "SCENARIO/STEP", or "hangup" (the caller hears sound:cti/goodbye, and the call ends)."""

    longest_wait: QueueTarget | None = None
    """The longest wait is over."""
    full: QueueTarget | None = None
    """``max_waiting`` calls have a place in the queue already."""
    no_agents: QueueTarget | None = None
    """Nobody works for the queue. Naming it, here or in a step, is the switch: without it calls wait all the same."""
    closed: QueueTarget | None = None
    """The queue's ``hours`` are closed."""
    failed: QueueTarget | None = None
    """A call comes back, after a transfer that failed or when its agent was lost, and no queue takes it. The first
    queue of its service that names it says where the call goes."""


class AnnouncementSettings(Section):
    """``announce`` of [[queues]]: what callers hear while they wait, in place of the music. The call is offered all the
    same, a key counts at once, and the music goes on behind it. The seconds count from the entry into the queue."""

    at_s: SecondsOrNone | None = None
    """The seconds at which it is said. With ``every_s`` too: for the first time."""
    every_s: Annotated[float, Field(ge=10, le=86400, allow_inf_nan=False)] | None = None
    """The seconds between it and the next time."""
    say: list[Literal["position", "wait"]] = []
    """position: the caller's place in the queue. wait: the expected wait as a range of minutes; it is said again only
    when it is shorter, and not at all while too little is known."""
    sounds: list[Media] = []
    """Messages behind it."""
    above_s: SecondsOrNone = 0
    """The least expected wait, in seconds, while which it is said."""

    def media(self) -> list[str]:
        """Return all messages."""
        return [*(sound for say in self.say for sound in sounds_of(Say(say))), *self.sounds]


class CallbackSettings(Section):
    """[queues.callback]: call-backs and messages of the queue."""

    most_open: Annotated[int, Field(ge=1, le=10_000)] = 200
    """The most that are open at a time. From then on the step callback is left by ``otherwise``; messages are still
    taken, up to five times as many, and /readyz warns."""


_Limits = Annotated[list[Annotated[int, Field(ge=0, le=100_000)]], Field(max_length=2)]


class WallboardSettings(Section):
    """[queues.wallboard]: the figures from which on the queue is shown in amber, and from which on in red. One figure
    alone is amber; empty: never."""

    waiting: _Limits = []
    """More than so many calls wait."""
    longest_s: _Limits = [60, 120]
    """A call waits for longer than so many seconds."""
    service_level: _Limits = [80, 60]
    """The service level of today, in per cent, is below that. The first one is its goal."""
    callback_s: _Limits = [3600, 14400]
    """A call-back or a message waits for longer than so many seconds in which the queue was open."""


class QueueSettings(Section):
    """[[queues]]: where calls wait for an agent."""

    id: Identifier
    """The queue's name in the API, tables and this configuration."""
    service: Identifier
    """The service of the queue."""
    priority: int = 0
    """For agents who serve several queues: the queue with the higher number is served first."""
    pickup_time_s: Seconds = 20
    """The seconds for which an agent is rung; then the call is offered to the next."""
    music: Annotated[str, matching(r"[A-Za-z0-9_.-]+", "letters, digits and _ . - only")] = "default"
    """Class of hold music, a section of musiconhold.conf."""
    longest_wait_s: SecondsOrNone = 600
    """The longest wait, in seconds; then the call leaves by its exit ``longest_wait``, in the short form with
    on_longest_wait. 0: without end."""
    max_waiting: Annotated[int, Field(ge=0, le=100_000)] = 0
    """The most calls that may have a place in the queue when a new one comes; one more leaves by its exit ``full``.
    Calls that come back are always taken. 0: no limit."""
    no_agents_after_s: SecondsOrNone = 30
    """The seconds without anybody who works for the queue after which a call that waits leaves by its exit
    ``no_agents``. A new call leaves at once."""
    hours: Identifier | None = None
    """Opening hours, [[hours]]. When they are closed, a new call leaves by its exit ``closed``."""
    closing: Literal["serve", "leave"] = "serve"
    """Callers who wait at closing time are served (serve), or leave by the exit ``closed`` at that second (leave)."""
    closing_most_s: SecondsOrNone = 900
    """serve: the seconds after closing time after which who still waits leaves by the exit ``closed``."""
    exits: QueueExitsSettings = QueueExitsSettings()
    """Where calls go that leave without an agent."""
    needs: Annotated[list[NeedSettings], Field(max_length=3)] = []
    """The skills that an agent needs, and what of them relaxes after a while."""
    overflow: Annotated[list[OverflowSettings], Field(max_length=3)] = []
    """Other queues whose agents help out after a while, and the priority that a long wait adds."""
    announce: list[AnnouncementSettings] = []
    """Said to callers while they wait: their place, the expected wait, messages."""
    agent_sound: Media = ""
    """Heard by the agent alone who has lifted, before the customer is there, as "Sales, a new contract"; at most 15 s
    of it. The customer hears the music until then. Empty: both meet at once."""
    record: Literal["off", "always", "on_demand"] | None = None
    """Recording of the conversations of its calls, as ``record`` of the service. None: as the service says."""
    handle_time_s: SecondsOrNone = 0
    """The seconds for which a call keeps its agent, from the ring to the end of the after-call work. The expected wait
    goes by it until there are enough calls to know. 0: nothing is said until then."""
    service_level_s: Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)] = 20
    """The seconds within which calls are to be answered; the service level of reports counts those that are."""
    short_abandon_s: SecondsOrNone = 5
    """A caller who hangs up in the queue before so many seconds is no loss: reports count them by themselves."""
    last_agent_s: SecondsOrNone = 0
    """The seconds, from the entry into the queue, for which a call waits for the agent who talked last with its number
    and rings or processes a ticket; one who is ready gets it at once. 0: the call goes to whom it would go anyway."""
    last_agent_days: Annotated[int, Field(ge=1, le=365)] = 7
    """The days after which it is forgotten who talked with a number."""
    callback: CallbackSettings = CallbackSettings()
    """Call-backs and messages of the queue."""
    wallboard: WallboardSettings = WallboardSettings()
    """The figures that are shown as late, and as an alarm, on the wallboard and to supervisors."""
