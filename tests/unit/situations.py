"""A call in each of its states, made the way it comes about. The customer is ``caller-1`` (a leg of ours in an outbound
call), the agent ``a1``; ``a2`` is on a break, or the target; ``a3`` has nothing to do with it."""

from collections.abc import Callable
from dataclasses import replace

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.model.call import Call, CallState, Place, Stage
from cti_bridge.domain.model.directory import CallingNumber, Policy, Queue, Service
from cti_bridge.domain.model.scenario import (
    Dialplan,
    Enqueue,
    HangUp,
    Menu,
    Scenario,
    Step,
    Transfer,
    short_form,
)
from tests.unit.floor import CALLING, NODE, NUMBER, Driver, agent_entry, directory

CUSTOMER = "caller-1"
GREETED = "+8225550009"
MENU = "+8225550010"
TO_DIALPLAN = "+8225550013"
TO_DUTY, TO_AGENT = "+8225550011", "+8225550012"
"""Numbers whose first step transfers: to an outside number that has to confirm, and to a2."""
OUTSIDE = "+82212345678"
PICKUP_S, LONGEST_S = 20, 300
REASONS = ("threat",)
SERVICE = Service(
    "acme",
    allowed_prefixes=("+82",),
    return_queue="support",
    force_disconnect_message="sound:forced",
    force_disconnect_warning="sound:warning",
)


WITH_MENU = Scenario(
    "with-menu",
    "acme",
    (MENU,),
    "menu",
    {
        "menu": Menu("menu", {"1": "support", "otherwise": "bye"}, "sound:menu", wait_s=5.0, tries=2),
        "support": Enqueue("support", {"longest_wait": "bye"}, "support"),
        "bye": HangUp("bye", {}, "sound:bye"),
    },
)


def _leading_to(name: str, number: str, step: Step) -> Scenario:
    support = Enqueue("support", {"longest_wait": "bye"}, "support")
    steps = (step, support, HangUp("bye", {}, "sound:bye"))
    return Scenario(name, "acme", (number,), step.name, {one.name: one for one in steps})


WITH_DUTY = _leading_to("with-duty", TO_DUTY, Transfer("duty", {"failed": "support"}, OUTSIDE, confirm=True, most_s=60))
WITH_DIALPLAN = _leading_to(
    "with-dialplan", TO_DIALPLAN, Dialplan("old", {"next": "support", "sales": "bye"}, "acme-ivr", most_s=60)
)
WITH_AGENT = _leading_to("with-agent", TO_AGENT, Transfer("duty", {"failed": "support"}, agent="a2"))


def staffed(answer: str = "phone", policy: Policy | None = None) -> Driver:
    """a1 is ready, a2 on a break; the node is there, and the phones are registered."""
    config = directory(
        agent_entry(1, answer=answer),
        agent_entry(2),
        agent_entry(3),
        policy=policy or Policy(force_disconnect_reasons=REASONS),
        services=(SERVICE,),
        queues=(Queue("support", "acme", pickup_time_s=PICKUP_S, longest_wait_s=LONGEST_S),),
        scenarios=(
            short_form(NUMBER, "acme", "support", on_longest_wait="sound:busy"),
            short_form(GREETED, "acme", "support", greeting="sound:welcome", on_longest_wait="sound:busy"),
            WITH_MENU,
            WITH_DUTY,
            WITH_AGENT,
            WITH_DIALPLAN,
        ),
    )
    driver = Driver(replace(config, calling_numbers={CALLING: CallingNumber(CALLING, "acme", "confirmed")}))
    driver.connect()
    driver.log_in("a1")
    driver.log_in("a2", status="rest")
    driver.tell(commands.PanelChanged("a1", True))
    return driver


def all_enter(driver: Driver, call: Call) -> None:
    """Whoever is on the way into the bridge is seen in it."""
    coming = [leg for leg in call.legs.values() if leg.stage is not Stage.ENDING and leg.place is Place.BRIDGE]
    driver.enter(call, *(leg.id for leg in coming if not leg.in_bridge))


def greeting() -> tuple[Driver, Call]:
    driver = staffed()
    call = driver.arrive(GREETED, CUSTOMER)
    driver.tell(facts.PlaybackStarted(playing(call)))
    return driver, call


