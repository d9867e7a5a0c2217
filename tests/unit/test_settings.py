"""The settings as a whole: what is read, what is above what, and that no secret shows."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import BaseModel

from cti_bridge.config import schema
from cti_bridge.config.schema.section import Section
from cti_bridge.config.schema.whole import Schema
from cti_bridge.settings import ConfigurationError, Settings, load_settings, settings_path, spool_path
from tests.support.configuration import ENVIRONMENT, PASSWORD, configuration, problems

REPOSITORY = Path(__file__).parents[2]


def load(directory: Path, **environ: str) -> Settings:
    return load_settings(directory / "cti_bridge.toml", {**ENVIRONMENT, **environ})


def test_the_sample_configuration_loads_without_a_warning_and_makes_the_directory() -> None:
    settings = load_settings(REPOSITORY / "config" / "cti_bridge.toml", ENVIRONMENT)
    directory = settings.directory()
    assert settings.warnings == []
    assert directory.scenarios["+8225550000"].queue == "support"
    assert directory.agents["a1"].cti_number == "1001"
    assert directory.queues["support"].pickup_time_s == 20
    assert directory.policy.reasons("business")[0] == "education"
    assert directory.policy.reasons("rest") == ("break", "meal")
    messages = ("welcome", "all-busy", "force-disconnect", "force-disconnect-warning")
    assert settings.media() >= {f"sound:cti/{message}" for message in messages}
    there = {file.stem for file in (REPOSITORY / "asterisk" / "sounds" / "cti").iterdir()}
    assert {name.removeprefix("sound:cti/") for name in settings.media()} - there == {"sound:beep"}


def test_the_calls_that_the_sample_configuration_brings_take_their_way() -> None:
    load_settings(REPOSITORY / "config" / "cti_bridge.toml", ENVIRONMENT, tests="error")


def test_every_default_of_the_core_is_the_default_of_the_setting(tmp_path: Path) -> None:
    from cti_bridge.domain.model.directory import Policy, Service

    reasons = ("abusive_language", "threat", "sexual_harassment", "other")
    found = load(configuration(tmp_path)).directory()
    assert found.policy == Policy(force_disconnect_reasons=reasons, emergency_numbers=frozenset({"112", "119"}))
    plain = found.services["acme"]
    written = {name: getattr(plain, name) for name in ("name", "allowed_prefixes", "return_queue")}
    assert plain == replace(Service("acme"), **written)


def test_the_settings_of_a_force_disconnect_reach_the_core(tmp_path: Path) -> None:
    changed = '[[services]]\nid = "acme"\nforce_disconnect_warning = "sound:warned"\n'
    changed += "force_disconnect_mark_days = 7\nforce_disconnect_block_s = 0.5\n"
    settings = load(configuration(tmp_path, **{"10.toml": changed}))
    service = settings.directory().services["acme"]
    assert (service.force_disconnect_mark_days, service.force_disconnect_block_s) == (7, 0.5)
    assert service.force_disconnect_warning == "sound:warned"
    assert "sound:warned" in settings.media()


@pytest.mark.parametrize(
    ("key", "value"),
    [("warning", '"warned"'), ("warning", '"sound:"'), ("mark_days", "-1"), ("mark_days", "0.5"), ("block_s", "inf")],
)
def test_what_cannot_be_is_refused(tmp_path: Path, key: str, value: str) -> None:
    changed = f'[[services]]\nid = "acme"\nforce_disconnect_{key} = {value}\n'
    (problem,) = problems(configuration(tmp_path, **{"10.toml": changed}))
    assert f"force_disconnect_{key}" in str(problem)


def test_later_files_win_over_earlier_ones_and_the_environment_over_all(tmp_path: Path) -> None:
    directory = configuration(
        tmp_path,
        "[policy]\nagent_lost_s = 1\nhold_reminder_s = 1\nticket_processing_limit_s = 1\nafter_call = 'ask'\n",
        **{
            "20-b.toml": "[policy]\nagent_lost_s = 3\nhold_reminder_s = 3\n",
            "10-a.toml": "[policy]\nagent_lost_s = 2\nhold_reminder_s = 2\nticket_processing_limit_s = 2\n",
            ".30-editor.toml": "[policy]\nagent_lost_s = 99\n",
        },
    )
    policy = load(directory, CTI_BRIDGE_POLICY__AGENT_LOST_S="4.5").policy
    assert policy.agent_lost_s == 4.5
    assert policy.hold_reminder_s == 3
    assert policy.ticket_processing_limit_s == 2
    assert policy.after_call == "ask"


def test_an_entry_with_a_known_key_changes_only_what_it_names_and_any_other_is_added(tmp_path: Path) -> None:
    directory = configuration(
        tmp_path,
        **{
            "10.toml": '[[queues]]\nid = "support"\npickup_time_s = 7\n'
            '[[queues]]\nid = "sales"\nservice = "acme"\n[[agents]]\ncti_id = "a1"\nqueues = ["support", "sales"]\n'
        },
    )
    settings = load(directory)
    assert [(queue.id, queue.pickup_time_s, queue.service) for queue in settings.queues] == [
        ("support", 7, "acme"),
        ("sales", 20, "acme"),
    ]
    assert settings.agents[0].queues == ["support", "sales"]
    assert settings.agents[0].name == "Agent One"


def test_the_environment_reaches_texts_numbers_switches_lists_and_nodes(tmp_path: Path) -> None:
    settings = load(
        configuration(tmp_path),
        CTI_BRIDGE_API__LISTEN="[::1]:0",
        CTI_BRIDGE_API__ALLOWED_ORIGINS='["https://crm.example.com"]',
        CTI_BRIDGE_POLICY__CANCEL_RESUMES="true",
        CTI_BRIDGE_POLICY__HOLD_REMINDER_S="5",
        CTI_BRIDGE_ASTERISK__MAIN__URL="http://[::1]:8088/ari/",
        CTI_BRIDGE_CACHE="of somebody else",
    )
    assert (settings.api.host, settings.api.port) == ("::1", 0)
    assert settings.api.allowed_origins == ["https://crm.example.com"]
    assert settings.policy.cancel_resumes is True
    assert settings.policy.hold_reminder_s == 5
    assert settings.asterisk["main"].url == "http://[::1]:8088/ari"
    assert settings.asterisk["main"].password.get_secret_value() == PASSWORD


def test_a_password_of_digits_in_the_environment_stays_a_text(tmp_path: Path) -> None:
    settings = load(configuration(tmp_path), CTI_BRIDGE_ASTERISK__MAIN__PASSWORD="0123")
    assert settings.asterisk["main"].password.get_secret_value() == "0123"


def test_relative_paths_are_relative_to_the_main_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = configuration(tmp_path / "etc", "[spool]\npath = 'data/spool.db'\n")
    monkeypatch.chdir(tmp_path)
    settings = load_settings(Path("etc/cti_bridge.toml"), ENVIRONMENT)
    assert settings.spool.path == directory / "data" / "spool.db"
    plain = configuration(tmp_path / "plain")
    assert load(plain).spool.path == plain / "var" / "spool.db"
    named_nothing = configuration(tmp_path / "empty", "[spool]\npath = ''\n")
    expected = named_nothing / "var" / "spool.db"
    assert load(named_nothing).spool.path == spool_path(named_nothing / "cti_bridge.toml", {}) == expected
    assert load(named_nothing, CTI_BRIDGE_SPOOL__PATH="").spool.path == expected
    assert spool_path(named_nothing / "cti_bridge.toml", {"CTI_BRIDGE_SPOOL__PATH": ""}) == expected


def test_secrets_named_by_file_are_read_without_their_line_end(tmp_path: Path) -> None:
    directory = configuration(
        tmp_path,
        "[database]\nurl_file = 'database.url'\n",
        **{"50.toml": "[asterisk.main]\npassword_file = 'pbx.password'\n"},
    )
    (directory / "database.url").write_text("postgresql://cti:top@db/cti\n")
    (directory / "pbx.password").write_text(" with space \n")
    settings = load_settings(directory / "cti_bridge.toml", {})
    assert settings.database.url.get_secret_value() == "postgresql://cti:top@db/cti"
    assert settings.asterisk["main"].password.get_secret_value() == " with space "


def test_a_password_in_the_environment_wins_over_the_file_that_is_named(tmp_path: Path) -> None:
    directory = configuration(tmp_path, **{"50.toml": "[asterisk.main]\npassword_file = 'not-there'\n"})
    assert load(directory).asterisk["main"].password.get_secret_value() == PASSWORD


def test_no_secret_shows_in_a_repr(tmp_path: Path) -> None:
    settings = load(configuration(tmp_path), CTI_BRIDGE_DATABASE__URL="postgresql://cti:top-secret@db/cti")
    shown = repr(settings) + str(settings) + repr(settings.model_dump())
    assert PASSWORD not in shown
    assert "top-secret" not in shown
    assert "argon2" not in shown
    assert "argon2id" in settings.password_hashes()["a1"]


def test_settings_come_from_what_is_given_and_never_from_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CTI_BRIDGE_API__LISTEN", "127.0.0.1:1")
    monkeypatch.setenv("CTI_BRIDGE_API", '{"listen": "127.0.0.1:2"}')
    assert load(configuration(tmp_path)).api.port == 8080


def test_the_main_file_is_the_options_else_the_environments_else_the_one_here_else_the_installed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    installed = tmp_path / "etc" / "cti_bridge.toml"
    monkeypatch.setattr("cti_bridge.settings.INSTALLED_PATH", installed)
    assert settings_path("a.toml", {"CTI_BRIDGE_CONFIG": "b.toml"}) == Path("a.toml")
    assert settings_path(None, {"CTI_BRIDGE_CONFIG": "b.toml"}) == Path("b.toml")
    assert settings_path(None, {}) == Path("config/cti_bridge.toml")
    configuration(installed.parent)
    assert settings_path(None, {}) == installed
    configuration(tmp_path / "config")
    assert settings_path(None, {}) == Path("config/cti_bridge.toml")


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys in a file: "from" is a word of Python's."""
    return [field.alias or name for name, field in model.model_fields.items()]


