"""Another configuration, and its consequences for calls and agents. One procedure serves a start on a checkpoint that
was written under another configuration, and a reload.

A *call* whose queue was removed goes to the queue that its number's scenario names now, else to its service's return
queue. It keeps its first arrival, and with it its place in the order. Without any queue a waiting call gets a last
message and ends. A deadline keeps the time that remains, never more than its length now.

An *agent* who may not use a phone any more, or has another password, is logged out: at once, also from an offer; in a
conversation as soon as it lets them go. Any other offer rings on, whatever queues the agent has now: the caller would
only wait longer.

An *override* of opening hours that were removed ends, and the *emergency* of a service that was, or that has no
message any more.
"""

from collections.abc import Collection, Iterable
from itertools import islice

from cti_bridge.domain.agents.sessions import let_out, unanswered
from cti_bridge.domain.border.facts import ConfigurationChanged
from cti_bridge.domain.border.notices import ConfigurationTaken
from cti_bridge.domain.ending.aftermath import must_leave
from cti_bridge.domain.floor import visits
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.follows import due
from cti_bridge.domain.hours import emergency_switch, override
from cti_bridge.domain.model.agent import Agent, AgentState
from cti_bridge.domain.model.call import OFFERED, Call, CallState
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.differences import Differences, differences
from cti_bridge.domain.model.directory import Directory
from cti_bridge.domain.model.words import AnswerMode, CallEventType, Cause, OfferResult
from cti_bridge.domain.offer.offer import set_phone_retry
from cti_bridge.domain.queue import announcements, limits, stages, working
from cti_bridge.domain.queue.queueing import QUEUED, longest_wait_s, send_away
from cti_bridge.domain.recovery.unreadable import go_on_with_earlier
from cti_bridge.domain.talk.offered import phone_gone, take_back

AT_ONCE = 250
"""The number of agents that are looked at in one turn. A house may have ten thousand, and calls do not wait for all of
them."""


def changed(floor: Floor, fact: ConfigurationChanged) -> None:
    """Take another directory over while calls go on. Look at some of the agents concerned at once; :func:`go_on` looks
    at the others. Until then nobody is given a call that is not theirs: each assignment asks the directory for queues
    and permissions."""
    before, floor.directory = floor.directory, fact.directory
    found = differences(before, fact.directory)
    _enroll(floor, found)
    _renumber(floor, found)
    working.count_all(floor)
    floor.working.flipped = True
    if found.policy:
        for agent in floor.agents.values():
            if agent.processing_ends_at is not None:
                due.fit(floor, agent)
    calls = [call for call in list(floor.calls.values()) if _go_on_with_call(floor, call)]
    concerned = _agents(floor, found.of["agents"].names)
    out = [agent for agent in concerned if agent.logged_in and must_leave(floor, agent)]
    stay = [agent.cti_id for agent in out if agent.state is not AgentState.IDLE and not unanswered(floor, agent)]
    everybody = floor.agents if before.draining != fact.directory.draining else ()
    floor.unseen |= dict.fromkeys((*_shown(floor, before, found), *everybody), False)
    floor.unseen |= dict.fromkeys((*found.of["agents"].names, *_serving(floor, found.of["queues"].added)), True)
    go_on(floor)
    emergency_switch.end_removed(floor)
    floor.tell(
        ConfigurationTaken(
            found,
            moved_calls=sum(call.queue is not None for call in calls),
            calls_without_queue=sum(call.queue is None for call in calls),
            leaving=tuple(stay),
            logged_out=tuple(agent.cti_id for agent in out if agent.cti_id not in stay),
            overrides_ended=override.end_removed(floor),
        )
    )


def go_on(floor: Floor) -> None:
    """Look at some more of the agents whom another configuration concerns."""
    shown = []
    for cti_id in list(islice(floor.unseen, AT_ONCE)):
        if floor.unseen.pop(cti_id):
            _go_on_with_agent(floor, floor.agents[cti_id])
        else:
            shown.append(cti_id)
    floor.show_agents(shown)


# ------------------------------------------------------------------------------- calls


def find_queue(floor: Floor, call: Call) -> None:
    """Find a queue for a call whose queue was removed: that of the called number, else the service's return queue. An
    inbound call that has lost its queue before may find one now."""
    if call.queue in floor.directory.queues or (call.queue is None and call.direction != "inbound"):
        return
    scenario = floor.directory.scenario_of(call.dialed_number)
    service = floor.directory.services.get(call.service or "")
    queue = scenario.nearest_queue if scenario else service.return_queue if service else None
    call.queue = queue if queue in floor.directory.queues else None


def find_longest_wait(floor: Floor, call: Call) -> None:
    """Give a waiting call an end of its wait, where there is a longest wait now and was none before."""
    if call.state in QUEUED and call.wait.ends_at is None and (longest_s := longest_wait_s(floor, call)):
        call.wait.ends_at = floor.now + longest_s


def follow_queue(floor: Floor, call: Call, before: str | None) -> bool:
    """Write down that the configuration has given the call another queue than before. Return whether it has."""
    if call.queue == before:
        return False
    floor.event(call, CallEventType.MOVED, queue=call.queue, before=before)
    visits.follow(floor, call)
    return True


