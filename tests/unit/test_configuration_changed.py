"""Another configuration while calls go on: who is served, who is logged out, where calls go."""

from dataclasses import replace
from typing import Any

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import StartPlayback, StopMusic
from cti_bridge.domain.border.notices import ConfigurationTaken, SessionEnded
from cti_bridge.domain.border.records import CallEvent, QueueVisit
from cti_bridge.domain.model.announcement import Announcement, Say
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.differences import sharing
from cti_bridge.domain.model.directory import AgentEntry, Directory, Policy, Queue, Service
from cti_bridge.domain.model.plan import Overflow
from cti_bridge.domain.model.scenario import short_form
from cti_bridge.domain.recovery import configuration
from tests.unit.floor import NODE, NUMBER, Driver, agent_entry, directory
from tests.unit.test_recovery import as_it_is

SALES = "+8225550001"
SUPPORT = Queue("support", "acme")
BOTH = (SUPPORT, Queue("sales", "acme"))
SCENARIOS = (short_form(NUMBER, "acme", "support"), short_form(SALES, "acme", "sales"))


def house(*agents: AgentEntry, **other: Any) -> Directory:
    return directory(*agents, **{"queues": BOTH, "scenarios": SCENARIOS, **other})


def opened(*agents: AgentEntry, **other: Any) -> Driver:
    driver = Driver(house(*agents, **other))
    driver.connect()
    driver.log_in(*(agent.cti_id for agent in agents))
    return driver


def reload(driver: Driver, config: Directory) -> ConfigurationTaken:
    output = driver.tell(facts.ConfigurationChanged(config))
    return next(notice for notice in output.notices if isinstance(notice, ConfigurationTaken))


# ------------------------------------------------------------------------------- who is served


def test_given_a_free_agent_leaves_a_queue_then_its_calls_are_not_theirs() -> None:
    driver = opened(agent_entry(1))
    reload(driver, house(agent_entry(1, queues=("sales",))))
    waits, served = driver.arrive(NUMBER), driver.arrive(SALES)
    assert (waits.state, served.cti_id) == (CallState.WAITING, "a1")


def test_given_a_call_waits_then_an_agent_who_comes_into_its_queue_gets_it() -> None:
    driver = opened(agent_entry(1, queues=("sales",)))
    call = driver.arrive(NUMBER)
    reload(driver, house(agent_entry(1, queues=("sales", "support"))))
    assert call.cti_id == "a1"


def test_given_calls_wait_then_the_order_follows_the_new_priorities() -> None:
    driver = opened(agent_entry(1, queues=("support", "sales")))
    driver.tell(commands.SetStatus("a1", "rest", None))
    driver.arrive(NUMBER)
    driver.pass_time(1)
    later = driver.arrive(SALES)
    sales_first = (SUPPORT, Queue("sales", "acme", priority=9))
    reload(driver, house(agent_entry(1, queues=("support", "sales")), queues=sales_first))
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert later.cti_id == "a1"


def test_a_new_agent_can_log_in_and_is_given_calls_when_the_phone_is_seen() -> None:
    driver = opened(agent_entry(1))
    driver.tell(commands.SetStatus("a1", "rest", None))
    call = driver.arrive(NUMBER)
    reload(driver, house(agent_entry(1), agent_entry(2)))
    driver.log_in("a2")
    assert call.cti_id is None, "nobody knows yet whether the phone is there"
    driver.tell(facts.PhoneChanged(NODE, "1002", True))
    assert call.cti_id == "a2"


def test_two_agents_change_their_phones() -> None:
    driver = opened(agent_entry(1), agent_entry(2))
    one, two = agent_entry(1), agent_entry(2)
    reload(driver, house(replace(one, cti_number="1002"), replace(two, cti_number="1001")))
    assert driver.arrive(NUMBER).cti_id is None
    driver.tell(facts.PhoneChanged(NODE, "1001", True))
    assert (driver.agent("a1").reachable_on, driver.agent("a2").reachable_on) == ([], [NODE])
    assert driver.rung()[-1] == "1001" and driver.agent("a2").call_id


# ------------------------------------------------------------------------------- who is logged out


def test_given_an_agent_without_a_call_is_removed_then_the_session_ends_and_the_panel_is_told() -> None:
    driver = opened(agent_entry(1), agent_entry(2))
    taken = reload(driver, house(agent_entry(2)))
    assert [notice.cti_id for notice in driver.notices if isinstance(notice, SessionEnded)] == ["a1"]
    assert (taken.logged_out, taken.leaving) == (("a1",), ())
    assert driver.agent("a2").logged_in and driver.arrive(NUMBER).cti_id == "a2"


