"""The hot spare in the configuration: its name, when a request is answered, and what takes a restart (P1)."""

from pathlib import Path

import pytest

from cti_bridge.config.at_start import at_start, needs_restart
from cti_bridge.config.problems import Place
from cti_bridge.settings import Settings, load_settings
from tests.support.configuration import ENVIRONMENT, configuration, problems

DATABASE = '[database]\nurl = "postgresql://cti@db.example.com/cti"\n'


def loaded(tmp_path: Path, more: str = "", **environ: str) -> Settings:
    return load_settings(configuration(tmp_path, more) / "cti_bridge.toml", {**ENVIRONMENT, **environ})


def test_without_a_word_there_is_no_spare(tmp_path: Path) -> None:
    assert loaded(tmp_path).spare is None


@pytest.mark.parametrize(("more", "ack"), [("", "local"), *((f'ack = "{ack}"\n', ack) for ack in ("local", "shipped"))])
def test_a_request_is_answered_when_it_is_on_this_disk_unless_it_says_otherwise(
    tmp_path: Path, more: str, ack: str
) -> None:
    spare = loaded(tmp_path, f'{DATABASE}[spare]\nname = "cti-1.example.com"\n{more}').spare
    assert spare is not None and (spare.name, spare.ack) == ("cti-1.example.com", ack)


def test_two_machines_share_their_files_and_the_environment_says_which_of_them_it_is(tmp_path: Path) -> None:
    spare = loaded(tmp_path, DATABASE, CTI_BRIDGE_SPARE__NAME="b").spare
    assert spare is not None and (spare.name, spare.ack) == ("b", "local")


@pytest.mark.parametrize(
    ("more", "line", "text"),
    [
        (f"{DATABASE}[spare]\n", 3, "name"),
        (f'{DATABASE}[spare]\nname = ""\n', 4, "letters, digits"),
        (f'{DATABASE}[spare]\nname = "a b"\n', 4, "letters, digits"),
        (f'{DATABASE}[spare]\nname = "a"\nack = "both"\n', 5, "shipped"),
        (f'{DATABASE}[spare]\nname = "a"\nnames = "b"\n', 5, 'did you mean "name"'),
        ('[spare]\nname = "a"\n', 1, "give [database] url"),
        ('[database]\nurl = ""\n[spare]\nname = "a"\n', 3, "give [database] url"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(tmp_path: Path, more: str, line: int, text: str) -> None:
    before = configuration(tmp_path).joinpath("cti_bridge.toml").read_text().count("\n")
    found = [one for one in problems(configuration(tmp_path, more)) if one.severity == "error"]
    assert [(one.place.line, text in one.text) for one in found] == [(before + line, True)], found


def test_the_address_of_postgres_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "database.url").write_text("postgresql://cti@db.example.com/cti\n")
    assert loaded(tmp_path, '[database]\nurl_file = "database.url"\n[spare]\nname = "a"\n').spare is not None


@pytest.mark.parametrize(
    ("before", "now", "text"),
    [
        ("", '[spare]\nname = "a"\n', "spare.name is new"),
        ('[spare]\nname = "a"\n', "", "spare.name is gone"),
        ('[spare]\nname = "a"\n', '[spare]\nname = "b"\n', "spare.name is another one"),
        ('[spare]\nname = "a"\n', '[spare]\nname = "a"\nack = "shipped"\n', "spare.ack is another one"),
    ],
)
def test_a_reload_takes_no_other_spare(tmp_path: Path, before: str, now: str, text: str) -> None:
    was, is_now = loaded(tmp_path / "before", DATABASE + before), loaded(tmp_path / "now", DATABASE + now)
    found = needs_restart(was, is_now, dict.fromkeys(at_start(is_now), Place("here")))
    assert [one.text for one in found if one.text.startswith(text)] != []
