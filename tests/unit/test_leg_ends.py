"""Who has ended a leg, and why: the other party, a phone by itself, or nobody, since the PBX gave it up.

The pairs (Q.850 cause, SIP response) are those of Asterisk 22.10.1: with a BYE that has this Reason, or at an end of
its own. All but those of a broken connection and of Q.850 27 were seen.
"""

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import CreateLeg
from cti_bridge.domain.border.notices import PhoneRefused, Told
from cti_bridge.domain.border.records import CallEvent
from cti_bridge.domain.ending.causes import is_lost
from cti_bridge.domain.model.call import Call, CallState
from tests.unit.floor import CALLING, Driver, agent_entry, outbound_directory

HUNG_UP = {
    "BYE": (16, 0),
    "nothing known": (0, 0),
    "Q.850 17": (17, 486),
    "Q.850 26": (26, 0),
    "Q.850 31": (31, 480),
    "Q.850 102": (102, 504),
    "Q.850 127": (127, 500),
    "SIP 487": (127, 500),
    "SIP 500": (127, 500),
}
LOST = {
    "no audio": (44, 0),
    "session not refreshed": (18, 408),
    "a refresh that nobody answers": (18, 408),
    "a refresh for a call that the phone does not know": (127, 481),
    "the phone's connection is broken": (34, 503),
    "Q.850 27": (27, 502),
    "Q.850 38": (38, 500),
    "Q.850 41": (41, 0),
}


def talking() -> tuple[Driver, Call]:
    driver = Driver(outbound_directory(agent_entry(1), agent_entry(2)))
    driver.connect()
    driver.log_in("a1")
    call = driver.arrive()
    driver.answer(call)
    return driver, call


def why(driver: Driver) -> list[dict[str, object]]:
    return [r.detail for r in driver.records if isinstance(r, CallEvent) and r.type == "leg_ended"]


def told(driver: Driver) -> list[str]:
    return [notice.code for notice in driver.notices if isinstance(notice, Told)]


@pytest.mark.parametrize("how", HUNG_UP)
def test_given_an_orderly_hang_up_of_the_phone_whatever_its_reason_then_the_agent_has_ended_the_call(how: str) -> None:
    driver, call = talking()
    driver.tell(facts.LegEnded(call.agent_leg or "", *HUNG_UP[how]))
    assert driver.outcomes()[-1] == ("completed", "agent")
    assert len(driver.taken(CreateLeg)) == 1, "the phone is not rung again"


@pytest.mark.parametrize("how", LOST)
def test_given_a_phone_that_did_not_hang_up_then_it_is_rung_again(how: str) -> None:
    driver, call = talking()
    cause, sip_code = LOST[how]
    driver.tell(facts.LegEnded(call.agent_leg or "", cause, sip_code))
    assert (call.state, len(driver.taken(CreateLeg))) == (CallState.AGENT_LOST, 2)
    party = {"party": "agent", "cti_id": "a1", "answered": True}
    assert why(driver) == [{**party, "hangup_cause": cause, "sip_code": sip_code}]
    assert told(driver) == [], "the phone has refused nothing"


@pytest.mark.parametrize("how", [*HUNG_UP, *LOST])
def test_given_a_customers_leg_that_ends_then_the_row_says_whether_the_customer_hung_up(how: str) -> None:
    driver, call = talking()
    end = (HUNG_UP | LOST)[how]
    driver.tell(facts.LegEnded(call.customer_leg or "", *end))
    assert driver.outcomes()[-1] == ("completed", "system" if how in LOST else "customer")
    assert is_lost(*end) is (how in LOST)


def test_given_a_waiting_caller_whom_the_pbx_gives_up_then_it_was_not_the_caller_who_hung_up() -> None:
    driver, _ = talking()
    waiting = driver.arrive(caller="+821000000002")
    driver.tell(facts.LegEnded(waiting.customer_leg or "", 44))
    assert driver.outcomes()[-1] == ("abandoned_waiting", "system")


def test_given_an_offered_caller_whom_the_pbx_gives_up_then_the_offer_ends_since_the_caller_has_left() -> None:
    driver, call = talking()
    driver.log_in("a2")
    ringing = driver.arrive(caller="+821000000002")
    driver.tell(facts.LegEnded(ringing.customer_leg or "", 44))
    assert driver.outcomes()[-1] == ("abandoned_ringing", "system")
    assert driver.offers()[-1] == "caller_left"
    assert call.state is CallState.TALKING


@pytest.mark.parametrize(
    ("sip_code", "code"), [(302, "phone_forwards"), (380, "phone_forwards"), (488, "phone_refused")]
)
def test_given_a_phone_that_refuses_by_itself_then_its_agent_and_the_operator_are_told(
    sip_code: int, code: str
) -> None:
    driver, _ = talking()
    driver.log_in("a2")
    call = driver.arrive(caller="+821000000002")
    driver.tell(facts.LegEnded(driver.agent_leg(call), 58, sip_code))
    assert told(driver) == [code]
    assert [n for n in driver.notices if isinstance(n, PhoneRefused)] == [PhoneRefused("a2", sip_code)]
    assert driver.agent("a2").label == "Ready"
    assert [each["sip_code"] for each in why(driver)] == [sip_code]


@pytest.mark.parametrize("end", [(17, 486), (21, 603), (19, 480), (18, 408), (34, 503), (20, 0), (0, 0)])
def test_given_a_person_or_nobody_at_the_phone_then_the_agent_is_not_told_that_the_phone_refuses(
    end: tuple[int, int],
) -> None:
    driver, _ = talking()
    driver.log_in("a2")
    call = driver.arrive(caller="+821000000002")
    driver.tell(facts.LegEnded(driver.agent_leg(call), *end))
    assert told(driver) == []


def test_given_dial_up_when_the_agents_own_phone_refuses_by_itself_then_the_agent_has_not_ended_the_call() -> None:
    driver = Driver(outbound_directory(agent_entry(1)))
    driver.connect()
    driver.log_in("a1")
    for end, by in (((58, 488), "system"), ((21, 603), "agent")):
        driver.tell(commands.Dial("a1", "+821012345678", CALLING))
        call = next(iter(driver.center.floor.calls.values()))
        driver.tell(facts.LegEnded(driver.agent_leg(call), *end))
        assert driver.outcomes()[-1] == ("agent_no_answer", by)
    assert told(driver) == ["phone_refused"]
