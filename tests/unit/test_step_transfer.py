"""The step transfer: the target has the call, or the caller goes on by `failed`; nobody is lost in between."""

from typing import Any

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import CreateLeg, DialLeg, HangUp, StartPlayback, StartRingback, StopRingback
from cti_bridge.domain.border.records import CallEvent, QueueVisit, ScenarioStep
from cti_bridge.domain.floor.visits import places
from cti_bridge.domain.model.call import Call, CallState, Place, Role
from cti_bridge.domain.model.directory import Service
from cti_bridge.domain.model.scenario import TRANSFER_CONFIRM, Enqueue, Step, Transfer
from cti_bridge.domain.model.wiring import wanted
from cti_bridge.domain.offer.ringing import CONFIRM_KEY_S, REACH_S
from tests.support.changed import replace
from tests.unit.floor import CALLING, NODE, Driver
from tests.unit.situations import (
    CUSTOMER,
    OUTSIDE,
    SERVICE,
    TO_AGENT,
    TO_DUTY,
    all_enter,
    confirming,
    state_of,
    step_joining,
    step_ringing,
    step_transferred,
)
from tests.unit.test_recovery import as_it_is, call_of
from tests.unit.test_scenarios import BYE, SUPPORT, heard, house, way

S = CallState
DUTY = Transfer("duty", {"failed": "support"}, OUTSIDE)


def transferred(step: Transfer = DUTY, *before: Step, service: Service = SERVICE, **config: Any) -> tuple[Driver, Call]:
    """The call comes to the step."""
    driver = house(*before, step, SUPPORT, BYE)
    found = replace(driver.center.floor.directory, services={"acme": service}, **config)
    driver.tell(facts.ConfigurationChanged(found))
    driver.actions.clear()
    return driver, driver.arrive(leg_id=CUSTOMER)


def target(call: Call) -> str:
    return call.target_leg or ""


def rings(driver: Driver, call: Call) -> None:
    driver.tell(facts.LegReady(target(call)))


def codes(driver: Driver) -> list[str]:
    return [row.detail["code"] for row in driver.records if isinstance(row, CallEvent) and row.type == "refused"]


def place_of_customer(call: Call) -> Place | None:
    return wanted(call, Role.CUSTOMER)


def has_failed(driver: Driver, call: Call) -> bool:
    """The caller waits in the queue to which the exit leads, with music, or rings there; no phone outside rings."""
    legs = {leg.role for leg in call.legs.values() if leg.stage != "ending"}
    return (
        state_of(call) in (S.WAITING, S.RINGING)
        and ("duty", "failed") in way(driver)
        and call.legs[CUSTOMER].place is Place.MUSIC
        and call.target is None
        and Role.TARGET not in legs
    )


# ------------------------------------------------------------------------------- outside


def test_the_number_rings_under_the_confirmed_number_of_the_service_and_the_caller_hears_it() -> None:
    driver, call = transferred()
    assert call.state is S.TRANSFER_RINGING and place_of_customer(call) is Place.RINGBACK
    (created,) = driver.taken(CreateLeg)
    assert isinstance(created, CreateLeg)
    assert (created.number, created.shown_number, created.originator) == (OUTSIDE, CALLING, CUSTOMER)
    assert driver.taken(StartRingback)
    rings(driver, call)
    (dialed,) = driver.taken(DialLeg)
    assert isinstance(dialed, DialLeg) and dialed.timeout_s >= 30


def test_who_answers_talks_to_the_caller_and_the_call_ends_as_transferred_out() -> None:
    driver, call = transferred()
    rings(driver, call)
    driver.tell(facts.LegAnswered(target(call)))
    assert state_of(call) is S.JOINING and driver.taken(StopRingback)
    all_enter(driver, call)
    assert state_of(call) is S.TRANSFERRED and way(driver) == [("duty", "answered")]
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert driver.outcomes() == [("transferred_out", "customer")]


@pytest.mark.parametrize(("cause", "sip_code"), [(17, 486), (21, 603), (19, 480), (34, 503), (1, 404), (0, 500)])
def test_whatever_the_other_end_says_the_caller_goes_on_by_failed(cause: int, sip_code: int) -> None:
    driver, call = transferred()
    rings(driver, call)
    driver.tell(facts.LegEnded(target(call), cause, sip_code))
    assert has_failed(driver, call) and call.last_result is None


