"""The places of a monitor's legs, and the orders for that: the difference between what was ordered and what is
wanted, after each fact that has touched the call.

========  ======================================  =====================================
mode      the supervisor's phone                  the snoop
========  ======================================  =====================================
listen    muted, in the own bridge                in the own bridge
whisper   in the own bridge; while the agent is   in the own bridge; none while the
          alone in the call's: there              phone is in the call's
barge     in the call's bridge while the agent    none
          is there, else in the own
========  ======================================  =====================================

A snoop is made anew whenever the agent has other partners than before. Debian's Asterisk may drop the audio of a new
one in all snoops of a leg (``docs/decisions/0018-codecs-and-bridges.md``). Before the first new one is made, all
old ones of that leg have ended for a while: the PBX forgets what it knew of the partner of before only when there is no
snoop at all (seen).

The phone goes into the call's bridge only out of the own one, where it was seen. So a word of the PBX that it is in
the own bridge always means that it has left the other. Who whispers goes there only when all others were seen out of
it; and nobody comes in before the phone was seen out (:func:`cti_bridge.domain.floor.monitoring.waits`).

The own bridge mixes from the first moment: a supervisor's hold key gives its partner no music there, and that would
be the agent.
"""

from cti_bridge.domain.border.actions import AddToBridge, CreateBridge, HangUp, MuteLeg, SnoopLeg, StopMusic
from cti_bridge.domain.border.monitor_row import MonitorRow
from cti_bridge.domain.floor import monitoring
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.orders import doubt_of
from cti_bridge.domain.model.call import ROLES, Call, CallState, Leg, Place, Role, Stage
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.ids import bridge_ids
from cti_bridge.domain.model.monitor import KIND, Monitor, MonitorLeg, Part
from cti_bridge.domain.model.wiring import wanted
from cti_bridge.domain.model.words import MonitorEnd, MonitorMode

LEAVES_WITHIN_S = 1.0
"""The supervisor's phone must have been seen out of the call's bridge within so many seconds, else it is hung up."""
RETRY_S = 0.5
"""A snoop that was refused is tried again after so many seconds."""
REST_S = 0.1
"""The agent's leg has no snoop for at least so many seconds before the next one. The PBX lets go of an old one, and of
what was last heard through it, with the next frames of audio (20 ms each)."""
MOST_ATTEMPTS = 5
"""The orders in a row that may come to nothing before the monitor is given up."""
_UP = Stage.UP
_LISTEN, _WHISPER, _BARGE = MonitorMode.LISTEN, MonitorMode.WHISPER, MonitorMode.BARGE


def place(call: Call, monitor: Monitor, phone: MonitorLeg) -> str:
    """Return the id of the bridge that the supervisor's phone is to be in now."""
    own = monitor.bridge_id
    if phone.phone_holds or call.state is CallState.ENDED:
        return own
    if monitor.mode is _BARGE:
        stays = call.state is CallState.JOINING and phone.place in bridge_ids(call.id)
        return call.bridge_id if stays or agent_inside(call) else own
    return call.bridge_id if monitor.mode is _WHISPER and agent_inside(call) and _alone(call) else own


def agent_inside(call: Call) -> bool:
    """Return whether the agent was seen in the call's bridge, and stays there."""
    agent = call.leg_of(Role.AGENT)
    return agent is not None and agent.stage is _UP and agent.place is Place.BRIDGE and agent.in_bridge


def _alone(call: Call) -> bool:
    """Return whether all others were seen out of the call's bridge, and none of them is to come in."""
    agent = call.agent_leg
    inside = (leg.id for leg in call.legs.values() if leg.in_bridge or leg.leaving or leg.place is Place.BRIDGE)
    if any(leg_id != agent for leg_id in inside):
        return False
    others = [role for role in ROLES if role is not Role.AGENT and call.leg_of(role) is not None]
    return not any(wanted(call, role) is Place.BRIDGE for role in others)


def partners(floor: Floor, call: Call) -> list[str]:
    """Return the legs, also of supervisors, with whom the agent was seen in the call's bridge."""
    if not agent_inside(call):
        return []
    legs = [leg.id for leg in call.legs.values() if leg.in_bridge and leg.id != call.agent_leg]
    phones = [one.phone for one in monitoring.of_call(floor, call.id)]
    return sorted([*legs, *(phone.id for phone in phones if phone is not None and phone.seen == call.bridge_id)])


# ------------------------------------------------------------------------------- orders


