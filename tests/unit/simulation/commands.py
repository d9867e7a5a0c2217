"""Agents at their panels: what they ask for, most often what fits."""

from collections.abc import Callable

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.audit_row import AuditRow
from cti_bridge.domain.model.agent import Agent, AgentState
from cti_bridge.domain.model.call import CallState, Role
from cti_bridge.domain.model.monitor import BEGINS_IN
from cti_bridge.domain.model.words import MonitorMode
from cti_bridge.domain.queue.no_calls import assignable
from tests.unit.floor import CALLING
from tests.unit.simulation.directory import BAD_NUMBERS, OUTSIDE, REJECTED
from tests.unit.simulation.world import World

Asking = Callable[[str, str, str | None, str | None], commands.Command]
ASKING: dict[str, Asking] = {
    "hold": lambda who, call, *_: commands.HoldCall(who, call),
    "resume": lambda who, call, *_: commands.ResumeCall(who, call),
    "consult": commands.StartConsult,
    "connect": lambda who, call, *_: commands.ConnectConsult(who, call),
    "cancel": lambda who, call, *_: commands.CancelConsult(who, call),
    "swap": lambda who, call, *_: commands.SwapConsult(who, call),
    "join": lambda who, call, *_: commands.JoinAll(who, call),
    "leave": lambda who, call, *_: commands.LeaveThree(who, call),
    "take target out": lambda who, call, *_: commands.TakeOut(who, call, Role.TARGET),
    "take customer out": lambda who, call, *_: commands.TakeOut(who, call, Role.CUSTOMER),
    "transfer": commands.TransferCall,
    "recall": lambda who, call, *_: commands.RecallCall(who, call),
    "warn": lambda who, call, *_: commands.Warn(who, call),
    "stop warning": lambda who, call, *_: commands.StopWarning(who, call),
    "force": lambda who, call, *_: commands.ForceDisconnect(who, call, "threat"),
    "digits": lambda who, call, *_: commands.SendDigits(who, call, "12#"),
    "hang up": lambda who, call, *_: commands.HangUpCall(who, call),
}
FITTING: dict[CallState, tuple[str, ...]] = {
    CallState.DIALING_AGENT: ("hang up",),
    CallState.DIALING_CUSTOMER: ("hang up",),
    CallState.TALKING: ("hold", *["consult"] * 4, "transfer", "transfer", "warn", "warn", "force", "digits", "digits"),
    CallState.WARNING: ("force", "hang up", "warn", *["stop warning"] * 6),
    CallState.ON_HOLD: ("resume", "resume", "consult", "consult", "transfer", "force", "hang up"),
    CallState.CONSULT_RINGING: ("connect", "cancel", "hang up"),
    CallState.INTERNAL_RINGING: ("hang up",),
    CallState.INTERNAL_TALKING: ("hold", "hold", "hang up", "resume"),
    CallState.INTERNAL_ON_HOLD: ("resume", "resume", "hang up"),
    CallState.INTERNAL_HELD: ("resume", "resume", "hang up"),
    CallState.CONSULT_TALKING: ("connect", "connect", "cancel", "hang up", "swap", "swap", "join", "join"),
    CallState.CONSULT_SWAPPED: ("connect", "cancel", "hang up", "swap", "digits", "join"),
    CallState.THREE_TOGETHER: ("leave", "take target out", "take customer out", "hang up", "digits", "connect"),
    CallState.CONSULT_ALONE: ("cancel", "hang up", "connect"),
}
SENT_ON: tuple[dict[str, str], ...] = (
    {"queue": "sales"},
    {"queue": "support"},
    {"scenario": "menus"},
    {"queue": "none"},
)
PATIENT = (
    CallState.DIALING_AGENT,
    CallState.DIALING_CUSTOMER,
    CallState.CONSULT_RINGING,
    CallState.INTERNAL_RINGING,
    CallState.WARNING,
)
"""People wait for an answer, or for the end of a message, most often."""


def ask(world: World) -> None:
    """One of them asks for something."""
    agents = list(world.center.floor.agents.values())
    busy = [agent for agent in agents if agent.call_id and not agent.offer_id]
    agent = world.rng.choice(busy if busy and world.rng.random() < 0.65 else agents)
    cti_id = agent.cti_id
    if not agent.logged_in:
        come_to_work(world, cti_id)
        return
    session, call_id = agent.session or "", agent.call_id or "none"
    eager = 0.6 if world.center.floor.entry(agent).answer == "auto" else 0.2
    if agent.offer_id and world.rng.random() < eager:
        world.tell(commands.AnswerOffer(cti_id, agent.offer_id))
        return
    if world.rng.random() < (0.85 if agent.call_id and not agent.offer_id else 0.125):
        _about_a_call(world, agent)
        return
    pick = world.rng.random()
    if pick < 0.55:
        world.tell(commands.SetStatus(cti_id, "ready", None))
    elif pick < 0.7:
        world.tell(world.rng.choice(_rarer(world, cti_id, session)))
    elif pick < 0.78:
        offer_id = agent.offer_id or (agent.recent_offers or ["none"])[-1]
        answers = world.rng.random() < 0.5
        world.tell(commands.AnswerOffer(cti_id, offer_id) if answers else commands.DeclineOffer(cti_id, offer_id))
    elif pick < 0.85:
        world.tell(commands.HangUpCall(cti_id, call_id))
    else:
        world.tell(commands.PanelChanged(cti_id, world.rng.random() < 0.8))


