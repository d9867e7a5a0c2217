"""Facts about the legs of monitors. :data:`PROCEDURES` has those that such a leg, or an order about one, may have. Each
procedure returns whether the fact was about a monitor; any other fact is for the calls."""

from collections.abc import Callable
from typing import Any

from cti_bridge.domain.border import actions as act
from cti_bridge.domain.border import facts
from cti_bridge.domain.border.actions import AddToBridge, CreateLeg, DialLeg, HangUp, InspectLeg, StopMusic
from cti_bridge.domain.ending.causes import offer_result
from cti_bridge.domain.floor import monitoring
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.orders import MOST_LOOKS, Order, What, doubt_of, pause_s
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.call import Role, Stage
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.ids import bridge_ids
from cti_bridge.domain.model.monitor import Monitor, MonitorLeg, Part
from cti_bridge.domain.model.words import AnswerMode, MonitorEnd, OfferResult
from cti_bridge.domain.monitors import places, rules
from cti_bridge.domain.offer.offer import DIAL_MARGIN_S
from cti_bridge.domain.outbound.outbound import ring_now_free

_ENDING, _ORDERED, _UP = Stage.ENDING, Stage.ORDERED, Stage.UP


def _live(floor: Floor, leg_id: str) -> tuple[Monitor, MonitorLeg] | None:
    found = monitoring.of_leg(floor, leg_id)
    return found if found is not None and found[1].stage is not _ENDING else None


# ------------------------------------------------------------------------------- a leg comes about


def ready(floor: Floor, fact: facts.LegReady) -> bool:
    found = monitoring.of_leg(floor, fact.leg_id)
    if found is None:
        return False
    monitor, leg = found
    if leg.stage is _ORDERED and leg.part is Part.SNOOP:
        leg.stage = _UP
        monitoring.keep(floor, monitor)
        rules.follow(floor, monitor)
    elif leg.stage is _ORDERED:
        leg.stage = Stage.DIALED
        floor.act(DialLeg(monitor.node, monitor.id, leg.id, round(rules.RING_S) + DIAL_MARGIN_S))
        monitoring.keep(floor, monitor)
    return True


def answered(floor: Floor, fact: facts.LegAnswered) -> bool:
    found = monitoring.of_leg(floor, fact.leg_id)
    if found is None:
        return False
    monitor, leg = found
    if leg.part is Part.SUPERVISOR and leg.stage in (_ORDERED, Stage.DIALED):
        leg.stage = _UP
        floor.set_deadline(Kind.MONITOR, monitor, None)
        monitoring.keep(floor, monitor)
        rules.follow(floor, monitor)
    return True


def entered(floor: Floor, fact: facts.LegEntered) -> bool:
    found = monitoring.of_leg(floor, fact.leg_id)
    if found is None:
        return False
    monitor, leg = found
    if leg.stage is not _ENDING and leg.place == fact.bridge_id:
        leg.seen = fact.bridge_id
        monitoring.keep(floor, monitor)
        if leg is monitor.phone and leg.seen == monitor.bridge_id:
            _is_out(floor, monitor)
        rules.follow_call(floor, monitor.call_id)
    return True


def _is_out(floor: Floor, monitor: Monitor) -> None:
    """The supervisor's phone is not in the call's bridge. Who has waited for that comes in."""
    if not monitor.near:
        return
    monitor.near = False
    if monitor.over is None:
        places.wait_no_more(floor, monitor)
    monitoring.keep(floor, monitor)
    call = floor.calls.get(monitor.call_id)
    if call is not None:
        rewire(floor, call)


def left(floor: Floor, fact: facts.LegLeft) -> bool:
    """Most often it is on its way to another bridge, or its end is next. Otherwise it is looked at and put back."""
    found = monitoring.of_leg(floor, fact.leg_id)
    if found is None:
        return False
    monitor, leg = found
    if leg.stage is not _ENDING and leg.seen == fact.bridge_id:
        leg.seen = ""
        floor.expect(What.ENTER, AddToBridge(monitor.node, monitor.id, leg.id, leg.place), leg.id)
        monitoring.keep(floor, monitor)
        rules.follow_call(floor, monitor.call_id)
    return True


def muted(floor: Floor, fact: facts.LegMuted) -> bool:
    found = monitoring.of_leg(floor, fact.leg_id)
    if found is not None:
        monitor = found[0]
        monitor.muted_seen, monitor.settled = fact.muted, fact.number == monitor.mutings
        monitoring.keep(floor, monitor)
        rules.follow(floor, monitor) if monitor.over is None else None
    return True


def rings(floor: Floor, fact: facts.LegRinging) -> bool:
    return monitoring.of_leg(floor, fact.leg_id) is not None


