"""The mark on a number that was force disconnected, and the block of it (requirement E6)."""

from dataclasses import replace
from typing import Any

import pytest

from cti_bridge.config.numbering import Numbering
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import Answer, CreateLeg, Reject
from cti_bridge.domain.border.errors import LimitReached
from cti_bridge.domain.border.records import CallRow, TicketOpened
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.directory import Service
from cti_bridge.domain.model.scenario import short_form
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.numbers.forms import delivered
from tests.unit.floor import CALLING, NODE, NUMBER, Driver, agent_view
from tests.unit.situations import SERVICE, playing, staffed

CALLER, OTHER = "+821012345678", "+821087654321"
DAY_S = 86_400


def house(**service: Any) -> Driver:
    """a1 is ready, and serves a second service too, whose number is ``BETA``."""
    driver = staffed()
    floor = driver.center.floor
    policy = replace(floor.policy, after_call="ready", force_disconnect_reasons=("threat", "other"))
    config = floor.directory
    services = {"acme": replace(SERVICE, **service), "beta": Service("beta")}
    queues = {**config.queues, "beta": replace(config.queues["support"], id="beta", service="beta")}
    scenarios = {**config.scenarios, BETA: short_form(BETA, "beta", "beta")}
    agents = {**config.agents, "a1": replace(config.agents["a1"], queues=("support", "beta"))}
    floor.directory = replace(
        config,
        policy=policy,
        services=services,
        queues=queues,
        scenarios=scenarios,
        agents=agents,
        numbering=RULE,
    )
    driver.tell(commands.SetStatus("a1", "ready", None))
    return driver


BETA = "+8225550077"
RULE = Numbering({NODE: "KR"}, [])


def abused(driver: Driver, caller: str = CALLER, reason: str = "threat", number: str = NUMBER) -> None:
    """A call of this caller is answered and force disconnected, and everything of it is gone."""
    call = driver.arrive(number, caller=caller)
    agent_leg = driver.answer(call)
    driver.tell(commands.ForceDisconnect("a1", call.id, reason))
    driver.tell(facts.LegEnded(agent_leg, 16))
    if call.state is CallState.ANNOUNCING:
        driver.tell(facts.PlaybackEnded(playing(call)))
    for leg_id in list(call.legs):
        driver.tell(facts.LegEnded(leg_id, 16))
    assert not driver.center.floor.calls


def shown(driver: Driver, call: Call) -> Any:
    """What the agent who is offered the call, or is in it, sees of the number."""
    view = agent_view(driver.center.floor, "a1")
    assert view["call"]["call_id"] == call.id
    return view["call"]["marks"]


def left(driver: Driver, call: Call) -> None:
    for leg_id in list(call.legs):
        driver.tell(facts.LegEnded(leg_id, 16))


def test_given_a_force_disconnect_then_the_next_offer_and_ticket_of_that_number_show_it() -> None:
    driver = house()
    abused(driver)
    marks = {"count": 1, "last_reason": "threat", "last_at": iso(driver.now)}
    driver.pass_time(3600)
    call = driver.arrive(caller=CALLER)
    assert agent_view(driver.center.floor, "a1")["offer"] is not None
    assert shown(driver, call) == marks
    driver.answer(call)
    assert shown(driver, call) == marks
    opened = [record.detail["marks"] for record in driver.records if isinstance(record, TicketOpened)]
    assert opened == [None, marks]


def test_given_a_second_one_then_it_is_counted_with_the_last_reason_and_time() -> None:
    driver = house()
    abused(driver)
    driver.pass_time(60)
    abused(driver, reason="other")
    at = driver.now
    driver.pass_time(60)
    assert shown(driver, driver.arrive(caller=CALLER)) == {"count": 2, "last_reason": "other", "last_at": iso(at)}


def test_given_a_mark_then_another_number_and_another_service_do_not_show_it() -> None:
    driver = house()
    abused(driver)
    for number, caller in ((NUMBER, OTHER), (BETA, CALLER)):
        call = driver.arrive(number, caller=caller)
        assert shown(driver, call) is None
        left(driver, call)
        driver.tell(commands.SetStatus("a1", "ready", None))


def test_given_a_mark_then_a_call_out_to_that_number_shows_it_and_one_from_a_call_out_is_shown_in_calls_in() -> None:
    driver = house()
    abused(driver, "01012345678")
    driver.tell(commands.Dial("a1", CALLER, CALLING))
    (call,) = driver.center.floor.calls.values()
    assert shown(driver, call)["count"] == 1
    left(driver, call)
    assert shown(driver, driver.arrive(caller="821012345678"))["count"] == 1, "the trunk leaves the plus out"


@pytest.mark.parametrize("caller", ["", "anonymous", "Anonymous", "Restricted", "unknown", "0", "000000", "+000", "12"])
def test_given_a_withheld_number_then_it_is_never_marked_nor_blocked(caller: str) -> None:
    driver = house(force_disconnect_block_s=600)
    abused(driver, caller)
    assert not driver.center.floor.marks
    assert shown(driver, driver.arrive(caller=caller)) is None


