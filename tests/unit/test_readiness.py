"""Whether the bridge says that it is ready, and what it says when it is not."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cti_bridge.app import App
from cti_bridge.condition import problems, warnings
from cti_bridge.descriptors import descriptor_words
from cti_bridge.settings import Settings, load_settings
from cti_bridge.storage.disk_pace import SILENT_S, SLOW_S, DiskPace
from tests.support.configuration import ENVIRONMENT, configuration
from tests.unit.floor import Driver
from tests.unit.floor import directory as house


def node(problem: str | None = None, state: str = "up", warnings: tuple[str, ...] = ()) -> Any:
    return SimpleNamespace(problem=problem, state=state, lacks=(), warnings=warnings)


def app(directory: Path, **nodes: Any) -> App:
    settings: Settings = load_settings(configuration(directory) / "cti_bridge.toml", ENVIRONMENT)
    made: Any = App(settings)
    made.nodes, made.spool, made.database = (
        nodes,
        SimpleNamespace(problem=None, set_aside_entries=0, written_anew=0, pace=DiskPace()),
        SimpleNamespace(fault=None),
    )
    kept = SimpleNamespace(warnings=list)
    made.recordings = SimpleNamespace(store=kept, keeper=kept)
    center = Driver(house()).center
    made.engine = SimpleNamespace(center=center, read=lambda look: look(center.floor))
    bridge: App = made
    return bridge


async def test_given_a_connected_pbx_then_it_is_ready(tmp_path: Path) -> None:
    assert problems(app(tmp_path, main=node())) == []


async def test_given_a_pbx_that_is_not_begun_with_yet_then_it_is_not_ready(tmp_path: Path) -> None:
    assert problems(app(tmp_path)) == ["PBX main: not connected yet"]


async def test_given_a_pbx_that_connects_then_it_is_not_ready(tmp_path: Path) -> None:
    assert problems(app(tmp_path, main=node(state="connecting"))) == ["PBX main: not connected yet"]


async def test_given_a_pbx_with_a_problem_then_the_problem_is_said_once(tmp_path: Path) -> None:
    assert problems(app(tmp_path, main=node("it is old", "connecting"))) == ["PBX main: it is old"]


async def test_given_no_pbx_in_the_configuration_then_that_is_said(tmp_path: Path) -> None:
    bridge = app(tmp_path)
    bridge.settings = bridge.settings.model_copy(update={"asterisk": {}})
    assert problems(bridge) == ["no PBX is configured"]


async def test_given_a_pbx_of_which_something_is_odd_then_it_is_ready_with_a_warning(tmp_path: Path) -> None:
    bridge = app(tmp_path, main=node(), other=node(warnings=("its clock is 90 s ahead of the bridge's",)))
    assert problems(bridge) == []
    assert warnings(bridge) == ["PBX other: its clock is 90 s ahead of the bridge's"]


async def test_given_a_certificate_that_soon_expires_then_it_is_warned_of_and_ready(tmp_path: Path) -> None:
    bridge = app(tmp_path, main=node())
    bridge.certificate_expires_at = bridge.clock() + 86_400
    (warning,) = warnings(bridge)
    assert warning.startswith("API: the certificate expires on ")
    assert problems(bridge) == []


async def test_given_a_disk_that_was_slow_then_it_is_said_for_an_hour_and_calls_go_on(tmp_path: Path) -> None:
    now = 0.0
    pace = DiskPace(lambda: now)
    for took_s in (SLOW_S / 2, SLOW_S, 4.0):
        with pace.measured():
            now += took_s
    assert (pace.commits, pace.slow_commits, pace.seconds) == (3, 2, SLOW_S * 1.5 + 4)
    bridge: Any = app(tmp_path, main=node())
    bridge.spool.pace = pace
    assert warnings(bridge) == ["spool: the disk is slow: 2 commits within the last hour, the longest of 4 s"]
    now += 3601
    assert warnings(bridge) == []


def test_given_a_disk_that_does_not_answer_then_clicks_wait_and_it_is_a_problem() -> None:
    now = 0.0
    pace = DiskPace(lambda: now)
    with pace.measured():
        now += SILENT_S - 1
        assert pace.problem is None
        now += 1
        assert pace.problem == "the disk does not answer: a commit has run for 5 s"
    assert (pace.problem, pace.running_s) == (None, 0)


def test_given_few_free_descriptors_then_it_is_said() -> None:
    assert descriptor_words(799, 1000) == []
    assert descriptor_words(800, 1000) == ["descriptors: 800 of 1000 are in use"]
    assert descriptor_words(None, 1000) == ["descriptors: all of 1000 are in use"]