def held(floor: Floor, fact: facts.LegHeld) -> bool:
    """The supervisor's phone holds by its key. In the call's bridge its partner may have got music from the PBX."""
    found = monitoring.of_leg(floor, fact.leg_id)
    if found is None:
        return False
    monitor, leg = found
    call = floor.calls.get(monitor.call_id)
    agent = call.leg_of(Role.AGENT) if call is not None else None
    if call is not None and agent is not None and leg.place in bridge_ids(call.id):
        floor.act(StopMusic(call.node, call.id, agent.id))
    _holds(floor, monitor, leg, holds=True)
    return True


def retrieved(floor: Floor, fact: facts.LegRetrieved) -> bool:
    found = monitoring.of_leg(floor, fact.leg_id)
    if found is None:
        return False
    _holds(floor, *found, holds=False)
    return True


def _holds(floor: Floor, monitor: Monitor, leg: MonitorLeg, *, holds: bool) -> None:
    leg.phone_holds = holds
    monitoring.keep(floor, monitor)
    if monitor.over is None:
        rules.follow(floor, monitor)


def pressed(floor: Floor, fact: facts.DigitPressed) -> bool:
    return monitoring.of_leg(floor, fact.leg_id) is not None


# ------------------------------------------------------------------------------- a leg ends


def ended(floor: Floor, fact: facts.LegEnded) -> bool:
    found = monitoring.of_leg(floor, fact.leg_id)
    if found is None:
        return False
    over(floor, *found, _why(found[1], fact))
    return True


def over(floor: Floor, monitor: Monitor, leg: MonitorLeg, why: MonitorEnd) -> None:
    """The leg has ended. Without the supervisor's phone the monitor is over; a snoop ends with the agent's leg."""
    floor.drop_order(leg.id)
    floor.drop_order(doubt_of(leg.id))
    if leg is monitor.snoop:
        monitor.snoop, monitor.partners, monitor.attempts = None, [], monitor.attempts + 1
        if why is MonitorEnd.FAILED:
            # Most often the agent's leg has ended, which is told in a moment.
            places.snoop_later(floor, monitor, places.RETRY_S)
    if leg in monitor.going:
        monitor.going.remove(leg)
    if leg is monitor.phone:
        monitor.phone = None
        rules.end(floor, monitor, why)
    if leg.part is Part.SNOOP:
        for one in monitoring.of_call(floor, monitor.call_id):
            places.snoop_later(floor, one, places.REST_S)
    if leg.part is Part.SUPERVISOR:
        _free_phone(floor, monitor, leg)
        _is_out(floor, monitor)
    rules.forget_if_over(floor, monitor)
    rules.follow_call(floor, monitor.call_id)


def _free_phone(floor: Floor, monitor: Monitor, leg: MonitorLeg) -> None:
    agent = floor.agents.get(monitor.cti_id)
    if agent is None or leg.id not in agent.legs:
        return
    agent.legs.remove(leg.id)
    floor.touch_agent(agent)
    if agent.call_id is not None:
        ring_now_free(floor, agent.call_id)


def _why(leg: MonitorLeg, fact: facts.LegEnded) -> MonitorEnd:
    result = offer_result(fact.hangup_cause, fact.sip_code)
    if leg.stage is not _UP:
        return MonitorEnd.UNREACHABLE if result is OfferResult.UNREACHABLE else MonitorEnd.NO_ANSWER
    return MonitorEnd.STOPPED if fact.hangup_cause in (0, 16) else MonitorEnd.PHONE_LOST


def stuck(floor: Floor, fact: facts.LegStuck) -> bool:
    """The leg hangs in the PBX: its party counts as having left."""
    found = _live(floor, fact.leg_id)
    if found is None:
        return monitoring.of_leg(floor, fact.leg_id) is not None
    monitor, leg = found
    if leg is monitor.phone:
        rules.end(floor, monitor, MonitorEnd.PHONE_LOST)
        _is_out(floor, monitor)
    else:
        places.end_snoop(floor, monitor)
        rules.follow(floor, monitor)
    return True


def phone_left(floor: Floor, fact: facts.PhoneLeft) -> bool:
    """A phone in the browser has vanished with its page. The calls look at this as well."""
    agent = floor.agents.get(floor.by_cti_number.get(fact.cti_number, ""))
    monitor = floor.monitors.get(agent.monitor_id or "") if agent is not None else None
    if agent is None or monitor is None or monitor.node != fact.node:
        return False
    if floor.entry(agent).answer is AnswerMode.BROWSER and monitor.phone is not None and monitor.phone.stage is _UP:
        rules.end(floor, monitor, MonitorEnd.PHONE_LOST)
    return False


# ------------------------------------------------------------------------------- looks, and orders that fail


def look(floor: Floor, monitor: Monitor, leg: MonitorLeg) -> None:
    """Look where the leg is."""
    bridges = (monitor.bridge_id, *bridge_ids(monitor.call_id))
    floor.act(InspectLeg(monitor.node, monitor.id, leg.id, bridges=bridges))


