"""The matrix: who leaves, in which state, and what becomes of the call and of the agent (requirement E8)."""

import re
from itertools import pairwise

import pytest

from cti_bridge.domain.audio import messages
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import (
    AddToBridge,
    CreateBridge,
    CreateLeg,
    DestroyBridge,
    HangUp,
    InspectBridge,
    InspectLeg,
    InspectPlayback,
    RemoveFromBridge,
    StartMusic,
    StartPlayback,
    StopMusic,
    StopPlayback,
)
from cti_bridge.domain.border.facts import Failure
from cti_bridge.domain.border.records import CallEvent, TicketNoted, TicketOpened
from cti_bridge.domain.legs.matrix import LEFT
from cti_bridge.domain.model.call import TRANSITIONS, CallState, Role
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.wiring import WIRING
from tests.unit import invariants
from tests.unit.situations import LONGEST_S, MADE, SITUATIONS, customer_leaves, made, playing, situation, state_of

S = CallState
AS_BEFORE = ("ready", None)
PROCESSING = ("business", "ticket_processing")
HUNG_UP, RTP_TIME_OUT = 16, 44
"""Q.850 causes."""


def test_every_state_has_its_situation() -> None:
    assert set(MADE) == set(TRANSITIONS) == set(CallState)


def test_there_is_a_cell_for_every_party_that_the_wiring_has_somewhere() -> None:
    assert set(LEFT) == {(state, role) for state, row in WIRING.items() for role in row}


@pytest.mark.parametrize("hangup_cause", [HUNG_UP, RTP_TIME_OUT])
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", SITUATIONS)
def test_given_a_leg_when_it_ends_then_what_its_cell_says_happens(name: str, role: Role, hangup_cause: int) -> None:
    driver, call = situation(name)
    leg = call.leg_of(role)
    if leg is None or call.state is S.ENDED:
        return
    said = re.findall(r"\w+", LEFT[call.state, role].leads_to)
    driver.tell(facts.LegEnded(leg.id, hangup_cause))
    assert state_of(call) in said
    assert call.end.outcome is None or call.end.outcome in said or "announced" in said


@pytest.mark.parametrize(
    ("state", "outcome", "agent"),
    [
        (S.IN_SCENARIO, "left_in_scenario", AS_BEFORE),
        (S.WAITING, "abandoned_waiting", ("rest", None)),
        (S.RINGING, "abandoned_ringing", AS_BEFORE),
        (S.ACCEPTED, "abandoned_ringing", AS_BEFORE),
        (S.CONNECTING, "abandoned_ringing", AS_BEFORE),
        (S.TALKING, "completed", PROCESSING),
        (S.WARNING, "completed", PROCESSING),
        (S.ANNOUNCING, "queue_timeout", ("rest", None)),
    ],
)
def test_the_customer_leaves(state: CallState, outcome: str, agent: tuple[str, str | None]) -> None:
    driver, call = made(state)
    agent_leg = call.agent_leg
    customer_leaves(driver, call)
    assert driver.outcomes() == [(outcome, "customer")]
    assert (driver.agent("a1").status, driver.agent("a1").reason) == agent
    assert driver.agent("a1").state == "idle"
    assert [a.leg_id for a in driver.taken(HangUp)] == ([agent_leg] if agent_leg else [])
    assert bool(driver.taken(DestroyBridge)) is (state in (S.CONNECTING, S.TALKING, S.WARNING))
    if agent_leg:
        driver.tell(facts.LegEnded(agent_leg, 16))
    assert not driver.center.floor.calls, "nothing is left"


@pytest.mark.parametrize("state", [S.RINGING, S.ACCEPTED, S.CONNECTING])
def test_a_customer_who_leaves_an_offer_is_noted_on_it(state: CallState) -> None:
    driver, call = made(state)
    customer_leaves(driver, call)
    assert driver.offers() == ["caller_left"]
    assert driver.history("a1")[-1][3] == "caller_left"