def arrange(floor: Floor, call: Call, monitor: Monitor) -> None:
    """Order what is to be otherwise, and note which mode is in force."""
    phone = monitor.phone
    if phone is None or phone.stage is not _UP or monitor.over is not None:
        return
    if floor.node_up(monitor.node):
        if not monitor.has_bridge:
            monitor.has_bridge = True
            floor.act(CreateBridge(monitor.node, monitor.id, "", monitor.bridge_id, softmix=True))
        _mute(floor, monitor, phone)
        want = place(call, monitor, phone)
        _snoop(floor, call, monitor, phone, want)
        _move_phone(floor, monitor, phone, want)
        snoop = monitor.snoop
        if snoop is not None and snoop.stage is _UP and snoop.place != monitor.bridge_id:
            move(floor, monitor, snoop, monitor.bridge_id)
    note_mode(floor, call, monitor)


def _mute(floor: Floor, monitor: Monitor, phone: MonitorLeg) -> None:
    want = monitor.mode is _LISTEN
    if monitor.muted is not want:
        monitor.muted = want
        mute(floor, monitor, phone)


def mute(floor: Floor, monitor: Monitor, phone: MonitorLeg) -> None:
    """Order that the phone is muted, or no more, as it is to be."""
    monitor.mutings, monitor.settled = monitor.mutings + 1, False
    floor.act(MuteLeg(monitor.node, monitor.id, phone.id, monitor.muted, monitor.mutings))
    monitoring.keep(floor, monitor)


def _move_phone(floor: Floor, monitor: Monitor, phone: MonitorLeg, want: str) -> None:
    own = monitor.bridge_id
    if phone.place == want or (want != own and phone.place in ("", own) and phone.seen != own):
        want = own if not phone.place else phone.place
    if phone.place == want:
        return
    if want != own:
        monitor.near = True
        wait_no_more(floor, monitor)
    elif monitor.near:
        floor.set_deadline(Kind.MONITOR, monitor, floor.now + LEAVES_WITHIN_S)
    move(floor, monitor, phone, want)
    if want == own and monitor.near:
        # While the agent's phone held, the PBX itself may have begun music. It goes on elsewhere (seen).
        floor.act(StopMusic(monitor.node, monitor.id, phone.id))


def move(floor: Floor, monitor: Monitor, leg: MonitorLeg, bridge: str) -> None:
    """Order the leg into the bridge. It leaves the one that it is in by that."""
    leg.place, leg.seen, leg.moved_at = bridge, "", floor.now
    floor.act(AddToBridge(monitor.node, monitor.id, leg.id, bridge))
    monitoring.keep(floor, monitor)


def _snoop(floor: Floor, call: Call, monitor: Monitor, phone: MonitorLeg, want: str) -> None:
    """Make the snoop, or make it anew, or end it. In the call's bridge the phone needs none. The old one stays until
    the phone was seen there, so that nobody who talks notices that it ends."""
    agent = call.leg_of(Role.AGENT)
    there = agent is not None and agent.stage is _UP
    outside = want == monitor.bridge_id
    present = partners(floor, call)
    snoop = monitor.snoop
    if snoop is not None:
        needless = not outside and phone.seen == want
        others = bool(monitor.partners) and present != monitor.partners
        if needless or others or not there or (agent is not None and snoop.spied != agent.id):
            end_snoop(floor, monitor)
    may = not monitor.rests and agent is not None and not _old_ones(floor, call, agent)
    if monitor.snoop is None and there and outside and may and agent is not None:
        leg = MonitorLeg(floor.ids.leg(monitor.id, Part.SNOOP, KIND), Part.SNOOP, moved_at=floor.now, spied=agent.id)
        monitor.snoop, monitor.partners = leg, []
        floor.act(SnoopLeg(monitor.node, monitor.id, leg.id, agent.id))
        monitoring.keep(floor, monitor)
    if monitor.snoop is not None and present and not monitor.partners:
        monitor.partners = present
        monitoring.keep(floor, monitor)


def snoop_later(floor: Floor, monitor: Monitor, after_s: float) -> None:
    """Make no snoop before so many seconds are over."""
    monitor.rests = True
    if monitor.ends_at is None or (not leaves(monitor) and monitor.ends_at < floor.now + after_s):
        floor.set_deadline(Kind.MONITOR, monitor, floor.now + after_s)
    monitoring.keep(floor, monitor)


