"""Who is asked for a call, by its wait: skills that relax, queues that help out, backups, priority (requirements I1,
I2, I5)."""

from collections.abc import Mapping, Sequence

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.records import OfferRow, QueueVisit
from cti_bridge.domain.model.agent import Status
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.directory import AgentEntry, Policy, Queue
from cti_bridge.domain.model.plan import Need, Overflow, Plan
from cti_bridge.domain.model.scenario import Enqueue, Scenario, SetValues, short_form
from cti_bridge.domain.queue.stages import nobody_works
from tests.support.changed import replace
from tests.unit.floor import NODE, NUMBER, Driver, agent_entry, directory
from tests.unit.test_recovery import as_it_is

SALES = "+8225550001"
RELAXING = (Need(0, {"english": 5}), Need(60, {"english": 1}))
OWN, GENERAL = Queue("support", "acme"), Queue("sales", "acme", pickup_time_s=7)
SCENARIOS = (short_form(NUMBER, "acme", "support"), short_form(SALES, "acme", "sales"))


def agent(
    number: int,
    queues: Sequence[str] = ("support",),
    skills: Mapping[str, int] | None = None,
    backup: Mapping[str, float] | None = None,
) -> AgentEntry:
    return replace(agent_entry(number, queues=tuple(queues)), skills=skills or {}, backup=backup or {})


def floor(*agents: AgentEntry, queues: Sequence[Queue], policy: Policy | None = None) -> Driver:
    driver = Driver(directory(*agents, queues=queues, scenarios=SCENARIOS, policy=policy))
    driver.connect()
    return driver


def busy(driver: Driver, cti_id: str, number: str = NUMBER) -> None:
    """The agent talks to somebody else."""
    call = driver.arrive(number)
    assert call.cti_id == cti_id
    driver.answer(call)


# ------------------------------------------------------------------------------- skills


def test_who_does_not_fit_is_not_offered_and_who_fits_is_not_passed_over() -> None:
    driver = floor(
        agent(1, skills={"english": 1}), agent(2, skills={"english": 5}), queues=[replace(OWN, needs=RELAXING)]
    )
    driver.log_in("a1")
    driver.pass_time(1)
    driver.log_in("a2")
    assert driver.arrive().cti_id == "a2", "a1 has been idle longer, and speaks too little"
    assert driver.arrive().cti_id is None


def test_skills_relax_on_time_and_not_before() -> None:
    driver = floor(
        agent(1, skills={"english": 1}), agent(2, skills={"english": 5}), queues=[replace(OWN, needs=RELAXING)]
    )
    driver.log_in("a2")
    busy(driver, "a2")
    driver.log_in("a1")
    call = driver.arrive()
    driver.pass_time(59.9)
    assert call.cti_id is None
    driver.pass_time(0.2)
    assert call.cti_id == "a1"


def test_levels_admit_and_of_those_who_fit_the_longest_idle_is_taken() -> None:
    driver = floor(
        agent(1, skills={"english": 9}), agent(2, skills={"english": 5}), queues=[replace(OWN, needs=RELAXING)]
    )
    driver.log_in("a2")
    driver.pass_time(1)
    driver.log_in("a1")
    assert [driver.arrive().cti_id for _ in range(2)] == ["a2", "a1"]


def test_a_call_that_nobody_fits_blocks_nobody() -> None:
    driver = floor(agent(1, ("support", "sales")), queues=[replace(OWN, priority=9, needs=RELAXING), GENERAL])
    waits = driver.arrive()
    behind = driver.arrive(SALES)
    driver.log_in("a1")
    assert (waits.cti_id, behind.cti_id) == (None, "a1")


def test_who_becomes_ready_after_a_stage_began_is_found_in_it() -> None:
    driver = floor(
        agent(1, skills={"english": 1}), agent(2, skills={"english": 5}), queues=[replace(OWN, needs=RELAXING)]
    )
    driver.log_in("a2")
    busy(driver, "a2")
    call = driver.arrive()
    driver.pass_time(100)
    assert call.cti_id is None
    driver.log_in("a1")
    assert call.cti_id == "a1"


