"""The phone's own hold key (E1, E3; design 4): the customer is with the agent only if neither the panel nor the phone
holds, whenever the key was pressed, and who holds is always the truth."""

from collections.abc import Callable
from itertools import permutations

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import AddToBridge, StartMusic
from cti_bridge.domain.border.errors import ResumeOnPhone
from cti_bridge.domain.border.notices import Told
from cti_bridge.domain.border.records import CallEvent
from cti_bridge.domain.model.call import INTERNAL, Call, CallState, Place, Role, Stage
from cti_bridge.domain.model.directory import Policy
from cti_bridge.domain.model.wiring import WIRING
from tests.unit.floor import Driver, agent_view
from tests.unit.situations import (
    CUSTOMER,
    OUTSIDE,
    REASONS,
    agent_lost,
    all_enter,
    connecting,
    customer_leaves,
    dialing_customer,
    made,
    situation,
    staffed,
    state_of,
    talking,
)

S = CallState
HELD, RETRIEVED = facts.LegHeld, facts.LegRetrieved
Doing = Callable[[Driver, Call], object]
Making = Callable[[], tuple[Driver, Call]]


def hold(driver: Driver, call: Call) -> None:
    driver.tell(HELD(call.agent_leg or ""))


def retrieve(driver: Driver, call: Call) -> None:
    driver.tell(RETRIEVED(call.agent_leg or ""))


def cancel(driver: Driver, call: Call) -> None:
    driver.tell(commands.CancelConsult("a1", call.id))


def connect(driver: Driver, call: Call) -> None:
    driver.tell(commands.ConnectConsult("a1", call.id))
    all_enter(driver, call)


def target_leaves(driver: Driver, call: Call) -> None:
    driver.tell(facts.LegEnded(call.target_leg or "", 16))


def target_does_not_answer(driver: Driver, call: Call) -> None:
    assert call.target is not None
    driver.pass_time(call.target.expires_at - driver.now)


def target_leaves_while_joining(driver: Driver, call: Call) -> None:
    driver.tell(commands.ConnectConsult("a1", call.id))
    target_leaves(driver, call)


def target_answers(driver: Driver, call: Call) -> None:
    driver.tell(facts.LegAnswered(call.target_leg or ""))
    all_enter(driver, call)


def nothing(_: Driver, __: Call) -> None:
    pass


ENDINGS: dict[str, tuple[CallState, Doing]] = {
    "cancelled while it rings": (S.CONSULT_RINGING, cancel),
    "the target is busy": (S.CONSULT_RINGING, lambda d, c: d.tell(facts.LegEnded(c.target_leg or "", 17, 486))),
    "the target does not answer": (S.CONSULT_RINGING, target_does_not_answer),
    "cancelled": (S.CONSULT_TALKING, cancel),
    "the target leaves": (S.CONSULT_TALKING, target_leaves),
    "the target leaves while joining": (S.CONSULT_TALKING, target_leaves_while_joining),
}
"""How a consultation comes to nothing, and in which state that is."""


def consulting(state: CallState, held_before: str = "", policy: Policy | None = None) -> tuple[Driver, Call]:
    """a1 consults the outside number; before that the customer was on hold by the panel, the phone, or neither."""
    driver = staffed(policy=policy)
    call = driver.arrive(leg_id=CUSTOMER)
    driver.answer(call)
    if held_before == "panel":
        driver.tell(commands.HoldCall("a1", call.id))
    elif held_before == "phone":
        hold(driver, call)
    all_enter(driver, call)
    driver.tell(commands.StartConsult("a1", call.id, OUTSIDE))
    driver.tell(facts.LegReady(call.target_leg or ""))
    if state is S.CONSULT_TALKING:
        target_answers(driver, call)
    return driver, call


def assert_talk_again(driver: Driver, call: Call) -> None:
    all_enter(driver, call)
    assert (state_of(call), call.held_by) == (S.TALKING, [])
    assert all((leg := call.leg_of(role)) and leg.in_bridge for role in (Role.CUSTOMER, Role.AGENT))


def assert_on_hold(driver: Driver, call: Call, *held_by: str) -> None:
    """The customer has music, and the panel says who holds and whether Resume helps."""
    assert (state_of(call), call.held_by) == (S.ON_HOLD, list(held_by))
    places = {role: leg.place for role in Role if (leg := call.leg_of(role))}
    assert places == WIRING[S.ON_HOLD]
    view = agent_view(driver.center.floor, call.cti_id or "")
    assert (view["state"], view["call"]["held_by"]) == ("on_hold", list(held_by))
    assert ("resume" in view["allowed_actions"]) is ("phone" not in held_by)