def leaves(monitor: Monitor) -> bool:
    """Return whether the phone is on its way out of the call's bridge. The deadline is for that then."""
    return monitor.near and monitor.phone is not None and monitor.phone.place == monitor.bridge_id


def wait_no_more(floor: Floor, monitor: Monitor) -> None:
    """Nothing is waited for with a deadline any more, but for the next snoop."""
    floor.set_deadline(Kind.MONITOR, monitor, floor.now + REST_S if monitor.rests else None)


def _old_ones(floor: Floor, call: Call, agent: Leg) -> bool:
    """Return whether the agent's leg has a snoop that is to be made anew, or is ending."""
    present = partners(floor, call)
    for one in floor.monitors.values():
        if any(leg.part is Part.SNOOP and leg.spied == agent.id for leg in one.going):
            return True
        mine = one.snoop is not None and one.snoop.spied == agent.id
        if mine and one.partners and one.partners != present:
            return True
    return False


def end_snoop(floor: Floor, monitor: Monitor) -> None:
    """The snoop is of no use any more."""
    if monitor.snoop is not None:
        let_go(floor, monitor, monitor.snoop)
        monitor.snoop, monitor.partners = None, []


def let_go(floor: Floor, monitor: Monitor, leg: MonitorLeg) -> None:
    """Hang the leg up. It has ended when the PBX says so."""
    leg.stage = Stage.ENDING
    monitor.going.append(leg)
    floor.drop_order(doubt_of(leg.id))
    floor.act(HangUp(monitor.node, monitor.id, leg.id))
    monitoring.keep(floor, monitor)


# ------------------------------------------------------------------------------- what is in force


def in_force(floor: Floor, call: Call, monitor: Monitor) -> MonitorMode | None:
    """Return the mode in force, as far as that was seen. None: none, or something is on its way."""
    phone, snoop = monitor.phone, monitor.snoop
    if phone is None or phone.stage is not _UP or not monitor.settled or monitor.over is not None:
        return None
    if phone.seen and phone.seen == call.bridge_id:
        if monitor.muted_seen or not agent_inside(call):
            return None
        return _WHISPER if monitor.mode is not _BARGE and _alone(call) else _BARGE
    if snoop is None or not snoop.seen == monitor.bridge_id == phone.seen:
        return None
    if monitor.muted_seen:
        return _LISTEN
    return _WHISPER if _is_sent_audio(floor, call) else None


def _is_sent_audio(floor: Floor, call: Call) -> bool:
    """Return whether the PBX sends the agent anything: into silence a snoop whispers in vain (seen)."""
    agent = call.leg_of(Role.AGENT)
    if agent is None or agent.place is Place.BRIDGE:
        return bool(partners(floor, call))
    return agent.place in (Place.MUSIC, Place.RINGBACK, Place.MESSAGE)


def heard_by(call: Call, monitor: Monitor) -> list[Role]:
    """Return who hears the supervisor now, as far as that was seen."""
    if monitor.confirmed is _WHISPER:
        return [Role.AGENT]
    if monitor.confirmed is _BARGE:
        return [role for role in ROLES if (leg := call.leg_of(role)) is not None and leg.in_bridge]
    return []


def note_mode(floor: Floor, call: Call, monitor: Monitor) -> None:
    """Note the mode in force. One that comes back after a moment without goes on in its row."""
    mode = in_force(floor, call, monitor)
    if mode is monitor.confirmed:
        return
    monitor.confirmed, monitor.confirmed_at = mode, floor.now if mode is not None else None
    if mode is not None:
        monitor.attempts = 0
        if mode is not monitor.row_mode:
            end_row(floor, monitor, MonitorEnd.CHANGED)
            monitor.row_id, monitor.row_mode, monitor.row_at = floor.ids.uuid(floor.now), mode, floor.now
    monitoring.keep(floor, monitor)
    if floor.policy.show_monitoring:
        floor.show_agents(agent.cti_id for _, agent in floor.agents_of(call))


def end_row(floor: Floor, monitor: Monitor, why: MonitorEnd) -> None:
    """The mode that was in force last is over: write it down."""
    if monitor.row_mode is not None and monitor.row_at is not None:
        at = max(floor.end_at, monitor.row_at)
        row = MonitorRow(
            monitor.row_id, monitor.id, monitor.call_id, monitor.cti_id, monitor.row_mode, monitor.row_at, at, why
        )
        floor.record(row)
    monitor.row_id, monitor.row_mode, monitor.row_at = "", None, None
