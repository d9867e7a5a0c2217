"""The topics that supervisors listen to, each with a view of their own: what is theirs to see (requirement L1).

``live:CTI_ID`` has the agents of the own teams who are logged in, the queues and services, the calls that wait, and
alerts. ``wallboard:CTI_ID`` has the same without calls and persons, but for who asks for help. Rows are
made once for all supervisors; those of agents when something about the agent has changed.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from cti_bridge.api.ports import Changes, Engine
from cti_bridge.api.row_streams import Rows
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.directory import Client, Directory
from cti_bridge.domain.model.today import AGENT
from cti_bridge.domain.queue.order import WITHOUT_AGENT
from cti_bridge.domain.rights.asker import Asker
from cti_bridge.watching.board import help_rows, queue_rows, service_rows, team_rows
from cti_bridge.watching.rows import agent_row, waiting_row
from cti_bridge.watching.shapes import LiveAlertView

Alerts = Callable[[], Mapping[str, LiveAlertView]]
_SHOWN = frozenset({"agent", "call", "figures", "callback", "hours_override", "emergency_switch", "node"})
"""The kinds of state of which something is shown."""
_SAME_S = 0.2
"""The seconds for which rows hold that nothing has changed: supervisors are shown theirs one after another."""


@dataclass(slots=True)
class _Sight:
    """The sight of a supervisor, by a configuration."""

    directory: Directory
    agents: list[str]
    services: frozenset[str]


@dataclass(slots=True)
class _House:
    """The rows of the whole house. ``dirty`` None: all agents' rows are to be made anew."""

    at: float = 0.0
    directory: Directory | None = None
    days: tuple[str, ...] = ()
    dirty: set[str] | None = None
    agents: dict[str, bytes] = field(default_factory=dict)
    queues: dict[str, bytes] = field(default_factory=dict)
    services: dict[str, bytes] = field(default_factory=dict)
    waiting: dict[str, tuple[str | None, bytes]] = field(default_factory=dict)
    """With the service."""


_CLIENT = "client "
"""No CTI ID has a space in it."""


def name_of_client(client: Client) -> str:
    """Return the name by which topics know the client: another one when its token is."""
    return _CLIENT + client.token_hash


def _asker(directory: Directory, name: str | None) -> Asker:
    """Return who listens by this name; None: the machine's operator."""
    if name is None or not name.startswith(_CLIENT):
        return Asker(directory, name)
    client = directory.client_of(name.removeprefix(_CLIENT))
    return Asker(directory, "") if client is None else Asker(directory, None, client)


