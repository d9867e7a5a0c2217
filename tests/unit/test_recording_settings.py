"""The recording of conversations in the configuration: a queue before its service, and who is told (K1, K2)."""

from pathlib import Path

import pytest

from cti_bridge.config.problems import Problem
from cti_bridge.domain.model.words import Record
from cti_bridge.settings import Settings, load_settings
from tests.support.configuration import BASE, ENVIRONMENT, configuration, problems


def written(tmp_path: Path, service: str = "", queue: str = "", more: str = "") -> Path:
    tables = BASE | {"services": BASE["services"] + service, "queues": BASE["queues"] + queue, "more": more}
    return configuration(tmp_path, base="".join(tables.values()))


def loaded(tmp_path: Path, service: str = "", queue: str = "", more: str = "") -> Settings:
    return load_settings(written(tmp_path, service, queue, more) / "cti_bridge.toml", ENVIRONMENT)


def told(tmp_path: Path, service: str = "", queue: str = "") -> list[Problem]:
    return [one for one in problems(written(tmp_path, service, queue)) if "record" in one.text]


def test_without_a_word_nothing_is_recorded(tmp_path: Path) -> None:
    directory = loaded(tmp_path).directory()
    service = directory.services["acme"]
    assert (service.record, service.record_must, service.record_notice) == (Record.OFF, False, "")
    assert service.record_pause_most_s == 300
    assert directory.queues["support"].record is None


def test_all_of_it_reaches_the_core_and_the_notice_the_check_of_the_pbx(tmp_path: Path) -> None:
    of_service = (
        'record = "always"\nrecord_must = true\nrecord_notice = "sound:acme/recorded"\nrecord_pause_most_s = 60\n'
    )
    settings = loaded(tmp_path, of_service, 'record = "on_demand"\n')
    service = settings.directory().services["acme"]
    assert (service.record, service.record_must, service.record_pause_most_s) == (Record.ALWAYS, True, 60)
    assert service.record_notice == "sound:acme/recorded" and "sound:acme/recorded" in settings.media()
    assert settings.directory().queues["support"].record is Record.ON_DEMAND


@pytest.mark.parametrize(("of_service", "kept"), [("", 30), ("retention_days = 0\n", 0), ("retention_days = 90\n", 90)])
def test_the_service_says_how_long_its_recordings_are_kept_else_the_house(
    tmp_path: Path, of_service: str, kept: int
) -> None:
    settings = loaded(tmp_path, of_service)
    assert (settings.retention_days("acme"), settings.retention_days("unknown")) == (kept, 30)


@pytest.mark.parametrize("wrong", ['record = "sometimes"\n', "record_pause_most_s = 5\n", "retention_days = -1\n"])
def test_a_value_that_means_nothing_is_refused(tmp_path: Path, wrong: str) -> None:
    found = problems(written(tmp_path, wrong))
    assert [one.severity for one in found if one.severity == "error"] == ["error"]


@pytest.mark.parametrize(
    ("service", "queue", "text"),
    [
        ('record = "always"\n', "", "nobody is told that calls are recorded"),
        ("", 'record = "on_demand"\n', "nobody is told that calls are recorded"),
        ('record_notice = "sound:a/b"\n', "", 'no call of the service is recorded, and "record_notice" does nothing'),
        ("record_pause_most_s = 60\n", "", '"record_pause_most_s" does nothing'),
        (
            'record = "on_demand"\nrecord_must = true\nrecord_notice = "sound:a/b"\n',
            "",
            '"record_must" concerns calls that are always recorded',
        ),
    ],
)
def test_what_is_most_likely_a_mistake_is_warned_of(tmp_path: Path, service: str, queue: str, text: str) -> None:
    (found,) = told(tmp_path, service, queue)
    assert found.severity == "warning" and text in found.text and found.place.line


@pytest.mark.parametrize("queue", ["", 'record = "off"\n', 'record = "on_demand"\n'])
def test_what_is_right_is_not_told_of(tmp_path: Path, queue: str) -> None:
    service = 'record = "always"\nrecord_notice = "sound:a/b"\nrecord_must = true\n'
    assert told(tmp_path, service, queue) == []
