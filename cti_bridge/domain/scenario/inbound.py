"""An inbound call arrives, is refused or answered, and begins its scenario (requirements A1, C1, E6)."""

from cti_bridge.domain.border.actions import Answer, Reject
from cti_bridge.domain.border.facts import CallArrived
from cti_bridge.domain.border.notices import NumberUnknown
from cti_bridge.domain.ending.outcome import finish
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.hours import emergency_switch
from cti_bridge.domain.model.call import Call, CallState, Leg, Place, Role, Stage
from cti_bridge.domain.model.emergency_switch import GO_ON
from cti_bridge.domain.model.parts import Customer
from cti_bridge.domain.model.scenario import EMERGENCY
from cti_bridge.domain.model.words import CallEventType, Direction, EndedBy, Outcome
from cti_bridge.domain.numbers.lists import prefer, refuses
from cti_bridge.domain.numbers.marks import is_blocked, withheld_key
from cti_bridge.domain.queue import last_agent
from cti_bridge.domain.scenario.interpreter import begin

# Members that every call looks up, by names of the module: see the package.
_ARRIVED = CallEventType.ARRIVED
_IN_SCENARIO = CallState.IN_SCENARIO
_INBOUND = Direction.INBOUND
_CUSTOMER = Role.CUSTOMER
_UP = Stage.UP

_FORBIDDEN, _NOT_FOUND, _UNAVAILABLE = 403, 404, 503


def arrived(floor: Floor, fact: CallArrived, place: Place = Place.NOWHERE) -> None:
    """A new caller has come. A second StasisStart of a known channel is no new call, nor is one that comes again after
    the channel's end. ``place`` is unknown for a caller who is found in a list: an earlier run of the bridge may have
    ordered audio for them."""
    if fact.leg_id in floor.call_of_leg or fact.leg_id in floor.strays or fact.leg_id in floor.departed:
        return
    call = _new_call(floor, fact, place)
    scenario = floor.directory.scenario_of(call.dialed_number)
    if scenario is None:
        floor.tell(NumberUnknown(call.node, fact.dialed_number))
        _refuse(floor, call, Outcome.UNKNOWN_NUMBER, _NOT_FOUND)
        return
    emergency = emergency_switch.in_force(floor, scenario.service)
    begins_as_always = emergency is None or emergency.next == GO_ON
    # A caller who leaves in the greeting of a queue is counted there.
    call.service, call.queue = scenario.service, scenario.queue if begins_as_always else None
    service = floor.directory.services.get(scenario.service)
    if service is None or not service.inbound:
        _refuse(floor, call, Outcome.SERVICE_OFF, _FORBIDDEN)
        return
    if call.node in floor.directory.draining:
        floor.event(call, CallEventType.DRAINING)
        _refuse(floor, call, Outcome.SERVICE_OFF, _UNAVAILABLE)
        return
    if is_blocked(floor, call):
        _refuse(floor, call, Outcome.BLOCKED, _FORBIDDEN)
        return
    if floor.directory.number_lists:
        if refuses(floor, call, fact):
            _refuse(floor, call, Outcome.BLOCKED, _FORBIDDEN)
            return
        prefer(floor, call)
    if not fact.up:  # The PBX would do it again behind what it plays, and carry out nobody's orders meanwhile (seen).
        floor.act(Answer(call.node, call.id, fact.leg_id))
    floor.event(call, _ARRIVED, customer_number=call.customer.number, dialed_number=call.dialed_number)
    floor.write_call(call)
    if (days := floor.directory.talks_of_days.get(scenario.id)) is not None:
        last_agent.ask(floor, call, days)
    begin(floor, call, scenario, EMERGENCY if emergency is not None else "")


def _new_call(floor: Floor, fact: CallArrived, place: Place) -> Call:
    numbering, caller = floor.directory.numbering, fact.caller_number
    number = numbering.delivered(caller, fact.node) if caller is not None else None
    call = Call(
        floor.ids.uuid(floor.now),
        fact.node,
        _INBOUND,
        Customer(number, fact.caller_name, withheld_key(floor, fact)),
        floor.directory.called(fact.dialed_number, fact.node),
        min(fact.arrived_at, floor.now),
        _IN_SCENARIO,
        floor.now,
    )
    if floor.taken_up is not None and call.arrived_at < floor.now:
        call.learned_at = floor.now
    floor.add_call(call)
    leg = Leg(fact.leg_id, _CUSTOMER, None, _UP, place)
    leg.confirmed_at, leg.codec = floor.now, fact.codec
    floor.add_leg(call, leg)
    _keep_delivered(floor, call, fact)
    return call


def _keep_delivered(floor: Floor, call: Call, fact: CallArrived) -> None:
    """Note the numbers as the trunk sent them where the row has another form. They help to find a fault of the
    trunk."""
    if fact.caller_number == call.customer.number and fact.dialed_number == call.dialed_number:
        return
    came = {"customer_number": fact.caller_number, "dialed_number": fact.dialed_number}
    became = {"customer_number": call.customer.number, "dialed_number": call.dialed_number}
    floor.event(call, CallEventType.DELIVERED, **{name: came[name] for name in came if came[name] != became[name]})


def _refuse(floor: Floor, call: Call, outcome: Outcome, sip_code: int) -> None:
    """End the call before it is answered, with a SIP response that tells the caller why."""
    leg = call.legs[call.customer_leg or ""]
    leg.stage = Stage.ENDING
    floor.act(Reject(call.node, call.id, leg.id, sip_code))
    finish(floor, call, outcome, EndedBy.SYSTEM)