def test_a_leg_that_is_never_made_is_failed() -> None:
    driver, call = transferred()
    driver.tell(facts.LegEnded(target(call), 0, 500))
    assert has_failed(driver, call)


def test_no_answer_within_the_time_to_ring_is_failed() -> None:
    driver, call = transferred(replace(DUTY, ring_s=40))
    rings(driver, call)
    driver.pass_time(39)
    assert state_of(call) is S.TRANSFER_RINGING
    driver.pass_time(1)
    assert has_failed(driver, call) and driver.taken(HangUp)


def test_a_trunk_that_says_nothing_is_failed_sooner() -> None:
    driver, call = transferred()
    driver.silent = True
    rings(driver, call)
    driver.pass_time(REACH_S)
    assert has_failed(driver, call)


@pytest.mark.parametrize(
    ("service", "more", "code"),
    [
        (replace(SERVICE, allowed_prefixes=("+81",)), {}, "number_not_allowed"),
        (replace(SERVICE, outbound=False), {}, "service_off"),
        (replace(SERVICE, max_outbound_calls=0), {}, "limit_reached"),
        (replace(SERVICE, max_outbound_per_minute=0), {}, "limit_reached"),
        (SERVICE, {"calling_numbers": {}}, "calling_number_not_confirmed"),
    ],
)
def test_what_an_agent_may_not_dial_a_step_may_not_either(service: Service, more: dict[str, Any], code: str) -> None:
    driver, call = transferred(service=service, **more)
    assert codes(driver) == [code] and state_of(call) is S.WAITING and driver.taken(CreateLeg) == []
    assert way(driver) == [("duty", "failed")]


def test_transfers_count_for_the_lines_and_the_minute_of_the_service_and_of_no_agent() -> None:
    driver, _ = transferred(service=replace(SERVICE, max_outbound_calls=1))
    second = driver.arrive(leg_id="caller-2")
    assert codes(driver) == ["limit_reached"] and state_of(second) is S.WAITING
    assert list(driver.center.floor.placed) == ["acme"]


def test_the_caller_who_hangs_up_while_it_rings_ends_the_attempt() -> None:
    driver, call = transferred()
    rings(driver, call)
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert driver.outcomes() == [("left_in_scenario", "customer")]
    assert [action.leg_id for action in driver.taken(HangUp)] == [target(call)] or driver.taken(HangUp)


def test_the_longest_talk_ends_it_and_never_later_than_that_of_the_service() -> None:
    for of_step, of_service, ends_after in ((60, 300, 60), (300, 60, 60), (None, 60, 60), (60, 0, 60)):
        service = replace(SERVICE, longest_transferred_s=of_service)
        driver, call = transferred(replace(DUTY, most_s=of_step), service=service)
        rings(driver, call)
        driver.tell(facts.LegAnswered(target(call)))
        all_enter(driver, call)
        driver.pass_time(ends_after - 1)
        assert state_of(call) is S.TRANSFERRED
        driver.pass_time(1)
        assert driver.outcomes() == [("transferred_out", "system")]


def test_early_media_is_heard_in_place_of_our_ringing() -> None:
    driver, call = transferred()
    driver.silent = True
    rings(driver, call)
    driver.tell(facts.LegRinging(target(call), early_media=True))
    assert place_of_customer(call) is Place.BRIDGE
    driver.tell(facts.LegEnded(target(call), 17, 486))
    assert has_failed(driver, call)


def test_a_failed_transfer_that_leads_nowhere_says_sorry() -> None:
    driver, call = transferred(replace(DUTY, exits={}))
    heard(driver)
    driver.tell(facts.LegEnded(target(call), 17, 486))
    assert heard(driver) == ["sound:cti/goodbye"] and state_of(call) is S.ANNOUNCING


def test_one_transfer_may_lead_to_the_next() -> None:
    second = Transfer("second", {"failed": "support"}, "+82212345679")
    driver, call = transferred(replace(DUTY, exits={"failed": "second"}), second)
    found = driver.center.floor.directory
    main = found.scenarios["main"]
    driver.tell(facts.LegEnded(target(call), 17, 486))
    assert main.start == "second" or state_of(call) in (S.TRANSFER_RINGING, S.WAITING)


