"""The warning before a force disconnect (requirement E6): both hear it, it is counted, and then they talk again."""

from itertools import permutations

import pytest

from cti_bridge.domain.audio.messages import GONE_WITHIN_S
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import (
    AddToBridge,
    HangUp,
    InspectHold,
    InspectPlayback,
    RemoveFromBridge,
    StartMusic,
    StartPlayback,
    StopMusic,
    StopPlayback,
    StopRingback,
)
from cti_bridge.domain.border.facts import Failure
from cti_bridge.domain.border.records import CallEvent, TicketNoted
from cti_bridge.domain.model.call import Call, CallState, Role
from cti_bridge.domain.model.directory import Service
from cti_bridge.domain.talk.warning import WARNING_LIMIT_S
from tests.unit import invariants
from tests.unit.floor import Driver, agent_view
from tests.unit.situations import (
    CUSTOMER,
    REASONS,
    all_enter,
    customer_leaves,
    made,
    playing,
    playing_to_both,
    situation,
    state_of,
)
from tests.unit.test_recovery import as_it_is, call_of

S = CallState
PROCESSING = "Business (Ticket Processing)"


def media(driver: Driver) -> list[tuple[str, str]]:
    return [(action.leg_id, action.media) for action in driver.actions if isinstance(action, StartPlayback)]


def back_in_conversation(driver: Driver, call: Call) -> None:
    """Both are ordered into the bridge, in one request, and nothing plays."""
    assert state_of(call) is S.TALKING
    (added,) = driver.taken(AddToBridge)
    assert isinstance(added, AddToBridge)
    assert {added.leg_id, *added.also} == {CUSTOMER, call.agent_leg}
    for stopped in driver.taken(StopPlayback):
        driver.tell(facts.PlaybackEnded(stopped.object_id))
    all_enter(driver, call)
    assert call.prompt is None
    driver.actions.clear()
    driver.pass_time(WARNING_LIMIT_S * 5)
    assert driver.actions == [], "nothing is left that would be due"
    invariants.check_floor(driver.center)


def test_given_a_talk_when_the_agent_warns_then_both_leave_the_bridge_and_hear_it() -> None:
    driver, call = made(S.TALKING)
    driver.tell(commands.Warn("a1", call.id))
    assert sorted(action.leg_id for action in driver.taken(RemoveFromBridge)) == sorted(
        [CUSTOMER, call.agent_leg or ""]
    )
    assert media(driver) == [(CUSTOMER, "sound:warning"), (call.agent_leg, "sound:warning")]
    view = agent_view(driver.center.floor, "a1")
    assert (view["state"], view["label"], view["call"]["state"]) == ("talking", "Talking", "warning")
    assert view["allowed_actions"] == ["warn/stop", "force-disconnect", "hangup"]


@pytest.mark.parametrize("order", list(permutations([0, 1])))
@pytest.mark.parametrize("failed", [False, True])
def test_given_a_warning_when_it_is_over_for_both_and_not_before_then_they_talk_again(
    order: tuple[int, int], failed: bool
) -> None:
    driver, call = made(S.WARNING)
    messages = playing_to_both(call)
    driver.tell(facts.PlaybackEnded(messages[order[0]], failed))
    driver.tell(facts.PlaybackEnded(messages[order[0]], failed))
    assert state_of(call) is S.WARNING and driver.actions == []
    driver.tell(facts.PlaybackEnded(messages[order[1]]))
    back_in_conversation(driver, call)
    assert driver.history("a1")[-1][3] == "answered", "to the agent it was one talk"


def test_given_two_warnings_then_they_are_counted_shown_and_noted_on_the_ticket() -> None:
    driver, call = made(S.TALKING)
    for count in (1, 2):
        driver.tell(commands.Warn("a1", call.id))
        for playback_id in playing_to_both(call):
            driver.tell(facts.PlaybackEnded(playback_id))
        all_enter(driver, call)
        view = agent_view(driver.center.floor, "a1")
        assert view["call"]["warnings"] == count
        assert "warn" in view["allowed_actions"]
    warned = [{"by_cti_id": "a1", "count": count} for count in (1, 2)]
    assert [r.detail for r in driver.records if isinstance(r, CallEvent) and r.type == "warned"] == warned
    noted = [(r.type, r.by, r.detail) for r in driver.records if isinstance(r, TicketNoted)]
    assert noted == [("call_event", "a1", {"event": "warned", "count": count}) for count in (1, 2)]


def test_given_a_service_without_a_warning_then_it_is_neither_allowed_nor_shown() -> None:
    driver, call = made(S.TALKING)
    driver.center.floor.directory.services["acme"] = Service("acme")  # type: ignore[index]
    assert driver.refused(commands.Warn("a1", call.id)) == "not_allowed_now"
    assert "warn" not in agent_view(driver.center.floor, "a1")["allowed_actions"]


