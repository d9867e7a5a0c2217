"""The faults: what breaks, for how long, and how it is mended. Each is a coroutine over the house and its people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.chaos import break_bridge, break_database, break_pbx, break_people
from tests.chaos.house import House
from tests.chaos.people import People

Break = Callable[[House, People], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """``most_s`` is the longest time without a phone that rings, in seconds from its beginning, that is allowed while
    customers wait and agents are free."""

    name: str
    act: Break
    most_s: float
    of_pbx: bool = False
    """Whether calls that are up may end by it, or have gaps: the PBX itself dies, or stands still."""


def _alone(act: Callable[[House], Awaitable[None]]) -> Break:
    return lambda house, people: act(house)


FAULTS = (
    Fault("bridge: SIGKILL", _alone(break_bridge.killed), 2.0),
    Fault("bridge: SIGTERM", _alone(break_bridge.ended), 3.0),
    Fault("bridge: SIGSTOP for 10 s", _alone(break_bridge.stands_still), break_bridge.STALL_S + 2),
    Fault("bridge: SIGKILL twice", _alone(break_bridge.killed_twice), 5.0),
    Fault("bridge: reloaded", _alone(break_bridge.reloaded), 2.0),
    Fault("bridge: its spool is deleted", _alone(break_bridge.spool_gone), 2.0),
    Fault("bridge: its disk is full for 6 s", _alone(break_bridge.disk_full), 2.0),
    Fault("bridge: its disk is full, then SIGKILL", _alone(break_bridge.killed_with_a_full_disk), 4.0),
    Fault("bridge: no more descriptors for 6 s", _alone(break_bridge.no_descriptors), 2.0),
    Fault("bridge: its clock is set an hour ahead, and back", _alone(break_bridge.clock_ahead), 5.0),
    Fault("bridge: its clock is set an hour back, and ahead", _alone(break_bridge.clock_behind), 5.0),
    Fault("event socket: cut", _alone(break_pbx.socket_cut), 2.0),
    Fault("event socket: silent for 6 s", _alone(break_pbx.socket_silent), 10.0),
    Fault("event socket: orders held back for 6 s", _alone(break_pbx.orders_held_back), 10.0),
    Fault("event socket: events held back for 6 s", _alone(break_pbx.events_held_back), 10.0),
    Fault("event socket: silent, then reset", _alone(break_pbx.silent_for_ever), 10.0),
    Fault("event socket: 0.25 s later each way", _alone(break_pbx.socket_slow), 3.0),
    Fault("event socket: every event twice", _alone(break_pbx.events_twice), 2.0),
    Fault("event socket: every third event late", _alone(break_pbx.events_swapped), 2.0),
    Fault("event socket: every tenth event lost, then reset", _alone(break_pbx.events_lost), 10.0),
    Fault("event socket: every tenth order answered 500", _alone(break_pbx.orders_refused), 3.0),
    Fault("PBX: 401 for 6 s", _alone(break_pbx.lets_nobody_in), 10.0),
    Fault("PBX: 503 for 6 s", _alone(break_pbx.answers_with_errors), 10.0),
    Fault("PBX: its clock is set an hour ahead, and back", _alone(break_pbx.clock_ahead), 3.0),
    Fault("PBX: its clock is set an hour back, and ahead", _alone(break_pbx.clock_behind), 3.0),
    Fault("PBX: SIGKILL", _alone(break_pbx.killed), 10.0, of_pbx=True),
    Fault("PBX: restarted", _alone(break_pbx.restarted), 10.0, of_pbx=True),
    Fault("PBX: SIGSTOP for 6 s", _alone(break_pbx.stands_still), 10.0, of_pbx=True),
    Fault("PBX: reloaded", _alone(break_pbx.reloaded), 2.0),
    Fault("Postgres: SIGKILL, away for 6 s", _alone(break_database.killed), 2.0),
    Fault("Postgres: SIGSTOP for 6 s", _alone(break_database.stands_still), 2.0),
    Fault("Postgres: connections cut", _alone(break_database.cut), 2.0),
    Fault("Postgres: silent for 6 s", _alone(break_database.silent), 2.0),
    Fault("Postgres: COMMIT unheard", _alone(break_database.commit_unheard), 2.0),
    Fault("Postgres: read-only for 6 s", _alone(break_database.read_only), 2.0),
    Fault("Postgres: tables locked for 6 s", _alone(break_database.locked), 2.0),
    Fault("Postgres: no free connection for 6 s", _alone(break_database.full), 2.0),
    Fault("bridge: SIGKILL while Postgres is silent", _alone(break_database.bridge_killed_meanwhile), 4.0),
    Fault("bridge and PBX: SIGKILL", _alone(break_bridge.killed_with_pbx), 10.0, of_pbx=True),
    Fault("callers: 100 within a second", break_people.storm, 3.0),
    Fault("callers: 300 within a second give up within another", break_people.crowd_gives_up, 4.0),
    Fault("phones: those of most agents start again", break_people.phones_die, 5.0),
    Fault("panels: 200 read nothing", break_people.panels_read_nothing, 2.0),
    Fault("panels: 200 come back at once, three times", break_people.panels_come_back_at_once, 3.0),
)
"""In the order in which a run takes them."""
