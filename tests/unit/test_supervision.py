"""What a supervisor does to agents, calls and teams (requirement L3): each in each state, in rows, and why not."""

from dataclasses import replace

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.notices import Told
from cti_bridge.domain.border.records import AgentStateChange, CallEvent, QueueVisit
from cti_bridge.domain.model.agent import AgentState
from cti_bridge.domain.model.announcement import Announcement
from cti_bridge.domain.model.call import Call, CallState, Place
from cti_bridge.domain.model.directory import Policy, Queue, Service
from cti_bridge.domain.model.scenario import short_form
from cti_bridge.domain.model.words import CallEventType, Outcome
from cti_bridge.domain.queue.why_call import why_call_waits
from cti_bridge.domain.supervision.calls import ENDS
from tests.unit.floor import NODE, NUMBER, Driver, agent_entry, directory
from tests.unit.situations import CUSTOMER, SITUATIONS, made, situation, staffed, state_of

S = CallState
BY = ("s1", "192.0.2.1")
SALES = "+8225550001"


def set_status(driver: Driver, status: str, reason: str | None = None, cti_id: str = "a1") -> None:
    driver.tell(commands.SetAgentStatus(cti_id, status, reason, *BY))


def refused(driver: Driver, status: str, reason: str | None = None, cti_id: str = "a1") -> str:
    return driver.refused(commands.SetAgentStatus(cti_id, status, reason, *BY))


def told(driver: Driver) -> list[tuple[str, str, str]]:
    return [(one.cti_id, one.code, one.text) for one in driver.notices if isinstance(one, Told)]


# ------------------------------------------------------------------------------- the status of an agent


@pytest.mark.parametrize(("status", "reason"), [("rest", None), ("business", "meeting"), ("business", None)])
def test_an_idle_agent_has_the_status_at_once_and_the_row_says_by_whom(status: str, reason: str | None) -> None:
    driver = staffed()
    set_status(driver, status, reason)
    agent = driver.agent("a1")
    assert (agent.status, agent.reason, agent.state) == (status, reason, AgentState.IDLE)
    row = [one for one in driver.records if isinstance(one, AgentStateChange)][-1]
    assert (row.cause, row.by, row.to_status) == ("supervisor", "s1", status)
    assert told(driver) == [("a1", "status_set", "A supervisor has set your status.")]
    driver.tell(commands.SetStatus("a1", "ready", None))
    row = [one for one in driver.records if isinstance(one, AgentStateChange)][-1]
    assert (row.cause, row.by) == ("command", None), "the agent's own choice"


@pytest.mark.parametrize("state", [S.RINGING, S.TALKING, S.ON_HOLD, S.CONSULT_TALKING])
def test_during_a_call_it_is_the_status_for_afterwards(state: CallState) -> None:
    driver, call = made(state)
    before = driver.agent("a1").state
    set_status(driver, "rest")
    agent = driver.agent("a1")
    assert (agent.state, agent.next_status) == (before, "rest")
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    driver.tell(commands.EndCall(call.id, *BY)) if state_of(call) is not S.ENDED else None
    assert agent.status == "rest"


def test_ready_only_out_of_what_a_call_has_left_behind() -> None:
    driver, call = made(S.TALKING)
    assert refused(driver, "ready") == "not_allowed_now", "in a call"
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert driver.agent("a1").reason == "ticket_processing" and state_of(call) is S.ENDED
    set_status(driver, "ready")
    assert driver.agent("a1").status == "ready" and driver.agent("a1").processing_ends_at is None
    for status, reason in (("rest", None), ("business", "meeting")):
        driver.tell(commands.SetStatus("a1", status, reason))
        assert refused(driver, "ready") == "not_allowed_now", status


@pytest.mark.parametrize(("result", "reason"), [("missed", "missed"), ("declined", "declined")])
def test_ready_again_after_an_offer_that_was_not_taken(result: str, reason: str) -> None:
    driver, call = made(S.RINGING)
    if result == "declined":
        driver.tell(commands.DeclineOffer("a1", call.offer.id if call.offer else ""))
    else:
        driver.pass_time(60)
    assert driver.agent("a1").reason == reason
    set_status(driver, "ready")
    assert (driver.agent("a1").status, driver.agent("a1").reason) == ("ready", None)


