"""The message of a queue to the agent who has lifted, before the customer is there: who hears what, what follows when
somebody hangs up, and what a restart, a gap and a message that fails leave of it (requirement I9)."""

from collections.abc import Sequence

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import AddToBridge, HangUp, StartMusic, StartPlayback, StopMusic, StopPlayback
from cti_bridge.domain.border.records import QueueVisit
from cti_bridge.domain.model.agent import AgentState, Status
from cti_bridge.domain.model.announcement import Announcement
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.directory import Queue
from cti_bridge.domain.offer.offer import AGENT_SOUND_S
from tests.unit.floor import Driver, agent_entry, directory
from tests.unit.test_recovery import as_it_is

SOUND = "sound:acme/sales"


def house(*, answer: str = "phone", announce: Sequence[Announcement] = (), sound: str = SOUND) -> Driver:
    queue = Queue("support", "acme", agent_sound=sound, announce=tuple(announce))
    driver = Driver(directory(agent_entry(1, answer=answer), queues=(queue,)))
    driver.connect()
    driver.log_in("a1", status=None)
    driver.tell(commands.PanelChanged("a1", True))
    driver.tell(commands.SetStatus("a1", "ready", None))
    return driver


def lifted(driver: Driver) -> tuple[Call, str]:
    """A call whose agent has lifted, and the agent's leg."""
    call = driver.arrive()
    if driver.center.floor.entry(driver.agent("a1")).answer == "auto":
        assert call.offer is not None
        driver.tell(commands.AnswerOffer("a1", call.offer.id))
    leg_id = driver.agent_leg(call)
    driver.actions.clear()
    driver.tell(facts.LegAnswered(leg_id))
    return call, leg_id


def plays(driver: Driver) -> StartPlayback:
    (found,) = (action for action in driver.actions if isinstance(action, StartPlayback))
    return found


def joined(driver: Driver, call: Call, leg_id: str) -> None:
    """Both are ordered into the bridge, and talk when they were seen there."""
    (entering,) = (action for action in driver.actions if isinstance(action, AddToBridge))
    assert {entering.leg_id, *entering.also} == {call.customer_leg, leg_id}
    driver.enter(call, call.customer_leg or "", leg_id)
    assert call.state is CallState.TALKING and driver.agent("a1").state is AgentState.TALKING


@pytest.mark.parametrize("answer", ["phone", "auto", "browser"])
def test_the_agent_hears_it_alone_and_then_both_meet(answer: str) -> None:
    driver = house(answer=answer)
    call, leg_id = lifted(driver)
    message = plays(driver)
    assert (message.media, message.leg_id, message.language) == (SOUND, leg_id, "")
    assert [type(action) for action in driver.actions] == [StartPlayback], "the customer's music plays on"
    assert call.state is CallState.CONNECTING and driver.agent("a1").state is AgentState.ACCEPTED
    driver.pass_time(2)
    driver.tell(facts.PlaybackEnded(message.playback_id))
    assert any(isinstance(action, StopMusic) for action in driver.actions)
    joined(driver, call, leg_id)
    (visit,) = (row for row in driver.records if isinstance(row, QueueVisit) and row.exit == "answered")
    assert visit.left_at == driver.now and driver.offers() == ["answered"]


def test_without_one_both_meet_at_once() -> None:
    driver = house(sound="")
    call, leg_id = lifted(driver)
    assert not [action for action in driver.actions if isinstance(action, StartPlayback)]
    joined(driver, call, leg_id)
    assert ("ready", "accepted", None, "accepted") not in driver.history("a1")


def test_given_the_agent_hangs_up_in_it_then_the_customer_keeps_the_place_and_hears_no_gap() -> None:
    driver = house()
    call, leg_id = lifted(driver)
    arrived_at = call.arrived_at
    driver.tell(facts.LegEnded(leg_id))
    assert call.state is CallState.WAITING and call.prompt is None and call.arrived_at == arrived_at
    assert not [action for action in driver.actions if isinstance(action, StopMusic | StartMusic)]
    assert driver.offers() == ["declined"] and driver.agent("a1").status is Status.BUSINESS
    driver.tell(commands.SetStatus("a1", "ready", None))
    driver.pass_time(10)
    assert driver.rung() == ["1001"]


