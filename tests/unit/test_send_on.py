"""Transfer to a queue or a scenario (requirement E9): the agent is free, the customer keeps the first arrival."""

from dataclasses import replace

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.records import CallEvent, QueueVisit, ScenarioStep, TicketNoted
from cti_bridge.domain.model.call import Call, CallState, Place
from cti_bridge.domain.model.directory import Queue
from tests.unit.floor import Driver
from tests.unit.situations import CUSTOMER, OUTSIDE, SITUATIONS, on_hold, situation, state_of, talking, talking_outbound
from tests.unit.test_recovery import as_it_is, call_of

S = CallState


def with_sales(driver: Driver, **settings: object) -> None:
    """A second queue, which a3 alone serves, and one of another service."""
    config = driver.center.floor.directory
    sales = replace(Queue("sales", "acme", music="sales", longest_wait_s=100), **settings)  # type: ignore[arg-type]
    queues = {**config.queues, "sales": sales, "other": Queue("other", "beta")}
    agents = {**config.agents, "a3": replace(config.agents["a3"], queues=("sales",))}
    driver.tell(facts.ConfigurationChanged(replace(config, queues=queues, agents=agents)))


def talks(held: bool = False, outbound: bool = False) -> tuple[Driver, Call]:
    driver, call = talking_outbound() if outbound else on_hold() if held else talking()
    with_sales(driver)
    driver.actions.clear()
    return driver, call


def sent(driver: Driver, call: Call, **where: str) -> None:
    leg = call.agent_leg
    driver.tell(commands.TransferCall("a1", call.id, **where))
    driver.tell(facts.LegEnded(leg or "", 16))


def visits(driver: Driver) -> list[QueueVisit]:
    last = {row.id: row for row in driver.records if isinstance(row, QueueVisit)}
    return list(last.values())


@pytest.mark.parametrize("held", [False, True])
def test_the_customer_waits_in_the_queue_with_music_and_the_agent_is_free_at_once(held: bool) -> None:
    driver, call = talks(held)
    sent(driver, call, queue="sales")
    assert (state_of(call), call.queue, call.legs[CUSTOMER].place) == (S.WAITING, "sales", Place.MUSIC)
    agent = driver.agent("a1")
    assert (agent.call_id, agent.state, agent.reason) == (None, "idle", "ticket_processing")
    assert call.wait.ends_at == driver.now + 100 and not call.wait.returned and call.sender is None


def test_the_first_arrival_is_kept_and_the_visit_is_a_new_one() -> None:
    driver, call = talks()
    arrived_at = call.arrived_at
    sent(driver, call, queue="sales")
    before, visit = visits(driver)[-2:]
    assert call.arrived_at == arrived_at
    assert (before.exit, visit.kind, visit.reason, visit.from_cti_id, visit.queue) == (
        "answered", "transferred", "transferred", "a1", "sales",
    )  # fmt: skip
    assert visit.prior == before.id and visit.entered_at == driver.now


def test_who_is_next_has_the_call_and_its_ticket() -> None:
    driver, call = talks()
    ticket = call.ticket_id
    sent(driver, call, queue="sales", memo="asks about the bill")
    driver.log_in("a3")
    assert state_of(call) is S.RINGING and call.cti_id == "a3"
    driver.answer(call)
    assert state_of(call) is S.TALKING and (call.ticket_id, call.ticket_owner) == (ticket, "a3")
    notes = [(row.type, row.by, row.detail.get("text")) for row in driver.records if isinstance(row, TicketNoted)]
    assert ("commented", "a1", "asks about the bill") in notes


def test_a_memo_goes_along_with_a_transfer_to_a_number_too() -> None:
    driver, call = talks()
    driver.tell(commands.TransferCall("a1", call.id, number=OUTSIDE, memo="speaks Korean"))
    notes = [row.detail.get("text") for row in driver.records if isinstance(row, TicketNoted)]
    assert "speaks Korean" in notes


def test_a_full_queue_takes_who_is_sent() -> None:
    driver, call = talks()
    with_sales(driver, max_waiting=0)
    sent(driver, call, queue="sales")
    assert state_of(call) is S.WAITING


def test_a_customer_who_was_called_can_be_sent_on_too() -> None:
    driver, call = talks(outbound=True)
    sent(driver, call, queue="sales")
    assert (state_of(call), call.queue) == (S.WAITING, "sales")


def test_who_hangs_up_in_the_second_queue_has_been_answered_before() -> None:
    driver, call = talks()
    sent(driver, call, queue="sales")
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert driver.outcomes() == [("abandoned_returned", "customer")]
    assert visits(driver)[-1].exit == "abandoned"


def test_in_a_scenario_the_customer_hears_its_first_step_and_may_come_to_an_agent() -> None:
    driver, call = talks()
    sent(driver, call, scenario="with-menu")
    assert state_of(call) is S.IN_SCENARIO and call.prompt is not None and call.prompt.media == "sound:menu"
    assert driver.agent("a1").reason == "ticket_processing"
    driver.tell(facts.DigitPressed(CUSTOMER, "1"))
    assert (state_of(call), call.queue) == (S.WAITING, "support")
    rows = [row.seq for row in driver.records if isinstance(row, ScenarioStep)]
    assert rows == list(range(1, len(rows) + 1))


def test_a_customer_who_has_talked_and_comes_to_the_end_of_a_scenario_is_completed() -> None:
    driver, call = talks()
    sent(driver, call, scenario="with-menu")
    for _ in range(2):
        driver.tell(facts.PlaybackEnded(call.legs[CUSTOMER].playback_id or ""))
        driver.pass_time(5)
    driver.tell(facts.PlaybackEnded(call.legs[CUSTOMER].playback_id or ""))
    assert driver.outcomes() == [("completed", "system")]


@pytest.mark.parametrize("where", [{"queue": "none"}, {"queue": "other"}, {"scenario": "none"}])
def test_what_there_is_not_or_is_of_another_service_is_refused_and_nothing_has_changed(where: dict[str, str]) -> None:
    driver, call = talks()
    assert driver.refused(commands.TransferCall("a1", call.id, **where)) == "not_found"
    assert state_of(call) is S.TALKING


@pytest.mark.parametrize("name", SITUATIONS)
def test_it_can_be_asked_for_where_a_transfer_can(name: str) -> None:
    driver, call = situation(name)
    allowed = name.startswith(("talking", "on_hold"))
    command = commands.TransferCall("a1", call.id, queue="support")
    if allowed:
        driver.tell(command)
        assert driver.agent("a1").call_id != call.id or state_of(call) is S.RINGING
    else:
        driver.refused(command)


def test_a_restart_behind_it_keeps_the_wait_and_the_order() -> None:
    driver, call = talks()
    sent(driver, call, queue="sales")
    driver.pass_time(30)
    other = driver.restarted()
    other.connect(*as_it_is(call_of(other)))
    again = call_of(other)
    assert (again.state, again.queue, again.arrived_at) == (S.WAITING, "sales", call.arrived_at)
    other.pass_time(70)
    assert state_of(again) is not S.WAITING


def test_the_event_says_where_it_was_sent() -> None:
    driver, call = talks()
    sent(driver, call, queue="sales")
    (event,) = [row for row in driver.records if isinstance(row, CallEvent) and row.type == "transfer"]
    assert event.detail == {"by_cti_id": "a1", "target_queue": "sales", "target_scenario": None}