def in_dialplan() -> tuple[Driver, Call]:
    driver = staffed()
    return driver, driver.arrive(TO_DIALPLAN, CUSTOMER)


def waiting_for_a_key() -> tuple[Driver, Call]:
    driver = staffed()
    call = driver.arrive(MENU, CUSTOMER)
    driver.tell(facts.PlaybackEnded(playing(call)))
    return driver, call


def waiting() -> tuple[Driver, Call]:
    driver = staffed()
    driver.tell(commands.SetStatus("a1", "rest", None))
    return driver, driver.arrive(leg_id=CUSTOMER)


def ringing(driver: Driver | None = None) -> tuple[Driver, Call]:
    driver = driver or staffed()
    call = driver.arrive(leg_id=CUSTOMER)
    driver.agent_leg(call)
    return driver, call


def accepted() -> tuple[Driver, Call]:
    driver = staffed("auto")
    call = driver.arrive(leg_id=CUSTOMER)
    driver.tell(commands.AnswerOffer("a1", call.offer.id if call.offer else ""))
    driver.agent_leg(call)
    return driver, call


def connecting(driver: Driver | None = None) -> tuple[Driver, Call]:
    driver, call = ringing(driver)
    driver.tell(facts.LegAnswered(call.agent_leg or ""))
    return driver, call


def talking(driver: Driver | None = None) -> tuple[Driver, Call]:
    driver, call = connecting(driver)
    driver.enter(call, CUSTOMER, call.agent_leg or "")
    driver.pass_time(30)
    return driver, call


def warning() -> tuple[Driver, Call]:
    """Both hear it."""
    driver, call = talking()
    driver.tell(commands.Warn("a1", call.id))
    for playback_id in playing_to_both(call):
        driver.tell(facts.PlaybackStarted(playback_id))
    return driver, call


def warning_heard_by_one() -> tuple[Driver, Call]:
    """The agent's message is over, the customer's still plays."""
    driver, call = warning()
    driver.tell(facts.PlaybackEnded(playing_to_both(call)[1]))
    return driver, call


def announcing() -> tuple[Driver, Call]:
    driver, call = waiting()
    driver.pass_time(LONGEST_S)
    driver.tell(facts.PlaybackStarted(playing(call)))
    return driver, call


def dialing_agent() -> tuple[Driver, Call]:
    driver = staffed()
    driver.tell(commands.Dial("a1", OUTSIDE, CALLING))
    (call,) = driver.center.floor.calls.values()
    driver.agent_leg(call)
    return driver, call


def dialing_customer() -> tuple[Driver, Call]:
    driver, call = dialing_agent()
    driver.tell(facts.LegAnswered(call.agent_leg or ""))
    driver.tell(facts.LegReady(call.customer_leg or ""))
    all_enter(driver, call)
    return driver, call


def talking_outbound() -> tuple[Driver, Call]:
    driver, call = dialing_customer()
    driver.tell(facts.LegAnswered(call.customer_leg or ""))
    return driver, call


def agent_lost() -> tuple[Driver, Call]:
    driver, call = talking()
    driver.tell(facts.LegEnded(call.agent_leg or "", 44))
    driver.agent_leg(call)
    return driver, call


def on_hold() -> tuple[Driver, Call]:
    driver, call = talking()
    driver.tell(commands.HoldCall("a1", call.id))
    return driver, call


def consult_ringing(number: str | None = None) -> tuple[Driver, Call]:
    """a2 is the target, or an outside number."""
    driver, call = talking()
    if number is None:
        driver.tell(commands.SetStatus("a2", "ready", None))
    driver.tell(commands.StartConsult("a1", call.id, number, None if number else "a2"))
    driver.tell(facts.LegReady(call.target_leg or ""))
    return driver, call


def consult_talking(number: str | None = None) -> tuple[Driver, Call]:
    driver, call = consult_ringing(number)
    driver.tell(facts.LegAnswered(call.target_leg or ""))
    all_enter(driver, call)
    return driver, call


def consult_swapped(number: str | None = None) -> tuple[Driver, Call]:
    """The agent talks to the customer, and the target has music."""
    driver, call = consult_talking(number)
    driver.tell(commands.SwapConsult("a1", call.id))
    all_enter(driver, call)
    return driver, call