def test_the_place_in_the_queue_is_given_up_when_the_call_is_taken_and_not_before() -> None:
    queue = Enqueue("queue", {"1": "duty", "longest_wait": "bye"}, "support")
    driver, call = transferred(replace(DUTY, exits={"failed": "queue"}), queue)
    driver.tell(facts.DigitPressed(CUSTOMER, "1"))
    assert state_of(call) is S.TRANSFER_RINGING and places(driver.center.floor, "support") == 1
    driver.tell(facts.LegEnded(target(call), 17, 486))
    assert state_of(call) is S.WAITING and call.visit is not None and call.visit.seq == 1
    driver.tell(facts.DigitPressed(CUSTOMER, "1"))
    rings(driver, call)
    driver.tell(facts.LegAnswered(target(call)))
    all_enter(driver, call)
    assert state_of(call) is S.TRANSFERRED and places(driver.center.floor, "support") == 0
    assert [row.exit for row in driver.records if isinstance(row, QueueVisit)][-1] == "key"


# ------------------------------------------------------------------------------- to be confirmed


def test_who_has_to_confirm_hears_what_it_is_about_and_the_caller_the_ringing() -> None:
    driver, call = confirming()
    media = [action for action in driver.taken(StartPlayback) if isinstance(action, StartPlayback)]
    assert [(one.leg_id, one.media) for one in media] == [(target(call), f"{TRANSFER_CONFIRM},{TRANSFER_CONFIRM}")]
    assert place_of_customer(call) is Place.RINGBACK
    driver.tell(facts.DigitPressed(target(call), "1"))
    assert state_of(call) is S.JOINING
    all_enter(driver, call)
    assert state_of(call) is S.TRANSFERRED


def test_a_key_after_the_message_counts_and_others_are_nothing() -> None:
    driver, call = confirming()
    driver.tell(facts.PlaybackEnded(call.legs[target(call)].playback_id or ""))
    assert wanted(call, Role.TARGET) is Place.SILENCE
    driver.tell(facts.DigitPressed(target(call), "2"))
    driver.tell(facts.DigitPressed(CUSTOMER, "1"))
    assert state_of(call) is S.TRANSFER_CONFIRMING
    driver.tell(facts.DigitPressed(target(call), "1"))
    assert state_of(call) is S.JOINING


def test_a_mailbox_swallows_nobody() -> None:
    driver, call = confirming()
    driver.pass_time(CONFIRM_KEY_S)
    assert has_failed(driver, call)


def test_who_hangs_up_without_a_key_is_failed() -> None:
    driver, call = confirming()
    driver.tell(facts.LegEnded(target(call), 16))
    assert has_failed(driver, call)


def test_the_caller_may_hang_up_meanwhile() -> None:
    driver, _ = confirming()
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert driver.outcomes() == [("left_in_scenario", "customer")]


# ------------------------------------------------------------------------------- to an agent


def test_an_agent_who_is_ready_is_rung_and_has_the_call_and_a_ticket() -> None:
    driver, call = step_joining(TO_AGENT)
    all_enter(driver, call)
    assert state_of(call) is S.TALKING and call.cti_id == "a2" and call.ticket_owner == "a2"
    assert way(driver) == [("duty", "answered")] and driver.offers() == ["answered"]
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert driver.outcomes() == [("completed", "customer")]


@pytest.mark.parametrize(("how", "result"), [("declines", "declined"), ("misses", "missed"), ("logs out", "withdrawn")])
def test_an_agent_who_does_not_take_it_leaves_the_caller_to_failed(how: str, result: str) -> None:
    driver, call = step_ringing(TO_AGENT)
    if how == "declines":
        driver.tell(commands.DeclineOffer("a2", call.offer.id if call.offer else ""))
    elif how == "misses":
        driver.pass_time(30)
    else:
        driver.tell(commands.LogOut("a2", "session-a2"))
    assert driver.offers() and driver.agent("a2").call_id is None
    assert ("duty", "failed") in way(driver), how
    assert state_of(call) in (S.WAITING, S.RINGING)
    assert driver.offers()[0] == result or how == "logs out"


@pytest.mark.parametrize(("only_ready", "status", "rung"), [(True, "rest", False), (False, "rest", True)])
def test_an_agent_on_a_break_is_rung_only_where_the_step_says_so(only_ready: bool, status: str, rung: bool) -> None:
    step = Transfer("duty", {"failed": "support"}, agent="a2", only_ready=only_ready)
    driver, call = transferred(step)
    assert driver.agent("a2").status == status
    assert (state_of(call) is S.TRANSFER_RINGING) is rung
    assert codes(driver) == ([] if rung else ["target_not_ready"])


