"""What is still to be shipped to a spare: the newest of each key, of which rows, since when (P1)."""

from cti_bridge.storage.spool_file import Batch
from cti_bridge.storage.unshipped import Key, Shipment, Unshipped

A, B, C = ("call", "a"), ("call", "b"), ("agent", "c")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def begun(most: int = 10) -> tuple[Unshipped, Clock]:
    """After the first whole checkpoint was shipped."""
    clock = Clock()
    unshipped = Unshipped(7, most, clock)
    unshipped.shipped(unshipped.take())
    return unshipped, clock


def states(shipment: Shipment) -> dict[Key, bytes | None]:
    return dict(shipment.states)


def test_in_the_beginning_all_is_due_and_no_row_may_go() -> None:
    unshipped = Unshipped(7)
    assert (unshipped.due, unshipped.whole, unshipped.shipped_rows_through) == (True, True, 0)
    assert unshipped.shipped_commits < unshipped.commits

    unshipped.shipped(unshipped.take())
    assert (unshipped.due, unshipped.whole, unshipped.shipped_rows_through) == (False, False, 7)
    assert (unshipped.shipped_commits, unshipped.states, unshipped.behind_s) == (unshipped.commits, 0, 0.0)


def test_the_newest_of_each_key_is_shipped_and_a_removal_is_one() -> None:
    unshipped, _ = begun()
    unshipped.committed({A: b"1", B: b"1"}, 8)
    unshipped.committed({A: None, C: b"1"}, 0)
    unshipped.committed({C: b"2"}, 9)

    shipment = unshipped.take()
    assert states(shipment) == {A: None, B: b"1", C: b"2"}
    assert (shipment.whole, shipment.rows_through, unshipped.due) == (False, 9, False)


def test_what_is_committed_while_a_shipment_is_under_way_goes_with_the_next_and_its_rows_wait() -> None:
    unshipped, _ = begun()
    unshipped.committed({A: b"1"}, 8)
    first = unshipped.take()
    unshipped.committed({A: b"2"}, 9)

    unshipped.shipped(first)
    assert (unshipped.shipped_rows_through, unshipped.due, unshipped.shipped_commits) == (8, True, 1)
    assert (states(unshipped.take()), unshipped.shipped_rows_through) == ({A: b"2"}, 8)


def test_a_commit_of_rows_alone_is_shipped_so_that_they_may_go() -> None:
    unshipped, _ = begun()
    unshipped.committed({}, 8)
    assert unshipped.due
    unshipped.shipped(unshipped.take())
    assert unshipped.shipped_rows_through == 8


def test_after_a_failure_all_is_due_and_no_row_of_it_may_go() -> None:
    unshipped, _ = begun()
    unshipped.committed({A: b"1"}, 8)
    unshipped.take()
    unshipped.committed({B: b"1"}, 9)
    unshipped.lost()

    assert (unshipped.whole, unshipped.due, unshipped.shipped_rows_through, unshipped.shipped_commits) == (
        True,
        True,
        7,
        0,
    )
    shipment = unshipped.take()
    assert (shipment.whole, shipment.commit, shipment.rows_through, states(shipment)) == (True, 2, 9, {})


def test_so_many_changes_that_memory_would_grow_are_read_from_the_disk_instead() -> None:
    unshipped, _ = begun(most=2)
    unshipped.committed({A: b"1", B: b"1"}, 8)
    assert not unshipped.whole
    unshipped.committed({C: b"1"}, 9)
    assert unshipped.whole and unshipped.states == 0
    assert unshipped.take().rows_through == 9


def test_the_age_is_that_of_the_oldest_commit_that_has_not_come_through() -> None:
    unshipped, clock = begun()
    assert unshipped.behind_s == 0.0
    unshipped.committed({A: b"1"}, 8)
    clock.now = 103.0
    assert unshipped.behind_s == 3.0
    shipment = unshipped.take()
    clock.now = 104.0
    unshipped.committed({A: b"2"}, 9)
    assert (unshipped.behind_s, unshipped.states) == (4.0, 2)
    unshipped.shipped(shipment)
    clock.now = 106.0
    assert unshipped.behind_s == 2.0
    unshipped.take()
    unshipped.committed({B: b"1"}, 10)
    clock.now = 107.0
    unshipped.lost()
    assert unshipped.behind_s == 3.0


def test_a_failure_without_anything_under_way_begins_now() -> None:
    unshipped, clock = begun()
    clock.now = 200.0
    unshipped.lost()
    clock.now = 201.0
    assert unshipped.behind_s == 1.0


def test_a_checkpoint_that_replaces_another_one_takes_no_change_of_before_along() -> None:
    before = Batch(changes={A: b"own", B: b"own"})
    adopted = Batch(changes={C: b"other's"}, replaced=True)
    after = Batch(changes={A: b"new"})

    both = before.followed_by(adopted).followed_by(after)
    assert (both.replaced, both.changes) == (True, {C: b"other's", A: b"new"})
    assert not Batch(replaced=True).empty and not before.followed_by(after).replaced
