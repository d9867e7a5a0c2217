"""Stages of a wait: the agents who may be given a call, by the seconds for which it has waited.

A queue's stages ask for skills, which relax, add the agents of other queues, and raise the call's priority. An agent
may serve a queue as backup, from so many seconds on. All of it comes from the configuration: the thresholds of a queue
are the seconds at which anything of it changes.

A *group* is the agents of a queue who have certain skills, and who serve it at that time. A call waits for its groups;
an agent stands in each to which they belong. The group of all agents of a queue is named like the queue.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Protocol

Skills = Mapping[str, int]
"""The least level by skill."""
AT_ONCE = 0.0


@dataclass(frozen=True, slots=True)
class Need:
    """From this time on an agent needs these skills. It replaces the need before."""

    after_s: float
    skills: Skills


@dataclass(frozen=True, slots=True)
class Overflow:
    """From this time on the agents of these queues are asked too, and the call has a higher priority."""

    after_s: float
    queues: tuple[str, ...] = ()
    priority: int = 0


class Member(Protocol):
    """The part of an agent's configuration that says which groups the agent belongs to."""

    @property
    def queues(self) -> tuple[str, ...]: ...

    @property
    def skills(self) -> Skills: ...

    @property
    def backup(self) -> Mapping[str, float]: ...


class Home(Protocol):
    """The part of a queue's configuration that says its stages."""

    @property
    def id(self) -> str: ...

    @property
    def needs(self) -> tuple[Need, ...]: ...

    @property
    def overflow(self) -> tuple[Overflow, ...]: ...


@dataclass(frozen=True, slots=True)
class Group:
    """The agents of ``queue`` with these skills, also those who back it up after up to ``waited_s`` seconds."""

    queue: str
    skills: tuple[tuple[str, int], ...] = ()
    waited_s: float = inf
    name: str = field(init=False)
    """The name of the queue for the group of all its agents."""

    def __post_init__(self) -> None:
        skills = "".join(f" {skill}>={level}" for skill, level in self.skills)
        waited = "" if self.waited_s == inf else f" after {self.waited_s:g} s"
        object.__setattr__(self, "name", f"{self.queue}{skills}{waited}")

    def has(self, agent: Member) -> bool:
        """Return whether the agent belongs to it."""
        if self.queue not in agent.queues or (agent.backup and agent.backup.get(self.queue, 0.0) > self.waited_s):
            return False
        return all(agent.skills.get(skill, 0) >= level for skill, level in self.skills)


@dataclass(slots=True)
class Plan:
    """The stages of one queue."""

    queue: str
    needs: tuple[Need, ...] = ()
    overflow: tuple[Overflow, ...] = ()
    backups: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """For this queue and those that it overflows to: the seconds after which agents back them up, in order."""
    thresholds: tuple[float, ...] = field(init=False)
    is_plain: bool = field(init=False)
    """All agents of the queue, from the first second on, and nobody else."""
    plain: tuple[Group, ...] = field(init=False)
    _known: dict[tuple[float, tuple[tuple[str, int], ...]], tuple[Group, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        backups = [after_s for each in self.backups.values() for after_s in each]
        begins = [*(need.after_s for need in self.needs), *(one.after_s for one in self.overflow), *backups]
        self.thresholds = tuple(sorted({after_s for after_s in begins if after_s > AT_ONCE}))
        self.is_plain = not (self.needs or self.overflow or backups)
        self.plain = (Group(self.queue),)

    def groups(self, waited_s: float, asked: Skills) -> tuple[Group, ...]:
        """Return the groups for a call that has waited so long and has been given these skills to ask for: the queue's
        own first. ``waited_s`` is 0 or a threshold, of this plan or of an earlier one."""
        if self.is_plain and not asked:
            return self.plain
        key = (waited_s, tuple(sorted(asked.items())))
        if key not in self._known:
            self._known[key] = tuple(self._groups(waited_s, asked))
        return self._known[key]

    def raised_by(self, waited_s: float) -> int:
        """Return what the stages add to the priority of a call that has waited so long."""
        return max((stage.priority for stage in self.overflow if stage.after_s <= waited_s), default=0)

    def next(self, waited_s: float) -> float | None:
        """Return the next threshold after so many seconds, or None when there is none."""
        return next((after_s for after_s in self.thresholds if after_s > waited_s), None)

    def _groups(self, waited_s: float, asked: Skills) -> Iterable[Group]:
        needed = [need.skills for need in self.needs if need.after_s <= waited_s][-1:]
        skills = dict(asked)
        for skill, level in needed[0].items() if needed else ():
            skills[skill] = max(level, skills.get(skill, 0))
        lenders = [name for stage in self.overflow if stage.after_s <= waited_s for name in stage.queues]
        for queue in dict.fromkeys((self.queue, *lenders)):
            counted = [after_s for after_s in self.backups.get(queue, ()) if after_s <= waited_s]
            all_of_them = len(counted) == len(self.backups.get(queue, ()))
            yield Group(queue, tuple(sorted(skills.items())), inf if all_of_them else max(counted, default=AT_ONCE))


def plans(queues: Iterable[Home], agents: Iterable[Member]) -> dict[str, Plan]:
    """Return the stages of every queue, by its id."""
    backups: dict[str, set[float]] = {}
    for agent in agents:
        for queue_id, after_s in agent.backup.items():
            backups.setdefault(queue_id, set()).add(after_s)
    found = {}
    for queue in queues:
        served = (queue.id, *(name for stage in queue.overflow for name in stage.queues))
        own = {name: tuple(sorted(backups[name])) for name in served if name in backups}
        found[queue.id] = Plan(queue.id, queue.needs, queue.overflow, own)
    return found
