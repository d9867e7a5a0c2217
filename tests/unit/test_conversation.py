"""What an agent does with a call: hold, consultation, transfer, force disconnect, the lost phone, outbound."""

from dataclasses import replace

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import (
    AddToBridge,
    CreateLeg,
    HangUp,
    RemoveFromBridge,
    StartMusic,
    StartPlayback,
    StopMusic,
)
from cti_bridge.domain.border.errors import (
    CallingNumberNotConfirmed,
    CustomerLeft,
    InvalidBody,
    InvalidNumber,
    NotAllowedNow,
    NumberNotAllowed,
    ResumeOnPhone,
    ServiceOff,
    TargetIsSelf,
    TargetNotReady,
)
from cti_bridge.domain.border.records import TicketNoted, TicketOpened
from cti_bridge.domain.model.call import Call, CallState, Place, Role
from cti_bridge.domain.model.ids import bridge_id
from cti_bridge.domain.model.parts import TargetResult
from cti_bridge.domain.model.wiring import WIRING
from cti_bridge.domain.model.words import TargetGone
from tests.unit.floor import CALLING, Driver, agent_entry, outbound_directory

OUTSIDE = "+82212345678"


def talking(agents: int = 3) -> tuple[Driver, Call]:
    """Agent a1 talks to a customer; the others are ready."""
    driver = Driver(outbound_directory(*(agent_entry(n) for n in range(1, agents + 1))))
    driver.connect()
    driver.log_in("a1")
    call = driver.arrive()
    driver.answer(call)
    driver.log_in(*(f"a{n}" for n in range(2, agents + 1)))
    driver.actions.clear()
    return driver, call


def places(call: Call) -> dict[Role, Place]:
    return {role: leg.place for role in Role if (leg := call.leg_of(role)) is not None}


def target_rings(driver: Driver, call: Call) -> str:
    leg_id = call.target_leg
    assert leg_id is not None
    driver.tell(facts.LegReady(leg_id))
    return leg_id


def target_answers(driver: Driver, call: Call) -> str:
    leg_id = target_rings(driver, call)
    driver.tell(facts.LegAnswered(leg_id))
    driver.enter(call, *(leg.id for leg in call.legs.values() if leg.place is Place.BRIDGE))
    return leg_id


def consulting(agent: str | None = "a2", number: str | None = None) -> tuple[Driver, Call]:
    driver, call = talking()
    driver.tell(commands.StartConsult("a1", call.id, number, agent))
    target_answers(driver, call)
    assert call.state is CallState.CONSULT_TALKING
    driver.actions.clear()
    return driver, call


def test_hold_brings_music_to_the_customer_and_resume_brings_both_together() -> None:
    driver, call = talking()
    driver.tell(commands.HoldCall("a1", call.id))
    assert [type(a) for a in driver.actions] == [RemoveFromBridge, StartMusic]
    assert driver.agent("a1").state == "on_hold"
    driver.actions.clear()
    driver.tell(commands.ResumeCall("a1", call.id))
    assert [type(a) for a in driver.actions] == [StopMusic, AddToBridge]
    assert [h[3] for h in driver.history("a1")[-2:]] == ["held", "resumed"]


def test_the_panel_cannot_take_back_what_the_phone_holds() -> None:
    driver, call = talking()
    driver.tell(facts.LegHeld(call.agent_leg or ""))
    assert driver.refused(commands.ResumeCall("a1", call.id)) == ResumeOnPhone.code
    driver.tell(facts.LegRetrieved(call.agent_leg or ""))
    assert call.state is CallState.TALKING
    assert call.held_by == []


def test_the_phones_retrieve_clears_the_panels_hold_too() -> None:
    driver, call = talking()
    driver.tell(commands.HoldCall("a1", call.id))
    driver.tell(facts.LegHeld(call.agent_leg or ""))
    assert call.held_by == ["panel", "phone"]
    driver.tell(facts.LegRetrieved(call.agent_leg or ""))
    assert call.state is CallState.TALKING


def test_a_consultation_with_an_agent_rings_them_and_makes_them_talk() -> None:
    driver, call = consulting()
    assert driver.agent("a1").label == "On Call (Transfer in Progress)"
    assert driver.agent("a2").label == "Talking"
    assert places(call) == WIRING[CallState.CONSULT_TALKING]


def test_cancel_leaves_the_agent_on_hold_and_the_target_in_ticket_processing() -> None:
    driver, call = consulting()
    driver.tell(commands.CancelConsult("a1", call.id))
    assert driver.agent("a1").label == "On Hold"
    assert driver.agent("a2").label == "Business (Ticket Processing)"
    assert places(call) == WIRING[CallState.ON_HOLD]
    driver.tell(commands.ResumeCall("a1", call.id))
    assert call.state is CallState.TALKING