def test_offline_ends_the_session_in_a_conversation_when_it_ends() -> None:
    driver, call = made(S.TALKING)
    set_status(driver, "offline")
    assert driver.agent("a1").session is not None and driver.agent("a1").state is AgentState.TALKING
    driver.tell(facts.LegEnded(call.customer_leg or "", 16))
    assert (driver.agent("a1").session, driver.agent("a1").status) == (None, "offline")
    idle = staffed()
    set_status(idle, "offline")
    assert (idle.agent("a1").session, idle.agent("a1").status) == (None, "offline")


@pytest.mark.parametrize(
    ("status", "reason", "cti_id", "code"),
    [
        ("busy", None, "a1", "invalid_body"),
        ("rest", "meeting", "a1", "invalid_body"),
        ("offline", "meeting", "a1", "invalid_body"),
        ("business", "missed", "a1", "invalid_body"),
        ("business", "none", "a1", "invalid_body"),
        ("rest", None, "nobody", "not_found"),
        ("rest", None, "a9", "not_allowed_now"),
        ("offline", None, "a9", "not_allowed_now"),
        ("ready", None, "a9", "not_allowed_now"),
    ],
)
def test_what_makes_no_sense_is_refused(status: str, reason: str | None, cti_id: str, code: str) -> None:
    driver = Driver(directory(agent_entry(1), agent_entry(9)))
    driver.connect()
    driver.log_in("a1")
    assert refused(driver, status, reason, cti_id) == code


def test_the_question_after_a_call_and_its_limit_are_over() -> None:
    driver = staffed(policy=Policy(after_call="ask", ticket_processing_limit_s=60))
    call = driver.arrive(leg_id=CUSTOMER)
    driver.answer(call)
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    assert driver.agent("a1").prompt is not None
    set_status(driver, "rest")
    assert (driver.agent("a1").prompt, driver.agent("a1").processing_ends_at) == (None, None)
    driver.pass_time(120)
    assert driver.agent("a1").status == "rest"


# ------------------------------------------------------------------------------- the end of a call


@pytest.mark.parametrize("name", [name for name in SITUATIONS if name != S.ENDED])
def test_a_call_is_ended_in_each_state_with_an_outcome_of_its_cell(name: str) -> None:
    driver, call = situation(name)
    cell = ENDS[state_of(call)]
    agents = [one for one in driver.center.floor.agents.values() if one.call_id == call.id]
    driver.tell(commands.EndCall(call.id, *BY))
    assert state_of(call) is S.ENDED
    outcome, ended_by = driver.outcomes()[-1]
    words = cell.outcomes + (ENDS[S.IN_SCENARIO].outcomes if "as in_scenario" in cell.outcomes else "")
    assert outcome in words or cell.outcomes == "as announced", (outcome, cell.outcomes)
    before = "agent" if "force disconnect" in name else "customer" if "consult_alone" in name else "supervisor"
    assert ended_by == before, "who has ended it before, stands"
    assert [one.call_id for one in agents] == [None] * len(agents), "nobody is in it any more"
    assert [one for one in driver.center.floor.agents.values() if one.call_id == call.id] == []


def test_every_state_but_the_last_has_a_cell() -> None:
    assert set(ENDS) == set(CallState) - {S.ENDED}
    known = set(Outcome)
    for cell in ENDS.values():
        words = cell.outcomes.replace(";", " ").replace(",", " ").replace(":", " ").split()
        assert known & set(words) or cell.outcomes == "as announced"


def test_an_agent_who_talked_processes_the_ticket_and_one_who_was_rung_is_ready_as_before() -> None:
    driver, call = made(S.TALKING)
    driver.tell(commands.EndCall(call.id, *BY))
    assert driver.agent("a1").reason == "ticket_processing"
    driver, call = made(S.RINGING)
    driver.tell(commands.EndCall(call.id, *BY))
    assert (driver.agent("a1").status, driver.agent("a1").state) == ("ready", AgentState.IDLE)
    assert driver.history("a1")[-1][-1] == "withdrawn" and driver.offers() == ["withdrawn"]
    visits = [one for one in driver.records if isinstance(one, QueueVisit)]
    assert visits[-1].exit == "ended"