def take_up_in_queue(floor: Floor, call: Call, before: str | None) -> None:
    """A call of the checkpoint is in a queue: another one than before, or one that has stages and announcements now and
    had none."""
    if call.state in (CallState.ANNOUNCING, CallState.ENDED):
        return
    _forget_last_agent(call)
    moved = follow_queue(floor, call, before)
    if (moved or call.wait.stage_at is None) and (call.state in QUEUED or call.state in OFFERED):
        stages.fit(floor, call)
    if call.visit is not None and call.visit.announce_at is None:
        announcements.begin(floor, call)


def _forget_last_agent(call: Call) -> None:
    """Nobody is waited for where the queue waits for nobody now."""
    if call.wait.last_agent_until_at is None:
        call.wait.last_agent = None


def turn_away_if_without_queue(floor: Floor, call: Call) -> None:
    """End a waiting call that no queue can take."""
    if call.state is CallState.WAITING and call.queue is None:
        send_away(floor, call)


def _go_on_with_call(floor: Floor, call: Call) -> bool:
    """Take the call over. Return whether its queue has changed."""
    if call.state in (CallState.ANNOUNCING, CallState.ENDED):
        return False  # Nobody goes on with it.
    queue = call.queue
    find_queue(floor, call)
    due.fit(floor, call)
    _forget_last_agent(call)
    find_longest_wait(floor, call)
    if call.state in QUEUED:
        floor.set_deadline(Kind.LONGEST_WAIT, call, call.wait.ends_at)
    if call.state in QUEUED or call.state in OFFERED:
        stages.fit(floor, call)
    moved = follow_queue(floor, call, queue)
    limits.watch(floor, call)
    announcements.begin(floor, call)
    turn_away_if_without_queue(floor, call)
    floor.touch_call(call)
    return moved


# ------------------------------------------------------------------------------- agents


def let_in_or_out(floor: Floor, agent: Agent) -> None:
    """Log out an agent who may not stay logged in, unless they are in a conversation. That is asked again when it lets
    them go, for until then yet another configuration may let them stay."""
    if agent.session is not None and (why := must_leave(floor, agent)) is not None:
        let_out(floor, agent, why)


def _enroll(floor: Floor, found: Differences) -> None:
    """Add new agents, and take over changed numbers. An agent who was removed stays known: a leg of theirs may still
    end, and their history goes on if they come back."""
    for cti_id in found.of["agents"].added:
        entry = floor.directory.agents[cti_id]
        go_on_with_earlier(floor, floor.agents.setdefault(cti_id, Agent(cti_id, entry.cti_number)))
    if found.of["agents"].names:
        numbers = {entry.cti_number: entry.cti_id for entry in floor.directory.agents.values()}
        floor.by_cti_number = {agent.cti_number: agent.cti_id for agent in floor.agents.values()} | numbers


def _agents(floor: Floor, cti_ids: Iterable[str]) -> list[Agent]:
    return [floor.agents[cti_id] for cti_id in cti_ids if cti_id in floor.agents]


def _renumber(floor: Floor, found: Differences) -> None:
    """Agents have other phones. The lists of the PBX, which are read next, say whether they are there."""
    for agent in _agents(floor, (*found.of["agents"].added, *found.of["agents"].changed)):
        number = floor.directory.agents[agent.cti_id].cti_number
        if number != agent.cti_number:
            agent.cti_number, agent.reachable_on = number, []
            set_phone_retry(floor, agent, None)
            phone_gone(floor, agent)


def _go_on_with_agent(floor: Floor, agent: Agent) -> None:
    if agent.seq or agent.logged_in or agent.cti_id not in floor.directory.agents:
        floor.touch_agent(agent)
    let_in_or_out(floor, agent)
    call, by_itself = unanswered(floor, agent), floor.entry(agent).answer is AnswerMode.AUTO
    if call is not None and call.offer is not None and call.offer.leg_id is None and not by_itself:
        take_back(floor, call, OfferResult.WITHDRAWN, Cause.RECOVERY)  # It waits for an Answer that would be refused.


def _serving(floor: Floor, queues: Collection[str]) -> Iterable[str]:
    """Return the agents (``cti_id``) who serve one of the queues."""
    if not queues:
        return ()
    return [entry.cti_id for entry in floor.directory.agents.values() if not set(queues).isdisjoint(entry.queues)]


def _shown(floor: Floor, before: Directory, found: Differences) -> Collection[str]:
    """Return the agents (``cti_id``) whose view alone may change: those in a call, those of a queue that was removed or
    takes other calls now, and those of a service that dials out otherwise."""
    services = set(found.of["services"].names)
    queues = set(found.of["queues"].removed)
    for directory in (before, floor.directory):
        queues |= {queue.id for queue in directory.queues.values() if queue.service in services}
        numbers = (directory.calling_numbers.get(number) for number in found.of["calling_numbers"].names)
        services |= {number.service for number in numbers if number is not None}
    working = [one.cti_id for one in floor.directory.agents.values() if not services.isdisjoint(one.services)]
    return {*_serving(floor, queues), *working, *(one.cti_id for one in floor.agents.values() if one.call_id)}