def test_given_an_agent_who_is_rung_is_removed_then_the_call_goes_to_the_next() -> None:
    driver = opened(agent_entry(1), agent_entry(2))
    call = driver.arrive(NUMBER)
    assert call.cti_id == "a1"
    reload(driver, house(agent_entry(2)))
    assert (call.cti_id, driver.offers(), driver.agent("a1").logged_in) == ("a2", ["withdrawn"], False)


@pytest.mark.parametrize("then", [[], [replace(agent_entry(1), phone_permission=False)]])
def test_given_an_agent_who_talks_is_removed_or_barred_then_the_call_goes_on_and_then_they_are_out(
    then: list[AgentEntry],
) -> None:
    driver = opened(agent_entry(1))
    call = driver.arrive(NUMBER)
    driver.answer(call)
    taken = reload(driver, house(*then))
    assert (call.state, taken.leaving, driver.agent("a1").logged_in) == (CallState.TALKING, ("a1",), True)
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    assert not driver.agent("a1").logged_in


def test_given_a_removed_agent_comes_back_then_their_history_goes_on() -> None:
    driver = opened(agent_entry(1))
    reload(driver, house())
    changes = driver.agent("a1").seq
    reload(driver, house(agent_entry(1)))
    driver.log_in("a1")
    assert driver.agent("a1").seq > changes


def test_given_an_offer_waits_for_the_panel_and_answer_is_by_phone_now_then_it_is_offered_anew() -> None:
    driver = Driver(house(agent_entry(1, answer="auto")))
    driver.connect()
    driver.tell(commands.PanelChanged("a1", True))
    driver.log_in("a1")
    call = driver.arrive(NUMBER)
    assert (call.cti_id, driver.rung()) == ("a1", [])
    reload(driver, house(agent_entry(1)))
    driver.pass_time(6)
    assert (call.cti_id, driver.rung(), driver.offers()) == ("a1", ["1001"], ["withdrawn"])


def test_an_offer_that_rings_goes_on_whatever_queues_the_agent_has_now() -> None:
    driver = opened(agent_entry(1))
    call = driver.arrive(NUMBER)
    reload(driver, house(agent_entry(1, queues=("sales",))))
    assert (call.state, call.cti_id) == (CallState.RINGING, "a1")


def test_sessions_and_panels_of_all_others_go_on() -> None:
    driver = opened(agent_entry(1), agent_entry(2))
    sessions = dict(driver.center.floor.by_session)
    reload(driver, house(agent_entry(1, queues=("sales",)), replace(agent_entry(2), name="Another name")))
    assert driver.center.floor.by_session == sessions
    assert not any(isinstance(notice, SessionEnded) for notice in driver.notices)


# ------------------------------------------------------------------------------- where calls go


def test_given_the_queue_is_no_more_then_calls_go_to_that_of_their_number_in_the_old_order() -> None:
    driver = opened(agent_entry(1, queues=("sales",)))
    driver.tell(commands.SetStatus("a1", "rest", None))
    waiting = []
    for number in (NUMBER, SALES, NUMBER):
        waiting.append(driver.arrive(number))
        driver.pass_time(1)
    to_sales = (short_form(NUMBER, "acme", "sales"), SCENARIOS[1])
    taken = reload(driver, house(agent_entry(1, queues=("sales",)), queues=BOTH[1:], scenarios=to_sales))
    assert (taken.moved_calls, taken.calls_without_queue) == (2, 0)
    assert not driver.taken(StopMusic), "who waits hears music on"
    served = []
    for _ in waiting:
        driver.tell(commands.SetStatus("a1", "ready", None))
        call = driver.center.floor.calls[driver.agent("a1").call_id or ""]
        served.append(call)
        leg_id = driver.answer(call)
        driver.tell(facts.LegEnded(call.customer_leg or "", 16))
        driver.tell(facts.LegEnded(leg_id, 16))
    assert served == waiting


def test_given_the_number_is_gone_too_then_calls_go_to_the_return_queue_of_their_service() -> None:
    driver = opened(agent_entry(1, queues=("sales",)))
    call = driver.arrive(NUMBER)
    service = Service("acme", return_queue="sales")
    reload(
        driver, house(agent_entry(1, queues=("sales",)), queues=BOTH[1:], scenarios=SCENARIOS[1:], services=[service])
    )
    assert (call.queue, call.cti_id) == ("sales", "a1")


