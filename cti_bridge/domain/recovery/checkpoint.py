"""The start on a checkpoint: the state of the last commit, perhaps under another configuration now.

Each deadline keeps the time that remains, never more than its configured length. The time without a bridge counts, for
the PBX was there. The time in which the call's node was away does not count.
:mod:`cti_bridge.domain.recovery.configuration` applies another configuration to calls and agents. A call whose node is
not configured any more is ended: nothing on the line may wait for an event that never comes.
"""

from collections import defaultdict
from collections.abc import Iterable

from cti_bridge.domain.border.facts import LegEnded
from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.floor import visits
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.follows import due
from cti_bridge.domain.legs.legs import ended
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.ids import channel_of_leg, leg_of_channel
from cti_bridge.domain.model.kept import Kept, LastChange, LostCall, NodeState
from cti_bridge.domain.model.scenario import BUSY, HangUp, Play
from cti_bridge.domain.model.words import EndedBy, Outcome
from cti_bridge.domain.recovery import configuration, unseen
from cti_bridge.domain.recovery.unreadable import free_the_left_behind, go_on_behind, join_their_calls, take_up_lost
from cti_bridge.domain.talk.warning import warning_of


def take_up(floor: Floor, kept: Kept) -> None:
    """Take up the state of the last commit. All nodes count as away until they are seen."""
    agents, calls, nodes = kept.of(Agent), kept.of(Call), kept.of(NodeState)
    renamed = _renamed(floor, calls, nodes)
    for node in nodes:
        _restore_node(floor, node, renamed.get(node.name, node.name))
    seen_at = {renamed.get(node.name, node.name): node.seen_at for node in nodes}
    unseen.bridge_was_away(floor)
    lost_at = {renamed.get(node.name, node.name): node.lost_at for node in nodes}
    for call in calls:
        if call.node in renamed:
            _move(call, renamed[call.node])
        _restore_call(floor, call, lost_at.get(call.node) or floor.now)
    legs = _legs_of_agents(calls)
    for agent in agents:
        agent.legs = legs[agent.cti_id]
        _restore_agent(floor, agent)
    take_up_lost(floor, kept.of(LostCall))
    go_on_behind(floor, kept.of(LastChange), {agent.cti_id: agent for agent in agents})
    free_the_left_behind(floor)
    join_their_calls(floor)
    for call in calls:
        with floor.late(seen_at.get(call.node)):
            _find_place(floor, call)
    for agent in agents:
        configuration.let_in_or_out(floor, agent)


# ------------------------------------------------------------------------------- nodes


def _renamed(floor: Floor, calls: Iterable[Call], nodes: Iterable[NodeState]) -> dict[str, str]:
    """Return the new names of nodes by their old names. With one PBX before and one now it is the same one."""
    configured = floor.directory.nodes
    before = {call.node for call in calls} | {node.name for node in nodes}
    if len(configured) == 1 and len(before) == 1:
        return dict(zip(before, configured, strict=True))
    return {}


def _restore_node(floor: Floor, node: NodeState, name: str) -> None:
    if name != node.name or not _configured(floor, name):
        floor.touch("node", node.name, None)
    if _configured(floor, name):
        # Up to its last sign of life the bridge saw a node that was there.
        seen_at = unseen.last_sign(floor) if node.lost_at is None and node.seen_at else node.seen_at
        lost_at = floor.now if node.lost_at else None
        floor.nodes[name] = NodeState(name, lost_at=lost_at, boot_id=node.boot_id, seen_at=seen_at)


def _configured(floor: Floor, node: str) -> bool:
    return not floor.directory.nodes or node in floor.directory.nodes


# ------------------------------------------------------------------------------- calls


def _restore_call(floor: Floor, call: Call, since: float) -> None:
    """Take up a call. ``since`` is the time at which its deadlines stopped: when its node was lost, else now."""
    floor.calls[call.id] = call
    if call.recorder is not None:
        floor.recorded.add(call.id)
    floor.touch_call(call)
    for leg in call.legs.values():
        floor.call_of_leg[leg.id] = call.id
        leg.confirmed_at = leg.unseen_since = None
    queue = call.queue
    configuration.find_queue(floor, call)
    visits.take_up(floor, call)
    due.take_up_call(floor, call, since)
    configuration.find_longest_wait(floor, call)
    configuration.take_up_in_queue(floor, call, queue)
    if call.prompt is not None and not call.prompt.media:
        call.prompt.media = _media_of_before(floor, call)


def _media_of_before(floor: Floor, call: Call) -> str:
    """Return the message of the state by today's configuration. An earlier release did not keep it with the call."""
    if call.state is CallState.WARNING:
        return warning_of(floor, call)
    scenario = floor.directory.scenario_of(call.dialed_number)
    if scenario is None:
        return ""
    step = scenario.steps.get(scenario.start if call.state is CallState.IN_SCENARIO else BUSY)
    return step.sound if isinstance(step, Play | HangUp) else ""


def _move(call: Call, node: str) -> None:
    """The call's PBX has another name now, and so have the legs that the PBX has made. Legs of offers and targets are
    all ours and keep their names."""
    call.node = node
    now = {leg_id: leg_of_channel(node, channel_of_leg(leg_id)) for leg_id in call.legs}
    for leg in call.legs.values():
        leg.id = now[leg.id]
    call.legs = {leg.id: leg for leg in call.legs.values()}
    call.parties = {role: now.get(leg_id, leg_id) for role, leg_id in call.parties.items()}


def _find_place(floor: Floor, call: Call) -> None:
    """End the call if nobody can go on with it."""
    if not _configured(floor, call.node):
        finish(floor, call, Outcome.NODE_LOST, EndedBy.SYSTEM)
        for leg_id in list(call.legs):
            ended(floor, LegEnded(leg_id))
    else:
        configuration.turn_away_if_without_queue(floor, call)


# ------------------------------------------------------------------------------- agents


def _legs_of_agents(calls: Iterable[Call]) -> defaultdict[str, list[str]]:
    """Return the legs of calls by CTI ID. The agents' own lists also hold calls that are not ours; the PBX will show
    those again."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for call in calls:
        for leg in call.legs.values():
            if leg.cti_id is not None:
                found[leg.cti_id].append(leg.id)
    return found


def _restore_agent(floor: Floor, agent: Agent) -> None:
    """Take up an agent. An agent who is no longer configured stays known: a call may need them, and their history goes
    on if they come back."""
    entry = floor.directory.agents.get(agent.cti_id)
    if entry is not None:
        agent.cti_number = entry.cti_number
    floor.agents[agent.cti_id] = agent
    floor.by_cti_number.setdefault(agent.cti_number, agent.cti_id)
    if agent.session is not None:
        floor.by_session[agent.session] = agent.cti_id
    if agent.beside is not None:
        floor.by_session[agent.beside] = agent.cti_id
    due.take_up_agent(floor, agent)
    agent.reachable_on, agent.panel_live = [], False
    floor.touch_agent(agent)
