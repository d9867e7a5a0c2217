"""A call in each of its states, made the way it comes about. The customer is ``caller-1``, the agent ``a1``; ``a2`` is
on a break."""

from collections.abc import Callable

from cti_bridge.domain import facts
from cti_bridge.domain.call import Call, CallState
from cti_bridge.domain.directory import Policy, Queue, Scenario
from tests.unit.floor import NODE, NUMBER, Driver, agent_entry, directory

CUSTOMER = "caller-1"
GREETED = "+8225550009"
PICKUP_S, LONGEST_S = 20, 300


def staffed(answer: str = "phone", policy: Policy | None = None) -> Driver:
    """a1 is ready, a2 on a break; the node is there, and the phones are registered."""
    driver = Driver(
        directory(
            agent_entry(1, answer=answer),
            agent_entry(2),
            policy=policy,
            queues=(Queue("support", "acme", pickup_time_s=PICKUP_S, longest_wait_s=LONGEST_S),),
            scenarios=(
                Scenario(NUMBER, "acme", "support", on_longest_wait="sound:busy"),
                Scenario(GREETED, "acme", "support", greeting="sound:welcome", on_longest_wait="sound:busy"),
            ),
        )
    )
    driver.connect()
    driver.log_in("a1")
    driver.log_in("a2", status="rest")
    driver.tell(facts.PanelChanged("a1", True))
    return driver


def greeting() -> tuple[Driver, Call]:
    driver = staffed()
    call = driver.arrive(GREETED, CUSTOMER)
    driver.tell(facts.PlaybackStarted(playing(call)))
    return driver, call


def waiting() -> tuple[Driver, Call]:
    driver = staffed()
    driver.tell(facts.SetStatus("a1", "rest", None))
    return driver, driver.arrive(leg_id=CUSTOMER)


def ringing() -> tuple[Driver, Call]:
    driver = staffed()
    call = driver.arrive(leg_id=CUSTOMER)
    driver.agent_leg(call)
    return driver, call


def accepted() -> tuple[Driver, Call]:
    driver = staffed("auto")
    call = driver.arrive(leg_id=CUSTOMER)
    driver.tell(facts.AnswerOffer("a1", call.offer.id if call.offer else ""))
    driver.agent_leg(call)
    return driver, call


def connecting() -> tuple[Driver, Call]:
    driver, call = ringing()
    driver.tell(facts.LegAnswered(call.agent_leg or ""))
    return driver, call


def talking() -> tuple[Driver, Call]:
    driver, call = connecting()
    driver.enter(call, CUSTOMER, call.agent_leg or "")
    driver.pass_time(30)
    return driver, call


def announcing() -> tuple[Driver, Call]:
    driver, call = waiting()
    driver.pass_time(LONGEST_S)
    driver.tell(facts.PlaybackStarted(playing(call)))
    return driver, call


def ended() -> tuple[Driver, Call]:
    """The customer has gone; the agent's leg is still ending."""
    driver, call = talking()
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    return driver, call


MADE: dict[CallState, Callable[[], tuple[Driver, Call]]] = {
    CallState.GREETING: greeting,
    CallState.WAITING: waiting,
    CallState.RINGING: ringing,
    CallState.ACCEPTED: accepted,
    CallState.CONNECTING: connecting,
    CallState.TALKING: talking,
    CallState.ANNOUNCING: announcing,
    CallState.ENDED: ended,
}


def made(state: CallState) -> tuple[Driver, Call]:
    driver, call = MADE[state]()
    assert call.state is state
    driver.actions.clear()
    return driver, call


def state_of(call: Call) -> CallState:
    """The call's state now: a type checker takes an attribute that was compared once for unchanged."""
    return call.state


def playing(call: Call) -> str:
    playback_id = call.legs[call.customer_leg or ""].playback_id
    assert playback_id is not None
    return playback_id


def customer_leaves(driver: Driver, _: Call) -> None:
    driver.tell(facts.LegEnded(CUSTOMER, 16))


def node_is_lost(driver: Driver, _: Call) -> None:
    driver.tell(facts.NodeLost(NODE))


def time_is_up(driver: Driver, _: Call) -> None:
    """The next deadline is due."""
    driver.now = driver.center.next_deadline() or driver.now
    driver.tell(facts.TimePassed())