@pytest.mark.parametrize("state", [S.RINGING, S.ACCEPTED])
@pytest.mark.parametrize(
    ("cause", "sip_code", "result", "agent"),
    [
        (17, 486, "busy", AS_BEFORE),
        (17, 0, "busy", AS_BEFORE),
        (21, 603, "declined", ("business", "declined")),
        (21, 0, "declined", ("business", "declined")),
        (19, 480, "missed", ("business", "missed")),
        (19, 0, "missed", ("business", "missed")),
        (17, 600, "busy", AS_BEFORE),
        (127, 607, "declined", ("business", "declined")),
        (3, 404, "unreachable", AS_BEFORE),
        # What the phone refuses by itself; as Asterisk 22.10.1 tells it (seen).
        (23, 302, "unreachable", AS_BEFORE),
        (127, 400, "unreachable", AS_BEFORE),
        (21, 401, "unreachable", AS_BEFORE),
        (21, 403, "unreachable", AS_BEFORE),
        (127, 405, "unreachable", AS_BEFORE),
        (127, 481, "unreachable", AS_BEFORE),
        (127, 487, "unreachable", AS_BEFORE),
        (58, 488, "unreachable", AS_BEFORE),
        (127, 491, "unreachable", AS_BEFORE),
        (29, 501, "unreachable", AS_BEFORE),
        (102, 504, "unreachable", AS_BEFORE),
        (58, 606, "unreachable", AS_BEFORE),
        (16, 0, "unreachable", AS_BEFORE),
        (0, 408, "unreachable", AS_BEFORE),
        (38, 503, "unreachable", AS_BEFORE),
        (20, 0, "unreachable", AS_BEFORE),
        (0, 0, "withdrawn", AS_BEFORE),
    ],
)
def test_the_agents_leg_leaves_while_it_rings(
    state: CallState, cause: int, sip_code: int, result: str, agent: tuple[str, str | None]
) -> None:
    driver, call = made(state)
    driver.tell(facts.LegEnded(call.agent_leg or "", cause, sip_code))
    assert driver.offers() == [result]
    assert (driver.agent("a1").status, driver.agent("a1").reason) == agent
    assert call.state is S.WAITING and driver.outcomes() == []
    assert not driver.taken(StopMusic), "the customer's music goes on"
    assert driver.agent("a1").phone_reachable is (result != "unreachable")


@pytest.mark.parametrize(
    ("state", "result"),
    [(S.RINGING, "declined"), (S.RINGING, "missed"), (S.ACCEPTED, "declined"), (S.ACCEPTED, "unreachable")],
)
def test_a_failed_offer_goes_to_the_next_agent_and_keeps_its_place(state: CallState, result: str) -> None:
    driver, call = made(state)
    arrived_at = call.arrived_at
    driver.tell(commands.SetStatus("a2", "ready", None))
    if result != "declined":
        driver.pass_time(28 if state is S.ACCEPTED else 25)
    else:
        driver.tell(commands.DeclineOffer("a1", call.offer.id if call.offer else ""))
    assert driver.offers() == [result]
    assert (call.state, call.cti_id, call.arrived_at) == (S.RINGING, "a2", arrived_at)


@pytest.mark.parametrize("state", [S.RINGING, S.ACCEPTED])
@pytest.mark.parametrize("action", ["CreateLeg", "DialLeg"])
def test_a_phone_that_cannot_be_called_is_unreachable_and_its_agent_as_before(state: CallState, action: str) -> None:
    driver, call = made(state)
    driver.tell(facts.ActionFailed(call.agent_leg or "", action, Failure.UNREACHABLE))
    assert driver.offers() == ["unreachable"]
    assert driver.history("a1")[-1] == ("ready", "idle", None, "unreachable")
    assert call.state is S.WAITING
    assert not driver.agent("a1").phone_reachable


def test_an_agents_leg_that_goes_before_both_are_in_the_bridge_is_a_failed_offer() -> None:
    driver, call = made(S.CONNECTING)
    driver.enter(call, call.agent_leg or "")
    driver.tell(facts.LegEnded(call.agent_leg or "", 16))
    assert call.state is S.WAITING and driver.offers() == ["declined"]
    assert [type(a) for a in driver.actions[-2:]] == [RemoveFromBridge, StartMusic], "the customer is back on music"
    assert not [r for r in driver.records if isinstance(r, TicketOpened)]
    assert "talking" not in [state for _, state, _, _ in driver.history("a1")]


def test_the_agents_leg_leaves_a_conversation_and_ends_it() -> None:
    driver, call = made(S.TALKING)
    driver.tell(facts.LegEnded(call.agent_leg or "", 16))
    assert driver.outcomes() == [("completed", "agent")]
    assert [a.leg_id for a in driver.taken(HangUp)] == ["caller-1"]
    assert driver.history("a1")[-1] == ("business", "idle", "ticket_processing", "call_ended")


def test_hang_up_ends_a_conversation_for_both() -> None:
    driver, call = made(S.TALKING)
    agent_leg = call.agent_leg
    driver.tell(commands.HangUpCall("a1", call.id))
    assert driver.outcomes() == [("completed", "agent")]
    assert {a.leg_id for a in driver.taken(HangUp)} == {"caller-1", agent_leg}


