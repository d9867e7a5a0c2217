"""The last agent first (requirement I3): a call waits a while for the agent who talked last with its number.

An agent who is ready gets the call at once. One who rings or processes a ticket is waited for, up to the
``last_agent_s`` of the queue, and meanwhile nobody else is given the call. One who talks is not waited for: a talk ends
when nobody knows. Neither is anybody who is on a break, logged out, or without a reachable phone. All of it is asked
anew at each change of the agent, so a logout ends the wait at once. The agent has to fit the stage like any other.

Withheld and marked numbers have no last agent, nor have those of many agents
(:func:`cti_bridge.domain.model.talks.last_of`).

Postgres is asked when the call comes, so the answer is there before the first message is over. A call that comes to the
queue before it waits for it, up to :data:`ANSWER_S`. Then the talks of this run alone count, until the answer comes.
"""

from cti_bridge.domain.border.actions import TALKS, FindTalks
from cti_bridge.domain.border.facts import TalksFound
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.agent import Agent, AgentState
from cti_bridge.domain.model.call import OFFERED, Call, CallState
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.directory import Queue
from cti_bridge.domain.model.talks import Past, Talk, last_of
from cti_bridge.domain.model.words import CallEventType, VisitKind
from cti_bridge.domain.numbers.marks import DAY_S, marks_view
from cti_bridge.domain.numbers.talked import number_of
from cti_bridge.domain.queue.no_calls import assignable
from cti_bridge.domain.queue.stages import groups

ANSWER_S = 0.2
"""The most seconds for which a call in a queue waits to know its last agent."""
NOT_KNOWN_YET = ""
"""The agent of a call whose last agent is being asked for."""

_RINGS = frozenset({AgentState.RINGING, AgentState.ACCEPTED})
_IN_QUEUE = OFFERED | {CallState.WAITING}


def ask(floor: Floor, call: Call, days: int) -> None:
    """Ask Postgres who has talked with the call's number in the last days, unless it was asked already."""
    number = number_of(call)
    if call.past is not None or number is None or call.service is None:
        return
    call.past = Past()
    floor.act(FindTalks(TALKS, call.id, "", call.service, number, floor.now, floor.now - days * DAY_S))
    floor.touch_call(call)


def begin(floor: Floor, call: Call) -> None:
    """The call has come to its queue, or is back there after a key."""
    queue = floor.directory.queues.get(call.queue or "")
    if queue is None or not queue.last_agent_s or not _may_have(floor, call):
        return
    ask(floor, call, queue.last_agent_days)
    if call.past is not None and not call.past.known:
        floor.set_deadline(Kind.LAST_AGENT, call, floor.now + ANSWER_S)
    else:
        _wait_for(floor, call, queue)


def found(floor: Floor, fact: TalksFound) -> None:
    """Postgres has answered, or cannot."""
    call = floor.calls.get(fact.call_id)
    if call is None or call.past is None or call.past.known:
        return
    # A row may be of another clock, and no time that is kept may be yet to come.
    call.past = Past(True, [Talk(talk.cti_id, min(talk.at, floor.now), talk.forced) for talk in fact.talks])
    floor.touch_call(call)
    queue, visit = floor.directory.queues.get(call.queue or ""), call.visit
    waits = call.state in _IN_QUEUE and visit is not None and visit.waits and visit.kind is VisitKind.NEW
    if queue is not None and queue.last_agent_s and waits and _may_have(floor, call):
        end(floor, call)
        _wait_for(floor, call, queue)


def over(floor: Floor, call: Call) -> None:
    """The last agent has been waited for, or Postgres has not answered in time."""
    queue = floor.directory.queues.get(call.queue or "")
    was_known = call.wait.last_agent is not None
    end(floor, call)
    if queue is not None and queue.last_agent_s and not was_known:
        _wait_for(floor, call, queue)


def end(floor: Floor, call: Call) -> None:
    """The call waits for anybody."""
    if call.wait.last_agent_until_at is not None:
        floor.set_deadline(Kind.LAST_AGENT, call, None)
        call.wait.last_agent = None
        floor.touch_call(call)


def tried(floor: Floor, call: Call, agent: Agent) -> None:
    """An offer to the agent has come to nothing: they are not asked first again."""
    if call.wait.last_agent == agent.cti_id:
        end(floor, call)


def longest_s(floor: Floor, call: Call) -> float | None:
    """Return the most seconds for which the call waits for its last agent, or for who that is. None: not at all."""
    queue = floor.directory.queues.get(call.queue or "")
    if queue is None or not queue.last_agent_s:
        return None
    return ANSWER_S if call.wait.last_agent is None else queue.last_agent_s


def waits_for(floor: Floor, call: Call) -> str | None:
    """Return the agent (CTI ID) to whom alone the waiting call may be given now, or :data:`NOT_KNOWN_YET`. None: to
    anybody who fits."""
    if call.wait.last_agent_until_at is None:
        return None
    if call.wait.last_agent is None:
        return NOT_KNOWN_YET
    agent = floor.agents.get(call.wait.last_agent)
    return agent.cti_id if agent is not None and _is_waited_for(floor, call, agent) else None


def _is_waited_for(floor: Floor, call: Call, agent: Agent) -> bool:
    entry = floor.entry(agent)
    if not any(group.has(entry) for group in groups(floor, call)):
        return False
    if agent.state in _RINGS:
        return True
    if agent.processes_a_ticket:
        return agent.logged_in and entry.phone_permission and agent.phone_reachable_on(call.node)
    return assignable(floor, agent, call.node)


def _may_have(floor: Floor, call: Call) -> bool:
    """Return whether the call may have a last agent: its number identifies somebody, and is not marked. One whom an
    agent has had in this very call goes first anyway."""
    return call.answered_at is None and number_of(call) is not None and marks_view(floor, call) is None


def _wait_for(floor: Floor, call: Call, queue: Queue) -> None:
    """Let the call wait for its last agent, where there is one, and time is left."""
    talks = [*(call.past.talks if call.past else ()), *floor.talks.of(call.service or "", number_of(call) or "")]
    last = last_of(talks, floor.now - queue.last_agent_days * DAY_S)
    until = (call.wait.since or floor.now) + queue.last_agent_s
    if last is None or last.cti_id not in floor.agents or until <= floor.now:
        return
    if last.cti_id in call.wait.not_taken_by:
        return
    call.wait.last_agent = last.cti_id
    floor.set_deadline(Kind.LAST_AGENT, call, until)
    floor.event(call, CallEventType.LAST_AGENT, cti_id=last.cti_id, queue=queue.id)
