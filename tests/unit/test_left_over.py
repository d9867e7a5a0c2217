"""Recovery: channels that began on a phone's keypad, and inbound channels that nobody knows."""

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import CreateLeg, HangUp
from cti_bridge.domain.model.call import CallState
from tests.unit.floor import NODE, Driver, agent_entry, outbound_directory

OUTSIDE = "+82212345678"
PAD = "1795237869.0"


def driver() -> Driver:
    made = Driver(outbound_directory(agent_entry(1), agent_entry(2)))
    made.connect()
    made.log_in("a1", "a2")
    return made


def listed(*, up: bool, in_app: bool = True, dialed: bool = False) -> facts.SeenLeg:
    began = facts.KeypadDialed(NODE, PAD, "1001", OUTSIDE) if dialed else None
    return facts.SeenLeg(PAD, up, False, in_app, None, "1001", began)


def test_given_a_keypad_call_whose_start_was_missed_then_it_is_dialled_like_any_other() -> None:
    center = driver()
    center.connect(listed(up=False, dialed=True))
    (call,) = center.center.floor.calls.values()
    assert (call.state, call.customer.number) == (CallState.DIALING_CUSTOMER, OUTSIDE)


def test_given_the_start_comes_late_then_the_number_is_dialled_once() -> None:
    center = driver()
    center.connect(listed(up=False, dialed=True))
    center.tell(facts.KeypadDialed(NODE, PAD, "1001", OUTSIDE))
    center.connect(listed(up=True))
    assert len(center.taken(CreateLeg)) == 1
    assert not center.taken(HangUp)


def test_given_an_answered_channel_that_nobody_knows_then_it_is_hung_up_and_blocks_its_agent_until_it_is_gone() -> None:
    center = driver()
    center.connect(listed(up=True))
    assert [action.leg_id for action in center.taken(HangUp)] == [PAD]
    call = center.arrive()
    assert call.cti_id == "a2"
    center.tell(commands.DeclineOffer("a2", center.agent("a2").offer_id or ""))
    assert call.state is CallState.WAITING
    center.tell(facts.LegEnded(PAD))
    assert call.cti_id == "a1"


def test_given_a_channel_of_somebody_elses_application_then_it_is_left_alone() -> None:
    center = driver()
    center.connect(listed(up=True, in_app=False))
    assert not center.taken(HangUp)