def test_answer_in_mode_auto_makes_the_phone_ring_with_auto_answer_headers() -> None:
    driver, call = made(S.ACCEPTED)
    assert driver.agent("a1").state == "accepted"
    assert call.offer is not None and call.offer.expires_at == driver.now + 8
    driver.tell(facts.LegAnswered(call.agent_leg or ""))
    driver.enter(call, call.agent_leg or "", "caller-1")
    assert driver.agent("a1").state == "talking"
    assert driver.offers() == ["answered"]


def test_only_the_panel_alerts_in_mode_auto_until_answer_is_pressed() -> None:
    driver, _ = made(S.ACCEPTED)
    driver.tell(facts.LegEnded("caller-1"))
    created = [a for a in driver.actions if isinstance(a, CreateLeg)]
    assert not created
    other, call = MADE[S.ACCEPTED]()
    assert [a.auto_answer for a in other.taken(CreateLeg) if isinstance(a, CreateLeg)] == [True]
    assert call.state is S.ACCEPTED


def test_the_message_ends_and_so_does_the_call() -> None:
    driver, call = made(S.ANNOUNCING)
    driver.tell(facts.PlaybackEnded(playing(call)))
    assert driver.outcomes() == [("queue_timeout", "system")]
    assert [type(a) for a in driver.actions] == [HangUp]


@pytest.mark.parametrize("state", [s for s in CallState if s is not S.ENDED])
def test_the_node_restarts_and_every_call_on_it_ends_with_the_agent_freed(state: CallState) -> None:
    driver, call = made(state)
    ticket = call.ticket_id
    driver.tell(facts.NodeLost("main"))
    driver.connect(boot_id="another")
    assert driver.outcomes() == [("node_lost", "system")]
    assert not driver.center.floor.calls and not driver.agent("a1").legs
    assert driver.agent("a1").state == "idle"
    assert call.ticket_id == ticket
    notes = [r.detail["outcome"] for r in driver.records if isinstance(r, TicketNoted) and "outcome" in r.detail]
    assert notes == (["node_lost"] if ticket else [])


# ------------------------------------------------------------------------------- messages and music that fail


def test_the_greeting_ends_and_the_call_waits_with_music() -> None:
    driver, call = made(S.IN_SCENARIO)
    driver.tell(commands.SetStatus("a1", "rest", None))
    driver.tell(facts.PlaybackEnded(playing(call)))
    assert call.state is S.WAITING
    assert [type(a) for a in driver.actions] == [StartMusic]


@pytest.mark.parametrize("how", ["failed", "refused", "never told"])
def test_a_greeting_that_does_not_play_keeps_nobody_from_the_queue(how: str) -> None:
    driver, call = made(S.IN_SCENARIO)
    driver.tell(commands.SetStatus("a1", "rest", None))
    if how == "failed":
        driver.tell(facts.PlaybackEnded(playing(call), failed=True))
    elif how == "refused":
        driver.tell(facts.ActionFailed("caller-1", "StartPlayback", Failure.REFUSED))
    else:
        driver.pass_time(120 + messages.LOOK_S)
        orders = [type(a) for a in driver.actions if not isinstance(a, InspectPlayback)]
        assert orders == [StopPlayback, StartMusic]
    driver.pass_time(messages.GONE_WITHIN_S)
    assert call.state is S.WAITING and driver.outcomes() == []


@pytest.mark.parametrize("how", ["failed", "refused"])
def test_a_caller_who_hangs_up_in_the_greeting_is_neither_queued_nor_offered(how: str) -> None:
    """Asterisk tells that the message has failed before it tells the end of the leg."""
    driver, call = made(S.IN_SCENARIO)
    if how == "failed":
        driver.tell(facts.PlaybackEnded(playing(call), failed=True))
    else:
        driver.tell(facts.ActionFailed("caller-1", "StartPlayback", Failure.REFUSED))
    driver.pass_time(0.05)
    driver.tell(facts.LegEnded("caller-1", 16))
    driver.pass_time(1.0)
    assert driver.outcomes() == [("left_in_scenario", "customer")]
    assert [r.type for r in driver.records if isinstance(r, CallEvent)] == ["arrived", "ended"]
    assert not driver.rung()


def test_the_longest_wait_begins_with_the_queue() -> None:
    driver, call = made(S.IN_SCENARIO)
    driver.tell(commands.SetStatus("a1", "rest", None))
    driver.pass_time(30)
    assert call.wait.ends_at is None
    driver.tell(facts.PlaybackEnded(playing(call)))
    assert call.wait.ends_at == driver.now + LONGEST_S
    driver.pass_time(LONGEST_S)
    assert [a.media for a in driver.actions if isinstance(a, StartPlayback)] == ["sound:busy"]
    assert call.state is S.ANNOUNCING


