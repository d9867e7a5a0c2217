"""A PBX that takes no new calls: callers are refused, calls that are there go on, emergency calls are made."""

from dataclasses import replace

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import Reject
from cti_bridge.domain.model.call import CallState
from cti_bridge.left_behind import draining_words
from tests.unit.floor import CALLING, NODE, NUMBER, Driver, agent_view
from tests.unit.test_two_nodes import OTHER, arrive, driver, over, phone, talking


def drain(floor: Driver, *nodes: str) -> None:
    """By a reload."""
    floor.tell(facts.ConfigurationChanged(replace(floor.center.floor.directory, draining=frozenset(nodes))))


def test_given_a_pbx_that_drains_then_a_caller_is_refused_there_and_taken_elsewhere() -> None:
    floor = driver()
    phone(floor, 1, OTHER)
    drain(floor, NODE)
    floor.tell(facts.CallArrived(NODE, "new", NUMBER, "+821012345678", "", floor.now))
    (refused,) = floor.taken(Reject)
    assert isinstance(refused, Reject) and (refused.leg_id, refused.sip_code) == ("new", 503)
    assert floor.outcomes() == [("service_off", "system")]
    assert arrive(floor, OTHER).cti_id == "a1"
    drain(floor)
    assert arrive(floor, NODE).state is CallState.WAITING


def test_given_calls_at_a_pbx_that_drains_then_who_waits_is_served_and_a_talk_goes_on() -> None:
    floor = driver("phone", "phone")
    phone(floor, 1, NODE)
    talk = talking(floor, NODE)
    waits = arrive(floor, NODE)
    drain(floor, NODE)
    assert (talk.state, waits.state) == (CallState.TALKING, CallState.WAITING)
    phone(floor, 2, NODE)
    assert waits.cti_id == "a2"
    floor.answer(waits)
    for call in (talk, waits):
        over(floor, call)
    assert not floor.center.floor.calls


def test_given_an_agent_whom_only_a_draining_pbx_reaches_then_they_dial_emergency_numbers_alone() -> None:
    floor = driver()
    config = floor.center.floor.directory
    floor.tell(
        facts.ConfigurationChanged(replace(config, policy=replace(config.policy, emergency_numbers=frozenset({"112"}))))
    )
    phone(floor, 1, NODE)
    drain(floor, NODE)
    assert floor.refused(commands.Dial("a1", "+821099998888", CALLING)) == "pbx_unavailable"
    floor.tell(commands.Dial("a1", "112", ""))
    assert floor.agent("a1").call_id is not None


def test_given_a_phone_that_dials_on_a_draining_pbx_then_it_is_refused_but_for_an_emergency() -> None:
    floor = driver()
    phone(floor, 1, NODE)
    drain(floor, NODE)
    floor.tell(facts.KeypadDialed(NODE, "pad", "1001", "+821099998888"))
    assert [action.leg_id for action in floor.taken(Reject)] == ["pad"]
    assert floor.agent("a1").call_id is None


@pytest.mark.parametrize("nodes", [(NODE,), ()])
def test_given_a_pbx_begins_or_ends_to_drain_then_panels_are_told_who_may_dial(nodes: tuple[str, ...]) -> None:
    floor = driver()
    phone(floor, 1, NODE)
    drain(floor, *({NODE} - set(nodes)))
    floor.notices.clear()
    drain(floor, *nodes)
    assert any(getattr(notice, "cti_id", "") == "a1" for notice in floor.notices)
    assert ("dial" in agent_view(floor.center.floor, "a1")["allowed_actions"]) is not bool(nodes)


def test_given_a_pbx_that_is_away_or_has_other_calls_then_it_is_not_said_that_it_can_be_taken_out() -> None:
    floor = driver()
    drain(floor, NODE)
    empty = f"PBX {NODE}: it takes no new calls; no calls are left, and it can be taken out"
    assert list(draining_words(floor.center.floor)) == [empty]
    floor.tell(facts.PhoneUsed(NODE, "around-us", "1001"))
    assert list(draining_words(floor.center.floor)) == [
        f"PBX {NODE}: it takes no new calls; channels of other calls: 1"
    ]
    floor.tell(facts.LegEnded("around-us"))
    assert list(draining_words(floor.center.floor)) == [empty]
    floor.tell(facts.NodeLost(NODE))
    assert [words.partition("; ")[2] for words in draining_words(floor.center.floor)] == [
        "it is away, so nobody knows which calls are left"
    ]
