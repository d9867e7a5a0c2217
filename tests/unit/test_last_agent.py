"""The last agent first (requirement I3): who is asked first, who is waited for, and when nobody is."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import TALKS, FindTalks
from cti_bridge.domain.border.records import CallEvent
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.directory import Directory, NotTaken, Policy, Queue, Service
from cti_bridge.domain.model.kept import Mark
from cti_bridge.domain.model.plan import Need, Overflow
from cti_bridge.domain.model.scenario import Enqueue, Menu, Play, Scenario, short_form
from cti_bridge.domain.model.talks import Talk, Talks, last_of
from cti_bridge.domain.queue.last_agent import ANSWER_S
from tests.unit import invariants
from tests.unit.floor import NODE, NUMBER, Driver, agent_entry, directory

DAY_S = 86_400.0
KIM = "+821012345678"
GREETED = short_form(NUMBER, "acme", "support", greeting="sound:welcome")
SUPPORT = Queue("support", "acme", last_agent_s=20)
STAYS = Policy(declined=NotTaken(0))


def house(*numbers: int, queue: Queue = SUPPORT, greeted: bool = True, policy: Policy | None = None) -> Directory:
    scenario = GREETED if greeted else short_form(NUMBER, "acme", "support")
    return directory(
        *(agent_entry(number) for number in numbers or (1, 2)), queues=(queue,), scenarios=(scenario,), policy=policy
    )


def floor(*numbers: int, queue: Queue = SUPPORT, greeted: bool = True, policy: Policy | None = None) -> Driver:
    """The agents log in one after another, so the first has been idle longest."""
    driver = Driver(house(*numbers, queue=queue, greeted=greeted, policy=policy))
    driver.connect()
    for number in numbers or (1, 2):
        driver.log_in(f"a{number}")
        driver.pass_time(1)
    return driver


def asked(driver: Driver) -> list[FindTalks]:
    return [action for action in driver.actions if isinstance(action, FindTalks)]


def found(driver: Driver, call: Call, *talks: tuple[str, float] | Talk) -> None:
    """Postgres answers: agents, and how many seconds ago they have talked."""
    known = [talk if isinstance(talk, Talk) else Talk(talk[0], driver.now - talk[1]) for talk in talks]
    driver.tell(facts.TalksFound(call.id, tuple(known)))


def greeted(driver: Driver, call: Call) -> Call:
    """The first message is over."""
    leg = call.legs[call.customer_leg or ""]
    driver.tell(facts.PlaybackEnded(leg.playback_id or ""))
    return call


def comes(driver: Driver, *talks: tuple[str, float] | Talk, caller: str = KIM) -> Call:
    """The number calls, Postgres knows it, and the greeting is over."""
    call = driver.arrive(caller=caller)
    found(driver, call, *talks)
    return greeted(driver, call)


def talked(driver: Driver, cti_id: str, *, still: bool = False, processes: bool = True) -> None:
    """The agent has talked with somebody else, and processes the ticket."""
    others = [other for other in driver.center.floor.agents.values() if other.cti_id != cti_id]
    for other in others:
        driver.tell(commands.SetStatus(other.cti_id, "rest", None))
    call = comes(driver, caller="+82299990000")
    assert call.cti_id == cti_id
    driver.answer(call)
    for other in others:
        driver.tell(commands.SetStatus(other.cti_id, "ready", None))
    if not still:
        driver.tell(facts.LegEnded(call.customer_leg or "", 16))
        driver.tell(facts.LegEnded(call.agent_leg or "", 16))
        assert driver.agent(cti_id).processes_a_ticket
        if not processes:
            driver.tell(commands.SetStatus(cti_id, "rest", None))


def noted(driver: Driver) -> list[str]:
    return [r.detail["cti_id"] for r in driver.records if isinstance(r, CallEvent) and r.type == "last_agent"]


# ------------------------------------------------------------------------------- who is asked


def test_the_rows_are_asked_once_as_the_call_comes() -> None:
    driver = floor()
    call = driver.arrive(caller=KIM)
    assert asked(driver) == [FindTalks(TALKS, call.id, "", "acme", KIM, driver.now, driver.now - 7 * DAY_S)]
    greeted(driver, call)
    assert len(asked(driver)) == 1


def test_a_house_without_last_agents_asks_nothing_and_remembers_nothing() -> None:
    driver = floor(queue=Queue("support", "acme"))
    call = greeted(driver, driver.arrive(caller=KIM))
    driver.answer(call)
    assert asked(driver) == [] and len(driver.center.floor.talks) == 0 and call.past is None


def test_only_a_scenario_that_leads_to_such_a_queue_asks() -> None:
    sales = Queue("sales", "acme", last_agent_s=20, last_agent_days=30, exits={"longest_wait": "far/menu"})
    far = Scenario("far", "acme", ("+8225550007",), "menu", {"menu": Menu("menu", {"1": "near/hello"})})
    near = Scenario(
        "near",
        "acme",
        ("+8225550008",),
        "hello",
        {"hello": Play("hello", {"next": "queue"}, "sound:hello"), "queue": Enqueue("queue", {}, "sales")},
    )
    other = directory(agent_entry(1), queues=(Queue("support", "acme"), sales), scenarios=(GREETED, far, near))
    assert other.talks_of_days == {"far": 30, "near": 30}


@pytest.mark.parametrize("caller", [None, "anonymous", "0000", ""])
def test_who_withholds_the_number_has_no_last_agent(caller: str | None) -> None:
    driver = floor()
    driver.tell(facts.CallArrived(NODE, "caller", NUMBER, caller, "", driver.now, withheld_number=KIM))
    assert asked(driver) == []


# ------------------------------------------------------------------------------- ready


def test_one_who_is_ready_gets_the_call_at_once_before_those_who_are_idle_longer() -> None:
    driver = floor()
    assert comes(driver, ("a2", 3600)).cti_id == "a2"
    assert noted(driver) == ["a2"]


def test_who_has_talked_last_counts() -> None:
    driver = floor(1, 2, 3)
    assert comes(driver, ("a3", 3600), ("a2", 60)).cti_id == "a2"


def test_after_the_days_a_talk_is_forgotten() -> None:
    driver = floor()
    assert comes(driver, ("a2", 7 * DAY_S + 1)).cti_id == "a1"


@pytest.mark.parametrize(
    "talks",
    [
        [("a2", 60.0), *((f"x{n}", 3600.0 + n) for n in range(5))],
        [Talk("a2", 999_000.0, forced=True), Talk("a2", 990_000.0)],
        [Talk("a3", 999_000.0, forced=True), Talk("a2", 990_000.0)],
        [("a9", 60.0)],
        [],
    ],
    ids=["six agents", "forced", "forced by another", "not configured", "nobody"],
)
def test_these_have_no_last_agent(talks: Sequence[tuple[str, float] | Talk]) -> None:
    driver = floor()
    assert comes(driver, *talks).cti_id == "a1"


def test_five_agents_are_not_too_many() -> None:
    driver = floor()
    assert comes(driver, ("a2", 60), *((f"x{n}", 3600 + n) for n in range(4))).cti_id == "a2"


def test_a_marked_number_has_no_last_agent() -> None:
    driver = floor()
    driver.center.floor.marks["acme", KIM] = Mark("acme", KIM, 1, "threat", driver.now)
    assert comes(driver, ("a2", 60)).cti_id == "a1"


def test_one_who_does_not_serve_the_queue_is_not_asked() -> None:
    queues = (SUPPORT, Queue("sales", "acme"))
    driver = Driver(directory(agent_entry(1), agent_entry(2, queues=("sales",)), queues=queues, scenarios=(GREETED,)))
    driver.connect()
    driver.log_in("a1", "a2")
    assert comes(driver, ("a2", 60)).cti_id == "a1"


def test_one_who_lacks_a_skill_of_the_stage_is_not_asked_until_it_relaxes() -> None:
    queue = replace(SUPPORT, needs=(Need(0, {"english": 5}), Need(10, {})))
    entries = (replace(agent_entry(1), skills={"english": 5}), agent_entry(2))
    driver = Driver(directory(*entries, queues=(queue,), scenarios=(GREETED,)))
    driver.connect()
    driver.log_in("a1", "a2")
    driver.tell(commands.SetStatus("a1", "rest", None))
    driver.log_in("a1")
    assert comes(driver, ("a2", 60)).cti_id == "a1"


def test_one_of_a_queue_that_helps_out_is_asked_from_its_stage_on() -> None:
    queues = (replace(SUPPORT, overflow=(Overflow(8, ("sales",)),)), Queue("sales", "acme"))
    driver = Driver(directory(agent_entry(1), agent_entry(2, queues=("sales",)), queues=queues, scenarios=(GREETED,)))
    driver.connect()
    driver.log_in("a1", "a2")
    talked_to = comes(driver, caller="+82299990000")
    driver.answer(talked_to)
    call = comes(driver, ("a2", 60))
    driver.pass_time(7.9)
    assert call.cti_id is None
    driver.pass_time(0.2)
    assert call.cti_id == "a2" and call.offer is not None and call.offer.queue == "sales"


def test_calls_keep_their_order() -> None:
    """An earlier call that the agent fits goes first."""
    driver = floor()
    talked(driver, "a2")
    driver.tell(commands.SetStatus("a1", "rest", None))
    first = comes(driver, caller="+82211110000")
    second = comes(driver, ("a2", 60))
    driver.tell(commands.SetStatus("a2", "ready", None))
    assert (first.cti_id, second.cti_id) == ("a2", None)


# ------------------------------------------------------------------------------- waited for


def test_one_who_processes_a_ticket_is_waited_for_while_others_are_free() -> None:
    driver = floor()
    talked(driver, "a2")
    call = comes(driver, ("a2", 60))
    driver.pass_time(10)
    assert (call.state, driver.agent("a1").label) == (CallState.WAITING, "Ready")
    invariants.check_nobody_waits_beside_an_agent(driver.center)
    driver.tell(commands.SetStatus("a2", "ready", None))
    assert call.cti_id == "a2"


def test_the_wait_for_the_last_agent_ends_on_time_and_then_anybody_serves() -> None:
    driver = floor()
    talked(driver, "a2")
    call = comes(driver, ("a2", 60))
    driver.pass_time(19.9)
    assert call.cti_id is None
    driver.pass_time(0.2)
    assert call.cti_id == "a1"


def test_a_call_that_waits_for_its_agent_blocks_nobody() -> None:
    driver = floor()
    talked(driver, "a2")
    comes(driver, ("a2", 60))
    assert comes(driver, caller="+82211110000").cti_id == "a1"


def test_one_who_rings_is_waited_for_until_the_other_call_has_them() -> None:
    driver = floor(1, 2, policy=Policy(after_call="ready"))
    driver.tell(commands.SetStatus("a1", "rest", None))
    other = comes(driver, caller="+82211110000")
    driver.tell(commands.SetStatus("a1", "ready", None))
    call = comes(driver, ("a2", 60))
    assert (other.cti_id, call.cti_id) == ("a2", None)
    driver.answer(other)
    assert call.cti_id == "a1", "who talks is not waited for while somebody is free"


def test_one_who_rings_and_does_not_take_the_other_call_is_asked_when_they_are_free() -> None:
    policy = Policy(after_missed="ready")
    driver = floor(1, 2, policy=policy)
    driver.tell(commands.SetStatus("a1", "rest", None))
    other = comes(driver, caller="+82211110000")
    call = comes(driver, ("a2", 60))
    driver.tell(commands.DeclineOffer("a2", other.offer.id if other.offer else ""))
    driver.tell(facts.LegEnded(driver.agent("a2").legs[0], 16))
    driver.tell(facts.LegEnded(other.customer_leg or "", 16))
    assert call.cti_id is None
    driver.pass_time(6)
    assert call.cti_id == "a2"


def test_one_who_talks_gets_the_call_only_if_nobody_else_is_free() -> None:
    driver = floor()
    talked(driver, "a2", still=True)
    assert comes(driver, ("a2", 60)).cti_id == "a1"


def test_one_who_talks_and_then_processes_the_ticket_is_waited_for_from_then_on() -> None:
    driver = floor()
    talked(driver, "a2", still=True)
    driver.tell(commands.SetStatus("a1", "rest", None))
    call = comes(driver, ("a2", 60))
    driver.pass_time(5)
    theirs = driver.center.floor.calls[driver.agent("a2").call_id or ""]
    driver.tell(facts.LegEnded(theirs.customer_leg or "", 16))
    driver.tell(facts.LegEnded(theirs.agent_leg or "", 16))
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert call.cti_id is None
    driver.pass_time(15.1)
    assert call.cti_id == "a1", "twenty seconds from the entry, not from then"


@pytest.mark.parametrize("status", ["rest", "business"])
def test_one_on_a_break_is_not_waited_for(status: str) -> None:
    driver = floor()
    driver.tell(commands.SetStatus("a2", status, None))
    assert comes(driver, ("a2", 60)).cti_id == "a1"


def test_a_break_a_logout_or_a_phone_that_goes_ends_the_wait_at_once() -> None:
    for what in ("rest", "logout", "phone"):
        driver = floor()
        talked(driver, "a2")
        call = comes(driver, ("a2", 60))
        assert call.cti_id is None
        if what == "rest":
            driver.tell(commands.SetStatus("a2", "rest", None))
        elif what == "logout":
            driver.tell(commands.LogOut("a2", "session-a2"))
        else:
            driver.tell(facts.PhoneChanged(NODE, "1002", False))
        assert call.cti_id == "a1", what


def test_who_does_not_take_the_call_is_not_asked_first_again() -> None:
    driver = floor(1, 2, policy=Policy(after_missed="ready"))
    call = comes(driver, ("a2", 60))
    assert call.cti_id == "a2"
    driver.tell(commands.DeclineOffer("a2", call.offer.id if call.offer else ""))
    assert call.cti_id == "a1"
    assert call.wait.last_agent is None and driver.center.floor.deadlines.at(Kind.LAST_AGENT, call.id) is None


def test_nor_behind_a_key_that_leads_out_of_the_queue_and_back() -> None:
    steps = (
        Enqueue("wait", {"1": "told"}, "support"),
        Play("told", {"next": "wait"}, "sound:told"),
    )
    scenario = Scenario("acme", "acme", (NUMBER,), "wait", {step.name: step for step in steps})
    config = directory(agent_entry(1), agent_entry(2), queues=(SUPPORT,), scenarios=(scenario,), policy=STAYS)
    driver = Driver(config)
    driver.connect()
    driver.log_in("a1")
    call = driver.arrive(caller=KIM)
    found(driver, call, ("a1", 3600))
    assert call.cti_id == "a1" and call.offer is not None
    driver.tell(commands.DeclineOffer("a1", call.offer.id))
    driver.tell(facts.LegEnded(call.agent_leg or "", 16))
    driver.tell(facts.DigitPressed(call.customer_leg or "", "1"))
    driver.pass_time(6)
    driver.log_in("a2")
    greeted(driver, call)
    assert (call.cti_id, call.wait.last_agent) == ("a2", None)


def test_a_call_that_comes_back_from_its_agent_waits_for_nobody_in_particular() -> None:
    driver = floor()
    call = comes(driver, ("a2", 60))
    leg = driver.answer(call)
    driver.tell(commands.HoldCall("a2", call.id))
    driver.tell(facts.LegEnded(leg, 16))
    assert call.wait.returned and call.cti_id == "a1"


# ------------------------------------------------------------------------------- Postgres is slow, away, or behind


def test_without_a_message_the_call_waits_a_moment_to_know_its_last_agent() -> None:
    driver = floor(greeted=False)
    call = driver.arrive(caller=KIM)
    assert call.cti_id is None
    found(driver, call, ("a2", 60))
    assert call.cti_id == "a2"


def test_and_not_longer() -> None:
    driver = floor(greeted=False)
    call = driver.arrive(caller=KIM)
    driver.pass_time(ANSWER_S - 0.01)
    assert call.cti_id is None
    driver.pass_time(0.02)
    assert call.cti_id == "a1"
    found(driver, call, ("a2", 60))
    assert call.cti_id == "a1", "an answer that comes too late takes nothing back"


def test_an_answer_that_comes_while_everybody_talks_counts() -> None:
    driver = floor(greeted=False)
    for cti_id in ("a1", "a2"):
        driver.tell(commands.SetStatus(cti_id, "rest", None))
    call = driver.arrive(caller=KIM)
    driver.pass_time(1)
    found(driver, call, ("a2", 60))
    assert call.wait.last_agent_until_at == (call.wait.since or 0) + 20


def test_a_talk_that_ended_a_second_ago_counts_without_a_row() -> None:
    driver = floor(policy=Policy(after_call="ready"))
    driver.tell(commands.SetStatus("a1", "rest", None))
    call = comes(driver)
    leg = driver.answer(call)
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    driver.tell(facts.LegEnded(leg, 16))
    driver.tell(commands.SetStatus("a1", "ready", None))
    driver.pass_time(1)
    driver.agent("a1").idle_since = 1.0
    driver.center.floor.touch_agent(driver.agent("a1"))
    assert comes(driver).cti_id == "a2", "Postgres knows nothing"
    assert driver.center.floor.talks.of("acme", KIM)


def test_a_talk_of_this_run_is_newer_than_the_rows() -> None:
    driver = floor(policy=Policy(after_call="ready"))
    call = comes(driver)
    leg = driver.answer(call)
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    driver.tell(facts.LegEnded(leg, 16))
    assert comes(driver, ("a2", 3600)).cti_id == "a1"


def test_a_forced_talk_of_this_run_leaves_no_last_agent() -> None:
    service = Service("acme", force_disconnect_mark_days=0)
    entries = (agent_entry(1), agent_entry(2))
    policy = Policy(after_call="ready", force_disconnect_reasons=("threat",))
    driver = Driver(directory(*entries, queues=(SUPPORT,), scenarios=(GREETED,), services=(service,), policy=policy))
    driver.connect()
    driver.log_in("a2")
    call = comes(driver)
    leg = driver.answer(call)
    driver.tell(commands.ForceDisconnect("a2", call.id, "threat"))
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    driver.tell(facts.LegEnded(leg, 16))
    driver.log_in("a1")
    driver.pass_time(1)
    driver.agent("a1").idle_since = 1.0
    assert [talk.forced for talk in driver.center.floor.talks] == [True]
    assert noted(driver) == []
    comes(driver)
    assert noted(driver) == []


def test_the_memory_of_talks_is_small() -> None:
    talks = Talks()
    for number in range(10_050):
        talks.note("acme", str(number), Talk("a1", float(number)))
    assert len(talks) == 10_000 and not talks.of("acme", "49") and talks.of("acme", "50")
    for agent in range(20):
        talks.note("acme", "50", Talk(f"a{agent}", 1.0))
    assert len(list(talks.of("acme", "50"))) == 6


def test_times_of_rows_that_are_yet_to_come_are_now() -> None:
    driver = floor()
    call = driver.arrive(caller=KIM)
    found(driver, call, ("a2", -5000.0))
    assert call.past is not None and [talk.at for talk in call.past.talks] == [driver.now]


def test_last_of_takes_the_newest_of_each_agent() -> None:
    assert last_of([Talk("a1", 5), Talk("a2", 9), Talk("a1", 7)], 0) == Talk("a2", 9)
    assert last_of([Talk("a1", 5), Talk("a2", 3)], 4) == Talk("a1", 5)


# ------------------------------------------------------------------------------- it survives


def test_after_a_restart_the_wait_goes_on_with_the_time_that_was_left() -> None:
    driver = floor()
    talked(driver, "a2")
    call = comes(driver, ("a2", 60))
    driver.pass_time(8)
    again = driver.restarted()
    seen = again.center.floor.calls[call.id]
    legs = [
        facts.SeenLeg(leg.id, True, leg.id == seen.customer_leg, False, None, "", None) for leg in seen.legs.values()
    ]
    again.connect(*legs)
    assert seen.cti_id is None
    again.pass_time(11.9)
    assert seen.cti_id is None
    again.pass_time(0.2)
    assert seen.cti_id == "a1"


def test_after_a_restart_an_agent_who_becomes_ready_gets_the_call() -> None:
    driver = floor()
    talked(driver, "a2")
    call = comes(driver, ("a2", 60))
    again = driver.restarted()
    seen = again.center.floor.calls[call.id]
    legs = [facts.SeenLeg(leg.id, True, False, False, None, "", None) for leg in seen.legs.values()]
    again.connect(*legs)
    again.tell(commands.SetStatus("a2", "ready", None))
    assert seen.cti_id == "a2"


def test_a_question_that_a_restart_has_lost_is_waited_for_no_longer() -> None:
    driver = floor(greeted=False)
    call = driver.arrive(caller=KIM)
    again = driver.restarted()
    seen = again.center.floor.calls[call.id]
    again.connect(*[facts.SeenLeg(leg.id, True, False, False, None, "", None) for leg in seen.legs.values()])
    again.pass_time(ANSWER_S + 0.01)
    assert seen.cti_id == "a1"


def test_a_pbx_that_is_away_takes_no_time_of_the_wait() -> None:
    driver = floor()
    talked(driver, "a2")
    call = comes(driver, ("a2", 60))
    driver.pass_time(5)
    driver.tell(facts.NodeLost(NODE))
    driver.pass_time(60)
    driver.connect(*[facts.SeenLeg(leg.id, True, False, False, None, "", None) for leg in call.legs.values()])
    driver.pass_time(14.9)
    assert call.cti_id is None
    driver.pass_time(0.2)
    assert call.cti_id == "a1"


@pytest.mark.parametrize("change", ["agent removed", "agent moved", "no last agents"])
def test_a_reload_that_takes_the_agent_away_ends_the_wait(change: str) -> None:
    driver = floor()
    talked(driver, "a2")
    call = comes(driver, ("a2", 60))
    now = house(1) if change == "agent removed" else house(1, 2)
    if change == "agent moved":
        now = replace(now, agents={**now.agents, "a2": replace(now.agents["a2"], queues=())})
    elif change == "no last agents":
        now = house(1, 2, queue=replace(SUPPORT, last_agent_s=0))
    driver.tell(facts.ConfigurationChanged(now))
    assert call.cti_id == "a1" and call.wait.last_agent_until_at in (None, (call.wait.since or 0) + 20)


def test_a_shorter_wait_of_a_reload_holds_for_who_waits() -> None:
    driver = floor()
    talked(driver, "a2")
    call = comes(driver, ("a2", 60))
    driver.tell(facts.ConfigurationChanged(house(1, 2, queue=replace(SUPPORT, last_agent_s=5))))
    driver.pass_time(5.1)
    assert call.cti_id == "a1"


def test_what_ended_leaves_nothing_behind() -> None:
    driver = floor()
    talked(driver, "a2")
    waiting = driver.center.waiting
    for _ in range(5):
        call = comes(driver, ("a2", 60))
        driver.pass_time(1)
        driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    assert waiting._awaited == {} and waiting._last_agent_of == {} and waiting._for_one == {}
