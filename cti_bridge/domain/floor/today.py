"""Counts what happens today (:mod:`cti_bridge.domain.model.today`), where it happens: visits, offers, intervals,
transfers. Each is counted on the day on which it began, as in reports; seconds of agents are cut at midnight.

A day begins at 00:00 of the service, for an agent of their first service. Figures of another day begin anew with the
next thing that is counted. A visit and a call remember under which names they stand in the figures of their day.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from cti_bridge.domain.border.interval_rows import CallInterval
from cti_bridge.domain.model.call import Call, CallState, Offer
from cti_bridge.domain.model.directory import Directory
from cti_bridge.domain.model.today import AGENT, QUEUE, SERVICE, Day, DayFigures, utc_day
from cti_bridge.domain.model.visit import Visit
from cti_bridge.domain.model.words import Direction, OfferKind, OfferResult, VisitExit, VisitKind

# Members that every call looks up, by names of the module: see the package.
_NEW, _MOVED = VisitKind.NEW, VisitKind.MOVED
_ANSWERED, _ABANDONED, _REMOVED = VisitExit.ANSWERED, VisitExit.ABANDONED, VisitExit.REMOVED
_INTERNAL, _INBOUND = Direction.INTERNAL, Direction.INBOUND
_BEGINS: dict[VisitKind, tuple[str, ...]] = {
    VisitKind.NEW: ("new", "offered"),
    VisitKind.TRANSFERRED: ("transferred",),
    VisitKind.RETURNED: ("returned",),
    VisitKind.MOVED: ("moved_in",),
    VisitKind.CALLBACK: ("callbacks_in",),
}
"""The names of a visit that begins."""
_WAITS = ("waiting",)
_OWN_CALLS = frozenset({None, OfferKind.QUEUE, OfferKind.RECALL})
_SPENT = {
    CallState.TALKING: "talk_s",
    CallState.CONSULT_SWAPPED: "talk_s",
    CallState.THREE_TOGETHER: "talk_s",
    CallState.ON_HOLD: "hold_s",
    CallState.AGENT_LOST: "hold_s",
}
"""The states that are talk with a customer, or hold, for the agent who leads the call."""


@dataclass(slots=True)
class Figures:
    """``of_id`` is what the checkpoint has, ``changed`` what this fact has changed."""

    of_id: dict[str, DayFigures] = field(default_factory=dict)
    changed: dict[tuple[str, str], DayFigures | None] = field(default_factory=dict)

    def of(self, id_: str, day: Day) -> DayFigures:
        """Return the figures of the day, to count something in them."""
        found = self.of_id.get(id_)
        if found is None or found.day != day.name:
            found = self.of_id[id_] = DayFigures(id_, day.name, 1 if found is None else found.begun + 1)
        self.changed["figures", id_] = found
        return found

    def changes(self) -> dict[tuple[str, str], DayFigures | None]:
        """Return what has changed since the last time, for the checkpoint."""
        changed, self.changed = self.changed, {}
        return changed

    def visit(self, directory: Directory, now: float, call: Call, visit: Visit) -> None:
        """The visit has begun, or changed."""
        if visit.over:
            return
        names, before, kind = _names(visit, directory), visit.counted, visit.kind
        if names == before:
            return
        service = directory.services.get(call.service or "")
        day = (service.days if service is not None else utc_day)(now)
        figures = self.of(f"{QUEUE}/{visit.queue}", day)
        mark = figures.mark
        if visit.version == 1:
            visit.counted_in = mark
            figures.change((), _BEGINS[kind])
        if kind is _NEW and visit.counted_in == mark:
            figures.change(before, names)
        visit.counted = names
        if kind is _NEW or kind is _MOVED:
            self._once(call, self.of(f"{SERVICE}/{call.service or ''}", day), names)

    def _once(self, call: Call, figures: DayFigures, names: tuple[str, ...]) -> None:
        """Count the call in its service: once, by its last visit, or that in which it was answered."""
        course, mark = call.course, figures.mark
        if not course.counted_in:
            course.counted_in = mark
            figures.add("offered")
        if course.counted_in == mark and "answered" not in course.counted:
            figures.change(course.counted, names)
            course.counted = names

    def offer_ended(self, directory: Directory, now: float, offer: Offer, result: OfferResult) -> None:
        """An offer of an agent's own call is over."""
        if offer.kind in _OWN_CALLS:
            self.agent(directory, now, offer.cti_id, str(result), offer.offered_at)

    def agent(self, directory: Directory, now: float, cti_id: str, name: str, began_at: float) -> None:
        """Count something of an agent that began at that time."""
        day = _day_of(directory, cti_id, now)
        if began_at >= day.begin:
            self.of(f"{AGENT}/{cti_id}", day).add(name)

    def intervals(self, directory: Directory, now: float, rows: Iterable[CallInterval]) -> None:
        """Stretches of a call are over."""
        for row in rows:
            if (name := _SPENT.get(row.stage)) is None:
                continue
            if row.role != "agent" or row.cti_id is None or row.direction is _INTERNAL:
                continue
            day = _day_of(directory, row.cti_id, now)
            if row.till > day.begin:
                way = "in" if row.direction is _INBOUND else "out"
                spent_s = row.till - max(row.at, day.begin)
                self.of(f"{AGENT}/{row.cti_id}", day).spend(f"{way}_{name}", spent_s)

    def take_up(self, kept: Iterable[DayFigures], calls: Iterable[Call]) -> None:
        """Take up the checkpoint. A call that could not be read waits no more: its row says that the PBX has lost it,
        and so do the figures."""
        waiting = Counter[str]()
        for figures in kept:
            self.of_id[figures.id] = self.changed["figures", figures.id] = figures
        for call in calls:
            visit, course = call.visit, call.course
            if visit is not None and visit.kind is _NEW and "waiting" in visit.counted:
                waiting[visit.counted_in] += 1
            if "waiting" in course.counted:
                waiting[course.counted_in] += 1
        for figures in self.of_id.values():
            if lost := figures.counts.get("waiting", 0) - waiting[figures.mark]:
                figures.change(["waiting"] * lost, ["node_lost"] * lost)

    def forget_other_days(self, directory: Directory, now: float, calls: Collection[Call]) -> None:
        """Forget what is not of today, unless a call still stands in it: what begins anew counts how often."""
        today = {service.days(now).name for service in directory.services.values()} | {utc_day(now).name}
        stands = {f"{SERVICE}/{call.service or ''}" for call in calls}
        stands |= {f"{QUEUE}/{call.visit.queue}" for call in calls if call.visit is not None}
        for id_ in [id_ for id_, figures in self.of_id.items() if figures.day not in today and id_ not in stands]:
            del self.of_id[id_]
            self.changed["figures", id_] = None


def _names(visit: Visit, directory: Directory) -> tuple[str, ...]:
    """Return the names under which the visit is counted."""
    exit_ = visit.exit
    if exit_ is None:
        return _WAITS
    queue = directory.queues.get(visit.queue)
    if exit_ is _REMOVED:
        return ("moved",)
    if queue is None or visit.left_at is None or (exit_ is not _ANSWERED and exit_ is not _ABANDONED):
        return (str(exit_),)
    waited_s = visit.left_at - visit.entered_at
    names = [str(exit_)]
    if waited_s <= queue.service_level_s:
        names.append("within" if exit_ is _ANSWERED else "abandoned_within")
    if exit_ is _ABANDONED and waited_s < queue.short_abandon_s:
        names.append("abandoned_short")
    return tuple(names)


def _day_of(directory: Directory, cti_id: str, now: float) -> Day:
    """Return the agent's day: that of their first service, or of the first of the house for who has none (any more)."""
    entry = directory.agents.get(cti_id)
    service = directory.services.get(entry.services[0]) if entry is not None and entry.services else None
    if service is None:
        service = next(iter(directory.services.values()), None)
    return (service.days if service is not None else utc_day)(now)