# ------------------------------------------------------------------------------- overflow

HELPED = replace(OWN, overflow=(Overflow(60, ("sales",)),))


def test_another_queue_helps_out_from_its_time_on_and_lends_its_agent() -> None:
    driver = floor(agent(1), agent(2, ("sales",)), queues=[HELPED, GENERAL])
    driver.log_in("a1")
    busy(driver, "a1")
    driver.log_in("a2")
    call = driver.arrive()
    driver.pass_time(59.9)
    assert call.cti_id is None
    driver.pass_time(0.2)
    assert call.cti_id == "a2" and call.queue == "support", "the call keeps its own queue"
    assert call.offer is not None and call.offer.queue == "sales"
    offers = [record for record in driver.records if isinstance(record, OfferRow) and record.cti_id == "a2"]
    assert [row.queue for row in offers] == ["sales"]


def test_the_lender_s_pickup_time_holds_for_its_offer_alone() -> None:
    driver = floor(agent(1), agent(2, ("sales",)), queues=[HELPED, GENERAL])
    driver.log_in("a1")
    busy(driver, "a1")
    driver.log_in("a2")
    call = driver.arrive()
    driver.pass_time(60)
    assert call.offer is not None and call.offer.expires_at - call.offer.offered_at == 7


def test_its_own_agents_are_asked_on_and_the_longest_idle_of_all_is_taken() -> None:
    driver = floor(agent(1), agent(2, ("sales",)), agent(3), queues=[HELPED, GENERAL])
    driver.log_in("a3")
    busy(driver, "a3")
    calls = [driver.arrive() for _ in range(2)]
    driver.log_in("a2")
    driver.pass_time(62)
    assert [call.cti_id for call in calls] == ["a2", None]
    driver.log_in("a1")
    assert calls[1].cti_id == "a1" and calls[1].offer is not None and calls[1].offer.queue == "support"


def test_one_order_holds_for_who_overflowed_and_who_waits_there() -> None:
    driver = floor(agent(1), agent(2, ("sales",)), queues=[HELPED, GENERAL])
    driver.log_in("a1")
    busy(driver, "a1")
    first = driver.arrive()
    driver.pass_time(65)
    second = driver.arrive(SALES)
    driver.log_in("a2")
    assert (first.cti_id, second.cti_id) == ("a2", None), "who came first is served first"


def test_an_agent_of_both_queues_is_no_lent_one() -> None:
    driver = floor(agent(1, ("sales", "support")), queues=[HELPED, GENERAL])
    call = driver.arrive()
    driver.pass_time(70)
    driver.log_in("a1")
    assert call.offer is not None and call.offer.queue == "support"


def test_an_offer_that_a_lent_agent_misses_keeps_the_place_and_the_stage() -> None:
    driver = floor(agent(1), agent(2, ("sales",)), queues=[HELPED, GENERAL])
    driver.log_in("a1")
    busy(driver, "a1")
    driver.log_in("a2")
    call = driver.arrive()
    driver.pass_time(60)
    driver.agent_leg(call)
    driver.pass_time(7)
    assert call.state is CallState.WAITING and call.wait.reached_s == 60


# ------------------------------------------------------------------------------- backups, priority


def test_a_backup_is_asked_only_for_who_has_waited_so_long() -> None:
    driver = floor(agent(1), agent(2, backup={"support": 30}), queues=[OWN])
    driver.log_in("a1")
    busy(driver, "a1")
    driver.log_in("a2")
    call = driver.arrive()
    driver.pass_time(29.9)
    assert call.cti_id is None
    driver.pass_time(0.2)
    assert call.cti_id == "a2"


