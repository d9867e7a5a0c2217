"""Talks of agents with a customer's number, for the rule that the last agent goes first (requirement I3).

Two sources know it. Postgres has the calls of the last days; a call asks for them while its first message plays. The
memory of this run has the talks whose rows may not be written yet.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

MOST_AGENTS = 5
"""A number with which more agents have talked is that of a house, and has no last agent."""
MOST_NUMBERS = 10_000
"""The most numbers in memory, those of the newest talks."""


@dataclass(slots=True)
class Talk:
    """The last talk of an agent with a number. ``at`` is its end, POSIX seconds; of one that goes on, the last
    moment that is known."""

    cti_id: str
    at: float
    forced: bool = False
    """The agent has force disconnected the customer."""


@dataclass(slots=True)
class Past:
    """The talks with the number of a call, as Postgres knows them."""

    known: bool = False
    """Postgres has answered, or cannot."""
    talks: list[Talk] = field(default_factory=list)
    """The last talk of each agent, of a few agents."""


class Talks:
    """The talks of this run, by service and number, each with a few agents."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, str], dict[str, Talk]] = {}

    def __len__(self) -> int:
        return len(self._of)

    def __iter__(self) -> Iterator[Talk]:
        for talks in self._of.values():
            yield from talks.values()

    def note(self, service: str, number: str, talk: Talk) -> None:
        """Keep the talk in place of the agent's one before. Forget the oldest where there are too many."""
        talks = self._of.pop((service, number), {})
        talks.pop(talk.cti_id, None)
        talks[talk.cti_id] = talk
        if len(talks) > MOST_AGENTS + 1:
            del talks[next(iter(talks))]
        self._of[service, number] = talks
        if len(self._of) > MOST_NUMBERS:
            del self._of[next(iter(self._of))]

    def of(self, service: str, number: str) -> Iterable[Talk]:
        return self._of.get((service, number), {}).values()


def last_of(talks: Iterable[Talk], since: float) -> Talk | None:
    """Return the last talk since that time, POSIX seconds. None: there is none, too many agents have talked with the
    number, or the last of them has force disconnected it."""
    newest: dict[str, Talk] = {}
    for talk in talks:
        known = newest.get(talk.cti_id)
        if talk.at >= since and (known is None or (talk.at, talk.forced) > (known.at, known.forced)):
            newest[talk.cti_id] = talk
    if not newest or len(newest) > MOST_AGENTS:
        return None
    last = max(newest.values(), key=lambda talk: (talk.at, talk.forced, talk.cti_id))
    return None if last.forced else last


def asked_for_days(
    leads_to: Mapping[str, Iterable[str]], queues_of: Mapping[str, Iterable[str]], days: Mapping[str, int]
) -> dict[str, int]:
    """Return for how many days back a call asks who has talked with its number, by scenario; those without are not in
    it. ``leads_to`` are the scenarios to which a scenario leads, ``queues_of`` its queues, ``days`` those of queues
    with a last agent."""
    found = {name: max((days.get(queue, 0) for queue in queues), default=0) for name, queues in queues_of.items()}
    changed = bool(days)
    while changed:
        changed = False
        for name, others in leads_to.items():
            most = max((found.get(other, 0) for other in others), default=0)
            if most > found.get(name, 0):
                found[name], changed = most, True
    return {name: most for name, most in found.items() if most}