@pytest.mark.parametrize("first", [Role.CUSTOMER, Role.AGENT])
def test_given_a_warning_that_cannot_begin_for_either_then_they_talk_again(first: Role) -> None:
    driver, call = made(S.TALKING)
    driver.tell(commands.Warn("a1", call.id))
    legs = [call.customer_leg or "", call.agent_leg or ""]
    for leg_id in legs if first is Role.CUSTOMER else reversed(legs):
        assert state_of(call) is S.WARNING
        driver.tell(facts.ActionFailed(leg_id, "StartPlayback", Failure.REFUSED))
    driver.pass_time(GONE_WITHIN_S)
    back_in_conversation(driver, call)


@pytest.mark.parametrize("begun", [True, False])
def test_given_a_warning_whose_end_nobody_tells_then_it_is_stopped_at_its_limit(begun: bool) -> None:
    driver, call = made(S.TALKING)
    driver.tell(commands.Warn("a1", call.id))
    messages = playing_to_both(call)
    for playback_id in messages if begun else ():
        driver.tell(facts.PlaybackStarted(playback_id))
    driver.pass_time(WARNING_LIMIT_S - 0.1)
    assert state_of(call) is S.WARNING
    driver.pass_time(0.2)
    assert sorted(a.playback_id for a in driver.actions if isinstance(a, StopPlayback)) == sorted(messages)
    back_in_conversation(driver, call)


def test_given_a_warning_that_begins_late_when_they_talk_again_then_it_is_stopped_to_whomever_it_plays() -> None:
    driver, call = made(S.WARNING)
    late = playing_to_both(call)[1]
    driver.pass_time(WARNING_LIMIT_S)
    driver.actions.clear()
    driver.tell(facts.PlaybackStarted(late))
    assert [action.leg_id for action in driver.taken(StopPlayback)] == [CUSTOMER, call.agent_leg]


# ------------------------------------------------------------------------------- cut short


@pytest.mark.parametrize("name", ["warning", "warning heard by the agent"])
def test_given_a_warning_when_the_agent_stops_it_then_what_plays_ends_and_they_talk_again(name: str) -> None:
    driver, call = situation(name)
    playing_now = [leg.playback_id for leg in call.legs.values() if leg.playback_id]
    driver.tell(commands.StopWarning("a1", call.id))
    assert [a.playback_id for a in driver.actions if isinstance(a, StopPlayback)] == playing_now
    assert call.warnings == 1, "it was begun, so it counts"
    back_in_conversation(driver, call)


@pytest.mark.parametrize("order", list(permutations([0, 1])))
def test_given_a_stopped_warning_when_its_ends_are_told_then_nothing_more_happens(order: tuple[int, int]) -> None:
    driver, call = made(S.WARNING)
    messages = playing_to_both(call)
    driver.tell(commands.StopWarning("a1", call.id))
    all_enter(driver, call)
    driver.actions.clear()
    for which in order:
        driver.tell(facts.PlaybackEnded(messages[which]))
    assert (state_of(call), driver.actions) == (S.TALKING, [])
    assert driver.refused(commands.StopWarning("a1", call.id)) == "not_allowed_now"


def test_given_a_stopped_warning_then_it_is_an_event_and_noted_on_the_ticket() -> None:
    driver, call = made(S.TALKING)
    driver.tell(commands.Warn("a1", call.id))
    driver.tell(commands.StopWarning("a1", call.id))
    stopped = {"by_cti_id": "a1", "count": 1}
    assert [r.detail for r in driver.records if isinstance(r, CallEvent) and r.type == "warning_stopped"] == [stopped]
    noted = [r.detail["event"] for r in driver.records if isinstance(r, TicketNoted)]
    assert noted == ["warned", "warning_stopped"]


def test_given_a_stopped_warning_that_begins_late_then_it_is_stopped_to_whomever_it_plays() -> None:
    driver, call = made(S.WARNING)
    late = playing_to_both(call)[0]
    driver.tell(commands.StopWarning("a1", call.id))
    driver.actions.clear()
    driver.tell(facts.PlaybackStarted(late))
    assert [action.leg_id for action in driver.taken(StopPlayback)] == [CUSTOMER, call.agent_leg]


# ------------------------------------------------------------------------------- who leaves, and what is asked


