"""Two facts at the same moment, in both orders: the first in the inbox wins, and the second does no harm."""

from collections.abc import Callable
from itertools import islice, permutations
from random import Random

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.errors import Refusal
from cti_bridge.domain.border.facts import Failure
from cti_bridge.domain.border.records import CallRow
from cti_bridge.domain.model.call import Call, CallState
from tests.support.sweeps import sweep
from tests.unit import invariants
from tests.unit.floor import CALLING, NODE, Driver
from tests.unit.situations import (
    CUSTOMER,
    OUTSIDE,
    SITUATIONS,
    customer_leaves,
    made,
    node_is_lost,
    playing,
    situation,
)

S = CallState
Doing = Callable[[Driver, Call], object]


class Told:
    """A moment before: who was in the call, which leg and which offer there was."""

    def __init__(self, call: Call) -> None:
        self.leg = call.agent_leg or "none"
        self.target = call.target_leg or "none"
        self.customer = call.customer_leg or "none"
        self.offer = call.offer.id if call.offer else "none"
        self.agent = call.offer.cti_id if call.offer else "a1"
        customer = call.legs.get(self.customer)
        self.playback = (customer.playback_id if customer else None) or "none"
        agent = call.legs.get(self.leg)
        self.agents_playback = (agent.playback_id if agent else None) or "none"


def happenings(driver: Driver, call: Call) -> dict[str, Doing]:
    """What can happen in any order, about the call as it is now."""
    was = Told(call)

    def tell(fact: facts.Fact) -> Doing:
        return lambda d, _: d.tell(fact)

    def over(d: Driver, _: Call) -> None:
        d.now = max(d.now, expires_at)
        d.tell(facts.TimePassed())

    expires_at = call.offer.expires_at if call.offer else call.target.expires_at if call.target else driver.now
    bridge = f"cti-{call.id}-bridge"
    return {
        "customer leaves": tell(facts.LegEnded(was.customer, 16)),
        "agent's leg ends": tell(facts.LegEnded(was.leg, 17, 486)),
        "phone answers": tell(facts.LegAnswered(was.leg)),
        "customer enters": tell(facts.LegEntered(was.customer, bridge)),
        "agent enters": tell(facts.LegEntered(was.leg, bridge)),
        "agent is out": tell(facts.LegLeft(was.leg, bridge)),
        "time is up": over,
        "decline": tell(commands.DeclineOffer(was.agent, was.offer)),
        "answer": tell(commands.AnswerOffer(was.agent, was.offer)),
        "hang up": tell(commands.HangUpCall("a1", call.id)),
        "log out": tell(commands.LogOut("a1", "session-a1")),
        "log in elsewhere": tell(commands.LogIn("a1", "another", "csrf")),
        "rest wanted": tell(commands.SetStatus("a1", "rest", None)),
        "ready": tell(commands.SetStatus("a1", "ready", None)),
        "panel gone": tell(commands.PanelChanged("a1", False)),
        "phone gone": tell(facts.PhoneChanged(NODE, "1001", False)),
        "phone there": tell(facts.PhoneChanged(NODE, "1001", True)),
        "dial fails": tell(facts.ActionFailed(was.leg, "DialLeg", Failure.REFUSED)),
        "message ends": tell(facts.PlaybackEnded(was.playback)),
        "message starts": tell(facts.PlaybackStarted(was.playback)),
        "arrives again": tell(facts.CallArrived(NODE, CUSTOMER, call.dialed_number, "", "", driver.now)),
        "ready again": tell(facts.LegReady(was.leg)),
        "node is lost": node_is_lost,
        "a2 is ready": tell(commands.SetStatus("a2", "ready", None)),
    }


