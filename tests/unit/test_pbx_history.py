"""The check of a PBX's history finds what must not be in it: a check that finds nothing proves nothing."""

from collections.abc import Sequence

import pytest

from tests.support.pbx_history import LONGEST_WITHOUT_S, EventSocket, History, Mark, Order, Reach

BOTH, NOBODY = frozenset("ab"), frozenset[str]()
A, B = frozenset("a"), frozenset("b")
UNTIL = 100.0


def sockets(*, b_at: float = 20.0, a_till: float | None = 10.0) -> list[EventSocket]:
    """Bridge a acts from the beginning, and b takes over."""
    return [EventSocket("a", 0.0, a_till), EventSocket("b", b_at)]


def breaches(
    seen: Sequence[EventSocket] = (),
    marks: Sequence[Mark] = (),
    orders: Sequence[Order] = (),
    reach: Sequence[Reach] = (Reach(0.0, BOTH, BOTH),),
    since: float = 0.0,
) -> list[str]:
    return History(seen, marks, orders, reach).breaches(since, UNTIL)


def test_an_orderly_history_has_nothing_in_it() -> None:
    marks = [Mark(0.0, "a", 1), Mark(19.0, "b", 2)]
    orders = [Order(5.0, "a", "one"), Order(19.9, "a", "its last"), Order(20.1, "b", "another")]
    assert breaches(sockets(), marks, orders) == []


@pytest.mark.parametrize(("gap_s", "found"), [(14.0, 0), (16.0, 1)])
def test_a_pbx_without_anybody_is_found_when_that_lasts_for_longer_than_it_may(gap_s: float, found: int) -> None:
    assert len(breaches(sockets(b_at=10.0 + gap_s))) == found
    assert LONGEST_WITHOUT_S == 15.0


def test_nobody_who_comes_at_all_is_found_too() -> None:
    (words,) = breaches([EventSocket("a", 0.0, 10.0)])
    assert words.startswith("for 90.0 s")
    assert breaches(reach=[Reach(0.0, BOTH, BOTH)]), "also where nobody ever was"


def test_a_socket_of_one_that_is_stopped_or_silent_is_nobody() -> None:
    reach = [Reach(0.0, BOTH, BOTH), Reach(10.0, B, B)]
    assert len(breaches(sockets(b_at=26.0, a_till=None), reach=reach)) == 1
    assert breaches(sockets(b_at=24.0, a_till=None), reach=reach) == []


@pytest.mark.parametrize(
    ("pbx", "postgres", "found"),
    [
        (NOBODY, BOTH, 0),
        (B, A, 0),
        (B, NOBODY, 0),
        (B, B, 1),
        (A, NOBODY, 1),
    ],
)
def test_only_who_reaches_the_pbx_and_may_act_there_has_to_come(
    pbx: frozenset[str], postgres: frozenset[str], found: int
) -> None:
    """Bridge a acted last, so it needs no lease to come back."""
    reach = [Reach(0.0, BOTH, BOTH), Reach(10.0, pbx, postgres), Reach(40.0, BOTH, BOTH)]
    assert len(breaches(sockets(b_at=42.0), reach=reach)) == found


def test_two_stretches_that_are_not_one_are_no_breach() -> None:
    reach = [Reach(0.0, BOTH, BOTH), Reach(20.0, NOBODY, BOTH), Reach(21.0, BOTH, BOTH)]
    assert breaches(sockets(b_at=34.0), reach=reach) == []


@pytest.mark.parametrize("b_at", [20.0, 24.9])
def test_two_that_act_are_found(b_at: float) -> None:
    (words,) = breaches(sockets(b_at=b_at), orders=[Order(25.0, "a", "DELETE /channels/1")])
    assert words.startswith("a has sent DELETE /channels/1")
    assert breaches(sockets(b_at=25.1, a_till=None), orders=[Order(25.0, "a", "x")]) == []


def test_orders_of_one_who_never_had_a_socket_are_found() -> None:
    assert len(breaches(sockets(), orders=[Order(5.0, "b", "x")])) == 1
    assert len(breaches([], reach=[], orders=[Order(5.0, "b", "x")])) == 1


def test_a_pbx_that_is_taken_back_is_found() -> None:
    back = [*sockets(), EventSocket("a", 30.0)]
    marks = [Mark(0.0, "a", 1), Mark(19.0, "b", 2)]
    assert len(breaches(back, marks)) == 1, "without a mark"
    assert len(breaches(back, [*marks, Mark(29.0, "a", 1)])) == 1, "by one of before"
    assert breaches(back, [*marks, Mark(29.0, "a", 3)]) == [], "but a later term may"


def test_what_was_before_or_after_the_time_that_is_looked_at_is_not_told() -> None:
    seen, orders = sockets(b_at=30.0), [Order(35.0, "a", "x")]
    assert len(breaches(seen, orders=orders)) == 2
    assert breaches(seen, orders=orders, since=40.0) == []