@pytest.mark.parametrize("name", ["warning", "warning heard by the agent"])
@pytest.mark.parametrize(("cause", "lost"), [(16, False), (0, False), (44, True)])
def test_given_a_warning_when_the_agents_leg_leaves_then_it_is_as_in_a_talk(name: str, cause: int, lost: bool) -> None:
    driver, call = situation(name)
    message = playing(call)
    driver.tell(facts.LegEnded(call.agent_leg or "", cause))
    if not lost:
        assert (driver.outcomes(), driver.agent("a1").label) == ([("completed", "agent")], PROCESSING)
        return
    assert (call.state, call.prompt) == (S.AGENT_LOST, None)
    assert [a.playback_id for a in driver.actions if isinstance(a, StopPlayback)] == [message]
    assert [a.leg_id for a in driver.taken(StartMusic)] == [CUSTOMER]
    driver.tell(facts.PlaybackEnded(message))
    assert state_of(call) is S.AGENT_LOST
    driver.tell(facts.LegAnswered(driver.agent_leg(call)))
    assert state_of(call) is S.TALKING, "the warning is not played again"


def test_given_a_warning_when_the_customer_leaves_then_the_call_ends() -> None:
    driver, call = made(S.WARNING)
    customer_leaves(driver, call)
    assert driver.outcomes() == [("completed", "customer")]
    assert driver.agent("a1").label == PROCESSING


@pytest.mark.parametrize("name", ["warning", "warning heard by the agent"])
def test_given_a_warning_when_the_phone_holds_then_it_is_cut_short_and_the_customer_has_music(name: str) -> None:
    driver, call = situation(name)
    message = playing(call)
    driver.tell(facts.LegHeld(call.agent_leg or ""))
    assert (call.state, call.held_by, call.prompt) == (S.ON_HOLD, ["phone"], None)
    assert message in [a.playback_id for a in driver.actions if isinstance(a, StopPlayback)]
    assert [a.leg_id for a in driver.taken(StartMusic)] == [CUSTOMER]
    assert [a.leg_id for a in driver.taken(AddToBridge)] == [call.agent_leg]
    driver.tell(facts.LegRetrieved(call.agent_leg or ""))
    assert (state_of(call), call.held_by, call.warnings) == (S.TALKING, [], 1)


@pytest.mark.parametrize("name", ["warning", "warning heard by the agent"])
def test_given_a_warning_when_the_agent_force_disconnects_then_the_last_message_takes_its_place(name: str) -> None:
    driver, call = situation(name)
    agent_leg, message = call.agent_leg, playing(call)
    driver.tell(commands.ForceDisconnect("a1", call.id, REASONS[0]))
    assert call.state is S.ANNOUNCING
    assert [a.leg_id for a in driver.taken(HangUp)] == [agent_leg]
    assert [a.playback_id for a in driver.actions if isinstance(a, StopPlayback)] == [message]
    assert media(driver) == [(CUSTOMER, "sound:forced")]
    driver.tell(facts.PlaybackEnded(message))
    assert state_of(call) is S.ANNOUNCING, "the end of the warning is not the end of the last message"
    driver.tell(facts.PlaybackEnded(playing(call)))
    assert driver.outcomes() == [("force_disconnected", "agent")]


def test_given_a_warning_when_the_agent_hangs_up_then_the_call_ends() -> None:
    driver, call = made(S.WARNING)
    driver.tell(commands.HangUpCall("a1", call.id))
    assert driver.outcomes() == [("completed", "agent")]
    assert len(driver.taken(HangUp)) == 2


# ------------------------------------------------------------------------------- a restart


def test_given_a_restart_during_a_warning_then_both_hear_it_out_and_talk_again() -> None:
    driver, call = made(S.WARNING)
    other = driver.restarted()
    other.connect(*as_it_is(call))
    found = call_of(other)
    silenced = (StopRingback, StopMusic)
    looked = (InspectHold, InspectHold, InspectPlayback, InspectPlayback)
    assert [type(action) for action in other.actions] == [*silenced, *silenced, *looked]
    other.actions.clear()
    for playback_id in playing_to_both(found):
        other.tell(facts.PlaybackEnded(playback_id))
    back_in_conversation(other, found)


@pytest.mark.parametrize("name", ["warning", "warning heard by the agent"])
def test_given_a_restart_during_a_warning_of_which_nothing_more_is_heard_then_its_limit_ends_it(name: str) -> None:
    driver, call = situation(name)
    other = driver.restarted()
    other.connect(*as_it_is(call))
    other.pass_time(WARNING_LIMIT_S + 0.1)
    found = call_of(other)
    assert state_of(found) is S.TALKING
    all_enter(other, found)
    invariants.check_floor(other.center)


def test_given_a_restart_before_the_warning_began_then_it_is_played_from_its_beginning() -> None:
    driver, call = made(S.TALKING)
    driver.tell(commands.Warn("a1", call.id))
    other = driver.restarted()
    other.connect(*as_it_is(call))
    assert media(other) == [(CUSTOMER, "sound:warning"), (call.agent_leg, "sound:warning")]