def overdue(floor: Floor, order: Order, monitor: Monitor, leg: MonitorLeg) -> None:
    """The effect of an order was not seen in time."""
    order.looks += 1
    if order.what is What.END or order.looks <= MOST_LOOKS:
        look(floor, monitor, leg)
        floor.deadlines.set(Kind.CONFIRM, order.id, floor.now + pause_s(order))
        return
    floor.drop_order(order.id)
    if order.what is What.HEAR:
        return
    if leg is monitor.phone:
        rules.end(floor, monitor, MonitorEnd.FAILED)
    elif leg is monitor.snoop:
        monitor.attempts += 1
        places.end_snoop(floor, monitor)
        rules.follow(floor, monitor)


def seen(floor: Floor, fact: facts.LegSeen) -> bool:
    found = monitoring.of_leg(floor, fact.leg.leg_id)
    if found is None:
        return False
    observed(floor, *found, fact.leg, fact.asked_at)
    return True


def observed(floor: Floor, monitor: Monitor, leg: MonitorLeg, what: facts.SeenLeg, asked_at: float) -> None:
    """The PBX shows the leg. What was asked for before the last order says nothing of it."""
    if leg.stage is _ENDING:
        floor.act(HangUp(monitor.node, monitor.id, leg.id))
        return
    if leg.stage is _ORDERED and what.in_app:
        floor.drop_order(leg.id)
        ready(floor, facts.LegReady(leg.id))
    if leg.stage is Stage.DIALED and what.up:
        answered(floor, facts.LegAnswered(leg.id))
    if leg.stage is not _UP or asked_at < leg.moved_at or monitor.over is not None:
        return
    if not monitor.settled and leg is monitor.phone:
        places.mute(floor, monitor, leg)
    where = what.bridge_id or ""
    if leg.place and where == leg.place:
        inside = facts.LegEntered(leg.id, where)
        floor.confirm(inside)
        entered(floor, inside)
    elif leg.place:
        monitor.has_bridge = monitor.has_bridge and leg.place != monitor.bridge_id
        leg.seen, monitor.attempts = "", monitor.attempts + 1
        if not monitor.has_bridge:
            _make_bridge(floor, monitor)
        places.move(floor, monitor, leg, leg.place)
        rules.follow_call(floor, monitor.call_id)


def _make_bridge(floor: Floor, monitor: Monitor) -> None:
    monitor.has_bridge = True
    floor.act(act.CreateBridge(monitor.node, monitor.id, "", monitor.bridge_id, softmix=True))


def failed(floor: Floor, fact: facts.ActionFailed) -> bool:
    """An order was refused, or its result is not known."""
    found = monitoring.of_leg(floor, fact.leg_id) if fact.leg_id else None
    if found is None:
        return _of_bridge(floor, fact)
    monitor, leg = found
    if leg.stage is _ENDING or fact.action == "InspectLeg":
        return True  # It is looked at again in a moment.
    if isinstance(fact.ordered, CreateLeg | DialLeg) and fact.failure is not facts.Failure.TIMED_OUT:
        monitor.phone = None if isinstance(fact.ordered, CreateLeg) else monitor.phone
        rules.end(floor, monitor, MonitorEnd.UNREACHABLE)
        if isinstance(fact.ordered, CreateLeg):
            over(floor, monitor, leg, MonitorEnd.UNREACHABLE)
    elif isinstance(fact.ordered, act.SnoopLeg) and fact.failure is not facts.Failure.TIMED_OUT:
        over(floor, monitor, leg, MonitorEnd.FAILED)
    else:
        look(floor, monitor, leg)
    return True


def _of_bridge(floor: Floor, fact: facts.ActionFailed) -> bool:
    """The own bridge did not come about; that shows when a leg is to enter it."""
    monitor = floor.monitors.get(fact.ordered.call_id) if fact.ordered is not None else None
    return monitor is not None and fact.action == "CreateBridge"


def takes(floor: Floor, fact: facts.Fact) -> bool:
    """Return whether the fact was about a monitor, and has been taken in."""
    procedure = PROCEDURES.get(type(fact))
    return procedure is not None and procedure(floor, fact)


PROCEDURES: dict[type, Callable[[Floor, Any], bool]] = {
    facts.LegReady: ready,
    facts.LegRinging: rings,
    facts.LegAnswered: answered,
    facts.LegEntered: entered,
    facts.LegLeft: left,
    facts.LegMuted: muted,
    facts.LegEnded: ended,
    facts.LegStuck: stuck,
    facts.LegHeld: held,
    facts.LegRetrieved: retrieved,
    facts.LegSeen: seen,
    facts.DigitPressed: pressed,
    facts.PhoneLeft: phone_left,
    facts.ActionFailed: failed,
}