def test_connect_keeps_the_agents_leg_until_the_customer_was_seen_with_the_target() -> None:
    driver, call = consulting()
    agent_leg = call.agent_leg
    driver.tell(commands.ConnectConsult("a1", call.id))
    assert (call.state, driver.taken(HangUp)) == (CallState.JOINING, [])
    driver.enter(call, call.customer_leg or "")
    assert (call.state, call.cti_id) == (CallState.TALKING, "a2")
    assert [a.leg_id for a in driver.taken(HangUp)] == [agent_leg]
    assert driver.agent("a1").label == "Business (Ticket Processing)"
    notes = [(r.type, r.detail) for r in driver.records if isinstance(r, TicketNoted)]
    assert ("owner_changed", {"from": "a1", "owner": "a2"}) in notes
    assert ("participant_added", {"participant": "a2"}) in notes
    assert len([r for r in driver.records if isinstance(r, TicketOpened)]) == 1


def test_a_target_that_leaves_during_connect_leaves_the_agent_on_hold() -> None:
    driver, call = consulting()
    driver.tell(commands.ConnectConsult("a1", call.id))
    driver.tell(facts.LegEnded(call.target_leg or "", 16))
    assert call.state is CallState.ON_HOLD
    assert call.cti_id == "a1"
    assert places(call) == WIRING[CallState.ON_HOLD]


def test_a_customer_who_leaves_during_a_consultation_leaves_the_two_alone() -> None:
    driver, call = consulting()
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    assert call.state is CallState.CONSULT_ALONE
    assert driver.refused(commands.ConnectConsult("a1", call.id)) == CustomerLeft.code
    driver.tell(commands.HangUpCall("a1", call.id))
    assert driver.outcomes() == [("completed", "customer")]
    assert driver.agent("a2").label == "Business (Ticket Processing)"


def test_an_agent_who_hangs_up_in_a_consultation_has_connected_the_two() -> None:
    driver, call = consulting()
    driver.tell(facts.LegEnded(call.agent_leg or "", 16))
    driver.enter(call, call.customer_leg or "")
    assert (call.state, call.cti_id) == (CallState.TALKING, "a2")


@pytest.mark.parametrize(
    ("end", "reason"),
    [((17, 486), "busy"), ((21, 603), "rejected"), ((0, 404), "invalid_number"), ((0, 503), "unreachable")],
)
def test_a_target_that_fails_leaves_the_agent_on_hold_with_the_reason(end: tuple[int, int], reason: str) -> None:
    driver, call = talking()
    driver.tell(commands.StartConsult("a1", call.id, OUTSIDE, None))
    driver.tell(facts.LegEnded(target_rings(driver, call), *end))
    assert call.state is CallState.ON_HOLD
    assert call.last_result == TargetResult(OUTSIDE, TargetGone(reason))


def test_an_outside_leg_shows_the_services_number_and_never_the_customers() -> None:
    driver, call = talking()
    driver.tell(commands.StartConsult("a1", call.id, OUTSIDE, None))
    (create,) = driver.taken(CreateLeg)
    assert isinstance(create, CreateLeg)
    assert (create.number, create.shown_number, create.shown_name) == (OUTSIDE, CALLING, "")


def test_a_direct_transfer_that_is_answered_moves_the_call() -> None:
    driver, call = talking()
    driver.tell(commands.TransferCall("a1", call.id, None, "a2"))
    assert driver.agent("a1").label == "Business (Ticket Processing)"
    target_answers(driver, call)
    assert (call.state, call.cti_id) == (CallState.TALKING, "a2")


def test_a_direct_transfer_that_fails_comes_back_to_the_sender() -> None:
    driver, call = talking()
    sender_leg = call.agent_leg or ""
    driver.tell(commands.TransferCall("a1", call.id, None, "a2"))
    driver.tell(facts.LegEnded(sender_leg, 16))
    driver.pass_time(20)
    assert (call.state, call.cti_id) == (CallState.RINGING, "a1")
    assert driver.history("a1")[-1] == ("business", "ringing", "ticket_processing", "recalled")
    driver.answer(call)
    assert call.state is CallState.TALKING