def test_music_that_is_refused_is_ordered_again_ever_more_seldom_and_the_caller_never_sent_away() -> None:
    driver, call = made(S.WAITING)
    driver.center.floor.set_deadline(Kind.LONGEST_WAIT, call, None)
    seen = facts.SeenLeg("caller-1", True, False, True, None, "trunk", None)
    driver.tell(facts.ActionFailed("caller-1", "StartMusic", Failure.REFUSED))
    repeated: list[float] = []
    for _ in range(300):
        ordered, driver.actions = driver.actions, []
        for action in ordered:
            if isinstance(action, InspectLeg):
                driver.tell(facts.LegSeen(seen, driver.now))
            elif isinstance(action, StartMusic):
                repeated.append(driver.now)
                driver.tell(facts.ActionFailed("caller-1", "StartMusic", Failure.REFUSED, action))
        if not driver.actions:
            driver.pass_time(1)
    pauses = [later - before for before, later in pairwise(repeated)]
    assert pauses == sorted(pauses) and 2 <= pauses[0] < pauses[-1] == 30
    assert call.state is S.WAITING and not driver.taken(HangUp)


def test_music_that_did_not_stop_is_stopped_again_before_the_customer_hears_it_instead_of_the_agent() -> None:
    driver, call = made(S.TALKING)
    driver.tell(facts.ActionFailed("caller-1", "StopMusic", Failure.REFUSED))
    seen = facts.SeenLeg("caller-1", True, False, True, f"cti-{call.id}-bridge", "trunk", None)
    driver.tell(facts.LegSeen(seen, driver.now))
    assert isinstance(driver.actions[-1], StopMusic)
    assert call.state is S.TALKING


def test_a_caller_whose_answer_got_lost_is_answered_when_that_is_seen() -> None:
    driver, call = made(S.WAITING)
    driver.tell(facts.LegSeen(facts.SeenLeg("caller-1", False, False, True, None, "trunk", None), driver.now))
    assert type(driver.actions[0]).__name__ == "Answer"
    assert call.state is S.WAITING


def test_a_phone_whose_dial_got_lost_is_dialled_again_when_it_is_seen_not_to_ring() -> None:
    driver, call = made(S.RINGING)
    leg_id = call.agent_leg or ""
    silent = facts.SeenLeg(leg_id, False, False, True, None, "1001", None)
    driver.tell(facts.LegSeen(silent, driver.now - 0.1))
    driver.tell(facts.LegSeen(silent, driver.now + 1.9))
    assert not driver.actions, "dialled a moment ago: a second time would end it"
    driver.pass_time(2)
    driver.tell(facts.LegSeen(silent, driver.now))
    assert [type(a).__name__ for a in driver.actions] == ["DialLeg"]
    driver.tell(facts.LegSeen(facts.SeenLeg(leg_id, False, True, True, None, "1001", None), driver.now))
    assert len(driver.actions) == 1, "one that rings is left alone"


def test_a_bridge_that_never_comes_about_fails_the_offer_and_keeps_the_caller() -> None:
    driver, call = made(S.CONNECTING)
    driver.pass_time(60)
    assert driver.outcomes() == [] and call.state in (S.WAITING, S.RINGING)
    assert driver.offers()[0] == "unreachable"
    assert "caller-1" not in [a.leg_id for a in driver.taken(HangUp)]


def test_a_bridge_that_did_not_come_about_is_made_at_once_when_entering_it_is_refused() -> None:
    driver, call = made(S.CONNECTING)
    driver.tell(facts.ActionFailed("caller-1", "AddToBridge", Failure.REFUSED))
    assert [a.object_id for a in driver.actions if isinstance(a, InspectBridge)] == [call.bridge_id]
    driver.actions.clear()
    driver.tell(facts.BridgeSeen(call.bridge_id, False, driver.now))
    made_anew, added = driver.actions
    assert isinstance(made_anew, CreateBridge) and isinstance(added, AddToBridge)
    assert {added.leg_id, *added.also} == {"caller-1", call.agent_leg}


def test_a_leg_that_fell_out_of_the_bridge_is_put_back() -> None:
    driver, call = made(S.TALKING)
    driver.tell(facts.LegLeft("caller-1", f"cti-{call.id}-bridge"))
    driver.pass_time(2)
    driver.tell(facts.LegSeen(facts.SeenLeg("caller-1", True, False, True, None, "trunk", None), driver.now))
    assert isinstance(driver.actions[-1], AddToBridge) and driver.actions[-1].leg_id == "caller-1"
    driver.enter(call, "caller-1")
    driver.pass_time(60)
    assert call.state is S.TALKING
    invariants.check_floor(driver.center)