def test_given_no_marks_in_the_settings_then_none_is_made() -> None:
    driver = house(force_disconnect_mark_days=0)
    abused(driver)
    assert not driver.center.floor.marks
    assert shown(driver, driver.arrive(caller=CALLER)) is None


def test_given_the_days_are_over_then_it_is_shown_no_more_and_counting_begins_anew() -> None:
    driver = house(force_disconnect_mark_days=2)
    abused(driver)
    driver.pass_time(2 * DAY_S - 1)
    call = driver.arrive(caller=CALLER)
    assert shown(driver, call) is not None
    left(driver, call)
    driver.pass_time(1)
    call = driver.arrive(caller=CALLER)
    assert shown(driver, call) is None
    left(driver, call)
    abused(driver)
    assert shown(driver, driver.arrive(caller=CALLER))["count"] == 1


def test_given_many_old_marks_then_the_next_one_clears_them_away_also_on_disk() -> None:
    driver = house(force_disconnect_mark_days=1)
    for index in range(50):
        abused(driver, f"+8210123400{index:02}")
    driver.pass_time(DAY_S)
    abused(driver)
    assert list(driver.center.floor.marks) == [("acme", CALLER)]
    assert [key for key, state in driver.saved.items() if key[0] == "mark" and state] == [("mark", f"acme/{CALLER}")]


def test_given_a_restart_then_marks_are_still_there_and_old_ones_are_dropped() -> None:
    driver = house(force_disconnect_mark_days=1, force_disconnect_block_s=600)
    abused(driver, OTHER)
    driver.pass_time(DAY_S - 60)
    abused(driver)
    driver.pass_time(120)
    other = driver.restarted()
    other.connect()
    assert list(other.center.floor.marks) == [("acme", CALLER)]
    assert other.saved["mark", f"acme/{OTHER}"] is None
    other.arrive(caller=OTHER)
    blocked = other.outcomes()
    other.tell(facts.CallArrived("main", "again", NUMBER, CALLER, "", other.now))
    assert other.outcomes() == [*blocked, ("blocked", "system")]


# ------------------------------------------------------------------------------- the block


def blocked(driver: Driver, caller: str = CALLER) -> bool:
    """Whether a call of this caller is refused before it is answered, and recorded."""
    driver.actions.clear()
    driver.records.clear()
    call = driver.arrive(caller=caller)
    refused = [action.sip_code for action in driver.actions if isinstance(action, Reject)]
    if refused:
        assert (refused, driver.taken(Answer), driver.rung()) == ([403], [], [])
        (row,) = [record for record in driver.records if isinstance(record, CallRow)]
        assert (row.outcome, row.ended_by, row.service, row.customer_number, row.answered_at) == (
            ("blocked", "system", "acme", delivered(caller, "KR"), None)
        )
    left(driver, call)
    assert not driver.center.floor.calls
    return bool(refused)


@pytest.mark.parametrize("days", [0, 90])
def test_given_a_block_then_calls_of_that_number_are_refused_until_its_time_is_over(days: int) -> None:
    driver = house(force_disconnect_block_s=600, force_disconnect_mark_days=days)
    assert not blocked(driver)
    abused(driver)
    driver.pass_time(599)
    assert blocked(driver)
    assert blocked(driver, "01012345678"), "the same number, as another trunk writes it"
    assert not blocked(driver, OTHER)
    driver.pass_time(1)
    assert not blocked(driver), "a refused call makes it no longer"
    assert (shown(driver, driver.arrive(caller=CALLER)) is not None) is bool(days)


def test_given_a_block_then_agents_can_call_that_number() -> None:
    driver = house(force_disconnect_block_s=600)
    abused(driver)
    driver.actions.clear()
    driver.tell(commands.Dial("a1", CALLER, CALLING))
    assert driver.taken(CreateLeg)


def test_given_no_block_then_a_marked_number_is_taken() -> None:
    driver = house()
    abused(driver)
    assert not blocked(driver)


# ------------------------------------------------------------------------------- the dial limit


def test_given_a_restart_then_the_calls_of_the_last_minute_still_count() -> None:
    driver = house(max_outbound_per_minute=2)
    for _ in range(2):
        driver.tell(commands.Dial("a1", OTHER, CALLING))
        (call,) = driver.center.floor.calls.values()
        left(driver, call)
    driver.pass_time(20)
    other = driver.restarted()
    other.connect()
    assert other.refused(commands.Dial("a1", OTHER, CALLING)) == LimitReached.code
    other.pass_time(40)
    other.tell(commands.Dial("a1", OTHER, CALLING))
    other.pass_time(120)
    late = other.restarted()
    assert not late.center.floor.placed
    assert late.saved["placed", "acme"] is None
