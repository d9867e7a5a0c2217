"""Deadlines are data: set, moved, taken back, due in order, and not piling up."""

from random import Random

from cti_bridge.domain.model.deadlines import Deadlines, Kind


def test_they_are_due_in_the_order_of_their_times_and_not_before() -> None:
    deadlines = Deadlines()
    deadlines.set(Kind.OFFER, "b", 20.0)
    deadlines.set(Kind.OFFER, "a", 10.0)
    assert deadlines.next() == 10.0
    assert deadlines.pop_due(9.999) is None
    assert [deadlines.pop_due(30.0), deadlines.pop_due(30.0), deadlines.pop_due(30.0)] == [
        (Kind.OFFER, "a"),
        (Kind.OFFER, "b"),
        None,
    ]
    assert deadlines.next() is None


def test_one_that_is_moved_is_due_once_and_at_its_new_time() -> None:
    deadlines = Deadlines()
    for at in (10.0, 5.0, 30.0, 20.0):
        deadlines.set(Kind.OFFER, "a", at)
    assert deadlines.pop_due(19.0) is None
    assert deadlines.pop_due(20.0) == (Kind.OFFER, "a")
    assert deadlines.pop_due(99.0) is None


def test_one_that_was_taken_back_is_never_due_and_may_be_set_again() -> None:
    deadlines = Deadlines()
    deadlines.set(Kind.OFFER, "a", 10.0)
    deadlines.set(Kind.OFFER, "a", None)
    deadlines.set(Kind.OFFER, "never set", None)
    assert deadlines.next() is None
    deadlines.set(Kind.OFFER, "a", 10.0)
    assert deadlines.pop_due(10.0) == (Kind.OFFER, "a")


def test_two_kinds_for_one_thing_are_two() -> None:
    deadlines = Deadlines()
    deadlines.set(Kind.OFFER, "a", 1.0)
    deadlines.set(Kind.CONFIRM, "a", 1.0)
    assert {deadlines.pop_due(1.0), deadlines.pop_due(1.0)} == {(Kind.OFFER, "a"), (Kind.CONFIRM, "a")}


def test_they_do_what_a_plain_table_would_and_do_not_pile_up() -> None:
    chance, deadlines = Random(1), Deadlines()
    table: dict[str, float] = {}
    for _ in range(5000):
        identity, at = str(chance.randrange(20)), float(chance.randrange(1000, 9000))
        if chance.random() < 0.3:
            deadlines.set(Kind.OFFER, identity, None)
            table.pop(identity, None)
        else:
            deadlines.set(Kind.OFFER, identity, at)
            table[identity] = at
        assert deadlines.next() == min(table.values(), default=None)
    assert len(deadlines._heap) < 100
    due = [deadlines.pop_due(1e9) for _ in range(len(table))]
    assert [key[1] for key in due if key] == sorted(table, key=lambda i: (table[i], i))


def test_one_that_stays_is_tried_when_its_call_has_moved_and_only_then() -> None:
    deadlines = Deadlines()
    deadlines.set(Kind.DIAL, "a", 1.0)
    assert deadlines.pop_due(1.0) == (Kind.DIAL, "a")
    deadlines.hold((Kind.DIAL, "a"), 1.0)
    assert deadlines.next() is None and deadlines.pop_tried() is None
    assert deadlines.at(Kind.DIAL, "a") == 1.0
    deadlines.try_again("b")
    assert deadlines.pop_tried() is None
    deadlines.try_again("a")
    deadlines.try_again("a")
    assert [deadlines.pop_tried(), deadlines.pop_tried()] == [(Kind.DIAL, "a"), None]


def test_one_that_stays_is_moved_and_taken_back_like_any_other() -> None:
    deadlines = Deadlines()
    deadlines.hold((Kind.DIAL, "a"), 1.0)
    deadlines.hold((Kind.DIAL, "b"), 1.0)
    deadlines.set(Kind.DIAL, "a", None)
    deadlines.set(Kind.DIAL, "b", 9.0)
    deadlines.try_again("a")
    deadlines.try_again("b")
    assert deadlines.pop_tried() is None
    assert deadlines.pop_due(9.0) == (Kind.DIAL, "b")
