"""Whether the bridge says that it is ready, and what it says when it is not."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cti_bridge.app import App
from cti_bridge.settings import Settings, load_settings
from tests.support.configuration import ENVIRONMENT, configuration


def node(problem: str | None = None, state: str = "up", warnings: tuple[str, ...] = ()) -> Any:
    return SimpleNamespace(problem=problem, state=state, lacks=(), warnings=warnings)


def app(directory: Path, **nodes: Any) -> App:
    settings: Settings = load_settings(configuration(directory) / "cti_bridge.toml", ENVIRONMENT)
    made: Any = App(settings)
    made.nodes, made.spool, made.database = (
        nodes,
        SimpleNamespace(problem=None, set_aside_entries=0, written_anew=0),
        SimpleNamespace(fault=None),
    )
    made.engine = SimpleNamespace(center=SimpleNamespace(floor=SimpleNamespace(unknown_roles={})))
    bridge: App = made
    return bridge


async def test_given_a_connected_pbx_then_it_is_ready(tmp_path: Path) -> None:
    assert app(tmp_path, main=node())._problems() == []


async def test_given_a_pbx_that_is_not_begun_with_yet_then_it_is_not_ready(tmp_path: Path) -> None:
    assert app(tmp_path)._problems() == ["PBX main: not connected yet"]


async def test_given_a_pbx_that_connects_then_it_is_not_ready(tmp_path: Path) -> None:
    assert app(tmp_path, main=node(state="connecting"))._problems() == ["PBX main: not connected yet"]


async def test_given_a_pbx_with_a_problem_then_the_problem_is_said_once(tmp_path: Path) -> None:
    assert app(tmp_path, main=node("it is old", "connecting"))._problems() == ["PBX main: it is old"]


async def test_given_no_pbx_in_the_configuration_then_that_is_said(tmp_path: Path) -> None:
    bridge = app(tmp_path)
    bridge.settings = bridge.settings.model_copy(update={"asterisk": {}})
    assert bridge._problems() == ["no PBX is configured"]


async def test_given_a_pbx_of_which_something_is_odd_then_it_is_ready_with_a_warning(tmp_path: Path) -> None:
    bridge = app(tmp_path, main=node(), other=node(warnings=("its clock is 90 s ahead of the bridge's",)))
    assert bridge._problems() == []
    assert bridge._warnings() == ["PBX other: its clock is 90 s ahead of the bridge's"]


async def test_given_a_certificate_that_soon_expires_then_it_is_warned_of_and_ready(tmp_path: Path) -> None:
    bridge = app(tmp_path, main=node())
    bridge._certificate_expires_at = bridge.clock() + 86_400
    (warning,) = bridge._warnings()
    assert warning.startswith("API: the certificate expires on ")
    assert bridge._problems() == []