RECORDER: tuple[Callable[[str, str], commands.Command], ...] = (
    commands.BeginRecording,
    commands.BeginRecording,
    commands.PauseRecording,
    commands.PauseRecording,
    commands.ResumeRecording,
    commands.EndRecording,
)


def _about_a_call(world: World, agent: Agent) -> None:
    """What fits most often, anything now and then."""
    recorded = world.center.floor.calls.get(agent.call_id or "")
    if recorded is not None and recorded.recorder is not None and world.rng.random() < 0.2:
        world.tell(world.rng.choice(RECORDER)(agent.cti_id, recorded.id))
        return
    if agent.call_id is None and world.rng.random() < 0.2:
        agents = world.center.floor.agents.values()
        idle = [one.cti_id for one in agents if one.call_id is None and one.logged_in and one is not agent]
        world.tell(commands.DialAgent(agent.cti_id, world.rng.choice([*idle, *idle, agent.cti_id, "nobody"])))
        return
    if agent.call_id is None and world.rng.random() < 0.6:
        number = world.rng.choice([*OUTSIDE, *OUTSIDE, world.rng.choice(BAD_NUMBERS)])
        calling = CALLING if world.rng.random() < 0.9 else REJECTED
        world.tell(commands.Dial(agent.cti_id, number, calling))
        return
    call = world.center.floor.calls.get(agent.call_id or "")
    if call is not None and call.state in PATIENT and world.rng.random() < 0.85:
        world.deliver_one()
        return
    fitting = FITTING.get(call.state, ()) if call else ("recall",)
    kind = world.rng.choice(fitting if fitting and world.rng.random() < 0.85 else sorted(ASKING))
    recent = (agent.recent_calls or ["none"])[-1]
    call_id = recent if call is None or world.rng.random() < 0.05 else call.id
    if kind == "transfer" and (pick := world.rng.randrange(12)) < len(SENT_ON):
        where = SENT_ON[pick]
        world.tell(commands.TransferCall(agent.cti_id, call_id, **where, memo="about the bill"))
        return
    world.tell(ASKING[kind](agent.cti_id, call_id, *_somebody(world)))


def _somebody(world: World) -> tuple[str | None, str | None]:
    """A number and an agent, one of them None."""
    pick = world.rng.random()
    agents = world.center.floor.agents.values()
    if pick < 0.5:
        ready = [agent for agent in agents if assignable(world.center.floor, agent)]
        return None, world.rng.choice(ready or list(agents)).cti_id
    if pick < 0.6:
        return world.rng.choice(list(agents)).cti_number, None
    return world.rng.choice([*OUTSIDE, *OUTSIDE, world.rng.choice(BAD_NUMBERS)]), None


def _rarer(world: World, cti_id: str, session: str) -> list[commands.Command]:
    return [
        commands.SetStatus(cti_id, "rest", None),
        commands.SetStatus(cti_id, "business", "meeting"),
        commands.SetStatus(cti_id, "business", "missed"),
        commands.SetNextStatus(cti_id, "rest", None),
        commands.SetNextStatus(cti_id, None, None),
        commands.LogIn(cti_id, f"session-{next(world.serial)}", "csrf"),
        commands.LogOut(cti_id, session),
        commands.LogOut(cti_id, "an old one"),
    ]


def come_to_work(world: World, cti_id: str) -> None:
    if not world.center.floor.agents[cti_id].logged_in:
        world.tell(commands.LogIn(cti_id, f"session-{next(world.serial)}", "csrf"))
    world.tell(commands.PanelChanged(cti_id, True))
    world.tell(commands.SetStatus(cti_id, "ready", None))


HANGS_UP = "customer hangs up"
"""Nobody hears of it for a moment."""
ASIDE: dict[CallState, tuple[str, ...]] = {
    CallState.TALKING: ("consult", "consult", "consult", "hold", "hold"),
    CallState.ON_HOLD: ("consult", "consult", "resume", "resume", "resume"),
    CallState.CONSULT_TALKING: ("swap", "swap", "cancel", "cancel", "connect", "join", "join", "join"),
    CallState.CONSULT_SWAPPED: ("swap", "cancel", "join", "join", "hold"),
    CallState.THREE_TOGETHER: (
        *("take target out", "take target out", "leave"),
        *("take customer out", "take customer out", HANGS_UP),
    ),
}
"""What parts customer and agent, or brings them together, by the state of the call."""