class Watching:
    """A topic of rows. ``clock`` gives POSIX seconds, ``alerts`` those of the whole house by id."""

    def __init__(self, engine: Engine, clock: Callable[[], float], alerts: Alerts) -> None:
        self._engine, self._clock, self._alerts = engine, clock, alerts
        self._house = _House()
        self._sights: dict[str | None, _Sight] = {}

    def permits(self, cti_id: str, name: str) -> bool:
        return cti_id == name and self._engine.read(lambda floor: Asker(floor.directory, cti_id).is_supervisor)

    def rows(self, name: str | None) -> Rows:
        """Return all rows that the supervisor sees, by section and id. None: the machine's operator, who sees all."""
        return self._engine.read(lambda floor: self._rows(floor, self._sight(floor, name)))

    def begin(self) -> None:
        """Somebody listens, and nobody did before: nothing that was kept is known to be true."""
        self._house = _House()

    def touched(self, changes: Changes, names: Collection[str]) -> Iterable[str]:
        dirty = self._house.dirty
        if dirty is not None:
            for (kind, id_), state in changes.items():
                if kind == "agent":
                    dirty.add(id_)
                elif kind == "figures":
                    of, _, name = id_.partition("/")
                    if of == AGENT:
                        dirty.add(name)
                elif isinstance(state, Call):
                    dirty.update(filter(None, (state.cti_id, state.target.cti_id if state.target else None)))
        if not any(kind in _SHOWN for kind, _ in changes):
            return ()
        self._house.at = 0.0
        return names

    def _rows(self, floor: Floor, sight: _Sight) -> Rows:
        raise NotImplementedError

    def _sight(self, floor: Floor, cti_id: str | None) -> _Sight:
        found = self._sights.get(cti_id)
        if found is None or found.directory is not floor.directory:
            asker = _asker(floor.directory, cti_id)
            agents = [other for other in floor.directory.agents if asker.watches_agent(other)]
            found = self._sights[cti_id] = _Sight(floor.directory, agents, frozenset(asker.services))
        return found

    def _present(self, floor: Floor) -> _House:
        """Return the house's rows as they are now."""
        house, now = self._house, max(self._clock(), floor.now)
        days = tuple(service.days(now).name for service in floor.directory.services.values())
        if house.directory is not floor.directory or house.days != days:
            house.dirty = None
        house.directory, house.days = floor.directory, days
        if now - house.at > _SAME_S or house.dirty is None:
            house.at = now
            house.queues = _encoded(queue_rows(floor, now))
            house.services = _encoded(service_rows(floor, now))
            self._others(floor, house, now)
            house.dirty = set()
        return house

    def _others(self, floor: Floor, house: _House, now: float) -> None:
        """Make the rows that a topic has beside those of queues and services."""

    def _alert_rows(self, sight: _Sight) -> dict[str, bytes]:
        """Return the alerts of the services. What is a matter of no service concerns all."""
        seen = {None, *sight.services}
        return _encoded({id_: one for id_, one in self._alerts().items() if one.service in seen})


class LivePage(Watching):
    def _rows(self, floor: Floor, sight: _Sight) -> Rows:
        house = self._present(floor)
        return {
            "services": _of(house.services, sight.services),
            "queues": _queues(house, sight, floor.directory),
            "agents": {cti_id: house.agents[cti_id] for cti_id in sight.agents if cti_id in house.agents},
            "waiting": {id_: row for id_, (service, row) in house.waiting.items() if service in sight.services},
            "alerts": self._alert_rows(sight),
        }

    def _others(self, floor: Floor, house: _House, now: float) -> None:
        for cti_id in floor.agents if house.dirty is None else house.dirty:
            agent = floor.agents.get(cti_id)
            if agent is not None and agent.logged_in:
                house.agents[cti_id] = msgspec.json.encode(agent_row(floor, agent, now))
            else:
                house.agents.pop(cti_id, None)
        house.waiting = {
            call.id: (call.service, msgspec.json.encode(waiting_row(floor, call)))
            for call in floor.calls.values()
            if call.state in WITHOUT_AGENT and call.queue is not None and not call.recalled
        }


class Wallboard(Watching):
    def permits(self, cti_id: str, name: str) -> bool:
        return cti_id == name and self._engine.read(lambda floor: _asker(floor.directory, cti_id).watches)

    def _rows(self, floor: Floor, sight: _Sight) -> Rows:
        house = self._present(floor)
        agents = frozenset(sight.agents)
        return {
            "services": _of(house.services, sight.services),
            "queues": _queues(house, sight, floor.directory),
            "teams": _encoded(team_rows(floor, house.at, sight.agents)),
            "help": _encoded(help_rows(floor, agents.__contains__)),
            "alerts": self._alert_rows(sight),
        }


def _queues(house: _House, sight: _Sight, directory: Directory) -> dict[str, bytes]:
    return {id_: row for id_, row in house.queues.items() if directory.queues[id_].service in sight.services}


def _of(rows: Mapping[str, bytes], ids: Collection[str]) -> dict[str, bytes]:
    return {id_: row for id_, row in rows.items() if id_ in ids}


def _encoded(rows: Mapping[str, object]) -> dict[str, bytes]:
    return {id_: msgspec.json.encode(row) for id_, row in rows.items()}
