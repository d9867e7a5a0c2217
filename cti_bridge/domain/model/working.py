"""How many agents work for each group, by the group's name (:mod:`cti_bridge.domain.queue.working` counts them)."""

from dataclasses import dataclass, field

from cti_bridge.domain.model.directory import AgentEntry
from cti_bridge.domain.model.plan import Group


@dataclass(slots=True)
class Counted:
    """One agent, as counted last."""

    entry: AgentEntry
    works: bool = False
    groups: tuple[str, ...] = ()
    """The groups that count the agent: none for one who does not work."""
    phone_gone_at: float | None = None
    until_at: float | None = None
    """The agent works until then, unless something changes."""


@dataclass(slots=True)
class Team:
    """The agents who work for any of these groups, each counted once."""

    groups: frozenset[str]
    size: int = 0
    serving: dict[str, int] = field(default_factory=dict)
    """By queue, how many of them serve it too."""

    def count(self, entry: AgentEntry, by: int) -> None:
        """Count the agent in (1) or out (-1)."""
        self.size += by
        for queue in entry.queues:
            self.serving[queue] = self.serving.get(queue, 0) + by


@dataclass(slots=True)
class Working:
    """``groups`` are those beside all agents of a queue that are counted, by queue."""

    counts: dict[str, int] = field(default_factory=dict)
    agents: dict[str, Counted] = field(default_factory=dict)
    """By CTI ID."""
    groups: dict[str, dict[str, Group]] = field(default_factory=dict)
    teams: dict[frozenset[str], Team] = field(default_factory=dict)
    """Those about which somebody has asked, by their groups."""
    flipped: bool = False
    """A group may have lost the last who works for it, or have got the first, and nobody has looked at that yet."""