def assert_only_the_phone_ends_it(driver: Driver, call: Call) -> None:
    assert driver.refused(commands.ResumeCall(call.cti_id or "", call.id)) == ResumeOnPhone.code
    retrieve(driver, call)
    assert_talk_again(driver, call)


# ------------------------------------------------------------------------ what the key does in each state

PRESSED: dict[CallState, tuple[tuple[CallState, list[str]], tuple[CallState, list[str]]]] = {
    S.TALKING: ((S.ON_HOLD, ["phone"]), (S.TALKING, [])),
    S.WARNING: ((S.ON_HOLD, ["phone"]), (S.TALKING, [])),
    S.ON_HOLD: ((S.ON_HOLD, ["panel", "phone"]), (S.TALKING, [])),
    S.CONSULT_RINGING: ((S.CONSULT_RINGING, ["panel", "phone"]), (S.CONSULT_RINGING, ["panel"])),
    S.CONSULT_TALKING: ((S.CONSULT_TALKING, ["panel", "phone"]), (S.CONSULT_TALKING, ["panel"])),
    S.CONSULT_SWAPPED: ((S.CONSULT_SWAPPED, ["phone"]), (S.CONSULT_SWAPPED, [])),
    S.THREE_TOGETHER: ((S.THREE_TOGETHER, []), (S.THREE_TOGETHER, [])),
    **{state: ((state, []), (state, [])) for state in INTERNAL},
    S.CONSULT_ALONE: ((S.CONSULT_ALONE, ["panel", "phone"]), (S.CONSULT_ALONE, ["panel"])),
    S.JOINING: ((S.JOINING, ["panel", "phone"]), (S.JOINING, ["panel"])),
    S.CONNECTING: ((S.CONNECTING, []), (S.CONNECTING, [])),
    S.DIALING_AGENT: ((S.DIALING_AGENT, []), (S.DIALING_AGENT, [])),
    S.DIALING_CUSTOMER: ((S.DIALING_CUSTOMER, []), (S.DIALING_CUSTOMER, [])),
    S.RINGING: ((S.RINGING, []), (S.RINGING, [])),
    S.ACCEPTED: ((S.ACCEPTED, []), (S.ACCEPTED, [])),
    S.AGENT_LOST: ((S.AGENT_LOST, []), (S.AGENT_LOST, [])),
}
"""By the state in which the agent's phone holds: the state and who holds then, and when it has retrieved."""


@pytest.mark.parametrize("state", list(PRESSED))
def test_given_the_agents_phone_holds_and_retrieves_then_who_holds_is_the_truth(state: CallState) -> None:
    driver, call = made(state)
    leg = call.legs[call.agent_leg or ""]
    for pressed, expected in zip((hold, retrieve), PRESSED[state], strict=True):
        pressed(driver, call)
        pressed(driver, call)
        assert (state_of(call), call.held_by) == expected
        assert leg.phone_holds is (pressed is hold)
        assert agent_view(driver.center.floor, "a1")["call"]["held_by"] == expected[1]


@pytest.mark.parametrize("state", [s for s in CallState if s not in (*PRESSED, S.ENDED)])
def test_given_no_agent_in_the_call_when_an_outside_phone_holds_then_it_is_noted_and_no_more(state: CallState) -> None:
    driver, call = situation("transfer_ringing outside") if state is S.TRANSFER_RINGING else made(state)
    customer = call.customer_leg or ""
    driver.tell(HELD(customer))
    assert call.legs[customer].phone_holds and not driver.taken(AddToBridge)
    assert (state_of(call), call.held_by) == (state, [])


@pytest.mark.parametrize("fact", [HELD, RETRIEVED])
def test_given_a_leg_on_its_way_out_when_its_phone_holds_then_nothing_changes(fact: type[facts.LegHeld]) -> None:
    driver, call = made(S.ENDED)
    before = driver.state()
    driver.tell(fact(next(iter(call.legs))))
    assert driver.state() == before


# ------------------------------------------------------------------------ consultations


@pytest.mark.parametrize("ending", list(ENDINGS))
@pytest.mark.parametrize("presses", [(retrieve,), (retrieve, hold, retrieve)])
def test_given_the_phone_held_and_retrieved_for_a_consultation_when_it_comes_to_nothing_then_resume_is_accepted(
    ending: str, presses: tuple[Doing, ...]
) -> None:
    state, comes_to_nothing = ENDINGS[ending]
    driver, call = consulting(state, "phone")
    for press in presses:
        press(driver, call)
    assert (state_of(call), call.held_by) == (state, ["panel"])
    comes_to_nothing(driver, call)
    assert_on_hold(driver, call, "panel")
    driver.tell(commands.ResumeCall("a1", call.id))
    assert_talk_again(driver, call)


