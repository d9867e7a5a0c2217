"""Checks of the stages of queues: each asks for what somebody has, and those who help out belong to the service."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cti_bridge.config.lines import Path
from cti_bridge.config.merge import Merged
from cti_bridge.config.problems import did_you_mean

Table = dict[str, Any]


def check_stages(merged: Merged) -> None:
    """Add all errors and warnings of ``needs`` and ``overflow`` to the problems of ``merged``."""
    rows = [(path, row) for path, row in _tables(merged.values, "queues") if isinstance(row.get("id"), str)]
    queues = {row["id"]: row for _, row in rows}
    staff = _staff([row for _, row in _tables(merged.values, "agents")])
    for path, queue in rows:
        needs = [((*path, *at), need) for at, need in _tables(queue, "needs")]
        overflow = [((*path, *at), stage) for at, stage in _tables(queue, "overflow")]
        _in_order(merged, needs)
        _in_order(merged, overflow)
        _needs(merged, queue, needs, staff, _lenders(queue, overflow))
        for at, stage in overflow:
            _overflow(merged, queue, at, stage, queues)
    for path, queue in rows:
        _starving(merged, path, queue, queues, staff)


@dataclass
class _Staff:
    """The agents, found once: a house has hundreds of queues with hundreds of agents each."""

    serving: defaultdict[str, dict[int, Table]] = field(default_factory=lambda: defaultdict(dict))
    """The skills of a queue's agents by their place, by queue."""
    beside: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The queues that its agents serve, by queue."""
    skills: set[str] = field(default_factory=set)


def _staff(agents: list[Table]) -> _Staff:
    staff = _Staff()
    for place, agent in enumerate(agents):
        skills, queues = _table(agent, "skills"), _names(agent.get("queues"))
        staff.skills.update(skills)
        for name in queues:
            staff.serving[name][place] = skills
            staff.beside[name].update(queues)
    return staff


def _in_order(merged: Merged, stages: list[tuple[Path, Table]]) -> None:
    before: float = -1
    for path, stage in stages:
        after_s = stage.get("after_s", 0)
        if not isinstance(after_s, int | float) or isinstance(after_s, bool):
            return
        if after_s <= before:
            merged.error((*path, "after_s"), f"the stages stand in the order of after_s, and one after {before:g} did")
            return
        before = after_s


def _needs(merged: Merged, queue: Table, needs: list[tuple[Path, Table]], staff: _Staff, lenders: set[str]) -> None:
    """The first stage holds from the beginning. A skill that nobody has, or that is asked for at a higher level later,
    is hardly meant."""
    if needs and needs[0][1].get("after_s", 0) != 0:
        text = "until then any agent would do, and fewer after: begin with after_s = 0"
        merged.error((*needs[0][0], "after_s"), text)
    serving: dict[int, Table] = {}
    if needs:
        for name in (queue["id"], *lenders):
            serving |= staff.serving[name]
    before: Table = {}
    for path, need in needs:
        for skill, level in _table(need, "skills").items():
            place = (*path, "skills", skill)
            if not isinstance(level, int):
                continue
            levels = [has for skills in serving.values() if isinstance(has := skills.get(skill), int)]
            if not any(has >= level for has in levels):
                best = (
                    f"; the highest level is {max(levels)}" if levels else did_you_mean(skill, staff.skills - {skill})
                )
                merged.warn(place, f'no agent of the queue has the skill "{skill}" at level {level}{best}')
            if before and level > before.get(skill, 0):
                merged.warn(place, f'this asks for more of "{skill}" than the stage before')
        before = _table(need, "skills")


def _lenders(queue: Table, overflow: list[tuple[Path, Table]]) -> set[str]:
    return {name for _, stage in overflow for name in _names(stage.get("queues"))}


def _overflow(merged: Merged, queue: Table, path: Path, stage: Table, queues: dict[str, Table]) -> None:
    if not stage.get("queues") and not stage.get("priority"):
        merged.error(path, 'this stage changes nothing; name "queues" or "priority"')
    for index, name in enumerate(_names(stage.get("queues"))):
        place = (*path, "queues", index)
        if name not in queues:
            merged.error(place, f'there is no queue "{name}"{did_you_mean(name, queues)}')
        elif name == queue.get("id"):
            merged.error(place, f'queue "{name}" cannot help itself out')
        elif queues[name].get("service") != queue.get("service"):
            other = queues[name].get("service")
            merged.error(place, f'queue "{name}" belongs to service "{other}", not to "{queue.get("service")}"')


def _starving(merged: Merged, path: Path, queue: Table, queues: dict[str, Table], staff: _Staff) -> None:
    """Warn of a queue that waits as long as another one of its agents' has callers: nothing raises its priority."""
    others = staff.beside[queue["id"]] & queues.keys()
    higher = sorted(other for other in others if _priority(queues[other]) > _priority(queue))
    raised = any(isinstance(stage.get("priority"), int) for _, stage in _tables(queue, "overflow"))
    if higher and not raised:
        text = f'as long as calls wait in "{higher[0]}", the agents of both serve nobody of "{queue["id"]}"; a stage'
        merged.warn((*path, "id"), f"{text} overflow = [{{ after_s = 300, priority = … }}] would end that")


def _priority(queue: Table) -> int:
    priority = queue.get("priority", 0)
    return priority if isinstance(priority, int) else 0


def _tables(table: Table, key: str) -> Iterator[tuple[Path, Table]]:
    rows = table.get(key)
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict):
            yield (key, index), row


def _table(table: Table, key: str) -> Table:
    value = table.get(key)
    return value if isinstance(value, dict) else {}


def _names(value: Any) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list | dict) else []
