"""A phone that the PBX cannot reach in the middle of a conversation: dead when no audio comes from it either."""

import pytest

from cti_bridge.domain.audio.audio import LOOK_AFTER_S
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import HangUp, InspectAudio
from cti_bridge.domain.border.records import CallEvent
from cti_bridge.domain.legs.vanished import SILENT_S
from cti_bridge.domain.model.call import CallState
from tests.unit import invariants
from tests.unit.floor import NODE, Driver
from tests.unit.situations import situation, state_of

S = CallState
LEADS = {"talking": S.AGENT_LOST, "talking outbound": S.AGENT_LOST, "consult_talking outside": S.JOINING}
PACKETS = 500


class Audio:
    """Answers each look: of whose phone more audio comes, of whose none."""

    def __init__(self, driver: Driver, *silent: str) -> None:
        self.driver, self.silent, self.sent = driver, silent, PACKETS
        self.answered = len(driver.taken(InspectAudio))

    def for_s(self, seconds: float) -> None:
        end = self.driver.now + seconds
        while self.driver.now < end:
            self.answer()
            self.driver.pass_time(min(0.5, end - self.driver.now))
        self.answer()

    def answer(self) -> None:
        looks = self.driver.taken(InspectAudio)
        self.sent += 50
        for look in looks[self.answered :]:
            packets = PACKETS if look.leg_id in self.silent else self.sent
            self.driver.tell(facts.AudioSeen(look.leg_id, packets))
        self.answered = len(looks)
        invariants.check_floor(self.driver.center)


@pytest.mark.parametrize("name", LEADS)
def test_given_a_phone_that_cannot_be_reached_and_sends_nothing_then_it_is_lost(name: str) -> None:
    driver, call = situation(name)
    leg_id = call.agent_leg or ""
    driver.tell(facts.PhoneChanged(NODE, "1001", False))
    Audio(driver, leg_id).for_s(SILENT_S + LOOK_AFTER_S + 1)
    assert (call.state, leg_id in [a.leg_id for a in driver.taken(HangUp)]) == (LEADS[name], True)


def test_given_a_lost_phone_when_it_is_back_then_it_is_rung_and_the_two_talk_again() -> None:
    driver, call = situation("talking")
    leg_id = call.agent_leg or ""
    driver.tell(facts.PhoneChanged(NODE, "1001", False))
    Audio(driver, leg_id).for_s(SILENT_S + LOOK_AFTER_S + 1)
    driver.tell(facts.LegEnded(leg_id, 16))
    driver.tell(facts.PhoneChanged(NODE, "1001", True))
    driver.answer(call)
    assert call.state is S.TALKING


@pytest.mark.parametrize("muted", [True, False])
def test_given_a_phone_that_can_be_reached_then_it_may_be_as_silent_as_it_likes(muted: bool) -> None:
    driver, call = situation("talking")
    audio = Audio(driver, call.agent_leg or "" if muted else "")
    driver.tell(facts.PhoneChanged(NODE, "1001", False))
    audio.for_s(2)
    driver.tell(facts.PhoneChanged(NODE, "1001", True))
    audio.for_s(120)
    assert call.state is S.TALKING


def test_given_a_phone_out_of_reach_from_which_audio_comes_then_the_talk_goes_on_and_the_phone_is_watched() -> None:
    driver, call = situation("talking")
    audio = Audio(driver)
    driver.tell(facts.PhoneChanged(NODE, "1001", False))
    audio.for_s(120)
    assert call.state is S.TALKING
    audio.silent = (call.agent_leg or "",)
    audio.for_s(SILENT_S + 2 * LOOK_AFTER_S + 1)
    assert state_of(call) is S.AGENT_LOST


def test_given_a_customer_who_sends_nothing_while_the_agents_phone_is_out_of_reach_then_the_customer_stays() -> None:
    driver, call = situation("talking")
    driver.tell(facts.PhoneChanged(NODE, "1001", False))
    Audio(driver, call.customer_leg or "").for_s(60)
    assert call.state is S.TALKING
    assert not [r for r in driver.records if isinstance(r, CallEvent) and r.type == "no_audio"]


def test_given_looks_that_are_not_answered_then_nobody_is_lost_and_they_go_on() -> None:
    driver, call = situation("talking")
    driver.tell(facts.PhoneChanged(NODE, "1001", False))
    driver.pass_time(60)
    assert call.state is S.TALKING
    assert len(driver.taken(InspectAudio)) > 10


def test_given_a_colleague_who_is_asked_whose_phone_dies_then_the_agent_is_on_hold_again() -> None:
    driver, call = situation("consult_talking")
    driver.tell(facts.PhoneChanged(NODE, "1002", False))
    Audio(driver, call.target_leg or "").for_s(SILENT_S + LOOK_AFTER_S + 1)
    assert call.state is S.ON_HOLD


def test_given_a_call_that_is_over_then_nobody_looks_any_more() -> None:
    driver, call = situation("talking")
    driver.tell(facts.PhoneChanged(NODE, "1001", False))
    driver.tell(commands.HangUpCall("a1", call.id))
    looks = len(driver.taken(InspectAudio))
    driver.pass_time(60)
    assert len(driver.taken(InspectAudio)) == looks


def test_given_a_phone_out_of_reach_then_that_it_is_watched_is_kept() -> None:
    driver, call = situation("talking")
    output = driver.tell(facts.PhoneChanged(NODE, "1001", False))
    assert ("call", call.id) in dict(output.changes) and "audio" in call.deadlines