@pytest.mark.parametrize("ending", list(ENDINGS))
@pytest.mark.parametrize("held_before", ["", "panel", "phone"])
def test_given_the_phone_still_holds_when_a_consultation_comes_to_nothing_then_only_its_retrieve_ends_the_hold(
    ending: str, held_before: str
) -> None:
    state, comes_to_nothing = ENDINGS[ending]
    driver, call = consulting(state, held_before)
    hold(driver, call)
    comes_to_nothing(driver, call)
    assert_on_hold(driver, call, *(["phone"] if held_before == "phone" else ["panel", "phone"]))
    assert_only_the_phone_ends_it(driver, call)


@pytest.mark.parametrize(
    ("held_before", "presses", "resumes"),
    [
        ("", (), True),
        ("phone", (retrieve,), True),
        ("", (hold, retrieve), True),
        ("phone", (), False),
        ("", (hold,), False),
        ("phone", (retrieve, hold), False),
    ],
)
def test_given_cancel_resumes_when_cancelled_then_they_talk_only_if_the_phone_does_not_hold(
    held_before: str, presses: tuple[Doing, ...], resumes: bool
) -> None:
    driver, call = consulting(S.CONSULT_TALKING, held_before, Policy(cancel_resumes=True))
    for press in presses:
        press(driver, call)
    cancel(driver, call)
    if resumes:
        assert_talk_again(driver, call)
    else:
        assert "phone" in call.held_by
        assert_only_the_phone_ends_it(driver, call)


@pytest.mark.parametrize("order", list(permutations(["key", "cancel"])))
@pytest.mark.parametrize("key", [hold, retrieve])
def test_given_the_key_and_cancel_at_once_then_either_order_says_who_holds(order: tuple[str, str], key: Doing) -> None:
    driver, call = consulting(S.CONSULT_TALKING, "" if key is hold else "phone")
    for which in order:
        (key if which == "key" else cancel)(driver, call)
    if key is hold:
        assert_on_hold(driver, call, "panel", "phone")
        assert_only_the_phone_ends_it(driver, call)
    elif order[0] == "key":
        assert_on_hold(driver, call, "panel")
    else:
        assert_talk_again(driver, call)


@pytest.mark.parametrize("order", list(permutations(["key", "resume"])))
def test_given_the_key_and_resume_at_once_behind_a_consultation_then_the_customer_is_not_with_a_phone_that_holds(
    order: tuple[str, str],
) -> None:
    driver, call = consulting(S.CONSULT_TALKING)
    cancel(driver, call)
    if order[0] == "key":
        hold(driver, call)
        assert_on_hold(driver, call, "panel", "phone")
    else:
        driver.tell(commands.ResumeCall("a1", call.id))
        hold(driver, call)
        assert_on_hold(driver, call, "phone")
    assert_only_the_phone_ends_it(driver, call)


def test_given_the_customer_has_left_when_the_phone_holds_then_agent_and_target_go_on() -> None:
    driver, call = made(S.CONSULT_ALONE)
    hold(driver, call)
    assert [action.leg_id for action in driver.taken(StartMusic)] == [call.target_leg]
    driver.actions.clear()
    retrieve(driver, call)
    assert [action.leg_id for action in driver.taken(AddToBridge)] == [call.target_leg]
    assert state_of(call) is S.CONSULT_ALONE


# ------------------------------------------------------------------------ pressed before there is a conversation


def agents_leg(call: Call) -> str:
    return call.agent_leg or ""


def targets_leg(call: Call) -> str:
    return call.target_leg or ""


def customer_answers(driver: Driver, call: Call) -> None:
    driver.tell(facts.LegAnswered(call.customer_leg or ""))


def lifts(driver: Driver, call: Call) -> None:
    driver.tell(facts.LegAnswered(call.agent_leg or ""))
    all_enter(driver, call)


def agent_lifts_and_customer_answers(driver: Driver, call: Call) -> None:
    lifts(driver, call)
    driver.tell(facts.LegReady(call.customer_leg or ""))
    all_enter(driver, call)
    customer_answers(driver, call)