def test_a_transfer_that_fails_at_once_waits_for_the_senders_phone() -> None:
    driver, call = talking()
    sender_leg = call.agent_leg or ""
    driver.tell(commands.TransferCall("a1", call.id, None, "a2"))
    driver.tell(facts.ActionFailed(call.target_leg or "", "CreateLeg", facts.Failure.UNREACHABLE))
    assert call.state is CallState.TRANSFER_RINGING
    driver.tell(facts.LegEnded(sender_leg, 16))
    assert (call.state, call.cti_id) == (CallState.RINGING, "a1")


def test_a_sender_who_cannot_take_it_back_sends_it_to_the_queue_before_all_others() -> None:
    driver, call = talking(3)
    sender_leg = call.agent_leg or ""
    driver.tell(commands.SetStatus("a2", "business", None))
    driver.tell(commands.TransferCall("a1", call.id, None, "a3"))
    driver.tell(facts.LegEnded(sender_leg, 16))
    other = driver.arrive()
    driver.tell(facts.PhoneChanged("main", "1001", False))
    driver.pass_time(20)
    assert call.state is CallState.WAITING
    driver.tell(commands.SetStatus("a2", "ready", None))
    assert call.cti_id == "a2"
    assert other.state is CallState.WAITING


def test_recall_brings_it_back_at_once() -> None:
    driver, call = talking()
    sender_leg = call.agent_leg or ""
    driver.tell(commands.TransferCall("a1", call.id, None, "a2"))
    driver.tell(facts.LegEnded(sender_leg, 16))
    driver.tell(commands.RecallCall("a1", call.id))
    assert (call.state, call.cti_id) == (CallState.RINGING, "a1")
    assert driver.agent("a2").status == "ready"


def test_force_disconnect_plays_the_message_and_cannot_be_doubled() -> None:
    driver, call = talking()
    assert driver.refused(commands.ForceDisconnect("a1", call.id, "boredom")) == InvalidBody.code
    driver.tell(commands.ForceDisconnect("a1", call.id, "threat", "shouted"))
    driver.tell(facts.LegLeft(call.customer_leg or "", bridge_id(call.id)))
    (play,) = driver.taken(StartPlayback)
    assert isinstance(play, StartPlayback)
    assert play.media == "sound:cti/force-disconnect"
    assert driver.refused(commands.ForceDisconnect("a1", call.id, "threat"))
    driver.tell(facts.PlaybackStarted(play.playback_id))
    driver.tell(facts.PlaybackEnded(play.playback_id))
    assert driver.outcomes() == [("force_disconnected", "agent")]
    assert driver.agent("a1").label == "Business (Ticket Processing)"


def test_force_disconnect_without_a_message_was_ended_by_the_agent_too() -> None:
    driver, call = talking()
    config = driver.center.floor.directory
    mute = {name: replace(service, force_disconnect_message="") for name, service in config.services.items()}
    driver.center.floor.directory = replace(config, services=mute)
    driver.tell(commands.ForceDisconnect("a1", call.id, "threat"))
    assert driver.outcomes() == [("force_disconnected", "agent")]


def test_a_lost_phone_is_rung_again_and_comes_back() -> None:
    driver, call = talking()
    driver.tell(facts.LegEnded(call.agent_leg or "", 44))
    assert driver.agent("a1").label == "Reconnecting"
    assert places(call)[Role.CUSTOMER] is Place.MUSIC
    driver.answer(call)
    assert call.state is CallState.TALKING
    assert driver.history("a1")[-1][3] == "agent_back"


def test_a_lost_phone_that_stays_lost_sends_the_customer_to_the_queue_first() -> None:
    driver, call = talking()
    driver.tell(facts.LegEnded(call.agent_leg or "", 44))
    driver.tell(facts.ActionFailed(call.agent_leg or "", "CreateLeg", facts.Failure.UNREACHABLE))
    driver.tell(facts.PhoneChanged("main", "1001", False))
    driver.pass_time(20)
    assert call.wait.returned
    assert call.cti_id == "a2"
    assert driver.history("a1")[-1] == ("business", "idle", "ticket_processing", "agent_lost")


def test_an_agent_who_leaves_on_hold_sends_the_customer_back_to_the_queue() -> None:
    driver, call = talking()
    driver.tell(commands.HoldCall("a1", call.id))
    driver.tell(facts.LegEnded(call.agent_leg or "", 16))
    assert call.wait.returned
    assert call.cti_id == "a2"


def dialing() -> tuple[Driver, Call]:
    driver = Driver(outbound_directory(agent_entry(1), agent_entry(2)))
    driver.connect()
    driver.log_in("a1", "a2", status=None)
    driver.tell(commands.Dial("a1", OUTSIDE, CALLING))
    (call,) = driver.center.floor.calls.values()
    return driver, call