def test_every_setting_stands_in_the_sample_but_secrets_that_stand_in_files_of_their_own() -> None:
    files = [REPOSITORY / "config" / "cti_bridge.toml", *(REPOSITORY / "config" / "conf.d").glob("*.toml")]
    sample = "\n".join(file.read_text() for file in files)
    fields = [(model, name) for model in Section.__subclasses__() for name in keys_of(model)]
    missing = [
        f"{model.__name__}.{name}"
        for model, name in fields
        if f"{name}_file" not in model.model_fields
        and not re.search(rf"^\W*({name} = |[\w.]+\.{name}\])", sample, re.MULTILINE)
    ]
    assert missing == []


def test_every_setting_is_described_at_its_field() -> None:
    every: list[type[BaseModel]] = [Schema, *Section.__subclasses__()]
    models = {model.__name__: model for model in every}
    found = set()
    files = Path(str(schema.__file__)).parent.glob("*.py")
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    for node in nodes:
        if isinstance(node, ast.ClassDef) and node.name in models:
            found.add(node.name)
            assert list(models[node.name].model_fields) == list(_described(node)), node.name
    assert found == set(models)


def _described(node: ast.ClassDef) -> Iterator[str]:
    """The fields with a text right behind them."""
    for field, text in pairwise(node.body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            yield field.target.id


def test_a_thousand_agents_load(tmp_path: Path) -> None:
    from tests.support.configuration import agent

    directory = configuration(tmp_path, **{"50.toml": "".join(agent(f"b{n}", str(2000 + n)) for n in range(1000))})
    assert len(load(directory).agents) == 1001


def test_a_configuration_error_lists_its_problems_in_the_order_of_the_lines(tmp_path: Path) -> None:
    directory = configuration(tmp_path, "[policy]\nagent_lost_s = 0\nafter_call = 'ticked'\nfoo = 1\n")
    with pytest.raises(ConfigurationError) as caught:
        load(directory)
    file = directory / "cti_bridge.toml"
    first = problems(directory)[0].place.line or 0
    assert str(caught.value).splitlines() == [
        "The configuration has 3 errors:",
        f'  {file}:{first}: "agent_lost_s" must be greater than 0, not 0',
        f'  {file}:{first + 1}: "after_call" must be "ticket", "ready" or "ask", not "ticked"; did you mean "ticket"?',
        f'  {file}:{first + 2}: unknown key "foo"',
    ]