def three_together(number: str | None = None) -> tuple[Driver, Call]:
    driver, call = consult_talking(number)
    driver.tell(commands.JoinAll("a1", call.id))
    all_enter(driver, call)
    return driver, call


def consult_alone(number: str | None = None) -> tuple[Driver, Call]:
    driver, call = consult_talking(number)
    customer_leaves(driver, call)
    return driver, call


def joining(number: str | None = None) -> tuple[Driver, Call]:
    """By Connect: the agent's leg is kept."""
    driver, call = consult_talking(number)
    driver.tell(commands.ConnectConsult("a1", call.id))
    return driver, call


def joining_without_sender(number: str | None = None) -> tuple[Driver, Call]:
    """The target of a direct transfer has answered."""
    driver, call = transfer_ringing(number)
    driver.tell(facts.LegAnswered(call.target_leg or ""))
    return driver, call


def transfer_ringing(number: str | None = None) -> tuple[Driver, Call]:
    driver, call = talking()
    sender_leg = call.agent_leg or ""
    if number is None:
        driver.tell(commands.SetStatus("a2", "ready", None))
    driver.tell(commands.TransferCall("a1", call.id, number, None if number else "a2"))
    driver.tell(facts.LegEnded(sender_leg, 16))
    driver.tell(facts.LegReady(call.target_leg or ""))
    return driver, call


def transferred() -> tuple[Driver, Call]:
    """To an outside number, for an agent who is connected has an ordinary call."""
    driver, call = joining(OUTSIDE)
    sender_leg = call.agent_leg or ""
    all_enter(driver, call)
    driver.tell(facts.LegEnded(sender_leg, 16))
    return driver, call


def step_ringing(number: str = TO_DUTY) -> tuple[Driver, Call]:
    """A step of the scenario transfers."""
    driver = staffed()
    driver.tell(commands.SetStatus("a2", "ready", None))
    call = driver.arrive(number, CUSTOMER)
    driver.tell(facts.LegReady(call.target_leg or ""))
    return driver, call


def confirming() -> tuple[Driver, Call]:
    driver, call = step_ringing()
    leg_id = call.target_leg or ""
    driver.tell(facts.LegAnswered(leg_id))
    driver.tell(facts.PlaybackStarted(call.legs[leg_id].playback_id or ""))
    return driver, call


def step_joining(number: str = TO_DUTY) -> tuple[Driver, Call]:
    driver, call = confirming() if number == TO_DUTY else step_ringing(number)
    leg_id = call.target_leg or ""
    driver.tell(facts.DigitPressed(leg_id, "1") if number == TO_DUTY else facts.LegAnswered(leg_id))
    return driver, call


def step_transferred() -> tuple[Driver, Call]:
    driver, call = step_joining()
    all_enter(driver, call)
    return driver, call


def dialing_colleague() -> tuple[Driver, Call]:
    """a1 calls a2, without a customer; their own phone rings."""
    driver = staffed()
    driver.tell(commands.DialAgent("a1", "a2"))
    (call,) = driver.center.floor.calls.values()
    driver.agent_leg(call)
    return driver, call


def internal_ringing() -> tuple[Driver, Call]:
    driver, call = dialing_colleague()
    driver.tell(facts.LegAnswered(call.agent_leg or ""))
    driver.tell(facts.LegReady(call.target_leg or ""))
    return driver, call


def internal_talking() -> tuple[Driver, Call]:
    driver, call = internal_ringing()
    driver.tell(facts.LegAnswered(call.target_leg or ""))
    all_enter(driver, call)
    return driver, call


def internal_on_hold(cti_id: str = "a1") -> tuple[Driver, Call]:
    driver, call = internal_talking()
    driver.tell(commands.HoldCall(cti_id, call.id))
    return driver, call


def forced() -> tuple[Driver, Call]:
    """The last message after a force disconnect."""
    driver, call = talking()
    agent_leg = call.agent_leg or ""
    driver.tell(commands.ForceDisconnect("a1", call.id, REASONS[0]))
    driver.tell(facts.LegEnded(agent_leg, 16))
    driver.tell(facts.PlaybackStarted(playing(call)))
    return driver, call