def test_given_the_customer_hangs_up_in_it_then_the_agent_is_let_go_and_ready() -> None:
    driver = house()
    call, leg_id = lifted(driver)
    driver.tell(facts.LegEnded(call.customer_leg or ""))
    assert driver.outcomes() == [("abandoned_ringing", "customer")] and driver.offers() == ["caller_left"]
    assert [action.leg_id for action in driver.actions if isinstance(action, HangUp)] == [leg_id]
    driver.tell(facts.LegEnded(leg_id))
    agent = driver.agent("a1")
    assert (agent.status, agent.state) == (Status.READY, AgentState.IDLE)


def test_it_ends_in_time_also_when_nobody_tells_its_end() -> None:
    driver = house()
    call, leg_id = lifted(driver)
    driver.tell(facts.PlaybackStarted(plays(driver).playback_id))
    driver.pass_time(AGENT_SOUND_S - 0.1)
    assert call.state is CallState.CONNECTING and not driver.taken(AddToBridge)
    driver.pass_time(0.1)
    assert len(driver.taken(StopPlayback)) == 1
    joined(driver, call, leg_id)


def test_given_a_sound_that_is_not_there_then_both_meet_in_a_moment() -> None:
    driver = house()
    call, leg_id = lifted(driver)
    driver.tell(facts.PlaybackEnded(plays(driver).playback_id, failed=True))
    driver.pass_time(0.5)
    joined(driver, call, leg_id)


def test_given_the_pickup_time_is_over_meanwhile_then_nothing_happens() -> None:
    driver = house()
    call = driver.arrive()
    leg_id = driver.agent_leg(call)
    driver.pass_time(19)
    driver.actions.clear()
    driver.tell(facts.LegAnswered(leg_id))
    driver.pass_time(5)
    assert call.state is CallState.CONNECTING and driver.offers() == []
    driver.tell(facts.PlaybackEnded(plays(driver).playback_id))
    joined(driver, call, leg_id)


def test_given_an_announcement_then_it_ends_for_the_music_when_the_phone_is_lifted() -> None:
    driver = house(announce=(Announcement(at_s=1, sounds=("sound:acme/patience",)),))
    driver.tell(commands.SetStatus("a1", "rest", None))
    call = driver.arrive()
    driver.pass_time(1)
    assert plays(driver).leg_id == call.customer_leg
    driver.tell(commands.SetStatus("a1", "ready", None))
    leg_id = driver.agent_leg(call)
    driver.actions.clear()
    driver.tell(facts.LegAnswered(leg_id))
    assert [type(one).__name__ for one in driver.actions] == ["StopPlayback", "StartMusic", "StartPlayback"]
    driver.tell(facts.PlaybackEnded(plays(driver).playback_id))
    joined(driver, call, leg_id)


def test_what_is_answered_cannot_be_declined() -> None:
    driver = house()
    call, _ = lifted(driver)
    assert call.offer is not None
    assert driver.refused(commands.DeclineOffer("a1", call.offer.id)) == "offer_over"


@pytest.mark.parametrize("over", [False, True], ids=["plays on", "was over"])
def test_given_a_restart_in_it_then_it_is_heard_to_its_end_or_both_meet(over: bool) -> None:
    driver = house()
    call, leg_id = lifted(driver)
    later = driver.restarted()
    found = later.center.floor.calls[call.id]
    assert found.state is CallState.CONNECTING and found.prompt is not None
    seen = as_it_is(found)
    later.connect(*seen)
    if over:
        later.pass_time(AGENT_SOUND_S)
    else:
        heard = found.legs[leg_id].playback_id
        assert heard is not None
        later.tell(facts.PlaybackEnded(heard))
    later.enter(found, found.customer_leg or "", leg_id)
    assert found.answered_at == later.now and later.agent("a1").state is AgentState.TALKING