def test_what_is_no_call_or_has_ended_is_not_found() -> None:
    driver, call = made(S.ENDED)
    assert driver.refused(commands.EndCall(call.id, *BY)) == "not_found"
    assert driver.refused(commands.EndCall("none", *BY)) == "not_found"


def test_an_emergency_call_is_ended_by_nobody_else() -> None:
    driver, call = made(S.CONSULT_TALKING)
    floor = driver.center.floor
    policy = replace(floor.policy, emergency_numbers=frozenset({"112"}))
    floor.directory = replace(floor.directory, policy=policy)
    assert call.target is not None
    call.target.cti_id, call.target.number = None, "112"
    assert driver.refused(commands.EndCall(call.id, *BY)) == "not_allowed_now"
    driver, call = made(S.TALKING)
    call.dialling.emergency = True
    assert driver.refused(commands.EndCall(call.id, *BY)) == "not_allowed_now"


# ------------------------------------------------------------------------------- a waiting call is moved


def house(*agents: int, **queues: object) -> Driver:
    """Two queues of acme and one of others; the agents serve support alone."""
    made_of = (
        replace(Queue("support", "acme"), music="soft", **queues),  # type: ignore[arg-type]
        Queue("sales", "acme", music="loud", max_waiting=1, longest_wait_s=90),
        Queue("theirs", "other"),
    )
    scenarios = (short_form(NUMBER, "acme", "support"), short_form(SALES, "acme", "sales"))
    entries = [agent_entry(1), agent_entry(2, queues=("sales",))]
    driver = Driver(
        directory(*entries, queues=made_of, scenarios=scenarios, services=(Service("acme"), Service("other")))
    )
    driver.connect()
    return driver


def move(driver: Driver, call: Call, queue: str | None = None, *, first: bool = False) -> None:
    driver.tell(commands.MoveCall(call.id, queue, first, *BY))


def visits_of(driver: Driver, call: Call) -> list[tuple[str, str, str | None, str | None]]:
    found = {one.id: one for one in driver.records if isinstance(one, QueueVisit) and one.call_id == call.id}
    return [(one.queue, one.kind, one.reason, one.exit) for one in found.values()]


def served(driver: Driver, cti_id: str, *calls: Call) -> list[Call]:
    """The calls in the order in which this agent gets them."""
    found = []
    driver.log_in(cti_id)
    for _ in calls:
        found.append(next(one for one in calls if one.cti_id == cti_id and state_of(one) is S.RINGING))
        driver.tell(facts.LegEnded(found[-1].customer_leg or "", 16))
        if (leg := found[-1].agent_leg) is not None:
            driver.tell(facts.LegEnded(leg, 16))
    return found


def test_a_call_in_another_queue_is_a_new_visit_with_its_first_arrival() -> None:
    driver = house()
    other = driver.arrive(SALES)
    call = driver.arrive()
    driver.pass_time(30)
    later = driver.arrive(SALES)
    assert state_of(later) is not S.WAITING, "the queue is full for new ones"
    music = call.legs[call.customer_leg or ""]
    driver.tell(facts.LegEntered(call.customer_leg or "", "")) if music.place is not Place.MUSIC else None
    move(driver, call, "sales")
    assert (call.queue, state_of(call), call.wait.since) == ("sales", S.WAITING, driver.now)
    assert visits_of(driver, call) == [("support", "new", None, "moved"), ("sales", "moved", "moved", None)]
    events = [one for one in driver.records if isinstance(one, CallEvent) and one.call_id == call.id]
    moved = next(one for one in events if one.type is CallEventType.MOVED)
    assert moved.detail == {"queue": "sales", "before": "support", "by_cti_id": "s1", "first": False}
    assert call.wait.ends_at == driver.now + 90, "the longest wait of the queue begins anew"
    assert served(driver, "a2", other, call) == [other, call], "by arrival"
    assert driver.agent("a1").call_id is None