def conversation(driver: Driver, call: Call) -> dict[str, Doing]:
    """What can happen besides, once agents talk: all commands, the target, the phone's own hold key."""
    was = Told(call)
    bridge = f"cti-{call.id}-bridge"
    told: dict[str, facts.Fact] = {
        "agent hangs up": facts.LegEnded(was.leg, 16),
        "agent's phone is lost": facts.LegEnded(was.leg, 44),
        "agent's phone holds": facts.LegHeld(was.leg),
        "agent's phone retrieves": facts.LegRetrieved(was.leg),
        "customer answers": facts.LegAnswered(was.customer),
        "customer is busy": facts.LegEnded(was.customer, 17, 486),
        "target answers": facts.LegAnswered(was.target),
        "target enters": facts.LegEntered(was.target, bridge),
        "target leaves": facts.LegEnded(was.target, 16),
        "target is busy": facts.LegEnded(was.target, 17, 486),
        "target is unreachable": facts.ActionFailed(was.target, "CreateLeg", Failure.UNREACHABLE),
        "target hangs up": commands.HangUpCall("a2", call.id),
        "target logs out": commands.LogOut("a2", "session-a2"),
        "hold": commands.HoldCall("a1", call.id),
        "resume": commands.ResumeCall("a1", call.id),
        "consult agent": commands.StartConsult("a1", call.id, agent="a2"),
        "consult number": commands.StartConsult("a1", call.id, number=OUTSIDE),
        "connect": commands.ConnectConsult("a1", call.id),
        "cancel": commands.CancelConsult("a1", call.id),
        "transfer": commands.TransferCall("a1", call.id, number=OUTSIDE),
        "transfer to agent": commands.TransferCall("a1", call.id, agent="a2"),
        "recall": commands.RecallCall("a1", call.id),
        "warn": commands.Warn("a1", call.id),
        "warn/stop": commands.StopWarning("a1", call.id),
        "agent's message starts": facts.PlaybackStarted(was.agents_playback),
        "agent's message ends": facts.PlaybackEnded(was.agents_playback),
        "force disconnect": commands.ForceDisconnect("a1", call.id, "threat"),
        "digits": commands.SendDigits("a1", call.id, "1"),
        "dial": commands.Dial("a1", OUTSIDE, CALLING),
    }
    tellings: dict[str, Doing] = {name: lambda d, _, fact=fact: d.tell(fact) for name, fact in told.items()}  # type: ignore[misc]
    return happenings(driver, call) | tellings


NAMES = tuple(happenings(*made(S.RINGING)))
ALL_NAMES = tuple(conversation(*made(S.RINGING)))


def attempt(doing: Doing, driver: Driver, call: Call) -> str | None:
    """The code of the refusal, which then has changed nothing."""
    before = driver.state()
    try:
        doing(driver, call)
    except Refusal as refusal:
        assert driver.state() == before
        return refusal.code
    invariants.check_floor(driver.center)
    invariants.check_nobody_waits_beside_an_agent(driver.center)
    return None


def wind_up(driver: Driver) -> None:
    """Everybody hangs up, and all deadlines pass: nothing is left, and every call has ended once."""
    driver.connect()
    for _ in range(12):
        for leg_id in list(driver.center.floor.call_of_leg):
            driver.tell(facts.LegEnded(leg_id, 16))
        if not driver.center.floor.calls:
            break
        driver.pass_time(30)
    floor = driver.center.floor
    assert not floor.calls and not floor.recalls and not floor.call_of_leg
    assert not [agent for agent in floor.agents.values() if agent.state != "idle" or agent.legs]
    rows = [record for record in driver.records if isinstance(record, CallRow)]
    ended = [row.id for row in rows if row.outcome is not None]
    assert sorted(ended) == sorted({row.id for row in rows}), "every call ends once"
    invariants.check_records(driver.records)


def happened(name: str, driver: Driver, call: Call, doings: dict[str, Doing]) -> bool:
    """Did it change or order anything?"""
    before, ordered = driver.state(), len(driver.actions)
    attempt(doings[name], driver, call)
    return driver.state() != before or len(driver.actions) != ordered


@pytest.mark.parametrize("name", [name for name in SITUATIONS if name != S.ENDED])
@sweep("every", 4, 1)
def test_any_two_facts_in_any_order_leave_the_floor_sound_and_every_call_with_one_end(name: str, every: int) -> None:
    """What changes nothing needs no second fact, and no new call for the next. Some: each fact before and behind a
    share of the others, which is another one in the next situation, so that each pair is in one in four of them."""
    pairs, turn = 0, list(SITUATIONS).index(name)
    for place, first in enumerate(ALL_NAMES):
        fresh = False
        for second in ALL_NAMES[(place + turn) % every :: every]:
            if not fresh:
                driver, call = situation(name)
                doings = conversation(driver, call)
                if not happened(first, driver, call, doings):
                    break
            fresh = second == first or not happened(second, driver, call, doings)
            if not fresh:
                pairs += 1
                wind_up(driver)
    assert pairs > 50 / every, "hardly anything happens"


@sweep("every", 11, 1)
def test_any_three_facts_while_it_rings_leave_the_floor_sound(every: int) -> None:
    """Some: each two, and one of the fourteen behind them, or two."""
    for names in islice(permutations(NAMES[:16], 3), 0, None, every):
        driver, call = made(S.RINGING)
        doings = happenings(driver, call)
        for name in names:
            attempt(doings[name], driver, call)
        assert len(driver.outcomes()) <= 1, names


