"""Rights of whoever asks: the one place that says who may do what, for every request and every view.

An *agent* works for services. A *supervisor* is one with that role: they see all calls of the own services, and act
on these, on the services, and on agents of the teams that they supervise. The *operator* of the machine has no CTI ID
and may whatever the route lets the operator ask for. A *client* is a program or a screen that nobody is logged in at:
it may what its scopes name, in its services, and nothing else. Rights
(:class:`~cti_bridge.domain.model.words.Right`) open more to agents and supervisors.

===================  =======================================  ===============================
what                 agent                                    supervisor
===================  =======================================  ===============================
service              sees the own                             acts on the own
opening hours        sees all                                 sets those of own services alone
agent                knows who shares a service               acts on those of the own teams
call                 the present own one                      all of the own services
ticket               of the own services                      of the own services
call-back, message   of the own queues; with `callbacks` all  of the own services
                     of the own services
recording            what was left with a call-back that      as an agent
                     they see; with `recordings` all of the
                     own services
copy of a recording  what they may hear, with `download`      as an agent
monitoring a call    none                                     with `monitor` those of the own services
whole numbers        with `unmask`                            with `unmask`
figures of today     none                                     own services, agents they supervise
===================  =======================================  ===============================

A client with the scope `wallboard` sees the figures of its services, and of agents who work for one of them.

Whatever one may not know of does not exist: NotFound. Whatever exists and is not theirs to do is refused with the
reason: WrongRole, MissingRight, OthersConcerned. The present directory is asked each time, so a right that a reload
has taken away is gone at once, for sessions that are open as well.
"""

from collections.abc import Collection
from dataclasses import dataclass

from cti_bridge.domain.border.errors import MissingRight, NotFound, OthersConcerned, WrongRole
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.callbacks import Callback, Recording
from cti_bridge.domain.model.directory import AgentEntry, Client, Directory, Queue, Service, share_a_service
from cti_bridge.domain.model.scenario import AskHours
from cti_bridge.domain.model.words import OPERATOR, Right, Scope


