"""The JSON Schema of the configuration: made from the settings, and as strict as a schema of one file can be."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from cti_bridge.__main__ import main
from cti_bridge.config.check_scenarios import OF_STEP
from cti_bridge.config.json_schema import DRAFT, json_schema
from cti_bridge.config.schema.scenarios import StepSettings
from cti_bridge.config.schema.section import Section
from cti_bridge.config.schema.whole import Schema
from cti_bridge.exit_codes import ExitCode
from tests.support.configuration import BASE
from tests.unit.test_scenario_settings import STEPS
from tests.unit.test_scenario_tests import CHRISTMAS, WORKDAY
from tests.unit.test_try_command import HOURS, MENU

ROOT = Path(__file__).parents[2]
SAMPLES = sorted([*(ROOT / "config").glob("*.toml"), *(ROOT / "config/conf.d").glob("*.toml")])
SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def faults(text: str) -> list[str]:
    return [error.json_path for error in VALIDATOR.iter_errors(tomllib.loads(text))]


def test_it_is_a_schema_of_its_draft_and_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == DRAFT
    assert main(["schema"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out) == SCHEMA


def models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The models that no other one is made from."""
    found = model.__subclasses__()
    for one in found:
        yield from models(one)
    if not found:
        yield model


def test_every_setting_is_there_with_its_text() -> None:
    every: list[type[BaseModel]] = [Schema, *models(Section)]
    for model in every:
        described = SCHEMA if model is Schema else SCHEMA["$defs"].get(model.__name__)
        assert described is not None, model
        names = {field.alias or name for name, field in model.model_fields.items()}
        assert set(described["properties"]) == names and described["additionalProperties"] is False, model
        without = [name for name, field in described["properties"].items() if not field.get("description")]
        assert without == [], model


def test_the_keys_of_each_step_are_there() -> None:
    words = set(get_args(StepSettings.model_fields["do"].annotation))
    rules = SCHEMA["$defs"]["StepSettings"]["allOf"]
    found = {rule["if"]["properties"]["do"]["const"]: rule["then"]["propertyNames"]["enum"] for rule in rules}
    assert found == {do: ["do", *OF_STEP[do][0]] for do in words}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_each_file_of_the_sample_is_valid_by_itself(path: Path) -> None:
    text = path.read_text()
    assert faults(text) == []


@pytest.mark.parametrize("text", ["".join(BASE.values()), STEPS, HOURS + MENU + CHRISTMAS + WORKDAY])
def test_what_the_check_takes_is_valid(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('[polcy]\nafter_call = "ready"\n', "$"),
        ('[policy]\nafter_call = "redy"\n', "$.policy.after_call"),
        ("[policy]\nagent_lost_s = -1\n", "$.policy.agent_lost_s"),
        ('[policy]\nagent_lost_s = "20"\n', "$.policy.agent_lost_s"),
        ('[[queues]]\nservice = "acme"\n', "$.queues[0]"),
        ('[[queues]]\nid = "a queue"\n', "$.queues[0].id"),
        ('[queues]\nid = "support"\n', "$.queues"),
        (MENU.replace('do = "menu"', 'do = "mneu"'), "$.scenarios[0].steps.menu.do"),
        (MENU.replace('longest_wait = "bye"', "tries = 2"), "$.scenarios[0].steps.wait"),
        (MENU.replace("1 = ", "11 = "), "$.scenarios[0].steps.menu.keys"),
        (MENU.replace("steps.menu", "steps.Menu"), "$.scenarios[0].steps"),
        (HOURS + '[[hours.exceptions]]\ndate = "2026-12-24"\n', "$.hours[0].exceptions[0]"),
    ],
)
def test_mistakes_are_found_in_the_editor(text: str, path: str) -> None:
    assert path in faults(text)


def test_a_file_of_a_site_may_change_a_single_value() -> None:
    assert faults('[[agents]]\ncti_id = "a1"\nname = "New"\n[policy]\nafter_call = "ready"\n') == []
    assert faults('[[scenarios]]\nid = "main"\n[scenarios.steps.menu]\ntries = 2\n') == []