def test_a_call_at_the_front_goes_before_all_others_also_before_one_that_came_back() -> None:
    driver = house()
    calls = [driver.arrive() for _ in range(4)]
    calls[1].wait.returned = True
    driver.center.floor.touch_call(calls[1])
    calls[3].priority = -50
    move(driver, calls[3], first=True)
    move(driver, calls[2], first=True)
    codes = {reason.code: reason.values for reason in why_call_waits(driver.center.floor, calls[0], driver.now)}
    assert codes["before"] == {"position": 4}
    assert visits_of(driver, calls[2]) == [("support", "new", None, None)], "it is the same visit"
    again = driver.restarted()
    assert {one.id for one in again.center.floor.calls.values() if one.wait.first} == {calls[2].id, calls[3].id}
    assert served(driver, "a1", *calls) == [calls[2], calls[3], calls[1], calls[0]]


def test_at_the_front_of_another_queue_and_no_longer_in_the_next_one() -> None:
    driver = house()
    ahead, call = driver.arrive(SALES), driver.arrive()
    move(driver, call, "sales", first=True)
    assert call.wait.first and call.queue == "sales"
    move(driver, call, "support")
    assert not call.wait.first
    move(driver, call, "sales")
    assert served(driver, "a2", ahead, call) == [ahead, call]


def test_one_that_came_back_keeps_its_rank_over_a_move() -> None:
    driver = house()
    ahead, call = driver.arrive(SALES), driver.arrive()
    call.wait.returned = True
    move(driver, call, "sales")
    assert served(driver, "a2", ahead, call) == [call, ahead]


def test_nobody_is_waited_for_in_the_new_queue_and_an_announcement_of_the_old_one_is_over() -> None:
    driver = house(announce=(Announcement(at_s=5, sounds=("sound:promo",)),))
    call = driver.arrive()
    driver.tell(facts.LegEntered(call.customer_leg or "", ""))
    driver.pass_time(6)
    assert call.prompt is not None and call.prompt.media == "sound:promo"
    call.wait.last_agent, call.wait.last_agent_until_at = "a1", driver.now + 30
    driver.log_in("a2")
    move(driver, call, "sales")
    assert [call.wait.last_agent, call.wait.last_agent_until_at, call.prompt] == [None] * 3
    assert (call.cti_id, state_of(call)) == ("a2", S.RINGING)


def test_an_agent_of_the_new_queue_is_rung_at_once() -> None:
    driver = house()
    driver.log_in("a2")
    call = driver.arrive()
    assert state_of(call) is S.WAITING
    move(driver, call, "sales")
    assert (call.cti_id, state_of(call)) == ("a2", S.RINGING)


@pytest.mark.parametrize("name", [name for name in SITUATIONS if name not in (S.WAITING, S.ENDED)])
def test_a_call_that_does_not_wait_is_not_moved(name: str) -> None:
    driver, call = situation(name)
    assert driver.refused(commands.MoveCall(call.id, None, True, *BY)) == "not_allowed_now"


def test_where_it_cannot_go_it_is_not_moved() -> None:
    driver = house()
    call = driver.arrive()
    assert driver.refused(commands.MoveCall(call.id, "theirs", True, *BY)) == "not_found"
    assert driver.refused(commands.MoveCall(call.id, "none", False, *BY)) == "not_found"
    assert driver.refused(commands.MoveCall("none", "sales", False, *BY)) == "not_found"
    assert driver.refused(commands.MoveCall(call.id, "support", False, *BY)) == "not_allowed_now"
    driver.tell(facts.NodeLost(NODE))
    assert driver.refused(commands.MoveCall(call.id, "sales", False, *BY)) == "pbx_unavailable"


# ------------------------------------------------------------------------------- a message to a team


def test_who_is_logged_in_is_shown_the_message_with_the_name_of_its_sender() -> None:
    agents = [agent_entry(number) for number in (1, 2, 3)]
    head = replace(agent_entry(9), cti_id="s1", cti_number="1900", name="Sora Choi", role="supervisor")
    driver = Driver(directory(*agents, head))
    driver.log_in("a1", "a2")
    driver.tell(commands.MessageTeam("day", ("a1", "a3", "gone"), "Lunch is here.", *BY))
    assert told(driver) == [("a1", "team_message", "Sora Choi: Lunch is here.")]
    driver.tell(commands.MessageTeam("day", ("a2",), "The lines are down.", "operator"))
    assert told(driver)[1:] == [("a2", "team_message", "operator: The lines are down.")]