def part_or_meet(world: World) -> None:
    """In a conversation that is recorded somebody is put aside, asked, or taken in, or its agent pauses: at once, or
    some seconds after all has happened that was asked for. Now and then the PBX does not pause; and sometimes then the
    file breaks off before, or the connection behind it."""
    floor, rng = world.center.floor, world.rng
    if rng.random() < 0.7:
        world.drain()
        world.pass_time(rng.choice([0.3, 2.0, 5.0]))
        world.drain()
    calls = [call for call in floor.calls.values() if call.recorder is not None and call.state in ASIDE and call.cti_id]
    if not calls:
        return
    call = rng.choice(calls)
    who, pbx = call.cti_id or "", world.pbx_of(call)
    deaf = 0
    if rng.random() < 0.3:
        world.reached["deaf to a pause"] += 1
        world.troubled = True
        deaf = pbx.deaf = rng.choice([1, 2, 3, 4, 9])
    if deaf == 9 and (tape := next((one for one in pbx.tapes.values() if one.bridge_id == call.bridge_id), None)):
        world.reached["file broke off"] += 1
        pbx.stop_tape(tape)
    if rng.random() < 0.2:
        world.tell(rng.choice(RECORDER)(who, call.id))
        return
    free = [one.cti_id for one in floor.agents.values() if assignable(floor, one)]
    target = (None, rng.choice(free)) if free and rng.random() < 0.5 else (rng.choice(OUTSIDE), None)
    what = rng.choice(ASIDE[call.state])
    if what is not HANGS_UP:
        world.tell(ASKING[what](who, call.id, *target))
    elif customer := pbx.channels.get(call.customer_leg or ""):
        world.reached[f"{HANGS_UP} in {call.state}"] += 1
        pbx.end(customer)
        world.let_time_go_by(0.4)
    if deaf == 4 and pbx.connected:
        world.turn_to([pbx])
        world.reached["gap behind an order"] += 1
        pbx.disconnect()
        world.tell(facts.NodeLost(pbx.node))


SUPERVISED: tuple[tuple[str, str | None], ...] = (
    ("rest", None),
    ("business", "meeting"),
    ("ready", None),
    ("ready", None),
    ("offline", None),
    ("business", "missed"),
)
"""The statuses that a supervisor sets; the last one is refused."""


def supervise(world: World) -> None:
    """A supervisor acts on one of the agents, or on a call: those that wait are moved most often."""
    floor, rng = world.center.floor, world.rng
    calls = [call for call in floor.calls.values() if call.state is not CallState.ENDED]
    waiting = [call for call in calls if call.state is CallState.WAITING]
    pick = rng.random()
    command: commands.Command | commands.HouseCommand
    if waiting and pick < 0.5:
        queue = rng.choice([None, "support", "sales", "sales", "none"])
        command = commands.MoveCall(rng.choice(waiting).id, queue, rng.random() < 0.6, "s1")
    elif calls and pick < 0.7:
        command = commands.EndCall(rng.choice(calls).id, "s1")
    elif pick < 0.75:
        command = commands.EndSession(rng.choice(list(floor.agents)), "s1")
    elif pick < 0.8:
        command = commands.MessageTeam("day", tuple(floor.agents), "Lunch is here.", "s1")
    else:
        command = commands.SetAgentStatus(rng.choice(list(floor.agents)), *rng.choice(SUPERVISED), "s1")
    before = len(world.records)
    world.tell(command)
    if any(isinstance(one, AuditRow) for one in world.records[before:]):
        world.reached[f"supervisor: {type(command).__name__}"] += 1


def monitor(world: World) -> None:
    """A supervisor begins to monitor a call, goes on in another mode, or stops; any agent may be one."""
    floor, rng = world.center.floor, world.rng
    monitoring = [agent for agent in floor.agents.values() if agent.monitor_id in floor.monitors]
    mode = rng.choice([MonitorMode.LISTEN, MonitorMode.WHISPER, MonitorMode.WHISPER, MonitorMode.BARGE])
    if monitoring and rng.random() < 0.7:
        agent = rng.choice(monitoring)
        found = floor.monitors[agent.monitor_id or ""]
        if found.row_at is not None and rng.random() < 0.15:
            world.tell(commands.StopMonitor(agent.cti_id, found.call_id, agent.cti_id))
            return
        if mode is MonitorMode.BARGE and world.center.floor.node_up(found.node):
            world.barged.add(found.id)
        world.tell(commands.ChangeMonitor(agent.cti_id, found.call_id, mode, agent.cti_id))
        return
    calls = [call for call in floor.calls.values() if call.state in BEGINS_IN] or list(floor.calls.values())
    idle = [agent for agent in floor.agents.values() if agent.state is AgentState.IDLE]
    if not calls or not idle:
        return
    agent, call = rng.choice(idle), rng.choice(calls)
    world.tell(commands.StartMonitor(agent.cti_id, call.id, mode, agent.cti_id))
    begun = floor.monitors.get(floor.agents[agent.cti_id].monitor_id or "")
    if begun is not None:
        world.reached[f"monitor begun in {call.state}"] += 1
        if mode is MonitorMode.BARGE:
            world.barged.add(begun.id)