def test_given_there_is_no_other_queue_then_the_caller_hears_a_message_and_the_call_ends() -> None:
    driver = opened(agent_entry(1, queues=("sales",)))
    call = driver.arrive(NUMBER)
    taken = reload(driver, house(agent_entry(1, queues=("sales",)), queues=BOTH[1:], scenarios=SCENARIOS[1:]))
    assert (call.state, call.end.announced) == (CallState.ANNOUNCING, "queue_timeout")
    assert (taken.moved_calls, taken.calls_without_queue) == (0, 1)


def test_given_the_queue_of_a_call_that_rings_is_no_more_then_the_offer_goes_on_and_the_call_has_the_other() -> None:
    driver = opened(agent_entry(1))
    call = driver.arrive(NUMBER)
    to_sales = (short_form(NUMBER, "acme", "sales"),)
    reload(driver, house(agent_entry(1, queues=("sales",)), queues=BOTH[1:], scenarios=to_sales))
    assert (call.state, call.queue) == (CallState.RINGING, "sales")


@pytest.mark.parametrize("restarts", [True, False])
def test_given_the_queue_of_a_call_is_no_more_then_its_visit_to_it_is_over_and_another_begins(restarts: bool) -> None:
    """Also where the bridge was stopped for it: figures, positions and limits go by visits."""
    driver = opened(agent_entry(1))
    driver.tell(commands.SetStatus("a1", "rest", None))
    call = driver.arrive(NUMBER)
    driver.pass_time(5)
    config = house(agent_entry(1), queues=BOTH[1:], scenarios=(short_form(NUMBER, "acme", "sales"),))
    if restarts:
        driver = driver.restarted(config)
        driver.connect(*as_it_is(call))
    else:
        reload(driver, config)
    visits = [(row.queue, row.kind, row.exit) for row in driver.records if isinstance(row, QueueVisit)]
    assert visits[-2:] == [("support", "new", "moved"), ("sales", "moved", None)]
    assert {queue: list(calls) for queue, calls in driver.center.floor.places.items() if calls} == {"sales": [call.id]}
    moved = [row.detail for row in driver.records if isinstance(row, CallEvent) and row.type == "moved"]
    assert moved == [{"queue": "sales", "before": "support"}]


def test_given_a_call_has_lost_its_queue_while_it_is_greeted_then_a_queue_that_comes_later_takes_it() -> None:
    greeted = (short_form(NUMBER, "acme", "support", greeting="sound:welcome"),)
    driver = opened(agent_entry(1), scenarios=greeted)
    call = driver.arrive(NUMBER)
    reload(driver, house(agent_entry(1), queues=BOTH[1:], scenarios=()))
    assert (call.state, call.queue) == (CallState.IN_SCENARIO, None)
    reload(driver, house(agent_entry(1), scenarios=greeted))
    driver.tell(facts.PlaybackEnded(call.legs[call.customer_leg or ""].playback_id or ""))
    assert (call.queue, call.cti_id) == ("support", "a1")


def test_given_inbound_is_off_now_then_who_waits_is_served_and_new_calls_are_refused() -> None:
    driver = opened(agent_entry(1))
    driver.tell(commands.SetStatus("a1", "rest", None))
    waits = driver.arrive(NUMBER)
    reload(driver, house(agent_entry(1), services=[Service("acme", inbound=False)]))
    refused = driver.arrive(NUMBER)
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert (waits.cti_id, refused.end.outcome) == ("a1", "service_off")


# ------------------------------------------------------------------------------- deadlines


@pytest.mark.parametrize(
    ("longest_s", "left_s"), [(100, 100), (2000, 540), (0, None)], ids=["shorter", "longer", "none any more"]
)
def test_what_is_left_of_a_longest_wait_is_kept_and_never_more_than_its_length(
    longest_s: float, left_s: float | None
) -> None:
    driver = opened(agent_entry(1, queues=()))
    call = driver.arrive(NUMBER)
    driver.pass_time(60)
    reload(
        driver, house(agent_entry(1, queues=()), queues=(Queue("support", "acme", longest_wait_s=longest_s), BOTH[1]))
    )
    assert call.wait.ends_at == (None if left_s is None else driver.now + left_s)
    assert driver.center.next_deadline() == call.wait.ends_at


def test_a_longest_wait_that_is_new_begins_now() -> None:
    queues = (Queue("support", "acme", longest_wait_s=0), BOTH[1])
    driver = opened(agent_entry(1, queues=()), queues=queues)
    call = driver.arrive(NUMBER)
    driver.pass_time(60)
    reload(driver, house(agent_entry(1, queues=()), queues=(Queue("support", "acme", longest_wait_s=30), BOTH[1])))
    driver.pass_time(31)
    assert call.end.outcome == "queue_timeout"


HELPED = replace(
    SUPPORT, overflow=(Overflow(30, ("sales",)),), announce=(Announcement(every_s=20, say=(Say.POSITION,)),)
)