def test_a_stage_raises_the_priority_so_that_no_one_starves() -> None:
    low = replace(OWN, overflow=(Overflow(300, priority=5),))
    driver = floor(agent(1, ("support", "sales")), queues=[low, replace(GENERAL, priority=3)])
    starving = driver.arrive()
    driver.pass_time(250)
    vip = driver.arrive(SALES)
    driver.pass_time(49)
    assert driver.center.waiting.next_pair() is None
    driver.pass_time(2)
    driver.log_in("a1")
    assert (starving.cti_id, vip.cti_id) == ("a1", None)


def test_before_the_stage_the_higher_queue_goes_first() -> None:
    low = replace(OWN, overflow=(Overflow(300, priority=5),))
    driver = floor(agent(1, ("support", "sales")), queues=[low, replace(GENERAL, priority=3)])
    starving = driver.arrive()
    driver.pass_time(250)
    vip = driver.arrive(SALES)
    driver.log_in("a1")
    assert (starving.cti_id, vip.cti_id) == (None, "a1")


# ------------------------------------------------------------------------------- away, changed


def test_a_call_that_comes_back_from_an_agent_begins_its_stages_anew() -> None:
    driver = floor(agent(1, skills={"english": 5}), queues=[replace(OWN, needs=RELAXING)])
    call = driver.arrive()
    driver.pass_time(100)
    assert call.wait.reached_s == 60
    driver.log_in("a1")
    leg_id = driver.answer(call)
    assert call.wait.stage_at is None
    driver.tell(facts.LegEnded(leg_id, 20))
    driver.pass_time(20)
    assert (call.state, call.wait.returned, call.wait.reached_s) == (CallState.WAITING, True, 0)
    driver.pass_time(59)
    assert call.wait.reached_s == 0
    driver.pass_time(1)
    assert call.wait.reached_s == 60


def changed(driver: Driver, *queues: Queue) -> None:
    now = replace(driver.center.floor.directory, queues={queue.id: queue for queue in queues})
    driver.tell(facts.ConfigurationChanged(now))


def test_another_configuration_asks_for_other_agents_at_once() -> None:
    driver = floor(agent(1, skills={"english": 1}), queues=[replace(OWN, needs=RELAXING[:1])])
    driver.log_in("a1")
    call = driver.arrive()
    assert not driver.agent("a1").offer_id
    changed(driver, OWN)
    assert call.cti_id == "a1"


def test_another_configuration_keeps_the_seconds_that_a_call_has_waited() -> None:
    driver = floor(agent(1), agent(2, ("sales",)), queues=[OWN, GENERAL])
    driver.log_in("a1")
    busy(driver, "a1")
    driver.log_in("a2")
    call = driver.arrive()
    driver.pass_time(100)
    changed(driver, HELPED, GENERAL)
    driver.pass_time(0)
    assert call.cti_id == "a2", "the stage began 40 s ago"


def test_a_group_that_opens_late_has_those_who_are_free_already() -> None:
    driver = floor(agent(1, skills={"english": 5}), agent(2), queues=[OWN])
    driver.log_in("a2", "a1")
    changed(driver, replace(OWN, needs=RELAXING))
    assert driver.arrive().cti_id == "a1"


# ------------------------------------------------------------------------------- stages for which nobody works


def test_a_stage_whose_agents_are_all_logged_out_is_left_out_at_entry() -> None:
    driver = floor(agent(1), agent(2, ("sales",)), queues=[HELPED, GENERAL])
    driver.log_in("a2")
    assert driver.arrive().cti_id == "a2"


def test_a_stage_is_left_out_as_soon_as_its_last_agent_leaves() -> None:
    driver = floor(agent(1), agent(2, ("sales",)), queues=[HELPED, GENERAL])
    driver.log_in("a1")
    busy(driver, "a1")
    driver.log_in("a2")
    driver.tell(commands.SetStatus("a1", "rest", None))
    call = driver.arrive()
    driver.pass_time(5)
    assert call.cti_id is None, "who talks works"
    other = next(one for one in driver.center.floor.calls.values() if one.state is CallState.TALKING)
    driver.tell(facts.LegEnded(other.agent_leg or "", 16))
    assert driver.agent("a1").status is Status.REST
    assert call.cti_id == "a2"


