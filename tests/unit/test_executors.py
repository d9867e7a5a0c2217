"""Actions go to whom they name; what names nobody is told of."""

from collections.abc import Sequence

import pytest

from cti_bridge.domain.border.actions import Action, HangUp, StopMusic
from cti_bridge.domain.border.facts import ActionFailed, Failure
from cti_bridge.executors import Executors


def test_given_two_pbxs_then_each_gets_its_own_in_order() -> None:
    got: list[tuple[str, list[Action]]] = []
    executors = Executors(lambda fact: None)
    for name in ("main", "other"):

        def submit(actions: Sequence[Action], name: str = name) -> None:
            got.append((name, list(actions)))

        executors.add(name, submit)
    first, second, third = StopMusic("main", "c", "l1"), HangUp("main", "c", "l1"), HangUp("other", "d", "l2")
    executors.submit([first, second, third])
    assert got == [("main", [first, second]), ("other", [third])]


def test_given_an_action_that_names_nobody_then_it_has_failed() -> None:
    told: list[ActionFailed] = []
    executors = Executors(told.append)
    action = HangUp("gone", "c", "l1")
    executors.submit([action])
    assert told == [ActionFailed("l1", "HangUp", Failure.NOBODY, action)]


def test_two_of_one_name_are_refused() -> None:
    executors = Executors(lambda fact: None)
    executors.add("main", lambda actions: None)
    with pytest.raises(ValueError, match="main"):
        executors.add("main", lambda actions: None)