BEGINNINGS: dict[str, tuple[CallState, Callable[[Call], str], Doing]] = {
    "an offer rings": (S.RINGING, agents_leg, lifts),
    "both are on their way into the bridge": (S.CONNECTING, agents_leg, all_enter),
    "the agent's phone rings for a call out": (S.DIALING_AGENT, agents_leg, agent_lifts_and_customer_answers),
    "the customer rings": (S.DIALING_CUSTOMER, agents_leg, customer_answers),
    "a consulted agent talks": (S.CONSULT_TALKING, targets_leg, connect),
    "a consulted agent is joined": (S.JOINING, targets_leg, all_enter),
    "a direct transfer rings": (S.TRANSFER_RINGING, targets_leg, target_answers),
    "a lost phone rings again": (S.AGENT_LOST, agents_leg, lifts),
}
"""When a phone of ours holds, whose, and what makes its agent talk to the customer."""


@pytest.mark.parametrize("beginning", list(BEGINNINGS))
@pytest.mark.parametrize("restart", [False, True], ids=["", "over a restart"])
def test_given_a_phone_that_holds_when_its_conversation_begins_then_the_customer_is_on_hold_until_it_retrieves(
    beginning: str, restart: bool
) -> None:
    state, whose, begins = BEGINNINGS[beginning]
    driver, call = made(state)
    cti_id = call.legs[whose(call)].cti_id
    driver.tell(HELD(whose(call)))
    assert state_of(call) is state
    if restart:
        driver, call = restarted(driver, call)
    begins(driver, call)
    assert call.cti_id == cti_id
    assert_on_hold(driver, call, "phone")
    assert call.ticket_id is not None
    assert held_events(driver) == ["phone"]
    assert_only_the_phone_ends_it(driver, call)


@pytest.mark.parametrize("beginning", list(BEGINNINGS))
@pytest.mark.parametrize("restart", [False, True], ids=["", "over a restart"])
def test_given_a_phone_that_held_and_retrieved_when_its_conversation_begins_then_they_talk(
    beginning: str, restart: bool
) -> None:
    state, whose, begins = BEGINNINGS[beginning]
    driver, call = made(state)
    driver.tell(HELD(whose(call)))
    driver.tell(RETRIEVED(whose(call)))
    if restart:
        driver, call = restarted(driver, call)
    begins(driver, call)
    assert_talk_again(driver, call)


@pytest.mark.parametrize("beginning", list(BEGINNINGS))
def test_given_the_key_is_pressed_as_the_conversation_begins_then_it_is_the_same_hold(beginning: str) -> None:
    """The other order of the race."""
    state, _, begins = BEGINNINGS[beginning]
    driver, call = made(state)
    begins(driver, call)
    hold(driver, call)
    assert_on_hold(driver, call, "phone")
    assert_only_the_phone_ends_it(driver, call)


@pytest.mark.parametrize("order", list(permutations(["customer", "agent", "key"])))
def test_given_both_enter_and_the_key_is_pressed_in_any_order_then_the_call_was_answered_and_is_on_hold(
    order: tuple[str, ...],
) -> None:
    driver, call = connecting()
    legs = {"customer": CUSTOMER, "agent": call.agent_leg or ""}
    for which in order:
        if which == "key":
            hold(driver, call)
        else:
            driver.enter(call, legs[which])
    assert call.answered_at is not None
    assert_on_hold(driver, call, "phone")
    assert [cause for *_, cause in driver.history("a1")][-2:] == ["answered", "held"]


@pytest.mark.parametrize("order", list(permutations(["customer answers", "key"])))
def test_given_a_call_out_when_answered_as_the_key_is_pressed_then_on_hold_in_either_order(
    order: tuple[str, ...],
) -> None:
    driver, call = dialing_customer()
    for which in order:
        (hold if which == "key" else customer_answers)(driver, call)
    assert_on_hold(driver, call, "phone")


@pytest.mark.parametrize("order", list(permutations(["target's key", "connect"])))
@pytest.mark.parametrize("askers_key", [hold, nothing])
def test_given_connect_as_the_targets_phone_holds_then_on_hold_with_the_target_in_either_order(
    order: tuple[str, ...], askers_key: Doing
) -> None:
    driver, call = made(S.CONSULT_TALKING)
    askers_key(driver, call)
    target = call.target_leg or ""
    for which in order:
        if which == "connect":
            connect(driver, call)
        else:
            driver.tell(HELD(target))
    assert (call.cti_id, call.agent_leg) == ("a2", target)
    assert_on_hold(driver, call, "phone")


def test_given_the_asking_agents_phone_holds_when_connected_then_the_target_talks_for_theirs_does_not() -> None:
    driver, call = made(S.CONSULT_TALKING)
    hold(driver, call)
    connect(driver, call)
    assert call.cti_id == "a2"
    assert_talk_again(driver, call)