def test_ticket_processing_is_work_and_a_break_is_none() -> None:
    driver = floor(agent(1), agent(2, ("sales",)), queues=[HELPED, GENERAL])
    driver.log_in("a1")
    busy(driver, "a1")
    driver.log_in("a2")
    other = next(one for one in driver.center.floor.calls.values() if one.state is CallState.TALKING)
    call = driver.arrive()
    driver.tell(facts.LegEnded(other.agent_leg or "", 16))
    assert driver.agent("a1").processes_a_ticket and call.cti_id is None
    driver.tell(commands.SetStatus("a1", "business", "meeting"))
    assert call.cti_id == "a2"


def test_where_nobody_works_at_all_the_first_stage_goes_on() -> None:
    driver = floor(agent(1), agent(2, ("sales",)), queues=[HELPED, GENERAL])
    call = driver.arrive()
    driver.pass_time(10)
    assert call.wait.reached_s == 0
    driver.log_in("a2")
    assert call.cti_id == "a2", "the first who works, works for the second stage"


def test_who_missed_a_call_works_on_for_a_while() -> None:
    driver = floor(
        agent(1), agent(2, ("sales",)), queues=[replace(HELPED, overflow=(Overflow(900, ("sales",)),)), GENERAL]
    )
    driver.log_in("a1", "a2")
    call = driver.arrive()
    driver.agent_leg(call)
    driver.pass_time(20)
    assert driver.agent("a1").reason == "missed" and call.cti_id is None
    driver.pass_time(299)
    assert call.cti_id is None
    driver.pass_time(1)
    assert call.cti_id == "a2"


def test_a_phone_that_is_gone_works_on_for_the_time_of_a_lost_agent() -> None:
    driver = floor(agent(1), agent(2, ("sales",)), queues=[HELPED, GENERAL])
    driver.log_in("a1", "a2")
    driver.tell(facts.PhoneChanged(NODE, "1001", reachable=False))
    call = driver.arrive()
    driver.pass_time(19)
    assert call.cti_id is None
    driver.pass_time(1)
    assert call.cti_id == "a2"


def test_a_phone_that_comes_back_in_time_never_counted_as_gone() -> None:
    driver = floor(agent(1), agent(2, ("sales",)), queues=[HELPED, GENERAL])
    driver.log_in("a1", "a2")
    driver.tell(facts.PhoneChanged(NODE, "1001", reachable=False))
    driver.pass_time(19)
    driver.tell(facts.PhoneChanged(NODE, "1001", reachable=True))
    driver.pass_time(19)
    assert driver.arrive().cti_id == "a1"


def test_skills_count_for_who_works_for_a_stage() -> None:
    driver = floor(
        agent(1, skills={"english": 1}), agent(2, skills={"english": 5}), queues=[replace(OWN, needs=RELAXING)]
    )
    driver.log_in("a1")
    assert driver.arrive().cti_id == "a1", "nobody with level 5 is there"


def test_another_configuration_counts_anew_who_works() -> None:
    driver = floor(agent(1, skills={"english": 5}), agent(2), queues=[replace(OWN, needs=RELAXING)])
    driver.log_in("a1")
    busy(driver, "a1")
    call = driver.arrive()
    driver.pass_time(1)
    assert call.wait.reached_s == 0
    agents = {**driver.center.floor.directory.agents, "a1": agent(1, skills={"english": 2})}
    driver.tell(facts.ConfigurationChanged(replace(driver.center.floor.directory, agents=agents)))
    assert call.wait.reached_s == 60


