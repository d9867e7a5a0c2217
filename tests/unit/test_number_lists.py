"""Lists of callers' numbers: who is refused, and who goes before others (requirement I3)."""

from dataclasses import replace

import pytest

from cti_bridge.domain.border import facts
from cti_bridge.domain.border.actions import Answer, Reject
from cti_bridge.domain.border.records import CallEvent, CallRow
from cti_bridge.domain.model.number_list import NumberList, number_list
from cti_bridge.domain.model.words import Outcome
from tests.unit.floor import NODE, NUMBER, Driver
from tests.unit.situations import CUSTOMER, staffed
from tests.unit.test_scenarios import SUPPORT, house

VIP, OTHER = "+821055500001", "+821066600001"


def listing(*lists: NumberList) -> Driver:
    driver = house(SUPPORT)
    directory = replace(driver.center.floor.directory, number_lists={one.id: one for one in lists})
    driver.tell(facts.ConfigurationChanged(directory))
    driver.actions.clear()
    return driver


def comes(driver: Driver, number: str | None, withheld: str | None = None) -> list[type]:
    driver.actions.clear()
    driver.tell(facts.CallArrived(NODE, CUSTOMER, NUMBER, number, "", driver.now, withheld_number=withheld))
    return [type(action) for action in driver.actions if isinstance(action, Answer | Reject)]


REFUSING = number_list("nuisance", [OTHER, "+8210777*"], refuses=True)


@pytest.mark.parametrize(
    ("number", "expected"),
    [(OTHER, Reject), ("+82107771234", Reject), ("+8210777", Reject), ("+821066600002", Answer), (VIP, Answer)],
)
def test_a_list_that_refuses_does_so_before_the_answer(number: str, expected: type) -> None:
    assert comes(listing(REFUSING), number) == [expected]


def test_the_row_says_blocked_and_an_event_names_the_list() -> None:
    driver = listing(REFUSING)
    comes(driver, OTHER)
    (reject,) = (action for action in driver.actions if isinstance(action, Reject))
    rows = [record for record in driver.records if isinstance(record, CallRow)]
    listed = [record.detail for record in driver.records if isinstance(record, CallEvent) and record.type == "listed"]
    assert (reject.sip_code, rows[-1].outcome, listed) == (403, Outcome.BLOCKED, [{"list": "nuisance"}])


def test_a_prefix_that_withholds_the_number_does_not_get_round_a_refusal() -> None:
    assert comes(listing(REFUSING), None, withheld=OTHER) == [Reject]
    assert comes(listing(REFUSING), None, withheld=VIP) == [Answer]
    assert comes(listing(REFUSING), None) == [Answer]


def test_a_list_gives_its_calls_a_priority_and_of_several_the_highest_counts() -> None:
    driver = listing(
        number_list("vip", ["+8210555*"], priority=5), number_list("first", [VIP], priority=9),
        number_list("last", ["+82*"], priority=-3), number_list("told apart", [VIP]),
    )  # fmt: skip
    comes(driver, VIP)
    calls = {call.customer.number: call.priority for call in driver.center.floor.calls.values()}
    driver.arrive(leg_id="caller-2", caller="+821055500002")
    driver.arrive(leg_id="caller-3", caller=OTHER)
    driver.tell(facts.CallArrived(NODE, "caller-4", NUMBER, None, "", driver.now, withheld_number=VIP))
    calls = {call.customer.number: call.priority for call in driver.center.floor.calls.values()}
    assert calls == {VIP: 9, "+821055500002": 5, OTHER: -3, None: 0}


def test_without_lists_nothing_is_looked_up() -> None:
    assert staffed().center.floor.directory.number_lists == {}


def test_the_lookup_does_not_grow_with_the_list() -> None:
    long = number_list("long", [f"+8210{n:08}" for n in range(20_000)] + [f"+{n}*" for n in range(100, 400)])
    assert "+821000019999" in long and "+8210" not in long and "+3995" in long and "" not in long
    assert long._lengths == (4,)