@dataclass(frozen=True, slots=True)
class Asker:
    """``cti_id`` None: the machine's operator. An agent whom the directory does not have may nothing.

    ``sees_…`` and ``may_…`` return whether; what begins with ``need_`` raises the refusal instead.
    """

    directory: Directory
    cti_id: str | None
    client: Client | None = None
    """The client that asks. It has no CTI ID."""

    @property
    def name(self) -> str:
        """The name in rows and in the log."""
        return OPERATOR if self.is_operator else self.cti_id or ""

    @property
    def is_operator(self) -> bool:
        return self.cti_id is None and self.client is None

    @property
    def is_supervisor(self) -> bool:
        """Whether a supervisor asks, or the operator."""
        return self.is_operator or self._entry.role == "supervisor"

    @property
    def services(self) -> Collection[str]:
        """The ids of the own services."""
        if self.client is not None:
            return self.client.services
        return self.directory.services.keys() if self.is_operator else self._entry.services

    def need_supervisor(self) -> None:
        """Raise WrongRole for an agent."""
        if not self.is_supervisor:
            raise WrongRole

    # ------------------------------------------------------------------------------- rights

    @property
    def rights(self) -> list[Right]:
        """The rights beyond the role, by name."""
        return sorted(self._entry.rights)

    def has(self, right: Right) -> bool:
        """Return whether the right is theirs. A supervisor's role holds `callbacks`."""
        held = right in self._entry.rights or (right is Right.CALLBACKS and self.is_supervisor)
        return self.is_operator or held

    def need(self, right: Right) -> None:
        """Raise MissingRight."""
        if not self.has(right):
            raise MissingRight(f'You do not have the right "{right}".')

    # ------------------------------------------------------------------------------- services, queues, opening hours

    def sees_service(self, service: str | None) -> bool:
        return self.is_operator or service in self._entry.services

    def need_service(self, service: str) -> Service:
        """Return the service, to act on it. Raises WrongRole, NotFound."""
        self.need_supervisor()
        found = self.directory.services.get(service)
        if found is None or not self.sees_service(service):
            raise NotFound
        return found

    def need_queue(self, queue: str) -> Queue:
        """Return the queue, to act on it. Raises WrongRole, NotFound."""
        self.need_supervisor()
        found = self.directory.queues.get(queue)
        if found is None or not self.sees_service(found.service):
            raise NotFound
        return found

    def need_hours(self, hours: str) -> None:
        """Raise NotFound for opening hours that do not exist; WrongRole, and OthersConcerned where a service that is
        not theirs uses them too, or no service."""
        self.need_supervisor()
        if hours not in self.directory.hours:
            raise NotFound
        using = _services_of_hours(self.directory, hours)
        if not self.is_operator and not (using and using <= set(self._entry.services)):
            raise OthersConcerned

    # ------------------------------------------------------------------------------- agents

    def knows(self, cti_id: str) -> bool:
        """Return whether the agent exists for them."""
        return self.is_operator or share_a_service(self.directory, self._entry.cti_id, cti_id)

    def supervises(self, cti_id: str) -> bool:
        """Return whether they may act on the agent, and see what the agent does."""
        other = self.directory.agents.get(cti_id)
        if self.is_operator:
            return True
        in_team = other is not None and (not self._entry.supervises or other.team in self._entry.supervises)
        return self.is_supervisor and in_team and self.knows(cti_id)

    def need_supervised(self, cti_id: str) -> None:
        """Raise WrongRole for an agent, NotFound for an agent whom they do not supervise."""
        self.need_supervisor()
        if not self.supervises(cti_id):
            raise NotFound

    # ------------------------------------------------------------------------------- figures of today

    @property
    def watches(self) -> bool:
        """Whether they see the figures of the wallboard."""
        if self.client is not None:
            return Scope.WALLBOARD in self.client.scopes
        return self.is_supervisor

    def need_watcher(self) -> None:
        """Raise WrongRole for who does not see the figures of the wallboard."""
        if not self.watches:
            raise WrongRole

    def watches_agent(self, cti_id: str) -> bool:
        """Return whether the figures of today that they see are also those of the agent."""
        if self.client is None:
            return self.supervises(cti_id)
        other = self.directory.agents.get(cti_id)
        return self.watches and other is not None and not set(other.services).isdisjoint(self.client.services)

    # ------------------------------------------------------------------------------- oneself

    def need_self_or_supervised(self, cti_id: str) -> None:
        """Raise as :meth:`need_supervised`, unless they ask of themselves."""
        if cti_id != self.cti_id:
            self.need_supervised(cti_id)

    def need_team(self, team: str) -> tuple[str, ...]:
        """Return the agents (CTI IDs) of the team on whom they may act. Raises WrongRole, NotFound where there are
        none."""
        self.need_supervisor()
        of_team = (entry.cti_id for entry in self.directory.agents.values() if team and entry.team == team)
        found = tuple(cti_id for cti_id in of_team if self.supervises(cti_id))
        if not found:
            raise NotFound
        return found

    # ------------------------------------------------------------------------------- calls, tickets

    def sees_call(self, call: Call) -> bool:
        """Return whether a supervisor sees the call. Agents see the present own one, and that is no right."""
        return self.is_supervisor and self.sees_service(call.service)

    def need_call(self, call: Call | None) -> Call:
        """Return the call, to ask of it or act on it. Raises WrongRole, NotFound."""
        self.need_supervisor()
        if call is None or not self.sees_call(call):
            raise NotFound
        return call

    def may_monitor(self, call: Call) -> bool:
        """Return whether they may monitor the call. The operator has no phone."""
        return not self.is_operator and self.sees_call(call) and self.has(Right.MONITOR)

    def need_monitored(self, call: Call | None) -> Call:
        """Return the call, to monitor it. Raises WrongRole, MissingRight, NotFound."""
        self.need_supervisor()
        self.need(Right.MONITOR)
        return self.need_call(call)

    # ------------------------------------------------------------------------------- call-backs, recordings

    def sees_callback(self, callback: Callback) -> bool:
        """Return whether they may work on it. One whose queue is configured no more is everybody's of the service."""
        if not self.sees_service(callback.service):
            return False
        everywhere = self.has(Right.CALLBACKS) or callback.queue not in self.directory.queues
        return everywhere or callback.queue in self._entry.queues

    @property
    def queues(self) -> Collection[str]:
        """The ids of the queues whose call-backs and messages they see."""
        if not self.has(Right.CALLBACKS):
            return self._entry.queues
        return [queue.id for queue in self.directory.queues.values() if self.sees_service(queue.service)]

    def may_hear(self, recording: Recording, callback: Callback | None = None) -> bool:
        """Return whether they may hear it. ``callback``: that with which the recording was left."""
        with_work = callback is not None and self.sees_callback(callback)
        return with_work or (self.has(Right.RECORDINGS) and self.sees_service(recording.service))

    @property
    def _entry(self) -> AgentEntry:
        return self.directory.agents.get(self.cti_id or "", _NOBODY)


_NOBODY = AgentEntry("", "")


def _services_of_hours(directory: Directory, hours: str) -> set[str]:
    """Return the services whose queues or scenarios ask for these opening hours."""
    queues = {queue.service for queue in directory.queues.values() if queue.hours == hours}
    scenarios = {
        scenario.service
        for scenario in directory.scenarios.values()
        if any(isinstance(step, AskHours) and step.hours == hours for step in scenario.steps.values())
    }
    return queues | scenarios
