"""How acceptance scenarios share a pool, and how the suite is divided into groups."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.acceptance.side_by_side import Pool, SideBySide
from tests.conftest import TESTS, Groups, Tally, group_of, waits


class FakeStack:
    """Ends when it is told to."""

    def __init__(self) -> None:
        self._then: list[Callable[[], Awaitable[None]]] = []

    def before_its_end(self, then: Callable[[], Awaitable[None]]) -> None:
        self._then.append(then)

    async def end(self) -> None:
        for then in self._then:
            await then()


def asked_for(*tests: Any) -> list[Any]:
    """Tests as pytest collects them, each from a module of its own."""
    items: list[Any] = []
    session = SimpleNamespace(items=items)
    for number, test in enumerate(tests):
        items.append(
            SimpleNamespace(
                function=test,
                nodeid=f"test_{number}.py::{test.__name__}",
                path=Path(f"/package/test_{number}.py"),
                module=ModuleType(f"test_{number}"),
                session=session,
            )
        )
    return items


async def test_given_scenarios_of_two_modules_then_they_run_at_the_same_time() -> None:
    met = asyncio.Barrier(2)

    @SideBySide()
    async def test_first(stack: FakeStack) -> None:
        await met.wait()

    @SideBySide()
    async def test_second(stack: FakeStack) -> None:
        await met.wait()

    stack, items = FakeStack(), asked_for(test_first, test_second)
    async with asyncio.timeout(10):
        for item in items:
            await Pool.of(stack, item).result(item)


async def test_given_a_scenario_that_fails_then_its_own_test_fails_alone() -> None:
    side_by_side = SideBySide(at_once=1)

    @side_by_side
    async def test_bad(stack: FakeStack) -> None:
        raise AssertionError("this one")

    @side_by_side
    async def test_good(stack: FakeStack) -> None:
        await asyncio.sleep(0)

    stack, (bad, good) = FakeStack(), asked_for(test_bad, test_good)
    await Pool.of(stack, good).result(good)
    with pytest.raises(AssertionError, match="this one"):
        await Pool.of(stack, bad).result(bad)


async def test_given_a_stack_that_ends_then_what_still_runs_on_it_is_ended_before() -> None:
    begun, ended = asyncio.Event(), []

    @SideBySide()
    async def test_endless(stack: FakeStack) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("scenario")

    stack, (item,) = FakeStack(), asked_for(test_endless)
    Pool.of(stack, item)
    await begun.wait()
    await stack.end()
    assert ended == ["scenario"]


async def test_given_a_module_with_a_stack_of_its_own_then_its_pool_has_its_scenarios_only() -> None:
    ran = []

    @SideBySide()
    async def test_here(stack: FakeStack) -> None:
        ran.append("here")

    @SideBySide()
    async def test_there(stack: FakeStack) -> None:
        ran.append("there")

    stack, (here, there) = FakeStack(), asked_for(test_here, test_there)
    vars(there.module)["stack"] = "a fixture"
    await Pool.of(stack, here).result(here)
    await Pool.of(stack, here).drained()
    assert ran == ["here"]


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("acceptance/test_hold.py", "acceptance"),
        ("acceptance/test_recovery.py", "recovery"),
        ("acceptance/test_recovery_states.py", "recovery"),
        ("panel/live/test_tls.py", "panel/live"),
        ("panel/test_states.py", "panel/test_states.py"),
        ("unit/test_recovery.py", "unit/test_recovery.py"),
        ("integration/test_spool.py", "integration/test_spool.py"),
        ("test_style.py", "style"),
    ],
)
def test_files_that_share_a_stack_are_one_group(path: str, group: str) -> None:
    assert (TESTS / path).exists()
    assert group_of(Path(path)) == group


@pytest.mark.parametrize(
    ("stats", "line"),
    [
        ({"passed": [1, 2]}, "2 passed, 0 failed"),
        ({"passed": [1], "failed": [2], "error": [3], "skipped": [4]}, "1 passed, 2 failed, 1 skipped"),
        ({}, "0 passed, 0 failed"),
    ],
)
def test_the_last_line_counts_what_could_not_be_set_up_as_failed(stats: dict[str, list[int]], line: str) -> None:
    written: list[str] = []
    reporter = SimpleNamespace(stats=stats, write_line=written.append)
    plugins = SimpleNamespace(getplugin=lambda name: reporter)
    Tally(SimpleNamespace(pluginmanager=plugins)).pytest_unconfigure()  # type: ignore[arg-type]
    assert written == [line]


class FakeNode:
    """A process of pytest-xdist: it says which tests it was given."""

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.given: list[int] = []
        self.shutting_down = False

    def send_runtest_some(self, indices: list[int]) -> None:
        self.given += indices

    def shutdown(self) -> None:
        self.shutting_down = True


TESTED = [
    "tests/acceptance/test_hold.py::test_1",
    "tests/acceptance/test_offers.py::test_2",
    "tests/acceptance/test_recovery.py::test_3",
    "tests/unit/test_hold.py::test_4",
    "tests/unit/test_order.py::test_5",
    "tests/unit/test_order.py::test_6",
]


def given_out(count: int) -> tuple[Groups, list[FakeNode]]:
    """So many processes, each of which has its first tests."""
    config = SimpleNamespace(option=SimpleNamespace(loadscopereorder=False), getvalue=lambda _: ["popen"] * count)
    nodes = [FakeNode(str(number)) for number in range(count)]
    scheduler = Groups(config, None)  # type: ignore[arg-type]
    scheduler.numnodes = count
    for node in nodes:
        scheduler.add_node(node)  # type: ignore[arg-type]
        scheduler.add_node_collection(node, TESTED)  # type: ignore[arg-type]
    scheduler.schedule()
    return scheduler, nodes


@pytest.mark.parametrize(("processes", "first"), [(2, [0, 3]), (3, [0, 3, 2]), (4, [0, 3, 2, 4])])
def test_every_other_process_begins_with_what_waits_and_the_others_with_what_reckons(
    processes: int, first: list[int]
) -> None:
    _, nodes = given_out(processes)
    assert [node.given[0] for node in nodes] == first


@pytest.mark.parametrize(
    ("group", "waiting"),
    [
        ("recovery", True),
        ("integration/test_ari_sounds.py", True),
        ("integration/test_writer.py", False),
        ("panel/live", True),
        ("panel/test_states.py", False),
        ("unit/test_dialplan.py", False),
    ],
)
def test_groups_with_phones_or_an_asterisk_wait(group: str, waiting: bool) -> None:
    assert waits(group) is waiting


def test_a_group_stays_in_one_process_and_all_are_run() -> None:
    scheduler, nodes = given_out(2)
    for node in nodes:
        for test in node.given:
            scheduler.mark_test_complete(node, test)  # type: ignore[arg-type]
    first, second = (set(node.given) for node in nodes)
    assert first | second == set(range(6)) and not first & second
    assert {0, 1} <= first and ({4, 5} <= first or {4, 5} <= second)
