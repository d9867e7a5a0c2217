"""Emergency numbers: nothing of ours refuses them, and nothing of ours ends the call."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from cti_bridge.api.numbers import Numbers
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import AddToBridge, CreateLeg, DialLeg, HandBack, HangUp, Reject, TakeOver
from cti_bridge.domain.border.errors import NotAllowedNow
from cti_bridge.domain.border.records import CallEvent, CallRow
from cti_bridge.domain.model.agent import AgentState, Status
from cti_bridge.domain.model.call import Call, CallState, Role
from cti_bridge.domain.model.directory import Directory
from cti_bridge.domain.model.ids import bridge_id
from cti_bridge.numbers.e164 import emergency_numbers_near
from tests.unit.floor import CALLING, NODE, Driver, agent_view
from tests.unit.situations import SERVICE, staffed

NUMBER = "112"


def house(change: Callable[[Directory], Directory] = lambda config: config) -> Driver:
    """a1 is ready and has a phone."""
    driver = staffed()
    floor = driver.center.floor
    policy = replace(floor.policy, emergency_numbers=frozenset({NUMBER, "119"}))
    floor.directory = change(replace(floor.directory, policy=policy))
    driver.tell(commands.SetStatus("a1", "ready", None))
    driver.actions.clear()
    driver.silent = True
    return driver


def service_off(config: Directory) -> Directory:
    return replace(config, services={"acme": replace(SERVICE, outbound=False, allowed_prefixes=())})


def no_calling_number(config: Directory) -> Directory:
    return replace(config, calling_numbers={})


def limits_reached(config: Directory) -> Directory:
    return replace(config, services={"acme": replace(SERVICE, max_outbound_calls=0, max_outbound_per_minute=0)})


def permission_off(config: Directory) -> Directory:
    return replace(config, agents={**config.agents, "a1": replace(config.agents["a1"], phone_permission=False)})


def keypad(number: str = NUMBER, *, leg_id: str = "keypad", emergency: bool = True) -> facts.KeypadDialed:
    return facts.KeypadDialed(NODE, leg_id, "1001", number, emergency)


def call_of(driver: Driver) -> Call:
    return next(call for call in driver.center.floor.calls.values() if call.dialling.emergency)


def ringing(driver: Driver) -> Call:
    """Dialled on the phone, which hears it ring."""
    driver.tell(keypad())
    call = call_of(driver)
    driver.tell(facts.LegReady(call.customer_leg or ""))
    for leg_id in (call.customer_leg or "", "keypad"):
        driver.tell(facts.LegEntered(leg_id, bridge_id(call.id)))
    return call


def dialled(driver: Driver) -> str:
    (leg,) = [action for action in driver.actions if isinstance(action, CreateLeg) and action.number]
    assert leg.emergency
    return leg.number or ""


OBSTACLES = [service_off, no_calling_number, limits_reached, permission_off]


@pytest.mark.parametrize("obstacle", OBSTACLES)
@pytest.mark.parametrize("said", [True, False])
def test_given_any_obstacle_when_it_is_dialled_on_the_phone_then_it_is_dialled_as_it_is(
    obstacle: Callable[[Directory], Directory], said: bool
) -> None:
    driver = house(obstacle)
    driver.tell(keypad(emergency=said))
    assert dialled(driver) == NUMBER
    assert not driver.taken(Reject)
    assert not driver.taken(TakeOver), "it is not dialled yet"
    driver.tell(facts.LegReady(call_of(driver).customer_leg or ""))
    assert [type(action) for action in driver.actions][-2:] == ([DialLeg, TakeOver] if said else [AddToBridge, DialLeg])


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_given_any_obstacle_when_it_is_dialled_in_the_panel_then_the_phone_rings_and_it_is_dialled_as_it_is(
    obstacle: Callable[[Directory], Directory],
) -> None:
    driver = house(obstacle)
    driver.tell(commands.SetStatus("a1", "rest", None))
    assert "dial" in agent_view(driver.center.floor, "a1")["allowed_actions"]
    driver.tell(commands.Dial("a1", NUMBER, ""))
    call = call_of(driver)
    driver.tell(facts.LegAnswered(driver.agent_leg(call)))
    assert dialled(driver) == NUMBER
    shown = next(action.shown_number for action in driver.actions if isinstance(action, CreateLeg) and action.number)
    assert shown == ("" if obstacle is no_calling_number else CALLING)


def test_given_a_phone_that_is_taken_to_be_away_when_it_is_dialled_in_the_panel_then_it_is_rung_all_the_same() -> None:
    driver = house()
    driver.tell(facts.PhoneChanged(NODE, "1001", False))
    assert "dial" in agent_view(driver.center.floor, "a1")["allowed_actions"]
    driver.actions.clear()
    driver.tell(commands.Dial("a1", NUMBER, ""))
    (leg,) = [action for action in driver.actions if isinstance(action, CreateLeg)]
    assert leg.cti_number == "1001"
    assert call_of(driver).state is CallState.DIALING_AGENT


def test_given_the_dialplans_word_for_a_number_of_its_own_list_then_that_is_enough() -> None:
    driver = house()
    driver.tell(keypad("110"))
    assert dialled(driver) == "110"


def test_given_a_logged_out_agent_then_the_call_leaves_them_logged_out_and_is_written_down_as_what_it_is() -> None:
    driver = house()
    driver.tell(commands.LogOut("a1", driver.agent("a1").session or ""))
    call = ringing(driver)
    driver.tell(facts.LegAnswered(call.customer_leg or ""))
    assert driver.agent("a1").state is AgentState.TALKING
    driver.tell(facts.LegLetGo("keypad"))
    assert (driver.agent("a1").state, driver.agent("a1").status) == (AgentState.IDLE, Status.OFFLINE)
    rows = [record for record in driver.records if isinstance(record, CallRow)]
    assert {(row.direction, row.emergency, row.customer_number) for row in rows} == {("outbound", True, NUMBER)}


def test_given_it_is_dialled_then_it_rings_long_and_counts_for_no_limit() -> None:
    driver = house()
    call = ringing(driver)
    (dial,) = [action for action in driver.actions if isinstance(action, DialLeg)]
    assert dial.timeout_s > 300
    assert not driver.center.floor.placed
    driver.pass_time(200)
    assert call.state is CallState.DIALING_CUSTOMER


def test_given_an_offer_when_it_is_dialled_then_the_caller_is_back_in_the_queue() -> None:
    driver = house()
    waiting = driver.arrive()
    assert driver.agent("a1").offer_id
    driver.tell(commands.Dial("a1", NUMBER, ""))
    assert waiting.state is CallState.WAITING
    assert call_of(driver).cti_id == "a1"


def test_given_a_conversation_then_the_panel_is_refused_and_the_phones_second_line_is_handed_back() -> None:
    driver = house()
    talk = driver.arrive()
    driver.answer(talk)
    with pytest.raises(NotAllowedNow):
        driver.tell(commands.Dial("a1", NUMBER, ""))
    driver.tell(facts.PhoneUsed(NODE, "second", "1001"))
    driver.tell(keypad(leg_id="second"))
    assert [action.leg_id for action in driver.actions if isinstance(action, HandBack)] == ["second"]
    driver.tell(facts.LegLetGo("second"))
    driver.tell(facts.LegEnded(talk.customer_leg or "", 16))
    driver.tell(facts.LegEnded(next(leg for leg in driver.agent("a1").legs if leg != "second"), 16))
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert agent_view(driver.center.floor, "a1")["no_calls"] == ["phone_in_use"]
    driver.tell(facts.LegEnded("second", 16))
    assert agent_view(driver.center.floor, "a1")["no_calls"] == []


@pytest.mark.parametrize("known_by", ["event", "list"])
def test_given_a_call_on_the_phone_that_is_none_of_ours_then_no_offer_until_it_is_over_and_it_is_never_touched(
    known_by: str,
) -> None:
    driver = house()
    if known_by == "event":
        driver.tell(facts.PhoneUsed(NODE, "foreign", "1001"))
    else:
        driver.connect(facts.SeenLeg("foreign", True, False, False, None, "1001", None))
    waiting = driver.arrive()
    assert (waiting.state, driver.agent("a1").offer_id) == (CallState.WAITING, None)
    driver.connect(facts.SeenLeg("foreign", True, False, False, None, "1001", None))
    assert not [action for action in driver.actions if isinstance(action, HangUp) and action.leg_id == "foreign"]
    driver.tell(facts.LegEnded("foreign", 16))
    assert driver.agent("a1").offer_id is not None


def test_given_the_dialplan_has_gone_on_with_it_then_what_we_began_ends_and_its_channel_is_left_alone() -> None:
    driver = house()
    driver.tell(keypad())
    call = call_of(driver)
    driver.actions.clear()
    driver.tell(facts.LegLetGo("keypad"))
    assert call.state is CallState.ENDED
    hung_up = [action.leg_id for action in driver.actions if isinstance(action, HangUp)]
    assert hung_up == [leg.id for leg in call.legs.values() if leg.role is Role.CUSTOMER]
    assert agent_view(driver.center.floor, "a1")["no_calls"] == ["phone_in_use"]


def refused(driver: Driver, leg_id: str) -> None:
    driver.tell(facts.ActionFailed(leg_id, "CreateLeg", facts.Failure.REFUSED))


def unknown(driver: Driver, leg_id: str) -> None:
    """The trunk, or the PBX after a gap, knows of no such leg."""
    driver.tell(facts.LegEnded(leg_id))


def not_dialled(driver: Driver, leg_id: str) -> None:
    driver.tell(facts.LegReady(leg_id))
    driver.tell(facts.ActionFailed(leg_id, "DialLeg", facts.Failure.REFUSED))


def trunk_refuses(driver: Driver, leg_id: str) -> None:
    driver.tell(facts.LegReady(leg_id))
    driver.tell(facts.LegEnded(leg_id, 34, 503))


NOT_REACHED = [refused, unknown, not_dialled, trunk_refuses]


@pytest.mark.parametrize("fails", NOT_REACHED)
def test_given_it_is_not_reached_then_the_dialplan_is_handed_the_phone_and_the_row_says_so(
    fails: Callable[[Driver, str], None],
) -> None:
    driver = house()
    driver.tell(keypad())
    call = call_of(driver)
    fails(driver, call.customer_leg or "")
    assert [action.leg_id for action in driver.taken(HandBack)] == ["keypad"]
    driver.tell(facts.LegLetGo("keypad"))
    assert call.state is CallState.ENDED
    assert "keypad" not in [action.leg_id for action in driver.taken(HangUp)]
    assert driver.outcomes() == [("completed", "agent")]
    events = [record for record in driver.records if isinstance(record, CallEvent)]
    assert "handed_back" in [event.type for event in events]
    assert agent_view(driver.center.floor, "a1")["no_calls"] == ["phone_in_use"]


def test_given_a_gap_when_a_phone_that_was_handed_back_is_there_still_then_it_is_handed_back_again() -> None:
    driver = house()
    driver.tell(keypad())
    call = call_of(driver)
    refused(driver, call.customer_leg or "")
    driver.tell(facts.NodeLost(NODE))
    driver.actions.clear()
    driver.connect(facts.SeenLeg("keypad", True, False, True, None, "1001", None))
    assert [action.leg_id for action in driver.taken(HandBack)] == ["keypad"]
    driver.actions.clear()
    driver.connect(facts.SeenLeg("keypad", True, False, False, None, "1001", None))
    assert call.state is CallState.ENDED
    assert not driver.taken(HangUp)


@pytest.mark.parametrize("end", [(17, 486), (16, 0)])
def test_given_it_was_reached_when_that_ends_then_the_call_is_over(end: tuple[int, int]) -> None:
    driver = house()
    call = ringing(driver)
    if end == (16, 0):
        driver.tell(facts.LegRinging(call.customer_leg or ""))
    driver.tell(facts.LegEnded(call.customer_leg or "", *end))
    assert call.state is CallState.ENDED
    assert not driver.taken(HandBack)


@pytest.mark.parametrize("shows", ["rings", "is up"])
def test_given_the_connection_broke_behind_the_order_to_dial_then_the_phone_is_taken_over_as_soon_as_that_is_seen(
    shows: str,
) -> None:
    driver = house()
    call = ringing(driver)
    driver.tell(facts.NodeLost(NODE))
    driver.actions.clear()
    up = shows == "is up"
    driver.connect(
        facts.SeenLeg("keypad", True, False, True, call.bridge_id, "1001", None),
        facts.SeenLeg(call.customer_leg or "", up, not up, True, call.bridge_id, "trunk", None),
    )
    assert {action.leg_id for action in driver.taken(TakeOver)} == {"keypad"}
    assert not driver.taken(DialLeg)


def test_given_the_dialplan_has_gone_on_unseen_then_what_we_began_ends_and_its_channel_is_left_alone() -> None:
    driver = house()
    call = ringing(driver)
    ours = call.customer_leg or ""
    driver.tell(facts.NodeLost(NODE))
    driver.actions.clear()
    driver.connect(
        facts.SeenLeg("keypad", True, False, False, None, "1001", None),
        facts.SeenLeg(ours, False, True, True, call.bridge_id, "trunk", None),
    )
    assert {action.leg_id for action in driver.taken(HangUp)} == {ours}
    assert not driver.taken(TakeOver)
    assert driver.outcomes() == [("completed", "agent")]
    assert agent_view(driver.center.floor, "a1")["no_calls"] == ["phone_in_use"]


@pytest.mark.parametrize("fails", NOT_REACHED)
@pytest.mark.parametrize("by", ["panel", "phone, not known to the dialplan"])
def test_given_the_dialplan_cannot_go_on_when_it_is_not_reached_then_it_is_dialled_once_more(
    fails: Callable[[Driver, str], None], by: str
) -> None:
    driver = house()
    if by == "panel":
        driver.tell(commands.Dial("a1", NUMBER, ""))
        driver.tell(facts.LegAnswered(driver.agent_leg(call_of(driver))))
    else:
        driver.tell(keypad(emergency=False))
    call = call_of(driver)
    first = call.customer_leg or ""
    driver.actions.clear()
    fails(driver, first)
    assert dialled(driver) == NUMBER
    second = call.customer_leg or ""
    assert second != first
    fails(driver, second)
    assert call.state is CallState.ENDED
    assert not driver.taken(HandBack)


def test_given_an_emergency_call_that_loses_its_agent_then_it_is_put_into_no_queue() -> None:
    driver = house()
    call = ringing(driver)
    driver.tell(facts.LegAnswered(call.customer_leg or ""))
    driver.tell(commands.HoldCall("a1", call.id))
    driver.tell(facts.LegEnded("keypad", 16))
    assert call.state is CallState.ENDED


def test_given_a_customer_then_an_emergency_service_can_be_consulted() -> None:
    driver = house(service_off)
    call = driver.arrive()
    driver.answer(call)
    driver.actions.clear()
    driver.tell(commands.StartConsult("a1", call.id, number=NUMBER))
    assert dialled(driver) == NUMBER


@pytest.mark.parametrize("written", ["112", " 112 ", "1-1-2", "1 12"])
def test_an_emergency_number_is_known_however_it_is_grouped(written: str) -> None:
    assert Numbers(lambda: house().center.floor.directory).meant(written, CALLING) == NUMBER


@pytest.mark.parametrize(
    ("own", "numbers"),
    [
        (["+8225551234"], {"112", "119"}),
        (["+12025550123"], {"112", "911"}),
        (["+8225551234", "+493012345678"], {"110", "112", "119"}),
        ([], {"112", "911"}),
    ],
)
def test_without_a_list_they_are_those_of_the_countries_of_our_numbers(own: list[str], numbers: set[str]) -> None:
    assert emergency_numbers_near(own) == numbers


# ------------------------------------------------------------------------------- calls that nobody knows


def phone_found(bridge: str | None) -> facts.SeenLeg:
    """A phone that dialled it, in our application and answered, and nobody knows its call."""
    return facts.SeenLeg("keypad", True, False, True, bridge, "1001", None, emergency=keypad())


def found(driver: Driver, *legs: facts.SeenLeg, bridges: tuple[str, ...] = ()) -> None:
    driver.actions.clear()
    driver.tell(facts.NodeSeen(NODE, "boot", driver.now, legs, bridges, (("1001", True),)))


def test_given_a_call_that_nobody_knows_and_two_in_its_bridge_then_it_goes_on_and_the_agent_is_offered_none() -> None:
    driver = house()
    identity = bridge_id("another")
    far = facts.SeenLeg("cti-another-customer-1", True, False, True, identity, "trunk", None)
    for _ in range(2):
        found(driver, phone_found(identity), far, bridges=(identity,))
        assert driver.actions == []
    rows = [record for record in driver.records if isinstance(record, CallRow)]
    assert [(row.customer_number, row.emergency, row.outcome) for row in rows] == [(NUMBER, True, "completed")]
    assert "phone_in_use" in agent_view(driver.center.floor, "a1")["no_calls"]
    found(driver, far, bridges=(identity,))
    driver.tell(facts.LegEnded("keypad"))
    assert "phone_in_use" not in agent_view(driver.center.floor, "a1")["no_calls"]
    assert [action.leg_id for action in driver.taken(HangUp)] == [far.leg_id], "who stayed behind is let go"


def test_given_a_phone_that_nobody_knows_and_no_other_party_then_it_is_handed_back_until_it_has_gone() -> None:
    driver = house()
    for _ in range(2):
        found(driver, phone_found(None))
        assert [type(action) for action in driver.actions] == [HandBack]
    assert len([record for record in driver.records if isinstance(record, CallRow)]) == 1


def test_given_a_phone_that_nobody_knows_has_talked_and_is_alone_then_nobody_is_called_again() -> None:
    driver = house()
    identity = bridge_id("another")
    far = facts.SeenLeg("cti-another-customer-1", True, False, True, identity, "trunk", None)
    found(driver, phone_found(identity), far, bridges=(identity,))
    found(driver, phone_found(identity), bridges=(identity,))
    assert [action.leg_id for action in driver.taken(HangUp)] == ["keypad"]
    assert not driver.taken(HandBack)