def test_an_agent_who_is_logged_out_or_of_another_service_is_failed() -> None:
    driver, call = transferred(Transfer("duty", {"failed": "support"}, agent="a3", only_ready=False))
    assert codes(driver) == ["target_not_ready"] and state_of(call) is S.WAITING
    driver, call = transferred(Transfer("duty", {"failed": "support"}, agent="nobody"))
    assert codes(driver) == ["not_found"] and state_of(call) is S.WAITING


def test_a_customer_who_has_no_queue_comes_back_to_the_return_queue_of_the_service() -> None:
    driver, call = step_joining(TO_AGENT)
    all_enter(driver, call)
    call.queue = None
    driver.tell(commands.HoldCall("a2", call.id))
    driver.tell(facts.LegEnded(call.agent_leg or "", 16))
    assert call.wait.returned and state_of(call) in (S.WAITING, S.RINGING)


# ------------------------------------------------------------------------------- restarts, outages, reloads


@pytest.mark.parametrize("made", [step_ringing, confirming, step_joining, step_transferred])
def test_a_restart_goes_on_where_the_call_was(made: Any) -> None:
    driver, call = made()
    other = driver.restarted()
    other.connect(*as_it_is(call_of(other)))
    again = call_of(other)
    seen_together = S.TRANSFERRED if call.state is S.JOINING else call.state
    assert again.state is seen_together and again.target_leg == call.target_leg
    if again.state is S.TRANSFER_RINGING:
        other.tell(facts.LegAnswered(target(again)))
    if state_of(again) is S.TRANSFER_CONFIRMING:
        other.tell(facts.DigitPressed(target(again), "1"))
    all_enter(other, again)
    assert state_of(again) is S.TRANSFERRED
    other.tell(facts.LegEnded(target(again), 16))
    assert other.outcomes() == [("transferred_out", "target")]


@pytest.mark.parametrize("made", [step_ringing, confirming])
def test_a_restart_that_finds_the_target_gone_leads_on_by_failed(made: Any) -> None:
    driver, call = made()
    other = driver.restarted()
    seen = [leg for leg in as_it_is(call_of(other)) if leg.leg_id != target(call)]
    other.connect(*seen)
    other.tell(facts.LegEnded(target(call)))
    assert has_failed(other, call_of(other))


@pytest.mark.parametrize("made", [step_ringing, confirming, step_joining, step_transferred])
def test_a_pbx_that_was_restarted_has_lost_it(made: Any) -> None:
    driver, _ = made()
    driver.tell(facts.NodeLost(NODE))
    driver.connect(boot_id="another")
    assert driver.outcomes() == [("node_lost", "system")]


@pytest.mark.parametrize("made", [step_ringing, confirming])
def test_while_the_pbx_is_away_no_time_runs_and_an_answer_of_the_gap_is_seen(made: Any) -> None:
    driver, call = made()
    driver.tell(facts.NodeLost(NODE))
    driver.pass_time(200)
    state = state_of(call)
    assert state in (S.TRANSFER_RINGING, S.TRANSFER_CONFIRMING)
    seen = [replace(leg, up=True, ringing=False) for leg in as_it_is(call)]
    driver.connect(*seen)
    assert state_of(call) is S.TRANSFER_CONFIRMING


@pytest.mark.parametrize("made", [step_ringing, confirming])
def test_a_reload_without_the_step_goes_on_and_failed_leads_to_a_start(made: Any) -> None:
    driver, call = made()
    found = driver.center.floor.directory
    scenario = found.scenarios["with-duty"]
    steps = {name: step for name, step in scenario.steps.items() if name != "duty"}
    changed = replace(scenario, steps=steps, start="support")
    driver.tell(facts.ConfigurationChanged(replace(found, scenarios={**found.scenarios, "with-duty": changed})))
    assert state_of(call) in (S.TRANSFER_RINGING, S.TRANSFER_CONFIRMING)
    driver.tell(facts.LegEnded(target(call), 17, 486))
    assert state_of(call) in (S.WAITING, S.RINGING)


def test_each_step_left_is_one_row() -> None:
    driver, call = step_transferred()
    driver.tell(facts.LegEnded(target(call), 16))
    rows = [row for row in driver.records if isinstance(row, ScenarioStep)]
    assert [(row.seq, row.step, row.exit) for row in rows] == [(1, "duty", "answered")]
    assert call.dialed_number == TO_DUTY
