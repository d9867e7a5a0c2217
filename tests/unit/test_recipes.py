"""Every recipe of the page is a configuration without a fault or a warning, and the calls that it brings take its
way."""

import re
import shutil
from pathlib import Path

import pytest

from cti_bridge.settings import ConfigurationError, load_settings
from cti_bridge.sounds import speech
from tests.support.configuration import ENVIRONMENT, agent, configuration

PAGE = Path(__file__).parents[2] / "docs" / "recipes.md"
RECIPES: dict[str, str] = dict(re.findall(r"\n## ([^\n]+)\n.*?```toml\n(.*?)```", PAGE.read_text(), re.DOTALL))
HOUSE = """
[asterisk.main]
url = "http://127.0.0.1:8088/ari"
[[services]]
id = "acme"
name = "Acme"
allowed_prefixes = ["+82"]
[[calling_numbers]]
number = "+8225551234"
service = "acme"
state = "confirmed"
[[queues]]
id = "support"
service = "acme"
[[queues]]
id = "sales"
service = "acme"
[[queues]]
id = "partner"
service = "acme"
""" + agent("a1", "1001", 'name = "One"\nqueues = ["support", "sales", "partner"]\n')


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check asks for the programs that speak; none is run."""
    monkeypatch.setattr(speech, "voices", lambda: frozenset({"en-us", "ko"}))
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")


def load(directory: Path, recipe: str) -> None:
    """Raises ConfigurationError."""
    configuration(directory, base=HOUSE, **{"50-recipe.toml": recipe})
    settings = load_settings(directory / "cti_bridge.toml", ENVIRONMENT, tests="error")
    assert [str(warning) for warning in settings.warnings] == []


def test_there_is_a_recipe_behind_every_heading() -> None:
    assert list(RECIPES) == re.findall(r"\n## ([^\n]+)\n", PAGE.read_text())
    assert len(RECIPES) == 10


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_is_complete_and_its_calls_take_its_way(tmp_path: Path, title: str) -> None:
    assert RECIPES[title].count("[[scenarios.tests]]") >= 2
    load(tmp_path, RECIPES[title])


@pytest.mark.parametrize("title", RECIPES)
def test_a_call_of_a_recipe_that_is_changed_is_found(tmp_path: Path, title: str) -> None:
    """Its tests try something: with another first step they fail."""
    changed, count = re.subn(r'^start = ".*"', 'start = "elsewhere"', RECIPES[title], flags=re.MULTILINE)
    assert count == 1
    with pytest.raises(ConfigurationError, match="test "):
        load(tmp_path, changed + '[scenarios.steps.elsewhere]\ndo = "hangup"\n')