@pytest.mark.parametrize("begins", ["start", "configuration"])
def test_a_call_that_rang_when_counts_began_anew_leaves_a_stage_out_as_soon_as_its_last_agent_leaves(
    begins: str,
) -> None:
    """Nobody has asked since then who works for the stage."""
    driver = floor(agent(1), agent(2, backup={"support": 30}), queues=[OWN])
    driver.log_in("a1")
    call = driver.arrive()
    if begins == "start":
        driver = driver.restarted()
        (call,) = driver.center.floor.calls.values()
        driver.connect(*as_it_is(call))
    else:
        agents = {**driver.center.floor.directory.agents, "a3": agent(3, ("sales",))}
        driver.tell(facts.ConfigurationChanged(replace(driver.center.floor.directory, agents=agents)))
    driver.log_in("a2")
    assert call.offer is not None and call.cti_id == "a1"
    driver.tell(commands.DeclineOffer("a1", call.offer.id))
    driver.tell(facts.LegEnded(call.agent_leg or "", 21))
    driver.pass_time(1)
    assert call.state is CallState.WAITING, "who declined works on"
    driver.tell(commands.SetStatus("a1", "rest", None))
    assert call.cti_id == "a2"


# ------------------------------------------------------------------------------- skills that a scenario asks for


def asking(relax_s: float | None, *agents: AgentEntry) -> Driver:
    """The scenario asks for English, and puts the call into the queue."""
    steps = (
        SetValues("english", {"next": "queue"}, skills={"english": 5}, relax_s=relax_s),
        Enqueue("queue", {}, "support"),
    )
    scenario = Scenario("main", "acme", (NUMBER,), "english", {step.name: step for step in steps})
    driver = Driver(directory(*agents, queues=[OWN], scenarios=(scenario,)))
    driver.connect()
    return driver


def test_a_scenario_asks_for_skills_and_they_relax() -> None:
    driver = asking(60, agent(1), agent(2, skills={"english": 5}))
    driver.log_in("a1", "a2")
    busy(driver, "a2")  # a1 has been idle as long, and comes first by name.
    call = driver.arrive()
    driver.pass_time(59.9)
    assert call.cti_id is None
    driver.pass_time(0.2)
    assert call.cti_id == "a1"


def test_skills_that_a_call_must_have_never_relax() -> None:
    driver = asking(None, agent(1), agent(2, skills={"english": 5}))
    driver.log_in("a1")
    call = driver.arrive()
    driver.pass_time(599)
    assert call.cti_id is None
    driver.log_in("a2")
    assert call.cti_id == "a2"


def test_skills_for_which_nobody_works_relax_at_once() -> None:
    driver = asking(60, agent(1), agent(2, skills={"english": 5}))
    driver.log_in("a1")
    assert driver.arrive().cti_id == "a1"


def test_the_higher_level_of_step_and_queue_is_needed() -> None:
    plan = Plan("support", (Need(0, {"english": 5, "tax": 1}),))
    assert plan.groups(0, {"english": 2, "tax": 7})[0].skills == (("english", 5), ("tax", 7))


def test_who_fits_when_the_skills_of_a_step_have_relaxed_works_for_the_call() -> None:
    driver = asking(60, agent(1))
    driver.log_in("a1")
    busy(driver, "a1")
    call = driver.arrive()
    assert not nobody_works(driver.center.floor, call)
    assert nobody_works(driver.center.floor, replace(call, relax_s={})), "a call that must have them"


def test_the_visit_says_which_queue_lent_the_agent() -> None:
    driver = floor(agent(1), agent(2, ("sales",)), queues=[HELPED, GENERAL])
    driver.log_in("a2")
    call = driver.arrive()
    driver.answer(call)
    visit = [record for record in driver.records if isinstance(record, QueueVisit)][-1]
    assert (visit.queue, visit.answered_by, visit.lender) == ("support", "a2", "sales")