@pytest.mark.parametrize("name", [name for name in SITUATIONS if name != S.ENDED])
def test_some_four_facts_in_a_row_leave_the_floor_sound_and_every_call_with_one_end(name: str) -> None:
    rng = Random(name)
    for _ in range(30):
        driver, call = situation(name)
        doings = conversation(driver, call)
        for doing in rng.sample(ALL_NAMES, 4):
            attempt(doings[doing], driver, call)
        wind_up(driver)


RINGING = {
    "phone answers": None,
    "time is up": "missed",
    "decline": "declined",
    "agent's leg ends": "busy",
    "dial fails": "unreachable",
    "log out": "withdrawn",
    "customer leaves": "caller_left",
}
"""What decides an offer that rings, and its result."""


@pytest.mark.parametrize(("first", "second"), list(permutations(RINGING, 2)))
def test_the_first_of_two_decides_the_offer(first: str, second: str) -> None:
    driver, call = made(S.RINGING)
    doings = happenings(driver, call)
    attempt(doings[first], driver, call)
    refusal = attempt(doings[second], driver, call)
    if first == "phone answers":
        assert_after_the_answer(driver, call, second, refusal)
        return
    assert driver.offers() == [RINGING[first]]
    if second == "decline":
        assert refusal == "offer_over"
    if "customer leaves" in (first, second):
        outcome = "abandoned_ringing" if first == "customer leaves" else "abandoned_waiting"
        assert driver.outcomes() == [(outcome, "customer")]
    else:
        assert call.state is S.WAITING and driver.outcomes() == []


def assert_after_the_answer(driver: Driver, call: Call, second: str, refusal: str | None) -> None:
    if second == "customer leaves":
        assert driver.outcomes() == [("abandoned_ringing", "customer")]
        assert driver.offers() == ["caller_left"]
    elif second in ("agent's leg ends", "dial fails"):
        assert call.state is S.WAITING
        assert driver.offers() == ["declined" if second == "agent's leg ends" else "unreachable"]
    else:
        assert call.state is S.CONNECTING, "who has lifted has the call"
        assert refusal == {"decline": "offer_over", "log out": "not_allowed_now"}.get(second)


@pytest.mark.parametrize("order", list(permutations(["customer", "agent"])))
def test_talking_begins_when_both_were_seen_in_the_bridge_and_not_before(order: tuple[str, str]) -> None:
    driver, call = made(S.CONNECTING)
    legs = {"customer": CUSTOMER, "agent": call.agent_leg or ""}
    driver.enter(call, legs[order[0]])
    assert (call.state, driver.agent("a1").state, call.ticket_id) == (S.CONNECTING, "ringing", None)
    driver.enter(call, legs[order[1]])
    assert (call.state, driver.agent("a1").state) == (S.TALKING, "talking")
    assert call.ticket_id is not None


@pytest.mark.parametrize("order", list(permutations(["customer leaves", "agent's leg ends"])))
def test_both_hang_up_at_once_and_the_call_ends_once(order: tuple[str, str]) -> None:
    driver, call = made(S.TALKING)
    doings = happenings(driver, call)
    for name in order:
        doings[name](driver, call)
    assert driver.outcomes() == [("completed", "customer" if order[0] == "customer leaves" else "agent")]
    assert not driver.center.floor.calls


def test_a_click_on_hang_up_after_the_customer_has_gone_is_told_that_the_call_changed() -> None:
    driver, call = made(S.TALKING)
    customer_leaves(driver, call)
    assert driver.refused(commands.HangUpCall("a1", call.id)) == "call_changed"


def test_an_entry_into_a_bridge_that_the_customer_was_taken_out_of_counts_no_more() -> None:
    driver, call = made(S.CONNECTING)
    leg_id = call.agent_leg or ""
    driver.tell(facts.LegEnded(leg_id))
    driver.enter(call, CUSTOMER, leg_id)
    assert call.state is S.WAITING and not call.legs[CUSTOMER].in_bridge


def test_the_announcement_ends_as_the_customer_hangs_up() -> None:
    for customer_first in (True, False):
        driver, call = made(S.ANNOUNCING)
        over = facts.PlaybackEnded(playing(call))
        for fact in (facts.LegEnded(CUSTOMER), over) if customer_first else (over, facts.LegEnded(CUSTOMER)):
            driver.tell(fact)
        assert driver.outcomes() == [("queue_timeout", "customer" if customer_first else "system")]
        assert not driver.center.floor.calls