def test_given_the_consulted_agents_phone_holds_when_cancelled_then_the_asking_agent_may_resume() -> None:
    driver, call = made(S.CONSULT_TALKING)
    driver.tell(HELD(call.target_leg or ""))
    assert call.held_by == ["panel"]
    cancel(driver, call)
    assert_on_hold(driver, call, "panel")


def test_given_an_offer_that_came_to_nothing_then_the_next_agents_phone_holds_nothing() -> None:
    driver, call = connecting()
    hold(driver, call)
    driver.tell(facts.LegEnded(call.agent_leg or "", 16))
    driver.tell(commands.SetStatus("a1", "ready", None))
    driver.pass_time(6)
    driver.answer(call)
    assert_talk_again(driver, call)


def test_given_a_lost_phone_that_held_then_the_one_that_answers_again_holds_nothing() -> None:
    driver, call = agent_lost()
    hold(driver, call)
    driver.tell(facts.LegEnded(call.agent_leg or "", 44))
    driver.pass_time(3)
    driver.agent_leg(call)
    lifts(driver, call)
    assert_talk_again(driver, call)


def test_given_a_reloaded_page_on_hold_when_its_phone_holds_as_it_answers_then_both_hold() -> None:
    driver = staffed("browser")
    call = driver.arrive(leg_id=CUSTOMER)
    driver.answer(call)
    driver.tell(commands.HoldCall("a1", call.id))
    driver.tell(facts.LegEnded(call.agent_leg or "", 44))
    driver.agent_leg(call)
    hold(driver, call)
    lifts(driver, call)
    assert_on_hold(driver, call, "panel", "phone")


def test_given_a_customer_who_leaves_while_the_phone_holds_then_the_call_ends() -> None:
    driver, call = dialing_customer()
    hold(driver, call)
    customer_leaves(driver, call)
    assert state_of(call) is S.ENDED
    assert len(driver.outcomes()) == 1


# ------------------------------------------------------------------------ recovery


def restarted(driver: Driver, call: Call) -> tuple[Driver, Call]:
    """Another controller, which finds everybody where they were. A PBX does not tell who holds."""
    other = driver.restarted()
    there = other.center.floor.calls[call.id]
    for cti_id in ("a1", "a2", "a3"):
        other.tell(commands.PanelChanged(cti_id, True))
    other.connect(
        *(
            facts.SeenLeg(
                leg.id,
                leg.stage is Stage.UP,
                leg.stage is Stage.DIALED,
                True,
                call.bridge_id if leg.place is Place.BRIDGE and leg.in_bridge else None,
                "",
                None,
            )
            for leg in there.legs.values()
        )
    )
    other.records = [*driver.records, *other.records]
    return other, there


def held_events(driver: Driver) -> list[str]:
    """Who began each hold that did not begin as a consultation."""
    return [
        r.detail["held_by"]
        for r in driver.records
        if isinstance(r, CallEvent) and r.type == "held" and r.detail["held_by"] != "consult"
    ]


@pytest.mark.parametrize("press", [hold, retrieve])
@pytest.mark.parametrize("state", [S.CONSULT_RINGING, S.CONSULT_TALKING])
def test_given_a_restart_in_a_consultation_then_who_holds_is_remembered(state: CallState, press: Doing) -> None:
    driver, call = consulting(state, "" if press is hold else "phone")
    press(driver, call)
    driver, call = restarted(driver, call)
    cancel(driver, call)
    assert_on_hold(driver, call, *(["panel", "phone"] if press is hold else ["panel"]))


def test_given_the_node_was_away_then_who_holds_is_what_was_known() -> None:
    driver, call = talking()
    hold(driver, call)
    driver.tell(facts.NodeLost("main"))
    driver, call = restarted(driver, call)
    assert_on_hold(driver, call, "phone")
    assert_only_the_phone_ends_it(driver, call)


def test_given_a_hold_that_was_saved_before_legs_knew_it_then_the_phones_retrieve_ends_it() -> None:
    driver, call = talking()
    hold(driver, call)
    call.legs[call.agent_leg or ""].phone_holds = False
    assert_only_the_phone_ends_it(driver, call)


def test_given_a_phone_that_holds_when_the_policy_reminds_then_it_does_so_behind_a_beginning_too() -> None:
    driver, call = made(S.CONNECTING)
    hold(driver, call)
    all_enter(driver, call)
    driver.pass_time(Policy(force_disconnect_reasons=REASONS).hold_reminder_s + 1)
    assert [notice.code for notice in driver.notices if isinstance(notice, Told)] == ["hold_reminder"]