@pytest.mark.parametrize("restarts", [True, False])
def test_stages_and_announcements_that_are_new_are_for_who_waits_too(restarts: bool) -> None:
    """Also where the bridge was stopped for it, as many operators do."""
    busy, helper = agent_entry(1), agent_entry(2, queues=("sales",))
    driver = opened(busy, helper)
    driver.tell(commands.SetStatus("a1", "rest", None))
    call = driver.arrive()
    driver.pass_time(5)
    config = house(busy, helper, queues=(HELPED, BOTH[1]))
    if restarts:
        driver = driver.restarted(config)
        driver.connect(*as_it_is(call))
    else:
        reload(driver, config)
    driver.pass_time(40)
    heard = [action.media for action in driver.actions if isinstance(action, StartPlayback)]
    assert "sound:cti/position-1" in heard and "1002" in driver.rung()


def test_ticket_processing_ends_when_the_new_limit_is_over() -> None:
    driver = opened(agent_entry(1), policy=Policy(ticket_processing_limit_s=300))
    call = driver.arrive(NUMBER)
    leg_id = driver.answer(call)
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    driver.tell(facts.LegEnded(leg_id, 16))
    reload(driver, house(agent_entry(1), policy=Policy(ticket_processing_limit_s=10)))
    assert driver.agent("a1").processing_ends_at == driver.now + 10
    assert driver.saved["agent", "a1"] is driver.agent("a1")
    reload(driver, house(agent_entry(1)))
    assert driver.agent("a1").processing_ends_at is None


# ------------------------------------------------------------------------------- many agents


def test_of_many_agents_some_are_looked_at_in_each_turn_and_nobody_is_given_what_is_not_theirs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(configuration, "AT_ONCE", 2)
    many = [agent_entry(number) for number in range(1, 6)]
    driver = opened(*many)
    moved = [replace(entry, queues=("sales",)) for entry in many[:4]]
    taken = reload(driver, house(*moved))
    left = len(driver.center.floor.unseen)
    call = driver.arrive(NUMBER)
    assert (taken.logged_out, left, call.cti_id) == (("a5",), 3, None)
    turns = 0
    while driver.center.floor.unseen:
        driver.tell(facts.ConfigurationGoesOn())
        turns += 1
    assert turns == 2 and [driver.agent(entry.cti_id).logged_in for entry in many] == [True] * 4 + [False]
    sales = [driver.arrive(SALES).state for _ in range(5)]
    assert sales == [CallState.RINGING] * 4 + [CallState.WAITING]


# ------------------------------------------------------------------------------- what it says


def test_it_says_what_is_another_one_now() -> None:
    driver = opened(agent_entry(1), agent_entry(2))
    taken = reload(
        driver,
        house(agent_entry(3), replace(agent_entry(2), name="Another name"), queues=(SUPPORT,), scenarios=SCENARIOS[:1]),
    )
    found = taken.differences
    assert (found.of["agents"].added, found.of["agents"].removed) == (("a3",), ("a1",))
    assert (found.of["agents"].changed, found.of["queues"].removed) == (("a2",), ("sales",))
    assert (found.of["scenarios"].removed, found.of["services"].names, found.policy) == ((SALES,), (), False)


def test_nothing_is_done_under_the_same_configuration() -> None:
    driver = opened(agent_entry(1), agent_entry(2))
    driver.answer(driver.arrive(NUMBER))
    output = driver.tell(facts.ConfigurationChanged(house(agent_entry(1), agent_entry(2))))
    assert not output.actions and not output.records


def test_entries_that_are_equal_are_shared() -> None:
    before, now = house(agent_entry(1), agent_entry(2)), house(agent_entry(1), agent_entry(2, queues=("sales",)))
    now = sharing(now, before)
    assert now.agents["a1"] is before.agents["a1"] and now.agents["a2"].queues == ("sales",)


def test_given_a_queue_that_is_removed_then_nothing_of_its_calls_is_kept() -> None:
    driver = opened()
    driver.arrive(SALES)
    assert driver.center.waiting.entries == 1
    reload(driver, house(queues=(SUPPORT,), scenarios=(SCENARIOS[0],)))
    assert driver.center.waiting.entries == 0


def test_given_an_agent_who_never_logged_in_when_removed_then_the_checkpoint_forgets_them() -> None:
    driver = Driver(directory(agent_entry(1), agent_entry(2)))
    driver.connect()
    assert driver.saved["agent", "a2"] is not None, "their phone was seen"
    driver.tell(facts.ConfigurationChanged(directory(agent_entry(1))))
    assert driver.saved["agent", "a2"] is None
