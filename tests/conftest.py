"""How the suite is laid out over several processes (`pytest -n`): docs/testing.md tells why."""

import gc
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from tests.acceptance.side_by_side import is_scenario
from tests.support.alone import TriedAlone

# What is made while ten thousand tests are collected stays until the end: to look through it for garbage again and
# again takes a quarter of the time of collecting them. From `pytest_runtestloop` on garbage is looked for.
gc.disable()

TESTS = Path(__file__).parent
LONG = (
    "acceptance",
    "recovery",
    "pair",
    "farm",
    "integration/test_clocks.py",
    "panel/live",
    "chaos/test_short.py",
    "panel/test_states.py",
    "panel/test_live_page.py",
    "integration/test_ari_outbound.py",
    "panel/test_guard.py",
    "integration/test_ari_hanging.py",
    "panel/test_front.py",
    "integration/test_private_asterisk.py",
    "panel/test_reports.py",
    "integration/test_who_may.py",
    "panel/test_keyboard.py",
    "integration/test_queries.py",
    "panel/test_korean.py",
    "integration/test_process_end.py",
    "panel/test_emergency_and_withheld.py",
    "integration/test_ari_faults.py",
    "panel/test_store.py",
    "integration/test_pair.py",
    "panel/test_dock.py",
    "integration/test_late_rows.py",
    "panel/test_drafts.py",
    "integration/test_shipping.py",
    "panel/test_player.py",
    "integration/test_ari_sounds.py",
    "panel/test_send_on.py",
    "integration/test_check_connect.py",
    "panel/test_wallboard.py",
    "panel/test_ticket_lists.py",
    "integration/test_embedded_postgres.py",
    "unit/test_random_runs.py",
    "unit/test_races.py",
    "style",
)
"""The groups that take longest, which are begun before what is left; that of the browser's sound when one or two of the
others with audio are over."""
WAITS = ("acceptance", "recovery", "pair", "farm", "panel/live", "chaos/test_short.py")
"""The groups with phones and audio, which wait most of the time."""
WAITING_FILES = ("test_ari_", "test_check_connect", "test_clocks", "test_dialplan_", "test_private_", "test_support_")
"""What the names of files begin with that have an Asterisk of their own."""
ALONE = (
    "test_a_broken_core_is_found",
    "test_many_long_days_hold_the_invariants",
    "test_many_long_days_with_two_pbxs_hold_the_invariants",
    "test_many_long_days_with_four_pbxs_hold_the_invariants",
)
"""Tests of `make soak` whose cases share nothing and take a minute each: any process takes the next case."""


def pytest_configure(config: pytest.Config) -> None:
    """Two more plugins where several processes are asked for."""
    if config.getoption("dist", "no") != "no" and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Tally(config))
        config.pluginmanager.register(TriedAlone(config))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say in which order tests are begun."""
    items.sort(key=_turn)
    if hasattr(config, "workerinput"):
        items.sort(key=_place)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Look for garbage from here on, in what is made from here on."""
    gc.freeze()
    gc.enable()


class Places(list[str]):
    """Tests, each of which is found at once: the scheduler looks for the place of each, and there are ten thousand."""

    def __init__(self, tests: Iterable[str]) -> None:
        super().__init__(tests)
        self._places = {test: place for place, test in enumerate(self)}

    def index(self, test: str, *_: Any) -> int:
        """Return the place of a test."""
        return self._places[test]


class Groups(LoadScopeScheduling):
    """The scheduler of pytest-xdist that keeps together what has one scope; ours is the group.

    Every other process, from the first on, begins with the groups that wait, and the others with those that reckon: so
    processors are neither idle nor fought for, and no more audio is under way at once than half of the processes have.
    A process takes of the other kind when there is none left of its own.
    """

    def _split_scope(self, nodeid: str) -> str:
        path, _, test = nodeid.partition("::")
        return nodeid if test.partition("[")[0] in ALONE else group_of(Path(path).relative_to(TESTS.name))

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        """A process has collected its tests."""
        super().add_node_collection(node, Places(collection))

    def _assign_work_unit(self, node: WorkerController) -> None:
        wanted = self.nodes.index(node) % 2 == 0
        scope = next((scope for scope in self.workqueue if waits(scope) is wanted), None)
        if scope is not None:
            self.workqueue.move_to_end(scope, last=False)
        super()._assign_work_unit(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Groups:
    """Have each group run in one process."""
    return Groups(config, log)


def group_of(path: Path) -> str:
    """The name of what is run in one process, one test after the other: a file, or the files that share a stack."""
    package = path.parts[0]
    if package == "acceptance":
        return "recovery" if is_recovery(path) else "acceptance"
    if path.parts[:2] == ("panel", "live"):
        return "panel/live"
    return {"test_style.py": "style", "farm": "farm", "pair": "pair"}.get(package, str(path))


def waits(group: str) -> bool:
    """Whether the tests of a group wait more than they reckon."""
    package, _, file = group.partition("/")
    return group in WAITS or (package == "integration" and file.startswith(WAITING_FILES))


def is_recovery(path: Path) -> bool:
    """Whether the tests of a file kill what others use: the bridge, its database, its connection."""
    return path.name.startswith("test_recovery")


def _turn(item: pytest.Item) -> tuple[str, int]:
    """By package as ever. Scenarios side by side come behind the other acceptance tests, which run alone, and what
    breaks what all use comes last."""
    path = item.path.relative_to(TESTS)
    if path.parts[0] != "acceptance":
        return (path.parts[0], 0)
    return ("acceptance", 2 if is_recovery(path) else int(is_scenario(item)))


def _place(item: pytest.Item) -> int:
    """The longest groups first; which is what it costs to have only one of them left in the end."""
    group = group_of(item.path.relative_to(TESTS))
    return LONG.index(group) if group in LONG else len(LONG)


class Tally:
    """The last line: how many passed and failed. What could not be set up, ended or read has failed."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_unconfigure(self) -> None:
        """Print it, behind everything that pytest has to say."""
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        if reporter is None:
            return
        counts = {name: len(reporter.stats.get(name, ())) for name in ("passed", "failed", "error", "skipped")}
        skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
        reporter.write_line(f"{counts['passed']} passed, {counts['failed'] + counts['error']} failed{skipped}")