def customer_is_dialed(driver: Driver, call: Call) -> str:
    driver.tell(facts.LegAnswered(driver.agent_leg(call)))
    driver.enter(call, call.agent_leg or "")
    customer = call.customer_leg or ""
    driver.tell(facts.LegReady(customer))
    driver.enter(call, customer)
    return customer


def test_dial_up_rings_the_agent_then_the_customer_and_talks_when_answered() -> None:
    driver, call = dialing()
    assert driver.agent("a1").label == "Dialing"
    customer = customer_is_dialed(driver, call)
    assert driver.agent("a1").label == "Dialing"
    driver.tell(facts.LegAnswered(customer))
    assert driver.agent("a1").label == "Talking"
    assert len([r for r in driver.records if isinstance(r, TicketOpened)]) == 1
    create = driver.taken(CreateLeg)[-1]
    assert isinstance(create, CreateLeg)
    assert (create.number, create.shown_number) == (OUTSIDE, CALLING)


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        ((17, 486), "busy"),
        ((19, 480), "no_answer"),
        ((21, 603), "rejected"),
        ((1, 404), "invalid_number"),
        ((34, 503), "unreachable"),
    ],
)
def test_outcomes_of_an_outbound_call_are_told_apart(end: tuple[int, int], outcome: str) -> None:
    driver, call = dialing()
    driver.tell(facts.LegEnded(customer_is_dialed(driver, call), *end))
    assert driver.outcomes()[0][0] == outcome
    assert driver.agent("a1").label == "Business"
    assert driver.history("a1")[-1][3] == "dial_failed"


def test_an_agent_who_hangs_up_while_it_rings_has_cancelled() -> None:
    driver, call = dialing()
    customer_is_dialed(driver, call)
    driver.tell(commands.HangUpCall("a1", call.id))
    assert driver.outcomes() == [("cancelled", "agent")]


def test_an_agent_who_does_not_pick_up_ends_the_call_and_nobody_else_is_rung() -> None:
    driver, call = dialing()
    driver.agent_leg(call)
    driver.pass_time(30)
    assert driver.outcomes() == [("agent_no_answer", "system")]
    assert len(driver.taken(CreateLeg)) == 1


def test_what_may_not_be_dialled_is_refused_with_its_code_and_changes_nothing() -> None:
    driver = Driver(outbound_directory(agent_entry(1)))
    driver.connect()
    driver.log_in("a1")
    assert driver.refused(commands.Dial("a1", OUTSIDE, "+8200000000")) == CallingNumberNotConfirmed.code
    assert driver.refused(commands.Dial("a1", "+449001234567", CALLING)) == NumberNotAllowed.code
    for bad in ("+82 1", "+8210&PJSIP/x", "+82١٢٣٤٥٦٧", "+82" + "1" * 30, "", "0212345678", "+82123456\n"):
        assert driver.refused(commands.Dial("a1", bad, CALLING)) == InvalidNumber.code
    call = driver.arrive()
    assert driver.refused(commands.Dial("a1", OUTSIDE, CALLING)) == NotAllowedNow.code
    driver.answer(call)
    assert driver.refused(commands.StartConsult("a1", call.id, "1001", None)) == TargetIsSelf.code
    assert driver.refused(commands.StartConsult("a1", call.id, None, "nobody"))


def test_a_target_who_is_not_ready_is_refused() -> None:
    driver, call = talking()
    driver.tell(commands.SetStatus("a2", "rest", None))
    assert driver.refused(commands.TransferCall("a1", call.id, "1002", None)) == TargetNotReady.code


def test_outbound_switched_off_refuses_dial_and_outside_targets() -> None:
    driver = Driver(outbound_directory(agent_entry(1), outbound=False))
    driver.connect()
    driver.log_in("a1")
    assert driver.refused(commands.Dial("a1", OUTSIDE, CALLING)) == ServiceOff.code


def test_a_number_dialled_on_the_phone_itself_is_the_same_call() -> None:
    driver = Driver(outbound_directory(agent_entry(1)))
    driver.connect()
    driver.log_in("a1", status=None)
    driver.tell(facts.KeypadDialed("main", "pad-1", "1001", OUTSIDE))
    (call,) = driver.center.floor.calls.values()
    driver.enter(call, "pad-1")
    driver.tell(facts.LegReady(call.customer_leg or ""))
    driver.enter(call, call.customer_leg or "")
    driver.tell(facts.LegAnswered(call.customer_leg or ""))
    assert driver.agent("a1").label == "Talking"