def ended() -> tuple[Driver, Call]:
    """The customer has gone; the agent's leg is still ending."""
    driver, call = talking()
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    return driver, call


Making = Callable[[], tuple[Driver, Call]]

MADE: dict[CallState, Making] = {
    CallState.IN_SCENARIO: greeting,
    CallState.IN_DIALPLAN: in_dialplan,
    CallState.WAITING: waiting,
    CallState.RINGING: ringing,
    CallState.ACCEPTED: accepted,
    CallState.CONNECTING: connecting,
    CallState.DIALING_AGENT: dialing_agent,
    CallState.DIALING_CUSTOMER: dialing_customer,
    CallState.TALKING: talking,
    CallState.WARNING: warning,
    CallState.AGENT_LOST: agent_lost,
    CallState.ON_HOLD: on_hold,
    CallState.CONSULT_RINGING: consult_ringing,
    CallState.CONSULT_TALKING: consult_talking,
    CallState.CONSULT_SWAPPED: consult_swapped,
    CallState.THREE_TOGETHER: three_together,
    CallState.CONSULT_ALONE: consult_alone,
    CallState.JOINING: joining,
    CallState.TRANSFER_RINGING: transfer_ringing,
    CallState.TRANSFER_CONFIRMING: confirming,
    CallState.TRANSFERRED: transferred,
    CallState.INTERNAL_RINGING: internal_ringing,
    CallState.INTERNAL_TALKING: internal_talking,
    CallState.INTERNAL_ON_HOLD: internal_on_hold,
    CallState.INTERNAL_HELD: lambda: internal_on_hold("a2"),
    CallState.ANNOUNCING: announcing,
    CallState.ENDED: ended,
}

ALSO: dict[str, Making] = {
    "in_scenario, waiting for a key": waiting_for_a_key,
    "talking outbound": talking_outbound,
    "dialing_agent, a colleague": dialing_colleague,
    "warning heard by the agent": warning_heard_by_one,
    "consult_ringing outside": lambda: consult_ringing(OUTSIDE),
    "consult_talking outside": lambda: consult_talking(OUTSIDE),
    "consult_swapped outside": lambda: consult_swapped(OUTSIDE),
    "three_together outside": lambda: three_together(OUTSIDE),
    "consult_alone outside": lambda: consult_alone(OUTSIDE),
    "joining outside": lambda: joining(OUTSIDE),
    "joining, sender gone": joining_without_sender,
    "joining outside, sender gone": lambda: joining_without_sender(OUTSIDE),
    "transfer_ringing outside": lambda: transfer_ringing(OUTSIDE),
    "transfer_ringing by a step": step_ringing,
    "transfer_ringing by a step, to an agent": lambda: step_ringing(TO_AGENT),
    "joining by a step": step_joining,
    "joining by a step, to an agent": lambda: step_joining(TO_AGENT),
    "transferred by a step": step_transferred,
    "announcing after force disconnect": forced,
}
"""The same states, come about in another way, or with an outside target."""

SITUATIONS: dict[str, Making] = {state.value: making for state, making in MADE.items()} | ALSO


def made(state: CallState) -> tuple[Driver, Call]:
    driver, call = situation(state.value)
    assert call.state is state
    return driver, call


def situation(name: str) -> tuple[Driver, Call]:
    driver, call = SITUATIONS[name]()
    assert call.state == name.split(" ")[0].rstrip(",")
    driver.actions.clear()
    return driver, call


def state_of(call: Call) -> CallState:
    """The call's state now: a type checker takes an attribute that was compared once for unchanged."""
    return call.state


def playing(call: Call) -> str:
    playback_id = call.legs[call.customer_leg or ""].playback_id
    assert playback_id is not None
    return playback_id


def playing_to_both(call: Call) -> tuple[str, str]:
    """The message of the customer, and that of the agent."""
    agent = call.legs[call.agent_leg or ""].playback_id
    assert agent is not None
    return playing(call), agent


def customer_leaves(driver: Driver, call: Call) -> None:
    driver.tell(facts.LegEnded(call.customer_leg or CUSTOMER, 16))


def node_is_lost(driver: Driver, _: Call) -> None:
    driver.tell(facts.NodeLost(NODE))
